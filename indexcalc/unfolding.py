"""Arrays unfolded into matrices and stacked into vectors, in an order that is always named.

Papers and libraries differ in which index runs fastest, and a formula with vec or ⊗ holds in one
order alone. `by` says which:

    "column"  the first index runs fastest, vec stacks columns: Kolda & Bader, MATLAB
    "row"     the last index runs fastest, vec stacks rows: TensorLy, np.ravel

Axes count from 0, as everywhere in NumPy, and from the end where they are negative. Printed
formulas count modes from 1: X₍ₙ₎ is unfold(x, n - 1, by=...). What comes back is a view where NumPy
can make one.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from numbers import Integral
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from indexcalc.errors import IndexcalcError, did_you_mean

Array = NDArray[Any]

# What NumPy calls them.
_ORDERS: dict[str, Literal["F", "C"]] = {"column": "F", "row": "C"}


def unfold(x: ArrayLike, axis: int, *, by: str) -> Array:
    """X₍ₙ₎: the matrix whose rows run over the axis and whose columns run over all others, by
    "column" the first of them fastest, by "row" the last. X₍₁₎ of a formula is that of axis 0."""
    order, array = numpy_order(by), _array(x, "x")
    at = _axis(axis, array.ndim)
    return np.moveaxis(array, at, 0).reshape(_unfolded(array.shape, at), order=order)


def fold(matrix: ArrayLike, axis: int, shape: int | Iterable[int], *, by: str) -> Array:
    """fold(X₍ₙ₎) = X: the array of this shape that the matrix is unfolded from."""
    order, lengths = numpy_order(by), _lengths(shape)
    at = _axis(axis, len(lengths))
    array = _fitting(matrix, "matrix", _unfolded(lengths, at), lengths)
    first = (lengths[at], *lengths[:at], *lengths[at + 1 :])
    return np.moveaxis(array.reshape(first, order=order), 0, at)


def vec(x: ArrayLike, *, by: str) -> Array:
    """vec(X): a matrix by "column" one column after the other, by "row" one row after the other; of
    any other array it is vec(X₍₁₎)."""
    return _array(x, "x").reshape(-1, order=numpy_order(by))


def unvec(v: ArrayLike, shape: int | Iterable[int], *, by: str) -> Array:
    """unvec(vec(X)) = X: the array of this shape that the vector is stacked from."""
    order, lengths = numpy_order(by), _lengths(shape)
    return _fitting(v, "vector", (prod(lengths),), lengths).reshape(lengths, order=order)


def mode_product(x: ArrayLike, v: ArrayLike, axis: int) -> Array:
    """[X ×ₙ V]_…p… = Σ_q v_pq x_…q…, that is [X ×ₙ V]₍ₙ₎ = V X₍ₙ₎ in either order; v has the shape
    (new, x.shape[axis])."""
    array, matrix = _array(x, "x"), _array(v, "v")
    at = _axis(axis, array.ndim)
    length = array.shape[at]
    if matrix.ndim != 2 or matrix.shape[1] != length:
        raise _refusal(
            f"v has the shape {matrix.shape}, and x the length {length} along axis {axis}",
            f"v is a matrix of {length} columns, with a row for each new entry",
        )
    return np.moveaxis(np.tensordot(matrix, array, (1, at)), 0, at)


def permutation(shape: int | Iterable[int], axis: int, to: int, *, by: str) -> NDArray[np.int64]:
    """p with vec(X₍ₙ₎) = vec(X₍ₘ₎)[p], n the mode of `axis` and m that of `to`, for every X of this
    shape: entry i of the first is entry p[i] of the second.

    It is the matrix P of vec(X₍ₙ₎) = P vec(X₍ₘ₎), which has a 1 in row i and column p[i]. So
    ∂vec(X₍ₘ₎)/∂v = Pᵀ ∂vec(X₍ₙ₎)/∂v: row i of the right one is row p[i] of the left one.
    """
    lengths = _lengths(shape)
    matrix = _unfolded(lengths, _axis(to, len(lengths)))
    # Each entry's place in vec(X₍ₘ₎). Up to the last line it is a view with other strides.
    places = unvec(np.arange(prod(lengths), dtype=np.int64), matrix, by=by)
    return vec(unfold(fold(places, to, lengths, by=by), axis, by=by), by=by)


def _unfolded(lengths: tuple[int, ...], at: int) -> tuple[int, int]:
    """The shape of the matrix."""
    return lengths[at], prod(lengths[:at] + lengths[at + 1 :])


# What is given


def numpy_order(by: object) -> Literal["F", "C"]:
    if not isinstance(by, str) or by not in _ORDERS:
        near = did_you_mean(by, _ORDERS) if isinstance(by, str) else ""
        raise _refusal(
            f"arrays are unfolded by column or by row, not by {by!r}",
            near or 'write by="column" where the first index runs fastest, by="row" for the last',
        )
    return _ORDERS[by]


def _array(given: ArrayLike, name: str) -> Array:
    try:
        return np.asarray(given)
    except ValueError:
        raise _refusal(f"{name} is not an array", "give rows of one length") from None


def _axis(axis: object, order: int) -> int:
    """The axis, counted from the start."""
    hint = "axes count from 0, the modes of formulas from 1"
    at = _whole(axis, "an axis", hint)
    if not -order <= at < order:
        raise _refusal(f"an array of order {order} has no axis {at}", hint)
    return at % order


def _lengths(shape: object) -> tuple[int, ...]:
    """The shape; a number alone is the length of a vector, as in NumPy."""
    hint = "give the shape of the array, x.shape"
    given = shape if isinstance(shape, Iterable) else (shape,)
    lengths = tuple(_whole(length, "the length of an axis", hint) for length in given)
    if any(length < 0 for length in lengths):
        raise _refusal(f"no array has the shape {lengths}", hint)
    return lengths


def _whole(given: object, name: str, hint: str) -> int:
    if not isinstance(given, Integral) or isinstance(given, bool):
        raise _refusal(f"{name} is a whole number, not {given!r}", hint)
    return int(given)


def _fitting(given: ArrayLike, name: str, wanted: tuple[int, ...], lengths: object) -> Array:
    array = _array(given, f"the {name}")
    if array.shape != wanted:
        raise _refusal(
            f"the {name} has the shape {array.shape}, and that of an array of shape {lengths} has "
            f"{wanted}",
            "give the axis and the shape of the array that it was made from",
        )
    return array


def _refusal(message: str, hint: str) -> IndexcalcError:
    return IndexcalcError("IC616", message, hint=hint)
