"""Entries that meet in an index, or at the same place, as entries of products."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from indexcalc.calculus.backprop import STEMS
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Mul, Sum
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms
from indexcalc.forms import algebra
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import (
    Matrix,
    Norm,
)
from indexcalc.forms.rules.letters import (
    FEWER,
    TABLE,
    TWO,
    A,
    B,
    entries,
    holding,
    i,
    j,
    n,
    put,
    u,
    v,
)


@rule(
    "Hadamard product",
    "[A]_ij [B]_ij = [A ⊙ B]_ij",
    source=TABLE,
    ends=FEWER,
    example=lambda: Example(
        Mul(Entry(A, i, j), Entry(B, i, j)), Entry(algebra.hadamard(A, B), i, j), ((i, j),)
    ),
)
def hadamard_product(term: Term, indices: tuple[Index, ...], but_one: bool = False) -> Terms | None:
    """A product of entries at the same place, nothing summed, is an entry of A ⊙ B; with `but_one`
    a gradient stays apart, or what comes last."""
    found = [(at, one) for at, one in entries(term) if one.indices == indices]
    if but_one:
        found.remove(_apart(found))
    if len(found) < 2 or not indices:
        return None
    made = algebra.hadamard(*in_order(one.matrix for _, one in found))
    return put(term, [at for at, _ in found], [Entry(made, *indices)])


def _apart(found: Sequence[tuple[int, Entry]]) -> tuple[int, Entry]:
    """What a dot product is with; ones are lost in what they are multiplied by."""
    telling = [pair for pair in found if not algebra.is_ones(pair[1].matrix)] or found
    return next((pair for pair in telling if _rank(pair[1].matrix) == 1), telling[-1])


def in_order(matrices: Iterable[Matrix]) -> list[Matrix]:
    """Factors of ⊙ as they are read: of the program, then gradients, then what is longer."""
    return sorted(matrices, key=_rank)


def _rank(matrix: Matrix) -> int:
    leaf = algebra.leaf(matrix)
    if leaf is None:
        return 2
    return int(leaf.name.startswith(("∂", *STEMS)))


@rule(
    "matrix product",
    "[A]_ij [B]_jk = [A B]_ik,   [A]_ij [v]_j = [A v]_i,   [u]_i [v]_i = uᵀ v",
    source=TABLE,
    ends=FEWER,
    example=lambda: Example(
        Sum(Mul(Entry(A, i, j), Entry(B, j, n)), j),
        Entry(algebra.product(A, B), i, n),
        (j,),
    ),
)
def matrix_product(term: Term, index: Index) -> Terms | None:
    """An index that is summed, last of one entry and first of another, is in a matrix product."""
    found = holding(term, index)
    if index not in term.bound or len(found) != 2:
        return None
    (at, left), (other, right) = found
    if left.indices[-1:] != (index,) or right.indices[:1] != (index,):
        (other, right), (at, left) = found
    if left.indices[-1:] != (index,) or right.indices[:1] != (index,):
        return None
    if left.indices == right.indices:
        if _rank(right.matrix) == 1 and _rank(left.matrix) == 2:
            left, right = right, left
        if left.matrix == right.matrix:
            made = algebra.power(Norm(left.matrix), TWO)
        else:
            made = algebra.product(algebra.transposed(left.matrix), right.matrix)
        return put(term, [at, other], [Entry(made)], index)
    made = algebra.product(left.matrix, right.matrix)
    ends = (*left.indices[:-1], *right.indices[1:])
    return put(term, [at, other], [Entry(made, *ends)], index)


@rule(
    "product with a diagonal",
    "[A]_ij [v]_j [B]_jk = [A diag(v) B]_ik",
    source=TABLE,
    ends=FEWER,
    example=lambda: Example(
        Sum(Mul(Entry(A, i, j), Entry(v, j), Entry(B, j, n)), j),
        Entry(algebra.product(A, algebra.diagonal(v), B), i, n),
        (j,),
    ),
)
def diagonal_product(term: Term, index: Index) -> Terms | None:
    """A vector at the index between two matrices is a diagonal matrix between them."""
    found = holding(term, index)
    vectors = [(at, one) for at, one in found if len(one.indices) == 1]
    edges = [(at, one) for at, one in found if len(one.indices) == 2]
    if index not in term.bound or len(vectors) != 1 or len(edges) != 2:
        return None
    edges.sort(key=lambda edge: edge[1].indices[0] == index)
    (_, left), (_, right) = edges
    if left.indices[1] != index or right.indices[0] != index:
        return None
    middle = algebra.diagonal(vectors[0][1].matrix)
    made = Entry(
        algebra.product(left.matrix, middle, right.matrix), left.indices[0], right.indices[1]
    )
    return put(term, [at for at, _ in found], [made], index)


@rule(
    "outer product",
    "[u]_i [v]_j = [u vᵀ]_ij",
    source=TABLE,
    ends=FEWER,
    example=lambda: Example(
        Mul(Entry(u, i), Entry(v, j)),
        Entry(algebra.product(u, algebra.transposed(v)), i, j),
        ((i, j),),
    ),
)
def outer_product(term: Term, indices: tuple[Index, Index]) -> Terms | None:
    """A vector along the rows and one along the columns are an outer product."""
    found = [(at, one) for at, one in entries(term) if len(one.indices) == 1]
    rows = [one.matrix for _, one in found if one.indices == indices[:1]]
    columns = [one.matrix for _, one in found if one.indices == indices[1:]]
    if len(rows) != 1 or len(columns) != 1:
        return None
    made = algebra.product(rows[0], algebra.transposed(columns[0]))
    places = [at for at, one in found if one.indices in (indices[:1], indices[1:])]
    return put(term, places, [Entry(made, *indices)])


@rule(
    "rows or columns scaled",
    "[u]_i [A]_ij [v]_j = [diag(u) A diag(v)]_ij",
    source=TABLE,
    ends=FEWER,
    example=lambda: Example(
        Mul(Entry(u, i), Entry(A, i, j)),
        Entry(algebra.product(algebra.diagonal(u), A), i, j),
        ((i, j),),
    ),
)
def scaling(term: Term, indices: tuple[Index, Index]) -> Terms | None:
    """A vector along the rows of a matrix scales them, and one along its columns these."""
    row, column = indices
    found = [(at, one) for at, one in entries(term) if set(one.indices) <= set(indices)]
    found = [(at, one) for at, one in found if one.indices]
    edges = [one for _, one in found if one.indices == indices]
    if len(edges) != 1 or not 2 <= len(found) <= 3:
        return None
    parts = [one.matrix for _, one in found if one.indices == (row,)]
    before = [algebra.diagonal(part) for part in parts]
    after = [algebra.diagonal(one.matrix) for _, one in found if one.indices == (column,)]
    made = algebra.product(*before, edges[0].matrix, *after)
    return put(term, [at for at, _ in found], [Entry(made, *indices)])
