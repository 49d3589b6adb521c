"""What is printed, whole and by formula.

After a change that is meant: `python -m tests.golden` writes the whole texts anew.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.render.text import text
from tests.golden import FILES, FOLDER, printed
from tests.points import assert_close, point


@pytest.mark.parametrize("file", FILES)
def test_what_is_printed_is_as_before(file: str) -> None:
    assert printed(file) == (FOLDER / file).read_text(encoding="utf-8")


def test_there_is_no_other_golden_file() -> None:
    there = {path.name for path in FOLDER.iterdir() if path.suffix in (".txt", ".tex")}
    assert there == set(FILES)


# Line by line

Lines = list[tuple[str, str]]


def section(name: str, tensor: str, steps: str = "main") -> Lines:
    """The lines on the gradient of a tensor: what is written, and the rule."""
    _, _, after = ic.derive(name).text(steps).partition(f"\nGradient of {tensor}\n")
    body = re.split(r"\n(?=\S)", after)[0]
    # A rule that found no room stands under its formula.
    lines: Lines = []
    for line in filter(str.strip, body.splitlines()):
        formula, _, rule = line.strip().partition("  ")
        lines.append((formula, rule.strip()))
    return lines


def test_the_gradient_of_the_first_factor_of_a_matrix_product() -> None:
    assert section("matmul", "x") == [
        ("∂y_ij/∂x_pq = ∂(x_ik a_kj)/∂x_pq", ""),
        ("= (∂x_ik/∂x_pq) a_kj", "product rule"),
        ("= δ_ip δ_kq a_kj", "self-derivative"),
        ("= δ_ip a_qj", "delta contraction"),
        ("∂l/∂x_pq = G_ij (∂y_ij/∂x_pq)", "chain rule"),
        ("= G_ij δ_ip a_qj", "Jacobian put in"),
        ("= G_pj a_qj", "delta contraction"),
    ]


def test_the_gradient_of_the_second_factor_of_a_matrix_product() -> None:
    assert section("matmul", "a") == [
        ("∂y_ij/∂a_pq = ∂(x_ik a_kj)/∂a_pq", ""),
        ("= x_ik (∂a_kj/∂a_pq)", "product rule"),
        ("= x_ik δ_kp δ_jq", "self-derivative"),
        ("= x_ip δ_jq", "delta contraction"),
        ("∂l/∂a_pq = G_ij (∂y_ij/∂a_pq)", "chain rule"),
        ("= G_ij x_ip δ_jq", "Jacobian put in"),
        ("= G_iq x_ip", "delta contraction"),
    ]


@pytest.mark.parametrize(("name", "slope"), [("pointwise", "f′({})"), ("sine", "cos({})")])
def test_the_gradient_of_a_pointwise_function(name: str, slope: str) -> None:
    value = name.replace("pointwise", "f").replace("sine", "sin")
    inner, outer = slope.format("x_i"), slope.format("x_p")
    lines = section(name, "x")
    assert lines[:3] == [
        (f"∂y_i/∂x_p = ∂{value}(x_i)/∂x_p", ""),
        (f"= {inner} (∂x_i/∂x_p)", "chain rule"),
        (f"= {inner} δ_ip", "self-derivative"),
    ]
    assert lines[3] == ("∂l/∂x_p = G_i (∂y_i/∂x_p)", "chain rule")
    assert lines[-1] == (f"= G_p {outer}", "delta contraction")


# Conclusions


def conclusion(name: str) -> dict[str, str]:
    """The last section by left-hand side."""
    shown = ic.derive(name).text("none").partition("\nGradients\n")[2]
    pairs = (line.split(" = ") for line in re.split(r"\n(?=  \S)", shown) if line.strip())
    return {left.strip(): " ".join(right.split()) for left, right in pairs}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("matmul", {"∂l/∂x_pq": "G_pj a_qj", "∂l/∂a_pq": "G_iq x_ip"}),
        ("pointwise", {"∂l/∂x_p": "G_p f′(x_p)"}),
        ("sine", {"∂l/∂x_p": "G_p cos(x_p)"}),
        (
            "linear",
            {"∂l/∂x_pq": "G_pj w_jq", "∂l/∂w_pq": "G_ip x_iq", "∂l/∂b_p": "1_i G_ip"},
        ),
        ("softmax", {"∂l/∂x_qr": "p_qr (G_qr - 1_r G_qc p_qc)"}),
        ("bilinear", {"∂l/∂u_p": "a_pj v_j", "∂l/∂a_pq": "u_p v_q", "∂l/∂v_p": "u_i a_ip"}),
        ("quadratic_form", {"∂l/∂x_p": "a_pj x_j + x_i a_ip", "∂l/∂a_pq": "x_p x_q"}),
        ("trace", {"∂l/∂a_pq": "δ_pq"}),
        ("diagonal", {"∂l/∂a_pq": "G_p δ_pq b_p", "∂l/∂b_p": "G_p a_pp (no sum p)"}),
        ("identity", {"∂l/∂x_p": "G_p"}),
        ("outer_product", {"∂l/∂u_p": "G_pj v_j", "∂l/∂v_p": "G_ip u_i"}),
        (
            "tcl",
            {
                "∂l/∂x_pqr": "G_abc v1_ap v2_bq v3_cr",
                "∂l/∂v1_pq": "G_pbc x_qjk v2_bj v3_ck",
                "∂l/∂v2_pq": "G_apc x_iqk v1_ai v3_ck",
                "∂l/∂v3_pq": "G_abp x_ijq v1_ai v2_bj",
            },
        ),
        ("swap_rule", {"∂l/∂a_pqr": "G_pqj b_pjr", "∂l/∂b_pqr": "G_piq a_pir"}),
        ("frobenius_linear", {"∂l/∂w_pq": "y_pn x_qn/l", "∂l/∂x_pq": "y_dq w_dp/l"}),
    ],
)
def test_the_conclusion_is_the_formula_of_the_book(name: str, expected: dict[str, str]) -> None:
    assert conclusion(name) == expected


def test_the_small_gradients_of_layer_norm() -> None:
    found = conclusion("layernorm")
    assert found["∂l/∂γ_p"] == "G_bp μ_bp/σ_b"
    assert found["∂l/∂β_p"] == "1_b G_bp"


@pytest.mark.parametrize("name", ["layernorm", "layernorm_inline"])
def test_the_gradient_of_layer_norm_has_the_value_of_the_known_formula(name: str) -> None:
    """∂l/∂x_pq = G_pq γ_q/σ_p - (1/H) G_ph γ_h (1_q/σ_p + μ_ph μ_pq/σ_p³)"""
    derivation = ic.derive(name)
    at = point(derivation.program)
    x, gamma, g = at.values["x"], at.values["gamma"], at.upstream["y"]
    rows, columns = x.shape
    expected = np.empty(x.shape)
    for p in range(rows):
        mean = sum(x[p]) / columns
        mu = [entry - mean for entry in x[p]]
        sigma = (sum(entry**2 for entry in mu) / columns + 1e-5) ** 0.5
        for q in range(columns):
            expected[p, q] = g[p, q] * gamma[q] / sigma - 1 / columns * sum(
                g[p, h] * gamma[h] * (1 / sigma + mu[h] * mu[q] / sigma**3) for h in range(columns)
            )
    assert_close(at.gradient(derivation, "x"), expected, 1e-12)


def test_layer_norm_shows_every_intermediate_and_its_lemma() -> None:
    shown = ic.derive("layernorm").text()
    headings = re.findall(r"^Gradient of (\w+)$", shown, re.MULTILINE)
    assert headings == ["σ", "v", "μ", "m", "x", "γ", "β"]
    assert "Lemma: 1_h μ_ph = 0." in shown


@pytest.mark.parametrize(
    ("name", "kept"), [("layernorm", {"mu", "sigma"}), ("softmax", {"p"}), ("attention", {"p"})]
)
def test_definitions_are_folded_back(name: str, kept: set[str]) -> None:
    derivation = ic.derive(name)
    shown = " ".join(map(str, derivation.gradients.values()))
    assert all(re.search(rf"\b{word}\[", shown) for word in kept)
    assert not re.search(r"exp\(|sqrt\(v", shown)


def test_the_chain_rule_through_both_paths_is_shown() -> None:
    derivation = ic.derive("frobenius", wrt=["w", "x"])
    shown = derivation.text()
    assert "∂l/∂w_pq = (∂l/∂y_dn) (∂y_dn/∂w_pq)" in shown
    assert "∂l/∂x_pq = (∂l/∂y_dn) (∂y_dn/∂x_pq) + (∂l/∂w_ab) (∂w_ab/∂x_pq)" in shown


@pytest.mark.parametrize("order", [2, 4, 8])
def test_every_gradient_of_a_contraction_layer_is_one_contraction(order: int) -> None:
    for gradient in ic.derive(f"tcl:{order}").gradients.values():
        assert type(gradient).__name__ == "Sum"
        assert "delta" not in str(gradient)
        assert "+" not in str(gradient)


@pytest.mark.parametrize("notation", ["einstein", "sum"])
@pytest.mark.parametrize("steps", ["all", "main", "none"])
def test_how_much_is_shown_does_not_change_the_conclusion(notation: str, steps: str) -> None:
    shown = text(ic.derive("layernorm").page(steps), notation).partition("\nGradients\n")[2]
    assert (
        shown == text(ic.derive("layernorm").page("none"), notation).partition("\nGradients\n")[2]
    )
