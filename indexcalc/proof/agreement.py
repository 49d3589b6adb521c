"""Two derivations of the same gradients against each other, at a random point."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import numpy as np
from sympy import Symbol

from indexcalc.calculus.gradients import Gradients
from indexcalc.expr.program import Program
from indexcalc.expr.world import Array
from indexcalc.proof.points import TRIES, chosen_lengths, drawn
from indexcalc.proof.report import Report, Row, Verdict, Watch
from indexcalc.proof.values import results

METHOD = "indices"
# Both are exact formulas: what they differ by is rounding, relative to the largest entry.
ROUNDED = 1e-9


def agreed(
    program: Program,
    found: Gradients,
    other: Gradients,
    seed: int = 0,
    lengths: Mapping[Symbol, int] | None = None,
    watch: Watch | None = None,
) -> Report:
    """Every gradient of the one and the other, where both have a value."""
    names = found.backprop.wrt
    sizes = chosen_lengths(program, lengths or {})
    differences = dict.fromkeys(names, float("nan"))
    for attempt in range(TRIES):
        waiting = [name for name in names if not isfinite(differences[name])]
        point = drawn(program, sizes, seed, attempt) if waiting else None
        if point is None:
            continue
        world = point.seeded(found.backprop.upstream)
        with np.errstate(all="ignore"):
            ours, theirs = (results(one, world, waiting) for one in (other, found))
        differences |= {name: _difference(ours[name], theirs[name]) for name in waiting}
        if watch is not None:
            watch(len(names) - len(waiting), len(names))
    tensors = program.tensors
    entries = {
        name: int(np.prod([int(index.size.subs(sizes)) for index in tensors[name]]))
        for name in names
    }
    return Report(tuple(_row(name, entries[name], differences[name]) for name in names))


def _difference(ours: Array, theirs: Array) -> float:
    """How far the furthest entry is off, as a part of the largest."""
    most = float(np.abs(theirs).max(initial=0.0)) or 1.0
    return float(np.abs(ours - theirs).max(initial=0.0)) / most


def _row(name: str, entries: int, difference: float) -> Row:
    if not isfinite(difference):
        return Row(name, entries, METHOD, None, None, Verdict.UNDECIDED)
    verdict = Verdict.VERIFIED if difference <= ROUNDED else Verdict.WRONG
    return Row(name, entries, METHOD, difference, ROUNDED, verdict)
