"""A conclusion written out element by element in plain SymPy, and whether two of them are equal.

Inputs and upstream gradients are symbols, and everything else is what defines it. No array and none
of our own simplification has a part in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, product
from typing import Any

import sympy
from sympy import Basic, Expr, Symbol

from indexcalc.calculus.gradients import Gradients
from indexcalc.calculus.mentions import mentions
from indexcalc.expr.base import Index, children, constant_symbol
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, One, Pow, Sum
from indexcalc.expr.program import Equation, Program

# Unequal and small; more than 1, or a Σ could be left out unseen.
LENGTHS = (2, 3)

# The functions that closed forms of the catalogue have.
FUNCTIONS = {name: getattr(sympy, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tanh")}

Numbers = Mapping[Symbol, Expr]
Entries = dict[tuple[str, tuple[int, ...]], Expr]
At = Mapping[str, int]


def equal(program: Program, one: Gradients, other: Gradients) -> bool:
    """Whether every entry of every gradient is the same function of the inputs."""
    pairs = zip(conclusion(program, one), conclusion(program, other), strict=True)
    return all(is_nothing(first - second) for first, second in pairs)


def is_nothing(difference: Expr) -> bool:
    """Proved 0: by multiplying out, else over one denominator."""
    return bool(difference.expand() == 0 or sympy.cancel(sympy.together(difference)) == 0)


def conclusion(program: Program, found: Gradients) -> list[Expr]:
    """Every entry of every gradient asked for."""
    numbers = numbers_of(program)
    known: Entries = {}
    for access in program.inputs:
        known |= symbols(access, numbers)
    for equation in program.equations:
        known |= written_out(equation, known, numbers)
    for output, seed in found.backprop.upstream.items():
        known |= symbols(Access(seed, *program.tensors[output]), numbers)
    asked = [found.equation(name) for name in found.backprop.wrt]
    waiting = list(dict.fromkeys((*found.where, *asked)))
    while waiting:
        names = {equation.left.name for equation in waiting}
        ready = next(e for e in waiting if names.isdisjoint(mentions(e.right)))
        known |= written_out(ready, known, numbers)
        waiting.remove(ready)
    lefts = [equation.left for equation in asked]
    return [known[left.name, at] for left in lefts for at in places(left.indices, numbers)]


def numbers_of(program: Program) -> Numbers:
    """What sizes and constants are."""
    sizes = zip(program.sizes, cycle(LENGTHS), strict=False)
    lengths = {size.symbol: sympy.Integer(length) for size, length in sizes}
    return lengths | {constant_symbol(name): value for name, value in program.constants}


def places(indices: Sequence[Index], numbers: Numbers) -> Iterator[tuple[int, ...]]:
    return product(*(range(int(numbers[index.size])) for index in indices))


def symbols(access: Access, numbers: Numbers) -> Entries:
    return {
        (access.name, at): Symbol("_".join((access.name, *map(str, at))), real=True)
        for at in places(access.indices, numbers)
    }


def written_out(equation: Equation, known: Entries, numbers: Numbers) -> Entries:
    names = [index.name for index in equation.left.indices]
    return {
        (equation.left.name, at): value(
            equation.right, dict(zip(names, at, strict=True)), known, numbers
        )
        for at in places(equation.left.indices, numbers)
    }


def value(node: Basic, at: At, known: Entries, numbers: Numbers) -> Expr:
    """One entry of an expression."""
    if isinstance(node, Expr):
        return node.xreplace(dict(numbers))
    if isinstance(node, One):
        return sympy.Integer(1)
    if isinstance(node, Delta | Access):
        entry = tuple(at[index.name] for index in node.indices)
        if isinstance(node, Delta):
            return sympy.Integer(entry[0] == entry[1])
        if node.name.startswith("first "):
            return sympy.Integer(entry[0] == 0)
        return known[node.name, entry]
    if isinstance(node, Sum):
        names = [index.name for index in node.indices]
        inner = ({**at, **dict(zip(names, k, strict=True))} for k in places(node.indices, numbers))
        return sympy.Add(*(value(node.body, there, known, numbers) for there in inner))
    parts = [value(part, at, known, numbers) for part in children(node)]
    return combined(node, parts)


def combined(node: Basic, parts: Sequence[Expr]) -> Any:
    if isinstance(node, Add):
        return sympy.Add(*parts)
    if isinstance(node, Mul):
        return sympy.Mul(*parts)
    if isinstance(node, Pow):
        return sympy.Pow(*parts)
    assert isinstance(node, Apply), f"no value for {type(node).__name__}"
    return FUNCTIONS.get(node.name, sympy.Function(node.name))(*parts)
