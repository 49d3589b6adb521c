"""Reviews of kernels, right ones and ones with a mistake planted in them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import indexcalc as ic
from indexcalc.against.calling import Theirs
from indexcalc.against.kinds import kind
from indexcalc.against.reviewing import Review, reviewed
from indexcalc.against.scenes import Subject
from tests.planted.planting import Kernel, Planted


@cache
def subject(program: str) -> Subject:
    derivation = ic.derive(program)
    return Subject(derivation.program, derivation.wrt)


def review(kernel: Kernel, source: str = "") -> Review:
    own = subject(kernel.program)
    library = kind(kernel.library)
    return reviewed(Theirs(own.program, own.wrt, kernel.compiled(source), library), own)


def said(found: Review) -> str:
    """What is said of every gradient that is wrong, a line each."""
    lines = []
    for one in found.findings:
        if not one.agrees:
            words = one.cause.words if one.cause else "nothing known"
            lines.append(f"the gradient by {one.name}: {words}")
    return "\n".join(lines)


@dataclass(frozen=True)
class Verdict:
    """What became of a planted mistake, and how many seconds it took."""

    bug: Planted
    found: Review
    seconds: float

    @property
    def detected(self) -> bool:
        """Whether those gradients are called wrong that are, and no other."""
        wrong = {one.name for one in self.found.findings if not one.agrees}
        return wrong == set(self.bug.wrong.split())

    @property
    def named(self) -> bool:
        return self.bug.named_by(said(self.found))


def verdicts(bugs: tuple[Planted, ...]) -> Iterator[Verdict]:
    for bug in bugs:
        subject(bug.kernel.program)  # is not a part of the time
        start = time.perf_counter()
        found = review(bug.kernel, bug.source)
        yield Verdict(bug, found, time.perf_counter() - start)
