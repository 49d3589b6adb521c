"""Sums of all entries: traces, Frobenius products, norms."""

from __future__ import annotations

from indexcalc.expr.base import ONE, Index
from indexcalc.expr.nodes import Mul, Sum
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms
from indexcalc.forms import algebra
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import (
    Hadamard,
    Inner,
    Matrix,
    Norm,
    Ones,
    Power,
    Product,
    Trace,
)
from indexcalc.forms.rules.letters import (
    FEWER,
    TABLE,
    TWO,
    A,
    B,
    N,
    entries,
    holding,
    i,
    j,
    put,
)
from indexcalc.forms.rules.products import in_order


@rule(
    "trace",
    "[A]_ii = tr(A)",
    source=TABLE,
    ends=FEWER,
    example=lambda: Example(Sum(Entry(A, i, i), i), Entry(Trace(A)), (i,)),
)
def trace(term: Term, index: Index) -> Terms | None:
    """The sum of a diagonal is the trace."""
    found = holding(term, index)
    if index not in term.bound or len(found) != 1 or found[0][1].indices != (index, index):
        return None
    ((at, one),) = found
    return put(term, [at], [Entry(algebra.trace(one.matrix))], index)


@rule(
    "Frobenius product",
    "[A]_ij [B]_ij = A : B,   [A]_ij [A]_ij = ‖A‖²",
    source="003, the Frobenius product as a sum of products of entries",
    ends=FEWER,
    example=lambda: Example(
        Sum(Mul(Entry(A, i, j), Entry(B, i, j)), i, j), Entry(Inner(A, B)), ((i, j),)
    ),
)
def frobenius_product(term: Term, indices: tuple[Index, ...]) -> Terms | None:
    """A product of entries at the same place, summed over both indices, is A : B."""
    found = [(at, one) for at, one in entries(term) if one.indices == indices]
    held = {at for index in indices for at, _ in holding(term, index)}
    if len(found) < 2 or len(indices) != 2 or held != {at for at, _ in found}:
        return None
    if not set(indices) <= set(term.bound):
        return None
    *first, last = in_order(one.matrix for _, one in found)
    one = first[0] if len(first) == 1 else algebra.hadamard(*first)
    made = algebra.power(Norm(one), TWO) if one == last else algebra.inner(one, last)
    return put(term, [at for at, _ in found], [Entry(made)], *indices)


@rule(
    "squares",
    "𝟏ᵀ A^⊙2 𝟏 = ‖A‖²,   𝟏ᵀ (A ⊙ B) 𝟏 = A : B",
    source="003, the Frobenius product as a sum of products of entries",
    ends=FEWER,
    example=lambda: Example(
        Entry(algebra.product(algebra.transposed(Ones(N)), algebra.power(A, TWO), Ones(N))),
        Entry(algebra.power(Norm(A), TWO)),
        (0,),
    ),
)
def squares(term: Term, at: int) -> Terms | None:
    """The sum of all squares is the norm's, and the sum of all products a Frobenius product."""
    one = term.factors[at]
    number, scalars, rest = algebra.apart(one.matrix) if isinstance(one, Entry) else (ONE, (), None)
    if rest is not None or not scalars or not isinstance(scalars[-1], Product):
        return None
    made = _all_entries(scalars[-1])
    if made is None:
        return None
    return put(term, [at], [Entry(algebra.scaled(number, *scalars[:-1], made))])


def _all_entries(product: Product) -> Matrix | None:
    """What 𝟏ᵀ A 𝟏, or 𝟏ᵀ v, is where A is a square or a product entry by entry."""
    ones = [isinstance(algebra.turned_back(part), Ones) for part in product.args]
    inside = [part for part, is_one in zip(product.args, ones, strict=True) if not is_one]
    if len(inside) != 1 or not any(ones):
        return None
    match algebra.turned_back(inside[0]):
        case Power(exponent=exponent) as power if exponent == TWO:
            return algebra.power(Norm(power.base), TWO)
        case Hadamard() as both if not both.is_vector:
            *first, last = both.args
            return algebra.inner(algebra.hadamard(*first), last)
    return None
