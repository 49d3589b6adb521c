"""Exact arithmetic on numbers, sizes and constants, refused before it gets out of hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import mul
from typing import Any

from sympy import Add, Expr, I, Integer, Mul, Rational, nan, oo, zoo

from indexcalc.errors import IndexcalcError, Span
from indexcalc.expr.base import ONE
from indexcalc.lang.numbers import MAX_DIGITS, too_long

_MAX_BITS = int(MAX_DIGITS * 3.3219280948873626)


def added(terms: list[Expr], span: Span) -> Expr:
    return _checked(lambda: Add(*terms), span)


def multiplied(factors: list[Expr], span: Span) -> Expr:
    """The product; its length is at most that of its factors together."""
    if len(factors) == 1:
        return factors[0]
    if sum(_bits(factor) for factor in factors) > _MAX_BITS:
        return _multiplied_slowly(factors, span)
    return _checked(lambda: Mul(*factors), span)


def _multiplied_slowly(factors: list[Expr], span: Span) -> Expr:
    """One after the other, so that a long product is refused before it is worked out."""
    total = ONE
    for factor in factors:
        total = _checked(partial(mul, total, factor), span)
    return total


def inverse(value: Expr, span: Span) -> Expr:
    return power(value, Integer(-1), span)


def power(base: Expr, exponent: Expr, span: Span) -> Expr:
    """base ^ exponent; the length of the result is bounded before it is computed."""
    if exponent.is_Rational and exponent not in (1, -1):
        bits = _bits(base)
        if bits > 1 and bits * abs(exponent) > _MAX_BITS + bits:
            raise too_long(span)
    return _checked(lambda: base**exponent, span)


def applied(meaning: Callable[[Any], Any], argument: Expr, span: Span) -> Expr:
    return _checked(lambda: meaning(argument), span)


def _checked(compute: Callable[[], Any], span: Span) -> Expr:
    value = compute()
    if value.has(zoo, nan, oo, -oo, I) or value.is_real is False:
        raise IndexcalcError(
            "IC109",
            "this constant is not a real number",
            hint="it is infinite, undefined or complex; change it",
            spans=[span],
        )
    if _bits(value) > _MAX_BITS:
        raise too_long(span)
    return value


def _bits(value: Expr) -> int:
    """The length of the longest number in an expression."""
    if value.is_Rational:
        return _length(value)
    return max((_length(number) for number in value.atoms(Rational)), default=0)


def _length(number: Any) -> int:
    return max(abs(int(number.p)).bit_length(), int(number.q).bit_length())
