"""The page of Jacobians of vec by vec: what it says, how wide it is, and that a fault is told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.expr.base import ONE
from indexcalc.forms import algebra, slopes
from indexcalc.forms.matrices import Matrix
from indexcalc.forms.outward import Form
from indexcalc.forms.vectors import unfolded
from indexcalc.render.text import text
from tests.points import BUNDLED

Captured = pytest.CaptureFixture[str]
WIDTH = 80
MEMBERS = ["mlp:1", "mlp:2", "tcl:2", "tcl:4", "tcl:5"]

in_both = pytest.mark.parametrize("by", ["column", "row"])


def printed(capsys: Captured, *arguments: str) -> str:
    assert main([*arguments, "--matrix"]) == 0
    return capsys.readouterr().out


def flowing(page: str) -> str:
    return " ".join(page.split())


# What it says


def test_by_columns_is_what_is_done_where_nothing_is_said(capsys: Captured) -> None:
    for more in ([], ["--jacobian"]):
        silent = printed(capsys, "tcl", *more)
        assert silent == printed(capsys, "tcl", *more, "--vec", "column")
        assert silent != printed(capsys, "tcl", *more, "--vec=row")


@in_both
def test_the_convention_is_always_said(by: str, capsys: Captured) -> None:
    page = flowing(printed(capsys, "tcl", "--jacobian", "--vec", by))
    start, fastest = {"column": ("By columns:", "first"), "row": ("By rows:", "last")}[by]
    known = {
        "column": "as Kolda and Bader have it",
        "row": "C order, as NumPy and TensorLy have it",
    }
    stacked = (
        f"{start} vec(A) has the {by}s of a matrix one after the other, and of any tensor the "
        f"{fastest} index runs fastest."
    )
    assert f"{stacked} X₍₁₎, X₍₂₎," in page
    assert f"the {fastest} of them fastest ({known[by]})." in page
    # Of matrices alone there is nothing to be unfolded, and of vectors nothing to be stacked.
    page = flowing(printed(capsys, "matmul", "--jacobian", "--vec", by))
    assert stacked in page
    assert "unfold" not in page
    page = flowing(printed(capsys, "sine", "--jacobian", "--vec", by))
    assert start not in page
    assert "one after the other" not in page


@in_both
def test_of_tensors_the_page_of_gradients_says_it_too(by: str, capsys: Captured) -> None:
    page = flowing(printed(capsys, "tcl", "--vec", by))
    assert f"By {by}s: X₍₁₎, X₍₂₎, ... unfold a tensor along its modes" in page
    assert "vec(" not in page
    assert f"By {by}s" not in printed(capsys, "matmul", "--vec", by)


def test_every_step_is_shown_where_asked_for(capsys: Captured) -> None:
    main_page = printed(capsys, "tcl", "--jacobian", "--steps", "main")
    assert main_page == printed(capsys, "tcl", "--jacobian")
    every = printed(capsys, "tcl", "--jacobian", "--steps", "all")
    assert every.count("Kronecker product") >= main_page.count("Kronecker product")
    assert len(every) > len(main_page)
    none = printed(capsys, "tcl", "--jacobian", "--steps", "none")
    assert "index maps" not in none
    assert "  ∂vec(Y)/∂vec(V1)      = (V3 ⊗ V2) X₍₁₎ᵀ ⊗ 𝐈_A\n" in none


def test_jacobians_by_some_tensors(capsys: Captured) -> None:
    page = printed(capsys, "tcl", "--jacobian", "--wrt", "v2")
    assert "∂vec(Y)/∂vec(V2)" in page
    assert "∂vec(Y)/∂vec(V1)" not in page


@in_both
def test_a_machine_reads_it(by: str, capsys: Captured) -> None:
    page = json.loads(printed(capsys, "matmul", "--jacobian", "--vec", by, "--format", "json"))
    rows = [row for block in page["blocks"] for row in block.get("equations", ())]
    found = {row["left"]["unicode"]: row["right"]["latex"] for row in rows if row["left"]}
    by_x, by_a = {
        "column": (r"A^{\top} \otimes \mathbf{I}_{I}", r"\mathbf{I}_{J} \otimes X"),
        "row": (r"\mathbf{I}_{I} \otimes A^{\top}", r"X \otimes \mathbf{I}_{J}"),
    }[by]
    assert (found["∂vec(Y)/∂vec(X)"], found["∂vec(Y)/∂vec(A)"]) == (by_x, by_a)


# How wide it is


def too_wide(name: str, by: str, *, jacobians: bool) -> list[str]:
    page, agrees = ic.derive(name).matrix_page(by=by, jacobians=jacobians)
    assert agrees
    lines = text(page).splitlines()
    assert all(line == line.rstrip() for line in lines)
    return [line for line in lines if len(line) > WIDTH]


@pytest.mark.parametrize(
    ("name", "by"),
    [
        *((name, "column") for name in (*BUNDLED, *MEMBERS)),
        *((n, "row") for n in ("tcl", *MEMBERS)),
    ],
)
def test_no_line_of_jacobians_is_wider_than_a_terminal(name: str, by: str) -> None:
    assert too_wide(name, by, jacobians=True) == []


@in_both
@pytest.mark.parametrize("name", ["tcl", *MEMBERS])
def test_no_line_of_unfoldings_is_wider_than_a_terminal(name: str, by: str) -> None:
    assert too_wide(name, by, jacobians=False) == []


# Faults


def doubled(form: Form) -> Form:
    """Every form twice what it is."""
    assert isinstance(form.matrix, Matrix)
    return replace(form, matrix=algebra.scaled(ONE + ONE, form.matrix))


@in_both
def test_a_jacobian_that_is_wrong_is_told(
    by: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """A fault of ours would be seen by whoever meets it."""
    made = slopes._Pair.made

    def wrong(*given: Any) -> Form:
        return doubled(made(*given))

    monkeypatch.setattr("indexcalc.forms.slopes._Pair.made", wrong)
    assert main(["matmul", "--jacobian", "--matrix", "--vec", by, "--wrt", "x"]) == 1
    said = "∂vec(Y)/∂vec(X) differs from its formula with indices: this is a fault."
    assert said in capsys.readouterr().out


def test_a_gradient_of_a_jacobian_that_is_wrong_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    pulled = slopes.Slopes.pulled

    def wrong(*given: Any) -> Form | None:
        form = pulled(*given)
        return form and doubled(form)

    monkeypatch.setattr("indexcalc.forms.slopes.Slopes.pulled", wrong)
    assert main(["matmul", "--jacobian", "--matrix", "--wrt", "x"]) == 1
    page = capsys.readouterr().out
    assert "vec(∂l/∂X) differs from its formula with indices: this is a fault." in page
    assert "∂vec(Y)/∂vec(X) differs" not in page


def test_an_unfolding_that_is_wrong_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr("indexcalc.forms.notation.unfolded", wrongly_unfolded)
    assert main(["tcl", "--matrix", "--wrt", "x"]) == 1
    assert "Y₍₂₎ differs from its formula with indices: this is a fault." in capsys.readouterr().out


def wrongly_unfolded(*given: Any) -> list[Form]:
    return [doubled(form) if "Y₍₂₎" in str(form) else form for form in unfolded(*given)]
