"""The same value with each Σ over no more than it must be, for where every Σ is written."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Basic

from indexcalc.expr.base import Index, children, free_of, postorder, rebuild
from indexcalc.expr.nodes import Mul, One, Sum
from indexcalc.expr.terms import split_power


def explicit(expr: Basic) -> Basic:
    """Σ_h 1_h a_b x_bh ⟹ a_b Σ_h x_bh: no one-tensor that only marks a sum, and no factor under
    a Σ that it does not go over."""
    built: dict[int, Basic] = {}
    for node in postorder(expr):
        new = rebuild(node, tuple(built[id(part)] for part in children(node)))
        built[id(node)] = _shortened(new) if isinstance(new, Sum) else new
    return built[id(expr)]


def _shortened(node: Sum) -> Basic:
    if not isinstance(node.body, Mul):
        return node
    over = frozenset(node.indices)
    inside = [factor for factor in node.body.args if not over.isdisjoint(free_of(factor))]
    outside = [factor for factor in node.body.args if over.isdisjoint(free_of(factor))]
    inside = _unmarked(inside, over)
    total = Sum(inside[0] if len(inside) == 1 else Mul(*inside), *node.indices)
    below = [factor for factor in outside if split_power(factor)[1].is_negative]
    above = [factor for factor in outside if factor not in below]
    return Mul(*above, total, *below) if outside else total


def _unmarked(factors: Sequence[Basic], over: frozenset[Index]) -> list[Basic]:
    """The factors without one-tensors over indices that another factor has."""
    others = [free_of(factor) for factor in factors if not isinstance(factor, One)]
    carried = over & frozenset[Index]().union(*others)
    kept: list[Basic] = []
    for factor in factors:
        if isinstance(factor, One):
            left = [index for index in factor.indices if index not in carried]
            if left:
                kept.append(One(*left) if len(left) < len(factor.indices) else factor)
        else:
            kept.append(factor)
    return kept
