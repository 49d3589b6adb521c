"""What became of somebody's adjoints: a table from the loss backwards, and the first mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from indexcalc.against.layers.backwards import Link
from indexcalc.expr.nodes import Access, D
from indexcalc.render.page import Block, Column, Equations, Heading, Page, Remark, Row, Table
from indexcalc.render.text import text


class Verdict(Enum):
    """What became of an adjoint."""

    RIGHT = "right"
    MISTAKE = "WRONG in itself"
    FOLLOWS = "wrong by what it depends on"
    UNDECIDED = "undecided: ours has no value"
    ABSENT = "not given"


BAD = (Verdict.MISTAKE, Verdict.FOLLOWS)


@dataclass(frozen=True)
class Finding:
    """One adjoint: how far the furthest entry is off, and how far it may be, both relative to the
    largest entry of the right one; `missing` are those between it and the nearest ones that were
    given."""

    link: Link
    entries: int
    verdict: Verdict
    error: float | None = None
    tolerance: float | None = None
    words: str = ""
    missing: tuple[Link, ...] = ()
    is_0: bool = False

    @property
    def name(self) -> str:
        return self.link.name


COLUMNS = (
    Column("adjoint of"),
    Column("entries", "number"),
    Column("error", "error"),
    Column("tolerance", "error"),
    Column("verdict"),
)


@dataclass(frozen=True)
class Adjoints:
    """What became of all, from the loss backwards; true exactly when every one given is right.
    `ends` are those that are upstream gradients."""

    findings: tuple[Finding, ...]
    dtype: str
    ends: tuple[Link, ...]

    def __bool__(self) -> bool:
        return self.verdicts <= {Verdict.RIGHT, Verdict.ABSENT}

    @property
    def verdicts(self) -> set[Verdict]:
        return {finding.verdict for finding in self.findings}

    @property
    def culprit(self) -> str | None:
        """The tensor whose adjoint is the first mistake."""
        return None if self.first is None else self.first.name

    @property
    def first(self) -> Finding | None:
        """It is wrong, and all that it depends on is right."""
        return next((one for one in self.findings if one.verdict is Verdict.MISTAKE), None)

    def __str__(self) -> str:
        return text(Page("", (), (), self.blocks()[1:])).rstrip("\n")

    def blocks(self) -> tuple[Block, ...]:
        """What a page shows of it."""
        return (
            Heading("Adjoints"),
            Table("adjoints", COLUMNS, tuple(self._rows())),
            *self._words(),
        )

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        for one in self.findings:
            verdict = "WRONG: the first mistake" if one is self.first else one.verdict.value
            verdict += f", {one.words}" if one.words else ""
            yield Access(one.name), one.entries, one.error, one.tolerance, verdict

    def _words(self) -> Iterator[Block]:
        if self.first is not None:
            yield from self._explained(self.first)
        for one in self.findings:
            if one.verdict is Verdict.RIGHT and one.is_0:
                name = Access(one.link.equation.left.name)
                yield Remark((name, " is 0 at this point, where a wrong factor in it is not seen."))
        yield Remark((f"Held to what {self.dtype} can have.",))

    def _explained(self, first: Finding) -> Iterator[Block]:
        """Where the mistake is: the equation, and the paths that it is the sum of."""
        link = first.link
        left, whole = link.equation.left, link.equation.right
        name = Access(left.name)
        if link.rule is None:
            yield Remark(("The first mistake is ", name, ", the upstream gradient itself."))
            return
        yield Remark(("The first mistake is ", name, "; all given that it depends on is right."))
        rule = link.rule.rule
        rows = [Row(left, whole)]
        if rule is not None and rule != whole:
            rows = [Row(left, rule, (("chain rule",),)), Row(None, whole)]
        yield Equations(tuple(rows))
        paths = [jacobian for _, jacobian in link.rule.paths]
        below = [Row(D(one.of, one.variable), one.trace.result) for one in paths]
        ends = [one.equation for one in self.ends if one.symbol in link.needs]
        yield Equations((*below, *(Row(end.right, end.left) for end in ends)))
        for missing in first.missing:
            lost = Access(missing.equation.left.name)
            yield Remark((lost, " on the way was not given: the mistake may be in it."))
