r"""A page as a LaTeX document that needs amsmath alone, or as the body of one.

Each chain of equalities is an `aligned` with the rule's name in the last column.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Basic

from indexcalc.expr.names import latex_face
from indexcalc.expr.nodes import Add
from indexcalc.expr.printing import no_sum, spell
from indexcalc.expr.typeset import LatexStyle
from indexcalc.render.page import (
    Block,
    Equations,
    Graph,
    Heading,
    Page,
    Pieces,
    Remark,
    told_apart,
)

# A sum that is longer than this as Unicode is set in several lines.
LONGEST = 64
# No display is longer than this, for TeX breaks pages between displays only.
MOST_ROWS = 12

# A row that is wider than this has the rule's name below it, and the smaller type the wider it is.
WIDEST = 100
_SIZES = ((130, r"\scriptsize"), (115, r"\footnotesize"), (WIDEST, r"\small"))

_PREAMBLE = r"""\documentclass[a4paper,10pt,fleqn]{article}
\usepackage{amsmath}
\setlength{\textwidth}{17cm}
\setlength{\oddsidemargin}{-0.5cm}
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


def latex(page: Page, notation: str = "einstein", *, fragment: bool = False) -> str:
    """The page as a document; with `fragment` what stands between begin and end of it."""
    writer = _Writer(notation)
    head = [rf"\section*{{{escaped(page.title)}}}", escaped(page.summary)]
    parts = [*head, *(text for block in page.blocks for text in writer.block(block))]
    body = "\n\n".join(part for part in parts if part)
    return body + "\n" if fragment else _PREAMBLE + body + _END


def escaped(text: str) -> str:
    """Words as LaTeX sets them; letters that it has no sign for as their names."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


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
        elif isinstance(block, Graph):
            yield self.graph(block)
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

    def equations(self, block: Equations) -> str:
        rows = []
        for row, body in told_apart(block.rows, self.spell):
            unsummed = no_sum(row.right) if self.notation == "einstein" else []
            note = LatexStyle({}).no_sum(unsummed) if unsummed else ""
            why = ", ".join(self.words(pieces) for pieces in row.why)
            last = rf" &\qquad& \text{{{why}}}" if why else ""
            if why and self.length(row.right) > WIDEST:
                last = rf" \\ &\qquad \text{{({why})}}"
            left = self.spell(row.left) if row.left is not None else ""
            *lines, end = self.lines(row.right, body)
            rows += [*lines, end + note + last]
            first = len(rows) - len(lines) - 1
            rows[first] = f"{left} &= {rows[first]}"
        widest = max((self.length(row.right) for row in block.rows), default=0)
        size = next((name for width, name in _SIZES if widest > width), "")
        return f"{{{size}\n{_aligned(rows)}\n}}" if size else _aligned(rows)

    def lines(self, expr: Basic, body: str) -> list[str]:
        """A long sum broken before its signs."""
        if not isinstance(expr, Add) or self.length(expr) <= LONGEST:
            return [body]
        lines: list[str] = []
        room = 0
        for place, term in enumerate(expr.args):
            text = self.spell(term)
            if place:
                text = text if text.startswith("-") else f"+ {text}"
            length = self.length(term)
            if lines and room + length <= LONGEST:
                lines[-1] += f" {text}"
                room += length + 3
            else:
                lines.append((r"&\quad " if lines else "") + text)
                room = length
        return lines

    def length(self, expr: Basic) -> int:
        """About how wide it is set."""
        return len(spell(expr, "unicode", self.notation, ones=False))


def _aligned(rows: list[str]) -> str:
    """Displays of rows under each other, a new one where a page may have to break."""
    displays = []
    for first in range(0, len(rows), MOST_ROWS):
        inner = " \\\\[3pt]\n".join(rows[first : first + MOST_ROWS])
        displays.append(f"\\[\\begin{{aligned}}\n{inner}\n\\end{{aligned}}\\]")
    return "\n".join(displays)
