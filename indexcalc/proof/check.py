"""Gradients against central differences of the program, at points inside its domain.

The loss is Σ G·y with random G, never a plain sum, under which the gradients of a softmax and of a
layer norm are 0. Sizes are unequal, so that no axis can be taken for another. A gradient is held to
the error that its differences and its own rounding are estimated to have; where that is too much
to decide, another point is taken.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from sympy import Symbol

from indexcalc.calculus.gradients import Gradients
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Program
from indexcalc.proof.differences import STEPS
from indexcalc.proof.domain import largest
from indexcalc.proof.points import TRIES, chosen_lengths, drawn, is_varied
from indexcalc.proof.report import Report, Row, Verdict, Watch, listed
from indexcalc.proof.sample import Outcome, Sample

METHOD = "differences"
# Fewer points are tried where so many equations follow so many tensors that one takes seconds; and
# after so many vain searches for one there is no other.
LONG = 60_000
HOPELESS = 3
# How many directions are tried at the first point, all tensors together, and at the second.
MOST_PROBES = 400
LEAST_PROBES = 6
FEW_PROBES = 3
# The entries of all values that are formed for differences at a point.
MOST_WORK = 100_000_000
# At how many points each gradient is held to its differences, where so many are found.
POINTS = 2
# More names or sizes than these are not listed.
LISTED = 12


def checked(
    program: Program,
    found: Gradients,
    seed: int = 0,
    lengths: Mapping[Symbol, int] | None = None,
    watch: Watch | None = None,
) -> Report:
    """Every gradient against differences at two points, one of them with other constants."""
    names = found.backprop.wrt
    sizes = chosen_lengths(program, lengths or {})
    outcomes: dict[str, list[Outcome]] = {name: [] for name in names}
    points = 0
    for sample, varied in samples(program, sizes, seed, len(names)):
        points += not varied
        waiting = [name for name in names if _waits(outcomes[name], varied=varied)]
        values = sample.values(found, waiting)
        for name in waiting:
            is_0 = not found.adjoints[name].closed.end
            outcome = sample.outcome(name, values[name], is_0=is_0)
            if outcome.decides:
                outcomes[name].append(outcome)
            if watch is not None:
                watch(sum(map(len, outcomes.values())), POINTS * len(names))
        if not any(_waits(known, varied=True) or not known for known in outcomes.values()):
            break
    tensors = program.tensors
    rows = tuple(_row(Access(name, *tensors[name]), sizes, outcomes[name]) for name in names)
    return Report(rows, tuple(_remarks(outcomes, sizes, seed, points)))


def _waits(outcomes: Sequence[Outcome], *, varied: bool) -> bool:
    """Whether another point can say more: first one with the constants at their defaults, then one
    with others."""
    if varied:
        return 0 < len(outcomes) < POINTS and all(outcome.agrees for outcome in outcomes)
    return not outcomes


def samples(
    program: Program, lengths: Mapping[Symbol, int], seed: int, tensors: int
) -> Iterator[tuple[Sample, bool]]:
    """Points where the program is smooth, and whether constants are not at their defaults there;
    where they are every entry is moved, if there are few."""
    tensors = max(tensors, 1)
    # So many values for each direction.
    room = MOST_WORK // (2 * len(STEPS) * tensors * largest(program, lengths))
    most = max(FEW_PROBES, min(max(LEAST_PROBES, MOST_PROBES // tensors), room))
    found = False
    for attempt in range(max(2 * HOPELESS, min(TRIES, LONG // (tensors * len(program.equations))))):
        if attempt == HOPELESS and not found:
            return
        point = drawn(program, lengths, seed, attempt)
        if point is not None:
            found, varied = True, is_varied(attempt)
            yield Sample(point, FEW_PROBES if varied else most, (seed, attempt)), varied


def _row(tensor: Access, sizes: Mapping[Symbol, int], outcomes: Sequence[Outcome]) -> Row:
    entries = math.prod(sizes[index.size] for index in tensor.indices)
    if not outcomes:
        return Row(tensor.name, entries, METHOD, None, None, Verdict.UNDECIDED)
    worst = max(outcomes, key=lambda outcome: outcome.excess)
    verdict = Verdict.VERIFIED if worst.agrees else Verdict.WRONG
    return Row(tensor.name, entries, METHOD, worst.error, worst.tolerance, verdict)


def _remarks(
    outcomes: Mapping[str, Sequence[Outcome]], sizes: Mapping[Symbol, int], seed: int, points: int
) -> Iterator[str]:
    if not outcomes:
        yield "There is no tensor to differentiate by."
        return
    for name, known in outcomes.items():
        wrong = [outcome for outcome in known if not outcome.agrees]
        if wrong:
            yield _difference(name, wrong[0])
    undecided = [unicode_face(name) for name, known in outcomes.items() if not known]
    if undecided and not points:
        yield "No point was found at which the function has a value and a slope."
    elif undecided:
        yield (
            f"No difference by {listed(undecided, LISTED)} was sharp enough to decide, at {points} "
            f"{'point' if points == 1 else 'points'}; --exact, other --sizes or another --seed may."
        )
    shown = ", ".join(f"{symbol} = {length}" for symbol, length in sizes.items())
    if len(sizes) > LISTED:
        least, most = min(sizes.values()), max(sizes.values())
        shown = f"sizes from {least} to {most}" if least < most else f"sizes that are all {least}"
    yield f"At {shown}, seed {seed}." if shown else f"With seed {seed}."


def _difference(name: str, wrong: Outcome) -> str:
    """Where a gradient is not what the differences are."""
    probe, given, expected = wrong.worst
    entries = np.argwhere(probe)
    place = f" at ({', '.join(str(n + 1) for n in entries[0])})" if probe.ndim else ""
    if len(entries) > 1:
        place = " along a direction"
    return f"By {unicode_face(name)}{place} the slope is {expected:.9g}, not {given:.9g}."
