"""Broadcasting: a term is completed to the indices that it lacks, by a one-tensor."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Basic, Expr

from indexcalc.expr.base import ONE, Index, free_of
from indexcalc.expr.nodes import Mul, One, Sum


def completed(term: Basic, indices: Iterable[Index]) -> Basic:
    """a_i ⟹ 1_j a_i, the one-tensor after a leading number and inside a Σ."""
    free = free_of(term)
    missing = [index for index in indices if index not in free]
    if not missing:
        return term
    if isinstance(term, Sum) and not set(missing) & set(term.indices):
        return Sum(completed(term.body, missing), *term.indices)
    one = One(*missing)
    if isinstance(term, Expr):
        return one if term == ONE else Mul(term, one)
    if not isinstance(term, Mul):
        return Mul(one, term)
    if isinstance(term.args[0], Expr):
        return Mul(term.args[0], one, *term.args[1:])
    return Mul(one, *term.args)
