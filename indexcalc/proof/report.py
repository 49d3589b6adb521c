"""What a proof found: a row for each gradient and method, true exactly when all were verified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from indexcalc.expr.nodes import Access
from indexcalc.render.page import Block, Column, Heading, Page, Remark, Table
from indexcalc.render.text import text

# Told how much of a proof is done, and of how much.
Watch = Callable[[int, int], None]


class Verdict(Enum):
    """What became of a gradient."""

    VERIFIED = "verified"
    WRONG = "WRONG"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Row:
    """One gradient by one method: how many entries were compared, how far the furthest was off,
    and how far it may be, both relative to the largest entry; `words` say more than the verdict."""

    name: str
    entries: int
    method: str
    error: float | None
    tolerance: float | None
    verdict: Verdict
    words: str = ""


COLUMNS = (
    Column("gradient by"),
    Column("entries", "number"),
    Column("method"),
    Column("error", "error"),
    Column("tolerance", "error"),
    Column("verdict"),
)


@dataclass(frozen=True, slots=True)
class Report:
    """True exactly when every gradient was verified; prints as a table."""

    rows: tuple[Row, ...]
    remarks: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Of the whole: wrong where anything is, else undecided where anything is."""
        verdicts = {row.verdict for row in self.rows}
        for verdict in (Verdict.WRONG, Verdict.UNDECIDED):
            if verdict in verdicts:
                return verdict
        return Verdict.VERIFIED if self.rows else Verdict.UNDECIDED

    def __bool__(self) -> bool:
        return self.verdict is Verdict.VERIFIED

    def __add__(self, other: Report) -> Report:
        return Report((*self.rows, *other.rows), (*self.remarks, *other.remarks))

    def __str__(self) -> str:
        return text(Page("", (), (), self.blocks()[1:])).rstrip("\n")

    def blocks(self) -> tuple[Block, ...]:
        """What a page shows of it."""
        rows = tuple(
            (
                Access(row.name),
                row.entries,
                row.method,
                row.error,
                row.tolerance,
                row.words or row.verdict.value,
            )
            for row in self.rows
        )
        tables = (Table("check", COLUMNS, rows),) if rows else ()
        return (Heading("Check"), *tables, *(Remark((remark,)) for remark in self.remarks))
