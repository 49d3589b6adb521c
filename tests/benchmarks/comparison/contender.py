"""What a contender is: calls to be timed, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.benchmarks.comparison.workloads import Array, Problem

Function = Callable[..., Any]

BACKWARD = "backward"
BOTH = "forward + backward"
ROWS = (BACKWARD, BOTH)

# How far off entries may be, of the largest one.
ALLOWED = {"float64": 1e-10, "float32": 1e-4}

# What a contender's call does besides or instead of its row, by the mark at its name.
MARKS = {
    "†": "from the inputs: computes what it needs of the forward function again, and does not give "
    "the output; the same call in both rows",
    "‡": "from the inputs, the output included: the same call in both rows",
}


@dataclass(frozen=True)
class Result:
    """Gradients in the order asked for, and the output where it is computed."""

    gradients: Sequence[Any]
    output: Any = None


@dataclass(frozen=True)
class Contender:
    """A call for each row; what it was given, and what it saved, it holds."""

    calls: dict[str, Callable[[], Result]]

    @classmethod
    def at_once(cls, call: Callable[[], Result], *rows: str) -> Contender:
        """One that has a single function, from the inputs to the gradients."""
        return cls(dict.fromkeys(rows or ROWS, call))

    @classmethod
    def of_two(cls, forward: Function, backward: Function, problem: Problem) -> Contender:
        """One whose backward function is given what its forward function saves."""
        saved = forward(*problem.inputs)[1]

        def both() -> Result:
            y, kept = forward(*problem.inputs)
            return Result(backward(problem.upstream, kept), y)

        return cls({BACKWARD: lambda: Result(backward(problem.upstream, saved)), BOTH: both})


class Unavailable(Exception):  # noqa: N818
    """A contender that cannot run here, with the reason."""


def wrong(result: Result, truth: Result, dtype: str) -> str:
    """How a result from inputs of a type differs from the truth in float64, or nothing."""
    if len(result.gradients) != len(truth.gradients):
        return f"{len(result.gradients)} gradients instead of {len(truth.gradients)}"
    pairs = [
        (f"gradient {place}", found, right)
        for place, (found, right) in enumerate(
            zip(result.gradients, truth.gradients, strict=True), start=1
        )
    ]
    if result.output is not None:
        pairs.append(("output", result.output, truth.output))
    for what, found, right in pairs:
        if reason := _differs(np.asarray(found), np.asarray(right), ALLOWED[dtype]):
            return f"{what} {reason}"
    return ""


def _differs(found: Array, right: Array, allowed: float) -> str:
    """Differences are relative to the largest entry; NaN is not within any tolerance."""
    if found.shape != right.shape:
        return f"has shape {found.shape} instead of {right.shape}"
    error = np.max(np.abs(found - right)) / np.max(np.abs(right))
    return "" if error <= allowed else f"is off by {error:.1e}, of which {allowed:.0e} is allowed"
