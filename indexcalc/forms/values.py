"""Matrices as NumPy computes them: what a form means, apart from all indices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from sympy import Basic, Symbol

from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.world import Array, number
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
from indexcalc.forms.tensors import (
    Core,
    Kronecker,
    ModeProduct,
    Permutation,
    Tensor,
    Unfolding,
    Vec,
)

# Of a tensor, to see what changes with it.
STEP = 1e-3


class Rows:
    """A permutation as the rows that it takes; beside a matrix it is never one itself."""

    # So that an array leaves products to it.
    __array_ufunc__ = None

    def __init__(self, rows: Any) -> None:
        self.rows = rows

    @property
    def T(self) -> Rows:  # noqa: N802
        return Rows(np.argsort(self.rows))

    def __matmul__(self, other: Any) -> Any:
        return Rows(other.rows[self.rows]) if isinstance(other, Rows) else other[self.rows]

    def __rmatmul__(self, other: Array) -> Array:
        columns: Array = other[:, np.argsort(self.rows)]
        return columns

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        dense: Array = np.eye(len(self.rows))[self.rows]
        return dense


class Arrays:
    """Arrays by the names of tensors, numbers for sizes and constants, functions by name."""

    def __init__(
        self,
        arrays: Mapping[str, Array],
        numbers: Mapping[Symbol, float],
        functions: Mapping[str, Any] | None = None,
    ) -> None:
        self.arrays = arrays
        self.numbers = numbers
        self.functions = functions or {}

    def value(self, matrix: Basic, at: Mapping[str, int] | None = None) -> Any:
        """With two axes, whatever the shape, those of tensors apart; `at` are the places of leading
        indices."""
        at = at or {}
        inside = () if isinstance(matrix, Over | Differential) else _parts(matrix)
        parts = [self.value(one, at) for one in inside]
        if not isinstance(matrix, Product | Transpose):  # all else is done entry by entry
            parts = [np.asarray(part, dtype=float) for part in parts]
        with np.errstate(all="ignore"):
            value = self._value(matrix, parts, at)
        return value if isinstance(value, Rows) else np.asarray(value, dtype=float)

    def _value(self, matrix: Basic, parts: list[Array], at: Mapping[str, int]) -> Any:
        match matrix:
            case Named():
                places = tuple(at[index.name] for index in matrix.of)
                array = np.asarray(self.arrays[matrix.name], dtype=float)[places]
                return array.reshape(self.shape(matrix))
            case Number():
                return self._value(matrix.value, [], at)
            case Ones():
                return np.ones(self.shape(matrix))
            case Identity():
                return np.eye(self.shape(matrix)[0])
            case Transpose():
                return parts[0].T
            case Product():
                return _chained(parts)
            case Scaled() | Hadamard():
                return _multiplied(parts)
            case Plus():
                return sum(parts)
            case Power():
                return np.power(parts[0], parts[1])
            case Function():
                known = FUNCTIONS.get(matrix.name)
                own = self.functions.get(matrix.name)
                return known.value(np, parts[0]) if known else own(*parts) if own else None
            case Diagonal():
                return np.diag(parts[0][:, 0])
            case DiagonalOf():
                return np.diag(parts[0])[:, None]
            case Trace():
                return np.trace(parts[0]).reshape(1, 1)
            case Inner():
                return np.trace(parts[0].T @ parts[1]).reshape(1, 1)
            case Norm():
                return np.linalg.norm(parts[0]).reshape(1, 1)
            case Differential(of=Named() as named):
                places = tuple(at[index.name] for index in named.of)
                array = np.asarray(self.arrays[differential_name(named.name)], dtype=float)[places]
                return array.reshape(self.shape(matrix))
            case Differential():
                # Central differences with one Richardson step.
                fine, coarse = (self.change(matrix.of, at, step) for step in (STEP / 2, STEP))
                return (4 * fine - coarse) / 3
            case Core():
                return np.asarray(self.arrays[matrix.name], dtype=float)
            case ModeProduct():
                along = np.tensordot(parts[1], parts[0], (1, matrix.axis))
                return np.moveaxis(along, 0, matrix.axis)
            case Unfolding():
                return _unfolded(parts[0], matrix.axis, matrix.by)
            case Vec():
                return parts[0].reshape((-1, 1), order=_ORDERS[matrix.by])
            case Kronecker():
                return _kronecker(parts)
            case Permutation():
                of, to = (self.places(matrix.tensor, n, matrix.by) for n in (matrix.of, matrix.to))
                where = np.empty_like(to)
                where[to] = np.arange(len(to))
                return Rows(where[of])
            case Over():
                sizes = [int(number(index.size, self.numbers)) for index in matrix.indices]
                names = [index.name for index in matrix.indices]
                every = (dict(zip(names, place, strict=True)) for place in np.ndindex(*sizes))
                return sum(self.value(matrix.body, {**at, **one}) for one in every)
        return np.asarray(number(matrix, self.numbers), dtype=float).reshape(1, 1)

    def places(self, tensor: Tensor, axis: int, by: str) -> Array:
        """Which entry of a tensor each entry of an unfolding of it is."""
        shape = [int(number(size, self.numbers)) for size in tensor.sizes]
        entries = np.arange(np.prod(shape)).reshape(shape)
        return _unfolded(entries, axis, by).reshape(-1, order=_ORDERS[by])

    def change(self, matrix: Matrix, at: Mapping[str, int], step: float) -> Array:
        """How much a matrix changes, by a difference."""
        before, after = (self.moved(sign * step).value(matrix, at) for sign in (-1, 1))
        return np.asarray((after - before) / (2 * step))

    def moved(self, step: float) -> Arrays:
        """With every tensor moved by a part of its change."""
        arrays = {
            name: array + step * self.arrays[differential_name(name)]
            for name, array in self.arrays.items()
            if differential_name(name) in self.arrays
        }
        return Arrays({**self.arrays, **arrays}, self.numbers, self.functions)

    def shape(self, matrix: Matrix) -> tuple[int, int]:
        rows, columns = (int(number(size, self.numbers)) for size in matrix.shape)
        return rows, columns


def _parts(matrix: Basic) -> tuple[Basic, ...]:
    return matrix.parts if isinstance(matrix, Matrix | Tensor) else ()


# NumPy's names of the conventions.
_ORDERS: dict[str, Literal["F", "C"]] = {"column": "F", "row": "C"}


def _unfolded(array: Any, axis: int, by: str) -> Array:
    rows = array.shape[axis]
    unfolded: Array = np.moveaxis(array, axis, 0).reshape((rows, -1), order=_ORDERS[by])
    return unfolded


def _chained(parts: list[Array]) -> Array:
    product = parts[0]
    for part in parts[1:]:
        product = product @ part
    return product


def _kronecker(parts: list[Array]) -> Array:
    product = parts[0]
    for part in parts[1:]:
        product = np.asarray(np.kron(product, part), dtype=float)
    return product


def _multiplied(parts: list[Array]) -> Array:
    product = parts[0]
    for part in parts[1:]:
        product = product * part
    return product
