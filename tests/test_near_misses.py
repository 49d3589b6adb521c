"""Trees that are nearly the same have different keys, and two spellings of one tree have one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sympy import Basic, Integer

from indexcalc.expr.base import Index, size_symbol
from indexcalc.expr.canonical import key, same
from indexcalc.expr.nodes import Add, Apply, D, Delta, Mul, One, Pow, Reduce, Sum
from tests.random_trees import SCALARS, G, J, K, L, P, Q, cycles, total
from tests.trees import ax


def sum_of(*factors: Basic) -> Callable[..., Basic]:
    return lambda *indices: total(factors, indices)


x_k, y_k, x_l, y_l = ax("x", K), ax("y", K), ax("x", L), ax("y", L)
TWO_SUMS = Mul(Sum(ax("a", K, L), K), Sum(ax("b", K, L), K))
DIFFERENT = {
    "transposed factor": (
        sum_of(ax("a", G, J), ax("b", J, K))(J),
        sum_of(ax("a", G, J), ax("b", K, J))(J),
    ),
    "size of a dummy": (Sum(ax("x", G), G), Sum(ax("x", P), P)),
    "size of a free index": (
        ax("x", Index("i", size_symbol("N"))),
        ax("x", Index("i", SCALARS[0])),
    ),
    "name of a free index": (ax("x", G), ax("x", J)),
    "free and bound": (ax("x", G), Sum(ax("x", G), G)),
    "one sum and two": (
        Add(Sum(Mul(x_k, y_k), K), Sum(Mul(x_l, y_l), L)),
        Add(Sum(Mul(x_k, y_k), K), Sum(Mul(x_l, ax("z", L)), L)),
    ),
    "multiplicity": (
        Add(Sum(Mul(x_k, y_k), K), Sum(Mul(x_l, y_l), L)),
        Sum(Mul(x_k, y_k), K),
    ),
    "square of a sum": (
        Mul(Sum(x_k, K), Sum(x_l, L)),
        Sum(Mul(x_k, x_k), K),
    ),
    "nested and flat sum": (Sum(Sum(ax("a", G, J), J), G), Sum(ax("a", G, J), G, J)),
    "order of binders": (
        Reduce("max", Sum(ax("a", G, J), G), J),
        Sum(Reduce("max", ax("a", G, J), J), G),
    ),
    "inner or outer": (
        Sum(Mul(ax("x", G), Sum(ax("a", G, J), J)), G),
        Sum(Mul(ax("x", J), Sum(ax("a", G, J), G)), J),
    ),
    "nested and flat factors": (
        Mul(ax("x", G), Mul(ax("y", G), ax("z", G))),
        Mul(ax("x", G), ax("y", G), ax("z", G)),
    ),
    "sum and product": (Add(ax("x", G), ax("y", G)), Mul(ax("x", G), ax("y", G))),
    "kind of reduction": (Reduce("max", ax("x", G), G), Reduce("min", ax("x", G), G)),
    "sum and reduction": (Sum(ax("x", G), G), Reduce("prod", ax("x", G), G)),
    "function": (Apply("exp", ax("x", G)), Apply("log", ax("x", G))),
    "arguments": (Apply("f", ax("x", G), ax("y", G)), Apply("f", ax("y", G), ax("x", G))),
    "base and exponent": (Pow(ax("x", G), ax("y", G)), Pow(ax("y", G), ax("x", G))),
    "name of a tensor": (ax("x", G), ax("y", G)),
    "delta and one": (Delta(G, J), One(G, J)),
    "one and access": (One(G, J), ax("One", G, J)),
    "scalars": (Mul(Integer(2), ax("x", G)), Mul(Integer(3), ax("x", G))),
    "variable": (D(ax("x", G), ax("x", J)), D(ax("x", J), ax("x", G))),
    "which sum binds": (
        Sum(Mul(ax("x", K), Sum(ax("a", K, L), K)), K, L),
        Sum(Mul(ax("x", L), Sum(ax("a", K, L), K)), L),
    ),
    "six-cycle and two triangles": (
        cycles(6),
        cycles(3, 3),
    ),
    "sharing a dummy": (
        Sum(Mul(Sum(ax("a", G, K), K), Sum(ax("a", J, K), K)), G, J),
        Sum(Mul(Sum(ax("a", G, K), K), Sum(ax("a", G, K), K), One(J)), G, J),
    ),
}


@pytest.mark.parametrize(("one", "two"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_a_near_miss_has_another_key(one: Basic, two: Basic) -> None:
    assert key(one) != key(two)
    assert not same(one, two)


EQUAL = {
    "shadowed": (
        Sum(Mul(ax("x", K), Sum(ax("y", K), K)), K),
        Sum(Mul(Sum(ax("y", J), J), ax("x", G)), G),
    ),
    "shadowed after a use": (
        Sum(Mul(ax("x", K), ax("a", J, K), Sum(Mul(ax("x", K), ax("b", J, K)), K)), J, K),
        Sum(Mul(ax("x", K), ax("a", J, K), Sum(Mul(ax("x", L), ax("b", J, L)), L)), J, K),
    ),
    "same name in sibling sums": (TWO_SUMS, Mul(Sum(ax("b", G, L), G), Sum(ax("a", J, L), J))),
    "order of a binder's indices": (Sum(ax("a", G, J), G, J), Sum(ax("a", G, J), J, G)),
    "one name, two sizes": (
        Sum(Mul(ax("x", Index("g", P.size)), ax("y", G)), Index("g", P.size), G),
        Sum(Mul(ax("x", P), ax("y", Q.func("q", G.size))), Q.func("q", G.size), P),
    ),
    "delta": (Delta(G, J), Delta(J, G)),
    "one": (One(G, J, P), One(P, J, G)),
    "bound variable": (Sum(D(ax("x", G), ax("x", J)), J), Sum(D(ax("x", G), ax("x", K)), K)),
}


@pytest.mark.parametrize(("one", "two"), EQUAL.values(), ids=EQUAL.keys())
def test_two_spellings_have_one_key(one: Basic, two: Basic) -> None:
    assert key(one) == key(two)
    assert same(one, two)
