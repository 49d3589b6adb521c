"""The page of matrix notation: what it shows of a program, in every format."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.expr.base import ONE
from indexcalc.forms import algebra, outward
from indexcalc.forms.outward import Form

Captured = pytest.CaptureFixture[str]
MATMUL = """\
matmul(x_ik, a_kj) → y
Matrix multiplication, Y = X A.
Source: The Tensor Calculus You Need for Deep Learning, example of matrix
multiplication.

X is I by K, A is K by J, Y is I by J; vectors are columns, and 𝟏 is one of
ones. A gradient has the shape of its variable.

  Y = X A

l is a loss further on, and G = ∂l/∂Y.

  ∂l/∂x_pq = G_pj a_qj
  [∂l/∂X]_pq = [G]_pj [Aᵀ]_jq                         transpose
             = [G Aᵀ]_pq                              matrix product

  ∂l/∂a_pq = G_iq x_ip
  [∂l/∂A]_pq = [G]_iq [Xᵀ]_pi                         transpose
             = [Xᵀ G]_pq                              matrix product

Gradients

  ∂l/∂X = G Aᵀ
  ∂l/∂A = Xᵀ G

Each was computed by NumPy beside the formula with indices, at random matrices:
they agree up to rounding.
"""


def printed(capsys: Captured, *arguments: str) -> str:
    assert main([*arguments, "--matrix"]) == 0
    return capsys.readouterr().out


def test_the_whole_page(capsys: Captured) -> None:
    assert printed(capsys, "matmul") == MATMUL


def test_every_step_of_a_long_way_is_shown_where_asked_for(capsys: Captured) -> None:
    short = printed(capsys, "layernorm")
    assert "after 25 steps" in short
    every = printed(capsys, "layernorm", "--steps", "all")
    assert "after 25 steps" not in every
    assert every.count("rows or columns scaled") >= 3
    none = printed(capsys, "layernorm", "--steps", "none")
    assert "transpose" not in none
    assert "∂l/∂β = Gᵀ𝟏" in none


def test_one_of_many_matrices(capsys: Captured) -> None:
    text = printed(capsys, "y[b,i,j] = x[b,i,k]*w[k,j]", "--steps", "none")
    assert "X_b is I by K, W is K by J, Y_b is I by J" in text
    assert "l is a loss further on, and G_b = ∂l/∂Y_b." in text
    assert "  Y_b = X_b W                                         for each b\n" in text
    assert "  ∂l/∂X_p = G_p Wᵀ                                    for each p\n" in text
    assert "  ∂l/∂W   = Σ_b X_bᵀ G_b\n" in text


def test_what_has_no_form_stands_with_its_indices(capsys: Captured) -> None:
    text = printed(capsys, "y[i] = x[i,j]*w[j] + max[j](x[i,j])*c[i]", "--wrt", "w")
    assert "no form: max_j(x_ij) is a" in " ".join(text.split())
    assert "∂l/∂w = Xᵀ G" in text


def test_a_loss_has_no_gradient_from_above(capsys: Captured) -> None:
    text = printed(capsys, "mean_squared_error")
    assert "further on" not in text
    assert "∂l/∂w = (2/N) Xᵀ e" in text
    assert "The loss l is loss." in text


def test_nothing_to_differentiate_by(capsys: Captured) -> None:
    text = printed(capsys, "matmul", "--wrt", "")
    assert "Y = X A" in text
    assert "Gradients" not in text


def test_a_machine_reads_it(capsys: Captured) -> None:
    page = json.loads(printed(capsys, "matmul", "--format", "json"))
    rows = page["blocks"][-2]["equations"]
    assert [row["left"]["unicode"] for row in rows] == ["∂l/∂X", "∂l/∂A"]
    assert rows[0]["right"]["latex"] == r"G A^{\top}"


def test_a_form_that_is_wrong_is_told(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """A fault of ours would be seen by whoever meets it."""

    def wrong(*given: object) -> Form:
        form = outward.form(*given)  # type: ignore[arg-type]
        return replace(form, matrix=algebra.scaled(ONE + ONE, form.matrix))

    monkeypatch.setattr("indexcalc.forms.notation.form", wrong)
    assert main(["matmul", "--matrix"]) == 1
    assert (
        "∂l/∂X differs from its formula with indices: this is a fault." in capsys.readouterr().out
    )


def test_a_form_shows_itself() -> None:
    form = ic.derive("layernorm").matrix("beta")
    assert str(form) == "∂l/∂β = Gᵀ𝟏"
    assert form._repr_latex_() == r"$\frac{\partial l}{\partial \beta} = G^{\top} \mathbf{1}$"


def test_the_identity_is_told_where_it_stands(capsys: Captured) -> None:
    assert "𝟏 is one of ones. 𝐈 is the identity." in " ".join(printed(capsys, "trace").split())
    assert "identity" not in printed(capsys, "matmul")
