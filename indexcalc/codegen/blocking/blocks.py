"""Loops over blocks of rows: which operations can run in one, so that what it touches stays in L2.

A row axis is an axis size. Each operation in the loop runs over one letter of that size; an array
computed there is read there only at its own rows. A sum over the row letter makes a total, which
blocks add to and which is whole only after the loop. Inside a loop over the rows of one axis may
be others, for when one row of it is too large by itself.

Whether a loop is worth it was measured (float64, one thread, 1 MiB of L2): without matrix products
always. A matrix product reads a whole matrix, or adds to a whole one, for each block again. The
entries of these matrices against the entries of one block that stay in L2 instead of going through
memory, and the time in blocks of 128 rows against that of whole arrays:

    attention backward, 1024 x 64    0.37   0.83      MLP backward, 4096 x 128    0.29   0.93
    attention backward, 2048 x 64    0.37   0.92      MLP backward, 4096 x 256    0.92   1.09
    attention backward, 1024 x 256   1.41   1.17      MLP backward, 4096 x 512    1.85   1.23

So the first may be at most half of the second. Blocks of 32 rows make products slower, by up to
twice, hence LEAST_ROWS; where a row is a matrix by itself (TCL, 64 samples), 4 rows took 0.45.
What would save less than a tenth of the time of its list is no loop
either, nor is one with products where whole arrays stay in L2.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import inf, prod
from typing import cast

from sympy import Add, Expr, Integer, Mul, expand

from indexcalc.codegen.blocking.buffers import shared
from indexcalc.codegen.blocking.rows import Letters, Row, accesses, as_row, best, cuts, touched
from indexcalc.codegen.operations import Contraction, Lengths, Operation, volume
from indexcalc.expr.base import ONE
from indexcalc.expr.nodes import Access

# What a block may touch, about one L2, the least rows for which matrix products are fast, and what
# so many may touch, half of an L3.
BYTES = 1 << 20
LEAST_ROWS = 128
MOST_BYTES = 1 << 24
ITEM = 8
# How often as much must stay in L2 as is read again, which part of the time must be saved, and how
# many flops take as long as one entry that goes through memory.
WORTH = 2
SAVING = 10
FLOPS_PER_ENTRY = 30


@dataclass(frozen=True, slots=True)
class Loop:
    """Operations that run over blocks of rows, at one or more levels, the outermost first.

    `letters` has the row letter of each operation at each level. `totals` are added to, from zero;
    `written` are arrays that are needed whole, filled block by block; `scratch` need exist for one
    block only, and `buffers` has the first array of the buffer of each. One row at a level is
    `entries` of all arrays, so that BYTES // (itemsize * entries) rows fit: of these a block has at
    least 1, at the innermost level at least `least`, and at most all. So where a block has several
    rows of a level, it has all of those within.
    """

    levels: tuple[Expr, ...]
    operations: tuple[Operation, ...]
    letters: tuple[Letters, ...]
    totals: tuple[str, ...]
    written: tuple[str, ...]
    scratch: tuple[str, ...]
    buffers: Mapping[str, str]
    entries: tuple[Expr, ...]
    least: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """A list of operations in three: whole arrays, a loop over blocks of rows, whole arrays."""

    before: tuple[Operation, ...]
    loop: Loop
    after: tuple[Operation, ...]


def phases(
    operations: Sequence[Operation], results: Collection[str], lengths: Lengths
) -> tuple[Operation | Loop, ...]:
    """The operations with loops wherever these are worth it: one after another, none in another."""
    found = blocked(operations, results, lengths)
    if found is None:
        return tuple(operations)
    later = {name for one in (*found.loop.operations, *found.after) for name in one.reads}
    return (
        *phases(found.before, {*results, *later}, lengths),
        found.loop,
        *phases(found.after, results, lengths),
    )


def blocked(
    operations: Sequence[Operation], results: Collection[str], lengths: Lengths
) -> Blocks | None:
    """The loop that covers most memory traffic, if it is worth it; `results` are needed whole.

    Where its matrix products make it not worth it, it is tried without them.
    """
    traffic = {one.left.name: touched(one, lengths) for one in operations}
    flops = sum(one.flops(lengths) for one in operations)
    least = (sum(traffic.values()) + flops / FLOPS_PER_ENTRY) / SAVING
    barred: set[str] = set()
    # No loop saves more than the traffic of its operations.
    while sum(n for name, n in traffic.items() if name not in barred) > least:
        found = _loop(operations, results, barred, traffic, lengths)
        saved = _saved(found.loop, lengths) if found else 0
        if found is None or saved < least or not saved:
            return None
        products = _products(found.loop)
        if products and _fits(operations, lengths):
            return None
        if not products or _lost(found.loop, lengths) <= saved:
            return found
        barred.update(products)
    return None


# What a loop is made of


def _loop(
    operations: Sequence[Operation],
    results: Collection[str],
    barred: Collection[str],
    traffic: Mapping[str, int],
    lengths: Lengths,
) -> Blocks | None:
    """At as many levels as it takes until one row fits."""
    rows = tuple(as_row(one) for one in operations)
    levels: tuple[Expr, ...] = ()
    made: Blocks | None = None
    while found := best(rows, levels, barred, traffic):
        size, division = found
        levels = (*levels, size)
        rows = division.inside
        made = _parted(operations, rows, levels, results)
        if ITEM * _value(made.loop.entries[-1], lengths) <= BYTES:
            break
    return made


def _parted(
    operations: Sequence[Operation],
    rows: Sequence[Row],
    levels: tuple[Expr, ...],
    results: Collection[str],
) -> Blocks:
    """The loop, what it reads computed before, and all else after."""
    inside = {row.name for row in rows}
    needed = {name for row in rows for name in row.operation.reads}
    for one in reversed(operations):
        if one.left.name in needed and one.left.name not in inside:
            needed.update(one.reads)
    rest = [one for one in operations if one.left.name not in inside]
    before = tuple(one for one in rest if one.left.name in needed)
    after = tuple(one for one in rest if one.left.name not in needed)
    whole = {*results, *(name for one in after for name in one.reads)}
    return Blocks(before, _assembled(rows, levels, whole), after)


def _assembled(rows: Sequence[Row], levels: tuple[Expr, ...], whole: Collection[str]) -> Loop:
    lasting = [row for row in rows if row.left.free.issuperset(row.letters)]
    scratch = [row for row in lasting if row.name not in whole]
    operations = tuple(row.operation for row in rows)
    buffers = shared(operations, {row.name: _shape(row) for row in scratch})
    return Loop(
        levels,
        operations,
        tuple(row.letters for row in rows),
        tuple(row.name for row in rows if not row.left.free.issuperset(row.letters)),
        tuple(row.name for row in lasting if row.name in whole),
        tuple(row.name for row in scratch),
        buffers,
        tuple(_entries(rows, level, buffers) for level in range(len(levels))),
        LEAST_ROWS if any(_is_thin(row.operation, row.letters) for row in rows) else 1,
    )


def _shape(row: Row) -> tuple[tuple[Expr, int | None], ...]:
    """The axes of a block: what each is an axis of, and to which rows it is cut."""
    sizes = (index.size for index in row.left.indices)
    return tuple(zip(sizes, cuts(row.left, row.letters), strict=True))


def _entries(rows: Sequence[Row], level: int, buffers: Mapping[str, str]) -> Expr:
    """The entries of one row at a level, of all arrays cut there or further in."""
    entries: dict[str, Expr] = {}
    for row in rows:
        for access in row.accesses:
            places = [at for at in cuts(access, row.letters) if at is not None]
            if max(places, default=-1) >= level:
                name = buffers.get(access.name, access.name)
                entries.setdefault(name, _uncut(access, row.letters[: level + 1]))
    return Add(*entries.values())


def _uncut(access: Access, letters: Letters) -> Expr:
    entries: Expr = ONE
    for index in access.indices:
        if index not in letters:
            entries *= index.size
    return entries


def _is_product(one: Operation, letters: Letters) -> bool:
    """Whether a matrix is read whole, or added to, for each block of the innermost level."""
    return isinstance(one, Contraction) and any(
        letters[-1] not in access.indices
        and len({index for index in access.indices if index not in letters}) > 1
        for access in accesses(one)
    )


def _is_thin(one: Operation, letters: Letters) -> bool:
    """Whether the row letter alone is one side of a matrix product: few rows, a thin matrix."""
    cut = [access.free for access in accesses(one) if letters[-1] in access.indices]
    return _is_product(one, letters) and not frozenset.intersection(*cut).difference(letters)


def _products(loop: Loop) -> list[str]:
    return [
        one.left.name
        for one, letters in zip(loop.operations, loop.letters, strict=True)
        if _is_product(one, letters)
    ]


# Whether it is worth it


def _saved(loop: Loop, lengths: Lengths) -> int:
    """How many entries stay in L2 that would go through memory: all but one pass over each array
    that is not scratch."""
    through = {
        access.name: volume(access.indices, lengths)
        for one in loop.operations
        for access in accesses(one)
        if access.name not in loop.scratch
    }
    return sum(touched(one, lengths) for one in loop.operations) - sum(through.values())


def spared(loop: Loop) -> Expr:
    """How many entries of one row of the innermost level stay in L2, at any lengths."""
    whole = expand(cast(Expr, _saved(loop, _symbolic(loop))) / Mul(*loop.levels))
    # What is not of a row is next to nothing for each of them.
    return Add(*(term for term in Add.make_args(whole) if term.is_polynomial(*loop.levels)))


def again(loop: Loop) -> Expr:
    """How many entries of matrices are read again for each block of the innermost level, at any
    lengths; what is added to is read and written."""
    symbolic = _symbolic(loop)
    found: dict[str, Expr] = {}
    for one, letters in zip(loop.operations, loop.letters, strict=True):
        for access in accesses(one) if _is_product(one, letters) else ():
            if letters[-1] not in access.indices:
                inner = tuple(index for index in access.indices if index not in letters)
                found[access.name] = volume(inner, symbolic) * (2 if access is one.left else 1)
    return Add(*found.values())


def _symbolic(loop: Loop) -> Lengths:
    """Every size as long as itself, so that what is counted is a formula."""
    found = (i.size for one in loop.operations for a in accesses(one) for i in a.indices)
    return {size: cast(int, size) for size in found}


def _fits(operations: Sequence[Operation], lengths: Lengths) -> bool:
    """Whether whole arrays stay in L2."""
    arrays = {one.name: one.indices for operation in operations for one in accesses(operation)}
    return ITEM * sum(volume(indices, lengths) for indices in arrays.values()) <= BYTES


def _lost(loop: Loop, lengths: Lengths) -> float:
    """What blocks cost, in entries that would have to be saved: what is read again for each.

    What is added to is read and written. Where the least rows are too large, there is no block.
    """
    level, rows = _split(loop, lengths)
    if rows == loop.least and rows * _value(loop.entries[level], lengths) * ITEM > MOST_BYTES:
        return inf
    entries: dict[str, int] = {}
    for one, letters in zip(loop.operations, loop.letters, strict=True):
        for access in accesses(one) if _is_product(one, letters) else ():
            if letters[level] not in access.indices:
                inner = tuple(index for index in access.indices if index not in letters[:level])
                times = 2 if access is one.left else 1
                entries[access.name] = times * volume(inner, lengths)
    return (
        WORTH
        * sum(entries.values())
        * prod(_value(size, lengths) for size in loop.levels[: level + 1])
        / rows
    )


def _split(loop: Loop, lengths: Lengths) -> tuple[int, int]:
    """The level at which several rows fit, and how many, however many there are."""
    innermost = len(loop.levels) - 1
    for level, entries in enumerate(loop.entries):
        rows = BYTES // (ITEM * max(_value(entries, lengths), 1))
        if rows or level == innermost:
            return level, max(rows, loop.least if level == innermost else 1)
    raise AssertionError("a loop has a level")


def _value(size: Expr, lengths: Lengths) -> int:
    return int(size.xreplace({symbol: Integer(n) for symbol, n in lengths.items()}))
