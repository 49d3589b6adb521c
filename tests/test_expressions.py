"""Expressions of the language: precedence, exact numbers, functions and binders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from indexcalc.lang.reading import read
from tests.texts import Array, array, assert_same, inputs, positive, reading, refusal, table, value

A, B, C = positive(3), positive(3) + 0.25, positive(3)[::-1].copy()
PRECEDENCE: dict[str, Callable[[Any, Any, Any], Any]] = {
    "-a[i]^2": lambda a, b, c: -(a**2),
    "(-a[i])^2": lambda a, b, c: a**2,
    "2^-a[i]": lambda a, b, c: 2**-a,
    "2^-a[i]^b[i]": lambda a, b, c: 2 ** -(a**b),
    "2^-a[i]*b[i]": lambda a, b, c: 2**-a * b,
    "a[i]/b[i]/c[i]": lambda a, b, c: (a / b) / c,
    "a[i]/b[i]*c[i]": lambda a, b, c: (a / b) * c,
    "a[i]*b[i]/c[i]": lambda a, b, c: (a * b) / c,
    "a[i]/(b[i]*c[i])": lambda a, b, c: a / (b * c),
    "a[i]/b[i]^c[i]": lambda a, b, c: a / (b**c),
    "a[i]^b[i]^c[i]": lambda a, b, c: a ** (b**c),
    "(a[i]^b[i])^c[i]": lambda a, b, c: (a**b) ** c,
    "a[i]**b[i]": lambda a, b, c: a**b,
    "a[i]**b[i]**c[i]": lambda a, b, c: a ** (b**c),
    "-a[i]**2": lambda a, b, c: -(a**2),
    "a[i] - b[i] - c[i]": lambda a, b, c: (a - b) - c,
    "a[i] - b[i] + c[i]": lambda a, b, c: (a - b) + c,
    "a[i] - (b[i] - c[i])": lambda a, b, c: a - (b - c),
    "a[i] + b[i]*c[i]": lambda a, b, c: a + b * c,
    "-a[i]*b[i]": lambda a, b, c: -a * b,
    "-a[i] + b[i]": lambda a, b, c: -a + b,
    "a[i]*-b[i]": lambda a, b, c: a * -b,
    "a[i] - -b[i]": lambda a, b, c: a + b,
    "--a[i]": lambda a, b, c: a,
    "-(a[i] - b[i])": lambda a, b, c: b - a,
    "a[i]/-b[i]": lambda a, b, c: -a / b,
    "a[i]^2/b[i]^2": lambda a, b, c: a**2 / b**2,
    "a[i]^(1/2)": lambda a, b, c: np.sqrt(a),
    "a[i]^1/2": lambda a, b, c: a / 2,
    "2*-3^2*a[i]": lambda a, b, c: -18 * a,
    "1/2/2*a[i]": lambda a, b, c: a / 4,
    "1 - a[i]": lambda a, b, c: 1 - a,
    "4^0.5*a[i]": lambda a, b, c: 2 * a,
}


@pytest.mark.parametrize("right", PRECEDENCE)
def test_precedence(right: str) -> None:
    given = {name: v for name, v in (("a", A), ("b", B), ("c", C)) if f"{name}[" in right}
    assert_same(value(f"y[i] = {right}", **given), PRECEDENCE[right](A, B, C))


@pytest.mark.parametrize(
    "right", ["+x", "x +", "2x", "x y", "(x)(y)", "x^", "*x", "x//2", "x^^2", "x**-", "()", "x,2"]
)
def test_what_is_no_expression(right: str) -> None:
    assert refusal(f"y = {right}") == "IC104"


@pytest.mark.parametrize(
    ("text", "expected"),
    table(
        ("y = 0.1*x", "y = 1/10*x"),
        ("y = 0.1 + 0.2", "y = 3/10"),
        ("y = 1e-5*x", "y = 1/100000*x"),
        ("y = 2.5E+1*x", "y = 25*x"),
        ("y = .5*x", "y = 1/2*x"),
        ("y = 2.*x", "y = 2*x"),
        ("y = 1/3*x", "y = 1/3*x"),
        ("y = 12345678901234567890123*x", "y = 12345678901234567890123*x"),
        ("y = pi*x", "y = pi*x"),
        ("y = π*x", "y = pi*x"),
        ("y = 2^-2*x", "y = 1/4*x"),
        ("y = sqrt(4)*x", "y = 2*x"),
        ("y = sqrt(2)*x", "y = sqrt(2)*x"),
    ),
)
def test_numbers_are_exact(text: str, expected: str) -> None:
    assert reading(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    table(
        ("y = 1e10001*x", "IC107"),
        ("y = 1e99999999999*x", "IC107"),
        ("y = 1e-99999999999*x", "IC107"),
        ("y = 10^10001*x", "IC107"),
        ("y = 2^(10^9)*x", "IC107"),
        ("y = 1e6000*1e6000*x", "IC107"),
        ("y = 9^9^9*x", "IC107"),
        ("f(x, s=10^10001) -> y; y = x", "IC107"),
        ("y = 1/0*x", "IC109"),
        ("y = 0^-1*x", "IC109"),
        ("y = log(0)*x", "IC109"),
        ("y = sqrt(-1)*x", "IC109"),
        ("y = (-8)^(1/3)*x", "IC109"),
        ("y = asin(2)*x", "IC109"),
    ),
)
def test_constants_are_refused(text: str, code: str) -> None:
    assert refusal(text) == code


@pytest.mark.parametrize("text", ["y = 1e9999*x", "y = 10^9999*x", "y = 5e9998*2*x"])
def test_10_000_digits_are_read(text: str) -> None:
    assert inputs(read(text)) == ["x"]


def _erf(x: Array) -> Array:
    """By its Taylor series, which is exact enough on [-2, 2]."""
    term, total = x.copy(), x.copy()
    for n in range(1, 60):
        term = -term * x * x / n
        total += term / (2 * n + 1)
    return np.asarray(2 / np.sqrt(np.pi) * total, dtype=float)


FUNCTIONS: dict[str, Callable[[Array], Any]] = {
    "exp": np.exp,
    "log": lambda x: np.log(x),
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "erf": _erf,
    "relu": lambda x: np.where(x > 0, x, 0.0),
    "abs": lambda x: np.where(x > 0, x, -x),
    "sign": lambda x: np.where(x > 0, 1.0, -1.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function(name: str) -> None:
    x = array(2, 3)
    if name in ("log", "sqrt"):
        x = positive(2, 3)
    if name in ("asin", "acos"):
        x = x / 2.5
    assert_same(value(f"y[i,j] = {name}(x[i,j])", x=x), FUNCTIONS[name](x))


BINDERS: dict[str, Callable[[Array], Any]] = {
    "sum": lambda x: x.sum(axis=1),
    "mean": lambda x: x.mean(axis=1),
    "prod": lambda x: x.prod(axis=1),
    "max": lambda x: x.max(axis=1),
    "min": lambda x: x.min(axis=1),
}


@pytest.mark.parametrize("name", BINDERS)
def test_every_binder(name: str) -> None:
    x = array(3, 4)
    assert_same(value(f"y[i] = {name}[k](x[i,k])", x=x), BINDERS[name](x))
    flat = value(f"y = {name}[i,k](x[i,k])", x=x)
    assert_same(flat, BINDERS[name](x.reshape(1, -1))[0])


@pytest.mark.parametrize("name", BINDERS)
def test_a_binder_is_followed_by_a_round_bracket_and_may_else_be_a_tensor(name: str) -> None:
    assert reading(f"y[b] = {name}[b]*x[b]") == f"y[b] = {name}[b]*x[b]"
    text = f"y[b] = {name}[b] + {name}[k](x[b,k])"
    x, given = array(3, 4), array(3)
    assert_same(value(text, x=x, **{name: given}), given + BINDERS[name](x))


def test_ones_deltas_and_scalars() -> None:
    x, s = array(3), 1.5
    assert_same(value("y[i,j] = 1[j]*x[i]", x=x, J=2), np.repeat(x[:, None], 2, axis=1))
    assert_same(value("y[i,j] = 1[i,j]*eps", eps=s, I=2, J=3), np.full((2, 3), s))
    assert_same(value("y[i,j] = delta[i,j]*x[j]", x=x), np.diag(x))
    assert_same(value("y[i] = delta[i,j]*x[j]", x=x), x)
    assert_same(value("y = eps", eps=s), s)
