"""A whole review: every case asked, every gradient that is wrong explained where that can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Symbol

from indexcalc.against import saying
from indexcalc.against.cases import DTYPES, LESS_FAR, Case, cases, telling
from indexcalc.against.causes import Cause, Evidence
from indexcalc.against.comparing import Answer, Asked, asked
from indexcalc.against.diagnosing import diagnosed
from indexcalc.against.kinds import COARSER
from indexcalc.against.rounding import has_few
from indexcalc.against.scenes import Subject
from indexcalc.proof.report import Verdict, Watch, worst
from indexcalc.render.page import Block, Page
from indexcalc.render.text import text


@dataclass(frozen=True)
class Finding:
    """What became of one gradient: its answers in the order of the cases, and what is wrong."""

    name: str
    answers: tuple[Answer, ...]
    cause: Cause | None

    @property
    def agrees(self) -> bool:
        return all(answer.agrees for answer in self.answers)

    @property
    def verdict(self) -> Verdict:
        if not self.answers:
            return Verdict.UNDECIDED
        return Verdict.VERIFIED if self.agrees else Verdict.WRONG

    @property
    def worst(self) -> Answer:
        """Of wrong ones the furthest off, as a part of the largest entry there; of right ones the
        nearest to what is allowed."""
        if self.shown:
            return max(self.shown, key=lambda answer: answer.error / answer.unit)
        return max(self.answers, key=lambda answer: answer.times)

    @property
    def left(self) -> float | None:
        """How far any is from what the cause gives, as such a part; None where it gives nothing."""
        assert self.cause is not None
        found = [(self.cause.left(answer), answer.unit) for answer in self.shown]
        return max((left / unit for left, unit in found if left is not None), default=None)

    @property
    def wrong(self) -> tuple[Answer, ...]:
        """The answers with numbers, and wrong ones."""
        return tuple(one for one in self.answers if not one.agrees and not one.failure)

    @property
    def shown(self) -> tuple[Answer, ...]:
        """Of the wrong answers with numbers the plain ones, or the first of others; those where
        every axis has one place only if there are no other, for little is left of a gradient."""
        plain = tuple(answer for answer in self.wrong if answer.case.is_plain)
        wide = tuple(answer for answer in plain if answer.case.extent > len(answer.case.lengths))
        return wide or plain or self.wrong[:1]

    @property
    def smallest(self) -> Answer:
        return min(self.shown, key=lambda answer: answer.case.extent)


@dataclass(frozen=True)
class Review:
    """What became of all of them; true exactly when every gradient is right.

    `of` is what was reviewed, `left_out` are the cases at which no point was found (far from 0
    there is often none), and `example` is a text to run that shows a difference which nothing
    explains; `cut` is whether not all causes were tried; `notes` are sentences on how it was asked.
    """

    findings: tuple[Finding, ...]
    of: str = ""
    left_out: tuple[Case, ...] = ()
    example: str = ""
    cut: bool = False
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of all; undecided where there is nothing."""
        found = [finding.verdict for finding in self.findings]
        return worst(found) if found else Verdict.UNDECIDED

    def __bool__(self) -> bool:
        return self.verdict is Verdict.VERIFIED

    @property
    def unexplained(self) -> tuple[Finding, ...]:
        """Those whose numbers are wrong, and nobody knows why."""
        return tuple(one for one in self.findings if one.wrong and one.cause is None)

    def __str__(self) -> str:
        return text(Page("", (), (), self.blocks()[1:])).rstrip("\n")

    def blocks(self) -> tuple[Block, ...]:
        """What a page shows of it."""
        return tuple(saying.blocks(self))


def reviewed(
    theirs: Asked,
    subject: Subject,
    seed: int = 0,
    lengths: Mapping[Symbol, int] | None = None,
    dtypes: tuple[str, ...] = DTYPES,
    watch: Watch | None = None,
    *,
    far: bool = True,
) -> Review:
    """`far` is whether inputs far from 0 are tried."""
    asking = _Asking(theirs, subject, seed)
    asking.ask(list(cases(subject.program, lengths or {}, dtypes, far=far)), watch)
    notes = [f"Asked with arrays of {theirs.kind.name}."] if theirs.kind.name != "numpy" else []
    if asking.is_single():
        notes.append("It computes in float32, whatever it is given, and is held to that.")
        asking.answers = [_held(answer) for answer in asking.answers]
        dtypes = ("float32",)
    wrong = (one for one in asking.answers if not one.agrees and not one.failure)
    if any(one.case.is_plain for one in wrong):
        asking.ask(list(telling(subject.program, lengths or {}, dtypes)), watch)
    every = {name: [a for a in asking.answers if a.name == name] for name in subject.wrt}
    settled = frozenset(name for name in every if all(one.agrees for one in every[name]))
    evidences = (_evidence(name, every[name], settled) for name in every)
    known, cut = diagnosed([one for one in evidences if one.every])
    findings = (Finding(name, tuple(every[name]), known.get(name)) for name in every)
    left_out = tuple(asking.left_out)
    return Review(tuple(findings), theirs.name, left_out, cut=cut, notes=tuple(notes))


class _Asking:
    """All answers so far, and the cases at which no point was found."""

    def __init__(self, theirs: Asked, subject: Subject, seed: int) -> None:
        self.theirs = theirs
        self.subject = subject
        self.seed = seed
        self.answers: list[Answer] = []
        self.left_out: list[Case] = []

    def ask(self, waiting: Sequence[Case], watch: Watch | None) -> None:
        for place, case in enumerate(waiting):
            if watch is not None:
                watch(place, len(waiting))
            # Where nothing was found, nothing larger is looked for.
            hopeless = any(case.extent >= one.extent for one in self.left_out)
            found = [] if hopeless else self.answered(case)
            if not found and case.offset:
                found = self.answered(replace(case, offset=LESS_FAR))
            self.answers += found
            if not found and not case.offset:
                self.left_out.append(case)

    def answered(self, case: Case) -> list[Answer]:
        return asked(self.theirs, self.subject, case, self.seed)

    def is_single(self) -> bool:
        """Whether all that is answered in float64 are numbers of float32, and not of fewer digits,
        such as 0 and 1."""
        found = [one.theirs for one in self.answers if one.case.dtype == "float64"]
        arrays = [array for array in found if array is not None]
        few = [all(has_few(array, dtype) for array in arrays) for dtype in COARSER]
        return bool(arrays) and few[0] and not any(few[1:])


def _held(answer: Answer) -> Answer:
    """An answer in float64 held to what float32 allows."""
    if answer.case.dtype != "float64":
        return answer
    return replace(answer, case=replace(answer.case, dtype="float32"))


def _evidence(name: str, answers: Sequence[Answer], settled: frozenset[str]) -> Evidence:
    """What was answered with numbers."""
    return Evidence(name, tuple(answer for answer in answers if not answer.failure), settled)
