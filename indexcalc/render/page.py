"""What a derivation shows, as plain data: a page of headings, equations and remarks.

Expressions stay trees, so that each format spells them its own way.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Basic


@dataclass(frozen=True, slots=True)
class Row:
    """left = right, and why; without a left side it goes on from the row above."""

    left: Basic | None
    right: Basic
    why: str = ""


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

    pieces: tuple[str | Basic, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Which tensors each one is made of."""

    arrows: tuple[tuple[str, tuple[str, ...]], ...]


Block = Equations | Heading | Remark | Graph


@dataclass(frozen=True, slots=True)
class Page:
    """A whole derivation."""

    title: str
    summary: str
    blocks: tuple[Block, ...]
