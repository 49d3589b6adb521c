"""What may be wrong with a gradient: a cause says what the wrong one would be, at any point.

A cause explains a gradient where it gives the same numbers at points of several sizes, and not
otherwise. Families of causes are functions of the evidence; `diagnosing` asks them in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from indexcalc.against.comparing import Answer
from indexcalc.against.computing import peak
from indexcalc.against.said import Said, short
from indexcalc.against.scenes import SHARE, Scene, Subject
from indexcalc.expr.world import Array

# What wrong gradients would be at a scene, by name; those that are not there would be right, and
# entries of which nothing is known are nan.
Predicted: TypeAlias = Callable[[Scene], Mapping[str, Array]]
# A gradient that is explained is off by rounding, which a wrong one may have more of.
SLACK = 100.0
# In few digits that would be more than all of it: there it is off by as much as right ones are.
NO_SLACK = 0.5
# What is so many times as far off as allowed is so many times nearer to what explains it.
CLEARLY = 5.0
# And any that is wrong so many times, in whatever few digits.
NEARER = 2.0
# And what is left of a distance that is explained.
EXPLAINED = 1e-6
# What a formula may leave of 0 where numbers cancel, and nothing is wrong.
NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Cause:
    """In words, after "the gradient by x"; and what that makes of the gradient."""

    kind: str
    told: Said | str
    predicted: Predicted

    @property
    def words(self) -> str:
        return short(str(self.told))

    def at(self, answer: Answer) -> Array:
        """What the gradient of an answer would be there."""
        return self.predicted(answer.scene).get(answer.name, answer.right)

    def left(self, answer: Answer) -> float | None:
        """How far from that the answer is, where both have numbers; None where the cause gives
        none."""
        predicted = self.predicted(answer.scene).get(answer.name)
        if predicted is None or answer.theirs is None:
            return None
        with np.errstate(all="ignore"):
            off = answer.theirs - predicted
        return peak(off[np.isfinite(off)])


@dataclass(frozen=True)
class Evidence:
    """The answers about one gradient in all cases."""

    name: str
    every: tuple[Answer, ...]
    # The gradients that are right.
    settled: frozenset[str] = frozenset()

    @property
    def subject(self) -> Subject:
        return self.every[0].scene.subject

    @cached_property
    def plain(self) -> tuple[Answer, ...]:
        """Those at which mistakes of formulas show as they are, the smallest first."""
        return tuple(answer for answer in self.every if answer.case.is_plain)

    @cached_property
    def first(self) -> Answer:
        """The smallest that is clearly wrong: where causes are looked for."""
        wrong = [answer for answer in self.plain if not answer.agrees]
        return next((answer for answer in wrong if answer.times > CLEARLY), wrong[0])

    def may_be(self, cause: Cause) -> bool:
        """Whether it gives the numbers at the first."""
        return fits(self.first, cause.predicted(self.first.scene).get(self.name))

    def explained(self, cause: Cause) -> bool:
        """Whether it gives the numbers everywhere, and has some to give."""
        numbers = False
        for answer in self.plain:
            predicted = cause.at(answer)
            if not fits(answer, predicted):
                return False
            numbers = numbers or bool(np.isfinite(predicted).all())
        return numbers


def fits(answer: Answer, predicted: Array | None) -> bool:
    """Whether these are the numbers that were given, up to rounding, of which what is wrong may
    have far more. Where there are no numbers, none may be expected."""
    if predicted is None or answer.theirs is None or predicted.shape != answer.theirs.shape:
        return False
    there = np.isfinite(predicted)
    if set(answer.case.lengths.values()) == {1} and not np.isfinite(answer.theirs).any():
        return True  # 0/0 where every axis has one place: what comes of it is a matter of spelling
    if not np.array_equal(there, np.isfinite(answer.theirs)):
        return False
    with np.errstate(all="ignore"):
        off = peak((answer.theirs - predicted)[there])
        same = answer.theirs.shape == answer.right.shape
        before = peak((answer.theirs - (answer.right if same else 0))[there])
        rounding = answer.allowed * max(1.0, _ratio(predicted, answer.right))
        if not answer.agrees and off > before / (CLEARLY if answer.times > CLEARLY else NEARER):
            return False
        slack = NO_SLACK if answer.case.dtype in SHARE else SLACK
        return off <= max(slack * rounding, EXPLAINED * before, NOTHING if answer.agrees else 0)


def _ratio(one: Array, other: Array) -> float:
    """How much larger one is."""
    most = peak(other)
    return peak(one) / most if most else 1.0
