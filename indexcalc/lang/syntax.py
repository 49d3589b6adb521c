"""What the parser makes of a text: the words as written, each with its span.

Every context in which an index may be summed (a term, an argument, a base, an exponent, a
denominator, a binder's body) is a `Product`, even of one factor. A `Product` among the factors of
another is a parenthesised (or negated) one. `Statement.nodes` lists all nodes of a statement, parts
before wholes, so that every later pass is a loop and depth is no limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from indexcalc.errors import Span
from indexcalc.expr.visible import NOTHING_SHOWN, Shown


@dataclass(slots=True, eq=False)
class Syntax:
    """A node of the text; `shown` and `scalar` are filled in by the reader."""

    span: Span
    shown: Shown = field(default_factory=lambda: NOTHING_SHOWN, init=False)
    scalar: bool = field(default=False, init=False)


@dataclass(slots=True, eq=False)
class Letter:
    """An index as written; all of one `size`, where it is known, go over axes of one size."""

    name: str
    span: Span
    size: object = None


@dataclass(slots=True, eq=False)
class Number(Syntax):
    value: Fraction


@dataclass(slots=True, eq=False)
class Name(Syntax):
    """A bare name: order 0, a constant, pi, or a size."""

    name: str

    @property
    def name_span(self) -> Span:
        return self.span


@dataclass(slots=True, eq=False)
class SizeOf(Syntax):
    letter: Letter


@dataclass(slots=True, eq=False)
class Tensor(Syntax):
    """kind is `access`, `one` or `delta`."""

    kind: str
    name: str
    name_span: Span
    indices: list[Letter]


@dataclass(slots=True, eq=False)
class Call(Syntax):
    name: str
    name_span: Span
    arguments: list[Product]


@dataclass(slots=True, eq=False)
class Bound(Syntax):
    """A binder written out: sum, mean, prod, max or min."""

    kind: str
    indices: list[Letter]
    body: Product


@dataclass(slots=True, eq=False)
class Power(Syntax):
    base: Product
    exponent: Product


@dataclass(slots=True, eq=False)
class Terms(Syntax):
    """Two or more terms; signs are factors of their products."""

    terms: list[Product]


@dataclass(slots=True, eq=False)
class Factor:
    """A factor of a product, or a denominator."""

    node: Syntax
    inverted: bool = False


@dataclass(slots=True, eq=False)
class Product(Syntax):
    sign: int
    factors: list[Factor]


@dataclass(slots=True, eq=False)
class Statement:
    """lhs = rhs, or lhs += rhs."""

    name: str
    name_span: Span
    span: Span  # of the left side
    indices: list[Letter]
    adds: bool
    operator_span: Span
    right: Product
    nodes: list[Syntax]

    def letters(self) -> dict[str, Letter]:
        """Every index letter, at its first place."""
        letters = {letter.name: letter for letter in reversed(self.indices)}
        for node in self.nodes:
            if isinstance(node, Tensor | Bound):
                for letter in node.indices:
                    letters.setdefault(letter.name, letter)
        return letters

    def names(self) -> set[str]:
        """Every name that is used or defined."""
        return {self.name, *(n.name for n in self.nodes if isinstance(n, Name | Tensor | Call))}


@dataclass(slots=True, eq=False)
class Parameter:
    """An input of the signature, or (with a default) a constant."""

    name: str
    name_span: Span
    span: Span  # with the indices
    indices: list[Letter]
    default: Product | None
    nodes: list[Syntax]


@dataclass(slots=True, eq=False)
class Signature:
    name: str
    name_span: Span
    parameters: list[Parameter]
    outputs: list[Letter]


@dataclass(slots=True, eq=False)
class Text:
    """A whole program as written."""

    description: str
    signature: Signature | None
    declared: list[Letter]
    statements: list[Statement]
