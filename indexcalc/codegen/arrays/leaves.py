"""Arrays among others: an access as NumPy broadcasts it over given axes."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence

from indexcalc.expr.base import Index

Axes = Sequence[Index]


def letters(*groups: Axes) -> dict[Index, str]:
    """A letter of einsum for each index, its own where it is one."""
    found: dict[Index, str] = {}
    for index in dict.fromkeys(index for group in groups for index in group):
        free = (c for c in string.ascii_letters if c not in found.values())
        own = index.name
        plain = len(own) == 1 and own in string.ascii_letters and own not in found.values()
        found[index] = own if plain else next(free)
    return found


def view(name: str, indices: Axes, axes: Axes) -> str:
    """The array over these of the axes, each once, in the order of the axes, none added."""
    kept = [index for index in axes if index in indices]
    if len(set(indices)) < len(indices):
        called = letters(indices)
        return f'np.einsum("{_word(indices, called)}->{_word(kept, called)}", {name})'
    order = [list(indices).index(index) for index in kept]
    if order == sorted(order):
        return name
    return f"{name}.T" if len(order) == 2 else f"{name}.transpose({', '.join(map(str, order))})"


def spread(text: str, indices: Axes, axes: Axes) -> str:
    """What has some of the axes, in their order, with an axis of length 1 for each it lacks;
    those that would come first NumPy adds by itself."""
    missing = [index not in indices for index in axes]
    while missing and missing[0]:
        missing.pop(0)
    if not any(missing):
        return text
    places = ", ".join("None" if lacks else ":" for lacks in missing)
    return f"{text}[{places}]"


def _word(indices: Axes, called: Mapping[Index, str]) -> str:
    return "".join(called[index] for index in indices)
