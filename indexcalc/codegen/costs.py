"""What computing costs, roughly: for choosing among forms that are equal.

The unit is one arithmetic step on one entry of an array in cache, half a nanosecond or so. Figures
were measured with NumPy on x86; their ratios differ little elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from sympy import Basic, Expr

from indexcalc.codegen.operations import Lengths, volume
from indexcalc.expr.base import NOTHING, Index, children, free_of, postorder
from indexcalc.expr.nodes import Access, Add, Apply, Binder, Mul, One, Pow
from indexcalc.expr.normal import known_key
from indexcalc.expr.terms import (
    Term,
    coefficient,
    components,
    flat,
    is_below,
    product_tree,
    split_power,
)

CHEAP = {"sqrt": 3.0, "abs": 1.0, "sign": 2.0, "relu": 1.0}
FUNCTION = 10.0
POWER = 20.0
DIVISION = 2.0
Shape = frozenset[Index]
# A multiplication and an addition within a matrix product, and within a product with a vector.
MATRIX = 0.1
VECTOR = 0.7
UNITS = (1, -1)
# Every call of NumPy, in entries.
CALL = 500.0


def cost(terms: Iterable[Term], free: Sequence[Index], lengths: Lengths) -> float:
    """Computing a sum of products over `free`, what is in it twice counted once."""
    return _Count(lengths).total(tuple(terms), tuple(free))


class _Count:
    def __init__(self, lengths: Lengths) -> None:
        self.lengths = lengths
        self.known: set[str] = set()

    def total(self, terms: Sequence[Term], free: tuple[Index, ...]) -> float:
        adding = max(len(terms) - 1, 0) * self.steps(free)
        return adding + sum(self.product(term) for term in terms)

    def steps(self, indices: Iterable[Index], each: float = 1.0) -> float:
        return CALL + each * volume(tuple(indices), self.lengths)

    def product(self, term: Term) -> float:
        spent = 0.0
        shapes: list[frozenset[Index]] = []
        for indices, places in components(term):
            factors = [term.factors[place] for place in places]
            if indices:
                part = Term(indices, tuple(factors))
                spent += self.once(product_tree(part, ()), self.contraction(part))
                shapes.append(part.free)
                continue
            for factor in factors:
                if isinstance(factor, Expr | One):
                    continue
                spent += self.part(factor)
                shapes.append(free_of(factor))
        # Those over few entries first.
        shapes.sort(key=lambda shape: volume(tuple(shape), self.lengths))
        together = NOTHING
        for place, shape in enumerate(shapes):
            together = together | shape
            spent += self.steps(together) if place else 0.0
        number, _ = coefficient(term)
        if number not in (1, -1) and shapes:
            spent += self.steps(shapes[0])
        return spent

    def once(self, whole: Basic, spent: float) -> float:
        """Nothing for what was computed before."""
        look = known_key(whole)
        if look in self.known:
            return 0.0
        self.known.add(look)
        return spent

    def part(self, factor: Basic) -> float:
        """A factor by itself."""
        base, exponent = split_power(factor)
        spent = 0.0
        if isinstance(base, Access):
            pass
        elif isinstance(base, Apply):
            each = CHEAP.get(base.name, FUNCTION)
            spent = sum(map(self.part, base.arguments)) + self.steps(free_of(base), each)
            spent = self.once(base, spent)
        elif isinstance(base, Binder):
            spent = self.once(base, self.total(flat(base.body), tuple(free_of(base.body))))
        elif isinstance(base, Pow):
            spent = sum(map(self.part, children(base))) + self.steps(free_of(base), POWER)
        elif isinstance(base, Add | Mul):
            spent = self.once(base, self.total(flat(base), tuple(free_of(base))))
        if exponent != 1:
            each = DIVISION if is_below(exponent) else 1.0
            spent += self.steps(free_of(base), each)
        return spent

    def contraction(self, term: Term) -> float:
        """Σ of a product, two operands at a time, the cheapest pair first."""
        spent = 0.0
        operands: list[frozenset[Index]] = []
        for factor in term.factors:
            if isinstance(factor, Expr | One):
                continue
            base, exponent = split_power(factor)
            times = int(exponent) if exponent.is_Integer and 0 < exponent <= 3 else 1
            spent += self.part(base if times > 1 else factor)
            operands += [free_of(factor)] * times
        outer = term.free
        while len(operands) > 1:
            first, second = min(
                combinations(range(len(operands)), 2), key=lambda pair: self.pair(operands, pair)
            )
            rest = [shape for at, shape in enumerate(operands) if at not in (first, second)]
            kept = outer.union(*rest)
            both = operands[first] | operands[second]
            spent += step(operands[first], operands[second], kept, self.lengths)
            operands = [*rest, both & kept]
        if operands and not operands[0] <= outer:
            spent += self.steps(operands[0], VECTOR)
        return spent

    def pair(self, operands: Sequence[frozenset[Index]], pair: tuple[int, int]) -> tuple[int, int]:
        both = operands[pair[0]] | operands[pair[1]]
        small = min(volume(tuple(operands[at]), self.lengths) for at in pair)
        return volume(tuple(both), self.lengths), small


def step(one: Shape, two: Shape, kept: Shape, lengths: Lengths) -> float:
    """One product of two operands, summed over what nothing else has."""
    summed = (one | two) - kept
    each = 1.0
    if summed:
        matrix = one & two & summed and (one - two) & kept and (two - one) & kept
        each = MATRIX if matrix else VECTOR
    return CALL + each * volume(tuple(one | two), lengths)


def entry(value: Basic) -> float:
    """Computing one entry of an elementwise value, its names given; a broadcast is nothing."""
    spent = 0.0
    for node in postorder(value):
        if isinstance(node, Apply):
            spent += CHEAP.get(node.name, FUNCTION)
        elif isinstance(node, Add):
            spent += len(node.args) - 1
        elif isinstance(node, Mul):
            shown = [part for part in node.args if not isinstance(part, One) and part not in UNITS]
            spent += max(len(shown) - 1, 0)
        elif isinstance(node, Pow):
            simple = isinstance(node.exponent, Expr) and node.exponent.is_Integer
            spent += DIVISION if simple else POWER
    return spent
