"""The check: what it verifies, what it rejects, and where it says that it cannot tell."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sympy import Rational

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.expr.base import free_of
from indexcalc.expr.nodes import Access, Mul
from indexcalc.expr.rename import rename
from indexcalc.proof.check import samples
from indexcalc.proof.report import Report, Verdict

Captured = pytest.CaptureFixture[str]

BLURRED = (
    "No difference by x was sharp enough to decide, at 7 points; --exact, other --sizes or another "
    "--seed may."
)
NO_POINT = "No point was found at which the function has a value and a slope."


def with_gradient(text: str, name: str, other: str) -> ic.Derivation:
    """A derivation whose gradient by a tensor is that of another program."""
    d, wrong = ic.derive(text), ic.derive(other)
    mapping = dict(
        zip(
            wrong.found.equation(name).left.indices,
            d.found.equation(name).left.indices,
            strict=True,
        )
    )
    d.found.results[name] = rename(wrong.found.results[name], mapping)
    return d


# What is wrong is rejected


def test_a_layer_norm_without_the_path_through_its_mean_is_rejected() -> None:
    d = ic.derive("layernorm")
    right = d.found.results["x"]
    numerator, *rest = right.args
    terms = [term for term in numerator.args if "1[q]" not in str(term)]
    assert len(terms) == len(numerator.args) - 1
    d.found.results["x"] = right.func(numerator.func(*terms), *rest)
    report = d.check()
    assert [row.verdict.value for row in report.rows] == ["WRONG", "verified", "verified"]
    assert not report


@pytest.mark.parametrize("name", ["layernorm", "softmax", "matmul", "tcl", "attention", "mlp"])
@pytest.mark.parametrize("factor", [Rational(1000001, 1000000), Rational(999999, 1000000)])
def test_a_gradient_off_by_a_millionth_is_rejected(name: str, factor: Rational) -> None:
    d = ic.derive(name)
    right = dict(d.found.results)
    for tensor in d.wrt:
        d.found.results.update({**right, tensor: Mul(factor, right[tensor])})
        verdicts = {row.name: row.verdict for row in d.check().rows}
        assert verdicts.pop(tensor) is Verdict.WRONG
        assert set(verdicts.values()) <= {Verdict.VERIFIED}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        # Right at the default alone.
        ("f(x[i], c=1) -> y; y[i] = c*x[i]", "f(x[i], c=1) -> y; y[i] = c^2*x[i]"),
        # Right but for what is small by default.
        ("f(x[i], c=1e-13) -> y; y[i] = x[i]^2 + c*sin(x[i])", "y[i] = x[i]^2"),
        ("f(x[i], c=1e-12) -> y; y[i] = log(x[i]^2 + c)", "y[i] = log(x[i]^2)"),
        # Right for the one sign alone, of a number too.
        ("y = x^2", "y = x^2*sign(x)"),
        ("y = x^2*w", "y = x^2*w*sign(x)"),
        ("f(x, t[i]) -> l; l = 1[i]*(x - t[i])^2*x^2", "l = 1[i]*(x - t[i])^2*x^2*sign(x)"),
        # Not 0, however small it is.
        ("y[i] = 1e-12*x[i]", "f(x[i]) -> y; y[i] = 0*x[i]"),
        ("y[i] = sqrt(x[i]^2)", "y[i] = x[i]"),
        ("y[i] = relu(x[i])", "y[i] = x[i]"),
        # Right where two tensors are equal alone.
        ("y[i] = x[i]*z[i]", "y[i] = x[i]*z[i]^2/x[i]*x[i]"),
        ("y[i] = x[i]", "y[i] = x[i] + 1e-6*sin(x[i])"),
        # Without a value.
        ("y[i] = x[i]^2", "y[i] = x[i]^2 + log(-x[i]^2)^2"),
    ],
)
def test_a_gradient_that_is_right_in_places_is_rejected(right: str, wrong: str) -> None:
    assert ic.derive(right).check()
    assert with_gradient(right, "x", wrong).check().rows[0].verdict is Verdict.WRONG


def test_a_gradient_that_is_right_for_one_stand_in_alone_is_rejected() -> None:
    rate, shift = Rational(7, 10), Rational(4, 10)
    steep = f"{rate}*cos({rate}*x[i] + {shift}) + 1/5"
    d = ic.derive("y[i] = f(x[i])")
    assert d.check()
    (slope,) = (e.right for e in ic.read(f"s[i] = {steep}").equations)
    (free,) = d.found.equation("x").left.indices
    (old,) = free_of(slope)
    upstream = Access("G", free)
    d.found.results["x"] = Mul(upstream, rename(slope, {old: free}))
    assert d.check().rows[0].verdict is Verdict.WRONG


def test_a_wrong_entry_is_named_with_both_values() -> None:
    report = with_gradient("y = x[i]^2*c[i]", "x", "y = x[i]^2*c[i]*1.5").check()
    (remark, _) = report.remarks
    assert isinstance(remark, str)
    words = remark.removeprefix("By x at (").removesuffix(".")
    expected, given = (float(part.split(" is ")[-1]) for part in words.split(", not "))
    assert given == pytest.approx(1.5 * expected, rel=1e-6)


@pytest.mark.parametrize("place", [0, 17, 499])
def test_one_wrong_entry_among_many_is_found(place: int) -> None:
    d = ic.derive("y[i] = x[i]^3")
    sizes = {d.program.sizes[0].symbol: 500}
    sample, _ = next(samples(d.program, sizes, 0, tensors=1))
    line = np.array(sample.values(d.found, ["x"])["x"])
    assert sample.outcome("x", line).agrees
    line[:, place] *= 1.0001
    outcome = sample.outcome("x", line)
    assert outcome.decides
    assert not outcome.agrees


# What is right is not called wrong


@pytest.mark.parametrize(
    "body",
    [
        *(f"{wave}({rate}*x[i])" for wave in ("sin", "tanh") for rate in (10, 300, 1000, 10**5)),
        *(f"abs(sin({rate}*x[i]))" for rate in (10, 100, 300)),
        "log(1 + exp(50*x[i]))",
        "log(1 + exp(100*x[i]))",
        "exp(-1000000*x[i]^2) + x[i]",
        "x[i]/sqrt(x[i]^2 + 1e-12)",
        "tan(100*x[i])",
        "acos(sigmoid(9*x[i]))",
        "x[i]/(1 + 1e-20*x[i])",
        "tanh(20 + x[i])",
        "1e-15*x[i] + w[i]",
        "1e300*x[i]*1e-300",
    ],
)
def test_no_right_gradient_is_called_wrong(body: str) -> None:
    derivation = ic.derive(f"y[i] = {body}")
    verdicts = [derivation.check(seed).verdict for seed in range(6)]
    assert Verdict.WRONG not in verdicts


@pytest.mark.parametrize("rate", [10, 100, 1000])
def test_a_fast_wave_is_verified(rate: int) -> None:
    derivation = ic.derive(f"y[i] = sin({rate}*x[i])")
    assert all(derivation.check(seed) for seed in range(6))


def test_what_overflows_says_so_in_the_report_alone(recwarn: pytest.WarningsRecorder) -> None:
    ic.derive("y[i] = 1e308*x[i]*10").check()
    ic.derive("y[i] = exp(x[i])^900").check()
    assert [str(warning.message) for warning in recwarn] == []


# Where nothing can be said, nothing is


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("y[i] = sqrt(-1 - x[i]^2)", NO_POINT),
        ("y = 1/(x - x)", NO_POINT),
        ("y[i] = log(x[i])*log(-x[i])", NO_POINT),
        ("y[i] = acos(2 + x[i]^2)", NO_POINT),
        ("f(x[i], c=-1) -> y; y[i] = x[i]*sqrt(c)", NO_POINT),
        # With other constants they have one.
        ("f(x[i], c=0) -> y; y[i] = x[i]/c", NO_POINT),
        ("f(x[i], c=0) -> y; y[i] = log(c*x[i])", NO_POINT),
        (
            "y[i] = tanh(100000*x[i])",
            BLURRED,
        ),
        (
            "y[i] = relu(x[i])*relu(-x[i])",
            BLURRED,
        ),
    ],
)
def test_what_cannot_be_decided_is_not_verified(text: str, remark: str) -> None:
    report = ic.derive(text).check()
    assert not report
    assert report.verdict is Verdict.UNDECIDED
    assert report.remarks[0] == remark
    assert main(["--check", "--", text]) == 3


def test_differences_lost_in_rounding_verify_nothing() -> None:
    derivation = ic.derive("y[i] = 1e12*w[i] + x[i]")
    assert [row.verdict.value for row in derivation.check().rows] == ["verified", "undecided"]


def test_a_size_of_1_that_makes_a_gradient_0_decides_nothing() -> None:
    report = ic.derive("layernorm").check(sizes={"h": 1})
    assert [row.verdict.value for row in report.rows] == ["undecided", "undecided", "verified"]


def test_nothing_to_check_is_not_verified() -> None:
    report = ic.derive("y = 2*3").check()
    assert report.rows == ()
    assert report.remarks == ("There is no tensor to differentiate by.",)
    assert not report


# The report, and the command


def test_the_same_seed_gives_the_same_report_and_another_another() -> None:
    d = ic.derive("layernorm")
    assert str(d.check(seed=4)) == str(d.check(seed=4))
    assert d.check(seed=4).rows[0].error != d.check(seed=5).rows[0].error
    assert d.check(seed=5)


def test_sizes_that_are_given_are_taken() -> None:
    report = ic.derive("layernorm").check(sizes={"b": 2, "H": 7})
    assert report
    assert [row.entries for row in report.rows] == [14, 7, 7]
    assert report.remarks[-1] == "At B = 2, H = 7, seed 0."


def test_many_sizes_are_not_listed() -> None:
    report = ic.derive("mlp:14").check()
    assert report
    assert report.remarks[-1] == "At sizes from 2 to 5, seed 0."


def test_a_watch_is_told_how_much_is_done() -> None:
    told: list[tuple[int, int]] = []
    ic.derive("layernorm").check(watch=lambda done, total: told.append((done, total)))
    assert told == [(n, 6) for n in range(1, 7)]


@pytest.mark.parametrize("name", ["mlp:32", "tcl:8"], ids=["long", "of high order"])
def test_a_large_member_of_a_family_is_verified(name: str) -> None:
    assert ic.derive(name).check()


def test_reports_join() -> None:
    good = ic.derive("matmul").check()
    unsure = ic.derive("y[i] = tanh(100000*x[i])").check()
    bad = with_gradient("y[i] = x[i]", "x", "y[i] = 2*x[i]").check()
    assert good + good
    assert (good + unsure).verdict is Verdict.UNDECIDED
    assert (unsure + bad + good).verdict is Verdict.WRONG
    assert (good + bad).rows == (*good.rows, *bad.rows)
    assert Report(()).verdict is Verdict.UNDECIDED


def test_the_check_alone(capsys: Captured) -> None:
    assert main(["layernorm", "--check"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("layernorm(")
    assert "Gradients" not in shown
    assert str(ic.derive("layernorm").check()) in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_derivation_ends_with_its_check_unless_told_not_to(capsys: Captured) -> None:
    assert main(["softmax"]) == 0
    with_check = capsys.readouterr().out
    assert main(["softmax", "--no-check"]) == 0
    without = capsys.readouterr().out
    report = ic.derive("softmax").check()
    assert with_check == f"{without}\nCheck\n\n{report}\n"


def test_a_wrong_gradient_ends_the_command_with_1(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = with_gradient("y[i] = x[i]", "x", "y[i] = 2*x[i]")
    monkeypatch.setattr("indexcalc.derivation.derive", lambda what, wrt=None: wrong)
    assert main(["y[i] = x[i]"]) == 1
    assert "WRONG" in capsys.readouterr().out
    assert main(["y[i] = x[i]", "--no-check"]) == 0


def test_the_seed_and_the_sizes_of_the_command(capsys: Captured) -> None:
    assert main(["matmul", "--check", "--seed", "7", "--sizes", "k=6"]) == 0
    assert "At I = 3, K = 6, J = 4, seed 7." in capsys.readouterr().out


def test_json_has_the_figures_as_they_are(capsys: Captured) -> None:
    assert main(["layernorm", "--format", "json"]) == 0
    page = json.loads(capsys.readouterr().out)
    assert page["name"] == "layernorm"
    (table,) = [block for block in page["blocks"] if block.get("table") == "check"]
    rows = ic.derive("layernorm").check().rows
    assert table["rows"] == [
        {
            "gradient by": row.name,
            "entries": row.entries,
            "method": "differences",
            "error": row.error,
            "tolerance": row.tolerance,
            "verdict": "verified",
        }
        for row in rows
    ]
    (conclusion,) = [
        block["equations"]
        for before, block in zip(page["blocks"], page["blocks"][1:], strict=False)
        if before.get("heading") == "Gradients"
    ]
    assert [row["left"]["unicode"] for row in conclusion] == ["∂l/∂x_pq", "∂l/∂γ_p", "∂l/∂β_p"]
    assert conclusion[1]["right"] == {
        "unicode": "G_bp μ_bp/σ_b",
        "latex": r"\frac{G_{bp} \mu_{bp}}{\sigma_{b}}",
    }


def test_an_infinite_error_is_none_in_json(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = with_gradient("y[i] = x[i]^2", "x", "y[i] = x[i]^2 + log(-x[i]^2)^2")
    monkeypatch.setattr("indexcalc.derivation.derive", lambda what, wrt=None: wrong)
    assert main(["y[i] = x[i]^2", "--check", "--format", "json"]) == 1
    (row,) = json.loads(capsys.readouterr().out)["blocks"][1]["rows"]
    assert row["error"] is None
    assert row["verdict"] == "WRONG"


def test_an_intermediate_is_checked_as_an_input_is() -> None:
    report = ic.derive("layernorm", wrt=["sigma", "m", "y", "x"]).check()
    assert report
    assert [row.name for row in report.rows] == ["sigma", "m", "y", "x"]
