"""Entry by entry: how lines are written, at which sizes, and what is left out."""

from __future__ import annotations

import time

import pytest
from sympy import Basic

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.expr.printing import spell
from indexcalc.pages.written_out import MOST_ENTRIES, MOST_PARTS
from indexcalc.render.latex import latex
from indexcalc.render.text import text
from tests.pages import left, lines, remarks
from tests.points import BUNDLED

Captured = pytest.CaptureFixture[str]


def written(what: str, **sizes: int) -> list[str]:
    return [
        f"{said(row.left)} = {said(row.right)}" for row in lines(ic.derive(what).write_out(sizes))
    ]


def said(expr: Basic | None) -> str:
    assert expr is not None
    return spell(expr, "unicode", ones=False)


# The slides


def test_the_layer_of_the_slides(capsys: Captured) -> None:
    arguments = ["y[i,j] = x[i,k]*a[k,j]", "--write-out", "--sizes", "i=1,k=2,j=3"]
    assert main(arguments) == 0
    assert (
        capsys.readouterr().out
        == """\
f(x_ik, a_kj) → y

Sizes: I = 1, J = 3, K = 2.

  y_11 = x_11 a_11 + x_12 a_21
  y_12 = x_11 a_12 + x_12 a_22
  y_13 = x_11 a_13 + x_12 a_23

l is a loss further on, and G_ij = ∂l/∂y_ij.

Gradients

  ∂l/∂x_11 = G_11 a_11 + G_12 a_12 + G_13 a_13
  ∂l/∂x_12 = G_11 a_21 + G_12 a_22 + G_13 a_23

  ∂l/∂a_11 = G_11 x_11
  ∂l/∂a_12 = G_12 x_11
  ∂l/∂a_13 = G_13 x_11
  ∂l/∂a_21 = G_11 x_12
  ∂l/∂a_22 = G_12 x_12
  ∂l/∂a_23 = G_13 x_12
"""
    )


def test_the_jacobian_of_the_slides_with_its_zeros(capsys: Captured) -> None:
    arguments = ["matmul", "--write-out", "--sizes", "i=1,k=2,j=3", "--wrt", "a", "--jacobian"]
    assert main(arguments) == 0
    shown = capsys.readouterr().out.partition("Jacobians\n\n")[2].partition("\n\nGradients")[0]
    found = dict(line.strip().split(" = ") for line in shown.splitlines())
    assert len(found) == 18
    assert found["∂y_11/∂a_11"] == found["∂y_12/∂a_12"] == found["∂y_13/∂a_13"] == "x_11"
    assert found["∂y_11/∂a_21"] == found["∂y_12/∂a_22"] == found["∂y_13/∂a_23"] == "x_12"
    assert list(found.values()).count("0") == 12


def test_the_layer_of_the_slides_in_latex(capsys: Captured) -> None:
    arguments = ["matmul", "--write-out", "--sizes", "i=1,k=2,j=3", "--format=latex", "--fragment"]
    assert main(arguments) == 0
    assert r"y_{11} &= x_{11} a_{11} + x_{12} a_{21} \\" in capsys.readouterr().out


# How it is written


@pytest.mark.parametrize(
    ("program", "sizes", "expected"),
    [
        ("y = x[k]*w[k]", {"k": 3}, "y = x_1 w_1 + x_2 w_2 + x_3 w_3"),
        ("y = w[k]*x[k]", {"k": 2}, "y = w_1 x_1 + w_2 x_2"),
        ("y = 1[k]*x[k]", {"k": 2}, "y = x_1 + x_2"),
        ("y = 1/K*1[k]*x[k]", {"k": 4}, "y = (1/4) (x_1 + x_2 + x_3 + x_4)"),
        ("y = mean[k](x[k])", {"k": 1}, "y = x_1"),
        ("y = x[k]*x[k]/sqrt(K)", {"k": 2}, "y = (√2/2) (x_1 x_1 + x_2 x_2)"),
        ("y = prod[k](x[k])", {"k": 3}, "y = x_1 x_2 x_3"),
        ("y = max[k](x[k] + z)", {"k": 2}, "y = max(x_1 + z, x_2 + z)"),
        ("y = min[k](x[k])", {"k": 1}, "y = x_1"),
        ("y = f(x[k]*w[k])^2", {"k": 2}, "y = f(x_1 w_1 + x_2 w_2)²"),
        ("y = delta[i,j]*x[i]*w[j]", {"i": 2}, "y = x_1 w_1 + x_2 w_2"),
        ("y = x*delta[i,i]", {"i": 5}, "y = x · 5"),
        ("y = 1[n]*1[n]*2", {"n": 3}, "y = 6"),
        ("y = sum[k](x[k] - w[k])", {"k": 2}, "y = x_1 - w_1 + x_2 - w_2"),
        ("y = z - sum[k](x[k] - w[k])", {"k": 2}, "y = z - (x_1 - w_1 + x_2 - w_2)"),
        ("y = gamma[k]*x[k]", {"k": 2}, "y = γ_1 x_1 + γ_2 x_2"),
        ("y = x[a,b]*x[a,b]", {"a": 1, "b": 2}, "y = x_11 x_11 + x_12 x_12"),
        ("y = 2*x[k]*3*w[k]", {"k": 1}, "y = 2 · 3 x_1 w_1"),
    ],
)
def test_a_definition(program: str, sizes: dict[str, int], expected: str) -> None:
    (row,) = lines(ic.derive(program, wrt=()).write_out(sizes))
    assert f"{said(row.left)} = {said(row.right)}" == expected


def test_constants_keep_their_names() -> None:
    assert "σ_1 = √(v_1 + ε)" in written("layernorm", b=1, h=1)


def test_what_a_delta_leaves() -> None:
    assert written("identity", i=3) == [
        "y_1 = x_1",
        "y_2 = x_2",
        "y_3 = x_3",
        "∂l/∂x_1 = G_1",
        "∂l/∂x_2 = G_2",
        "∂l/∂x_3 = G_3",
    ]
    assert written("y[i,j] = x[i]*delta[i,j]", i=2)[:4] == [
        "y_11 = x_1",
        "y_12 = 0",
        "y_21 = 0",
        "y_22 = x_2",
    ]


def test_numerals_of_two_digits_stand_apart() -> None:
    found = written("y[i] = x[i,k]*w[k]", i=1, k=11)
    assert found[0].endswith("x_19 w_9 + x_{1,10} w_{10} + x_{1,11} w_{11}")
    document = latex(ic.derive("y[i] = x[i,k]*w[k]").write_out({"i": 1, "k": 11}))
    assert "x_{19} w_{9} + x_{1,10} w_{10} + x_{1,11} w_{11}" in document


def test_a_trace_is_no_diagonal() -> None:
    page = ic.derive("y[i] = a[i,i]*x[i]").write_out({"i": 1})
    assert "y_1 = a_11 x_1\n" in text(page)
    assert "no sum" not in text(page) + latex(page)


# Sizes and limits


def test_sizes_that_are_not_given_are_small() -> None:
    assert remarks(ic.derive("attention").write_out())[0] == (
        "Sizes: none is given, and so I = 2, D = 3, J = 2, C = 3."
    )
    assert remarks(ic.derive("attention").write_out({"d": 1, "i": 4}))[0] == (
        "Sizes: I = 4, D = 1; not given, and so J = 2, C = 3."
    )
    assert remarks(ic.derive("matmul").write_out({"i": 1, "j": 1, "k": 1}))[0] == (
        "Sizes: I = 1, K = 1, J = 1."
    )
    assert remarks(ic.derive("y = x^2").write_out()) == ["The loss l is y."]


def test_long_tensors_are_cut() -> None:
    page = ic.derive("y[i,j] = x[i]*w[j]", wrt="x").write_out({"i": 300, "j": 2})
    rows = [row for row in lines(page) if left(row).name == "y"]
    assert len(rows) == MOST_ENTRIES
    assert said(rows[-1].left) == "y_{100,2}"
    assert f"y_ij has 600 entries; the first {MOST_ENTRIES} are shown." in remarks(page)


def test_long_entries_are_left_out() -> None:
    program = "y[i] = x[i,k]*w[k]"
    most = MOST_PARTS // 2
    assert len(lines(ic.derive(program, wrt=()).write_out({"i": 3, "k": most}))) == 3
    page = ic.derive(program, wrt=()).write_out({"i": 3, "k": most + 1})
    assert not lines(page)
    assert remarks(page)[1] == (
        f"y_i, with 3 entries, is left out: an entry would be made of {MOST_PARTS + 2} parts, "
        f"and {MOST_PARTS} is the most."
    )


def test_long_axes_take_no_time() -> None:
    longest = 2**63 - 1
    started = time.perf_counter()
    for program in (
        "tcl:8",
        "layernorm",
        "y[i,j,k] = x[i]*x[j]*x[k]",
        "y = a[i,j]*1[i,j]*1[k]*1[k]",
    ):
        derivation = ic.derive(program)
        page = derivation.write_out({size.name: longest for size in derivation.program.sizes})
        assert max(map(len, text(page).splitlines())) <= 80
    assert time.perf_counter() - started < 8


@pytest.mark.parametrize("name", [*BUNDLED, "mlp:4", "tcl:2"])
def test_the_page_fits_a_terminal(name: str) -> None:
    assert max(map(len, text(ic.derive(name).write_out()).splitlines())) <= 80
