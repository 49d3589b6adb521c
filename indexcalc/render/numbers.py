"""Arrays as text: short numbers in columns, and of large ones the first and the last."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from math import prod

from indexcalc.render.page import Numbers

DIGITS = 6
# An array of more entries is shown by its shape and so many at either end.
MOST = 24
ENDS = 2


def short(value: float) -> str:
    """In at most six digits: 0.333333, 1.5e-7."""
    # Adding 0 makes a 0 of -0.
    mantissa, _, exponent = f"{value + 0.0:.{DIGITS}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def is_long(array: Numbers) -> bool:
    return len(array.entries) > MOST or not array.entries


def in_short(array: Numbers) -> str:
    """The shape of an array, and its first and last entries."""
    first, last = array.entries[:ENDS], array.entries[-ENDS:]
    shown = [*map(short, first), "…", *map(short, last)] if first else ["no entries"]
    return f"{' × '.join(map(str, array.shape))}: {', '.join(shown)}"


def array_lines(array: Numbers, width: int) -> list[str]:
    """An array in so many columns, as lists in lists, a row a line."""
    if is_long(array):
        return textwrap.wrap(in_short(array), width)
    cells = list(map(short, array.entries))
    if not array.shape:
        return cells
    longest = max(map(len, cells))
    return _nested(array.shape, [f"{cell:>{longest}}" for cell in cells], width)


def _nested(shape: Sequence[int], cells: Sequence[str], width: int) -> list[str]:
    if len(shape) > 1:
        count = prod(shape[1:])
        parts = [_nested(shape[1:], part, width - len("[]")) for part in _cut(cells, count)]
    else:
        room = max(1, (width - len("[")) // len(f"{cells[0]}, "))
        parts = [[", ".join(part)] for part in _cut(cells, room)]
    for part in parts[:-1]:
        part[-1] += ","
    first, *rest = (line for part in parts for line in part)
    found = [f"[{first}", *(f" {line}" for line in rest)]
    return [*found[:-1], f"{found[-1]}]"]


def _cut(cells: Sequence[str], count: int) -> list[Sequence[str]]:
    return [cells[at : at + count] for at in range(0, len(cells), count)]
