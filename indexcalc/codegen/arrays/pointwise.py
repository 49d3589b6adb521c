"""Large pointwise values as steps: small factors first, and large arrays touched seldom.

Products are regrouped, so that what has few indices is multiplied before it meets a large array;
sums are not, since in x - m + c the order decides how many digits are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from sympy import Basic, Expr, Rational

from indexcalc.codegen.arrays import arithmetic
from indexcalc.codegen.arrays.arithmetic import SUM, Piece
from indexcalc.codegen.arrays.leaves import Axes, spread
from indexcalc.codegen.arrays.spelling import (
    HALF,
    Speller,
    accesses,
    carried,
    divisors,
    inverse,
    split,
)
from indexcalc.codegen.arrays.steps import Operand, Step, Value
from indexcalc.expr.base import MINUS_ONE, ONE, Index
from indexcalc.expr.nodes import Access, Add, Apply, Mul, Pow

# A factor of a product, with whether it divides.
Factor = tuple[bool, Basic]
_BINARY = {"+": "np.add", "-": "np.subtract", "*": "np.multiply", "/": "np.divide"}


class Lowering:
    """The steps of one value over all of these axes; `known` are the large values so far."""

    def __init__(
        self, speller: Speller, target: str, axes: Axes, known: Mapping[str, Value]
    ) -> None:
        self.speller = speller
        self.target = target
        self.axes = tuple(axes)
        self.all = frozenset(axes)
        self.known = known
        self.steps: list[Step] = []
        self.done: dict[Basic, Operand] = {}

    def run(self, value: Basic, *, kept: bool) -> tuple[list[Step], Value]:
        """The steps, the last of which makes the named value."""
        found = self.operand(value)
        if not self.steps or found.value is not self.steps[-1].result:
            found = self.call("np.positive", found)
        assert found.value is not None
        found.value.named, found.value.kept = True, kept
        return self.steps, found.value

    # Values

    def operand(self, node: Basic) -> Operand:
        if node not in self.done:
            self.done[node] = self.made(node)
        return self.done[node]

    def made(self, node: Basic) -> Operand:
        if carried(node) != self.all:
            return self.small([(False, node)])
        match node:
            case Access():
                return self.array(node)
            case Add():
                return self.sum(node)
            case Apply():
                return self.applied(node)
            case Pow() if inverse(node) is None:
                return self.power(node)
            case Mul() | Pow():
                return self.product(*split(node))
        return self.text(self.speller.value(node, self.axes).text, [node])

    def array(self, access: Access) -> Operand:
        if access.indices == self.axes and access.name in self.known:
            return Operand(value=self.known[access.name])
        return self.text(self.speller.value(access, self.axes).text, [access])

    def text(self, text: str, nodes: Iterable[Basic]) -> Operand:
        names = dict.fromkeys(access.name for node in nodes for access in accesses(node))
        return Operand(text, inside=tuple(self.known[n] for n in names if n in self.known))

    def small(self, terms: Sequence[tuple[bool, Basic]]) -> Operand:
        """A sum over fewer axes, formed there and then broadcast."""
        return self.broadcast(
            [node for _, node in terms],
            lambda own: arithmetic.total(
                [(negative, self.speller.value(node, own)) for negative, node in terms]
            ),
        )

    def broadcast(self, nodes: Sequence[Basic], spell: Callable[[Axes], Piece]) -> Operand:
        has = frozenset[Index]().union(*map(carried, nodes))
        own = [index for index in self.axes if index in has]
        piece = spell(own)
        grown = spread(piece.at(arithmetic.ATOM), own, self.axes)
        return self.text(grown if grown.endswith("]") else piece.at(SUM), nodes)

    # Sums

    def sum(self, node: Add) -> Operand:
        terms = [_sign(term) for term in node.parts]
        if terms[0][0] and not terms[1][0]:
            terms[0], terms[1] = terms[1], terms[0]
        count = self.before_large([term for _, term in terms])
        if count:
            found = self.small(terms[:count])
        else:
            (negative, first), count = terms[0], 1
            coefficient, parts = split(first)
            found = self.product(-coefficient, parts) if negative else self.operand(first)
        for negative, term in terms[count:]:
            found = self.binary("-" if negative else "+", found, self.operand(term))
        return found

    def before_large(self, nodes: Sequence[Basic]) -> int:
        """How many of them together still lack an index."""
        has: frozenset[Index] = frozenset()
        for count, node in enumerate(nodes):
            has |= carried(node)
            if has == self.all:
                return count
        return len(nodes)

    # Products

    def product(self, coefficient: Expr, parts: Sequence[Basic]) -> Operand:
        """Signs and numbers go with the smallest factor."""
        factors = [_factor(part) for part in parts]
        large = [factor for factor in factors if carried(factor[1]) == self.all]
        rest = [factor for factor in factors if carried(factor[1]) != self.all]
        groups = self.groups(coefficient, rest)
        # What is made on the way first: its array is then written over.
        large.sort(key=lambda factor: isinstance(factor[1], Access))
        above = [("*", self.operand(node)) for divides, node in large if not divides]
        below = [("/", self.operand(node)) for divides, node in large if divides]
        if not above and groups and groups[0][0] == "*":
            above, groups = groups[:1], groups[1:]
        negative = not rest and coefficient == MINUS_ONE
        ordered = [*above, *below, *groups]
        found = ordered.pop(0)[1] if above else Operand("-1" if negative else "1")
        for operator, operand in ordered:
            found = self.binary(operator, found, operand)
        return self.call("np.negative", found) if negative and above else found

    def groups(self, coefficient: Expr, factors: Sequence[Factor]) -> list[tuple[str, Operand]]:
        """Factors with fewer indices, those of nested indices multiplied together."""
        groups: dict[frozenset[Index], list[Factor]] = {}
        for factor in factors:
            groups.setdefault(carried(factor[1]), []).append(factor)
        for has in sorted(groups, key=len):
            around = [other for other in groups if other > has]
            if around:
                home = min(around, key=len)
                groups[home] = groups.pop(has) + groups[home]
        smallest = min(groups, key=len, default=None)
        return [
            *(
                ("*", self.group(members, coefficient if has == smallest else ONE))
                for has, members in groups.items()
            ),
            *(self.number(coefficient) if smallest is None and abs(coefficient) != 1 else ()),
        ]

    def group(self, members: Sequence[Factor], coefficient: Expr) -> Operand:
        negative = bool(coefficient.could_extract_minus_sign())
        above, below = arithmetic.factors(-coefficient if negative else coefficient)
        factors = [*((False, n) for n in above), *members, *((True, n) for n in below)]

        def spell(own: Axes) -> Piece:
            pieces = [
                (divides, self.speller.value(one, own))
                for divides, node in factors
                for one in (divisors(node) if divides else [node])
            ]
            return arithmetic.total([(negative, arithmetic.product(pieces))])

        return self.broadcast([node for _, node in members], spell)

    def number(self, coefficient: Expr) -> list[tuple[str, Operand]]:
        """A number by itself; an array can be divided by 0, and Python's 1 cannot."""
        above, _ = arithmetic.factors(coefficient)
        if above and above != [MINUS_ONE]:
            return [("*", Operand(self.speller.scalar(coefficient).text))]
        return [("/", Operand(self.speller.scalar(1 / coefficient).text))]

    # Powers and functions

    def power(self, node: Pow) -> Operand:
        base, exponent = self.operand(node.base), node.exponent
        if exponent == HALF:
            return self.call("np.sqrt", base)
        if exponent == Rational(3, 2):
            return self.binary("*", self.call("np.sqrt", base), base)
        if exponent in (2, 3, 4):
            square = self.call("np.square", base)
            if exponent == 2:
                return square
            return (
                self.call("np.square", square) if exponent == 4 else self.binary("*", square, base)
            )
        return self.call("np.power", base, self.operand(exponent))

    def applied(self, node: Apply) -> Operand:
        operands = [self.operand(part) for part in node.arguments]
        return self.step(lambda texts, out: self.speller.call(node.name, texts, out), operands)

    # Steps

    def binary(self, operator: str, first: Operand, second: Operand) -> Operand:
        name = _BINARY[operator]
        return self.step(
            lambda texts, out: f"{name}({', '.join(texts)}{out})", [first, second], operator
        )

    def call(self, name: str, *operands: Operand) -> Operand:
        return self.step(lambda texts, out: f"{name}({', '.join(texts)}{out})", operands)

    def step(
        self,
        call: Callable[[list[str], str], str],
        operands: Sequence[Operand],
        operator: str = "",
    ) -> Operand:
        result = Value(self.target, self.axes, named=False)
        self.steps.append(Step(call, tuple(operands), result, ufunc=True, operator=operator))
        return Operand(value=result)


def _sign(node: Basic) -> tuple[bool, Basic]:
    """A term as whether it is taken away, and what it is then."""
    coefficient, parts = split(node)
    negative = bool(coefficient.could_extract_minus_sign())
    if not negative:
        return False, node
    if not parts or coefficient != -1:
        return True, Mul(-coefficient, *parts) if parts else -coefficient
    return True, parts[0] if len(parts) == 1 else Mul(*parts)


def _factor(node: Basic) -> Factor:
    denominator = inverse(node)
    return (False, node) if denominator is None else (True, denominator)
