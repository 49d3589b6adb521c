"""Pointwise operations on large arrays, a ufunc a step, and which arrays they write into.

Every step writes into a buffer. A value that is read for the last time by a step that goes entry
by entry gives its buffer to the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from indexcalc.expr.base import Index

# How a step is spelled: given the text of the value it makes of each operand, and `, out=...`.
Spelling = Callable[[list[str], str], str]


@dataclass(eq=False, slots=True)
class Value:
    """A large array: a tensor of the plan by its Python name, or what comes on the way to one."""

    target: str
    indices: tuple[Index, ...]
    named: bool
    # A result or what is saved: an array of its own, given by no other.
    kept: bool = False

    @property
    def layout(self) -> tuple[object, ...]:
        return tuple(index.size for index in self.indices)


@dataclass(frozen=True, slots=True)
class Operand:
    """What a step reads: a value as it is, or a text that reads values in another way."""

    text: str = ""
    value: Value | None = None
    inside: tuple[Value, ...] = ()


@dataclass(eq=False, slots=True)
class Step:
    """One call, which makes `result` where that is a large array, else a statement.

    `ufunc` where it goes entry by entry through its operands, `operator` where Python has one;
    `whole` where the call, given the name of an array, is statements that write into it.
    """

    call: Spelling
    operands: tuple[Operand, ...] = ()
    result: Value | None = None
    ufunc: bool = False
    operator: str = ""
    whole: bool = False

    @property
    def inside(self) -> tuple[Value, ...]:
        return tuple(value for operand in self.operands for value in operand.inside)

    @property
    def reads(self) -> tuple[Value, ...]:
        return (*(o.value for o in self.operands if o.value is not None), *self.inside)


@dataclass(eq=False, slots=True)
class Buffer:
    """An array that values lie in one after another."""

    layout: tuple[object, ...]
    indices: tuple[Index, ...]
    spans: list[tuple[int, int]] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    name: str = ""

    @property
    def kept(self) -> bool:
        return any(value.kept for value in self.values)

    def free(self, spans: Iterable[tuple[int, int]]) -> bool:
        """Whether nothing lies here in these spans; one may begin where another ends."""
        return all(
            stop <= other_start or other_stop <= start
            for start, stop in spans
            for other_start, other_stop in self.spans
        )

    def take(self, other: Buffer) -> None:
        self.spans += other.spans
        self.values += other.values


def buffers(steps: list[Step]) -> dict[Value, Buffer]:
    """A buffer for every value, as few of each layout as their lives allow."""
    born: dict[Value, int] = {}
    last: dict[Value, int] = {}
    for at, step in enumerate(steps):
        for value in step.reads:
            last[value] = at
        if step.result is not None:
            born.setdefault(step.result, at)
            last[step.result] = at
    end = len(steps)
    found: dict[Value, Buffer] = {}
    # Backwards, so that what becomes a result is made in the array of the result.
    for at in reversed(range(end)):
        step, result = steps[at], steps[at].result
        if result is None:
            continue
        home = found.get(result) or _new(found, result, born, last, end)
        for value in dict.fromkeys(o.value for o in step.operands if o.value is not None):
            if value in found or not _given_up(value, step, last[value], at):
                continue
            span = (born[value], at)
            if value.layout == home.layout and home.free([span]):
                home.spans.append(span)
                home.values.append(value)
                found[value] = home
    return _merged(found)


def _new(
    found: dict[Value, Buffer],
    value: Value,
    born: dict[Value, int],
    last: dict[Value, int],
    end: int,
) -> Buffer:
    stop = end if value.kept else last[value]
    # What nobody reads still lies somewhere while its step runs.
    span = (born[value], max(stop, born[value] + 1))
    found[value] = Buffer(value.layout, value.indices, [span], [value])
    return found[value]


def _given_up(value: Value, step: Step, last: int, at: int) -> bool:
    """Whether a step may write over what it reads."""
    return step.ufunc and last == at and not value.kept and value not in step.inside


def _merged(found: dict[Value, Buffer]) -> dict[Value, Buffer]:
    """Buffers that are never used at one time are one."""
    homes = list(dict.fromkeys(found.values()))
    homes.sort(key=lambda home: (not home.kept, min(home.spans)))
    chosen: list[Buffer] = []
    moved: dict[int, Buffer] = {}
    for home in homes:
        # A step that ends a span may read in any order what it writes: no meeting here.
        wider = [(start - 1, stop + 1) for start, stop in home.spans]
        fits = (other for other in chosen if other.layout == home.layout and other.free(wider))
        place = None if home.kept else next(fits, None)
        if place is None:
            chosen.append(home)
        else:
            place.take(home)
        moved[id(home)] = place or home
    return {value: moved[id(home)] for value, home in found.items()}
