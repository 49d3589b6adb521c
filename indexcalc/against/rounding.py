"""Values as rounding leaves them: each is moved, those given and those that operations make."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sympy import Basic, Expr, Symbol

from indexcalc.against.computing import Functions, Value, Values, Work
from indexcalc.against.kinds import ROUNDOFF
from indexcalc.expr.nodes import Access, Delta, One
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import flat, tree
from indexcalc.expr.world import Array

# Between the error that is estimated and one that is met.
PRUDENCE = 30.0
# What each of the numbers in a long sum, added one by one, is thought to cost, as a walk by chance
# goes.
A_STEP = 4.0
# How often all numbers are moved by their rounding, to see what becomes of it.
NUDGES = 2
# How many signs are drawn at once.
AT_ONCE = 4096


def in_dtype(array: Array, dtype: str) -> Array:
    """The nearest numbers that a dtype has; bfloat16's are float32's of which half is left."""
    with np.errstate(over="ignore"):
        if dtype != "bfloat16":
            return array.astype(dtype).astype(np.float64)
        bits = np.asarray(array, np.float32).view(np.uint32).astype(np.uint64)
    even = (bits >> 16) & 1
    kept = ((bits + 0x7FFF + even) >> 16 << 16).astype(np.uint32)
    return kept.view(np.float32).astype(np.float64)


def has_few(array: Array | None, dtype: str) -> bool:
    """Whether a dtype has all of these numbers."""
    return array is not None and np.array_equal(in_dtype(array, dtype), array, equal_nan=True)


def added_up(equation: Equation) -> tuple[Equation, ...]:
    """The terms of an equation: where they cancel, their rounding is left."""
    left, terms = equation.left, flat(equation.right)
    return tuple(Equation(left, tree((term,), left.indices)) for term in terms)


def bound(rounding: float, longest: float, size: float, prudence: float = PRUDENCE) -> float:
    """How far off a number of this size may be, in units of the round-off, where rounding does so
    much to it and the longest axis has so many places."""
    return prudence * rounding + A_STEP * float(np.sqrt(longest)) * size


class Nudge:
    """Moves each number by what float32 rounds it by."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        # Drawn many at once, and used up from the front.
        self.waiting: Array = np.empty(0)

    def __call__(self, array: Array) -> Array:
        count = np.size(array)
        if count > len(self.waiting):
            signs = 2.0 * self.random.integers(0, 2, count + AT_ONCE) - 1.0
            self.waiting = np.concatenate((self.waiting, 1 + ROUNDOFF["float32"] * signs))
        factors, self.waiting = self.waiting[:count], self.waiting[count:]
        return np.asarray(array * factors.reshape(np.shape(array)))


class Nudged(Values):
    """Values of which each that an operation makes is moved."""

    def __init__(
        self,
        arrays: Mapping[str, Array],
        numbers: Mapping[Symbol, float],
        functions: Functions,
        nudge: Nudge,
        work: Work | None = None,
    ) -> None:
        super().__init__(arrays, numbers, functions, work)
        self.nudge = nudge

    def computed(self, node: Basic) -> Value:
        array, letters = super().computed(node)
        is_given = isinstance(node, Expr | Access | Delta | One)
        return (array if is_given else self.nudge(array)), letters
