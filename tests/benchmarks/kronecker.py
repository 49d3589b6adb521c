"""What Jacobians made of Kronecker products cost beside gradients: a table.

    python -m tests.benchmarks.kronecker

Three ways to all four gradients of a tensor contraction layer. One forms each Jacobian and
multiplies by its transpose, as papers write it; the others are the generated functions and
Jacobians in factors. On one thread, and on a machine that does nothing else.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod

# Before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import indexcalc as ic
from tests.benchmarks.comparison.ratios import duration, figure
from tests.benchmarks.comparison.workloads import Array

Shape = tuple[int, int, int]
Way = Callable[[], tuple[Array, ...]]

KRONECKER = "Kronecker"
GENERATED = "backward"
FACTORED = "apply_transpose"
ROUNDS = 5
SECONDS = 0.5
CORES = tuple((least, least + 1, least + 2) for least in (4, 6, 8, 10, 14))
# The layer of the paper is last.
CASES = (*(((2 * a, 2 * b, 2 * c), (a, b, c)) for a, b, c in CORES), ((13, 13, 32), (10, 10, 20)))
HEADS = f"{'from':<10}{'to':<10}{'∂y/∂x':>10}"
COLUMNS = f"{KRONECKER:>20}{GENERATED:>20}{FACTORED:>20}"


@dataclass(frozen=True)
class Layer:
    """Inputs and upstream gradient of a layer that takes arrays of one shape to another."""

    x: Array
    matrices: tuple[Array, Array, Array]
    upstream: Array

    @classmethod
    def random(cls, given: Shape, core: Shape) -> Layer:
        numbers = np.random.default_rng(0)
        a, b, c = (numbers.normal(size=shape) for shape in zip(core, given, strict=True))
        return cls(numbers.normal(size=given), (a, b, c), numbers.normal(size=core))


@dataclass(frozen=True)
class Cost:
    """The least time in seconds, and the most memory at once in bytes."""

    seconds: float
    peak: int


def kronecker(layer: Layer) -> tuple[Array, ...]:
    """∂vec(Y₍₃₎)/∂vec(·) formed for x and for each matrix, rows moved by an index vector, and its
    transpose multiplied with vec(∂l/∂Y₍₃₎)."""
    x, matrices = layer.x, layer.matrices
    v1, v2, v3 = matrices
    upstream = ic.vec(ic.unfold(layer.upstream, 2, by="column"), by="column")
    by_x = np.kron(np.kron(v2, v1), v3).T @ upstream
    unfolded = by_x.reshape((x.shape[2], -1), order="F")
    gradients = [ic.fold(unfolded, 2, x.shape, by="column")]
    del by_x, unfolded
    for axis, matrix in enumerate(matrices):
        rest = [other for place, other in enumerate(matrices) if place != axis]
        factor = np.kron(rest[1], rest[0]) @ ic.unfold(x, axis, by="column").T
        jacobian = np.kron(factor, np.eye(len(matrix)))
        moved = np.empty_like(jacobian)
        moved[ic.permutation(layer.upstream.shape, axis, 2, by="column")] = jacobian
        gradients.append(ic.unvec(moved.T @ upstream, matrix.shape, by="column"))
    return tuple(gradients)


def ways(layer: Layer) -> dict[str, Way]:
    """Each from the inputs to all gradients; what is derived and compiled once is there before."""
    derivation = ic.derive("tcl:3")
    lengths = dict(zip("ijkabc", layer.x.shape + layer.upstream.shape, strict=True))
    kernel = derivation.lambdify(lengths)
    arrays = (layer.x, *layer.matrices)
    values = dict(zip(("x", "v1", "v2", "v3"), arrays, strict=True))
    jacobians = [derivation.jacobian("y", name) for name in values]

    def generated() -> tuple[Array, ...]:
        _, saved = kernel.forward(*arrays)
        return tuple(kernel.backward(layer.upstream, saved))

    def factored() -> tuple[Array, ...]:
        return tuple(one.apply_transpose(layer.upstream, **values) for one in jacobians)

    return {KRONECKER: lambda: kronecker(layer), GENERATED: generated, FACTORED: factored}


def cost(way: Way) -> Cost:
    way()
    tracemalloc.start()
    way()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(times) < ROUNDS or time.perf_counter() < end:
        start = time.perf_counter()
        way()
        times.append(time.perf_counter() - start)
    return Cost(min(times), peak)


def lines() -> Iterator[str]:
    yield HEADS + COLUMNS
    for given, core in CASES:
        costs = [cost(way) for way in ways(Layer.random(given, core)).values()]
        yield row(given, core, costs)


def row(given: Shape, core: Shape, costs: list[Cost]) -> str:
    """Shapes, the entries of ∂y/∂x, and a time and a peak for each way."""
    shapes = "".join("×".join(map(str, shape)).ljust(10) for shape in (given, core))
    cells = (f"{duration(one.seconds)} {figure(one.peak / 1e6):>6} MB".rjust(20) for one in costs)
    return f"{shapes}{prod(given + core):>10,}{''.join(cells)}"


def main() -> None:
    for line in lines():
        print(line, flush=True)


if __name__ == "__main__":
    main()
