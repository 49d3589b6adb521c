"""Which two operands of a product are multiplied first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from indexcalc.codegen.costs import step
from indexcalc.codegen.operations import Lengths, volume
from indexcalc.expr.base import Index, free_of
from indexcalc.expr.nodes import Access

# Up to here every order is tried.
MOST_TRIED = 5
Shape = frozenset[Index]
Known = Callable[[tuple[Access, Access], tuple[Index, ...]], bool]


def paired(
    operands: Sequence[Access], outer: Sequence[Index], lengths: Lengths, is_known: Known
) -> tuple[int, int]:
    """The first pair of the cheapest order; what is known already costs nothing."""
    pairs = list(combinations(range(len(operands)), 2))
    shapes = [free_of(operand) for operand in operands]
    free = frozenset(outer)

    def price(pair: tuple[int, int]) -> tuple[float, float, int]:
        first, rest, kept = _split(shapes, pair, free)
        both = tuple(dict.fromkeys((*operands[pair[0]].indices, *operands[pair[1]].indices)))
        bound = tuple(index for index in both if index not in kept)
        own = 0.0
        if not is_known((operands[pair[0]], operands[pair[1]]), bound):
            own = step(*first, kept, lengths)
        after = [*rest, (first[0] | first[1]) & kept]
        later = _cheapest(after, free, lengths) if len(operands) <= MOST_TRIED else 0.0
        return own + later, own, volume(tuple(first[0] | first[1]), lengths)

    return min(pairs, key=price)


def _split(
    shapes: Sequence[Shape], pair: tuple[int, int], free: Shape
) -> tuple[tuple[Shape, Shape], list[Shape], Shape]:
    rest = [shape for at, shape in enumerate(shapes) if at not in pair]
    return (shapes[pair[0]], shapes[pair[1]]), rest, free.union(*rest)


def _cheapest(shapes: Sequence[Shape], free: Shape, lengths: Lengths) -> float:
    """The price of the best order from here on."""
    if len(shapes) < 2:
        return 0.0
    prices = []
    for pair in combinations(range(len(shapes)), 2):
        first, rest, kept = _split(shapes, pair, free)
        after = [*rest, (first[0] | first[1]) & kept]
        prices.append(step(*first, kept, lengths) + _cheapest(after, free, lengths))
    return min(prices)
