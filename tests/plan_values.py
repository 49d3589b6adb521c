"""A plan run by the reference evaluator, each operation as the equation that it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.codegen.operations import Operation
from indexcalc.codegen.plan import Plan
from indexcalc.expr.evaluate import component_values
from indexcalc.expr.functions import PRIME
from indexcalc.expr.program import Equation
from indexcalc.expr.world import World, world_of

Array = NDArray[np.float64]


def run(
    plan: Plan, values: Mapping[str, Any], slopes: Mapping[str, Any], upstream: Mapping[str, Any]
) -> dict[str, Array]:
    """Outputs and gradients by their names in the program; backward sees only what is saved."""
    world = world_of(plan.program, values)
    given = World(world.arrays, world.numbers, {**world.functions, **slopes})
    forward = performed(plan.forward, given)
    seen = {**world.arrays, **forward}
    kept = {name: seen[name] for name in plan.saved}
    seeds = {seed: np.asarray(upstream[y], dtype=float) for y, seed in plan.upstream.items()}
    assert not any(PRIME in name for name in kept)
    backward = performed(plan.backward, World({**kept, **seeds}, given.numbers, given.functions))
    outputs = {name: forward[name] for name in plan.program.outputs}
    return {**outputs, **{f"∂{name}": backward[g] for name, g in plan.gradients.items()}}


def performed(operations: Sequence[Operation], world: World) -> dict[str, Array]:
    arrays = dict(world.arrays)
    made: dict[str, Array] = {}
    for one in operations:
        here = World(arrays, world.numbers, world.functions)
        value = component_values(Equation(one.left, one.right), here)
        arrays[one.left.name] = made[one.left.name] = value
    return made
