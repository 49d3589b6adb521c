"""The paper's way from indices to Kronecker products as it is printed, and entries of its products.

Y = P X Q is Eq. 24, with the tensors of the paper unfolded; t and u are the s and r of its Eqs. 27
to 29, for r and s are letters of X here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import Basic

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.expr.base import Index, size_symbol
from indexcalc.expr.digits import digits, fused
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.nodes import Mul
from indexcalc.expr.printing import spell
from indexcalc.expr.world import World
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import Hadamard, Named, Product
from indexcalc.forms.tensors import Kronecker
from tests.stacking import stacked

Array = NDArray[np.float64]
Captured = pytest.CaptureFixture[str]

I, J, K, L = map(size_symbol, "IJKL")
i, j, k, l_ = (Index(name) for name in "ijkl")
A, B, C = Named("a", "A", I, J), Named("b", "B", K, L), Named("c", "C", J, K)
D = Named("d", "D", I, J)
RANDOM = np.random.default_rng(3)
LENGTHS = {I: 2.0, J: 3.0, K: 5.0, L: 4.0}
ARRAYS: dict[str, Array] = {
    "a": RANDOM.normal(size=(2, 3)),
    "b": RANDOM.normal(size=(5, 4)),
    "c": RANDOM.normal(size=(3, 5)),
    "d": RANDOM.normal(size=(2, 3)),
}


def values(expr: Basic) -> Array:
    return evaluate(expr, World(ARRAYS, LENGTHS, {}))


def printed(capsys: Captured, *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def section(page: str, start: str, end: str) -> str:
    return page[page.index(start) : page.index(end)]


# Equations 12 to 16: products, entry by entry


def test_equation_12_an_entry_of_a_product_is_a_sum() -> None:
    """Eq. 17 of the paper is the same without the sign."""
    meaning = Entry(Product(A, C), i, k).meaning
    assert spell(meaning, "unicode") == "a_ij c_jk"
    assert spell(meaning, "unicode", "sum") == "Σ_j a_ij c_jk"
    np.testing.assert_allclose(values(meaning), ARRAYS["a"] @ ARRAYS["c"])


def test_equation_13_an_outer_product_has_all_indices() -> None:
    found = ic.evaluate("c[i,j,k,l] = a[i,j]*b[k,l]", a=ARRAYS["a"], b=ARRAYS["b"])
    np.testing.assert_array_equal(found["c"], np.multiply.outer(ARRAYS["a"], ARRAYS["b"]))


def test_equation_14_an_entry_of_a_hadamard_product_is_a_product() -> None:
    meaning = Entry(Hadamard(A, D), i, j).meaning
    assert spell(meaning, "unicode") == "a_ij d_ij"
    np.testing.assert_array_equal(values(meaning), ARRAYS["a"] * ARRAYS["d"])


def test_equation_15_an_entry_of_a_kronecker_product_is_at_quotients_and_remainders() -> None:
    s, r = fused("s", [I, K]), fused("r", [J, L])
    (high, low), (above, below) = digits(s, [I, K], "row"), digits(r, [J, L], "row")
    product = Mul(Entry(A, high, above), Entry(B, low, below))
    assert spell(product, "unicode") == "A_{s÷K,r÷L} B_{s%K,r%L}"
    assert spell(product, "latex") == (
        r"A_{s \div K,\, r \div L} B_{s \mathbin{\%} K,\, r \mathbin{\%} L}"
    )
    expected = np.kron(ARRAYS["a"], ARRAYS["b"])
    # The axes are in order of name, r before s.
    np.testing.assert_allclose(values(product).T, expected)
    np.testing.assert_allclose(values(Entry(Kronecker(A, B), s, r)).T, expected)


def test_equation_16_a_kronecker_product_is_made_of_blocks() -> None:
    s, r = fused("s", [I, K]), fused("r", [J, L])
    made = values(Entry(Kronecker(A, B), s, r)).T
    a, b = ARRAYS["a"], ARRAYS["b"]
    for row, column in np.ndindex(*a.shape):
        block = made[5 * row : 5 * (row + 1), 4 * column : 4 * (column + 1)]
        np.testing.assert_allclose(block, a[row, column] * b)


# Equations 24 to 30: by the matrix in the middle

PXQ = "y[i,j] = p[i,k]*x[k,l]*q[l,j]"
MIDDLE = {
    "column": """\
Jacobian ∂vec(Y)/∂vec(X)

  ∂y_ij/∂x_rs = p_ir q_sj

t = i + I j, i = t%I, j = t÷I, u = r + K s, r = u%K, s = u÷K.

  [∂vec(Y)/∂vec(X)]_tu = P_{t%I,u%K} Q_{u÷K,t÷I}      index maps
                       = P_{t%I,u%K} [Qᵀ]_{t÷I,u÷K}   transpose
                       = [Qᵀ ⊗ P]_tu                  Kronecker product

""",
    "row": """\
Jacobian ∂vec(Y)/∂vec(X)

  ∂y_ij/∂x_rs = p_ir q_sj

t = j + J i, i = t÷J, j = t%J, u = s + L r, r = u÷L, s = u%L.

  [∂vec(Y)/∂vec(X)]_tu = P_{t÷J,u÷L} Q_{u%L,t%J}      index maps
                       = P_{t÷J,u÷L} [Qᵀ]_{t%J,u%L}   transpose
                       = [P ⊗ Qᵀ]_tu                  Kronecker product

""",
}
# Equations 31 to 33: by the first, whose rows are those of Y.
FIRST = {
    "column": """\
Jacobian ∂vec(Y)/∂vec(P)

  y_ij = p_ik x_kl q_lj
       = δ_im p_mk x_kl q_lj                          identity insertion
  ∂y_ij/∂p_rs = δ_ir x_sl q_lj

t = i + I j, i = t%I, j = t÷I, u = r + I s, r = u%I, s = u÷I.

  [∂vec(Y)/∂vec(P)]_tu = δ_{t%I,u%I} X_{u÷I,l} Q_{l,t÷I}  index maps
                       = δ_{t%I,u%I} [X Q]_{u÷I,t÷I}  matrix product
                       = δ_{t%I,u%I} [Qᵀ Xᵀ]_{t÷I,u÷I}  transpose
                       = [Qᵀ Xᵀ ⊗ 𝐈_I]_tu             Kronecker product

""",
    "row": """\
Jacobian ∂vec(Y)/∂vec(P)

  y_ij = p_ik x_kl q_lj
       = δ_im p_mk x_kl q_lj                          identity insertion
  ∂y_ij/∂p_rs = δ_ir x_sl q_lj

t = j + J i, i = t÷J, j = t%J, u = s + K r, r = u÷K, s = u%K.

  [∂vec(Y)/∂vec(P)]_tu = δ_{t÷J,u÷K} X_{u%K,l} Q_{l,t%J}  index maps
                       = δ_{t÷J,u÷K} [X Q]_{u%K,t%J}  matrix product
                       = δ_{t÷J,u÷K} [Qᵀ Xᵀ]_{t%J,u%K}  transpose
                       = [𝐈_I ⊗ Qᵀ Xᵀ]_tu             Kronecker product

""",
}
ENDS = {
    "column": """\
Jacobians, by columns

  ∂vec(Y)/∂vec(X) = Qᵀ ⊗ P
  ∂vec(Y)/∂vec(P) = Qᵀ Xᵀ ⊗ 𝐈_I

Gradients

l is a loss further on, and G = ∂l/∂Y.

  vec(∂l/∂X) = (Q ⊗ Pᵀ) vec(G)
  vec(∂l/∂P) = (X Q ⊗ 𝐈_I) vec(G)

Each""",
    "row": """\
Jacobians, by rows

  ∂vec(Y)/∂vec(X) = P ⊗ Qᵀ
  ∂vec(Y)/∂vec(P) = 𝐈_I ⊗ Qᵀ Xᵀ

Gradients

l is a loss further on, and G = ∂l/∂Y.

  vec(∂l/∂X) = (Pᵀ ⊗ Q) vec(G)
  vec(∂l/∂P) = (𝐈_I ⊗ X Q) vec(G)

Each""",
}


@pytest.mark.parametrize("by", ["column", "row"])
def test_equations_24_to_33_as_they_are_printed(by: str, capsys: Captured) -> None:
    page = printed(capsys, PXQ, "--jacobian", "--matrix", "--vec", by, "--wrt", "x,p")
    assert section(page, "Jacobian ∂vec(Y)/∂vec(X)", "Jacobian ∂vec(Y)/∂vec(P)") == MIDDLE[by]
    assert section(page, "Jacobian ∂vec(Y)/∂vec(P)", "Jacobians, by") == FIRST[by]
    assert section(page, "Jacobians, by", " was computed") == ENDS[by]


def test_equation_33_has_the_form_of_equation_24(capsys: Captured) -> None:
    """Φ = X Q as one matrix."""
    page = printed(capsys, "y[i,j] = p[i,k]*f[k,j]", "--jacobian", "--matrix", "--wrt", "p")
    assert "       = δ_im p_mk f_kj                               identity insertion\n" in page
    assert "  ∂vec(Y)/∂vec(P) = Fᵀ ⊗ 𝐈_I\n" in page


def test_equations_7_to_9_of_the_linear_layer(capsys: Captured) -> None:
    """y = W x, where W gets an index of its own too."""
    page = printed(capsys, "y[i] = w[i,j]*x[j]", "--jacobian", "--matrix")
    assert "      = δ_im w_mj x_j                                 identity insertion\n" in page
    assert "  ∂y_i/∂w_pq = δ_ip x_q\n" in page
    assert "  ∂y/∂vec(W) = xᵀ ⊗ 𝐈_I\n" in page
    assert "  ∂y/∂x      = W\n" in page


# Equation 21: what the permutation is


@pytest.mark.parametrize(
    ("by", "told", "place"),
    [
        (
            "column",
            "s÷(A·B) + C (s÷B%A) + A C (s%B)",
            lambda s, a, b, c: s // (a * b) + c * (s // b % a) + a * c * (s % b),
        ),
        (
            "row",
            "s÷(A·C) + B (s÷C%A) + A B (s%C)",
            lambda s, a, b, c: s // (a * c) + b * (s // c % a) + a * b * (s % c),
        ),
    ],
)
def test_equation_21_says_which_entry_is_which(
    by: str, told: str, place: Callable[..., Array], capsys: Captured
) -> None:
    """As the vector of indices that the paper keeps instead of P, for vec(Y₍₂₎) by vec(Y₍₃₎)."""
    page = printed(capsys, "tcl:3", "--jacobian", "--matrix", "--vec", by)
    said = f"vec(Y₍₂₎) = P₂₃ vec(Y₍₃₎): entry s of the one is entry {told} of the other. P₂₃ is"
    assert said in " ".join(page.split())
    y = np.arange(24).reshape(2, 3, 4)
    found = stacked(y, 2, by)[place(np.arange(24), *y.shape)]
    np.testing.assert_array_equal(found, stacked(y, 1, by))


# Equations 38 to 41: shapes


def test_equations_38_to_41() -> None:
    assert Product(A, C).shape == (I, K)
    assert Hadamard(A, D).shape == (I, J)
    assert Kronecker(A, B).shape == (I * K, J * L)
    (outer,) = ic.read("c[i,j,k,l] = a[i,j]*b[k,l]").equations
    assert [index.size for index in outer.left.indices] == [I, J, K, L]
