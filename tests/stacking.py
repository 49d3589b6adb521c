"""Arrays, and slopes of arrays by arrays, in the order of vec: by NumPy's own reshape alone."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

ORDERS: dict[str, Literal["F", "C"]] = {"column": "F", "row": "C"}


def unfolded(x: Array, axis: int, by: str) -> Array:
    """X₍ₙ₎, for axis n - 1."""
    return np.moveaxis(x, axis, 0).reshape((x.shape[axis], -1), order=ORDERS[by])


def stacked(x: Array, axis: int, by: str) -> Array:
    """vec(X₍ₙ₎); of a matrix vec(X) for axis 0, vec(Xᵀ) for axis 1."""
    if x.ndim < 2:
        return x.reshape(-1)
    return unfolded(x, axis, by).reshape(-1, order=ORDERS[by])


def in_order(shape: tuple[int, ...], axis: int, by: str) -> Array:
    """Which entry of an array each entry of vec(X₍ₙ₎) is."""
    return stacked(np.arange(prod(shape)).reshape(shape), axis, by)


def slope_matrix(slope: Array, count: int, modes: tuple[int, int], by: str) -> Array:
    """∂vec(Y₍ₙ₎)/∂vec(X₍ₘ₎) of ∂y/∂x with the axes of the one, so many, and those of the other."""
    of, wrt = slope.shape[:count], slope.shape[count:]
    rows, columns = in_order(of, modes[0], by), in_order(wrt, modes[1], by)
    return slope.reshape(prod(of), prod(wrt))[rows][:, columns]


def permutation(shape: tuple[int, ...], of: int, to: int, by: str) -> Array:
    """P of vec(Y₍ₙ₎) = P vec(Y₍ₘ₎), a row for each entry of the one."""
    rows, columns = (in_order(shape, axis, by) for axis in (of, to))
    return np.equal(rows[:, None], columns).astype(float)


def kronecker(factors: Iterable[Array]) -> Array:
    product: Array = np.ones((1, 1))
    for factor in factors:
        product = np.kron(product, factor)
    return product
