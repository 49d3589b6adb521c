"""How expressions are spelled: in the language, in Unicode and in LaTeX, and read back."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import astuple, dataclass
from pathlib import Path

import pytest
from sympy import Rational, pi

from indexcalc.expr.base import Index, Node, constant_symbol, free_of, postorder, size_symbol
from indexcalc.expr.canonical import key
from indexcalc.expr.nodes import Access, Add, Apply, Binder, D, Delta, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.printing import no_sum, spell, spell_equation
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rename import distinct
from indexcalc.lang.reading import read
from indexcalc.render.echo import echo, size_names, source

LAYERNORM = """
layernorm(x[b,h], gamma[h], beta[h], eps=1e-5) -> y
m[b]     = 1/H * 1[h] * x[b,h]
mu[b,h]  = x[b,h] - 1[h]*m[b]
v[b]     = 1/H * 1[h] * mu[b,h]^2
sigma[b] = sqrt(v[b] + eps)
y[b,h]   = mu[b,h]/sigma[b] * gamma[h] + 1[b]*beta[h]
"""


@dataclass(frozen=True)
class Row:
    """A statement, and how it is spelled."""

    given: str
    text: str
    unicode: str
    unicode_sum: str
    latex: str
    latex_sum: str


def same(given: str, unicode: str, latex: str, text: str = "") -> Row:
    """A statement without sums that could be left out."""
    return Row(given, text or given, unicode, unicode, latex, latex)


TABLE = {
    "product": Row(
        "y[i] = x[i,k]*w[k]",
        "y[i] = x[i,k]*w[k]",
        "y_i = x_ik w_k",
        "y_i = Σ_k x_ik w_k",
        r"y_{i} = x_{ik} w_{k}",
        r"y_{i} = \sum_{k} x_{ik} w_{k}",
    ),
    "square-norm": Row(
        "s = sqrt(x[i]*x[i])",
        "s = sqrt(x[i]*x[i])",
        "s = √(x_i x_i)",
        "s = √(Σ_i x_i x_i)",
        r"s = \sqrt{x_{i} x_{i}}",
        r"s = \sqrt{\sum_{i} x_{i} x_{i}}",
    ),
    "two-sums": Row(
        "y[i] = a[i,k]*b[k] - c[i,k]*d[k]",
        "y[i] = a[i,k]*b[k] - c[i,k]*d[k]",
        "y_i = a_ik b_k - c_ik d_k",
        "y_i = Σ_k a_ik b_k - Σ_k c_ik d_k",
        r"y_{i} = a_{ik} b_{k} - c_{ik} d_{k}",
        r"y_{i} = \sum_{k} a_{ik} b_{k} - \sum_{k} c_{ik} d_{k}",
    ),
    "broadcast": same(
        "y[i,j] = x[i] + z[i,j]",
        "y_ij = 1_j x_i + z_ij",
        r"y_{ij} = \mathbf{1}_{j} x_{i} + z_{ij}",
        "y[i,j] = 1[j]*x[i] + z[i,j]",
    ),
    "one-tensor-of-two": same(
        "y[i,j] = x[i,j] - 1",
        "y_ij = x_ij - 1_ij",
        r"y_{ij} = x_{ij} - \mathbf{1}_{ij}",
        "y[i,j] = x[i,j] - 1[i,j]",
    ),
    "one-tensor-sums": Row(
        "m[b] = 1/H*1[h]*x[b,h]",
        "m[b] = 1/H*1[h]*x[b,h]",
        "m_b = (1/H) 1_h x_bh",
        "m_b = Σ_h (1/H) 1_h x_bh",
        r"m_{b} = \frac{1}{H} \mathbf{1}_{h} x_{bh}",
        r"m_{b} = \sum_{h} \frac{1}{H} \mathbf{1}_{h} x_{bh}",
    ),
    "minus-square": same("y[i] = -x[i]^2", "y_i = -x_i²", r"y_{i} = -x_{i}^{2}"),
    "square-of-minus": same(
        "y[i] = (-x[i])^2", "y_i = (-x_i)²", r"y_{i} = \left(-x_{i}\right)^{2}"
    ),
    "negative-number": same("y[i] = -2*x[i]", "y_i = -2 x_i", r"y_{i} = -2 x_{i}"),
    "negative-fraction": same(
        "y[i] = -1/2*x[i]", "y_i = -(1/2) x_i", r"y_{i} = -\frac{1}{2} x_{i}"
    ),
    "negative-exponent": same("y[i] = x[i]^-2", "y_i = 1/x_i²", r"y_{i} = \frac{1}{x_{i}^{2}}"),
    "minus-a-bracket": same(
        "y[i] = -(a[i] + b[i])",
        "y_i = -(a_i + b_i)",
        r"y_{i} = -\left(a_{i} + b_{i}\right)",
    ),
    "minus-a-bracket-first": same(
        "y[i] = -(a[i] + b[i]) + c[i]",
        "y_i = -(a_i + b_i) + c_i",
        r"y_{i} = -\left(a_{i} + b_{i}\right) + c_{i}",
    ),
    "minus-a-bracket-inside": same(
        "y[i] = exp(-(a[i] + b[i]))",
        "y_i = exp(-(a_i + b_i))",
        r"y_{i} = \exp\!\left(-\left(a_{i} + b_{i}\right)\right)",
    ),
    "minus-a-bracket-above": same(
        "y[i] = x[i]^-(a[i] + b[i])",
        "y_i = x_i^(-(a_i + b_i))",
        r"y_{i} = x_{i}^{-\left(a_{i} + b_{i}\right)}",
    ),
    "difference-of-difference": same(
        "y[i] = a[i] - (b[i] - c[i])",
        "y_i = a_i - (b_i - c_i)",
        r"y_{i} = a_{i} - \left(b_{i} - c_{i}\right)",
    ),
    "plus-minus": same(
        "y[i] = a[i] + -b[i]", "y_i = a_i - b_i", r"y_{i} = a_{i} - b_{i}", "y[i] = a[i] - b[i]"
    ),
    "division-in-the-middle": same(
        "y[i] = a[i]/b[i]*c[i]",
        "y_i = a_i/b_i · c_i",
        r"y_{i} = \frac{a_{i}}{b_{i}} c_{i}",
    ),
    "division-by-a-product": same(
        "y[i] = a[i]/(b[i]*c[i])",
        "y_i = a_i/(b_i c_i)",
        r"y_{i} = \frac{a_{i}}{b_{i} c_{i}}",
    ),
    "division-by-a-quotient": same(
        "y[i] = a[i]/(b[i]/c[i])",
        "y_i = a_i/(b_i/c_i)",
        r"y_{i} = \frac{a_{i}}{\frac{b_{i}}{c_{i}}}",
    ),
    "quotient-of-sums": same(
        "y[i] = (a[i] + b[i])/(c[i] - d[i])",
        "y_i = (a_i + b_i)/(c_i - d_i)",
        r"y_{i} = \frac{a_{i} + b_{i}}{c_{i} - d_{i}}",
    ),
    "minus-quotient": same("y[i] = -1/x[i]", "y_i = -1/x_i", r"y_{i} = -\frac{1}{x_{i}}"),
    "needless-brackets": same(
        "y[i] = ((a[i])*((b[i]))) + (c[i])",
        "y_i = a_i b_i + c_i",
        r"y_{i} = a_{i} b_{i} + c_{i}",
        "y[i] = a[i]*b[i] + c[i]",
    ),
    "tower": same(
        "y[i] = a[i]^b[i]^c[i]",
        "y_i = a_i^(b_i^c_i)",
        r"y_{i} = a_{i}^{b_{i}^{c_{i}}}",
    ),
    "power-of-power": same(
        "y[i] = (a[i]^b[i])^c[i]",
        "y_i = (a_i^b_i)^c_i",
        r"y_{i} = \left(a_{i}^{b_{i}}\right)^{c_{i}}",
    ),
    "power-of-quotient": same(
        "y[i] = (a[i]/b[i])^2",
        "y_i = (a_i/b_i)²",
        r"y_{i} = \left(\frac{a_{i}}{b_{i}}\right)^{2}",
    ),
    "exponent-sum": same("y[i] = x[i]^(n + 1)", "y_i = x_i^(n + 1)", r"y_{i} = x_{i}^{n + 1}"),
    "abs": same(
        "y[i] = abs(x[i] - z[i])", "y_i = |x_i - z_i|", r"y_{i} = \left|x_{i} - z_{i}\right|"
    ),
    "sqrt-of-a-size": Row(
        "y[i] = x[i,d]*w[d]/sqrt(D)",
        "y[i] = x[i,d]*w[d]/sqrt(D)",
        "y_i = x_id w_d/√D",
        "y_i = Σ_d x_id w_d/√D",
        r"y_{i} = \frac{x_{id} w_{d}}{\sqrt{D}}",
        r"y_{i} = \sum_{d} \frac{x_{id} w_{d}}{\sqrt{D}}",
    ),
    "numbered-names": Row(
        "y[i,j] = w1[i,k]*w2[k,j]",
        "y[i,j] = w1[i,k]*w2[k,j]",
        "y_ij = w1_ik w2_kj",
        "y_ij = Σ_k w1_ik w2_kj",
        r"y_{ij} = w^{(1)}_{ik} w^{(2)}_{kj}",
        r"y_{ij} = \sum_{k} w^{(1)}_{ik} w^{(2)}_{kj}",
    ),
    "numbered-name-squared": same(
        "y[i] = x1[i]^2", "y_i = x1_i²", r"y_{i} = \left(x^{(1)}_{i}\right)^{2}"
    ),
    "long-letters": Row(
        "y[row,col] = x[row,k]*w[k,col]",
        "y[row,col] = x[row,k]*w[k,col]",
        "y_{row,col} = x_{row,k} w_{k,col}",
        "y_{row,col} = Σ_k x_{row,k} w_{k,col}",
        r"y_{\mathrm{row},\mathrm{col}} = x_{\mathrm{row},k} w_{k,\mathrm{col}}",
        r"y_{\mathrm{row},\mathrm{col}} = \sum_{k} x_{\mathrm{row},k} w_{k,\mathrm{col}}",
    ),
    "greek": same(
        "y[α] = γ[α]*σ + θ1[α]",
        "y_α = γ_α σ + θ1_α",
        r"y_{\alpha} = \gamma_{\alpha} \sigma + \theta^{(1)}_{\alpha}",
        "y[alpha] = gamma[alpha]*sigma + theta1[alpha]",
    ),
    "long-name": same("s = scores*eps", "s = scores ε", r"s = \mathrm{scores} \varepsilon"),
    "delta": Row(
        "y[i,j] = delta[i,k]*x[k,j]",
        "y[i,j] = delta[i,k]*x[k,j]",
        "y_ij = δ_ik x_kj",
        "y_ij = Σ_k δ_ik x_kj",
        r"y_{ij} = \delta_{ik} x_{kj}",
        r"y_{ij} = \sum_{k} \delta_{ik} x_{kj}",
    ),
    "trace": Row(
        "s = x[i,i]", "s = x[i,i]", "s = x_ii", "s = Σ_i x_ii", "s = x_{ii}", r"s = \sum_{i} x_{ii}"
    ),
    "diagonal": Row(
        "y[i] = x[i,i]",
        "y[i] = x[i,i]",
        "y_i = x_ii  (no sum i)",
        "y_i = x_ii",
        r"y_{i} = x_{ii} \quad \text{(no sum $i$)}",
        r"y_{i} = x_{ii}",
    ),
    "two-diagonals": Row(
        "y[i,j] = x[i,i]*z[j,j,k]*w[k]",
        "y[i,j] = x[i,i]*z[j,j,k]*w[k]",
        "y_ij = x_ii z_jjk w_k  (no sum ij)",
        "y_ij = Σ_k x_ii z_jjk w_k",
        r"y_{ij} = x_{ii} z_{jjk} w_{k} \quad \text{(no sum $ij$)}",
        r"y_{ij} = \sum_{k} x_{ii} z_{jjk} w_{k}",
    ),
    "elementwise": same("y[i] = x[i]*w[i]", "y_i = x_i w_i", r"y_{i} = x_{i} w_{i}"),
    "max": same(
        "y[i] = max[k](x[i,k])", "y_i = max_k(x_ik)", r"y_{i} = \max_{k} \left(x_{ik}\right)"
    ),
    "min-of-two": same(
        "s = min[j,k](x[j,k])", "s = min_jk(x_jk)", r"s = \min_{jk} \left(x_{jk}\right)"
    ),
    "prod": same(
        "y[i] = prod[k](x[i,k])", "y_i = prod_k(x_ik)", r"y_{i} = \prod_{k} \left(x_{ik}\right)"
    ),
    "mean": same(
        "m[b] = mean[h](x[b,h])", "m_b = (1/H) Σ_h x_bh", r"m_{b} = \frac{1}{H} \sum_{h} x_{bh}"
    ),
    "explicit-sum": same(
        "y[i] = x[i]*sum[k](z[k])", "y_i = x_i Σ_k z_k", r"y_{i} = x_{i} \sum_{k} z_{k}"
    ),
    "explicit-sum-first": same(
        "y[i] = sum[k](z[k])*x[i]",
        "y_i = (Σ_k z_k) x_i",
        r"y_{i} = \left(\sum_{k} z_{k}\right) x_{i}",
    ),
    "explicit-sum-of-a-sum": same(
        "s = sum[k](x[k] + z[k])",
        "s = Σ_k (x_k + z_k)",
        r"s = \sum_{k} \left(x_{k} + z_{k}\right)",
    ),
    "square-of-a-sum": same(
        "s = sum[k](x[k])^2", "s = (Σ_k x_k)²", r"s = \left(\sum_{k} x_{k}\right)^{2}"
    ),
    "sum-inside-a-function": Row(
        "y[n,m] = tanh(x[n,k]*w[k,m] + b[m])",
        "y[n,m] = tanh(x[n,k]*w[k,m] + 1[n]*b[m])",
        "y_nm = tanh(x_nk w_km + 1_n b_m)",
        "y_nm = tanh(Σ_k x_nk w_km + 1_n b_m)",
        r"y_{nm} = \tanh\!\left(x_{nk} w_{km} + \mathbf{1}_{n} b_{m}\right)",
        r"y_{nm} = \tanh\!\left(\sum_{k} x_{nk} w_{km} + \mathbf{1}_{n} b_{m}\right)",
    ),
    "sum-in-a-denominator": Row(
        "p[i] = exp(x[i])/(1[k]*exp(x[k]))",
        "p[i] = exp(x[i])/(1[k]*exp(x[k]))",
        "p_i = exp(x_i)/(1_k exp(x_k))",
        "p_i = exp(x_i)/(Σ_k 1_k exp(x_k))",
        r"p_{i} = \frac{\exp\!\left(x_{i}\right)}{\mathbf{1}_{k} \exp\!\left(x_{k}\right)}",
        r"p_{i} = \frac{\exp\!\left(x_{i}\right)}"
        r"{\sum_{k} \mathbf{1}_{k} \exp\!\left(x_{k}\right)}",
    ),
    "sum-outside-a-square": Row(
        "s = 1[h]*(x[h] - 1[h]*m)^2",
        "s = 1[h]*(x[h] - 1[h]*m)^2",
        "s = 1_h (x_h - 1_h m)²",
        "s = Σ_h 1_h (x_h - 1_h m)²",
        r"s = \mathbf{1}_{h} \left(x_{h} - \mathbf{1}_{h} m\right)^{2}",
        r"s = \sum_{h} \mathbf{1}_{h} \left(x_{h} - \mathbf{1}_{h} m\right)^{2}",
    ),
    "shadowed": same(
        "y[i] = x[i]*sum[i](x[i])",
        "y_i = x_i Σ_j x_j",
        r"y_{i} = x_{i} \sum_{j} x_{j}",
        "y[i] = x[i]*sum[j](x[j])",
    ),
    "functions": same(
        "y[i] = asin(x[i]) + sigmoid(x[i])*f(x[i], w[i])",
        "y_i = asin(x_i) + sigmoid(x_i) f(x_i, w_i)",
        r"y_{i} = \arcsin\!\left(x_{i}\right) + \operatorname{sigmoid}\!\left(x_{i}\right) "
        r"f\!\left(x_{i}, w_{i}\right)",
    ),
    "negative-denominator": same(
        "y[i] = x[i]/-2", "y_i = x_i/(-2)", r"y_{i} = \frac{x_{i}}{-2}", "y[i] = x[i]/(-2)"
    ),
    "number-after-a-tensor": same("y[i] = a[i]*2", "y_i = a_i · 2", r"y_{i} = a_{i} \cdot 2"),
    "numbers-below": same(
        "y[i] = x[i]*2/3/4",
        "y_i = x_i · 2/(3 · 4)",
        r"y_{i} = \frac{x_{i} \cdot 2}{3 \cdot 4}",
    ),
    "number-after-a-sum": same(
        "y[i] = x[i]*sum[k](z[k])*2",
        "y_i = x_i (Σ_k z_k) · 2",
        r"y_{i} = x_{i} \left(\sum_{k} z_{k}\right) \cdot 2",
    ),
    "number-before-a-power": same(
        "y[i] = 2*3^x[i]", "y_i = 2 · 3^x_i", r"y_{i} = 2 \cdot 3^{x_{i}}"
    ),
    "power-of-a-root": same("y[i] = sqrt(x[i])^2", "y_i = (√x_i)²", r"y_{i} = \sqrt{x_{i}}^{2}"),
    "number-times-one": same(
        "y[i] = x[i] + 3",
        "y_i = x_i + 3 · 1_i",
        r"y_{i} = x_{i} + 3 \mathbf{1}_{i}",
        "y[i] = x[i] + 3*1[i]",
    ),
    "scalar-product": same("y[i] = 2*pi*x[i]", "y_i = 2 π x_i", r"y_{i} = 2 \pi x_{i}"),
}
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


# Nodes that no text makes


N = size_symbol("N")
G, J, K = (Index(name, N) for name in "ijk")
X, Y, M = Access("x", G), Access("y", J), Access("m", G, J)
EPS = constant_symbol("eps")


@pytest.mark.parametrize(
    ("node", "unicode", "latex"),
    [
        (D(X, Access("x", J)), "∂x_i/∂x_j", r"\frac{\partial x_{i}}{\partial x_{j}}"),
        (
            D(Mul(X, Y), Access("x", K)),
            "∂(x_i y_j)/∂x_k",
            r"\frac{\partial}{\partial x_{k}}\left(x_{i} y_{j}\right)",
        ),
        (Mul(X, EPS + 1), "x_i (1 + ε)", r"x_{i} \left(1 + \varepsilon\right)"),
        (Mul(X, 1 / N), "x_i/N", r"\frac{x_{i}}{N}"),
        (Mul(1 / N, X), "(1/N) x_i", r"\frac{1}{N} x_{i}"),
        (Mul(-1, X), "-x_i", "-x_{i}"),
        (Add(Mul(-1, X), X), "-x_i + x_i", "-x_{i} + x_{i}"),
        (Mul(-1, Mul(-1, X)), "x_i", "x_{i}"),
        (Mul(Y, Mul(-1, X)), "y_j (-x_i)", r"y_{j} \left(-x_{i}\right)"),
        (Pow(X, Rational(1, 2)), "x_i^(1/2)", r"x_{i}^{\frac{1}{2}}"),
        (Pow(pi, X), "π^x_i", r"\pi^{x_{i}}"),
        (Sum(One(G), G), "Σ_i 1_i", r"\sum_{i} \mathbf{1}_{i}"),
        (Sum(Delta(G, G), G), "δ_ii", r"\delta_{ii}"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nodes_that_no_text_makes(node: Node, unicode: str, latex: str) -> None:
    assert (spell(node, "unicode"), spell(node, "latex")) == (unicode, latex)


@pytest.mark.parametrize(
    ("node", "letters"),
    [
        (Access("x", G, G), "i"),
        (Delta(J, J), "j"),
        (One(G, G), "i"),
        (Mul(Access("x", J, J), Access("x", G, G)), "ji"),
        (Access("t", J, J, G, G), "ij"),
        (Mul(X, Access("x", G, G)), "i"),
        (Apply("exp", Access("x", G, G)), "i"),
        (Add(X, Access("x", G, G)), "i"),
        (Mul(X, X), ""),
        (Mul(M, X, Y), ""),
        (Mul(Delta(G, J), Y), ""),
        (Sum(Mul(Delta(G, J), Y), J), ""),
        (Apply("f", X, X), ""),
        (Pow(X, X), ""),
        (Mul(X, Pow(X, -1)), ""),
        (Add(Mul(M, Y), Mul(X, One(J))), ""),
        (Mul(X, Sum(Mul(M, Y), J)), ""),
        (Sum(Access("x", G, G), G), ""),
        (Mul(Sum(Access("x", J, J), J), Y), ""),
    ],
    ids=str,
)
def test_where_no_sum_is_said(node: Node, letters: str) -> None:
    assert "".join(index.name for index in no_sum(node)) == letters


def test_no_sum_is_said_in_neither_text_nor_with_every_sum_written() -> None:
    equation = Equation(X, Access("m", G, G))
    assert spell_equation(equation) == "x[i] = m[i,i]"
    assert spell_equation(equation, "unicode", "sum") == "x_i = m_ii"


# Names


SHADOWS: dict[str, tuple[Node, str]] = {
    "free-outside": (Mul(X, Sum(X, G)), "x_i Σ_j x_j"),
    "bound-twice-side-by-side": (Mul(Sum(X, G), Sum(X, G)), "(Σ_i x_i) Σ_i x_i"),
    "nested": (Sum(Mul(X, Sum(X, G)), G), "Σ_i x_i Σ_j x_j"),
    "three-deep": (
        Sum(Mul(X, Sum(Mul(X, Reduce("max", X, G)), G)), G),
        "Σ_i x_i Σ_j x_j max_k(x_k)",
    ),
    "fresh-is-taken": (Mul(X, Y, Sum(X, G)), "x_i y_j Σ_k x_k"),
    "fresh-is-in-the-body": (Mul(X, Sum(M, G)), "x_i Σ_k m_kj"),
    "two-letters": (Mul(M, Reduce("max", M, G, J)), "m_ij max_kl(m_kl)"),
    "in-a-function": (Apply("f", X, Sum(X, G)), "f(x_i, Σ_j x_j)"),
}


@pytest.mark.parametrize(("node", "spelled"), SHADOWS.values(), ids=list(SHADOWS))
def test_no_letter_is_free_and_bound_in_what_is_printed(node: Node, spelled: str) -> None:
    assert spell(node, "unicode", "sum") == spelled
    shown = distinct(node)
    assert free_of(shown) == free_of(node)
    waiting: list[tuple[Node, frozenset[str]]] = [
        (shown if isinstance(shown, Node) else node, frozenset(i.name for i in free_of(node)))
    ]
    while waiting:
        inner, names = waiting.pop()
        if isinstance(inner, Binder):
            own = {index.name for index in inner.indices}
            assert not own & names
            names |= own
        waiting += [(part, names) for part in inner.parts if isinstance(part, Node)]


def test_depth_is_no_limit_for_shadowed_binders() -> None:
    tree: Node = X
    for _ in range(1200):
        tree = Mul(X, Sum(tree, G))
    assert spell(tree, "unicode", "sum").count("Σ_") == 1200


def test_no_sum_is_said_of_free_letters_alone() -> None:
    program = read("y[j] = z[j]*sum[j](x[j,j])")
    assert spell_equation(program.equations[0], "unicode") == "y_j = z_j x_kk"


def test_what_has_no_clash_is_the_same_object() -> None:
    tree = Mul(X, Sum(Y, J))
    assert distinct(tree) is tree
    assert distinct(M) is M


def test_every_alphabet_is_known_to_the_speller() -> None:
    with pytest.raises(KeyError, match=r"^'html'$"):
        spell(X, "html")


def test_a_kind_without_spelling_fails_loudly() -> None:
    with pytest.raises(TypeError, match=r"^no spelling for Unspelled$"):
        spell(Unspelled._make((), frozenset()))


class Unspelled(Node):
    """A kind of node that no printer knows."""

    __slots__ = ()


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


# LaTeX takes it

DOCUMENT = r"""\documentclass{article}
\usepackage[paperwidth=60cm,textwidth=50cm]{geometry}
\usepackage{amsmath}
\begin{document}
%s
\end{document}
"""


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_latex_compiles_every_spelling(tmp_path: Path) -> None:
    programs = [read(row.given) for row in TABLE.values()] + [read(LAYERNORM)]
    lines = [
        f"\\[ {spell_equation(equation, 'latex', notation, size_names(program, equation))} \\]"
        for program in programs
        for equation in program.equations
        for notation in ("einstein", "sum")
    ]
    lines.append(f"\\[ {spell(D(Sum(Mul(X, X), G), Access('x', K)), 'latex')} \\]")
    (tmp_path / "all.tex").write_text(DOCUMENT % "\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    log = (tmp_path / "all.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert re.findall(r"^(?:!|Overfull|Undefined|LaTeX Warning).*", log, re.MULTILINE) == []
    assert (tmp_path / "all.pdf").stat().st_size > 1000


def test_every_kind_of_node_is_in_the_table() -> None:
    programs = [read(row.given) for row in TABLE.values()]
    nodes = [node for p in programs for e in p.equations for node in postorder(e.right)]
    kinds = {type(node) for node in nodes if isinstance(node, Node)}
    assert kinds == {Access, Add, Apply, Delta, Mul, One, Pow, Reduce, Sum}


def test_a_sum_is_written_where_a_lone_number_would_leave_the_letter_to_a_part() -> None:
    r = Index("r")
    inner = Add(Mul(2, One(r)), Mul(Access("m", r, r), Access("a", r)))
    total = Sum(Mul(Access("g", r), Access("h", r), Pow(inner, -1)), r)
    assert spell(total, "unicode") == "g_r h_r/(2 · 1_r + m_rr a_r)"
    # Without the one-tensor the bracket alone has the letter twice, and would be read as a sum.
    assert spell(total, "unicode", ones=False) == "Σ_r g_r h_r/(2 + m_rr a_r)"
