"""Pointwise functions, one record each: the value in NumPy and the meaning in SymPy.

To add a function, add a record. Names in `ABSTRACT`, and those a program declares, stand for any
smooth function and have no record.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy

ABSTRACT = ("f", "g", "h")
REDUCTIONS = ("sum", "mean", "prod", "max", "min")


@dataclass(frozen=True, slots=True)
class Function:
    """A pointwise function of one argument.

    `value` is handed the module numpy, which reading a program has no need to import.
    """

    name: str
    value: Callable[[Any, Any], Any]
    meaning: Callable[[Any], Any]


def _erf(np: Any, x: Any) -> Any:
    return np.vectorize(math.erf, otypes=[float])(x)


_RECORDS = (
    Function("exp", lambda np, x: np.exp(x), sympy.exp),
    Function("log", lambda np, x: np.log(x), sympy.log),
    Function("sqrt", lambda np, x: np.sqrt(x), sympy.sqrt),
    Function("sin", lambda np, x: np.sin(x), sympy.sin),
    Function("cos", lambda np, x: np.cos(x), sympy.cos),
    Function("tan", lambda np, x: np.tan(x), sympy.tan),
    Function("asin", lambda np, x: np.arcsin(x), sympy.asin),
    Function("acos", lambda np, x: np.arccos(x), sympy.acos),
    Function("atan", lambda np, x: np.arctan(x), sympy.atan),
    Function("sinh", lambda np, x: np.sinh(x), sympy.sinh),
    Function("cosh", lambda np, x: np.cosh(x), sympy.cosh),
    Function("tanh", lambda np, x: np.tanh(x), sympy.tanh),
    # Through tanh, so that a large negative argument does not overflow.
    Function(
        "sigmoid", lambda np, x: 0.5 + 0.5 * np.tanh(0.5 * x), lambda x: 1 / (1 + sympy.exp(-x))
    ),
    Function("softplus", lambda np, x: np.logaddexp(0.0, x), lambda x: sympy.log(1 + sympy.exp(x))),
    Function("erf", _erf, sympy.erf),
    Function("relu", lambda np, x: np.maximum(x, 0.0), lambda x: sympy.Max(0, x)),
    Function("abs", lambda np, x: np.abs(x), sympy.Abs),
    Function("sign", lambda np, x: np.sign(x), sympy.sign),
)
FUNCTIONS = {record.name: record for record in _RECORDS}
