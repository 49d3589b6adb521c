"""Random trees over every kind of node, and the same trees written otherwise."""

from __future__ import annotations

import random
from collections.abc import Iterable

from sympy import Basic, Expr, Integer, Rational

from indexcalc.expr.base import Index, Node, constant_symbol, free_of, postorder, size_symbol
from indexcalc.expr.nodes import Access, Add, Apply, Binder, D, Delta, Mul, One, Pow, Reduce, Sum
from tests.trees import ax

G, J, K, L, M = (Index(name, size_symbol("N")) for name in "gjklm")
P, Q = (Index(name, size_symbol("H")) for name in "pq")
SCALARS = (Integer(2), Rational(-1, 2), 1 / size_symbol("H"), constant_symbol("eps") + 1)
FRESH = [f"{letter}{digit}" for letter in "abcdef" for digit in range(6)]


def numbered(count: int, prefix: str = "i", size: str = "N") -> list[Index]:
    return [Index(f"{prefix}{n}", size_symbol(size)) for n in range(count)]


def total(factors: Iterable[Basic], indices: Iterable[Index]) -> Basic:
    return Sum(Mul(*factors), *indices)


# Random trees, and the same trees written otherwise.


def tree(rng: random.Random, depth: int) -> Basic:
    """A random tree over every node kind."""
    if depth == 0 or rng.random() < 0.1:
        return leaf(rng)
    kind = rng.choice(("add", "mul", "mul", "pow", "apply", "bind", "bind", "bind", "d"))
    part = tree(rng, depth - 1)
    if isinstance(part, Expr):
        part = ax("s")
    if kind == "add":
        return Add(part, rebound(rng, part), part)
    if kind == "mul":
        return Mul(part, *(tree(rng, depth - 1) for _ in range(rng.randint(1, 3))))
    if kind == "pow":
        return Pow(part, rng.choice(SCALARS))
    if kind == "apply":
        name, more = rng.choice(("exp", "log")), [leaf(rng)] * rng.randint(0, 1)
        return Apply("f" if more else name, part, *more)
    if kind == "d" and not any(isinstance(node, Reduce) for node in postorder(part)):
        return D(part, ax("x", *rng.sample((G, J, P), 2)))
    return bound(rng, part)


def leaf(rng: random.Random) -> Basic:
    some = [rng.choice((G, J, K, P, Q)) for _ in range(2)]
    square = rng.choice(((G, J), (J, K), (K, K), (P, Q)))
    accesses = (ax("x", *some), ax("y", *some), ax("z", some[0]), ax("s"))
    return rng.choice((*accesses, Delta(*square), One(*some), rng.choice(SCALARS)))


def bound(rng: random.Random, part: Basic) -> Basic:
    """The part under a binder of some of its free indices, if it has any."""
    free = sorted(free_of(part), key=lambda index: index.name)
    if not free:
        return part
    own = rng.sample(free, rng.randint(1, len(free)))
    return Reduce(rng.choice(Reduce.KINDS), part, *own) if rng.random() < 0.3 else Sum(part, *own)


def rebound(rng: random.Random, part: Basic) -> Basic:
    """Another tree that is open in the same indices."""
    free = sorted(free_of(part), key=lambda index: index.name)
    return Mul(ax("w", *rng.sample(free, len(free))), rng.choice(SCALARS))


def rewritten(rng: random.Random, expr: Basic) -> Basic:
    """The tree with fresh dummy names and every commutative order shuffled."""
    return shuffled(rng, expr, {})


def shuffled(rng: random.Random, expr: Basic, names: dict[Index, Index]) -> Basic:
    if isinstance(expr, Binder):
        # A name may shadow an outer one that the body does not show.
        taken = {names[index].name for index in free_of(expr) if index in names}
        fresh = rng.sample([name for name in FRESH if name not in taken], len(expr.indices))
        own = {old: Index(new, old.size) for old, new in zip(expr.indices, fresh, strict=True)}
        body = shuffled(rng, expr.body, names | own)
        return expr.rebuilt(body, tuple(rng.sample(list(own.values()), len(own))))
    if isinstance(expr, Access):
        return ax(expr.name, *(names.get(index, index) for index in expr.indices))
    if isinstance(expr, Delta | One):
        indices = [names.get(index, index) for index in expr.indices]
        return expr.func(*rng.sample(indices, len(indices)))
    if isinstance(expr, Add | Mul):
        parts = [shuffled(rng, part, names) for part in expr.args]
        return expr.func(*rng.sample(parts, len(parts)))
    if isinstance(expr, D):
        return D(shuffled(rng, expr.body, names), shuffled(rng, expr.variable, names))
    if isinstance(expr, Pow):
        return Pow(*(shuffled(rng, part, names) for part in expr.args))
    if isinstance(expr, Apply):
        return Apply(expr.name, *(shuffled(rng, part, names) for part in expr.arguments))
    assert not isinstance(expr, Node), f"no rewriting of {type(expr).__name__}"
    return expr


def cycles(*lengths: int) -> Basic:
    factors: list[Basic] = []
    for number, length in enumerate(lengths):
        ring = numbered(length, f"c{number}_")
        factors += [ax("a", *pair) for pair in zip(ring, ring[1:] + ring[:1], strict=True)]
    return total(factors, sorted(frozenset().union(*map(free_of, factors)), key=str))
