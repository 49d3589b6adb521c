"""Rows and columns: the indices that they run over, and the one that these are fused into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Basic

from indexcalc.expr.base import Index
from indexcalc.expr.digits import fused, maps
from indexcalc.expr.rename import fresh_name


class Side:
    """The indices of rows, or of columns, in the order in which they are fused, and the one that
    they are fused into: none where there is none, and the index itself where it is alone."""

    def __init__(self, name: str, indices: Sequence[Index], by: str) -> None:
        self.indices = tuple(indices)
        self.by = by
        self.whole: Index | None = next(iter(indices), None)
        if len(self.indices) > 1:
            self.whole = fused(name, [one.size for one in indices])

    @property
    def bound(self) -> tuple[Index, ...]:
        """The indices that are digits of another."""
        return self.indices if len(self.indices) > 1 else ()

    @property
    def maps(self) -> list[Basic]:
        """Deltas that are all 1 where the indices are those of the whole."""
        return maps(self.indices, self.whole, self.by) if self.bound and self.whole else []

    @property
    def slowest_first(self) -> tuple[Index, ...]:
        return self.indices if self.by == "row" else self.indices[::-1]


def places(sides: Iterable[Side]) -> tuple[Index, ...]:
    """Where an entry of a matrix with these sides is."""
    return tuple(side.whole for side in sides if side.whole is not None)


def letters_but(stems: str, *taken: Index | str) -> list[str]:
    """Names for fused indices that neither other indices nor tensors have."""
    names = {one.name if isinstance(one, Index) else one for one in taken}
    made = []
    for stem in stems:
        made.append(stem if stem not in names else fresh_name(stem, names))
        names.add(made[-1])
    return made
