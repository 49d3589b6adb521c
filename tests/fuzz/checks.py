"""What is checked of one program, and what can be wrong with it."""

from __future__ import annotations

import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from types import FrameType
from typing import Any, TypeVar

import numpy as np

import indexcalc as ic
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import postorder
from indexcalc.expr.evaluate import evaluate_program
from indexcalc.expr.program import Program
from indexcalc.proof.report import Report, Verdict
from indexcalc.render.latex import latex
from tests import oracle
from tests.fuzz import emitted
from tests.fuzz.meaning import Meaning, every, named, plain, smooth, smooth_slope, understood
from tests.fuzz.points import NO_VALUE, Array, Point, Slope, flat, points
from tests.fuzz.programs import Case

T = TypeVar("T")

MOST_POINTS = 6
# A gradient is wrong where it is so at this many points, for one may be where rounding is.
TIMES = 2
# Seconds of processor that one program may take.
LIMIT = 30.0
# Every so many programs are shown in every form, and others are checked by the package itself.
EVERY = 32
# Programs of no more nodes are proved exactly as well.
SMALL = 35
# Values of the program itself: relative to the largest, and to what a few roundings make of them.
VALUES, SHAKEN = 1e-9, 100.0
RULES = ("IC401", "IC402", "IC403")
# Reductions that have no derivative.
UNDERIVED = ("prod", "max", "min")


class Failed(Exception):  # noqa: N818
    """Something is wrong: `kind` says in which way, and stays while a program is made smaller."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(kind, said)
        self.kind = kind
        self.said = said


class Ambiguous(Exception):  # noqa: N818
    """It cannot be said how long an axis is."""


class TooSlow(BaseException):
    """Not an Exception, so that nothing on the way takes it for one."""


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


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Fails what takes longer."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    except TooSlow:
        raise Failed("too slow", f"it takes more than {seconds:.0f} s of processor") from None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def attempt(stage: str, make: Callable[[], T]) -> T:
    """The result; any exception that is not a refusal is a failure of this stage."""
    try:
        return make()
    except (IndexcalcError, Failed):
        raise
    except Exception as problem:  # whatever it is, a crash is what a fuzzer looks for: raised again
        where = traceback.extract_tb(problem.__traceback__)[-1]
        at = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
        kind = f"{stage}: {type(problem).__name__} in {at}"
        raise Failed(kind, "".join(traceback.format_exception(problem))) from problem


def attempt_all(stage: str, make: Callable[[], T]) -> T:
    """The same where a refusal is a failure too."""
    try:
        return attempt(stage, make)
    except IndexcalcError as refusal:
        raise Failed(f"{stage}: {refusal.code}", str(refusal)) from refusal


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


def proofs(case: Case, derivation: ic.Derivation) -> dict[str, Callable[[], Report]]:
    """The package's own proofs by name, whose verdicts are judged; a new one is a line here."""
    ways = {"check": derivation.check, "steps": derivation.check_steps}
    if weight(derivation) <= SMALL:
        ways["exact"] = derivation.prove
    return {name: partial(way, case.seed) for name, way in ways.items()}


def weight(derivation: ic.Derivation) -> int:
    """The nodes of a program."""
    return sum(len(list(postorder(e.right))) for e in derivation.program.equations)


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


# Comparing

# By each tensor: true where its gradient is right, false where nothing was decided, or how it is
# wrong.
Judged = dict[str, bool | Failed]


class Known:
    """Points of a program where its slopes are known, found as they are asked for, and once."""

    def __init__(
        self, case: Case, derivation: ic.Derivation, meaning: Meaning, counts: Counter[str]
    ) -> None:
        self.found: list[tuple[Point, dict[str, Slope]]] = []
        self.more = self._more(case, derivation, meaning, counts)

    def __iter__(self) -> Iterator[tuple[Point, dict[str, Slope]]]:
        yield from self.found
        for point, slopes in self.more:
            self.found.append((point, slopes))
            yield point, slopes

    def _more(
        self, case: Case, derivation: ic.Derivation, meaning: Meaning, counts: Counter[str]
    ) -> Iterator[tuple[Point, dict[str, Slope]]]:
        wrt = derivation.wrt
        torch = sys.modules.get("torch") or (import_module("torch") if find_spec("torch") else None)
        unsure: list[str] = []
        for point in points(meaning, case.lengths, case.seed, MOST_POINTS):
            slopes = point.slopes(wrt, torch)
            if slopes is None:
                continue
            if said := disagreement(slopes):
                # Near the end of a domain rounding may be larger than either knows.
                unsure.append(said)
                continue
            counts["by differences"] += 1
            counts["by torch"] += torch is not None
            agreed(derivation.program, point)
            yield point, slopes
        if len(unsure) == MOST_POINTS:
            raise Failed("torch and differences disagree", "\n".join(unsure))


def compared(derivation: ic.Derivation, known: Known, counts: Counter[str]) -> Judged:
    """Every gradient in closed form."""

    def wrong(point: Point, slopes: dict[str, Slope]) -> dict[str, str]:
        return {name: slopes[name].disagrees(gradient(derivation, point, name)) for name in wrt}

    wrt = derivation.wrt
    return twice_wrong(wrt, wrong, "wrong gradient", known, counts)


def coded(
    way: str, case: Case, derivation: ic.Derivation, known: Known, counts: Counter[str]
) -> None:
    """All that code computes, emitted and run in one way."""
    program, loose = derivation.program, emitted.LOOSE.get(way, 1.0)
    try:
        compute = attempt(way, lambda: emitted.WAYS[way](case, derivation))
    except IndexcalcError as refusal:
        # log(x - x), which has a value nowhere.
        if refusal.code == "IC109" and not list(known):
            return
        raise Failed(f"{way}: {refusal.code}", str(refusal)) from refusal

    def wrong(point: Point, slopes: dict[str, Slope]) -> dict[str, str]:
        values = given(program, point)
        with np.errstate(all="ignore"):
            made = attempt_all(way, lambda: compute(point, values))
        said = {name: misses(point, name, made[name], loose) for name in program.outputs}
        for name, slope in slopes.items():
            said[f"∂{name}"] = slope.disagrees(emitted.unscaled(point, made[f"∂{name}"]), loose)
        return said

    names = emitted.results(derivation)
    right = twice_wrong(names, wrong, f"{way}: wrong", known, counts)
    counts[f"code, {way}"] += 1
    for failure in right.values():
        if isinstance(failure, Failed):
            raise failure


def twice_wrong(
    names: Sequence[str],
    wrong: Callable[[Point, dict[str, Slope]], dict[str, str]],
    kind: str,
    known: Known,
    counts: Counter[str],
) -> Judged:
    """What is wrong at points where slopes are known; twice wrong is wrong."""
    right: Judged = dict.fromkeys(names, False)
    found: dict[str, list[str]] = {name: [] for name in names}
    valued = dict.fromkeys(names, 0)
    for point, slopes in known:
        for name, said in wrong(point, slopes).items():
            valued[name] += NO_VALUE not in said
            if said:
                found[name].append(f"by {name} {said}; sizes {point.lengths}")
        if not any(found.values()):
            return dict.fromkeys(names, True)
        if max(map(len, found.values())) >= 2 * TIMES:
            break
    for name, errors in found.items():
        # Where a value underflows a formula may have none; it is wrong if it never has one.
        missing = sum(NO_VALUE in error for error in errors) if valued[name] else 0
        if len(errors) - missing >= TIMES:
            right[name] = Failed(kind, "\n".join(errors))
        elif errors:
            counts["wrong once"] += 1
    return right


def disagreement(slopes: dict[str, Slope]) -> str:
    """How torch and differences find other slopes, or nothing."""
    for name, slope in slopes.items():
        if slope.entries is not None and (said := slope.disagrees(slope.entries)):
            return f"by {name}: {said}"
    return ""


def agreed(program: Program, point: Point) -> None:
    """The package's values are those by the translation."""
    values = given(program, point)
    made = attempt_all("evaluating", lambda: evaluate_program(program, values))
    for name in point.meaning.defined:
        if said := misses(point, name, made[name]):
            raise Failed("wrong value", f"{name} {said}")


def misses(point: Point, name: str, made: Array, loose: float = 1.0) -> str:
    """How a value differs from that by the translation, or nothing."""
    expected = np.asarray(point.made[name])
    slack = VALUES * max(1.0, float(np.abs(expected).max(initial=0.0)))
    slack += SHAKEN * float(np.abs(point.shaken[name] - expected).max(initial=0.0))
    if made.shape != expected.shape:
        return f"has the shape {made.shape}, not {expected.shape}"
    if not np.isfinite(made).all():
        return f"{NO_VALUE}: {flat(made)}"
    is_near = np.abs(made - expected) <= slack * loose
    return "" if is_near.all() else f"is {flat(made)}, not {flat(expected)}"


def given(program: Program, point: Point) -> dict[str, Any]:
    """What the package takes there: arrays, abstract functions, sizes that no input fixes."""
    values: dict[str, Any] = dict(point.given)
    for place, name in enumerate(point.meaning.abstract):
        values[name] = lambda *u, place=place: smooth(np, place, *u)
    for size in program.sizes:
        if not size.fixed:
            values[size.name] = length(size.axes, size.letters, point)
    return values


def length(axes: tuple[tuple[str, int], ...], letters: tuple[str, ...], point: Point) -> int:
    """Of the first axis with this size; of a letter where no tensor has it."""
    if axes:
        return point.lengths[point.meaning.axis(*axes[0])]
    roots = [root for root in point.lengths if root.partition(".")[0] in letters]
    bare = [root for root in roots if ":" not in root]
    # Several sizes may have the same letter and no axis; which is which is not said.
    if len({point.lengths[root] for root in bare}) == 1:
        return point.lengths[bare[0]]
    raise Ambiguous


def gradient(derivation: ic.Derivation, point: Point, name: str) -> Array:
    program = derivation.program
    values = given(program, point)
    for place, (function, count) in enumerate(point.meaning.abstract.items()):
        for along in range(count):
            key = f"{function}_prime{'' if count == 1 else along + 1}"
            values[key] = lambda *u, place=place, along=along: smooth_slope(place, along, *u)
    if not program.is_loss:
        values |= {f"dl_d{output}": g for output, g in point.upstream.items()}
    return attempt_all("evaluating", lambda: derivation.evaluate(name, **values))


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
