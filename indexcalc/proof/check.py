"""Gradients against central differences of the reference evaluator.

The loss is Σ G·y with random G, never a plain sum, under which the gradients of a softmax and of a
layer norm are 0. Sizes are unequal, so that no axis can be taken for another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Values = Mapping[str, Array]
# A tensor, its gradient, and whether that is 0 by its form.
Claim = tuple[str, Array, bool]
# The loss where one tensor was moved, everything that depends on it following.
Loss = Callable[[str, Values], float]

# Relative to the largest entry, beside the error that the differences are known to have.
TOLERANCE = 1e-8
# Differences with a larger error of their own decide nothing.
BLURRED = 3e-7
# A gradient that is 0 everywhere may have differences of this part of the loss.
NOTHING = 1e-9
STEP = 1e-3
# How many directions are tried, all tensors together.
MOST_PROBES = 240


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
        return "\n".join(lines) or "undecided: no point was found where differences tell"


def compare(claims: Sequence[Claim], loss: Loss, at: Values) -> Report | None:
    """Each gradient of a loss at a point against its differences there; None where these are too
    far from each other to decide."""
    random = np.random.default_rng(len(claims))
    rows = []
    for name, given, is_0 in claims:
        probes = directions(given.shape, max(3, MOST_PROBES // len(claims)), random)
        differences, blur = slopes(loss, at, name, probes)
        claimed = np.array([float((given * probe).sum()) for probe in probes])
        scale = float(np.abs(differences).max(initial=0.0))
        if is_0 and scale <= NOTHING * (1 + abs(loss(name, at))):
            rows.append(Row(name, given.size, scale, agrees=True))
            continue
        # Where all slopes are 0, a wrong gradient could hide.
        if given.size and not (scale > 0 and blur <= BLURRED * scale):
            return None
        error = float(np.abs(claimed - differences).max(initial=0.0))
        agrees = bool(error <= TOLERANCE * scale + blur)
        rows.append(Row(name, given.size, error / (scale or 1.0), agrees))
    return Report(tuple(rows))


def directions(shape: tuple[int, ...], most: int, random: np.random.Generator) -> list[Array]:
    """Every entry by itself where they are few; else some, and two directions that have all."""
    entries = list(np.ndindex(*shape))
    if len(entries) > most:
        chosen = sorted(random.choice(len(entries), most, replace=False))
        mixed = [random.uniform(0.5, 1.0, shape) * random.choice([-1, 1], shape) for _ in range(2)]
        return [_unit(shape, entries[at]) for at in chosen] + mixed
    return [_unit(shape, entry) for entry in entries]


def _unit(shape: tuple[int, ...], entry: tuple[int, ...]) -> Array:
    unit = np.zeros(shape)
    unit[entry] = 1.0
    return unit


def slopes(loss: Loss, at: Values, name: str, probes: Iterable[Array]) -> tuple[Array, float]:
    """Central differences along directions, extrapolated twice, and how far the two results are
    apart."""
    base = at[name]
    found = []
    blur = 0.0
    step = STEP * max(1.0, float(np.abs(base).max(initial=0.0)))
    for probe in probes:
        wide, middle, narrow = (
            (
                loss(name, {**at, name: base + h * probe})
                - loss(name, {**at, name: base - h * probe})
            )
            / (2 * h)
            for h in (step, step / 2, step / 4)
        )
        coarse, fine = (4 * middle - wide) / 3, (4 * narrow - middle) / 3
        found.append(fine)
        # A difference that is no number must not hide behind one that is.
        blur = float(np.maximum(blur, abs(coarse - fine)))
    return np.array(found), blur
