"""Sums over the wrong axis: Σ_k a_pk ⟹ Σ_r a_rq, where q is an index outside.

What was multiplied on outside may be inside by then, and depend on the axis: 1/σ_p, or exp(-max) of
exponentials that are made stable.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, permutations

from sympy import Basic, Expr

from indexcalc.against.families.edits import Mistake, Place, changed, places, rebuilt
from indexcalc.against.said import said
from indexcalc.expr.base import MINUS_ONE, ONE, Index, free_of, postorder
from indexcalc.expr.nodes import Access, Apply, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.rename import rename

# Over how many other axes a sum is tried.
MOST_AXES = 2


def other_axes(expr: Basic, letter: Callable[[Index], str]) -> Iterator[Mistake]:
    for place in places(expr):
        if isinstance(place.node, Sum):
            inside = sorted(place.node.free, key=lambda index: index.name)
            for count in range(1, min(len(inside), MOST_AXES) + 1):
                for own in combinations(inside, count):
                    yield from _over(expr, place, place.node, own, letter)


def _over(
    expr: Basic,
    place: Place,
    node: Sum,
    own: tuple[Index, ...],
    letter: Callable[[Index], str],
) -> Iterator[Mistake]:
    """Over these instead, with an index from outside in the place of each that was summed."""
    outside = [index for index in place.scope if index not in node.free]
    fresh = {index: Index(f"{index.name}°", index.size) for index in own}
    for summed, others in _in_places(node.indices, outside):
        kept = tuple(index for index in node.indices if index not in summed)
        moves = {**dict(zip(summed, others, strict=True)), **fresh}
        over, instead = ", ".join(map(letter, own)), ", ".join(map(letter, summed))
        told = f"over {over} in place of {instead}"
        ratio = math.prod(i.size for i in summed) / math.prod(i.size for i in own)
        for carried in (ONE, *_carried(place, node, own)):
            moved = rename(_product(node.body, carried), moves)
            other = _product(Sum(moved, *fresh.values(), *kept), _inverse(carried))
            for what, number in (("sum", ONE), ("mean", ratio)):
                new = _product(number, other)
                words = said(f"{{}} is a {what} over the wrong axis: {told}", node)
                for spread in (new, _product(new, One(*own))):
                    yield from changed(expr, place, "axis", words, spread)


def _in_places(
    bound: Sequence[Index], outside: Sequence[Index]
) -> Iterator[tuple[tuple[Index, ...], tuple[Index, ...]]]:
    """Some of what is summed, and what may stand in its place."""
    for count in range(1, len(bound) + 1):
        for summed in combinations(bound, count):
            for others in permutations(outside, count):
                if all(a.size == b.size for a, b in zip(others, summed, strict=True)):
                    yield summed, others


def _carried(place: Place, node: Sum, own: tuple[Index, ...]) -> Iterator[Basic]:
    """What may be inside of the sum, and does not depend on what is summed."""
    for above in place.above:
        for part in above.parts if isinstance(above, Mul) else ():
            base = part.base if isinstance(part, Pow) else part
            if isinstance(base, Access) and set(own) & free_of(base) <= free_of(node):
                yield base
                yield Pow(base, MINUS_ONE)
    for inner in postorder(node.body):
        if isinstance(inner, Apply) and inner.name == "exp":
            (exponent,) = inner.arguments
            bound = [index for index in node.indices if index in free_of(exponent)]
            if bound:
                largest = Reduce("max", exponent, *bound)
                yield Apply("exp", _product(MINUS_ONE, largest))


def _inverse(factor: Basic) -> Basic:
    return factor if factor == ONE else Pow(factor, MINUS_ONE)


def _product(*factors: Basic) -> Basic:
    """The product without what is 1; numbers alone are SymPy's."""
    parts = [part for part in factors if part != ONE]
    if len(parts) < 2:
        return parts[0] if parts else ONE
    return (
        math.prod(parts) if all(isinstance(p, Expr) for p in parts) else rebuilt(Mul(*parts), parts)
    )
