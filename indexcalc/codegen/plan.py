"""The plan: a program and its gradients as two lists of array operations, which targets spell.

It prints itself as a table of its steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Symbol

from indexcalc.codegen.operations import Operation
from indexcalc.codegen.rewrites import Rewrite
from indexcalc.expr.base import Index
from indexcalc.expr.program import Equation, Program


@dataclass(frozen=True, slots=True)
class Plan:
    """What is computed forward and backward, in order, every name with one index order.

    The order of the indices on a left side is the layout of the array. `upstream` has the name of
    the upstream gradient of each output, `gradients` that of the gradient by each tensor asked
    for, in order. `saved` are the names that the forward function hands to the backward one:
    inputs (never copied), intermediates and outputs; what the backward list needs besides, it
    computes again under the same name. Choices were made for axes of these `lengths`. `closed`
    are the closed forms of the gradients, for people; `rewrites` are how equations were made
    stable.
    """

    program: Program
    forward: tuple[Operation, ...]
    backward: tuple[Operation, ...]
    saved: tuple[str, ...]
    upstream: dict[str, str]
    gradients: dict[str, str]
    lengths: Mapping[Symbol, int]
    closed: tuple[Equation, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()

    @property
    def tensors(self) -> dict[str, tuple[Index, ...]]:
        """Every name with its indices: inputs, upstream gradients, and what operations define."""
        found = {access.name: access.indices for access in self.program.inputs}
        for output, seed in self.upstream.items():
            found[seed] = self.program.tensors[output]
        return found | {one.left.name: one.left.indices for one in (*self.forward, *self.backward)}

    def __str__(self) -> str:
        from indexcalc.codegen.table import page  # which is made of plans

        return str(page(self))
