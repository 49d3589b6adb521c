"""Calls of backward functions, and how far what they return is from our gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import cycle
from typing import Any

import numpy as np

import indexcalc as ic
from indexcalc.codegen.compiled import Kernel as Ours
from indexcalc.expr.functions import PRIME
from indexcalc.expr.program import Program
from tests.modules import as_tuple
from tests.planted.planting import Kernel
from tests.points import Array, stand_ins

# Unequal, one, and each axis in turn longer than any block, with a tail in blocks of all widths.
SMALL, ONE, BESIDE, LONG = (5, 3, 7, 4, 2, 6), (1,), (4, 3) * 3, 1030
# As far from 0 as inputs may be asked to lie.
FAR = 100.0

Function = Callable[..., Any]
Layout = Callable[[Array], Array]


@dataclass(frozen=True)
class Trial:
    """What a backward function is called with, and the right gradients."""

    upstream: list[Array]
    inputs: list[Array]
    functions: dict[str, Any]
    right: dict[str, Array]


@cache
def derived(kernel: Kernel) -> tuple[Program, Ours]:
    derivation = ic.derive(kernel.program)
    return derivation.program, derivation.lambdify()


@cache
def trials(kernel: Kernel, dtype: str = "float64", far: str = "") -> list[Trial]:
    """One for each choice of lengths, and at the end for the first again, with other numbers, for
    that is where what an earlier call left behind shows."""
    axes = range(len(derived(kernel)[0].sizes))
    long = [(*BESIDE[:axis], LONG, *BESIDE[axis + 1 :]) for axis in axes]
    random = np.random.default_rng(7)
    return [trial(kernel, lengths, random, dtype, far) for lengths in (SMALL, ONE, *long, SMALL)]


def trial(
    kernel: Kernel, lengths: tuple[int, ...], random: np.random.Generator, dtype: str, far: str
) -> Trial:
    """Random numbers as the dtype has them, and our gradients there in float64."""
    program, (forward, backward) = derived(kernel)
    numbers = dict(zip((size.symbol for size in program.sizes), cycle(lengths), strict=False))

    def drawn(shape: tuple[int, ...], middle: float = 0.0) -> Array:
        return np.asarray(random.normal(middle, size=shape)).astype(dtype)

    inputs = [
        drawn(tuple(numbers[i.size] for i in one.indices), FAR if one.name in far.split() else 0.0)
        for one in program.inputs
    ]
    values, slopes = stand_ins(program.functions)
    functions = values | {name.replace(PRIME, "_prime"): slope for name, slope in slopes.items()}
    outputs, saved = forward(*(array.astype(float) for array in inputs), **functions)
    upstream = [drawn(np.shape(output)) for output in as_tuple(outputs)]
    right = backward(*(array.astype(float) for array in upstream), saved)
    names = [access.name for access in program.inputs]
    return Trial(upstream, inputs, functions, dict(zip(names, right, strict=True)))


def strided(array: Array) -> Array:
    """The same array with its axes in memory the other way round, and a gap after each entry."""
    return array.T.repeat(2, axis=-1)[..., ::2].T if array.ndim else array


def called(
    kernel: Kernel, function: Function, at: Trial, layout: Layout = np.asarray
) -> dict[str, Any]:
    """The gradients by name."""
    arrays: list[Any] = [layout(array) for array in (*at.upstream, *at.inputs)]
    if kernel.library == "torch":
        torch = import_module("torch")
        arrays = [torch.from_numpy(array) for array in arrays]
    with np.errstate(all="ignore"):
        returned = function(*arrays, **at.functions)
    if isinstance(returned, Mapping):
        return dict(returned)
    return dict(zip(at.right, as_tuple(returned), strict=True))


def distance(found: Any, right: Array) -> float:
    """How far the furthest entry is off, relative to the largest; infinite if nobody can say."""
    given = np.asarray(found, dtype=float)
    if given.shape != right.shape or not np.isfinite(given).all():
        return np.inf
    scale = max(1.0, float(np.abs(right).max(initial=0.0)))
    return float(np.abs(given - right).max(initial=0.0)) / scale


def distances(
    kernel: Kernel, function: Function, dtype: str, far: str = "", layout: Layout = np.asarray
) -> dict[str, float]:
    """How far off each gradient is where it is worst."""
    asked = trials(kernel, dtype, far)
    found = [called(kernel, function, at, layout) for at in asked]
    return {
        name: max(distance(one[name], at.right[name]) for one, at in zip(found, asked, strict=True))
        for name in asked[0].right
    }
