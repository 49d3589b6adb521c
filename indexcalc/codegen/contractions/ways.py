"""A way to compute a contraction in NumPy, and its text: one call on views of the arrays.

Every way takes and leaves arrays that are C-contiguous in their layouts. Axes of a call are first
those looped over, then those of the matrices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from indexcalc.codegen.contractions.views import (
    Groups,
    Layout,
    Names,
    bracketed,
    contiguous,
    count,
    diagonal,
    flat,
    reshaped,
    scale_in_place,
    scaled,
    singles,
    subscripts,
    transposed,
    view,
)


@dataclass(frozen=True, slots=True)
class Source:
    """What a call reads: an operand, over its diagonal, summed over what it alone has, regrouped.

    Without a name it is a vector of ones, as long as its layout has entries.
    """

    name: str | None
    indices: Layout
    layout: Layout
    groups: Groups
    copied: bool = False

    @property
    def base(self) -> Layout:
        return tuple(dict.fromkeys(self.indices))

    def seen(self, groups: Groups, copied: bool = False) -> Source:
        return Source(self.name, self.indices, self.layout, groups, copied)

    def text(self, names: Names, ones: str, factor: str = "") -> str:
        if self.name is None:
            return ones
        text = diagonal(names.get(self.name, self.name), self.indices)
        if factor:
            text = scaled(text, factor)
        if self.layout != self.base:
            places = [p for p, index in enumerate(self.base) if index not in self.layout]
            text = f"{bracketed(text)}.sum({axes(places)})"
        spelled = contiguous if self.copied else view
        return spelled(text, self.layout, self.groups, names)


@dataclass(frozen=True, slots=True)
class Way:
    """`call` on the sources gives the groups of `result`, the first `added` of them then summed.

    `cost` is an estimate in seconds; written into a given array a result is at times cheaper.
    """

    call: str
    sources: tuple[Source, ...]
    result: Groups
    left: Layout
    cost: float
    added: int = 0
    copied: bool = False
    small: int | None = None

    @property
    def ones(self) -> Layout:
        """A vector of ones over these indices is needed; `text` makes one unless it is given."""
        return next((source.layout for source in self.sources if source.name is None), ())

    def text(self, names: Names, out: str = "", factor: str = "", ones: str = "") -> str:
        """An expression, or with `out` a statement that writes into that C-contiguous array.

        `names` says what a tensor or a size is called where that is not by its own name. The
        factor is multiplied into the smallest array.
        """
        own = ones or f"np.ones({count(self.ones, names)}, {self._dtype(names)})"
        inside = ["" if place != self.small else factor for place in range(len(self.sources))]
        sources = [
            source.text(names, own, part) for source, part in zip(self.sources, inside, strict=True)
        ]
        outside = factor if self.small is None else ""
        if not out:
            whole = self._in_order(self._expression(sources), names)
            return scaled(whole, outside) if outside else whole
        statement = self._statement(sources, out, names)
        return f"{statement}\n{scale_in_place(out, outside)}" if outside else statement

    def _dtype(self, names: Names) -> str:
        first = next(source.name for source in self.sources if source.name is not None)
        return f"{names.get(first, first)}.dtype"

    @property
    def after(self) -> Groups:
        """The axes that are left after the sum."""
        return self.result[self.added :]

    def _statement(self, sources: list[str], out: str, names: Names) -> str:
        if self.copied:
            body = self._in_order(self._expression(sources), names, anyhow=True)
            return f"np.copyto({out}, {body})"
        if self.call == "copy":
            return f"np.copyto({out}, {sources[0]})"
        target = view(out, self.left, self.after, names)
        if self.added:
            return self._expression(sources, f"out={target}")
        return self._called(sources, f", out={target}")

    def _called(self, sources: list[str], more: str = "") -> str:
        parts = ", ".join(sources)
        if self.call == "einsum":
            return f"np.einsum({self._letters()}, {parts}{more})"
        if self.call == "sum":
            (source,) = self.sources
            places = [p for p, index in enumerate(source.layout) if index not in self.left]
            where = "" if len(places) == len(source.layout) else axes(places)
            inside = ", ".join(part for part in (where, more.removeprefix(", ")) if part)
            return f"{bracketed(sources[0])}.sum({inside})"
        return f"np.{self.call}({parts}{more})"

    def _letters(self) -> str:
        operands, left = subscripts([source.layout for source in self.sources], self.left)
        return f'"{",".join(operands)}->{left}"'

    def _expression(self, sources: list[str], out: str = "") -> str:
        if self.call == "copy":
            body = f"{bracketed(sources[0])}.copy()"
        elif self.call in _SIGNS and not self._turned:
            body = f" {_SIGNS[self.call]} ".join(bracketed(source) for source in sources)
        else:
            body = self._called(sources, ', order="C"' if self._turned else "")
        if not self.added:
            return body
        inside = ", ".join(part for part in (axes(range(self.added)), out) if part)
        return f"{bracketed(body)}.sum({inside})"

    @property
    def _turned(self) -> bool:
        """Whether NumPy, left to itself, would lay out the result as an operand has its axes."""
        if self.call == "einsum":
            layouts = [one.layout for one in self.sources]
            layouts.append(tuple(dict.fromkeys(index for layout in layouts for index in layout)))
            return any(_within(one, self.left) != _within(self.left, one) for one in layouts)
        if self.call not in _MATRIX_AXES:
            return False
        own = _MATRIX_AXES[self.call]
        looped = [
            (flat(one.groups[: max(len(one.groups) - own, 0)]), one.layout)
            for one in self.sources
            if not one.copied
        ]
        return any(loops != _within(layout, loops) for loops, layout in looped)

    def _in_order(self, text: str, names: Names, anyhow: bool = False) -> str:
        """The result of the call as an array in the layout of left."""
        order = flat(self.after)
        text = reshaped(text, self.after, singles(order), names)
        if order == self.left:
            return text
        moved = transposed(text, singles(order), singles(self.left))
        return moved if anyhow else f"np.ascontiguousarray({moved})"


_SIGNS = {"matmul": "@", "multiply": "*"}
# How many axes of an operand are not looped over; of a vector all are its matrix's.
_MATRIX_AXES = {"matmul": 2, "vecdot": 1, "multiply": 0}


def _within(layout: Layout, kept: Layout) -> Layout:
    return tuple(index for index in layout if index in kept)


def axes(places: Iterable[int]) -> str:
    """The argument of a sum over axes."""
    found = list(places)
    return f"axis={found[0]}" if len(found) == 1 else f"axis={tuple(found)}"
