"""A page as Unicode text: an equality a line, the rule's name in a column on the right."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from itertools import zip_longest

from sympy import Basic

from indexcalc.expr.names import unicode_face
from indexcalc.expr.printing import no_sum, spell
from indexcalc.expr.styles import UnicodeStyle
from indexcalc.render.numbers import array_lines
from indexcalc.render.page import (
    Block,
    Cell,
    Column,
    Equations,
    GateRow,
    Gates,
    Graph,
    Heading,
    Listing,
    Numbers,
    Page,
    Pieces,
    Remark,
    Row,
    Table,
    figure,
    told_apart,
)
from indexcalc.render.paint import Paint, plain

WIDTH = 80
INDENT = "  "
# What stands between two columns of a table, and the least that one is narrowed to.
GAP = "  "
NARROWEST = 8
# A rule's name starts here, or further right where the equation reaches further.
COLUMN = 54


def text(page: Page, notation: str = "einstein", paint: Paint = plain) -> str:
    """The page for a terminal or a file; `paint` colours what a role is given to."""
    writer = _Writer(page, notation, paint)
    return "\n\n".join("\n".join(lines) for lines in writer.blocks()) + "\n"


class _Writer:
    def __init__(self, page: Page, notation: str, paint: Paint) -> None:
        self.page = page
        self.notation = notation
        self.paint = paint

    def spell(self, expr: Basic) -> str:
        return spell(expr, "unicode", self.notation, ones=False)

    def blocks(self) -> Iterable[list[str]]:
        title = self.filled(self.page.function, "    ")
        description = [line for text in self.page.description for line in _paragraph(text)]
        if title:
            yield [*(self.paint(line, "title") for line in title), *description]
        for block in self.page.blocks:
            yield list(self.block(block))

    def block(self, block: Block) -> Iterable[str]:
        if isinstance(block, Heading):
            about = f" {self.spell(block.about)}" if block.about is not None else ""
            yield self.paint(block.words + about, "heading")
        elif isinstance(block, Remark):
            yield from self.filled(block.pieces)
        elif isinstance(block, Listing):
            yield from block.lines
        elif isinstance(block, Graph):
            yield from self.graph(block)
        elif isinstance(block, Table):
            yield from self.table(block)
        elif isinstance(block, Gates):
            yield from self.gates(block)
        else:
            yield from self.equations(block)

    def filled(self, pieces: Pieces, indent: str = "") -> list[str]:
        """A paragraph, its expressions and equalities unbroken."""
        words = self.words(pieces, "\N{NO-BREAK SPACE}")
        lines = _paragraph(words.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"), indent)
        return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]

    def together(self, text: str, space: str) -> str:
        """An expression that is not broken where it has room on a line."""
        return text.replace(" ", space) if len(text) <= WIDTH // 2 else text

    def words(self, pieces: Pieces, space: str = " ") -> str:
        """Words and expressions in one line."""
        return "".join(
            piece if isinstance(piece, str) else self.together(self.spell(piece), space)
            for piece in pieces
        )

    def graph(self, graph: Graph) -> Iterable[str]:
        width = max((len(unicode_face(name)) for name, _ in graph.arrows), default=0)
        for name, sources in graph.arrows:
            faces = ", ".join(map(unicode_face, sources))
            lead = f"{INDENT}{unicode_face(name):<{width}} ← "
            yield from textwrap.wrap(
                faces, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead)
            )

    def table(self, table: Table) -> Iterable[str]:
        """Columns as wide as they must be; words that have no room go on below."""
        rows = self.cells(table)
        widths = _narrowed(_natural(rows), table.columns)
        for place, cells in enumerate(rows):
            filled = [
                [part for line in cell for part in textwrap.wrap(line, width)]
                for cell, width in zip(cells, widths, strict=True)
            ]
            for parts in zip_longest(*filled, fillvalue=""):
                line = INDENT + GAP.join(
                    f"{part:>{width}}" if column.is_figure else f"{part:<{width}}"
                    for part, width, column in zip(parts, widths, table.columns, strict=True)
                )
                yield self.paint(line.rstrip(), "rule") if place == 0 else line.rstrip()

    def cells(self, table: Table) -> list[list[list[str]]]:
        """The lines of every cell, the titles first."""
        body = [
            [self.cell(*pair) for pair in zip(row, table.columns, strict=True)]
            for row in table.rows
        ]
        return [[[column.title] for column in table.columns], *body]

    def cell(self, value: Cell, column: Column) -> list[str]:
        if value is None:
            return [""]
        if isinstance(value, Numbers):
            return array_lines(value, WIDTH)
        if isinstance(value, int | float):
            return [figure(value, column.kind)]
        return [self.words(value if isinstance(value, tuple) else (value,))]

    def gates(self, gates: Gates) -> Iterable[str]:
        """A table where it has room, else a paragraph for each gate."""
        widths = _natural(self.cells(gates.table))
        if sum(widths) + len(GAP) * (len(widths) - 1) <= WIDTH - len(INDENT):
            yield from self.table(gates.table)
            return
        for row in gates.rows:
            yield from self.gate(row)

    def gate(self, row: GateRow) -> Iterable[str]:
        left = INDENT + (self.spell(row.left) if row.left is not None else "")
        if row.right is None:
            yield left
        else:
            lead = f"{left} = " if row.left is not None else left
            body = self.spell(row.right) + self.words(row.note)
            yield from self.reasoned(body, lead, row.rule or "")
        for words, array in (("forward", row.forward), ("backward", row.backward)):
            lead = f"{2 * INDENT}{words:<8}{GAP}"
            for line in array_lines(array, WIDTH - len(lead)) if array is not None else ():
                yield lead + line
                lead = " " * len(lead)

    def equations(self, block: Equations) -> Iterable[str]:
        """Left sides alone on their lines share a column; a chain's `=` stand under each other."""
        told = list(told_apart(block.rows, self.spell))
        rows = [row for row, _ in told]
        chained = any(row.left is None for row in rows)
        lefts = [self.spell(row.left) if row.left is not None else "" for row in rows]
        shared = 0 if chained else min(max(map(len, lefts)), 24)
        margin = shared
        for (row, body), left in zip(told, lefts, strict=True):
            if row.left is not None:
                margin = max(shared, len(left))
            # A row that follows on one left out stands for it.
            lead = f"{INDENT}{left:<{margin}} {'+=' if row.adds else '='} "
            yield from self.row(row, body, lead)

    def row(self, row: Row, body: str, lead: str) -> Iterable[str]:
        unsummed = no_sum(row.right) if self.notation == "einstein" else []
        if unsummed:
            body += UnicodeStyle({}).no_sum(unsummed)
        yield from self.reasoned(body, lead, ", ".join(map(self.words, row.why)))

    def reasoned(self, body: str, lead: str, why: str) -> Iterable[str]:
        """An expression, and why it is so in the column on the right."""
        lines = wrapped(body, lead, WIDTH)
        if not why:
            yield from lines
            return
        last = lines.pop()
        yield from lines
        column = max(COLUMN, len(last) + 2)
        if column + len(why) > WIDTH:
            column = WIDTH - len(why)
        if column < len(last) + 2:
            yield last
            last = ""
        for part in textwrap.wrap(why, WIDTH - len(INDENT), break_long_words=False):
            yield f"{last:<{max(column, len(INDENT))}}{self.paint(part, 'rule')}"
            last = ""


def _natural(rows: list[list[list[str]]]) -> list[int]:
    """How wide each column of cells would be."""
    return [
        max(len(line) for cell in column for line in cell) for column in zip(*rows, strict=True)
    ]


def _narrowed(widths: list[int], columns: tuple[Column, ...]) -> list[int]:
    """The columns in one line: the widest of words gives way, then of all."""
    widths = list(widths)
    room = WIDTH - len(INDENT) - len(GAP) * (len(widths) - 1)
    while sum(widths) > max(room, NARROWEST * len(widths)):
        places = [n for n, column in enumerate(columns) if not column.is_figure]
        able = [n for n in places if widths[n] > NARROWEST] or list(range(len(widths)))
        widest = max(able, key=lambda n: widths[n])
        widths[widest] -= 1
    return widths


def _paragraph(words: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        words,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def wrapped(body: str, lead: str, width: int) -> list[str]:
    """The lines of an expression, broken before a + or - outside brackets, or else at a space."""
    room = width - len(lead)
    if len(body) <= room:
        return [lead + body]
    lines: list[str] = []
    rest = body
    inner = width - len(lead) - 2
    while rest:
        space = room if not lines else inner
        if len(rest) <= space:
            lines.append(rest)
            break
        at = _break(rest, space)
        lines.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    pad = " " * (len(lead) + 2)
    return [lead + lines[0], *(pad + line for line in lines[1:])]


def _break(body: str, room: int) -> int:
    """Where to break: at the outermost sign that fits and, of those, the last."""
    best: tuple[int, int] | None = None
    depth = 0
    for place, letter in enumerate(body[: room + 1]):
        depth += letter in "([{"
        depth -= letter in ")]}"
        if letter != " " or place == 0:
            continue
        sign = body[place + 1 : place + 3] in ("+ ", "- ")
        level = 2 * depth + (0 if sign else 1)
        # A break near the start would leave a short line.
        if place > room // 3 and (best is None or level <= best[0]):
            best = (level, place)
    if best is not None:
        return best[1]
    space = body.rfind(" ", 1, room + 1)
    return space if space > 0 else (body.find(" ", room) if " " in body[room:] else len(body))
