"""jax.jit: the forward function with its pullback, the pullback, and both as one function."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tests.benchmarks.comparison.contender import (
    BACKWARD,
    BOTH,
    Contender,
    Result,
    Unavailable,
)
from tests.benchmarks.comparison.workloads import Problem

NAME = "jax.jit"


def layernorm(jax: Any, x: Any, gamma: Any, beta: Any) -> Any:
    centred = x - x.mean(1, keepdims=True)
    sigma = jax.numpy.sqrt((centred * centred).mean(1, keepdims=True) + 1e-5)
    return centred / sigma * gamma + beta


def cross_entropy(jax: Any, z: Any, t: Any) -> Any:
    return -(t * jax.nn.log_softmax(z, axis=1)).sum() / len(z)


def attention(jax: Any, q: Any, k: Any, v: Any) -> Any:
    return jax.nn.softmax(q @ k.mT / q.shape[-1] ** 0.5, axis=-1) @ v


def matmul(jax: Any, x: Any, a: Any) -> Any:
    return x @ a


def tcl(jax: Any, x: Any, v1: Any, v2: Any, v3: Any) -> Any:
    return jax.numpy.einsum("nijk,ai,bj,ck->nabc", x, v1, v2, v3)


def mlp(jax: Any, x: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any) -> Any:
    x2 = jax.numpy.tanh(x @ w1 + b1)
    x3 = jax.numpy.tanh(x2 @ w2 + b2)
    return x3 @ w3 + b3


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "layernorm": layernorm,
    "cross_entropy": cross_entropy,
    "attention": attention,
    "heads": attention,
    "matmul": matmul,
    "tcl": tcl,
    "mlp": mlp,
}


def offers(kind: str) -> tuple[str, ...]:
    return (NAME,)


def contender(name: str, problem: Problem) -> Contender:
    if find_spec("jax") is None:
        raise Unavailable("jax is not installed")
    jax: Any = import_module("jax")
    jax.config.update("jax_enable_x64", True)
    function = FUNCTIONS[problem.workload.kind]
    inputs = [jax.numpy.asarray(array) for array in problem.inputs]
    upstream = jax.numpy.asarray(problem.upstream)

    def with_pullback(*given: Any) -> Any:
        def of_wrt(*moved: Any) -> Any:
            full = list(given)
            for place, value in zip(problem.wrt, moved, strict=True):
                full[place] = value
            return function(jax, *full)

        return jax.vjp(of_wrt, *(given[place] for place in problem.wrt))

    def output_and_gradients(gradient: Any, *given: Any) -> Any:
        y, pullback = with_pullback(*given)
        return y, pullback(gradient)

    pulled = jax.jit(lambda pullback, gradient: pullback(gradient))
    at_once = jax.jit(output_and_gradients)
    pullback = jax.jit(with_pullback)(*inputs)[1]

    def both() -> Result:
        y, gradients = jax.block_until_ready(at_once(upstream, *inputs))
        return Result(gradients, y)

    return Contender(
        {
            BACKWARD: lambda: Result(jax.block_until_ready(pulled(pullback, upstream))),
            BOTH: both,
        }
    )
