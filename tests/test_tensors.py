"""Tensors among matrices: shapes that constructors hold to, one convention in each matrix, how each
is spelled, and that each is a node as others are."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from sympy import Basic, Expr

from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import ONE, Index, free_of, size_symbol
from indexcalc.expr.digits import BY
from indexcalc.expr.names import adjoint_name
from indexcalc.expr.nodes import Foreign
from indexcalc.expr.printing import spell
from indexcalc.expr.rename import rename
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import (
    Function,
    Hadamard,
    Inner,
    Matrix,
    Named,
    Norm,
    Over,
    Plus,
    Power,
    Product,
    Scaled,
    Trace,
    Transpose,
)
from indexcalc.forms.tensors import (
    Core,
    Kronecker,
    ModeProduct,
    Permutation,
    Tensor,
    Unfolding,
    Vec,
    VecSlope,
)

I, J, K, L, N = map(size_symbol, "IJKLN")
X = Core("x", "X", I, J, K)
A, B, V = Named("a", "A", I, J), Named("b", "B", K, L), Named("v", "V", L, J)
# A row for each entry of X.
T = Named("t", "T", I * J * K, L)
# What is alike in each of its axes, for what needs a square.
CUBE = Core("c", "C", N, N, N)

in_both = pytest.mark.parametrize("by", BY)


def whatever(wrong: object) -> Any:
    """What a type checker would have refused first."""
    return wrong


def reordered(matrix: Matrix, tensor: Tensor, of: int, to: int, by: str) -> Matrix:
    """Pᵀ A"""
    return Product(Transpose(Permutation(tensor, of, to, by)), matrix)


# Shapes


def shapes(by: str) -> list[tuple[Matrix, tuple[Expr, Expr]]]:
    along = ModeProduct(X, V, 1)
    return [
        (Unfolding(X, 0, by), (I, J * K)),
        (Unfolding(X, 1, by), (J, I * K)),
        (Unfolding(X, 2, by), (K, I * J)),
        (Unfolding(along, 1, by), (L, I * K)),
        (Unfolding(along, 2, by), (K, I * L)),
        (Unfolding(Core("u", "u", I), 0, by), (I, ONE)),
        (Vec(A, by), (I * J, ONE)),
        (Vec(X, by), (I * J * K, ONE)),
        (Vec(Unfolding(along, 1, by), by), (I * K * L, ONE)),
        (Kronecker(A, B), (I * K, J * L)),
        (Kronecker(A, B, V), (I * K * L, J * L * J)),
        (Kronecker(Vec(A, by), B), (I * J * K, L)),
        (reordered(T, X, 1, 0, by), (I * J * K, L)),
        (Permutation(X, 1, 0, by), (I * J * K, I * J * K)),
        (VecSlope(Vec(X, by), Vec(A, by)), (I * J * K, I * J)),
    ]


@in_both
def test_a_matrix_has_its_rows_and_columns(by: str) -> None:
    for matrix, shape in shapes(by):
        assert matrix.shape == shape, matrix


def test_a_mode_product_has_the_rows_of_its_matrix_along_its_axis() -> None:
    along = ModeProduct(X, V, 1)
    assert along.sizes == (I, L, K)
    assert ModeProduct(along, Transpose(B), 2).sizes == (I, L, L)
    assert ModeProduct(ModeProduct(X, Transpose(A), 0), V, 1).sizes == (J, L, K)


REFUSED: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: ModeProduct(X, V, 0), ValueError, "V does not go along axis 0 of X"),
    (lambda: ModeProduct(X, Transpose(V), 1), ValueError, "V' does not go along axis 1 of X"),
    (lambda: ModeProduct(X, V, 3), ValueError, "X has no axis 3"),
    (lambda: ModeProduct(X, V, -2), ValueError, "X has no axis -2"),
    (lambda: Unfolding(X, 3, "row"), ValueError, "X has no axis 3"),
    (lambda: Unfolding(X, -1, "row"), ValueError, "X has no axis -1"),
    (lambda: Unfolding(Core("c", "c"), 0, "row"), ValueError, "c has no axis 0"),
    (
        lambda: Unfolding(X, 0, "rows"),
        ValueError,
        "a convention is one of column and row, not rows",
    ),
    (lambda: Vec(A, "F"), ValueError, "a convention is one of column and row, not F"),
    (
        lambda: reordered(T, X, 0, 1, "C"),
        ValueError,
        "a convention is one of column and row, not C",
    ),
    (lambda: reordered(A, X, 0, 1, "row"), ValueError, "P_12' has I*J*K columns, A I rows"),
    (lambda: reordered(T, X, 3, 0, "row"), ValueError, "X has no axis 3"),
    (lambda: reordered(T, X, 0, 5, "row"), ValueError, "X has no axis 5"),
    (lambda: Kronecker(A), ValueError, "Kronecker has at least 2 parts"),
    (lambda: Kronecker(A, whatever(X)), TypeError, "X is no matrix"),
    (lambda: Product(A, Unfolding(X, 0, "row")), ValueError, "A has J columns, X_(1) I rows"),
    (lambda: Entry(X, Index("i"), Index("j")), ValueError, "X has no entry at (i, j)"),
    (lambda: Entry(Vec(A, "row"), Index("i")), ValueError, "vec(A) has no entry at (i,)"),
]


@pytest.mark.parametrize(("act", "error", "message"), REFUSED)
def test_what_has_no_such_shape_is_refused(
    act: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        act()
    assert str(caught.value) == message


# Conventions


def unfolded(by: str) -> Matrix:
    """Square, so that it goes with itself in any node."""
    return Product(Unfolding(CUBE, 0, by), Transpose(Unfolding(CUBE, 1, by)))


def number(by: str) -> Matrix:
    return Trace(unfolded(by))


def tall(by: str) -> Matrix:
    return Vec(CUBE, by)


# Every node with two parts, of which either may have a convention.
PAIRS: dict[str, Callable[[str, str], Any]] = {
    "Product": lambda one, two: Product(unfolded(one), unfolded(two)),
    "Product of three": lambda one, two: Product(
        unfolded(one), Named("m", "M", N, N), unfolded(two)
    ),
    "Plus": lambda one, two: Plus(unfolded(one), unfolded(two)),
    "Hadamard": lambda one, two: Hadamard(unfolded(one), unfolded(two)),
    "Kronecker": lambda one, two: Kronecker(unfolded(one), unfolded(two)),
    "Inner": lambda one, two: Inner(unfolded(one), unfolded(two)),
    "Scaled": lambda one, two: Scaled(number(one), unfolded(two)),
    "Power": lambda one, two: Power(unfolded(one), unfolded(two)),
    "Function": lambda one, two: Function("f", unfolded(one), unfolded(two)),
    "VecSlope": lambda one, two: VecSlope(tall(one), tall(two)),
    "Vec": lambda one, two: Vec(unfolded(one), two),
    "Reordered": lambda one, two: reordered(tall(one), CUBE, 0, 1, two),
    "ModeProduct": lambda one, two: ModeProduct(
        ModeProduct(CUBE, unfolded(one), 0), unfolded(two), 1
    ),
    "ModeProduct of a ModeProduct": lambda one, two: Unfolding(
        ModeProduct(ModeProduct(CUBE, unfolded(one), 0), Named("m", "M", N, N), 1), 1, two
    ),
    "Unfolding": lambda one, two: Unfolding(ModeProduct(CUBE, unfolded(one), 0), 1, two),
    "Reordered tensor": lambda one, two: reordered(
        Named("t", "T", N**3, N), ModeProduct(CUBE, unfolded(one), 0), 0, 1, two
    ),
}
MIXED = [(name, *pair) for name in PAIRS for pair in (BY, BY[::-1])]


@pytest.mark.parametrize(("name", "one", "two"), MIXED)
def test_no_node_has_parts_of_two_conventions(name: str, one: str, two: str) -> None:
    for alike in (one, two):
        assert PAIRS[name](alike, alike).by == alike
    with pytest.raises(IndexcalcError) as caught:
        PAIRS[name](one, two)
    assert caught.value.code == "IC704"


@in_both
def test_a_node_has_the_convention_of_its_parts(by: str) -> None:
    index = Index("n", N)
    many = Product(unfolded(by), Named("m", "M", N, N, index))
    alone = [Transpose(unfolded(by)), Norm(unfolded(by)), Trace(unfolded(by)), Over(many, index)]
    plain = Named("m", "M", N, N)
    beside = [Product(plain, unfolded(by)), Plus(unfolded(by), plain), Scaled(ONE, unfolded(by))]
    assert {node.by for node in (*alone, *beside)} == {by}
    assert {node.by for node in (plain, A, X, ModeProduct(X, V, 1), Kronecker(A, B))} == {""}


# Spelling

SPELLED: list[tuple[Basic, str, str, str]] = [
    (X, "X", "X", r"\mathcal{X}"),
    (Core("gamma", "gamma", I, J, K), "gamma", "γ", r"\gamma"),
    (ModeProduct(X, V, 1), "X x_2 V", "X ×₂ V", r"\mathcal{X} \times_{2} V"),
    (
        ModeProduct(ModeProduct(X, Transpose(A), 0), V, 1),
        "X x_1 A' x_2 V",
        "X ×₁ Aᵀ ×₂ V",
        r"\mathcal{X} \times_{1} A^{\top} \times_{2} V",
    ),
    (
        ModeProduct(X, Plus(V, V), 1),
        "X x_2 (V + V)",
        "X ×₂ (V + V)",
        r"\mathcal{X} \times_{2} \left(V + V\right)",
    ),
    (Unfolding(X, 2, "row"), "X_(3)", "X₍₃₎", r"\mathcal{X}_{(3)}"),
    (
        Unfolding(ModeProduct(X, V, 1), 0, "row"),
        "(X x_2 V)_(1)",
        "(X ×₂ V)₍₁₎",
        r"\left(\mathcal{X} \times_{2} V\right)_{(1)}",
    ),
    (
        Unfolding(Core("dl_dx", adjoint_name("l", "X"), I, J, K), 0, "row"),
        "(d(l)/d(X))_(1)",
        "(∂l/∂X)₍₁₎",
        r"\left(\frac{\partial l}{\partial \mathcal{X}}\right)_{(1)}",
    ),
    (Transpose(Unfolding(X, 0, "row")), "X_(1)'", "X₍₁₎ᵀ", r"\mathcal{X}_{(1)}^{\top}"),
    (Vec(A, "row"), "vec(A)", "vec(A)", r"\operatorname{vec}\!\left(A\right)"),
    (
        Vec(Unfolding(X, 1, "row"), "row"),
        "vec(X_(2))",
        "vec(X₍₂₎)",
        r"\operatorname{vec}\!\left(\mathcal{X}_{(2)}\right)",
    ),
    (Kronecker(A, B), "kron(A, B)", "A ⊗ B", r"A \otimes B"),
    (
        Kronecker(Product(V, Transpose(A)), Plus(A, A), B),
        "kron(V*A', A + A, B)",
        "V Aᵀ ⊗ (A + A) ⊗ B",
        r"V A^{\top} \otimes \left(A + A\right) \otimes B",
    ),
    (
        Kronecker(Hadamard(A, A), B),
        "kron(A .* A, B)",
        "(A ⊙ A) ⊗ B",
        r"\left(A \odot A\right) \otimes B",
    ),
    (
        Transpose(Kronecker(A, B)),
        "kron(A, B)'",
        "(A ⊗ B)ᵀ",
        r"\left(A \otimes B\right)^{\top}",
    ),
    (
        Product(Kronecker(A, B), Named("c", "C", J * L, N)),
        "kron(A, B)*C",
        "(A ⊗ B) C",
        r"\left(A \otimes B\right) C",
    ),
    (reordered(T, X, 1, 0, "row"), "P_21'*T", "P₂₁ᵀ T", r"P_{21}^{\top} T"),
    (
        reordered(Kronecker(Vec(A, "row"), B), X, 0, 2, "row"),
        "P_13'*kron(vec(A), B)",
        "P₁₃ᵀ (vec(A) ⊗ B)",
        r"P_{13}^{\top} \left(\operatorname{vec}\!\left(A\right) \otimes B\right)",
    ),
    (Permutation(X, 1, 2, "row"), "P_23", "P₂₃", "P_{23}"),
    (
        VecSlope(Vec(X, "row"), Vec(A, "row")),
        "d(vec(X))/d(vec(A))",
        "∂vec(X)/∂vec(A)",
        r"\frac{\partial \operatorname{vec}\!\left(\mathcal{X}\right)}"
        r"{\partial \operatorname{vec}\!\left(A\right)}",
    ),
]


@pytest.mark.parametrize(("node", "text", "unicode", "latex"), SPELLED)
def test_a_node_is_spelled_as_papers_write_it(
    node: Basic, text: str, unicode: str, latex: str
) -> None:
    assert [spell(node, style) for style in ("text", "unicode", "latex")] == [text, unicode, latex]


# As nodes


def nodes() -> list[Basic]:
    """One of each, and others that differ from it in one thing: the axis, the order, a name."""
    many = Named("v", "V", N, N, Index("n", N))
    places = [(0, 1), (1, 0), (0, 2)]
    return [
        *(CUBE, Core("c", "D", N, N, N), Core("d", "C", N, N, N), Core("c", "C", N, N)),
        *(ModeProduct(CUBE, many, axis) for axis in (0, 1)),
        *(Unfolding(CUBE, axis, by) for axis in (0, 1) for by in BY),
        *(Vec(CUBE, by) for by in BY),
        Vec(unfolded("row"), "row"),
        Kronecker(many, unfolded("row")),
        Kronecker(unfolded("row"), many),
        *(Permutation(CUBE, *pair, by) for pair in places for by in BY),
        VecSlope(tall("row"), Vec(many, "row")),
        VecSlope(Vec(many, "row"), tall("row")),
    ]


def matrices() -> list[Foreign]:
    return [node for node in nodes() if isinstance(node, Foreign)]


@pytest.mark.parametrize("node", nodes(), ids=lambda node: spell(node, "text"))
def test_a_pickle_and_its_arguments_make_the_node_again(node: Basic) -> None:
    for again in (pickle.loads(pickle.dumps(node)), node.func(*node.args)):
        assert again == node
        assert hash(again) == hash(node)
        assert free_of(again) == free_of(node)
        if isinstance(node, Matrix):
            assert (again.shape, again.by) == (node.shape, node.by)
        if isinstance(node, Tensor):
            assert again.sizes == node.sizes


def test_no_two_of_them_are_equal() -> None:
    for one, other in combinations(nodes(), 2):
        assert one != other, spell(one, "text")


@pytest.mark.parametrize("node", matrices(), ids=lambda node: spell(node, "text"))
def test_other_letters_for_what_there_are_many_of(node: Foreign) -> None:
    """V_n has another index, which goes into every node that V_n is in; nothing else changes."""
    letters = {Index("n", N): Index("q", N)}
    renamed = rename(node, letters)
    if free_of(node):
        assert free_of(renamed) == {Index("q", N)}
        assert spell(renamed, "text") == spell(node, "text").replace("_n", "_q")
        assert rename(renamed, {there: here for here, there in letters.items()}) == node
    else:
        assert renamed is node


@pytest.mark.parametrize("node", matrices(), ids=lambda node: spell(node, "text"))
def test_a_node_with_its_own_parts_is_that_node(node: Foreign) -> None:
    assert not node.parts or node.with_parts(node.parts) == node
