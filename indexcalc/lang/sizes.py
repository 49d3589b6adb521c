"""Axis sizes: unified over every use of a tensor, named by the signature or by first letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sympy import Symbol

from indexcalc.errors import IndexcalcError, Span
from indexcalc.expr.base import size_symbol
from indexcalc.expr.program import Size
from indexcalc.lang.syntax import Letter


@dataclass(slots=True, eq=False)
class Axis:
    """One axis of a tensor or one binding of an index: an element of the union-find."""

    letter: Letter
    declared: bool = False
    tensor: str = ""
    position: int = 0
    is_input: bool = False
    parent: Axis | None = None
    # Of a class, kept at its root:
    members: list[Axis] = field(default_factory=list)
    signature: Axis | None = None
    symbol: Symbol | None = None

    def __post_init__(self) -> None:
        self.members.append(self)
        if self.declared:
            self.signature = self

    @property
    def words(self) -> str:
        return f"axis {self.position + 1} of {self.tensor}"

    @property
    def root(self) -> Axis:
        axis = self
        while axis.parent is not None:
            if axis.parent.parent is not None:
                axis.parent = axis.parent.parent
            axis = axis.parent
        return axis


@dataclass(slots=True, eq=False)
class Binding:
    """One meaning of an index letter: free, summed at one product, or bound by a binder.

    The axis has the letter as written; the name that is printed differs where a binder reuses one.
    """

    name: str
    axis: Axis
    sized: tuple[Axis, Span] | None = None  # what gave it a declared size, and where


def tie(axis: Axis, binding: Binding, place: Span) -> None:
    """An access uses the axis with this index: one size, or a conflict between two letters."""
    first, second = axis.root, binding.axis.root
    ours, theirs = first.signature, second.signature
    if ours is not None and theirs is not None and ours.letter.name != theirs.letter.name:
        letter = binding.axis.letter.name
        before, there = binding.sized or (theirs, theirs.letter.span)
        raise IndexcalcError(
            "IC501",
            f"{letter} has the size {_size(ours)} on {axis.words}, and the size {_size(theirs)} "
            f"on {before.words}",
            hint=f"use another index than {letter}, or declare both with one letter if equal",
            spans=[place, there],
        )
    if ours is not None and binding.sized is None:
        binding.sized = axis, place
    unite(first, second)


def _size(declared: Axis) -> str:
    return declared.letter.name.upper()


def unite(first: Axis, second: Axis) -> None:
    """One class for both."""
    first, second = first.root, second.root
    if first is second:
        return
    if len(first.members) < len(second.members):
        first, second = second, first
    second.parent = first
    first.members += second.members
    declared = [s for s in (first.signature, second.signature) if s is not None]
    first.signature = min(declared, key=lambda axis: axis.letter.span.start) if declared else None


def name_sizes(axes: Iterable[Axis], taken: Collection[str]) -> list[Size]:
    """A symbol for every class, in order of first appearance."""
    roots = list({id(axis.root): axis.root for axis in axes}.values())
    for root in roots:
        root.members.sort(key=lambda axis: axis.letter.span.start)
    roots.sort(key=lambda root: (root.signature is None, root.members[0].letter.span.start))
    used, last = set(taken), dict[str, int]()
    return [_named(root, used, last) for root in roots]


def _named(root: Axis, used: set[str], last: dict[str, int]) -> Size:
    """The size after its letter; `last` has the number that each letter has come to."""
    stem = (root.signature or root.members[0]).letter.name.upper()
    number = last.get(stem, 0) + 1
    while (name := f"{stem}{number}" if number > 1 else stem) in used:
        number += 1
    used.add(name)
    last[stem] = number
    root.symbol = size_symbol(name)
    return Size(
        root.symbol,
        tuple((axis.tensor, axis.position) for axis in root.members if axis.tensor),
        tuple(dict.fromkeys(axis.letter.name for axis in root.members)),
        any(axis.is_input for axis in root.members),
    )
