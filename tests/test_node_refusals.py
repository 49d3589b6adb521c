"""What a node refuses: parts that do not fit, and replacements that would capture."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sympy
from sympy import Integer, Rational

from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import Index, Node
from indexcalc.expr.nodes import Access, Add, Apply, D, Delta, Mul, One, Pow, Reduce, Sum
from tests.kinds import WIDE, A, G, J, K, L, N, P, X, Y

LETTER: Any = "i"  # a string where an Index belongs


# Refusals


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: Add(X), ValueError, "Add has at least 2 parts"),
        (lambda: Mul(X), ValueError, "Mul has at least 2 parts"),
        (lambda: Apply("exp"), ValueError, "Apply has at least 1 parts"),
        (lambda: Add(X, Y), ValueError, "only tensors of the same order add: {i} and {j}"),
        (lambda: Add(X, A), ValueError, "only tensors of the same order add: {i} and {i, k}"),
        (lambda: Add(X, Integer(1)), ValueError, "only tensors of the same order add: {i} and {}"),
        (
            lambda: Mul(2, 3),
            ValueError,
            "Mul has a tensor among its parts; numbers alone are SymPy's",
        ),
        (
            lambda: Add(N, 3),
            ValueError,
            "Add has a tensor among its parts; numbers alone are SymPy's",
        ),
        (
            lambda: Pow(N, 3),
            ValueError,
            "Pow has a tensor among its parts; numbers alone are SymPy's",
        ),
        (lambda: Mul(sympy.zoo, X), ValueError, "Mul takes exact real numbers, not zoo"),
        (lambda: Mul(sympy.nan, X), ValueError, "Mul takes exact real numbers, not nan"),
        (lambda: Mul(2 + sympy.I, X), ValueError, "Mul takes exact real numbers, not 2 + I"),
        (lambda: Pow(X, 1.5), ValueError, "Pow takes exact real numbers, not 1.50000000000000"),
        (lambda: Mul(0.5 * N, X), ValueError, "Mul takes exact real numbers, not 0.5*N"),
        (lambda: Apply("exp", sympy.oo), ValueError, "Apply takes exact real numbers, not oo"),
        (lambda: Apply("exp", X, X), ValueError, "exp takes 1 argument, not 2"),
        (lambda: Access("", G), ValueError, "a name has at least one character"),
        (lambda: Apply("", X), ValueError, "a name has at least one character"),
        (lambda: Index(""), ValueError, "a name has at least one character"),
        (lambda: Index("i", -1), ValueError, "the size of i is a positive whole number, not -1"),
        (lambda: Index("i", 0), ValueError, "the size of i is a positive whole number, not 0"),
        (lambda: Index("i", 1.0), ValueError, "the size of i is a positive whole number, not 1"),
        (
            lambda: Index("i", Rational(1, 2)),
            ValueError,
            "the size of i is a positive whole number, not 1/2",
        ),
        (
            lambda: Index("i", sympy.oo),
            ValueError,
            "the size of i is a positive whole number, not oo",
        ),
        (
            lambda: Index("i", (1, 2)),
            TypeError,
            "the size of i is a number or a symbol, not (1, 2)",
        ),
        (lambda: Sum(X, J), ValueError, "{j} is not open in the body"),
        (lambda: Sum(X, G, J), ValueError, "{j} is not open in the body"),
        (lambda: Sum(X, Index("i")), ValueError, "{i} is not open in the body"),
        (lambda: Sum(Sum(A, K), K), ValueError, "{k} is not open in the body"),
        (lambda: Reduce("max", X, J), ValueError, "{j} is not open in the body"),
        (lambda: Sum(X), ValueError, "a binder has one or more different indices"),
        (lambda: Sum(X, G, G), ValueError, "a binder has one or more different indices"),
        (lambda: Reduce("mode", X, G), ValueError, "no reduction mode; there are prod, max, min"),
        (lambda: One(), ValueError, "a one-tensor has at least one index"),
        (lambda: Delta(G, P), ValueError, "delta over two sizes: N and P"),
        (lambda: Delta(G, LETTER), TypeError, "Delta takes Index objects, not 'i'"),
        (lambda: Access("x", LETTER), TypeError, "Access takes Index objects, not 'i'"),
        (lambda: One(LETTER), TypeError, "One takes Index objects, not 'i'"),
        (lambda: Sum(X, LETTER), TypeError, "Sum takes Index objects, not 'i'"),
        (
            lambda: D(X, Sum(X, G)),
            TypeError,
            "the derivative is taken with respect to an Access",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_constructor_refuses(
    build: Callable[[], Node], error: type[ValueError | TypeError], message: str
) -> None:
    with pytest.raises(error, match="^" + re.escape(message)):
        build()


def test_an_index_is_not_an_expression() -> None:
    with pytest.raises(TypeError, match=r"^Mul takes expressions, not "):
        Mul(X, G)


def test_strings_are_never_parsed() -> None:
    with pytest.raises(sympy.SympifyError):
        Mul(X, "2")


@pytest.mark.parametrize("kind", Reduce.KINDS)
def test_a_reduction_has_no_derivative_yet(kind: str) -> None:
    with pytest.raises(IndexcalcError) as caught:
        D(Apply("exp", Reduce(kind, A, K)), Access("a", J, L))
    assert str(caught.value) == (
        f"error IC701: the derivative of {kind} is not available yet\n"
        "hint: write a without it, or differentiate by another tensor"
    )


# SymPy's own replacements

WAYS = "rename(expr, {i: j}) renames indices, and xreplace takes parts with the same ones"


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        (lambda e: e.xreplace({G: J}), "i could be bound here; "),
        (lambda e: e.subs(J, G), "j could be bound here; "),
        (lambda e: e.subs({J: G}), "j could be bound here; "),
        (lambda e: e.subs([(X, Y)]), "j could be captured here; "),
        (lambda e: e.xreplace({X: Y}), "j could be captured here; "),
        (lambda e: e.xreplace({N: WIDE}), "two indices of one letter would have one size; "),
        (lambda e: e.subs(N, WIDE), "two indices of one letter would have one size; "),
        (lambda e: e.subs("N", 3), "N could be bound here; "),
        (lambda e: e.xreplace({e.body.args[0].args[0]: J.args[0]}), "x could be bound here; "),
        (lambda e: e.replace(X, Y), "replace could capture bound indices; "),
    ],
)
def test_a_replacement_never_captures(replaced: Callable[[Sum], object], message: str) -> None:
    """Σ_j x_i y_j with i → j would be Σ_j x_j y_j."""
    expr = Sum(Mul(X, Y, Access("z", Index("j", WIDE))), J)
    with pytest.raises(TypeError, match="^" + re.escape(message + WAYS) + "$"):
        replaced(expr)


def test_a_replacement_of_sizes_and_of_parts_with_the_same_indices() -> None:
    expr = Sum(Mul(N, X, Y), J)
    three, four = Index("i", 3), Index("j", 3)
    assert expr.subs(N, 3) == Sum(Mul(3, Access("x", three), Access("y", four)), four)
    assert expr.xreplace({N: WIDE}).free == {Index("i", WIDE)}
    assert expr.xreplace({X: Access("w", G)}) == Sum(Mul(N, Access("w", G), Y), J)
    assert expr.subs([(X, Access("w", G))]) == Sum(Mul(N, Access("w", G), Y), J)
    assert expr.xreplace({WIDE: N}) == expr
