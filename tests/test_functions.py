"""Every pointwise function's slope against SymPy's derivative and against differences."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import Basic, Symbol

from indexcalc.expr.base import Index, free_of
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.functions import ABSTRACT, FUNCTIONS, Function, derivative
from indexcalc.expr.nodes import Access, Apply, Mul
from indexcalc.expr.world import Array, World
from tests.trees import FUNCTIONS as STAND_INS

# Where a function and its slope have values; the others have them everywhere.
DOMAINS = {"log": (0.1, 4.0), "sqrt": (0.1, 4.0), "asin": (-0.9, 0.9), "acos": (-0.9, 0.9)}
DOMAINS |= {"tan": (-1.3, 1.3)}
U = Symbol("u", real=True)
I, J = Index("i"), Index("j")
RECORDS = [pytest.param(record, id=name) for name, record in FUNCTIONS.items()]


def points(record: Function) -> Array:
    low, high = DOMAINS.get(record.name, (-3.0, 3.0))
    return np.random.default_rng(5).uniform(low, high, 12)


def at(tree: Basic, points: Array) -> Array:
    """A tree of the tensor u_i at these points."""
    value = evaluate(tree, World({"u": points}, {I.size: len(points)}, STAND_INS))
    return np.broadcast_to(value, points.shape)


def slope(record: Function) -> Basic:
    return record.slope(Access("u", I))


@pytest.mark.parametrize("record", RECORDS)
def test_the_slope_is_the_derivative_of_the_meaning(record: Function) -> None:
    exact = record.meaning(U).diff(U)
    wanted = [float(exact.subs(U, point).doit().evalf(20)) for point in points(record)]
    np.testing.assert_allclose(at(slope(record), points(record)), wanted, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("record", RECORDS)
def test_the_slope_is_how_fast_the_value_changes(record: Function) -> None:
    where, step = points(record), 1e-5
    change = record.value(np, where + step) - record.value(np, where - step)
    np.testing.assert_allclose(at(slope(record), where), change / (2 * step), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("record", RECORDS)
def test_the_value_is_the_meaning(record: Function) -> None:
    wanted = [float(record.meaning(sympy.Float(p, 20)).evalf(20)) for p in points(record)]
    np.testing.assert_allclose(record.value(np, points(record)), wanted, rtol=1e-13, atol=1e-15)


def test_a_small_value_of_sigmoid_has_all_its_digits() -> None:
    """(sigmoid(x))^(1/3) shows the digits that 1/2 + tanh(x/2)/2 loses."""
    far = np.array([-30.0, -12.0, -6.0])
    meaning = FUNCTIONS["sigmoid"].meaning
    wanted = [float(meaning(sympy.Integer(int(x))).evalf(20)) for x in far]
    np.testing.assert_allclose(FUNCTIONS["sigmoid"].value(np, far), wanted, rtol=1e-14, atol=0)


@pytest.mark.parametrize("record", RECORDS)
def test_a_slope_is_open_in_the_indices_of_its_argument(record: Function) -> None:
    """Also of a product; the slope of sign is the number 0, which is open in none."""
    argument = Mul(Access("a", I), Access("b", J))
    wanted = set() if record.name == "sign" else {I, J}
    assert free_of(record.slope(argument)) == wanted


@pytest.mark.parametrize("record", RECORDS)
def test_a_slope_of_a_scalar_is_a_scalar(record: Function) -> None:
    value = evaluate(record.slope(Access("u")), World({"u": np.asarray(0.5)}, {}, {}))
    exact = record.meaning(U).diff(U).subs(U, sympy.Rational(1, 2)).doit()
    assert float(value) == pytest.approx(float(exact), rel=1e-12)


ABOUT_0 = np.array([-0.5, -0.0, 0.0, 0.5])


def test_relu_has_the_slope_0_at_0() -> None:
    np.testing.assert_array_equal(at(slope(FUNCTIONS["relu"]), ABOUT_0), [0, 0, 0, 1])


def test_abs_has_the_sign_for_a_slope() -> None:
    np.testing.assert_array_equal(at(slope(FUNCTIONS["abs"]), ABOUT_0), [-1, 0, 0, 1])


def test_sign_has_no_slope() -> None:
    np.testing.assert_array_equal(at(slope(FUNCTIONS["sign"]), ABOUT_0), [0, 0, 0, 0])


@pytest.mark.parametrize(
    ("name", "right"), [("sigmoid", 0), ("softplus", 1), ("tanh", 0), ("erf", 0), ("relu", 1)]
)
def test_slopes_far_out_are_finite(name: str, right: int) -> None:
    far = np.array([-1e3, -50.0, 50.0, 1e3])
    with np.errstate(over="raise", invalid="raise"):
        found = at(slope(FUNCTIONS[name]), far)
    np.testing.assert_allclose(found, [0, 0, right, right], atol=1e-15)


@pytest.mark.parametrize("name", [*ABSTRACT, "act"])
def test_the_slope_of_an_abstract_function_has_a_prime(name: str) -> None:
    u, v = Access("u", I), Access("v", I)
    assert derivative(name, (u,), 0) == Apply(f"{name}'", u)
    assert derivative(name, (u, v), 0) == Apply(f"{name}'1", u, v)
    assert derivative(name, (u, v), 1) == Apply(f"{name}'2", u, v)


def test_slopes_of_slopes_have_more_primes() -> None:
    u = Access("u", I)
    assert derivative("f'", (u,), 0) == Apply("f''", u)


def test_the_derivative_of_a_known_function_is_its_slope() -> None:
    u = Access("u", I)
    for name, record in FUNCTIONS.items():
        assert derivative(name, (u,), 0) == record.slope(u)
