"""Entries of matrices among expressions with indices: [A Bᵀ]_pq, and what that means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Basic, Expr

from indexcalc.expr.base import ONE, Index, postorder
from indexcalc.expr.nodes import Access, Add, Apply, D, Delta, Foreign, Mul, One, Pow, Sum
from indexcalc.expr.printing import piece_of
from indexcalc.expr.rename import fresh_name, rename
from indexcalc.expr.styles import Piece, Style
from indexcalc.expr.terms import Term, tree
from indexcalc.forms.matrices import (
    Diagonal,
    DiagonalOf,
    Differential,
    Function,
    Hadamard,
    Identity,
    Inner,
    Matrix,
    Named,
    Norm,
    Number,
    Ones,
    Over,
    Plus,
    Power,
    Product,
    Scaled,
    Trace,
    Transpose,
    differential_name,
)
from indexcalc.forms.spelling import entry_piece


class Entry(Foreign):
    """[A]_pq; a vector's has one index, and a scalar's none. The matrix is no part of an expression
    with indices, and has none of its own but those of many."""

    __slots__ = ()

    def __new__(cls, matrix: Matrix, *indices: Index) -> Entry:
        if [index.size for index in indices] != [size for size in matrix.shape if size != 1]:
            raise ValueError(f"{matrix} has no entry at {indices}")
        node: Entry = cls._make((matrix, *indices), frozenset(indices) | matrix.free)
        return node

    @property
    def matrix(self) -> Matrix:
        matrix: Matrix = self.args[0]
        return matrix

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(self.args[1:])

    @property
    def shown(self) -> tuple[Index, ...]:
        return (*self.indices, *sorted(self.matrix.free, key=lambda index: index.name))

    def over(self, parts: tuple[Basic, ...], mapping: Mapping[Index, Index]) -> Basic:
        matrix = rename(self.matrix, mapping)
        assert isinstance(matrix, Matrix)
        return Entry(matrix, *(mapping.get(index, index) for index in self.indices))

    def piece(self, style: Style, parts: list[Piece]) -> Piece:
        return entry_piece(piece_of(self.matrix, style), self.indices, style)

    @property
    def meaning(self) -> Basic:
        return entry(self.matrix, self.indices)


def entry(matrix: Matrix, indices: Sequence[Index]) -> Basic:
    """The same without matrices, every sum in it with letters of its own."""
    inside = (arg for node in postorder(matrix) for arg in node.args if isinstance(arg, Index))
    taken = {index.name for index in (*indices, *inside)}
    waiting = iter(indices)
    row, column = (None if size == 1 else next(waiting) for size in matrix.shape)
    return _Entries(taken).of(matrix, row, column)


class _Entries:
    """Entries at a row and a column; None where there is only one."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken

    def of(self, matrix: Basic, row: Index | None, column: Index | None) -> Basic:
        match matrix:
            case Named():
                return Access(matrix.name, *matrix.of, *_there(row, column))
            case Number():
                return matrix.value
            case Ones():
                return One(row) if row else ONE
            case Identity():
                return Delta(row, column) if row and column else ONE
            case Transpose():
                return self.of(matrix.of, column, row)
            case Product():
                return self.product(matrix, row, column)
            case Scaled():
                number = () if matrix.number == 1 else (matrix.number,)
                *scalars, last = matrix.rest
                alone = [self.of(scalar, None, None) for scalar in scalars]
                return _times([*number, *alone, self.of(last, row, column)])
            case Plus():
                return Add(*(self.of(part, row, column) for part in matrix.parts))
            case Hadamard():
                return Mul(*(self.of(part, row, column) for part in matrix.parts))
            case Power():
                exponent = matrix.exponent
                base = self.of(matrix.base, row, column)
                if not isinstance(exponent, Matrix):
                    return Pow(base, exponent)
                place = (None, None) if exponent.is_scalar else (row, column)
                return Pow(base, self.of(exponent, *place))
            case Function():
                arguments = [self.of(one, row, column) for one in matrix.arguments]
                return Apply(matrix.name, *arguments)
            case Diagonal():
                assert row  # a diagonal matrix is no scalar
                assert column
                return Mul(Delta(row, column), self.of(matrix.vector, row, None))
            case DiagonalOf():
                return self.of(matrix.parts[0], row, row)
            case Differential(of=Named() as named):
                name = differential_name(named.name)
                return Access(name, *named.of, *_there(row, column))
            case Differential():
                return self.change(self.of(matrix.of, row, column), _there(row, column))
            case Over():
                return Sum(self.of(matrix.body, row, column), *matrix.indices)
            case Trace():
                (index,) = self.fresh(matrix.parts[0].shape[0])
                return Sum(self.of(matrix.parts[0], index, index), index)
            case Inner():
                return self.total(Hadamard(*matrix.parts))
            case Norm():
                return Apply("sqrt", self.total(Power(matrix.parts[0], ONE + ONE)))
        raise TypeError(f"no entry of {type(matrix).__name__}")

    def fresh(self, *sizes: Expr) -> list[Index]:
        """An index for each size that is not 1."""
        made = []
        for size in sizes:
            if size != 1:
                made.append(Index(fresh_name("h", self.taken), size))
                self.taken.add(made[-1].name)
        return made

    def product(self, node: Product, row: Index | None, column: Index | None) -> Basic:
        """A_pi B_ij C_jq, summed over what is between."""
        parts = [part for part in node.parts if isinstance(part, Matrix)]
        between = [self.fresh(part.shape[0]) for part in parts[1:]]
        inner = [indices[0] if indices else None for indices in between]
        ends = zip((row, *inner), (*inner, column), strict=True)
        entries = [self.of(part, *pair) for part, pair in zip(parts, ends, strict=True)]
        summed = [index for index in inner if index is not None]
        whole = _times(entries)
        return Sum(whole, *summed) if summed else whole

    def change(self, body: Basic, free: Sequence[Index]) -> Basic:
        """Σ (∂body/∂x_pq) dx_pq, of every tensor in it."""
        tensors = {node.name: node for node in postorder(body) if isinstance(node, Access)}
        changes = []
        for name, tensor in tensors.items():
            indices = self.fresh(*(index.size for index in tensor.indices))
            slope = D(body, Access(name, *indices))
            changes.append(Term(tuple(indices), (slope, Access(differential_name(name), *indices))))
        return tree(changes, free)

    def total(self, matrix: Matrix) -> Basic:
        """The sum of all entries."""
        rows, columns = (self.fresh(size) for size in matrix.shape)
        whole = self.of(matrix, *(found[0] if found else None for found in (rows, columns)))
        return Sum(whole, *rows, *columns) if rows or columns else whole


def _there(*indices: Index | None) -> list[Index]:
    return [index for index in indices if index is not None]


def _times(factors: Sequence[Basic]) -> Basic:
    kept = [factor for factor in factors if factor != ONE]
    if not kept:
        return ONE
    return kept[0] if len(kept) == 1 else Mul(*kept)
