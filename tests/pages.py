"""What stands on a page."""

from __future__ import annotations

from indexcalc.expr.nodes import Access
from indexcalc.expr.printing import spell
from indexcalc.render.page import Cell, Equations, Page, Remark, Row, Table


def lines(page: Page) -> list[Row]:
    return [row for block in page.blocks if isinstance(block, Equations) for row in block.rows]


def left(row: Row) -> Access:
    assert isinstance(row.left, Access)
    return row.left


def rows(page: Page, name: str) -> dict[str, tuple[Cell, ...]]:
    """The rows of a table by what they are about."""
    (table,) = [b for b in page.blocks if isinstance(b, Table) and b.name == name]
    return {shown(row[0]): row[1:] for row in table.rows}


def shown(cell: Cell) -> str:
    pieces = cell if isinstance(cell, tuple) else (cell,)
    return "".join(
        str(piece) if isinstance(piece, str | int | float | None) else spell(piece, "unicode")
        for piece in pieces
    )


def remarks(page: Page) -> list[str]:
    return [shown(block.pieces) for block in page.blocks if isinstance(block, Remark)]
