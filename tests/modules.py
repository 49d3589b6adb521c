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


@cache
def text(name: str, plain: bool = False) -> str:
    return module(PLANS[name], f"derive {name} --emit numpy", plain)


@cache
def kernel(name: str, plain: bool = False) -> Kernel:
    return compiled(text(name, plain), name)


def draw(*shapes: tuple[int, ...], dtype: Any = np.float64, seed: int = 0) -> list[Any]:
    random = np.random.default_rng(seed)
    return [np.asarray(random.normal(size=shape)).astype(dtype) for shape in shapes]
