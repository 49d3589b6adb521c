"""Sizes, dtypes and layouts that trip kernels: what a backward function is asked by default.

Lengths are no multiples of 8 or 32, one, and one more than a block has; upstream gradients are also
views that are not contiguous, or stored transposed. Large lengths are asked for one axis at a time,
where all arrays on the way stay small enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

from sympy import Symbol

from indexcalc.against.kinds import ROUNDOFF
from indexcalc.errors import IndexcalcError, did_you_mean
from indexcalc.expr.program import Program
from indexcalc.proof.domain import largest

# Unequal, odd, below a block of 8, and between blocks of 8 and 32.
SMALL = (5, 3, 7, 4, 9)
# Where values on the way would be too large with those.
SMALLER = (SMALL, (3, 2), (2,), (1,))
ODD = (13, 37, 11, 19, 7)
# One row more than blocks of 8, 16, 32, 64, 128 and 1024 take.
LONG = 1025
# What is left past whole blocks of 8, 16, 32, ... differs for each, and is nothing: to tell blocks
# apart, and the last one from what is past whole ones.
TELLING = (1023, 1024)
BESIDE = (5, 6, 3, 7)
# Of how many axes each is long in turn.
MOST_LONG = 8
# How upstream gradients may lie in memory: one entry beside the other, with gaps between them, and
# with the first axis as the one whose entries are side by side. Each needs so many axes.
LAYOUTS = {"contiguous": 0, "strided": 1, "transposed": 2}
# The most entries that a value on the way may have.
MOST = 4_000_000
DTYPES = ("float64", "float32")
# How far from 0 inputs are where that is tried: what is a difference of squares shows there.
FAR = 100.0
# And where none can be told so far from it, as exponentials of squares are beyond the largest
# number.
LESS_FAR = 10.0
# Where that is tried. With fewer digits a right function may come to what is beyond the largest
# number, or to an exponential of what has no digit left; with more, those that it loses are few.
FAR_IN = "float32"


_LAYOUT_WORDS = {
    "strided": "upstream gradient not contiguous",
    "transposed": "upstream gradient stored transposed",
}


@dataclass(frozen=True, slots=True)
class Case:
    """Lengths of axes, a dtype, the layout of upstream gradients, how far from 0 inputs are,
    whether the same was asked before, and whether no dtype that is asked for is finer."""

    lengths: Mapping[Symbol, int]
    dtype: str = "float64"
    layout: str = "contiguous"
    offset: float = 0.0
    again: bool = False
    finest: bool = True

    @property
    def is_plain(self) -> bool:
        """Where mistakes of formulas show as they are."""
        usual = self.layout == "contiguous" and not self.offset and not self.again
        return usual and self.finest

    @property
    def extent(self) -> int:
        """All lengths together, for telling small from large."""
        return sum(self.lengths.values())

    @property
    def words(self) -> str:
        sizes = ", ".join(f"{symbol} = {length}" for symbol, length in self.lengths.items())
        parts = [sizes, self.dtype]
        parts.append(_LAYOUT_WORDS.get(self.layout, ""))
        parts.append(f"inputs around {self.offset:g}" if self.offset else "")
        parts.append("the second call" if self.again else "")
        return ", ".join(part for part in parts if part)


def cases(
    program: Program,
    given: Mapping[Symbol, int],
    dtypes: tuple[str, ...] = DTYPES,
    *,
    far: bool = True,
) -> Iterator[Case]:
    """Those of a program, the finest dtype first and each from small to large; where all lengths
    are given, at these alone."""
    rows = list(_lengths(program, given))
    for place, dtype in enumerate(_ordered(dtypes)):
        finest = not place
        first, *others = (Case(lengths, dtype, finest=finest) for lengths in rows)
        yield first
        if finest:
            yield replace(first, again=True)
        yield from others
        for layout in _layouts(program):
            yield replace(first, layout=layout)
        if far and dtype == FAR_IN:
            yield replace(first, offset=FAR)


def _layouts(program: Program) -> list[str]:
    """Those that are not the usual one, and another than that for an upstream gradient."""
    axes = max(len(program.tensors[output]) for output in program.outputs)
    return [layout for layout, needed in LAYOUTS.items() if 0 < needed <= axes]


def telling(
    program: Program, given: Mapping[Symbol, int], dtypes: tuple[str, ...] = DTYPES
) -> Iterator[Case]:
    """Where blocks are to be told apart, in the finest dtype."""
    for length in TELLING:
        for lengths in _long(program, given, length):
            if largest(program, lengths) <= MOST:
                yield Case(lengths, _ordered(dtypes)[0])


def _ordered(dtypes: tuple[str, ...]) -> list[str]:
    """The finest first."""
    for dtype in dtypes:
        if dtype not in ROUNDOFF:
            hint = did_you_mean(dtype, ROUNDOFF) or f"it is one of {', '.join(ROUNDOFF)}"
            raise IndexcalcError("IC606", f"there is no dtype {dtype} here", hint=hint)
    return sorted(dict.fromkeys(dtypes), key=ROUNDOFF.__getitem__)


def _lengths(program: Program, given: Mapping[Symbol, int]) -> Iterator[dict[Symbol, int]]:
    free = [size.symbol for size in program.sizes if size.symbol not in given]
    tried: list[dict[Symbol, int]] = []
    small = next((row for row in SMALLER if _fits(program, given, free, row)), SMALLER[-1])
    rows = [dict(zip(free, cycle(row), strict=False)) for row in (small, ODD, (1,))]
    rows += _long(program, given, LONG)
    for row in rows:
        lengths = {size.symbol: {**given, **row}[size.symbol] for size in program.sizes}
        if lengths not in tried and (not tried or largest(program, lengths) <= MOST):
            tried.append(lengths)
            yield lengths


def _fits(
    program: Program, given: Mapping[Symbol, int], free: Sequence[Symbol], row: tuple[int, ...]
) -> bool:
    return largest(program, {**given, **dict(zip(free, cycle(row), strict=False))}) <= MOST


def _long(
    program: Program, given: Mapping[Symbol, int], length: int
) -> Iterator[dict[Symbol, int]]:
    """One axis after the other so long, the others short; of many axes, the first."""
    free = [size.symbol for size in program.sizes if size.symbol not in given]
    for long in free[:MOST_LONG]:
        yield {**given, **dict(zip(free, cycle(BESIDE), strict=False)), long: length}
