"""Right but for some entries: a row, the tail past a block, a diagonal, a triangle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np

from indexcalc.against.causes import Cause, Evidence
from indexcalc.against.comparing import Answer
from indexcalc.against.families.masks import Mask, masks
from indexcalc.against.scenes import Scene

# Which entries of an array of this shape a mistake is in.
Pattern = Callable[[tuple[int, ...]], Mask]

PAIRS: tuple[tuple[str, Callable[..., Mask]], ...] = (
    ("on the diagonal of {}", np.equal),
    ("off the diagonal of {}: only the diagonal is right", np.not_equal),
    ("below the diagonal of {}: only the upper triangle is right", np.greater),
    ("above the diagonal of {}: only the lower triangle is right", np.less),
    ("on and above the diagonal of {}: only what is below is right", np.less_equal),
    ("on and below the diagonal of {}: only what is above is right", np.greater_equal),
)


def somewhere(evidence: Evidence) -> Cause | None:
    """Where it is wrong, if that is one pattern in all cases, and not everywhere in all."""
    wide = [one for one in evidence.plain if set(one.case.lengths.values()) != {1}]
    plain = wide or evidence.plain  # where every axis has one place, that may be any
    if any(answer.theirs is None or answer.theirs.shape != answer.right.shape for answer in plain):
        return None
    wrong = [_wrong(answer) for answer in plain]
    if all(mask.all() for mask in wrong if mask.size > 1) or not any(m.any() for m in wrong):
        return None
    for words, pattern in patterns(_letters(evidence)):
        if all(np.array_equal(mask, pattern(mask.shape)) for mask in wrong):
            return Cause("place", f"is wrong {words}{_instead(plain, wrong)}", _as_given)
    return None


def _as_given(scene: Scene) -> dict[str, np.ndarray]:
    """Where it is right is known, what it is elsewhere is not."""
    return {}


def _wrong(answer: Answer) -> Mask:
    assert answer.theirs is not None
    with np.errstate(all="ignore"):
        return ~(np.abs(answer.theirs - answer.right) <= answer.allowed)


def _instead(plain: Sequence[Answer], wrong: list[Mask]) -> str:
    """What is there, where that is one number."""
    there = np.concatenate(
        [a.theirs[mask] for a, mask in zip(plain, wrong, strict=True) if a.theirs is not None]
    )
    if np.isnan(there).all():
        return ", where it is nan"
    return ", where it is 0" if (there == 0).all() else ""


def _letters(evidence: Evidence) -> list[str]:
    own = evidence.first.scene.letters(evidence.name)
    return [evidence.subject.letter(index.size) for index in own]


def patterns(letters: list[str]) -> Iterator[tuple[str, Pattern]]:
    """Those of arrays with an axis for each letter, the narrowest first."""
    for axis, letter in enumerate(letters):
        for places in masks():
            yield f"at {places.words.replace('{}', letter)} only", _along(axis, places.among)
    for one, other in combinations(range(len(letters)), 2):
        for words, compared in PAIRS:
            between = f"{letters[one]} and {letters[other]}"
            yield words.format(between), _pair(one, other, compared)


def _along(axis: int, among: Callable[[int], Mask]) -> Pattern:
    def pattern(shape: tuple[int, ...]) -> Mask:
        at = among(shape[axis]).reshape([-1 if k == axis else 1 for k in range(len(shape))])
        return np.broadcast_to(at, shape)

    return pattern


def _pair(one: int, other: int, compared: Callable[..., Mask]) -> Pattern:
    def pattern(shape: tuple[int, ...]) -> Mask:
        at = np.indices(shape)
        return np.asarray(compared(at[one], at[other]))

    return pattern
