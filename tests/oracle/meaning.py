"""The sizes of a program, and its value by loops over scalars."""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.oracle.reading import read
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
    Size,
    Statement,
    TwoSizes,
    walk,
)

Array = npt.NDArray[np.float64]


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


class Sizes:
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
        """``H`` is the one size that h has in its statement and the signature."""
        signed = letter.partition(".")[0] + ".s"
        known = {
            self.root(key) for key in list(self.up) if key.startswith(letter + ".") or key == signed
        }
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
    return bool(Sizes(program).unfixed())


def plan(program: Program, seed: int) -> tuple[dict[str, Array], dict[str, int]]:
    """Random inputs, and the sizes that no input fixes, by name.

    Sizes are 1-4 and differ as far as four values go.  Entries have magnitude 0.25-1.5, mixed
    signs for an even seed, all positive for an odd one.
    """
    sizes, rng = Sizes(program), np.random.default_rng(seed)
    cycle = itertools.cycle(rng.permutation([1, 2, 3, 4]).tolist())
    drawn = dict(zip(sizes.names(), cycle, strict=False))
    arrays: dict[str, Array] = {}
    for name, order in inputs(program).items():
        shape = tuple(drawn[sizes.root(f"{name}:{n}")] for n in range(order))
        sign = np.ones(shape) if seed % 2 else rng.choice([-1.0, 1.0], shape)
        arrays[name] = np.asarray(rng.uniform(0.25, 1.5, shape) * sign)
    return arrays, {name: drawn[root] for root, name in sizes.unfixed().items()}


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
    classes = Sizes(program)
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
