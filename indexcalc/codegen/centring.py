"""Differences from a mean that keep their digits where the mean is large.

In the dtype of x the mean m is rounded, by half a unit in the last place of m: with a mean of 1e4
in float32 that is 5e-4 of a deviation of 1, the same for all entries. So the mean of x - m, which
is that rounding, is taken away as well: (x - m) - mean(x - m). In exact arithmetic it is 0, so the
gradients are those of x - m.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Basic

from indexcalc.codegen.operations import Contraction, Operation, Pointwise
from indexcalc.codegen.part_names import Namer
from indexcalc.codegen.rewrites import Rewrite
from indexcalc.expr.base import ONE, Index
from indexcalc.expr.nodes import Access, Add
from indexcalc.expr.normal import multiplied
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import Term, coefficient, flat, tree

LAW = ("the rounding of a mean taken out", "x - m = (x - m) - mean(x - m), m = mean x")


@dataclass(frozen=True, slots=True)
class Centred:
    """Operations with such differences, how these are computed again from what is saved, and what
    was rewritten."""

    operations: tuple[Operation, ...]
    again: dict[str, Operation]
    rewrites: tuple[Rewrite, ...]


def centred(operations: Sequence[Operation], namer: Namer) -> Centred:
    made = {one.left.name: one for one in operations}
    found: list[Operation] = []
    again: dict[str, Operation] = {}
    rewrites: list[Rewrite] = []
    for one in operations:
        mean = deviation(one.right, made) if isinstance(one, Pointwise) else None
        if mean is None:
            found.append(one)
            continue
        rough = Access(namer.part(f"{one.left.name}_rough"), *one.left.indices)
        kept = tuple(index for index in rough.indices if index in mean.left.free)
        left = Access(namer.part(f"mean_{one.left.name}"), *kept)
        found += [Pointwise(rough, one.right), Contraction(left, mean.factor, (rough,))]
        found.append(Pointwise(one.left, _minus(rough, left)))
        again[one.left.name] = Pointwise(one.left, _minus(one.right, left))
        before, after = Equation(one.left, one.right), Equation(one.left, found[-1].right)
        rewrites.append(Rewrite(*LAW, before, after))
    return Centred(tuple(found), again, tuple(rewrites))


def _minus(value: Basic, mean: Access) -> Basic:
    """value - mean, the mean last."""
    indices = tuple(_order(value))
    terms = (*flat(value), Term((), (-ONE, mean)))
    return tree(terms, indices, hoist=True)


def _order(value: Basic) -> Sequence[Index]:
    access = value if isinstance(value, Access) else value.args[0]
    assert isinstance(access, Access)
    return access.indices


def deviation(value: Basic, made: Mapping[str, Operation]) -> Contraction | None:
    """The mean m, in the letters it has here, if a value is x - m."""
    if not isinstance(value, Add) or len(value.args) != 2:
        return None
    whole, taken = value.args[0], flat(value.args[1])
    if not isinstance(whole, Access) or len(taken) != 1:
        return None
    number, rest = coefficient(taken[0])
    rest = tuple(part for part in rest if isinstance(part, Access))
    if number != -1 or len(rest) != 1:
        return None
    mean = made.get(rest[0].name)
    if not isinstance(mean, Contraction) or len(mean.operands) != 1:
        return None
    if mean.factor != multiplied(1 / index.size for index in mean.summed):
        return None
    (operand,) = mean.operands
    if operand.name != whole.name or len(set(operand.indices)) < len(operand.indices):
        return None
    places = (operand.indices.index(index) for index in mean.left.indices)
    if any(whole.indices[at] != i for at, i in zip(places, rest[0].indices, strict=True)):
        return None
    return Contraction(rest[0], mean.factor, mean.operands)
