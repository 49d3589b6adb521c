"""What is checked of one program, and what becomes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import indexcalc as ic
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import postorder
from indexcalc.expr.program import Program
from indexcalc.proof.report import Report, Verdict
from indexcalc.render.latex import latex
from tests import oracle
from tests.fuzz import emitted
from tests.fuzz.comparing import Judged, Known, coded, compared
from tests.fuzz.failing import Ambiguous, Failed, attempt, attempt_all, limited
from tests.fuzz.meaning import Meaning, every, named, plain, understood
from tests.fuzz.programs import Case

# Seconds of processor that one program may take.
LIMIT = 30.0
# Every so many programs are shown in every form, and others are checked by the package itself.
EVERY = 32
# Programs of no more nodes are proved exactly as well.
SMALL = 35
RULES = ("IC401", "IC402", "IC403")
# Reductions that have no derivative.
UNDERIVED = ("prod", "max", "min")


@dataclass
class Outcome:
    """What became of a program: `fine`, `refused`, `no derivative` or `undecided`, or how it
    failed; and how often each check was made."""

    verdict: str = "fine"
    failure: Failed | None = None
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Depth:
    """Which of the slow checks are made, and in which ways code is emitted and run."""

    shown: bool = True
    checked: bool = True
    ways: tuple[str, ...] = tuple(emitted.WAYS)


def depth_of(number: int, among: int = EVERY, code: int = 1) -> Depth:
    """Those for the program of this number; code is emitted for one among so many."""
    ways = () if number % code else emitted.ways_of(number // code)
    return Depth(number % among == 0, number % among == 1, ways)


def examine(case: Case, depth: Depth) -> Outcome:
    """Everything about one program; nothing is raised."""
    outcome = Outcome()
    try:
        with limited(LIMIT):
            outcome.verdict = _examine(case, depth, outcome.counts)
    except Ambiguous:
        outcome.verdict = "undecided"
    except Failed as failure:
        outcome.verdict, outcome.failure = "failed", failure
    return outcome


def _examine(case: Case, depth: Depth, counts: Counter[str]) -> str:
    text = oracle.text(case.program)
    meaning = understood(case.program)
    program = read(text, case.program, meaning is None)
    if program is None:
        return "refused"
    if meaning is None:
        return "undecided"
    agree_on_names(program, meaning)
    wrt = case.wrt or tuple(access.name for access in program.inputs)
    derivation, wrt = differentiated(program, wrt, meaning)
    if not wrt:
        return "no derivative"
    counts["derived"] += 1
    if depth.shown:
        shown(derivation)
        counts["shown"] += 1
    known = Known(case, derivation, meaning, counts)
    right = compared(derivation, known, counts)
    if depth.checked:
        for method, make in proofs(case, derivation).items():
            judged(method, attempt_all(method, make), right, counts)
    wrong = [failure for failure in right.values() if isinstance(failure, Failed)]
    if wrong:
        raise wrong[0]
    for way in depth.ways:
        coded(way, case, derivation, known, counts)
    return "fine" if any(right.values()) else "undecided"


# Reading


def read(text: str, program: oracle.Program, is_refused: bool) -> Program | None:
    """The package's reading, or nothing where it refuses; on what is summed both are agreed."""
    try:
        found: Program = attempt("reading", lambda: ic.read(text))
    except IndexcalcError as refusal:
        if not is_refused and refusal.code in RULES and not oracle.doubts(plain(program)):
            raise Failed(f"reading: {refusal.code}", str(refusal)) from refusal
        return None
    return found


def agree_on_names(program: Program, meaning: Meaning) -> None:
    inputs = {access.name: len(access.indices) for access in program.inputs}
    if inputs != meaning.inputs or program.outputs != meaning.outputs:
        said = f"{inputs} and {program.outputs}, not {meaning.inputs} and {meaning.outputs}"
        raise Failed("reading: other inputs or outputs", said)


# Deriving


def differentiated(
    program: Program, wrt: Sequence[str], meaning: Meaning
) -> tuple[ic.Derivation, tuple[str, ...]]:
    """The derivation with its gradients found; by less where reductions have no derivative."""
    derivation = attempt_all("deriving", lambda: ic.derive(program, wrt=wrt))
    try:
        attempt("deriving", lambda: derivation.gradients)
    except IndexcalcError as refusal:
        rest = tuple(name for name in wrt if not is_reduced(name, meaning))
        if refusal.code != "IC701" or len(rest) == len(wrt):
            raise Failed(f"deriving: {refusal.code}", str(refusal)) from refusal
        derivation = ic.derive(program, wrt=rest)
        attempt_all("deriving", lambda: derivation.gradients)
        return derivation, rest
    return derivation, tuple(wrt)


def is_reduced(name: str, meaning: Meaning) -> bool:
    """Whether a product, maximum or minimum is made of what depends on this."""
    moving = {name}
    for s in meaning.plain.statements:
        inside = (n for n in every(s.expr) if isinstance(n, oracle.Binder) and n.kind in UNDERIVED)
        if any(names(node) & moving for node in inside):
            return True
        if names(s.expr) & moving:
            moving.add(s.name)
    return False


def names(node: oracle.Node) -> set[str]:
    return {leaf.name for leaf in every(node) if isinstance(leaf, oracle.Leaf)}


def shown(derivation: ic.Derivation) -> None:
    """Every form in which it is shown."""
    attempt_all("text", derivation.text)
    attempt_all("LaTeX", derivation.latex)
    attempt_all("all steps", lambda: derivation.text("all"))
    attempt_all("LaTeX of all steps", lambda: derivation.latex("all"))
    attempt_all("sum notation", lambda: derivation.text("all", "sum"))
    attempt_all("LaTeX in sum notation", lambda: derivation.latex("main", "sum"))
    attempt_all("Jacobians", lambda: latex(derivation.page("main", jacobians=True)))
    attempt_all("notebook", derivation._repr_latex_)


# Proofs


def proofs(case: Case, derivation: ic.Derivation) -> dict[str, Callable[[], Report]]:
    """The package's own proofs by name, whose verdicts are judged; a new one is a line here."""
    ways = {"check": derivation.check, "steps": derivation.check_steps}
    if weight(derivation) <= SMALL:
        ways["exact"] = derivation.prove
    return {name: partial(way, case.seed) for name, way in ways.items()}


def weight(derivation: ic.Derivation) -> int:
    """The nodes of a program."""
    return sum(len(list(postorder(e.right))) for e in derivation.program.equations)


def judged(method: str, report: Report, right: Judged, counts: Counter[str]) -> None:
    """No report calls a right gradient wrong, or a wrong one verified."""
    attempt_all(f"{method} as text", lambda: str(report))
    counts[f"{method}: {report.verdict.value}"] += 1
    for row in report.rows:
        # A check of steps has rows on other tensors too.
        known = right.get(named(row.name), False)
        if known is True and row.verdict is Verdict.WRONG:
            raise Failed(f"{method} calls a right gradient wrong", str(report))
        if isinstance(known, Failed) and row.verdict is Verdict.VERIFIED:
            said = f"{report}\n{known.said}"
            raise Failed(f"{method} verifies a wrong gradient", said)
