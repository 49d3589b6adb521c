"""Clean NumPy: each function as careful people write it, whole arrays and no tricks.

A forward function gives its output and what it saved; a backward one takes the upstream gradient
and that. Where people also write one function from the inputs to the gradients, it is here too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.benchmarks.comparison.contender import Contender, Result
from tests.benchmarks.comparison.workloads import Array, Problem

Saved = tuple[Any, ...]
Gradients = tuple[Array, ...]


@dataclass(frozen=True)
class Clean:
    forward: Callable[..., tuple[Array, Saved]]
    backward: Callable[[Array, Saved], Gradients]
    at_once: Callable[..., Gradients] | None = None


def layernorm_forward(
    x: Array, gamma: Array, beta: Array, eps: float = 1e-5
) -> tuple[Array, Saved]:
    centred = x - x.mean(axis=1, keepdims=True)
    scale = 1 / np.sqrt((centred**2).mean(axis=1, keepdims=True) + eps)
    normal = centred * scale
    return normal * gamma + beta, (normal, scale, gamma)


def layernorm_backward(dy: Array, saved: Saved) -> Gradients:
    normal, scale, gamma = saved
    dnormal = dy * gamma
    mean = dnormal.mean(axis=1, keepdims=True)
    slope = (dnormal * normal).mean(axis=1, keepdims=True)
    dx = scale * (dnormal - mean - normal * slope)
    return dx, (dy * normal).sum(axis=0), dy.sum(axis=0)


def layernorm_at_once(dy: Array, x: Array, gamma: Array, beta: Array) -> Gradients:
    centred = x - x.mean(axis=1, keepdims=True)
    scale = 1 / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    return layernorm_backward(dy, (centred * scale, scale, gamma))


def cross_entropy_forward(z: Array, t: Array) -> tuple[Array, Saved]:
    shifted = z - z.max(axis=1, keepdims=True)
    e = np.exp(shifted)
    s = e.sum(axis=1, keepdims=True)
    loss = -np.sum(t * (shifted - np.log(s))) / len(z)
    return loss, (e / s, t)


def cross_entropy_backward(dloss: Array, saved: Saved) -> Gradients:
    p, t = saved
    return ((p * t.sum(axis=1, keepdims=True) - t) * (dloss / len(t)),)


def cross_entropy_at_once(dloss: Array, z: Array, t: Array) -> Gradients:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return cross_entropy_backward(dloss, (e / e.sum(axis=1, keepdims=True), t))


def _probabilities(q: Array, k: Array) -> tuple[Array, Any]:
    scale = q.dtype.type(1 / np.sqrt(q.shape[-1]))
    s = q @ k.swapaxes(-1, -2) * scale
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True), scale


def attention_forward(q: Array, k: Array, v: Array) -> tuple[Array, Saved]:
    p, scale = _probabilities(q, k)
    return p @ v, (q, k, v, p, scale)


def attention_backward(do: Array, saved: Saved) -> Gradients:
    q, k, v, p, scale = saved
    dp = do @ v.swapaxes(-1, -2)
    ds = p * (dp - (dp * p).sum(axis=-1, keepdims=True)) * scale
    return ds @ k, ds.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ do


def attention_at_once(do: Array, q: Array, k: Array, v: Array) -> Gradients:
    return attention_backward(do, (q, k, v, *_probabilities(q, k)))


def matmul_forward(x: Array, a: Array) -> tuple[Array, Saved]:
    return x @ a, (x, a)


def matmul_backward(dy: Array, saved: Saved) -> Gradients:
    x, a = saved
    return dy @ a.T, x.T @ dy


def tcl_forward(x: Array, v1: Array, v2: Array, v3: Array) -> tuple[Array, Saved]:
    xc = x @ v3.T
    xbc = v2 @ xc
    y = np.tensordot(xbc, v1, axes=(1, 1)).transpose(0, 3, 1, 2)
    return y, (x, v1, v2, v3, xc, xbc)


def tcl_backward(dy: Array, saved: Saved) -> Gradients:
    x, v1, v2, v3, xc, xbc = saved
    dxbc = np.tensordot(dy, v1, axes=(1, 0)).transpose(0, 3, 1, 2)
    dxc = v2.T @ dxbc
    dv1 = np.tensordot(dy, xbc, axes=((0, 2, 3), (0, 2, 3)))
    dv2 = np.tensordot(dxbc, xc, axes=((0, 1, 3), (0, 1, 3)))
    dv3 = np.tensordot(dxc, x, axes=((0, 1, 2), (0, 1, 2)))
    return dxc @ v3, dv1, dv2, dv3


def mlp_forward(
    x: Array, w1: Array, b1: Array, w2: Array, b2: Array, w3: Array, b3: Array
) -> tuple[Array, Saved]:
    x2 = np.tanh(x @ w1 + b1)
    x3 = np.tanh(x2 @ w2 + b2)
    return x3 @ w3 + b3, (x, x2, x3, w1, w2, w3)


def mlp_backward(dy: Array, saved: Saved) -> Gradients:
    x, x2, x3, w1, w2, w3 = saved
    da2 = (dy @ w3.T) * (1 - x3**2)
    da1 = (da2 @ w2.T) * (1 - x2**2)
    return (
        da1 @ w1.T,
        x.T @ da1,
        da1.sum(axis=0),
        x2.T @ da2,
        da2.sum(axis=0),
        x3.T @ dy,
        dy.sum(axis=0),
    )


CLEAN = {
    "layernorm": Clean(layernorm_forward, layernorm_backward, layernorm_at_once),
    "cross_entropy": Clean(cross_entropy_forward, cross_entropy_backward, cross_entropy_at_once),
    "attention": Clean(attention_forward, attention_backward, attention_at_once),
    "heads": Clean(attention_forward, attention_backward, attention_at_once),
    "matmul": Clean(matmul_forward, matmul_backward),
    "tcl": Clean(tcl_forward, tcl_backward),
    "mlp": Clean(mlp_forward, mlp_backward),
}

NAME = "clean NumPy"
AT_ONCE = "clean NumPy, at once †"


def offers(kind: str) -> tuple[str, ...]:
    return (NAME,) if CLEAN[kind].at_once is None else (NAME, AT_ONCE)


def contender(name: str, problem: Problem) -> Contender:
    clean = CLEAN[problem.workload.kind]
    if name == AT_ONCE:
        at_once = clean.at_once
        assert at_once is not None
        return Contender.at_once(lambda: Result(at_once(problem.upstream, *problem.inputs)))
    return Contender.of_two(clean.forward, clean.backward, problem)


def truth(problem: Problem) -> Result:
    """Output and gradients of the same inputs, in float64."""
    clean = CLEAN[problem.workload.kind]
    y, saved = clean.forward(*(array.astype("float64") for array in problem.inputs))
    return Result(clean.backward(problem.upstream.astype("float64"), saved), y)
