"""Exact arithmetic on numbers, sizes and constants, refused before it gets out of hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from sympy import Add, Expr, I, Mul, Pow, Rational, fraction, nan, oo, pi, zoo

from indexcalc.errors import IndexcalcError, Span
from indexcalc.expr.base import MINUS_ONE
from indexcalc.expr.functions import FUNCTIONS, Function
from indexcalc.lang.numbers import MAX_DIGITS, too_long
from indexcalc.lang.syntax import Number, Product, Syntax, Terms

MAX_PARTS = 500
MAX_DEPTH = 8
MAX_LEVELS = 60
_MAX_BITS = int(MAX_DIGITS * math.log2(10))
# Longer integers are not searched for perfect powers.
_FACTORED_BITS = 128
# How far outside its domain an approximate argument must be to be refused.
_CLEARLY = 1e-9


@dataclass(frozen=True, slots=True)
class Value:
    """An exact scalar, and about what it is when it has no size or constant in it."""

    exact: Expr
    near: float | None
    # How many functions and roots are inside one another.
    depth: int = 0
    # At most how many sums, products, powers and functions are.
    levels: int = 0


_UNREAL = frozenset((zoo, nan, oo, -oo, I))
PI = Value(pi, math.pi)
MINUS = Value(MINUS_ONE, -1.0)
HALF = Value(Rational(1, 2), 0.5)

_DOMAINS: dict[str, Callable[[float], bool]] = {
    "log": lambda x: x > -_CLEARLY,
    "sqrt": lambda x: x > -_CLEARLY,
    "asin": lambda x: abs(x) < 1 + _CLEARLY,
    "acos": lambda x: abs(x) < 1 + _CLEARLY,
}


def number(value: Fraction) -> Value:
    return Value(Rational(value.numerator, value.denominator), _near(lambda: float(value)))


def added(terms: list[Value], span: Span) -> Value:
    return _folded(Add, sum, Fraction.__add__, Fraction(0), terms, span)


def multiplied(factors: list[Value], span: Span) -> Value:
    return _folded(Mul, math.prod, Fraction.__mul__, Fraction(1), factors, span)


def _folded(
    join: Callable[..., Any],
    near: Callable[[list[float]], float],
    step: Callable[[Fraction, Fraction], Fraction],
    start: Fraction,
    values: list[Value],
    span: Span,
) -> Value:
    """A sum or product: its numbers first, one by one, then SymPy for the rest."""
    if len(values) == 1:
        return values[0]
    total, rest = start, []
    for value in values:
        if value.exact.is_Rational:
            total = step(total, Fraction(int(value.exact.p), int(value.exact.q)))
            if _length(total.numerator, total.denominator) > _MAX_BITS:
                raise too_long(span)
        else:
            rest.append(value.exact)
    number_part = Rational(total.numerator, total.denominator)
    if not rest:
        return Value(number_part, _near(lambda: float(total)))
    depth = max(value.depth for value in values)
    levels = max(value.levels for value in values) + 1
    exact = _worked_out(lambda: join(number_part, *rest), span)
    nears = [value.near for value in values if value.near is not None]
    known = len(nears) == len(values)
    value = Value(exact, _near(lambda: near(nears)) if known else None, depth, levels)
    return _sound(value, span)


def refuse_long(node: Terms | Product) -> None:
    """A constant sum or product of very many parts that are not plain numbers."""
    parts = node.terms if isinstance(node, Terms) else [factor.node for factor in node.factors]
    plain = sum(isinstance(_only(part), Number) for part in parts)
    if len(parts) - plain > MAX_PARTS:
        raise IndexcalcError(
            "IC107",
            f"this constant has more than {MAX_PARTS} parts that are not plain numbers",
            hint="make it an input, or a constant of the signature",
            spans=[node.span],
        )


def refuse_many_functions(count: int, span: Span) -> None:
    """SymPy takes a millisecond or more to look at each."""
    if count > MAX_PARTS:
        raise IndexcalcError(
            "IC107",
            f"this program has more than {MAX_PARTS} functions of constants",
            hint="make some of them inputs, or constants of the signature",
            spans=[span],
        )


def _only(part: Syntax) -> Syntax:
    alone = isinstance(part, Product) and len(part.factors) == 1
    return part.factors[0].node if alone and isinstance(part, Product) else part


def power(base: Value, exponent: Value, span: Span) -> Value:
    """base ^ exponent; the length of the result is bounded before it is computed."""
    above = exponent.exact
    if exponent is MINUS and base.exact.is_Rational and base.exact != 0:
        return Value(1 / base.exact, _near(lambda: 1 / (base.near or 0.0)))
    if above.is_Rational:
        _refuse_long_power(base, above, span)
        if base.exact == 0 and above < 0:
            raise _not_real(span)
        if not above.is_Integer and base.near is not None and base.near < -_CLEARLY:
            raise _not_real(span)
        if not above.is_Integer and _unfactored(base.exact):
            root = Pow(base.exact, above, evaluate=False)
            # Every spelling takes it apart; better to know now that SymPy can.
            _worked_out(lambda: fraction(root)[0], span)
            return Value(root, None, 1, 1)
    near = None
    if base.near is not None and exponent.near is not None:
        near = _near(lambda: math.pow(base.near or 0.0, exponent.near or 0.0))
    plain = above.is_Integer and (above > 0 or base.exact.is_Rational)
    depth = max(base.depth, exponent.depth) + (not plain)
    _refuse_deep(depth, span)
    exact = _worked_out(lambda: base.exact**above, span)
    return _sound(Value(exact, near, depth, max(base.levels, exponent.levels) + 1), span)


def _refuse_long_power(base: Value, exponent: Expr, span: Span) -> None:
    """The digits that a power would have, before it is computed."""
    exact, times = base.exact, abs(exponent)
    if exact.is_Rational:
        bits = math.log2(max(abs(int(exact.p)), int(exact.q), 1))
    else:
        bits = 0.0 if exact.is_Atom else max(1.0, _bits(exact))
    if bits * times > _MAX_BITS:
        raise too_long(span)


def _unfactored(value: Expr) -> bool:
    """A number so long that the search for its roots would take too long."""
    return bool(value.is_Rational) and _bits(value) > _FACTORED_BITS


def applied(name: str, argument: Value, span: Span) -> Value:
    """A known function of a constant, inside its domain."""
    near = argument.near
    inside = _DOMAINS.get(name)
    if near is not None and inside is not None and not inside(near):
        raise _not_real(span)
    _refuse_deep(argument.depth + 1, span)
    if near is None and not argument.exact.free_symbols and not argument.exact.is_Rational:
        raise _too_large(span)
    if name == "sqrt" and _unfactored(argument.exact):
        return power(argument, HALF, span)
    function = FUNCTIONS[name]
    near = None if near is None else _approximately(function, near)
    exact = _worked_out(lambda: function.meaning(argument.exact), span)
    return _sound(Value(exact, near, argument.depth + 1, argument.levels + 1), span)


def _worked_out(compute: Callable[[], Expr], span: Span) -> Expr:
    """What SymPy makes of it, or a refusal where its search for the factors under a root fails.

    The search remembers the factors it had found, and then often comes to its end. Asking twice
    makes the answer the same whatever was asked before.
    """
    for _ in range(2):
        with suppress(ValueError):
            return compute()
    raise _too_large(span)


def _too_large(span: Span) -> IndexcalcError:
    return IndexcalcError(
        "IC107",
        "this constant is too large to be worked out",
        hint="make it an input, or a constant of the signature",
        spans=[span],
    )


def _approximately(function: Function, argument: float) -> float | None:
    import numpy as np

    with np.errstate(all="ignore"):
        return _near(lambda: float(function.value(np, argument)))


def _refuse_deep(depth: int, span: Span) -> None:
    """SymPy looks at all that is inside a function, at every level anew."""
    if depth > MAX_DEPTH:
        raise IndexcalcError(
            "IC105",
            f"functions and roots of constants are nested deeper than {MAX_DEPTH}",
            hint="make a part an input, or a constant of the signature",
            spans=[span],
        )


def _sound(value: Value, span: Span) -> Value:
    """Refuse what SymPy found to be infinite, undefined or complex, and what got out of hand."""
    exact = value.exact
    if exact in _UNREAL or I in exact.args or _complex_term(exact):
        raise _not_real(span)
    if _bits(exact) > _MAX_BITS:
        raise too_long(span)
    if value.levels <= MAX_LEVELS:
        return value
    # SymPy may have made it flatter than it was written.
    levels = _levels(exact)
    if levels > MAX_LEVELS:
        raise IndexcalcError(
            "IC105",
            f"constants are nested deeper than {MAX_LEVELS}",
            hint="make a part an input, or a constant of the signature",
            spans=[span],
        )
    return replace(value, levels=levels)


def _levels(value: Expr) -> int:
    """How deep a scalar is: SymPy recurses into it for whatever it does."""
    levels, row = 0, value.args
    while row:
        levels, row = levels + 1, [arg for part in row for arg in part.args]
    return levels


def _complex_term(exact: Expr) -> bool:
    return bool(exact.is_Add) and any(I in term.args for term in exact.args)


def _not_real(span: Span) -> IndexcalcError:
    return IndexcalcError(
        "IC109",
        "this constant is not a real number",
        hint="it is infinite, undefined or complex; change it",
        spans=[span],
    )


def _near(compute: Callable[[], float]) -> float | None:
    """A float, or nothing where floats do not reach."""
    try:
        value = compute()
    except (OverflowError, ValueError, ZeroDivisionError):
        return None
    return value if math.isfinite(value) else None


def _bits(value: Expr) -> int:
    """The length of the longest number at the front of a scalar or of one of its terms."""
    if value.is_Rational:
        return _length(int(value.p), int(value.q))
    parts = value.args if value.is_Add else (value,)
    fronts = [part.as_coeff_Mul()[0] for part in parts]
    return max((_length(int(f.p), int(f.q)) for f in fronts if f.is_Rational), default=0)


def _length(above: int, below: int) -> int:
    return max(abs(above).bit_length(), below.bit_length())
