"""Which indices are summed where: rules 1-4 and 6, from the outside in."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import replace

from tests.oracle.syntax import (
    Bin,
    Binder,
    Call,
    Group,
    Leaf,
    Neg,
    Node,
    Num,
    Program,
    Refused,
    Size,
    Statement,
    children,
    spell,
    walk,
)

Scope = dict[str, str]
ABSENT, OPEN, SUMS, CLASH = "absent", "open", "sums", "clash"


def _chain(node: Node) -> list[Node]:
    """The factors of ``a*b/c`` as written; a denominator or a group is one factor."""
    if isinstance(node, Bin) and node.op in "*/":
        return [*_chain(node.left), node.right]
    return [node]


def _parts(node: Node) -> list[Node]:
    """What an index can be found in at a node (rule 2): factors, base and exponent, arguments."""
    return _chain(node) if isinstance(node, Bin) and node.op in "*/" else list(children(node))


def alone(node: Node, k: str) -> str:
    """What a node, standing alone, does with the dummy k (rules 2-4).

    OPEN: a single occurrence is left somewhere, rule 4.  CLASH: both readings are legal, rule 3:
    some parts would sum k alone, and of the others none or two or more hold it.
    """
    if isinstance(node, Leaf):
        return (ABSENT, OPEN, SUMS)[min(node.indices.count(k), 2)]
    if isinstance(node, Binder) and k in node.indices:
        return ABSENT
    found = [a for part in _parts(node) if (a := alone(part, k)) != ABSENT]
    if isinstance(node, Bin) and node.op in "+-":
        return next((a for a in (OPEN, CLASH, SUMS) if a in found), ABSENT)
    if len(found) < 2:
        return found[0] if found else ABSENT
    return CLASH if found.count(OPEN) not in (1, len(found)) else SUMS


def _count(node: Node, k: str) -> int:
    """How often the unbound k is written in a node."""
    if isinstance(node, Leaf):
        return node.indices.count(k)
    if isinstance(node, Binder) and k in node.indices:
        return 0
    return sum(_count(child, k) for child in children(node))


def _letters(node: Node) -> list[str]:
    """The unbound letters of a node, in order of appearance."""
    every = (k for n in walk(node) if isinstance(n, Leaf) for k in n.indices)
    return [k for k in dict.fromkeys(every) if _count(node, k)]


def _flat(node: Node) -> list[tuple[Node, bool]]:
    """All factors of a product through its parentheses, and whether each is a denominator."""
    match node:
        case Group(inner) | Neg(inner):
            return _flat(inner)
        case Bin("*", left, right):
            return _flat(left) + _flat(right)
        case Bin("/", left, right):
            return [*_flat(left), (right, True)]
    return [(node, False)]


class _Reader:
    """Reads one statement top-down; the result has every sum as a binder, every letter unique."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.fresh = itertools.count()
        self.free: set[str] = set()
        self.doubts: list[str] = []

    def bind(self, letters: Sequence[str]) -> Scope:
        return {k: f"{k}.{self.number}.{next(self.fresh)}" for k in letters}

    def statement(self, s: Statement) -> Statement:
        """Rule 1: the letters on the left are free everywhere."""
        scope = self.bind(s.indices)
        self.free = set(scope.values())
        return Statement(s.name, tuple(scope[k] for k in s.indices), self.read(s.expr, scope))

    def read(self, node: Node, scope: Scope) -> Node:
        """Rule 2: sum here what two parts hold, hand the rest inside; a ``+`` only hands on."""
        match node:
            case Num():
                return node
            case Size(letter):
                return Size(f"{letter}.{self.number}")
            case Bin("+" | "-", left, right):
                return Bin(node.op, self.read(left, scope), self.read(right, scope))
            case Binder(kind, indices, body):  # rule 6: it wins over whatever is in scope
                bound = self.bind(indices)
                return Binder(kind, tuple(bound.values()), self.read(body, scope | bound))
        self.redundant_one(node, scope)
        here = self.bind([k for k in _letters(node) if k not in scope and self.summed(node, k)])
        inside = self.hand(node, scope | here)
        return Binder("sum", tuple(here.values()), inside) if here else inside

    def hand(self, node: Node, scope: Scope) -> Node:
        """Give the parts of a node what is now in scope; rule 4 where an index stays single."""
        match node:
            case Leaf(name, indices):
                for k in indices:
                    if k not in scope:
                        raise Refused(4, f"{k} is left with one occurrence in {spell(node)}")
                return Leaf(name, tuple(scope[k] for k in indices))
            case Bin(op, left, right):
                chained = op in "*/" and isinstance(left, Bin) and left.op in "*/"
                first = self.hand(left, scope) if chained else self.read(left, scope)
                return Bin(op, first, self.read(right, scope))
            case Call(name, args):
                return Call(name, tuple(self.read(arg, scope) for arg in args))
            case Neg(inner) | Group(inner):
                return replace(node, inner=self.read(inner, scope))
        raise TypeError(node)

    def summed(self, node: Node, k: str) -> bool:
        """Whether two parts of the node hold k (rule 2), refusing the ambiguous (rule 3)."""
        if isinstance(node, Leaf):
            return node.indices.count(k) > 1
        found = [(a, part) for part in _parts(node) if (a := alone(part, k)) != ABSENT]
        if len(found) < 2:
            return False
        others = [part for a, part in found if a == OPEN]
        self.note_doubt(node, k, any(a == CLASH for a, _ in found), others, len(found))
        if alone(node, k) == CLASH:
            raise Refused(3, f"{k} could be summed inside or outside in {spell(node)}")
        return True

    def note_doubt(self, node: Node, k: str, clash: bool, others: list[Node], held: int) -> None:
        """Remember where another honest wording of rule 3 would decide differently."""
        if clash and len(others) != 1:
            self.doubts.append(f"{k}: a part of {spell(node)} is itself ambiguous")
        if len(others) == 1 < held and _count(others[0], k) > 1:
            self.doubts.append(f"{k} is written twice but open in one part of {spell(node)}")

    def redundant_one(self, node: Node, scope: Scope) -> None:
        """Rule 1: refuse a one-tensor all of whose indices are free and carried by its product."""
        factors = _flat(node)
        for n, (one, below) in enumerate(factors):
            if below or not isinstance(one, Leaf) or one.name != "1":
                continue
            rest = [factor for m, (factor, _) in enumerate(factors) if m != n]
            if all(
                scope.get(k) in self.free and any(_count(r, k) for r in rest) for k in one.indices
            ):
                raise Refused(1, f"{spell(one)} changes nothing in {spell(node)}")


def read(program: Program) -> tuple[Statement, ...]:
    """The statements with every sum written as a binder and every binding uniquely lettered."""
    return tuple(_Reader(n).statement(s) for n, s in enumerate(program.statements))


def doubts(program: Program) -> list[str]:
    """The places where the rules can honestly be worded either way (usually none)."""
    found: list[str] = []
    for n, s in enumerate(program.statements):
        reader = _Reader(n)
        with contextlib.suppress(Refused):
            reader.statement(s)
        found += reader.doubts
    return found
