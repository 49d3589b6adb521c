"""Somebody's function reviewed, and an example of what nothing explains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Symbol

from indexcalc.against.calling import Theirs
from indexcalc.against.cases import cases
from indexcalc.against.comparing import asked
from indexcalc.against.kinds import kind, kinds_of
from indexcalc.against.reviewing import Review, reviewed
from indexcalc.against.scenes import Subject
from indexcalc.against.shrinking import smallest
from indexcalc.against.snippets import snippet
from indexcalc.errors import IndexcalcError
from indexcalc.expr.program import Program
from indexcalc.proof.report import Watch


@dataclass(frozen=True, slots=True)
class Function:
    """A backward function, its forward function if it has one, and whose arrays both take, on which
    device; where no library is named, the one that they speak of, or that suits them."""

    backward: Callable[..., Any]
    forward: Callable[..., Any] | None = None
    library: str = ""
    device: str = ""

    def theirs(self, program: Program, wrt: tuple[str, ...]) -> list[Theirs]:
        """With arrays of each library that may be meant, the likeliest first."""
        own = [one for one in (self.backward, self.forward) if one is not None]
        for function in own:
            if not callable(function):
                what = type(function).__name__
                raise TypeError(f"a function is expected here, not one of type {what}")
        meant = kinds_of(own)[: 1 if self.device else None]
        libraries = [self.library] if self.library else meant
        kinds = [kind(library, self.device) for library in libraries]
        return [Theirs(program, wrt, self.backward, kind, self.forward) for kind in kinds]


def checked(
    program: Program,
    wrt: tuple[str, ...],
    function: Function,
    lengths: Mapping[Symbol, int],
    dtypes: tuple[str, ...],
    seed: int,
    watch: Watch | None,
) -> Review:
    """Every gradient; where some are wrong and nobody knows why, with small inputs."""
    tried = function.theirs(program, wrt)
    if not wrt:
        said, hint = "no gradient is asked for", "leave out wrt, or name a tensor in it"
        raise IndexcalcError("IC612", said, hint=hint)
    subject = Subject(program, wrt)
    theirs = tried[0] if len(tried) == 1 else _suited(tried, subject, lengths, seed)
    review = reviewed(theirs, subject, seed, lengths, dtypes, watch)
    if not review.unexplained:
        return review
    first = min((finding.smallest for finding in review.unexplained), key=lambda a: a.case.extent)
    wrong = (answer for finding in review.unexplained for answer in finding.wrong)
    same = [one for one in wrong if one.scene is first.scene and one.case == first.case]
    small = smallest(theirs, same, seed)
    return replace(review, example=snippet(theirs, small, function.device))


def _suited(
    tried: list[Theirs], subject: Subject, lengths: Mapping[Symbol, int], seed: int
) -> Theirs:
    """The first with which the function is right in the smallest case; else with which it runs."""
    case = next(cases(subject.program, lengths))

    def suits(theirs: Theirs) -> tuple[bool, bool]:
        found = asked(theirs, subject, case, seed)
        return all(one.agrees for one in found), not any(one.failure for one in found)

    return max(tried, key=suits)
