"""What is said of a review: a table of gradients, then what is wrong with each, in sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from indexcalc.against.cases import Case
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access
from indexcalc.proof.report import Verdict
from indexcalc.render.page import Block, Cell, Column, Heading, Listing, Remark, Table

if TYPE_CHECKING:  # which says what is told here
    from indexcalc.against.comparing import Answer
    from indexcalc.against.reviewing import Finding, Review

COLUMNS = (
    Column("gradient by"),
    Column("cases", "number"),
    Column("worst error", "error"),
    Column("allowed", "error"),
    Column("verdict"),
)
WORDS = {Verdict.VERIFIED: "right", Verdict.WRONG: "WRONG", Verdict.UNDECIDED: "undecided"}
# More cases are not listed.
MOST_CASES = 3
# How a cause begins that goes on "the gradient by x".
_VERBS = ("is ", "has ", "lacks ", "sums ")
UNKNOWN = "no known mistake gives these numbers"
CUT = ", of those that were tried; the search was cut short"
NO_POINT = "No point was found at which the function has a value and a slope"


def blocks(review: Review) -> Iterator[Block]:
    yield Heading(f"Review of {review.of}")
    if review.notes:
        yield Remark((" ".join(review.notes),))
    yield from table(review, lambda finding: WORDS[finding.verdict])
    yield from faults(review)
    if review.example:
        yield Remark(("The smallest inputs found that show it:",))
        yield Listing(tuple(review.example.splitlines()))


def table(review: Review, words: Callable[[Finding], str]) -> Iterator[Block]:
    """A row for each gradient, with what is said of it."""
    rows = tuple(_row(finding, words(finding)) for finding in review.findings)
    if rows:
        yield Table("review", COLUMNS, rows)


def _row(finding: Finding, verdict: str) -> tuple[Cell, ...]:
    """The case that is furthest off; figures are relative to the largest entry there."""
    if not finding.answers:
        return Access(finding.name), 0, None, None, verdict
    worst = finding.worst
    error, allowed = worst.error / worst.unit, worst.allowed / worst.unit
    return Access(finding.name), len(finding.answers), error, allowed, verdict


def faults(review: Review) -> Iterator[Block]:
    """What was raised, what is wrong and why, and what was not asked."""
    yield from _failures(review)
    for words, findings in _grouped(review.findings).items():
        yield Remark((f"{_sentence(words, findings)}. {_figures(findings)}",))
    if review.unexplained:
        names = [finding.name for finding in review.unexplained]
        known = f"{UNKNOWN}{CUT if review.cut else ''}"
        yield Remark((f"{_gradients(names)}: {known}. {_figures(review.unexplained)}",))
    if review.left_out:
        every = all(not finding.answers for finding in review.findings)
        where = "" if every else f": {_at(review.left_out)}"
        yield Remark((f"{NO_POINT}{where}.",))


# Exceptions


def _failures(review: Review) -> Iterator[Block]:
    """Each once, with the cases; one differs from another in more than its numbers."""
    told: dict[str, tuple[str, list[Case]]] = {}
    for finding in review.findings:
        for answer in finding.answers:
            if answer.failure:
                _, cases = told.setdefault(_kind(answer.failure), (answer.failure, []))
                if answer.case not in cases:
                    cases.append(answer.case)
    count = max((len(finding.answers) for finding in review.findings), default=0)
    for failure, cases in told.values():
        every = len(cases) == count
        where = f"In all {count} cases, first at {cases[0].words}" if every else f"At {_at(cases)}"
        yield Remark((f"{where}: {failure}.",))


def _kind(failure: str) -> str:
    return re.sub(r"\d+", "0", failure)


def _at(cases: Sequence[Case]) -> str:
    more = f"; and {len(cases) - MOST_CASES} more" if len(cases) > MOST_CASES else ""
    return "; ".join(case.words for case in cases[:MOST_CASES]) + more


# Causes


def _grouped(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Those with the same cause together, by its words."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.cause is not None:
            groups.setdefault(finding.cause.words, []).append(finding)
    return groups


def _sentence(words: str, findings: Sequence[Finding]) -> str:
    names = [finding.name for finding in findings]
    if not words.startswith(_VERBS):
        return f"{_gradients(names)}: {words}"
    lead = _gradients(names) if len(names) == 1 else f"Each of the {_gradients(names)[4:]}"
    return f"{lead} {words}"


def _gradients(names: Sequence[str]) -> str:
    faces = [unicode_face(name) for name in names]
    if len(faces) == 1:
        return f"The gradient by {faces[0]}"
    return f"The gradients by {', '.join(faces[:-1])} and {faces[-1]}"


def _figures(findings: Sequence[Finding]) -> str:
    """How far off it is, how far from what the cause gives, and where that shows already."""
    smallest = min((finding.smallest for finding in findings), key=lambda one: one.case.extent)
    where = f"The smallest sizes at which that shows: {smallest.case.words}."
    known = [finding for finding in findings if finding.cause is not None]
    left = [finding.left for finding in known]
    found = [part for part in left if part is not None]
    worst = max((finding.worst for finding in findings), key=lambda one: one.error / one.unit)
    is_finite = worst.error < float("inf")
    if not known or not (found or is_finite):
        return where
    off = f"off by up to {worst.error / worst.unit:.1e} of the largest entry"
    told = f"It is {off}" if is_finite else f"It has {_instead_of_numbers(worst)}"
    if not found:
        return f"{told}; there are no numbers to compare that with. {where}"
    of = "where it is right" if all(map(_is_local, known)) else "from what that gives"
    return f"{told}, and {'' if is_finite else 'is off '}by {max(found):.1e} {of}. {where}"


def _instead_of_numbers(answer: Answer) -> str:
    assert answer.theirs is not None  # of those that are shown
    same = answer.theirs.shape == answer.right.shape
    return "nan or ∞ in places" if same else "another shape"


def _is_local(finding: Finding) -> bool:
    """Whether it is known where it is wrong, not how."""
    assert finding.cause is not None
    return finding.cause.kind == "place"
