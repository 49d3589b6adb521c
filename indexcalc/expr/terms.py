"""Sums of products: Σ_bound a·b·c + ..., the form on which the calculus works.

A `Term` is one flat product under one Σ. Nothing is distributed to get there: a sum that is a
factor stays a factor. One-tensors are kept until a rule drops them, and put back by `tree` where a
term lacks an index or a Σ would have nothing to stand on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Basic, Expr

from indexcalc.expr.base import MINUS_ONE, NOTHING, ONE, ZERO, Index, free_of
from indexcalc.expr.nodes import Access, Add, Apply, D, Delta, Mul, One, Pow, Sum
from indexcalc.expr.rename import fresh_name, rename


@dataclass(frozen=True, slots=True)
class Term:
    """Σ_bound factor · factor · ...; every bound index has a name of its own in the term."""

    bound: tuple[Index, ...]
    factors: tuple[Basic, ...]

    @property
    def open(self) -> frozenset[Index]:
        """The indices of all factors, bound ones included."""
        return NOTHING.union(*map(free_of, self.factors))

    @property
    def free(self) -> frozenset[Index]:
        return self.open.difference(self.bound)

    @property
    def names(self) -> set[str]:
        """The names of all indices that it shows."""
        return {index.name for index in (*self.open, *self.bound)}


Terms = tuple[Term, ...]


def flat(expr: Basic) -> Terms:
    """The terms of a sum, each with its own Σ and the factors of its product; 0 has none."""
    if expr == ZERO:
        return ()
    if isinstance(expr, Add):
        return tuple(term for part in expr.args for term in flat_product(part))
    return flat_product(expr)


def flat_product(expr: Basic) -> Terms:
    """One product as one term."""
    if expr == ZERO:
        return ()
    names = {index.name for index in free_of(expr)}
    bound: list[Index] = []
    factors: list[Basic] = []
    waiting: list[Basic] = [expr]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mul):
            waiting.extend(reversed(part.args))
        elif isinstance(part, Sum):
            body, own = opened(part, names)
            names.update(index.name for index in own)
            bound.extend(own)
            waiting.append(body)
        else:
            factors.append(part)
    return (Term(tuple(bound), tuple(factors)),)


def opened(binder: Sum, avoid: Collection[str]) -> tuple[Basic, tuple[Index, ...]]:
    """The body and indices of a Σ, with names that do not meet those around it."""
    if all(index.name not in avoid for index in binder.indices):
        return binder.body, binder.indices
    taken = set(avoid) | {index.name for index in free_of(binder.body)}
    mapping = {}
    for index in binder.indices:
        if index.name in avoid:
            mapping[index] = Index(fresh_name(index.name, taken), index.size)
            taken.add(mapping[index].name)
    own = tuple(mapping.get(index, index) for index in binder.indices)
    return rename(binder.body, mapping), own


def apart(term: Term, avoid: Collection[str]) -> Term:
    """The same value with bound indices that do not meet the names around it."""
    clash = [index for index in term.bound if index.name in avoid]
    if not clash:
        return term
    taken = set(avoid) | term.names
    mapping = {}
    for index in clash:
        mapping[index] = Index(fresh_name(index.name, taken), index.size)
        taken.add(mapping[index].name)
    return renamed(term, mapping)


def renamed(term: Term, mapping: Mapping[Index, Index]) -> Term:
    """Indices replaced everywhere, bound ones included; the new names are fresh."""
    return Term(
        tuple(mapping.get(index, index) for index in term.bound),
        tuple(rename(factor, mapping) for factor in term.factors),
    )


def moved(term: Term, mapping: Mapping[Index, Index]) -> Term:
    """[q/p]term: free indices replaced, bound ones stepping aside."""
    names = {index.name for index in mapping.values()}
    return renamed(apart(term, names), mapping)


def times(first: Term, second: Term) -> Term:
    """The product of two terms, the second stepping aside where names meet."""
    second = apart(second, first.names)
    first = apart(first, second.names)
    return Term(first.bound + second.bound, first.factors + second.factors)


def placed(term: Term, at: int, inner: Term) -> Term:
    """The term with another in place of one of its factors."""
    rest = term.factors[:at] + term.factors[at + 1 :]
    around = Term(term.bound, rest)
    inner = apart(inner, around.names)
    around = apart(around, {index.name for index in inner.free if index not in term.bound})
    factors = around.factors[:at] + inner.factors + around.factors[at:]
    return Term(around.bound + inner.bound, factors)


def clear_of(free: Iterable[Index], terms: Terms) -> Terms:
    """The terms with no dummy called like a free index, one that a term lacks too: it will be
    broadcast over that."""
    names = {index.name for index in free}
    return tuple(apart(term, names) for term in terms)


# Back to trees


def tree(terms: Sequence[Term], free: Sequence[Index], *, hoist: bool = False) -> Basic:
    """The terms as an expression open in `free`; with `hoist` each Σ reaches no further than it
    must."""
    if not terms:
        return ZERO if not free else Mul(ZERO, One(*free))
    built = [product_tree(term, free, hoist=hoist) for term in _leading_plus(terms)]
    if len(built) == 1:
        return built[0]
    # ∂(x + x)/∂x is 1 + 1, and numbers alone are SymPy's.
    return sum(built, ZERO) if all(isinstance(part, Expr) for part in built) else Add(*built)


def _leading_plus(terms: Sequence[Term]) -> Sequence[Term]:
    """A sum begins with a term that has no minus, where it has one."""
    first = next((place for place, term in enumerate(terms) if not is_negative(term)), 0)
    return (terms[first], *terms[:first], *terms[first + 1 :]) if first else terms


def is_negative(term: Term) -> bool:
    """Whether it is printed with a minus."""
    signs = [f.as_coeff_Mul()[0].is_negative for f in term.factors if isinstance(f, Expr)]
    return sum(map(bool, signs)) % 2 == 1


def product_tree(term: Term, free: Sequence[Index], *, hoist: bool = False) -> Basic:
    """One term as a product under its Σ: its number first, its denominators last."""
    term = Term(term.bound, _in_order(term.factors))
    missing = [index for index in free if index not in term.open]
    if hoist:
        factors = _hoisted(term)
        return _product(_with_one(factors, missing))
    factors = _with_one(seen_twice(term.factors, term.bound), missing)
    return Sum(_product(factors), *term.bound) if term.bound else _product(factors)


def seen_twice(factors: Sequence[Basic], bound: Sequence[Index]) -> list[Basic]:
    """The factors with one-tensors, so that the reading rules see every summed index twice."""
    seen = {index: _occurrences(factors, index) for index in bound}
    unseen = [index for index in bound if seen[index] == 0]
    factors = _with_one(factors, [index for index in bound if seen[index] < 2])
    return _with_one(factors, unseen)


def _in_order(factors: Iterable[Basic]) -> tuple[Basic, ...]:
    """The numbers as one in front, one-tensors after it, and what divides at the end."""
    number = ONE
    front: list[Basic] = []
    above: list[Basic] = []
    below: list[Basic] = []
    for factor in factors:
        if isinstance(factor, Expr):
            number = number * factor
        elif isinstance(factor, One):
            front.append(factor)
        else:
            (below if is_below(split_power(factor)[1]) else above).append(factor)
    rest = (*front, *above, *below)
    return (number, *rest) if number != 1 or not rest else rest


def _with_one(factors: Sequence[Basic], indices: Sequence[Index]) -> list[Basic]:
    """The factors with a one-tensor over these indices, if any, after their number."""
    if indices and list(factors) == [ONE]:
        return [One(*indices)]
    lead = 1 if factors and isinstance(factors[0], Expr) else 0
    return [*factors[:lead], *([One(*indices)] if indices else []), *factors[lead:]]


def _product(factors: Sequence[Basic]) -> Basic:
    if not factors:
        return ONE
    return factors[0] if len(factors) == 1 else Mul(*factors)


def _hoisted(term: Term) -> list[Basic]:
    """The factors, each group that shares summed indices under a Σ of its own."""
    factors: list[Basic] = []
    for indices, places in components(term):
        part = [term.factors[place] for place in places]
        if not indices:
            factors.extend(part)
            continue
        factors.append(Sum(_product(seen_twice(part, indices)), *indices))
    return factors


def _occurrences(factors: Iterable[Basic], index: Index) -> int:
    """How often an index is seen by the reading rules: twice is a sum. What a ∂ that is not yet
    worked out has is left to a written Σ."""
    count = 0
    for factor in factors:
        if index in free_of(factor):
            repeated = isinstance(factor, Access | Delta | One) and factor.indices.count(index) > 1
            count += 2 if repeated or isinstance(factor, D) else 1
    return count


def components(term: Term) -> list[tuple[tuple[Index, ...], list[int]]]:
    """Groups of factors that share bound indices, in order of their first factor; a factor without
    any is a group alone, under no index."""
    bound = frozenset(term.bound)
    groups: list[tuple[set[Index], list[int]]] = []
    for place, factor in enumerate(term.factors):
        shared = bound & free_of(factor)
        joined: tuple[set[Index], list[int]] = (set(shared), [place])
        if shared:
            meeting = [group for group in groups if not group[0].isdisjoint(shared)]
            if meeting:
                for group in meeting:
                    joined[0].update(group[0])
                    joined[1].extend(group[1])
                first = groups.index(meeting[0])
                groups = [group for group in groups if group not in meeting]
                groups.insert(first, (joined[0], sorted(joined[1])))
                continue
        groups.append(joined)
    return [
        (tuple(index for index in term.bound if index in inside), places)
        for inside, places in groups
    ]


# Factors as powers


def split_power(factor: Basic) -> tuple[Basic, Expr]:
    """factor = base ^ exponent, the exponent a number; √u is u to the 1/2."""
    exponent: Expr = ONE
    if isinstance(factor, Pow) and isinstance(factor.exponent, Expr):
        factor, exponent = factor.base, factor.exponent
    if exponent.is_Integer and isinstance(factor, Apply) and factor.name == "sqrt":
        return factor.arguments[0], exponent / 2
    return factor, exponent


def is_below(exponent: Expr) -> bool:
    """Whether it makes a denominator; a number tells so without SymPy's deductions."""
    return bool(exponent.p < 0 if exponent.is_Rational else exponent.is_negative)


def power(base: Basic, exponent: Expr) -> Basic:
    """base ^ exponent as it is written."""
    if exponent == 1:
        return base
    if exponent == ONE / 2:
        return Apply("sqrt", base)
    if exponent == -ONE / 2:
        return Pow(Apply("sqrt", base), MINUS_ONE)
    return Pow(base, exponent)


def coefficient(term: Term) -> tuple[Expr, tuple[Basic, ...]]:
    """The number in front and the other factors."""
    if term.factors and isinstance(term.factors[0], Expr):
        return term.factors[0], term.factors[1:]
    return ONE, term.factors


def with_coefficient(value: Expr, term: Term) -> Term:
    """The term with another number in front."""
    _, rest = coefficient(term)
    return Term(term.bound, rest if value == 1 and rest else (value, *rest))
