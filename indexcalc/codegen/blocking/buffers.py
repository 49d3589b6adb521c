"""Where arrays live: in which order operations run, and which arrays share a buffer."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence

from indexcalc.codegen.operations import Lengths, Operation, Pointwise, volume
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


def ordered(
    operations: Sequence[Operation], results: Collection[str], lengths: Lengths
) -> tuple[Operation, ...]:
    """The operations in an order that keeps less alive, or as much and reads less anew.

    Taken one by one: next is what adds least to the living, then what reads most of what the one
    before touched, then what came first. The given order stays unless this is better.
    """
    given = tuple(operations)
    work = _Work(given, results, lengths)
    found = work.greedy()
    return found if work.cost(found) < work.cost(given) else given


class _Work:
    """A list of operations with how large their arrays are and who reads them."""

    def __init__(
        self, operations: tuple[Operation, ...], results: Collection[str], lengths: Lengths
    ) -> None:
        self.operations = operations
        self.entries: dict[str, int] = {one.left.name: 0 for one in operations}
        self.readers = dict.fromkeys(self.entries, 0)
        self.outside: dict[str, int] = {}
        for one in operations:
            self.entries[one.left.name] = volume(one.left.indices, lengths)
            for read in one.reads:
                if read in self.readers:
                    self.readers[read] += 1
            for access in postorder(one.right):
                if isinstance(access, Access) and access.name not in self.entries:
                    self.outside[access.name] = volume(access.indices, lengths)
        # What is a result never dies.
        for name in results:
            if name in self.readers:
                self.readers[name] += 1

    def greedy(self) -> tuple[Operation, ...]:
        waiting = dict(enumerate(self.operations))
        readers = dict(self.readers)
        missing = {
            at: sum(read in self.entries for read in one.reads) for at, one in waiting.items()
        }
        uses: dict[str, list[int]] = {}
        for at, one in waiting.items():
            for read in one.reads:
                uses.setdefault(read, []).append(at)
        ready = [at for at in waiting if not missing[at]]
        found: list[Operation] = []
        while ready:
            before = _touches(found[-1]) if found else ()
            at = min(ready, key=lambda at: (*self.price(waiting[at], readers, before), at))
            ready.remove(at)
            one = waiting.pop(at)
            found.append(one)
            for read in one.reads:
                if read in readers:
                    readers[read] -= 1
            for user in uses.get(one.left.name, ()):
                missing[user] -= 1
                if not missing[user]:
                    ready.append(user)
        return tuple(found)

    def price(
        self, one: Operation, readers: Mapping[str, int], before: Collection[str]
    ) -> tuple[int, int]:
        """How much more is alive after an operation, and minus what of it was just touched."""
        freed = sum(self.entries[read] for read in one.reads if readers.get(read) == 1)
        near = sum(self.size(read) for read in one.reads if read in before)
        return self.entries[one.left.name] - freed, -near

    def size(self, name: str) -> int:
        return self.entries[name] if name in self.entries else self.outside[name]

    def cost(self, order: Sequence[Operation]) -> tuple[int, int]:
        """The most entries alive at once, and how many are read not just after being touched."""
        readers = dict(self.readers)
        alive = most = cold = 0
        before: Collection[str] = ()
        for one in order:
            alive += self.entries[one.left.name]
            most = max(most, alive)
            cold += sum(self.size(read) for read in one.reads if read not in before)
            for read in (*one.reads, one.left.name):
                if read in readers:
                    readers[read] -= read != one.left.name
                    if not readers[read]:
                        alive -= self.entries[read]
            before = _touches(one)
        return most, cold


def _touches(one: Operation) -> tuple[str, ...]:
    return (*one.reads, one.left.name)
