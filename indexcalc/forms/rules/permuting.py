"""Rows and columns for the components of a tensor in the order of another unfolding."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Basic

from indexcalc.expr.base import ONE, Index
from indexcalc.expr.digits import fused, maps
from indexcalc.expr.nodes import Mul, Sum
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms
from indexcalc.forms import algebra
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import Named
from indexcalc.forms.rules.letters import entries
from indexcalc.forms.tensors import Core, Permutation, Tensor, order

# Letters of different sizes for the examples.
_i, _j, _k, _l = (Index(letter) for letter in "ijkl")
_I, _J, _K, _L = (index.size for index in (_i, _j, _k, _l))
_X = Core("x", "X", _I, _J, _K)
_t, _w = (fused(letter, [_I, _J, _K]) for letter in "tw")
# A column as long as vec(X), and a matrix with so many columns.
_TALL = Named("u", "u", _I * _J * _K, ONE)
_WIDE = Named("m", "M", _L, _I * _J * _K)


@rule(
    "permutation of rows",
    "Σ_t [A]_tr = [Pᵀ A]_sr over the t for the component that s is for; vec(X₍₂₎) = P vec(X)",
    source="000, Eqs. 20 and 21, where the transpose is missing",
    ends="deltas of digits go",
    example=lambda: Example(
        Sum(
            Mul(*same_component((_i, _j, _k), (_t, 0), (_w, 1), by="column"), Entry(_TALL, _w)),
            *(_i, _j, _k, _w),
        ),
        Entry(algebra.product(algebra.transposed(Permutation(_X, 1, 0, "column")), _TALL), _t),
        (_X, (_i, _j, _k), 1, 0, "column", "P"),
    ),
)
def permutation_of_rows(
    term: Term, tensor: Tensor, indices: Sequence[Index], of: int, to: int, by: str, letter: str
) -> Terms | None:
    """Rows for the components of a tensor, as one unfolding has them, in the order of another."""
    found = _reordered(term, 0, indices, of, to, by)
    if found is None:
        return None
    one, row = found
    turned = algebra.transposed(Permutation(tensor, of, to, by, letter))
    made = Entry(algebra.product(turned, one.matrix), row, *one.indices[1:])
    return (Term((), (made,)),)


@rule(
    "permutation of columns",
    "Σ_t [A]_st = [A P]_sr over the t for the component that r is for; vec(X₍₂₎) = P vec(X)",
    source="000, Eq. 21",
    ends="deltas of digits go",
    example=lambda: Example(
        Sum(
            Mul(*same_component((_i, _j, _k), (_t, 0), (_w, 1), by="column"), Entry(_WIDE, _l, _w)),
            *(_i, _j, _k, _w),
        ),
        Entry(algebra.product(_WIDE, Permutation(_X, 1, 0, "column")), _l, _t),
        (_X, (_i, _j, _k), 1, 0, "column", "P"),
    ),
)
def permutation_of_columns(
    term: Term, tensor: Tensor, indices: Sequence[Index], of: int, to: int, by: str, letter: str
) -> Terms | None:
    """Columns for the components of a tensor, as one unfolding has them, in another order."""
    found = _reordered(term, -1, indices, of, to, by)
    if found is None:
        return None
    one, column = found
    made = algebra.product(one.matrix, Permutation(tensor, of, to, by, letter))
    return (Term((), (Entry(made, *one.indices[:-1], column),)),)


def _reordered(
    term: Term, side: int, indices: Sequence[Index], of: int, to: int, by: str
) -> tuple[Entry, Index] | None:
    """The only entry of a term, and what stands for its row, or column, in another order."""
    found = entries(term)
    if len(found) != 1 or not found[0][1].indices:
        return None
    ((_, one),) = found
    before = one.indices[side]
    if not isinstance(before, Index) or set(term.bound) - set(indices) != {before}:
        return None
    deltas = [factor for factor in term.factors if factor is not one]
    others = {x for factor in deltas for x in factor.free} - {before, *indices}
    if len(others) != 1:
        return None
    (after,) = others
    alike = same_component(indices, (after, to), (before, of), by=by)
    return (one, after) if set(deltas) == set(alike) else None


def same_component(indices: Sequence[Index], *rows: tuple[Index, int], by: str) -> list[Basic]:
    """Deltas that are all 1 where rows of unfoldings, along these axes, are for the same
    component."""
    made: list[Basic] = []
    for whole, axis in rows:
        made += maps([indices[other] for other in order(len(indices), axis)], whole, by)
    return made
