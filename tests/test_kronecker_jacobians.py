"""What is printed of Jacobians of vec by vec, held to Jacobians written out by NumPy."""

from __future__ import annotations

import re

import numpy as np
import pytest

from indexcalc.cli import main

Captured = pytest.CaptureFixture[str]


def page(capsys: Captured, program: str, by: str, *more: str) -> str:
    assert main([program, "--jacobian", "--matrix", "--vec", by, *more]) == 0
    return capsys.readouterr().out


def jacobians(capsys: Captured, program: str, by: str) -> list[str]:
    """The conclusion, an equation a line, its signs in no columns."""
    text = page(capsys, program, by, "--steps", "none")
    found = text.partition(f"\nJacobians, by {by}s\n\n")[2].partition("\n\n")[0]
    return [re.sub(r"\s+", " ", row).strip() for row in re.split(r"\n  (?! )", found)]


def test_one_that_has_no_form_along_last_modes_has_the_others(capsys: Captured) -> None:
    found = jacobians(capsys, "y[i,j,k] = w[i,a]*x[a,j,k]; z[j,i,k] = y[i,j,k]*q[i,j]", "row")
    assert "∂vec(Z)/∂vec(X) = P₂₁ᵀ diag(vec(Q) ⊗ 𝟏_K) (W ⊗ 𝐈_{J·K})" in found
    assert not [row for row in found if row.startswith("∂vec(Z₍₃₎)/∂vec(X₍₃₎)")]
    random = np.random.default_rng(0)
    w, q = random.normal(size=(2, 5)), random.normal(size=(2, 3))
    expected = np.einsum("ia,ij,jm,kn->jikamn", w, q, np.eye(3), np.eye(4))
    rows = np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2).reshape(-1)  # entry jik of all ijk
    scale = np.kron(q.reshape(-1), np.ones(4))
    shown = (np.diag(scale) @ np.kron(w, np.eye(12)))[rows]
    np.testing.assert_allclose(shown, expected.reshape(24, 60))


@pytest.mark.parametrize(
    ("program", "form"),
    [
        ("Y[i,j] = 3*X[j,i]", "∂vec(Y)/∂vec(X) = 3 P₂₁ᵀ"),
        ("y[j,k,i] = x[i,j,k]/K", "∂vec(Y)/∂vec(X) = (1/K) P₃₁ᵀ"),
    ],
)
def test_a_permutation_may_be_scaled(capsys: Captured, program: str, form: str) -> None:
    text = page(capsys, program, "column", "--steps", "none")
    assert form in " ".join(text.split())
    assert "they agree up to rounding" in " ".join(text.split())


def test_a_permutation_is_called_as_nothing_else(capsys: Captured) -> None:
    of_two = jacobians(capsys, "Y[i,j] = A[k,i]*X[j,k]; Z[i,m] = A[k,i]*B[m,k]", "column")
    assert "∂vec(Y)/∂vec(X) = P₂₁ᵀ (Aᵀ ⊗ 𝐈_J)" in of_two
    assert "∂vec(Z)/∂vec(B) = Π₂₁ᵀ (Aᵀ ⊗ 𝐈_M)" in of_two
    beside_a_matrix = jacobians(capsys, "Y[i,j] = P[k,i]*X[j,k]", "column")
    assert "∂vec(Y)/∂vec(X) = Π₂₁ᵀ (Pᵀ ⊗ 𝐈_J)" in beside_a_matrix
    beside_a_size = jacobians(capsys, "Y[i,p] = A[k,i]*X[p,k]", "column")
    assert "∂vec(Y)/∂vec(X) = Π₂₁ᵀ (Aᵀ ⊗ 𝐈_P)" in beside_a_size
    said = page(capsys, "Π[i,j] = P[k,i]*X[j,k]", "row", "--steps", "none")
    assert "vec(Πᵀ) = P2₂₁ vec(Π): entry s" in said
    assert "P2₂₁ is kept as that vector of indices" in " ".join(said.split())
    typeset = page(capsys, "Y[i,j] = P[k,i]*X[j,k]", "row", "--format", "latex")
    assert r"\Pi_{21}^{\top}" in typeset


def test_a_fused_index_is_called_as_no_tensor(capsys: Captured) -> None:
    text = page(capsys, "s[a,b] = r[a,p]*m[p,b]", "column", "--wrt", "r")
    assert "  s_ab = r_ap m_pb\n       = δ_an r_np m_pb " in text
    assert "\nu = a + A b, a = u%A, b = u÷A, v = q + A t, q = v%A, t = v÷A.\n" in text
    assert "  [∂vec(S)/∂vec(R)]_uv = δ_{u%A,v%A} M_{v÷A,u÷A} " in text
    summed = page(capsys, "y[a] = x[a,i,j]*u[b,i,j]*v[b]", "row")
    assert "Σ_w " in summed
    assert not re.search("Σ_[uv] ", summed)


@pytest.mark.parametrize(("by", "fastest"), [("column", "first"), ("row", "last")])
def test_unfoldings_that_a_permutation_is_between_are_told(
    capsys: Captured, by: str, fastest: str
) -> None:
    of_matrices = page(capsys, "Y[i,j] = A[k,i]*X[j,k]", by, "--steps", "none")
    assert "vec(Yᵀ) = P₂₁ vec(Y)" in " ".join(of_matrices.split())
    assert "unfold" not in of_matrices
    text = " ".join(page(capsys, "Y[i,j,k] = X[k,i,j]", by, "--steps", "none").split())
    assert "vec(Y₍₃₎) = P₃₁ vec(Y)" in text
    assert "X₍₁₎, X₍₂₎, ... unfold a tensor along its modes, which count from 1" in text
    assert f"the columns over all others, the {fastest} of them fastest" in text
