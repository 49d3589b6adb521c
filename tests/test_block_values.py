"""Loops over blocks of rows have the values of whole arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pytest
from sympy import Symbol

from indexcalc.codegen.blocking.blocks import Loop, phases
from indexcalc.codegen.operations import Lengths, Operation
from indexcalc.codegen.plan import Plan
from indexcalc.expr.base import Index, constant_symbol
from tests.block_plans import PLANS, backward, forward, forward_results
from tests.looping import Arrays, in_phases, whole
from tests.random_operations import REAL, SIZES, Drawn


@pytest.mark.parametrize("rows", [(1, 1, 1), (2, 2, 2), (3, 5, 2), (1, 2, 3), (100, 100, 100)])
@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.program.name)
def test_blocks_have_the_values_of_whole_arrays(plan: Plan, rows: tuple[int, ...]) -> None:
    numbers = small(plan)
    draw = np.random.default_rng(7)
    arrays = {a.name: drawn(draw, a.indices, numbers) for a in plan.program.inputs}
    first = whole(plan.forward, arrays, numbers)
    agree(in_phases(forward(plan), arrays, numbers, rows), first, forward_results(plan))
    tensors = plan.tensors
    seeds = {seed: drawn(draw, tensors[seed], numbers) for seed in plan.upstream.values()}
    given = first | seeds
    agree(
        in_phases(backward(plan), given, numbers, rows),
        whole(plan.backward, given, numbers),
        set(plan.gradients.values()),
    )


def small(plan: Plan) -> dict[Symbol, float]:
    numbers = {size.symbol: 3 + place for place, size in enumerate(plan.program.sizes)}
    return numbers | {constant_symbol(name): 0.1 for name, _ in plan.program.constants}


def drawn(
    draw: np.random.Generator, indices: Sequence[Index], numbers: Mapping[Symbol, float]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(draw.standard_normal([int(numbers[index.size]) for index in indices]))


def agree(found: Arrays, wanted: Arrays, results: Collection[str]) -> None:
    assert set(results) <= set(found)
    for name in sorted(results):
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-10, atol=1e-12, err_msg=name)


def test_random_operations_in_blocks_have_the_values_of_whole_arrays() -> None:
    loops = levels_found = 0
    numbers: dict[Symbol, float] = dict(REAL)
    for seed in range(100):
        case = Drawn(seed)
        draw = np.random.default_rng(seed)
        arrays = {
            name: draw.standard_normal([REAL[size] for size in sizes])
            for name, sizes in case.inputs.items()
        }
        thought: Lengths = {size: case.random.choice((30, 40000)) for size in SIZES}
        parts = phases(case.operations, case.results, thought)
        assert sorted(flat_names(parts)) == sorted(one.left.name for one in case.operations)
        loops += sum(isinstance(part, Loop) for part in parts)
        levels_found += sum(len(part.levels) for part in parts if isinstance(part, Loop))
        rows = [case.random.randint(1, 4) for _ in range(3)]
        found = in_phases(parts, arrays, numbers, rows)
        agree(found, whole(case.operations, arrays, numbers), case.results)
    assert loops > 50
    assert levels_found > loops + 5


def flat_names(parts: Sequence[Operation | Loop]) -> list[str]:
    return [
        one.left.name
        for part in parts
        for one in (part.operations if isinstance(part, Loop) else (part,))
    ]
