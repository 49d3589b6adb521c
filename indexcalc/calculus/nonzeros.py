"""How many entries of a Jacobian can differ from zero: those that its δ leave.

δ_ip a_qj differs from zero on the entries with i = p only, a plane of them, and a sum on the union
of the planes of its terms. The values of tensors are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy
from sympy import Basic, Expr

from indexcalc.expr.base import ZERO, Index, children, postorder
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import Add, Apply, Delta, Mul, Pow, Sum

# The entries on which indices are equal: the groups of two or more that are.
Plane = frozenset[frozenset[Index]]
Planes = frozenset[Plane]

EVERYWHERE: Planes = frozenset([frozenset()])
NOWHERE: Planes = frozenset()
# With more planes than this nothing is counted, or with more that these have in common.
MOST_PLANES = 64
MOST_COMMON = 1024


def nonzeros(expr: Basic, indices: Sequence[Index]) -> Expr | None:
    """The number of entries over these indices that can differ from zero, in their sizes; None
    where its δ are too entangled."""
    planes = planes_of(expr)
    return None if planes is None else _united(planes, indices)


def planes_of(expr: Basic) -> Planes | None:
    """The planes outside which an expression is zero; None where there are too many."""
    found: dict[int, Planes] = {}
    for node in postorder(expr):
        parts = [found[id(part)] for part in children(node)]
        planes = _planes(node, parts)
        if planes is None or len(planes) > MOST_PLANES:
            return None
        found[id(node)] = planes
    return found[id(expr)]


def _planes(node: Basic, parts: list[Planes]) -> Planes | None:
    if isinstance(node, Delta):
        return _widest([_plane([node.indices])])
    if isinstance(node, Add):
        return _widest(plane for planes in parts for plane in planes)
    if isinstance(node, Mul):
        return _product(parts)
    if isinstance(node, Sum):
        return _widest(_without(plane, node.indices) for plane in parts[0])
    if isinstance(node, Pow):
        positive = isinstance(node.exponent, Expr) and node.exponent.is_positive
        return parts[0] if positive else EVERYWHERE
    if isinstance(node, Apply):
        record = FUNCTIONS.get(node.name)
        return parts[0] if record and record.meaning(ZERO) == 0 else EVERYWHERE
    return NOWHERE if node == ZERO else EVERYWHERE


def _product(factors: Iterable[Planes]) -> Planes | None:
    """A product differs from zero where all of its factors do."""
    together = EVERYWHERE
    for planes in factors:
        if len(together) * len(planes) > MOST_PLANES**2:
            return None
        together = _widest(_plane((*one, *other)) for one in together for other in planes)
        if len(together) > MOST_PLANES:
            return None
    return together


def _widest(planes: Iterable[Plane]) -> Planes:
    """The planes that lie in no other."""
    distinct = set(planes)
    if len(distinct) > MOST_PLANES:
        return frozenset(distinct)
    return frozenset(
        plane
        for plane in distinct
        if not any(other != plane and _plane((*plane, *other)) == plane for other in distinct)
    )


def _plane(equal: Iterable[Iterable[Index]]) -> Plane:
    """Groups of equal indices; those that have one in common are one."""
    groups: list[set[Index]] = []
    for more in equal:
        group = set(more)
        apart = []
        for known in groups:
            if known.isdisjoint(group):
                apart.append(known)
            else:
                group |= known
        groups = [*apart, group]
    return frozenset(frozenset(group) for group in groups if len(group) > 1)


def _without(plane: Plane, summed: Sequence[Index]) -> Plane:
    """What is left of a plane for the other indices, whatever value the summed ones have."""
    return _plane(group.difference(summed) for group in plane)


def _united(planes: Planes, indices: Sequence[Index]) -> Expr | None:
    """The entries in one plane at least, by inclusion and exclusion: a plane counts by the ones
    before it, less what it has in common with them."""
    counted: dict[Plane, int] = {}
    for plane in planes:
        more = {plane: 1}
        for other, times in counted.items():
            both = _plane((*plane, *other))
            more[both] = more.get(both, 0) - times
        for one, times in more.items():
            counted[one] = counted.get(one, 0) + times
        if len(counted) > MOST_COMMON:
            return None
    total: Expr = sum((times * _entries(plane, indices) for plane, times in counted.items()), ZERO)
    return total


def _entries(plane: Plane, indices: Sequence[Index]) -> Expr:
    """A size for each group of equal indices, and one for each index in none."""
    held = {index for group in plane for index in group}
    sizes = [next(iter(group)).size for group in plane]
    sizes += [index.size for index in dict.fromkeys(indices) if index not in held]
    return entries(sizes)


def entries(sizes: Iterable[Expr]) -> Expr:
    """How many entries a tensor of these sizes has."""
    product: Expr = sympy.Mul(*sizes)
    return product
