"""A program as operations of another array library, one to one, for that library to differentiate.

Every value of an equation has an axis for each of its letters, of length 1 where it does not depend
on it. So every operation is the library's own, with broadcasting, and nothing is shared with the
reference evaluator.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Basic, Expr, Symbol

from indexcalc.expr.base import Index, postorder
from indexcalc.expr.nodes import Access, Add, Apply, Binder, Delta, Mul, One, Pow
from indexcalc.expr.program import Equation

Arrays = Mapping[str, Any]
Functions = Mapping[str, Callable[..., Any]]
# More than enough for a double, whatever cancels in a constant.
DIGITS = 40


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a library spells operations: arrays from NumPy's in a precision, reductions along an axis
    that stays, functions; the module has `einsum` and `broadcast_to`."""

    module: Any
    array: Callable[[Any, str], Any]
    reductions: Functions
    functions: Functions


@dataclass(frozen=True, slots=True)
class Translation:
    """Equations as operations in a precision; `functions` are the abstract ones."""

    spelling: Spelling
    precision: str
    numbers: Mapping[Symbol, float]
    functions: Functions

    def run(self, equations: Iterable[Equation], given: Arrays, moves: Arrays) -> dict[str, Any]:
        """All arrays; defined names are moved by as much as `moves` says."""
        arrays = dict(given)
        for equation in equations:
            name = equation.left.name
            arrays[name] = _Statement(self, equation, arrays).value()
            if name in moves:
                arrays[name] = arrays[name] + moves[name]
        return arrays

    def array(self, values: Any) -> Any:
        return self.spelling.array(values, self.precision)

    def function(self, name: str) -> Callable[..., Any]:
        return self.functions[name] if name in self.functions else self.spelling.functions[name]

    def number(self, value: Expr) -> float:
        """A scalar as a double; nan where it has no real value."""
        result = value.evalf(DIGITS, subs=self.numbers)
        return float(result) if result.is_extended_real else float("nan")


def axes(equation: Equation) -> tuple[Index, ...]:
    """The left's indices in their order, then all others; the axes of the values on the way."""
    inside = (node for node in postorder(equation.right) if isinstance(node, Access | One | Delta))
    return tuple(
        dict.fromkeys((*equation.left.indices, *(i for node in inside for i in node.indices)))
    )


class _Statement:
    """One equation, where the names in it have arrays."""

    def __init__(self, translation: Translation, equation: Equation, arrays: Arrays) -> None:
        self.translation = translation
        self.equation = equation
        self.arrays = arrays
        self.letters = axes(equation)
        self.lengths = [int(translation.number(letter.size)) for letter in self.letters]

    def value(self) -> Any:
        values: dict[Basic, Any] = {}
        for node in postorder(self.equation.right):
            values[node] = self.operation(node, values)
        # The left's letters come first, and every other axis has length 1 by now.
        count = len(self.equation.left.indices)
        shape = self.lengths[:count]
        ended = [*shape, *[1] * (len(self.lengths) - count)]
        right = values[self.equation.right]
        return self.translation.spelling.module.broadcast_to(right, ended).reshape(shape)

    def operation(self, node: Basic, values: Mapping[Basic, Any]) -> Any:
        translation = self.translation
        match node:
            case Expr():
                return translation.array(translation.number(node))
            case Access():
                return self.component(self.arrays[node.name], node.indices)
            case One():
                ones = np.ones([self.length(index) for index in node.indices])
                return self.component(translation.array(ones), node.indices)
            case Delta():
                unit = np.eye(self.length(node.indices[0]))
                return self.component(translation.array(unit), node.indices)
            case Binder():
                result = values[node.body]
                for index in node.indices:
                    reduce = translation.spelling.reductions[node.kind]
                    result = reduce(result, self.letters.index(index))
                return result
            case Add():
                return sum(values[part] for part in node.parts)
            case Mul():
                return math.prod(values[part] for part in node.parts)
            case Pow():
                return values[node.base] ** values[node.exponent]
            case Apply():
                arguments = (values[part] for part in node.arguments)
                return translation.function(node.name)(*arguments)
        raise TypeError(f"no translation of {type(node).__name__}")

    def component(self, array: Any, indices: tuple[Index, ...]) -> Any:
        """Axes in the order of the letters; those of one letter run together."""
        places = [self.letters.index(index) for index in indices]
        kept = sorted(set(places))
        shape = [n if at in kept else 1 for at, n in enumerate(self.lengths)]
        return self.translation.spelling.module.einsum(array, places, kept).reshape(shape)

    def length(self, index: Index) -> int:
        return self.lengths[self.letters.index(index)]
