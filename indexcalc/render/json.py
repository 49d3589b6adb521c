"""A page as JSON: its blocks in order, expressions in Unicode and LaTeX, figures as they are."""

from __future__ import annotations

import json as library
import math
from collections.abc import Sequence
from math import prod
from typing import Any

from sympy import Basic

from indexcalc.expr.printing import spell
from indexcalc.expr.scalars import digits
from indexcalc.render.page import (
    Block,
    Cell,
    Equations,
    Gates,
    Graph,
    Heading,
    Listing,
    Numbers,
    Page,
    Pieces,
    Remark,
    Table,
)

# Longer numbers, in bits, are given as text: not every reader takes them.
LONGEST = 10_000


def json(page: Page, notation: str = "einstein") -> str:
    """The page as one object, for machines to read."""
    writer = _Writer(notation)
    whole = {
        "name": page.title,
        "function": writer.words(page.function),
        "description": list(page.description),
        "blocks": [writer.block(block) for block in page.blocks],
    }
    return library.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False)


class _Writer:
    def __init__(self, notation: str) -> None:
        self.notation = notation

    def block(self, block: Block) -> dict[str, Any]:
        if isinstance(block, Heading):
            pieces = (block.words, *([" ", block.about] if block.about is not None else []))
            return {"heading": self.words(pieces)}
        if isinstance(block, Remark):
            return {"remark": self.words(block.pieces)}
        if isinstance(block, Listing):
            return {"listing": list(block.lines)}
        if isinstance(block, Graph):
            return {"graph": {name: list(sources) for name, sources in block.arrows}}
        if isinstance(block, Gates):
            block = block.table
        if isinstance(block, Table):
            return {"table": block.name, "rows": self.rows(block)}
        return {"equations": self.equations(block)}

    def equations(self, block: Equations) -> list[dict[str, Any]]:
        return [
            {
                "left": self.expression(row.left) if row.left is not None else None,
                "sign": "+=" if row.adds else "=",
                "right": self.expression(row.right),
                "why": [self.words(pieces) for pieces in row.why],
            }
            for row in block.rows
        ]

    def expression(self, expr: Basic) -> dict[str, str]:
        forms = ("unicode", "latex")
        return {form: spell(expr, form, self.notation, ones=False) for form in forms}

    def rows(self, table: Table) -> list[dict[str, Any]]:
        titles = [column.title for column in table.columns]
        return [dict(zip(titles, map(self.cell, row), strict=True)) for row in table.rows]

    def cell(self, value: Cell) -> Any:
        if isinstance(value, Numbers):
            return self.nested(value.shape, [self.cell(entry) for entry in value.entries])
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if isinstance(value, int) and value.bit_length() > LONGEST:
            return digits(value)
        if value is None or isinstance(value, int | float):
            return value
        if isinstance(value, Basic):
            return spell(value, "text")
        return value if isinstance(value, str) else self.words(value)

    def nested(self, shape: Sequence[int], entries: Sequence[Any]) -> Any:
        """Lists in lists, for a scalar its one entry."""
        if not shape:
            return entries[0]
        step = prod(shape[1:])
        parts = (entries[at * step : (at + 1) * step] for at in range(shape[0]))
        return [self.nested(shape[1:], part) for part in parts]

    def words(self, pieces: Pieces) -> str:
        return "".join(
            piece if isinstance(piece, str) else spell(piece, "unicode", self.notation, ones=False)
            for piece in pieces
        )
