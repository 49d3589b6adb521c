"""The right gradient in another place, order or size: 0, transposed, another one's, a multiple."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np
from sympy import Expr, Integer, Rational, Symbol, sqrt

from indexcalc.against.causes import Cause, Evidence, Predicted
from indexcalc.against.scenes import Scene
from indexcalc.expr.printing import spell
from indexcalc.expr.world import Array

# Multiples that are tried by themselves, and with a size or two.
SIMPLE = (1, 2, 3, 4, 6, 8, 10)
# More axes have too many orders to be tried.
MOST_AXES = 5


def zeros(evidence: Evidence) -> Iterator[Cause]:
    name = evidence.name
    yield Cause("zero", "is 0 everywhere", lambda scene: {name: np.zeros_like(scene.right[name])})


def axes_in_another_order(evidence: Evidence) -> Iterator[Cause]:
    name, count = evidence.name, evidence.first.right.ndim
    if not 2 <= count <= MOST_AXES:
        return

    def transposed(order: tuple[int, ...]) -> Predicted:
        return lambda scene: {name: scene.right[name].transpose(order)}

    for order in list(permutations(range(count)))[1:]:
        words = "is transposed"
        words += "" if count == 2 else f": its axes are in the order {spelled(order)}"
        yield Cause("transposed", words, transposed(order))


def another_ones(evidence: Evidence) -> Iterator[Cause]:
    """Gradients in another order."""

    def of(other: str) -> Predicted:
        return lambda scene: {evidence.name: scene.right[other]}

    for other in evidence.subject.wrt:
        if other != evidence.name and other not in evidence.settled:
            words = f"is the gradient by {other}: they are returned in another order"
            yield Cause("order", words, of(other))


def multiples(evidence: Evidence) -> Iterator[Cause]:
    """A sign or a factor that is a simple number, a size, or both."""
    name, first = evidence.name, evidence.first
    ratio = multiple(first.theirs, first.right)
    if ratio is None:
        return
    for factor in recognised(ratio, first.scene):
        if factor == 1:
            continue
        yield Cause(kind_of(factor), said(factor), scaled(name, factor))


def multiple(theirs: Array | None, right: Array) -> float | None:
    """c where theirs = c right."""
    if theirs is None or theirs.shape != right.shape or not np.any(right):
        return None
    place = np.unravel_index(np.argmax(np.abs(right)), right.shape)
    ratio = float(theirs[place] / right[place])
    if ratio == 0 or not np.isfinite(ratio):
        return None
    unit = float(np.abs(theirs).max())
    return ratio if float(np.abs(theirs - ratio * right).max()) <= 1e-6 * unit else None


def recognised(ratio: float, scene: Scene, close: float = 1e-6) -> Iterator[Expr]:
    """What this number may be at these sizes, the simplest first."""
    for factor in _factors(scene.sizes):
        value = scene.values.number(factor)
        for sign in (1, -1):
            if abs(sign * value - ratio) <= close * abs(ratio):
                yield sign * factor


def _factors(sizes: tuple[Symbol, ...]) -> Iterator[Expr]:
    numbers = [Rational(n, m) for n in SIMPLE for m in SIMPLE if n == 1 or m == 1]
    powers: list[Expr] = [Integer(1)]
    for size in sizes:
        powers += [size, 1 / size, sqrt(size), 1 / sqrt(size), size - 1, 1 / (size - 1), size**2]
        powers += [size / (size - 1), (size - 1) / size, 1 / size**2]
    pairs = [a * b for i, a in enumerate(sizes) for b in sizes[i + 1 :]]
    pairs += [a / b for a in sizes for b in sizes if a != b]
    powers += [*pairs, *(1 / pair for pair in pairs)]
    yield from dict.fromkeys((*numbers, *powers, *(n * p for n in numbers for p in powers)))


def scaled(name: str, factor: Expr) -> Predicted:
    return lambda scene: {name: scene.right[name] * float(factor.subs(scene.numbers))}


def kind_of(factor: Expr) -> str:
    return "sign" if factor == -1 else "factor"


def said(factor: Expr) -> str:
    if factor == -1:
        return "has the wrong sign"
    return f"is {spell(factor, 'unicode')} times what it should be"


def spelled(order: tuple[int, ...]) -> str:
    return ", ".join(str(place + 1) for place in order)
