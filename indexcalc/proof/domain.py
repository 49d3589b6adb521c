"""Inside a program's domain: values at which every function in it is defined and has a slope.

Every place with an edge (the argument of a logarithm, a denominator, the kink of an absolute value)
says how far inside its values are. Inputs are drawn at random, many at once, and moved until no
value of any intermediate is over an edge or near one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Basic, Expr, Symbol

from indexcalc.calculus.mentions import mentions
from indexcalc.expr.base import Index, free_of, postorder
from indexcalc.expr.evaluate import MANY, defined, evaluate
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import Apply, Pow, Reduce
from indexcalc.expr.program import Program
from indexcalc.expr.world import Array, World, axis_length, number

# How far inside, as a part of the furthest value of the same place.
CLEARANCE = 0.01
# The entries of the largest value when many points are evaluated together.
TOGETHER = 2_000_000
# How many points are tried at once, and how often the best of them is moved.
CROWD = 48
ROUNDS = 24
# What a value that is no number counts, as against a distance.
NOWHERE = 50.0
# What a value on the edge counts, however near it is.
EDGE = 0.01


# A way to draw a tensor of a name and shape.
Draw = Callable[[str, tuple[int, ...]], Array]


def found_inside(
    program: Program, start: World, draw: Draw, random: np.random.Generator
) -> dict[str, Array] | None:
    """Values of all tensors at a point inside the domain, as drawn where that can be; the numbers
    and functions are given, and inputs may be."""
    shapes = {
        access.name: tuple(axis_length(index, start.numbers) for index in access.indices)
        for access in program.inputs
        if access.name not in start.arrays
    }
    edges = list(_edges(program))
    orders = {name: len(indices) for name, indices in program.tensors.items()}
    space = largest(program, start.numbers)
    crowd = {name: draw(name, shape)[None] for name, shape in shapes.items()}
    for _ in range(ROUNDS):
        inputs = {**start.arrays, **crowd}
        arrays = {**inputs, **defined(program, start.with_arrays(inputs))}
        many = {n: a for n, a in arrays.items() if a.ndim > orders[n]}
        depths = _depths(edges, start.with_arrays(arrays), many)
        chosen = int(np.argmin(depths))
        if depths[chosen] == 0:
            return {**arrays, **{name: np.asarray(array[chosen]) for name, array in many.items()}}
        if not shapes:
            break
        best = {name: array[chosen] for name, array in crowd.items()}
        crowd = _moved(best, min(CROWD, max(1, TOGETHER // space)), draw, random)
    return None


def is_inside(program: Program, world: World) -> bool:
    """Whether the inputs of a world are inside the domain."""
    full = world.with_arrays({**world.arrays, **defined(program, world)})
    return not _depths(list(_edges(program)), full, {}).any()


def largest(program: Program, numbers: Mapping[Symbol, float]) -> int:
    """The entries of the largest value that a program forms."""
    rights = (equation.right for equation in program.equations)
    return max((largest_within(right, numbers) for right in rights), default=1)


def largest_within(expr: Basic, numbers: Mapping[Symbol, float]) -> int:
    """The entries of the largest value on the way to that of an expression."""
    return max(entries(indices, numbers) for indices in set(map(free_of, postorder(expr))))


def entries(indices: Iterable[Index], numbers: Mapping[Symbol, float]) -> int:
    """How many entries a value over these indices has."""
    return math.prod(axis_length(index, numbers) for index in indices)


# Edges


@dataclass(frozen=True, slots=True)
class _Edge:
    """How far inside its domain each value at some place is, over so many axes."""

    order: int
    distance: Callable[[World], Array]


def _edges(program: Program) -> Iterator[_Edge]:
    """An edge for each place that has one."""
    for equation in program.equations:
        for node in postorder(equation.right):
            distance = _distance(node)
            if distance is not None and mentions(node):
                yield _Edge(len(_place(node)), distance)


def _place(node: Basic) -> frozenset[Index]:
    """The indices of the value that has the edge."""
    return free_of(node.parts[0] if isinstance(node, Apply | Pow) else node)


def _distance(node: Basic) -> Callable[[World], Array] | None:
    if isinstance(node, Apply) and node.name in FUNCTIONS:
        edge = FUNCTIONS[node.name].edge
        if edge is not None:
            (argument,) = node.parts
            return lambda world: np.asarray(edge(np, evaluate(argument, world)))
    if isinstance(node, Pow):
        return _distance_of_power(node.base, node.exponent)
    if isinstance(node, Reduce) and node.kind in ("max", "min"):
        return lambda world: _lead(node, world)
    return None


def _distance_of_power(base: Basic, exponent: Basic) -> Callable[[World], Array] | None:
    """Whole powers are smooth but for negative ones at 0; the others want a positive base."""
    if exponent.is_Integer and exponent >= 0:
        return None

    def distance(world: World) -> Array:
        value = evaluate(base, world)
        if isinstance(exponent, Expr):
            power = number(exponent, world.numbers)
            if power.is_integer():
                return np.abs(value) if power < 0 else np.ones_like(value)
        return value

    return distance


def _lead(node: Reduce, world: World) -> Array:
    """How far the largest is from the next, or the smallest."""
    body = evaluate(node.body, world)
    axes = sorted(index.name for index in free_of(node.body))
    if body.ndim > len(axes):
        axes.insert(0, MANY)
    bound = [axes.index(index.name) for index in node.indices]
    kept = [place for place in range(len(axes)) if place not in bound]
    rows = body.transpose([*kept, *bound]).reshape([body.shape[place] for place in kept] + [-1])
    if rows.shape[-1] < 2:
        return np.ones(rows.shape[:-1])
    ordered = np.sort(rows if node.kind == "max" else -rows, axis=-1)
    return np.asarray(ordered[..., -1] - ordered[..., -2])


# The search


def _depths(edges: Sequence[_Edge], world: World, many: Mapping[str, Array]) -> Array:
    """How deep each of the many points is outside; 0 where it is inside."""
    depths = np.zeros(max(map(len, many.values()), default=1))
    for name, array in world.arrays.items():
        rows = array.reshape(len(array) if name in many else 1, -1)
        depths += NOWHERE * ~np.isfinite(rows).all(axis=1)
    with np.errstate(all="ignore"):
        for edge in edges:
            distance = edge.distance(world)
            rows = distance.reshape(len(distance) if distance.ndim > edge.order else 1, -1)
            depths += _outside(rows)
    return depths


def _outside(rows: Array) -> Array:
    """How deep the values of each row are outside, or too near the edge."""
    known = np.isfinite(rows)
    sound = np.where(known, rows, 0.0)
    clearance = CLEARANCE * np.abs(sound).max(axis=1, initial=0.0, keepdims=True)
    short = np.maximum(clearance - sound, 0.0)
    depth = np.where(known, np.log1p(short) + EDGE * (sound <= 0), NOWHERE)
    return np.asarray(depth.sum(axis=1))


def _moved(
    best: Mapping[str, Array], count: int, draw: Draw, random: np.random.Generator
) -> dict[str, Array]:
    """Points round the best one, and ordinary ones among them."""
    crowd: dict[str, list[Array]] = {name: [] for name in best}
    for member in range(count):
        for name, array in best.items():
            ordinary = draw(name, array.shape)
            crowd[name].append(ordinary if member % 4 == 0 else _step(array, ordinary, random))
    return {name: np.array(arrays) for name, arrays in crowd.items()}


def _step(array: Array, ordinary: Array, random: np.random.Generator) -> Array:
    """Some way from an array to one near or far."""
    scale = 10 ** random.uniform(-1.5, 0.5)
    shift = random.choice([-1.0, 1.0]) * 10 ** random.uniform(-1.0, 1.3)
    disturbed = array + scale * ordinary * (random.random(array.shape) < 0.5)
    ways = (array, disturbed, array * scale, array + shift, np.abs(array), shift + scale * ordinary)
    return np.asarray(ways[random.integers(len(ways))])
