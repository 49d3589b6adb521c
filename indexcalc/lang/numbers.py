"""Numbers as written, exactly, and no longer than is sensible."""

from __future__ import annotations

from fractions import Fraction

from indexcalc.errors import IndexcalcError, Span
from indexcalc.lang.lexer import Token

MAX_DIGITS = 10_000
# Digits of a piece that Python turns into an integer whatever its limit on such text.
_PIECE = 500


def exact(token: Token) -> Fraction:
    """The number a token spells, exactly; refused before it is built when it is too long."""
    if len(token.text) <= _PIECE and token.text.isdecimal():
        return Fraction(int(token.text))
    mantissa, _, exponent = token.text.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = len(whole) + len(fraction)
    shift = exponent.lstrip("+-").lstrip("0")
    if digits > MAX_DIGITS or len(shift) > 6 or digits + int(shift or 0) > MAX_DIGITS:
        raise too_long(token.span)
    power = int(shift or 0) * (-1 if exponent.startswith("-") else 1) - len(fraction)
    value = _integer(whole + fraction)
    return Fraction(value * 10 ** max(power, 0), 10 ** max(-power, 0))


def too_long(span: Span) -> IndexcalcError:
    return IndexcalcError(
        "IC107",
        f"this constant has more than {MAX_DIGITS:,} digits",
        hint="make it an input, or a constant of the signature",
        spans=[span],
    )


def _integer(digits: str) -> int:
    """int(), in pieces short enough for Python's limit on the length of such text."""
    value = 0
    for start in range(0, len(digits), _PIECE):
        piece = digits[start : start + _PIECE]
        value = value * 10 ** len(piece) + int(piece)
    return value
