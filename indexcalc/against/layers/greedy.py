"""One layer fitted to one example by gradient descent, as greedily as it goes.

The target is what the chain gives where nothing was moved, so that it can be reached; the start is
the parameter, or the input, moved a little. With a gradient that points downhill the loss falls to
nothing. Steps are those of Barzilai and Borwein, halved until the loss falls, so that there is no
rate to choose.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from indexcalc.against.layers.stretch import Runs, Stretch
from indexcalc.expr.world import Array
from indexcalc.proof.differences import scales

# How far the start is from the target, in parts of what is moved: where a kink lies between, or a
# place in which nothing falls, the next is tried.
DISTANCES = (0.1, 0.01, 0.001)
# The part of the loss that may be left, and after how many steps.
LEFT = 1e-3
STEPS = 300
HALVINGS = 40
# A loss this far below what the outputs are is rounding.
NOTHING = 1e-20


class Fit(Enum):
    """What became of a descent."""

    FITS = "over-fits"
    STALLS = "STALLS"
    FLAT = "no effect"
    UNDECIDED = "undecided"
    FAILS = "FAILS"
    ABSENT = "not given"


@dataclass(frozen=True, slots=True)
class Descent:
    """How it ended, and which part of the loss was left."""

    fit: Fit
    left: float | None = None


def descent(stretch: Stretch, random: np.random.Generator) -> Descent:
    """From a start that is near enough for the target to be reached, if there is one."""
    target = stretch.output(stretch.base)
    left: list[float] = []
    flat = False
    for distance in DISTANCES:
        away = random.normal(size=stretch.base.shape) * scales(stretch.base)
        start = _Place.at(stretch, stretch.base + distance * away, target)
        if start.loss <= NOTHING * float((target * target).sum()):
            flat = True
        elif np.isfinite(start.loss):
            left.append(_descended(stretch, start, target).loss / start.loss)
            if left[-1] <= LEFT:
                return Descent(Fit.FITS, left[-1])
    if left:
        return Descent(Fit.STALLS, min(left))
    return Descent(Fit.FLAT if flat else Fit.UNDECIDED)


@dataclass(frozen=True)
class _Place:
    """Where the descent is: the loss ½|output - target|², and what led to it."""

    point: Array
    runs: Runs
    residual: Array
    loss: float

    @classmethod
    def at(cls, stretch: Stretch, point: Array, target: Array) -> _Place:
        runs = stretch.forward(point)
        residual = runs[-1][0] - target
        return cls(point, runs, residual, float((residual * residual).sum()) / 2)


def _descended(stretch: Stretch, start: _Place, target: Array) -> _Place:
    """As far down as it goes."""
    here, gradient = start, stretch.backward(start.residual, start.runs, start.point)
    step = _first_step(here, gradient)
    for _ in range(STEPS):
        below = _below(stretch, here, step * gradient, target)
        if below is None or below.loss <= LEFT * start.loss:
            return below or here
        steeper = stretch.backward(below.residual, below.runs, below.point)
        way, change = below.point - here.point, steeper - gradient
        bend = float((way * change).sum())
        here, gradient = below, steeper
        step = float((way * way).sum()) / bend if bend > 0 else _first_step(here, gradient)
    return here


def _below(stretch: Stretch, here: _Place, way: Array, target: Array) -> _Place | None:
    """The first place along the way, halved and halved again, where the loss is smaller."""
    for _ in range(HALVINGS):
        there = _Place.at(stretch, here.point - way, target)
        if there.loss < here.loss:
            return there
        way = way / 2
    return None


def _first_step(here: _Place, gradient: Array) -> float:
    """Polyak's: right where the loss is a square of one number."""
    size = float((gradient * gradient).sum())
    return 2 * here.loss / size if size else 0.0
