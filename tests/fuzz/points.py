"""Points where a program's slopes are known: by differences, and entry by entry by torch.

A point decides when everything there is finite and away from kinks, when differences with two
steps agree, and when a tiny move of the inputs moves the slopes no more than rounding may.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import cycle
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.fuzz.meaning import BATCH, Meaning, Run

Array = NDArray[np.float64]

# Central differences of the fourth order, with one step and with two; four moves next to nothing
# show what rounding does.
STEP = 1e-3
STENCIL = np.array([-4.0, -2.0, -1.0, 1.0, 2.0, 4.0, -2e-10, -1e-10, 1e-10, 2e-10])
NARROW = np.array([0.0, 1.0, -8.0, 8.0, -1.0, 0.0]) / 12
WIDE = np.array([1.0, -8.0, 0.0, 0.0, 8.0, -1.0]) / 24
# Of the loss itself, at least.
ROUNDING = 2 * float(np.finfo(float).eps)
# Arguments of abs, relu and sign are further from 0 than this, so that no step crosses it.
KINK = 2e-2
# Relative to the size of a slope: how far differences may be off, and how far they may be from
# each other at a point that decides.
CLOSE, SHARP = 1e-9, 3e-8
# Entries by torch, and how far they may be off for rounding alone.
EXACT, STEADY = 1e-9, 1e-7
NUDGE = 1e-9
TINY = 1e-13
# A slope that is smaller than others, or much smaller than the loss, has their rounding.
OTHERS, LOSS = 0.1, 1e-5
HUGE = 1e8
# Inputs from where to where, and with which signs: mixed, then positive, then small and positive.
RANGES = ((0.25, 1.25, (-1.0, 1.0)), (0.25, 1.25, (1.0,)), (0.1, 0.6, (1.0,)))
NO_VALUE = "it has no value"


@dataclass(frozen=True)
class Slope:
    """What is known of ∂l/∂ one tensor at a point: along a direction, and its entries by torch."""

    direction: Array
    along: float
    blur: float
    entries: Array | None
    slack: float

    def disagrees(self, claimed: Array, loose: float = 1.0) -> str:
        """How a gradient differs from this, or nothing; it may be off by so many times more."""
        if claimed.shape != self.direction.shape:
            return f"its shape is {claimed.shape}, not {self.direction.shape}"
        if not np.isfinite(claimed).all():
            return f"{NO_VALUE}: {flat(claimed)}"
        if self.entries is not None:
            error = float(np.abs(claimed - self.entries).max(initial=0.0))
            if error > self.slack * loose:
                return f"{flat(claimed)} is not {flat(self.entries)} by torch (off {error:.1e})"
        found = float((claimed * self.direction).sum())
        if abs(found - self.along) > self.blur * loose:
            return f"{found} along a direction is not {self.along} by differences"
        return ""


def flat(array: Array) -> str:
    numbers = [f"{value:.9g}" for value in array.ravel()[:6]]
    return f"[{' '.join(numbers)}{' ...' if array.size > 6 else ''}]"


@dataclass(frozen=True)
class Point:
    """Values of the inputs, lengths of the classes of axes, and ∂l/∂ of each output."""

    meaning: Meaning
    given: dict[str, Array]
    lengths: dict[str, int]
    upstream: dict[str, Array]

    @cached_property
    def made(self) -> dict[str, Array]:
        """Every tensor by name."""
        return self.arrays(self.given)

    @property
    def loss(self) -> float:
        return float(sum((g * self.made[name]).sum() for name, g in self.upstream.items()))

    @cached_property
    def shaken(self) -> dict[str, Array]:
        """Every tensor where the inputs are moved by no more than a few roundings."""
        random = np.random.default_rng(2)
        moves = {
            k: TINY * random.choice([-1.0, 1.0], array.shape) for k, array in self.given.items()
        }
        return self.arrays({name: array * (1 + moves[name]) for name, array in self.given.items()})

    def arrays(self, given: dict[str, Array], many: int = 1) -> dict[str, Array]:
        with np.errstate(all="ignore"):
            return Run(self.meaning, np, given, {**self.lengths, BATCH: many}).arrays

    def is_tame(self) -> bool:
        """Whether everything is finite, not huge, and away from kinks."""
        with np.errstate(all="ignore"):
            run = Run(self.meaning, np, self.given, self.lengths)
        # A comparison that a nan fails.
        return run.margin > KINK and run.largest < HUGE

    def slopes(self, wrt: Sequence[str], torch: ModuleType | None) -> dict[str, Slope] | None:
        """Those by these tensors, or nothing where they are not sharp."""
        if not self.is_tame():
            return None
        entries = self.entries(wrt, torch, 0.0) if torch else {}
        nudged = self.entries(wrt, torch, NUDGE) if torch else {}
        if not all(np.isfinite(array).all() for array in (*entries.values(), *nudged.values())):
            return None
        known = self.differences(wrt)
        largest = max((abs(along) for _, along, _ in known.values()), default=0.0)
        floor = max(OTHERS * largest, LOSS * (1 + abs(self.loss)))
        result = {}
        for name, (direction, along, error) in known.items():
            scale = max(abs(along), floor)
            own, slack = entries.get(name), 0.0
            if own is not None:
                shaken = float(np.abs(nudged[name] - own).max(initial=0.0))
                unit = max(float(np.abs(own).max(initial=0.0)), floor)
                # What rounding does to the inputs it does, some times over, on the way too.
                slack = EXACT * unit + 1e3 * shaken * float(np.finfo(float).eps) / NUDGE
                scale = max(scale, unit)
                if not slack <= STEADY * unit:
                    return None
            if not error <= SHARP * scale:
                return None
            result[name] = Slope(direction, along, CLOSE * scale + 10 * error, own, slack)
        return result

    def differences(self, wrt: Sequence[str]) -> dict[str, tuple[Array, float, float]]:
        """By each tensor: a direction, the slope along it, and how far that may be off: by what a
        wider step finds, and by rounding. Inputs are all moved in one computation, each in rows of
        its own."""
        random = np.random.default_rng(len(wrt))
        inner = [[name] for name in wrt if name not in self.given]
        found: dict[str, tuple[Array, float, float]] = {}
        for group in ([name for name in wrt if name in self.given], *inner):
            count = len(STENCIL) * len(group)
            moved, ways = {}, {}
            for place, name in enumerate(group):
                base = self.made[name]
                # Small entries, which denominators may be, move less than others.
                way = (
                    base * random.uniform(0.5, 1.0, base.shape) * random.choice((-1, 1), base.shape)
                )
                moves = np.zeros(count)
                moves[place * len(STENCIL) :][: len(STENCIL)] = STEP * STENCIL
                moved[name] = base + moves.reshape([-1] + [1] * base.ndim) * way
                ways[name] = way
            losses = self.losses(moved, count)
            for place, (name, way) in enumerate(ways.items()):
                rows = losses[place * len(STENCIL) :][: len(STENCIL)]
                wide, narrow = WIDE @ rows[:6] / STEP, NARROW @ rows[:6] / STEP
                rounding = np.ptp(rows[6:]) + ROUNDING * np.abs(rows).max()
                found[name] = way, float(narrow), float(abs(wide - narrow) + rounding / STEP)
        return {name: found[name] for name in wrt}

    def losses(self, moved: dict[str, Array], count: int) -> Array:
        """The loss for each row of what is moved."""
        arrays = self.arrays({**self.given, **moved}, count)
        total = np.zeros(count)
        with np.errstate(all="ignore"):
            for name, g in self.upstream.items():
                product = g * arrays[name]
                has_rows = product.ndim > g.ndim
                total += product.reshape(count, -1).sum(1) if has_rows else product.sum()
        return total

    def entries(self, wrt: Sequence[str], torch: Any, nudge: float) -> dict[str, Array]:
        """Every entry of the slopes, by torch; a defined tensor is put in as if it were given."""
        inner = [name for name in wrt if name not in self.given]
        outer = [name for name in wrt if name in self.given]
        found = self._entries(self.given, outer, torch, nudge) if outer else {}
        for name in inner:
            found |= self._entries({**self.given, name: self.made[name]}, [name], torch, nudge)
        return found

    def _entries(
        self, given: dict[str, Array], wrt: Sequence[str], torch: Any, nudge: float
    ) -> dict[str, Array]:
        random = np.random.default_rng(1)
        leaves = {}
        for name, array in given.items():
            moved = array * (1 + nudge * random.choice([-1.0, 1.0], array.shape))
            leaves[name] = torch.tensor(moved, requires_grad=name in wrt)
        arrays = Run(self.meaning, torch, leaves, self.lengths).arrays
        loss = sum((torch.tensor(g) * arrays[name]).sum() for name, g in self.upstream.items())
        if loss.requires_grad:
            loss.backward()
        return {
            name: np.zeros(leaves[name].shape)
            if leaves[name].grad is None
            else leaves[name].grad.numpy()
            for name in wrt
        }


def points(meaning: Meaning, lengths: Sequence[int], seed: int, most: int) -> Iterator[Point]:
    """Points one after the other."""
    roots = dict.fromkeys(map(meaning.sizes.root, list(meaning.sizes.up)))
    long = dict(zip(roots, cycle(lengths), strict=False))
    for attempt in range(most):
        random = np.random.default_rng([seed, attempt])
        low, high, signs = RANGES[attempt % len(RANGES)]
        given = {}
        for name, order in meaning.inputs.items():
            shape = tuple(long[meaning.axis(name, place)] for place in range(order))
            given[name] = np.asarray(random.uniform(low, high, shape) * random.choice(signs, shape))
        point = Point(meaning, given, long, {})
        shapes = {name: np.shape(point.made[name]) for name in meaning.outputs}
        is_loss = list(shapes.values()) == [()]
        upstream = {
            name: np.ones(()) if is_loss else np.asarray(random.normal(size=shape))
            for name, shape in shapes.items()
        }
        yield replace(point, upstream=upstream)
