"""What tensors among matrices mean, as arrays and entry by entry: both are held to loops, to einsum
and to permutations written out as matrices."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from sympy import Basic, Expr, Symbol

from indexcalc.expr.base import ONE, Index, size_symbol
from indexcalc.expr.digits import BY, digits, fused
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.world import World
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import Matrix, Named, Ones, Plus, Product, Transpose
from indexcalc.forms.tensors import (
    Core,
    Kronecker,
    ModeProduct,
    Permutation,
    Tensor,
    Unfolding,
    Vec,
    VecSlope,
)
from indexcalc.forms.values import Arrays

Array = NDArray[np.float64]

I, J, K, L = map(size_symbol, "IJKL")
LENGTHS: dict[Symbol, float] = {I: 3.0, J: 2.0, K: 4.0, L: 5.0}
RANDOM = np.random.default_rng(7)
ARRAYS = {
    "x": RANDOM.normal(size=(3, 2, 4)),
    "a": RANDOM.normal(size=(3, 2)),
    "b": RANDOM.normal(size=(4, 5)),
    "v": RANDOM.normal(size=(5, 2)),
    "t": RANDOM.normal(size=(24, 5)),
    "u": RANDOM.normal(size=4),
    "z": RANDOM.normal(size=(2, 3, 5, 4)),
}
X, Z = Core("x", "X", I, J, K), Core("z", "Z", J, I, L, K)
A, B, V = Named("a", "A", I, J), Named("b", "B", K, L), Named("v", "V", L, J)
T, U = Named("t", "T", I * J * K, L), Named("u", "u", K, ONE)
x, a, b, v, t, z = (ARRAYS[name] for name in "xabvtz")
u = ARRAYS["u"][:, None]

in_both = pytest.mark.parametrize("by", BY)
# Every axis of every tensor here.
along_every_axis = pytest.mark.parametrize(
    ("core", "axis"),
    [(core, axis) for core in (X, Z) for axis in range(len(core.sizes))],
)


def array(node: Basic) -> Array:
    return np.asarray(Arrays(ARRAYS, LENGTHS).value(node))


def entries(of: Matrix | Tensor) -> Array:
    """What all entries mean, by the reference evaluator."""
    indices = [Index(f"n{place}", size) for place, size in enumerate(of.sizes)]
    return evaluate(Entry(of, *indices), World(ARRAYS, LENGTHS, {}))


def assert_means(node: Matrix | Tensor, expected: Array) -> None:
    """Both ways; a vector has two axes as an array, and one as entries."""
    assert array(node).shape == expected.shape
    assert_allclose(array(node), expected, rtol=1e-13, atol=1e-14)
    shape = [int(size.subs(LENGTHS)) for size in node.sizes]
    assert_allclose(entries(node), expected.reshape(shape), rtol=1e-13, atol=1e-14)


def unfolded(tensor: Array, axis: int, by: str) -> Array:
    """Eq. 11 of the paper, and what it is with the last index running fastest."""
    others = [n for n in range(tensor.ndim) if n != axis]
    made = np.empty((tensor.shape[axis], tensor.size // tensor.shape[axis]))
    for place in np.ndindex(*tensor.shape):
        steps = {}
        for n in others:
            before = [m for m in others if (m < n if by == "column" else m > n)]
            steps[n] = prod(tensor.shape[m] for m in before)
        made[place[axis], sum(place[n] * steps[n] for n in others)] = tensor[place]
    return made


def stacked(matrix: Array, by: str) -> Array:
    """One column after the other, or one row after the other, as a column."""
    lines = matrix.T if by == "column" else matrix
    return np.concatenate(list(lines))[:, None]


def kronecker(first: Array, second: Array) -> Array:
    """Block by block."""
    return np.concatenate([np.concatenate([n * second for n in row], axis=1) for row in first])


def permutation(shape: tuple[int, ...], of: int, to: int, by: str) -> Array:
    """P of vec(Y₍ₙ₎) = P vec(Y₍ₘ₎), column by column: where each 1 in Y goes."""
    made = np.zeros((prod(shape), prod(shape)))
    for place in np.ndindex(*shape):
        one = np.zeros(shape)
        one[place] = 1
        rows, columns = (stacked(unfolded(one, axis, by), by)[:, 0] for axis in (of, to))
        made += np.outer(rows, columns)
    return made


def reordered(matrix: Matrix, tensor: Tensor, of: int, to: int, by: str) -> Matrix:
    """Pᵀ A"""
    return Product(Transpose(Permutation(tensor, of, to, by)), matrix)


# Tensors


def test_a_tensor_is_its_array() -> None:
    assert_means(X, x)
    assert_means(Z, z)


@pytest.mark.parametrize(
    ("node", "product", "arrays"),
    [
        (ModeProduct(X, Transpose(A), 0), "ijk,ia->ajk", (x, a)),
        (ModeProduct(X, V, 1), "ijk,aj->iak", (x, v)),
        (ModeProduct(X, Transpose(B), 2), "ijk,ka->ija", (x, b)),
        (ModeProduct(Z, B, 2), "jilk,al->jiak", (z, b)),
        (
            ModeProduct(ModeProduct(ModeProduct(X, V, 1), Transpose(A), 0), Transpose(B), 2),
            "ijk,bj,ia,kc->abc",
            (x, v, a, b),
        ),
        # Twice along one axis.
        (ModeProduct(ModeProduct(X, V, 1), Transpose(V), 1), "ijk,aj,ab->ibk", (x, v, v)),
        (ModeProduct(X, Product(V, Transpose(A), A), 1), "ijk,bl,al,aj->ibk", (x, v, a, a)),
    ],
)
def test_a_mode_product_is_a_sum_along_its_axis(
    node: Tensor, product: str, arrays: tuple[Array, ...]
) -> None:
    assert_means(node, np.asarray(np.einsum(product, *arrays)))


# Matrices


@in_both
@along_every_axis
def test_an_unfolding_has_all_other_indices_in_its_columns(core: Core, axis: int, by: str) -> None:
    assert_means(Unfolding(core, axis, by), unfolded(ARRAYS[core.name], axis, by))


@in_both
@pytest.mark.parametrize("axis", range(3))
def test_an_unfolding_of_a_mode_product(axis: int, by: str) -> None:
    expected = unfolded(np.einsum("ijk,aj->iak", x, v), axis, by)
    assert_means(Unfolding(ModeProduct(X, V, 1), axis, by), expected)


@in_both
def test_vec_has_all_columns_or_all_rows_of_a_matrix(by: str) -> None:
    assert_means(Vec(A, by), stacked(a, by))
    assert_means(Vec(Transpose(A), by), stacked(a.T, by))
    assert_means(Vec(Product(V, Transpose(A)), by), stacked(v @ a.T, by))
    assert_means(Vec(U, by), u)
    assert_means(Vec(Transpose(U), by), u)


@in_both
@along_every_axis
def test_vec_of_an_unfolding(core: Core, axis: int, by: str) -> None:
    expected = stacked(unfolded(ARRAYS[core.name], axis, by), by)
    assert_means(Vec(Unfolding(core, axis, by), by), expected)


@in_both
@pytest.mark.parametrize("core", [X, Z])
def test_vec_of_a_tensor_is_that_of_its_first_unfolding(core: Core, by: str) -> None:
    tensor = ARRAYS[core.name]
    assert_means(Vec(core, by), stacked(unfolded(tensor, 0, by), by))
    in_order = tensor.transpose() if by == "column" else tensor
    assert_means(Vec(core, by), np.array(list(in_order.flat))[:, None])


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Kronecker(A, B), kronecker(a, b)),
        (Kronecker(B, A), kronecker(b, a)),
        (Kronecker(A, B, V), kronecker(kronecker(a, b), v)),
        (Kronecker(A, Kronecker(B, V)), kronecker(a, kronecker(b, v))),
        (Kronecker(Transpose(A), Product(V, Transpose(A))), kronecker(a.T, v @ a.T)),
        (Kronecker(Plus(A, A), V), kronecker(2 * a, v)),
        (Transpose(Kronecker(A, B)), kronecker(a.T, b.T)),
        # Vectors, of which one may be a row.
        (Kronecker(U, A), kronecker(u, a)),
        (Kronecker(Transpose(U), U), u @ u.T),
        (Kronecker(U, Ones(J)), kronecker(u, np.ones((2, 1)))),
        (Kronecker(Transpose(U), A), kronecker(u.T, a)),
    ],
)
def test_a_kronecker_product_has_a_block_for_each_entry(node: Matrix, expected: Array) -> None:
    assert_means(node, expected)


@in_both
@pytest.mark.parametrize(("of", "to"), [(m, n) for m in range(3) for n in range(3)])
def test_rows_are_reordered_by_the_transpose(of: int, to: int, by: str) -> None:
    """vec(Y₍ₙ₎) = P vec(Y₍ₘ₎), and with rows as vec(Y₍ₘ₎) has them it is Pᵀ A."""
    p = permutation(x.shape, of, to, by)
    rows = [stacked(unfolded(x, axis, by), by) for axis in (of, to)]
    assert_allclose(rows[0], p @ rows[1])
    assert_means(reordered(T, X, of, to, by), p.T @ t)
    assert_means(Product(Permutation(X, of, to, by), T), p @ t)
    if of != to:
        assert not np.allclose(p @ t, p.T @ t)


@in_both
def test_the_rows_of_a_vector_are_reordered(by: str) -> None:
    vec = Vec(Unfolding(X, 2, by), by)
    assert_means(reordered(vec, X, 2, 0, by), stacked(unfolded(x, 0, by), by))


@in_both
def test_a_reordered_kronecker_product(by: str) -> None:
    p = permutation(x.shape, 1, 2, by)
    node = reordered(Kronecker(Vec(A, by), B), X, 1, 2, by)
    assert_means(node, p.T @ kronecker(stacked(a, by), b))


def test_what_stands_for_a_jacobian_has_no_value() -> None:
    """It is a name on the left alone."""
    slope = VecSlope(Vec(X, "row"), Vec(A, "row"))
    with pytest.raises(TypeError, match=r"^no entry of VecSlope$"):
        entries(slope)


# Entries at digits


def at_digits(of: Matrix | Tensor, by: str) -> Array:
    """All entries of it, at the digits of one index."""
    sizes: tuple[Expr, ...] = of.sizes
    node = Entry(of, *digits(fused("s", sizes), sizes, by))
    assert {index.name for index in node.free} == {"s"}
    return evaluate(node, World(ARRAYS, LENGTHS, {}))


@in_both
@pytest.mark.parametrize(
    ("node", "expected"),
    [(A, a), (Transpose(A), a.T), (Kronecker(A, V), kronecker(a, v)), (X, x), (Z, z)],
)
def test_entries_at_the_digits_of_one_index_are_vec(
    node: Matrix | Tensor, expected: Array, by: str
) -> None:
    in_order = expected.transpose() if by == "column" else expected
    assert_allclose(at_digits(node, by), list(in_order.flat), rtol=1e-13, atol=1e-14)


def test_entries_at_digits_of_two_indices_are_a_kronecker_product() -> None:
    """A_{s÷K, r÷L} B_{s%K, r%L}, Eq. 15 of the paper."""
    s, r = fused("s", [I, K]), fused("r", [J, L])
    (high, low), (above, below) = digits(s, [I, K], "row"), digits(r, [J, L], "row")
    where = World(ARRAYS, LENGTHS, {})
    # The axes are in order of name, r before s.
    product = evaluate(Entry(A, high, above), where) * evaluate(Entry(B, low, below), where)
    assert_allclose(product.T, kronecker(a, b), rtol=1e-13, atol=1e-14)
