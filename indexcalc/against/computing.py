"""Values of formulas, each part of a formula once: for thousands that differ in one place.

A value has an axis for each letter that it depends on and for no other. Products are contracted
with what sums them, so that no value has the axes of a whole product.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any, TypeAlias

import numpy as np
import opt_einsum
from sympy import Basic, Expr, Symbol

from indexcalc.expr.base import Index, children
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import Access, Add, Apply, Binder, Delta, Mul, One, Pow, Sum
from indexcalc.expr.program import Equation
from indexcalc.expr.world import Array, number

# An array, and the letter of each of its axes.
Value: TypeAlias = tuple[Any, tuple[Index, ...]]
Functions: TypeAlias = Mapping[str, Callable[..., Any]]

# Up to so many steps, a product is contracted all at once.
AT_ONCE = 20_000
# How many ways to contract products are remembered.
MOST_PLANS = 4096
# As many entries are as much work as another operation.
MUCH = 10_000
REDUCTIONS: Functions = {"max": np.max, "min": np.min, "prod": np.prod, "sum": np.sum}


@dataclass(slots=True)
class Work:
    """How much was done, and how much is to be done at most: counted, not timed, so that the same
    input has the same output. A unit is an operation on a small array."""

    done: int = 0
    most: float = math.inf

    def add(self, units: int = 1) -> None:
        self.done += units

    @property
    def is_over(self) -> bool:
        return self.done > self.most

    def restart(self, most: float) -> None:
        self.done, self.most = 0, most


class Values:
    """What formulas are where tensors have these arrays."""

    def __init__(
        self,
        arrays: Mapping[str, Array],
        numbers: Mapping[Symbol, float],
        functions: Functions,
        work: Work | None = None,
    ) -> None:
        self.arrays = dict(arrays)
        self.numbers = numbers
        self.functions = functions
        self.work = work or Work()
        self._known: dict[Basic, Value] = {}
        self._scalars: dict[Expr, float] = {}

    def besides(self, arrays: Mapping[str, Array]) -> Values:
        """The same with other arrays for some tensors, and more."""
        other = Values({**self.arrays, **arrays}, self.numbers, self.functions, self.work)
        other._scalars = self._scalars
        return other

    def run(self, equations: Iterable[Equation]) -> None:
        """Take in what equations define, each before anything with its name was asked for."""
        for equation in equations:
            self.arrays[equation.left.name] = self.of(equation)

    def of(self, equation: Equation) -> Array:
        """The right side, over the letters of the left."""
        return self.array(equation.right, equation.left.indices)

    def array(self, expr: Basic, letters: tuple[Index, ...]) -> Array:
        """An expression over these letters, which are all that it depends on."""
        with np.errstate(all="ignore"):
            array, own = self.value(expr)
        shape = tuple(map(self.length, letters))
        found = np.broadcast_to(_along(array, own, letters), shape)
        return np.array(found, np.float64)

    def length(self, index: Index) -> int:
        return int(self.number(index.size))

    def number(self, value: Expr) -> float:
        """A scalar as a double; nan where it has no real value."""
        known = self._scalars.get(value)
        if known is None:
            known = self._scalars[value] = number(value, self.numbers)
        return known

    # Nodes

    def value(self, expr: Basic) -> Value:
        """Parts first, without recursion; what was met before is known."""
        known = self._known
        stack = [expr]
        while stack:
            node = stack[-1]
            if node in known:
                stack.pop()
                continue
            waiting = [part for part in self.needed(node) if part not in known]
            if waiting:
                stack += waiting
            else:
                known[node] = self.computed(node)
                self.work.add(1 + int(np.size(known[node][0])) // MUCH)
                stack.pop()
        return known[expr]

    def needed(self, node: Basic) -> tuple[Basic, ...]:
        """The parts whose values a value is made of: of a summed product, its factors."""
        if isinstance(node, Sum) and isinstance(node.body, Mul):
            return node.body.parts
        return children(node)

    def computed(self, node: Basic) -> Value:
        match node:
            case Expr():
                return np.float64(self.number(node)), ()
            case One():
                return np.float64(1), ()
            case Access():
                array, letters = self.arrays[node.name], node.indices
                if len(node.free) == len(letters):
                    return array, letters
                return self.contracted([(array, letters)], node.free)
            case Delta():
                unit = np.eye(self.length(node.indices[0]))
                return self.contracted([(unit, node.indices)], node.free)
            case Sum():
                return self.summed(node)
            case Binder():
                return self.reduced(node)
            case Add():
                return self.together(lambda parts: reduce(np.add, parts), node.parts)
            case Mul():
                return self.together(lambda parts: reduce(np.multiply, parts), node.parts)
            case Pow():
                return self.together(lambda parts: _power(*parts), node.parts)
            case Apply():
                function = self.functions.get(node.name) or _function(node.name)
                return self.together(lambda parts: function(*parts), node.parts)
        raise TypeError(f"no value of {type(node).__name__}")

    def together(self, operation: Callable[[list[Any]], Any], parts: Iterable[Basic]) -> Value:
        """An operation entry by entry."""
        values = [self._known[part] for part in parts]
        letters = tuple(dict.fromkeys(letter for _, own in values for letter in own))
        return operation([_along(array, own, letters) for array, own in values]), letters

    def summed(self, node: Sum) -> Value:
        factors = [self._known[part] for part in self.needed(node)]
        present = {letter for _, own in factors for letter in own}
        missing = [index for index in node.indices if index not in present]
        if missing:
            times = math.prod(map(self.length, missing))
            factors.append((np.float64(times), ()))
        return self.contracted(factors, present.difference(node.indices))

    def contracted(self, factors: list[Value], kept: Iterable[Index]) -> Value:
        """The product, summed over all letters but these."""
        letters = list(dict.fromkeys(letter for _, own in factors for letter in own))
        wanted = set(kept)
        left = tuple(letter for letter in letters if letter in wanted)
        number = reduce(np.multiply, [array for array, own in factors if not own], 1)
        arrays = [(array, own) for array, own in factors if own]
        if not arrays:
            return np.float64(number), ()
        if len(arrays) == 1 and arrays[0][1] == left:
            return (arrays[0][0] if len(factors) == 1 else arrays[0][0] * number), left
        place = {letter: at for at, letter in enumerate(letters)}
        axes = [
            tuple(place[letter] for letter in own) for own in (*(own for _, own in arrays), left)
        ]
        operands = [array for array, _ in arrays]
        steps = math.prod(map(self.length, letters))
        if steps <= AT_ONCE or len(arrays) == 1:
            pairs = zip(operands, axes, strict=False)
            found = np.einsum(*(part for pair in pairs for part in pair), axes[-1])
        else:
            found = _plan(tuple(axes), tuple(map(np.shape, operands)))(*operands)
        return (found if len(arrays) == len(factors) else found * number), left

    def reduced(self, node: Binder) -> Value:
        array, own = self._known[node.body]
        letters = (*(i for i in own if i not in node.indices), *node.indices)
        shape = [self.length(index) for index in letters]
        whole = np.broadcast_to(_along(array, own, letters), shape)
        axes = tuple(range(len(letters) - len(node.indices), len(letters)))
        return REDUCTIONS[node.kind](whole, axis=axes), letters[: -len(node.indices)]


@lru_cache(maxsize=MOST_PLANS)
def _plan(axes: tuple[tuple[int, ...], ...], shapes: tuple[tuple[int, ...], ...]) -> Any:
    """In which order a product of such arrays is contracted: found once, and greedily, for it is
    asked of thousands of formulas."""
    words = ["".join(map(opt_einsum.get_symbol, own)) for own in axes]
    spelled = f"{','.join(words[:-1])}->{words[-1]}"
    return opt_einsum.contract_expression(spelled, *shapes, optimize="greedy")


def peak(array: Any) -> float:
    """The largest of all entries, whatever their signs."""
    return float(np.abs(array).max(initial=0.0))


def _along(array: Any, own: tuple[Index, ...], letters: tuple[Index, ...]) -> Any:
    """Axes in the order of these letters, of length 1 for those that it has not."""
    if own == letters or not own:
        return array
    order = sorted(range(len(own)), key=lambda at: letters.index(own[at]))
    moved = array.transpose(order)
    if len(own) == len(letters):
        return moved
    lengths = dict(zip((own[at] for at in order), moved.shape, strict=True))
    return moved.reshape([lengths.get(letter, 1) for letter in letters])


def _power(base: Any, exponent: Any) -> Any:
    if np.ndim(exponent) == 0 and exponent == -1:
        return 1 / base
    return base**exponent


def _function(name: str) -> Callable[..., Any]:
    record = FUNCTIONS[name]
    return lambda *values: record.value(np, *values)
