"""Shapes: what every tensor, gradient and Jacobian measures, and how little of a Jacobian is there.

In symbols, and in numbers and bytes where lengths are given; nothing is computed at them, so that
they may be as large as they like.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Basic, Expr, Integer, Symbol, expand

from indexcalc.calculus.gradients import Gradients, jacobian
from indexcalc.calculus.nonzeros import entries, nonzeros
from indexcalc.errors import IndexcalcError, did_you_mean
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access, D
from indexcalc.expr.program import Program
from indexcalc.render.opening import listed, page_of
from indexcalc.render.page import (
    Block,
    Cell,
    Column,
    Heading,
    Page,
    Pieces,
    Remark,
    Table,
    binary,
)

# How many bytes an entry takes.
BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2, "float8": 1}
# Jacobians through a whole program take time by its statements, for each output and input.
MOST_WORK = 120

_SYMBOLS = (Column("shape"),)
_NUMBERS = (Column("in numbers"), Column("entries", "number"), Column("bytes", "bytes"))
_STRUCTURE = (Column("Jacobian"), Column("shape"), Column("not zero"), Column("of all"))
_AMOUNTS = (
    Column("Jacobian"),
    Column("in numbers"),
    Column("dense", "bytes"),
    Column("not zero", "number"),
    Column("of all", "share"),
)
# ∂y_ij/∂x_pq, and what it is.
Measured = tuple[D, Basic]


def page(
    program: Program, found: Gradients, lengths: Mapping[Symbol, int], dtype: str = "float32"
) -> Page:
    """Tables of shapes; `lengths` are of some sizes, of all, or of none."""
    if dtype not in BYTES:
        hint = did_you_mean(dtype, BYTES) or f"it is one of {', '.join(BYTES)}"
        raise IndexcalcError("IC606", f"there is no dtype {dtype}", hint=hint)
    return page_of(program, _Shapes(program, found, lengths, dtype).blocks())


@dataclass(frozen=True, slots=True)
class _Shapes:
    program: Program
    found: Gradients
    lengths: Mapping[Symbol, int]
    dtype: str

    def blocks(self) -> Iterator[Block]:
        if self.lengths:
            yield self.terms()
        yield Heading("Tensors")
        yield from self.tensors()
        if self.found.adjoints:
            yield Heading("Gradients")
            yield from self.gradients()
            yield from self.jacobians()

    def terms(self) -> Remark:
        """Under which sizes, and in which dtype, the numbers are."""
        given: list[Pieces] = [
            (size.symbol, f" = {self.lengths[size.symbol]}")
            for size in self.program.sizes
            if size.symbol in self.lengths
        ]
        width = BYTES[self.dtype]
        unit = f"{width} byte{'s' if width > 1 else ''}"
        return Remark(("Sizes: ", *listed(given), f". An entry is {self.dtype}, {unit}."))

    def tensors(self) -> Iterator[Block]:
        inputs = {access.name for access in self.program.inputs}
        rows = []
        for name, indices in self.program.tensors.items():
            role = "input" if name in inputs else "intermediate"
            role = "output" if name in self.program.outputs else role
            rows.append((Access(name, *indices), role))
        yield from self.table("tensors", ("tensor", "is"), rows)

    def gradients(self) -> Iterator[Block]:
        """The upstream gradients, and every adjoint that backpropagation goes through."""
        tensors, backprop = self.program.tensors, self.found.backprop
        rows = [
            (Access(seed, *tensors[name]), "upstream") for name, seed in backprop.upstream.items()
        ]
        for name, indices in tensors.items():
            if name in self.found.adjoints:
                role = "asked for" if name in backprop.wrt else "on the way"
                rows.append((Access(backprop.adjoint_name(name), *indices), role))
        yield from self.table("gradients", ("gradient", "is"), rows)

    def table(
        self, name: str, titles: Iterable[str], rows: Sequence[tuple[Access, str]]
    ) -> Iterator[Block]:
        columns = (*map(Column, titles), *_SYMBOLS, *(_NUMBERS if self.lengths else ()))
        cells: list[tuple[Cell, ...]] = []
        total: Expr = Integer(0)
        for access, role in rows:
            count = self.numbers(entries(index.size for index in access.indices))
            total += count
            row = (access, role, _shape(_sizes(access.indices)))
            amounts = (self.shape(access.indices), _cell(count), self.bytes(count))
            cells.append((*row, *(amounts if self.lengths else ())))
        yield Table(name, columns, tuple(cells))
        if self.lengths and total.is_Integer:
            yield Remark((f"Together {binary(int(total) * BYTES[self.dtype])}.",))

    def jacobians(self) -> Iterator[Block]:
        """Those of the outputs through every path, and those of the statements, which the chain
        rule multiplies."""
        program, wrt = self.program, self.found.backprop.wrt
        pairs = [(of, by) for of in program.outputs for by in wrt]
        statements = len(program.equations)
        if statements == 1 or len(pairs) * statements <= MOST_WORK:
            through = [jacobian(program, of, by) for of, by in pairs]
            yield from self.counted("Jacobians", "jacobians", through)
        else:
            yield Heading("Jacobians")
            many = f"{len(pairs)} through {statements} statements"
            yield Remark((f"The Jacobians of the outputs, {many}, are left out.",))
        if statements > 1:
            local = list(_local(program, self.found))
            yield from self.counted("Jacobians of single statements", "local_jacobians", local)

    def counted(self, title: str, name: str, found: Sequence[Measured]) -> Iterator[Block]:
        """What each has and what of it can differ from zero; nothing in a place where its δ are too
        many to say."""
        structure: list[tuple[Cell, ...]] = []
        amounts: list[tuple[Cell, ...]] = []
        for left, right in found:
            indices = (*_indices(left.body), *left.variable.indices)
            full = entries(index.size for index in indices)
            there = nonzeros(right, indices)
            share = None if there is None else expand(there / full)
            structure.append((left, _shape(_sizes(indices)), there, share))
            dense = self.bytes(self.numbers(full))
            row = (left, self.shape(indices), dense)
            amounts.append((*row, *self.amount(there, full)))
        yield Heading(title)
        yield Table(name, _STRUCTURE, tuple(structure))
        if self.lengths:
            yield Table(f"{name}_in_numbers", _AMOUNTS, tuple(amounts))

    def amount(self, there: Expr | None, full: Expr) -> tuple[Cell, Cell]:
        if there is None:
            return None, None
        count, dense = self.numbers(there), self.numbers(full)
        if count.is_Integer and dense.is_Integer:
            return int(count), int(count) / int(dense)
        share = expand(count / dense)
        return _cell(count), float(share) if share.is_Rational else share

    def numbers(self, formula: Expr) -> Expr:
        """With the lengths that are given."""
        value: Expr = formula.xreplace({s: Integer(n) for s, n in self.lengths.items()})
        return value

    def shape(self, indices: Sequence[Index]) -> Pieces:
        return _shape([self.numbers(index.size) for index in indices])

    def bytes(self, count: Expr) -> Cell:
        amount = count * BYTES[self.dtype]
        return int(amount) if amount.is_Integer else (amount, " bytes")


def _local(program: Program, found: Gradients) -> Iterator[Measured]:
    """∂of/∂variable through one statement, in the order of the statements."""
    order = {name: place for place, name in enumerate(program.tensors)}
    paths = [path for one in found.adjoints.values() for _, path in one.adjoint.paths]
    paths.sort(key=lambda path: (order[path.of.name], order[path.variable.name]))
    for path in paths:
        yield D(path.of, path.variable), path.trace.result


def _indices(body: Basic) -> tuple[Index, ...]:
    return body.indices if isinstance(body, Access) else ()


def _sizes(indices: Iterable[Index]) -> list[Expr]:
    return [index.size for index in indices]


def _shape(sizes: Sequence[Expr]) -> Pieces:
    """N × D"""
    if not sizes:
        return ("scalar",)
    return tuple(piece for size in sizes for piece in (" × ", size))[1:]


def _cell(count: Expr) -> Cell:
    return int(count) if count.is_Integer else count
