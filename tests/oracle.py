"""A second, slow reading of the language, for comparison with the real one.

It shares no code with the package: its own tree, its own reading of rules 1-6, its own sizes
and plain loops over scalars.  A program comes from ``programs()`` or is built by hand; then
``text(program)`` is its source, ``plan(program, seed)`` draws inputs, and
``run(program, arrays, sizes)`` is its meaning, or raises ``Refused`` where the rules do.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from hypothesis import assume
from hypothesis import strategies as st

Array = npt.NDArray[np.float64]
Scope = dict[str, str]
Letters = Sequence[str]
T = TypeVar("T")


# ---------------------------------------------------------------- the tree


@dataclass(frozen=True)
class Num:
    """A literal without sign, as written: ``2`` or ``0.5`` (1/2 is a ``Bin`` of two)."""

    text: str


@dataclass(frozen=True)
class Leaf:
    """``x[b,h]``, a bare order-0 name, ``1[h]`` (name "1") or ``delta[i,j]``."""

    name: str
    indices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Size:
    """``size(h)``, or ``H`` when bare."""

    letter: str
    bare: bool = True


@dataclass(frozen=True)
class Call:
    """A pointwise function; ``f`` is the abstract one."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True)
class Binder:
    """``sum[k](body)``, or mean, prod, max, min."""

    kind: str
    indices: tuple[str, ...]
    body: Node


@dataclass(frozen=True)
class Neg:
    """Unary minus; looser than ``^``, tighter than ``*``."""

    inner: Node


@dataclass(frozen=True)
class Group:
    """Written parentheses."""

    inner: Node


@dataclass(frozen=True)
class Bin:
    """``+ - * / ^``."""

    op: str
    left: Node
    right: Node


Node = Num | Leaf | Size | Call | Binder | Neg | Group | Bin


@dataclass(frozen=True)
class Statement:
    name: str
    indices: tuple[str, ...]
    expr: Node


@dataclass(frozen=True)
class Signature:
    """``name(x[b,h], s, eps=0.5) -> y``; a parameter is (name, letters, default or "")."""

    name: str
    params: tuple[tuple[str, tuple[str, ...], str], ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Program:
    statements: tuple[Statement, ...]
    signature: Signature | None = None


class Refused(Exception):  # noqa: N818
    """The rules call the program an error; ``rule`` says which one."""

    def __init__(self, rule: int, reason: str) -> None:
        super().__init__(f"rule {rule}: {reason}")
        self.rule = rule


class TwoSizes(ValueError):  # noqa: N818
    """``size(h)`` where h has no size, or two, in its statement: outside what is tested here."""


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Call(_, args):
            return args
        case Binder(_, _, inner) | Neg(inner) | Group(inner):
            return (inner,)
        case Bin(_, left, right):
            return (left, right)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in text order."""
    yield node
    for child in _children(node):
        yield from walk(child)


# ---------------------------------------------------------------- the text


def _access(name: str, indices: Sequence[str]) -> str:
    return f"{name}[{','.join(indices)}]" if indices else name


def _spell(node: Node) -> str:
    match node:
        case Num(literal):
            return literal
        case Leaf(name, indices):
            return _access(name, indices)
        case Size(letter, bare):
            return letter.upper() if bare else f"size({letter})"
        case Call(name, args):
            return f"{name}({', '.join(map(_spell, args))})"
        case Binder(kind, indices, body):
            return f"{_access(kind, indices)}({_spell(body)})"
        case Neg(inner):
            return f"-{_spell(inner)}"
        case Group(inner):
            return f"({_spell(inner)})"
        case Bin(op, left, right):
            gap = " " if op in "+-" else ""
            return f"{_spell(left)}{gap}{op}{gap}{_spell(right)}"


def text(program: Program) -> str:
    """The source; parentheses stand only where the tree has a ``Group``."""
    lines = [f"{_access(s.name, s.indices)} = {_spell(s.expr)}" for s in program.statements]
    if (sign := program.signature) is not None:
        params = (_access(n, ix) + (f"={d}" if d else "") for n, ix, d in sign.params)
        lines.insert(0, f"{sign.name}({', '.join(params)}) -> {', '.join(sign.outputs)}")
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------- the reading, rules 1-4 and 6

ABSENT, OPEN, SUMS, CLASH = "absent", "open", "sums", "clash"


def _chain(node: Node) -> list[Node]:
    """The factors of ``a*b/c`` as written; a denominator or a group is one factor."""
    if isinstance(node, Bin) and node.op in "*/":
        return [*_chain(node.left), node.right]
    return [node]


def _parts(node: Node) -> list[Node]:
    """What an index can be found in at a node (rule 2): factors, base and exponent, arguments."""
    return _chain(node) if isinstance(node, Bin) and node.op in "*/" else list(_children(node))


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
    return sum(_count(child, k) for child in _children(node))


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
                        raise Refused(4, f"{k} is left with one occurrence in {_spell(node)}")
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
            raise Refused(3, f"{k} could be summed inside or outside in {_spell(node)}")
        return True

    def note_doubt(self, node: Node, k: str, clash: bool, others: list[Node], held: int) -> None:
        """Remember where another honest wording of rule 3 would decide differently."""
        if clash and len(others) != 1:
            self.doubts.append(f"{k}: a part of {_spell(node)} is itself ambiguous")
        if len(others) == 1 < held and _count(others[0], k) > 1:
            self.doubts.append(f"{k} is written twice but open in one part of {_spell(node)}")

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
                raise Refused(1, f"{_spell(one)} changes nothing in {_spell(node)}")


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


# ---------------------------------------------------------------- the sizes


def inputs(program: Program) -> dict[str, int]:
    """The inputs and their orders: the signature's, else the undefined names as they appear.

    A parameter with a default is not listed; its value is the default.
    """
    if program.signature is not None:
        return {name: len(ix) for name, ix, default in program.signature.params if not default}
    defined = {s.name for s in program.statements} | {"1", "delta"}
    nodes = (node for s in program.statements for node in walk(s.expr))
    leaves = (n for n in nodes if isinstance(n, Leaf) and n.name not in defined)
    return {leaf.name: len(leaf.indices) for leaf in leaves}


class _Sizes:
    """Classes of equal sizes over bindings ("k.0.3") and tensor axes ("x:1")."""

    def __init__(self, program: Program) -> None:
        self.up: dict[str, str] = {}
        self.statements = read(program)
        for name, letters, _ in program.signature.params if program.signature else ():
            self.unite(name, [f"{k}.s" for k in letters])
        for s in self.statements:
            self.unite(s.name, s.indices)
            for node in walk(s.expr):
                self.node(node)
        for size in (n for s in self.statements for n in walk(s.expr) if isinstance(n, Size)):
            self.mention(size.letter)
        axes = (f"{name}:{n}" for name, order in inputs(program).items() for n in range(order))
        self.fixed = {self.root(axis) for axis in axes}

    def root(self, key: str) -> str:
        while self.up.setdefault(key, key) != key:
            key = self.up[key]
        return key

    def join(self, one: str, other: str) -> None:
        """Make two sizes equal; the first one mentioned stays the root."""
        a, b = self.root(one), self.root(other)
        order = list(self.up)
        first, second = (a, b) if order.index(a) <= order.index(b) else (b, a)
        self.up[second] = first

    def unite(self, name: str, indices: Sequence[str]) -> None:
        for n, k in enumerate(indices):
            self.join(k, f"{name}:{n}")

    def node(self, node: Node) -> None:
        """A tensor fixes its axes; a delta equates its two; the others only mention."""
        match node:
            case Leaf("delta", (one, other)):
                self.join(one, other)
            case Leaf("1", indices) | Binder(_, indices, _):
                for k in indices:
                    self.root(k)
            case Leaf(name, indices):
                self.unite(name, indices)

    def mention(self, letter: str) -> None:
        """``H`` is the one size that h has in its statement."""
        known = {self.root(key) for key in list(self.up) if key.startswith(letter + ".")}
        if len(known) != 1:
            raise TwoSizes(letter)
        self.up[letter] = known.pop()

    def names(self) -> dict[str, str]:
        """Root to name: the first letter upper-cased, then with 2, 3, ... where taken."""
        named: dict[str, str] = {}
        for root in dict.fromkeys(map(self.root, list(self.up))):
            capital = root[0].upper()
            many = (capital + str(n or "") for n in itertools.chain([0], itertools.count(2)))
            named[root] = next(name for name in many if name not in named.values())
        return named

    def unfixed(self) -> dict[str, str]:
        """Root to name of the sizes that no input fixes."""
        return {root: name for root, name in self.names().items() if root not in self.fixed}


def has_unfixed(program: Program) -> bool:
    """Whether some size is fixed by no input (such a size is in ``sizes`` of ``plan``)."""
    return bool(_Sizes(program).unfixed())


def plan(program: Program, seed: int) -> tuple[dict[str, Array], dict[str, int]]:
    """Random inputs, and the sizes that no input fixes, by name.

    Sizes are 1-4 and differ as far as four values go.  Entries have magnitude 0.25-1.5, mixed
    signs for an even seed, all positive for an odd one.
    """
    sizes, rng = _Sizes(program), np.random.default_rng(seed)
    cycle = itertools.cycle(rng.permutation([1, 2, 3, 4]).tolist())
    drawn = dict(zip(sizes.names(), cycle, strict=False))
    arrays: dict[str, Array] = {}
    for name, order in inputs(program).items():
        shape = tuple(drawn[sizes.root(f"{name}:{n}")] for n in range(order))
        sign = np.ones(shape) if seed % 2 else rng.choice([-1.0, 1.0], shape)
        arrays[name] = np.asarray(rng.uniform(0.25, 1.5, shape) * sign)
    return arrays, {name: drawn[root] for root, name in sizes.unfixed().items()}


# ---------------------------------------------------------------- the meaning


def stand_in(*args: Any) -> Any:
    """The abstract function ``f`` of one or two arguments, for scalars and arrays."""
    return np.sin(args[0]) + 0.5 * args[0] * np.cos(args[-1] if len(args) > 1 else 1.0)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{n: getattr(np, n) for n in ("exp", "log", "sqrt", "sin", "cos", "tan", "abs", "sign")},
    **{n: getattr(np, n) for n in ("sinh", "cosh", "tanh")},
    **{"a" + n: getattr(np, "arc" + n) for n in ("sin", "cos", "tan")},
    "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
    "softplus": lambda v: np.logaddexp(0.0, v),
    "relu": lambda v: np.maximum(v, 0.0),
    "erf": lambda v: np.float64(math.erf(v)),
    "f": stand_in,
}
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    **{"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv},
    **{"^": operator.pow, "sum": operator.add, "mean": operator.add, "prod": operator.mul},
    **{"max": np.maximum, "min": np.minimum},
}


class _Machine:
    """Evaluates read statements at one point after the other."""

    def __init__(self, arrays: Mapping[str, Array], size: Callable[[str], int]) -> None:
        self.arrays = {name: np.asarray(value, dtype=np.float64) for name, value in arrays.items()}
        self.size = size

    def points(self, indices: Sequence[str]) -> Iterator[tuple[int, ...]]:
        return itertools.product(*(range(self.size(k)) for k in indices))

    def define(self, s: Statement) -> Array:
        """Rule 5: an entry for every value of the left-hand side, whatever the terms hold."""
        out = np.empty(tuple(self.size(k) for k in s.indices))
        for point in self.points(s.indices):
            out[point] = self.value(s.expr, dict(zip(s.indices, point, strict=True)))
        return out

    def value(self, node: Node, at: dict[str, int]) -> np.float64:
        match node:
            case Num(literal):
                return np.float64(Fraction(literal))
            case Leaf("1"):
                return np.float64(1)
            case Leaf("delta", (one, other)):
                return np.float64(at[one] == at[other])
            case Leaf(name, indices):
                return np.float64(self.arrays[name][tuple(at[k] for k in indices)])
            case Size(letter):
                return np.float64(self.size(letter))
            case Call(name, args):
                return np.float64(FUNCTIONS[name](*(self.value(arg, at) for arg in args)))
            case Binder():
                return self.reduce(node, at)
            case Neg(inner):
                return np.float64(-self.value(inner, at))
            case Group(inner):
                return self.value(inner, at)
            case Bin(op, left, right):
                return np.float64(OPERATORS[op](self.value(left, at), self.value(right, at)))

    def reduce(self, node: Binder, at: dict[str, int]) -> np.float64:
        spots = [zip(node.indices, p, strict=True) for p in self.points(node.indices)]
        values = [self.value(node.body, at | dict(spot)) for spot in spots]
        total = functools.reduce(OPERATORS[node.kind], values)
        return np.float64(total / len(values) if node.kind == "mean" else total)


def run(
    program: Program, arrays: Mapping[str, Array], sizes: Mapping[str, int] | None = None
) -> dict[str, Array]:
    """Every defined tensor by name; ``Refused`` where rules 1-4 say so."""
    classes = _Sizes(program)
    known = {root: (sizes or {})[name] for root, name in classes.unfixed().items()}
    for name, order in inputs(program).items():
        for n in range(order):
            size, root = arrays[name].shape[n], classes.root(f"{name}:{n}")
            if known.setdefault(root, size) != size:
                raise ValueError(f"axis {n} of {name} is {size}, elsewhere {known[root]}")
    machine = _Machine(arrays, lambda key: known[classes.root(key)])
    for name, _, default in program.signature.params if program.signature else ():
        if default and name not in machine.arrays:
            machine.arrays[name] = np.asarray(float(default))
    with np.errstate(all="ignore"):
        for s in classes.statements:
            machine.arrays[s.name] = machine.define(s)
    return {s.name: machine.arrays[s.name] for s in classes.statements}


# ---------------------------------------------------------------- the generator

LETTERS, TENSORS, SCALARS, DEFINED = "ijkhb", "acdtuwxz", ("s", "eps"), "ymnv"
KINDS = ("sum", "mean", "prod", "max", "min")
TAME = ("tanh", "sigmoid", "exp", "softplus", "sin", "cos", "erf", "relu", "abs", "f", "f")
WILD = ("log", "sqrt", "tan", "asin", "acos", "atan", "sinh", "cosh", "sign")
FORMS = ("call", "call", "power", "power", "group", "group", "binder")
HALF: Node = Group(Bin("/", Num("1"), Num("2")))
EXPONENTS: list[Node] = [Num("2"), Num("2"), Num("3"), Neg(Num("1")), HALF]


class _Maker:
    """Draws programs meant to be legal; in a sloppy statement some leaves go astray.

    ``scope`` are the letters that a part may use, ``must`` those that it has to hold.
    """

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.orders: dict[str, int] = {}
        self.arity = self.pick((1, 2))
        self.sloppy = False
        self.pool: list[str] = []
        self.lhs: list[str] = []

    def pick(self, options: Sequence[T]) -> T:
        return self.draw(st.sampled_from(options))

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(0, 99)) >= 100 - percent

    def shuffled(self, letters: Letters) -> list[str]:
        return list(self.draw(st.permutations(letters)))

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
            one, other, *_ = self.draw(st.permutations(range(n)))
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
        _Sizes(program)
    except TwoSizes:
        return False
    except Refused:
        pass
    return True


def _signed(program: Program) -> Program:
    """The same with a signature, one letter for each size; ``eps`` with a default where safe."""
    sizes = _Sizes(program)
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
    """Programs of 1-4 statements, more than half of them legal; few have unfixed sizes."""
    maker = _Maker(draw)
    program = maker.program()
    assume(_settled(program))
    try:
        unfixed = has_unfixed(program)
    except Refused:
        return program
    assume(not unfixed or maker.chance(30))
    sized = any(isinstance(n, Size) for s in program.statements for n in walk(s.expr))
    return _signed(program) if maker.chance(30) and not sized and not unfixed else program
