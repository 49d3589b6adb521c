"""Which tensors an expression is made of."""

from __future__ import annotations

from functools import lru_cache

from sympy import Basic

from indexcalc.expr.base import children, postorder
from indexcalc.expr.nodes import Access

NONE: frozenset[str] = frozenset()


def mentions(expr: Basic) -> frozenset[str]:
    """The names of the tensors in it, without recursion."""
    for node in postorder(expr):
        found = _own(node)
    return found


@lru_cache(maxsize=1 << 16)
def _own(node: Basic) -> frozenset[str]:
    """Asked after the parts have been, so that each answer is one union away."""
    if isinstance(node, Access):
        return frozenset((node.name,))
    parts = children(node)
    return NONE.union(*(_own(part) for part in parts)) if parts else NONE
