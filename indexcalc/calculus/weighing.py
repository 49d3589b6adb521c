"""How much there is to read in an expression; of two equal ones the lighter is kept."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from sympy import Basic, Expr, Rational

from indexcalc.expr.base import children, forgotten_too, postorder
from indexcalc.expr.nodes import Access, Delta, One, Pow
from indexcalc.expr.terms import Term, coefficient


def weight(terms: Iterable[Term]) -> int:
    """How much there is to read: factors, powers, sums, and indices beyond three."""
    return sum(2 + term_weight(term) for term in terms)


def term_weight(term: Term) -> int:
    number, rest = coefficient(term)
    total = 2 * len(term.bound) + (0 if number in (1, -1) else 1)
    return total + sum(factor_weight(factor) for factor in rest)


_WEIGHTS: dict[Basic, int] = {}
forgotten_too(_WEIGHTS.clear)


def factor_weight(factor: Basic) -> int:
    """A leaf weighs 2, and a compound what its parts do and one more."""
    known = _WEIGHTS.get(factor)
    if known is not None:
        return known
    if len(_WEIGHTS) > 1 << 16:
        _WEIGHTS.clear()
    for node in _uncounted(factor):
        _WEIGHTS[node] = _weigh(node)
    return _WEIGHTS[factor]


def _uncounted(expr: Basic) -> list[Basic]:
    return [node for node in postorder(expr) if node not in _WEIGHTS]


def _weigh(node: Basic) -> int:
    if isinstance(node, Access):
        return 2 + max(0, len(node.indices) - 3)
    if isinstance(node, Delta):
        return 3
    if isinstance(node, One):
        return 0
    if isinstance(node, Expr):
        return 0 if node in (1, -1) else 1
    if isinstance(node, Pow) and isinstance(node.exponent, Rational):
        size: int = ceil(abs(node.exponent))
        return size + _WEIGHTS[node.base]
    inner = sum(_WEIGHTS[part] for part in children(node))
    return 1 + inner
