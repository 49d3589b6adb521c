"""Arrays as program text: lists of numbers, or where these would be long an expression of NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from pprint import pformat
from textwrap import wrap

import numpy as np

from indexcalc.expr.world import Array

WIDTH = 80
# Arrays of more entries are made by expressions; of their entries so many may be other than 0.
FEW = 60
SPARSE = 8
# Random arrays of one shape that are not the same.
SEEDS = range(4)


def is_few(array: Array) -> bool:
    return np.size(array) <= FEW


def recipes(shape: tuple[int, ...]) -> Iterator[tuple[str, Array]]:
    """Expressions that make an array of this shape, those that tell more first, and what they
    make."""
    told = _told(shape)
    yield f"np.zeros({told})", np.zeros(shape)
    for lowest in (-9, 1):
        for seed in SEEDS:
            made = np.random.default_rng(seed).integers(lowest, 10, shape) / 10
            yield f"np.random.default_rng({seed}).integers({lowest}, 10, {told})/10", made
    yield f"np.ones({told})", np.ones(shape)


def _told(shape: tuple[int, ...]) -> str:
    return str(shape[0] if len(shape) == 1 else shape)


def expression(array: Array) -> str | None:
    """A short one that makes this array; None where there is none."""
    for words, made in recipes(array.shape):
        if np.array_equal(made, array):
            return words
    places = np.flatnonzero(array)
    if len(places) > SPARSE:
        return None
    entries = array.ravel()[places].tolist()
    row = f"np.bincount({places.tolist()}, {entries}, {array.size})"
    return row if array.ndim == 1 else f"{row}.reshape({_told(array.shape)})"


def literal(array: Array, lead: str, opening: str = "", ending: str = "") -> Iterator[str]:
    """A line `lead` with the array, between what makes one of a library and dtype of it; one that
    is not few has an expression."""
    array = np.asarray(array)
    if is_few(array):
        lead += opening
        room = WIDTH - len(lead) - len(ending)
        first, *others = pformat(array.tolist(), width=room, compact=True).splitlines()
        lines = [lead + first, *(" " * len(lead) + line for line in others)]
        yield from (*lines[:-1], lines[-1] + ending)
    else:
        # What NumPy makes is an array already.
        around = ("", "") if ending in ("", ")") else (opening, ending)
        line = f"{lead}{around[0]}{expression(array)}{around[1]}"
        yield from wrap(line, WIDTH, subsequent_indent="    ", break_long_words=False)


def is_short(array: Array) -> bool:
    return is_few(array) or expression(np.asarray(array)) is not None
