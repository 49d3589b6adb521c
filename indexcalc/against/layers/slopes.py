"""The gradient of one layer alone against central differences of its own forward function.

This sees what descending does not: a gradient that points downhill, and is too long.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from indexcalc.against.layers.stretch import Stretch
from indexcalc.expr.world import Array
from indexcalc.proof.differences import displaced, scales, scatter, slopes
from indexcalc.proof.sample import PRUDENCE, SHARPEST, directions

# How many directions are tried: two that move all entries, and single ones.
DIRECTIONS = 4
# How far from what was given, so that it is not at a kink, as zeros often are; further where one
# is near.
ASIDE = (1e-3, 1e-2, 1e-1)
# A difference that is not known better than to this part of it decides nothing.
BLURRED = 1e-2
# How often an entry of a gradient may have been rounded in the dtype that it comes in.
ROUNDINGS = 30.0


class Agreement(Enum):
    """What became of the comparison."""

    AGREES = "agrees"
    WRONG = "WRONG"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far the gradient is off along the worst direction, and how far it may be, relative to the
    steepest."""

    error: float
    tolerance: float

    @property
    def agreement(self) -> Agreement:
        if not self.tolerance <= BLURRED:
            return Agreement.UNDECIDED
        return Agreement.AGREES if self.error <= self.tolerance else Agreement.WRONG


def compared(stretch: Stretch, random: np.random.Generator) -> Comparison:
    """The first that agrees; else the first that decides."""
    found: list[Comparison] = []
    for aside in ASIDE:
        found.append(_compared(stretch, aside, random))
        if found[-1].agreement is Agreement.AGREES:
            return found[-1]
    decided = (one for one in found if one.agreement is Agreement.WRONG)
    return next(decided, found[0])


def _compared(stretch: Stretch, aside: float, random: np.random.Generator) -> Comparison:
    """The slope of a random sum of the outputs along random directions."""
    base = stretch.base + aside * random.normal(size=stretch.base.shape) * scales(stretch.base)
    upstream = random.normal(size=stretch.output(base).shape)
    probes = directions(base.shape, DIRECTIONS, random)

    def losses(many: Array) -> Array:
        return np.array([(upstream * stretch.output(moved)).sum() for moved in many])

    expected = slopes(losses, base, probes, random)
    line = displaced(base, random)
    gradients = np.array(
        [stretch.backward(upstream, stretch.forward(moved), moved) for moved in line]
    )
    gradient = gradients[len(line) // 2]
    spread = scatter(gradients) + ROUNDINGS * _roundoff(stretch, upstream, base) * np.abs(gradient)
    own = (np.abs(probes) * spread).reshape(len(probes), -1).sum(axis=1).max()
    claimed = np.tensordot(probes, gradient, axes=base.ndim)
    steepest = float(max(np.abs(claimed).max(), np.abs(expected.values).max())) or 1.0
    error = float(np.abs(claimed - expected.values).max()) / steepest
    return Comparison(error, SHARPEST + PRUDENCE * (expected.doubt + float(own)) / steepest)


def _roundoff(stretch: Stretch, upstream: Array, base: Array) -> float:
    """Of the dtype in which the layer returns its gradient."""
    ((_, saved),) = stretch.forward(base)
    dtype = np.asarray(stretch.layers[0].gradients(upstream, saved)[stretch.name]).dtype
    return float(np.finfo(dtype if dtype.kind == "f" else np.float64).eps) / 2
