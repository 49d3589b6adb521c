"""Every step of a derivation by its value, and what lies between the steps: no gap is left.

In each step the expression before and after is evaluated at a random point. A derivative that is
not worked out yet is a difference there, and ∂l/∂m is a difference of the whole program. So are
checked: that a Jacobian starts from the derivative of its equation, every step of it, that the
chain rule puts the Jacobians together, that what it says is ∂l/∂m, every step from there to the
closed form, each going on from the one before, and the closed form as it is written in the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sympy import Basic, Symbol

from indexcalc.calculus.backprop import Adjoint
from indexcalc.calculus.gradients import Gradient, Gradients
from indexcalc.expr.base import Index, free_of
from indexcalc.expr.nodes import Access, D, Mul, Sum
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Program
from indexcalc.expr.rewrite import Step, Trace
from indexcalc.expr.terms import Term, tree
from indexcalc.proof.meaning import Meaning, is_large, meaning, unknowns
from indexcalc.proof.points import TRIES, chosen_lengths
from indexcalc.proof.report import Report, Row, Verdict, Watch, worst

METHOD = "steps"
# Where nothing is a difference: rounding, relative to the terms before they cancel.
ROUNDED = 1e-9
# Between what differences are estimated to be off and what they are.
PRUDENCE = 4.0
# A step whose differences are less sure than this is not decided.
BLURRED = 1e-7
# The most free indices of what is filled in.
MOST_AXES = 6
# With so many claims at all points, or more at the least number of points, another would take long.
LONG = 6_000
LEAST = 2
# The most letters of an expression in a remark.
MOST_SHOWN = 200
LEMMAS = "lemmas"
# A recorded step, what is compared with differences of the program, and what joins these.
STEP, TRUTH, LINK = "step", "truth", "link"

Sides = tuple[Basic, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """Two sums that are equal. It `goes_on` if the first is what stood there before; if it `shows`
    something, it is not 0 everywhere."""

    group: str
    what: str
    before: Sides
    after: Sides
    free: tuple[Index, ...]
    kind: str = LINK
    goes_on: bool = True
    shows: bool = False

    @property
    def fits(self) -> bool:
        """Whether nothing is open in other indices than it may be."""
        return all(free_of(side) <= set(self.free) for side in (*self.before, *self.after))


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a claim; the change and how large it may be are relative to its terms."""

    claim: Claim
    verdict: Verdict
    change: float | None = None
    bound: float | None = None

    def __str__(self) -> str:
        claim = self.claim
        before, after = (_sum(sides) for sides in (claim.before, claim.after))
        if not claim.goes_on:
            return f"{claim.what} does not go on from what stood before it: {before}"
        if not claim.fits:
            return f"{claim.what} changes the indices: {before} → {after}"
        if self.verdict is Verdict.UNDECIDED:
            return f"{claim.what} has no sure value at any point that was tried: {before}"
        return f"{claim.what} changes the value: {before} → {after}"


def _sum(sides: Sides) -> str:
    return " + ".join(_shown(side) for side in sides)


def _shown(expr: Basic) -> str:
    """As it is spelled, and no longer than can be read."""
    spelled = spell(expr, "unicode")
    return spelled if len(spelled) <= MOST_SHOWN else f"{spelled[:MOST_SHOWN]} …"


def _adjoint(left: Access) -> str:
    """∂l/∂x without its indices."""
    return _shown(Access(left.name))


# What a derivation claims


@dataclass
class _Claims:
    """From the definitions to the conclusion, in the order in which steps are recorded."""

    program: Program
    found: Gradients
    counts: Counter[str] = field(default_factory=Counter)

    def all(self) -> Iterator[Claim]:
        lines = {}
        for name, gradient in self.found.adjoints.items():
            yield from self.jacobians(name, gradient.adjoint)
            yield from self.chain(name, gradient)
            lines[name] = list(gradient.adjoint.trace.start)
            for trace in (gradient.adjoint.trace, gradient.simplified):
                yield from self.steps(name, _adjoint(gradient.left), trace, lines[name])
        for lemma in self.found.lemmas:
            terms, trace = list(lemma.trace.start), lemma.trace
            start = (tree(terms, trace.free),)
            what = f"the start of the lemma about {_shown(lemma.part)}"
            yield Claim(LEMMAS, what, (lemma.part,), start, trace.free, TRUTH)
            yield from self.steps(LEMMAS, "the lemmas", trace, terms)
            yield from self.end(LEMMAS, "the lemmas", trace, terms)
        for name, gradient in self.found.adjoints.items():
            left, trace = gradient.left, gradient.closed
            yield from self.steps(name, _adjoint(left), trace, lines[name])
            yield from self.end(name, _adjoint(left), trace, lines[name])
            if name in self.found.results:
                sides = (trace.result,), (self.found.results[name],)
                what = f"the conclusion about {_adjoint(left)}"
                yield Claim(name, what, *sides, left.indices)

    def jacobians(self, name: str, adjoint: Adjoint) -> Iterator[Claim]:
        """∂y/∂x is the derivative of what defines y, through every step."""
        rights = {equation.left.name: equation.right for equation in self.program.equations}
        for _, path in adjoint.paths:
            slope = D(rights[path.of.name], path.variable)
            terms, trace = list(path.trace.start), path.trace
            of = f"∂{_shown(Access(path.of.name))}/∂{_shown(Access(name))}"
            yield Claim(
                name, f"the start of {of}", (slope,), (tree(terms, trace.free),), trace.free
            )
            yield from self.steps(name, _adjoint(adjoint.left), trace, terms)

    def chain(self, name: str, gradient: Gradient) -> Iterator[Claim]:
        """Σ upstream · Jacobian is where the steps go on from, and it is ∂l/∂x."""
        adjoint, left = gradient.adjoint, gradient.left
        start = (tree(adjoint.trace.start, left.indices),)
        terms: list[Basic] = [] if adjoint.upstream is None else [adjoint.upstream]
        for after, path in adjoint.paths:
            slope = tree(path.trace.end, path.trace.free)
            product = slope if after is None else Mul(after, slope)
            terms.append(Sum(product, *path.of.indices) if path.of.indices else product)
        if adjoint.paths:
            what = f"the chain rule of {_adjoint(left)}"
            yield Claim(name, what, tuple(terms), start, left.indices)
        what, shows = f"what {_adjoint(left)} starts as", bool(gradient.closed.end)
        yield Claim(name, what, (left,), start, left.indices, TRUTH, shows=shows)

    def steps(self, group: str, of: str, trace: Trace, terms: list[Term]) -> Iterator[Claim]:
        """Each step, while the whole line is carried along."""
        for step in trace.steps:
            self.counts[group] += 1
            what = f"step {self.counts[group]} of {of}, {step.rule.name},"
            sides = (step.before_tree,), (step.after_tree,)
            yield Claim(group, what, *sides, step.free, STEP, _goes_on(step, terms))
            terms[:] = step.replayed(terms)

    def end(self, group: str, of: str, trace: Trace, terms: list[Term]) -> Iterator[Claim]:
        """What the steps lead to is the last line, written with each Σ where it belongs."""
        sides = (tree(terms, trace.free),), (trace.result,)
        there = tuple(terms) == trace.end
        yield Claim(group, f"the last line of {of}", *sides, trace.free, LINK, there)


def _goes_on(step: Step, terms: Sequence[Term]) -> bool:
    there = all(place < len(terms) for place in step.places)
    return there and tuple(terms[place] for place in step.places) == step.before


# What is found


def checked_steps(
    program: Program,
    found: Gradients,
    seed: int = 0,
    lengths: Mapping[Symbol, int] | None = None,
    watch: Watch | None = None,
) -> Report:
    """Every step at a point where all have a value."""
    sizes = chosen_lengths(program, lengths or {})
    unknown = unknowns(program, found, sizes)
    claims = list(_Claims(program, found).all())
    small = [claim for claim in claims if _is_small(claim, unknown, sizes)]
    findings = [Finding(claim, Verdict.UNDECIDED) for claim in small]
    for attempt in range(min(TRIES, max(LEAST, LONG // len(small))) if small else 0):
        with np.errstate(all="ignore"):
            here = meaning(program, found, (seed, attempt), sizes, unknown, watch)
            findings = _findings(findings, here, watch) if here is not None else findings
        if not any(finding.verdict is Verdict.UNDECIDED for finding in findings):
            break
    rows = []
    for group in dict.fromkeys(claim.group for claim in claims):
        own = [finding for finding in findings if finding.claim.group == group]
        steps = [claim for claim in claims if claim.group == group and claim.kind == STEP]
        rows.append(_row(group, own, len(steps)))
    return Report(tuple(rows), tuple(_remarks(findings, claims, small)))


def _is_small(claim: Claim, unknown: Collection[str], lengths: Mapping[Symbol, int]) -> bool:
    sides = (*claim.before, *claim.after)
    few = len(claim.free) <= MOST_AXES
    return few and not any(is_large(side, unknown, lengths) for side in sides)


def _findings(known: Sequence[Finding], here: Meaning, watch: Watch | None) -> list[Finding]:
    """What is found where nothing was found before."""
    findings = []
    for finding in known:
        is_open = finding.verdict is Verdict.UNDECIDED
        findings.append(_finding(finding.claim, here) if is_open else finding)
        if watch is not None:
            watch(len(findings), len(known))
    return findings


def _finding(claim: Claim, here: Meaning) -> Finding:
    """Whether the two sides differ by more than rounding, and than their differences do."""
    if not (claim.goes_on and claim.fits):
        return Finding(claim, Verdict.WRONG)
    before, after = (here.value(sides, claim.free) for sides in (claim.before, claim.after))
    plain, shifted = after.plain - before.plain, after.shifted - before.shifted
    unit = max(before.size, after.size) or 1.0
    change = float(np.abs(plain).max(initial=0.0)) / unit
    blur = float(np.abs(plain - shifted).max(initial=0.0)) / unit
    # Where all slopes are 0, as on a plateau, a wrong factor would not show.
    hidden = claim.shows and not before.plain.any()
    # What is no number is no less than anything.
    if hidden or not blur <= BLURRED:
        return Finding(claim, Verdict.UNDECIDED)
    bound = ROUNDED + PRUDENCE * blur
    return Finding(claim, Verdict.VERIFIED if change <= bound else Verdict.WRONG, change, bound)


def _row(group: str, findings: Sequence[Finding], count: int) -> Row:
    """The steps of one gradient: the first that fails, or the one that came nearest to it."""
    kinds = Counter(finding.claim.kind for finding in findings)
    checked = kinds[STEP]
    failed = _first_failed(findings)
    if failed is not None:
        return Row(group, checked, METHOD, failed.change, failed.bound, failed.verdict)
    if not kinds[TRUTH]:
        return Row(group, checked, METHOD, None, None, Verdict.UNDECIDED)
    words = f"verified, {count - checked} left out" if count > checked else ""
    nearest = max(findings, key=_nearness)
    return Row(group, checked, METHOD, nearest.change, nearest.bound, Verdict.VERIFIED, words)


def _first_failed(findings: Sequence[Finding]) -> Finding | None:
    """The first that is wrong; if none is, the first that is not decided."""
    verdict = worst(finding.verdict for finding in findings)
    if verdict is Verdict.VERIFIED:
        return None
    return next(finding for finding in findings if finding.verdict is verdict)


def _nearness(finding: Finding) -> float:
    """How much of what it may change by it does."""
    return (finding.change or 0.0) / (finding.bound or 1.0)


def _remarks(
    findings: Sequence[Finding], claims: Sequence[Claim], small: Sequence[Claim]
) -> Iterator[str]:
    failed = _first_failed(findings)
    if failed is not None:
        said = str(failed)
        yield f"{said[:1].upper()}{said[1:]}."
    yield from _left_out(claims, small)


def _left_out(claims: Sequence[Claim], small: Sequence[Claim]) -> Iterator[str]:
    """What was too large to fill in."""
    kept = set(map(id, small))
    left = [claim for claim in claims if claim.kind == STEP and id(claim) not in kept]
    orders = Counter(len(claim.free) for claim in left if len(claim.free) > MOST_AXES)
    for order, count in sorted(orders.items()):
        yield f"{_counted(count)} of order {order} {_were(count)} left out."
    long = len(left) - orders.total()
    if long:
        yield f"{_counted(long)} {_were(long)} left out: too many entries at these sizes."


def _counted(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'}"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
