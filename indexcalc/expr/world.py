"""What the names of a program mean in an evaluation, checked against what it needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Rational, Symbol

from indexcalc.errors import IndexcalcError, did_you_mean
from indexcalc.expr.base import Index, constant_symbol
from indexcalc.expr.lengths import LONGEST
from indexcalc.expr.names import canonical
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Program, Size
from indexcalc.expr.scalars import digits

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class World:
    """What names mean: arrays of tensors, numbers for sizes and constants, abstract functions."""

    arrays: Mapping[str, Array]
    numbers: Mapping[Symbol, float]
    functions: Mapping[str, Callable[..., Any]]

    def with_arrays(self, arrays: Mapping[str, Array]) -> World:
        """The same with these arrays alone."""
        return World(arrays, self.numbers, self.functions)


def world_of(program: Program, values: Mapping[str, Any]) -> World:
    """What the user gave, or a refusal."""
    return _Given(program, _named(values), {}).world()


def part_of_world(
    program: Program, values: Mapping[str, Any], lengths: Mapping[Symbol, int]
) -> World:
    """What the user gave of it beside some lengths, or a refusal; nothing else is there but
    constants."""
    return _Given(program, _named(values), lengths, partly=True).world()


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    named = {canonical(name): value for name, value in values.items()}
    if len(named) < len(values):
        twice = next(name for name in values if canonical(name) != name)
        raise IndexcalcError(
            "IC602", f"{canonical(twice)} is given twice", hint=f"{twice} is the same name"
        )
    return named


def number(value: Expr, numbers: Mapping[Symbol, float]) -> float:
    """A scalar in float64; nan where it has no value, as at 1/(H - 1) for H = 1."""
    if value in numbers:
        return float(numbers[value])
    if value.is_Integer and abs(value) < 2**53:
        return float(int(value))
    names = value.free_symbols
    exact = {symbol: Rational(given) for symbol, given in numbers.items() if symbol in names}
    try:
        result = value.xreplace(exact).evalf(25)
    except ValueError:
        # SymPy's search for the factors under a root fails on some numbers.
        result = value.evalf(25, subs=exact)
    try:
        return float(result)
    except TypeError:
        return math.nan
    except OverflowError:
        return math.inf if result > 0 else -math.inf


def real(name: str, value: Any) -> Array:
    """A copy of a value in float64, or a refusal."""
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "fiub":
        raise IndexcalcError("IC604", f"{name} is not an array of real numbers", hint="give floats")
    return np.array(array, dtype=float)


def axis_length(index: Index, numbers: Mapping[Symbol, float]) -> int:
    return int(number(index.size, numbers))


class _Given:
    """Checks what the user gave against what the program needs, or some of it where that is given
    `partly`."""

    def __init__(
        self,
        program: Program,
        values: Mapping[str, Any],
        lengths: Mapping[Symbol, int],
        *,
        partly: bool = False,
    ) -> None:
        self.program = program
        self.values = values
        self.partly = partly
        self.arrays: dict[str, Array] = {}
        self.numbers: dict[Symbol, float] = {**lengths}
        self.functions: dict[str, Callable[..., Any]] = {}

    def world(self) -> World:
        self.refuse_unknown()
        for size in self.program.sizes:
            if not size.fixed and self.wants(size.name):
                self.numbers[size.symbol] = self.given_size(size)
        for access in self.program.inputs:
            if self.wants(access.name):
                self.arrays[access.name] = self.given_array(access)
        for name, default in self.program.constants:
            symbol = constant_symbol(name)
            if name in self.values:
                self.numbers[symbol] = self.given_number(name)
            else:
                self.numbers[symbol] = self.default(name, default)
        for name, _ in self.program.functions:
            if self.wants(name):
                self.functions[name] = self.given_function(name)
        return World(self.arrays, self.numbers, self.functions)

    def wants(self, name: str) -> bool:
        return not self.partly or name in self.values

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

    def given_function(self, name: str) -> Callable[..., Any]:
        function: Callable[..., Any] = self.needed(name, f"a function: {name}=numpy.tanh")
        if not callable(function):
            raise IndexcalcError(
                "IC604", f"{name} is not a function", hint=f"give one: {name}=numpy.tanh"
            )
        return function

    def given_size(self, size: Size) -> int:
        value = self.needed(size.name, f"the size that no input fixes: {size.name}=3")
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < 0:
            shown = digits(int(value)) if whole else repr(value)
            raise IndexcalcError(
                "IC604", f"the size {size.name} is a whole number, not {shown}", hint="give an int"
            )
        if value > LONGEST:
            raise IndexcalcError(
                "IC106",
                f"the size {size.name} is more than {LONGEST:,}, the length of the longest axis",
                hint="give a smaller size",
            )
        return int(value)

    def default(self, name: str, value: Expr) -> float:
        default = number(value, {})
        if not math.isfinite(default):
            raise IndexcalcError(
                "IC107",
                f"the constant {name} is too large for arithmetic in floats",
                hint=f"give another value: {name}=1.0",
            )
        return default

    def given_number(self, name: str) -> float:
        array = real(name, self.values[name])
        if array.ndim:
            raise IndexcalcError(
                "IC603",
                f"{name} is a constant, and an array with {_axis_count(array.ndim)} was given",
                hint="give one number",
            )
        if not math.isfinite(array):
            raise IndexcalcError(
                "IC604", f"{name} is a constant, and {array} was given", hint="give a finite number"
            )
        return float(array)

    def given_array(self, access: Access) -> Array:
        shape = ", ".join(str(index.size) for index in access.indices)
        self.needed(access.name, f"an array of shape ({shape})" if shape else "a number")
        array = real(access.name, self.values[access.name])
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


def _axis_count(count: int) -> str:
    return "1 axis" if count == 1 else f"{count or 'no'} axes"
