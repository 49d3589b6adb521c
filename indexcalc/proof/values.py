"""Gradients as numbers: closed forms by the reference evaluator, at given or random points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from indexcalc.calculus.gradients import Gradients
from indexcalc.calculus.mentions import in_order, mentions
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import postorder
from indexcalc.expr.evaluate import component_values, defined
from indexcalc.expr.functions import PRIME
from indexcalc.expr.nodes import Apply
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.world import Array, World, world_of

UPSTREAM = "dl_d"
SLOPE = "_prime"


def gradient_value(
    program: Program, found: Gradients, name: str, values: Mapping[str, Any]
) -> Array:
    """The gradient by a tensor; the upstream gradients are among the values."""
    world = seeded_world(program, found.backprop.upstream, values)
    need_slopes(_equations(found, (name,)).values(), world)
    return results(found, world, (name,))[name]


def seeded_world(program: Program, seeds: Mapping[str, str], values: Mapping[str, Any]) -> World:
    """Every tensor of a program where these are its values, and its upstream gradients, which are
    among them, under the names that formulas have for them."""
    own_names = {*program.tensors, *(name for name, _ in program.constants)}
    upstream = {
        key: value
        for key, value in values.items()
        if key.startswith(UPSTREAM) and key not in own_names
    }
    own = {key: value for key, value in values.items() if key not in upstream}
    world = given_world(program, own)
    arrays = {**world.arrays, **defined(program, world)}
    for output, seed in seeds.items():
        arrays[seed] = _upstream(output, arrays[output], upstream)
    if upstream:
        raise _unknown(program, next(iter(upstream)))
    return world.with_arrays(arrays)


def given_world(program: Program, values: Mapping[str, Any]) -> World:
    """The inputs of a program, and slopes of its abstract functions, which are among the values."""
    slopes = {key: values[key] for key in _slope_names(program) if key in values}
    own = {key: value for key, value in values.items() if key not in slopes}
    return _with_slopes(world_of(program, own), program, slopes)


def results(found: Gradients, world: World, names: Iterable[str]) -> dict[str, Array]:
    """The adjoints of these names by their closed forms."""
    arrays = dict(world.arrays)
    here = world.with_arrays(arrays)
    for equation in in_order(_equations(found, names).values()):
        arrays[equation.left.name] = component_values(equation, here)
    return {name: arrays[found.equation(name).left.name] for name in names}


def _equations(found: Gradients, names: Iterable[str]) -> dict[str, Equation]:
    """The conclusions about these names and about what they are in terms of: where lines, and
    other gradients, in whatever order they were asked for."""
    known = {e.left.name: e for e in (*found.shared, *map(found.equation, found.results))}
    stack = [found.equation(name).left.name for name in names]
    needed: dict[str, Equation] = {}
    while stack:
        name = stack.pop()
        if name in known and name not in needed:
            needed[name] = known[name]
            stack.extend(sorted(mentions(known[name].right)))
    return needed


def _upstream(output: str, value: Array, given: dict[str, Any]) -> Array:
    name = f"{UPSTREAM}{output}"
    if name not in given:
        raise IndexcalcError("IC601", f"{name} is missing", hint=f"give an array like {output}")
    array = np.array(given.pop(name), dtype=float)
    if array.shape != value.shape:
        raise IndexcalcError(
            "IC603",
            f"{name} has the shape {array.shape}, and {output} has {value.shape}",
            hint="give the gradient of the loss by each entry of the output",
        )
    return array


def _unknown(program: Program, name: str) -> IndexcalcError:
    wanted = ", ".join(f"{UPSTREAM}{output}" for output in program.outputs)
    hint = "its loss has the upstream gradient 1" if program.is_loss else f"it takes {wanted}"
    return IndexcalcError("IC602", f"{program.name} takes nothing called {name}", hint=hint)


def _slope_names(program: Program) -> dict[str, str]:
    """f_prime for f, g_prime1 and g_prime2 for g of two arguments, with their names in trees."""
    return {
        f"{name}{SLOPE}{key}": f"{name}{PRIME}{key}"
        for name, arguments in program.functions
        for key in ([""] if arguments == 1 else range(1, arguments + 1))
    }


def _with_slopes(world: World, program: Program, slopes: Mapping[str, Any]) -> World:
    given = {inner: slopes[key] for key, inner in _slope_names(program).items() if key in slopes}
    return World(world.arrays, world.numbers, {**world.functions, **given})


def need_slopes(equations: Iterable[Equation], world: World) -> None:
    """A refusal where they need the slope of an abstract function that was not given."""
    for node in (node for equation in equations for node in postorder(equation.right)):
        if isinstance(node, Apply) and PRIME in node.name and node.name not in world.functions:
            name, _, place = node.name.partition(PRIME)
            slope = f"{name}{SLOPE}{place}"
            hint = f"give the slope of {name}, a function of the same arguments: {slope}=numpy.cos"
            raise IndexcalcError("IC601", f"{slope} is missing", hint=hint)
