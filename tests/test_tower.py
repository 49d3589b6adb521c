"""What is told from 0: by exact arithmetic, and by digits where that decides nothing."""

from __future__ import annotations

import pytest
import sympy
from sympy import Expr, Rational, Symbol, symbols

from indexcalc.errors import IndexcalcError
from indexcalc.proof.budget import Budget
from indexcalc.proof.digits import furthest, have_values
from indexcalc.proof.elements import applied
from indexcalc.proof.tower import Tower

x, y, z = symbols("x y z", real=True)
n = Symbol("n", real=True)
ZEROS = [
    (x + y) ** 2 - x**2 - 2 * x * y - y**2,
    1 / (x + y) + 1 / (x - y) - 2 * x / (x**2 - y**2),
    (x**2 - y**2) / (x + y) - x + y,
    sympy.sqrt(x + y) ** 3 - (x + y) * sympy.sqrt(x + y),
    1 / (sympy.sqrt(x) + 1) - (sympy.sqrt(x) - 1) / (x - 1),
    sympy.sqrt(6) * sympy.sqrt(x) - sympy.sqrt(2) * sympy.sqrt(3) * sympy.sqrt(x),
    sympy.exp(x + y / 2) - sympy.exp(x) * sympy.sqrt(sympy.exp(y)),
    sympy.exp(-x) / (1 + sympy.exp(-x)) - 1 / (1 + sympy.exp(x)),
    x ** (n + 1) - x * x**n,
    sympy.sin(x + y) ** 2 + sympy.cos(x + y) ** 2 - 1,
    sympy.cosh(x) ** 2 - sympy.sinh(x) ** 2 - 1,
    sympy.Abs(x * y + z) ** 2 - (x * y + z) ** 2,
    sympy.Max(x, y) + sympy.Min(x, y) - x - y,
    sympy.sign(x - y) + sympy.sign(y - x),
    sympy.sign(sympy.Max(0, x)) - sympy.Heaviside(x),
    sympy.log(x) / (x * sympy.log(x)) - 1 / x,
]
# Each is 0 somewhere, or nearly.
NO_ZEROS = [
    sympy.sqrt((x + y) ** 4 + z) - (x + y) ** 2,
    sympy.sqrt(x**2 + 2 * x * y + y**2 + z) - x - y,
    sympy.Abs(x) - x,
    sympy.sign(x) - 1,
    sympy.Heaviside(x) - 1,
    sympy.sign(x) * sympy.sign(y) - sympy.sign(x + y),
    sympy.Max(x, y) - x,
    sympy.Rational(1, 10**60) * x,
    sympy.sin(x) ** 2 - sympy.cos(x) ** 2 - 1,
    sympy.exp(x * y) - sympy.exp(x) * sympy.exp(y),
    (x * y) ** n - x**n,
    applied("f", [x]) - applied("f", [y]),
    sympy.log(x) - sympy.log(y),
    sympy.sqrt(2) - Rational(14142135623730951, 10**16),
    1 / (x + y) - 1 / (x + 2 * y),
]


@pytest.mark.parametrize("zero", ZEROS, ids=map(str, ZEROS))
def test_what_is_0_is_proved_to_be(zero: Expr) -> None:
    assert Tower({}, Budget(10_000)).is_zero(zero)


@pytest.mark.parametrize("other", NO_ZEROS, ids=map(str, NO_ZEROS))
def test_what_is_not_0_is_not(other: Expr) -> None:
    assert not Tower({}, Budget(10_000)).is_zero(other)


def test_definitions_are_used_where_all_else_is_not_enough() -> None:
    tower = Tower({z: x + y, n: z**2}, Budget(1000))
    assert tower.is_zero(n - x**2 - 2 * x * y - y**2)
    assert not tower.is_zero(n - x**2 - y**2)


def test_the_sign_of_what_may_be_0_in_many_places_is_not_decided() -> None:
    nested = sympy.sign(sympy.Max(0, x) + sympy.Max(0, y))
    assert not Tower({}, Budget(1000)).is_zero(nested**2 - 1)
    assert not Tower({z: sympy.Max(0, x)}, Budget(1000)).is_zero(sympy.sign(z) ** 2 - 1)
    assert Tower({z: x}, Budget(1000)).is_zero(sympy.sign(z) ** 2 - 1)


def test_arithmetic_ends_at_its_budget() -> None:
    with pytest.raises(IndexcalcError) as caught:
        Tower({}, Budget(1000)).is_zero((x + y + z) ** 30 - x)
    assert str(caught.value) == (
        "error IC106: this is too long to be proved\nhint: give smaller sizes"
    )


def test_what_has_no_value_is_not_0() -> None:
    with pytest.raises(IndexcalcError) as caught:
        Tower({}, Budget(1000)).is_zero(1 / (x * (y + z) - x * y - x * z))
    assert str(caught.value) == ("error IC109: an entry is no real number\nhint: give other sizes")


# Digits


def test_50_digits_tell_what_48_would_not() -> None:
    near = x * (1 + Rational(1, 10**49))
    difference = furthest(near, x, {}, 0)
    assert difference is not None
    assert not difference.agrees
    closer = furthest(x * (1 + Rational(1, 10**51)), x, {}, 0)
    assert closer is not None
    assert closer.agrees


def test_points_are_where_both_have_values() -> None:
    assert furthest(sympy.log(x), sympy.log(x), {}, 0) is not None
    assert furthest(sympy.log(-1 - x**2), x, {}, 0) is None
    assert have_values([sympy.acos(x), sympy.log(sympy.log(y))], {}, 0)
    assert not have_values([sympy.sqrt(z)], {z: -(x**2)}, 0)
