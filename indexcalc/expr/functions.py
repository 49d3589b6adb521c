"""Pointwise functions, one record each: value in NumPy, meaning in SymPy, derivative as a tree.

To add a function, add a record. Names in `ABSTRACT`, and those a program declares, stand for any
smooth function and have no record; the derivative of f is written f'.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Basic, Expr, Integer, Rational

from indexcalc.expr.base import MINUS_ONE, ONE, free_of
from indexcalc.expr.nodes import Add, Apply, Mul, One, Pow

ABSTRACT = ("f", "g", "h")
REDUCTIONS = ("sum", "mean", "prod", "max", "min")
PRIME = "'"


@dataclass(frozen=True, slots=True)
class Function:
    """A pointwise function of one argument.

    `value` is handed the module numpy, which reading a program has no need to import; `slope` makes
    the derivative at an argument. `edge` is how far inside its domain an argument is and from where
    the slope jumps or has no value; nothing where the function is smooth everywhere.
    """

    name: str
    value: Callable[[Any, Any], Any]
    meaning: Callable[[Any], Any]
    slope: Callable[[Basic], Basic]
    edge: Callable[[Any, Any], Any] | None = None


def derivative(name: str, arguments: tuple[Basic, ...], place: int) -> Basic:
    """The partial derivative of a function by one of its arguments, at the arguments."""
    if name in FUNCTIONS:
        return FUNCTIONS[name].slope(arguments[0])
    # f' for one argument; f'2 is the slope along the second of several.
    which = "" if len(arguments) == 1 else str(place + 1)
    return Apply(f"{name}{PRIME}{which}", *arguments)


def _erf(np: Any, x: Any) -> Any:
    return np.vectorize(math.erf, otypes=[float])(x)


def _positive(_: Any, x: Any) -> Any:
    return x


def _not_0(np: Any, x: Any) -> Any:
    return np.abs(x)


def _within_1(np: Any, x: Any) -> Any:
    return 1.0 - np.abs(x)


def _sigmoid(np: Any, x: Any) -> Any:
    """Through exp(-|x|), which does not overflow, and keeps all digits of small values."""
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1.0) / (1.0 + e)


def _to(function: str) -> Callable[[Basic], Basic]:
    return lambda u: Apply(function, u)


def _plus(number: int, term: Basic) -> Basic:
    """number + term, the number broadcast to the term's indices."""
    free = sorted(free_of(term), key=lambda index: index.name)
    if not free and isinstance(term, Expr):
        return number + term
    constant: Basic = Integer(number)
    if free:
        constant = One(*free) if number == 1 else Mul(constant, One(*free))
    return Add(constant, term)


def _square(term: Basic) -> Basic:
    return Pow(term, 2)


def _minus(term: Basic) -> Basic:
    return Mul(MINUS_ONE, term)


def _over_root(sign: Expr, u: Basic) -> Basic:
    """sign / sqrt(1 - u^2)"""
    root = Pow(Apply("sqrt", _plus(1, _minus(_square(u)))), MINUS_ONE)
    return root if sign == 1 else Mul(sign, root)


def _erf_slope(u: Basic) -> Basic:
    return Mul(2 / sympy.sqrt(sympy.pi), Apply("exp", _minus(_square(u))))


def _sigmoid_slope(u: Basic) -> Basic:
    s = Apply("sigmoid", u)
    return Mul(s, _plus(1, _minus(s)))


_RECORDS = (
    Function("exp", lambda np, x: np.exp(x), sympy.exp, _to("exp")),
    Function("log", lambda np, x: np.log(x), sympy.log, lambda u: Pow(u, MINUS_ONE), _positive),
    Function(
        "sqrt",
        lambda np, x: np.sqrt(x),
        sympy.sqrt,
        lambda u: Mul(Rational(1, 2), Pow(Apply("sqrt", u), MINUS_ONE)),
        _positive,
    ),
    Function("sin", lambda np, x: np.sin(x), sympy.sin, _to("cos")),
    Function("cos", lambda np, x: np.cos(x), sympy.cos, lambda u: _minus(Apply("sin", u))),
    Function(
        "tan",
        lambda np, x: np.tan(x),
        sympy.tan,
        lambda u: _plus(1, _square(Apply("tan", u))),
        lambda np, x: np.abs(np.cos(x)),
    ),
    Function(
        "asin", lambda np, x: np.arcsin(x), sympy.asin, lambda u: _over_root(ONE, u), _within_1
    ),
    Function(
        "acos",
        lambda np, x: np.arccos(x),
        sympy.acos,
        lambda u: _over_root(MINUS_ONE, u),
        _within_1,
    ),
    Function(
        "atan",
        lambda np, x: np.arctan(x),
        sympy.atan,
        lambda u: Pow(_plus(1, _square(u)), MINUS_ONE),
    ),
    Function("sinh", lambda np, x: np.sinh(x), sympy.sinh, _to("cosh")),
    Function("cosh", lambda np, x: np.cosh(x), sympy.cosh, _to("sinh")),
    Function(
        "tanh",
        lambda np, x: np.tanh(x),
        sympy.tanh,
        lambda u: _plus(1, _minus(_square(Apply("tanh", u)))),
    ),
    Function(
        "sigmoid",
        _sigmoid,
        lambda x: 1 / (1 + sympy.exp(-x)),
        _sigmoid_slope,
    ),
    Function(
        "softplus",
        lambda np, x: np.logaddexp(0.0, x),
        lambda x: sympy.log(1 + sympy.exp(x)),
        _to("sigmoid"),
    ),
    Function("erf", _erf, sympy.erf, _erf_slope),
    # 1 where u is positive and 0 elsewhere, at 0 too, as libraries have it.
    Function(
        "relu",
        lambda np, x: np.maximum(x, 0.0),
        lambda x: sympy.Max(0, x),
        lambda u: Apply("sign", Apply("relu", u)),
        _not_0,
    ),
    Function("abs", lambda np, x: np.abs(x), sympy.Abs, _to("sign"), _not_0),
    Function("sign", lambda np, x: np.sign(x), sympy.sign, lambda u: Integer(0), _not_0),
)
FUNCTIONS = {record.name: record for record in _RECORDS}
Apply.unary = frozenset(FUNCTIONS)
