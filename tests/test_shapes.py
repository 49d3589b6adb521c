"""Shapes, bytes and what of a Jacobian is there, against arrays and against what moves what."""

from __future__ import annotations

import random
import time
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from sympy import Expr, Integer, Symbol

import indexcalc as ic
from indexcalc.calculus.nonzeros import MOST_PLANES, nonzeros
from indexcalc.cli import main
from indexcalc.derivation import Derivation
from indexcalc.expr.base import Index, free_of, size_symbol
from indexcalc.expr.evaluate import evaluate, evaluate_program
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, One, Pow, Sum
from indexcalc.expr.printing import spell
from indexcalc.expr.world import World
from indexcalc.options import DTYPES
from indexcalc.pages.shapes import BYTES
from indexcalc.render.latex import latex
from indexcalc.render.page import Cell, Heading, Page, Remark, Table, binary, figure
from indexcalc.render.text import text
from tests.points import BUNDLED, SIZES, Array, Point, bundled

Captured = pytest.CaptureFixture[str]
LINEAR = {"i": 64, "k": 4096, "j": 4096}
MEMBERS = ["tcl:2"]


def rows(page: Page, name: str) -> dict[str, tuple[Cell, ...]]:
    """The rows of a table by what they are about."""
    (table,) = [b for b in page.blocks if isinstance(b, Table) and b.name == name]
    return {shown(row[0]): row[1:] for row in table.rows}


def shown(cell: Cell) -> str:
    pieces = cell if isinstance(cell, tuple) else (cell,)
    return "".join(
        str(piece) if isinstance(piece, str | int | float | None) else spell(piece, "unicode")
        for piece in pieces
    )


def lengths(point: Point) -> dict[str, int]:
    sizes = zip(point.program.sizes, cycle(SIZES), strict=False)
    return {size.name: length for size, length in sizes}


def remarks(page: Page) -> list[str]:
    return [shown(block.pieces) for block in page.blocks if isinstance(block, Remark)]


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


# Against arrays


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_shapes_and_bytes_are_those_of_the_arrays(name: str) -> None:
    derivation, at = bundled(name)
    page = derivation.shapes(lengths(at), "float64")
    arrays = {**at.values, **at.made()}
    tensors = rows(page, "tensors")
    assert len(tensors) == len(derivation.program.tensors)
    total = 0
    for tensor, indices in derivation.program.tensors.items():
        measured(tensors[shown(Access(tensor, *indices))], np.asarray(arrays[tensor]))
        total += np.asarray(arrays[tensor]).nbytes
    assert f"Together {binary(total)}." in remarks(page)
    gradients = rows(page, "gradients")
    for tensor in derivation.wrt:
        row = gradients[f"∂l/∂{shown(Access(tensor, *derivation.program.tensors[tensor]))}"]
        assert row[0] == "asked for"
        measured(row, at.gradient(derivation, tensor))


def measured(row: tuple[Cell, ...], array: Array) -> None:
    _, _, numbers, entries, size = row
    assert shown(numbers) == (" × ".join(map(str, array.shape)) or "scalar")
    assert (entries, size) == (array.size, array.nbytes)


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_what_of_a_jacobian_is_there_is_what_moves(name: str) -> None:
    derivation, at = bundled(name)
    found = rows(derivation.shapes(lengths(at)), "jacobians_in_numbers")
    for wrt in derivation.wrt:
        moved = moves(at, wrt)
        for of in derivation.program.outputs:
            (row,) = [row for left, row in found.items() if left.startswith(started(of, wrt, at))]
            assert row[2] == moved[of][0]
            assert row[3] == moved[of][0] / moved[of][1]


def started(of: str, wrt: str, at: Point) -> str:
    """∂y_ij/∂x_, or ∂y_ij/∂x for an x without indices."""
    tensors = at.program.tensors
    below = shown(Access(wrt)) + ("_" if tensors[wrt] else "")
    return f"∂{shown(Access(of, *tensors[of]))}/∂{below}"


def moves(at: Point, wrt: str) -> dict[str, tuple[int, int]]:
    """For each output, how many pairs of its entries with an entry of an input move together, and
    how many there are."""
    made = at.made()
    base = np.asarray(at.values[wrt])
    count = dict.fromkeys(at.program.outputs, 0)
    for entry in np.ndindex(*base.shape):
        there = base.copy()
        there[entry] *= 1.125
        now = evaluate_program(at.program, {**at.values, wrt: there})
        for of in count:
            count[of] += int((now[of] != made[of]).sum())
    return {of: (n, made[of].size * base.size) for of, n in count.items()}


@pytest.mark.parametrize(
    ("program", "of_by", "formula"),
    [
        ("y[i,j] = x[i]*x[j]", "∂y_ij/∂x_p", lambda i, k: 2 * i**2 - i),
        ("y[i,j,k] = x[i]*x[j]*x[k]", "∂y_ijk/∂x_p", lambda i, k: i * (i**3 - (i - 1) ** 3)),
        ("y[i] = x[i]*x[i]", "∂y_i/∂x_p", lambda i, k: i),
        ("y = x[i]*x[i]", "∂y/∂x_p", lambda i, k: i),
        ("y[i,j] = x[i,j] + x[j,i]", "∂y_ij/∂x_pq", lambda i, k: 2 * i**2 - i),
        ("y[i,j] = x[i,j] + x[j,i] + x[i,i]", "∂y_ij/∂x_pq", lambda i, k: 3 * i * (i - 1) + i),
        ("y[i] = x[k]*x[k]*1[i]", "∂y_i/∂x_p", lambda i, k: i * k),
        ("f(x[i], z[i]) -> y\ny[i] = 3*z[i]", "∂y_i/∂x_p", lambda i, k: 0),
    ],
)
def test_what_is_there_in_symbols(program: str, of_by: str, formula: Any) -> None:
    there = rows(ic.derive(program).shapes(), "jacobians")[of_by][1]
    assert isinstance(there, Expr)
    for i, k in ((1, 2), (2, 3), (3, 1), (7, 4)):
        assert there.subs({size_symbol("I"): i, size_symbol("K"): k}) == formula(i, k)


def test_a_jacobian_of_one_statement_holds_the_others_fixed() -> None:
    local = rows(ic.derive("layernorm").shapes({"b": 3, "h": 5}), "local_jacobians_in_numbers")
    assert list(local) == [
        "∂m_b/∂x_pq",
        "∂μ_bh/∂x_pq",
        "∂μ_bh/∂m_p",
        "∂v_b/∂μ_pq",
        "∂σ_b/∂v_p",
        "∂y_bh/∂γ_p",
        "∂y_bh/∂β_p",
        "∂y_bh/∂μ_pq",
        "∂y_bh/∂σ_p",
    ]
    # m, then x in μ as it stands there, not through m.
    assert [row[2] for row in local.values()] == [15, 15, 15, 15, 3, 15, 15, 15, 15]


# The count itself

I, J, K, L = (Index(letter, size_symbol("N")) for letter in "ijkl")
C = Index("c", size_symbol("M"))
BESIDE = (I, J, K, C)


def brute(expr: Any, numbers: dict[Symbol, int]) -> int:
    """Entries that differ from zero where every tensor is positive, by the reference evaluator."""
    generator = np.random.default_rng(3)
    sizes = {"N": numbers[size_symbol("N")], "M": numbers[size_symbol("M")]}
    arrays = {
        "x": generator.uniform(1, 2, [sizes["N"]]),
        "z": generator.uniform(1, 2, [sizes["M"]]),
    }
    value = evaluate(expr, World(arrays, numbers, {}))
    free = sorted(free_of(expr), key=lambda index: index.name)
    rest = [numbers[index.size] for index in BESIDE if index not in free]
    return int((value != 0).sum()) * int(np.prod(rest))


def grown(generator: random.Random, depth: int) -> Any:
    """A random expression over i, j, k and c that is nowhere negative."""
    kind = generator.choice(["delta", "delta", "x", "one"] if depth == 0 else ["mul", "add", "sum"])
    letters = [I, J, K]
    if kind == "delta":
        return Delta(generator.choice(letters), generator.choice(letters))
    if kind == "x":
        return generator.choice([Access("x", generator.choice(letters)), Access("z", C)])
    if kind == "one":
        return One(generator.choice([*letters, C]))
    first, second = grown(generator, depth - 1), grown(generator, depth - 1)
    if kind == "mul":
        return Mul(first, second)
    if kind == "add":
        free = sorted(free_of(first) | free_of(second), key=lambda index: index.name)
        return Add(*(completed(term, free) for term in (first, second)))
    summed = generator.choice(letters)
    body = Mul(first, second, Delta(summed, generator.choice(letters)))
    return Sum(body, summed)


def completed(term: Any, free: list[Index]) -> Any:
    missing = [index for index in free if index not in free_of(term)]
    return Mul(One(*missing), term) if missing else term


@pytest.mark.parametrize("seed", range(60))
def test_the_count_is_that_of_the_array(seed: int) -> None:
    expr = grown(random.Random(seed), 1 + seed % 3)
    formula = nonzeros(expr, BESIDE)
    assert formula is not None
    for n, m in ((1, 2), (2, 3), (4, 2)):
        numbers = {size_symbol("N"): n, size_symbol("M"): m}
        assert int(formula.subs(numbers)) == brute(expr, numbers)


@pytest.mark.parametrize(
    ("expr", "count"),
    [
        (Pow(Delta(I, J), 2), 6),
        (Apply("sqrt", Delta(I, J)), 6),
        (Apply("exp", Delta(I, J)), 18),
        (Apply("f", Delta(I, J)), 18),
        (Pow(Delta(I, J), Access("z", C)), 18),
        (Mul(0, Delta(I, J)), 0),
        (Integer(1), 18),
    ],
)
def test_what_keeps_zeros(expr: Any, count: int) -> None:
    formula = nonzeros(expr, (I, J, C))
    assert formula is not None
    assert formula.subs({size_symbol("N"): 3, size_symbol("M"): 2}) == count


def test_what_is_too_entangled_is_not_counted() -> None:
    letters = [Index(f"a{n}", size_symbol("N")) for n in range(40)]
    pairs = list(zip(letters[::2], letters[1::2], strict=True))
    factors = [
        Add(Mul(Delta(a, b), One(c, d)), Mul(Delta(c, d), One(a, b)))
        for (a, b), (c, d) in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    started = time.perf_counter()
    assert nonzeros(Mul(*factors), letters) is None
    terms = [Mul(Delta(a, b), One(*(i for i in letters if i not in (a, b)))) for a, b in pairs]
    assert len(terms) < MOST_PLANES
    assert nonzeros(Add(*terms), letters) is None
    assert time.perf_counter() - started < 5


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
