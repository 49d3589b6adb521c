"""Expressions entry by entry: numerals for letters, sums written as +, deltas as 1 or 0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod

import sympy
from sympy import Basic, Expr, Symbol
from sympy.core.symbol import Str

from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import (
    NOTHING,
    ONE,
    ZERO,
    Index,
    children,
    free_of,
    is_exact,
    label_of,
    postorder,
)
from indexcalc.expr.nodes import Access, Add, Apply, Binder, Delta, Mul, One, Pow
from indexcalc.expr.printing import spell

# As long as constants of the language may be: 10,000 digits.
MOST_BITS = 33_220

Lengths = Mapping[Symbol, int]
# Which entry is meant: a number from 1 on for each index.
Place = Mapping[Index, int]


class Entry(Access):
    """x_12: one entry of a tensor, its indices numerals; it is open in nothing."""

    __slots__ = ()

    def __new__(cls, name: str | Str, *numerals: Index) -> Entry:
        node: Entry = cls._make((label_of(name), *numerals), NOTHING)
        return node

    @classmethod
    def of(cls, access: Access, place: Place) -> Access:
        """The entry of a tensor at a place; what has no indices is its own."""
        numerals = [Index(str(place[index])) for index in access.indices]
        return cls(access.name, *numerals) if numerals else access


def places(indices: Sequence[Index], lengths: Lengths) -> Iterator[Place]:
    """Every place of a tensor in order, the last index moving fastest."""
    counts = [length(index, lengths) for index in indices]
    for number in range(prod(counts)):
        numerals: list[int] = []
        for count in reversed(counts):
            number, digit = divmod(number, count)
            numerals.append(digit + 1)
        yield dict(zip(indices, reversed(numerals), strict=True))


def length(index: Index, lengths: Lengths) -> int:
    """How many numerals it stands for."""
    return int(_number(index.size, lengths))


def parts_written(expr: Basic, lengths: Lengths) -> int:
    """How many entries and numbers one entry of an expression is made of, at most."""
    count: dict[int, int] = {}
    for node in postorder(expr):
        inside = sum(count[id(part)] for part in children(node)) or 1
        times = [length(i, lengths) for i in node.indices] if isinstance(node, Binder) else []
        count[id(node)] = inside * prod(times)
    return count[id(expr)]


class WrittenOut:
    """The entries of one expression; parts that several have are made once."""

    def __init__(self, expr: Basic, lengths: Lengths) -> None:
        self.expr = expr
        self.lengths = lengths
        self.made: dict[tuple[int, tuple[int, ...]], Basic] = {}

    def at(self, place: Place) -> Basic:
        """The expression with the numerals of a place for its free indices."""
        waiting = [(self.expr, place)]
        while waiting:
            node, here = waiting[-1]
            if _key(node, here) in self.made:
                waiting.pop()
                continue
            needed = list(self.inside(node, here))
            missing = [one for one in needed if _key(*one) not in self.made]
            if missing:
                waiting += missing
            else:
                parts = [self.made[_key(*one)] for one in needed]
                self.made[_key(node, here)] = self.written(node, here, parts)
        return self.made[_key(self.expr, place)]

    def inside(self, node: Basic, place: Place) -> Iterator[tuple[Basic, Place]]:
        """The parts with their places; the body of a Σ at each place that it goes over."""
        if not isinstance(node, Binder):
            yield from ((part, place) for part in children(node))
            return
        over = [range(1, length(index, self.lengths) + 1) for index in node.indices]
        for numerals in product(*over):
            yield node.body, {**place, **dict(zip(node.indices, numerals, strict=True))}

    def written(self, node: Basic, place: Place, parts: list[Basic]) -> Basic:
        if isinstance(node, Access):
            return Entry.of(node, place)
        if isinstance(node, One):
            return ONE
        if isinstance(node, Delta):
            first, second = node.indices
            return ONE if place[first] == place[second] else ZERO
        if isinstance(node, Add):
            return _sum(parts)
        if isinstance(node, Mul):
            return _product(parts)
        if isinstance(node, Pow):
            return _power(*parts)
        if isinstance(node, Apply):
            return Apply(node.name, *parts)
        if isinstance(node, Binder):
            return _reduced(node.kind, parts)
        if isinstance(node, Expr):
            return _number(node, self.lengths)
        raise TypeError(f"{type(node).__name__} is not written out")


def _key(node: Basic, place: Place) -> tuple[int, tuple[int, ...]]:
    free = sorted(free_of(node), key=lambda index: index.name)
    return id(node), tuple(place[index] for index in free)


def _number(scalar: Expr, lengths: Lengths) -> Expr:
    """With lengths for its sizes."""
    value = _at(scalar, lengths)
    if not is_exact(value):
        said = f"{spell(scalar, 'unicode')} is no real number at these sizes"
        raise IndexcalcError("IC109", said, hint="give other ones: --sizes b=3,h=5")
    return value


def _at(scalar: Expr, lengths: Lengths) -> Expr:
    if scalar in lengths:
        return sympy.Integer(lengths[scalar])
    if not scalar.args:
        return scalar
    parts = [_at(part, lengths) for part in scalar.args]
    if isinstance(scalar, sympy.Pow) and _bits(*parts) > MOST_BITS:
        said = f"{spell(scalar, 'unicode')} has too many digits at these sizes"
        raise IndexcalcError("IC107", said, hint="give smaller ones: --sizes b=3,h=5")
    value: Expr = scalar.func(*parts)
    return value


def _bits(base: Expr, exponent: Expr) -> int:
    """About how long a power of numbers is, before it is worked out."""
    if not (base.is_Rational and exponent.is_Rational):
        return 0
    return int((max(abs(base.p), base.q).bit_length() - 1) * abs(exponent))


def _reduced(kind: str, parts: list[Basic]) -> Basic:
    """a + b, a b, or max(a, b)"""
    if kind == "sum":
        return _sum(parts)
    if kind == "prod":
        return _product(parts)
    return Apply(kind, *parts) if len(parts) > 1 else parts[0]


def _sum(terms: Iterable[Basic]) -> Basic:
    """Without zeros, in one row."""
    row: list[Basic] = []
    for term in terms:
        row += term.args if isinstance(term, Add) else [term] if term != ZERO else []
    if all(isinstance(term, Expr) for term in row):
        return sympy.Add(*row)
    return Add(*row) if len(row) > 1 else row[0]


def _product(factors: Sequence[Basic]) -> Basic:
    """Without ones, and 0 where a factor is; a number inside keeps its place."""
    if ZERO in factors:
        return ZERO
    row: list[Basic] = []
    for factor in factors:
        flat = isinstance(factor, Mul) and not isinstance(factor.args[0], Expr)
        row += factor.args if flat else [factor] if factor != ONE else []
    if all(isinstance(factor, Expr) for factor in row):
        return sympy.Mul(*row)
    return Mul(*row) if len(row) > 1 else row[0]


def _power(base: Basic, exponent: Basic) -> Basic:
    if exponent == ONE or base == ONE:
        return base
    if exponent == ZERO:
        return ONE
    if not (isinstance(base, Expr) and isinstance(exponent, Expr)):
        return Pow(base, exponent)
    value = base**exponent
    if not is_exact(value):
        said = f"an entry has {base}^{exponent} in it, which is no real number"
        hint = "leave out --write-out: the derivation itself names no entries"
        raise IndexcalcError("IC109", said, hint=hint)
    return value
