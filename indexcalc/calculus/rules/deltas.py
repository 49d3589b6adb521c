"""The rules of the Kronecker delta."""

from __future__ import annotations

from indexcalc.calculus.rules.letters import a, b, c, i, j, k, p, q
from indexcalc.expr.base import Index, free_of
from indexcalc.expr.nodes import Delta, Mul, One, Sum
from indexcalc.expr.rename import rename
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms

_FEWER = "a delta goes"


def _deltas(term: Term) -> list[tuple[int, Delta]]:
    return [(at, factor) for at, factor in enumerate(term.factors) if isinstance(factor, Delta)]


def _without(term: Term, at: int) -> tuple[Term, frozenset[Index]]:
    """The term without one factor, and the indices that the others carry."""
    rest = Term(term.bound, term.factors[:at] + term.factors[at + 1 :])
    return rest, rest.open


@rule(
    "delta trace",
    "δ_kk = K",
    source="001, one-tensor: the contraction 1_n 1_n, written with δ",
    ends=_FEWER,
    example=lambda: Example(Sum(Mul(a(i), Delta(k, k)), k), Mul(a(i), k.size)),
)
def delta_trace(term: Term) -> Terms | None:
    """δ_kk is 1 for every k: summed over an index of its own it counts, else it drops."""
    for at, delta in _deltas(term):
        index, other = delta.indices
        if index != other:
            continue
        rest, carried = _without(term, at)
        if index in carried:
            return (Term(term.bound, rest.factors or (One(index),)),)
        if index in term.bound:
            kept = tuple(bound for bound in term.bound if bound != index)
            return (Term(kept, (*rest.factors[:at], index.size, *rest.factors[at:])),)
        return (Term(term.bound, (*rest.factors[:at], One(index), *rest.factors[at:])),)
    return None


@rule(
    "delta square",
    "δ_ij δ_ij = δ_ij (no sum)",
    source="001, Kronecker delta: its components are 0 and 1",
    ends=_FEWER,
    example=lambda: Example(Mul(a(i), Delta(i, p), Delta(p, i)), Mul(a(i), Delta(i, p))),
)
def delta_square(term: Term) -> Terms | None:
    """0 and 1 are their own squares; δ is symmetric, so the order of its indices is no matter."""
    seen: set[frozenset[Index]] = set()
    for at, delta in _deltas(term):
        pair = frozenset(delta.indices)
        if pair in seen:
            return (_without(term, at)[0],)
        seen.add(pair)
    return None


@rule(
    "delta contraction",
    "δ_ki a_ij = a_kj",
    source="001, Kronecker delta: replace i with k in all tensors, either way",
    ends=_FEWER,
    example=lambda: Example(Sum(Mul(Delta(k, i), b(i, j), c(i, j)), i), Mul(b(k, j), c(k, j))),
)
def delta_contraction(term: Term) -> Terms | None:
    """Of the sum over i only i = k is left: i becomes k in every factor."""
    for at, delta in _deltas(term):
        gone = _dummy_of(delta, term)
        if gone is None:
            continue
        first, second = delta.indices
        kept = second if gone == first else first
        rest, carried = _without(term, at)
        factors = tuple(rename(factor, {gone: kept}) for factor in rest.factors)
        if gone not in carried and kept not in carried:
            factors = (*factors[:at], One(kept), *factors[at:])
        bound = tuple(index for index in term.bound if index != gone)
        return (Term(bound, factors),)
    return None


def _dummy_of(delta: Delta, term: Term) -> Index | None:
    """The index that the delta replaces: a summed one, and not the same twice."""
    first, second = delta.indices
    if first == second:
        return None
    return next((index for index in (first, second) if index in term.bound), None)


@rule(
    "delta product",
    "δ_ij δ_jk = δ_ik",
    source="001, Kronecker delta: contraction with another delta",
    ends=_FEWER,
    example=lambda: Example(Sum(Mul(Delta(i, j), Delta(j, k)), j), Delta(i, k)),
)
def delta_product(term: Term) -> Terms | None:
    """The delta contraction where all that has the dummy is one other delta."""
    for _, delta in _deltas(term):
        gone = _dummy_of(delta, term)
        if gone is not None:
            holders = [factor for factor in term.factors if gone in free_of(factor)]
            if len(holders) == 2 and all(isinstance(holder, Delta) for holder in holders):
                return delta_contraction(term)
    return None


@rule(
    "delta symmetry",
    "δ_ij = δ_ji",
    source="001, Kronecker delta: the tensor is symmetric",
    ends="the indices are then in the order of the alphabet",
    example=lambda: Example(Mul(a(q), Delta(p, i)), Mul(a(q), Delta(i, p))),
)
def delta_symmetry(term: Term) -> Terms | None:
    """Both are 1 where i = j."""
    for at, delta in _deltas(term):
        first, second = delta.indices
        if second.name < first.name:
            factors = (*term.factors[:at], Delta(second, first), *term.factors[at + 1 :])
            return (Term(term.bound, factors),)
    return None


ORDER = (delta_trace, delta_square, delta_product, delta_contraction)
