"""Unfoldings to the letter of the papers, in both orders; and foldings that equal sizes hide.

Everything is held to index formulas written out, to einsum and to Kronecker products of NumPy.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import indexcalc as ic

Array = NDArray[Any]
Dims = tuple[int, int, int]

BOTH = ["column", "row"]
# No two alike, and none in order.
SIZES = (3, 2, 5, 4, 7, 6)
NEW = (2, 4, 3, 1, 5, 2)
ODD = [(4,), (1,), (0,), (1, 1), (2, 0), (0, 0), (0, 3, 2), (3, 0, 2), (1, 4, 1), (2, 1, 3, 1)]
# Every axis of every order from 2 to 6.
AXES = [(order, axis) for order in range(2, 7) for axis in range(order)]

by_both = pytest.mark.parametrize("by", BOTH)
of_every_axis = pytest.mark.parametrize(("order", "axis"), AXES)


def numbered(*shape: int) -> Array:
    """No two entries alike."""
    return np.arange(prod(shape)).reshape(shape)


def random(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def matrices(order: int) -> list[Array]:
    """One for each axis of an array with the first SIZES."""
    return [random(NEW[at], SIZES[at], seed=at) for at in range(order)]


def letters(count: int) -> str:
    return "ijklmn"[:count]


def contracted(x: Array, vs: Sequence[Array]) -> Array:
    """Every axis of x with its matrix, by einsum: ijk,ai,bj,ck->abc."""
    inner = letters(x.ndim)
    outer = "abcdef"[: x.ndim]
    pairs = [a + i for a, i in zip(outer, inner, strict=True)]
    return np.asarray(np.einsum(f"{','.join([inner, *pairs])}->{outer}", x, *vs, optimize=True))


def kronecker(factors: Iterable[Array]) -> Array:
    return reduce(np.kron, factors, np.ones((1, 1)))


def others(vs: Sequence[Array], axis: int, by: str) -> Array:
    """All matrices but one, the last first where columns are stacked."""
    kept = [v for at, v in enumerate(vs) if at != axis]
    return kronecker(kept[::-1] if by == "column" else kept)


def stacked(matrix: Any, by: str) -> list[Any]:
    """vec, one entry after the other."""
    rows, columns = len(matrix), len(matrix[0])
    if by == "row":
        return [matrix[i][j] for i in range(rows) for j in range(columns)]
    return [matrix[i][j] for j in range(columns) for i in range(rows)]


# The example of the paper


def test_the_example_of_the_paper() -> None:
    x = np.empty((3, 2, 2), int)
    x[:, :, 0] = [[0, 3], [1, 4], [2, 5]]
    x[:, :, 1] = [[6, 9], [7, 10], [8, 11]]
    unfolded = [ic.unfold(x, axis, by="column").tolist() for axis in range(3)]
    assert unfolded == [
        [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]],
        [[0, 1, 2, 6, 7, 8], [3, 4, 5, 9, 10, 11]],
        [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]],
    ]
    assert ic.vec(x, by="column").tolist() == list(range(12))


# By the definitions


@of_every_axis
def test_columns_are_counted_by_equation_11(order: int, axis: int) -> None:
    sizes = SIZES[:order]
    x = numbered(*sizes)
    matrix = ic.unfold(x, axis, by="column")
    assert matrix.shape == (sizes[axis], x.size // sizes[axis])
    # The paper's letters, from 1 on: j = Σ_{k≠n} i_k Π_{m<k, m≠n} I_m.
    length, n = dict(enumerate(sizes, 1)), axis + 1
    for entry in product(*map(range, sizes)):
        i = dict(enumerate(entry, 1))
        j = sum(
            i[k] * prod(length[m] for m in range(1, k) if m != n)
            for k in range(1, order + 1)
            if k != n
        )
        assert matrix[i[n], j] == x[entry]


@of_every_axis
def test_by_row_it_is_the_unfolding_of_tensorly(order: int, axis: int) -> None:
    x = numbered(*SIZES[:order])
    expected = np.reshape(np.moveaxis(x, axis, 0), (x.shape[axis], -1))
    np.testing.assert_array_equal(ic.unfold(x, axis, by="row"), expected)


def test_vec_stacks_columns_or_rows() -> None:
    x = [[1, 2, 3], [4, 5, 6]]
    assert ic.vec(x, by="column").tolist() == [1, 4, 2, 5, 3, 6]
    assert ic.vec(x, by="row").tolist() == [1, 2, 3, 4, 5, 6]


@by_both
def test_vec_of_an_array_is_that_of_its_first_unfolding(by: str) -> None:
    x = numbered(3, 2, 4)
    expected = stacked(ic.unfold(x, 0, by=by).tolist(), by)
    assert ic.vec(x, by=by).tolist() == expected


@by_both
def test_axes_are_counted_from_the_end_too(by: str) -> None:
    x, v = numbered(3, 2, 4), numbered(5, 2)
    same = np.testing.assert_array_equal
    same(ic.unfold(x, -2, by=by), ic.unfold(x, 1, by=by))
    same(ic.fold(ic.unfold(x, 1, by=by), -2, x.shape, by=by), x)
    same(ic.mode_product(x, v, -2), ic.mode_product(x, v, 1))
    same(ic.permutation(x.shape, -3, -2, by=by), ic.permutation(x.shape, 0, 1, by=by))


# Back again


@by_both
@pytest.mark.parametrize("shape", [*(SIZES[:order] for order in range(2, 7)), *ODD])
def test_fold_undoes_unfold(shape: tuple[int, ...], by: str) -> None:
    x = numbered(*shape)
    for axis in range(x.ndim):
        matrix = ic.unfold(x, axis, by=by)
        assert matrix.shape == (shape[axis], prod(shape[:axis] + shape[axis + 1 :]))
        np.testing.assert_array_equal(ic.fold(matrix, axis, shape, by=by), x, strict=True)


@by_both
@pytest.mark.parametrize("shape", [*(SIZES[:order] for order in range(2, 7)), *ODD, ()])
def test_unvec_undoes_vec(shape: tuple[int, ...], by: str) -> None:
    x = numbered(*shape)
    vector = ic.vec(x, by=by)
    assert vector.shape == (x.size,)
    np.testing.assert_array_equal(ic.unvec(vector, shape, by=by), x, strict=True)


@by_both
def test_a_length_is_the_shape_of_a_vector(by: str) -> None:
    x = numbered(4)
    np.testing.assert_array_equal(ic.unvec(x, 4, by=by), x, strict=True)
    np.testing.assert_array_equal(ic.fold(x[:, None], 0, [4], by=by), x, strict=True)


def test_nothing_is_copied_that_need_not_be() -> None:
    rows, columns = np.zeros(SIZES), np.zeros(SIZES, order="F")
    for by in BOTH:
        for axis in range(rows.ndim):
            matrix = random(SIZES[axis], rows.size // SIZES[axis])
            assert np.shares_memory(ic.fold(matrix, axis, SIZES, by=by), matrix)
        vector = random(rows.size)
        assert np.shares_memory(ic.unvec(vector, SIZES, by=by), vector)
    for axis in (0, rows.ndim - 1):
        assert np.shares_memory(ic.unfold(rows, axis, by="row"), rows)
        assert np.shares_memory(ic.unfold(columns, axis, by="column"), columns)
    assert np.shares_memory(ic.vec(rows, by="row"), rows)
    assert np.shares_memory(ic.vec(columns, by="column"), columns)


# Mode products


@of_every_axis
def test_a_mode_product_is_a_sum_over_its_axis(order: int, axis: int) -> None:
    x, v = random(*SIZES[:order]), random(NEW[axis], SIZES[axis])
    index = letters(order)
    after = index.replace(index[axis], "z")
    expected = np.einsum(f"{index},z{index[axis]}->{after}", x, v)
    np.testing.assert_allclose(ic.mode_product(x, v, axis), expected, rtol=1e-12, atol=1e-12)


@by_both
@of_every_axis
def test_unfolded_it_is_a_product_of_matrices(order: int, axis: int, by: str) -> None:
    x, v = random(*SIZES[:order]), random(NEW[axis], SIZES[axis])
    found = ic.unfold(ic.mode_product(x, v, axis), axis, by=by)
    np.testing.assert_allclose(found, v @ ic.unfold(x, axis, by=by), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("shape", "new"), [((0, 3), 2), ((2, 3), 0), ((1, 3), 1)])
def test_a_mode_product_may_have_nothing_to_sum(shape: tuple[int, int], new: int) -> None:
    x, v = random(*shape), random(new, shape[0])
    np.testing.assert_allclose(ic.mode_product(x, v, 0), v @ x, strict=True)


# Kronecker products


@by_both
def test_vec_of_a_product_of_three_matrices(by: str) -> None:
    p, x, q = random(4, 3), random(3, 5), random(5, 2)
    kron = np.kron(q.T, p) if by == "column" else np.kron(p, q.T)
    found = kron @ ic.vec(x, by=by)
    np.testing.assert_allclose(ic.vec(p @ x @ q, by=by), found, rtol=1e-12, atol=1e-12)


@by_both
@of_every_axis
def test_equation_18(order: int, axis: int, by: str) -> None:
    x, vs = random(*SIZES[:order]), matrices(order)
    core = contracted(x, vs)
    found = vs[axis] @ ic.unfold(x, axis, by=by) @ others(vs, axis, by).T
    np.testing.assert_allclose(found, ic.unfold(core, axis, by=by), rtol=1e-9, atol=1e-9)
    products = reduce(lambda y, at: ic.mode_product(y, vs[at], at), range(order), x)
    np.testing.assert_allclose(products, core, rtol=1e-9, atol=1e-9)


# Permutations


@by_both
@pytest.mark.parametrize("shape", [*(SIZES[:order] for order in range(2, 6)), *ODD])
def test_a_permutation_leads_from_one_unfolding_to_another(shape: tuple[int, ...], by: str) -> None:
    x = random(*shape)
    vectors = [ic.vec(ic.unfold(x, axis, by=by), by=by) for axis in range(x.ndim)]
    for axis, to in product(range(x.ndim), repeat=2):
        p = ic.permutation(shape, axis, to, by=by)
        assert p.dtype == np.int64
        np.testing.assert_array_equal(vectors[axis], vectors[to][p], strict=True)


@by_both
def test_a_permutation_takes_the_memory_of_a_few_vectors(by: str) -> None:
    shape = (60, 90, 70)
    vector = 8 * prod(shape)
    tracemalloc.start()
    try:
        ic.permutation(shape, 1, 2, by=by)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert vector < most < 3 * vector


# The program of the paper numbers the entries of a core with the first index fastest, and folds the
# numbers along all three modes.


def folded_0(numbers: Sequence[int], dims: Dims) -> list[list[int]]:
    d0, d1, d2 = dims
    return [[numbers[i + d0 * j] for j in range(d1 * d2)] for i in range(d0)]


def folded_1(numbers: Sequence[int], dims: Dims) -> list[list[int]]:
    d0, d1, d2 = dims
    return [
        [numbers[j % d0 + d0 * i + d0 * d1 * (j // d0)] for j in range(d0 * d2)] for i in range(d1)
    ]


def folded_2(numbers: Sequence[int], dims: Dims) -> list[list[int]]:
    d0, d1, d2 = dims
    return [[numbers[j + d0 * d1 * i] for j in range(d0 * d1)] for i in range(d2)]


FOLDED = [folded_0, folded_1, folded_2]
CORE: Dims = (10, 10, 20)


@pytest.mark.parametrize("dims", [CORE, (3, 2, 4)])
@pytest.mark.parametrize("mode", range(3))
def test_the_permutation_vectors_of_the_program(mode: int, dims: Dims) -> None:
    dummy = range(prod(dims))
    last = stacked(folded_2(dummy, dims), "column")
    place = {number: j for j, number in enumerate(last)}
    expected = [place[number] for number in stacked(FOLDED[mode](dummy, dims), "column")]
    assert ic.permutation(dims, mode, 2, by="column").tolist() == expected


# Two slips of that program's foldings, each in place of one of the three above.


def with_too_few_columns(numbers: Sequence[int], dims: Dims) -> list[list[int]]:
    """Columns up to d0*d1 where d1*d2 is meant; what is not reached stays 0."""
    d0, d1, d2 = dims
    matrix = [[0] * (d1 * d2) for _ in range(d0)]
    for i in range(d0):
        for j in range(d0 * d1):
            matrix[i][j] = numbers[i + d0 * j]
    return matrix


def with_steps_of_another_axis(numbers: Sequence[int], dims: Dims) -> list[list[int]]:
    """Steps of d1 where d0 is meant; what is past the last number is 0."""
    d0, d1, d2 = dims
    there = dict(enumerate(numbers))
    return [
        [there.get(j % d1 + d1 * i + d0 * d1 * (j // d1), 0) for j in range(d0 * d2)]
        for i in range(d1)
    ]


def is_unfolding(
    folding: Callable[[Sequence[int], Dims], list[list[int]]], mode: int, dims: Dims
) -> bool:
    numbers = range(1, prod(dims) + 1)
    x = ic.unvec(list(numbers), dims, by="column")
    right: list[list[int]] = ic.unfold(x, mode, by="column").tolist()
    return folding(numbers, dims) == right


@pytest.mark.parametrize(
    ("dims", "first_passes", "second_passes"),
    [
        ((4, 4, 4), True, True),
        (CORE, False, True),
        ((4, 3, 4), True, False),
        ((2, 3, 4), False, False),
    ],
)
def test_unequal_sizes_expose_a_wrong_folding(
    dims: Dims, first_passes: bool, second_passes: bool
) -> None:
    assert all(is_unfolding(folding, mode, dims) for mode, folding in enumerate(FOLDED))
    assert is_unfolding(with_too_few_columns, 0, dims) == first_passes
    assert is_unfolding(with_steps_of_another_axis, 1, dims) == second_passes


# Jacobians


def jacobians(axis: int, by: str) -> tuple[Array, Array, Array]:
    """Those of vec(G₍ₙ₎) by equation 22 and of vec(G₍N₎) from G itself, both by vec(V⁽ⁿ⁾); and P of
    vec(G₍ₙ₎) = P vec(G₍N₎)."""
    x, vs = random(*SIZES[:3]), matrices(3)
    new, old = vs[axis].shape
    outer = others(vs, axis, by) @ ic.unfold(x, axis, by=by).T
    eye = np.eye(new)
    along_n = np.kron(outer, eye) if by == "column" else np.kron(eye, outer)
    # G is linear in V⁽ⁿ⁾: its derivative by an entry is its value where that entry is 1, others 0.
    columns = []
    for unit in np.eye(new * old):
        varied = [*vs[:axis], ic.unvec(unit, (new, old), by=by), *vs[axis + 1 :]]
        columns.append(ic.vec(ic.unfold(contracted(x, varied), 2, by=by), by=by))
    p = ic.permutation(NEW[:3], axis, 2, by=by)
    return along_n, np.stack(columns, axis=1), np.eye(len(p))[p]


@by_both
@pytest.mark.parametrize("axis", range(3))
def test_equation_21(axis: int, by: str) -> None:
    core = contracted(random(*SIZES[:3]), matrices(3))
    _, _, p = jacobians(axis, by)
    found = p @ ic.vec(ic.unfold(core, 2, by=by), by=by)
    np.testing.assert_array_equal(found, ic.vec(ic.unfold(core, axis, by=by), by=by))


@by_both
@pytest.mark.parametrize("axis", range(3))
def test_equation_20_is_with_the_transpose(axis: int, by: str) -> None:
    along_n, along_last, p = jacobians(axis, by)
    np.testing.assert_allclose(p.T @ along_n, along_last, rtol=1e-9, atol=1e-9)
    # As printed it is right for the last axis alone, whose P is the identity.
    assert bool(np.allclose(p @ along_n, along_last)) == (axis == 2)
