"""How one contraction is computed in NumPy: the ways there are, and the best of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from indexcalc.codegen.contractions import timings
from indexcalc.codegen.contractions.products import (
    Pair,
    Sizes,
    looped,
    natural,
    products,
    volume,
)
from indexcalc.codegen.contractions.views import Layout, flat, is_run, singles
from indexcalc.codegen.contractions.ways import Source, Way
from indexcalc.codegen.operations import Contraction, Lengths, length
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access

# A name, and the indices as they are written.
Operand: TypeAlias = tuple[str, Layout]


def best(contraction: Contraction, lengths: Lengths) -> Way:
    """The way with the least cost; of equal ones the first."""
    return cheapest(ways(contraction, lengths))


def ways(contraction: Contraction, lengths: Lengths) -> list[Way]:
    """Every way worth a thought; there is always one."""
    operands = [(operand.name, operand.indices) for operand in contraction.operands]
    sizes = sizes_of(contraction.operands, lengths)
    return list(ways_of(operands, contraction.left.indices, sizes))


def sizes_of(operands: Iterable[Access], lengths: Lengths) -> dict[Index, int]:
    found = dict.fromkeys(index for operand in operands for index in operand.indices)
    return {index: length(index, lengths) for index in found}


def cheapest(found: Iterable[Way]) -> Way:
    return min(found, key=lambda way: way.cost)


def ways_of(operands: Sequence[Operand], left: Layout, sizes: Sizes) -> Iterator[Way]:
    read = {index for _, indices in operands for index in indices}
    assert read.issuperset(left), "an index that no operand has is for a broadcast"
    if len(operands) == 1:
        yield from _of_one(operands[0], left, sizes)
        return
    pair = _paired(operands, frozenset(left), sizes)
    yield _entry_by_entry(pair, left)
    if pair.summed:
        yield from products(pair, left)


def layouts_of(
    operands: Sequence[Operand], kept: frozenset[Index], sizes: Sizes
) -> list[tuple[Layout, Way]]:
    if len(operands) == 1:
        left = tuple(index for index in dict.fromkeys(operands[0][1]) if index in kept)
        return [(left, cheapest(_of_one(operands[0], left, sizes)))]
    pair = _paired(operands, kept, sizes)
    found = list(natural(pair)) if pair.summed else []
    if not found or not (pair.rows or pair.columns):
        orders = ((*pair.a.layout, *pair.b.layout), (*pair.b.layout, *pair.a.layout))
        for order in dict.fromkeys(orders):
            left = tuple(index for index in dict.fromkeys(order) if index in kept)
            found.append(_entry_by_entry(pair, left))
    least: dict[Layout, Way] = {}
    for way in sorted(found, key=lambda way: way.cost):
        least.setdefault(way.left, way)
    return list(least.items())


def _source(operand: Operand, wanted: Iterable[Index]) -> Source:
    name, indices = operand
    layout = tuple(index for index in dict.fromkeys(indices) if index in wanted)
    return Source(name, indices, layout, singles(layout))


# One operand


def _of_one(operand: Operand, left: Layout, sizes: Sizes) -> Iterator[Way]:
    a = _source(operand, operand[1])
    entries = volume(a.layout, sizes)
    summed = tuple(index for index in a.layout if index not in left)
    if not summed:
        yield Way("copy", (a.seen(singles(left)),), singles(left), left, timings.copying(entries))
        return
    yield _sum(a, left, sizes)
    if not left:
        return
    cost = timings.einsum_of_one(entries, across=a.layout[-1] in left)
    yield Way("einsum", (a,), singles(left), left, cost)
    if is_run(summed, a.layout):
        ones = Source(None, summed, summed, (summed,))
        yield from products(Pair(a, ones, frozenset(left), sizes, timings.ONES, None), left)


def _sum(a: Source, left: Layout, sizes: Sizes) -> Way:
    entries, results = volume(a.layout, sizes), volume(left, sizes)
    rows = entries / max(sizes[a.layout[-1]], 1) if a.layout[-1] in left else results
    cost = timings.summing(entries, rows)
    moved = tuple(index for index in a.layout if index in left)
    if moved != left:
        cost += timings.copying(results)
    return Way("sum", (a,), singles(moved), left, cost, copied=moved != left)


# Two operands


def _paired(operands: Sequence[Operand], kept: frozenset[Index], sizes: Sizes) -> Pair:
    """What one operand alone has, and is not kept, is summed before."""
    first, second = operands
    a, b = _source(first, kept | {*second[1]}), _source(second, kept | {*first[1]})
    before = sum(
        timings.summing(volume(one.base, sizes), 0) for one in (a, b) if one.layout != one.base
    )
    counts = [volume(a.base, sizes), volume(b.base, sizes), volume(kept, sizes)]
    least = min(counts)
    small = None if counts[2] == least else counts.index(least)
    return Pair(a, b, kept, sizes, before, small)


def _entry_by_entry(pair: Pair, left: Layout) -> Way:
    """a * b where nothing is summed, and einsum where something is."""
    if not pair.summed:
        sources = tuple(one.seen(looped(one, left)) for one in (pair.a, pair.b))
        turned = sum(
            volume(one.layout, pair.sizes) for one in sources if flat(one.groups) != one.layout
        )
        cost = timings.entrywise(volume(left, pair.sizes), turned)
    else:
        sources = (pair.a, pair.b)
        steps = volume((*left, *pair.summed), pair.sizes)
        cost = timings.einsum_of_two(steps, _across(pair, left))
    call = "einsum" if pair.summed else "multiply"
    return Way(call, sources, singles(left), left, pair.before + cost, small=pair.small)


def _across(pair: Pair, left: Layout) -> bool:
    """Whether no axis is the last of all arrays that have it."""
    ends = [one.layout[-1] for one in (pair.a, pair.b)]
    return all(end in left for end in ends) and not ends[0] == ends[1] == left[-1]
