"""Two mistakes at once: one that is tried alone, and on top of it a factor, a transposition, or
another one in another place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from sympy import Expr

from indexcalc.against.causes import Cause, Evidence, Predicted
from indexcalc.against.families.whole import multiple, recognised, said, spelled
from indexcalc.against.said import Said
from indexcalc.against.scenes import Scene
from indexcalc.expr.world import Array

# Numbers agree that agree in so many parts of the largest.
CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Tried:
    """A cause that did not explain a gradient, and what it would be by it at the first scene."""

    cause: Cause
    predicted: Array


def pairs(evidence: Evidence, tried: Iterable[Tried]) -> Iterator[Cause]:
    theirs = evidence.first.theirs
    if theirs is None or not np.isfinite(theirs).all():
        return
    right = Tried(Cause("", "", lambda scene: {}), evidence.first.right)
    known = [one for one in tried if np.isfinite(one.predicted).all()]
    work = evidence.subject.work
    for one in (right, *known):
        if work.is_over:
            return
        work.add()
        yield from _changed(evidence, one, theirs)
    yield from _both(evidence, [one for one in known if one.predicted.shape == theirs.shape])


def _changed(evidence: Evidence, one: Tried, theirs: Array) -> Iterator[Cause]:
    """A multiple of it, its axes in another order, or both."""
    if one.predicted.ndim != theirs.ndim or one.predicted.ndim > 4:
        return
    for order in permutations(range(theirs.ndim)):
        moved = one.predicted.transpose(order)
        if moved.shape != theirs.shape:
            continue
        ratio = multiple(theirs, moved)
        if ratio is None:
            continue
        straight = order == tuple(range(theirs.ndim))
        for factor in recognised(ratio, evidence.first.scene):
            if straight and (factor == 1 or not one.cause.told):
                continue
            how = [] if straight else [_moved_words(order)]
            how += [] if factor == 1 else [said(factor)]
            told = " and ".join(how)
            words = _besides(one.cause, told)
            yield Cause("two", words, _with(evidence.name, one.cause, order, factor))


def _besides(cause: Cause, told: str) -> Said | str:
    return Said("{}; besides, it {}", (cause.told, told)) if cause.told else told


def _with(name: str, cause: Cause, order: tuple[int, ...], factor: Expr) -> Predicted:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        own = cause.predicted(scene).get(name, scene.right[name])
        return {name: own.transpose(order) * scene.values.number(factor)}

    return predicted


def _moved_words(order: tuple[int, ...]) -> str:
    return "is transposed" if len(order) == 2 else f"has its axes in the order {spelled(order)}"


def _both(evidence: Evidence, known: list[Tried]) -> Iterator[Cause]:
    """Two that add up: found by a number that stands for each, sorted."""
    theirs, right = evidence.first.theirs, evidence.first.right
    if theirs is None or theirs.shape != right.shape or len(known) < 2:
        return
    random = np.random.default_rng(0)
    weights = random.normal(size=right.shape)
    moved = [one.predicted - right for one in known]
    numbers = np.array([float((weights * one).sum()) for one in moved])
    goal = theirs - right
    unit = float(np.abs(goal).max())
    order = np.argsort(numbers, kind="stable")
    wanted = float((weights * goal).sum()) - numbers
    slack = CLOSE * unit * right.size
    starts = np.searchsorted(numbers[order], wanted - slack)
    ends = np.searchsorted(numbers[order], wanted + slack)
    for one, (start, end) in enumerate(zip(starts, ends, strict=True)):
        for other in order[start:end]:
            if other > one and float(np.abs(moved[one] + moved[other] - goal).max()) <= slack:
                yield _sum(evidence.name, known[one].cause, known[other].cause)


def _sum(name: str, one: Cause, other: Cause) -> Cause:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        right = scene.right[name]
        parts = [cause.predicted(scene).get(name, right) for cause in (one, other)]
        return {name: parts[0] + parts[1] - right}

    return Cause("two", Said("{}; and it {}", (one.told, other.told)), predicted)
