"""Every kind of node, for the laws that hold of all."""

from __future__ import annotations

import pytest
from sympy import Integer, Rational

from indexcalc.expr.base import Index, Node, constant_symbol, size_symbol
from indexcalc.expr.nodes import Access, Add, Apply, D, Delta, Mul, One, Pow, Reduce, Sum

N, WIDE = size_symbol("N"), size_symbol("W")
G, J, K, L = (Index(name, N) for name in "ijkl")
P = Index("p")
X, Y = Access("x", G), Access("y", J)
A = Access("a", G, K)
W = Access("w", K)


# Every kind of node, with the names of its free indices.
KINDS: dict[str, tuple[Node, str]] = {
    "access": (A, "ik"),
    "access-scalar": (Access("s"), ""),
    "access-repeated": (Access("a", G, G), "i"),
    "one": (One(G, P), "ip"),
    "delta": (Delta(G, J), "ij"),
    "delta-repeated": (Delta(G, G), "i"),
    "add": (Add(X, Access("z", G)), "i"),
    "add-scalars": (Add(Access("s"), constant_symbol("eps")), ""),
    "mul": (Mul(X, Y), "ij"),
    "mul-number": (Mul(Rational(1, 2), X), "i"),
    "pow": (Pow(X, Integer(2)), "i"),
    "pow-exponent": (Pow(Integer(2), Y), "j"),
    "pow-both": (Pow(X, Y), "ij"),
    "apply": (Apply("exp", X), "i"),
    "apply-two": (Apply("f", X, Y), "ij"),
    "sum": (Sum(Mul(A, W), K), "i"),
    "sum-two": (Sum(A, G, K), ""),
    "reduce": (Reduce("max", A, K), "i"),
    "derivative": (D(Sum(Mul(A, W), K), Access("w", L)), "il"),
    "derivative-same": (D(Apply("exp", X), Access("x", G)), "i"),
}
every_kind = pytest.mark.parametrize("node", [node for node, _ in KINDS.values()], ids=list(KINDS))
