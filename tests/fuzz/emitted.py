"""Emitted code at points where slopes are known: plans, and modules of every kind and style.

Each way to compute is a function of a case and its derivation, and gives a function of a point.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from random import Random
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from indexcalc.codegen.blocking import blocks
from indexcalc.codegen.job import Job
from indexcalc.codegen.plan import Plan
from indexcalc.codegen.planning import planned
from indexcalc.codegen.targets import loops, objects
from indexcalc.codegen.targets.numpy import module
from indexcalc.derivation import Derivation
from indexcalc.expr.functions import PRIME
from tests import plan_values
from tests.emitted import assert_formatted, namespace
from tests.fuzz.meaning import smooth_slope
from tests.fuzz.points import Point
from tests.fuzz.programs import Case

Array = NDArray[Any]
Found = dict[str, Array]
# Outputs and gradients by name (y, ∂x) at a point, handed what the package takes there.
Compute = Callable[[Point, Mapping[str, Any]], Found]
Style = Callable[[Array], Array]

# The upstream gradient of a loss: not 1, so that one that is forgotten is seen.
UPSTREAM = 0.75
# Lengths that plans are made for, and how much a block touches, so that blocks are a few rows.
LENGTHS = (1, 2, 5, 40, 128, 1000)
SMALL = (48, 128, 512)
ROWS = """def _rows(length, row, least=1, **more):
    return max(1, min(length, max(least, {} // max(row, 1))))
"""


@lru_cache(maxsize=1)
def job(derivation: Derivation) -> Job:
    order = tuple(name for name in derivation.program.tensors if name in derivation.wrt)
    closed = (*derivation.where, *map(derivation.found.equation, order))
    return Job(derivation.program, order, closed, {}, "derive - --emit x")


def for_lengths(case: Case, derivation: Derivation, lengths: Sequence[int]) -> Plan:
    """A plan for axes of some of these lengths."""
    random = Random(case.seed)
    own = job(derivation)
    chosen = {size.symbol: random.choice(lengths) for size in own.program.sizes}
    return planned(own.program, own.wrt, chosen, own.closed)


# The plan


def as_planned(case: Case, derivation: Derivation) -> Compute:
    return by_evaluator(job(derivation).plan)


def of_length_1(case: Case, derivation: Derivation) -> Compute:
    return by_evaluator(for_lengths(case, derivation, (1,)))


def by_evaluator(plan: Plan) -> Compute:
    def compute(point: Point, given: Mapping[str, Any]) -> Found:
        slopes = {name.replace("_prime", PRIME): slope for name, slope in steepness(point).items()}
        return plan_values.run(plan, given, slopes, cotangents(point))

    return compute


# Modules


def fast(case: Case, derivation: Derivation) -> Compute:
    return by_module(derivation, module(job(derivation).plan))


def plain(case: Case, derivation: Derivation) -> Compute:
    return by_module(derivation, module(job(derivation).plan, plain=True))


def in_blocks(case: Case, derivation: Derivation) -> Compute:
    return by_module(derivation, in_few_rows(case, text_in_blocks(case, derivation)))


def text_in_blocks(case: Case, derivation: Derivation) -> str:
    """A module with loops over blocks of rows wherever there can be any."""
    with patch.multiple(blocks, BYTES=small(case), LEAST_ROWS=2, WORTH=0, SAVING=1000):
        return module(for_lengths(case, derivation, LENGTHS))


def in_few_rows(case: Case, text: str) -> str:
    """The module with blocks so small that there are several, the last of them shorter."""
    return f"{text}\n\n{ROWS.format(small(case))}"


def small(case: Case) -> int:
    return Random(case.seed).choice(SMALL)


def with_loops(case: Case, derivation: Derivation) -> Compute:
    """Python raises where NumPy has inf or nan."""
    compute = by_module(derivation, loops.emit(job(derivation)))

    def guarded(point: Point, given: Mapping[str, Any]) -> Found:
        try:
            return compute(point, given)
        except (ArithmeticError, ValueError):
            return dict.fromkeys(results(derivation), np.array(np.nan))

    return guarded


def with_objects(case: Case, derivation: Derivation) -> Compute:
    return by_module(derivation, objects.emit(job(derivation)))


def of_float32(case: Case, derivation: Derivation) -> Compute:
    text = module(job(derivation).plan, plain=case.seed % 2 == 1)
    return by_module(derivation, text, style=lambda array: array.astype(np.float32))


def on_views(case: Case, derivation: Derivation) -> Compute:
    text = module(job(derivation).plan, plain=case.seed % 2 == 1)
    return by_module(derivation, text, style=every_other)


def into_arrays(case: Case, derivation: Derivation) -> Compute:
    """Results in arrays of the caller's, and a workspace that was used before."""
    text = text_in_blocks(case, derivation) if case.seed % 2 else module(job(derivation).plan)
    return by_module(derivation, in_few_rows(case, text), reusing=True)


def by_itself(case: Case, derivation: Derivation) -> Compute:
    """A module that a linter likes, and that passes its own check."""
    plan = job(derivation).plan
    text = module(plan)
    styles = [text, module(plan, plain=True), text_in_blocks(case, derivation)]
    assert_formatted(styles)
    assert_passes_its_check(namespace(text)["check"])
    return by_module(derivation, text)


def assert_passes_its_check(check: Callable[[int], None]) -> None:
    """With one seed or another; differences are a little off where a program is steep, and some
    programs have values at few points."""
    for seed in range(MOST_CHECKS):
        try:
            check(seed)
        except AssertionError as failure:
            off = re.search(r"off by (\S+) of", str(failure))
            if seed == MOST_CHECKS - 1 and off and float(off[1]) > FAR:
                raise
        except ArithmeticError:
            continue  # no point was found
        else:
            return


def by_module(
    derivation: Derivation, text: str, style: Style = np.array, *, reusing: bool = False
) -> Compute:
    """`style` makes the arrays that are handed in; nothing may be written into these."""
    names = namespace(text)
    program = derivation.program
    forward, backward = (names[f"{program.name}_{way}"] for way in ("forward", "backward"))

    def compute(point: Point, given: Mapping[str, Any]) -> Found:
        more = {name: value for name, value in given.items() if name not in point.given}
        options = keywords(forward, {**more, **steepness(point)})
        inputs = [sealed(style(given[access.name])) for access in program.inputs]
        upstream = [sealed(style(array)) for array in cotangents(point).values()]

        def called(inputs: list[Array], **places: Any) -> tuple[Any, ...]:
            own = {key: place for key, (place, _) in places.items()}
            made, saved = forward(*inputs, **options, **own)
            own = {key: place for key, (_, place) in places.items()}
            found = backward(*upstream, saved, **own)
            return (*(made if len(program.outputs) > 1 else [made]), *found)

        arrays = called(inputs)
        if reusing:
            own = tuple(np.full_like(array, np.nan) for array in map(np.asarray, arrays))
            count = len(program.outputs)
            space: dict[str, Any] = {}
            places = {"out": (own[:count], own[count:]), "workspace": (space, space)}
            called([-0.3 * array for array in inputs], **places)
            arrays = called(inputs, **places)
            assert all(array is place for array, place in zip(arrays, own, strict=True))
        made = [np.asarray(array) for array in arrays]
        dtypes = {array.dtype for array in (inputs or made)}
        assert dtypes == {array.dtype for array in made}
        return dict(zip(results(derivation), made, strict=True))

    return compute


def results(derivation: Derivation) -> list[str]:
    return [*derivation.program.outputs, *(f"∂{name}" for name in job(derivation).wrt)]


def keywords(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Sizes and functions by what a module calls them; a name that is taken has a _ more."""
    wanted = inspect.getfullargspec(function).kwonlyargs
    return {name: given[name.rstrip("_")] for name in wanted if name.rstrip("_") in given}


def unscaled(point: Point, gradient: Array) -> Array:
    """For an upstream gradient of 1, where the output is a loss."""
    return gradient / UPSTREAM if is_loss(point) else gradient


def is_loss(point: Point) -> bool:
    return [array.shape for array in point.upstream.values()] == [()]


def cotangents(point: Point) -> dict[str, Array]:
    if is_loss(point):
        return {name: np.array(UPSTREAM) for name in point.upstream}
    return point.upstream


def steepness(point: Point) -> dict[str, Callable[..., Any]]:
    """The slopes of abstract functions: f_prime, or f_prime1 and f_prime2."""
    found: dict[str, Callable[..., Any]] = {}
    for place, (name, count) in enumerate(point.meaning.abstract.items()):
        for along in range(count):
            key = f"{name}_prime{'' if count == 1 else along + 1}"
            found[key] = partial(smooth_slope, place, along)
    return found


# Arrays as they are handed in


def sealed(array: Array) -> Array:
    array.flags.writeable = False
    return array


def every_other(array: Array) -> Array:
    """The same values as a view, from the last, with others in between."""
    wide = np.full([2 * length for length in array.T.shape], np.nan)
    ways: tuple[Any, ...] = (..., *(slice(None, None, -2) for _ in array.shape))
    view: Array = wide[ways].T
    view[...] = array
    return view


WAYS: dict[str, Callable[[Case, Derivation], Compute]] = {
    "plan": as_planned,
    "plan for lengths of 1": of_length_1,
    "fast": fast,
    "plain": plain,
    "blocks": in_blocks,
    "loops": with_loops,
    "objects": with_objects,
    "float32": of_float32,
    "views": on_views,
    "own arrays": into_arrays,
    "by itself": by_itself,
}
# Those that every program goes through by turns, and those that some do.
OFTEN = (("plan", "fast"), ("plain",))
SELDOM = ("blocks", "loops", "own arrays", "objects", "float32", "plan for lengths of 1", "views")
# How often a linter is asked, which takes longest.
LINTED = 32
# Points at which a module checks itself until it says that it is right, and what is far off.
MOST_CHECKS = 6
FAR = 1e-2
# How much further off than rounding in float64.
LOOSE = {"float32": 2e7}


def ways_of(turn: int) -> tuple[str, ...]:
    """Those for the program whose turn it is."""
    linted = ("by itself",) if turn % LINTED == 2 else ()
    return (*OFTEN[turn % len(OFTEN)], SELDOM[turn % len(SELDOM)], *linted)
