"""Somebody's function reviewed, and an example of what nothing explains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Symbol

from indexcalc.against.calling import Theirs
from indexcalc.against.kinds import kind, kind_of
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
    device; where no library is named, the one that they speak of."""

    backward: Callable[..., Any]
    forward: Callable[..., Any] | None = None
    library: str = ""
    device: str = ""

    def theirs(self, program: Program, wrt: tuple[str, ...]) -> Theirs:
        for function in (self.backward, self.forward):
            if function is not None and not callable(function):
                what = type(function).__name__
                raise TypeError(f"a function is expected here, not one of type {what}")
        library = self.library or kind_of(self.backward)
        return Theirs(program, wrt, self.backward, kind(library, self.device), self.forward)


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
    theirs = function.theirs(program, wrt)
    if not wrt:
        said, hint = "no gradient is asked for", "leave out wrt, or name a tensor in it"
        raise IndexcalcError("IC612", said, hint=hint)
    review = reviewed(theirs, Subject(program, wrt), seed, lengths, dtypes, watch)
    if not review.unexplained:
        return review
    first = min((finding.smallest for finding in review.unexplained), key=lambda a: a.case.extent)
    same = [a for f in review.unexplained for a in f.wrong if a.scene is first.scene]
    wrong = smallest(theirs, same, seed)
    return replace(review, example=snippet(theirs, wrong, function.device))
