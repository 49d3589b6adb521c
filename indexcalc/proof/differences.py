"""Slopes by central differences, and how far these may be off.

A table of differences at finer and finer steps is extrapolated (Richardson). What the truncation
leaves is seen between neighbours in the table, what rounding leaves in how values scatter round a
polynomial over steps so tiny that it is one. The place of the table with the smallest sum is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from indexcalc.expr.world import Array

# Values of a function, numbers or arrays, at many values of one tensor.
Many = Callable[[Array], Array]

# The steps, as parts of what is moved; not each half of the one before, by which a fast wave
# could look slow.
RATIO = 0.45
STEPS = 0.25 * RATIO ** np.arange(12)
# No entry counts as smaller than the middle one so many times.
USUAL = 3.0
# How often the table is extrapolated.
COLUMNS = 4
# Displacements so small that a smooth function is a polynomial there, and what is none is rounding.
# Of values that only some bits are left of, it shows in the larger of them alone.
LINE = np.arange(-4.0, 5.0)
TINY = np.concatenate([2.0**power * LINE for power in (-27, -21, -15)])
# What lies between a scatter that is seen and one that is met.
PRUDENCE = 4.0


@dataclass(frozen=True, slots=True)
class Slopes:
    """The slopes along probes, the probes first, and a bound on the error of each."""

    values: Array
    doubt: float


def slopes(function: Many, base: Array, probes: Array, random: np.random.Generator) -> Slopes:
    """The slopes of a function along probes; `doubt` is infinite where there are none."""
    reach = np.where(probes != 0, scales(base), np.inf).reshape(len(probes), -1).min(axis=1)
    steps = STEPS[:, None] * reach
    moves = np.concatenate([steps, -steps])
    there = base + moves.reshape(*moves.shape, *[1] * base.ndim) * probes
    tiny = displaced(base, random)
    with np.errstate(all="ignore"):
        values = function(np.concatenate([there.reshape(-1, *base.shape), tiny]))
        inner = values.shape[1:]
        ahead, behind = values[: -len(tiny)].reshape(2, *steps.shape, *inner)
        rounding = np.asarray(scatter(values[-len(tiny) :]) / steps.min(axis=1), dtype=float)
        table = (ahead - behind) / (2 * steps.reshape(*steps.shape, *[1] * len(inner)))
        return _best(table, rounding)


def _best(column: Array, rounding: Array) -> Slopes:
    """The surest place of the table that begins with a column, a row for each step; what finer
    steps contradict is not sure."""
    places: list[tuple[int, Slopes]] = []
    for power in RATIO ** (-2.0 * np.arange(1, COLUMNS + 1)):
        column = (power * column[1:] - column[:-1]) / (power - 1)
        rounding = rounding[1:]
        for row in range(1, len(column)):
            # Between neighbours is much more than the error of the better one.
            truncation = np.abs(column[row] - column[row - 1]).max(initial=0.0)
            doubt = float(truncation + 2 * rounding[row])
            if doubt < np.inf:
                places.append((row - len(column), Slopes(column[row], doubt)))
    for row, found in sorted(places, key=lambda place: place[1].doubt):
        if all(_agree(found, other) for finer, other in places if finer > row):
            return found
    return Slopes(column[-1], np.inf)


def _agree(one: Slopes, other: Slopes) -> bool:
    apart = np.abs(one.values - other.values).max(initial=0.0)
    return bool(apart <= PRUDENCE * (one.doubt + other.doubt))


def in_parts(function: Many, many: Array, most: int) -> Array:
    """The values at no more than so many at a time."""
    parts = [many[first : first + most] for first in range(0, len(many), most)]
    return np.concatenate([function(part) for part in parts])


def scales(base: Array) -> Array:
    """How large each entry is, and at least what is usual among them: no step that suits one giant
    is taken by the others."""
    sizes = np.abs(base)
    largest = float(sizes.max(initial=0.0))
    usual = min(largest, USUAL * float(np.median(sizes))) if sizes.size else 0.0
    return np.maximum(sizes, usual or largest or 1.0)


def displaced(base: Array, random: np.random.Generator) -> Array:
    """A tensor along short lines, itself in the middle of each."""
    signs = random.choice([-1.0, 1.0], base.shape)
    line = scales(base) * signs * random.uniform(0.5, 1.0, base.shape)
    return np.asarray(base + TINY.reshape(-1, *[1] * base.ndim) * line)


def scatter(values: Array) -> float:
    """By how much the values along short lines may be off by rounding: how far from a polynomial
    they are, and no less than the last bit of them."""
    rows = values.reshape(-1, len(LINE), values[0].size)
    with np.errstate(all="ignore"):
        off = np.abs(rows - _POLYNOMIAL @ rows).max(initial=0.0)
    last_bit = np.finfo(float).eps * np.abs(rows).max(initial=0.0)
    return float(max(PRUDENCE * off, last_bit))


def _projection() -> Array:
    """The matrix that fits a polynomial of the fourth degree to values along a line."""
    basis, _ = np.linalg.qr(np.vander(LINE / LINE[-1], 5))
    return np.asarray(basis @ basis.T)


_POLYNOMIAL = _projection()
