"""Operations run as a loop over blocks says, by the reference evaluator: slow and independent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from indexcalc.codegen.blocking.blocks import Loop
from indexcalc.codegen.blocking.rows import Letters, cuts
from indexcalc.codegen.operations import Contraction, Operation, Pointwise, Reduction, length
from indexcalc.expr.base import Index, postorder, size_symbol
from indexcalc.expr.evaluate import component_values
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Equation
from indexcalc.expr.rename import rename
from indexcalc.expr.world import World

Arrays = dict[str, NDArray[np.float64]]
Numbers = Mapping[Symbol, float]


def whole(operations: Sequence[Operation], arrays: Arrays, numbers: Numbers) -> Arrays:
    """All arrays after the operations, one after another."""
    arrays = dict(arrays)
    for one in operations:
        arrays[one.left.name] = value(one, arrays, numbers)
    return arrays


def value(one: Operation, arrays: Arrays, numbers: Numbers) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        return component_values(Equation(one.left, one.right), World(arrays, numbers, {}))


def in_phases(
    parts: Sequence[Operation | Loop], arrays: Arrays, numbers: Numbers, rows: Sequence[int]
) -> Arrays:
    """All arrays that exist whole after operations and loops, in blocks of so many rows."""
    arrays = dict(arrays)
    for part in parts:
        if isinstance(part, Loop):
            looped(part, arrays, numbers, rows)
        else:
            arrays[part.left.name] = value(part, arrays, numbers)
    return arrays


def looped(loop: Loop, arrays: Arrays, numbers: Numbers, rows: Sequence[int]) -> None:
    lengths = {symbol: int(n) for symbol, n in numbers.items()}
    for one in loop.operations:
        name, shape = one.left.name, [length(i, lengths) for i in one.left.indices]
        if name in loop.totals:
            arrays[name] = np.zeros(shape)
        elif name in loop.written:
            arrays[name] = np.full(shape, np.nan)
        else:
            assert name in loop.scratch
    axes = [length(Index("r", size), lengths) for size in loop.levels]
    for block in product(*(blocks(n, r) for n, r in zip(axes, rows, strict=False))):
        one_block(loop, arrays, numbers, block)


def blocks(count: int, rows: int) -> Iterator[slice]:
    return (slice(at, min(at + rows, count)) for at in range(0, count, rows))


def one_block(loop: Loop, arrays: Arrays, numbers: Numbers, block: tuple[slice, ...]) -> None:
    buffers: Arrays = {}
    heights = {
        size_symbol(f"Rows{level}"): rows.stop - rows.start for level, rows in enumerate(block)
    }
    for one, letters in zip(loop.operations, loop.letters, strict=True):
        seen: Arrays = {}
        small = at_rows(one, letters, Reader(loop, arrays, buffers, letters, block, seen))
        result = value(small, seen, {**numbers, **heights})
        name = one.left.name
        if name in loop.scratch:
            buffers[loop.buffers[name]] = result
        elif name in loop.totals:
            arrays[name][part(one.left, letters, block)] += result
        else:
            arrays[name][part(one.left, letters, block)] = result


def part(access: Access, letters: Letters, block: tuple[slice, ...]) -> tuple[slice, ...]:
    return tuple(slice(None) if level is None else block[level] for level in cuts(access, letters))


class Reader:
    """Gives each access of an operation a name of its own, and the array that it sees."""

    def __init__(
        self,
        loop: Loop,
        arrays: Arrays,
        buffers: Arrays,
        letters: Letters,
        block: tuple[slice, ...],
        seen: Arrays,
    ) -> None:
        self.loop, self.arrays, self.buffers = loop, arrays, buffers
        self.letters, self.block, self.seen = letters, block, seen

    def __call__(self, access: Access) -> Access:
        name = f"seen{len(self.seen)}"
        if access.name in self.loop.scratch:
            self.seen[name] = self.buffers[self.loop.buffers[access.name]]
        else:
            assert access.name not in self.loop.totals, f"{access.name} is read in its loop"
            self.seen[name] = self.arrays[access.name][part(access, self.letters, self.block)]
        return Access(name, *access.indices)


def at_rows(one: Operation, letters: Letters, reader: Reader) -> Operation:
    """The operation on the arrays of a block, its row letters as long as the block is high."""
    short = {
        letter: Index(letter.name, size_symbol(f"Rows{level}"))
        for level, letter in enumerate(letters)
    }

    def shortened(access: Access) -> Access:
        return Access(access.name, *(short.get(i, i) for i in access.indices))

    left = shortened(one.left)
    if isinstance(one, Contraction):
        return replace(one, left=left, operands=tuple(shortened(reader(a)) for a in one.operands))
    if isinstance(one, Pointwise):
        found: Any = dict.fromkeys(a for a in postorder(one.value) if isinstance(a, Access))
        value = one.value.xreplace({access: reader(access) for access in found})
        return Pointwise(left, rename(value, short))
    operand = shortened(reader(one.operand))
    if isinstance(one, Reduction):
        return Reduction(left, one.kind, operand)
    assert all(letter not in pair for letter in letters for pair in one.pairs)
    return replace(one, left=left, operand=operand)
