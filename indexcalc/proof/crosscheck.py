"""Gradients against those of torch and jax, where these are installed.

Both sides compute in float64, so they differ by rounding alone. How far rounding may take them at a
point is measured: by how far float32, operation by operation, takes the one and the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Symbol

from indexcalc.calculus.gradients import Gradients
from indexcalc.expr.program import Program
from indexcalc.expr.world import Array
from indexcalc.proof.libraries import LIBRARIES, Library, numpy
from indexcalc.proof.points import TRIES, Point, chosen_lengths, drawn
from indexcalc.proof.report import Report, Row, Verdict, Watch
from indexcalc.proof.translation import Arrays, Translation, axes
from indexcalc.proof.values import results

Values = Mapping[str, Array]

FINE, COARSE = "float64", "float32"
EPS = float(np.finfo(FINE).eps)
# What an effect of float32 comes to in float64.
RATIO = EPS / float(np.finfo(COARSE).eps)
# An effect that was measured once may have been small by luck.
SAFETY = 1000.0
# Where rounding may be more than this part of a gradient, nothing is verified.
BLURRED = 1e-8
# Less than this part of the loss is no sign of anything wrong.
NOTHING = 1e-12
# einsum has 52 letters, and an array of NumPy 1 has 32 axes.
MOST_AXES: int = min(52, getattr(np, "MAXDIMS", 64))
INSTALL = "To compare with one of them: pip install 'indexcalc[torch]' or 'indexcalc[jax]'."


def cross_checked(found: Gradients, at: Point) -> Report:
    """Every gradient at a point, by each library that is installed."""
    report = Report(())
    missing = 0
    for name, load in LIBRARIES.items():
        try:
            library = load()
        except (ImportError, OSError) as problem:
            report += Report((), (_absence(name, problem),))
            missing += 1
        else:
            report += _by(library, found, at)
    return report + Report((), (INSTALL,)) if missing == len(LIBRARIES) else report


def _absence(name: str, problem: ImportError | OSError) -> str:
    if isinstance(problem, ImportError) and problem.name == name:
        return f"{name} is not installed."
    return f"{name} cannot be loaded: {problem}"


def _by(library: Library, found: Gradients, at: Point) -> Report:
    most = max(len(axes(e)) for e in (*at.program.equations, *found.conclusion))
    if most > MOST_AXES:
        said = f"{library.name} was not asked: {most} indices in a statement are over {MOST_AXES}."
        return Report((), (said,))
    with np.errstate(all="ignore"):
        ours, theirs = _ours(found, at), _theirs(library, found, at)
    rows = []
    for name in found.backprop.wrt:
        is_0 = not found.adjoints[name].closed.end
        rows.append(_row(name, library.name, ours[name], theirs[name], at.magnitude, is_0=is_0))
    return Report(tuple(rows))


@dataclass(frozen=True, slots=True)
class _Measured:
    """A gradient in float64, and how far it may be from exact: what float32 does to it, scaled."""

    value: Array
    rounding: float


def _measured(fine: Values, coarse: Values) -> dict[str, _Measured]:
    return {name: _Measured(fine[name], RATIO * _most(fine[name] - coarse[name])) for name in fine}


def _ours(found: Gradients, at: Point) -> dict[str, _Measured]:
    """By the closed forms: the reference evaluator's values, and float32 all the way to them."""
    world, wrt = at.seeded(found.backprop.upstream), found.backprop.wrt
    fine = results(found, world, wrt)
    translation = Translation(numpy(), COARSE, world.numbers, world.functions)
    given = {name: translation.array(array) for name, array in world.arrays.items()}
    coarse = translation.run((*at.program.equations, *found.conclusion), given, {})
    return _measured(fine, {name: coarse[found.equation(name).left.name] for name in wrt})


def _theirs(library: Library, found: Gradients, at: Point) -> dict[str, _Measured]:
    fine, coarse = (_slopes(library, found, at, p) for p in (FINE, COARSE))
    return _measured(fine, coarse)


def _slopes(library: Library, found: Gradients, at: Point, precision: str) -> Values:
    """By the library, in this precision. A defined name is moved by a leaf, which is 0."""
    program, arrays = at.program, at.world.arrays
    stand_ins = at.spelled(library.spelling.module)
    translation = Translation(library.spelling, precision, at.world.numbers, stand_ins)
    with library.scope():
        inputs = {e.name: translation.array(arrays[e.name]) for e in program.inputs}
        seeds = {name: translation.array(seed) for name, seed in at.upstream.items()}
        leaves = {
            name: inputs[name] if name in inputs else translation.array(0 * arrays[name])
            for name in found.backprop.wrt
        }

        def loss(moved: Arrays) -> Any:
            made = translation.run(program.equations, {**inputs, **moved}, moved)
            return sum((seed * made[name]).sum() for name, seed in seeds.items())

        slopes = library.gradient(loss)(leaves)
        return {name: np.asarray(slope, dtype=FINE) for name, slope in slopes.items()}


def _row(
    name: str, method: str, ours: _Measured, theirs: _Measured, loss: float, *, is_0: bool
) -> Row:
    """Wrong where they are further from each other than rounding takes them; verified only where
    rounding would not hide what is wrong."""
    count = theirs.value.size
    scale, error = _most(theirs.value), _most(ours.value - theirs.value)
    bound = SAFETY * (EPS * scale + ours.rounding + theirs.rounding)
    floor = max(bound, NOTHING * loss)
    if not np.isfinite([loss, scale, error, bound]).all():
        return Row(name, count, method, None, None, Verdict.UNDECIDED)
    if is_0:
        unit, bound, tells = loss or 1.0, floor, True
    else:
        unit, tells = scale or 1.0, not count or 0 < bound <= BLURRED * scale
    verdict = Verdict.UNDECIDED
    if error <= bound and tells:
        verdict = Verdict.VERIFIED
    elif error > floor:
        verdict = Verdict.WRONG
    return Row(name, count, method, error / unit, bound / unit, verdict)


def _most(array: Array) -> float:
    return float(np.abs(array).max(initial=0.0))


def cross_check(
    program: Program,
    found: Gradients,
    seed: int = 0,
    lengths: Mapping[Symbol, int] | None = None,
    watch: Watch | None = None,
) -> Report:
    """At a random point, or at others where that decides nothing."""
    sizes = chosen_lengths(program, lengths or {})
    unknown = Report(tuple(_unknown(program, sizes, name) for name in found.backprop.wrt))
    report = unknown
    for attempt in range(TRIES):
        if watch is not None:
            watch(attempt, TRIES)
        point = drawn(program, sizes, seed, attempt)
        if point is not None:
            report = cross_checked(found, point)
            if report.verdict is not Verdict.UNDECIDED or not report.rows:
                break
    # Asked for and not done is not verified, whatever else is.
    return report if report.rows else unknown + report


def _unknown(program: Program, sizes: Mapping[Symbol, int], name: str) -> Row:
    """Where there was no point, or nothing to ask."""
    count = math.prod(sizes[index.size] for index in program.tensors[name])
    return Row(name, count, "torch or jax", None, None, Verdict.UNDECIDED)
