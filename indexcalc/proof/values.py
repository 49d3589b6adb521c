"""Gradients as numbers: closed forms by the reference evaluator, at given or random points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from indexcalc.calculus.gradients import Gradients
from indexcalc.calculus.mentions import in_order, mentions
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import postorder
from indexcalc.expr.evaluate import component_values, defined
from indexcalc.expr.functions import PRIME
from indexcalc.expr.names import canonical
from indexcalc.expr.nodes import Apply
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.world import Array, World, real, world_of

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
    upstream, own = without_upstream(program, values)
    world = given_world(program, own)
    arrays = {**world.arrays, **defined(program, world)}
    for output, seed in seeds.items():
        if output not in upstream:
            name = f"{UPSTREAM}{output}"
            raise IndexcalcError("IC601", f"{name} is missing", hint=f"give an array like {output}")
        arrays[seed] = upstream_value(output, upstream.pop(output), arrays[output].shape)
    if upstream:
        hint = "its loss has the upstream gradient 1" if program.is_loss else ""
        raise unknown_upstream(program, next(iter(upstream)), hint)
    return world.with_arrays(arrays)


def without_upstream(
    program: Program, values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The upstream gradients among the values, by what they are gradients by, and the others."""
    own_names = {*program.tensors, *(name for name, _ in program.constants)}
    upstream: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for key, value in values.items():
        if key.startswith(UPSTREAM) and key not in own_names:
            upstream[canonical(key.removeprefix(UPSTREAM))] = value
        else:
            own[key] = value
    return upstream, own


def given_world(
    program: Program,
    values: Mapping[str, Any],
    world: Callable[[Program, Mapping[str, Any]], World] = world_of,
) -> World:
    """The inputs of a program, and slopes of its abstract functions, which are among the values."""
    slopes = {key: values[key] for key in _slope_names(program) if key in values}
    own = {key: value for key, value in values.items() if key not in slopes}
    return _with_slopes(world(program, own), program, slopes)


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


def upstream_value(output: str, value: Any, shape: tuple[int, ...]) -> Array:
    """What was given, if it fits the output."""
    name = f"{UPSTREAM}{output}"
    array = real(name, value)
    if array.shape != shape:
        raise IndexcalcError(
            "IC603",
            f"{name} has the shape {array.shape}, and {output} has {shape}",
            hint="give the gradient of the loss by each entry of the output",
        )
    return array


def unknown_upstream(program: Program, of: str, hint: str = "") -> IndexcalcError:
    """There is no output of this name."""
    wanted = ", ".join(f"{UPSTREAM}{output}" for output in program.outputs)
    said = f"{program.name} takes nothing called {UPSTREAM}{of}"
    return IndexcalcError("IC602", said, hint=hint or f"it takes {wanted}")


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
