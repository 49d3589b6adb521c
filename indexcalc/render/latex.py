r"""A page as a LaTeX document that needs amsmath alone, or as the body of one.

Each chain of equalities is an `aligned` with the rule's name in the last column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import isfinite

from sympy import Basic

from indexcalc.expr.names import NAME_OF, latex_face, plain_letters
from indexcalc.expr.printing import no_sum, spell
from indexcalc.expr.typeset import LatexStyle
from indexcalc.render.measure import broken, width
from indexcalc.render.numbers import in_short, is_long, short
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
    Table,
    figure,
    told_apart,
)

# What fits on a line, and what the column of rules takes of it, in letters.
PAGE = 80
COLUMN = 18
# The type for what is too wide for a line and cannot be broken, by how much it is.
_SIZES = ((1.0, ""), (1.1, r"\small"), (1.2, r"\footnotesize"), (1.3, r"\scriptsize"))
_SMALLEST = r"\tiny"
# No display is longer than this, for TeX breaks pages between displays only.
MOST_ROWS = 12
# What stands between two columns, and what gives tall rows room.
GAP = 2.4
STRETCH = r"\renewcommand{\arraystretch}{1.5}"
# A matrix of more columns has no room on a line.
MOST_COLUMNS = 10
# What of an array has no width, and what is between two of its rows.
_FRAME = re.compile(r"\\(begin|end)\{array\}(\{r+\})?")
_NEXT_ROW = r" \\ "
# Nor is a table, of smaller rows, or half as many tall ones.
MOST_LINES = 40

_PREAMBLE = r"""\documentclass[a4paper,10pt,fleqn]{article}
\usepackage{amsmath}
\setlength{\textwidth}{17.6cm}
\setlength{\oddsidemargin}{-0.8cm}
\setlength{\textheight}{24cm}
\setlength{\topmargin}{-1.5cm}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\begin{document}
"""
_END = "\n\\end{document}\n"
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_SIGNS = {
    "→": r"$\to$",
    "∂": r"$\partial$",
    "′": "$'$",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "√": r"$\surd$",
    "²": "$^2$",
    "³": "$^3$",
}


def latex(page: Page, notation: str = "einstein", *, fragment: bool = False) -> str:
    """The page as a document; with `fragment` what stands between begin and end of it."""
    writer = _Writer(notation)
    head = [rf"\section*{{{escaped(page.title)}}}", writer.words(page.function)]
    head.append("\\\\\n".join(escaped(line) for line in page.description))
    parts = [*head, *(text for block in page.blocks for text in writer.block(block))]
    body = "\n\n".join(part for part in parts if part)
    return body + "\n" if fragment else _PREAMBLE + body + _END


def escaped(text: str) -> str:
    """Words as LaTeX sets them; letters that it has no sign for as their names."""
    return "".join(
        _SPECIAL.get(letter) or (letter if letter.isascii() else _beyond(letter)) for letter in text
    )


def _beyond(letter: str) -> str:
    """Greek as mathematics; what has an accent without it."""
    if letter in NAME_OF:
        return f"${latex_face(NAME_OF[letter])}$"
    return _SIGNS.get(letter) or plain_letters(letter)


class _Writer:
    def __init__(self, notation: str) -> None:
        self.notation = notation

    def spell(self, expr: Basic) -> str:
        return spell(expr, "latex", self.notation, ones=False)

    def block(self, block: Block) -> Iterable[str]:
        if isinstance(block, Heading):
            about = f" ${self.spell(block.about)}$" if block.about is not None else ""
            yield rf"\subsection*{{{escaped(block.words)}{about}}}"
        elif isinstance(block, Remark):
            yield self.words(block.pieces)
        elif isinstance(block, Listing):
            yield "\n".join((r"\begin{verbatim}", *block.lines, r"\end{verbatim}"))
        elif isinstance(block, Graph):
            yield self.graph(block)
        elif isinstance(block, Table):
            yield self.table(block)
        elif isinstance(block, Gates):
            yield self.gates(block)
        else:
            yield self.equations(block)

    def words(self, pieces: Pieces) -> str:
        return "".join(
            escaped(piece) if isinstance(piece, str) else f"${self.spell(piece)}$"
            for piece in pieces
        )

    def graph(self, graph: Graph) -> str:
        rows = [
            rf"{latex_face(name)} &\leftarrow {', '.join(map(latex_face, sources))}"
            for name, sources in graph.arrows
        ]
        return _aligned(rows)

    def table(self, table: Table) -> str:
        """Tables of so many rows that none is longer than a page, in the type in which they fit."""
        kinds = "".join("r" if column.is_figure else "l" for column in table.columns)
        head, *rows = cells = self.cells(table)
        tall = any(r"\frac" in cell or "^" in cell for row in rows for cell in row)
        parts = _parted(rows, MOST_LINES // 2 if tall else MOST_LINES)
        tables = (_tabular(kinds, head, part, STRETCH if tall else "") for part in parts)
        excess = _breadth(cells) / PAGE
        return "\n\n".join(_sized(table, excess) for table in tables)

    def cells(self, table: Table) -> list[list[str]]:
        """The titles, and the cells of every row."""
        rows = [
            [self.cell(*pair) for pair in zip(row, table.columns, strict=True)]
            for row in table.rows
        ]
        return [[escaped(column.title) for column in table.columns], *rows]

    def cell(self, value: Cell, column: Column) -> str:
        if value is None:
            return ""
        if isinstance(value, Numbers):
            return f"${_array(value)}$"
        if isinstance(value, int | float):
            return escaped(figure(value, column.kind))
        return self.words(value if isinstance(value, tuple) else (value,))

    def gates(self, gates: Gates) -> str:
        """A table where it has room, else a display for each gate."""
        if _breadth(self.cells(gates.table)) <= PAGE:
            return self.table(gates.table)
        return "\n".join(map(self.gate, gates.rows))

    def gate(self, row: GateRow) -> str:
        sides = [self.spell(side) for side in (row.left, row.right) if side is not None]
        lines = broken(" = ".join(sides), PAGE - COLUMN)
        if row.note:
            lines[-1] += rf"\quad \text{{{self.words(row.note).strip()}}}"
        if row.rule:
            lines[-1] += rf" &\qquad& \text{{{escaped(row.rule)}}}"
        for words, array in (("forward", row.forward), ("backward", row.backward)):
            if array is not None:
                lines.append(rf"\qquad \text{{{words}}} \quad {_array(array)}")
        widest = max(map(_breadth_of, lines))
        return _sized(_aligned([f"& {line}" for line in lines]), widest / PAGE)

    def equations(self, block: Equations) -> str:
        rows = []
        told = list(told_apart(block.rows, self.spell))
        # The column of rules begins behind the widest row, whether that has one or not.
        margin: float = COLUMN if any(row.why for row, _ in told) else 0
        margin += max(width(self.spell(row.left)) for row, _ in told if row.left is not None)
        widest = 0.0
        for row, body in told:
            unsummed = no_sum(row.right) if self.notation == "einstein" else []
            note = LatexStyle({}).no_sum(unsummed) if unsummed else ""
            left = self.spell(row.left) if row.left is not None else ""
            why = ", ".join(self.words(pieces) for pieces in row.why)
            broad = broken(body + note, max(PAGE - margin, PAGE / 3))
            widest = max(widest, *map(width, broad))
            first, *more = broad
            sign = r"&\mathrel{+}=" if row.adds else "&="
            lines = [f"{left} {sign} {first}", *(rf"&\quad {line}" for line in more)]
            lines[-1] += rf" &\qquad& \text{{{why}}}" if why else ""
            rows += lines
        return _sized(_aligned(rows), (widest + margin) / PAGE)


def _sized(display: str, excess: float) -> str:
    """In the type in which it fits."""
    size = next((name for most, name in _SIZES if excess <= most), _SMALLEST)
    return f"{{{size}\n{display}\n\\par}}" if size else display


def _breadth(rows: list[list[str]]) -> float:
    """How wide a table of these cells is, about."""
    columns = zip(*rows, strict=True)
    return sum(max(map(_breadth_of, cells)) + GAP for cells in columns)


def _breadth_of(cell: str) -> float:
    bare = _FRAME.sub("", cell.replace("$", ""))
    return max(width(row) + GAP * row.count(" & ") for row in bare.split(_NEXT_ROW))


def _parted(rows: list[list[str]], most: int) -> list[list[str]]:
    """Lines of cells, in parts of no more lines than `most` where no array has more rows."""
    parts: list[list[str]] = []
    room = 0
    for cells in rows:
        height = 1 + max(cell.count(_NEXT_ROW) for cell in cells)
        if height > room:
            parts.append([])
            room = most
        parts[-1].append(" & ".join(cells))
        room -= height
    return parts


def _array(array: Numbers) -> str:
    """A scalar, a row or a matrix; what is more than that, long or broad, by its ends."""
    if is_long(array) or len(array.shape) > 2 or max(array.shape[-1:], default=0) > MOST_COLUMNS:
        return rf"\text{{{escaped(in_short(array))}}}"
    entries = list(map(_number, array.entries))
    if not array.shape:
        return entries[0]
    length = array.shape[-1]
    rows = [entries[at : at + length] for at in range(0, len(entries), length)]
    inner = _NEXT_ROW.join(" & ".join(row) for row in rows)
    return rf"\left[\begin{{array}}{{{'r' * length}}}{inner}\end{{array}}\right]"


def _number(value: float) -> str:
    mantissa, _, exponent = short(value).partition("e")
    if not isfinite(value):
        return rf"\mathrm{{{mantissa}}}"
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if exponent else mantissa


def _tabular(kinds: str, head: list[str], lines: list[str], stretch: str) -> str:
    titles = rf"{' & '.join(head)} \\ \hline"
    inner = " \\\\\n".join(lines)
    table = f"\\begin{{tabular}}{{{kinds}}}\n{titles}\n{inner}\n\\end{{tabular}}"
    return f"{{{stretch}\n{table}\n}}" if stretch else table


def _aligned(rows: list[str]) -> str:
    """Displays of rows under each other, a new one where a page may have to break."""
    displays = []
    for first in range(0, len(rows), MOST_ROWS):
        inner = " \\\\[3pt]\n".join(rows[first : first + MOST_ROWS])
        displays.append(f"\\[\\begin{{aligned}}\n{inner}\n\\end{{aligned}}\\]")
    return "\n".join(displays)
