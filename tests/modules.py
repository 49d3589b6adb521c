"""Emitted modules for tests: from plans written by hand, compiled once each."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from indexcalc.codegen.compiled import Kernel, compiled
from indexcalc.codegen.plan import Plan
from indexcalc.codegen.targets.numpy import module
from tests import plans

PLANS: dict[str, Plan] = {
    plan.program.name: plan for plan in vars(plans).values() if isinstance(plan, Plan)
}
STYLES = (False, True)
# Inputs of unequal sizes.
NORM = ((5, 7), (7,), (7,))
SHAPES: dict[str, tuple[tuple[int, ...], ...]] = {
    "layernorm": NORM,
    "attention": ((5, 3), (6, 3), (6, 4)),
    "tcl": ((2, 3, 4, 5), (6, 3), (7, 4), (3, 5)),
    "softmax": ((4, 6),),
    "cross_entropy": ((4, 6), (4, 6)),
    "mlp": ((4, 3), (3, 5), (5,), (5, 2), (2,)),
    "two": ((3, 4), (), (4,)),
    "clashes": ((5,), (5,), (5,), (), (5,)),
    "layouts": ((3, 3), (4, 3), (3,), (4,), (4, 3), (5,)),
}


@cache
def text(name: str, plain: bool = False) -> str:
    return module(PLANS[name], f"derive {name} --emit numpy", plain)


@cache
def kernel(name: str, plain: bool = False) -> Kernel:
    return compiled(text(name, plain), name)


def draw(*shapes: tuple[int, ...], dtype: Any = np.float64, seed: int = 0) -> list[Any]:
    random = np.random.default_rng(seed)
    return [np.asarray(random.normal(size=shape)).astype(dtype) for shape in shapes]


def norm(dtype: Any = np.float64, *, plain: bool = False) -> tuple[list[Any], Any, Any, Any]:
    """Inputs of layer norm, an upstream gradient, and its two functions."""
    forward, backward = kernel("layernorm", plain)
    (dl_dy,) = draw(NORM[0], dtype=dtype, seed=1)
    return draw(*NORM, dtype=dtype), dl_dy, forward, backward


def as_tuple(outputs: Any) -> tuple[Any, ...]:
    return outputs if isinstance(outputs, tuple) else (outputs,)
