"""Entries of matrices among expressions with indices: [A Bᵀ]_pq, and what that means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Basic, Expr

from indexcalc.expr.base import ONE, Index, postorder
from indexcalc.expr.digits import Digit, DigitDelta, Place, maps, moved, whole_of
from indexcalc.expr.nodes import Access, Add, Apply, D, Delta, Foreign, Mul, One, Pow, Sum
from indexcalc.expr.printing import piece_of
from indexcalc.expr.rename import fresh_name, rename
from indexcalc.expr.styles import Piece, Style
from indexcalc.expr.terms import Term, tree
from indexcalc.forms.differential import Differential, differential_name
from indexcalc.forms.matrices import (
    Diagonal,
    DiagonalOf,
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
)
from indexcalc.forms.spelling import entry_piece
from indexcalc.forms.tensors import (
    Core,
    Kronecker,
    ModeProduct,
    Permutation,
    Tensor,
    Unfolding,
    Vec,
    order,
)


class Entry(Foreign):
    """[A]_pq; a vector's has one index, and a scalar's none, a tensor's one for each axis. An index
    may be a digit of a fused one. The matrix is no part of an expression with indices, and has none
    of its own but those of many."""

    __slots__ = ()

    def __new__(cls, of: Matrix | Tensor, *indices: Place) -> Entry:
        if tuple(index.size for index in indices) != of.sizes:
            raise ValueError(f"{of} has no entry at {indices}")
        node: Entry = cls._make((of, *indices), of.free.union(map(whole_of, indices)))
        return node

    @property
    def of(self) -> Matrix | Tensor:
        of: Matrix | Tensor = self.args[0]
        return of

    @property
    def matrix(self) -> Matrix:
        matrix = self.of
        assert isinstance(matrix, Matrix)
        return matrix

    @property
    def indices(self) -> tuple[Place, ...]:
        return tuple(self.args[1:])

    @property
    def shown(self) -> tuple[Index, ...]:
        many = sorted(self.of.free, key=lambda index: index.name)
        return (*map(whole_of, self.indices), *many)

    def over(self, parts: tuple[Basic, ...], mapping: Mapping[Index, Index]) -> Basic:
        of = rename(self.of, mapping)
        assert isinstance(of, Matrix | Tensor)
        return Entry(of, *(moved(index, mapping) for index in self.indices))

    def piece(self, style: Style, parts: list[Piece]) -> Piece:
        return entry_piece(self.of, piece_of(self.of, style), self.indices, style)

    @property
    def meaning(self) -> Basic:
        return entry(self.of, self.indices)


def entry(of: Matrix | Tensor, places: Sequence[Place]) -> Basic:
    """The same without matrices, every sum in it with letters of its own."""
    inside = (arg for node in postorder(of) for arg in node.args if isinstance(arg, Index))
    entries = _Entries({index.name for index in (*map(whole_of, places), *inside)})
    indices = [one if isinstance(one, Index) else entries.fresh(one.size)[0] for one in places]
    inner = entries.at(of, indices)
    pairs = [(index, place) for index, place in zip(indices, places, strict=True)]
    deltas = [DigitDelta(index, place) for index, place in pairs if isinstance(place, Digit)]
    summed = [delta.index for delta in deltas]
    return Sum(_times([*deltas, inner]), *summed) if summed else inner


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
            case Unfolding():
                assert row  # no axis of a tensor is left out
                assert column
                return self.unfolded(matrix, row, column)
            case Vec():
                assert row
                return self.vec(matrix.of, row, matrix.by)
            case Kronecker():
                return self.kronecker(matrix, row, column)
            case Permutation():
                assert row
                assert column
                return self.permutation(matrix, row, column)
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

    def component(self, tensor: Basic, indices: Sequence[Index]) -> Basic:
        """X_ijk, or what a mode product is made of."""
        match tensor:
            case Core():
                return Access(tensor.name, *indices)
            case ModeProduct():
                at = tensor.axis
                (inner,) = self.fresh(tensor.tensor.sizes[at])
                before = [*indices[:at], inner, *indices[at + 1 :]]
                row = self.of(tensor.matrix, indices[at], inner)
                return Sum(Mul(self.component(tensor.tensor, before), row), inner)
        raise TypeError(f"no component of {type(tensor).__name__}")

    def unfolded(self, matrix: Unfolding, row: Index, column: Index) -> Basic:
        """Σ_jk δ_{j, s % J} δ_{k, s ÷ J} X_ijk"""
        axes = order(len(matrix.tensor.sizes), matrix.axis)
        others = self.fresh(*(matrix.tensor.sizes[axis] for axis in axes[1:]))
        found = dict(zip(axes, [row, *others], strict=True))
        inner = self.component(matrix.tensor, [found[axis] for axis in sorted(axes)])
        return Sum(Mul(*maps(others, column, matrix.by), inner), *others)

    def vec(self, of: Matrix | Tensor, place: Index, by: str) -> Basic:
        """Σ_ij δ_{i, s % I} δ_{j, s ÷ I} A_ij"""
        indices = self.fresh(*of.sizes)
        return Sum(Mul(*maps(indices, place, by), self.at(of, indices)), *indices)

    def at(self, of: Matrix | Tensor, indices: Sequence[Index]) -> Basic:
        """An entry at as many indices as there are."""
        if isinstance(of, Tensor):
            return self.component(of, indices)
        waiting = iter(indices)
        row, column = (None if size == 1 else next(waiting) for size in of.shape)
        return self.of(of, row, column)

    def kronecker(self, matrix: Kronecker, row: Index | None, column: Index | None) -> Basic:
        """A_{s ÷ K, r ÷ L} B_{s % K, r % L}"""
        rows = [part.shape[0] for part in matrix.args]
        columns = [part.shape[1] for part in matrix.args]
        factors: list[Basic] = []
        summed: list[Index] = []
        found: list[list[Index | None]] = []
        for place, sizes in ((row, rows), (column, columns)):
            indices = [self.fresh(size)[0] if size != 1 else None for size in sizes]
            own = _there(*indices)
            summed += own
            factors += maps(own, place, "row") if place else []
            found.append(indices)
        parts = zip(matrix.args, *found, strict=True)
        factors += [self.of(part, *pair) for part, *pair in parts]
        return Sum(_times(factors), *summed)

    def permutation(self, matrix: Permutation, row: Index, column: Index) -> Basic:
        """Σ over the axes, δ of each digit where it is and where it was."""
        indices = self.fresh(*matrix.tensor.sizes)
        factors: list[Basic] = []
        for whole, axis in ((row, matrix.of), (column, matrix.to)):
            own = [indices[at] for at in order(len(indices), axis)]
            factors += maps(own, whole, matrix.by)
        return Sum(Mul(*factors), *indices)

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
