"""What a page says first: what its gradients are gradients of, and at which sizes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sympy import Basic, Symbol

from indexcalc.calculus.gradients import Gradients
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Program
from indexcalc.render.opening import listed
from indexcalc.render.page import Block, Pieces, Remark


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


def sizes(program: Program, lengths: Mapping[Symbol, float], chosen: Collection[Symbol]) -> Remark:
    """The lengths of all sizes, and which were chosen because none was given."""

    def said(symbols: Sequence[Symbol]) -> Iterator[str | Basic]:
        return listed([(symbol, f" = {int(lengths[symbol])}") for symbol in symbols])

    own = [size.symbol for size in program.sizes if size.symbol not in chosen]
    pieces: Pieces = ("Sizes: ", *said(own))
    if chosen:
        pieces += ("; not given, and so " if own else "none is given, and so ",)
        pieces += tuple(said(list(chosen)))
    return Remark((*pieces, "."))
