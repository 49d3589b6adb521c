"""torch: eager with the fused operations and with primitives, and torch.compile of the latter."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from shutil import which
from typing import Any

from tests.benchmarks.comparison.contender import (
    BACKWARD,
    BOTH,
    Contender,
    Result,
    Unavailable,
)
from tests.benchmarks.comparison.workloads import Problem

Function = Callable[..., Any]
COMPILED = "torch.compile"
PRIMITIVES = "torch, primitives"


def layernorm_fused(torch: Any, x: Any, gamma: Any, beta: Any) -> Any:
    return torch.nn.functional.layer_norm(x, gamma.shape, gamma, beta, 1e-5)


def layernorm(torch: Any, x: Any, gamma: Any, beta: Any) -> Any:
    centred = x - x.mean(1, keepdim=True)
    sigma = torch.sqrt((centred * centred).mean(1, keepdim=True) + 1e-5)
    return centred / sigma * gamma + beta


def cross_entropy_fused(torch: Any, z: Any, t: Any) -> Any:
    return torch.nn.functional.cross_entropy(z, t)


def cross_entropy(torch: Any, z: Any, t: Any) -> Any:
    shifted = z - z.max(1, keepdim=True).values.detach()
    logarithm = shifted - torch.log(torch.exp(shifted).sum(1, keepdim=True))
    return -(t * logarithm).sum() / len(z)


def attention_fused(torch: Any, q: Any, k: Any, v: Any) -> Any:
    """The fused operation takes a batch of heads."""
    attend = torch.nn.functional.scaled_dot_product_attention
    if q.dim() == 4:
        return attend(q, k, v)
    return attend(q[None, None], k[None, None], v[None, None])[0, 0]


def attention(torch: Any, q: Any, k: Any, v: Any) -> Any:
    s = q @ k.mT * (1 / math.sqrt(q.shape[-1]))
    return torch.softmax(s, -1) @ v


def matmul(torch: Any, x: Any, a: Any) -> Any:
    return x @ a


def tcl_einsum(torch: Any, x: Any, v1: Any, v2: Any, v3: Any) -> Any:
    return torch.einsum("nijk,ai,bj,ck->nabc", x, v1, v2, v3)


def tcl(torch: Any, x: Any, v1: Any, v2: Any, v3: Any) -> Any:
    xbc = v2 @ (x @ v3.T)
    return (v1 @ xbc.flatten(2)).unflatten(2, xbc.shape[2:])


def mlp_fused(torch: Any, x: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any) -> Any:
    x2 = torch.tanh(torch.addmm(b1, x, w1))
    x3 = torch.tanh(torch.addmm(b2, x2, w2))
    return torch.addmm(b3, x3, w3)


def mlp(torch: Any, x: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any) -> Any:
    x2 = torch.tanh(x @ w1 + b1)
    x3 = torch.tanh(x2 @ w2 + b2)
    return x3 @ w3 + b3


FUNCTIONS: dict[str, dict[str, Function]] = {
    "layernorm": {"torch F.layer_norm": layernorm_fused, PRIMITIVES: layernorm},
    "cross_entropy": {"torch F.cross_entropy": cross_entropy_fused, PRIMITIVES: cross_entropy},
    "attention": {"torch fused attention": attention_fused, PRIMITIVES: attention},
    "heads": {"torch fused attention": attention_fused, PRIMITIVES: attention},
    "matmul": {PRIMITIVES: matmul},
    "tcl": {"torch einsum": tcl_einsum, PRIMITIVES: tcl},
    "mlp": {"torch addmm": mlp_fused, PRIMITIVES: mlp},
}


def offers(kind: str) -> tuple[str, ...]:
    return (*FUNCTIONS[kind], COMPILED)


def contender(name: str, problem: Problem, threads: int) -> Contender:
    if find_spec("torch") is None:
        raise Unavailable("torch is not installed")
    torch: Any = import_module("torch")
    torch.set_num_threads(threads)
    functions = FUNCTIONS[problem.workload.kind]

    def function(*inputs: Any) -> Any:
        return functions.get(name, functions[PRIMITIVES])(torch, *inputs)

    return _timed(torch, _compiled(torch, function) if name == COMPILED else function, problem)


def _compiled(torch: Any, function: Function) -> Function:
    if all(which(compiler) is None for compiler in ("g++", "clang++", "c++")):
        raise Unavailable("there is no C++ compiler")
    # A backward pass is repeated from one forward pass, so that it must leave what was saved.
    options: Any = import_module("torch._functorch.config")
    options.donated_buffer = False
    torch._dynamo.reset()
    compiled: Function = torch.compile(function, dynamic=False)
    return compiled


def _timed(torch: Any, function: Function, problem: Problem) -> Contender:
    inputs = [torch.from_numpy(array) for array in problem.inputs]
    wrt = [inputs[place].requires_grad_() for place in problem.wrt]
    upstream = torch.from_numpy(problem.upstream)
    output = function(*inputs)

    def backward() -> Result:
        return Result(torch.autograd.grad(output, wrt, upstream, retain_graph=True))

    def both() -> Result:
        y = function(*inputs)
        return Result(torch.autograd.grad(y, wrt, upstream), y.detach())

    return Contender({BACKWARD: backward, BOTH: both})
