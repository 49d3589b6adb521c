"""A program as values in order: each a product of two, a sum, a quotient, or a function of one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sympy import Basic, Expr, Rational

from indexcalc.codegen.teaching.python import fraction
from indexcalc.codegen.teaching.statements import Statement
from indexcalc.expr.base import ONE, Index
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.program import Program
from indexcalc.expr.terms import flat_product, is_negative

Letters = tuple[Index, ...]
# The classes that choose the order of their letters; others have that of their input.
INDEXED = (
    "Product",
    "Total",
    "Spread",
    "Diagonal",
    "Plus",
    "Minus",
    "Quotient",
    "Raised",
    "Handed",
)


@dataclass(eq=False, slots=True)
class Value:
    """A value: which class makes it, of which others, and the letters of its axes.

    `extra` is what the class is told besides; `tree` is what it is a value of, and `name` that of
    the tensor, where it is one.
    """

    kind: str
    inputs: tuple[Value, ...]
    letters: Letters
    tree: Basic
    extra: tuple[Basic | str, ...] = ()
    given: tuple[Letters, ...] = ()
    name: str = ""


class Values:
    """The values of a program, each after those that it is made of."""

    def __init__(self, program: Program, statements: Iterable[Statement]) -> None:
        self.known = {a.name: Value("Given", (), a.indices, a, name=a.name) for a in program.inputs}
        self.made: list[Value] = list(self.known.values())
        self.parts: list[tuple[Statement, list[Value]]] = []
        self.order: Letters = ()
        for statement in statements:
            before = len(self.made)
            self.add(statement)
            self.parts.append((statement, self.made[before:]))

    def add(self, statement: Statement) -> None:
        left, right = statement.left, statement.equation.right
        self.order = left.indices
        value = self.value(right)
        missing = [index for index in left.indices if index not in value.letters]
        if missing:
            sizes = tuple(index.size for index in left.indices)
            value = self.make("Spread", [value], left.indices, right, sizes)
        elif value.name or value.letters != left.indices or value not in self.made:
            value = self.make("Total", [value], left.indices, right)
        value.name = left.name
        self.known[left.name] = value

    def make(
        self,
        kind: str,
        inputs: Sequence[Value],
        letters: Collection[Index],
        tree: Basic,
        extra: tuple[Basic | str, ...] = (),
    ) -> Value:
        """A new value; of several inputs, its letters are in the order of the left-hand side."""
        rest = [index for index in letters if index not in self.order]
        own = (*(index for index in self.order if index in letters), *dict.fromkeys(rest))
        if kind not in INDEXED:
            own = tuple(letters)
        given = tuple(value.letters for value in inputs)
        made = Value(kind, tuple(inputs), own, tree, extra, given)
        self.made.append(made)
        return made

    def value(self, node: Basic) -> Value:
        match node:
            case Access():
                return self.component(node)
            case One():
                return Value("Number", (), (), ONE, (ONE,))
            case Delta():
                return self.delta(node)
            case Expr():
                return Value("Number", (), (), node, (node,))
            case Add():
                return self.sum(node)
            case Mul() | Sum():
                return self.term(node)
            case Pow():
                return self.power(node)
            case Apply():
                return self.function(node)
            case Reduce():
                body = self.value(node.body)
                letters = [index for index in body.letters if index not in node.indices]
                return self.make(node.kind.capitalize(), [body], letters, node)
        raise TypeError(f"no value for {type(node).__name__}")

    def component(self, node: Access) -> Value:
        """x_ij under these letters; the diagonal where some are the same."""
        tensor = self.known[node.name]
        here = Value(
            tensor.kind, tensor.inputs, node.indices, node, tensor.extra, tensor.given, tensor.name
        )
        if len(set(node.indices)) == len(node.indices):
            return here
        return self.make("Diagonal", [here], dict.fromkeys(node.indices), node)

    def delta(self, node: Delta) -> Value:
        first, second = node.indices
        if first == second:
            return self.value(One(first))
        return Value("Identity", (), (first, second), node, (first.size,))

    def sum(self, node: Add) -> Value:
        """Terms with a plus, less those with a minus."""
        above: list[Value] = []
        below: list[Value] = []
        for part in node.args:
            (term,) = flat_product(part) or flat_product(ONE * 1)
            minus = is_negative(term)
            (below if minus else above).append(self.term(part, flipped=minus))
        if not above:
            total = self.together(below, node)
            return self.make("Product", [_number(-ONE), total], total.letters, node)
        first = self.together(above, node)
        if not below:
            return first
        second = self.together(below, node)
        return self.make("Minus", [first, second], _union([first, second]), node)

    def together(self, terms: Sequence[Value], node: Basic) -> Value:
        if len(terms) == 1:
            return terms[0]
        return self.make("Plus", terms, _union(terms), node)

    def term(self, node: Basic, *, flipped: bool = False) -> Value:
        """A product from left to right, each letter summed as soon as no other factor has it."""
        (term,) = flat_product(node) or (None,)
        if term is None:
            return _number(ONE * 0)
        number, above, below = fraction(term.factors)
        number = -number if flipped else number
        scalars = [factor for factor in above if isinstance(factor, Expr)]
        under = [factor for factor in below if isinstance(factor, Expr)]
        for factor in scalars:
            number = number * factor
        for factor in under:
            number = number / factor
        waiting = [self.value(f) for f in above if not isinstance(f, Expr | One)]
        divisors = [self.value(f) for f in below if not isinstance(f, Expr | One)]
        seen = {i for value in (*waiting, *divisors) for i in value.letters}
        for index in term.bound:
            number = number if index in seen else number * index.size
        if number != 1 or not waiting:
            waiting.insert(0, _number(number))
        value = self.folded(waiting, term.bound, [i for d in divisors for i in d.letters], node)
        if divisors:
            divisor = self.folded(divisors, (), (), node)
            value = self.make("Quotient", [value, divisor], _union([value, divisor]), node)
        if any(index in term.bound for index in value.letters):
            left = [index for index in value.letters if index not in term.bound]
            value = self.make("Total", [value], left, node)
        return value

    def folded(
        self, factors: Sequence[Value], bound: Letters, needed: Collection[Index], node: Basic
    ) -> Value:
        """The factors multiplied in turn; a bound letter goes when none still needs it."""
        value, *rest = factors
        while rest:
            factor = rest.pop(0)
            later = {*needed, *(index for other in rest for index in other.letters)}
            letters = [i for i in _union([value, factor]) if i not in bound or i in later]
            tree = _product(value.tree, factor.tree)
            value = self.make("Product", [value, factor], letters, tree)
        return value

    def power(self, node: Pow) -> Value:
        base, exponent = node.args
        if isinstance(exponent, Expr):
            if exponent.could_extract_minus_sign():
                return self.term(node)
            if exponent == Rational(1, 2):
                return self.function(Apply("sqrt", base))
            value = self.value(base)
            return self.make("Power", [value], value.letters, node, (exponent,))
        pair = [self.value(base), self.value(exponent)]
        return self.make("Raised", pair, _union(pair), node)

    def function(self, node: Apply) -> Value:
        values = [self.value(argument) for argument in node.arguments]
        if node.name in FUNCTIONS:
            return self.make(node.name.capitalize(), values, values[0].letters, node)
        return self.make("Handed", values, _union(values), node, (node.name,))


def _number(value: Expr) -> Value:
    return Value("Number", (), (), value, (value,))


def _product(first: Basic, second: Basic) -> Basic:
    if isinstance(first, Expr) and isinstance(second, Expr):
        return first * second
    return Mul(first, second)


def _union(values: Iterable[Value]) -> Letters:
    return tuple(dict.fromkeys(index for value in values for index in value.letters))
