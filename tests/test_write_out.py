"""Entry by entry: every line that is written has the value of the array's entry."""

from __future__ import annotations

import time
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from sympy import Basic, Integer

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.derivation import Derivation
from indexcalc.expr.base import Index, postorder
from indexcalc.expr.entries import Entry, WrittenOut, parts_written
from indexcalc.expr.functions import FUNCTIONS, PRIME
from indexcalc.expr.nodes import Access, Add, D, Delta, Mul, Pow, Reduce, Sum
from indexcalc.expr.printing import spell
from indexcalc.pages.written_out import MOST_ENTRIES, MOST_PARTS
from indexcalc.render.latex import latex
from indexcalc.render.page import Equations, Page, Remark, Row
from indexcalc.render.text import text
from tests.points import BUNDLED, Array, Point, bundled, point

Captured = pytest.CaptureFixture[str]


def lines(page: Page) -> list[Row]:
    return [row for block in page.blocks if isinstance(block, Equations) for row in block.rows]


def written(what: str, **sizes: int) -> list[str]:
    return [
        f"{said(row.left)} = {said(row.right)}" for row in lines(ic.derive(what).write_out(sizes))
    ]


def said(expr: Basic | None) -> str:
    assert expr is not None
    return spell(expr, "unicode", ones=False)


def remarks(page: Page) -> list[str]:
    return [
        "".join(piece if isinstance(piece, str) else said(piece) for piece in block.pieces)
        for block in page.blocks
        if isinstance(block, Remark)
    ]


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


# Values. Python reads the printed text; nothing of the tree is used to evaluate it.


class Entries(dict[tuple[int, ...], float]):
    """The entries of an array, counted from 1."""

    def __getitem__(self, numerals: int | tuple[int, ...]) -> float:
        return super().__getitem__(numerals if isinstance(numerals, tuple) else (numerals,))


def entries(array: Array) -> Entries:
    return Entries({tuple(n + 1 for n in at): float(x) for at, x in np.ndenumerate(array)})


# A name for the slope of f in Python.
PRIMED = "_prime"


def value(expr: Basic, names: dict[str, Any]) -> float:
    python = spell(expr, "text").replace("^", "**").replace(PRIME, PRIMED)
    return float(eval(python, {"__builtins__": {}}, names))


def truth(derivation: Derivation, at: Point) -> dict[str, Array]:
    """Every array that a line of an equation could be about, gradients by differences."""
    found = derivation.found
    arrays = given(derivation, at)
    for name in (*found.kept, *derivation.wrt):
        arrays[f"d{found.backprop.loss}_d{name}"] = at.differences(name)
    return arrays


def given(derivation: Derivation, at: Point) -> dict[str, Array]:
    """What the program takes and makes, and the upstream gradients."""
    arrays = {name: np.asarray(of) for name, of in at.values.items() if not callable(of)}
    arrays |= at.made()
    seeds = derivation.found.backprop.upstream
    return arrays | {seed: at.upstream[name] for name, seed in seeds.items()}


def meanings(derivation: Derivation, at: Point, arrays: dict[str, Array]) -> dict[str, Any]:
    """What the names of a printed text are for Python."""
    names: dict[str, Any] = {"max": max, "min": min, "pi": np.pi}
    for record in FUNCTIONS.values():
        names[record.name] = lambda x, f=record.value: f(np, x)
    names |= {name: float(number) for name, number in derivation.program.constants}
    names |= {name: function for name, function in at.values.items() if callable(function)}
    names |= {name.replace(PRIME, PRIMED): slope for name, slope in at.slopes.items()}
    for name, array in arrays.items():
        names[name] = entries(array) if array.ndim else float(array)
    return names


def check(derivation: Derivation, at: Point) -> None:
    """Every entry of every array is on the page, and every line of the page is true."""
    arrays = truth(derivation, at)
    names = meanings(derivation, at, arrays)
    page = derivation.write_out(sizes_of(derivation))
    shared = {equation.left.name for equation in derivation.found.shared}
    rows = lines(page)
    for row in rows:
        # What the derivation named is what its own lines say; they use names before them only.
        if left(row).name in shared:
            table = names.setdefault(left(row).name, Entries())
            table[numerals(left(row))] = value(row.right, names)
    for row in rows:
        expected = value(left(row), names)
        assert value(row.right, names) == pytest.approx(expected, rel=1e-7, abs=1e-7)
    whole = [equation.left.name for equation in derivation.program.equations]
    whole += [f"d{derivation.found.backprop.loss}_d{name}" for name in derivation.found.results]
    own = [row for row in rows if left(row).name not in shared]
    assert len(own) == sum(arrays[name].size for name in whole)


def left(row: Row) -> Access:
    assert isinstance(row.left, Access)
    return row.left


def numerals(entry: Access) -> tuple[int, ...]:
    return tuple(int(index.name) for index in entry.indices)


# Axes so short that nothing is left out.
SHORT = (2, 3, 1)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.points.SIZES", SHORT)


def sizes_of(derivation: Derivation) -> dict[str, int]:
    sizes = zip(derivation.program.sizes, cycle(SHORT), strict=False)
    return {size.name: length for size, length in sizes}


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("name", [*BUNDLED, "tcl:2"])
def test_every_line_is_true(name: str) -> None:
    derivation, at = bundled(name)
    check(derivation, at)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "program",
    [
        "y[i,j] = x[i]*delta[i,j]",
        "y[i] = a[i,i]*x[i]",
        "y[i] = 3*x[i]*1[k]*z[k] - 1[k]*z[k]^2",
        "y[i,j] = x[i] + z[j]",
        "y[i] = x[i]^(2*delta[i,j]*1[j])",
        "y[i,j] = exp(x[i])^delta[i,j]*(1 + delta[i,j])",
        "y[i,j] = sin(delta[i,j]*x[j])/sqrt(I)",
        "y = sum[i,k](x[i]*1[k]*(x[i] - 2*z[k]))",
        "y[i] = (x[i] + sum[k](z[k]))*(x[i]*K - 3)/(2 + x[i]^2)*sum[k](z[k])",
        "y[i] = -(x[i]*z[k]*z[k]) - (x[i] - (x[i] - 4))",
        "y[i,j] = delta[i,j]*delta[i,k]*x[k]",
        "f(x[i], e=1e-3) -> y\ny[i] = f(x[i], e*x[i])*pi",
        "y[i] = abs(x[i])*sigmoid(x[i])",
    ],
)
def test_every_line_of_a_text_is_true(program: str) -> None:
    derivation = ic.derive(program)
    check(derivation, point(derivation.program, positive=True))


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("kind", ["max", "min", "prod"])
def test_reductions_have_their_value(kind: str) -> None:
    program = f"y[i,j] = {kind}[k](x[i,k] - 2*delta[i,k])*w[j] + 1[i,j]*{kind}[k,l](a[k,l])"
    derivation = ic.derive(program, wrt="w")
    check(derivation, point(derivation.program))


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("name", [name for name in BUNDLED if name != "mlp"])
def test_every_entry_of_a_jacobian_is_true(name: str) -> None:
    derivation, at = bundled(name)
    names = meanings(derivation, at, given(derivation, at))
    slopes = {(of, by): at.jacobian(of, by) for of in at.program.outputs for by in derivation.wrt}
    seen = dict.fromkeys(slopes, 0)
    for row in lines(derivation.write_out(sizes_of(derivation), jacobians=True)):
        if isinstance(row.left, D):
            above, below = row.left.body, row.left.variable
            assert isinstance(above, Access)
            seen[above.name, below.name] += 1
            place = tuple(n - 1 for n in (*numerals(above), *numerals(below)))
            expected = slopes[above.name, below.name][place]
            assert value(row.right, names) == pytest.approx(expected, rel=1e-7, abs=1e-7)
    assert seen == {pair: array.size for pair, array in slopes.items()}


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


def test_depth_is_no_limit() -> None:
    x = Access("x", K)
    deep: Basic = x
    for _ in range(3000):
        deep = Add(Mul(2, deep), x)
    assert isinstance(WrittenOut(deep, {}).at({K: 1}), Add)


# The nodes

K = Index("k")


def test_an_entry_is_open_in_nothing() -> None:
    entry = Entry.of(Access("x", K, Index("b")), {K: 2, Index("b"): 12})
    assert not entry.free
    assert said(entry) == "x_{2,12}"
    assert entry.func(*entry.args) == entry
    assert entry != Access("x", *entry.indices)
    s = Access("s")
    assert Entry.of(s, {}) is s


@pytest.mark.parametrize(
    ("expr", "lengths", "parts"),
    [
        (Access("x", K), {}, 1),
        (Sum(Mul(Access("x", K), Access("w", K)), K), {K.size: 5}, 10),
        (Add(Integer(1), Sum(Access("x", K), K)), {K.size: 4}, 5),
        (Reduce("max", Sum(Mul(Delta(K, Index("q", K.size)), 2), K), Index("q", K.size)), {}, 0),
    ],
)
def test_how_much_an_entry_is_made_of(expr: Basic, lengths: Any, parts: int) -> None:
    found = parts_written(expr, lengths or {K.size: 3})
    assert found == (parts or 18)
    written_out = WrittenOut(expr, lengths or {K.size: 3}).at({K: 1})
    leaves = [node for node in postorder(written_out) if isinstance(node, Entry)]
    assert len(leaves) <= found


def test_an_inner_sum_has_its_own_letter() -> None:
    expr = Mul(Access("x", K), Sum(Access("w", K), K))
    assert said(WrittenOut(expr, {K.size: 2}).at({K: 2})) == "x_2 (w_1 + w_2)"


def test_a_power_of_what_a_delta_leaves() -> None:
    i, j = Index("i"), Index("j", Index("i").size)
    power = WrittenOut(Pow(Access("x", i), Delta(i, j)), {i.size: 2})
    assert power.at({i: 1, j: 1}) == Entry("x", Index("1"))
    assert power.at({i: 1, j: 2}) == 1
    based = WrittenOut(Pow(Delta(i, j), Access("x", i)), {i.size: 2})
    assert based.at({i: 1, j: 1}) == 1
    assert said(based.at({i: 1, j: 2})) == "0^x_1"
