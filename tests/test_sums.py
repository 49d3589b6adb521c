"""Which indices are summed: every rule of the language, what it reads and what it refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from indexcalc.errors import IndexcalcError
from indexcalc.lang.reading import read
from tests.texts import array, assert_same, positive, reading, refusal, table, value

EXAMPLES = table(
    # 1: indices on the left are free however often they occur.
    ("y[i] = x[i]*x[i]*x[i]", "y[i] = x[i]*x[i]*x[i]"),
    ("y[i] = x[i,i]", "y[i] = x[i,i]"),
    ("y[i] = x[i]^x[i]", "y[i] = x[i]^x[i]"),
    ("y[i] = x[i]/(x[i]*w[i])", "y[i] = x[i]/(x[i]*w[i])"),
    ("y[i] = exp(x[i]*w[i])*exp(x[i]*w[i])", "y[i] = exp(x[i]*w[i])*exp(x[i]*w[i])"),
    ("y[i,j] = 1[i]*x[j]", "y[i,j] = 1[i]*x[j]"),
    ("y[i,j] = 1[i,j]*x[i]", "y[i,j] = 1[i,j]*x[i]"),
    ("y[b,h] = x[b,h] - 1/H*1[k]*x[b,k]", "y[b,h] = x[b,h] + sum[k](-1/H*1[h]*1[k]*x[b,k])"),
    # 2: every other index is summed where two factors, ... have it.
    ("y = a[k]*b[k]", "y = sum[k](a[k]*b[k])"),
    ("y = a[k]*b[k]*c[k]", "y = sum[k](a[k]*b[k]*c[k])"),
    ("y = a[k]*b[k]*c[k]*d[k]", "y = sum[k](a[k]*b[k]*c[k]*d[k])"),
    ("y[i] = a[i,k]*b[k] + c[i,k]*d[k]", "y[i] = sum[k](a[i,k]*b[k]) + sum[k](c[i,k]*d[k])"),
    ("y = a[i,i]", "y = sum[i](a[i,i])"),
    ("y = delta[i,i]", "y = sum[i](delta[i,i])"),
    ("y = 1[i,i]", "y = sum[i](1[i,i])"),
    ("y = a[k]^b[k]", "y = sum[k](a[k]^b[k])"),
    ("y = f(a[k], b[k])", "y = sum[k](f(a[k], b[k]))"),
    ("y = 2^(a[k]*b[k])", "y = 2^sum[k](a[k]*b[k])"),
    ("y = (a[k]*b[k])^2", "y = sum[k](a[k]*b[k])^2"),
    ("y = exp(a[k]*b[k])", "y = exp(sum[k](a[k]*b[k]))"),
    ("y = 1[k]*exp(a[k])", "y = sum[k](1[k]*exp(a[k]))"),
    ("y = exp(a[k])*exp(a[k])", "y = sum[k](exp(a[k])*exp(a[k]))"),
    ("y = a[k]/b[k]", "y = sum[k](a[k]/b[k])"),
    ("y = 2*(a[k]*b[k])", "y = sum[k](2*a[k]*b[k])"),
    ("y = -(a[k]*b[k])", "y = sum[k](-a[k]*b[k])"),
    ("y = (a[k])*(b[k])", "y = sum[k](a[k]*b[k])"),
    ("y = a[i]*(b[i,j]*c[j])", "y = sum[i,j](a[i]*b[i,j]*c[j])"),
    (
        "y[n,m] = tanh(x[n,k]*w[k,m] + h[n,k]*u[k,m] + b[m])",
        "y[n,m] = tanh(sum[k](x[n,k]*w[k,m]) + sum[k](h[n,k]*u[k,m]) + 1[n]*b[m])",
    ),
    ("y[i] = e[i]/(a[i,k]*b[k])", "y[i] = e[i]/sum[k](a[i,k]*b[k])"),
    ("y[b] = 1[h]*(x[b,h] - 1[h]*m[b])^2", "y[b] = sum[h](1[h]*(x[b,h] - 1[h]*m[b])^2)"),
    ("y = (a[k]+b[k])*c[k]", "y = sum[k]((a[k] + b[k])*c[k])"),
    ("y = 1[i]*(x[i,j]*w[j])^3", "y = sum[i](1[i]*sum[j](x[i,j]*w[j])^3)"),
    ("y = a[k]*b[k]/(c[j]*d[j])", "y = sum[k](a[k]*b[k]/sum[j](c[j]*d[j]))"),
    ("y = x[i]*x[i] + x[j]*x[j]", "y = sum[i](x[i]*x[i]) + sum[j](x[j]*x[j])"),
    ("y[i] = x[i]*(a[k]*b[k] + 2)", "y[i] = x[i]*(sum[k](a[k]*b[k]) + 2)"),
    # 3: not ambiguous, for another factor has the index exactly once.
    ("y[b] = 1[h]*(x[b,h]*w[h] - m[b])^2", "y[b] = sum[h](1[h]*(x[b,h]*w[h] - 1[h]*m[b])^2)"),
    ("y = a[k]*exp(b[k]*c[k])", "y = sum[k](a[k]*exp(b[k]*c[k]))"),
    ("y = a[k]*(b[k]*c[k] + d[k])", "y = sum[k](a[k]*(b[k]*c[k] + d[k]))"),
    ("y = (a[k]*b[k])*c[k]", "y = sum[k](a[k]*b[k]*c[k])"),
    ("y = a[k,k]*b[k]", "y = sum[k](a[k,k]*b[k])"),
    ("y = a[k]*b[k]/c[k]", "y = sum[k](a[k]*b[k]/c[k])"),
    ("y = (a[k]*b[k])^c[k]", "y = sum[k]((a[k]*b[k])^c[k])"),
    ("y = f(a[k]*b[k], c[k])", "y = sum[k](f(a[k]*b[k], c[k]))"),
    ("y = exp(a[k]*b[k])*exp(c[j]*d[j])", "y = exp(sum[k](a[k]*b[k]))*exp(sum[j](c[j]*d[j]))"),
    # 4: the ways out that the hint offers.
    ("y = 1[k]*x[k]^2", "y = sum[k](1[k]*x[k]^2)"),
    ("y = sum[k](x[k]^2)", "y = sum[k](x[k]^2)"),
    ("y[k] = x[k]^2", "y[k] = x[k]^2"),
    ("y = 1[i]*(t[i]-x[i])^2", "y = sum[i](1[i]*(t[i] - x[i])^2)"),
    # 5: broadcasting, at the top and nested.
    ("y[i] = x[i] + 1", "y[i] = x[i] + 1[i]"),
    ("y[i] = 3", "y[i] = 3*1[i]"),
    ("y[i,j] = x[i] + w[j]", "y[i,j] = 1[j]*x[i] + 1[i]*w[j]"),
    ("y[i,j] = x[i]", "y[i,j] = 1[j]*x[i]"),
    ("y[i,j] = 2*x[i]", "y[i,j] = 2*1[j]*x[i]"),
    ("y[i,j] = tanh(x[i] + w[j])", "y[i,j] = tanh(1[j]*x[i] + 1[i]*w[j])"),
    ("y[i] = exp(x[i] + s)", "y[i] = exp(x[i] + 1[i]*s)"),
    ("y[i,j] = x[i]*(1 + w[j])", "y[i,j] = x[i]*(1[j] + w[j])"),
    ("y[i,j] = (x[i] + 1)*w[j] + 1", "y[i,j] = (x[i] + 1[i])*w[j] + 1[i,j]"),
    ("y[i,j] = f(x[i], w[j])", "y[i,j] = f(x[i], w[j])"),
    ("y[i] = x[i]/(1 + w[i])", "y[i] = x[i]/(1[i] + w[i])"),
    ("y[i] = 2^(x[i] + 1)", "y[i] = 2^(x[i] + 1[i])"),
    # 6: a binder always works and always wins.
    ("y[i] = sum[k](a[i,k])", "y[i] = sum[k](a[i,k])"),
    ("y = sum[k](a[k]*b[k])*c[j]*d[j]", "y = sum[j](sum[k](a[k]*b[k])*c[j]*d[j])"),
    ("y = sum[k](c[k]*d[k])/sum[k](a[k]*b[k])", "y = sum[k](c[k]*d[k])/sum[k](a[k]*b[k])"),
    ("y[b,c] = exp(s[b,c])/sum[c](exp(s[b,c]))", "y[b,c] = exp(s[b,c])/sum[d](exp(s[b,d]))"),
    ("y[k] = x[k]*sum[k](a[k]*b[k])", "y[k] = x[k]*sum[l](a[l]*b[l])"),
    ("y[i] = x[i] - mean[i](x[i])", "y[i] = x[i] - 1[i]*mean[j](x[j])"),
    ("y = sum[k](sum[k](a[k])*b[k])", "y = sum[k](sum[l](a[l])*b[k])"),
    ("y[i] = max[k](a[i,k]*b[k])", "y[i] = max[k](a[i,k]*b[k])"),
    ("y[i] = sum[k](a[i,k]*b[j]*c[j])", "y[i] = sum[k](sum[j](a[i,k]*b[j]*c[j]))"),
)


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_is_read_as(text: str, expected: str) -> None:
    assert reading(text) == expected


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_the_reading_reads_as_itself(text: str, expected: str) -> None:
    assert reading(expected) == expected


REFUSED = table(
    # 1: a one-tensor over free indices that its product has.
    ("y[b,h] = x[b,h] - 1/H*1[h]*x[b,h]", "IC403"),
    ("y[i] = 1[i]*x[i]", "IC403"),
    ("y[i] = 1[i]*1[i]", "IC403"),
    ("y[i] = exp(1[i]*x[i])", "IC403"),
    ("y[i] = 1[i]*(x[i] + 1)", "IC403"),
    ("y[i,j] = 1[i,j]*x[i]*w[j]", "IC403"),
    # 3: both readings legal.
    ("y = a[k]*b[k]/(c[k]*d[k])", "IC402"),
    ("y = sqrt(x[i]*x[i])*sqrt(z[i]*z[i])", "IC402"),
    ("y = (a[k]*b[k])*(c[k]*d[k])", "IC402"),
    ("y = (a[k]*b[k])*c[k]*d[k]", "IC402"),
    ("y = a[k]*b[k]*exp(c[k]*d[k])", "IC402"),
    ("y = (a[k]*b[k] + 1)*(c[k]*d[k] + 1)", "IC402"),
    ("y = (a[k]*b[k])^(c[k]*d[k])", "IC402"),
    ("y = f(a[k]*b[k], c[k]*d[k])", "IC402"),
    ("y = a[k,k]*b[k,k]", "IC402"),
    ("y = a[k,k]*b[k]*c[k]", "IC402"),
    # 4: one occurrence.
    ("y[i] = a[i,k]", "IC401"),
    ("y = x[k]^2", "IC401"),
    ("y = (t[i]-x[i])^2", "IC401"),
    ("y = (a[k])^2", "IC401"),
    ("y = exp(x[k])", "IC401"),
    ("y = a[k]*b[k] + c[k]", "IC401"),
    ("y = a[k]*b[k] - a[k]", "IC401"),
    ("y[i] = 1[k]*x[i]", "IC401"),
    ("y = 2/x[k]", "IC401"),
    ("y = sum[k](a[k,j])", "IC401"),
    ("y = exp(a[k]*b[k] + c[k])", "IC401"),
    ("y = a[k]*b[k]/c[j]", "IC401"),
    # Indices that have to differ.
    ("y[i,i] = x[i]", "IC404"),
    ("y = sum[k,k](a[k])", "IC404"),
)


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_is_refused_by_the_rules(text: str, code: str) -> None:
    assert refusal(text) == code


def test_a_refused_sum_says_what_to_do() -> None:
    with pytest.raises(IndexcalcError) as caught:
        read("y[b,h] = x[b,h] - 1/H*1[h]*x[b,h]")
    assert "h is free here" in caught.value.message
    assert "use another letter" in caught.value.hint
    with pytest.raises(IndexcalcError) as caught:
        read("y[i] = a[i,k]")
    for way in ("1[k]*", "sum[k](...)", "put k on the left"):
        assert way in caught.value.hint


def _values() -> Iterable[tuple[str, dict[str, Any], Any]]:
    a, b, c, d = array(2, 3), array(3), array(2, 4), array(4)
    x, w, e = array(4, 3), array(3), array(2)
    u, v, m = array(5), positive(5), array(4)
    square = array(3, 3)
    yield "y[i] = a[i,k]*b[k] + c[i,k]*d[k]", {"a": a, "b": b, "c": c, "d": d}, a @ b + c @ d
    yield "y[i] = e[i]/(a[i,k]*b[k])", {"e": e, "a": a, "b": b}, e / (a @ b)
    hidden, weights, more = array(4, 2), array(3, 5), array(2, 5)
    yield (
        "y[n,m] = tanh(x[n,k]*w[k,m] + h[n,k]*u[k,m] + b[m])",
        {"x": x, "w": weights, "h": hidden, "u": more, "b": u},
        np.tanh(x @ weights + hidden @ more + u),
    )
    squares = ((x - m[:, None]) ** 2).sum(axis=1)
    yield "y[b] = 1[h]*(x[b,h] - 1[h]*m[b])^2", {"x": x, "m": m}, squares
    both = ((x * w - m[:, None]) ** 2).sum(axis=1)
    yield "y[b] = 1[h]*(x[b,h]*w[h] - m[b])^2", {"x": x, "w": w, "m": m}, both
    yield "y = (a[k]+b[k])*c[k]", {"a": u, "b": v, "c": u * v}, ((u + v) * u * v).sum()
    yield "y = 1[i]*(x[i,j]*w[j])^3", {"x": x, "w": w}, ((x @ w) ** 3).sum()
    yield "y = x[i,i]", {"x": square}, np.trace(square)
    yield "y[i] = x[i,i]", {"x": square}, np.diag(square)
    yield "y = v[k]^u[k]", {"u": u, "v": v}, (v**u).sum()
    yield "y = u[k]*v[k]*u[k]", {"u": u, "v": v}, (u * v * u).sum()
    yield "y = 2^(u[k]*v[k])", {"u": u, "v": v}, 2 ** (u @ v)
    yield "y = u[k]*exp(u[k]*v[k])", {"u": u, "v": v}, (u * np.exp(u * v)).sum()
    yield "y = (u[k]*v[k])^2", {"u": u, "v": v}, (u @ v) ** 2
    yield "y[i,j] = u[i] + w[j] + 1", {"u": u, "w": w}, u[:, None] + w[None, :] + 1
    yield "y[j,i] = u[i]*w[j]", {"u": u, "w": w}, np.outer(w, u)
    outer = np.tanh(u[:, None] + w[None, :])
    yield "y[i,j] = tanh(u[i] + w[j])", {"u": u, "w": w}, outer
    yield "y = 1[i]*1[j]*tanh(u[i] + w[j])", {"u": u, "w": w}, outer.sum()
    softmax = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    yield "y[b,c] = exp(x[b,c])/sum[c](exp(x[b,c]))", {"x": x}, softmax
    yield "y[i] = u[i] - mean[i](u[i])", {"u": u}, u - u.mean()
    yield "y[k] = w[k]*sum[k](u[k]*v[k])", {"u": u, "v": v, "w": w}, w * (u @ v)
    yield "y = sum[k](sum[k](u[k])*w[k])", {"u": u, "w": w}, u.sum() * w.sum()
    yield "y[i] = max[j](u[i] - w[j])", {"u": u, "w": w}, u - w.min()
    yield "y[h] = mean[b](x[b,h]*1[b])", {"x": x}, x.mean(axis=0)
    yield "y = prod[i](1 + u[i])", {"u": u}, (1 + u).prod()
    yield "y[i] = f(u[i], v[i])", {"u": u, "v": v, "f": np.arctan2}, np.arctan2(u, v)
    yield "y = f(u[i], v[i])", {"u": u, "v": v, "f": np.arctan2}, np.arctan2(u, v).sum()


@pytest.mark.parametrize(
    ("text", "values", "expected"), [pytest.param(*row, id=row[0]) for row in _values()]
)
def test_means(text: str, values: dict[str, Any], expected: Any) -> None:
    assert_same(value(text, **values), expected)
