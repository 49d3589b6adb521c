"""How every page opens: the function's name, its signature and its description."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Basic

from indexcalc.expr.base import constant_symbol
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Program
from indexcalc.render.echo import decimal
from indexcalc.render.page import Block, Page, Pieces


def page_of(program: Program, blocks: Iterator[Block]) -> Page:
    """A page under the program's name, signature and description."""
    description = tuple(program.description.splitlines())
    return Page(program.name, _function(program), description, tuple(blocks))


def _function(program: Program) -> Pieces:
    """f(x_ij, ε = 1e-5) → y"""
    given: list[Pieces] = [(access,) for access in program.inputs]
    given += [(constant_symbol(name), f" = {decimal(value)}") for name, value in program.constants]
    made: list[Pieces] = [(Access(name),) for name in program.outputs]
    return (f"{program.name}(", *listed(given), ") → ", *listed(made))


def listed(entries: Sequence[Pieces]) -> Iterator[str | Basic]:
    """Entries with commas between them."""
    for place, entry in enumerate(entries):
        if place:
            yield ", "
        yield from entry
