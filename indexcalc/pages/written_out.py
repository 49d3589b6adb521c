"""Written out: a function and its gradients entry by entry, as a system of equations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import prod

from sympy import Basic

from indexcalc.calculus.gradients import Gradients
from indexcalc.expr.base import Index
from indexcalc.expr.entries import Entry, Lengths, Place, WrittenOut, length, parts_written, places
from indexcalc.expr.explicit import explicit
from indexcalc.expr.lengths import small
from indexcalc.expr.nodes import Access, D
from indexcalc.expr.program import Program
from indexcalc.pages.opening import sizes, upstream
from indexcalc.render.opening import page_of
from indexcalc.render.page import Block, Equations, Heading, Page, Pieces, Remark, Row, grouped

# A tensor of more entries is cut, and entries made of more are left out.
MOST_ENTRIES = 200
MOST_PARTS = 200


def page(
    program: Program,
    found: Gradients,
    given: Lengths,
    jacobians: Sequence[tuple[D, Basic]] = (),
) -> Page:
    """Every equation of the program and every gradient, an entry a line."""
    return page_of(program, _blocks(program, found, given, jacobians))


def _blocks(
    program: Program, found: Gradients, given: Lengths, jacobians: Sequence[tuple[D, Basic]]
) -> Iterator[Block]:
    chosen = small(program, given)
    lengths = {**given, **chosen}
    if lengths:
        yield sizes(program, lengths, chosen)
    for equation in program.equations:
        yield from _system(equation.left, equation.right, lengths)
    if not found.results:
        yield Remark(("There is no tensor to differentiate by.",))
        return
    yield from upstream(found)
    if jacobians:
        yield Heading("Jacobians")
        for left, right in jacobians:
            yield from _system(left, right, lengths)
    yield Heading("Gradients")
    for equation in map(found.equation, (*found.kept, *found.backprop.wrt)):
        yield from _system(equation.left, equation.right, lengths)
    for equation in found.shared:
        yield from _system(equation.left, equation.right, lengths, (("where",),))


def _system(
    left: Access | D, right: Basic, lengths: Lengths, why: tuple[Pieces, ...] = ()
) -> Iterator[Block]:
    """left = right at every place of the left side, and what is left out of it."""
    indices = _indices(left)
    count = prod(length(index, lengths) for index in indices)
    entries = f"{grouped(count)} entr{'y' if count == 1 else 'ies'}"
    # A factor that a Σ does not change is written once, not in each of its terms.
    right = explicit(right)
    parts = parts_written(right, lengths)
    if parts > MOST_PARTS:
        long = f"an entry would be made of {grouped(parts)} parts, and {MOST_PARTS} is the most"
        yield Remark((left, f", with {entries}, is left out: {long}."))
        return
    written = WrittenOut(right, lengths)
    shown = islice(places(indices, lengths), MOST_ENTRIES)
    yield Equations(tuple(Row(_entry(left, place), written.at(place), why) for place in shown))
    if count > MOST_ENTRIES:
        yield Remark((left, f" has {entries}; the first {MOST_ENTRIES} are shown."))


def _indices(left: Access | D) -> tuple[Index, ...]:
    if isinstance(left, Access):
        return left.indices
    above = left.body.indices if isinstance(left.body, Access) else ()
    return (*above, *left.variable.indices)


def _entry(left: Access | D, place: Place) -> Basic:
    if isinstance(left, Access):
        return Entry.of(left, place)
    assert isinstance(left.body, Access)  # a Jacobian is of a tensor
    return D(Entry.of(left.body, place), Entry.of(left.variable, place))
