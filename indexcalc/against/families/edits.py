"""Expressions with another part at a place, where that fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Add as Add_
from sympy import Basic, Expr
from sympy import Mul as Mul_
from sympy import Pow as Pow_

from indexcalc.against.said import Said
from indexcalc.expr.base import Index, children, free_of, postorder, rebuild
from indexcalc.expr.nodes import Add, Binder, Mul, Pow

# How a part is reached from the whole: the place among the parts of each node on the way.
Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What was done, and the expression that came of it."""

    kind: str
    words: Said | str
    expr: Basic


@dataclass(frozen=True, slots=True)
class Place:
    """A part of an expression, what it is part of, from the whole on, and the indices that have a
    meaning there."""

    path: Path
    node: Basic
    above: tuple[Basic, ...]
    scope: tuple[Index, ...]

    @property
    def in_product(self) -> bool:
        return bool(self.above) and isinstance(self.above[-1], Mul)


def places(expr: Basic) -> Iterator[Place]:
    """Every place, those above first."""
    free = tuple(sorted(free_of(expr), key=lambda index: index.name))
    stack = [Place((), expr, (), free)]
    while stack:
        place = stack.pop()
        yield place
        node, scope = place.node, place.scope
        if isinstance(node, Binder):
            scope = (*scope, *node.indices)
        above = (*place.above, node)
        parts = enumerate(children(node))
        below = [Place((*place.path, at), part, above, scope) for at, part in parts]
        stack.extend(reversed(below))


def changed(
    expr: Basic, place: Place, kind: str, words: Said | str, new: Basic
) -> Iterator[Mistake]:
    """The whole with another part at a place; nothing where that does not fit."""
    for at, node in zip(reversed(place.path), reversed(place.above), strict=True):
        parts = list(children(node))
        parts[at] = new
        made = fitting(node, parts)
        if made is None:
            return
        new = made
    if free_of(new) == free_of(expr):
        yield Mistake(kind, words, new)


def fitting(node: Basic, parts: Sequence[Basic]) -> Basic | None:
    """The node over other parts; None where terms of a sum would have different indices, or a Σ one
    that is not there."""
    if isinstance(node, Add) and len({free_of(part) for part in parts}) > 1:
        return None
    if isinstance(node, Binder) and not free_of(parts[0]).issuperset(node.indices):
        return None
    return rebuilt(node, parts)


def rebuilt(node: Basic, parts: Sequence[Basic]) -> Basic:
    """The node over other parts: numbers alone are SymPy's, and a product has no products in it."""
    numbers = [part for part in parts if isinstance(part, Expr)]
    for ours, theirs in ((Add, Add_), (Mul, Mul_), (Pow, Pow_)):
        if isinstance(node, ours) and len(numbers) == len(parts):
            alone: Basic = theirs(*numbers)
            return alone
    if not isinstance(node, Mul):
        return rebuild(node, tuple(parts))
    flat = [f for part in parts for f in (part.parts if isinstance(part, Mul) else (part,))]
    number: Expr = Mul_(*(factor for factor in flat if isinstance(factor, Expr)))
    factors = [factor for factor in flat if not isinstance(factor, Expr)]
    every = factors if number == 1 else [number, *factors]
    return every[0] if len(every) == 1 else Mul(*every)


def replaced(expr: Basic, others: Mapping[Basic, Basic]) -> Basic | None:
    """Other parts in the place of these, wherever they are; None where that does not fit."""
    made: dict[Basic, Basic] = {}
    for node in postorder(expr):
        parts = [made[part] for part in children(node)]
        if node in others:
            made[node] = others[node]
        elif all(a is b for a, b in zip(parts, children(node), strict=True)):
            made[node] = node
        else:
            whole = fitting(node, parts)
            if whole is None:
                return None
            made[node] = whole
    return made[expr] if free_of(made[expr]) == free_of(expr) else None
