"""Matrices as trees: what each node is, and the shapes that its constructor holds it to.

A vector is a column, a scalar is one by one. Numbers, sizes and constants are SymPy expressions, as
they are in the expressions with indices, and stand in front of a `Scaled` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, TypeAlias

from sympy import Basic, Expr
from sympy.core.symbol import Str

from indexcalc.expr.base import NOTHING, ONE, Index, free_of, label_of
from indexcalc.expr.nodes import Foreign
from indexcalc.expr.styles import Piece, Style
from indexcalc.forms.conventions import one_convention

Shape: TypeAlias = tuple[Expr, Expr]
SCALAR: Shape = (ONE, ONE)


class Matrix(Foreign):
    """A matrix, a vector or a scalar; `shape` is how many rows and columns it has, and `by` the
    convention by which indices are fused in it, if any are."""

    __slots__ = ("by", "shape")
    shape: Shape
    by: str

    @classmethod
    def _shaped(cls, args: tuple[Basic, ...], shape: Shape, by: str = "") -> Any:
        free = NOTHING.union(*map(free_of, args)).union(a for a in args if isinstance(a, Index))
        node = cls._make(args, free)
        node.shape = shape
        node.by = one_convention([by, *(getattr(arg, "by", "") for arg in args)])
        return node

    @property
    def sizes(self) -> tuple[Expr, ...]:
        """Those of the indices that an entry has."""
        return tuple(size for size in self.shape if size != 1)

    @property
    def is_scalar(self) -> bool:
        return bool(self.shape == SCALAR)

    @property
    def is_vector(self) -> bool:
        """Whether it is one column of several rows."""
        return bool(self.shape[0] != 1 and self.shape[1] == 1)

    @property
    def parts(self) -> tuple[Basic, ...]:
        return tuple(self.args)

    def piece(self, style: Style, parts: list[Piece]) -> Piece:
        from indexcalc.forms.spelling import matrix_piece  # which is made for matrices

        return matrix_piece(self, style, parts)


class Named(Matrix):
    """A tensor of a program: its name, what it is called here, and its shape; one of many where it
    has leading indices."""

    __slots__ = ()

    def __new__(
        cls, name: str | Str, face: str | Str, rows: Expr, columns: Expr, *of: Index
    ) -> Named:
        args = (label_of(name), label_of(face), rows, columns, *of)
        node: Named = cls._shaped(args, (rows, columns))
        return node

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def face(self) -> str:
        return str(self.args[1].name)

    @property
    def of(self) -> tuple[Index, ...]:
        return tuple(self.args[4:])

    @property
    def parts(self) -> tuple[Basic, ...]:
        return ()

    def over(self, parts: tuple[Basic, ...], mapping: Mapping[Index, Index]) -> Basic:
        return Named(*self.args[:4], *(mapping.get(index, index) for index in self.of))


class Number(Matrix):
    """A number alone: 1 in 1 - aᵀ b."""

    __slots__ = ()

    def __new__(cls, value: Expr) -> Number:
        node: Number = cls._shaped((value,), SCALAR)
        return node

    @property
    def value(self) -> Expr:
        return self.args[0]

    @property
    def parts(self) -> tuple[Basic, ...]:
        return ()


class Ones(Matrix):
    """𝟏: a column of ones."""

    __slots__ = ()

    def __new__(cls, rows: Expr) -> Ones:
        node: Ones = cls._shaped((rows,), (rows, ONE))
        return node

    @property
    def parts(self) -> tuple[Basic, ...]:
        return ()


class Identity(Matrix):
    """I: ones on the diagonal."""

    __slots__ = ()

    def __new__(cls, rows: Expr) -> Identity:
        node: Identity = cls._shaped((rows,), (rows, rows))
        return node

    @property
    def parts(self) -> tuple[Basic, ...]:
        return ()


class Transpose(Matrix):
    """Aᵀ"""

    __slots__ = ()

    def __new__(cls, of: Matrix) -> Transpose:
        node: Transpose = cls._shaped((need_matrix(of),), (of.shape[1], of.shape[0]))
        return node

    @property
    def of(self) -> Matrix:
        of: Matrix = self.args[0]
        return of


class Product(Matrix):
    """A B ...: each as many columns as the next has rows."""

    __slots__ = ()

    def __new__(cls, *parts: Matrix) -> Product:
        _least(cls, parts, 2)
        for before, after in pairwise(parts):
            if before.shape[1] != after.shape[0]:
                said = f"{before} has {before.shape[1]} columns, {after} {after.shape[0]} rows"
                raise ValueError(said)
        node: Product = cls._shaped(parts, (parts[0].shape[0], parts[-1].shape[1]))
        return node


class Scaled(Matrix):
    """c a A: a number, or scalars, or both, times what comes last."""

    __slots__ = ()

    def __new__(cls, *parts: Expr | Matrix) -> Scaled:
        if len(parts) < 2:
            raise ValueError("Scaled has at least two parts")
        *scalars, last = parts
        for place, scalar in enumerate(scalars):
            if isinstance(scalar, Matrix) and not scalar.is_scalar:
                raise ValueError(f"{scalar} is no scalar")
            if not isinstance(scalar, Matrix) and place:
                raise ValueError("a number comes first")
        node: Scaled = cls._shaped(parts, need_matrix(last).shape)
        return node

    @property
    def number(self) -> Expr:
        return ONE if isinstance(self.args[0], Matrix) else self.args[0]

    @property
    def rest(self) -> tuple[Matrix, ...]:
        """All but the number."""
        return tuple(part for part in self.args if isinstance(part, Matrix))


class Plus(Matrix):
    """A + B + ..., all of one shape."""

    __slots__ = ()

    def __new__(cls, *parts: Matrix) -> Plus:
        node: Plus = cls._shaped(parts, _one_shape(cls, parts))
        return node


class Hadamard(Matrix):
    """A ⊙ B ⊙ ..., entry by entry."""

    __slots__ = ()

    def __new__(cls, *parts: Matrix) -> Hadamard:
        node: Hadamard = cls._shaped(parts, _one_shape(cls, parts))
        return node


class Power(Matrix):
    """Each entry to a power: a number, a scalar, or an entry of a matrix of the same shape."""

    __slots__ = ()

    def __new__(cls, base: Matrix, exponent: Expr | Matrix) -> Power:
        if isinstance(exponent, Matrix) and not exponent.is_scalar:
            _one_shape(cls, (base, exponent))
        node: Power = cls._shaped((need_matrix(base), exponent), base.shape)
        return node

    @property
    def base(self) -> Matrix:
        base: Matrix = self.args[0]
        return base

    @property
    def exponent(self) -> Expr | Matrix:
        exponent: Expr | Matrix = self.args[1]
        return exponent


class Function(Matrix):
    """f(A), entry by entry; of several arguments, all of one shape."""

    __slots__ = ()

    def __new__(cls, name: str | Str, *arguments: Matrix) -> Function:
        shape = _one_shape(cls, arguments, 1)
        node: Function = cls._shaped((label_of(name), *arguments), shape)
        return node

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def arguments(self) -> tuple[Matrix, ...]:
        return tuple(self.args[1:])

    @property
    def parts(self) -> tuple[Basic, ...]:
        return self.arguments

    def with_parts(self, parts: tuple[Basic, ...]) -> Basic:
        return self.func(self.name, *parts)


class Diagonal(Matrix):
    """diag(v), the matrix with a vector on its diagonal."""

    __slots__ = ()

    def __new__(cls, vector: Matrix) -> Diagonal:
        if not need_matrix(vector).is_vector:
            raise ValueError(f"{vector} is no column")
        node: Diagonal = cls._shaped((vector,), (vector.shape[0], vector.shape[0]))
        return node

    @property
    def vector(self) -> Matrix:
        vector: Matrix = self.args[0]
        return vector


class DiagonalOf(Matrix):
    """diag(A), the diagonal of a square matrix as a vector."""

    __slots__ = ()

    def __new__(cls, matrix: Matrix) -> DiagonalOf:
        node: DiagonalOf = cls._shaped((_square(matrix),), (matrix.shape[0], ONE))
        return node


class Trace(Matrix):
    """tr(A)"""

    __slots__ = ()

    def __new__(cls, matrix: Matrix) -> Trace:
        node: Trace = cls._shaped((_square(matrix),), SCALAR)
        return node


class Inner(Matrix):
    """A : B = tr(AᵀB), the sum of all entries of A ⊙ B."""

    __slots__ = ()

    def __new__(cls, first: Matrix, second: Matrix) -> Inner:
        _one_shape(cls, (first, second))
        node: Inner = cls._shaped((first, second), SCALAR)
        return node


class Norm(Matrix):
    """‖A‖: the root of the sum of all squares."""

    __slots__ = ()

    def __new__(cls, of: Matrix) -> Norm:
        node: Norm = cls._shaped((need_matrix(of),), SCALAR)
        return node


class Over(Matrix):
    """Σ_b A_b: a sum over what many matrices are many of."""

    __slots__ = ()
    kind = "sum"

    def __new__(cls, body: Matrix, *indices: Index) -> Over:
        if not indices or not free_of(need_matrix(body)).issuperset(indices):
            raise ValueError(f"{body} is not one of many over {indices}")
        node: Over = cls._make((body, *indices), body.free.difference(indices))
        node.shape = body.shape
        node.by = body.by
        return node

    @property
    def body(self) -> Matrix:
        body: Matrix = self.args[0]
        return body

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(self.args[1:])

    @property
    def parts(self) -> tuple[Basic, ...]:
        return (self.body,)

    def with_parts(self, parts: tuple[Basic, ...]) -> Basic:
        return self.func(*parts, *self.indices)


def need_matrix(part: object) -> Matrix:
    if not isinstance(part, Matrix):
        raise TypeError(f"{part!r} is no matrix")
    return part


def _square(matrix: Matrix) -> Matrix:
    rows, columns = need_matrix(matrix).shape
    if rows != columns:
        raise ValueError(f"{matrix} is {rows} by {columns}, not square")
    return matrix


def _least(cls: type, parts: tuple[Matrix, ...], least: int) -> None:
    if len(parts) < least:
        raise ValueError(f"{cls.__name__} has at least {least} parts")
    for part in parts:
        need_matrix(part)


def _one_shape(cls: type, parts: tuple[Matrix, ...], least: int = 2) -> Shape:
    _least(cls, parts, least)
    for part in parts[1:]:
        if part.shape != parts[0].shape:
            raise ValueError(
                f"{parts[0]} and {part} have the shapes {parts[0].shape}, {part.shape}"
            )
    return parts[0].shape
