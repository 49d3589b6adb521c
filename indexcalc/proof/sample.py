"""A point with the differences of its loss: what any array said to be a gradient is held to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from indexcalc.calculus.gradients import Gradients
from indexcalc.expr.evaluate import defined
from indexcalc.expr.world import Array
from indexcalc.proof.differences import TINY, Slopes, displaced, scatter, slopes
from indexcalc.proof.points import Point
from indexcalc.proof.values import results

# A difference whose own error is a larger part of it decides nothing.
BLURRED = 3e-7
# No estimate of an error is trusted below this part of the gradient.
SHARPEST = 1e-11
# Between the error that is estimated and the one that is met.
PRUDENCE = 2.0
# What is 0 by its form must be known to this part of the loss.
NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far a gradient is from its differences, and how far it may be, relative to the largest
    of them; where that is too far, and where all are 0, nothing is decided."""

    error: float
    tolerance: float
    decides: bool
    # The direction in which it is furthest off, the slope given, and the slope by differences.
    worst: tuple[Array, float, float]

    @property
    def excess(self) -> float:
        """How far it is off as a part of how far it may be."""
        return self.error / (self.tolerance or 1.0)

    @property
    def agrees(self) -> bool:
        return self.decides and self.error <= self.tolerance


class Sample:
    """Differences at a point, those by each tensor formed once, along no more than `most`
    directions."""

    def __init__(self, point: Point, most: int, seed: Iterable[int]) -> None:
        self.point = point
        self.most = most
        self.seed = tuple(seed)
        self._formed: dict[str, tuple[Array, Slopes]] = {}

    def slopes(self, name: str) -> tuple[Array, Slopes]:
        """Directions, and the slope of the loss along each."""
        if name not in self._formed:
            # Its own numbers, so that the order in which tensors are asked for does not count.
            random = np.random.default_rng([*self.seed, *name.encode()])
            base = self.point.world.arrays[name]
            probes = directions(base.shape, self.most, random)
            found = slopes(lambda moved: self.point.losses(name, moved), base, probes, random)
            self._formed[name] = probes, found
        return self._formed[name]

    def values(self, found: Gradients, names: Iterable[str]) -> dict[str, Array]:
        """Gradients by their closed forms, along a short line that has the point in its middle."""
        random = np.random.default_rng(self.seed)
        world = self.point.seeded(found.backprop.upstream)
        program = self.point.program
        inputs = [access.name for access in program.inputs]
        moved = {name: displaced(world.arrays[name], random) for name in inputs}
        there = world.with_arrays({**world.arrays, **moved})
        made = defined(program, there)
        with np.errstate(all="ignore"):
            values = results(found, world.with_arrays({**there.arrays, **made}), names)
        return {
            name: np.broadcast_to(value, (len(TINY), *world.arrays[name].shape))
            for name, value in values.items()
        }

    def outcome(self, name: str, line: Array, *, is_0: bool = False) -> Outcome:
        """What becomes of an array said to be the gradient by a tensor, given along a short line
        in the middle of which is the point; `is_0` where it is 0 whatever the point."""
        probes, by_differences = self.slopes(name)
        expected = by_differences.values
        with np.errstate(all="ignore"):
            claimed = np.tensordot(probes, line[len(line) // 2], axes=line.ndim - 1)
        off = np.where(np.isfinite(claimed), np.abs(claimed - expected), np.inf)
        place = int(np.argmax(off))
        # What has no value is wrong, however unsure one could be of a value.
        own = scatter(line) * np.abs(probes[place]).sum() if np.isfinite(off[place]) else 0.0
        doubt = by_differences.doubt + float(own)
        unit = 1.0 + self.point.magnitude if is_0 else float(np.abs(expected).max()) or np.nan
        sharpest, blurred = (0.0, NOTHING) if is_0 else (SHARPEST, BLURRED)
        tolerance = sharpest + PRUDENCE * doubt / unit
        worst = probes[place], float(claimed[place]), float(expected[place])
        return Outcome(float(off[place] / unit), tolerance, bool(tolerance <= blurred), worst)


def directions(shape: tuple[int, ...], most: int, random: np.random.Generator) -> Array:
    """Every entry by itself where they are few; else some, and two directions that have all."""
    count = int(np.prod(shape))
    units = np.eye(count) if count <= most else np.zeros((most - 2, count))
    if count > most:
        chosen = np.sort(random.choice(count, most - 2, replace=False))
        units[np.arange(most - 2), chosen] = 1.0
        signs = random.choice([-1.0, 1.0], (2, count))
        units = np.concatenate([units, signs * random.uniform(0.5, 1.0, (2, count))])
    return units.reshape(-1, *shape)
