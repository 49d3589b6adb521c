"""Which tensors an expression is made of."""

from __future__ import annotations

from sympy import Basic

from indexcalc.expr.base import children, forgotten_too, postorder
from indexcalc.expr.nodes import Access

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
