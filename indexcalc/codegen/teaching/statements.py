"""A program as plain loops: each one += over a product, or one assignment, with no Σ inside.

A Σ inside a function, a power or a sum becomes a statement before, under a name made of what it is
a sum of; so does a part of what is too long to read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sympy import Basic, Expr

from indexcalc.calculus.backprop import Backprop
from indexcalc.calculus.mentions import mentions
from indexcalc.codegen.part_names import numbered
from indexcalc.codegen.teaching.stems import LONGEST, is_mean, stem
from indexcalc.expr.base import ZERO, Index, Node, children, free_of, postorder, rebuild
from indexcalc.expr.canonical import key
from indexcalc.expr.entries import Entry
from indexcalc.expr.nodes import Access, Add, Apply, Binder, D, Delta, Mul, One, Reduce, Sum
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rename import distinct, rename
from indexcalc.expr.terms import Term, flat_product, product_tree

# About how many columns a loop's body takes at most, inside no loop; it is read on a line or two.
MOST_WIDTH = 90
LEAST_WIDTH = 40
# The entries of one-tensors and of deltas; no tensor of a program has these names.
UNIT = Entry("1")
SAME = "delta"


@dataclass(frozen=True, slots=True)
class Loop:
    """For all of `over`: left += body; or left = body, or left = max(left, body) and the like.

    The body is made of entries, open in nothing: one number each time.
    """

    left: Entry
    body: Basic
    over: tuple[Index, ...]
    how: str = "+="

    @property
    def entries(self) -> list[Entry]:
        """The entries of tensors that it reads, in order."""
        return entries_of(self.body)


@dataclass(frozen=True, slots=True)
class Statement:
    """An equation, and the loops that fill its left-hand side."""

    equation: Equation
    loops: tuple[Loop, ...]

    @property
    def left(self) -> Access:
        return self.equation.left


def statements(program: Program, backprop: Backprop) -> list[Statement]:
    """Those that an output depends on, in order; what has no derivative yet is refused."""
    equations = [e for e in program.equations if e.left.name in backprop.leading]
    for equation in equations:
        for name in sorted(mentions(equation.right) & backprop.active.keys()):
            D(equation.right, Access(name, *backprop.fresh(program.tensors[name])))
    splitter = _Splitter(program)
    for equation in equations:
        splitter.add(equation)
    return splitter.statements


class _Splitter:
    """Statements so far, and the names of the parts that became statements."""

    def __init__(self, program: Program) -> None:
        self.statements: list[Statement] = []
        self.named: dict[str, str] = {}
        self.taken = {*program.tensors, *dict(program.constants), *dict(program.functions)}
        self.taken |= {size.name for size in program.sizes}

    def add(self, equation: Equation) -> None:
        left, right = equation.left, distinct(equation.right)
        if isinstance(right, Reduce):
            room = _room((*left.indices, *right.indices))
            body = self.short(self.without_sums(right.body), room)
            loop = Loop(scalar(left), scalar(body), (*left.indices, *right.indices), right.kind)
            self.finish(left, right.rebuilt(body, right.indices), loop)
            return
        parts = right.args if isinstance(right, Add) else (right,)
        flat = [_flat(part) for part in parts]
        whole = self.without_sums(right) if not any(map(_loops, flat)) else None
        if whole is not None and len(parts) == 1:
            whole = self.short(whole, _room(left.indices))
        if whole is not None and (len(parts) == 1 or _width(whole) <= _room(left.indices)):
            body = scalar(whole)
            # What is only numbers is added to 0.0, which makes it a float.
            how = "=" if entries_of(body) else "+="
            self.finish(left, whole, Loop(scalar(left), body, left.indices, how))
            return
        terms = [self.term(part, _room((*left.indices, *part.bound))) for part in flat]
        if terms != flat:
            trees = [product_tree(term, left.indices) for term in terms]
            right = trees[0] if len(trees) == 1 else Add(*trees)
        self.finish(left, right, *(_looped(left, term) for term in terms))

    def finish(self, left: Access, right: Basic, *loops: Loop) -> None:
        self.statements.append(Statement(Equation(left, right), loops))

    def term(self, term: Term, room: int) -> Term:
        """The same product with no Σ inside its factors, and not too long."""
        factors = tuple(map(self.without_sums, term.factors))
        term = term if factors == term.factors else Term(term.bound, factors)
        while sum(map(_width, term.factors)) > room:
            shorter = self.shorter_term(term)
            if shorter == term:
                break
            term = shorter
        return term

    def shorter_term(self, term: Term) -> Term:
        """A part of its longest factor under a name, or where none stands out, half of them."""
        factors = list(term.factors)
        at = max(range(len(factors)), key=lambda place: _width(factors[place]))
        if 2 * _width(factors[at]) > sum(map(_width, factors)):
            factors[at] = self.shorter(factors[at])
            return Term(term.bound, tuple(factors))
        numbers = [factor for factor in factors if isinstance(factor, Expr)]
        tensors = [factor for factor in factors if not isinstance(factor, Expr)]
        half = len(tensors) // 2
        if half < 2:
            return term
        later = frozenset[Index]().union(*map(free_of, tensors[half:]))
        own = [index for index in term.bound if index not in later]
        product: Basic = Mul(*tensors[:half])
        named = self.replaced(Sum(product, *own) if own else product)
        rest = tuple(index for index in term.bound if index not in own)
        return Term(rest, (*numbers, named, *tensors[half:]))

    def without_sums(self, expr: Basic) -> Basic:
        """The same value, each Σ and reduction in it under a name of its own."""
        found: dict[Basic, Basic] = {}
        waiting = [expr]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Binder) or is_mean(node):
                found[node] = self.replaced(node)
            else:
                waiting.extend(reversed(children(node)))
        return replaced_in(expr, found)

    def short(self, expr: Basic, room: int) -> Basic:
        while _width(expr) > room:
            shorter = self.shorter(expr)
            if shorter is expr:
                break
            expr = shorter
        return expr

    def shorter(self, expr: Basic) -> Basic:
        """The expression with about half of it under a name."""
        parts = [node for node in postorder(expr) if node is not expr and _can_be_named(node)]
        if not parts:
            return self.halved(expr) if isinstance(expr, Add | Mul) else expr
        half = _width(expr) / 2
        part = min(parts, key=lambda node: abs(_width(node) - half))
        return replaced_in(expr, {part: self.replaced(part)})

    def halved(self, expr: Add | Mul) -> Basic:
        """A sum or product of many short parts with the second half of them under a name."""
        half = len(expr.args) // 2
        if half < 2:
            return expr
        return expr.func(*expr.args[:half], self.replaced(expr.func(*expr.args[half:])))

    def replaced(self, part: Basic) -> Access:
        """A name for the part, defined by a statement; the same for the same value."""
        indices = _in_order(part)
        places = [Index(f"_{place}", index.size) for place, index in enumerate(indices)]
        known = key(rename(part, dict(zip(indices, places, strict=True))))
        if known not in self.named:
            name = numbered(stem(part), self.taken)
            self.taken.add(name)
            self.add(Equation(Access(name, *indices), part))
            self.named[known] = name
        return Access(self.named[known], *indices)


def scalar(expr: Basic) -> Basic:
    """The expression with an entry for each component: open in nothing."""
    made: dict[int, Basic] = {}
    for node in postorder(expr):
        if isinstance(node, One):
            made[id(node)] = UNIT
        elif isinstance(node, Access | Delta):
            name = node.name if isinstance(node, Access) else SAME
            made[id(node)] = Entry(name, *node.indices)
        else:
            made[id(node)] = rebuild(node, tuple(made[id(part)] for part in children(node)))
    return made[id(expr)]


def entries_of(body: Basic) -> list[Entry]:
    """The entries of tensors in it, in order."""
    found = dict.fromkeys(node for node in postorder(body) if isinstance(node, Entry))
    return [entry for entry in found if entry != UNIT and entry.name != SAME]


def _flat(part: Basic) -> Term:
    (term,) = flat_product(part) or (Term((), (ZERO,)),)
    return term


def _loops(term: Term) -> bool:
    """Whether it adds more than one product to an entry, or none to some."""
    return bool(term.bound or _deltas(term))


def _looped(left: Access, term: Term) -> Loop:
    """left += product, for all free and all summed indices; δ_ij makes j the same letter as i."""
    deltas = _deltas(term)
    mapping = _joined(deltas, term.bound)
    factors = [rename(factor, mapping) for factor in term.factors if factor not in deltas]
    bodies = [scalar(factor) for factor in factors] or [UNIT]
    entry = scalar(rename(left, mapping))
    assert isinstance(entry, Entry)  # a component makes an entry
    over = dict.fromkeys(mapping.get(i, i) for i in (*left.indices, *term.bound))
    return Loop(entry, bodies[0] if len(bodies) == 1 else Mul(*bodies), tuple(over))


def _joined(deltas: Iterable[Delta], bound: Collection[Index]) -> dict[Index, Index]:
    """Each index of a δ with the one that stays of all those made equal, a free one if any."""
    groups: list[list[Index]] = []
    for delta in deltas:
        meeting = [group for group in groups if not set(group).isdisjoint(delta.indices)]
        joined = [*(index for group in meeting for index in group), *delta.indices]
        groups = [*(group for group in groups if group not in meeting), joined]
    mapping: dict[Index, Index] = {}
    for group in groups:
        stays = next((index for index in group if index not in bound), group[0])
        mapping |= dict.fromkeys(group, stays)
    return mapping


def _deltas(term: Term) -> list[Delta]:
    return [factor for factor in term.factors if isinstance(factor, Delta)]


def _can_be_named(node: Basic) -> bool:
    """Whether the name would be shorter."""
    return isinstance(node, Node) and _width(node) > LONGEST + 3 + 3 * len(node.free)


def _room(over: Collection[Index]) -> int:
    """How long a body is at most inside loops over these."""
    return max(MOST_WIDTH - 4 * len(over), LEAST_WIDTH)


def _width(expr: Basic) -> int:
    """About how many columns it takes in Python."""
    width: dict[int, int] = {}
    for node in postorder(expr):
        own = 3
        if isinstance(node, Access):
            own += len(node.name) + 3 * len(node.indices)
        elif isinstance(node, Apply):
            own += len(node.name) + 5
        width[id(node)] = own + sum(width[id(part)] for part in children(node))
    return width[id(expr)]


def replaced_in(expr: Basic, found: Mapping[Basic, Basic]) -> Basic:
    """The expression with some of its parts replaced."""
    if not found:
        return expr
    made: dict[int, Basic] = {}
    for node in postorder(expr):
        parts = tuple(made[id(part)] for part in children(node))
        made[id(node)] = found[node] if node in found else rebuild(node, parts)
    return made[id(expr)]


def _in_order(expr: Basic) -> list[Index]:
    """Its free indices in the order in which they are written."""
    free = free_of(expr)
    nodes = (node for node in postorder(expr) if isinstance(node, Access | Delta | One))
    return list(dict.fromkeys(i for node in nodes for i in node.indices if i in free))
