"""What the parser makes of matrix notation: the words as written, each with its span and its shape.

A statement's nodes are listed with parts before wholes, as those of a program with indices are, so
that every pass is a loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from indexcalc.errors import Span
from indexcalc.lang import syntax
from indexcalc.lang.sizes import Axis

# Rows and columns: an axis each, and nothing where there is only one.
Shape: TypeAlias = tuple[Axis | None, Axis | None]
SCALAR: Shape = (None, None)


@dataclass(slots=True, eq=False)
class Node(syntax.Syntax):
    """A matrix, a vector or a scalar; its shape is filled in later."""

    shape: Shape = field(default=SCALAR, init=False)
    bracketed: bool = field(default=False, init=False)

    @property
    def parts(self) -> list[Node]:
        return []

    @property
    def is_scalar(self) -> bool:
        return self.shape == SCALAR


@dataclass(slots=True, eq=False)
class Number(Node):
    """A number as written."""

    value: syntax.Number


@dataclass(slots=True, eq=False)
class Word(Node):
    """A tensor, a constant, pi, a size, I or 𝟏."""

    name: str


@dataclass(slots=True, eq=False)
class Called(Node):
    """name(...)"""

    name: str
    name_span: Span
    arguments: list[Node]

    @property
    def parts(self) -> list[Node]:
        return self.arguments


@dataclass(slots=True, eq=False)
class Turned(Node):
    """A', or A^T, which of a scalar could be meant as a power."""

    of: Node
    is_power: bool

    @property
    def parts(self) -> list[Node]:
        return [self.of]


@dataclass(slots=True, eq=False)
class Minus(Node):
    """-A"""

    of: Node

    @property
    def parts(self) -> list[Node]:
        return [self.of]


@dataclass(slots=True, eq=False)
class Pair(Node):
    """Two parts and the operator between them; `chains` where it is a product of matrices."""

    operator: str
    left: Node
    right: Node
    chains: bool = field(default=False, init=False)

    @property
    def parts(self) -> list[Node]:
        return [self.left, self.right]


@dataclass(slots=True, eq=False)
class Raised(Node):
    """A.^p, or A^p; of a matrix with itself `times` times, which is 0 where it is no product."""

    operator: str
    base: Node
    exponent: Node
    times: int = field(default=0, init=False)

    @property
    def parts(self) -> list[Node]:
        return [self.base, self.exponent]


@dataclass(slots=True, eq=False)
class Right:
    """The right side of a statement, and all nodes in it."""

    root: Node
    nodes: list[Node]


@dataclass(slots=True, eq=False)
class Written:
    """A program in matrix notation: its text, without right sides, and the right sides."""

    text: syntax.Text
    rights: list[Right]
