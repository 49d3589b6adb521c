"""What a derivation shows, as plain data: a page of headings, equations and remarks.

Expressions stay trees, so that each format spells them its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from sympy import Basic

# Words, and expressions among them.
Pieces = tuple[str | Basic, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """left = right, and why; without a left side it goes on from the row above. Where it `adds`
    it is a step of a loop, left += right."""

    left: Basic | None
    right: Basic
    why: tuple[Pieces, ...] = ()
    adds: bool = False


@dataclass(frozen=True, slots=True)
class Equations:
    """Rows that belong together."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows: words, and what they are about."""

    words: str
    about: Basic | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """A paragraph, in pieces of words and expressions."""

    pieces: Pieces


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines of program text, as they are to be copied."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Which tensors each one is made of."""

    arrows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of a table is of, and how its values are shown: as words, or as a number, an
    error, bytes, or a share of one, which stand on the right."""

    title: str
    kind: str = "words"

    @property
    def is_figure(self) -> bool:
        return self.kind != "words"


@dataclass(frozen=True, slots=True)
class Numbers:
    """An array as plain data: how many entries along each axis, and all of them, the last axis
    moving fastest."""

    shape: tuple[int, ...]
    entries: tuple[float, ...]


# What a table has in a place.
Cell: TypeAlias = str | Basic | Pieces | Numbers | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain values; None is nothing. `name` is what a machine calls it."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class GateRow:
    """left = right, its value forward, its gradient backward, and the rule by which it hands the
    gradient on; an input has no right side, and what has no name no left one. `unsummed` are free
    indices that could be taken for summed ones."""

    left: Basic | None
    right: Basic | None
    forward: Numbers
    backward: Numbers | None
    rule: str | None = None
    unsummed: tuple[Basic, ...] = ()

    @property
    def gate(self) -> Pieces:
        sides = [side for side in (self.left, self.right) if side is not None]
        equation = (sides[0], " = ", sides[1]) if len(sides) > 1 else (sides[0],)
        return (*equation, *self.note)

    @property
    def note(self) -> Pieces:
        letters = [piece for index in self.unsummed for piece in (", ", index)][1:]
        return ("  (no sum ", *letters, ")") if letters else ()


@dataclass(frozen=True, slots=True)
class Gates:
    """A function as gates, from its inputs to its outputs."""

    rows: tuple[GateRow, ...]

    @property
    def table(self) -> Table:
        arrays = any(row.forward.shape for row in self.rows)
        kind = "words" if arrays else "number"
        columns = Column("gate"), Column("forward", kind), Column("backward", kind), Column("rule")
        rows = ((row.gate, row.forward, row.backward, row.rule) for row in self.rows)
        return Table("gates", columns, tuple(rows))


# From here on a number is not written in full.
LONGEST = 10**15
UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")


def figure(value: float, kind: str) -> str:
    """A value as its column shows it."""
    if kind == "error":
        return f"{value:.1e}"
    if kind == "share":
        return f"{100 * value:.3g}%"
    return binary(int(value)) if kind == "bytes" else grouped(value)


def grouped(value: float) -> str:
    """A number with its thousands apart; in powers of ten where that would be too long."""
    return f"{value:,}" if abs(value) < LONGEST else _in_powers(value)


def _in_powers(value: float) -> str:
    return f"{Decimal(value):.2e}".replace("e+", "e")


def binary(count: int) -> str:
    """Bytes in binary units and three figures: 256 GiB."""
    value, unit = Fraction(count), 0
    while value >= (999.5 if unit else 1024) and unit < len(UNITS) - 1:
        value /= 1024
        unit += 1
    if value >= 10_000:
        return f"{_in_powers(int(value))} {UNITS[unit]}"
    places = 0 if unit == 0 or value >= 99.95 else 1 if value >= 9.995 else 2
    shown = f"{float(value):,.{places}f}"
    return f"{shown.rstrip('0').rstrip('.') if places else shown} {UNITS[unit]}"


def told_apart(rows: Iterable[Row], spell: Callable[[Basic], str]) -> Iterator[tuple[Row, str]]:
    """The rows with their right sides spelled, without those that look like the row before."""
    before, waiting = "", None
    for row in rows:
        left = row.left if row.left is not None else waiting
        body = spell(row.right)
        waiting = None
        if left is not None and spell(left) == body:
            waiting = left
        elif left is not None or body != before:
            before = body
            yield replace(row, left=left), body


Block = Equations | Heading | Remark | Listing | Graph | Table | Gates


@dataclass(frozen=True, slots=True)
class Page:
    """A whole derivation; `function` is its signature."""

    title: str
    function: Pieces
    description: tuple[str, ...]
    blocks: tuple[Block, ...]

    def __str__(self) -> str:
        from indexcalc.render.text import text  # which is made for pages

        return text(self)
