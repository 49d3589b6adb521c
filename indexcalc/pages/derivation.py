"""The derivation itself: what of it goes on its page, and in which order.

The function as read, its graph, then for each tensor the Jacobians, the chain rule and the gradient
that they make, and last every gradient in closed form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Basic

from indexcalc.calculus.backprop import Jacobian
from indexcalc.calculus.gradients import Gradient, Gradients
from indexcalc.calculus.mentions import mentions
from indexcalc.calculus.swapping import loop_indices, swapped
from indexcalc.calculus.weighing import factor_weight
from indexcalc.expr.nodes import Access, Add, D, Mul
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rewrite import Trace
from indexcalc.expr.terms import flat
from indexcalc.pages.opening import upstream
from indexcalc.render.opening import listed, page_of
from indexcalc.render.page import (
    Block,
    Equations,
    Graph,
    Heading,
    Page,
    Remark,
    Row,
)

# The weight of what is only written once.
LONG = 400


def page(
    program: Program,
    found: Gradients,
    steps: str = "main",
    jacobians: Sequence[tuple[D, Basic]] = (),
) -> Page:
    """The whole derivation; `steps` says how much of the work is shown."""
    return page_of(program, _blocks(program, found, steps, jacobians))


def _blocks(
    program: Program, found: Gradients, steps: str, jacobians: Sequence[tuple[D, Basic]]
) -> Iterator[Block]:
    yield Equations(tuple(map(_as_written, program.equations)))
    if found.results:
        yield from upstream(found)
    if steps != "none":
        if len(program.equations) > 1:
            yield Heading("Graph")
            yield _graph(program)
        for gradient in found.adjoints.values():
            yield from _section(gradient, every=steps == "all")
        yield from _closing(found, every=steps == "all")
        yield from _loops(program, found)
    if jacobians:
        yield Heading("Jacobians")
        yield Equations(tuple(Row(left, right) for left, right in jacobians))
    if not found.results:
        yield Remark(("There is no tensor to differentiate by.",))
        return
    yield Heading("Gradients")
    yield Equations(tuple(_conclusion(found)))


def _as_written(equation: Equation) -> Row:
    """A loop with its +=, where one product is what it adds."""
    adds = equation.adds and not isinstance(equation.right, Add)
    return Row(equation.left, equation.right, adds=adds)


def _graph(program: Program) -> Graph:
    order = list(program.tensors)
    return Graph(
        tuple(
            (e.left.name, tuple(sorted(mentions(e.right), key=order.index)))
            for e in program.equations
        )
    )


def _section(gradient: Gradient, *, every: bool) -> Iterator[Block]:
    adjoint = gradient.adjoint
    yield Heading("Gradient of", Access(adjoint.variable.name))
    for _, jacobian in adjoint.paths:
        yield Equations(tuple(_jacobian_rows(jacobian, every=every)))
    yield Equations(tuple(_chain_rows(gradient, every=every)))


def _jacobian_rows(jacobian: Jacobian, *, every: bool) -> Iterator[Row]:
    left = D(jacobian.of, jacobian.variable)
    first, *rest = _rows(left, jacobian.trace, every=every)
    # A long sum of which most does not change with the variable is not written out again.
    if rest and factor_weight(first.right) > LONG > factor_weight(rest[0].right):
        first, *rest = replace(rest[0], left=left), *rest[1:]
    yield first
    yield from rest


def _rows(left: Basic | None, *traces: Trace, every: bool) -> Iterator[Row]:
    """One chain of equalities through traces that go on from each other."""
    for trace in traces:
        for line in trace.lines(every=every):
            yield Row(left, line.expr, line.whys)
            left = None


def _chain_rows(gradient: Gradient, *, every: bool) -> Iterator[Row]:
    adjoint = gradient.adjoint
    header = adjoint.rule
    left: Basic | None = adjoint.left
    if header is not None:
        yield Row(left, header, (("chain rule",),))
        left = None
    for place, row in enumerate(_rows(left, adjoint.trace, gradient.simplified, every=every)):
        if place == 0 and header is not None:
            if row.right != header:
                yield Row(None, row.right, row.why or (("Jacobian put in",),))
        else:
            yield row


def _closing(found: Gradients, *, every: bool) -> Iterator[Block]:
    """Lemmas, and the steps by which gradients are put into each other."""
    blocks: list[Block] = []
    for lemma in found.lemmas:
        blocks.append(Remark(("Lemma: ", lemma.part, " = ", lemma.trace.result, ".")))
        blocks.append(Equations(tuple(_rows(lemma.part, lemma.trace, every=every))))
    for name in found.results:
        gradient = found.adjoints[name]
        if gradient.closed.steps:
            rows = tuple(_rows(gradient.left, gradient.closed, every=every))
            if len(rows) > 1:
                blocks.append(Equations(rows))
    if blocks:
        yield Heading("Closed forms")
        yield from blocks


def _loops(program: Program, found: Gradients) -> Iterator[Block]:
    """What was written as a loop has its gradients as the same loop."""
    adjoints = {gradient.left.name for gradient in found.adjoints.values()}
    for equation in program.equations:
        if not equation.adds:
            continue
        rows = swapped(equation, found.backprop.seed_or_adjoint)
        rows = [row for row in rows if row.left.name in adjoints]
        if rows:
            over = listed([(Access(index.name),) for index in loop_indices(equation)])
            yield Heading("Swap rule")
            yield Remark(("For all ", *over, ":"))
            forward = Row(equation.left, _product(equation), adds=True)
            yield Equations((forward, *(Row(e.left, e.right, adds=True) for e in rows)))


def _product(equation: Equation) -> Basic:
    """What the loop adds each time."""
    (term,) = flat(equation.right)
    return Mul(*term.factors)


def _conclusion(found: Gradients) -> Iterator[Row]:
    for name in (*found.kept, *found.backprop.wrt):
        equation = found.equation(name)
        yield Row(equation.left, equation.right)
    for equation in found.shared:
        yield Row(equation.left, equation.right, (("where",),))
