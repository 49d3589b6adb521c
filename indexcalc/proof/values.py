"""Gradients as numbers: closed forms by the reference evaluator, at given or random points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from indexcalc.calculus.gradients import Gradients
from indexcalc.errors import IndexcalcError
from indexcalc.expr.evaluate import defined, evaluate
from indexcalc.expr.functions import PRIME
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.world import Array, World, world_of
from indexcalc.proof.check import Report, compare

UPSTREAM = "dl_d"
SLOPE = "_prime"

# The sizes of a check go round these, so that neighbours differ.
SIZES = (3, 4, 2, 5)
TRIES = 20


def gradient_value(
    program: Program, found: Gradients, name: str, values: Mapping[str, Any]
) -> Array:
    """The gradient by a tensor; the upstream gradients are among the values."""
    slopes = {key: value for key, value in values.items() if key.endswith(SLOPE)}
    upstream = {key: value for key, value in values.items() if key.startswith(UPSTREAM)}
    own = {key: value for key, value in values.items() if key not in {**slopes, **upstream}}
    world = _with_slopes(world_of(program, own), program, slopes)
    arrays = {**world.arrays, **defined(program, world)}
    for output, seed in found.backprop.upstream.items():
        arrays[seed] = _upstream(output, arrays[output], upstream)
    if upstream:
        raise _unknown(program, next(iter(upstream)))
    return results(found, World(arrays, world.numbers, world.functions))[name]


def results(found: Gradients, world: World) -> dict[str, Array]:
    """Every adjoint of the conclusion with its value."""
    arrays = dict(world.arrays)
    here = World(arrays, world.numbers, world.functions)
    for equation in found.shared:
        arrays[equation.left.name] = component_values(equation, here)
    values = {}
    for name in found.results:
        equation = found.equation(name)
        arrays[equation.left.name] = values[name] = component_values(equation, here)
    return values


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


def _with_slopes(world: World, program: Program, slopes: Mapping[str, Any]) -> World:
    functions = dict(world.functions)
    for name, arguments in program.functions:
        keys = [""] if arguments == 1 else [str(place + 1) for place in range(arguments)]
        for key in keys:
            given = slopes.get(f"{name}{SLOPE}{key}")
            if given is not None:
                functions[f"{name}{PRIME}{key}"] = given
    return World(world.arrays, world.numbers, functions)


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
            values = results(found, World(arrays, world.numbers, world.functions))
        if not all(np.isfinite(value).all() for value in (*outputs.values(), *values.values())):
            continue
        loss = _Loss(program, world, cotangents)
        report = compare([(name, values[name]) for name in found.backprop.wrt], loss, arrays)
        if report is not None:
            return report
    return Report(())


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
    """A smooth function for each abstract one, and its slopes."""
    functions: dict[str, Callable[..., Any]] = {}
    slopes: dict[str, Callable[..., Any]] = {}
    for place, (name, count) in enumerate(program.functions):
        rate = 0.7 + 0.3 * place

        def value(*arguments: Array, rate: float = rate) -> Array:
            total = sum((k + 1) * argument for k, argument in enumerate(arguments))
            return np.asarray(np.sin(rate * total) + 0.2 * total)

        functions[name] = value
        for k in range(count):

            def slope(*arguments: Array, rate: float = rate, k: int = k) -> Array:
                total = sum((n + 1) * argument for n, argument in enumerate(arguments))
                return np.asarray((k + 1) * (rate * np.cos(rate * total) + 0.2))

            slopes[f"{name}{PRIME}{'' if count == 1 else k + 1}"] = slope
    return functions, slopes
