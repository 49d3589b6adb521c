"""A claimed formula reviewed: proved equal, equal by value, or different, with an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sympy import Symbol

from indexcalc.against import saying
from indexcalc.against.claims import Claim, claimed
from indexcalc.against.comparing import Answer
from indexcalc.against.literals import literal
from indexcalc.against.proving import is_proved, lengths
from indexcalc.against.reviewing import Finding, Review, reviewed
from indexcalc.against.shrinking import smallest
from indexcalc.against.snippets import are_short, furthest, telling
from indexcalc.expr.names import unicode_face
from indexcalc.expr.program import Program
from indexcalc.proof.report import Verdict, Watch
from indexcalc.render.page import Block, Equations, Heading, Listing, Page, Remark, Row
from indexcalc.render.text import text

PROVED = "proved equal"
BY_VALUE = "equal by value"
DIFFERENT = {Verdict.WRONG: "different", Verdict.UNDECIDED: "undecided"}


@dataclass(frozen=True)
class ClaimReview:
    """What became of a claim; true exactly when every formula is equal to our gradient.

    `proved` are the gradients whose formulas are equal by exact arithmetic, at the sizes `at`;
    `examples` are wrong answers at small inputs, by gradient.
    """

    claim: Claim
    review: Review
    proved: tuple[str, ...]
    at: tuple[Mapping[Symbol, int], ...]
    examples: Mapping[str, Answer]

    @property
    def verdict(self) -> Verdict:
        return self.review.verdict

    def __bool__(self) -> bool:
        return bool(self.review)

    def __str__(self) -> str:
        return text(Page("", (), (), self.blocks()[1:])).rstrip("\n")

    def words(self, finding: Finding) -> str:
        if finding.verdict is Verdict.VERIFIED:
            return PROVED if finding.name in self.proved else BY_VALUE
        return DIFFERENT[finding.verdict]

    def blocks(self) -> tuple[Block, ...]:
        """What a page shows of it."""
        return tuple(self._blocks())

    def _blocks(self) -> Iterator[Block]:
        yield Heading("Claim")
        yield Equations(tuple(Row(one.left, one.right) for one in self.claim.read))
        yield from saying.table(self.review, self.words)
        if self.proved:
            yield Remark(
                (f"Proved by exact arithmetic at {' and at '.join(map(_told, self.at))}.",)
            )
        if any(self.words(finding) == BY_VALUE for finding in self.review.findings):
            yield Remark(
                (
                    "What is equal by value alone was not proved: nothing differs where both "
                    "were computed.",
                )
            )
        yield from saying.faults(self.review)
        for name, answer in self.examples.items():
            if are_short(answer):
                yield from _example(name, answer)


def _example(name: str, answer: Answer) -> Iterator[Block]:
    """Inputs, and one entry by both."""
    assert answer.theirs is not None  # a formula has values
    place = furthest(answer)
    at = f"[{','.join(map(str, place))}]" if place else ""
    digits = telling(answer)
    theirs, right = (f"{array[place]:.{digits}g}" for array in (answer.theirs, answer.right))
    given = answer.scene.call()
    arrays = {f"d{output}": array for output, array in given.upstream.items()} | {**given.inputs}
    lines = [line for n, array in arrays.items() for line in literal(array, f"{n} = ")]
    yield Remark((f"An example, at {answer.case.words}:",))
    yield Listing(tuple(lines))
    said = f"There d{unicode_face(name)}{at} is {right}, and {theirs} by the claim."
    yield Remark((said,))


def _told(at: Mapping[Symbol, int]) -> str:
    return ", ".join(f"{symbol} = {length}" for symbol, length in at.items()) or "scalars"


def checked_claim(
    program: Program,
    what: str,
    given: Mapping[Symbol, int],
    seed: int = 0,
    watch: Watch | None = None,
) -> ClaimReview:
    """The formulas of a text, by value in all cases and exactly at small sizes."""
    claim = claimed(program, what)
    review = reviewed(claim, claim.subject, seed, given, ("float64",), watch, far=False)
    at = lengths(claim.subject, given)
    right = [one.name for one in review.findings if one.verdict is Verdict.VERIFIED]
    proved = tuple(
        name
        for name in right
        if all(is_proved(claim.subject, claim.formulas[name], one) for one in at)
    )
    examples = {
        one.name: smallest(claim, [one.smallest], seed)[0] for one in review.findings if one.wrong
    }
    return ClaimReview(claim, review, proved, tuple(at), examples)
