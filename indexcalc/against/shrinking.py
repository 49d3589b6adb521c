"""The smallest inputs at which gradients differ from ours.

Axes become short, then entries 0, then 1, then numbers of few digits. Inputs stay inside the
domain, and a difference stays about as large as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from indexcalc.against.cases import Case
from indexcalc.against.comparing import Answer, Asked, answers
from indexcalc.against.computing import peak
from indexcalc.against.literals import is_few, is_short, recipes
from indexcalc.against.scenes import Scene
from indexcalc.expr.world import Array, World
from indexcalc.proof.domain import is_inside

# Lengths that an axis may come down to: small, and one more than a block has.
LENGTHS = (1, 2, 3, 4, 5, 6, 7, 9, 17, 33, 65, 129)
# How often a function is asked at most, and how much is done.
MOST_TRIES = 400
PATIENCE = 40_000
# How much of the difference must be left.
LEAST = 0.1
# How often where an array has so many entries that few are to be left.
MOST_EACH = 80
# How many random points of a length are tried.
MOST_POINTS = 3


def _rounded(digits: int) -> Callable[[Array], Array]:
    return lambda array: np.round(array, digits)


# What entries may become: 0, 1, numbers of few digits.
SIMPLE: tuple[Callable[[Array], Array], ...] = (
    np.zeros_like,
    np.ones_like,
    *map(_rounded, range(3)),
)


def smallest(theirs: Asked, wrong: Sequence[Answer], seed: int) -> list[Answer]:
    """From wrong answers in one case to wrong ones that are easy to look at."""
    search = _Search(theirs, wrong)
    search.shorten(seed)
    few = [name for name, array in search.scene.given.items() if is_few(array)]
    for name in search.scene.given:
        if name not in few:
            search.spell(name)
    for simple in SIMPLE:
        for name in few:
            search.simplify(name, simple)
    return search.wrong


class _Search:
    """The best answers so far, and how much may still be tried."""

    def __init__(self, theirs: Asked, wrong: Sequence[Answer]) -> None:
        self.theirs = theirs
        self.wrong = list(wrong)
        self.least = {answer.name: LEAST * _share(answer) for answer in wrong}
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
        """Whether the difference is large there, and of the same kind: where numbers differed, nan
        is another mistake."""
        if answer.name not in self.least or answer.failure or answer.agrees:
            return False
        least, share = self.least[answer.name], _share(answer)
        return share >= least and np.isfinite(share) == np.isfinite(least)

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
                if any(self.takes_random(case, seed + more) for more in range(MOST_POINTS)):
                    break

    def takes_random(self, case: Case, seed: int) -> bool:
        point = self.scene.subject.scene(case, seed, self.theirs.kind)
        return point is not None and self.takes(point, case)

    def simplify(self, name: str, simple: Callable[[Array], Array], most: int = MOST_TRIES) -> None:
        """A whole array at once, else its halves, and so on down to entries."""
        least = self.left - most
        waiting = [np.arange(np.size(self.scene.given[name]))]
        while waiting and self.left > least and not self.is_over:
            places = waiting.pop()
            array = np.asarray(self.scene.given[name])
            changed = array.copy().reshape(-1)
            changed[places] = simple(array).reshape(-1)[places]
            # What is 0 or 1 already is as simple as can be.
            done = np.isin(array, (0.0, 1.0)).reshape(-1)
            changed[done] = array.reshape(-1)[done]
            if np.array_equal(changed, array.reshape(-1)):
                continue
            if not self.puts(name, changed.reshape(array.shape)) and len(places) > 1:
                middle = len(places) // 2
                waiting += [places[middle:], places[:middle]]

    def puts(self, name: str, array: Array) -> bool:
        """Whether another array shows it."""
        point = replace(self.scene, given={**self.scene.given, name: array})
        return _has_values(point) and self.takes(point, self.case)

    def spell(self, name: str) -> None:
        """A long array becomes one that an expression makes, with few entries where that does."""
        others = [array for own, array in self.scene.given.items() if own != name]
        for _, made in recipes(np.shape(self.scene.given[name])):
            is_new = not made.any() or not any(np.array_equal(made, other) for other in others)
            if is_new and self.puts(name, made):
                break
        before = self.wrong
        for simple in SIMPLE:
            self.simplify(name, simple, MOST_EACH)
            if not is_short(self.scene.given[name]):
                self.wrong = before
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
