"""What the forward function keeps for the backward one, and what is computed again instead.

Inputs and outputs are there anyway. An intermediate that backward reads is kept, unless it is
elementwise, takes no more than a few arithmetic steps an entry, and all that it is made of is at
hand: then reading that again costs no more than reading the intermediate, and nothing need be
written in the forward function. An array that stays in cache between the two costs next to nothing
to write and to read: one is kept for more than a single step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from indexcalc.codegen.costs import entry
from indexcalc.codegen.operations import Lengths, Operation, Pointwise, volume
from indexcalc.expr.program import Program

# Arithmetic steps an entry that cost about as much as storing it and loading it again: in memory,
# and in cache, which holds this many bytes of float64 beside all else.
CHEAP = 3.0
CHEAP_IN_CACHE = 1.0
CACHED = 2**18
# What is smaller by this than an array costs nothing beside it.
SMALL = 8


def kept(
    program: Program,
    forward: Sequence[Operation],
    backward: Sequence[Operation],
    results: Collection[str],
    lengths: Lengths,
    ways: Mapping[str, Operation],
) -> tuple[list[str], list[Operation], list[Operation]]:
    """The names that backward is given, and both lists without what nobody reads; `ways` are how
    some are computed again, where that is another way than in forward."""
    backward = _needed(backward, results)
    made = {one.left.name: one for one in forward}
    at_hand = {*(access.name for access in program.inputs), *program.outputs}
    read = dict.fromkeys(name for one in backward for name in one.reads)
    saved = {name for name in read if name in at_hand}
    again: dict[str, Operation] = {}
    # The first ones first, for those after them may be made of them.
    wanted = [name for name in made if name in read and name not in at_hand]
    for name in wanted:
        one = ways.get(name, made[name])
        if _is_cheap(one, at_hand | saved | set(again), made, lengths):
            again[name] = one
        else:
            saved.add(name)
    for one in again.values():
        saved.update(name for name in one.reads if name not in again)
    order = [*(access.name for access in program.inputs), *made]
    forward = _needed(forward, {*program.outputs, *saved})
    return [name for name in order if name in saved], forward, _with(again, backward)


def _is_cheap(
    one: Operation, at_hand: Collection[str], made: dict[str, Operation], lengths: Lengths
) -> bool:
    own = volume(one.left.indices, lengths)
    limit = CHEAP_IN_CACHE if 8 * own <= CACHED else CHEAP
    if not isinstance(one, Pointwise) or entry(one.value) > limit:
        return False
    others = [name for name in one.reads if name not in at_hand]
    return all(SMALL * volume(made[name].left.indices, lengths) <= own for name in others)


def _needed(operations: Sequence[Operation], results: Collection[str]) -> list[Operation]:
    """Those that lead to a result."""
    wanted = set(results)
    found: list[Operation] = []
    for one in reversed(operations):
        if one.left.name in wanted:
            wanted.update(one.reads)
            found.append(one)
    return found[::-1]


def _with(again: dict[str, Operation], operations: Sequence[Operation]) -> list[Operation]:
    """Each of what is computed again right before its first use."""
    waiting = dict(again)
    found: list[Operation] = []

    def add(one: Operation) -> None:
        for name in one.reads:
            if name in waiting:
                add(waiting.pop(name))
        found.append(one)

    for one in operations:
        add(one)
    return found
