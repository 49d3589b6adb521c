"""The array operations that a plan is made of, each an equation in the language.

A new kind of operation (a gather, a shifted window, a mask) is a class here, and its spelling in
each target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sympy import Basic, Expr, Integer, Symbol

from indexcalc.expr.base import NOTHING, ONE, Index, children, free_of, postorder
from indexcalc.expr.nodes import Access, Add, Delta, Mul, One, Reduce, Sum
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import Term, flat_product, seen_twice

Lengths: TypeAlias = Mapping[Symbol, int]


@dataclass(frozen=True, slots=True)
class Contraction:
    """left = factor Σ a b, or factor Σ a: over the indices that left lacks."""

    left: Access
    factor: Expr
    operands: tuple[Access, ...]

    @property
    def summed(self) -> tuple[Index, ...]:
        found = (index for operand in self.operands for index in operand.indices)
        return tuple(dict.fromkeys(index for index in found if index not in self.left.free))

    @property
    def right(self) -> Basic:
        parts = seen_twice(self.operands, self.summed)
        body = parts[0] if len(parts) == 1 else Mul(*parts)
        whole = Sum(body, *self.summed)
        return whole if self.factor == 1 else Mul(self.factor, whole)

    @property
    def reads(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(operand.name for operand in self.operands))

    def flops(self, lengths: Lengths) -> int:
        """A multiplication and an addition for each entry of the product."""
        body = volume((*self.left.indices, *self.summed), lengths)
        scaled = 0 if self.factor == 1 else volume(self.left.indices, lengths)
        return len(self.operands) * body + scaled


@dataclass(frozen=True, slots=True)
class Pointwise:
    """left = value, entry by entry: no Σ, and what lacks an index is broadcast over it."""

    left: Access
    value: Basic

    @property
    def right(self) -> Basic:
        return self.value

    @property
    def reads(self) -> tuple[str, ...]:
        found = (node.name for node in postorder(self.value) if isinstance(node, Access))
        return tuple(dict.fromkeys(found))

    def flops(self, lengths: Lengths) -> int:
        """One for each entry of each step, a function counted as one; a broadcast is none."""
        return sum(_steps(node, lengths) for node in postorder(self.value) if children(node))


@dataclass(frozen=True, slots=True)
class Reduction:
    """left = max, min or prod of an operand, over the indices that left lacks."""

    left: Access
    kind: str
    operand: Access

    @property
    def summed(self) -> tuple[Index, ...]:
        found = dict.fromkeys(self.operand.indices)
        return tuple(index for index in found if index not in self.left.free)

    @property
    def right(self) -> Basic:
        return Reduce(self.kind, self.operand, *self.summed)

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.operand.name,)

    def flops(self, lengths: Lengths) -> int:
        return volume(self.operand.indices, lengths)


@dataclass(frozen=True, slots=True)
class Spread:
    """left_ij = δ_ij a_i: what lies on a diagonal, and 0 elsewhere.

    `pairs` are the indices of left made equal, the second of each not in the operand.
    """

    left: Access
    operand: Access
    pairs: tuple[tuple[Index, Index], ...]

    @property
    def right(self) -> Basic:
        return Mul(*(Delta(*pair) for pair in self.pairs), self.operand)

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.operand.name,)

    def flops(self, lengths: Lengths) -> int:
        return 0


Operation: TypeAlias = Contraction | Pointwise | Reduction | Spread


def volume(indices: tuple[Index, ...], lengths: Lengths) -> int:
    """How many entries there are over these indices."""
    count = 1
    for index in dict.fromkeys(indices):
        count *= length(index, lengths)
    return count


def length(index: Index, lengths: Lengths) -> int:
    known = lengths.get(index.size)
    if known is not None:
        return known
    named = {symbol: Integer(lengths[symbol]) for symbol in index.size.free_symbols}
    return int(index.size.xreplace(named))


def _steps(node: Basic, lengths: Lengths) -> int:
    parts = [part for part in children(node) if not isinstance(part, One)]
    if isinstance(node, Mul):
        parts = [part for part in parts if part not in (1, -1)]
    shown = free_of(node) if isinstance(node, Add) else NOTHING.union(*map(free_of, parts))
    count = len(parts) - 1 if isinstance(node, Add | Mul) else 1
    return max(count, 0) * volume(tuple(shown), lengths)


def operation(equation: Equation) -> Operation:
    """An equation that is one array operation already, as such."""
    left, right = equation.left, equation.right
    if isinstance(right, Reduce):
        assert isinstance(right.body, Access)
        return Reduction(left, right.kind, right.body)
    (term,) = flat_product(right) if not isinstance(right, Add) else (Term((), (right,)),)
    factors = [part for part in term.factors if isinstance(part, Expr)]
    rest = [part for part in term.factors if not isinstance(part, Expr)]
    if term.bound:
        operands = tuple(part for part in rest if isinstance(part, Access))
        factor: Expr = ONE
        for part in factors:
            factor *= part
        return Contraction(left, factor, operands)
    pairs = tuple((part.args[0], part.args[1]) for part in rest if isinstance(part, Delta))
    if pairs:
        (operand,) = (part for part in rest if isinstance(part, Access))
        return Spread(left, operand, pairs)
    return Pointwise(left, right)
