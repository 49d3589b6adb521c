"""Gradients against central differences of the reference evaluator.

The loss is Σ G·y with random G, never a plain sum, under which the gradients of a softmax and of a
layer norm are 0. Sizes are unequal, so that no axis can be taken for another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from indexcalc.proof.report import Report, Row, Verdict

Array = NDArray[np.float64]
Values = Mapping[str, Array]
# A tensor, its gradient, and whether that is 0 by its form.
Claim = tuple[str, Array, bool]
# The loss where one tensor was moved, everything that depends on it following.
Loss = Callable[[str, Values], float]

METHOD = "differences"
# Relative to the largest entry, beside the error that the differences are known to have.
TOLERANCE = 1e-8
# Differences with a larger error of their own decide nothing.
BLURRED = 3e-7
# A gradient that is 0 everywhere may have differences of this part of the loss.
NOTHING = 1e-9
STEP = 1e-3
# An extrapolated difference magnifies the rounding of the loss by 6, and that is some bits.
ROUNDING = 24.0
# How many directions are tried, all tensors together.
MOST_PROBES = 240


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
            rows.append(Row(name, given.size, METHOD, scale, NOTHING, Verdict.VERIFIED))
            continue
        # Where all slopes are 0, a wrong gradient could hide.
        if given.size and not (scale > 0 and blur <= BLURRED * scale):
            return None
        error = float(np.abs(claimed - differences).max(initial=0.0))
        bound = TOLERANCE * scale + blur
        verdict = Verdict.VERIFIED if error <= bound else Verdict.WRONG
        unit = scale or 1.0
        rows.append(Row(name, given.size, METHOD, error / unit, bound / unit, verdict))
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
    """Central differences along directions, extrapolated twice, and how far they may be off: the
    two results from each other, or by rounding."""
    base = at[name]
    found = []
    step = STEP * max(1.0, float(np.abs(base).max(initial=0.0)))
    # What the rounding of the loss makes of a difference, at least.
    blur = ROUNDING * float(np.finfo(float).eps) * abs(loss(name, at)) / step
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
