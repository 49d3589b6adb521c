"""Part of what an adjoint has is used alone: one block's, the first row's, all but the tail's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from indexcalc.against.causes import Cause, Evidence
from indexcalc.against.families.masks import Mask, Places, masks
from indexcalc.against.families.paths import between
from indexcalc.against.scenes import Scene
from indexcalc.expr.names import unicode_face
from indexcalc.expr.world import Array


def used(evidence: Evidence) -> Iterator[Cause]:
    """What comes from some places along an axis of a tensor missing, or alone there."""
    subject = evidence.subject
    for name, tensor in _adjoints(evidence):
        indices = subject.program.tensors[name]
        for axis, index in enumerate(indices):
            letter = subject.letter(index.size)
            own = unicode_face(name)
            for places in masks():
                told = places.words.replace("{}", letter)
                words = f"lacks what comes through {own} from {told}"
                yield _cause(words, tensor, axis, places, False)
                words = f"has what comes through {own} from {told} alone"
                yield _cause(words, tensor, axis, places, True)


def _adjoints(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Tensors through which a gradient comes and what their adjoints are called, from the outputs
    backwards."""
    subject = evidence.subject
    yield from subject.upstream.items()
    on_the_way = set(between(subject, evidence.name))
    for name in reversed(subject.program.tensors):
        if name in on_the_way and name in subject.found.adjoints and name not in subject.wrt:
            yield name, subject.adjoint(name)


def _cause(words: str, tensor: str, axis: int, places: Places, keep: bool) -> Cause:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        whole = scene.values.arrays[tensor]
        mask: Mask = places.among(whole.shape[axis])
        left = mask if keep else ~mask
        if left.all():
            return {}

        def following() -> dict[str, Array]:
            shape = [-1 if at == axis else 1 for at in range(whole.ndim)]
            masked = np.where(left.reshape(shape), whole, 0)
            return scene.following({tensor: masked}, scene.subject.chain)

        # On a short axis, many places are the same.
        return scene.once((tensor, axis, left.tobytes()), following)

    return Cause("part", words, predicted)
