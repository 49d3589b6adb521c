"""What the package makes of a program, closed forms and code, against the other accounts."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

import indexcalc as ic
from indexcalc.errors import IndexcalcError
from indexcalc.expr.evaluate import evaluate_program
from indexcalc.expr.program import Program
from tests.fuzz import emitted
from tests.fuzz.failing import Ambiguous, Failed, attempt, attempt_all
from tests.fuzz.meaning import Meaning, smooth, smooth_slope
from tests.fuzz.points import NO_VALUE, Array, Point, Slope, flat, points
from tests.fuzz.programs import Case

MOST_POINTS = 6
# A gradient is wrong where it is so at this many points, for one may be where rounding is.
TIMES = 2
# Values of the program itself: relative to the largest, and to what a few roundings make of them.
VALUES, SHAKEN = 1e-9, 100.0

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
