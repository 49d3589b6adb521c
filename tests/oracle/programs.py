"""Programs drawn at random, most of them legal."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import assume
from hypothesis import strategies as st

from tests.dice import Dice
from tests.oracle.meaning import Sizes, has_unfixed, inputs
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
    Signature,
    Size,
    Statement,
    TwoSizes,
    walk,
)

Letters = Sequence[str]

LETTERS, TENSORS, SCALARS, DEFINED = "ijkhb", "acdtuwxz", ("s", "eps"), "ymnv"
KINDS = ("sum", "mean", "prod", "max", "min")
TAME = ("tanh", "sigmoid", "exp", "softplus", "sin", "cos", "erf", "relu", "abs", "f", "f")
WILD = ("log", "sqrt", "tan", "asin", "acos", "atan", "sinh", "cosh", "sign")
FORMS = ("call", "call", "power", "power", "group", "group", "binder")
HALF: Node = Group(Bin("/", Num("1"), Num("2")))
EXPONENTS: list[Node] = [Num("2"), Num("2"), Num("3"), Neg(Num("1")), HALF]


class _Maker(Dice):
    """Draws programs meant to be legal; in a sloppy statement some leaves go astray.

    ``scope`` are the letters that a part may use, ``must`` those that it has to hold.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.orders: dict[str, int] = {}
        self.arity = self.pick((1, 2))
        self.sloppy = False
        self.pool: list[str] = []
        self.lhs: list[str] = []

    def program(self) -> Program:
        count = self.pick((1, 1, 2, 2, 3, 4))
        depth = self.pick((1, 2, 2)) if count < 3 else 1
        return Program(tuple(self.statement(name, depth) for name in DEFINED[:count]))

    def statement(self, name: str, depth: int) -> Statement:
        letters = self.shuffled(LETTERS)
        self.pool, self.lhs = letters[:4], letters[: self.pick((0, 1, 1, 2, 2, 3))]
        self.sloppy = self.chance(50)
        expr = self.body(self.lhs, self.lhs, depth)
        self.orders[name] = len(self.lhs)
        return Statement(name, tuple(self.lhs), expr)

    def body(self, scope: Letters, must: Letters, depth: int) -> Node:
        make = self.sum if self.chance(50) else self.term
        return make(scope, must, depth)

    def sum(self, scope: Letters, must: Letters, depth: int) -> Node:
        """Terms of which one holds all letters, the others some: broadcasting is needed."""
        count = self.pick((2, 2, 3))
        full = self.pick(range(count))
        terms: list[Node] = []
        for n in range(count):
            part = must if n == full else [k for k in must if self.chance(60)]
            if n == full or self.chance(75):
                terms.append(self.term(scope, part, depth, lead=n == 0))
            else:
                one = Leaf("1", tuple(part)) if part else Num("1")
                terms.append(self.pick((one, Num("0.5"))))
        return functools.reduce(lambda a, b: Bin(self.pick("+-"), a, b), terms)

    def term(self, scope: Letters, must: Letters, depth: int, lead: bool = True) -> Node:
        """A chain of factors, perhaps with a minus, a constant and one one-tensor or delta."""
        n = self.pick((1, 2, 2, 2, 3))
        inner, shares = self.deal(scope, must, n)
        odd = self.pick(range(n)) if n > 1 and self.chance(35) else -1
        chain = [self.constant(inner)] if self.chance(12) else []
        for m, share in enumerate(shares):
            chain.append((self.special if m == odd else self.factor)(inner, share, depth))
        fraction = isinstance(chain[0], Bin) and chain[0].op == "/"
        if lead and not fraction and self.chance(12):
            chain[0] = Neg(chain[0])
        node = chain[0]
        for factor in chain[1:]:
            bare = isinstance(factor, Leaf) and factor.name in ("1", "delta")
            node = Bin("*" if bare else self.pick("***/"), node, factor)
        return node

    def deal(self, scope: Letters, must: Letters, n: int) -> tuple[list[str], list[list[str]]]:
        """Draw new dummies, each for two of n parts or twice for one; deal all letters out.

        Now and then a letter that is already summed outside is taken again (rule 3).
        """
        shares: list[list[str]] = [[] for _ in range(n)]
        for k in must:
            shares[self.pick(range(n))].append(k)
        taken = self.lhs if self.chance(20) else scope
        fresh = self.shuffled([k for k in self.pool if k not in taken])
        new = fresh[: self.pick((0, 1, 1, 1, 2)) if n > 1 else 0]
        for k in new:
            one, other = self.random.sample(range(n), 2)
            for m in (one, one if self.chance(10) else other):
                shares[m].append(k)
        return list(dict.fromkeys([*scope, *new])), shares

    def constant(self, scope: Letters) -> Node:
        if scope and self.chance(50):
            size = Size(self.pick(scope), self.chance(70))
            return size if self.chance(40) else Bin("/", Num("1"), size)
        number = Num(self.pick(("2", "3", "0.1")))
        return number if self.chance(60) else Bin("/", Num("1"), number)

    def special(self, scope: Letters, must: Letters, depth: int) -> Node:
        """``delta`` or ``1[..]`` where the letters allow it, at times a redundant one (rule 1)."""
        spare = [k for k in scope if k not in must]
        if len(must) == 1 and spare and self.chance(30):
            must = [*must, self.pick(spare)]
        if len(must) == 2 and self.chance(50):
            return Leaf("delta", tuple(must))
        if not must and self.lhs and self.chance(35):
            must = [self.pick(self.lhs)]
        return Leaf("1", tuple(must)) if must else self.leaf(scope, must)

    def factor(self, scope: Letters, must: Letters, depth: int) -> Node:
        """Anything that may stand to the right of ``*`` and ``/``."""
        if depth == 0 or self.chance(55):
            return self.leaf(scope, must)
        match self.pick(FORMS):
            case "call":
                name = self.pick(TAME if self.chance(80) else WILD)
                inner, shares = self.deal(scope, must, self.arity if name == "f" else 1)
                return Call(name, tuple(self.body(inner, share, depth - 1) for share in shares))
            case "power":
                return self.power(scope, must, depth)
            case "group":
                return Group(self.body(scope, must, depth - 1))
        letters = self.shuffled([k for k in self.pool if k not in must]) or ["k"]
        bound = letters[: self.pick((1, 1, 2))]
        inside = self.body(list(dict.fromkeys([*scope, *bound])), [*must, *bound], depth - 1)
        return Binder(self.pick(KINDS), tuple(bound), inside)

    def power(self, scope: Letters, must: Letters, depth: int) -> Node:
        """A power, mostly with a constant exponent, else with one that holds letters too."""
        inner, (low, high) = scope, (must, must[:0])
        if variable := self.chance(25):
            inner, (low, high) = self.deal(scope, must, 2)
        base: Node = self.factor(inner, low, depth - 1)
        if isinstance(base, Bin) or self.chance(40):
            base = Group(self.body(inner, low, depth - 1))
        if not variable:
            return Bin("^", base, self.pick(EXPONENTS))
        tight = self.chance(50)
        exponent = self.leaf(inner, high) if tight else Group(self.body(inner, high, depth - 1))
        return Bin("^", base, exponent)

    def leaf(self, scope: Letters, must: Letters) -> Node:
        letters = self.shuffled(must)
        if len(letters) > 3:
            return Group(Bin("*", self.tensor(letters[:3]), self.tensor(letters[3:])))
        if scope and len(letters) < 3 and self.chance(20):
            letters.append(self.pick(scope))
        if self.sloppy and self.chance(20):
            letters[self.pick(range(len(letters) + 1)) :] = [self.pick(self.pool)]
        return self.tensor(letters[:3])

    def tensor(self, indices: Letters) -> Leaf:
        """A known or new tensor of the right order."""
        order = len(indices)
        names = [*(TENSORS if indices else SCALARS), *self.orders]
        fits = [name for name in dict.fromkeys(names) if self.orders.get(name, order) == order]
        name = self.pick(fits or [f"w{order}"])
        self.orders[name] = order
        return Leaf(name, tuple(indices))


def _settled(program: Program) -> bool:
    """Whether every size that is mentioned is one size of an index of its statement."""
    for s in program.statements:
        nodes = list(walk(s.expr))
        used = {k for n in nodes if isinstance(n, Leaf | Binder) for k in n.indices}
        if not {n.letter for n in nodes if isinstance(n, Size)} <= used.union(s.indices):
            return False
    try:
        Sizes(program)
    except TwoSizes:
        return False
    except Refused:
        pass
    return True


def _signed(program: Program) -> Program:
    """The same with a signature, one letter for each size; ``eps`` with a default where safe."""
    sizes = Sizes(program)
    orders = inputs(program)
    axes = {name: [sizes.root(f"{name}:{n}") for n in range(k)] for name, k in orders.items()}
    roots = list(dict.fromkeys(root for each in axes.values() for root in each))
    letters = dict(zip(roots, LETTERS + "opqr", strict=False))
    nodes = [n for s in program.statements for n in walk(s.expr)]
    inner = [n for n in nodes if isinstance(n, Call | Neg | Bin)]
    named = [{m.name for m in walk(n) if isinstance(m, Leaf)} for n in inner]
    default = {} if {"eps"} in named else {"eps": "0.5"}
    if len(letters) < len(roots) or any(len(set(each)) < len(each) for each in axes.values()):
        return program
    params = ((n, tuple(letters[r] for r in axes[n]), default.get(n, "")) for n in orders)
    used = {n.name for n in nodes if isinstance(n, Leaf)}
    outputs = tuple(s.name for s in program.statements if s.name not in used)
    return replace(program, signature=Signature("fun", tuple(params), outputs))


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Programs of 1-4 statements, more than half of them legal; few have unfixed sizes.

    Each is made from one number: a draw for every choice would take longer than what is tested. In
    return a program that fails is not made smaller.
    """
    maker = _Maker(Random(draw(st.integers(0, 2**64 - 1))))
    program = maker.program()
    assume(_settled(program))
    try:
        unfixed = has_unfixed(program)
    except Refused:
        return program
    assume(not unfixed or maker.chance(30))
    sized = any(isinstance(n, Size) for s in program.statements for n in walk(s.expr))
    return _signed(program) if maker.chance(30) and not sized and not unfixed else program
