"""Gradients proved by exact arithmetic: what is proved, what is not, and that nothing wrong is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy
from sympy import Basic, Expr, Rational, Symbol

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.derivation import Derivation, derive
from indexcalc.errors import Source
from indexcalc.expr.nodes import Add, Mul, Pow
from indexcalc.lang.reading import read
from indexcalc.proof.report import Verdict
from tests.points import BUNDLED
from tests.test_special_gradients import PROGRAMS

Captured = pytest.CaptureFixture[str]


def words(derivation: Derivation) -> set[str]:
    return {row.words or row.verdict.value for row in derivation.prove().rows}


# What is proved


@pytest.mark.parametrize("name", [*BUNDLED, "tcl:2", "mlp:2"])
def test_every_bundled_gradient_is_proved(name: str) -> None:
    derivation = ic.derive(name)
    report = derivation.prove()
    assert report
    assert [row.name for row in report.rows] == list(derivation.wrt)
    assert {(row.words, row.error, row.tolerance) for row in report.rows} == {
        ("proved", None, None)
    }


@pytest.mark.parametrize("text", [text for _, text in PROGRAMS], ids=[w for w, _ in PROGRAMS])
def test_gradients_by_all_tensors_are_proved(text: str) -> None:
    """By intermediates too, which are variables of their own then."""
    tensors = list(read(Source(text, "text")).tensors)
    assert words(ic.derive(text, wrt=tensors)) == {"proved"}


def test_what_is_printed() -> None:
    assert str(ic.derive("layernorm").prove()) == (
        "  gradient by  entries  method  error  tolerance  verdict\n"
        "  x                 12  exact                     proved\n"
        "  γ                  5  exact                     proved\n"
        "  β                  5  exact                     proved\n"
        "\n"
        "Exact at B = 2, H = 3 and at B = 3, H = 2."
    )


def test_sizes_that_are_given_are_kept() -> None:
    report = ic.derive("matmul").prove(sizes={"k": 1})
    assert report.remarks == ("Exact at I = 2, K = 1, J = 3 and at I = 3, K = 1, J = 2.",)
    assert [row.entries for row in report.rows] == [5, 5]


def test_a_long_network_is_proved_layer_by_layer() -> None:
    report = ic.derive("mlp:12").prove(sizes={"n": 1})
    assert report
    assert report.remarks == ("Exact at sizes from 1 to 3.",)


def test_where_symbols_decide_nothing_50_digits_are_compared() -> None:
    (row,) = ic.derive("y[i] = abs(log(x[i]))").prove().rows
    assert (row.words, row.verdict, row.tolerance) == (
        "agrees to 50 digits",
        Verdict.VERIFIED,
        1e-50,
    )


def test_what_has_kinks_is_proved_away_from_them() -> None:
    report = ic.derive("y[n,k] = relu(x[n,i]*w[i,k])").prove(sizes={"n": 1, "i": 2, "k": 2})
    assert report.remarks == ("Exact at N = 1, K = 2, I = 2, away from kinks.",)
    assert report


def test_how_much_is_done_is_told() -> None:
    told: list[tuple[int, int]] = []
    ic.derive("attention").prove(
        sizes={"i": 1, "j": 2, "d": 1, "c": 1}, watch=lambda *now: told.append(now)
    )
    # q, k and v, and s, in terms of whose adjoint they are.
    assert told == sorted(told)
    assert {total for _, total in told} == {1 + 2 + 2 + 2}
    assert told[-1] == (7, 7)


# What is not


def changed(text: str, name: str, change: Callable[[Basic], Basic]) -> Derivation:
    """A derivation with another closed form for a gradient."""
    derivation = derive(text)
    derivation.found.results[name] = change(derivation.found.results[name])
    return derivation


def times(factor: Expr | Basic) -> Callable[[Basic], Basic]:
    return lambda form: Mul(factor, form)


def without_last_term(form: Basic) -> Basic:
    """Of the sum among its factors."""
    return Mul(*(Add(*f.parts[:-1]) if isinstance(f, Add) else f for f in form.args))


def without_first_factor(form: Basic) -> Basic:
    return Mul(1, *form.args[1:])


WRONG: list[tuple[str, str, str, Callable[[Basic], Basic]]] = [
    ("no mean path", "layernorm", "x", without_last_term),
    ("a sign", "softmax", "x", times(sympy.Integer(-1))),
    ("a factor near 1", "layernorm", "gamma", times(Rational(1000001, 1000000))),
    ("a factor nearer 1", "tcl:2", "v1", times(1 + Rational(1, 10**40))),
    ("a factor that is 1 at N = 2", "mean_squared_error", "w", without_first_factor),
    ("a part of a small gradient", "y = x^2*1e-30 + z", "x", times(Rational(1, 2))),
    ("a sum for each of two", "logistic_regression", "b", times(Rational(1, 2))),
    ("x for |x|", "y = sqrt(x^2)", "x", lambda form: sympy.Integer(1)),
    ("0", "sine", "x", lambda form: sympy.Integer(0)),
    ("a constant", "rmsnorm", "gamma", times(1 + Symbol("eps", real=True))),
    ("an abstract slope", "pointwise", "x", lambda form: Mul(form, form)),
    ("a kink", "y = abs(x)", "x", lambda form: Pow(form, 2)),
    ("an adjoint that others need", "attention", "s", times(sympy.Integer(2))),
]


@pytest.mark.parametrize(
    ("text", "name", "change"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_a_wrong_gradient_is_rejected(
    text: str, name: str, change: Callable[[Basic], Basic]
) -> None:
    report = changed(text, name, change).prove()
    assert report.verdict is Verdict.WRONG
    wrong = [row.name for row in report.rows if row.verdict is Verdict.WRONG]
    # q and k are in terms of ∂l/∂s.
    assert wrong == (["q", "k"] if name == "s" else [name])
    assert any(remark.startswith(f"∂l/∂{name}".replace("gamma", "γ")) for remark in report.remarks)


def test_a_wrong_entry_is_shown_with_both_values() -> None:
    wrong = changed("l = x[i]*x[i]", "x", times(sympy.Integer(3)))
    (row,) = wrong.prove().rows
    assert (row.words, row.verdict) == ("", Verdict.WRONG)
    said, _ = wrong.prove().remarks
    place, ours, theirs = said.replace(" is ", "|").replace(" where SymPy has ", "|").split("|")
    assert place in ("∂l/∂x[0]", "∂l/∂x[1]")
    assert float(ours) == pytest.approx(3 * float(theirs.rstrip(".")), rel=1e-8)


UNDECIDED: list[tuple[str, str, dict[str, int], str]] = [
    (
        "no value at any point",
        "y[i] = log(-1 - x[i]^2)",
        {},
        "Left out of ∂l/∂x: what has no value at the points tried.",
    ),
    (
        "an intermediate without a value",
        "s[i] = -1 - x[i]^2; y[i] = log(s[i]) + x[i]*exp(s[i])",
        {},
        "Left out of ∂l/∂x: what has no value at the points tried.",
    ),
    (
        "a root of what is negative",
        "y = abs(sqrt(-x^2))",
        {},
        "Left out of ∂l/∂x: what has no value at these sizes.",
    ),
    (
        "a division by 0",
        "y[i] = x[i,h]*1[h]/(H - 1)",
        {"h": 1},
        "Left out of ∂l/∂x: what has no value at these sizes.",
    ),
    (
        "too long",
        "matmul",
        {"i": 10**9, "k": 10**9},
        "Left out of ∂l/∂x, ∂l/∂a: what is too long to be written out at these sizes.",
    ),
    (
        "too deep",
        "y = " + "sqrt(x + " * 20 + "x" + ")" * 20,
        {},
        "Left out of ∂l/∂x: what is nested too deep to be written out.",
    ),
    (
        "more deep",
        "y = " + "tanh(" * 50 + "x" + ")" * 50,
        {},
        "Left out of ∂l/∂x: what is nested too deep to be written out.",
    ),
]


@pytest.mark.parametrize(
    ("text", "sizes", "remark"), [c[1:] for c in UNDECIDED], ids=[c[0] for c in UNDECIDED]
)
def test_what_is_not_decided_is_said(text: str, sizes: dict[str, int], remark: str) -> None:
    report = ic.derive(text).prove(sizes=sizes)
    assert report.verdict is Verdict.UNDECIDED
    assert {row.words or row.verdict.value for row in report.rows} == {"undecided"}
    assert report.remarks[0] == remark


def test_what_is_proved_in_part_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexcalc.proof.judge.MOST_WRITTEN", 4000)
    report = ic.derive("layernorm").prove(sizes={"b": 2, "h": 3})
    assert [row.words for row in report.rows] == ["proved for 2 of 6 entries", "proved", "proved"]
    assert report.verdict is Verdict.UNDECIDED
    assert report.remarks == (
        "Left out of ∂l/∂x: what is too long to be written out at these sizes.",
        "Exact at B = 2, H = 3.",
    )


def test_without_gradients_nothing_is_proved() -> None:
    report = ic.derive("matmul", wrt=[]).prove()
    assert report.verdict is Verdict.UNDECIDED
    assert (report.rows, report.remarks) == ((), ())


# The command


def test_a_proof_stands_beside_the_check(capsys: Captured) -> None:
    assert main(["softmax", "--check", "--exact", "--sizes", "b=2,c=3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  x                  6  exact                            proved" in lines
    assert lines[-3:] == ["At B = 2, C = 3, seed 0.", "", "Exact at B = 2, C = 3."]


def test_a_proof_that_cannot_be_given_is_told_by_the_exit_code(capsys: Captured) -> None:
    text = f"y = {'tanh(' * 50}x{')' * 50}"
    assert main([text, "--check", "--exact"]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3] == "Left out of ∂l/∂x: what is nested too deep to be written out."
