"""Hand-written kernels kept outside the repository, loaded from a file that is named on demand.

They take the inputs, not what a forward function saved.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.comparison.contender import BACKWARD, Contender, Result
from tests.benchmarks.comparison.workloads import Problem, Workload

Call = Callable[[], Result]
# The one that is shown for the record: the way that this project is an alternative to.
KRONECKER = "tcl_backward_kronecker †"
_KERNELS = {
    "layernorm": ("layernorm_backward_clean †", "layernorm_backward_blocked †"),
    "cross_entropy": ("softmax_soft_ce_backward_blocked †",),
    "attention": ("attention_backward_clean †", "attention_backward_blocked †"),
    "heads": ("attention_backward_clean †", "attention_backward_blocked †"),
    "tcl": ("tcl_forward_backward_shared ‡",),
}

NAMES = frozenset(name for names in _KERNELS.values() for name in names) | {KRONECKER}


def offers(workload: Workload) -> tuple[str, ...]:
    """The names of kernels, each with the mark of what it does besides."""
    alone = workload.kind == "tcl" and workload.sizes["n"] == 1
    return _KERNELS.get(workload.kind, ()) + ((KRONECKER,) if alone else ())


def contender(name: str, problem: Problem, place: Path) -> Contender:
    kernel = getattr(_loaded(place), name.split()[0])
    if name == KRONECKER:
        return Contender.at_once(lambda: _kronecker(kernel, problem), BACKWARD)
    return Contender.at_once(_CALLS[problem.workload.kind](kernel, problem))


def _loaded(place: Path) -> Any:
    spec = spec_from_file_location("yardsticks_outside", place)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _layernorm(kernel: Callable[..., Any], problem: Problem) -> Call:
    x, gamma, _ = problem.inputs
    return lambda: Result(kernel(x, problem.upstream, gamma))


def _cross_entropy(kernel: Callable[..., Any], problem: Problem) -> Call:
    return lambda: Result((kernel(*problem.inputs),))


def _attention(kernel: Callable[..., Any], problem: Problem) -> Call:
    return lambda: Result(kernel(*problem.inputs, problem.upstream))


def _heads(kernel: Callable[..., Any], problem: Problem) -> Call:
    """The kernel knows one head: it is called for each."""

    def call() -> Result:
        gradients = [np.empty_like(array) for array in problem.inputs]
        for head in np.ndindex(problem.upstream.shape[:2]):
            found = kernel(*(array[head] for array in problem.inputs), problem.upstream[head])
            for gradient, part in zip(gradients, found, strict=True):
                gradient[head] = part
        return Result(gradients)

    return call


def _tcl(kernel: Callable[..., Any], problem: Problem) -> Call:
    def call() -> Result:
        y, *gradients = kernel(*problem.inputs, problem.upstream)
        return Result(gradients, y)

    return call


def _kronecker(kernel: Callable[..., Any], problem: Problem) -> Result:
    x, *matrices = problem.inputs
    dx, *rest = kernel(x[0], *matrices, problem.upstream[0])
    return Result((dx[None], *rest))


_CALLS = {
    "layernorm": _layernorm,
    "cross_entropy": _cross_entropy,
    "attention": _attention,
    "heads": _heads,
    "tcl": _tcl,
}
