"""Ours: the functions that the engine writes, called plainly and with all buffers given."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.comparison.clean import CLEAN
from tests.benchmarks.comparison.contender import BACKWARD, BOTH, Contender, Result
from tests.benchmarks.comparison.workloads import Array, Problem, Workload

NAME = "ours"
BUFFERED = "ours, out= and workspace="


def kernel_of(workload: Workload) -> Any:
    """What `lambdify` makes of the workload's program at its sizes.

    A stand-in: clean NumPy behind the interface of a kernel.
    """
    return StandIn(workload.kind)


class StandIn:
    """Clean NumPy behind the interface of a kernel."""

    def __init__(self, kind: str) -> None:
        self._clean = CLEAN[kind]

    def forward(
        self, *inputs: Array, out: Array | None = None, workspace: dict[str, Array] | None = None
    ) -> tuple[Array, tuple[Any, ...]]:
        y, saved = self._clean.forward(*inputs)
        if out is not None:
            np.copyto(out, y)
        return y, saved

    def backward(
        self,
        upstream: Array,
        saved: tuple[Any, ...],
        *,
        out: tuple[Array, ...] | None = None,
        workspace: dict[str, Array] | None = None,
    ) -> tuple[Array, ...]:
        gradients = self._clean.backward(upstream, saved)
        for buffer, gradient in zip(out or (), gradients, strict=out is not None):
            np.copyto(buffer, gradient)
        return gradients


def offers(kind: str) -> tuple[str, ...]:
    return (NAME, BUFFERED)


def contender(name: str, problem: Problem) -> Contender:
    kernel = kernel_of(problem.workload)
    return _buffered(kernel, problem) if name == BUFFERED else _plain(kernel, problem)


def _plain(kernel: Any, problem: Problem) -> Contender:
    saved = kernel.forward(*problem.inputs)[1]

    def both() -> Result:
        y, kept = kernel.forward(*problem.inputs)
        return Result(kernel.backward(problem.upstream, kept), y)

    return Contender(
        {BACKWARD: lambda: Result(kernel.backward(problem.upstream, saved)), BOTH: both}
    )


def _buffered(kernel: Any, problem: Problem) -> Contender:
    """Outputs and intermediates go where those of the call before went.

    A scalar output has no buffer.
    """
    y = np.empty_like(problem.upstream) if problem.workload.output else None
    gradients = tuple(np.empty_like(problem.inputs[place]) for place in problem.wrt)
    forward_space: dict[str, Array] = {}
    backward_space: dict[str, Array] = {}

    def forward() -> tuple[Array, Any]:
        found: tuple[Array, Any] = kernel.forward(*problem.inputs, out=y, workspace=forward_space)
        return found

    def backward(saved: Any) -> Any:
        return kernel.backward(problem.upstream, saved, out=gradients, workspace=backward_space)

    saved = forward()[1]

    def both() -> Result:
        found, kept = forward()
        return Result(backward(kept), found)

    return Contender({BACKWARD: lambda: Result(backward(saved)), BOTH: both})
