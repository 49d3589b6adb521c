"""Differences from a mean that keep their digits where the mean is large.

In the dtype of x the mean m is rounded, by half a unit in the last place of m: with a mean of 1e4
in float32 that is 5e-4 of a deviation of 1, the same for all entries. So the mean of x - m, which
is that rounding, is taken away as well: (x - m) - mean(x - m). In exact arithmetic it is 0, so the
gradients are those of x - m. The same goes for multiples of x - m, however the mean is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Basic, Expr

from indexcalc.codegen.operations import Contraction, Operation, Pointwise
from indexcalc.codegen.part_names import Namer
from indexcalc.codegen.rewrites import Rewrite
from indexcalc.expr.base import ONE, Index
from indexcalc.expr.nodes import Access, Add, One
from indexcalc.expr.normal import multiplied
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import Term, flat, tree

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
        kept = deviation(one.right, made) if isinstance(one, Pointwise) else None
        if kept is None:
            found.append(one)
            continue
        rough = Access(namer.part(f"{one.left.name}_rough"), *one.left.indices)
        left = Access(namer.part(f"mean_{one.left.name}"), *(i for i in rough.indices if i in kept))
        share = multiplied(1 / index.size for index in rough.indices if index not in kept)
        found += [Pointwise(rough, one.right), Contraction(left, share, (rough,))]
        found.append(Pointwise(one.left, _minus(rough, left, rough.indices)))
        again[one.left.name] = Pointwise(one.left, _minus(one.right, left, rough.indices))
        before, after = Equation(one.left, one.right), Equation(one.left, found[-1].right)
        rewrites.append(Rewrite(*LAW, before, after))
    return Centred(tuple(found), again, tuple(rewrites))


def _minus(value: Basic, mean: Access, indices: Sequence[Index]) -> Basic:
    """value - mean, the mean last."""
    terms = (*flat(value), Term((), (-ONE, mean)))
    return tree(terms, indices, hoist=True)


def deviation(value: Basic, made: Mapping[str, Operation]) -> tuple[Index, ...] | None:
    """The indices of the mean m, if a value is a multiple of x - m: m - x, x - s/H with a sum s."""
    terms = flat(value) if isinstance(value, Add) else ()
    parts = [part for part in map(_multiple, terms) if part is not None]
    if len(terms) != 2 or len(parts) != 2:
        return None
    for (number, whole), (share, total) in (parts, parts[::-1]):
        found = _sum(share, total, made)
        if found is None or found[1].name != whole.name or len(whole.free) < len(whole.indices):
            continue
        share, operand, letters = found
        axes = list(zip(whole.indices, operand.indices, strict=True))
        sizes = [index.size for index, own in axes if own not in letters]
        kept = tuple(index for index, own in axes if own in letters)
        same = all(letters.get(own, index) == index for index, own in axes)
        if same and multiplied((share, *sizes)) == -number:
            return kept
    return None


def _multiple(term: Term) -> tuple[Expr, Access] | None:
    """The number and the name, if a term is that."""
    numbers = [part for part in term.factors if isinstance(part, Expr)]
    rest = [part for part in term.factors if not isinstance(part, Expr | One)]
    if term.bound or len(rest) != 1 or not isinstance(rest[0], Access):
        return None
    return multiplied(numbers), rest[0]


def _sum(
    number: Expr, access: Access, made: Mapping[str, Operation]
) -> tuple[Expr, Access, dict[Index, Index]] | None:
    """The number, the operand and the letters here of those that stay, if a name is a multiple of
    the sum of something; what it is a multiple of may have a name."""
    one = made.get(access.name)
    if one is None:
        return None
    letters = dict(zip(one.left.indices, access.indices, strict=True))
    if isinstance(one, Pointwise):
        terms = flat(one.value)
        inner = _multiple(terms[0]) if len(terms) == 1 else None
        if inner is None or inner[1].free != one.left.free:
            return None
        moved = Access(inner[1].name, *(letters[index] for index in inner[1].indices))
        return _sum(multiplied((number, inner[0])), moved, made)
    if not isinstance(one, Contraction) or len(one.operands) != 1:
        return None
    (operand,) = one.operands
    if len(operand.free) < len(operand.indices):
        return None
    return multiplied((number, one.factor)), operand, letters
