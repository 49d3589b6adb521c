"""Programs whose emitted code was wrong once, held against slopes that are known."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.errors import IndexcalcError
from tests.emitted import namespace
from tests.fuzz.checks import Depth, examine
from tests.fuzz.emitted import text_in_blocks
from tests.fuzz.parsing import parse
from tests.fuzz.programs import Case


@dataclass(frozen=True)
class Once:
    text: str
    wrt: tuple[str, ...] = ()
    ways: tuple[str, ...] = ("plan", "fast", "plain")
    lengths: tuple[int, ...] = (3, 2, 4, 5)
    point: int = 0


PROGRAMS: dict[str, Once] = {
    "a power whose exponent is a negative product": Once(
        "x[i,q] = (c[i]^2 + 1)^(1[q] - pi*u[q,r]*mu[r])"
    ),
    "a function of what may be a size": Once(
        "pointwise act\ny[j] = act(out[h]/out[h], r*r*v[j])",
        ways=("plan", "fast", "plain", "float32"),
    ),
    "scratch of one name in a loop and outside": Once(
        "fun(L[r], t, beta[i,r], u[b,j], mu[q], x[q,i], sigma[k]) -> eps, z\n"
        "w2[i] = (2 + (L[q])^2)^2.5*mean[k,r](sigmoid(t*1[b]/beta[r,q])*u[k,b])*delta[i,q]\n"
        "eps = asin(tanh(-t*w2[q]))*(mu[k]*x[k,j]*beta[j,q] - 0.1*1[i]*L[i])\n"
        "z[q] = sigma[j]*1[q,j]",
        ways=("fast", "blocks"),
        lengths=(4, 5, 2, 3),
    ),
    "a maximum that is summed": Once(
        "z[m] = u[m]*tanh(1[m,p]*max[m](w1[p,m]))", ("u",), ("plan", "fast", "plain", "loops")
    ),
    "a number left of a function": Once("y[m] = (1.5 + (0.5*z[m]/z[m])^2)*x[m]"),
    "a sum over an axis that the result has too": Once("y[q,b] = t[j,q]*1[b,j]"),
    "an exponent that lacks an index": Once("y[i,j] = (x[i,j]^2 + 1)^z[i]"),
    "an exponent and a base with indices of their own": Once("y[i,j] = (x[i]^2 + 1)^z[j]"),
    "an exponent without indices": Once("y[i] = (x[i]^2 + 1)^t"),
    "an exponential that lacks an index": Once(
        "e[b,c] = exp(1[b]*x[c])\ns[b] = 1[c]*e[b,c]\np[b,c] = e[b,c]*w[b]/s[b]"
    ),
    "the error function of 1": Once("w[i] = z[i] + u[i]/erf(x[i]/x[i])"),
    "a delta in a bracket": Once("w = 2\nu = z[q,k]*x[k,q]\nt = (2 - x[j,k]*delta[j,k]/w) + 2"),
    "a base without indices": Once("y[i] = (t^2 + 1)^x[i]"),
    "a part of a total that a short block cuts": Once(
        "w[k] = 1[r,p]*d[p,k,j]*x[r,j]\nv[i,p] = sum[k,j](z[r,j]*(w[r]*u[i,k]))\n"
        "Q[m,i,j] = z[j,r]*(u[p,r]*a[p,i,m])^3\ny[j] = d[i,r,j]*u[i,r]\n"
        "G = mean[i](d[i,j,k]/w[k])*w[j]",
        ways=("blocks",),
        lengths=(3, 5, 2, 4),
        point=147,
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_right_in_every_way(name: str) -> None:
    one = PROGRAMS[name]
    drawn = Case(parse(one.text), one.wrt, one.lengths, one.point)
    outcome = examine(drawn, Depth(shown=False, checked=False, ways=one.ways))
    said = outcome.failure.said if outcome.failure else ""
    assert outcome.verdict == "fine", said
    assert all(outcome.counts[f"code, {way}"] for way in one.ways)


def test_scratch_in_a_loop_and_outside_has_names_of_its_own() -> None:
    text = (
        "v = K*sum[i](z[i,k])*w[k] + (cosh(G[i] - 0.5*y*1[i]))^(a[b,b])*t[i,b]\n"
        "out[i,k,q,r] = beta[i,b,r,q]/asin(sin(mean[j,k](w[k]*v*a[b,j])/w[k]^(gamma)))\n"
        "p = v*v"
    )
    emitted = text_in_blocks(Case(parse(text)), ic.derive(text))
    called = re.findall(r'_buffer\(\s*workspace, "(.*)"', emitted)
    assert "f_backward term" in called
    assert len(set(called)) == len(called)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("log(x - x)", "log(x - x)"),
        ("sqrt(-x/x)", "√(-x/x)"),
        ("acos(2*x/x)", "acos(2 x/x)"),
        ("(x - x)^(-1/2)", "1/√(x - x)"),
    ],
)
def test_a_constant_that_is_no_real_number_is_refused(value: str, said: str) -> None:
    with pytest.raises(IndexcalcError) as caught:
        ic.derive(f"z = {value} + y").emit()
    assert str(caught.value) == (
        f"error IC109: {said} is no real number, whatever the inputs\n"
        "hint: leave it out, or change it"
    )


@pytest.mark.parametrize("plain", [False, True])
def test_gradients_by_some_tensors_have_their_dtypes(plain: bool) -> None:
    text = "f(x[i], w[i], b[i]) -> y\nm[i] = x[i]*w[i]\ny[i] = sin(m[i])*b[i]"
    names = namespace(ic.derive(text, wrt=["b", "m", "x"]).emit(plain=plain))
    inputs = [np.array([0.5, 2.0], kind) for kind in (np.float32, np.float64, np.float16)]
    x, w, b = (array.astype(np.float64) for array in inputs)
    y, saved = names["f_forward"](*inputs)
    found = names["f_backward"](np.array([3.0, -1.0]), saved)
    assert y.dtype == np.float64
    assert [gradient.dtype for gradient in found] == [np.float32, np.float16, np.float64]
    outer = np.array([3.0, -1.0]) * np.cos(x * w)
    for gradient, expected in zip(
        found, (outer * b * w, np.sin(x * w) * [3, -1], outer * b), strict=True
    ):
        np.testing.assert_allclose(gradient, expected, rtol=1e-3)


def test_a_module_with_a_gradient_by_an_intermediate_checks_the_others() -> None:
    text = "f(x[i], w[i]) -> y\nm[i] = x[i]*w[i]\ny[i] = sin(m[i])*w[i]"
    for wrt in (["m"], ["m", "w"]):
        emitted = ic.derive(text, wrt=wrt).emit()
        namespace(emitted)["check"]()
    wrong = emitted.replace("np.sin(m", "np.cos(m")
    assert wrong != emitted
    with pytest.raises(AssertionError, match=r"^dl_dw is off by"):
        namespace(wrong)["check"]()


def test_a_total_is_scaled_without_brackets_that_a_formatter_takes_away() -> None:
    text = "z = (2 + x[r])*mean[h](1/R*c[h,r])"
    emitted = text_in_blocks(Case(parse(text)), ic.derive(text))
    assert " /= H * R\n" in emitted


@pytest.mark.parametrize("plain", [False, True])
def test_a_sum_is_divided_by_a_size_less_one_that_may_be_0(plain: bool) -> None:
    names = namespace(ic.derive("y[i] = x[i,j]*1[j]/(J - 1)").emit(plain=plain))
    with np.errstate(all="ignore"):
        y, _ = names["f_forward"](np.ones((2, 1)))
    np.testing.assert_array_equal(y, [np.inf, np.inf])


def test_a_block_that_reads_no_rows_has_no_slice() -> None:
    text = "z[n] = 3\nw = x + z[p]*1[p]"
    emitted = text_in_blocks(Case(parse(text), seed=578), ic.derive(text))
    assert "for start in range(" in emitted
    assert "slice(" not in emitted
