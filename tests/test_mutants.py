"""The checker is checked: every small mistake in every gradient is rejected."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
from sympy import Integer, Rational

import indexcalc as ic
from indexcalc.expr.base import Index, free_of
from indexcalc.expr.nodes import Mul
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import tree
from indexcalc.proof.exact import proved
from indexcalc.proof.mutants import KINDS, first, mutants
from indexcalc.proof.report import Verdict
from tests.mutants import Judge, Tally, judge_of, mistakes, table, tally, with_equation
from tests.points import BUNDLED, MEMBERS

# What is made of a right-hand side, in short: what was done and what came of it.
EXPECTED = {
    "y[i] = x[i]": [
        "the term x_i dropped: 0",
        "the sign of x_i flipped: -x_i",
        "x_i taken twice: 2 x_i",
    ],
    "y[i] = a[i] - 3*b[i]": [
        "the term a_i dropped: -3 b_i",
        "the sign of a_i flipped: -a_i - 3 b_i",
        "a_i taken twice: 2 a_i - 3 b_i",
        "the term -3 b_i dropped: a_i",
        "the sign of -3 b_i flipped: a_i + 3 b_i",
        "-3 b_i taken twice: a_i - 6 b_i",
    ],
    "y = tanh(-x) + 1": [
        "the term tanh(-x) dropped: 1",
        "the sign of tanh(-x) flipped: -tanh(-x) + 1",
        "tanh(-x) taken twice: 2 tanh(-x) + 1",
        "the sign of -x flipped: tanh(x) + 1",
        "-x taken twice: tanh(-2 x) + 1",
        "the term 1 dropped: tanh(-x)",
        "the sign of 1 flipped: tanh(-x) - 1",
        "1 taken twice: tanh(-x) + 2",
    ],
    "y[i] = a[i]/(b[i] + sqrt(c[i] - d[i]))": [
        "the term a_i/(b_i + √(c_i - d_i)) dropped: 0",
        "the sign of a_i/(b_i + √(c_i - d_i)) flipped: -a_i/(b_i + √(c_i - d_i))",
        "a_i/(b_i + √(c_i - d_i)) taken twice: 2 a_i/(b_i + √(c_i - d_i))",
        "the term b_i dropped: a_i/√(c_i - d_i)",
        "the sign of b_i flipped: a_i/(-b_i + √(c_i - d_i))",
        "b_i taken twice: a_i/(2 b_i + √(c_i - d_i))",
        "the term √(c_i - d_i) dropped: a_i/b_i",
        "the sign of √(c_i - d_i) flipped: a_i/(b_i - √(c_i - d_i))",
        "√(c_i - d_i) taken twice: a_i/(b_i + 2 √(c_i - d_i))",
        "the term c_i dropped: a_i/(b_i + √(-d_i))",
        "the sign of c_i flipped: a_i/(b_i + √(-c_i - d_i))",
        "c_i taken twice: a_i/(b_i + √(2 c_i - d_i))",
        "the term -d_i dropped: a_i/(b_i + √c_i)",
        "the sign of -d_i flipped: a_i/(b_i + √(c_i + d_i))",
        "-d_i taken twice: a_i/(b_i + √(c_i - 2 d_i))",
        "the sign of -1 flipped: a_i (b_i + √(c_i - d_i))¹",
        "-1 taken twice: a_i/(b_i + √(c_i - d_i))²",
    ],
    "y = max[k](x[k] - w[k])": [
        "the term max_k(x_k - w_k) dropped: 0",
        "the sign of max_k(x_k - w_k) flipped: -max_k(x_k - w_k)",
        "max_k(x_k - w_k) taken twice: 2 max_k(x_k - w_k)",
        "the term x_k dropped: max_k(-w_k)",
        "the sign of x_k flipped: max_k(-x_k - w_k)",
        "x_k taken twice: max_k(2 x_k - w_k)",
        "the term -w_k dropped: max_k(x_k)",
        "the sign of -w_k flipped: max_k(x_k + w_k)",
        "-w_k taken twice: max_k(x_k - 2 w_k)",
    ],
    "y[i,j] = a[i,j]*a[j,i]": [
        "the term a_ij a_ji dropped: 0",
        "the sign of a_ij a_ji flipped: -a_ij a_ji",
        "a_ij a_ji taken twice: 2 a_ij a_ji",
        "i and j swapped in a_ij: a_ji a_ji",
        "j instead of i in a_ij: a_jj a_ji",
        "i instead of j in a_ij: a_ii a_ji",
        "j and i swapped in a_ji: a_ij a_ij",
        "i instead of j in a_ji: a_ij a_ii",
        "j instead of i in a_ji: a_ij a_jj",
        "i and j swapped between a_ij and a_ji: a_jj a_ii",
        "j and i swapped between a_ij and a_ji: a_ii a_jj",
    ],
    "y[i,j] = delta[i,j]*x[i]": [
        "the term δ_ij x_i dropped: 0",
        "the sign of δ_ij x_i flipped: -δ_ij x_i",
        "δ_ij x_i taken twice: 2 δ_ij x_i",
        "j instead of i in δ_ij: δ_jj x_i",
        "j instead of i in x_i: δ_ij x_j",
        "j and i swapped between δ_ij and x_i: δ_ii x_j",
        "i and j swapped throughout δ_ij: δ_ji x_i",
    ],
    "y[i] = a[i,k]*b[k]": [
        "the term a_ik b_k dropped: 0",
        "the sign of a_ik b_k flipped: -a_ik b_k",
        "a_ik b_k taken twice: 2 a_ik b_k",
        "Σ_k left out of a_ik b_k, but for its first summand: first K_k a_ik b_k",
    ],
    "y[i] = a[i,j]*(b[j]*x[i] + x[j])": [
        "the term a_ij (b_j x_i + 1_i x_j) dropped: 0",
        "the sign of a_ij (b_j x_i + 1_i x_j) flipped: -a_ij (b_j x_i + 1_i x_j)",
        "a_ij (b_j x_i + 1_i x_j) taken twice: 2 a_ij (b_j x_i + 1_i x_j)",
        "the term b_j x_i dropped: a_ij (1_i x_j)",
        "the sign of b_j x_i flipped: a_ij (-b_j x_i + 1_i x_j)",
        "b_j x_i taken twice: a_ij (2 b_j x_i + 1_i x_j)",
        "the term 1_i x_j dropped: a_ij (b_j x_i)",
        "the sign of 1_i x_j flipped: a_ij (b_j x_i - 1_i x_j)",
        "1_i x_j taken twice: a_ij (b_j x_i + 2 · 1_i x_j)",
        "i and j swapped in a_ij: a_ji (b_j x_i + 1_i x_j)",
        "j instead of i in a_ij: a_jj (b_j x_i + 1_i x_j)",
        "i instead of j in a_ij: Σ_j a_ii (b_j x_i + 1_i x_j)",
        "j and i swapped between b_j and x_i: a_ij (b_i x_j + 1_i x_j)",
        "i and j swapped between 1_i and x_j: a_ij (b_j x_i + 1_j x_i)",
        "i and j swapped throughout b_j x_i + 1_i x_j: a_ij (b_i x_j + 1_j x_i)",
        "Σ_j left out of a_ij (b_j x_i + 1_i x_j), i in its place: a_ii (b_i x_i + 1_i x_i)",
        "Σ_j left out of a_ij (b_j x_i + 1_i x_j), but for its first summand: "
        "first I_j a_ij (b_j x_i + 1_i x_j)",
    ],
    "y[i] = sum[k](a[k]*sum[j](b[i,j]*c[k]))": [
        "the term a_k Σ_j b_ij c_k dropped: 0",
        "the sign of a_k Σ_j b_ij c_k flipped: -a_k Σ_j b_ij c_k",
        "a_k Σ_j b_ij c_k taken twice: 2 a_k Σ_j b_ij c_k",
        "Σ_k left out of a_k Σ_j b_ij c_k, but for its first summand: first K_k a_k Σ_j b_ij c_k",
        "Σ_j left out of Σ_j b_ij c_k, but for its first summand: a_k first J_j b_ij c_k",
    ],
}


@pytest.mark.parametrize("text", EXPECTED)
def test_the_mutants_of_an_expression(text: str) -> None:
    right = ic.read(text).equations[-1].right
    found = mutants(right)
    assert [f"{one.words}: {spell(one.expr, 'unicode')}" for one in found] == EXPECTED[text]


@pytest.mark.parametrize("text", EXPECTED)
def test_a_mutant_is_open_in_the_same_indices_and_is_another_tree(text: str) -> None:
    right = ic.read(text).equations[-1].right
    found = mutants(right)
    assert all(free_of(one.expr) == free_of(right) and one.expr != right for one in found)
    assert len({one.expr for one in found}) == len(found)


def test_the_kinds_are_told() -> None:
    found = mutants(ic.read("y[i] = a[i,j]*x[j]; z = a[k,k]").equations[0].right)
    assert Counter(one.kind for one in found) == {
        "term": 1,
        "sign": 1,
        "factor": 1,
        "swap": 4,
        "sum": 2,
    }


def test_numbers_alone_are_joined() -> None:
    found = mutants(ic.read("y = 2*(x + 3)^2").equations[0].right)
    (dropped,) = [one.expr for one in found if one.words == "the term x dropped"]
    assert dropped == Integer(18)


def test_0_has_no_mutants() -> None:
    assert mutants(tree((), (Index("i"),))) == ()
    assert mutants(tree((), ())) == ()


def test_no_user_can_write_the_name_of_the_first_summand() -> None:
    assert first(Index("h")).name == "first H"


# Every derivation


@cache
def tallied(name: str) -> Tally:
    return tally(name)


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_every_mistake_is_rejected_or_proved_to_be_none(name: str) -> None:
    result = tallied(name)
    assert result.accepted == ()
    assert result.rejected == result.wrong > 0


def test_mistakes_of_every_kind_are_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    tallies = [tallied(name) for name in [*BUNDLED, *MEMBERS]]
    rejected, wrong = (sum(t.rejected for t in tallies), sum(t.wrong for t in tallies))
    with capsys.disabled():
        print(f"\nmutants: {rejected} of {wrong} rejected", end=" ")
    assert rejected == wrong >= 800
    kinds = sum((t.kinds for t in tallies), Counter[str]())
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= 60


def test_few_mutants_are_equal_to_the_gradient() -> None:
    equals = {name: tallied(name).equal for name in ("layernorm", "matmul", "frobenius")}
    assert equals == {"layernorm": 1, "matmul": 0, "frobenius": 5}


# What is asked of layer norm


def test_layer_norm_without_its_mean_path_is_rejected() -> None:
    derivation = ic.derive("layernorm")
    said = "the term -(1/H) 1_q G_ph γ_h dropped"
    (wrong,) = [m for m in mistakes(derivation.found) if m.mutant.words == said]
    assert derivation.check()
    derivation.found.results.update(wrong.found.results)
    report = derivation.check()
    assert not report
    assert [row.name for row in report.rows if row.verdict.value == "WRONG"] == ["x"]


@pytest.mark.parametrize("name", ["x", "gamma", "beta"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_layer_norm_gradient_off_by_a_millionth_is_rejected(name: str, sign: int) -> None:
    derivation = ic.derive("layernorm")
    near = Mul(1 + Rational(sign, 10**6), derivation.found.results[name])
    derivation.found.results[name] = near
    report = derivation.check()
    assert [row.name for row in report.rows if row.verdict.value == "WRONG"] == [name]


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_a_gradient_off_by_a_millionth_is_rejected_everywhere(name: str) -> None:
    derivation = ic.derive(name)
    judge = judge_of(name)
    found = derivation.found
    for wrt in derivation.wrt:
        left, right = found.equation(wrt).left, found.results[wrt]
        for factor in (1 + Rational(1, 10**6), 1 - Rational(1, 10**6)):
            assert not judge.accepts(with_equation(found, Equation(left, Mul(factor, right))))


# The tests of the tests


def test_where_lines_and_kept_adjoints_have_mutants() -> None:
    found = ic.derive("layernorm_inline").found
    assert {"u", "v", "w"} < {m.equation.left.name for m in mistakes(found)}
    found = ic.derive("mlp").found
    assert {"∂l/∂a1", "∂l/∂a2", "∂l/∂a3"} < {m.equation.left.name for m in mistakes(found)}


def test_the_exact_proof_tells_right_from_wrong_as_differences_do() -> None:
    for name in ("bilinear", "diagonal", "quadratic_form", "softmax", "layernorm"):
        derivation = ic.derive(name)
        judge = judge_of(name)
        for mistake in mistakes(derivation.found):
            if "first" not in mistake.mutant.words:
                said = proved(derivation.program, mistake.found).verdict
                wanted = Verdict.VERIFIED if judge.accepts(mistake.found) else Verdict.WRONG
                assert said is wanted, str(mistake)


def test_a_wrong_gradient_has_no_judge() -> None:
    derivation = ic.derive("matmul")
    derivation.found.results["x"] = Mul(2, derivation.found.results["x"])
    with pytest.raises(AssertionError, match=r"^matmul is not accepted at any point$"):
        Judge(derivation)


def test_the_table_says_what_was_accepted() -> None:
    good = tallied("matmul")
    bad = replace(good, name="other", accepted=("the sign of x flipped: ∂l/∂x = -x",))
    assert table([good, bad]) == (
        "derivation              made  equal  rejected\n"
        "matmul                     8      0         8\n"
        "other                      8      0         7\n"
        "Made: 4 by term, 4 by sign, 4 by factor, 0 by swap, 4 by sum.\n"
        "Rejected: 15 of 16, 93.75 %.\n"
        "ACCEPTED in other: the sign of x flipped: ∂l/∂x = -x"
    )
