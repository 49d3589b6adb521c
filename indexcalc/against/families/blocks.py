"""Blocks of an axis, each treated as if it were the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from sympy import Expr

from indexcalc.against.causes import Cause, Evidence, Predicted
from indexcalc.against.families.masks import BLOCKS
from indexcalc.against.scenes import Scene
from indexcalc.expr.base import Index
from indexcalc.expr.world import Array


def blocks_of(evidence: Evidence, size: Expr) -> Iterator[int]:
    """The blocks that may explain it: where an axis is no longer than one, nothing is wrong."""
    wrong = [answer for answer in evidence.plain if not answer.agrees]
    shortest = min(int(answer.scene.values.number(size)) for answer in wrong)
    yield from (block for block in BLOCKS if block < shortest)


def apart(evidence: Evidence) -> Iterator[Cause]:
    """The gradients of each block by itself, side by side, or added up where they have no such
    axis."""
    subject = evidence.subject
    for size in (one for one in subject.program.sizes if one.fixed):
        for block in blocks_of(evidence, size.symbol):
            letter = subject.letter(size.symbol)
            words = f"is what it is where each block of {block} of {letter} is taken for the whole"
            yield Cause("blocks", words, _by_blocks(evidence.name, size.symbol, block))


def _by_blocks(name: str, size: Expr, block: int) -> Predicted:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        tensors = scene.subject.tensors
        parts = []
        for start in range(0, int(scene.values.number(size)), block):
            given = {
                one: _cut(array, tensors[one], size, slice(start, start + block))
                for one, array in scene.given.items()
            }
            parts.append(scene.gradients(given)[name])
        axes = [axis for axis, index in enumerate(tensors[name]) if index.size == size]
        return {name: np.concatenate(parts, axes[0]) if axes else np.sum(parts, axis=0)}

    return predicted


def _cut(array: Array, indices: tuple[Index, ...], size: Expr, part: slice) -> Array:
    return array[tuple(part if index.size == size else slice(None) for index in indices)]
