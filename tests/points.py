"""Points at which programs are evaluated, and slopes there by differences: nothing is derived."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc import catalogue
from indexcalc.derivation import Derivation
from indexcalc.expr.evaluate import evaluate_program
from indexcalc.expr.functions import PRIME
from indexcalc.expr.program import Program

Array = NDArray[np.float64]

# The first axes are long enough for a variance, and no tensor of the catalogue has equal ones.
SIZES = (3, 4, 5, 2, 6)
# The step of a difference, relative to the entry unless that is next to nothing.
STEP, LEAST = 1e-3, 0.1
# Of the stand-ins for abstract functions.
SHIFT = 0.4
BUNDLED = catalogue.names()
MEMBERS = ["mlp:2", "tcl:2", "tcl:4"]
# Bases of powers with a variable exponent.
POSITIVE = {"power"}


def smooth(library: Any, rate: float) -> Callable[[Any], Any]:
    """A stand-in for an abstract function, for arrays of NumPy or tensors of torch; neither odd nor
    even, for then a sign in its argument would not show."""
    return lambda x: library.sin(rate * x + SHIFT) + 0.2 * x


def steepness(rate: float) -> Callable[[Any], Any]:
    return lambda x: rate * np.cos(rate * x + SHIFT) + 0.2


def smooth_of_two(library: Any) -> Callable[[Any, Any], Any]:
    return lambda x, z: library.sin(x) * z + 0.3 * x * z * z


SLOPES_OF_TWO = (lambda x, z: np.cos(x) * z + 0.3 * z * z, lambda x, z: np.sin(x) + 0.6 * x * z)


@dataclass(frozen=True)
class Point:
    """What a program takes, and ∂l/∂ of each of its outputs."""

    program: Program
    values: dict[str, Any]
    slopes: dict[str, Callable[..., Any]]
    upstream: dict[str, Array]

    def made(self) -> dict[str, Array]:
        return evaluate_program(self.program, self.values)

    def gradient(self, derivation: Derivation, name: str) -> Array:
        """The closed form's value."""
        seeds = {f"dl_d{output}": value for output, value in self.upstream.items()}
        given = {} if self.program.is_loss else seeds
        primes = {name.replace(PRIME, "_prime"): slope for name, slope in self.slopes.items()}
        return derivation.evaluate(name, **self.values, **given, **primes)

    def differences(self, name: str, *, step: float = 1.0) -> Array:
        """∂l/∂ of an input, or of a defined name, what depends on it following."""
        program, values = self.program, self.values
        if name not in values:
            program, values = cut(program, name), {**values, name: self.made()[name]}

        def loss(moved: Array) -> Array:
            made = evaluate_program(program, {**values, name: moved})
            outputs = {**made, name: moved}
            return np.asarray(sum((g * outputs[y]).sum() for y, g in self.upstream.items()))

        return differences(loss, np.asarray(values[name]), step)

    def jacobian(self, of: str, name: str) -> Array:
        """∂of/∂ an input: the axes of the one, then those of the other."""

        def value(moved: Array) -> Array:
            return evaluate_program(self.program, {**self.values, name: moved})[of]

        return differences(value, np.asarray(self.values[name]))


def cut(program: Program, name: str) -> Program:
    """The program with a defined name as an input."""
    (left,) = [e.left for e in program.equations if e.left.name == name]
    kept = tuple(e for e in program.equations if e.left.name != name)
    outputs = tuple(output for output in program.outputs if output != name)
    return replace(program, inputs=(*program.inputs, left), equations=kept, outputs=outputs)


def differences(function: Callable[[Array], Array], base: Array, steps: float = 1.0) -> Array:
    """Central differences of the fourth order, entry by entry, at these parts of the usual step."""
    columns = []
    for entry in np.ndindex(*base.shape):
        step = steps * STEP * max(LEAST, abs(float(base[entry])))

        def at(count: int, entry: tuple[int, ...] = entry, step: float = step) -> Array:
            moved = np.array(base, dtype=float)
            moved[entry] += count * step
            return function(moved)

        columns.append((at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / (12 * step))
    shape = function(np.array(base, dtype=float)).shape
    return (
        np.array(columns)
        .reshape(base.shape + shape)
        .transpose([*range(base.ndim, base.ndim + len(shape)), *range(base.ndim)])
    )


def point(
    program: Program,
    *,
    positive: bool = False,
    seed: int = 0,
    lengths: tuple[int, ...] = SIZES,
) -> Point:
    """A random one, away from 0, with entries of both signs unless positive."""
    random = np.random.default_rng(seed)
    length = {size.symbol: n for size, n in zip(program.sizes, cycle(lengths), strict=False)}
    values: dict[str, Any] = {
        size.name: length[size.symbol] for size in program.sizes if not size.fixed
    }
    for access in program.inputs:
        shape = [length[index.size] for index in access.indices]
        signs = 1.0 if positive else random.choice([-1.0, 1.0], shape)
        values[access.name] = signs * random.uniform(0.25, 1.25, shape)
    functions, slopes = stand_ins(program.functions)
    made = evaluate_program(program, {**values, **functions})
    upstream = {name: random.normal(size=made[name].shape) for name in program.outputs}
    if program.is_loss:
        upstream = {name: np.ones(()) for name in upstream}
    return Point(program, {**values, **functions}, slopes, upstream)


def stand_ins(functions: Iterable[tuple[str, int]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Smooth functions for the abstract ones, and their slopes."""
    values: dict[str, Any] = {}
    slopes: dict[str, Any] = {}
    for place, (name, arguments) in enumerate(functions):
        values[name] = stand_in(np, place, arguments)
        if arguments == 1:
            slopes[f"{name}{PRIME}"] = steepness(rate(place))
        else:
            slopes |= {f"{name}{PRIME}{n}": slope for n, slope in enumerate(SLOPES_OF_TWO, 1)}
    return values, slopes


def stand_in(library: Any, place: int, arguments: int) -> Callable[..., Any]:
    return smooth(library, rate(place)) if arguments == 1 else smooth_of_two(library)


def rate(place: int) -> float:
    """Different for each abstract function."""
    return 0.7 + 0.3 * place


def close(given: Array, expected: Array, tolerance: float) -> bool:
    """Whether shapes are equal, and entries relative to the largest."""
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    near = given.shape == expected.shape and np.abs(given - expected) <= tolerance * scale
    return bool(np.all(near))


def assert_close(given: Array, expected: Array, tolerance: float = 1e-7) -> None:
    assert given.shape == expected.shape
    assert close(given, expected, tolerance), f"{given}\nis not\n{expected}"


@cache
def bundled(name: str, lengths: tuple[int, ...] = SIZES) -> tuple[Derivation, Point]:
    """A derivation of the catalogue, and a point for it; to look at, not to change."""
    from indexcalc.derivation import derive

    derivation = derive(name)
    return derivation, point(derivation.program, positive=name in POSITIVE, lengths=lengths)
