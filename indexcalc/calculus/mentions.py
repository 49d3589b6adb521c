"""Which tensors an expression is made of, and equations in the order that follows from it."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Basic

from indexcalc.expr.base import children, forgotten_too, postorder
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Equation

NONE: frozenset[str] = frozenset()

_KNOWN: dict[Basic, frozenset[str]] = {}
_MOST_KNOWN = 1 << 17
forgotten_too(_KNOWN.clear)


def mentions(expr: Basic) -> frozenset[str]:
    """The names of the tensors in it; remembered, for rules ask it of every part."""
    known = _KNOWN.get(expr)
    if known is not None:
        return known
    if len(_KNOWN) >= _MOST_KNOWN:
        _KNOWN.clear()
    for node in postorder(expr):
        if node not in _KNOWN:
            parts = [_KNOWN[part] for part in children(node)]
            own = frozenset((node.name,)) if isinstance(node, Access) else NONE
            _KNOWN[node] = own.union(*parts)
    return _KNOWN[expr]


def in_order(equations: Iterable[Equation]) -> tuple[Equation, ...]:
    """Each after those whose names it has."""
    waiting = {equation.left.name: equation for equation in equations}
    ready: list[Equation] = []
    while waiting:
        free = [e for e in waiting.values() if mentions(e.right).isdisjoint(waiting)]
        assert free  # no name is in terms of itself
        for equation in free:
            ready.append(waiting.pop(equation.left.name))
    return tuple(ready)
