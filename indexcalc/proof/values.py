"""Gradients as numbers: closed forms by the reference evaluator, at given or random points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from indexcalc.calculus.gradients import Gradients
from indexcalc.calculus.mentions import mentions
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import postorder
from indexcalc.expr.evaluate import defined, evaluate
from indexcalc.expr.functions import PRIME
from indexcalc.expr.nodes import Apply
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.world import Array, World, world_of
from indexcalc.proof.check import compare
from indexcalc.proof.report import Report

UPSTREAM = "dl_d"
SLOPE = "_prime"

# The sizes of a check go round these, so that neighbours differ.
SIZES = (3, 4, 2, 5)
TRIES = 20
# Of the stand-ins for abstract functions.
SHIFT = 0.4
UNDECIDED = "Undecided: no point was found where differences tell."


def gradient_value(
    program: Program, found: Gradients, name: str, values: Mapping[str, Any]
) -> Array:
    """The gradient by a tensor; the upstream gradients are among the values."""
    slopes = {key: values[key] for key in _slope_names(program) if key in values}
    own_names = {*program.tensors, *(name for name, _ in program.constants)}
    upstream = {
        key: value
        for key, value in values.items()
        if key.startswith(UPSTREAM) and key not in own_names
    }
    own = {key: value for key, value in values.items() if key not in {**slopes, **upstream}}
    world = _with_slopes(world_of(program, own), program, slopes)
    arrays = {**world.arrays, **defined(program, world)}
    for output, seed in found.backprop.upstream.items():
        arrays[seed] = _upstream(output, arrays[output], upstream)
    if upstream:
        raise _unknown(program, next(iter(upstream)))
    _need_slopes(_equations(found, (name,)), world)
    return results(found, World(arrays, world.numbers, world.functions), (name,))[name]


def results(found: Gradients, world: World, names: Iterable[str]) -> dict[str, Array]:
    """The adjoints of these names by their closed forms."""
    arrays = dict(world.arrays)
    here = World(arrays, world.numbers, world.functions)
    waiting = _equations(found, names)
    while waiting:
        for name, equation in list(waiting.items()):
            if mentions(equation.right).isdisjoint(waiting):
                arrays[name] = component_values(equation, here)
                del waiting[name]
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


def component_values(equation: Equation, world: World) -> Array:
    """The right-hand side as an array over the indices of the left, in their order."""
    value = evaluate(equation.right, world)
    order = sorted(equation.left.indices, key=lambda index: index.name)
    shape = [int(world.numbers[index.size]) for index in order]
    value = np.broadcast_to(value, shape)
    return value.transpose([order.index(i) for i in equation.left.indices]).copy()


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


def _need_slopes(equations: Mapping[str, Equation], world: World) -> None:
    for node in (node for equation in equations.values() for node in postorder(equation.right)):
        if isinstance(node, Apply) and PRIME in node.name and node.name not in world.functions:
            name, _, place = node.name.partition(PRIME)
            slope = f"{name}{SLOPE}{place}"
            hint = f"give the slope of {name}, a function of the same arguments: {slope}=numpy.cos"
            raise IndexcalcError("IC601", f"{slope} is missing", hint=hint)


# A random point


def checked(program: Program, found: Gradients, seed: int) -> Report:
    """Every gradient against central differences of the program, at a point where both have a
    value."""
    for attempt in range(TRIES):
        random = np.random.default_rng([seed, attempt])
        # Logarithms and roots want positive values; most functions take any.
        point = _point(program, random, positive=attempt % 2 == 1)
        world = world_of(program, point)
        world = World(world.arrays, world.numbers, {**world.functions, **_stand_ins(program)[1]})
        arrays = {**world.arrays, **defined(program, world)}
        outputs = {name: arrays[name] for name in program.outputs}
        cotangents = {name: random.normal(size=value.shape) for name, value in outputs.items()}
        if program.is_loss:
            cotangents = {name: np.ones(()) for name in cotangents}
        for output, name in found.backprop.upstream.items():
            arrays[name] = cotangents[output]
        with np.errstate(all="ignore"):
            wrt = found.backprop.wrt
            values = results(found, World(arrays, world.numbers, world.functions), wrt)
        if not all(np.isfinite(value).all() for value in (*outputs.values(), *values.values())):
            continue
        loss = _Loss(program, world, cotangents)
        claims = [
            (name, value, not found.adjoints[name].closed.end) for name, value in values.items()
        ]
        report = compare(claims, loss, arrays)
        if report is not None:
            return report
    return Report((), (UNDECIDED,))


class _Loss:
    """Σ G·y by the reference evaluator; a tensor that was moved keeps its value."""

    def __init__(self, program: Program, world: World, cotangents: Mapping[str, Array]) -> None:
        self.program = program
        self.world = world
        self.cotangents = cotangents

    def __call__(self, moved: str, arrays: Mapping[str, Array]) -> float:
        kept = tuple(e for e in self.program.equations if e.left.name != moved)
        there = World(arrays, self.world.numbers, self.world.functions)
        made = {**arrays, **defined(replace(self.program, equations=kept), there)}
        return float(sum((seed * made[name]).sum() for name, seed in self.cotangents.items()))


def _point(program: Program, random: np.random.Generator, *, positive: bool) -> dict[str, Any]:
    sizes = {size.symbol: SIZES[n % len(SIZES)] for n, size in enumerate(program.sizes)}
    values: dict[str, Any] = {
        size.name: sizes[size.symbol] for size in program.sizes if not size.fixed
    }
    for access in program.inputs:
        shape = [sizes[index.size] for index in access.indices]
        values[access.name] = (
            random.uniform(0.2, 0.9, shape) if positive else random.normal(size=shape)
        )
    return {**values, **_stand_ins(program)[0]}


def _stand_ins(
    program: Program,
) -> tuple[dict[str, Callable[..., Any]], dict[str, Callable[..., Any]]]:
    """A smooth function for each abstract one, and its slopes; neither odd nor even, for then a
    sign in its argument would not show."""
    functions: dict[str, Callable[..., Any]] = {}
    slopes: dict[str, Callable[..., Any]] = {}
    for place, (name, count) in enumerate(program.functions):
        rate = 0.7 + 0.3 * place

        def value(*arguments: Array, rate: float = rate) -> Array:
            total = sum((k + 1) * argument for k, argument in enumerate(arguments))
            return np.asarray(np.sin(rate * total + SHIFT) + 0.2 * total)

        functions[name] = value
        for k in range(count):

            def slope(*arguments: Array, rate: float = rate, k: int = k) -> Array:
                total = sum((n + 1) * argument for n, argument in enumerate(arguments))
                return np.asarray((k + 1) * (rate * np.cos(rate * total + SHIFT) + 0.2))

            slopes[f"{name}{PRIME}{'' if count == 1 else k + 1}"] = slope
    return functions, slopes
