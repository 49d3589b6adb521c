"""The reference meaning: a slow, obvious evaluator of every node in NumPy float64.

It evaluates the written tree as it stands and shares nothing with any faster way of computing.
A value is an array whose axes are the node's free indices in order of name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Basic, Expr, Rational, Symbol

from indexcalc.errors import IndexcalcError, did_you_mean
from indexcalc.expr.base import (
    Index,
    children,
    constant_symbol,
    free_of,
    postorder,
)
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.names import canonical
from indexcalc.expr.nodes import (
    Access,
    Add,
    Apply,
    Binder,
    D,
    Delta,
    Mul,
    One,
    Pow,
)
from indexcalc.expr.program import Program, Size

Array = NDArray[np.float64]

_REDUCTIONS: dict[str, Callable[..., Any]] = {
    "sum": np.sum,
    "prod": np.prod,
    "max": np.max,
    "min": np.min,
}


@dataclass(frozen=True, slots=True)
class World:
    """What names mean: arrays of tensors, numbers for sizes and constants, abstract functions."""

    arrays: Mapping[str, Array]
    numbers: Mapping[Symbol, float]
    functions: Mapping[str, Callable[..., Any]]


def evaluate_program(program: Program, values: Mapping[str, Any]) -> dict[str, Array]:
    """Every defined name of a program with its array, in order of definition."""
    named = {canonical(name): value for name, value in values.items()}
    if len(named) < len(values):
        twice = next(name for name in values if canonical(name) != name)
        raise IndexcalcError(
            "IC602", f"{canonical(twice)} is given twice", hint=f"{twice} is the same name"
        )
    world = _World(program, named).world()
    arrays = dict(world.arrays)
    defined: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for equation in program.equations:
            left = equation.left
            value = evaluate(equation.right, World(arrays, world.numbers, world.functions))
            shape = tuple(_size_of(index, world) for index in left.indices)
            order = sorted(left.indices, key=lambda index: index.name)
            value = np.transpose(value, [order.index(index) for index in left.indices])
            arrays[left.name] = defined[left.name] = np.ascontiguousarray(value).reshape(shape)
    return defined


def evaluate(expr: Basic, world: World) -> Array:
    """The value of a node: an array over its free indices in order of name."""
    values: dict[int, Array] = {}
    for node in postorder(expr):
        parts = [_Part(values[id(part)], _axes(part)) for part in children(node)]
        values[id(node)] = _value(node, parts, world)
    return values[id(expr)]


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


def _value(node: Basic, parts: list[_Part], world: World) -> Array:
    axes = _axes(node)
    if isinstance(node, Expr):
        return np.asarray(number(node, world.numbers))
    if isinstance(node, Access):
        return _component(world.arrays[node.name], node.indices, axes)
    if isinstance(node, One):
        return np.ones([_size_of(i, world) for i in sorted(node.free, key=lambda i: i.name)])
    if isinstance(node, Delta):
        return _component(np.eye(_size_of(node.indices[0], world)), node.indices, axes)
    if isinstance(node, D):
        return _derivative(node, axes, world)
    if isinstance(node, Binder):
        bound = {index.name for index in node.indices}
        (body,) = parts
        over = tuple(place for place, name in enumerate(body.axes) if name in bound)
        if node.kind in ("max", "min") and 0 in [body.array.shape[place] for place in over]:
            raise IndexcalcError(
                "IC603",
                f"{node.kind} over an axis of length 0 has no value",
                hint=f"give {node.kind} something to go over",
            )
        return np.asarray(_REDUCTIONS[node.kind](body.array, axis=over))
    arrays = [part.along(axes) for part in parts]
    return np.asarray(_pointwise(node, arrays, world), dtype=float)


def _pointwise(node: Basic, arrays: list[Array], world: World) -> Any:
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


def _component(array: Array, indices: tuple[Index, ...], axes: list[str]) -> Array:
    """x_ij over its index names; a repeated index takes the diagonal."""
    names = [index.name for index in indices]
    places = {name: place for place, name in enumerate(axes)}
    return _diagonal(array, [places[name] for name in names], len(axes))


def _derivative(node: D, axes: list[str], world: World) -> Array:
    """Central differences with one Richardson step, entry by entry."""
    variable = node.variable
    base = np.array(world.arrays[variable.name], dtype=float)
    body_axes = _axes(node.body)

    def body(step: float, entry: tuple[int, ...]) -> Array:
        moved = base.copy()
        moved[entry] += step
        arrays = {**world.arrays, variable.name: moved}
        return evaluate(node.body, World(arrays, world.numbers, world.functions))

    def slope(step: float, entry: tuple[int, ...]) -> Array:
        return (body(step, entry) - body(-step, entry)) / (2 * step)

    def refined(entry: tuple[int, ...]) -> Array:
        step = 1e-3 * max(1.0, abs(float(base[entry])))
        return (4 * slope(step / 2, entry) - slope(step, entry)) / 3

    inner = evaluate(node.body, world)
    full = np.empty(inner.shape + base.shape)
    for entry in np.ndindex(*base.shape):
        full[(..., *entry)] = refined(entry)
    names = body_axes + [index.name for index in variable.indices]
    return _diagonal(full, [axes.index(name) for name in names], len(axes))


def _diagonal(array: Any, places: list[int], count: int) -> Array:
    """The array with its axes put at these places; those put at one place run together."""
    einsum: Callable[..., Any] = np.einsum
    return np.asarray(einsum(array, places, list(range(count))))


def number(value: Expr, numbers: Mapping[Symbol, float]) -> float:
    """A scalar in float64; nan where it has no value, as at 1/(H - 1) for H = 1."""
    if value.is_Integer and abs(value) < 2**53:
        return float(int(value))
    exact = {symbol: Rational(given) for symbol, given in numbers.items() if math.isfinite(given)}
    result = value.xreplace(exact).evalf(25)
    try:
        return float(result)
    except TypeError:
        return math.nan
    except OverflowError:
        return math.inf if result > 0 else -math.inf


def _size_of(index: Index, world: World) -> int:
    return int(number(index.size, world.numbers))


class _World:
    """Checks what the user gave against what the program needs."""

    def __init__(self, program: Program, values: Mapping[str, Any]) -> None:
        self.program = program
        self.values = values
        self.arrays: dict[str, Array] = {}
        self.numbers: dict[Symbol, float] = {}
        self.functions: dict[str, Callable[..., Any]] = {}

    def world(self) -> World:
        self.refuse_unknown()
        for size in self.program.sizes:
            if not size.fixed:
                self.numbers[size.symbol] = self.given_size(size)
        for access in self.program.inputs:
            self.arrays[access.name] = self.given_array(access)
        for name, default in self.program.constants:
            symbol = constant_symbol(name)
            if name in self.values:
                self.numbers[symbol] = self.given_number(name)
            else:
                self.numbers[symbol] = number(default, {})
        for name, _ in self.program.functions:
            function = self.needed(name, f"a function: {name}=numpy.tanh")
            if not callable(function):
                raise IndexcalcError(
                    "IC604", f"{name} is not a function", hint=f"give one: {name}=numpy.tanh"
                )
            self.functions[name] = function
        return World(self.arrays, self.numbers, self.functions)

    def refuse_unknown(self) -> None:
        wanted = [
            *(access.name for access in self.program.inputs),
            *(name for name, _ in self.program.constants),
            *(name for name, _ in self.program.functions),
            *(size.name for size in self.program.sizes if not size.fixed),
        ]
        for name in self.values:
            if name not in wanted:
                hint = did_you_mean(name, wanted) or f"it takes {', '.join(wanted) or 'nothing'}"
                raise IndexcalcError(
                    "IC602", f"{self.program.name} takes nothing called {name}", hint=hint
                )

    def needed(self, name: str, example: str) -> Any:
        if name not in self.values:
            raise IndexcalcError("IC601", f"{name} is missing", hint=f"give {example}")
        return self.values[name]

    def given_size(self, size: Size) -> int:
        value = self.needed(size.name, f"the size that no input fixes: {size.name}=3")
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
            raise IndexcalcError(
                "IC604",
                f"the size {size.name} is a whole number, not {value!r}",
                hint="give an int",
            )
        return int(value)

    def given_number(self, name: str) -> float:
        array = self.real(name)
        if array.ndim:
            raise IndexcalcError(
                "IC603",
                f"{name} is a constant, and an array with {_axis_count(array.ndim)} was given",
                hint="give one number",
            )
        return float(array)

    def given_array(self, access: Access) -> Array:
        shape = ", ".join(str(index.size) for index in access.indices)
        self.needed(access.name, f"an array of shape ({shape})" if shape else "a number")
        array = self.real(access.name)
        if array.ndim != len(access.indices):
            raise IndexcalcError(
                "IC603",
                f"{access.name} has {_axis_count(len(access.indices))}, and an array with "
                f"{array.ndim or 'none'} was given",
                hint=f"its shape is ({shape})" if shape else "give one number",
            )
        for index, length in zip(access.indices, array.shape, strict=True):
            known = self.numbers.setdefault(index.size, length)
            if known != length:
                raise IndexcalcError(
                    "IC603",
                    f"{access.name} has length {length} along {index.name}, and {index.size} is "
                    f"{int(known)}",
                    hint=f"axes with the size {index.size} have one length",
                )
        return array

    def real(self, name: str) -> Array:
        """A copy in float64, or a refusal."""
        try:
            array = np.asarray(self.values[name])
        except ValueError:
            array = np.asarray(None)
        if array.dtype.kind not in "fiub":
            raise IndexcalcError(
                "IC604", f"{name} is not an array of real numbers", hint="give floats"
            )
        return np.array(array, dtype=float)


def _axis_count(count: int) -> str:
    return "1 axis" if count == 1 else f"{count or 'no'} axes"
