"""Gradients against central differences of the reference evaluator.

The loss is Σ G·y with random G, never a plain sum, under which the gradients of a softmax and of a
layer norm are 0. Sizes are unequal, so that no axis can be taken for another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Values = Mapping[str, Array]
# The loss where one tensor was moved, everything that depends on it following.
Loss = Callable[[str, Values], float]

# Relative to the largest entry; a step of 1e-3 with one extrapolation leaves about 1e-11.
TOLERANCE = 1e-7
STEP = 1e-3


@dataclass(frozen=True, slots=True)
class Row:
    """How far one gradient is from its differences."""

    name: str
    entries: int
    error: float
    agrees: bool


@dataclass(frozen=True, slots=True)
class Report:
    """True exactly when every gradient agreed; prints as a table."""

    rows: tuple[Row, ...]

    def __bool__(self) -> bool:
        return bool(self.rows) and all(row.agrees for row in self.rows)

    def __str__(self) -> str:
        width = max((len(row.name) for row in self.rows), default=0)
        lines = [
            f"{row.name:<{width}}  {row.entries:>5} entries  error {row.error:.1e}  "
            + ("agrees" if row.agrees else "DIFFERS")
            for row in self.rows
        ]
        return "\n".join(lines) or "nothing was checked"


def compare(gradients: Iterable[tuple[str, Array]], loss: Loss, at: Values) -> Report:
    """Each gradient of a loss at a point against its differences there."""
    rows = []
    for name, given in gradients:
        differences = slopes(loss, at, name)
        scale = max(1.0, float(np.abs(differences).max(initial=0.0)))
        error = float(np.abs(given - differences).max(initial=0.0)) / scale
        # An error that is no number agrees with nothing.
        rows.append(Row(name, differences.size, error, bool(error <= TOLERANCE)))
    return Report(tuple(rows))


def slopes(loss: Loss, at: Values, name: str) -> Array:
    """Central differences with one Richardson step, entry by entry."""
    base = at[name]
    result = np.empty(base.shape)

    def along(entry: tuple[int, ...], step: float) -> float:
        ends = []
        for signed in (step, -step):
            moved = base.copy()
            moved[entry] += signed
            ends.append(loss(name, {**at, name: moved}))
        return (ends[0] - ends[1]) / (2 * step)

    for entry in np.ndindex(*base.shape):
        step = STEP * max(1.0, abs(float(base[entry])))
        result[entry] = (4 * along(entry, step / 2) - along(entry, step)) / 3
    return result
