"""The reference meaning: a slow, obvious evaluator of every node in NumPy float64.

It evaluates the written tree as it stands and shares nothing with any faster way of computing.
A value is an array whose axes are the node's free indices in order of name. A tensor may be given
at many points at once, one more axis in front; then so is every value that depends on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from sympy import Basic, Expr

from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import Index, children, free_of, postorder
from indexcalc.expr.digits import DigitDelta
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import Access, Add, Apply, Binder, D, Delta, Foreign, Mul, One, Pow
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.world import Array, World, axis_length, number, world_of

MOST_AXES: int = getattr(np, "MAXDIMS", 64)
MOST_ENTRIES = 500_000_000
# The axis of many points: no letter, and before all of them.
MANY = ""

_REDUCTIONS: dict[str, Callable[..., Any]] = {
    "sum": np.sum,
    "prod": np.prod,
    "max": np.max,
    "min": np.min,
}


def evaluate_program(program: Program, values: Mapping[str, Any]) -> dict[str, Array]:
    """Every defined name of a program with its array, in order of definition."""
    try:
        return defined(program, world_of(program, values))
    except MemoryError:
        raise IndexcalcError(
            "IC106", "there is not enough memory for these arrays", hint="give smaller ones"
        ) from None


def defined(program: Program, world: World) -> dict[str, Array]:
    """Every equation of a program in turn, in a world that has what they start from."""
    arrays = dict(world.arrays)
    made: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for equation in program.equations:
            here = world.with_arrays(arrays)
            arrays[equation.left.name] = made[equation.left.name] = component_values(equation, here)
    return made


def component_values(equation: Equation, world: World) -> Array:
    """The right-hand side as an array over the indices of the left, in their order."""
    indices = equation.left.indices
    order = sorted(indices, key=lambda index: index.name)
    shape = [axis_length(index, world.numbers) for index in order]
    value = evaluate(equation.right, world)
    many = value.shape[: value.ndim - len(shape)]
    value = np.broadcast_to(value, (*many, *shape))
    places = [len(many) + order.index(index) for index in indices]
    return value.transpose([*range(len(many)), *places]).copy()


def evaluate(expr: Basic, world: World) -> Array:
    """The value of a node: an array over its free indices in order of name."""
    values: dict[int, _Part] = {}
    for node in postorder(expr):
        values[id(node)] = _value(node, [values[id(part)] for part in children(node)], world)
    return values[id(expr)].array


@dataclass(frozen=True, slots=True)
class _Part:
    """A value and the index names of its axes."""

    array: Array
    axes: list[str]

    def along(self, axes: list[str]) -> Array:
        """The array with an axis (of length 1 where it lacks one) for each name."""
        at = {name: place for place, name in enumerate(self.axes)}
        shape = [self.array.shape[at[name]] if name in at else 1 for name in axes]
        order = [at[name] for name in axes if name in at]
        return self.array.transpose(order).reshape(shape)


def _axes(node: Basic) -> list[str]:
    return sorted(index.name for index in free_of(node))


def _value(node: Basic, parts: list[_Part], world: World) -> _Part:
    if isinstance(node, Access):
        return _component(world.arrays[node.name], node.indices)
    if isinstance(node, Binder):
        return _reduced(node, parts[0])
    if isinstance(node, DigitDelta):
        return _digit(node, world)
    if isinstance(node, Foreign):
        return _Part(evaluate(node.meaning, world), _axes(node))
    if isinstance(node, D):
        return _Part(_derivative(node, _axes(node), world), _axes(node))
    if parts:
        return _pointwise(node, parts, world)
    if isinstance(node, Expr):
        return _Part(np.asarray(number(node, world.numbers)), [])
    if isinstance(node, One):
        shape = [axis_length(i, world.numbers) for i in sorted(node.free, key=lambda i: i.name)]
        _refuse_huge(shape)
        return _Part(np.ones(shape), _axes(node))
    if isinstance(node, Delta):
        length = axis_length(node.indices[0], world.numbers)
        _refuse_huge([length, length])
        return _component(np.eye(length), node.indices)
    raise TypeError(f"no value for {type(node).__name__}")


def _digit(node: DigitDelta, world: World) -> _Part:
    """A row for each value of the index, 1 where the fused one has that digit."""
    place = node.digit
    lengths = [axis_length(index, world.numbers) for index in (node.index, place.whole)]
    _refuse_huge(lengths)
    step = int(number(place.step, world.numbers))
    found = np.arange(lengths[1]) // step % lengths[0]
    array = np.equal(np.arange(lengths[0])[:, None], found).astype(float)
    return _component(array, (node.index, place.whole))


def _reduced(node: Binder, body: _Part) -> _Part:
    bound = {index.name for index in node.indices}
    over = tuple(place for place, name in enumerate(body.axes) if name in bound)
    if node.kind in ("max", "min") and 0 in [body.array.shape[place] for place in over]:
        raise IndexcalcError(
            "IC603",
            f"{node.kind} over an axis of length 0 has no value",
            hint=f"give {node.kind} something to go over",
        )
    value = np.asarray(_REDUCTIONS[node.kind](body.array, axis=over))
    return _Part(value, [name for name in body.axes if name not in bound])


def _refuse_huge(shape: Sequence[int]) -> None:
    """An array that NumPy or the machine cannot hold."""
    if len(shape) > MOST_AXES:
        raise IndexcalcError(
            "IC106",
            f"a value has {len(shape)} axes on the way, and {MOST_AXES} is the most of an array",
            hint="give a part of the product a name of its own, so that it is summed first",
        )
    entries = math.prod(max(length, 1) for length in shape)
    if entries > MOST_ENTRIES:
        raise IndexcalcError(
            "IC106",
            f"a value has {Decimal(entries):.1e} entries on the way, and "
            f"{MOST_ENTRIES:.0e} is the most",
            hint="give smaller arrays or sizes, or name a part of a product that is summed first",
        )


def _pointwise(node: Basic, parts: list[_Part], world: World) -> _Part:
    axes = sorted({name for part in parts for name in part.axes})
    lengths = {name: n for p in parts for name, n in zip(p.axes, p.array.shape, strict=True)}
    _refuse_huge(list(lengths.values()))
    value = _combined(node, [part.along(axes) for part in parts], world)
    return _Part(np.asarray(value, dtype=float), axes)


def _combined(node: Basic, arrays: list[Array], world: World) -> Any:
    if isinstance(node, Add):
        return _folded(np.add, arrays)
    if isinstance(node, Mul):
        return _folded(np.multiply, arrays)
    if isinstance(node, Pow):
        return np.power(arrays[0], arrays[1])
    if isinstance(node, Apply):
        if node.name in FUNCTIONS:
            return FUNCTIONS[node.name].value(np, arrays[0])
        return _abstract(node.name, np.broadcast_arrays(*arrays), world)
    raise TypeError(f"no value for {type(node).__name__}")


def _abstract(name: str, arguments: Sequence[Array], world: World) -> Array:
    """What the user's function makes of its arguments: an array of their shape."""
    shape = arguments[0].shape
    try:
        value = np.asarray(world.functions[name](*arguments), dtype=float)
    except (TypeError, ValueError) as problem:
        raise IndexcalcError(
            "IC604",
            f"{name} failed on arrays of shape {shape}: {problem}",
            hint=f"{name} takes {len(arguments)} arrays of one shape and works entry by entry",
        ) from problem
    if value.shape != shape:
        raise IndexcalcError(
            "IC603",
            f"{name} made the shape {value.shape} of the shape {shape}",
            hint=f"{name} works entry by entry",
        )
    return value


def _folded(combine: Callable[..., Any], arrays: list[Array]) -> Any:
    total = arrays[0]
    for array in arrays[1:]:
        total = combine(total, array)
    return total


def _component(array: Array, indices: tuple[Index, ...]) -> _Part:
    """x_ij over its index names; a repeated index takes the diagonal."""
    names = [index.name for index in indices]
    if array.ndim > len(names):
        names.insert(0, MANY)
    axes = sorted(set(names))
    return _Part(_diagonal(array, [axes.index(name) for name in names], len(axes)), axes)


def _derivative(node: D, axes: list[str], world: World) -> Array:
    """Central differences with one Richardson step, entry by entry."""
    variable = node.variable
    base = np.array(world.arrays[variable.name], dtype=float)
    body_axes = _axes(node.body)

    def body(step: float, entry: tuple[int, ...]) -> Array:
        moved = base.copy()
        moved[entry] += step
        arrays = {**world.arrays, variable.name: moved}
        return evaluate(node.body, world.with_arrays(arrays))

    def slope(step: float, entry: tuple[int, ...]) -> Array:
        return (body(step, entry) - body(-step, entry)) / (2 * step)

    def refined(entry: tuple[int, ...]) -> Array:
        step = 1e-3 * max(1.0, abs(float(base[entry])))
        return (4 * slope(step / 2, entry) - slope(step, entry)) / 3

    inner = evaluate(node.body, world)
    _refuse_huge(inner.shape + base.shape)
    full = np.empty(inner.shape + base.shape)
    for entry in np.ndindex(*base.shape):
        full[(..., *entry)] = refined(entry)
    names = body_axes + [index.name for index in variable.indices]
    return _diagonal(full, [axes.index(name) for name in names], len(axes))


def _diagonal(array: Array, places: list[int], count: int) -> Array:
    """The array with its axes put at these places; those put at one place run together."""
    for place in range(count):
        while places.count(place) > 1:
            first, second = [axis for axis, at in enumerate(places) if at == place][:2]
            array = np.diagonal(array, 0, first, second)
            rest = [at for axis, at in enumerate(places) if axis not in (first, second)]
            places = [*rest, place]
    return array.transpose([places.index(place) for place in range(count)])
