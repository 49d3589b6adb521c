"""How nodes are spelled that no text makes: derivatives, repeated indices, shadowed letters."""

from __future__ import annotations

import pytest
from sympy import Rational, pi

from indexcalc.expr.base import Index, Node, constant_symbol, free_of, size_symbol
from indexcalc.expr.nodes import Access, Add, Apply, Binder, D, Delta, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.printing import no_sum, spell, spell_equation
from indexcalc.expr.program import Equation
from indexcalc.expr.rename import distinct
from indexcalc.lang.reading import read

N = size_symbol("N")
G, J, K = (Index(name, N) for name in "ijk")
X, Y, M = Access("x", G), Access("y", J), Access("m", G, J)
EPS = constant_symbol("eps")


@pytest.mark.parametrize(
    ("node", "unicode", "latex"),
    [
        (D(X, Access("x", J)), "∂x_i/∂x_j", r"\frac{\partial x_{i}}{\partial x_{j}}"),
        (
            D(Mul(X, Y), Access("x", K)),
            "∂(x_i y_j)/∂x_k",
            r"\frac{\partial}{\partial x_{k}}\left(x_{i} y_{j}\right)",
        ),
        (Mul(X, EPS + 1), "x_i (1 + ε)", r"x_{i} \left(1 + \varepsilon\right)"),
        (Mul(X, 1 / N), "x_i/N", r"\frac{x_{i}}{N}"),
        (Mul(1 / N, X), "(1/N) x_i", r"\frac{1}{N} x_{i}"),
        (Mul(-1, X), "-x_i", "-x_{i}"),
        (Add(Mul(-1, X), X), "-x_i + x_i", "-x_{i} + x_{i}"),
        (Mul(-1, Mul(-1, X)), "x_i", "x_{i}"),
        (Mul(Y, Mul(-1, X)), "y_j (-x_i)", r"y_{j} \left(-x_{i}\right)"),
        (Pow(X, Rational(1, 2)), "x_i^(1/2)", r"x_{i}^{\frac{1}{2}}"),
        (Pow(pi, X), "π^x_i", r"\pi^{x_{i}}"),
        (Sum(One(G), G), "Σ_i 1_i", r"\sum_{i} \mathbf{1}_{i}"),
        (Sum(Delta(G, G), G), "δ_ii", r"\delta_{ii}"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nodes_that_no_text_makes(node: Node, unicode: str, latex: str) -> None:
    assert (spell(node, "unicode"), spell(node, "latex")) == (unicode, latex)


@pytest.mark.parametrize(
    ("node", "letters"),
    [
        (Access("x", G, G), "i"),
        (Delta(J, J), "j"),
        (One(G, G), "i"),
        (Mul(Access("x", J, J), Access("x", G, G)), "ji"),
        (Access("t", J, J, G, G), "ij"),
        (Mul(X, Access("x", G, G)), "i"),
        (Apply("exp", Access("x", G, G)), "i"),
        (Add(X, Access("x", G, G)), "i"),
        (Mul(X, X), ""),
        (Mul(M, X, Y), ""),
        (Mul(Delta(G, J), Y), ""),
        (Sum(Mul(Delta(G, J), Y), J), ""),
        (Apply("f", X, X), ""),
        (Pow(X, X), ""),
        (Mul(X, Pow(X, -1)), ""),
        (Add(Mul(M, Y), Mul(X, One(J))), ""),
        (Mul(X, Sum(Mul(M, Y), J)), ""),
        (Sum(Access("x", G, G), G), ""),
        (Mul(Sum(Access("x", J, J), J), Y), ""),
    ],
    ids=str,
)
def test_where_no_sum_is_said(node: Node, letters: str) -> None:
    assert "".join(index.name for index in no_sum(node)) == letters


def test_no_sum_is_said_in_neither_text_nor_with_every_sum_written() -> None:
    equation = Equation(X, Access("m", G, G))
    assert spell_equation(equation) == "x[i] = m[i,i]"
    assert spell_equation(equation, "unicode", "sum") == "x_i = m_ii"


# Names


SHADOWS: dict[str, tuple[Node, str]] = {
    "free-outside": (Mul(X, Sum(X, G)), "x_i Σ_j x_j"),
    "bound-twice-side-by-side": (Mul(Sum(X, G), Sum(X, G)), "(Σ_i x_i) Σ_i x_i"),
    "nested": (Sum(Mul(X, Sum(X, G)), G), "Σ_i x_i Σ_j x_j"),
    "three-deep": (
        Sum(Mul(X, Sum(Mul(X, Reduce("max", X, G)), G)), G),
        "Σ_i x_i Σ_j x_j max_k(x_k)",
    ),
    "fresh-is-taken": (Mul(X, Y, Sum(X, G)), "x_i y_j Σ_k x_k"),
    "fresh-is-in-the-body": (Mul(X, Sum(M, G)), "x_i Σ_k m_kj"),
    "two-letters": (Mul(M, Reduce("max", M, G, J)), "m_ij max_kl(m_kl)"),
    "in-a-function": (Apply("f", X, Sum(X, G)), "f(x_i, Σ_j x_j)"),
}


@pytest.mark.parametrize(("node", "spelled"), SHADOWS.values(), ids=list(SHADOWS))
def test_no_letter_is_free_and_bound_in_what_is_printed(node: Node, spelled: str) -> None:
    assert spell(node, "unicode", "sum") == spelled
    shown = distinct(node)
    assert free_of(shown) == free_of(node)
    waiting: list[tuple[Node, frozenset[str]]] = [
        (shown if isinstance(shown, Node) else node, frozenset(i.name for i in free_of(node)))
    ]
    while waiting:
        inner, names = waiting.pop()
        if isinstance(inner, Binder):
            own = {index.name for index in inner.indices}
            assert not own & names
            names |= own
        waiting += [(part, names) for part in inner.parts if isinstance(part, Node)]


def test_depth_is_no_limit_for_shadowed_binders() -> None:
    tree: Node = X
    for _ in range(1200):
        tree = Mul(X, Sum(tree, G))
    assert spell(tree, "unicode", "sum").count("Σ_") == 1200


def test_no_sum_is_said_of_free_letters_alone() -> None:
    program = read("y[j] = z[j]*sum[j](x[j,j])")
    assert spell_equation(program.equations[0], "unicode") == "y_j = z_j x_kk"


def test_what_has_no_clash_is_the_same_object() -> None:
    tree = Mul(X, Sum(Y, J))
    assert distinct(tree) is tree
    assert distinct(M) is M


def test_every_alphabet_is_known_to_the_speller() -> None:
    with pytest.raises(KeyError, match=r"^'html'$"):
        spell(X, "html")


def test_a_kind_without_spelling_fails_loudly() -> None:
    with pytest.raises(TypeError, match=r"^no spelling for Unspelled$"):
        spell(Unspelled._make((), frozenset()))


class Unspelled(Node):
    """A kind of node that no printer knows."""

    __slots__ = ()


def test_a_sum_is_written_where_a_lone_number_would_leave_the_letter_to_a_part() -> None:
    r = Index("r")
    inner = Add(Mul(2, One(r)), Mul(Access("m", r, r), Access("a", r)))
    total = Sum(Mul(Access("g", r), Access("h", r), Pow(inner, -1)), r)
    assert spell(total, "unicode") == "g_r h_r/(2 · 1_r + m_rr a_r)"
    # Without the one-tensor the bracket alone has the letter twice, and would be read as a sum.
    assert spell(total, "unicode", ones=False) == "Σ_r g_r h_r/(2 + m_rr a_r)"
