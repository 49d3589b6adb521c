"""The right gradient in another place, order or size: 0, transposed, another one's, a multiple."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise, permutations
from math import prod
from typing import TypeAlias

import numpy as np
from sympy import Expr, Integer, Rational, Symbol

from indexcalc.against.causes import Cause, Evidence, Predicted
from indexcalc.against.scenes import Scene, Subject
from indexcalc.expr.names import unicode_face
from indexcalc.expr.printing import spell
from indexcalc.expr.world import Array

# Multiples that are tried by themselves, and with a size or two.
SIMPLE = (1, 2, 3, 4, 6, 8, 10)
NUMBERS = [Rational(n, m) for n in SIMPLE for m in SIMPLE if n == 1 or m == 1]
# The places of sizes among all, each with its power and that of one less.
Power: TypeAlias = tuple[tuple[int, float, int], ...]
# What one size makes: H, 1/H, √H, 1/√H, H - 1, 1/(H - 1), H², H/(H - 1), (H - 1)/H, 1/H².
ALONE = (
    *((1, 0), (-1, 0), (0.5, 0), (-0.5, 0), (0, 1)),
    *((0, -1), (2, 0), (1, -1), (-1, 1), (-2, 0)),
)
# More axes have too many orders to be tried.
MOST_AXES = 5
# Nor do more gradients.
MOST_ORDERED = 4


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


def orders(subject: Subject, wrong: frozenset[str]) -> Iterator[Cause]:
    """All that are wrong in each other's places, or two of them; of many, two neighbours."""
    names = [name for name in subject.wrt if name in wrong]
    few = len(names) <= MOST_ORDERED
    groups = (tuple(names), *combinations(names, 2)) if few else pairwise(names)
    for group in dict.fromkeys(groups):
        for order in permutations(group):
            if all(one != other for one, other in zip(group, order, strict=True)):
                yield _in_order(subject, dict(zip(group, order, strict=True)))


def _in_order(subject: Subject, instead: Mapping[str, str]) -> Cause:
    order = ", ".join(unicode_face(instead.get(name, name)) for name in subject.wrt)
    words = f"is another one's: they are returned in the order {order}"
    return Cause("order", words, lambda scene: {n: scene.right[o] for n, o in instead.items()})


def another_ones(evidence: Evidence) -> Iterator[Cause]:
    """Another one in the place of one alone."""

    def of(other: str) -> Predicted:
        return lambda scene: {evidence.name: scene.right[other]}

    for other in evidence.subject.wrt:
        if other != evidence.name and other not in evidence.settled:
            words = f"is the gradient by {unicode_face(other)}, which is returned in its place"
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


def multiple(theirs: Array | None, right: Array, close: float = 1e-6) -> float | None:
    """c where theirs = c right."""
    if theirs is None or theirs.shape != right.shape or not np.any(right):
        return None
    place = np.unravel_index(np.argmax(np.abs(right)), right.shape)
    ratio = float(theirs[place] / right[place])
    if ratio == 0 or not np.isfinite(ratio):
        return None
    unit = float(np.abs(theirs).max())
    return ratio if float(np.abs(theirs - ratio * right).max()) <= close * unit else None


def recognised(ratio: float, scene: Scene, close: float = 1e-6) -> Iterator[Expr]:
    """What this number may be at these sizes, the simplest first."""
    powers = _powers(len(scene.sizes))
    lengths = tuple(map(scene.length, scene.sizes))
    values = np.outer(np.array(NUMBERS, float), _values(lengths))
    near = np.abs(np.abs(values) - abs(ratio)) <= close * abs(ratio)
    sign = 1 if ratio > 0 else -1
    places = sorted(map(tuple, np.argwhere(near)), key=lambda at: (min(at) > 0, at[1] > 0, at))
    for number, power in places:
        yield sign * NUMBERS[number] * _spelled_out(powers[power], scene.sizes)


@lru_cache(maxsize=16)
def _powers(count: int) -> tuple[Power, ...]:
    """1, and what one or two of so many sizes make."""
    sizes = range(count)
    alone = [((size, *powers),) for size in sizes for powers in ALONE]
    times = [((one, 1, 0), (other, 1, 0)) for one, other in combinations(sizes, 2)]
    over = [((one, 1, 0), (other, -1, 0)) for one, other in permutations(sizes, 2)]
    under = [((one, -1, 0), (other, -1, 0)) for one, other in combinations(sizes, 2)]
    return ((), *alone, *times, *over, *under)


@lru_cache(maxsize=16)
def _values(lengths: tuple[int, ...]) -> Array:
    """What these are at these lengths."""
    own = np.array(lengths, float)
    with np.errstate(all="ignore"):
        return np.array(
            [
                prod(own[at] ** power * (own[at] - 1) ** less for at, power, less in parts)
                for parts in _powers(len(lengths))
            ]
        )


def _spelled_out(parts: Power, sizes: Sequence[Symbol]) -> Expr:
    """The same of symbols; powers of a half are exact there."""
    found: Expr = Integer(1)
    for at, power, less in parts:
        found *= sizes[at] ** Rational(power) * (sizes[at] - 1) ** less
    return found


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
