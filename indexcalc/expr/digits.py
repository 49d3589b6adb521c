"""Several indices fused into one, and taken apart again: s = i + I j, i = s % I, j = s ÷ I.

A fused index is an index like others, as long as all of them together. Each of the indices in it is
a digit of it, and the delta of an index and a digit is the index map by which tensors are unfolded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, TypeAlias

from sympy import Basic, Expr

from indexcalc.expr.base import ONE, Index
from indexcalc.expr.nodes import Delta, Spelled

if TYPE_CHECKING:
    from indexcalc.expr.styles import Piece, Style

# Which of the fused indices runs fastest: the first, as down a column, or the last.
BY = ("column", "row")


class Digit(Basic):
    """s ÷ step % size"""

    __slots__ = ()

    def __new__(cls, whole: Index, step: Expr, size: Expr) -> Digit:
        digit: Digit = Basic.__new__(cls, whole, step, size)
        return digit

    @property
    def whole(self) -> Index:
        whole: Index = self.args[0]
        return whole

    @property
    def step(self) -> Expr:
        return self.args[1]

    @property
    def size(self) -> Expr:
        return self.args[2]

    @property
    def is_last(self) -> bool:
        """Whether no other digit is above it."""
        return bool(self.step * self.size == self.whole.size)


# Where an entry of a matrix is.
Place: TypeAlias = Index | Digit


def digit(whole: Index, step: Expr, size: Expr) -> Place:
    """A digit; the index itself where there is no other."""
    return whole if size == whole.size else Digit(whole, step, size)


def digits(whole: Index, sizes: Sequence[Expr], by: str) -> list[Place]:
    """What indices of these sizes are in their fused index, in the same order."""
    made: list[Place] = []
    step = ONE
    for size in sizes if by == "column" else reversed(sizes):
        made.append(digit(whole, step, size))
        step = step * size
    return made if by == "column" else made[::-1]


def fused(name: str, sizes: Sequence[Expr]) -> Index:
    """The index that indices of these sizes are fused into."""
    return Index(name, prod(sizes, start=ONE))


def joined(above: Place, below: Place) -> Place | None:
    """Two digits as one, where they are next to each other."""
    if not isinstance(above, Digit) or not isinstance(below, Digit):
        return None
    if above.whole != below.whole or above.step != below.step * below.size:
        return None
    return digit(above.whole, below.step, above.size * below.size)


def whole_of(place: Place) -> Index:
    """The index that a place is a digit of, or is."""
    return place.whole if isinstance(place, Digit) else place


def moved(place: Place, mapping: Mapping[Index, Index]) -> Place:
    """The same place of another index."""
    if isinstance(place, Digit):
        return Digit(mapping.get(place.whole, place.whole), place.step, place.size)
    return mapping.get(place, place)


class DigitDelta(Spelled):
    """δ_{i, s % I}: 1 where the index is that digit of the other, and 0 elsewhere."""

    __slots__ = ()

    def __new__(cls, index: Index, place: Digit) -> DigitDelta:
        if index.size != place.size:
            raise ValueError(f"delta over two sizes: {index.size} and {place.size}")
        node: DigitDelta = cls._make((index, place), frozenset((index, place.whole)))
        return node

    @property
    def index(self) -> Index:
        index: Index = self.args[0]
        return index

    @property
    def digit(self) -> Digit:
        digit: Digit = self.args[1]
        return digit

    @property
    def shown(self) -> tuple[Index, ...]:
        return (self.index, self.digit.whole)

    def over(self, parts: tuple[Basic, ...], mapping: Mapping[Index, Index]) -> Basic:
        place = moved(self.digit, mapping)
        assert isinstance(place, Digit)
        return DigitDelta(mapping.get(self.index, self.index), place)

    def piece(self, style: Style, parts: list[Piece]) -> Piece:
        return style.delta_of((self.index, self.digit))


def maps(indices: Sequence[Index], whole: Index, by: str) -> list[Basic]:
    """Deltas that are all 1 where the indices are fused into the whole one."""
    places = digits(whole, [index.size for index in indices], by)
    pairs = zip(indices, places, strict=True)
    return [
        DigitDelta(index, place) if isinstance(place, Digit) else Delta(index, place)
        for index, place in pairs
    ]


class Fusion(Spelled):
    """i + I j: the fused index of others, or of digits, each times its step."""

    __slots__ = ()

    def __new__(cls, *args: Place | Expr) -> Fusion:
        """Places and steps in turn."""
        node: Fusion = cls._make(args, frozenset(map(whole_of, args[::2])))
        return node

    def piece(self, style: Style, parts: list[Piece]) -> Piece:
        return style.fused(list(zip(self.args[::2], self.args[1::2], strict=True)))


def fusion(places: Sequence[Place], by: str) -> Fusion:
    """What an index is that these are fused into."""
    pairs: list[Place | Expr] = []
    step = ONE
    for place in places if by == "column" else reversed(places):
        pairs += (place, step)
        step = step * place.size
    return Fusion(*pairs)
