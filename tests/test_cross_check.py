"""Gradients against torch and jax: right ones agree, wrong ones do not.

`python -m tests.test_cross_check` compares the whole catalogue in both.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Basic, Integer, Rational

import indexcalc as ic
from indexcalc.calculus.gradients import Gradients
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import Add, Mul, One
from indexcalc.proof.crosscheck import cross_checked
from indexcalc.proof.libraries import LIBRARIES
from indexcalc.proof.report import Report, Row, Verdict
from tests.cross_checks import alone, at, compared
from tests.points import BUNDLED, MEMBERS
from tests.points import point as random_point

ALL = [*BUNDLED, *MEMBERS]
# jax compiles each program anew, so that here it is asked about some of each kind.
VARIED = ["layernorm", "softmax", "diagonal", "quotient", "tcl:2", "two_paths"]
BOTH = list(LIBRARIES)


@pytest.fixture(params=BOTH)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each alone, where it is installed."""
    return alone(str(request.param), monkeypatch)


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> str:
    """This one alone, which is the quicker."""
    return alone("torch", monkeypatch)


def claiming(derivation: ic.Derivation, **claims: Basic) -> Report:
    """What becomes of other gradients."""
    found: Gradients = replace(derivation.found, results={**derivation.found.results, **claims})
    return cross_checked(found, at(derivation))


def verdicts(report: Report) -> dict[str, Verdict]:
    return {row.name: row.verdict for row in report.rows}


# Right ones


@pytest.mark.parametrize("name", ALL)
def test_every_bundled_gradient_agrees_with_torch(name: str, torch: str) -> None:
    agree(name, torch)


@pytest.mark.parametrize("name", VARIED)
def test_bundled_gradients_agree_with_jax(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    agree(name, alone("jax", monkeypatch))


def agree(name: str, method: str) -> None:
    derivation = ic.derive(name)
    report = derivation.cross_check()
    assert report, report
    assert report.remarks == ()
    assert [(row.name, row.method) for row in report.rows] == [(x, method) for x in derivation.wrt]
    for row in report.rows:
        assert row.error is not None
        assert row.tolerance is not None
        # A hundredth of it is enough here, and a relative error of 1e-10 is far outside.
        assert row.error <= row.tolerance / 100
        assert row.tolerance < 2e-11


# Where every function has a value.
INSIDE = np.array([0.2, 0.9, 0.5])


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_every_function_has_its_slope(function: str, torch: str) -> None:
    assert compared(ic.derive(f"y[i] = w[i]*{function}(x[i])"), {"x": INSIDE})


def test_every_function_has_its_slope_in_jax_too(monkeypatch: pytest.MonkeyPatch) -> None:
    alone("jax", monkeypatch)
    lines = [f"y{n}[i] = {name}(x{n}[i])" for n, name in enumerate(sorted(FUNCTIONS))]
    derivation = ic.derive("; ".join(lines))
    drawn = random_point(derivation.program, positive=True).values
    assert compared(derivation, {name: 0.7 * drawn[name] for name in derivation.wrt})


ARGUMENTS = [-30.0, -3.0, -0.7, 0.3, 0.9, 2.5, 25.0, 39.0, 41.0]


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_means_what_it_means_in_sympy(function: str, library: str) -> None:
    loaded = LIBRARIES[library]()
    assert set(loaded.spelling.functions) == set(FUNCTIONS)
    meanings = [FUNCTIONS[function].meaning(Rational(x)).evalf(40) for x in ARGUMENTS]
    pairs = [(x, float(y)) for x, y in zip(ARGUMENTS, meanings, strict=True) if y.is_extended_real]
    with loaded.scope():
        values = loaded.spelling.array(np.array([x for x, _ in pairs]), "float64")
        made = np.asarray(loaded.spelling.functions[function](values))
    np.testing.assert_allclose(made, [y for _, y in pairs], rtol=4e-15)


@pytest.mark.parametrize(
    "text",
    [
        "y[i] = f(x[i]*s) + 2*f(t)",
        "y[i,j] = g(x[i]/s, w[j])",
        "y[k] = a[i,i,j,k]*b[j,k] + 1[i]*c[i]/K",
        "y[i,j] = delta[i,j]*x[i] + 1[i,j]*s",
        "y[i,j,k] = x[i]^w[j] * 2^x[i] * x[i]^3 + 1[i,j]*u[k]",
        "y = sum[i](x[i]*sum[j](x[j]*sum[i](x[i]*w[i,j])))",
        "y[i] = sum[i](x[i]*x[i])*x[i]",
        "y[i] = mean[k](a[i,k]*w[k])",
        "y[i,j] = x[i]/3",
        "m[j] = a[i,j]*x[i]; y = m[j]*m[j]; z[j,i] = m[j]*a[i,j]",
        "f(x[i,i], eps=1e-5) -> y\ny[i] = sqrt(x[i,i] + eps*pi)/I",
        "y[i] = x[i]; z = sqrt(s)*2",
    ],
)
def test_everything_the_language_has(text: str, torch: str) -> None:
    report = compared(ic.derive(text))
    assert report, report


def test_everything_the_language_has_in_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    alone("jax", monkeypatch)
    text = """
        y[i,j] = delta[i,j]*g(x[i]/s, w[j]) + a[i,i,k,j]*b[k] + 2^x[i]*w[j]^x[i]
        z = f(1[i]*x[i]*(1[j]*x[j])) + s^3
    """
    report = compared(ic.derive(text))
    assert report, report


@pytest.mark.parametrize("kind", ["prod", "max", "min"])
def test_reductions_of_what_is_not_differentiated(kind: str, library: str) -> None:
    derivation = ic.derive(f"y[i] = x[i]*{kind}[j,k](a[i,j,k])", wrt=["x"])
    assert compared(derivation)


@pytest.mark.parametrize(
    ("name", "wrt"),
    [
        ("layernorm", ["m", "sigma", "x", "mu"]),
        ("attention", ["s", "q", "p"]),
        ("frobenius", ["l", "w"]),
        ("softmax", ["p", "z"]),
        ("mlp:2", ["a1", "w1"]),
    ],
)
def test_intermediates_move_all_that_depends_on_them(name: str, wrt: list[str], torch: str) -> None:
    derivation = ic.derive(name, wrt=wrt)
    report = derivation.cross_check()
    assert report, report
    assert [row.name for row in report.rows] == wrt
    rows = [row for single in wrt for row in ic.derive(name, wrt=[single]).cross_check().rows]
    assert [(row.name, row.verdict) for row in rows] == [(x, Verdict.VERIFIED) for x in wrt]


def test_an_intermediate_in_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    alone("jax", monkeypatch)
    assert ic.derive("softmax", wrt=["z", "x"]).cross_check()


def test_what_is_not_used_has_the_gradient_0(library: str) -> None:
    derivation = ic.derive("f(x[i], u[j]) -> y\ny[i] = x[i] + sign(u[j]*u[j])*1[i]")
    report = compared(derivation)
    assert report
    (_, row) = report.rows
    assert (row.name, row.entries, row.error) == ("u", 4, 0.0)
    unused = ic.derive("f(x[i], u[j]) -> y\ny[i] = x[i]")
    assert compared(unused)


def test_what_cancels_leaves_rounding_where_ours_is_0(torch: str) -> None:
    derivation = ic.derive("f(s, t) -> y\ny = s*t/s + t", wrt=["s"])
    assert derivation.gradients["s"] == 0
    rows = [row for s in np.linspace(1.1, 2.9, 30) for row in compared(derivation, {"s": s}).rows]
    assert any(row.error for row in rows)
    assert {row.verdict for row in rows} == {Verdict.VERIFIED}


# Wrong ones


@pytest.mark.parametrize("name", ALL)
def test_a_gradient_a_little_off_is_rejected(name: str, torch: str) -> None:
    derivation = ic.derive(name)

    def scaled(factor: Rational) -> set[Verdict]:
        wrong = {tensor: Mul(factor, tree) for tensor, tree in derivation.gradients.items()}
        return set(verdicts(claiming(derivation, **wrong)).values())

    assert scaled(1 + Rational(1, 10**6)) == {Verdict.WRONG}
    assert Verdict.VERIFIED not in scaled(1 - Rational(1, 10**10))


def test_a_layer_norm_without_its_mean_path_is_rejected(library: str) -> None:
    whole = ic.derive("layernorm", wrt=["x", "gamma"])
    fixed_mean = ic.derive(
        "layernorm(x[b,h], gamma[h], beta[h], m[b], eps=1e-5) -> y;"
        "mu[b,h] = x[b,h] - 1[h]*m[b]; v[b] = 1/H * 1[h] * mu[b,h]^2;"
        "sigma[b] = sqrt(v[b] + eps); y[b,h] = mu[b,h]/sigma[b] * gamma[h] + 1[b]*beta[h]",
        wrt=["x"],
    )
    assert fixed_mean.where == ()
    wanted = {"x": Verdict.WRONG, "gamma": Verdict.VERIFIED}
    assert verdicts(claiming(whole, x=fixed_mean.gradients["x"])) == wanted


def test_one_entry_that_is_off_is_enough(torch: str) -> None:
    derivation = ic.derive("y = x[i]*x[i]")
    off = ic.derive("y = x[i]*x[i] + 1e-6*delta[i,j]*x[i]*x[j]")
    assert verdicts(claiming(derivation, x=off.gradients["x"])) == {"x": Verdict.WRONG}


def test_0_is_no_gradient_of_what_has_one_nor_the_other_way_round(library: str) -> None:
    derivation = ic.derive("f(x[i], u[j]) -> y\ny[i] = x[i]*x[i]")
    (q,) = derivation.found.equation("u").left.indices
    (p,) = derivation.found.equation("x").left.indices
    claims = {"x": Mul(Integer(0), One(p)), "u": Mul(Rational(1, 10**6), One(q))}
    wrong = {"x": Verdict.WRONG, "u": Verdict.WRONG}
    assert verdicts(claiming(derivation, **claims)) == wrong


# Neither


def test_what_float32_does_not_hold_decides_nothing(torch: str) -> None:
    derivation = ic.derive("y[i] = exp(x[i])")
    report = compared(derivation, {"x": np.full(3, 100.0)})
    assert report.rows == (Row("x", 3, "torch", None, None, Verdict.UNDECIDED),)
    assert not report


def test_what_has_no_value_decides_nothing(torch: str) -> None:
    report = compared(ic.derive("y[i] = log(x[i])"), {"x": np.array([1.0, -1.0, 2.0])})
    assert verdicts(report) == {"x": Verdict.UNDECIDED}
    no_root = compared(ic.derive("y[i] = sqrt(1 - I)*x[i]"))
    assert verdicts(no_root) == {"x": Verdict.UNDECIDED}


def test_where_all_slopes_are_0_nothing_is_decided(torch: str) -> None:
    report = compared(ic.derive("y[i] = relu(x[i])"), {"x": np.array([-1.0, -0.5, -2.0])})
    assert verdicts(report) == {"x": Verdict.UNDECIDED}


def test_too_much_rounding_verifies_nothing_and_refutes_what_is_far_off(torch: str) -> None:
    derivation = ic.derive("y[i] = sin(1e9*x[i])")
    assert verdicts(compared(derivation)) == {"x": Verdict.UNDECIDED}
    (p,) = derivation.found.equation("x").left.indices
    tree = Add(derivation.gradients["x"], Mul(Integer(10) ** 10, One(p)))
    assert verdicts(claiming(derivation, x=tree)) == {"x": Verdict.WRONG}


def test_rounding_is_no_error(torch: str) -> None:
    """A sigmoid far below 0 is small beside what its formula adds and takes away again."""
    derivation = ic.derive("y[i] = x[i]/sigmoid(w[i])")
    report = compared(derivation, {"w": np.array([-14.0, -15.0, -16.0])})
    assert Verdict.WRONG not in verdicts(report).values()


def test_more_indices_than_einsum_has_letters(torch: str) -> None:
    letters = [f"{letter}{n}" for n in "12" for letter in "abcdefghijklmnopqrstuvwxyz"]
    dots = " + ".join(f"v[{k}]*v[{k}]" for k in letters)
    assert compared(ic.derive(f"y = {dots}"))
    report = compared(ic.derive(f"y = {dots} + v[k]*v[k]"))
    said = "torch was not asked: 53 indices in a statement are over 52."
    assert report == Report((), (said,))
    assert not report


def whole_catalogue() -> None:
    """Every bundled derivation in every library that is installed."""
    for name in ALL:
        report = ic.derive(name).cross_check()
        print(f"{name}\n{report}\n")
        assert report


if __name__ == "__main__":
    whole_catalogue()
