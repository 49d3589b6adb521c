"""Every step checked by its value: what is named, what is verified, and what is left open."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Basic, Integer, Rational

from indexcalc.calculus.gradients import Gradient, Gradients
from indexcalc.cli import main
from indexcalc.derivation import derive
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import Index, size_symbol
from indexcalc.expr.nodes import Access, Mul, One, Sum
from indexcalc.expr.program import Program
from indexcalc.expr.rewrite import Trace
from indexcalc.proof.meaning import Meaning, differences, meaning
from indexcalc.proof.report import Verdict
from indexcalc.proof.steps import checked_steps
from tests.plants import planted, with_trace
from tests.points import BUNDLED, MEMBERS, bundled

# What the product says of it


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_the_steps_of_every_derivation_are_verified(name: str) -> None:
    derivation, _ = bundled(name)
    report = derivation.check_steps()
    assert report, str(report)
    assert {row.method for row in report.rows} == {"steps"}
    counted = sum(row.entries for row in report.rows)
    left_out = 7 if name == "tcl:4" else 0
    assert counted == len(derivation.steps) - left_out
    assert report.remarks == (("7 steps of order 8 were left out.",) if left_out else ())


PLANTED = ["bilinear", "layernorm", "power", "quadratic_form", "quotient", "softmax", "trace"]


HERE: dict[Any, Meaning | None] = {}


@pytest.fixture
def one_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """The point, and what is right there, found once for all derivations of a program."""

    def remembered(program: Program, found: Gradients, *rest: Any) -> Meaning | None:
        key = (repr(program), *map(repr, rest))
        if key not in HERE:
            HERE[key] = meaning(program, found, *rest)
        return HERE[key]

    monkeypatch.setattr("indexcalc.proof.steps.meaning", remembered)


@pytest.mark.usefixtures("one_point")
@pytest.mark.parametrize("name", PLANTED)
def test_the_first_step_that_changes_the_value_is_named(name: str) -> None:
    derivation, _ = bundled(name)
    count = 0
    for _, said, found in planted(name):
        report = checked_steps(derivation.program, found)
        assert report.verdict is Verdict.WRONG
        assert report.remarks[0].startswith(said), said
        count += 1
    assert count >= 0.8 * len(derivation.steps)


def test_mistakes_of_every_kind_are_planted() -> None:
    kinds = Counter(kind for name in PLANTED for kind, _, _ in planted(name))
    assert set(kinds) == {"factor", "term", "index"}
    assert min(kinds.values()) >= 5


# What lies between the steps


def said_of(program: Program, found: Gradients) -> str:
    report = checked_steps(program, found)
    assert report.verdict is Verdict.WRONG
    return report.remarks[0]


def with_gradient(found: Gradients, name: str, gradient: Gradient) -> Gradients:
    return replace(found, adjoints={**found.adjoints, name: gradient})


def test_a_jacobian_that_starts_from_another_equation_is_named() -> None:
    found = derive("y[i] = 2*x[i]").found
    assert said_of(derive("y[i] = 3*x[i]").program, found) == (
        "The start of ∂y/∂x changes the value: ∂(3 x_i)/∂x_p → ∂(2 x_i)/∂x_p."
    )


def test_a_path_that_the_chain_rule_forgets_is_named() -> None:
    derivation = derive("u[i] = x[i]^2; y[i] = u[i]*x[i]")
    gradient = derivation.found.adjoints["x"]
    fewer = replace(gradient.adjoint, paths=gradient.adjoint.paths[:1])
    found = with_gradient(derivation.found, "x", replace(gradient, adjoint=fewer))
    assert said_of(derivation.program, found) == (
        "The chain rule of ∂l/∂x changes the value: G_i (u_i δ_ip) → "
        "G_i u_i δ_ip + 2 (∂l/∂u_i) x_i δ_ip."
    )


def test_a_path_that_everything_forgets_is_named() -> None:
    derivation = derive("u[i] = x[i]^2; y[i] = u[i]*x[i]")
    gradient = derivation.found.adjoints["x"]
    start = gradient.adjoint.trace.start[:1]
    trace = Trace(start, gradient.adjoint.trace.free, ())
    fewer = replace(gradient.adjoint, paths=gradient.adjoint.paths[:1], trace=trace)
    found = with_gradient(derivation.found, "x", Gradient(fewer, trace, trace))
    assert said_of(derivation.program, found) == (
        "What ∂l/∂x starts as changes the value: ∂l/∂x_p → G_i u_i δ_ip."
    )


@pytest.mark.usefixtures("one_point")
def test_a_step_that_is_missing_is_named_by_the_next() -> None:
    derivation = derive("layernorm")
    closed = derivation.found.adjoints["x"].closed
    found = with_trace(derivation.found, closed, replace(closed, steps=closed.steps[1:]))
    assert said_of(derivation.program, found) == (
        "Step 11 of ∂l/∂x, collect, does not go on from what stood before it: "
        "∂l/∂μ_pq - (1/H) 1_q 1_h (∂l/∂μ_ph)."
    )


@pytest.mark.usefixtures("one_point")
def test_a_last_line_without_the_steps_to_it_is_named() -> None:
    derivation = derive("layernorm")
    closed = derivation.found.adjoints["x"].closed
    found = with_trace(derivation.found, closed, Trace(closed.end, closed.free, ()))
    assert said_of(derivation.program, found) == (
        "The last line of ∂l/∂x does not go on from what stood before it: "
        "∂l/∂μ_pq + (1/H) 1_q (∂l/∂m_p)."
    )


@pytest.mark.usefixtures("one_point")
def test_a_lemma_about_something_else_is_named() -> None:
    derivation = derive("layernorm")
    (lemma,) = derivation.found.lemmas
    (p,), h = lemma.trace.free, Index("h", size_symbol("H"))
    raw = Sum(Mul(One(h), Access("x", p, h)), h)
    assert said_of(derivation.program, with_lemma(derivation.found, raw)) == (
        "The start of the lemma about 1_h x_ph changes the value: 1_h x_ph → 1_h μ_ph."
    )
    m = Access("m", Index("b", p.size))
    assert said_of(derivation.program, with_lemma(derivation.found, m)) == (
        "The start of the lemma about m_b changes the indices: m_b → 1_h μ_ph."
    )


def with_lemma(found: Gradients, part: Basic) -> Gradients:
    (lemma,) = found.lemmas
    return replace(found, lemmas=(replace(lemma, part=part),))


@pytest.mark.parametrize("what", ["results", "shared"])
def test_a_conclusion_that_is_not_the_last_line_is_named(what: str) -> None:
    derivation = derive("two_paths")
    found = derivation.found
    if what == "results":
        wrong = Mul(Integer(2), found.results["x"])
        found = replace(found, results={**found.results, "x": wrong})
    else:
        first, *rest = found.shared
        found = replace(found, shared=(replace(first, right=Mul(Integer(2), first.right)), *rest))
    said = said_of(derivation.program, found)
    assert said.startswith("The conclusion about ∂l/∂x changes the value: ")


# What it says, and when nothing can be said


def test_the_report_is_a_table() -> None:
    lines = str(derive("y[i] = x[i]^2").check_steps()).splitlines()
    assert lines[0] == "  gradient by  entries  method    error  tolerance  verdict"
    assert re.fullmatch(r"  x +4  steps   \d\.\de-1\d    1\.0e-09  verified", lines[1])
    assert len(lines) == 2


def test_what_is_wrong_is_in_the_table_and_below_it() -> None:
    found = derive("y[i] = 2*x[i]").found
    report = checked_steps(derive("y[i] = 3*x[i]").program, found)
    (row,) = report.rows
    assert (row.name, row.verdict, row.words) == ("x", Verdict.WRONG, "")
    assert row.error == pytest.approx(1 / 3)
    assert str(report).splitlines()[-1] == (
        "The start of ∂y/∂x changes the value: ∂(3 x_i)/∂x_p → ∂(2 x_i)/∂x_p."
    )


def test_what_is_wrong_is_said_before_what_is_undecided() -> None:
    text = "y[i] = tanh(1000000*x[i])*w[i]*{}"
    report = checked_steps(derive(text.format(3)).program, derive(text.format(2)).found)
    assert [row.verdict for row in report.rows] == [Verdict.UNDECIDED, Verdict.WRONG]
    assert report.remarks[0].startswith("The start of ∂y/∂w changes the value: ")


def test_the_same_seed_has_the_same_report() -> None:
    derivation = derive("softmax")
    assert derivation.check_steps() == derivation.check_steps(seed=0)
    assert derivation.check_steps() != derivation.check_steps(seed=1)
    assert derivation.check_steps(seed=1)


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    derivation = derive("y[i] = x[i]^2")
    assert derivation.check_steps(watch=lambda done, of: told.append((done, of)))
    start, *rest = told
    assert start == (0, 1)
    total = len(rest)
    assert rest == [(done, total) for done in range(1, total + 1)]
    assert total > len(derivation.steps)


def test_sizes_are_given_by_name() -> None:
    assert derive("matmul").check_steps(sizes={"i": 1, "j": 7})
    with pytest.raises(IndexcalcError) as caught:
        derive("matmul").check_steps(sizes={"z": 1})
    assert str(caught.value) == ("error IC605: matmul has no size z\nhint: it has I, K, J")


def test_a_point_without_a_value_is_passed_over() -> None:
    assert derive("y[i] = log(x[i])*sqrt(w[i])").check_steps()


def test_without_a_point_nothing_is_decided() -> None:
    report = derive("y[i] = log(-x[i]^2)").check_steps()
    assert report.verdict is Verdict.UNDECIDED
    assert str(report) == (
        "  gradient by  entries  method  error  tolerance  verdict\n"
        "  x                  6  steps                     undecided\n\n"
        "The start of ∂y/∂x has no sure value at any point that was tried:\n"
        "∂log(-x_i²)/∂x_p."
    )


@pytest.mark.parametrize("body", ["tanh(1e10*x[i])", "sin(1e7*x[i])"])
def test_a_slope_too_steep_for_differences_decides_nothing(body: str) -> None:
    assert derive(f"y[i] = {body}").check_steps().verdict is Verdict.UNDECIDED


def test_a_step_with_a_derivative_is_held_to_what_differences_can_tell() -> None:
    (row,) = derive("y[i] = sin(100000*x[i])").check_steps().rows
    assert row.verdict is Verdict.VERIFIED
    assert row.error is not None
    assert row.tolerance is not None
    assert row.error < 1e-9 < row.tolerance < 1e-7


def test_a_step_without_a_derivative_is_held_to_rounding() -> None:
    derivation = derive("mlp:2")
    near = Mul(1 + Rational(1, 10**8), derivation.found.results["w1"])
    found = replace(derivation.found, results={**derivation.found.results, "w1": near})
    assert said_of(derivation.program, found).startswith("The conclusion about ∂l/∂w1 changes ")


@pytest.mark.parametrize(("size", "steps"), [(500, 1), (10**12, 0)])
def test_what_is_too_large_is_left_out_and_not_called_verified(size: int, steps: int) -> None:
    report = derive("sine").check_steps(sizes={"i": size})
    assert str(report) == (
        "  gradient by  entries  method  error  tolerance  verdict\n"
        f"  x                  {steps}  steps                     undecided\n\n"
        f"{3 - steps} steps were left out: too many entries at these sizes."
    )


def test_a_program_without_gradients_has_no_steps_to_check() -> None:
    report = derive("y[i] = x[i]", wrt=[]).check_steps()
    assert (report.rows, report.remarks, bool(report)) == ((), (), False)


# Differences


@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_differences_are_off_by_no_more_than_the_coarse_from_the_fine(offset: float) -> None:
    base = np.array([0.5, -1.0, 2.0])
    fine, coarse = differences(lambda x: np.exp(x) + offset, base)
    error = np.abs(np.diag(fine) - np.exp(base))
    assert (error <= np.abs(np.diag(coarse) - np.diag(fine))).all()
    assert error.max() < (1e-9 if offset == 0 else 1e-3)


def test_differences_by_what_has_no_part_in_it_are_0() -> None:
    fine, coarse = differences(lambda many: 1e8 * many[:, :1], np.ones(3))
    assert fine.shape == coarse.shape == (1, 3)
    assert not fine[:, 1:].any()
    assert 0 < abs(coarse[0, 1]) < 1e-4


# The command


def test_the_command_says_whether_the_steps_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["softmax", "--check", "--check-steps"]) == 0
    d = derive("softmax")
    assert capsys.readouterr().out.endswith(f"\n\n{d.check() + d.check_steps()}\n")


def test_the_exit_code_says_what_was_found(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["y[i] = log(-x[i]^2)", "--check-steps"]) == 3
    wrong = derive("y[i] = 2*x[i]").found
    monkeypatch.setattr("indexcalc.derivation.Derivation.found", wrong)
    assert main(["y[i] = 3*x[i]", "--check-steps"]) == 1
    assert "1.0e-09  WRONG\n" in capsys.readouterr().out


def test_a_gradient_that_is_0_by_its_form_is_verified() -> None:
    assert derive("y[i] = x[i] - x[i]").check_steps()
    assert derive("f(x[i], z[j]) -> y; y[i] = 3*x[i]").check_steps()


@pytest.mark.parametrize(
    "text",
    [
        "y[i] = x[i]/(1 + 1e-20*x[i])",
        "f(x[i], c=1e30) -> y; y[i] = c*x[i]^2/(c + x[i])",
        "y[i] = (1e20 + x[i])*(1e-20*w[i])",
        "y[i] = sin(100*x[i])",
        "y = c + x[n]*c/x[n]",
        "a[i,p] = exp(x[i,q]/z[p,q]) + w; u = sigmoid(a[m,i])*1[m,i]",
    ],
)
def test_steps_of_what_is_lost_in_rounding_are_not_called_wrong(text: str) -> None:
    derivation = derive(text)
    verdicts = [derivation.check_steps(seed).verdict for seed in range(6)]
    assert Verdict.WRONG not in verdicts


def test_a_watch_of_steps_is_told_from_the_start() -> None:
    told: list[tuple[int, int]] = []
    derive("mlp:2").check_steps(watch=lambda done, total: told.append((done, total)))
    assert told[0] == (0, 8)
    assert told[-1][0] == told[-1][1] > 8
