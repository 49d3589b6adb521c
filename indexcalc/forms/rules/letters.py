"""Letters and matrices for the examples of the rules, and entries among the factors of a term."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Basic

from indexcalc.expr.base import ONE, Index, size_symbol
from indexcalc.expr.terms import Term, Terms
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import Named

TABLE = "001, matrix expressions using index notation"
FEWER = "a factor or an index goes"
# One size for all letters of the examples.
N = size_symbol("N")
TWO = ONE + ONE
i, j, n = (Index(letter, N) for letter in "ijn")
A, B = (Named(face.lower(), face, N, N) for face in "AB")
u, v = (Named(name, name, N, ONE) for name in "uv")


def entries(term: Term) -> list[tuple[int, Entry]]:
    """The places of entries among the factors."""
    return [(at, one) for at, one in enumerate(term.factors) if isinstance(one, Entry)]


def put(term: Term, gone: Sequence[int], new: Sequence[Basic], *unbound: Index) -> Terms:
    """The term with factors in place of others, at the first of these."""
    kept: list[Basic] = []
    for at, factor in enumerate(term.factors):
        if at == min(gone):
            kept += new
        if at not in gone:
            kept.append(factor)
    return (Term(tuple(index for index in term.bound if index not in unbound), tuple(kept)),)


def holding(term: Term, index: Index) -> list[tuple[int, Entry]]:
    return [(at, one) for at, one in entries(term) if index in one.indices]
