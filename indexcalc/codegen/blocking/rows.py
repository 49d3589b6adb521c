"""Which operations can run over the rows of an axis, and by which letter each.

A row axis is an axis size; each operation runs over one letter of that size. An array computed by
rows is read there only at its own rows; a sum over the row letter is whole only after the loop.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeAlias

from sympy import Basic, Expr

from indexcalc.codegen.operations import (
    Contraction,
    Lengths,
    Operation,
    Pointwise,
    Reduction,
    Spread,
    volume,
)
from indexcalc.expr.base import NOTHING, Index, children, free_of, postorder
from indexcalc.expr.nodes import Access, Delta, Mul, One

# Which part of the traffic of a level those within may leave out.
LEFT_OUT = 10
# How many ways of leaving operations out of a loop are tried.
MOST_TRIES = 32

Letters: TypeAlias = tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An operation with the row letter of each level so far, and what is asked of it often.

    `entire` are the indices that must not be cut: of a δ with rows on one side.
    """

    operation: Operation
    letters: Letters
    accesses: tuple[Access, ...]
    entire: frozenset[Index]

    @property
    def name(self) -> str:
        return self.operation.left.name

    @property
    def left(self) -> Access:
        return self.operation.left

    @property
    def place(self) -> int:
        """How many axes of the result are rows already."""
        return sum(index in self.letters for index in self.left.indices)


def as_row(one: Operation) -> Row:
    """An operation outside all loops."""
    found: list[Basic] = []
    if isinstance(one, Spread):
        found = [index for pair in one.pairs for index in pair]
    elif isinstance(one, Pointwise):
        deltas = (node for node in postorder(one.value) if isinstance(node, Delta))
        found = [index for delta in deltas for index in delta.indices]
    return Row(one, (), tuple(accesses(one)), frozenset(found))


def cuts(access: Access, letters: Letters) -> tuple[int | None, ...]:
    """For each axis of an access in a loop the level whose rows it is cut to, or None: whole."""
    return tuple(letters.index(i) if i in letters else None for i in access.indices)


def touched(one: Operation, lengths: Lengths) -> int:
    """How many entries an operation reads and writes, step by step."""
    once = sum(volume(access.indices, lengths) for access in dict.fromkeys(accesses(one)))
    if not isinstance(one, Pointwise):
        return once
    # What a one-tensor broadcasts stays as large as it was.
    open_in: dict[Basic, frozenset[Index]] = {}
    count = 0
    for node in postorder(one.value):
        parts = [part for part in children(node) if not isinstance(part, One)]
        found = NOTHING.union(*(open_in[part] for part in parts))
        open_in[node] = found if parts else free_of(node)
        if len(parts) > 1 or not isinstance(node, Mul):
            steps = (node, *parts) if parts else ()
            count += sum(volume(tuple(open_in[part]), lengths) for part in steps)
    return count or once


def accesses(one: Operation) -> list[Access]:
    """What is written and what is read."""
    if isinstance(one, Contraction):
        return [one.left, *one.operands]
    if isinstance(one, Reduction | Spread):
        return [one.left, one.operand]
    return [one.left, *(node for node in postorder(one.value) if isinstance(node, Access))]


@dataclass(frozen=True, slots=True)
class Division:
    """A list of operations divided by the rows of one axis."""

    before: tuple[Row, ...]
    inside: tuple[Row, ...]
    after: tuple[Row, ...]
    # Those of `after` that could not run by the rows that they read.
    refused: tuple[Row, ...]


def best(
    rows: Sequence[Row],
    levels: Sequence[Expr],
    barred: Collection[str],
    traffic: Mapping[str, int],
) -> tuple[Expr, Division] | None:
    """The axis size whose rows cover most of the traffic, which has a figure for each result.

    A further level leaves out little of what the one above covers.
    """
    if levels and all(len(row.left.indices) <= len(levels) + 1 for row in rows):
        return None
    found: tuple[int, Expr, Division] | None = None
    least = sum(traffic[row.name] for row in rows) * (LEFT_OUT - 1) / LEFT_OUT if levels else 0
    most = _at_most(rows, traffic)
    for size in _sizes(rows, levels):
        if found and most[size] <= found[0]:
            continue
        division = _held(rows, size, barred, traffic)
        covered = _covered(division, traffic)
        fits = division.inside and covered >= least
        if fits and (found is None or covered > found[0]):
            found = covered, size, division
    return found and found[1:]


def _sizes(rows: Sequence[Row], levels: Sequence[Expr]) -> list[Expr]:
    """The sizes of the next leading axes, in order of appearance."""
    leading = [row.left.indices[row.place :][:1] for row in rows if row.place == len(levels)]
    return [size for size in dict.fromkeys(i.size for i in chain(*leading)) if size not in levels]


def _at_most(rows: Sequence[Row], traffic: Mapping[str, int]) -> dict[Expr, int]:
    """For each size the traffic of all operations with such an axis."""
    most: dict[Expr, int] = {}
    for row in rows:
        found = (index.size for access in row.accesses for index in access.indices)
        for size in dict.fromkeys(found):
            most[size] = most.get(size, 0) + traffic[row.name]
    return most


def _held(
    rows: Sequence[Row], size: Expr, barred: Collection[str], traffic: Mapping[str, int]
) -> Division:
    """The division that covers most, with what stands in its way computed before the loop.

    In self-attention with queries and keys of one input both could run by their rows; but scores
    read all keys, so keys come first.
    """
    held: frozenset[str] = frozenset()
    best = _divided(rows, size, barred, held)
    tries = MOST_TRIES
    while (waiting := _in_the_way(best)[:tries]) and tries:
        tries -= len(waiting)
        ways = [held | _ancestors(name, rows) for name in waiting]
        divisions = [_divided(rows, size, barred, way) for way in ways]
        at = max(range(len(ways)), key=lambda at: _covered(divisions[at], traffic))
        if _covered(divisions[at], traffic) <= _covered(best, traffic):
            break
        best, held = divisions[at], ways[at]
    return best


def _in_the_way(division: Division) -> list[str]:
    """The operations refused and what they read of the loop, and totals that are read after it."""
    made = {row.name for row in division.inside}
    names = [
        name
        for row in division.refused
        for name in (row.name, *(read for read in row.operation.reads if read in made))
    ]
    wanted = {name for row in division.after for name in row.operation.reads}
    totals = [
        row.name
        for row in division.inside
        if row.letters[-1] not in row.left.indices and row.name in wanted
    ]
    return list(dict.fromkeys((*names, *totals)))


def _ancestors(name: str, rows: Sequence[Row]) -> set[str]:
    """A name and all that it is computed from."""
    found = {name}
    for row in reversed(rows):
        if row.name in found:
            found.update(row.operation.reads)
    return found


def _covered(division: Division, traffic: Mapping[str, int]) -> int:
    return sum(traffic[row.name] for row in division.inside)


def _divided(
    rows: Sequence[Row], size: Expr, barred: Collection[str], held: Collection[str]
) -> Division:
    before: list[Row] = []
    inside: list[Row] = []
    after: list[Row] = []
    refused: list[Row] = []
    axes: dict[str, int] = {}
    late: set[str] = set()
    for row in rows:
        reads = row.operation.reads
        if not late.isdisjoint(reads):
            after.append(row)
            late.add(row.name)
            continue
        allowed = row.name not in held and row.name not in barred
        letter = _letter(row, size, axes) if allowed else None
        if letter is not None:
            inside.append(replace(row, letters=(*row.letters, letter)))
            if letter in row.left.indices:
                axes[row.name] = row.left.indices.index(letter)
            else:
                late.add(row.name)
        elif axes.keys().isdisjoint(reads):
            before.append(row)
        else:
            after.append(row)
            refused.append(row)
            late.add(row.name)
    return Division(tuple(before), tuple(inside), tuple(after), tuple(refused))


def _letter(row: Row, size: Expr, axes: Mapping[str, int]) -> Index | None:
    """The letter of the rows, given the row axis of each array computed in the loop."""
    for letter in _candidates(row):
        free = letter.size == size and letter not in row.entire
        if free and _agrees(row, letter, axes) and _near(row, letter):
            return letter
    return None


def _candidates(row: Row) -> Iterator[Index]:
    """First the leading index of the result, so that a block is contiguous; matrix products write
    into any block, and sums may run over the rows."""
    one = row.operation
    yield from one.left.indices[row.place :][:1]
    if isinstance(one, Contraction):
        own = one.left.indices if len(one.operands) > 1 else ()
        yield from (*own, *one.summed)


def _agrees(row: Row, letter: Index, axes: Mapping[str, int]) -> bool:
    """Whether all that the loop computes is read at the rows alone."""
    return all(
        access.indices.count(letter) == 1 and access.indices[axes[access.name]] == letter
        for access in row.accesses
        if access.name in axes
    )


def _near(row: Row, letter: Index) -> bool:
    """Whether entries next to each other in memory are in one block; a matrix product, which
    copies what it needs, has no need of it."""
    cut = [access.indices for access in row.accesses if letter in access.indices]
    one = row.operation
    if isinstance(one, Contraction) and len(one.operands) == 2 and len(cut) == 2:
        return True
    return all(letter != own[-1] or {*own[:-1]} <= {*row.letters, letter} for own in cut)
