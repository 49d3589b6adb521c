"""What is wrong with gradients: the first cause, from the simplest on, that gives their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from indexcalc.against.causes import Cause, Evidence, fits
from indexcalc.against.comparing import Answer
from indexcalc.against.families import (
    blocks,
    coarse,
    constants,
    formulas,
    layouts,
    partial,
    paths,
    shapes,
    slopes,
    sums,
    triangles,
    upstream,
    whole,
)
from indexcalc.against.families.pairs import Tried, pairs
from indexcalc.against.families.places import somewhere
from indexcalc.against.families.precision import besides, remembers
from indexcalc.against.scenes import Subject

Family = Callable[[Evidence], Iterator[Cause]]
# Mistakes on the way to these gradients.
OnTheWay = Callable[[Subject, frozenset[str]], Iterator[Cause]]

# The simplest first: of two that explain a gradient, the first is named.
SIMPLE: tuple[Family, ...] = (
    whole.zeros,
    whole.multiples,
    whole.axes_in_another_order,
    whole.another_ones,
    upstream.instead,
    paths.parts,
    shapes.other,
    partial.used,
    constants.constants,
    blocks.apart,
    coarse.rounded,
)
# Then mistakes in formulas; then these.
LATER: tuple[Family, ...] = (paths.several, layouts.result, layouts.parts)


# How much is done until no more causes are tried: by simple causes, by mistakes on the way that
# several gradients share, by mistakes in the formula of one, by mistakes on the way again, and by
# all.
SIMPLY = 25_000
SHARED = 50_000
OWN = 75_000
ALONE = 85_000
PATIENCE = 120_000
# What it costs to make a cause and hold it to numbers.
MAKING = 4


def diagnosed(evidences: Sequence[Evidence]) -> tuple[dict[str, Cause], bool]:
    """The causes of those that are wrong, by gradient, where one is found; and whether not all
    causes were tried."""
    wrong = [one for one in evidences if not all(answer.agrees for answer in one.every)]
    found = {one.name: known for one in wrong if (known := _at_once(one)) is not None}
    open_ = [one for one in wrong if one.name not in found and _has_numbers(one)]
    search = _Search(open_, evidences) if open_ else None
    found |= search.found if search is not None else {}
    shared = {one.name: _shared(one, found) for one in wrong if one.name in found}
    return shared, search is not None and search.is_cut


def _shared(evidence: Evidence, found: dict[str, Cause]) -> Cause:
    """Where only places are known, what explains another gradient, if it explains this one."""
    own = found[evidence.name]
    for other in found.values() if own.kind == "place" else ():
        if evidence.may_be(other) and evidence.explained(other):
            return other
    return own


def _has_numbers(evidence: Evidence) -> bool:
    return all(answer.theirs is not None for answer in evidence.plain)


def _is_lost(answer: Answer) -> bool:
    return answer.theirs is not None and not np.isfinite(answer.theirs).any()


def _at_once(evidence: Evidence) -> Cause | None:
    """What shows without any formula of another gradient."""
    if not _has_numbers(evidence):
        return None
    if all(answer.agrees for answer in evidence.plain) or remembers(evidence):
        return besides(evidence)
    seen = somewhere(evidence) or coarse.made_of(evidence)
    if seen is None and _is_lost(evidence.first):
        return Cause("nan", "is nan or ∞ where it should be numbers", lambda scene: {})
    return seen


class _Search:
    """Among all causes, for gradients that nothing explains at once."""

    def __init__(self, wrong: Sequence[Evidence], every: Sequence[Evidence]) -> None:
        self.found: dict[str, Cause] = {}
        self.tried: dict[str, list[Tried]] = {one.name: [] for one in wrong}
        self.right = [one for one in every if all(answer.agrees for answer in one.every)]
        self.wrong = list(wrong)
        self.is_cut = False
        self.subject = wrong[0].subject
        self.work = self.subject.work
        self.work.restart(SIMPLY)
        self.work.most = SIMPLY
        self.exchanged()
        for family in SIMPLE:
            for evidence in self.in_turn(SIMPLY):
                self.simple(evidence, family(evidence))
        for evidence in self.in_turn(SIMPLY):
            # What is right while axes are short has to do with blocks.
            if evidence.plain[0].agrees:
                self.simple(evidence, sums.partly(evidence))
        self.together(1, SHARED, lambda subject, _: slopes.slopes(subject))
        self.together(1, SHARED, lambda subject, _: triangles.masked(subject))
        self.together(2, SHARED, formulas.on_the_way)
        for evidence in self.in_turn(OWN):
            self.first_of(evidence, formulas.own(evidence))
        self.together(1, ALONE, formulas.on_the_way)
        for family in LATER:
            for evidence in self.in_turn(PATIENCE):
                self.first_of(evidence, family(evidence))
        for evidence in self.in_turn(PATIENCE):
            self.first_of(evidence, pairs(evidence, self.tried[evidence.name]))
        for evidence in self.in_turn(PATIENCE):
            self.first_of(evidence, sums.partly(evidence))

    @property
    def left(self) -> list[Evidence]:
        return [one for one in self.wrong if one.name not in self.found]

    def in_turn(self, most: int) -> Iterator[Evidence]:
        """Those that are left, each with its share of what is to be done up to there."""
        left = self.left
        for place, evidence in enumerate(left):
            share = (most - self.work.done) // (len(left) - place)
            self.work.most = self.work.done + max(share, 0)
            yield evidence

    def patiently(self, causes: Iterator[Cause]) -> Iterator[Cause]:
        """As many as there is patience for."""
        for cause in causes:
            self.work.add(MAKING)
            if self.work.is_over:
                self.is_cut = True
                return
            yield cause

    def simple(self, evidence: Evidence, causes: Iterator[Cause]) -> None:
        for cause in self.patiently(causes):
            if evidence.may_be(cause) and evidence.explained(cause):
                self.found[evidence.name] = cause
                return

    def first_of(self, evidence: Evidence, causes: Iterator[Cause]) -> None:
        for cause in self.patiently(causes):
            predicted = cause.predicted(evidence.first.scene).get(evidence.name)
            if predicted is None:
                continue
            if fits(evidence.first, predicted) and evidence.explained(cause):
                self.found[evidence.name] = cause
                return
            if cause.kind != "two":
                self.tried[evidence.name].append(Tried(cause, predicted))

    def exchanged(self) -> None:
        """Gradients in each other's places, where that explains every one of them."""
        wrong = {evidence.name: evidence for evidence in self.wrong}
        for cause in self.patiently(whole.orders(self.subject, frozenset(wrong))):
            about = [wrong[name] for name in cause.predicted(self.wrong[0].first.scene)]
            if all(one.may_be(cause) and one.explained(cause) for one in about):
                self.found |= {one.name: cause for one in about}

    def together(self, least: int, most: int, family: OnTheWay) -> None:
        """One mistake on the way that explains as many as possible of those that are left, at
        least so many, and spoils no other; again for those that are left then."""
        self.work.most = most
        while len(self.left) >= least:
            best: tuple[int, list[Evidence], Cause] | None = None
            names = frozenset(evidence.name for evidence in self.left)
            for cause in self.patiently(family(self.subject, names)):
                explained = self.explained(cause)
                rank = len(explained) - self.spoiled(cause) if len(explained) >= least else 0
                if rank > (best[0] if best else 0):
                    best = (rank, explained, cause)
                if rank == len(self.left):
                    break
            if best is None:
                return
            for evidence in best[1]:
                self.found[evidence.name] = best[2]

    def explained(self, cause: Cause) -> list[Evidence]:
        """The gradients that it gives; predictions serve all of them."""
        self.work.add(len(self.left))
        scene = self.left[0].first.scene
        predicted = cause.predicted(scene)
        found = []
        for evidence in self.left:
            one = predicted.get(evidence.name)
            if one is None:
                continue
            if evidence.first.scene is not scene:
                one = cause.predicted(evidence.first.scene).get(evidence.name)
            if fits(evidence.first, one) and evidence.explained(cause):
                found.append(evidence)
            elif one is not None:
                self.tried[evidence.name].append(Tried(cause, one))
        return found

    def spoiled(self, cause: Cause) -> int:
        """How many right gradients would be wrong."""
        return sum(not evidence.explained(cause) for evidence in self.right)
