"""Slopes by central differences, and how far these may be off.

A table of differences at halved steps is extrapolated (Richardson). What the truncation leaves is
seen between neighbours in the table, what rounding leaves in how values scatter round a polynomial
over steps so tiny that it is one. The place of the table with the smallest sum is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from indexcalc.expr.world import Array

# Values of a function at many values of one tensor.
Losses = Callable[[Array], Array]

# The steps, as parts of the largest entry.
STEPS: Array = np.asarray(0.5 ** np.arange(4, 12), dtype=float)
# How often the table is extrapolated.
COLUMNS = 4
# Displacements so small that a smooth function is a polynomial there, and what is none is rounding.
# Of values that only some bits are left of, it shows in the larger of them alone.
LINE = np.arange(-4.0, 5.0)
TINY = np.concatenate([2.0**power * LINE for power in (-27, -21, -15)])
# What lies between a scatter that is seen and one that is met, and between estimate and error.
PRUDENCE = 4.0


@dataclass(frozen=True, slots=True)
class Slopes:
    """The slope along each probe, and the bound on the error of each."""

    values: Array
    doubt: float


def slopes(losses: Losses, base: Array, probes: Array, random: np.random.Generator) -> Slopes:
    """The slopes of a function along probes; `doubt` is infinite where there are none."""
    scale = float(np.abs(base).max(initial=0.0)) or 1.0
    steps = np.asarray(scale * STEPS, dtype=float)
    moves = np.concatenate([steps, -steps])[:, None]
    there = base + moves.reshape(-1, 1, *[1] * base.ndim) * probes
    tiny = displaced(base, random)
    values = losses(np.concatenate([there.reshape(-1, *base.shape), tiny]))
    ahead, behind = values[: -len(tiny)].reshape(2, len(steps), len(probes))
    rounding = np.asarray(scatter(values[-len(tiny) :]) / steps, dtype=float)
    with np.errstate(all="ignore"):
        return _extrapolated((ahead - behind) / (2 * steps[:, None]), rounding)


def _extrapolated(column: Array, rounding: Array) -> Slopes:
    """The best place of the table that begins with a column, a row for each step."""
    best = Slopes(column[-1], np.inf)
    for power in 4.0 ** np.arange(1, COLUMNS + 1):
        column = (power * column[1:] - column[:-1]) / (power - 1)
        rounding = rounding[1:]
        for row in range(1, len(column)):
            # Between neighbours is much more than the error of the better one.
            truncation = np.abs(column[row] - column[row - 1]).max(initial=0.0)
            doubt = float(truncation + 2 * rounding[row])
            if doubt < best.doubt:
                best = Slopes(column[row], doubt)
    return best


def displaced(base: Array, random: np.random.Generator) -> Array:
    """A tensor along short lines, itself in the middle of each."""
    scale = float(np.abs(base).max(initial=0.0)) or 1.0
    line = scale * random.choice([-1.0, 1.0], base.shape) * random.uniform(0.5, 1.0, base.shape)
    return np.asarray(base + TINY.reshape(-1, *[1] * base.ndim) * line)


def scatter(values: Array) -> float:
    """By how much the values along short lines may be off by rounding: how far from a polynomial
    they are, and no less than the last bit of them."""
    rows = values.reshape(-1, len(LINE), values[0].size)
    off = np.abs(rows - _POLYNOMIAL @ rows).max(initial=0.0)
    last_bit = np.finfo(float).eps * np.abs(rows).max(initial=0.0)
    return float(max(PRUDENCE * off, last_bit))


def _projection() -> Array:
    """The matrix that fits a polynomial of the fourth degree to values along a line."""
    basis, _ = np.linalg.qr(np.vander(LINE / LINE[-1], 5))
    return np.asarray(basis @ basis.T)


_POLYNOMIAL = _projection()
