"""Wrong gradients made from a right one, each by one small mistake: what a check must reject.

A mistake is a term dropped, a sign flipped, a factor 2 too many, two indices of one size confused,
or a Σ left out. It is made at every place of a closed form, however deep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from sympy import Add as Add_
from sympy import Basic, Expr, Integer
from sympy import Mul as Mul_
from sympy import Pow as Pow_

from indexcalc.expr.base import MINUS_ONE, Index, children, free_of, rebuild
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access, Add, Apply, Binder, Delta, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.printing import spell
from indexcalc.expr.rename import rename
from indexcalc.expr.terms import tree

TWO = Integer(2)
TERM, SIGN, FACTOR, SWAP, SUM = KINDS = ("term", "sign", "factor", "swap", "sum")

Leaf = Access | Delta | One
# How a part is reached from the whole: the place among the parts of each node on the way.
Path = tuple[int, ...]
Changes = Mapping[Path, Basic]


@dataclass(frozen=True, slots=True)
class Mutant:
    """An expression with one mistake: of which kind, what was done, and what came of it."""

    kind: str
    words: str
    expr: Basic


def mutants(expr: Basic) -> tuple[Mutant, ...]:
    """Every mutant once, open in the same indices; those that are the same tree are none."""
    places = _Places(expr)
    found: dict[Basic, Mutant] = {}
    for make in (_terms, _swaps, _sums):
        for kind, words, changes in make(places):
            mutant = places.changed(changes)
            if mutant is not None and mutant != expr:
                found.setdefault(mutant, Mutant(kind, words, mutant))
    return tuple(found.values())


def first(index: Index) -> Access:
    """The tensor that keeps only the first summand: 1, 0, 0, ...; no user's name has a blank."""
    return Access(f"first {index.size}", index)


class _Places:
    """Every place in an expression, those above first: what stands there, and which indices have a
    meaning there."""

    def __init__(self, expr: Basic) -> None:
        self.free = free_of(expr)
        self.nodes: dict[Path, Basic] = {}
        self.scopes: dict[Path, dict[str, Index]] = {}
        outside = {index.name: index for index in sorted(self.free, key=lambda i: i.name)}
        stack: list[tuple[Path, Basic, dict[str, Index]]] = [((), expr, outside)]
        while stack:
            path, node, scope = stack.pop()
            self.nodes[path], self.scopes[path] = node, scope
            if isinstance(node, Binder):
                scope = scope | {index.name: index for index in node.indices}
            parts = [((*path, at), part, scope) for at, part in enumerate(children(node))]
            stack.extend(reversed(parts))

    def above(self, path: Path) -> Basic | None:
        """The node that a place is a part of."""
        return self.nodes[path[:-1]] if path else None

    def others(self, index: Index, path: Path) -> list[Index]:
        """The other indices of its size that have a meaning at a place."""
        scope = self.scopes[path].values()
        return [other for other in scope if other.size == index.size and other != index]

    def changed(self, changes: Changes) -> Basic | None:
        """The whole with other parts; None where these do not fit."""
        new = dict(changes)
        for path, node in reversed(self.nodes.items()):
            below = [(*path, at) for at in range(len(children(node)))]
            if path not in new and any(place in new for place in below):
                parts = [new.get(place, self.nodes[place]) for place in below]
                made = _fitted(node, parts)
                if made is None:
                    return None
                new[path] = made
        return new[()] if free_of(new[()]) == self.free else None


def _fitted(node: Basic, parts: Sequence[Basic]) -> Basic | None:
    """The node over other parts, numbers alone as SymPy's; None where terms of a sum would have
    different indices, or a Σ one that is not there."""
    if isinstance(node, Add) and len(set(map(free_of, parts))) > 1:
        return None
    if isinstance(node, Binder) and not free_of(parts[0]).issuperset(node.indices):
        return None
    numbers = [part for part in parts if isinstance(part, Expr)]
    for ours, theirs in ((Add, Add_), (Mul, Mul_), (Pow, Pow_)):
        if isinstance(node, ours) and len(numbers) == len(parts):
            number: Basic = theirs(*numbers)
            return number
    return rebuild(node, tuple(parts))


# Terms


def _terms(places: _Places) -> Iterator[tuple[str, str, Changes]]:
    """Each term dropped, with the other sign, and twice."""
    for path, node in places.nodes.items():
        above = places.above(path)
        shown = _shown(node)
        if isinstance(above, Add):
            rest = [part for at, part in enumerate(above.parts) if at != path[-1]]
            left = rest[0] if len(rest) == 1 else Add(*rest)
            yield TERM, f"the term {shown} dropped", {path[:-1]: left}
        elif above is None and not isinstance(node, Add):
            nothing = tree((), sorted(places.free, key=lambda index: index.name))
            yield TERM, f"the term {shown} dropped", {path: nothing}
        if _is_term(node, above):
            yield SIGN, f"the sign of {shown} flipped", {path: _scaled(MINUS_ONE, node)}
            yield FACTOR, f"{shown} taken twice", {path: _scaled(TWO, node)}


def _is_term(node: Basic, above: Basic | None) -> bool:
    """What stands alone or in a sum; a sum has its terms, and a product its factors."""
    alone = above is None or isinstance(above, Apply | Pow | Reduce)
    return isinstance(above, Add) or (alone and not isinstance(node, Add))


def _scaled(number: Expr, node: Basic) -> Basic:
    """A multiple, as one would write it."""
    if isinstance(node, Expr):
        return number * node
    factors = node.parts if isinstance(node, Mul) else (node,)
    if isinstance(factors[0], Expr):
        number, factors = number * factors[0], factors[1:]
    if number != 1:
        factors = (number, *factors)
    return factors[0] if len(factors) == 1 else Mul(*factors)


# Indices


def _swaps(places: _Places) -> Iterator[tuple[str, str, Changes]]:
    """Indices of one size confused: within a factor, between two, and one by another."""
    leaves = {
        path: node for path, node in places.nodes.items() if isinstance(node, Access | Delta | One)
    }
    for path, leaf in leaves.items():
        yield from _in_one(path, leaf)
        yield from _instead(places, path, leaf)
    for one, other in combinations(leaves, 2):
        yield from _between(places, (one, leaves[one]), (other, leaves[other]))
    for path, node in places.nodes.items():
        if isinstance(places.above(path), Mul):
            yield from _throughout(places, path, node)


def _in_one(path: Path, leaf: Leaf) -> Iterator[tuple[str, str, Changes]]:
    """a_ij ⟹ a_ji"""
    for (at, i), (to, j) in combinations(enumerate(leaf.indices), 2):
        if i.size == j.size and isinstance(leaf, Access):
            swapped = _with(_with(leaf, at, j), to, i)
            yield SWAP, f"{_pair(i, j)} swapped in {_shown(leaf)}", {path: swapped}


def _throughout(places: _Places, path: Path, node: Basic) -> Iterator[tuple[str, str, Changes]]:
    """(a_ik b_kj + c_ij) ⟹ (a_jk b_ki + c_ji)"""
    for i, j in combinations(places.scopes[path].values(), 2):
        if i.size == j.size and {i, j} & free_of(node):
            swapped = rename(node, {i: j, j: i})
            yield SWAP, f"{_pair(i, j)} swapped throughout {_shown(node)}", {path: swapped}


def _between(
    places: _Places, one: tuple[Path, Leaf], other: tuple[Path, Leaf]
) -> Iterator[tuple[str, str, Changes]]:
    """a_ik b_kj ⟹ a_jk b_ki"""
    (path, leaf), (place, second) = one, other
    for at, i in enumerate(leaf.indices):
        for to, j in enumerate(second.indices):
            if j in places.others(i, path) and i in places.others(j, place):
                words = f"{_pair(i, j)} swapped between {_shown(leaf)} and {_shown(second)}"
                yield SWAP, words, {path: _with(leaf, at, j), place: _with(second, to, i)}


def _instead(places: _Places, path: Path, leaf: Leaf) -> Iterator[tuple[str, str, Changes]]:
    """a_ij ⟹ a_ii"""
    for at, i in enumerate(leaf.indices):
        for j in places.others(i, path):
            words = f"{_face(j)} instead of {_face(i)} in {_shown(leaf)}"
            yield SWAP, words, {path: _with(leaf, at, j)}


def _with(leaf: Leaf, at: int, index: Index) -> Leaf:
    """Another index at a place."""
    indices = (*leaf.indices[:at], index, *leaf.indices[at + 1 :])
    return Access(leaf.name, *indices) if isinstance(leaf, Access) else type(leaf)(*indices)


# Sums


def _sums(places: _Places) -> Iterator[tuple[str, str, Changes]]:
    """Each Σ left out: its summand at another index, and the first alone."""
    for path, node in places.nodes.items():
        if not isinstance(node, Sum):
            continue
        for index in node.indices:
            rest = [other for other in node.indices if other != index]
            shown = f"Σ_{_face(index)} left out of {_shown(node)}"
            for other in places.others(index, path):
                there = rename(node.body, {index: other})
                left = Sum(there, *rest) if rest else there
                yield SUM, f"{shown}, {_face(other)} in its place", {path: left}
            body = node.body.parts if isinstance(node.body, Mul) else (node.body,)
            alone = Sum(Mul(first(index), *body), *node.indices)
            yield SUM, f"{shown}, but for its first summand", {path: alone}


def _pair(i: Index, j: Index) -> str:
    return f"{_face(i)} and {_face(j)}"


def _face(index: Index) -> str:
    return unicode_face(index.name)


def _shown(expr: Basic) -> str:
    return spell(expr, "unicode")
