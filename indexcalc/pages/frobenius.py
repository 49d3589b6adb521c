"""By differentials: the definitions, how each changes, and dℓ, off which gradients are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Basic

from indexcalc.expr import rewrite
from indexcalc.expr.base import size_symbol
from indexcalc.expr.names import adjoint_name
from indexcalc.expr.nodes import Add
from indexcalc.forms import algebra
from indexcalc.forms.differential import Differential
from indexcalc.forms.entries import Entry
from indexcalc.forms.frobenius.deriving import Frobenius
from indexcalc.forms.matrices import Inner, Named, Product, Trace, Transpose
from indexcalc.forms.notation import Notation
from indexcalc.pages.matrix import shapes, upstream
from indexcalc.render.opening import page_of
from indexcalc.render.page import Block, Equations, Heading, Page, Remark, Row

# Lines that are shown of the differential of a definition; of a longer one where it leads.
LONGEST = 8
# Of any matrices.
_ROWS, _COLUMNS = size_symbol("M"), size_symbol("N")


def page(notation: Notation, frobenius: Frobenius, steps: str = "main") -> Page:
    """The whole derivation; `steps` says how much of the work is shown."""
    return page_of(notation.program, _blocks(notation, frobenius, steps))


def _blocks(notation: Notation, frobenius: Frobenius, steps: str) -> Iterator[Block]:
    yield from shapes(notation)
    yield Equations(tuple(Row(form.left, form.matrix) for form in frobenius.definitions))
    yield from upstream(notation)
    if not frobenius.gradients:
        yield Remark(("There is no tensor to differentiate by.",))
        return
    if steps != "none":
        every = steps == "all"
        if frobenius.changes:
            yield Heading("Differentials")
        for change in frobenius.changes:
            rows = list(_rows(change.left, change.trace, every=every))
            if len(rows) > LONGEST and not every:
                count = len(change.trace.steps)
                rows = [rows[0], replace(rows[-1], why=((f"after {count} steps",),))]
            yield Equations(tuple(rows))
        yield Heading("Differential of", frobenius.loss)
        yield _signs(frobenius.loss)
        yield Equations(tuple(_rows(frobenius.loss, frobenius.trace, every=every)))
    yield Heading("Gradients")
    yield Equations(tuple(_gradients(frobenius)))


def _signs(loss: Named) -> Remark:
    """What A : B and dℓ = G : dX say."""
    a, b, g, x = (Named(face, face, _ROWS, _COLUMNS) for face in "ABGX")
    says = (Inner(a, b), " is ", Trace(Product(Transpose(a), b)))
    read_off = (Differential(loss), " is ", Inner(g, Differential(x)))
    return Remark((*says, ", and where ", *read_off, " the gradient by ", x, " is ", g, "."))


def _rows(of: Named, trace: rewrite.Trace, *, every: bool) -> Iterator[Row]:
    """dY and what it is equal to, line by line."""
    left: Basic | None = Differential(of)
    for line in trace.lines(every=every):
        yield Row(left, _bare(line.expr), line.whys)
        left = None


def _bare(expr: Basic) -> Basic:
    """A matrix for its entry at the indices of the whole."""
    if isinstance(expr, Add):
        return algebra.plus(*(one.matrix for one in expr.parts if isinstance(one, Entry)))
    return expr.matrix if isinstance(expr, Entry) else expr


def _gradients(frobenius: Frobenius) -> Iterator[Row]:
    """What stands before each dX, and what the names in it stand for."""
    loss = frobenius.loss.name
    for tensor, matrix in frobenius.gradients.items():
        name, face = (adjoint_name(loss, one) for one in (tensor.name, tensor.face))
        yield Row(Named(name, face, *tensor.shape), matrix)
