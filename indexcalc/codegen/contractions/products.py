"""The ways to compute a contraction of two operands as matrix products, one for each loop entry.

P, Q and K are the groups of indices that are rows, columns and summed in the matrices; the rest is
looped over by NumPy, and what of it is summed is summed afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import NamedTuple, TypeAlias

from indexcalc.codegen.contractions import timings
from indexcalc.codegen.contractions.views import Groups, Layout, flat, is_run, is_view, singles
from indexcalc.codegen.contractions.ways import Source, Way
from indexcalc.expr.base import Index

Sizes: TypeAlias = Mapping[Index, int]

# Of the groups that are rows, columns or summed only the largest are tried.
MOST_GROUPS = 2


class Matrices(NamedTuple):
    p: Layout
    q: Layout
    k: Layout


@dataclass(frozen=True, slots=True)
class Pair:
    """Two operands, what their product keeps, and the cost of what comes before it."""

    a: Source
    b: Source
    kept: frozenset[Index]
    sizes: Sizes
    before: float
    # The operand that is smaller than the other and than the result, if one is.
    small: int | None

    @property
    def rows(self) -> Layout:
        return tuple(i for i in self.a.layout if i in self.kept and i not in self.b.layout)

    @property
    def columns(self) -> Layout:
        return tuple(i for i in self.b.layout if i in self.kept and i not in self.a.layout)

    @property
    def summed(self) -> Layout:
        return tuple(index for index in self.a.layout if index not in self.kept)

    @property
    def swapped(self) -> Pair:
        small = None if self.small is None else 1 - self.small
        return Pair(self.b, self.a, self.kept, self.sizes, self.before, small)

    def largest(self, indices: Layout, *layouts: Layout) -> list[Layout]:
        found = runs(indices, *layouts)
        return sorted(found, key=lambda run: -volume(run, self.sizes))[:MOST_GROUPS]


def volume(layout: Iterable[Index], sizes: Sizes) -> int:
    return prod([sizes[index] for index in layout])


def products(pair: Pair, left: Layout) -> Iterator[Way]:
    """Choices of P, Q and K whose results can lie in the layout of left."""
    a, b = pair.a.layout, pair.b.layout
    ps = (*pair.largest(pair.rows, left, a), *pair.largest(pair.rows, left), pair.rows)
    qs = (*pair.largest(pair.columns, left, b), *pair.largest(pair.columns, left), pair.columns)
    ks = (*pair.largest(pair.summed, a, b), pair.summed, pair.swapped.summed)
    for matrices in product(*map(dict.fromkeys, (ps, qs, ks))):
        yield _in_turn(pair, Matrices(*matrices), left)


def natural(pair: Pair) -> Iterator[Way]:
    """Choices of P, Q and K, with the result in the layouts that it has by itself."""
    a, b = pair.a.layout, pair.b.layout
    loops = tuple(index for index in dict.fromkeys((*a, *b)) if index in pair.kept)
    ps = (*pair.largest(pair.rows, a), pair.rows)
    qs = (*pair.largest(pair.columns, b), pair.columns)
    ks = (*pair.largest(pair.summed, a, b), pair.summed)
    for p, q, k in product(*map(dict.fromkeys, (ps, qs, ks))):
        over = tuple(index for index in loops if index not in p and index not in q)
        for left in dict.fromkeys(((*over, *p, *q), (*over, *q, *p))):
            yield _in_turn(pair, Matrices(p, q, k), left)


def runs(indices: Layout, *layouts: Layout) -> list[Layout]:
    """The longest groups of these indices that are runs of all the layouts."""
    found: list[Layout] = []
    for index in (one for one in layouts[0] if one in indices):
        if found and all(is_run((*found[-1], index), layout) for layout in layouts):
            found[-1] += (index,)
        else:
            found.append((index,))
    return found


def _in_turn(pair: Pair, matrices: Matrices, left: Layout) -> Way:
    """a @ b or b @ a: rows come before columns, and no matrix is transposed for a vector's sake."""
    p, q, k = matrices
    if p and q:
        straight = left.index(p[0]) < left.index(q[0])
    elif p:
        straight = pair.a.layout.index(p[0]) < pair.a.layout.index(k[0])
    else:
        straight = not q or pair.b.layout.index(k[0]) < pair.b.layout.index(q[0])
    if straight:
        return _product(pair, matrices, left)
    return _product(pair.swapped, Matrices(q, p, k), left)


def _product(pair: Pair, matrices: Matrices, left: Layout) -> Way:
    p, q, k = matrices
    extra = tuple(index for index in pair.summed if index not in k)
    loops = (*extra, *(index for index in left if index not in p and index not in q))
    dots = bool(loops) and not p and not q
    over_a, over_b = looped(pair.a, loops), looped(pair.b, loops)
    # A vector that is the same for all loops is an array of one axis.
    own_a: Groups = (k,) if dots or not (p or over_a) else (p, k)
    own_b: Groups = (k,) if dots or not (q or over_b) else (k, q)
    first = pair.a.seen((*over_a, *own_a), _needs_copy(pair.a, (p, k), dots))
    second = pair.b.seen((*over_b, *own_b), _needs_copy(pair.b, (k, q), dots))
    after = (*singles(loops[len(extra) :]), *own_a[:-1], *own_b[1:])
    copied = not is_view(after, left) or bool(p and q and left[-1] not in (*p, *q))
    cost = pair.before + _cost((first, second), matrices, loops, dots, pair.sizes)
    if extra:
        cost += timings.adding(volume((*loops, *p, *q), pair.sizes))
    if copied or flat(after) != left:
        cost += timings.copying(volume(left, pair.sizes))
    call = "vecdot" if dots else "matmul"
    result = (*singles(extra), *after)
    return Way(call, (first, second), result, left, cost, len(extra), copied, pair.small)


def _cost(
    sources: tuple[Source, Source], matrices: Matrices, loops: Layout, dots: bool, sizes: Sizes
) -> float:
    p, q, k = matrices
    first, second = sources
    batches = volume(loops, sizes)
    results = batches * volume((*p, *q), sizes)
    steps = results * volume(k, sizes)
    moved = volume(first.layout, sizes) + volume(second.layout, sizes) + results
    if dots:
        cost = timings.dots(steps, moved, batches)
    else:
        kind = ""
        if p and q and loops and volume(k, sizes) < timings.SHORT:
            kind = _kind(first, p) + _kind(second, k)
        cost = timings.products(steps, moved, batches if loops else 0, kind)
    for one in sources:
        if one.copied:
            cost += timings.copying(volume(one.layout, sizes))
        elif one.groups != singles(one.layout):
            cost += timings.VIEW
    return cost


def _kind(source: Source, first: Layout) -> str:
    """N for a matrix whose rows lie one after the other, T for one whose columns do."""
    return "T" if source.layout[-1] == first[-1] and not source.copied else "N"


def _needs_copy(a: Source, own: Groups, dots: bool) -> bool:
    """Whether BLAS cannot take the view: a group torn apart, or the last axis looped over."""
    if not is_view(own, a.layout):
        return True
    return a.name is not None and (dots or all(own)) and a.layout[-1] not in flat(own)


def looped(a: Source, loops: Layout) -> Groups:
    """The axes looped over as this operand has them: 1 long where it lacks one after its first."""
    found = [(index,) if index in a.layout else () for index in loops]
    while found and not found[0]:
        found.pop(0)
    return tuple(found)
