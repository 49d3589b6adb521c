"""The smallest inputs at which gradients differ from ours.

Axes become short, then entries 0, then 1, then numbers of few digits. Inputs stay inside the
domain, and a difference stays about as large as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from indexcalc.against.cases import Case
from indexcalc.against.comparing import Answer, Asked, answers
from indexcalc.against.computing import peak
from indexcalc.against.scenes import Scene, scene
from indexcalc.expr.world import Array, World
from indexcalc.proof.domain import is_inside

# Lengths that an axis may come down to: small, and one more than a block has.
LENGTHS = (1, 2, 3, 4, 5, 6, 7, 9, 17, 33, 65, 129)
# How often a function is asked at most, and how much is done.
MOST_TRIES = 400
PATIENCE = 40_000
# How much of the difference must be left.
LEAST = 0.1
# The digits after the point that entries are rounded to, the fewest first.
DIGITS = (0, 1, 2)


def smallest(theirs: Asked, wrong: Sequence[Answer], seed: int) -> list[Answer]:
    """From wrong answers in one case to wrong ones that are easy to look at."""
    search = _Search(theirs, wrong)
    search.shorten(seed)
    for name in search.scene.given:
        search.simplify(name, np.zeros_like)
    for name in search.scene.given:
        search.simplify(name, np.ones_like)
    for digits in DIGITS:
        for name in search.scene.given:
            search.simplify(name, partial(np.round, decimals=digits))
    return search.wrong


class _Search:
    """The best answers so far, and how much may still be tried."""

    def __init__(self, theirs: Asked, wrong: Sequence[Answer]) -> None:
        self.theirs = theirs
        self.wrong = list(wrong)
        self.names = {answer.name for answer in wrong}
        self.least = LEAST * max(map(_share, wrong))
        self.left = MOST_TRIES
        self.work = self.scene.subject.work
        self.work.restart(PATIENCE)

    @property
    def scene(self) -> Scene:
        return self.wrong[0].scene

    @property
    def case(self) -> Case:
        return self.wrong[0].case

    @property
    def is_over(self) -> bool:
        return not self.left or self.work.is_over

    def takes(self, point: Scene, case: Case) -> bool:
        """Whether some gradient still differs there; then that is the best so far."""
        if self.is_over:
            return False
        self.left -= 1
        found = [one for one in answers(self.theirs, point, case) if self.shows(one)]
        if found:
            self.wrong = found
        return bool(found)

    def shows(self, answer: Answer) -> bool:
        wanted = answer.name in self.names and not answer.failure and not answer.agrees
        return wanted and _share(answer) >= self.least

    def shorten(self, seed: int) -> None:
        """All axes at once have one place, or else each in turn is as short as can be."""
        symbols = list(self.case.lengths)
        together = (symbols, LENGTHS[:1])
        for some, tried in (together, *(([symbol], LENGTHS) for symbol in symbols)):
            for length in tried:
                lengths = self.case.lengths
                shorter = {symbol: min(length, lengths[symbol]) for symbol in some}
                if {**lengths, **shorter} == lengths or self.is_over:
                    break
                case = replace(self.case, lengths={**lengths, **shorter})
                point = scene(self.scene.subject, case, seed, self.theirs.kind)
                if point is not None and self.takes(point, case):
                    break

    def simplify(self, name: str, simple: Callable[[Array], Any]) -> None:
        """A whole array at once, else entry by entry."""
        for place in (..., *np.ndindex(np.shape(self.scene.given[name]))):
            array = np.asarray(self.scene.given[name])
            changed = array.copy()
            changed[place] = simple(array)[place]
            # What is 0 or 1 already is as simple as can be.
            done = np.isin(array, (0.0, 1.0))
            changed[done] = array[done]
            if np.array_equal(changed, array):
                continue
            if self.is_over:
                return
            point = replace(self.scene, given={**self.scene.given, name: changed})
            if _has_values(point) and self.takes(point, self.case) and place is ...:
                return


def _share(answer: Answer) -> float:
    """How far off, as a part of the largest entry of both."""
    if answer.error == float("inf") or answer.theirs is None:
        return float("inf")
    return answer.error / max(answer.unit, peak(answer.theirs))


def _has_values(point: Scene) -> bool:
    """Whether it is inside the domain, and rounding can be told there."""
    world = World(point.given, point.numbers, point.functions)
    return is_inside(point.subject.program, world) and all(map(np.isfinite, _numbers(point)))


def _numbers(point: Scene) -> Iterator[float]:
    with np.errstate(all="ignore"):
        yield from map(peak, point.right.values())
        yield from point.limits
