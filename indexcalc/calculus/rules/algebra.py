"""The rules of products and sums: collecting, distributing, factoring, names for what they name."""

from __future__ import annotations

from collections import Counter

from sympy import Basic, Expr

from indexcalc.calculus.folding import Definition, folded, folded_inside
from indexcalc.calculus.rules.letters import a, b, c, d, i, j, k, s, u, w, x
from indexcalc.expr.base import MINUS_ONE, NOTHING, ONE, Index, free_of
from indexcalc.expr.nodes import Access, Add, Mul, One, Pow, Sum
from indexcalc.expr.normal import alike, arranged, normal
from indexcalc.expr.program import Equation
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import (
    Term,
    Terms,
    coefficient,
    flat,
    is_below,
    moved,
    placed,
    power,
    split_power,
    times,
    tree,
)


@rule(
    "collect",
    "2 x_i a_i + x_i a_i = 3 x_i a_i,   x_i x_i = x_i²",
    source="001, appendix: commutative and associative properties",
    ends="what it makes is in normal form, which it leaves alone",
    example=lambda: Example(
        Add(Mul(2, x(i), a(i)), Mul(x(i), x(i)), Mul(a(i), x(i))),
        Add(Mul(3, x(i), a(i)), Pow(x(i), 2)),
    ),
    whole=True,
)
def collect(terms: Terms) -> Terms | None:
    """Numbers in front, one power for each base, one term for each kind; one-tensors left out."""
    after = normal(terms)
    return None if after == terms else after


@rule(
    "arrange",
    "a_i b_i = b_i a_i,   1_h x_h = Σ_h x_h",
    source="001, appendix: commutative and associative properties",
    ends="what it makes is in normal form, which it leaves alone",
    example=lambda: Example(Mul(x(i), 2, a(i)), Mul(2, x(i), a(i))),
    whole=True,
    minor=True,
)
def arrange(terms: Terms) -> Terms | None:
    """The number in front, the denominators last, and no one-tensor where Σ is known."""
    after = normal(terms)
    return after if after != terms and rearranged(terms, after) else None


def rearranged(before: Terms, after: Terms) -> bool:
    """The same factors in every term, one-tensors apart."""
    return len(before) == len(after) and all(
        _parts(old) == _parts(new) for old, new in zip(before, after, strict=True)
    )


def _parts(term: Term) -> tuple[set[Index], Counter[Basic]]:
    return set(term.bound), Counter(f for f in term.factors if not isinstance(f, One))


@rule(
    "distribute",
    "c_i (a_i + b_i) = c_i a_i + c_i b_i",
    source="001, addition and multiplication: with one-tensors all terms have one order",
    ends="a bracket goes",
    example=lambda: Example(
        Sum(Mul(w(j), Add(a(i, j), Mul(One(i), d(j)))), j),
        Add(Sum(Mul(w(j), a(i, j)), j), Sum(Mul(w(j), One(i), d(j)), j)),
        (1,),
    ),
)
def distribute(term: Term, at: int) -> Terms | None:
    """The factor at a place is a sum, and the product goes to each of its terms."""
    base, exponent = split_power(term.factors[at])
    if not isinstance(base, Add) or not exponent.is_Integer or exponent < 1:
        return None
    left = term if exponent == 1 else _with(term, at, base, power(base, exponent - 1))
    return tuple(placed(left, at, part) for part in flat(base))


def _with(term: Term, at: int, *factors: Basic) -> Term:
    return Term(term.bound, (*term.factors[:at], *factors, *term.factors[at + 1 :]))


@rule(
    "factor",
    "b_ij c_ij + b_ij d_j = b_ij (c_ij + 1_i d_j)",
    source="001, addition and multiplication: factoring with one-tensors",
    ends="the factors that all terms share are fewer after it",
    example=lambda: Example(
        Add(Mul(b(i, j), c(i, j)), Mul(b(i, j), One(i), d(j))),
        Mul(b(i, j), Add(c(i, j), Mul(One(i), d(j)))),
    ),
    whole=True,
)
def factor(terms: Terms) -> Terms | None:
    """What all terms have in front of their Σ comes out; a lacking index is a one-tensor's."""
    if len(terms) < 2:
        return None
    shared = _shared(terms)
    if not shared:
        return None
    number = _common_number(terms)
    divided = [_divided(term, shared, number) for term in terms]
    free = sorted(frozenset().union(*(term.free for term in divided)), key=lambda i_: i_.name)
    # A term that is only a bracket now needs none in the new one.
    inside = normal(divided)
    outside = [power(base, exponent) for base, exponent in shared]
    above = [f for f in outside if not _below(f)]
    below = [f for f in outside if _below(f)]
    head = [number] if number != 1 else []
    return (Term((), (*head, *above, tree(inside, free, hoist=True), *below)),)


def _below(part: Basic) -> bool:
    return is_below(split_power(part)[1])


def _shared(terms: Terms) -> list[tuple[Basic, Expr]]:
    """The powers that every term has outside its Σ."""
    first = _outside(terms[0])
    shared = []
    for base, exponent in first:
        least: Expr | None = exponent
        for term in terms[1:]:
            found = next((e for other, e in _outside(term) if alike(base, other)), None)
            least = None if found is None or least is None else _nearer_0(least, found)
        if least is not None:
            shared.append((base, least))
    return shared


def _nearer_0(one: Expr, other: Expr) -> Expr | None:
    """What powers of one base share; nothing where no sign says so, as of x and x^c."""
    if is_below(one) != is_below(other):
        return None
    gap = one - other if is_below(one) else other - one
    if gap.is_nonnegative:
        return one
    return other if gap.is_negative else None


def _outside(term: Term) -> list[tuple[Basic, Expr]]:
    bound = frozenset(term.bound)
    pairs = [split_power(f) for f in coefficient(term)[1]]
    return [(base, e) for base, e in pairs if bound.isdisjoint(free_of(base))]


def _common_number(terms: Terms) -> Expr:
    """The number in front of all terms, up to the sign; 1 where they differ."""
    numbers = [coefficient(term)[0] for term in terms]
    first = numbers[0]
    if all(number in (first, -first) for number in numbers):
        return first
    return ONE


def _divided(term: Term, shared: list[tuple[Basic, Expr]], number: Expr) -> Term:
    over = tuple(power(base, -exponent) for base, exponent in shared)
    result = arranged(Term(term.bound, (ONE / number, *term.factors, *over)))
    assert result is not None  # a term of a normal form is not 0
    return result


def _softmax() -> Equation:
    return Equation(c(i, j), Mul(a(i, j), Pow(b(i), MINUS_ONE)))


@rule(
    "definition folded",
    "a_ij d_i / b_i = c_ij d_i where c_ij = a_ij/b_i",
    source="001, substitution, read from right to left",
    ends="the whole is lighter after it",
    example=lambda: Example(
        Sum(Mul(a(i, j), d(j), Pow(b(i), MINUS_ONE)), j),
        Sum(Mul(c(i, j), d(j)), j),
        (Definition.of(_softmax()),),
    ),
)
def fold(term: Term, definition: Definition) -> Terms | None:
    """A part of the product is what a definition says, and takes its name; the dummies of the
    definition must be dummies of the term that no other factor has."""
    after = folded(term, definition)
    return None if after is None else (after,)


@rule(
    "definition folded in a bracket",
    "d_i (1_i + a_ij / b_i) = d_i (1_i + c_ij) where c_ij = a_ij/b_i",
    source="001, substitution, read from right to left",
    ends="the bracket is lighter after it",
    example=lambda: Example(
        Mul(d(i), Add(One(i, j), Mul(a(i, j), Pow(b(i), MINUS_ONE)))),
        Mul(d(i), Add(One(i, j), c(i, j))),
        (1, Definition.of(_softmax())),
    ),
)
def fold_inside(term: Term, at: int, definition: Definition) -> Terms | None:
    """A definition's name in a bracket or under a function."""
    after = folded_inside(term.factors[at], definition)
    return None if after is None else (_with(term, at, after),)


@rule(
    "lemma",
    "1_h μ_bh = 0 where μ_bh = x_bh - 1_h m_b and m_b = 1_h x_bh / H",
    source="001, substitution: definitions put in, simplified, and folded back",
    ends="the whole is lighter after it",
    example=lambda: Example(
        Sum(Mul(a(i), b(j), d(j)), j),
        Mul(a(i), s()),
        ((1, 2), (Term((), (s(),)),)),
    ),
)
def lemma(term: Term, places: tuple[int, ...], equal: Terms) -> Terms | None:
    """A part of a product that no other factor shares a dummy with equals something lighter."""
    part = [term.factors[place] for place in places]
    inside = frozenset(term.bound) & NOTHING.union(*map(free_of, part))
    rest = tuple(f for place, f in enumerate(term.factors) if place not in places)
    if any(not inside.isdisjoint(free_of(other)) for other in rest):
        return None
    around = Term(tuple(index for index in term.bound if index not in inside), rest)
    return tuple(times(around, one) for one in equal)


@rule(
    "substitution",
    "a_i = b_i c_i and c_j = d_jj give a_i = b_i d_ii",
    source="001, substitution: the same free indices, different dummy indices",
    ends="each name is replaced by names defined before it",
    example=lambda: Example(
        Sum(Mul(b(i, j), One(j), c(i)), j),
        Sum(Mul(b(i, j), One(j), d(i, k), u(k)), j, k),
        (2, Definition.of(Equation(c(i), Sum(Mul(d(i, j), u(j)), j)))),
    ),
)
def substitute(term: Term, at: int, definition: Definition) -> Terms | None:
    """The factor at a place is the left-hand side of an equation and becomes its right-hand
    side, in the indices of the place; its dummies step aside."""
    base, exponent = split_power(term.factors[at])
    if not isinstance(base, Access) or base.name != definition.left.name:
        return None
    mapping = dict(zip(definition.left.indices, base.indices, strict=True))
    parts = [moved(part, mapping) for part in definition.terms]
    if exponent == 1:
        return tuple(placed(term, at, part) for part in parts)
    right = tree(parts, tuple(dict.fromkeys(base.indices)), hoist=True)
    return (_with(term, at, power(right, exponent)),)
