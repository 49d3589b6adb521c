"""Matrix notation to program: shapes, then indices, then what reads any program."""

from __future__ import annotations

from indexcalc.errors import Source
from indexcalc.expr.program import Program
from indexcalc.forms.inward.parser import parse
from indexcalc.forms.inward.shapes import Shapes
from indexcalc.forms.inward.writing import Writer
from indexcalc.lang.reading import Reader, told_of


def read(text: str | Source, *, name: str | None = None) -> Program:
    """Read a program, exactly or not at all. `name` is what to call it without a signature."""
    source = text if isinstance(text, Source) else Source(text)
    with told_of(source):
        written = parse(source)
        writer = Writer(Shapes(written))
        for statement, right in zip(written.text.statements, written.rights, strict=True):
            writer.write(statement, right)
        return Reader(written.text).program(name or "f")
