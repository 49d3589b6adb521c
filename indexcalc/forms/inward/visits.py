"""Entries on their way: which node is asked at which row and column, with which letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count

from indexcalc.errors import Span
from indexcalc.forms.inward.syntax import Node
from indexcalc.lang.sizes import Axis
from indexcalc.lang.syntax import Factor, Letter

# The first letters are those that people number rows and columns by.
_LETTERS = "mnklhdabcefgopqrstuvwxyzij"


class Letters:
    """Letters for indices: an axis has the letter of its size where that is free."""

    def __init__(self, own: Mapping[Axis, str], avoid: Collection[str]) -> None:
        """`avoid` has those of sizes too."""
        self.own = own
        self.avoid = avoid
        self.used: set[str] = set()
        self.others = letters(avoid)

    def fresh(self, axis: Axis, span: Span) -> Letter:
        size = axis.root
        name = self.own[size]
        if name in self.used:
            name = next(other for other in self.others if other not in self.used)
        self.used.add(name)
        return Letter(name, span, size)

    def copy(self) -> Letters:
        """As they are now, for a term of its own."""
        other = Letters(self.own, self.avoid)
        other.used = set(self.used)
        return other


def letters(avoid: Collection[str]) -> Iterator[str]:
    """m, n, k, ..., then m1, n1, ..., but for some."""
    numbers = chain([""], map(str, count(1)))
    every = (f"{letter}{number}" for number in numbers for letter in _LETTERS)
    return (name for name in every if name not in avoid)


@dataclass(slots=True, eq=False)
class Visit:
    """The entry of a node at a row and a column, and those of its parts that it is made of."""

    node: Node
    row: Letter | None
    column: Letter | None
    letters: Letters
    sums: list[Letter] = field(default_factory=list)
    parts: list[Visit] = field(default_factory=list)

    def part(self, node: Node, row: Letter | None, column: Letter | None) -> None:
        self.parts.append(Visit(node, row, column, self.letters))

    def same(self, *nodes: Node) -> None:
        """Parts at the same place; a scalar, and a row or a column beside a matrix, has no more."""
        for node in nodes:
            rows, columns = node.shape
            self.part(node, self.row if rows else None, self.column if columns else None)

    def summed(self, axis: Axis | None) -> Letter | None:
        if axis is None:
            return None
        self.sums.append(self.letters.fresh(axis, self.node.span))
        return self.sums[-1]


@dataclass(slots=True)
class Entry:
    """A product of factors, summed over letters."""

    factors: list[Factor] = field(default_factory=list)
    sums: list[Letter] = field(default_factory=list)
    sign: int = 1

    def times(self, others: Iterable[Entry], sums: Sequence[Letter] = ()) -> Entry:
        """One product of them all, summed over more letters too."""
        self.sums = [*sums, *self.sums] if sums else self.sums
        for other in others:
            self.factors += other.factors
            self.sums += other.sums
            self.sign *= other.sign
        return self


def parts_first(root: Visit) -> list[Visit]:
    order, waiting = [], [root]
    while waiting:
        visit = waiting.pop()
        order.append(visit)
        waiting += visit.parts
    return order[::-1]
