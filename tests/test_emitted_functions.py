"""Functions that modules bring along or spell: sigmoid, softplus, erf, and all others by NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from indexcalc.codegen.arrays import functions
from indexcalc.codegen.compiled import Kernel, compiled
from indexcalc.codegen.targets.numpy import module
from indexcalc.expr.functions import FUNCTIONS
from tests.modules import STYLES
from tests.plans import written

Function = Callable[..., Any]
PRECISE: dict[str, Callable[[Any], Any]] = {
    "_sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "_softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "_erf": mpmath.erf,
}


def helper(name: str) -> Function:
    scope: dict[str, Any] = {"np": np, "math": math}
    exec(functions.HELPERS[name], scope)
    function: Function = scope[name]
    return function


def points(dtype: Any) -> Any:
    random = np.random.default_rng(0)
    edges = [0.0, 0.46874, 0.46875, 0.46876, 4.0, 5.9, 6.0, 30.0, 1e-30, 700.0]
    drawn = [random.normal(size=400), random.uniform(-1e-3, 1e-3, 50), random.normal(size=100) * 20]
    values = np.concatenate([*drawn, edges, np.negative(edges)]).astype(dtype)
    return values[np.isfinite(values)]


@pytest.mark.parametrize(
    ("name", "dtype", "most"),
    [
        ("_sigmoid", np.float64, 4),
        ("_sigmoid", np.float32, 4),
        ("_softplus", np.float64, 4),
        ("_softplus", np.float32, 4),
        ("_erf", np.float64, 4),
        ("_erf", np.float32, 1),
    ],
)
def test_functions_are_within_a_few_units_of_the_last_place(
    name: str, dtype: Any, most: int
) -> None:
    x = points(dtype)
    with mpmath.workdps(40):
        exact = np.array([float(PRECISE[name](mpmath.mpf(float(value)))) for value in x])
    with np.errstate(all="raise", under="ignore"):
        found = helper(name)(x)
    assert found.dtype == dtype
    ordinary = np.abs(exact) > np.finfo(dtype).tiny
    off = np.abs(found.astype(float) - exact) / np.spacing(np.abs(exact).astype(dtype))
    assert off[ordinary].max() <= most


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    ("name", "low", "high"), [("_sigmoid", 0, 1), ("_softplus", 0, 1000), ("_erf", -1, 1)]
)
def test_nothing_overflows_at_a_thousand(name: str, low: float, high: float, dtype: Any) -> None:
    with np.errstate(all="raise", under="ignore"):
        found = helper(name)(np.array([-1000, 1000], dtype))
    np.testing.assert_array_equal(found, np.array([low, high], dtype))


@pytest.mark.parametrize("name", list(PRECISE))
def test_functions_write_over_their_argument(name: str) -> None:
    x = points(np.float64)
    expected = helper(name)(x)
    place = x.copy()
    assert helper(name)(place, out=place) is place
    np.testing.assert_array_equal(place, expected)
    single = helper(name)(x[0])
    assert isinstance(single, np.float64)
    assert single == expected[0]


@pytest.mark.parametrize("name", list(PRECISE))
def test_functions_of_a_whole_number_are_doubles(name: str) -> None:
    found = helper(name)(1)
    assert found.dtype == np.float64
    assert abs(found - float(PRECISE[name](mpmath.mpf(1)))) < 1e-15


@pytest.mark.parametrize("name", list(PRECISE))
def test_what_has_no_value_stays_so(name: str) -> None:
    found = helper(name)(np.array([np.nan, np.inf, -np.inf, -0.0]))
    assert np.isnan(found[0])
    limits = {"_sigmoid": (1, 0, 0.5), "_softplus": (np.inf, 0, np.log(2)), "_erf": (1, -1, 0)}
    np.testing.assert_allclose(found[1:], limits[name])


# Every function of the language, and powers, in both styles.

DOMAINS = {"log": (0.5, 2), "sqrt": (0.5, 2), "asin": (-0.9, 0.9), "acos": (-0.9, 0.9)}


def calling(value: str, slope: str) -> tuple[Kernel, Kernel]:
    plan = written(
        "called(x[i,j], w[i]) -> y",
        [f"y[i,j] = {value}"],
        [f"dl_dx[i,j] = dl_dy[i,j]*({slope})"],
        ["x", "w"],
        {"y": "dl_dy"},
        {"x": "dl_dx"},
    )
    fast, plain = (compiled(module(plan, plain=style), "called") for style in STYLES)
    return fast, plain


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_every_function_is_spelled(name: str, dtype: Any) -> None:
    random = np.random.default_rng(0)
    x = random.uniform(*DOMAINS.get(name, (-2, 2)), (4, 5)).astype(dtype)
    w = random.uniform(1, 2, 4).astype(dtype)
    expected = FUNCTIONS[name].value(np, x.astype(float))
    for kernel in calling(f"{name}(x[i,j])", f"{name}(x[i,j])"):
        y, saved = kernel.forward(x, w)
        assert y.dtype == dtype
        np.testing.assert_allclose(y, expected, rtol=8 * np.finfo(dtype).eps)
        (gradient,) = kernel.backward(y, saved)
        assert gradient.dtype == dtype
        np.testing.assert_allclose(gradient, y * y, rtol=1e-6)


POWERS: dict[str, Callable[[Any, Any], Any]] = {
    "x[i,j]^2": lambda x, w: x**2,
    "x[i,j]^3": lambda x, w: x**3,
    "x[i,j]^4": lambda x, w: x**4,
    "x[i,j]^7": lambda x, w: x**7,
    "x[i,j]^(1/2)": lambda x, w: x**0.5,
    "x[i,j]^(3/2)": lambda x, w: x**1.5,
    "x[i,j]^(1/3)": lambda x, w: x ** (1 / 3),
    "1/x[i,j]": lambda x, w: 1 / x,
    "1/x[i,j]^2": lambda x, w: 1 / x**2,
    "2/sqrt(x[i,j])": lambda x, w: 2 / x**0.5,
    "x[i,j]^x[i,j]": lambda x, w: x**x,
    "2^x[i,j]": lambda x, w: 2**x,
    "w[i]^2/x[i,j]": lambda x, w: w[:, None] ** 2 / x,
    "w[i]^3*x[i,j]/w[i]": lambda x, w: w[:, None] ** 2 * x,
    "-x[i,j]*w[i]/3": lambda x, w: -x * w[:, None] / 3,
    "1[i,j] - x[i,j]": lambda x, w: 1 - x,
    "1[j]*w[i] - 2*x[i,j] - x[i,j]^2": lambda x, w: w[:, None] - 2 * x - x**2,
    "-x[i,j] + 1[j]*w[i]": lambda x, w: w[:, None] - x,
    "-x[i,j] - 1[j]*w[i]": lambda x, w: -x - w[:, None],
    "(x[i,j] + 1[j]*w[i])*(x[i,j] - 1[j]*w[i])": lambda x, w: x**2 - w[:, None] ** 2,
    "exp(x[i,j])*x[i,j] + exp(x[i,j])": lambda x, w: np.exp(x) * (x + 1),
    "(x[i,j] + 1[j]*w[i])/(x[i,j]*w[i])": lambda x, w: (x + w[:, None]) / (x * w[:, None]),
    "1[j]*exp(-w[i])": lambda x, w: np.exp(-w)[:, None] + 0 * x,
    "1/(1 + exp(-x[i,j]))": lambda x, w: 1 / (1 + np.exp(-x)),
    "1[i,j]/3": lambda x, w: np.full(x.shape, 1 / 3),
    "pi*x[i,j] + sqrt(2)": lambda x, w: np.pi * x + np.sqrt(2),
    "x[i,j]/I + x[i,j]/(J - 1)": lambda x, w: x / 4 + x / 4,
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", list(POWERS))
def test_expressions_in_both_styles(value: str, dtype: Any) -> None:
    random = np.random.default_rng(0)
    x, w = (random.uniform(0.5, 2, shape) for shape in ((4, 5), (4,)))
    expected = POWERS[value](x, w)
    given = x.astype(dtype), w.astype(dtype)
    for kernel in calling(value, "2"):
        y, _ = kernel.forward(*given)
        assert y.dtype == dtype
        np.testing.assert_allclose(y, expected, rtol=20 * np.finfo(dtype).eps)
        for array, was in zip(given, (x, w), strict=True):
            np.testing.assert_array_equal(array, was.astype(dtype))


# What arithmetic on sizes comes to where J is 1, and Python would raise.
AT_THE_EDGE = {
    "x[i,j] + 1/(J - 1)": np.inf,
    "x[i,j]*log(J - 1)": -np.inf,
    "x[i,j]*sqrt(J - 2)": np.nan,
    "x[i,j]*(J - 2)^(1/3)": np.nan,
    "x[i,j]*acos(2*J)": np.nan,
    "x[i,j]*exp(1000*J)": np.inf,
    "x[i,j]*2^(2000*J)": np.inf,
    "x[i,j]*sign(J - 1)": 0.0,
    "x[i,j]*cos(1/(J - 1))": np.nan,
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", list(AT_THE_EDGE))
def test_arithmetic_on_sizes_is_that_of_arrays(value: str, dtype: Any) -> None:
    for kernel in calling(value, "2"):
        with np.errstate(all="ignore"):
            y, _ = kernel.forward(np.ones((2, 1), dtype), np.ones(2, dtype))
        assert y.dtype == dtype
        np.testing.assert_array_equal(y, np.full((2, 1), AT_THE_EDGE[value]))
