"""What the gradients on a page are gradients of."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Basic

from indexcalc.calculus.gradients import Gradients
from indexcalc.expr.nodes import Access
from indexcalc.render.page import Block, Remark


def upstream(found: Gradients) -> Iterator[Block]:
    """What the gradients are gradients of."""
    program, loss = found.backprop.program, found.backprop.loss
    if program.is_loss:
        name = program.outputs[0]
        if name != loss:
            yield Remark(("The loss ", Access(loss), " is ", Access(name), "."))
        return
    tensors = program.tensors
    pieces: list[str | Basic] = [Access(loss), " is a loss further on, and "]
    for place, (name, seed) in enumerate(found.backprop.upstream.items()):
        indices = tensors[name]
        left = Access(found.backprop.adjoint_name(name), *indices)
        pieces += [", " if place else "", Access(seed, *indices), " = ", left]
    yield Remark((*pieces, "."))
