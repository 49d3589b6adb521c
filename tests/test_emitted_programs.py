"""Programs whose emitted code was wrong once, held against slopes that are known."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.fuzz.checks import Depth, examine
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
