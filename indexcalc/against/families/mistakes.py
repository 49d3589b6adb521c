"""Formulas with one mistake in them, as people make them: a factor left out or another in its
place, another power, a Σ over one factor alone.

Those of `proof.mutants`, terms and signs and indices confused, come after them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, combinations

from sympy import Basic, Expr, Integer

from indexcalc.against.families.axes import other_axes
from indexcalc.against.families.edits import (
    Mistake,
    Place,
    changed,
    places,
    rebuilt,
    replaced,
)
from indexcalc.against.said import said
from indexcalc.expr.base import Index, free_of, postorder
from indexcalc.expr.functions import PRIME
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access, Apply, Mul, One, Pow, Sum
from indexcalc.proof.mutants import mutants


def mistakes(
    expr: Basic, tensors: Mapping[str, tuple[Index, ...]], letter: Callable[[Index], str]
) -> Iterator[Mistake]:
    """Every mistake in an expression over these tensors, what is left out first; an index is called
    by its letter in the program."""
    seen = {expr}
    every = (
        _throughout(expr, tensors),
        _left_out(expr),
        _of_factors(expr, tensors, letter),
        other_axes(expr, letter),
        _of_mutants(expr),
    )
    for mistake in chain.from_iterable(every):
        if mistake.expr not in seen:
            seen.add(mistake.expr)
            yield mistake


def _throughout(expr: Basic, tensors: Mapping[str, tuple[Index, ...]]) -> Iterator[Mistake]:
    """A tensor left out, or another in its place, wherever it is."""
    accesses = [node for node in postorder(expr) if isinstance(node, Access)]
    counts = Counter(node.name for node in accesses)
    for name, count in counts.items():
        if count < 2:
            continue
        face = unicode_face(name)
        ones = {node: _one(node) for node in accesses if node.name == name}
        yield from _instead_of(expr, ones, "missing factor", f"{face} is left out everywhere")
        for other, own in tensors.items():
            over = {node: _over(node.indices, other, own) for node in ones}
            new = {node: made for node, made in over.items() if made is not None}
            if other != name and len(new) == len(over):
                words = f"{unicode_face(other)} in place of {face}, everywhere"
                yield from _instead_of(expr, new, "another in its place", words)


def _instead_of(
    expr: Basic, new: Mapping[Basic, Basic], kind: str, words: str
) -> Iterator[Mistake]:
    """Every one of these nodes changed."""
    whole = replaced(expr, new)
    if whole is not None:
        yield Mistake(kind, words, whole)


def _of_mutants(expr: Basic) -> Iterator[Mistake]:
    names = {"term": "missing", "sign": "sign", "factor": "factor", "swap": "indices", "sum": "sum"}
    for mutant in mutants(expr):
        alone = ": only the diagonal of what is summed" if "in its place" in mutant.words else ""
        alone = ": it is transposed" if " swapped in " in mutant.words else alone
        words = mutant.words.replace(" dropped", " is left out")
        yield Mistake(names[mutant.kind], words + alone, mutant.expr)


def _left_out(expr: Basic) -> Iterator[Mistake]:
    """A factor, a function, a whole Σ."""
    for place in places(expr):
        node = place.node
        if place.in_product and not isinstance(node, One):
            words = said("{} is left out", node)
            yield from changed(expr, place, "missing factor", words, _one(node))
        if isinstance(node, Apply) and len(node.arguments) == 1:
            yield from _functions(expr, place, node)
        if isinstance(node, Sum) and isinstance(node.body, Mul):
            yield from _sum_left_out(expr, place, node, node.body)


def _functions(expr: Basic, place: Place, node: Apply) -> Iterator[Mistake]:
    """Its argument in the place of a function, and f in that of f'."""
    (inside,) = node.arguments
    others = [inside]
    if node.name.endswith(PRIME):
        others.append(Apply(node.name.removesuffix(PRIME), inside))
    for other in others:
        yield from _instead(expr, place, other)


def _sum_left_out(expr: Basic, place: Place, node: Sum, body: Mul) -> Iterator[Mistake]:
    """Factors of a summed product that have a summed index."""
    inside = [part for part in body.parts if free_of(part) & set(node.indices)]
    rest = [part for part in body.parts if part not in inside]
    summed = Sum(inside[0] if len(inside) == 1 else Mul(*inside), *node.indices)
    lost = free_of(summed).difference(*map(free_of, rest))
    ones = [One(*sorted(lost, key=lambda index: index.name))] if lost else []
    words = said("{} is left out", summed)
    yield from changed(expr, place, "missing factor", words, rebuilt(body, [*rest, *ones]))


def _of_factors(
    expr: Basic, tensors: Mapping[str, tuple[Index, ...]], letter: Callable[[Index], str]
) -> Iterator[Mistake]:
    for place in places(expr):
        match place.node:
            case Access() as node:
                yield from _of_tensor(expr, place, node, tensors, letter)
            case Mul() as node:
                yield from _pairs(expr, place, node, tensors)
            case Pow() as node if isinstance(node.exponent, Expr) and node.exponent.is_number:
                yield from _powers(expr, place, node)


def _of_tensor(
    expr: Basic,
    place: Place,
    node: Access,
    tensors: Mapping[str, tuple[Index, ...]],
    letter: Callable[[Index], str],
) -> Iterator[Mistake]:
    for name, own in tensors.items():
        other = _over(node.indices, name, own)
        if other is not None and name != node.name:
            yield from _instead(expr, place, other)
    for index in node.indices:
        words = said(f"{{}} is summed over {letter(index)} by itself: a δ is missing", node)
        yield from changed(expr, place, "sum", words, _summed(node, index))
    if not place.above or not isinstance(place.above[-1], Pow):
        for power in (2, 3):
            yield from _instead(expr, place, Pow(node, Integer(power)), "power")


def _pairs(
    expr: Basic, place: Place, node: Mul, tensors: Mapping[str, tuple[Index, ...]]
) -> Iterator[Mistake]:
    """One tensor in the place of two factors: x for μ/σ."""
    for one, other in combinations(node.parts, 2):
        if isinstance(one, Expr | One) or isinstance(other, Expr | One):
            continue
        rest = [part for part in node.parts if part is not one and part is not other]
        indices = tuple(sorted(free_of(one) | free_of(other), key=lambda index: index.name))
        for name, own in tensors.items():
            for order in (indices, indices[::-1]):
                new = _over(order, name, own)
                if new is not None:
                    words = said("{} in place of {}", new, Mul(one, other))
                    whole = rebuilt(node, [*rest, new])
                    yield from changed(expr, place, "another in its place", words, whole)


def _powers(expr: Basic, place: Place, node: Pow) -> Iterator[Mistake]:
    power = node.exponent
    for other in (power - 1, power + 1, power / 2, 2 * power, -power):
        new = _one(node) if other == 0 else node.base if other == 1 else Pow(node.base, other)
        yield from _instead(expr, place, new, "power")


def _instead(
    expr: Basic, place: Place, new: Basic, kind: str = "another in its place"
) -> Iterator[Mistake]:
    words = said("{} in place of {}", new, place.node)
    yield from changed(expr, place, kind, words, new)


def _one(node: Basic) -> Basic:
    """1 over the same indices."""
    free = sorted(free_of(node), key=lambda index: index.name)
    return One(*free) if free else Integer(1)


def _summed(node: Access, index: Index) -> Basic:
    """Σ_a x_a 1_i for x_i."""
    fresh = Index(f"{index.name}°", index.size)
    inner = Access(node.name, *(fresh if other == index else other for other in node.indices))
    return Mul(Sum(inner, fresh), One(index))


def _over(indices: Sequence[Index], name: str, own: Sequence[Index]) -> Basic | None:
    """A tensor over these indices, or over some of them, 1 along the others."""
    if len(own) > len(indices):
        return None
    waiting = list(indices)
    found: list[Index] = []
    for index in own:
        at = next((k for k, other in enumerate(waiting) if other.size == index.size), None)
        if at is None:
            return None
        found.append(waiting.pop(at))
    other = Access(name, *found)
    return Mul(other, One(*waiting)) if waiting else other
