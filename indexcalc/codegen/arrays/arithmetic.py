"""Numbers, sizes and constants as Python arithmetic, and how tightly a piece of Python holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import E, Expr, Mul, Rational, Symbol, fraction, pi

from indexcalc.codegen.arrays.functions import UFUNCS
from indexcalc.expr.base import ONE

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
# From here on not every whole number is a double.
_EXACT = 2**53
_DIGITS = 17
_PYTHONS = {"Abs": "abs", "Max": "max", "erf": "math.erf"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of Python, what holds it together, and how long the power is that it begins with."""

    text: str
    level: int = ATOM
    leading: int = 0

    def at(self, level: int) -> str:
        """In brackets where it is looser than its place."""
        return self.text if self.level >= level else f"({self.text})"


def total(terms: list[tuple[bool, Piece]]) -> Piece:
    """A sum of pieces, each with whether it is taken away."""
    if len(terms) > 1 and terms[0][0] and not terms[1][0]:
        terms = [terms[1], terms[0], *terms[2:]]
    (first_negative, first), *rest = terms
    if not rest and not first_negative:
        return first
    opening = minus(first) if first_negative else first
    text = opening.at(SUM)
    for negative, piece in rest:
        text += f" - {piece.at(PRODUCT)}" if negative else f" + {piece.at(SUM)}"
    return Piece(text, SUM if rest else opening.level)


def product(factors: Sequence[tuple[bool, Piece]]) -> Piece:
    """Pieces in order, each with whether it divides."""
    if not factors:
        return Piece("1")
    (divides, first), *rest = factors
    if not rest and not divides:
        return first
    text = f"1 / {first.at(SIGN)}" if divides else first.at(PRODUCT)
    leading = 0 if divides or first.level < PRODUCT else first.leading
    for divides, piece in rest:
        text += f" {'/' if divides else '*'} {piece.at(SIGN)}"
    return Piece(text, PRODUCT, leading)


def raised(base: Piece, exponent: Piece) -> Piece:
    """A power, spaced as the formatter wants it."""
    simple = base.level == ATOM and all(_simple(piece) for piece in (base, exponent))
    gap = "" if simple else " "
    text = f"{base.at(ATOM)}{gap}**{gap}{exponent.at(SIGN)}"
    return Piece(text, POWER, len(text))


def minus(piece: Piece) -> Piece:
    """-a; in -a * b the sign is the first factor's, in brackets where that is a power."""
    text = piece.at(PRODUCT)
    if piece.leading and piece.level >= PRODUCT:
        text = f"({text[: piece.leading]}){text[piece.leading :]}"
    return Piece(f"-{text}", min(max(piece.level, PRODUCT), SIGN))


def _simple(piece: Piece) -> bool:
    """What stands beside ** without blanks: names and numbers."""
    return piece.level >= SIGN and not set(piece.text) & set("()[] ")


def scalar(value: Expr, names: Mapping[Symbol, str]) -> Piece:
    """A number, or arithmetic on sizes and constants, in floats where it is not whole."""
    if value.is_Symbol:
        return Piece(names[value])
    if value.is_Rational:
        return _rational(value)
    if value.is_Add:
        terms = sorted(value.args, key=lambda term: (bool(term.is_Number), term.sort_key()))
        return total([signed(term, names) for term in terms])
    if value.is_Mul or (value.is_Pow and value.exp.is_Rational and value.exp < 0):
        negative, piece = signed(value, names)
        return minus(piece) if negative else piece
    if value.is_Pow and value.base != E:
        return _power(value, names)
    return _called(value, names)


def _power(value: Expr, names: Mapping[Symbol, str]) -> Piece:
    base, exponent = (scalar(part, names) for part in value.args)
    # Of sizes and numbers: what Python has, and NumPy too.
    safe = not value.free_symbols or (value.base.is_Symbol and value.base.is_positive)
    if value.exp == Rational(1, 2):
        return Piece(f"math.sqrt({base.text})" if safe else f"float(np.sqrt({base.text}))")
    if value.exp.is_Integer or (safe and value.exp.is_number):
        return raised(base, exponent)
    return Piece(f"float(np.float_power({base.text}, {exponent.text}))")


def _called(value: Expr, names: Mapping[Symbol, str]) -> Piece:
    """A function as Python has it; of a size or constant as NumPy has it, where Python may raise
    for what is inf or nan in arrays."""
    if value == pi:
        return Piece("math.pi")
    if value == E:
        return Piece("math.e")
    kind = "exp" if value.is_Pow else type(value).__name__
    arguments = ", ".join(scalar(p, names).text for p in value.args if p != E)
    if kind in _PYTHONS:
        return Piece(f"{_PYTHONS[kind]}({arguments})")
    if not value.free_symbols:
        return Piece(f"math.{kind}({arguments})")
    return Piece(f"float({UFUNCS[kind]}({arguments}))")


def signed(value: Expr, names: Mapping[Symbol, str]) -> tuple[bool, Piece]:
    """A product as whether it is negative, and the rest of it."""
    negative = bool(value.could_extract_minus_sign())
    above, below = factors(-value if negative else value)
    over = product([(False, scalar(part, names)) for part in above])
    if not any(part.free_symbols for part in below):
        return negative, product([(False, over), *((True, scalar(part, names)) for part in below)])
    # Python raises where a size or constant is 0; arrays have inf or nan there.
    under = product([(False, scalar(part, names)) for part in below])
    return negative, Piece(f"_ratio({over.text}, {under.text})")


def factors(value: Expr) -> tuple[list[Expr], list[Expr]]:
    """What is multiplied and what is divided by, without 1; a short decimal stays one: 0.1."""
    coefficient, rest = value.as_coeff_Mul()
    above, below = fraction(rest)
    whole = coefficient.is_Rational and (_decimal(coefficient) or not _exact(coefficient))
    number, divisor = (coefficient, ONE) if whole else fraction(coefficient)
    return (
        [part for part in (number, *Mul.make_args(above)) if part != 1],
        [part for part in (divisor, *Mul.make_args(below)) if part != 1],
    )


def _decimal(value: Expr) -> bool:
    """Whether a fraction is a short decimal."""
    rest = int(value.q)
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1 and len(str(abs(int(value.p)))) <= _DIGITS and int(value.q) < 10**_DIGITS


def _exact(value: Expr) -> bool:
    return max(abs(int(value.p)), int(value.q)) < _EXACT


def _rational(value: Expr) -> Piece:
    if value < 0:
        return Piece(f"-{_rational(-value).at(POWER)}", SIGN)
    if value.q == 1 and value.p < _EXACT:
        return Piece(str(int(value.p)))
    if value.q == 1 or _decimal(value):
        return Piece(float_text(value))
    if _exact(value):
        return Piece(f"{int(value.p)} / {int(value.q)}", PRODUCT)
    return Piece(float_text(value))


def float_text(value: Expr) -> str:
    """The nearest double, as short as it can be written."""
    try:
        number = int(value.p) / int(value.q)
    except OverflowError:
        return "math.inf"
    return repr(number).replace("e-0", "e-").replace("e+", "e")
