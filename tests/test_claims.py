"""Formulas that are claimed for gradients: proved, equal by value, or different and why."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.against import claiming
from indexcalc.against.claiming import ClaimReview
from indexcalc.cli import main
from tests.docs import without_errors

Captured = pytest.CaptureFixture[str]
PATHS = (
    "dy[p,q]*gamma[q]/sigma[p]",
    " - 1/H*1[q]*dy[p,h]*gamma[h]/sigma[p]",
    " - mu[p,q]/(H*sigma[p]^3)*dy[p,h]*mu[p,h]*gamma[h]",
)


def claim(program: str, text: str, **more: Any) -> ClaimReview:
    found: ClaimReview = ic.derive(program).check_claim(text, **more)
    return found


# Equal


@pytest.mark.parametrize(
    ("program", "text"),
    [
        ("layernorm", f"dx[p,q] = {''.join(PATHS)}"),
        ("layernorm", "dgamma[q] = dy[p,q]*mu[p,q]/sigma[p]"),
        ("layernorm", "dγ[q] = dl_dy[p,q]*μ[p,q]/σ[p]"),
        ("layernorm", "gamma_grad[q] = grad_y[p,q]*mu[p,q]/sqrt(v[p] + eps)"),
        ("layernorm", "dl_dbeta[k] = G[b,k]*1[b]"),
        ("layernorm", "dsigma[p] = -dy[p,h]*mu[p,h]*gamma[h]/sigma[p]^2"),
        ("matmul", "dx[i,k] = dy[i,j]*a[k,j]; da[k,j] = x[i,k]*dy[i,j]"),
        ("softmax", "dx[b,c] = p[b,c]*(dp[b,c] - 1[c]*sum[d](dp[b,d]*p[b,d]))"),
        ("rmsnorm", "dx[a,c] = dy[a,c]*gamma[c]/r[a] - x[a,c]/(H*r[a]^3)*dy[a,h]*gamma[h]*x[a,h]"),
        ("pointwise", "dx[p] = dy[p]*f_prime(x[p])"),
        # The gradient by an output is what comes from above.
        ("softmax", "dp[b,c] = G[b,c]"),
        # The letter of a size is a name elsewhere.
        ("y[i] = x[i]^2; i = y[a]*1[a]", "dx[p] = 2*di*x[p]"),
        # Of a loss.
        ("frobenius_linear", "dw[p,q] = y[p,n]*x[q,n]/l"),
        ("frobenius_linear", "dw[p,q] = dl*y[p,n]*x[q,n]/l"),
        ("frobenius_linear", "dw[p,q] = dl_dl*y[p,n]*x[q,n]/l"),
        ("frobenius_linear", "dw[p,q] = y[p,n]*x[q,n]/l; dx[q,n] = dl*w[p,q]*y[p,n]/l"),
        # No sizes at all.
        ("y = s*t", "ds = dy*t"),
    ],
)
def test_what_is_equal_is_proved(program: str, text: str) -> None:
    found = claim(program, text)
    assert found, str(found)
    assert set(found.proved) == set(found.claim.formulas)
    assert "proved equal" in str(found)
    assert "Proved by exact arithmetic at " in str(found)


def test_what_is_proved_holds_for_every_constant() -> None:
    """At the default, 1e-5, the difference would not show by value."""
    text = "dgamma[q] = dy[p,q]*mu[p,q]/sqrt(v[p] + 0.00001)"
    found = claim("layernorm", text)
    assert found
    assert "equal by value" in str(found)
    assert not found.proved
    assert claim("layernorm", text.replace("0.00001", "eps")).proved


def test_what_cannot_be_proved_is_equal_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "is_proved", lambda *_: False)
    found = claim("layernorm", "dgamma[q] = dy[p,q]*mu[p,q]/sigma[p]")
    assert found
    assert (
        without_errors(str(found))
        == """\
  dgamma_q = dy_pq μ_pq/σ_p

  gradient by  cases  worst error  allowed  verdict
  γ                8      0.0e-00  0.0e-00  equal by value

What is equal by value alone was not proved: nothing differs where both were
computed."""
    )


def test_a_claim_of_some_gradients_is_a_review_of_these() -> None:
    found = claim("layernorm", "dbeta[q] = 1[p]*dy[p,q]")
    assert [finding.name for finding in found.review.findings] == ["beta"]


def test_sizes_may_be_given() -> None:
    found = claim("matmul", "dx[i,k] = dy[i,j]*a[k,j]", sizes={"i": 1, "k": 2, "j": 3})
    assert "Proved by exact arithmetic at I = 1, K = 2, J = 3." in str(found)


# Different


@pytest.mark.parametrize(
    ("program", "text", "words"),
    [
        ("layernorm", "dbeta[q] = -1[p]*dy[p,q]", "The gradient by β has the wrong sign."),
        (
            "layernorm",
            f"dx[p,q] = {PATHS[0]}{PATHS[2]}",
            "the path through m is missing: you dropped -(1/H) 1_q G_ph γ_h/σ_p.",
        ),
        (
            "y[b,j] = x[b,i]*a[i,j] + x[b,j]",
            "dx[p,q] = dy[p,j]*a[j,q] + dy[p,q]",
            "The gradient by x has a mistake in the term G_pj a_qj: q and j swapped in a_qj",
        ),
        ("frobenius_linear", "dw[p,q] = 2*y[p,n]*x[q,n]/l", "is 2 times what it should be."),
    ],
)
def test_what_is_different_is_explained(program: str, text: str, words: str) -> None:
    found = claim(program, text)
    assert not found
    assert found.verdict.value == "WRONG"
    assert words in " ".join(str(found).split())


def test_what_is_said_of_a_difference() -> None:
    assert (
        without_errors(str(claim("layernorm", "dbeta[q] = -1[p]*dy[p,q]")))
        == """\
  dbeta_q = -1_p dy_pq

  gradient by  cases  worst error  allowed  verdict
  β               12      0.0e-00  0.0e-00  different

The gradient by β has the wrong sign. It is off by up to 0.0e-00 of the largest
entry, and by 0.0e-00 from what that gives. The smallest sizes at which that
shows: B = 5, H = 3, float64.

An example, at B = 1, H = 1, float64:

dy = [[1.0]]
x = [[0.0]]
gamma = [0.0]
beta = [0.0]

There dβ[0] is 1, and -1 by the claim."""
    )


def test_an_example_has_both_values() -> None:
    text = "dx[p,q] = 2*dy[p,j]*a[q,j] + dy[p,j]*1[j]*1[q]"
    found = claim("matmul", text)
    answer = found.examples["x"]
    given = answer.scene.call()
    theirs = 2 * given.upstream["y"] @ given.inputs["a"].T
    theirs = theirs + given.upstream["y"].sum(axis=1, keepdims=True)
    assert answer.theirs is not None
    np.testing.assert_allclose(answer.theirs, theirs)
    np.testing.assert_allclose(answer.right, given.upstream["y"] @ given.inputs["a"].T)
    assert answer.case.extent == 3


def test_an_example_has_digits_that_differ() -> None:
    found = str(claim("y = s*t", "ds = dy*t*1.00000001"))
    right, theirs = found.splitlines()[-1].removesuffix(" by the claim.").split(", and ")
    assert float(right.removeprefix("There ds is ")) != float(theirs)


def test_where_there_is_no_point_nothing_is_decided() -> None:
    found = claim("y[i] = sqrt(-1 - x[i]^2)", "dx[p] = dy[p]")
    assert not found
    assert found.verdict.value == "undecided"
    assert "No point was found" in str(found)


# The command


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("dbeta[q] = 1[p]*dy[p,q]", 0),
        ("dbeta[q] = 2[p]*dy[p,q]", 2),
        ("dbeta[q] = 2*1[p]*dy[p,q]", 1),
    ],
)
def test_exit_codes(text: str, code: int, capsys: Captured) -> None:
    assert main(["layernorm", "--claim", text]) == code
    assert (capsys.readouterr().out == "") == (code == 2)


def test_the_page_of_a_claim(capsys: Captured) -> None:
    assert main(["matmul", "--claim", "dx[i,k] = dy[i,j]*a[k,j]", "--sizes=i=2,j=2,k=2"]) == 0
    assert (
        without_errors(capsys.readouterr().out)
        == """\
matmul(x_ik, a_kj) → y
Matrix multiplication, Y = X A.
Source: The Tensor Calculus You Need for Deep Learning, example of matrix
multiplication.

Claim

  dx_ik = dy_ij a_kj

  gradient by  cases  worst error  allowed  verdict
  x                4      0.0e-00  0.0e-00  proved equal

Proved by exact arithmetic at I = 2, K = 2, J = 2.
"""
    )


def test_a_claim_for_machines(capsys: Captured) -> None:
    text = "dx[i,k] = dy[i,j]*a[k,j]"
    assert main(["matmul", "--claim", text, "--format", "json"]) == 0
    heading, equations, table, _ = json.loads(capsys.readouterr().out)["blocks"]
    assert heading == {"heading": "Claim"}
    assert equations["equations"][0]["left"]["unicode"] == "dx_ik"
    assert table["rows"][0]["verdict"] == "proved equal"


def test_a_function_that_is_called_as_upstream_gradients_are_is_one() -> None:
    text = "dx[i] = dy[i]*f_prime(g(h(x[i])))*g_prime(h(x[i]))*h_prime(x[i])"
    assert claim("nested", text).proved == ("x",)
