"""How each kind of node is spelled in each alphabet: one class a format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from sympy import Basic, Expr, Integer, Symbol, fraction

from indexcalc.expr.base import Index
from indexcalc.expr.digits import Place
from indexcalc.expr.names import adjoint_of, unicode_face
from indexcalc.expr.nodes import (
    Access,
    Binder,
    Delta,
    Mul,
    One,
    Pow,
    Sum,
)
from indexcalc.expr.scalars import (
    ATOM,
    POWER,
    PRODUCT,
    SUM,
    TextScalars,
    UnicodeScalars,
    level_of,
    raised,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A spelled part: its text without its sign, and how tightly it holds together.

    `denominator` is what stands under the line when the part is 1/something; `open_ended` says that
    it begins with a Σ that reaches to its end.
    """

    text: str
    level: int
    negative: bool = False
    denominator: Piece | None = None
    open_ended: bool = False

    @property
    def whole(self) -> str:
        return f"-{self.text}" if self.negative else self.text


class Style:
    """The language's own text; the other styles say what differs."""

    times: ClassVar[str] = "*"
    value_is_enough: ClassVar[bool] = False
    quotient: ClassVar[str] = " // "
    remainder: ClassVar[str] = " % "
    # Whether 𝐈 and 𝟏 say their size, where nothing else tells it.
    sized: bool = False

    def __init__(self, sizes: Mapping[Symbol, str]) -> None:
        self.sizes = sizes

    # Leaves

    def letters(self, places: Iterable[Place]) -> str:
        return ",".join(map(self.place, places))

    def place(self, place: Place) -> str:
        """An index, or s ÷ I % J."""
        if isinstance(place, Index):
            return self.index(place)
        text = self.index(place.whole)
        if place.step != 1:
            text += self.quotient + self.grouped(self.scalar(place.step), POWER)
        if not place.is_last:
            text += self.remainder + self.grouped(self.scalar(place.size), POWER)
        return text

    def index(self, index: Index) -> str:
        return index.name

    def access(self, node: Access) -> Piece:
        loss, of = adjoint_of(node.name)
        name = f"d{loss}_d{of}" if of else node.name
        return Piece(f"{name}[{self.letters(node.indices)}]" if node.indices else name, ATOM)

    def one(self, node: One) -> Piece:
        return Piece(f"1[{self.letters(node.indices)}]", ATOM)

    def delta(self, node: Delta) -> Piece:
        return self.delta_of(node.indices)

    def delta_of(self, places: Iterable[Place]) -> Piece:
        return Piece(f"delta[{self.letters(places)}]", ATOM)

    def fused(self, parts: Iterable[tuple[Place, Expr]]) -> Piece:
        """i + I j: places, each times its step."""
        terms = []
        for place, step in parts:
            term = Piece(self.place(place), ATOM if isinstance(place, Index) else PRODUCT)
            if step != 1:
                both = self.grouped(self.scalar(step), PRODUCT), self.grouped(term, POWER)
                term = Piece(self.times.join(both), PRODUCT)
            terms.append(term)
        return self.add(terms) if len(terms) > 1 else terms[0]

    def scalar(self, value: Expr) -> Piece:
        negative = bool(value.as_coeff_Mul()[0].is_negative)
        above, below = fraction(-value if negative else value)
        denominator = None
        if above == 1 and below != 1:
            below = -below if negative else below
            # SymPy multiplies a number into a sum, and does not take it out again.
            if self.value_is_enough or 1 / below == value:
                denominator = self.scalar(below)
        piece = self.positive_scalar(-value if negative else value)
        return replace(piece, negative=negative, denominator=denominator)

    def positive_scalar(self, value: Expr) -> Piece:
        return Piece(self.scalar_text(value), level_of(value))

    def scalar_text(self, value: Expr) -> str:
        text = str(TextScalars({"order": "none"}, self.sizes).doprint(value))
        return text.replace("**", "^")

    # Compounds

    def bracket(self, text: str) -> str:
        return f"({text})"

    def grouped(self, piece: Piece, least: int) -> str:
        """The piece, in brackets where it would come apart."""
        if piece.level < least or piece.negative:
            return self.bracket(piece.whole)
        return piece.text

    def add(self, terms: list[Piece]) -> Piece:
        text = terms[0].whole if terms[0].level > SUM else self.bracket(terms[0].whole)
        for term in terms[1:]:
            sign = " - " if term.negative else " + "
            text += sign + (term.text if term.level > SUM else self.bracket(term.text))
        return Piece(text, SUM)

    def mul(self, factors: list[Basic], parts: list[Piece]) -> Piece:
        """Factors in order; a number in front keeps its own quotient and gives its sign."""
        negative = isinstance(factors[0], Expr) and parts[0].negative
        if negative:
            parts = [replace(parts[0], negative=False), *parts[1:]]
            if parts[0].text == "1":
                factors, parts = factors[1:], parts[1:]
        if len(parts) == 1:
            (only,) = parts
            text = only.text if only.level > SUM else self.bracket(only.text)
            level = only.level if only.level > SUM else ATOM
            below = None if negative else only.denominator
            signed = negative != only.negative
            return replace(only, text=text, level=level, negative=signed, denominator=below)
        return replace(self.product(factors, parts), negative=negative)

    def product(self, factors: list[Basic], parts: list[Piece]) -> Piece:
        text = ""
        for place, (factor, part) in enumerate(zip(factors, parts, strict=True)):
            below = part.denominator
            if below is not None and (text or not isinstance(factor, Expr)):
                text = (text or "1") + "/" + self.grouped(below, POWER)
            elif place == 0 and isinstance(factor, Expr):
                text = self.grouped(part, PRODUCT)
            else:
                text += (self.times if text else "") + self.grouped(part, POWER)
        return Piece(text, PRODUCT)

    def pow(self, node: Pow, base: Piece, exponent: Piece) -> Piece:
        if node.exponent == -1 and isinstance(node.exponent, Integer):
            return Piece(f"1/{self.grouped(base, POWER)}", PRODUCT, denominator=base)
        sign = "-" if exponent.negative else ""
        above = sign + self.grouped(replace(exponent, negative=False), POWER)
        return Piece(f"{self.grouped(base, ATOM)}^{above}", POWER)

    def apply(self, name: str, arguments: list[Piece]) -> Piece:
        return Piece(f"{name}({', '.join(argument.whole for argument in arguments)})", ATOM)

    def mean(self, node: Mul, parts: list[Piece]) -> Piece | None:
        """1/K sum[k](x[k]) is written mean[k](x[k]), which needs no name for K."""
        if len(node.args) != 2 or not isinstance(node.args[1], Sum):
            return None
        total = node.args[1]
        count = Integer(1)
        for index in total.indices:
            count = count * index.size
        if node.args[0] != 1 / count:
            return None
        return Piece("mean" + parts[1].text.removeprefix("sum"), ATOM)

    def sum(self, node: Sum, body: Piece) -> Piece:
        return self.reduce(node, body)

    def reduce(self, node: Binder, body: Piece) -> Piece:
        return Piece(f"{node.kind}[{self.letters(node.indices)}]({body.whole})", ATOM)

    def derivative(self, body: Piece, variable: Piece) -> Piece:
        return self.slope(body, variable)

    def slope(self, above: Piece, below: Piece) -> Piece:
        """∂above/∂below"""
        return Piece(f"d({above.whole})/d({below.text})", PRODUCT)

    def no_sum(self, indices: list[Index]) -> str:
        return f"  (no sum {self.letters(indices)})"


class UnicodeStyle(Style):
    """For people: x_bh, δ_ij, Σ_k, γ, √(v_b + ε), x_i²."""

    times = " "
    value_is_enough = True
    quotient = "÷"
    remainder = "%"

    def letters(self, places: Iterable[Place]) -> str:
        places = list(places)
        names = [self.place(place) for place in places]
        if all(len(name) == 1 for name in names):
            return "".join(names)
        return "{" + ",".join(names) + "}"

    def place(self, place: Place) -> str:
        # No line is broken in it.
        return super().place(place).replace(" ", "·")

    def index(self, index: Index) -> str:
        return unicode_face(index.name)

    def access(self, node: Access) -> Piece:
        loss, of = adjoint_of(node.name)
        if of:
            inner = self.access(Access(of, *node.indices))
            return self.slope(Piece(unicode_face(loss), ATOM), inner)
        face = unicode_face(node.name)
        return Piece(f"{face}_{self.letters(node.indices)}" if node.indices else face, ATOM)

    def one(self, node: One) -> Piece:
        return Piece(f"1_{self.letters(node.indices)}", ATOM)

    def delta_of(self, places: Iterable[Place]) -> Piece:
        return Piece(f"δ_{self.letters(places)}", ATOM)

    def scalar_text(self, value: Expr) -> str:
        text = str(UnicodeScalars({"order": "none"}, self.sizes).doprint(value))
        return text.replace("**", "^").replace("*", " ")

    def product(self, factors: list[Basic], parts: list[Piece]) -> Piece:
        text, below = "", []
        for place, (factor, part) in enumerate(zip(factors, parts, strict=True)):
            if place == 0 and isinstance(factor, Expr):
                text = self.grouped(part, POWER if "/" in part.text else PRODUCT)
            elif part.denominator is not None:
                below.append(part.denominator)
            else:
                last = place == len(parts) - 1
                shown = self.bracket(part.whole) if part.open_ended and not last else ""
                shown = shown or self.grouped(part, PRODUCT if part.open_ended else POWER)
                divided, below = self.divided(text, below), []
                gap = " · " if divided != text or _digits_meet(text, factor, shown) else " "
                text = divided + (gap if divided else "") + shown
        return Piece(self.divided(text, below), PRODUCT)

    def divided(self, text: str, below: list[Piece]) -> str:
        """text/a or text/(a b)"""
        if not below:
            return text
        under = [self.grouped(piece, POWER) for piece in below]
        return (text or "1") + "/" + (under[0] if len(under) == 1 else f"({beside(under, ' · ')})")

    def mean(self, node: Mul, parts: list[Piece]) -> Piece | None:
        return None

    def pow(self, node: Pow, base: Piece, exponent: Piece) -> Piece:
        if isinstance(node.exponent, Integer) and node.exponent < 0:
            below = base
            if node.exponent < -1:
                below = Piece(self.grouped(base, ATOM) + self.above(exponent.text), POWER)
            return Piece(f"1/{self.grouped(below, POWER)}", PRODUCT, denominator=below)
        if isinstance(node.exponent, Integer):
            return Piece(self.grouped(base, ATOM) + self.above(exponent.text), POWER)
        return Piece(self.grouped(base, ATOM) + "^" + self.grouped(exponent, ATOM), POWER)

    def above(self, number: str) -> str:
        """A whole number as an exponent."""
        return raised(number)

    def apply(self, name: str, arguments: list[Piece]) -> Piece:
        if name == "sqrt":
            return Piece(f"√{self.grouped(arguments[0], ATOM)}", POWER)
        if name == "abs":
            return Piece(f"|{arguments[0].whole}|", ATOM)
        return super().apply(self.function(name), arguments)

    def function(self, name: str) -> str:
        """f, its slope f′, or ∂₂f along the second of its arguments."""
        stem, prime, which = name.partition("'")
        if which:
            return f"∂{which.translate(_LOWERED)}{unicode_face(stem)}"
        return unicode_face(stem) + ("′" if prime else "")

    def sum(self, node: Sum, body: Piece) -> Piece:
        inner = self.grouped(replace(body, negative=False), PRODUCT)
        text = f"Σ_{self.letters(node.indices)} {inner}"
        return Piece(text, PRODUCT, negative=body.negative, open_ended=True)

    def reduce(self, node: Binder, body: Piece) -> Piece:
        return Piece(f"{node.kind}_{self.letters(node.indices)}({body.whole})", ATOM)

    def derivative(self, body: Piece, variable: Piece) -> Piece:
        return self.slope(Piece(self.grouped(body, ATOM), ATOM), variable)

    def slope(self, above: Piece, below: Piece) -> Piece:
        return Piece(f"∂{above.text}/∂{below.text}", PRODUCT)


def beside(shown: Iterable[str], dot: str = r" \cdot ") -> str:
    """Factors side by side; a dot before a number, which would else seem to end a name."""
    text = ""
    for more in shown:
        text += (dot if more[:1].isdigit() else " ") + more if text else more
    return text


def _digits_meet(before: str, factor: Basic, shown: str) -> bool:
    """A number after a factor, or a digit after a digit, could be taken for one number."""
    return shown[:1].isdigit() and (isinstance(factor, Expr) or before[-1:].isdigit())


_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
