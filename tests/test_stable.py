"""Exponentials, their sums and logarithms far out: as torch has them in float64 by its own stable
functions, values and gradients, in both dtypes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

import indexcalc as ic
from tests.points import Array

SIZES = {"b": 5, "c": 4, "i": 5, "j": 4, "k": 3}


@dataclass(frozen=True)
class Case:
    """A text, the axes of its inputs by a letter each, and the same in torch."""

    text: str
    inputs: dict[str, str]
    same: Callable[..., Any]

    def point(self, logits: Callable[[Array], Array], dtype: str) -> list[Array]:
        """Logits are called x and w, which takes away what x has; all else is positive."""
        random = np.random.default_rng(7)
        found = []
        for name, axes in self.inputs.items():
            value = random.normal(size=[SIZES[axis] for axis in axes])
            signs = {"x": 1, "w": -1}
            value = signs[name] * logits(value) if name in signs else np.abs(value) + 0.1
            found.append(np.asarray(value, dtype))
        return found


def usual(x: Array) -> Array:
    return 3 * x


def large(x: Array) -> Array:
    """Some ±1000, and around that as usual."""
    far: Array = 1000.0 * np.resize([1.0, -1, 0, 0, 0, 1, 1], x.shape)
    return x + far


def low(x: Array) -> Array:
    return x - 1000.0


def peaked(x: Array) -> Array:
    """One entry far above all others, which are small."""
    first: Array = 1.0 * (np.arange(x.size).reshape(x.shape) == 0)
    return x - 5 + 105.0 * first


def softmax(x: Any, axis: int = -1) -> Any:
    return torch.softmax(x, axis)


def whole_softmax(x: Any) -> Any:
    return softmax(x.flatten()).reshape(x.shape)


ACROSS = {
    "over all": Case("y[i,j] = exp(x[i,j])/(1[k,l]*exp(x[k,l]))", {"x": "ij"}, whole_softmax),
    "of a diagonal": Case(
        "y[i] = exp(x[i,i])/(1[k]*exp(x[k,k]))", {"x": "ii"}, lambda x: softmax(x.diagonal())
    ),
    "by a product": Case(
        "e[i] = exp(x[i]); r = 1/(1[i]*e[i]); l = t[i]*e[i]*r",
        {"x": "i", "t": "i"},
        lambda x, t: softmax(x) @ t,
    ),
    "log-sum-exps": Case(
        "r(x[i,j]) -> y, z; y[i] = log(sum[j](exp(x[i,j]))); z[j] = log(sum[i](exp(x[i,j])))",
        {"x": "ij"},
        lambda x: (x.logsumexp(1), x.logsumexp(0)),
    ),
    "of all and of rows": Case(
        "r(x[i,j]) -> y, z, w; e[i,j] = exp(x[i,j]); s[i] = 1[j]*e[i,j]; t = 1[i]*s[i]\n"
        "y[i] = log(s[i]); z = log(t); w[i] = log(s[i] + t)",
        {"x": "ij"},
        lambda x: (
            x.logsumexp(1),
            x.logsumexp((0, 1)),
            torch.logaddexp(x.logsumexp(1), x.logsumexp((0, 1))),
        ),
    ),
    "dual softmax": Case(
        "p[i,j] = exp(x[i,j])/(1[k]*exp(x[i,k])); q[i,j] = exp(x[i,j])/(1[k]*exp(x[k,j]))\n"
        "y[i,j] = p[i,j]*q[i,j]",
        {"x": "ij"},
        lambda x: softmax(x, 1) * softmax(x, 0),
    ),
    "weighted on the way to both": Case(
        "e[i,j] = 3*exp(x[i,j])*t[i,j]; p[i,j] = e[i,j]/(1[k]*e[i,k])\n"
        "q[i,j] = e[i,j]/(1[k]*e[k,j]); y[i,j] = p[i,j] - q[i,j]",
        {"x": "ij", "t": "ij"},
        lambda x, t: softmax(x + t.log(), 1) - softmax(x + t.log(), 0),
    ),
    "three sums": Case(
        "f(x[i,j,k]) -> y; e[i,j,k] = exp(x[i,j,k]); s[i] = 1[j,k]*e[i,j,k]\n"
        "t[j] = 1[i,k]*e[i,j,k]; u[i,k] = 1[j]*e[i,j,k]\n"
        "y[i,j,k] = e[i,j,k]/s[i] + 2*e[i,j,k]/t[j] + 3*e[i,j,k]/u[i,k]",
        {"x": "ijk"},
        lambda x: (
            (x - x.logsumexp((1, 2), True)).exp()
            + 2 * (x - x.logsumexp((0, 2), True)).exp()
            + 3 * softmax(x, 1)
        ),
    ),
    "contrastive": Case(
        "f(x[i,j], t[i,j]) -> l; e[i,j] = exp(x[i,j])\n"
        "l = -1/I*t[i,j]*log(e[i,j]/(1[k]*e[i,k])) - 1/J*t[i,j]*log(e[i,j]/(1[k]*e[k,j]))",
        {"x": "ij", "t": "ij"},
        lambda x, t: (
            -(t * x.log_softmax(1)).sum() / len(x) - (t * x.log_softmax(0)).sum() / len(x[0])
        ),
    ),
}


# An exponential with another factor, which is summed later.
NORMED = "; y[b,c] = e[b,c]/(1[k]*e[b,k])"
FACTORS = {
    "weights": Case(
        "e[b,c] = exp(x[b,c])*t[b,c]" + NORMED,
        {"x": "bc", "t": "bc"},
        lambda x, t: softmax(x + t.log()),
    ),
    "a number": Case("e[b,c] = 2*exp(x[b,c])" + NORMED, {"x": "bc"}, softmax),
    "a divisor": Case(
        "e[b,c] = exp(x[b,c])/t[b]" + NORMED,
        {"x": "bc", "t": "b"},
        lambda x, t: softmax(x) + 0 * t.sum(),
    ),
    "its log": Case(
        "e[b,c] = exp(x[b,c])*t[c]; y[b] = log(1[c]*e[b,c])",
        {"x": "bc", "t": "c"},
        lambda x, t: (x + t.log()).logsumexp(1),
    ),
    "another exponential": Case(
        "e[b,c] = exp(x[b,c])*exp(w[b,c])" + NORMED,
        {"x": "bc", "w": "bc"},
        lambda x, w: softmax(x + w),
    ),
    "one over fewer axes": Case(
        "e[b,c] = exp(x[b,c])*t[c]/exp(w[c])" + NORMED,
        {"x": "bc", "t": "c", "w": "c"},
        lambda x, t, w: softmax(x - w + t.log()),
    ),
    "both summed at once": Case(
        "y[b] = log(1[c]*exp(x[b,c])*exp(w[b,c]))",
        {"x": "bc", "w": "bc"},
        lambda x, w: (x + w).logsumexp(1),
    ),
}
LOGS = {
    "divergence": Case(
        "f(x[b,c], t[b,c]) -> l; p[b,c] = exp(x[b,c])/(1[k]*exp(x[b,k]))\n"
        "l = t[b,c]*log(t[b,c]/p[b,c])",
        {"x": "bc", "t": "bc"},
        lambda x, t: (t * (t.log() - x.log_softmax(1))).sum(),
    ),
    "with a number": Case(
        "f(x[b,c]) -> y; y[b,c] = log(3*exp(x[b,c])/(1[k]*exp(x[b,k])))",
        {"x": "bc"},
        lambda x: x.log_softmax(1) + np.log(3),
    ),
    "two that may be negative together": Case(
        "f(x[b,c], t[b,c]) -> y; y[b,c] = log((-t[b,c])^3*exp(x[b,c])*(-1)*sqrt((-t[b,c])^2))",
        {"x": "bc", "t": "bc"},
        lambda x, t: 4 * t.log() + x,
    ),
}
LOGISTIC = {
    "softplus": Case(
        "l = 1[b]*log(1 + exp(x[b])) - t[b]*x[b]",
        {"x": "b", "t": "b"},
        lambda x, t: torch.nn.functional.softplus(x).sum() - t @ x,
    ),
    "sigmoid": Case("y[b] = 3/(1 + exp(-x[b]))", {"x": "b"}, lambda x: 3 * x.sigmoid()),
    "quotient": Case(
        "d[b] = exp(x[b]) + 1; y[b] = t[b]*exp(x[b])/d[b]",
        {"x": "b", "t": "b"},
        lambda x, t: t * x.sigmoid(),
    ),
    "slope": Case(
        "y[b] = exp(-x[b])/(1 + exp(-x[b]))^2",
        {"x": "b"},
        lambda x: x.sigmoid() * (-x).sigmoid(),
    ),
    "logistic regression": Case(
        "p[b] = 1/(1 + exp(-x[b])); l = -1[b]*(t[b]*log(p[b]) + (1 - t[b])*log(1 - p[b]))",
        {"x": "b", "t": "b"},
        lambda x, t: t @ (-x).logaddexp(0 * x) + (1 - t) @ x.logaddexp(0 * x),
    ),
}
ALL = {**ACROSS, **FACTORS, **LOGS, **LOGISTIC}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("logits", [usual, large, low, peaked])
@pytest.mark.parametrize("name", ALL)
def test_values_and_gradients_far_out(name: str, logits: Any, dtype: str) -> None:
    assert_as_torch(ALL[name], logits, dtype)


@pytest.mark.parametrize("name", ["divergence", "with a number"])
def test_the_difference_of_large_logits_comes_first(name: str) -> None:
    assert_as_torch(LOGS[name], lambda x: x - 10_000, "float32")


@cache
def kernel_of(text: str) -> Any:
    return ic.derive(text).lambdify()


def assert_as_torch(case: Case, logits: Callable[[Array], Array], dtype: str) -> None:
    """Outputs and gradients against torch, to digits of the largest entry of each."""
    point = case.point(logits, dtype)
    tensors = [torch.tensor(np.float64(array), requires_grad=True) for array in point]
    expected = case.same(*tensors)
    several = isinstance(expected, tuple)
    expected = expected if several else (expected,)
    random = np.random.default_rng(8)
    upstream = [np.asarray(random.normal(size=y.shape), dtype) for y in expected]
    wanted = torch.autograd.grad(expected, tensors, [torch.tensor(np.float64(u)) for u in upstream])
    kernel = kernel_of(case.text)
    found, saved = kernel.forward(*point)
    found = found if several else (found,)
    gradients = kernel.backward(*upstream, saved)
    rounding = {"float32": 1e-4, "float64": 1e-11}[dtype]
    for one, other in zip((*found, *gradients), (*expected, *wanted), strict=True):
        exact = other.detach().numpy()
        size = max(np.abs(exact).max(), 0.1)
        np.testing.assert_allclose(one, exact, rtol=0, atol=rounding * size)


BETWEEN = "f(x[b,c], t[b,c]) -> l; e[b,c] = exp(x[b,c]); z[b] = 1[c]*e[b,c]; p[b,c] = e[b,c]/z[b]\n"
LOSS = BETWEEN + "l = -1*t[b,c]*log(p[b,c])"


@pytest.mark.parametrize("name", ["e", "z", "p"])
def test_gradients_by_what_a_rewrite_goes_around(name: str) -> None:
    point = Case(LOSS, {"x": "bc", "t": "bc"}, torch.add).point(usual, "float64")
    x, t = map(torch.tensor, point)
    e = x.exp().requires_grad_()
    z = e.sum(1)
    p = e / z[:, None]
    loss = -(t * p.log()).sum()
    made = {"e": e, "z": z, "p": p}
    (wanted,) = torch.autograd.grad(loss, made[name])
    kernel = ic.derive(LOSS, wrt=[name]).lambdify()
    (found,) = kernel.backward(1.0, kernel.forward(*point)[1])
    np.testing.assert_allclose(found, wanted.numpy(), rtol=1e-11)


@pytest.mark.parametrize(
    "text",
    [
        # One value would need two largest exponents.
        "y[i,j] = exp(x[i,j])/(sum[k](exp(x[i,k]))*sum[l](exp(x[l,j])))",
        "e[i,j] = exp(x[i,j]); s[i] = 1[j]*e[i,j]; t = 1[i]*s[i]; y[i,j] = t*e[i,j]/s[i]^2",
        "e[i,j] = exp(x[i,j]); s[i] = 1[j]*e[i,j]; t = 1[i]*s[i]; y[i] = log(s[i]*t)",
        "e[i,j] = exp(x[i,j]); y[i,j] = min[k](e[i,k])*e[i,j]/(1[k]*e[i,k])^2",
    ],
)
def test_what_would_lose_small_sums_stays(text: str) -> None:
    derivation = ic.derive(text, wrt=["x"] if "min" not in text else [])
    assert derivation.plan().rewrites == ()
