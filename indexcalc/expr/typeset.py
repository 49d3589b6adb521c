"""How each kind of node is spelled in LaTeX."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sympy import Basic, Expr, Integer

from indexcalc.expr.base import Index
from indexcalc.expr.digits import Digit, Place
from indexcalc.expr.names import adjoint_of, latex_face
from indexcalc.expr.nodes import Access, Binder, One, Pow, Sum
from indexcalc.expr.scalars import ATOM, POWER, PRODUCT, SUM, LatexScalars
from indexcalc.expr.styles import Piece, Style, UnicodeStyle, beside


class LatexStyle(UnicodeStyle):
    r"""For documents: x_{bh}, \delta_{ij}, \sum_{k}, \frac{a}{b}."""

    quotient = r" \div "
    remainder = r" \mathbin{\%} "

    def letters(self, places: Iterable[Place]) -> str:
        places = list(places)
        faces = [self.place(place) for place in places]
        if any(isinstance(place, Digit) or len(place.name) > 1 for place in places):
            digits = any(isinstance(place, Digit) for place in places)
            return r",\, ".join(faces) if digits else ",".join(faces)
        return (" " if any(face.startswith("\\") for face in faces) else "").join(faces)

    def place(self, place: Place) -> str:
        return Style.place(self, place)

    def index(self, index: Index) -> str:
        return latex_face(index.name)

    def access(self, node: Access) -> Piece:
        loss, of = adjoint_of(node.name)
        if of:
            inner = self.access(Access(of, *node.indices))
            return self.slope(Piece(latex_face(loss), ATOM), inner)
        face = latex_face(node.name)
        level = POWER if "^" in face else ATOM
        return Piece(f"{face}_{{{self.letters(node.indices)}}}" if node.indices else face, level)

    def one(self, node: One) -> Piece:
        return Piece(rf"\mathbf{{1}}_{{{self.letters(node.indices)}}}", ATOM)

    def delta_of(self, places: Iterable[Place]) -> Piece:
        return Piece(rf"\delta_{{{self.letters(places)}}}", ATOM)

    def bracket(self, text: str) -> str:
        return rf"\left({text}\right)"

    def scalar_text(self, value: Expr) -> str:
        names = {s: latex_face(s.name) for s in value.free_symbols}
        return str(LatexScalars({"symbol_names": names, "order": "none"}).doprint(value))

    def positive_scalar(self, value: Expr) -> Piece:
        piece = super().positive_scalar(value)
        # A fraction stands by its line and needs no brackets.
        return replace(piece, level=POWER) if piece.text.startswith(r"\frac") else piece

    def product(self, factors: list[Basic], parts: list[Piece]) -> Piece:
        """A denominator goes under the factors since the last one."""
        shown: list[str] = []
        above: list[tuple[str, Piece]] = []
        below: list[Piece] = []
        for place, (factor, part) in enumerate(zip(factors, parts, strict=True)):
            if place == 0 and isinstance(factor, Expr):
                shown.append(self.grouped(part, PRODUCT))
            elif part.denominator is not None:
                below.append(part.denominator)
            else:
                if below:
                    shown.append(self.fraction(above, below))
                    above, below = [], []
                last = place == len(parts) - 1
                reach = PRODUCT if part.open_ended and last else POWER
                above.append((self.grouped(part, reach), part))
        if below:
            shown.append(self.fraction(above, below))
        else:
            shown += [text for text, _ in above]
        return Piece(beside(shown), PRODUCT if len(shown) > 1 else POWER)

    def fraction(self, above: list[tuple[str, Piece]], below: list[Piece]) -> str:
        r"""\frac{a}{b} c, where c are the factors that are tall themselves."""
        alone = len(above) == 1
        low: list[tuple[str, Piece]] = []
        tall: list[tuple[str, Piece]] = []
        for text, piece in above:
            high = r"\frac" in text or (piece.level == SUM and not alone)
            (tall if high else low).append((text, piece))
        top = beside(text for text, _ in low) or "1"
        if len(low) == 1:
            top = low[0][1].whole
        under = below[0].whole
        if len(below) > 1:
            under = beside(self.grouped(piece, POWER) for piece in below)
        return " ".join([rf"\frac{{{top}}}{{{under}}}", *(text for text, _ in tall)])

    def pow(self, node: Pow, base: Piece, exponent: Piece) -> Piece:
        if isinstance(node.exponent, Integer) and node.exponent < 0:
            below = base
            if node.exponent < -1:
                below = Piece(self.grouped(base, ATOM) + self.above(exponent.text), POWER)
            return Piece(rf"\frac{{1}}{{{below.whole}}}", POWER, denominator=below)
        return Piece(self.grouped(base, ATOM) + self.above(exponent.whole), POWER)

    def above(self, number: str) -> str:
        return f"^{{{number}}}"

    def apply(self, name: str, arguments: list[Piece]) -> Piece:
        inner = ", ".join(argument.whole for argument in arguments)
        if name == "sqrt":
            return Piece(rf"\sqrt{{{inner}}}", ATOM)
        if name == "abs":
            return Piece(rf"\left|{inner}\right|", ATOM)
        # \left opens a gap after an operator's name; \! closes it.
        return Piece(self.function(name) + r"\!" + self.bracket(inner), ATOM)

    def sum(self, node: Sum, body: Piece) -> Piece:
        inner = self.grouped(replace(body, negative=False), PRODUCT)
        text = rf"\sum_{{{self.letters(node.indices)}}} {inner}"
        return Piece(text, PRODUCT, negative=body.negative, open_ended=True)

    def reduce(self, node: Binder, body: Piece) -> Piece:
        letters = self.letters(node.indices)
        sign = r"\prod" if node.kind == "prod" else rf"\{node.kind}"
        return Piece(rf"{sign}_{{{letters}}} {self.bracket(body.whole)}", PRODUCT, open_ended=True)

    def derivative(self, body: Piece, variable: Piece) -> Piece:
        if body.level < ATOM or body.negative or r"\frac" in body.text:
            operator = rf"\frac{{\partial}}{{\partial {variable.text}}}"
            return Piece(operator + self.bracket(body.whole), POWER)
        return self.slope(body, variable)

    def slope(self, above: Piece, below: Piece) -> Piece:
        return Piece(rf"\frac{{\partial {above.text}}}{{\partial {below.text}}}", POWER)

    def function(self, name: str) -> str:
        stem, prime, which = name.partition("'")
        face = _latex_function(stem)
        return rf"\partial_{{{which}}}{face}" if which else face + prime

    def no_sum(self, indices: list[Index]) -> str:
        return rf" \quad \text{{(no sum ${self.letters(indices)}$)}}"


_LATEX_FUNCTIONS = frozenset(["exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"])
_LATEX_INVERSE = {"asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan"}


def _latex_function(name: str) -> str:
    if name in _LATEX_FUNCTIONS:
        return "\\" + name
    if name in _LATEX_INVERSE:
        return _LATEX_INVERSE[name]
    face = latex_face(name)
    return face.replace(r"\mathrm", r"\operatorname") if face.startswith(r"\mathrm") else face
