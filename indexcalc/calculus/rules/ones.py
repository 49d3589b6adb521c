"""The rules of the one-tensor."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Basic

from indexcalc.calculus.rules.letters import a, b, c, i, j, n
from indexcalc.expr.base import NOTHING, Index, free_of
from indexcalc.expr.nodes import Mul, One, Sum
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms, seen_twice

_FEWER = "one-tensors have fewer indices after it"


def _ones(term: Term) -> list[tuple[int, One]]:
    return [(at, factor) for at, factor in enumerate(term.factors) if isinstance(factor, One)]


def _with_one(term: Term, at: int, indices: Iterable[Index], *more: Basic) -> Term:
    """The term with a one-tensor over these indices, if any, at a place."""
    left = tuple(indices)
    here = ((One(*left),) if left else ()) + more
    return Term(term.bound, (*term.factors[:at], *here, *term.factors[at + 1 :]))


@rule(
    "one-tensor count",
    "1_n 1_n = N",
    source="001, one-tensor: its contraction with itself",
    ends="an index that is summed goes",
    example=lambda: Example(Sum(Mul(a(i), One(n), One(n)), n), Mul(a(i), n.size)),
)
def one_count(term: Term) -> Terms | None:
    """A sum of ones over an index that nothing else has is the size of its axis."""
    ones = _ones(term)
    if not ones:
        return None
    others = NOTHING.union(*(free_of(f) for f in term.factors if not isinstance(f, One)))
    for at, one in ones:
        for index in one.indices:
            if index in term.bound and index not in others:
                factors = list(term.factors)
                for place, other in ones:
                    left = [own for own in other.indices if own != index]
                    factors[place] = One(*left) if left else other
                kept = [f for place, f in enumerate(factors) if not _was_only(f, index)]
                kept.insert(min(at, len(kept)), index.size)
                return (Term(tuple(bound for bound in term.bound if bound != index), tuple(kept)),)
    return None


def _was_only(factor: Basic, index: Index) -> bool:
    return isinstance(factor, One) and set(factor.indices) == {index}


@rule(
    "one-tensor dropped",
    "1_ij b_ij c_j = b_ij c_j",
    source="001, one-tensor: dropped where the term already has the index",
    ends=_FEWER,
    example=lambda: Example(Sum(Mul(One(i, j), b(i, j), c(j)), j), Sum(Mul(b(i, j), c(j)), j)),
)
def one_dropped(term: Term) -> Terms | None:
    """Multiplying by 1 changes nothing; a 1 that stands for a sum or a broadcast stays."""
    for at, one in _ones(term):
        rest = [factor for place, factor in enumerate(term.factors) if place != at]
        kept = []
        for index in dict.fromkeys(one.indices):
            holders = sum(index in free_of(factor) for factor in rest)
            # A dummy needs two to be seen as one.
            if holders < (2 if index in term.bound else 1):
                kept.append(index)
        if len(kept) < len(one.indices) and (rest or kept):
            return (_with_one(term, at, kept),)
    return None


@rule(
    "one-tensor product",
    "1_i 1_j = 1_ij",
    source="001, one-tensor: the broadcast of two",
    ends="a one-tensor goes",
    example=lambda: Example(Mul(One(i), a(n), One(j)), Mul(One(i, j), a(n))),
)
def one_product(term: Term) -> Terms | None:
    """All components of both are 1; only free indices, that a broadcast needs, are joined."""
    free = [(at, one) for at, one in _ones(term) if not any(i_ in term.bound for i_ in one.indices)]
    if len(free) < 2:
        return None
    (at, first), (other, second) = free[:2]
    joined = dict.fromkeys((*first.indices, *second.indices))
    factors = list(term.factors)
    factors[at] = One(*joined)
    del factors[other]
    return (Term(term.bound, tuple(factors)),)


@rule(
    "one-tensor sum",
    "Σ_i b_i = 1_i b_i",
    source="001, one-tensor: it contracts the components of another tensor",
    ends="every dummy is then seen twice",
    example=lambda: Example(Sum(Mul(a(n), b(i)), i), Sum(Mul(One(i), a(n), b(i)), i)),
)
def one_sum(term: Term) -> Terms | None:
    """A dummy that stands once gets a one-tensor, so that the index notation shows the sum."""
    factors = seen_twice(term.factors, term.bound)
    return None if len(factors) == len(term.factors) else (Term(term.bound, tuple(factors)),)


ORDER = (one_count, one_dropped, one_product)
