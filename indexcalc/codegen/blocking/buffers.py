"""Where arrays live: which of them share a buffer."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from indexcalc.codegen.operations import Operation, Pointwise
from indexcalc.expr.base import postorder
from indexcalc.expr.nodes import Access


def last_reads(operations: Sequence[Operation]) -> dict[str, int]:
    """The position of the last operation that reads each name."""
    return {name: at for at, one in enumerate(operations) for name in one.reads}


def shared(operations: Sequence[Operation], shapes: Mapping[str, Hashable]) -> dict[str, str]:
    """For each array of `shapes` the first array of its buffer, which has the same shape.

    An array takes the first buffer that is free. One that an operation reads for the last time
    is free to its result only entry by entry: there, who spells the operation must read that
    operand before or while writing the result.
    """
    last = last_reads(operations)
    buffer: dict[str, str] = {}
    free: dict[Hashable, list[str]] = {}
    for at, one in enumerate(operations):
        name = one.left.name
        dying = [read for read in one.reads if read in buffer and last[read] == at]
        if name in shapes:
            place = next((read for read in dying if _overwrites(one, read)), None)
            waiting = free.setdefault(shapes[name], [])
            if place is not None and shapes[place] == shapes[name]:
                buffer[name] = buffer[place]
                dying.remove(place)
            else:
                buffer[name] = waiting.pop(0) if waiting else name
            if name not in last:
                dying.append(name)
        for read in dying:
            free[shapes[read]].append(buffer[read])
    return buffer


def _overwrites(one: Operation, name: str) -> bool:
    """Whether each entry of the result needs that same entry of an operand, and no other."""
    return isinstance(one, Pointwise) and all(
        access.indices == one.left.indices
        for access in postorder(one.value)
        if isinstance(access, Access) and access.name == name
    )
