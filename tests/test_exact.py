"""Gradients proved by exact arithmetic: what is proved, what is not, and that nothing wrong is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy
from sympy import Basic, Expr, Rational, Symbol, symbols

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.derivation import Derivation, derive
from indexcalc.errors import IndexcalcError, Source
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access, Add, Mul, Pow, Sum
from indexcalc.lang.reading import read
from indexcalc.proof.budget import Budget
from indexcalc.proof.digits import furthest, have_values
from indexcalc.proof.elements import Extent, Paper, applied
from indexcalc.proof.elements import symbols as entries
from indexcalc.proof.report import Verdict
from indexcalc.proof.tower import Tower
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


UNDECIDED: list[tuple[str, str, dict[str, int], str, str]] = [
    (
        "no value at any point",
        "y[i] = log(-1 - x[i]^2)",
        {},
        "undecided",
        "Left out of ∂l/∂x: what has no value at the points tried.",
    ),
    (
        "an intermediate without a value",
        "s[i] = -1 - x[i]^2; y[i] = log(s[i]) + x[i]*exp(s[i])",
        {},
        "undecided",
        "Left out of ∂l/∂x: what has no value at the points tried.",
    ),
    (
        "a root of what is negative",
        "y = abs(sqrt(-x^2))",
        {},
        "undecided",
        "Left out of ∂l/∂x: what has no value at these sizes.",
    ),
    (
        "a division by 0",
        "y[i] = x[i,h]*1[h]/(H - 1)",
        {"h": 1},
        "undecided",
        "Left out of ∂l/∂x: what has no value at these sizes.",
    ),
    (
        "too long",
        "matmul",
        {"i": 10**9, "k": 10**9},
        "undecided",
        "Left out of ∂l/∂x, ∂l/∂a: what is too long to be written out at these sizes.",
    ),
    (
        "too deep",
        "y = " + "sqrt(x + " * 20 + "x" + ")" * 20,
        {},
        "undecided",
        "Left out of ∂l/∂x: what is nested too deep to be written out.",
    ),
    (
        "more deep",
        "y = " + "tanh(" * 50 + "x" + ")" * 50,
        {},
        "undecided",
        "Left out of ∂l/∂x: what is nested too deep to be written out.",
    ),
]


@pytest.mark.parametrize(
    ("text", "sizes", "said", "remark"), [c[1:] for c in UNDECIDED], ids=[c[0] for c in UNDECIDED]
)
def test_what_is_not_decided_is_said(
    text: str, sizes: dict[str, int], said: str, remark: str
) -> None:
    report = ic.derive(text).prove(sizes=sizes)
    assert report.verdict is Verdict.UNDECIDED
    assert {row.words or row.verdict.value for row in report.rows} == {said}
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


# Writing out

A, B, C, D, E, F = (Symbol(f"x[{i},{j}]", real=True) for i in range(2) for j in range(3))
U, V = (Symbol(f"u[{i}]", real=True) for i in range(2))
WRITTEN: list[tuple[str, list[Expr]]] = [
    ("y[i] = 1[j]*x[i,j]^2", [A**2 + B**2 + C**2, D**2 + E**2 + F**2]),
    ("y[j] = u[i]*x[i,j]", [U * A + V * D, U * B + V * E, U * C + V * F]),
    ("y[i] = mean[j](x[i,j])/I", [(A + B + C) / 6, (D + E + F) / 6]),
    ("y[i,k] = delta[i,k]*exp(u[i])", [sympy.exp(U), 0, 0, sympy.exp(V)]),
    ("y[i] = prod[j](x[i,j]) - u[i]", [A * B * C - U, D * E * F - V]),
    ("y = max[i](u[i])*min[i](u[i])", [sympy.Max(U, V) * sympy.Min(U, V)]),
    ("y[i] = sum[j](x[i,j]*sum[i](x[i,j]))", [A * (A + D) + B * (B + E) + C * (C + F)]),
    ("y[j] = sqrt(x[i,j]*x[i,j])", [sympy.sqrt(A**2 + D**2), sympy.sqrt(B**2 + E**2)]),
    ("y[i] = sqrt(u[i]^2)", [sympy.Abs(U), sympy.Abs(V)]),
    ("y[i] = relu(u[i])*sigmoid(u[i])", [sympy.Max(0, U) / (1 + sympy.exp(-U))]),
    ("y[i] = 1[i]*2^u[k]*1[k]", [2**U + 2**V]),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN, ids=[text for text, _ in WRITTEN])
def test_entries_are_what_they_are_by_hand(text: str, expected: list[Expr]) -> None:
    """The first entries in order."""
    program = read(Source(text, "text"))
    lengths = {size.symbol: {"i": 2, "j": 3, "k": 2}[size.letters[0]] for size in program.sizes}
    paper = Paper(lengths, {}, Budget(1000), Extent())
    tensors = {
        entry.name: entries(entry.name, paper.places(entry.indices)) for entry in program.inputs
    }
    (equation,) = program.equations
    paper = Paper(lengths, tensors, Budget(1000), Extent())
    found = list(paper.written(equation.right, equation.left.indices).values())
    assert found[: len(expected)] == expected


def test_an_inner_sum_has_its_own_letter() -> None:
    i = Index("i")
    u = Access("u", i)
    nested = Sum(Mul(u, Sum(u, i)), i)
    paper = Paper({i.size: 2}, {"u": {(0,): U, (1,): V}}, Budget(100), Extent())
    assert paper.entry(nested, {}) == U * (U + V) + V * (U + V)


def test_slopes_of_abstract_functions_are_others() -> None:
    x = Symbol("x", real=True)
    f = applied("f", [x**2])
    assert f.diff(x) == 2 * x * applied("f'", [x**2])
    g = applied("g", [x, 3 * x])
    assert g.diff(x) == applied("g'1", [x, 3 * x]) + 3 * applied("g'2", [x, 3 * x])


# Exact arithmetic

x, y, z = symbols("x y z", real=True)
n = Symbol("n", real=True)
ZEROS = [
    (x + y) ** 2 - x**2 - 2 * x * y - y**2,
    1 / (x + y) + 1 / (x - y) - 2 * x / (x**2 - y**2),
    (x**2 - y**2) / (x + y) - x + y,
    sympy.sqrt(x + y) ** 3 - (x + y) * sympy.sqrt(x + y),
    1 / (sympy.sqrt(x) + 1) - (sympy.sqrt(x) - 1) / (x - 1),
    sympy.sqrt(6) * sympy.sqrt(x) - sympy.sqrt(2) * sympy.sqrt(3) * sympy.sqrt(x),
    sympy.exp(x + y / 2) - sympy.exp(x) * sympy.sqrt(sympy.exp(y)),
    sympy.exp(-x) / (1 + sympy.exp(-x)) - 1 / (1 + sympy.exp(x)),
    x ** (n + 1) - x * x**n,
    sympy.sin(x + y) ** 2 + sympy.cos(x + y) ** 2 - 1,
    sympy.cosh(x) ** 2 - sympy.sinh(x) ** 2 - 1,
    sympy.Abs(x * y + z) ** 2 - (x * y + z) ** 2,
    sympy.Max(x, y) + sympy.Min(x, y) - x - y,
    sympy.sign(x - y) + sympy.sign(y - x),
    sympy.sign(sympy.Max(0, x)) - sympy.Heaviside(x),
    sympy.log(x) / (x * sympy.log(x)) - 1 / x,
]
# Each is 0 somewhere, or nearly.
NO_ZEROS = [
    sympy.sqrt((x + y) ** 4 + z) - (x + y) ** 2,
    sympy.sqrt(x**2 + 2 * x * y + y**2 + z) - x - y,
    sympy.Abs(x) - x,
    sympy.sign(x) - 1,
    sympy.Heaviside(x) - 1,
    sympy.sign(x) * sympy.sign(y) - sympy.sign(x + y),
    sympy.Max(x, y) - x,
    sympy.Rational(1, 10**60) * x,
    sympy.sin(x) ** 2 - sympy.cos(x) ** 2 - 1,
    sympy.exp(x * y) - sympy.exp(x) * sympy.exp(y),
    (x * y) ** n - x**n,
    applied("f", [x]) - applied("f", [y]),
    sympy.log(x) - sympy.log(y),
    sympy.sqrt(2) - Rational(14142135623730951, 10**16),
    1 / (x + y) - 1 / (x + 2 * y),
]


@pytest.mark.parametrize("zero", ZEROS, ids=map(str, ZEROS))
def test_what_is_0_is_proved_to_be(zero: Expr) -> None:
    assert Tower({}, Budget(10_000)).is_zero(zero)


@pytest.mark.parametrize("other", NO_ZEROS, ids=map(str, NO_ZEROS))
def test_what_is_not_0_is_not(other: Expr) -> None:
    assert not Tower({}, Budget(10_000)).is_zero(other)


def test_definitions_are_used_where_all_else_is_not_enough() -> None:
    tower = Tower({z: x + y, n: z**2}, Budget(1000))
    assert tower.is_zero(n - x**2 - 2 * x * y - y**2)
    assert not tower.is_zero(n - x**2 - y**2)


def test_the_sign_of_what_may_be_0_in_many_places_is_not_decided() -> None:
    nested = sympy.sign(sympy.Max(0, x) + sympy.Max(0, y))
    assert not Tower({}, Budget(1000)).is_zero(nested**2 - 1)
    assert not Tower({z: sympy.Max(0, x)}, Budget(1000)).is_zero(sympy.sign(z) ** 2 - 1)
    assert Tower({z: x}, Budget(1000)).is_zero(sympy.sign(z) ** 2 - 1)


def test_arithmetic_ends_at_its_budget() -> None:
    with pytest.raises(IndexcalcError) as caught:
        Tower({}, Budget(1000)).is_zero((x + y + z) ** 30 - x)
    assert str(caught.value) == (
        "error IC106: this is too long to be proved\nhint: give smaller sizes"
    )


def test_what_has_no_value_is_not_0() -> None:
    with pytest.raises(IndexcalcError) as caught:
        Tower({}, Budget(1000)).is_zero(1 / (x * (y + z) - x * y - x * z))
    assert str(caught.value) == ("error IC109: an entry is no real number\nhint: give other sizes")


def test_what_is_deep_is_refused() -> None:
    deep = x
    for _ in range(40):
        deep = sympy.sin(deep)
    with pytest.raises(IndexcalcError) as caught:
        Extent().of(deep)
    assert str(caught.value) == (
        "error IC105: this is too deep to be written out entry by entry\n"
        "hint: give a part of it a name of its own"
    )


# Digits


def test_50_digits_tell_what_48_would_not() -> None:
    near = x * (1 + Rational(1, 10**49))
    difference = furthest(near, x, {}, 0)
    assert difference is not None
    assert not difference.agrees
    closer = furthest(x * (1 + Rational(1, 10**51)), x, {}, 0)
    assert closer is not None
    assert closer.agrees


def test_points_are_where_both_have_values() -> None:
    assert furthest(sympy.log(x), sympy.log(x), {}, 0) is not None
    assert furthest(sympy.log(-1 - x**2), x, {}, 0) is None
    assert have_values([sympy.acos(x), sympy.log(sympy.log(y))], {}, 0)
    assert not have_values([sympy.sqrt(z)], {z: -(x**2)}, 0)


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
