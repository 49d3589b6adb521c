"""Equations as array operations: one after the other, what two of them share made once.

Every Σ becomes contractions of two operands, every name a person would want for a part is made of
the names that the part is made of, and what stays is elementwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from sympy import Basic, Expr

from indexcalc.calculus.backprop import waves
from indexcalc.calculus.folding import skeleton
from indexcalc.calculus.rules import deltas, ones
from indexcalc.codegen.centring import deviation
from indexcalc.codegen.contractions.paths import path
from indexcalc.codegen.operations import (
    Contraction,
    Lengths,
    Operation,
    Pointwise,
    Reduction,
    Spread,
)
from indexcalc.codegen.part_names import Namer, name_of
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import Index, children, free_of, is_exact, postorder, rebuild
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.normal import multiplied, normal
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation
from indexcalc.expr.rename import rename
from indexcalc.expr.rewrite import Work
from indexcalc.expr.terms import Term, Terms, coefficient, components, tree, with_coefficient

# Functions that cost no more than a few arithmetic steps are left inside an expression.
LIGHT = ("sqrt", "abs", "sign", "relu")


class Lowering:
    """Operations so far, and the parts that have names; what is `wanted` is an array of its own."""

    def __init__(self, namer: Namer, lengths: Lengths, wanted: Iterable[str]) -> None:
        self.namer = namer
        self.lengths = lengths
        self.wanted = set(wanted)
        self.operations: list[Operation] = []
        self.named: dict[str, tuple[str, tuple[Index, ...], tuple[Index, ...]]] = {}
        # Sums without the factor in front, with that.
        self.sums: dict[str, tuple[str, tuple[Index, ...], tuple[Index, ...], Expr]] = {}
        # Names of what has another name already.
        self.others: dict[str, tuple[tuple[Index, ...], Access]] = {}

    def define(self, equation: Equation) -> None:
        """left = right, in as many operations as it takes."""
        left = equation.left
        terms = _tidy(self.in_names(equation.right), left.indices)
        whole = tree(terms, left.indices, hoist=True)
        known = self.known(whole)
        if known is not None and known.free == left.free and left.name not in self.wanted:
            self.others[left.name] = (left.indices, known)
            return
        self.namer.within = left.name
        self.add(Pointwise(left, known) if known is not None else self.operation(left, terms))
        self.remember(whole, left)

    def in_names(self, expr: Basic) -> Basic:
        """The same in the names that things have."""
        if not self.others:
            return expr
        built: dict[Basic, Basic] = {}
        for node in postorder(expr):
            if isinstance(node, Access) and node.name in self.others:
                indices, other = self.others[node.name]
                built[node] = rename(other, dict(zip(indices, node.indices, strict=True)))
            else:
                built[node] = rebuild(node, tuple(built[part] for part in children(node)))
        return built[expr]

    def operation(self, left: Access, terms: Terms) -> Operation:
        """The last operation of an equation; those before it are added."""
        if len(terms) == 1 and terms[0].free == left.free:
            (term,) = terms
            number, rest = coefficient(term)
            groups = components(Term(term.bound, rest)) if term.bound else []
            if len(groups) == 1 and groups[0][0]:
                return self.contraction(left, number, Term(term.bound, rest))
            if any(isinstance(factor, Delta) for factor in rest):
                return self.spread(left, term)
            if len(rest) == 1 and number == 1 and isinstance(rest[0], Reduce):
                return self.reduction(left, rest[0])
            if len(rest) == 1 and number == 1 and isinstance(rest[0], Apply | Pow):
                whole = Term((), (self.function(rest[0]),))
                return Pointwise(left, tree((whole,), left.indices, hoist=True))
        return Pointwise(left, self.value(terms, left.indices))

    # Elementwise

    def function(self, part: Basic) -> Basic:
        """A function or a power of what has no Σ; a number where nothing else is left."""
        parts = tuple(self.argument(one) for one in children(part))
        if any(not isinstance(one, Expr) for one in parts):
            return rebuild(part, parts)
        if isinstance(part, Pow):
            return _real(parts[0] ** parts[1], part)
        if isinstance(part, Apply) and part.name in FUNCTIONS:
            return _real(FUNCTIONS[part.name].meaning(parts[0]), part)
        return rebuild(part, parts)

    def value(self, terms: Terms, free: Sequence[Index]) -> Basic:
        """A sum of products without Σ: each Σ has a name."""
        return tree([self.product(term) for term in terms], free, hoist=True)

    def product(self, term: Term) -> Term:
        if any(isinstance(factor, Delta) for factor in term.factors):
            free = tuple(sorted(term.free, key=lambda index: index.name))
            return Term((), (self.name_for((term,), free),))
        factors: list[Basic] = []
        number, rest = coefficient(term)
        if not term.bound and len(rest) > 1:
            known = self.known(tree((term,), tuple(term.free), hoist=True))
            if known is not None and known.free == term.free:
                return Term((), (known,))
        for indices, places in components(Term(term.bound, rest)):
            group = [rest[place] for place in places]
            if not indices:
                factors.extend(map(self.factor, group))
                continue
            part = Term(indices, tuple(group))
            mean = multiplied(1 / index.size for index in indices)
            if number in (mean, -mean):
                part, number = with_coefficient(mean, part), number / mean
            factors.append(self.name_for((part,), _in_order(part)))
        return Term((), (number, *factors))

    def factor(self, part: Basic) -> Basic:
        """A factor with names for what is heavy in it."""
        if isinstance(part, Expr | One | Access):
            return part
        if isinstance(part, Reduce):
            return self.name_for((Term((), (part,)),), _in_order(part))
        if isinstance(part, Add | Mul | Sum):
            return self.argument(part)
        if isinstance(part, Apply) and part.name not in LIGHT:
            return self.name_for((Term((), (part,)),), _in_order(part))
        return self.function(part)

    def argument(self, part: Basic) -> Basic:
        """A bracket, what a function is applied to, or the base of a power; a deviation from a
        mean has a name, so that it is made with care and once."""
        if isinstance(part, Expr):
            return part
        free = _in_order(part)
        terms = _tidy(part, free)
        known = self.known(tree(terms, free, hoist=True))
        if known is not None:
            return known
        value = self.value(terms, free)
        made = {one.left.name: one for one in self.operations}
        return value if deviation(value, made) is None else self.name_for(terms, free)

    # Names

    def name_for(self, terms: Terms, free: tuple[Index, ...]) -> Access:
        """A part under a name of its own, the one it has where it was met before."""
        whole = tree(terms, free, hoist=True)
        known = self.known(whole)
        if known is not None:
            return known
        left = Access(self.namer.part(name_of(terms)), *free)
        last = self.operation(left, terms)
        self.add(last)
        self.remember(whole, last.left)
        return Access(last.left.name, *last.left.indices)

    def known(self, whole: Basic) -> Access | None:
        if isinstance(whole, Access):
            return whole if len(set(whole.indices)) == len(whole.indices) else None
        if isinstance(whole, Expr):
            return None
        look, indices = skeleton(whole)
        if look not in self.named:
            return None
        name, holes, layout = self.named[look]
        mapping = dict(zip(holes, indices, strict=True))
        return Access(name, *(mapping[index] for index in layout))

    def remember(self, whole: Basic, left: Access) -> None:
        if isinstance(whole, Expr | Access) or len(set(left.indices)) < len(left.indices):
            return
        look, indices = skeleton(whole)
        if set(indices) == set(left.indices):
            self.named.setdefault(look, (left.name, indices, left.indices))

    def add(self, one: Operation) -> None:
        self.operations.append(one)
        self.remember(one.right, one.left)

    # Contractions

    def contraction(self, left: Access, number: Expr, term: Term) -> Operation:
        """Σ of a product, two operands at a time."""
        operands: list[Access] = []
        for factor in term.factors:
            operands.extend(self.operands(factor))
        operands = self.summed_alone(operands, left)
        operands = self.known_pairs(operands, left)
        for step in path(operands, left, self.lengths) if len(operands) > 2 else ():
            if len(operands) == 2:
                break
            pair = [operands.pop(place) for place in reversed(step.places)]
            operands.append(self.pair(pair, step.left))
        missing = [index for one in operands for index in one.indices if index not in left.free]
        if not missing:
            value = Term((), (number, *operands))
            return Pointwise(left, tree((value,), left.indices, hoist=True))
        whole = tree((_joined(operands, left.indices),), left.indices, hoist=True)
        look, indices = skeleton(whole)
        if look in self.sums:
            name, holes, layout, factor = self.sums[look]
            mapping = dict(zip(holes, indices, strict=True))
            known = Access(name, *(mapping[index] for index in layout))
            value = Term((), (number / factor, known))
            return Pointwise(left, tree((value,), left.indices, hoist=True))
        if set(indices) == set(left.indices):
            self.sums[look] = (left.name, indices, left.indices, number)
        return Contraction(left, number, tuple(operands))

    def operands(self, factor: Basic) -> list[Access]:
        if isinstance(factor, Pow) and factor.exponent == 2:
            return self.operands(factor.base) * 2
        return [self.access(self.factor(factor))]

    def access(self, value: Basic) -> Access:
        """What is elementwise, under a name if it has none."""
        if not isinstance(value, Access):
            free = _in_order(value)
            value = self.name_for(_tidy(value, free), free)
        assert isinstance(value, Access)
        return value

    def summed_alone(self, operands: list[Access], left: Access) -> list[Access]:
        """What only one operand has is summed there first."""
        if len(operands) < 2:
            return operands
        found = []
        for place, one in enumerate(operands):
            others = [other for at, other in enumerate(operands) if at != place]
            kept = free_of(left).union(*map(free_of, others))
            alone = tuple(dict.fromkeys(i for i in one.indices if i not in kept))
            found.append(self.summed(one, alone) if alone else one)
        return found

    def summed(self, one: Access, alone: tuple[Index, ...]) -> Access:
        free = tuple(index for index in dict.fromkeys(one.indices) if index not in alone)
        return self.name_for((Term(alone, (one,)),), free)

    def pair(self, pair: Sequence[Access], free: tuple[Index, ...]) -> Access:
        return self.name_for((_joined(pair, free),), free)

    def known_pairs(self, operands: list[Access], left: Access) -> list[Access]:
        """Two operands whose product was made before are that product."""
        while len(operands) > 2:
            for first, second in combinations(range(len(operands)), 2):
                rest = [one for at, one in enumerate(operands) if at not in (first, second)]
                pair = (operands[first], operands[second])
                kept = free_of(left).union(*map(free_of, rest))
                both = dict.fromkeys((*pair[0].indices, *pair[1].indices))
                free = tuple(index for index in both if index in kept)
                known = self.known(tree((_joined(pair, free),), free, hoist=True))
                if known is not None:
                    operands = [*rest, known]
                    break
            else:
                break
        return operands

    # Diagonals and reductions

    def spread(self, left: Access, term: Term) -> Operation:
        """δ_ij a_i b_j is a_i b_i on the diagonal."""
        pairs: list[tuple[Index, Index]] = []
        rest = list(term.factors)
        mapping: dict[Index, Index] = {}
        for delta in [factor for factor in rest if isinstance(factor, Delta)]:
            first, second = (mapping.get(index, index) for index in delta.indices)
            rest.remove(delta)
            if first == second:
                continue
            pairs.append((first, second))
            mapping = {old: first if new == second else new for old, new in mapping.items()}
            mapping[second] = first
        inner = normal((Term(term.bound, tuple(rename(part, mapping) for part in rest)),))
        gone = set(mapping)
        free = tuple(index for index in dict.fromkeys(left.indices) if index not in gone)
        whole = self.value(inner, free)
        return Spread(left, self.access(whole), tuple(pairs))

    def reduction(self, left: Access, node: Reduce) -> Operation:
        body = self.argument(node.body)
        return Reduction(left, node.kind, self.access(body))


def _joined(pair: Sequence[Access], free: Sequence[Index]) -> Term:
    """The product of operands, summed over all but the free indices."""
    operands = sorted(pair, key=lambda one: one.name)
    both = dict.fromkeys(index for one in operands for index in one.indices)
    return Term(tuple(index for index in both if index not in free), tuple(operands))


def _tidy(expr: Basic, free: tuple[Index, ...]) -> Terms:
    """The terms in normal form, without a δ that a Σ takes."""
    # Brackets go first: a δ may stand in one.
    flat = normal(Work.on(expr, free).terms)
    work = Work.on(tree(flat, free, hoist=True), free)
    waves(work, (*ones.ORDER, *deltas.ORDER))
    return normal(work.terms)


def _in_order(part: Basic | Term) -> tuple[Index, ...]:
    """The free indices as they appear."""
    expr = tree((part,), (), hoist=True) if isinstance(part, Term) else part
    return skeleton(expr)[1] if not isinstance(expr, Access) else tuple(dict.fromkeys(expr.indices))


def _real(value: Expr, part: Basic) -> Expr:
    """The number that a part is: x - x is 0, and log(x - x) has no value."""
    if is_exact(value) and value.is_extended_real is not False:
        return value
    raise IndexcalcError(
        "IC109",
        f"{spell(part, 'unicode')} is no real number, whatever the inputs",
        hint="leave it out, or change it",
    )
