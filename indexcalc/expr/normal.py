"""The normal form of a sum of products, for deciding what is equal and what is lighter.

Every term is a number times powers of different bases under one Σ, without one-tensors: an index
that a Σ has and no factor shows has become the size of its axis. Nothing is distributed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from sympy import Basic, Expr
from sympy import Mul as Mul_

from indexcalc.expr.base import NOTHING, ONE, ZERO, Index, forgotten_too, free_of
from indexcalc.expr.canonical import key
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, One, Sum
from indexcalc.expr.terms import (
    Term,
    Terms,
    coefficient,
    components,
    flat,
    is_below,
    opened,
    power,
    product_tree,
    split_power,
    tree,
    with_coefficient,
)

Power = tuple[Basic, Expr]


@lru_cache(maxsize=1 << 14)
def arranged(term: Term) -> Term | None:
    """One term in normal form; None where it is 0."""
    scalars: list[Expr] = []
    powers: list[Power] = []
    places: dict[object, int] = {}
    bound = list(term.bound)
    names = term.names
    waiting: list[Power] = [(factor, ONE) for factor in reversed(term.factors)]
    while waiting:
        factor, exponent = waiting.pop()
        if isinstance(factor, Expr):
            scalars.append(factor**exponent)
        elif isinstance(factor, One):
            continue
        elif isinstance(factor, Sum) and exponent == 1:
            body, own = opened(factor, names)
            names.update(index.name for index in own)
            bound.extend(own)
            waiting.append((body, ONE))
        elif (
            isinstance(factor, Mul) and exponent.is_Integer and not _divides_by_0(factor, exponent)
        ):
            waiting.extend((part, exponent) for part in reversed(factor.args))
        else:
            base, inner = split_power(factor)
            if inner != 1 and exponent.is_Integer:
                waiting.append((base, inner * exponent))
            else:
                _multiply(powers, places, factor, exponent)
    number = multiplied(scalars)
    if number == 0:
        return None
    if bound and any(isinstance(base, Sum) for base, _ in powers):
        powers, bound = _met(powers, bound)
    kept = [(base, exponent) for base, exponent in powers if exponent != 0]
    shown = NOTHING.union(*(free_of(base) for base, _ in kept))
    for index in bound:
        if index not in shown:
            number = multiplied((number, index.size))
    above = [power(base, e) for base, e in kept if not is_below(e)]
    below = [power(base, e) for base, e in kept if is_below(e)]
    factors = (*above, *below)
    if number != 1 or not factors:
        factors = (number, *factors)
    return Term(tuple(index for index in bound if index in shown), factors)


def _divides_by_0(factor: Mul, exponent: Expr) -> bool:
    """1/(0·x) stays as it is, for 1/0 is no number."""
    return bool(exponent.is_negative) and any(part == 0 for part in factor.args)


def multiplied(scalars: Iterable[Expr]) -> Expr:
    """The product of scalars. Equal bases meet here: SymPy is slow to add their exponents when it
    does so for the first time, for it imports its tensors then."""
    number, exponents = ONE, dict[Expr, Expr]()
    for scalar in scalars:
        front, rest = scalar.as_coeff_Mul()
        number = number * front
        for part in Mul_.make_args(rest):
            base, exponent = part.as_base_exp()
            known = exponents.get(base)
            if known is None:
                exponents[base] = exponent
            elif known.is_Number and exponent.is_Number:
                exponents[base] = known + exponent
            else:
                number = number * part
    return Mul_(number, *(base**exponent for base, exponent in exponents.items()))


def added(first: Expr, second: Expr) -> Expr:
    """The sum of two scalars; N(ε + 1) and N(-ε - 1) are 0 only when multiplied out."""
    (one, rest), (two, other) = first.as_coeff_Mul(), second.as_coeff_Mul()
    if rest == other:
        return (one + two) * rest
    total = first + second
    return ZERO if total.is_Add and total.expand() == 0 else total


def _multiply(powers: list[Power], places: dict[object, int], base: Basic, exponent: Expr) -> None:
    """Add to the exponent of an equal base, or begin a new one.

    Where there are several of a kind, they are told apart by their keys.
    """
    place, new = places.get(base), len(powers)
    if place is None and not isinstance(base, Access | Delta):
        kind = type(base), free_of(base)
        first = places.setdefault(kind, new)
        if first != new:
            places.setdefault((*kind, known_key(powers[first][0])), first)
            place = places.setdefault((*kind, known_key(base)), new)
    if place is None or place == new:
        places[base] = new
        powers.append((base, exponent))
    else:
        powers[place] = (powers[place][0], powers[place][1] + exponent)


def alike(first: Basic, second: Basic) -> bool:
    """Equal up to the names of dummies and the order of parts."""
    if first is second:
        return True
    if type(first) is not type(second) or free_of(first) != free_of(second):
        return False
    if first == second:
        return True
    return not isinstance(first, Access | Delta) and known_key(first) == known_key(second)


@lru_cache(maxsize=1 << 14)
def known_key(expr: Basic) -> str:
    """The canonical key of a bracket or a Σ in normal form, remembered."""
    if isinstance(expr, Add | Sum):
        expr = tree(normal(flat(expr)), _sorted(free_of(expr)), hoist=True)
    return key(expr)


def _met(powers: list[Power], bound: list[Index]) -> tuple[list[Power], list[Index]]:
    """Σ_i x_i² / √(Σ_j x_j x_j) = √(Σ_j x_j x_j): a part under its own Σ meets its own power."""
    term = Term(tuple(bound), tuple(power(*pair) for pair in powers))
    for indices, places in components(term):
        if not indices:
            continue
        part = product_tree(Term(indices, tuple(term.factors[at] for at in places)), (), hoist=True)
        for at, (base, exponent) in enumerate(powers):
            if isinstance(base, Sum) and alike(base, part):
                left = [pair for place, pair in enumerate(powers) if place not in (at, *places)]
                rest = [index for index in bound if index not in indices]
                return _met([*left, (base, exponent + 1)], rest)
    return powers, bound


def normal(terms: Iterable[Term]) -> Terms:
    """All terms in normal form, like ones collected; the empty sum is 0."""
    waiting = list(terms)[::-1]
    groups: dict[object, list[Term]] = {}
    order: list[Term] = []
    while waiting:
        term = arranged(waiting.pop())
        if term is None:
            continue
        inside = _lone_sum(term)
        if inside is not None:
            waiting.extend(reversed(inside))
            continue
        if not waiting and not order:
            return (term,)
        group = groups.setdefault(_look(term), [])
        for place, other in enumerate(group):
            if like(term, other):
                total = added(coefficient(term)[0], coefficient(other)[0])
                at = next(n for n, known in enumerate(order) if known is other)
                group[place] = order[at] = with_coefficient(total, other)
                break
        else:
            group.append(term)
            order.append(term)
    return tuple(term for term in order if coefficient(term)[0] != 0)


def _lone_sum(term: Term) -> Terms | None:
    """The terms of number·(a + b), which needs no brackets."""
    number, rest = coefficient(term)
    if term.bound or len(rest) != 1 or not isinstance(rest[0], Add):
        return None
    return tuple(Term(part.bound, (number, *part.factors)) for part in flat(rest[0]))


def _look(term: Term) -> tuple[object, ...]:
    """What like terms have in common, quickly told."""
    bound = frozenset(term.bound)
    marks = []
    for factor in coefficient(term)[1]:
        base, exponent = split_power(factor)
        name = base.name if isinstance(base, Access | Apply) else ""
        shown: tuple[str, ...] = ()
        if isinstance(base, Access):
            shown = tuple("" if index in bound else index.name for index in base.indices)
        marks.append((type(base).__name__, name, shown, str(exponent)))
    return (len(bound), *sorted(marks))


def like(first: Term, second: Term) -> bool:
    """Equal but for the number in front."""
    one, two = coefficient(first)[1], coefficient(second)[1]
    if not first.bound and not second.bound and set(one) == set(two):
        return True
    return _rest_key(first) == _rest_key(second)


def _rest_key(term: Term) -> str:
    _, rest = coefficient(term)
    bare = Term(term.bound, rest)
    return known_key(product_tree(bare, _sorted(bare.free), hoist=True))


def _sorted(indices: Iterable[Index]) -> list[Index]:
    return sorted(indices, key=lambda index: index.name)


for _remembered in (arranged, known_key):
    forgotten_too(_remembered.cache_clear)
