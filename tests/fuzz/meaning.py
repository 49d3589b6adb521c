"""What a program computes, in NumPy or in torch: read by the oracle, worked out by arrays.

This shares no code with the package, nor with the oracle's own loops.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from tests.oracle import (
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
)
from tests.oracle.meaning import Sizes, inputs
from tests.oracle.syntax import TwoSizes, children, walk

GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "μ": "mu", "σ": "sigma"}
KINKED = ("abs", "relu", "sign")
# What the letters of an einsum are called.
AXES, MANY = "abcdefghijklmnopqrstuvwxy", "z"
# A letter that no program has: an axis in front, for many computations at once.
BATCH = "*"


def plain(program: Program) -> Program:
    """The same with one spelling for each name, and a statement of its own for each += term."""
    split: dict[str, list[Statement]] = {}
    for s in program.statements:
        name = named(s.name)
        # What a later term is made of is defined before it.
        split[name] = [*split.pop(name, []), Statement(name, s.indices, _renamed(s.expr))]
    statements: list[Statement] = []
    for name, parts in split.items():
        if len(parts) > 1:
            parts = [replace(part, name=f"{name}'{n}") for n, part in enumerate(parts)]
            letters = parts[0].indices
            total: Node = Leaf(parts[0].name, letters)
            for part in parts[1:]:
                total = Bin("+", total, Leaf(part.name, letters))
            parts = [*parts, Statement(name, letters, total)]
        statements += parts
    sign = program.signature
    if sign is not None:
        params = tuple((named(name), letters, default) for name, letters, default in sign.params)
        sign = replace(sign, params=params, outputs=tuple(map(named, sign.outputs)))
    return Program(tuple(statements), sign, program.declared)


def named(name: str) -> str:
    """γ1 and gamma1 are one name."""
    return GREEK.get(name[:1], name[:1]) + name[1:]


def _renamed(node: Node) -> Node:
    if isinstance(node, Leaf):
        return replace(node, name=named(node.name))
    return rebuilt(node, [_renamed(child) for child in children(node)])


def rebuilt(node: Node, parts: list[Node]) -> Node:
    """The node with other parts."""
    match node:
        case Call(name, _):
            return Call(name, tuple(parts))
        case Binder(kind, indices, _):
            return Binder(kind, indices, parts[0])
        case Neg() | Group():
            return replace(node, inner=parts[0])
        case Bin(op, _, _):
            return Bin(op, parts[0], parts[1])
    return node


# Abstract functions


def smooth(library: Any, place: int, *arguments: Any) -> Any:
    """A stand-in for the abstract function of this place, of any number of arguments."""
    total = sum((0.7 + 0.2 * place - 0.3 * n) * u for n, u in enumerate(arguments))
    return library.sin(total) + sum(0.1 * (n + 1) * u * u for n, u in enumerate(arguments))


def smooth_slope(place: int, along: int, *arguments: Any) -> Any:
    """Its slope along one argument, in NumPy."""
    total = sum((0.7 + 0.2 * place - 0.3 * n) * u for n, u in enumerate(arguments))
    return (0.7 + 0.2 * place - 0.3 * along) * np.cos(total) + 0.2 * (along + 1) * arguments[along]


# Arrays


@dataclass(frozen=True)
class Value:
    """An array, and the letter of each of its axes."""

    array: Any
    letters: tuple[str, ...]


class Meaning:
    """A program that can be computed with arrays of NumPy or tensors of torch."""

    def __init__(self, program: Program) -> None:
        self.plain = plain(program)
        self.sizes = Sizes(self.plain)
        self.statements = self.sizes.statements
        self.inputs = inputs(self.plain)
        self.defined = {s.name: len(s.indices) for s in self.statements if "'" not in s.name}
        sign = self.plain.signature
        self.defaults = {n: float(d) for n, _, d in sign.params if d} if sign else {}
        self.outputs = sign.outputs if sign else self._unused()
        calls = [n for s in self.plain.statements for n in every(s.expr) if isinstance(n, Call)]
        self.abstract = {n.name: len(n.args) for n in calls if n.name not in FUNCTIONS}

    def _unused(self) -> tuple[str, ...]:
        """The names that no later statement uses."""
        leaves = (n for s in self.plain.statements for n in every(s.expr))
        used = {leaf.name for leaf in leaves if isinstance(leaf, Leaf)}
        return tuple(name for name in self.defined if name not in used)

    def axis(self, name: str, place: int) -> str:
        """The class of sizes that an axis has."""
        return self.sizes.root(f"{name}:{place}")


def understood(program: Program) -> Meaning | None:
    """What it means, or nothing where the rules refuse it or a capital has two sizes."""
    try:
        return Meaning(program)
    except (Refused, TwoSizes):
        return None


class Run:
    """One computation: every name with its array, how near a kink was, and how large anything on
    the way became."""

    def __init__(
        self, meaning: Meaning, library: Any, given: Mapping[str, Any], lengths: Mapping[str, int]
    ) -> None:
        self.meaning = meaning
        self.library = library
        self.lengths = lengths
        self.known: dict[str, int] = {}
        self.margin, self.largest = math.inf, 0.0
        self.arrays: dict[str, Any] = dict(given)
        for name, default in meaning.defaults.items():
            self.arrays[name] = self.scalar(default)
        for s in meaning.statements:
            # What is given of a defined name stands.
            if s.name not in given:
                value = self.value(s.expr)
                batch = tuple(k for k in value.letters if k == BATCH)
                self.arrays[s.name] = self.spread(value, (*batch, *s.indices)).array

    def scalar(self, number: float) -> Any:
        return self.library.asarray(number, dtype=self.library.float64)

    def size(self, letter: str) -> int:
        if letter not in self.known:
            self.known[letter] = self.lengths[self.meaning.sizes.root(letter)]
        return self.known[letter]

    def aligned(self, value: Value, letters: tuple[str, ...]) -> Any:
        """The array with an axis for each letter, of length 1 where it has none; one of no axes
        goes with all."""
        if not value.letters or value.letters == letters:
            return value.array
        own = [k for k in letters if k in value.letters]
        order = [value.letters.index(k) for k in own]
        array = value.array
        array = array.transpose(order) if self.library is np else array.permute(order)
        return array.reshape([self.size(k) if k in own else 1 for k in letters])

    def spread(self, value: Value, letters: tuple[str, ...]) -> Value:
        """The value as an array that goes over all these letters."""
        shape = [self.size(k) for k in letters]
        return Value(self.library.broadcast_to(self.aligned(value, letters), shape), letters)

    def value(self, node: Node) -> Value:
        match node:
            case Num("pi"):
                return Value(self.scalar(math.pi), ())
            case Num(literal):
                return Value(self.scalar(float(Fraction(literal))), ())
            case Size(letter):
                return Value(self.scalar(self.size(letter)), ())
            case Leaf("1", letters):
                return Value(self.scalar(1.0), ())
            case Leaf("delta", (one, other)):
                eye = self.library.eye(self.size(one), dtype=self.library.float64)
                return self.access(eye, (one, other))
            case Leaf(name, letters):
                return self.access(self.arrays[name], letters)
            case Binder(kind, bound, body):
                return self.reduced(kind, bound, self.value(body))
            case Neg(inner):
                value = self.value(inner)
                return Value(-value.array, value.letters)
            case Group(inner):
                return self.value(inner)
            case Call(name, args):
                return self.pointwise(name, [self.value(part) for part in args])
            case Bin(op, left, right):
                return self.pointwise(op, [self.value(left), self.value(right)])
        raise TypeError(node)

    def access(self, array: Any, letters: tuple[str, ...]) -> Value:
        own = tuple(dict.fromkeys(letters))
        many = array.ndim > len(letters)
        value = array
        if len(own) < len(letters):
            spelled = MANY * many + "".join(AXES[own.index(k)] for k in letters)
            value = self.library.einsum(f"{spelled}->{MANY * many}{AXES[: len(own)]}", array)
        return Value(value, (BATCH, *own) if many else own)

    def reduced(self, kind: str, bound: tuple[str, ...], body: Value) -> Value:
        kept = tuple(k for k in body.letters if k not in bound)
        array = self.spread(body, (*kept, *bound)).array
        flat = array.reshape([*(self.size(k) for k in kept), -1])
        return Value(REDUCTIONS[kind](self.library, flat), kept)

    def pointwise(self, name: str, parts: list[Value]) -> Value:
        letters = tuple(dict.fromkeys(k for part in parts for k in part.letters))
        arrays = [self.aligned(part, letters) for part in parts]
        if name in KINKED and self.library is np:
            self.margin = min(self.margin, float(abs(arrays[0]).min()))
        if name in self.meaning.abstract:
            place = list(self.meaning.abstract).index(name)
            array = smooth(self.library, place, *arrays)
        else:
            function = FUNCTIONS[name] if name in FUNCTIONS else OPERATORS[name]
            array = function(self.library, *arrays)
        if self.library is np:
            # A nan stays, whatever comes after it.
            self.largest = float(np.maximum(self.largest, np.abs(array).max()))
        return Value(array, letters)


def every(node: Node) -> list[Node]:
    """The node and all below it."""
    return list(walk(node))


def _erf(library: Any, u: Any) -> Any:
    is_numpy = library is np
    return np.vectorize(math.erf, otypes=[float])(u) if is_numpy else library.erf(u)


FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "exp": lambda lib, u: lib.exp(u),
    "log": lambda lib, u: lib.log(u),
    "sqrt": lambda lib, u: lib.sqrt(u),
    "sin": lambda lib, u: lib.sin(u),
    "cos": lambda lib, u: lib.cos(u),
    "tan": lambda lib, u: lib.tan(u),
    "asin": lambda lib, u: lib.arcsin(u),
    "acos": lambda lib, u: lib.arccos(u),
    "atan": lambda lib, u: lib.arctan(u),
    "sinh": lambda lib, u: lib.sinh(u),
    "cosh": lambda lib, u: lib.cosh(u),
    "tanh": lambda lib, u: lib.tanh(u),
    "sigmoid": lambda lib, u: 1 / (1 + lib.exp(-u)),
    "softplus": lambda lib, u: lib.logaddexp(u, lib.zeros_like(u)),
    "erf": _erf,
    "relu": lambda lib, u: lib.where(u <= 0, lib.zeros_like(u), u),
    "abs": lambda lib, u: lib.where(u < 0, -u, u),
    "sign": lambda lib, u: lib.sign(u),
}
OPERATORS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "+": lambda lib, u, v: u + v,
    "-": lambda lib, u, v: u - v,
    "*": lambda lib, u, v: u * v,
    "/": lambda lib, u, v: u / v,
    "^": lambda lib, u, v: u**v,
}
REDUCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "sum": lambda lib, u: u.sum(-1),
    "mean": lambda lib, u: u.mean(-1),
    "prod": lambda lib, u: u.prod(-1),
    "max": lambda lib, u: lib.amax(u, -1),
    "min": lambda lib, u: lib.amin(u, -1),
}
