"""Tensors among matrices: their unfoldings, mode products, vec and Kronecker products.

What has more than two indices is a `Tensor`. Its unfolding along a mode has that index in its rows
and all others fused in its columns. Which of fused indices runs fastest is the convention, `by`
column or row; a matrix keeps that of its parts, and has no parts of two conventions.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from sympy import Basic, Expr, Integer
from sympy.core.symbol import Str

from indexcalc.expr.base import ONE, Index, label_of
from indexcalc.expr.nodes import Foreign
from indexcalc.expr.styles import Piece, Style
from indexcalc.forms.conventions import convention, one_convention
from indexcalc.forms.matrices import Matrix, need_matrix


class Tensor(Foreign):
    """What has any number of axes, of these sizes; `by` is the convention of the matrices in it."""

    __slots__ = ()

    @property
    def sizes(self) -> tuple[Expr, ...]:
        raise NotImplementedError

    @property
    def by(self) -> str:
        return ""

    def piece(self, style: Style, parts: list[Piece]) -> Piece:
        from indexcalc.forms.spelling import tensor_piece  # which is made for tensors

        return tensor_piece(self, style, parts)


class Core(Tensor):
    """A tensor of a program: its name, what it is called here, and its sizes."""

    __slots__ = ()

    def __new__(cls, name: str | Str, face: str | Str, *sizes: Expr) -> Core:
        node: Core = cls._make((label_of(name), label_of(face), *sizes), frozenset())
        return node

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def face(self) -> str:
        return str(self.args[1].name)

    @property
    def sizes(self) -> tuple[Expr, ...]:
        return tuple(self.args[2:])

    def over(self, parts: tuple[Basic, ...], mapping: Mapping[Index, Index]) -> Basic:
        return self


class ModeProduct(Tensor):
    """𝒳 ×ₙ V: each row of V with the tensor along one of its axes, which count from 0."""

    __slots__ = ()

    def __new__(cls, tensor: Tensor, matrix: Matrix, axis: int | Integer) -> ModeProduct:
        place = _axis(tensor, axis)
        if matrix.shape[1] != tensor.sizes[place]:
            raise ValueError(f"{matrix} does not go along axis {place} of {tensor}")
        one_convention([tensor.by, matrix.by])
        args = (tensor, matrix, Integer(place))
        node: ModeProduct = cls._make(args, tensor.free | matrix.free)
        return node

    @property
    def tensor(self) -> Tensor:
        tensor: Tensor = self.args[0]
        return tensor

    @property
    def matrix(self) -> Matrix:
        matrix: Matrix = self.args[1]
        return matrix

    @property
    def axis(self) -> int:
        return int(self.args[2])

    @property
    def by(self) -> str:
        return self.tensor.by or self.matrix.by

    @property
    def sizes(self) -> tuple[Expr, ...]:
        sizes = list(self.tensor.sizes)
        sizes[self.axis] = self.matrix.shape[0]
        return tuple(sizes)

    @property
    def parts(self) -> tuple[Basic, ...]:
        return (self.tensor, self.matrix)

    def with_parts(self, parts: tuple[Basic, ...]) -> Basic:
        return self.func(*parts, self.args[2])


def _axis(tensor: Tensor, axis: int | Integer) -> int:
    place = int(axis)
    if not 0 <= place < len(tensor.sizes):
        raise ValueError(f"{tensor} has no axis {place}")
    return place


def order(count: int, axis: int) -> list[int]:
    """The axes as an unfolding has them: that of its rows, then those fused in its columns."""
    return [axis, *(other for other in range(count) if other != axis)] if count else []


class Unfolding(Matrix):
    """𝒳₍ₙ₎: the rows run over one axis, the columns over all others."""

    __slots__ = ()

    def __new__(cls, tensor: Tensor, axis: int | Integer, by: str | Str) -> Unfolding:
        place, name = _axis(tensor, axis), convention(by)
        first, *others = (tensor.sizes[one] for one in order(len(tensor.sizes), place))
        args = (tensor, Integer(place), label_of(name))
        shape = (first, prod(others, start=ONE))
        node: Unfolding = cls._shaped(args, shape, name)
        return node

    @property
    def tensor(self) -> Tensor:
        tensor: Tensor = self.args[0]
        return tensor

    @property
    def axis(self) -> int:
        return int(self.args[1])

    @property
    def parts(self) -> tuple[Basic, ...]:
        return (self.tensor,)

    def with_parts(self, parts: tuple[Basic, ...]) -> Basic:
        return self.func(*parts, *self.args[1:])


class Vec(Matrix):
    """vec(A): all columns of a matrix, or all its rows, one after the other; of a tensor those of
    its first unfolding, which is to say that its first index runs fastest, or slowest."""

    __slots__ = ()

    def __new__(cls, of: Matrix | Tensor, by: str | Str) -> Vec:
        name = convention(by)
        args = (of, label_of(name))
        node: Vec = cls._shaped(args, (prod(of.sizes, start=ONE), ONE), name)
        return node

    @property
    def of(self) -> Matrix | Tensor:
        of: Matrix | Tensor = self.args[0]
        return of

    @property
    def parts(self) -> tuple[Basic, ...]:
        return (self.of,)

    def with_parts(self, parts: tuple[Basic, ...]) -> Basic:
        return self.func(*parts, self.args[1])


class Kronecker(Matrix):
    """A ⊗ B ⊗ ...: every entry of A times the whole of B."""

    __slots__ = ()

    def __new__(cls, *parts: Matrix) -> Kronecker:
        if len(parts) < 2:
            raise ValueError("Kronecker has at least 2 parts")
        rows = prod((need_matrix(part).shape[0] for part in parts), start=ONE)
        columns = prod((part.shape[1] for part in parts), start=ONE)
        node: Kronecker = cls._shaped(parts, (rows, columns))
        return node


class Permutation(Matrix):
    """P, where vec(𝒴₍ₙ₎) = P vec(𝒴₍ₘ₎): the entries of one unfolding of a tensor in the order of
    another. Its value is an index for each row, and never a matrix."""

    __slots__ = ()

    def __new__(
        cls,
        tensor: Tensor,
        of: int | Integer,
        to: int | Integer,
        by: str | Str,
        letter: str | Str = "P",
    ) -> Permutation:
        name = convention(by)
        rows = prod(tensor.sizes, start=ONE)
        axes = (Integer(_axis(tensor, axis)) for axis in (of, to))
        args = (tensor, *axes, label_of(name), label_of(letter))
        node: Permutation = cls._shaped(args, (rows, rows), name)
        return node

    @property
    def tensor(self) -> Tensor:
        tensor: Tensor = self.args[0]
        return tensor

    @property
    def of(self) -> int:
        return int(self.args[1])

    @property
    def to(self) -> int:
        return int(self.args[2])

    @property
    def letter(self) -> str:
        return str(self.args[4].name)

    @property
    def parts(self) -> tuple[Basic, ...]:
        return ()


class VecSlope(Matrix):
    """∂vec(Y)/∂vec(X): a row for each entry of Y, a column for each of X."""

    __slots__ = ()

    def __new__(cls, of: Matrix, wrt: Matrix) -> VecSlope:
        node: VecSlope = cls._shaped((of, wrt), (of.shape[0], wrt.shape[0]))
        return node

    @property
    def wrt(self) -> Matrix:
        wrt: Matrix = self.args[1]
        return wrt
