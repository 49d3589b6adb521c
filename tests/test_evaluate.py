"""The reference meaning of each node against NumPy written by hand, on unequal sizes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sympy import Integer, Rational, Symbol, pi

import indexcalc as ic
from indexcalc.expr.base import Index, Node, constant_symbol, free_of, size_symbol
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import Access, Add, Apply, D, Delta, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.printing import spell
from indexcalc.expr.world import Array, World, number

SIZES = {"b": 2, "h": 3, "i": 4, "j": 5, "k": 6, "n": 3}
B, H, IX, J, K = (Index(name) for name in "bhijk")
# Two letters over one axis size.
P, Q, R = (Index(name, size_symbol("N")) for name in "pqr")
EPS = constant_symbol("eps")

rng = np.random.default_rng(11)
ORDERS = {"s": "", "x": "i", "z": "i", "y": "j", "a": "ik", "w": "k", "m": "nn", "t": "nin"}
ORDERS |= {"v": "n", "u": "n"}
ARRAYS: dict[str, Array] = {
    name: np.asarray(rng.uniform(0.5, 1.5, [SIZES[letter] for letter in letters]))
    for name, letters in ORDERS.items()
}
NUMBERS = {size_symbol(letter.upper()): size for letter, size in SIZES.items()} | {EPS: 0.25}
WORLD = World(ARRAYS, NUMBERS, {"f": lambda x: np.sin(x) * x, "g": np.arctan2})

S, X, Z, Y = Access("s"), Access("x", IX), Access("z", IX), Access("y", J)
A, W, M = Access("a", IX, K), Access("w", K), Access("m", P, Q)
V, U = Access("v", P), Access("u", P)
s, x, z, y, a, w, m, t = (ARRAYS[name] for name in ("s", "x", "z", "y", "a", "w", "m", "t"))
v, u = ARRAYS["v"], ARRAYS["u"]


# Every kind of node; the axes of a value are its free indices in order of name.

VALUES: list[tuple[Node, Any]] = [
    (S, s),
    (X, x),
    (A, a),
    (Access("m", Q, P), m.T),
    (Access("m", P, P), np.diagonal(m)),
    (Access("t", Q, IX, P), t.transpose(1, 2, 0)),
    (Access("t", P, IX, P), np.array([[t[n, i, n] for n in range(3)] for i in range(4)])),
    (One(IX), np.ones(4)),
    (One(K, IX), np.ones((4, 6))),
    (One(P, P), np.ones(3)),
    (Delta(P, Q), np.eye(3)),
    (Delta(Q, P), np.eye(3)),
    (Delta(P, P), np.ones(3)),
    (Add(X, Z), x + z),
    (Add(X, Z, X), x + z + x),
    (Add(A, Mul(W, X)), a + np.outer(x, w)),
    (Add(Access("m", P, Q), Access("m", Q, P)), m + m.T),
    (Add(S, EPS), s + 0.25),
    (Mul(X, Y), np.outer(x, y)),
    (Mul(Y, X), np.outer(x, y)),
    (Mul(W, A, X), a * np.outer(x, w)),
    (Mul(Rational(1, 3), X), x / 3),
    (Mul(1 / size_symbol("H"), X), x / 3),
    (Mul(EPS + 1, X), 1.25 * x),
    (Mul(S, pi), s * math.pi),
    (Pow(X, Integer(-1)), 1 / x),
    (Pow(X, Rational(1, 2)), np.sqrt(x)),
    (Pow(Y, X), np.array([[y[j] ** x[i] for j in range(5)] for i in range(4)])),
    (Pow(Integer(2), X), 2**x),
    (Pow(Mul(-1, X), Integer(3)), -(x**3)),
    (Apply("exp", A), np.exp(a)),
    (Apply("f", X), np.sin(x) * x),
    (Apply("g", Y, X), np.array([[math.atan2(y[j], x[i]) for j in range(5)] for i in range(4)])),
    (Sum(A, K), a.sum(1)),
    (Sum(A, IX, K), a.sum()),
    (Sum(A, K, IX), a.sum()),
    (Sum(Mul(A, W), K), a @ w),
    (Sum(Access("m", P, P), P), np.trace(m)),
    (Sum(One(K), K), 6.0),
    (Sum(Delta(P, Q), P, Q), 3.0),
    (Mul(X, Sum(X, IX)), x * x.sum()),
    (Sum(Mul(X, Sum(Mul(X, X), IX)), IX), x.sum() * (x @ x)),
    (Reduce("prod", A, K), a.prod(1)),
    (Reduce("max", A, IX), a.max(0)),
    (Reduce("min", A, IX, K), a.min()),
    (Reduce("max", Mul(X, Access("a", IX, K), W), K), (x[:, None] * a * w).max(1)),
]


@pytest.mark.parametrize(
    ("node", "expected"), VALUES, ids=[spell(node, "text", "sum") for node, _ in VALUES]
)
def test_the_value_of_a_node(node: Node, expected: Any) -> None:
    value = evaluate(node, WORLD)
    assert value.dtype == np.float64
    assert value.ndim == len(free_of(node))
    np.testing.assert_allclose(value, expected, rtol=1e-14)
    assert value.shape == np.shape(expected)


def softplus(value: float) -> float:
    return max(value, 0.0) + math.log1p(math.exp(-abs(value)))


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0


INSIDE = [-0.9, -0.3, 0.0, 0.4, 0.99]
WIDE = [-30.0, -2.5, -0.1, 0.0, 0.7, 3.0, 25.0]
POSITIVE = [1e-8, 0.3, 1.0, 7.5, 1e6]
POINTWISE: dict[str, tuple[Callable[[float], float], list[float]]] = {
    "exp": (math.exp, WIDE),
    "log": (math.log, POSITIVE),
    "sqrt": (math.sqrt, [0.0, *POSITIVE]),
    "sin": (math.sin, WIDE),
    "cos": (math.cos, WIDE),
    "tan": (math.tan, WIDE),
    "asin": (math.asin, INSIDE),
    "acos": (math.acos, INSIDE),
    "atan": (math.atan, WIDE),
    "sinh": (math.sinh, WIDE),
    "cosh": (math.cosh, WIDE),
    "tanh": (math.tanh, WIDE),
    "sigmoid": (sigmoid, [*WIDE, -20.0, 800.0]),
    "softplus": (softplus, [*WIDE, -800.0, 800.0]),
    "erf": (math.erf, WIDE),
    "relu": (lambda value: max(value, 0.0), WIDE),
    "abs": (abs, WIDE),
    "sign": (lambda value: float((value > 0) - (value < 0)), WIDE),
}


def test_every_function_has_a_row() -> None:
    assert list(POINTWISE) == list(FUNCTIONS)


@pytest.mark.parametrize("name", POINTWISE)
def test_a_function_against_math(name: str) -> None:
    reference, points = POINTWISE[name]
    value = ic.evaluate(f"y[i] = {name}(x[i])", x=points)["y"]
    expected = [reference(point) for point in points]
    np.testing.assert_allclose(value, expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", POINTWISE)
def test_a_function_means_the_same_to_sympy(name: str) -> None:
    symbol = Symbol("x", real=True)
    meaning = FUNCTIONS[name].meaning(symbol)
    points = [0.25, 0.5, 0.75]
    expected = [float(meaning.subs(symbol, Rational(point)).evalf(25)) for point in points]
    value = ic.evaluate(f"y[i] = {name}(x[i])", x=points)["y"]
    np.testing.assert_allclose(value, expected, rtol=1e-14)


@pytest.mark.parametrize(
    "call", ["sqrt(x)", "log(x)", "asin(2*x)", "x^(1/2)"], ids=["sqrt", "log", "asin", "power"]
)
def test_outside_the_domain_is_not_a_number(call: str) -> None:
    with np.errstate(all="raise"):
        assert math.isnan(ic.evaluate(f"y = {call}", x=-1.0)["y"])


def test_division_by_zero_is_infinite_and_silent() -> None:
    with np.errstate(all="raise"):
        assert ic.evaluate("y[i] = 1/x[i]", x=[0.0, 2.0])["y"].tolist() == [math.inf, 0.5]


# Derivatives

eye = np.eye
XJ = Access("x", Index("j", IX.size))
MR = Access("m", R, Index("s", R.size))
DERIVATIVES: dict[str, tuple[Node, Any]] = {
    "itself": (D(X, XJ), eye(4)),
    "other": (D(Z, XJ), np.zeros((4, 4))),
    "same-letter": (D(Apply("exp", X), X), np.exp(x)),
    "exp": (D(Apply("exp", X), XJ), np.diag(np.exp(x))),
    "product": (D(Mul(X, Y), Access("y", Index("k", J.size))), np.einsum("i,jk->ijk", x, eye(5))),
    "matrix-vector": (D(Sum(Mul(A, W), K), Access("w", Index("l", K.size))), a),
    "square-norm": (D(Sum(Mul(X, X), IX), XJ), 2 * x),
    "trace": (D(Sum(Access("m", P, P), P), MR), eye(3)),
    "diagonal": (
        D(Access("m", P, P), MR),
        np.einsum("pr,ps->prs", eye(3), eye(3)),
    ),
    "diagonal-variable": (D(M, Access("m", R, R)), np.einsum("pr,qr->pqr", eye(3), eye(3))),
    "variable-over-free": (D(V, Access("v", P)), np.ones(3)),
    "quadratic": (
        D(Sum(Mul(V, M, Access("v", Q)), P, Q), Access("v", R)),
        (m + m.T) @ v,
    ),
    "quotient": (
        D(Mul(X, Pow(Sum(Mul(X, X), IX), Rational(-1, 2))), XJ),
        (eye(4) - np.outer(x, x) / (x @ x)) / math.sqrt(x @ x),
    ),
    "power": (D(Pow(S, Integer(3)), Access("s")), 3 * s**2),
    "sum-of-derivatives": (
        Sum(Mul(Access("u", P), D(Pow(V, Integer(2)), Access("v", R))), P),
        2 * u * v,
    ),
    "second": (D(D(Sum(Pow(V, Integer(3)), P), Access("v", Q)), Access("v", R)), np.diag(6 * v)),
}


@pytest.mark.parametrize(("node", "expected"), DERIVATIVES.values(), ids=list(DERIVATIVES))
def test_a_derivative_against_the_analytic_one(node: Node, expected: Any) -> None:
    value = evaluate(node, WORLD)
    np.testing.assert_allclose(value, expected, rtol=1e-7, atol=1e-8)
    assert value.shape == np.shape(expected)


# Numbers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Integer(3), 3.0),
        (Rational(1, 3), 1 / 3),
        (Integer(10) ** 400, math.inf),
        (-(Integer(10) ** 400), -math.inf),
        (pi, math.pi),
        (1 / (size_symbol("H") - 3), math.nan),
        (size_symbol("H") ** 2, 9.0),
        (1 / size_symbol("H"), 1 / 3),
        (EPS * 2, 0.5),
        (Integer(2**60 + 1), float(2**60 + 1)),
    ],
    ids=str,
)
def test_a_scalar_in_float64(value: Any, expected: float) -> None:
    np.testing.assert_equal(number(value, NUMBERS), expected)
