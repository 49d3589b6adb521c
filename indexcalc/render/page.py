"""What a derivation shows, as plain data: a page of headings, equations and remarks.

Expressions stay trees, so that each format spells them its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

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
class Graph:
    """Which tensors each one is made of."""

    arrows: tuple[tuple[str, tuple[str, ...]], ...]


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


Block = Equations | Heading | Remark | Graph


@dataclass(frozen=True, slots=True)
class Page:
    """A whole derivation; `function` is its signature."""

    title: str
    function: Pieces
    description: tuple[str, ...]
    blocks: tuple[Block, ...]
