"""Right but for some entries: a row, the tail past a block, a diagonal, a triangle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np

from indexcalc.against.causes import Cause, Evidence, Predicted
from indexcalc.against.comparing import Answer
from indexcalc.against.families.masks import Mask, masks

# Which entries of an array of this shape a mistake is in.
Pattern = Callable[[tuple[int, ...]], Mask]

# Where two axes are compared: what is said, of which letters in which order, and where it is wrong.
PAIRS: tuple[tuple[str, str, Callable[..., Mask]], ...] = (
    ("is wrong on the diagonal ({}) only", "=", np.equal),
    ("is right on the diagonal ({}) only", "=", np.not_equal),
    ("is right in the upper triangle ({}) only", "≤", np.greater),
    ("is right in the lower triangle ({}) only", "≥", np.less),
    ("is right below the diagonal ({}) only", ">", np.less_equal),
    ("is right above the diagonal ({}) only", "<", np.greater_equal),
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
            told = f"{words}{_there(plain, wrong, words)}"
            return Cause("place", told, _elsewhere(evidence.name, pattern))
    return None


def _elsewhere(name: str, pattern: Pattern) -> Predicted:
    """Where it is wrong, nothing is known."""
    return lambda scene: {
        name: np.where(pattern(scene.right[name].shape), np.nan, scene.right[name])
    }


def _wrong(answer: Answer) -> Mask:
    assert answer.theirs is not None
    with np.errstate(all="ignore"):
        return ~(np.abs(answer.theirs - answer.right) <= answer.allowed)


def _there(plain: Sequence[Answer], wrong: list[Mask], words: str) -> str:
    """What it is where it is wrong, if that is one number."""
    there = np.concatenate(
        [a.theirs[mask] for a, mask in zip(plain, wrong, strict=True) if a.theirs is not None]
    )
    only = "nan" if np.isnan(there).all() else "0" if (there == 0).all() else ""
    if not only:
        return ""
    return f", and {only} elsewhere" if words.startswith("is right") else f", where it is {only}"


def _letters(evidence: Evidence) -> list[str]:
    own = evidence.first.scene.letters(evidence.name)
    return [evidence.subject.letter(index.size) for index in own]


def patterns(letters: list[str]) -> Iterator[tuple[str, Pattern]]:
    """Those of arrays with an axis for each letter, the narrowest first."""
    for axis, letter in enumerate(letters):
        for places in masks():
            told = f"is right at {places.rest}" if places.rest else f"is wrong at {places.words}"
            yield f"{told.replace('{}', letter)} only", _along(axis, places.among)
    for one, other in combinations(range(len(letters)), 2):
        for words, sign, compared in PAIRS:
            between = f"{letters[one]} {sign} {letters[other]}"
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
