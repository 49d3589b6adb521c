"""What a proof found: a row for each gradient and method, true exactly when all were verified."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Wrong where anything is, else undecided where anything is."""
    found = set(verdicts)
    failed = (Verdict.WRONG, Verdict.UNDECIDED)
    return next((verdict for verdict in failed if verdict in found), Verdict.VERIFIED)


def listed(names: Sequence[str], most: int) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


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
        """The worst of all; undecided where there is nothing."""
        return worst(row.verdict for row in self.rows) if self.rows else Verdict.UNDECIDED

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
