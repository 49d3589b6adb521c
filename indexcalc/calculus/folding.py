"""A program's own definitions found again inside other expressions: e_bc/z_b is p_bc.

A definition is known by its skeleton, the powers that its right-hand side is made of with holes for
the indices. A whole product, a part of one, or a part of what a Σ goes over may match: the dummies
of the definition must then be dummies that nothing else in the term has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sympy import Basic, Expr

from indexcalc.calculus.weighing import term_weight
from indexcalc.expr.base import (
    ONE,
    Index,
    Node,
    children,
    forgotten_too,
    free_of,
    postorder,
    rebuild,
)
from indexcalc.expr.canonical import key
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, Pow, Sum
from indexcalc.expr.normal import normal
from indexcalc.expr.program import Equation
from indexcalc.expr.rename import rename
from indexcalc.expr.terms import (
    Term,
    Terms,
    clear_of,
    coefficient,
    flat,
    flat_product,
    power,
    product_tree,
    split_power,
    tree,
)

Skeleton = tuple[str, tuple[Index, ...]]
Binding = dict[Index, Index]


@dataclass(frozen=True, slots=True)
class Definition:
    """left = terms, in normal form, and the powers that a product must have to hold it."""

    left: Access
    terms: Terms
    number: Expr
    bound: tuple[Index, ...]
    powers: tuple[tuple[Basic, Expr], ...]

    @classmethod
    def of(cls, equation: Equation) -> Definition:
        return cls.among(equation.left, normal(flat(equation.right)))

    @classmethod
    def among(cls, left: Access, terms: Terms) -> Definition:
        """left = terms that are in normal form."""
        terms = clear_of(left.indices, terms)
        if len(terms) == 1:
            number, rest = coefficient(terms[0])
            powers = tuple(split_power(factor) for factor in rest)
            return cls(left, terms, number, terms[0].bound, powers)
        whole = tree(terms, left.indices)
        return cls(left, terms, ONE, (), ((whole, ONE),) if terms else ())

    @property
    def is_power(self) -> bool:
        """One power of one base: its name is then read as easily as the base itself."""
        return len(self.powers) == 1 and not self.bound

    @property
    def findable(self) -> bool:
        """Its indices can be told from a match, and a match makes an expression lighter."""
        shown = {index for base, _ in self.powers for index in free_of(base)}
        if not shown.issuperset(self.left.indices) or len(set(self.left.indices)) < len(
            self.left.indices
        ):
            return False
        made_of = Term(self.bound, tuple(power(*pair) for pair in self.powers))
        return bool(self.powers) and term_weight(made_of) > term_weight(Term((), (self.left,)))


class Known:
    """The definitions of a program, by what their first power is made of."""

    def __init__(self, equations: Iterable[Equation]) -> None:
        self.definitions = {e.left.name: Definition.of(e) for e in equations}
        self.by_look: dict[str, list[Definition]] = {}
        self._inside: dict[Basic, tuple[Definition, ...]] = {}
        for definition in self.definitions.values():
            if definition.findable:
                look = skeleton(definition.powers[0][0])[0]
                self.by_look.setdefault(look, []).append(definition)

    def inside(self, factor: Basic) -> tuple[Definition, ...]:
        """Those that a bracket, or what a function is applied to, may hold."""
        if not isinstance(split_power(factor)[0], Add | Apply | Pow):
            return ()
        if factor not in self._inside:
            found = {}
            for node in postorder(factor):
                if isinstance(node, Access | Apply | Add | Pow):
                    look = skeleton(split_power(node)[0])[0]
                    found.update({d.left.name: d for d in self.by_look.get(look, ())})
            self._inside[factor] = tuple(found.values())
        return self._inside[factor]

    def candidates(self, term: Term) -> Iterator[Definition]:
        """Those whose first power the term has, in the order of the program."""
        for factor in coefficient(term)[1]:
            yield from self.by_look.get(skeleton(split_power(factor)[0])[0], ())


@lru_cache(maxsize=1 << 14)
def skeleton(base: Basic) -> Skeleton:
    """What a base looks like without its indices, and the indices in order of appearance."""
    if isinstance(base, Access):
        return f"Access {base.name}", base.indices
    free = free_of(base)
    order = [index for index in _appearing(base) if index in free]
    holes = {index: Index(f"#{place}", index.size) for place, index in enumerate(order)}
    return key(rename(base, holes)), tuple(order)


def _appearing(expr: Basic) -> Iterable[Index]:
    """The indices of the leaves, each once, from left to right."""
    found: dict[Index, None] = {}
    stack = [expr]
    while stack:
        node = stack.pop()
        parts = children(node)
        stack.extend(reversed(parts))
        if not parts and isinstance(node, Node):
            found.update(dict.fromkeys(i for i in node.args if isinstance(i, Index)))
    return found


def folded(term: Term, definition: Definition) -> Term | None:
    """The term with the definition's name for the part of it that the definition equals."""
    number, factors = coefficient(term)
    powers = [split_power(factor) for factor in factors]
    if len(definition.powers) == 1 and not definition.bound:
        return _folded_power(term, number, powers, definition)
    for binding, used in _matches(powers, definition.powers, {}, {}):
        result = _replaced(term, number, powers, definition, binding, used)
        if result is not None:
            return result
    return None


def _folded_power(
    term: Term, number: Expr, powers: list[tuple[Basic, Expr]], definition: Definition
) -> Term | None:
    """u^(3r) is left^3 where left is u^r; what is no denominator does not become one."""
    ((wanted, unit),) = definition.powers
    look, holes = skeleton(wanted)
    for place, (base, exponent) in enumerate(powers):
        times = exponent / unit
        if not times.is_Integer or (definition.number != 1 and times != 1):
            continue
        if times.is_negative and not exponent.is_negative:
            continue
        found, indices = skeleton(base)
        if found != look:
            continue
        binding = _joined({}, holes, indices)
        if binding is None:
            continue
        left = _renamed_left(definition, binding)
        rest = [power(*pair) for pair in powers]
        rest[place] = power(left, times)
        return _term(term.bound, number / definition.number, rest)
    return None


def _renamed_left(definition: Definition, binding: Mapping[Index, Index]) -> Access:
    left = definition.left
    return Access(left.name, *(binding[index] for index in left.indices))


def _matches(
    powers: list[tuple[Basic, Expr]],
    wanted: tuple[tuple[Basic, Expr], ...],
    binding: Binding,
    used: dict[int, Expr],
) -> Iterator[tuple[Binding, dict[int, Expr]]]:
    """Every way to find all wanted powers among those that there are."""
    if not wanted:
        yield binding, used
        return
    (base, exponent), *others = wanted
    look, holes = skeleton(base)
    for place, (candidate, have) in enumerate(powers):
        if place in used or not _holds(have, exponent):
            continue
        found, indices = skeleton(candidate)
        if found != look:
            continue
        for order in _orders(candidate, indices):
            more = _joined(binding, holes, order)
            if more is not None:
                yield from _matches(powers, tuple(others), more, {**used, place: exponent})


def _orders(base: Basic, indices: tuple[Index, ...]) -> Iterator[tuple[Index, ...]]:
    yield indices
    if isinstance(base, Delta):
        yield indices[::-1]


def _holds(have: Expr, wanted: Expr) -> bool:
    """Taking the wanted power away leaves no power of the other sign."""
    if have == wanted:
        return True
    whole = have.is_Integer and wanted.is_Integer
    return bool(whole and have * wanted > 0 and abs(have) > abs(wanted))


def _joined(
    binding: Binding, holes: tuple[Index, ...], indices: tuple[Index, ...]
) -> Binding | None:
    """The binding with these holes filled, if that says nothing new of those it has."""
    more = dict(binding)
    for hole, index in zip(holes, indices, strict=True):
        if more.setdefault(hole, index) != index or hole.size != index.size:
            return None
    return more


def _replaced(
    term: Term,
    number: Expr,
    powers: list[tuple[Basic, Expr]],
    definition: Definition,
    binding: Binding,
    used: dict[int, Expr],
) -> Term | None:
    dummies = [binding[index] for index in definition.bound]
    if len(set(dummies)) < len(dummies) or not set(dummies) <= set(term.bound):
        return None
    left = _renamed_left(definition, binding)
    first = min(used)
    rest: list[Basic] = []
    for place, (base, exponent) in enumerate(powers):
        if place == first:
            rest.append(left)
        remaining = exponent - used.get(place, 0)
        if remaining != 0:
            rest.append(power(base, remaining))
    if any(dummy in free_of(factor) for dummy in dummies for factor in rest):
        return None
    bound = tuple(index for index in term.bound if index not in dummies)
    return _term(bound, number / definition.number, rest)


def _term(bound: tuple[Index, ...], number: Expr, factors: list[Basic]) -> Term:
    return Term(bound, (number, *factors) if number != 1 or not factors else tuple(factors))


def folded_inside(factor: Basic, definition: Definition) -> Basic | None:
    """The factor with the definition's name wherever a product inside it has that part."""
    base, exponent = split_power(factor)
    built: dict[int, Basic] = {}
    for node in postorder(base):
        new = rebuild(node, tuple(built[id(part)] for part in children(node)))
        if node is not base and isinstance(new, Apply | Mul | Pow | Sum | Add):
            (term,) = flat_product(new)
            after = folded(term, definition)
            if after is not None and term_weight(after) < term_weight(term):
                new = product_tree(after, sorted(free_of(new), key=lambda i: i.name), hoist=True)
        built[id(node)] = new
    after_base = built[id(base)]
    return None if after_base is base else power(after_base, exponent)


def folds_of(term: Term, known: Known) -> Iterator[tuple[Definition, Term]]:
    """Every definition that the term holds, with the term after the fold."""
    seen: set[str] = set()
    for definition in known.candidates(term):
        if definition.left.name not in seen:
            seen.add(definition.left.name)
            after = folded(term, definition)
            if after is not None:
                yield definition, after


forgotten_too(skeleton.cache_clear)
