"""Ours: the functions that the engine writes, called plainly and with all buffers given."""

from __future__ import annotations

from functools import partial

import numpy as np

import indexcalc as ic
from indexcalc.codegen.compiled import Kernel
from tests.benchmarks.comparison.contender import Contender
from tests.benchmarks.comparison.workloads import Problem, Workload

NAME = "ours"
BUFFERED = "ours, out= and workspace="


def kernel_of(workload: Workload) -> Kernel:
    """What the engine makes of the workload's program at its sizes."""
    kernel: Kernel = ic.derive(workload.text, wrt=workload.wrt).lambdify(workload.sizes)
    return kernel


def offers(kind: str) -> tuple[str, ...]:
    return (NAME, BUFFERED)


def contender(name: str, problem: Problem) -> Contender:
    """Plainly, or so that outputs and intermediates go where those of the call before went.

    A scalar output has no buffer.
    """
    forward, backward = kernel_of(problem.workload)
    if name == BUFFERED:
        y = np.empty_like(problem.upstream) if problem.workload.output else None
        gradients = tuple(np.empty_like(problem.inputs[place]) for place in problem.wrt)
        forward = partial(forward, out=y, workspace={})
        backward = partial(backward, out=gradients, workspace={})
    return Contender.of_two(forward, backward, problem)
