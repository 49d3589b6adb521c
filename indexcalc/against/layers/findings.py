"""What the test of a chain found: a row for each parameter and input, true where all pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from indexcalc.against.layers.chain import Layer
from indexcalc.against.layers.greedy import Descent, Fit
from indexcalc.against.layers.slopes import Agreement, Comparison
from indexcalc.render.page import Block, Column, Heading, Page, Remark, Table
from indexcalc.render.text import text

FITTED = (Fit.FITS, Fit.FLAT, Fit.ABSENT)


@dataclass(frozen=True)
class Found:
    """What became of the gradient of a layer by a parameter or its input, with the loss at the
    output of the layer `last`; `words` say why there is no more."""

    layer: Layer
    name: str
    last: Layer
    descent: Descent
    comparison: Comparison | None = None
    words: str = ""

    @property
    def passes(self) -> bool:
        """Whether it passes both."""
        return self.descent.fit in FITTED and self.agreement in (None, Agreement.AGREES)

    @property
    def agreement(self) -> Agreement | None:
        return None if self.comparison is None else self.comparison.agreement

    @property
    def lets_through(self) -> bool:
        """Whether what comes to the layers before is right, as far as it is for this gradient."""
        return self.agreement is Agreement.AGREES

    @property
    def title(self) -> str:
        return f"the gradient of layer {self.layer.title} by {self.name}"

    @property
    def row(self) -> tuple[Any, ...]:
        error, tolerance, slope = None, None, None
        if self.comparison is not None:
            error, tolerance = self.comparison.error, self.comparison.tolerance
            slope = self.comparison.agreement.value
        fit, left = self.descent.fit.value, self.descent.left
        return self.layer.title, self.name, left, fit, error, tolerance, slope


COLUMNS = (
    Column("layer"),
    Column("gradient by"),
    Column("loss left", "error"),
    Column("descent"),
    Column("off by", "error"),
    Column("tolerance", "error"),
    Column("slope"),
)


@dataclass(frozen=True)
class Layerwise:
    """What became of all, from the last layer backwards; true exactly when all pass."""

    found: tuple[Found, ...]

    def __bool__(self) -> bool:
        return all(one.passes for one in self.found)

    @property
    def first(self) -> Found | None:
        """The first that does not pass."""
        return next((one for one in self.found if not one.passes), None)

    def __str__(self) -> str:
        return text(Page("", (), (), self.blocks()[1:])).rstrip("\n")

    def blocks(self) -> tuple[Block, ...]:
        """What a page shows of it."""
        table = Table("layers", COLUMNS, tuple(one.row for one in self.found))
        remarks = (Remark((words,)) for words in self._words())
        return (Heading("Layer by layer"), table, *remarks)

    def _words(self) -> Iterator[str]:
        if self.first is not None:
            yield f"The first that fails is {self.first.title}."
        end = self.found[0].last
        # What a function raises is the same for all its gradients.
        for words in dict.fromkeys(one.words for one in self.found if one.words):
            yield f"{words[0].upper()}{words[1:]}."
        for one in self.found:
            if one.descent.fit is Fit.STALLS and one.agreement is Agreement.AGREES:
                yield (
                    f"The slope is right in {one.title}, where the descent stalls: near this "
                    "example the chain is flat, or has a kink, or falls slowly."
                )
            if one.last is not end:
                end = one.last
                yield f"Up to layer {end.place} the loss is at the output of layer {end.title}."
