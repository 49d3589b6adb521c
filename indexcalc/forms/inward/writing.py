"""Statements in matrix notation as statements with indices: (A B)_mn is Σ_k A_mk B_kn.

From the whole to its parts every node is given the row and the column at which its entry is asked,
and from the parts to the whole that entry is written. Sums inside of a product are sums of the
whole product, for no two of them have one letter.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from indexcalc.errors import MAX_BYTES, IndexcalcError, Span
from indexcalc.forms.inward.shapes import Shapes
from indexcalc.forms.inward.syntax import (
    Called,
    Minus,
    Node,
    Number,
    Pair,
    Raised,
    Right,
    Turned,
    Word,
)
from indexcalc.forms.inward.visits import Entry, Letters, Visit, letters, parts_first
from indexcalc.lang import syntax
from indexcalc.lang.sizes import Axis
from indexcalc.lang.syntax import Factor, Letter

# No text without powers has more parts.
MOST_PARTS = MAX_BYTES


class Writer:
    """Writes the right sides of a program whose shapes are known."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.parts = 0
        self.nodes: list[syntax.Syntax] = []
        self.letters = self.lettered()

    def lettered(self) -> Letters:
        """A letter for each size: the signature's, or the next one in order of appearance."""
        spoken = {*self.shapes.known, *self.shapes.called}
        avoid = {*spoken, *(name.lower() for name in spoken), *self.shapes.names.sized}
        own: dict[Axis, str] = {}
        others = letters(avoid)
        for axis in self.shapes.inputs:
            if axis.root not in own:
                signature = axis.root.signature
                own[axis.root] = signature.letter.name if signature else next(others)
        return Letters(own, avoid.union(own.values()))

    def write(self, statement: syntax.Statement, right: Right) -> None:
        """Fill in the left indices, the right side and the nodes of a statement."""
        free = self.letters.copy()
        shape = self.shapes.known[statement.name]
        row, column = (free.fresh(axis, statement.name_span) if axis else None for axis in shape)
        self.nodes = statement.nodes = []
        rows, columns = right.root.shape
        root = Visit(right.root, row if rows else None, column if columns else None, free)
        self.visit(root)
        made: dict[Visit, Entry] = {}
        for visit in parts_first(root):
            made[visit] = self.entry(visit, [made.pop(part) for part in visit.parts])
        statement.indices = [letter for letter in (row, column) if letter]
        statement.right = self.product(made[root], right.root.span)

    # From the whole to the parts

    def visit(self, root: Visit) -> None:
        waiting = [root]
        while waiting:
            visit = waiting.pop()
            self.open(visit, visit is root)
            self.parts += 1
            if self.parts > MOST_PARTS:
                raise IndexcalcError(
                    "IC106",
                    f"with its powers multiplied out this has more than {MOST_PARTS:,} parts",
                    hint="give a part a name of its own and use the name",
                    spans=[root.node.span],
                )
            waiting += reversed(visit.parts)

    def open(self, visit: Visit, is_root: bool) -> None:
        """Find the parts of a node, and the letters that are summed at it."""
        match visit.node:
            case Turned():
                visit.part(visit.node.of, visit.column, visit.row)
            case Minus():
                visit.same(visit.node.of)
            case Pair(operator="+" | "-"):
                visit.same(*(term for term, _ in _terms(visit.node)))
                if is_root:
                    for part in visit.parts:
                        part.letters = visit.letters.copy()
            case Pair(operator=":"):
                row, column = map(visit.summed, visit.node.left.shape)
                visit.part(visit.node.left, row, column)
                visit.part(visit.node.right, row, column)
            case Pair(chains=True):
                self.chain(visit, _chained(visit.node))
            case Pair():
                visit.same(visit.node.left, visit.node.right)
            case Raised(times=times) if times:
                self.chain(visit, [visit.node.base] * times)
            case Raised():
                norm = _squared_norm(visit.node)
                if norm:
                    visit.part(norm, *map(visit.summed, norm.shape))
                else:
                    visit.same(visit.node.base, visit.node.exponent)
            case Called():
                self.call(visit, visit.node)

    def chain(self, visit: Visit, parts: list[Node]) -> None:
        """A_mk B_kl C_ln; a diagonal matrix has one letter for both, and nothing is summed."""
        between = [part.shape[0] for part in parts[1:]]
        places: list[Letter | None] = [visit.row, *(None for _ in between), visit.column]
        last = len(parts) - 1
        while last > 0 and _is_diagonal(parts[last]):
            places[last] = places[last + 1]
            last -= 1
        for place in range(1, last + 1):
            diagonal = _is_diagonal(parts[place - 1])
            places[place] = places[place - 1] if diagonal else visit.summed(between[place - 1])
        for part, (row, column) in zip(parts, pairwise(places), strict=True):
            visit.part(part, row, column)

    def call(self, visit: Visit, node: Called) -> None:
        of = node.arguments[0]
        rows, columns = of.shape
        match node.name:
            case "tr" | "trace":
                letter = visit.summed(rows)
                visit.part(of, letter, letter)
            case "diag" if rows and columns:
                visit.part(of, visit.row, visit.row)
            case "diag":
                visit.part(of, visit.row if rows else None, visit.row if columns else None)
            case "sum" | "mean":
                row, column = (
                    visit.summed(axis) if axis and not kept else place
                    for axis, kept, place in zip(
                        of.shape, node.shape, (visit.row, visit.column), strict=True
                    )
                )
                visit.part(of, row, column)
            case "norm":
                visit.part(of, *map(visit.summed, of.shape))
            case "ones" | "eye":
                pass
            case _:
                visit.same(*node.arguments)

    # From the parts to the whole

    def entry(self, visit: Visit, parts: list[Entry]) -> Entry:
        node = visit.node
        match node:
            case Number():
                return self.alone(syntax.Number(node.span, node.value.value))
            case Word():
                return self.word(node, visit)
            case Turned():
                return parts[0]
            case Minus():
                parts[0].sign *= -1
                return parts[0]
            case Pair(operator="+" | "-"):
                return self.terms(node, parts)
            case Pair(operator="/" | "./" | "⊘"):
                over, under = parts
                over.factors.append(Factor(self.product(under, node.right.span), inverted=True))
                return over
            case Pair():
                return parts[0].times(parts[1:], visit.sums)
            case Raised(times=times) if times:
                return parts[0].times(parts[1:], visit.sums)
            case Raised():
                return self.power(node, visit, parts)
            case Called():
                return self.called(node, visit, parts)
        raise TypeError(f"no entry of {type(node).__name__}")

    def word(self, node: Word, visit: Visit) -> Entry:
        at = [letter for letter in (visit.row, visit.column) if letter]
        if node.name == "ones":
            return Entry()
        if node.name == "I":
            return self.delta(node, visit, Entry())
        if at:
            return self.alone(syntax.Tensor(node.span, "access", node.name, node.span, at))
        size = self.shapes.size(node.name)
        if size:
            letter = Letter(self.letters.own[size.root], node.span)
            return self.alone(syntax.SizeOf(node.span, letter))
        return self.alone(syntax.Name(node.span, node.name))

    def delta(self, node: Node, visit: Visit, on_it: Entry) -> Entry:
        """What is on the diagonal, which is 0 elsewhere."""
        if visit.row is visit.column:
            return on_it
        at = [letter for letter in (visit.row, visit.column) if letter]
        one = self.alone(syntax.Tensor(node.span, "delta", "delta", node.span, at))
        return one.times([on_it])

    def terms(self, node: Pair, parts: list[Entry]) -> Entry:
        terms = []
        for (term, sign), part in zip(_terms(node), parts, strict=True):
            part.sign *= sign
            terms.append(self.product(part, term.span))
        return self.alone(syntax.Terms(node.span, terms))

    def power(self, node: Raised, visit: Visit, parts: list[Entry]) -> Entry:
        base = self.product(parts[0], node.base.span)
        if visit.sums:
            return Entry([Factor(self.squared(base, node.span))], visit.sums)
        exponent = self.product(parts[1], node.exponent.span)
        return self.alone(syntax.Power(node.span, base, exponent))

    def called(self, node: Called, visit: Visit, parts: list[Entry]) -> Entry:
        match node.name:
            case "ones":
                return Entry()
            case "eye":
                return self.delta(node, visit, Entry())
            case "diag":
                made = parts[0]
                return self.delta(node, visit, made) if node.shape[1] else made
            case "tr" | "trace" | "sum":
                return parts[0].times(parts[1:], visit.sums)
            case "mean":
                body = self.product(parts[0], node.span)
                return self.alone(syntax.Bound(node.span, "mean", visit.sums, body))
            case "norm":
                square = self.squared(self.product(parts[0], node.span), node.span)
                body = self.product(Entry([Factor(square)], visit.sums), node.span)
                return self.alone(syntax.Call(node.span, "sqrt", node.name_span, [body]))
        arguments = [
            self.product(part, argument.span)
            for part, argument in zip(parts, node.arguments, strict=True)
        ]
        return self.alone(syntax.Call(node.span, node.name, node.name_span, arguments))

    # Making nodes

    def squared(self, base: syntax.Product, span: Span) -> syntax.Syntax:
        two = self.product(self.alone(syntax.Number(span, Fraction(2))), span)
        return self.made(syntax.Power(span, base, two))

    def alone(self, node: syntax.Syntax) -> Entry:
        return Entry([Factor(self.made(node))])

    def made(self, node: syntax.Syntax) -> syntax.Syntax:
        self.nodes.append(node)
        return node

    def product(self, entry: Entry, span: Span) -> syntax.Product:
        """The entry as one node, with its Σ."""
        factors = entry.factors
        if not factors or factors[0].inverted:
            factors = [*self.alone(syntax.Number(span, Fraction(1))).factors, *factors]
        product = syntax.Product(span, entry.sign, factors)
        self.made(product)
        if not entry.sums:
            return product
        bound = self.made(syntax.Bound(span, "sum", entry.sums, product))
        return self.product(Entry([Factor(bound)]), span)


def _terms(node: Node) -> list[tuple[Node, int]]:
    """The terms of a sum that stand outside of brackets, with their signs."""
    terms: list[tuple[Node, int]] = []
    while isinstance(node, Pair) and node.operator in ("+", "-") and not (terms and node.bracketed):
        terms.append((node.right, -1 if node.operator == "-" else 1))
        node = node.left
    return [(node, 1), *reversed(terms)]


def _chained(node: Node) -> list[Node]:
    """A, B, C of the product A B C, whatever its brackets."""
    parts: list[Node] = []
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Pair) and part.chains:
            waiting += reversed(part.parts)
        else:
            parts.append(part)
    return parts


def _is_diagonal(node: Node) -> bool:
    if isinstance(node, Called) and node.name in ("diag", "eye"):
        return node.shape[1] is not None
    return isinstance(node, Word) and node.name == "I"


def _squared_norm(node: Raised) -> Node | None:
    """A of norm(A)^2, which needs no root."""
    base, exponent = node.base, node.exponent
    square = isinstance(exponent, Number) and exponent.value.value == 2
    if square and isinstance(base, Called) and base.name == "norm":
        return base.arguments[0]
    return None
