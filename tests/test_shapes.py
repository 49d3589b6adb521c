"""The tables of shapes and bytes: what is in them, with lengths and without, and how they look."""

from __future__ import annotations

import time

import pytest

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.derivation import Derivation
from indexcalc.options import DTYPES
from indexcalc.pages.shapes import BYTES
from indexcalc.render.latex import latex
from indexcalc.render.page import Heading, Table, figure
from indexcalc.render.text import text
from tests.pages import remarks, rows, shown
from tests.points import BUNDLED

Captured = pytest.CaptureFixture[str]
LINEAR = {"i": 64, "k": 4096, "j": 4096}


# The figure of the slides


def test_the_jacobian_of_a_linear_layer_takes_256_gib() -> None:
    found = rows(ic.derive("linear").shapes(LINEAR), "jacobians_in_numbers")
    numbers, dense, there, share = found["∂y_ij/∂x_pq"]
    assert shown(numbers) == "64 × 4096 × 64 × 4096"
    assert dense == 256 * 2**30
    assert there == 64 * 4096 * 4096
    assert share == 1 / 64


def test_the_table_of_a_linear_layer(capsys: Captured) -> None:
    sizes = ",".join(f"{name}={length}" for name, length in LINEAR.items())
    assert main(["linear", "--shapes", "--sizes", sizes]) == 0
    assert (
        capsys.readouterr().out.partition("Sizes: ")[2]
        == """\
I = 64, K = 4096, J = 4096. An entry is float32, 4 bytes.

Tensors

  tensor  is      shape  in numbers      entries   bytes
  x_ik    input   I × K  64 × 4096       262,144   1 MiB
  w_jk    input   J × K  4096 × 4096  16,777,216  64 MiB
  b_j     input   J      4096              4,096  16 KiB
  y_ij    output  I × J  64 × 4096       262,144   1 MiB

Together 66 MiB.

Gradients

  gradient  is         shape  in numbers      entries   bytes
  G_ij      upstream   I × J  64 × 4096       262,144   1 MiB
  ∂l/∂x_ik  asked for  I × K  64 × 4096       262,144   1 MiB
  ∂l/∂w_jk  asked for  J × K  4096 × 4096  16,777,216  64 MiB
  ∂l/∂b_j   asked for  J      4096              4,096  16 KiB

Together 66 MiB.

Jacobians

  Jacobian     shape          not zero  of all
  ∂y_ij/∂x_pq  I × J × I × K  I J K     1/I
  ∂y_ij/∂w_pq  I × J × J × K  I J K     1/J
  ∂y_ij/∂b_p   I × J × J      I J       1/J

  Jacobian     in numbers                 dense       not zero   of all
  ∂y_ij/∂x_pq  64 × 4096 × 64 × 4096    256 GiB  1,073,741,824    1.56%
  ∂y_ij/∂w_pq  64 × 4096 × 4096 × 4096   16 TiB  1,073,741,824  0.0244%
  ∂y_ij/∂b_p   64 × 4096 × 4096           4 GiB        262,144  0.0244%
"""
    )


# Sizes


def test_without_sizes_all_is_symbols() -> None:
    page = ic.derive("layernorm").shapes()
    names = [block.name for block in page.blocks if isinstance(block, Table)]
    assert names == ["tensors", "gradients", "jacobians", "local_jacobians"]
    assert not remarks(page)
    assert list(map(shown, rows(page, "tensors")["x_bh"])) == ["input", "B × H"]
    assert list(map(shown, rows(page, "jacobians")["∂y_bh/∂x_pq"])) == [
        "B × H × B × H",
        "B H²",
        "1/B",
    ]


def test_what_has_no_length_stays_a_symbol() -> None:
    page = ic.derive("layernorm").shapes({"b": 64})
    assert list(map(shown, rows(page, "tensors")["x_bh"])) == [
        "input",
        "B × H",
        "64 × H",
        "64 H",
        "256 H bytes",
    ]
    assert rows(page, "tensors")["m_b"][3:] == (64, 256)
    assert list(map(shown, rows(page, "jacobians_in_numbers")["∂y_bh/∂γ_p"])) == [
        "64 × H × H",
        "256 H² bytes",
        "64 H",
        "1/H",
    ]
    assert rows(page, "jacobians_in_numbers")["∂y_bh/∂x_pq"][3] == 1 / 64
    assert remarks(page) == ["Sizes: B = 64. An entry is float32, 4 bytes."]


@pytest.mark.parametrize("dtype", DTYPES)
def test_bytes_by_dtype(dtype: str) -> None:
    page = ic.derive("matmul").shapes({"i": 3, "k": 5, "j": 7}, dtype)
    width = {"float64": 8, "float32": 4, "float8": 1}.get(dtype, 2)
    assert rows(page, "tensors")["x_ik"][4] == 15 * width
    assert rows(page, "jacobians_in_numbers")["∂y_ij/∂x_pq"][1] == 315 * width
    assert f"An entry is {dtype}, {width} byte{'s' if width > 1 else ''}." in remarks(page)[0]


def test_the_command_takes_every_dtype_there_is() -> None:
    assert tuple(BYTES) == DTYPES


def test_nothing_is_allocated_at_the_sizes() -> None:
    longest = 2**63 - 1
    derivation = ic.derive("tcl:8")
    started = time.perf_counter()
    page = derivation.shapes({size.name: longest for size in derivation.program.sizes})
    lines = text(page).splitlines()
    assert time.perf_counter() - started < 5
    _, dense, there, share = rows(page, "jacobians_in_numbers")["∂y_abcdefgh/∂v1_qr"]
    assert (dense, there, share) == (4 * longest**10, longest**9, 1 / longest)
    assert max(map(len, lines)) <= 80
    assert latex(page)


def test_a_long_program_shows_the_jacobians_of_its_statements() -> None:
    started = time.perf_counter()
    page = ic.derive("mlp:32").shapes({"n": 64})
    assert time.perf_counter() - started < 10
    left_out = "The Jacobians of the outputs, 65 through 64 statements, are left out."
    assert left_out in remarks(page)
    names = [block.name for block in page.blocks if isinstance(block, Table)]
    assert "jacobians" not in names
    assert shown(rows(page, "local_jacobians")["∂a32_nj/∂w32_pq"][1]) == "J31 J32 N"


def test_gradients_on_the_way_are_measured_too() -> None:
    table = rows(ic.derive("layernorm", wrt=["gamma", "m"]).shapes(), "gradients")
    assert {left: row[0] for left, row in table.items()} == {
        "G_bh": "upstream",
        "∂l/∂γ_h": "asked for",
        "∂l/∂m_b": "asked for",
        "∂l/∂μ_bh": "on the way",
        "∂l/∂v_b": "on the way",
        "∂l/∂σ_b": "on the way",
    }


def test_what_has_no_gradient_has_no_tables_of_them() -> None:
    page = ic.derive("y[i] = 1[i]").shapes({"i": 3})
    assert [b.words for b in page.blocks if isinstance(b, Heading)] == ["Tensors"]


# On paper and on screen


@pytest.mark.parametrize("name", [*BUNDLED, "mlp:3", "tcl:6"])
def test_tables_fit_a_terminal(name: str) -> None:
    derivation = ic.derive(name)
    page = derivation.shapes({size.name: 4096 for size in derivation.program.sizes})
    assert max(map(len, text(page).splitlines())) <= 80


def test_words_that_have_no_room_go_on_below() -> None:
    table = text(ic.derive("tcl:6").shapes()).partition("Jacobians\n\n")[2].splitlines()
    assert table[1:3] == [
        "  ∂y_abcdef/∂x_pqrstu  A × B × C × D × E × F ×   A B C D E F I J K L M N  1",
        "                       I × J × K × L × M × N",
    ]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (262144, "number", "262,144"),
        (10**15 - 1, "number", "999,999,999,999,999"),
        (10**15, "number", "1.00e15"),
        (2**38, "bytes", "256 GiB"),
        (1000, "bytes", "1,000 B"),
        (1023, "bytes", "1,023 B"),
        (1024, "bytes", "1 KiB"),
        (1536, "bytes", "1.5 KiB"),
        (2**20 - 1, "bytes", "1 MiB"),
        (2**90, "bytes", "1,024 YiB"),
        (10**400, "bytes", "8.27e375 YiB"),
        (1 / 64, "share", "1.56%"),
        (1.0, "share", "100%"),
        (1 / 3e9, "share", "3.33e-08%"),
    ],
)
def test_figures(value: float, kind: str, expected: str) -> None:
    assert figure(value, kind) == expected


def test_a_figure_that_python_does_not_spell() -> None:
    assert figure(10**5000, "number") == "1.00e5000"
    assert figure(10**5000, "bytes") == "8.27e4975 YiB"


def test_a_document_of_shapes(capsys: Captured) -> None:
    arguments = ["linear", "--shapes", "--sizes", "i=64,k=4096,j=4096", "--format", "latex"]
    assert main([*arguments, "--fragment"]) == 0
    body = capsys.readouterr().out
    assert (
        r"$\frac{\partial y_{ij}}{\partial x_{pq}}$ & $I$ $\times$ $J$ $\times$ $I$ $\times$ $K$ "
        r"& $I J K$ & $\frac{1}{I}$ \\"
    ) in body
    assert r"& 256 GiB & 1,073,741,824 & 1.56\% \\" in body


def test_shapes_of_a_derivation_and_of_its_command_are_the_same(capsys: Captured) -> None:
    derivation: Derivation = ic.derive("softmax")
    assert main(["softmax", "--shapes", "--sizes= B = 3, c = 5 ", "--dtype=float16"]) == 0
    assert capsys.readouterr().out == text(derivation.shapes({"b": 3, "C": 5}, "float16"))
    assert str(derivation.shapes()) == text(derivation.shapes())
