"""A plan as a page: its operations as equations, and as a table of what each of them takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from indexcalc.codegen.operations import (
    Contraction,
    Operation,
    Pointwise,
    Reduction,
    Spread,
    volume,
)
from indexcalc.codegen.plan import Plan
from indexcalc.codegen.rewrites import Rewrite
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access
from indexcalc.render.opening import listed, page_of
from indexcalc.render.page import (
    Block,
    Column,
    Equations,
    Heading,
    Page,
    Pieces,
    Remark,
    Row,
    Table,
    binary,
    grouped,
)

# Bytes of an entry, in float64.
WIDTH = 8
COLUMNS = (
    Column("step"),
    Column("operation"),
    Column("shape"),
    Column("flops", "number"),
    Column("bytes", "bytes"),
)


def page(plan: Plan) -> Page:
    """Everything that is computed, in order."""
    return page_of(plan.program, _blocks(plan))


def _blocks(plan: Plan) -> Iterator[Block]:
    yield Remark(_terms(plan))
    if plan.rewrites:
        yield Heading("Stable form")
        yield Equations(tuple(_rewritten(plan)))
    forward = {one.left.name for one in plan.forward}
    again = [one.left.name for one in plan.backward if one.left.name in forward]
    for title, operations in (("Forward", plan.forward), ("Backward", plan.backward)):
        if operations:
            yield Heading(title)
            yield Equations(tuple(Row(one.left, one.right) for one in operations))
            yield _table(title.lower(), operations, plan)
            yield Remark((_total(operations, plan),))
    if plan.saved:
        kept: list[Pieces] = [(Access(name),) for name in plan.saved]
        yield Remark(("Saved for backward: ", *listed(kept), "."))
    if again:
        made: list[Pieces] = [(Access(name),) for name in again]
        yield Remark(("Computed again there: ", *listed(made), "."))


def _rewritten(plan: Plan) -> Iterator[Row]:
    """Each equation as it was, and what it became."""
    changes: dict[str, list[Rewrite]] = {}
    for one in plan.rewrites:
        changes.setdefault(one.after.left.name, []).append(one)
    for made in changes.values():
        yield Row(made[0].before.left, made[0].before.right)
        yield from (Row(None, one.after.right, ((one.name,),)) for one in made)


def _terms(plan: Plan) -> Pieces:
    sizes: list[Pieces] = [
        (size.symbol, f" = {plan.lengths[size.symbol]}") for size in plan.program.sizes
    ]
    if not sizes:
        return ("There are no sizes.",)
    return ("Orders and layouts are chosen for ", *listed(sizes), "; bytes are those of float64.")


def _table(name: str, operations: Sequence[Operation], plan: Plan) -> Table:
    return Table(name, COLUMNS, tuple(_row(one, plan) for one in operations))


def _row(one: Operation, plan: Plan) -> tuple[Access, str, Pieces, int, int]:
    flops = one.flops(plan.lengths)
    return one.left, kind(one), _shape(one.left.indices), flops, _bytes(one, plan)


def kind(one: Operation) -> str:
    """What an operation is called."""
    if isinstance(one, Pointwise):
        return "elementwise"
    if isinstance(one, Reduction):
        return one.kind
    if isinstance(one, Spread):
        return "diagonal"
    return _contraction(one)


def _contraction(one: Contraction) -> str:
    if len(one.operands) == 1:
        (operand,) = one.operands
        return "trace" if len(set(operand.indices)) < len(operand.indices) else "sum"
    first, second = (set(operand.indices) for operand in one.operands)
    both = first & second & one.left.free
    left, right = first - second, second - first
    if left and right:
        return "batched matmul" if both else "matmul"
    if left or right:
        return "batched matvec" if both else "matvec"
    return "row dots" if both else "dot"


def _bytes(one: Operation, plan: Plan) -> int:
    """What is read and what is written."""
    tensors: Mapping[str, tuple[Index, ...]] = plan.tensors
    read = sum(volume(tensors[name], plan.lengths) for name in one.reads)
    return WIDTH * (read + volume(one.left.indices, plan.lengths))


def _total(operations: Sequence[Operation], plan: Plan) -> str:
    flops = sum(one.flops(plan.lengths) for one in operations)
    return f"Together {grouped(flops)} flops, {binary(sum(_bytes(o, plan) for o in operations))}."


def _shape(indices: Sequence[Index]) -> Pieces:
    if not indices:
        return ("scalar",)
    return tuple(piece for index in indices for piece in (" × ", index.size))[1:]
