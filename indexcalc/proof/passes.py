"""Both passes at one point: the value of every gate forward, and its gradient backward.

Some values are given, or none; the others are drawn, as short numbers inside the program's domain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from sympy import Symbol

from indexcalc.calculus.backprop import Backprop
from indexcalc.calculus.gates import Gate, gates, program_of
from indexcalc.calculus.mentions import mentions
from indexcalc.errors import IndexcalcError
from indexcalc.expr.evaluate import component_values, defined
from indexcalc.expr.functions import PRIME
from indexcalc.expr.lengths import small
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.world import Array, World, axis_length, part_of_world
from indexcalc.proof.domain import entries, found_inside, is_inside, largest
from indexcalc.proof.points import stand_ins
from indexcalc.proof.values import (
    given_world,
    need_slopes,
    unknown_upstream,
    upstream_value,
    without_upstream,
)

# Each value is to be looked at.
MOST_ENTRIES = 1_000_000
# Numbers are drawn up to this, in tenths; hundredths may be inside a domain where those are not.
FURTHEST = 2
DECIMALS = (1, 2)


@dataclass(frozen=True)
class Passes:
    """The values and the gradients of tensors and gates by their names in `gates`.

    `drawn` are the inputs and outputs whose value, or upstream gradient, was not given; `ones` the
    outputs whose upstream gradient is 1 for that.
    """

    gates: tuple[Gate, ...]
    values: dict[str, Array]
    gradients: dict[str, Array]
    numbers: Mapping[Symbol, float]
    chosen: Mapping[Symbol, int]
    drawn: tuple[str, ...]
    ones: tuple[str, ...]
    functions: tuple[str, ...]


def passes(
    program: Program,
    wrt: Sequence[str],
    values: Mapping[str, Any],
    lengths: Mapping[Symbol, int],
    seed: int,
) -> Passes:
    """At these values, and lengths of sizes that they leave open. Where no value is given upstream
    gradients are drawn too; else one that is not given is 1."""
    _refuse_reductions(program, wrt)
    upstream, own = without_upstream(program, values)
    for name in upstream:
        if name not in program.outputs:
            raise unknown_upstream(program, name)
    part = given_world(program, own, partial(part_of_world, lengths=lengths))
    _refuse_twice(program, own, lengths)
    chosen = small(program, part.numbers)
    _refuse_large(program, {**part.numbers, **chosen})
    random = np.random.default_rng(seed)
    world = _completed(program, part, chosen, random)
    found = gates(program)
    opened = program_of(program, found)
    world = world.with_arrays({**world.arrays, **defined(opened, world)})
    without = [name for name in program.outputs if name not in upstream]
    ones = without if values or program.is_loss else []
    seeds = {name: _short(random, world.arrays[name].shape) for name in without}
    seeds |= {name: np.ones(world.arrays[name].shape) for name in ones}
    for name, value in upstream.items():
        seeds[name] = upstream_value(name, value, world.arrays[name].shape)
    inputs = [access.name for access in program.inputs if access.name not in part.arrays]
    outputs = [name for name in without if name not in ones]
    return Passes(
        found,
        dict(world.arrays),
        _backward(opened, wrt, world, seeds),
        world.numbers,
        chosen,
        (*inputs, *outputs),
        tuple(ones),
        tuple(name for name, _ in program.functions if name not in part.functions),
    )


def _backward(
    program: Program, wrt: Sequence[str], world: World, seeds: Mapping[str, Array]
) -> dict[str, Array]:
    """The gradient by each tensor that is in `wrt` or made of one, from those of the gates that
    use it."""
    moving = dict.fromkeys(wrt)
    for equation in program.equations:
        if not mentions(equation.right).isdisjoint(moving):
            moving[equation.left.name] = None
    # No program has names with a space in them.
    backprop = Backprop(program, moving, {name: f"upstream {name}" for name in seeds})
    arrays = {**world.arrays, **{backprop.upstream[name]: seed for name, seed in seeds.items()}}
    gradients: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for adjoint in backprop.adjoints():
            equation = Equation(adjoint.left, adjoint.trace.result)
            need_slopes([equation], world)
            value = component_values(equation, world.with_arrays(arrays))
            gradients[adjoint.variable.name] = arrays[adjoint.left.name] = value
    return gradients


# The point


def _completed(
    program: Program, part: World, chosen: Mapping[Symbol, int], random: np.random.Generator
) -> World:
    """With a value for each input, inside the domain where that can be found."""
    made = stand_ins(program.functions, np)
    given = {name.partition(PRIME)[0] for name in part.functions}
    for name in sorted(given.difference(part.functions)):
        raise IndexcalcError("IC601", f"{name} is missing", hint=f"give {name} with its slope")
    others = {name: f for name, f in made.items() if name.partition(PRIME)[0] not in given}
    numbers = {**part.numbers, **chosen}
    start = World(part.arrays, numbers, {**others, **part.functions})
    missing = {
        access.name: tuple(axis_length(index, numbers) for index in access.indices)
        for access in program.inputs
        if access.name not in part.arrays
    }
    inside = found_inside(program, start, lambda _, shape: _short(random, shape), random)
    if inside is None:
        drawn = {name: _short(random, shape) for name, shape in missing.items()}
        return start.with_arrays({**part.arrays, **drawn})
    for decimals in DECIMALS:
        rounded = {name: np.round(inside[name], decimals) for name in missing}
        world = start.with_arrays({**part.arrays, **rounded})
        if is_inside(program, world):
            return world
    return start.with_arrays({**part.arrays, **{name: inside[name] for name in missing}})


def _short(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers of one decimal and both signs, none of them 0."""
    signs = random.choice([-1.0, 1.0], shape)
    return np.asarray(signs * random.integers(1, 10 * FURTHEST, shape, endpoint=True) / 10)


# Refusals


def _refuse_reductions(program: Program, wrt: Sequence[str]) -> None:
    """What has no derivative yet is said of the program as it is written, in its own names."""
    for _ in Backprop(program, wrt).adjoints():
        pass


def _refuse_twice(
    program: Program, values: Mapping[str, Any], lengths: Mapping[Symbol, int]
) -> None:
    for size in program.sizes:
        if size.name in values and size.symbol in lengths:
            hint = "give it among the values or among the sizes"
            raise IndexcalcError("IC605", f"the size {size.name} is given twice", hint=hint)


def _refuse_large(program: Program, numbers: Mapping[Symbol, float]) -> None:
    sizes = (entries(access.indices, numbers) for access in program.inputs)
    count = max([largest(program, numbers), *sizes])
    if count > MOST_ENTRIES:
        said = f"a value has {count:,} entries here, and {MOST_ENTRIES:,} is the most"
        raise IndexcalcError("IC106", said, hint="give smaller arrays or sizes: --sizes b=2,h=3")
