"""The upstream gradient ignored, or another in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from indexcalc.against.causes import Cause, Evidence
from indexcalc.against.scenes import Scene
from indexcalc.expr.names import unicode_face
from indexcalc.expr.world import Array

INSTEAD: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("ones: it is ignored", np.ones_like),
    ("its sum over {} in every place: a δ is missing", lambda seed: np.full_like(seed, seed.sum())),
    ("its mean in every place", lambda seed: np.full_like(seed, seed.mean())),
    ("its square", np.square),
    ("its size, without its sign", np.abs),
    ("0: what comes through it is missing", np.zeros_like),
)


def instead(evidence: Evidence) -> Iterator[Cause]:
    """All of them, then each by itself."""
    upstream = evidence.subject.upstream
    for words, change in INSTEAD[:-1]:
        over = _letters(evidence, next(iter(upstream)))
        told = f"the upstream gradient is replaced by {words.format(over)}"
        yield _cause(f"is what it is where {told}", tuple(upstream.values()), change)
    if len(upstream) == 1:
        return
    for output, seed in upstream.items():
        for words, change in INSTEAD:
            told = f"the upstream gradient of {unicode_face(output)} is "
            told += f"replaced by {words.format(_letters(evidence, output))}"
            yield _cause(f"is what it is where {told}", (seed,), change)


def _letters(evidence: Evidence, output: str) -> str:
    indices = evidence.subject.program.tensors[output]
    return ", ".join(evidence.subject.letter(index.size) for index in indices)


def _cause(words: str, seeds: tuple[str, ...], change: Callable[[Array], Array]) -> Cause:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        changed = {seed: change(scene.given[seed]) for seed in seeds}
        return scene.once((seeds, change), lambda: scene.gradients({**scene.given, **changed}))

    return Cause("upstream", words, predicted)
