"""How programs are spelled: in the language, in Unicode and in LaTeX, and read back."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from indexcalc.expr.base import Node, postorder
from indexcalc.expr.canonical import key
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.printing import spell_equation
from indexcalc.expr.program import Program
from indexcalc.expr.rename import distinct
from indexcalc.lang.reading import read
from indexcalc.render.echo import echo, size_names, source
from tests.spellings import LAYERNORM, TABLE, Row

rows = pytest.mark.parametrize("row", TABLE.values(), ids=list(TABLE))


def spellings(program: Program) -> tuple[str, ...]:
    """The last statement in the five columns of the table."""
    equation = program.equations[-1]
    sizes = size_names(program, equation)
    forms = [("text", "einstein"), ("unicode", "einstein"), ("unicode", "sum")]
    forms += [("latex", "einstein"), ("latex", "sum")]
    return tuple(spell_equation(equation, form, notation, sizes) for form, notation in forms)


@rows
def test_spelling(row: Row) -> None:
    assert spellings(read(row.given)) == astuple(row)[1:]


@rows
def test_what_is_printed_reads_back(row: Row) -> None:
    program = read(row.given)
    assert read(row.text).equations == program.equations


@rows
@pytest.mark.parametrize("notation", ["einstein", "sum"])
def test_a_program_reads_back_in_both_notations(row: Row, notation: str) -> None:
    program = read(row.given)
    again = read(source(program, notation))
    # A shadowed letter comes back under its new name.
    assert [e.left for e in again.equations] == [e.left for e in program.equations]
    assert [e.right for e in again.equations] == [distinct(e.right) for e in program.equations]


@rows
def test_printing_is_stable(row: Row) -> None:
    assert spellings(read(row.text)) == astuple(row)[1:]


def test_layernorm() -> None:
    program = read(LAYERNORM)
    lines = [spell_equation(e, "unicode", "sum", size_names(program, e)) for e in program.equations]
    assert lines == [
        "m_b = Σ_h (1/H) 1_h x_bh",
        "μ_bh = x_bh - 1_h m_b",
        "v_b = Σ_h (1/H) 1_h μ_bh²",
        "σ_b = √(v_b + ε 1_b)",
        "y_bh = μ_bh/σ_b · γ_h + 1_b β_h",
    ]
    lines = [spell_equation(e, "latex", "einstein") for e in program.equations]
    assert lines == [
        r"m_{b} = \frac{1}{H} \mathbf{1}_{h} x_{bh}",
        r"\mu_{bh} = x_{bh} - \mathbf{1}_{h} m_{b}",
        r"v_{b} = \frac{1}{H} \mathbf{1}_{h} \mu_{bh}^{2}",
        r"\sigma_{b} = \sqrt{v_{b} + \varepsilon \mathbf{1}_{b}}",
        r"y_{bh} = \frac{\mu_{bh}}{\sigma_{b}} \gamma_{h} + \mathbf{1}_{b} \beta_{h}",
    ]


CONSTANT = "f(x[i], a=3) -> y\ny[i] = "


@pytest.mark.parametrize(
    ("right", "printed"),
    [
        ("x[i]*(-1/(4*(a-3)))", "x[i]*(-1/(4*a - 12))"),
        ("x[i]*(-1/4/(a-3))", "x[i]*(-1/4/(a - 3))"),
        ("x[i]*((a-1)/4/(a-3)*-3)", "x[i]*(-3*(a - 1)/4/(a - 3))"),
        ("x[i]/(4*(a-3))", "x[i]/(4*a - 12)"),
        ("(2+a)/-a*x[i]", "-(2 + a)/a*x[i]"),
        ("x[i]/(-2)", "x[i]/(-2)"),
        ("tan(a + pi/2)*x[i]", "-(-tan(a + pi/2))*x[i]"),
    ],
)
def test_a_constant_is_printed_exactly(right: str, printed: str) -> None:
    program = read(CONSTANT + right)
    text = source(program)
    assert text == f"f(x[i], a=3) -> y\ny[i] = {printed}\n"
    assert read(text) == program


def test_a_negative_number_goes_last() -> None:
    (equation,) = read(CONSTANT + "(4*a - 12)*x[i]").equations
    assert spell_equation(equation, "unicode") == "y_i = (4 a - 12) x_i"
    assert spell_equation(equation, "latex") == r"y_{i} = \left(4 a - 12\right) x_{i}"


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        (
            "f(a, x[j]) -> y\ny[i] = a + mean[j](2)",
            "f(a, x[j]) -> y\ny[i] = 1[i]*a + 1/J2*1[i]*sum[j2](2*1[j2])\n",
        ),
        (
            "y = x[k]*1[k]; z = mean[k](2) + y*size(k)",
            "f(x[k]) -> z\ny = x[k]*1[k]\nz = mean[k2](2*1[k2]) + y*K2\n",
        ),
        (
            "s = sum[i](sum[i](max[i](a/2)))",
            "f(a) -> s\ns = sum[i](sum[i2](1[i]*1[i2]*max[i3](1[i3]*a/2)))\n",
        ),
        (
            "y[i] = a[i]*J; y[k] += sum[i](x[k,i])",
            "f(a[i], J, x[i,i2]) -> y\ny[i] = a[i]*J + sum[i2](x[i,i2])\n",
        ),
        (
            "f(x[j]) -> z; z[j] = 1[j]; z[i] += J*1[i]",
            "f(x[j]) -> z\nz[j2] = 1[j2] + J*1[j2]\n",
        ),
    ],
)
def test_every_size_has_a_letter_that_is_its_own(given: str, printed: str) -> None:
    assert source(read(given)) == printed
    assert source(read(printed)) == printed


# Long numbers

LONG = "1" + "0" * 5000


@pytest.mark.parametrize(
    ("given", "text", "unicode", "latex"),
    [
        ("10^5000", LONG, LONG, LONG),
        ("1/10^5000", f"1/{LONG}", f"(1/{LONG})", rf"\frac{{1}}{{{LONG}}}"),
        ("eps^(10^5000)", f"eps^{LONG}", f"ε{'¹' + '⁰' * 5000}", rf"\varepsilon^{{{LONG}}}"),
        (
            "eps^(1/10^5000)",
            f"eps^(1/{LONG})",
            f"ε^(1/{LONG})",
            rf"\varepsilon^{{\frac{{1}}{{{LONG}}}}}",
        ),
    ],
    ids=["integer", "fraction", "power", "root"],
)
def test_a_number_of_any_length_is_spelled_out(
    given: str, text: str, unicode: str, latex: str
) -> None:
    program = read(f"f(x, eps=1, a={given if 'eps' not in given else 1}) -> y\ny = {given}*x")
    (equation,) = program.equations
    assert spell_equation(equation, "text") == f"y = {text}*x"
    assert spell_equation(equation, "unicode") == f"y = {unicode} x"
    assert spell_equation(equation, "latex") == f"y = {latex} x"
    assert read(source(program)) == program
    assert LONG in key(equation.right)
    assert echo(program).startswith("f(x, ε = 1,")


def test_every_kind_of_node_is_in_the_table() -> None:
    programs = [read(row.given) for row in TABLE.values()]
    nodes = [node for p in programs for e in p.equations for node in postorder(e.right)]
    kinds = {type(node) for node in nodes if isinstance(node, Node)}
    assert kinds == {Access, Add, Apply, Delta, Mul, One, Pow, Reduce, Sum}
