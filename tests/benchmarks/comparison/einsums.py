"""einsum(optimize=True): every contraction as one einsum, its order searched at run time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.benchmarks.comparison.clean import Gradients, Saved
from tests.benchmarks.comparison.contender import Contender
from tests.benchmarks.comparison.workloads import Array, Problem

NAME = "einsum(optimize=True)"


def einsum(letters: str, *operands: Array) -> Any:
    return np.einsum(letters, *operands, optimize=True)


def matmul_forward(x: Array, a: Array) -> tuple[Array, Saved]:
    return einsum("ik,kj->ij", x, a), (x, a)


def matmul_backward(dy: Array, saved: Saved) -> Gradients:
    x, a = saved
    return einsum("ij,kj->ik", dy, a), einsum("ik,ij->kj", x, dy)


def tcl_forward(x: Array, v1: Array, v2: Array, v3: Array) -> tuple[Array, Saved]:
    return einsum("nijk,ai,bj,ck->nabc", x, v1, v2, v3), (x, v1, v2, v3)


def tcl_backward(dy: Array, saved: Saved) -> Gradients:
    x, v1, v2, v3 = saved
    return (
        einsum("nabc,ai,bj,ck->nijk", dy, v1, v2, v3),
        einsum("nabc,nijk,bj,ck->ai", dy, x, v2, v3),
        einsum("nabc,nijk,ai,ck->bj", dy, x, v1, v3),
        einsum("nabc,nijk,ai,bj->ck", dy, x, v1, v2),
    )


def attention_forward(q: Array, k: Array, v: Array) -> tuple[Array, Saved]:
    scale = q.dtype.type(1 / np.sqrt(q.shape[-1]))
    s = einsum("...id,...jd->...ij", q, k) * scale
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return einsum("...ij,...jc->...ic", p, v), (q, k, v, p, scale)


def attention_backward(do: Array, saved: Saved) -> Gradients:
    q, k, v, p, scale = saved
    dp = einsum("...ic,...jc->...ij", do, v)
    row = einsum("...ij,...ij->...i", dp, p)
    ds = p * (dp - row[..., None]) * scale
    return (
        einsum("...ij,...jd->...id", ds, k),
        einsum("...ij,...id->...jd", ds, q),
        einsum("...ij,...ic->...jc", p, do),
    )


def mlp_forward(
    x: Array, w1: Array, b1: Array, w2: Array, b2: Array, w3: Array, b3: Array
) -> tuple[Array, Saved]:
    x2 = np.tanh(einsum("ni,ij->nj", x, w1) + b1)
    x3 = np.tanh(einsum("nj,jk->nk", x2, w2) + b2)
    return einsum("nk,km->nm", x3, w3) + b3, (x, x2, x3, w1, w2, w3)


def mlp_backward(dy: Array, saved: Saved) -> Gradients:
    x, x2, x3, w1, w2, w3 = saved
    da2 = einsum("nm,km->nk", dy, w3) * (1 - x3**2)
    da1 = einsum("nk,jk->nj", da2, w2) * (1 - x2**2)
    return (
        einsum("nj,ij->ni", da1, w1),
        einsum("ni,nj->ij", x, da1),
        einsum("nj->j", da1),
        einsum("nj,nk->jk", x2, da2),
        einsum("nk->k", da2),
        einsum("nk,nm->km", x3, dy),
        einsum("nm->m", dy),
    )


PAIRS: dict[str, tuple[Callable[..., tuple[Array, Saved]], Callable[[Array, Saved], Gradients]]] = {
    "matmul": (matmul_forward, matmul_backward),
    "tcl": (tcl_forward, tcl_backward),
    "attention": (attention_forward, attention_backward),
    "heads": (attention_forward, attention_backward),
    "mlp": (mlp_forward, mlp_backward),
}


def offers(kind: str) -> tuple[str, ...]:
    """Layer norm and cross-entropy have no contraction to speak of."""
    return (NAME,) if kind in PAIRS else ()


def contender(name: str, problem: Problem) -> Contender:
    return Contender.of_two(*PAIRS[problem.workload.kind], problem)
