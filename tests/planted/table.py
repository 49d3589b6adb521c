"""Every right kernel, and every mistake planted in one of them."""

from __future__ import annotations

from tests.planted.bugs import (
    attention,
    batches,
    contractions,
    groups,
    heads,
    layers,
    linear,
    losses,
    networks,
    norms,
    softmax,
    unusual,
)
from tests.planted.planting import Kernel, Planted

FAMILIES = (
    norms,
    batches,
    groups,
    softmax,
    attention,
    heads,
    linear,
    contractions,
    losses,
    networks,
    layers,
    unusual,
)
PLANTED: tuple[Planted, ...] = tuple(bug for family in FAMILIES for bug in family.BUGS)
KERNELS: tuple[Kernel, ...] = tuple(dict.fromkeys(bug.kernel for bug in PLANTED))
