"""Pointwise functions, one record each: the value in NumPy and the meaning in SymPy.

To add a function, add a record. Names in `ABSTRACT`, and those a program declares, stand for any
smooth function and have no record.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

ABSTRACT = ("f", "g", "h")
REDUCTIONS = ("sum", "mean", "prod", "max", "min")


@dataclass(frozen=True, slots=True)
class Function:
    """A pointwise function of one argument."""

    name: str
    value: Callable[[Any], Any]
    meaning: Callable[[Any], Any]


def _sigmoid(x: Any) -> Any:
    # Through tanh, so that a large negative argument does not overflow.
    return 0.5 + 0.5 * np.tanh(0.5 * x)


_RECORDS = (
    Function("exp", np.exp, sympy.exp),
    Function("log", np.log, sympy.log),
    Function("sqrt", np.sqrt, sympy.sqrt),
    Function("sin", np.sin, sympy.sin),
    Function("cos", np.cos, sympy.cos),
    Function("tan", np.tan, sympy.tan),
    Function("asin", np.arcsin, sympy.asin),
    Function("acos", np.arccos, sympy.acos),
    Function("atan", np.arctan, sympy.atan),
    Function("sinh", np.sinh, sympy.sinh),
    Function("cosh", np.cosh, sympy.cosh),
    Function("tanh", np.tanh, sympy.tanh),
    Function("sigmoid", _sigmoid, lambda x: 1 / (1 + sympy.exp(-x))),
    Function("softplus", lambda x: np.logaddexp(0.0, x), lambda x: sympy.log(1 + sympy.exp(x))),
    Function("erf", np.vectorize(math.erf, otypes=[float]), sympy.erf),
    Function("relu", lambda x: np.maximum(x, 0.0), lambda x: sympy.Max(0, x)),
    Function("abs", np.abs, sympy.Abs),
    Function("sign", np.sign, sympy.sign),
)
FUNCTIONS = {record.name: record for record in _RECORDS}
