"""Jacobians as objects: written out, as coordinates, and multiplied with, against differences."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sympy import Symbol

import indexcalc as ic
from indexcalc.codegen import targets
from indexcalc.codegen.job import Job
from indexcalc.errors import IndexcalcError
from indexcalc.expr.functions import PRIME
from indexcalc.jacobians.jacobian import Jacobian
from tests.points import BUNDLED, Array, Point, assert_close, bundled

CASES = [name for name in BUNDLED if name != "mlp"] + ["mlp:1"]


def given(at: Point) -> dict[str, Any]:
    """The values of a point, with the slopes of its abstract functions."""
    return {**at.values, **{key.replace(PRIME, "_prime"): f for key, f in at.slopes.items()}}


def random(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).normal(size=shape)


@pytest.mark.parametrize("name", CASES)
def test_all_that_is_made_of_a_jacobian_agrees_with_differences(name: str) -> None:
    derivation, at = bundled(name)
    values = given(at)
    for of in derivation.program.outputs:
        for wrt in derivation.wrt:
            found = derivation.jacobian(of, wrt)
            slope = at.jacobian(of, wrt)
            assert_close(found.to_dense(**values), slope)
            agrees_where_placed(found, slope, values)
            axes = len(found.of.indices)
            v, g = random(*slope.shape[axes:]), random(*slope.shape[:axes])
            assert_close(found.apply(v, **values), np.tensordot(slope, v, slope.ndim - axes))
            assert_close(found.apply_transpose(g, **values), np.tensordot(g, slope, axes))


def agrees_where_placed(found: Jacobian, slope: Array, values: dict[str, Any]) -> None:
    """Each place once, as many as the δ leave, and 0 elsewhere."""
    placed = found.to_sparse(**values)
    places = placed.rows * placed.shape[1] + placed.columns
    assert (np.diff(places) > 0).all()
    matrix = np.zeros(placed.shape)
    matrix[placed.rows, placed.columns] = placed.values
    assert_close(matrix.reshape(slope.shape), slope)
    count = found.nonzeros()
    if count is not None:
        lengths = dict(zip((i.size for i in found.indices), slope.shape, strict=True))
        assert len(places) == count.subs(lengths)


def test_how_much_there_is_of_it() -> None:
    found = ic.derive("matmul").jacobian("y", "x")
    i, j, k = (Symbol(name, integer=True, positive=True) for name in "IJK")
    assert found.dense_bytes() == 8 * i**2 * j * k
    assert found.nonzeros() == i * j * k
    assert found.factored_bytes() == 8 * j * k
    sizes = {"i": 64, "k": 4096, "j": 4096}
    # 256 GiB, and what is needed of it.
    assert found.dense_bytes(sizes, "float32") == 256 * 2**30
    assert found.factored_bytes(sizes, "float32") == 64 * 2**20
    with pytest.raises(IndexcalcError, match="there is no dtype flaot32"):
        found.dense_bytes(sizes, "flaot32")


def test_a_large_one_is_refused_and_multiplied_with_all_the_same() -> None:
    found = ic.derive("matmul").jacobian("y", "x")
    x, a = random(64, 1024), random(1024, 512)
    with pytest.raises(IndexcalcError) as caught:
        found.to_dense(x=x, a=a)
    assert str(caught.value) == (
        "error IC106: ∂y_ij/∂x_pq takes 16 GiB written out, and 1 GiB is the most\n"
        "hint: use apply, apply_transpose or to_sparse, or allow more: most_bytes=..."
    )
    change, upstream = random(64, 1024), random(64, 512)
    tracemalloc.start()
    forward, backward = found.apply(change, x=x, a=a), found.apply_transpose(upstream, x=x, a=a)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_allclose(forward, change @ a, rtol=1e-9, atol=1e-9)
    assert_allclose(backward, upstream @ a.T, rtol=1e-9, atol=1e-9)
    assert most < 2**26


def test_a_product_is_planned_once_for_its_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[object] = []
    emitted = targets.emitted

    def recorded(target: str, job: Job) -> str:
        written.append(job)
        return emitted(target, job)

    monkeypatch.setattr(targets, "emitted", recorded)
    found = ic.derive("product(a[i,k], b[k,j]) -> y; y[i,j] = a[i,k]*b[k,j]").jacobian("y", "a")
    for rows, times in [(3, 2), (3, 2), (5, 3)]:
        g, a, b = random(rows, 4), random(rows, 2), times * random(2, 4)
        assert_close(found.apply_transpose(g, a=a, b=b), g @ b.T)
    assert len(written) == 2


def test_a_limit_may_be_another() -> None:
    found = ic.derive("matmul").jacobian("y", "x")
    x, a = random(2, 3), random(3, 4)
    assert found.to_dense(x=x, a=a).shape == (2, 4, 2, 3)
    with pytest.raises(IndexcalcError, match="takes 384 B written out, and 100 B is the most"):
        found.to_dense(x=x, a=a, most_bytes=100)


def test_a_first_order_change() -> None:
    """y + (∂y/∂x)·Δx, as good as the square of the change."""
    x = random(3, 4)
    step = random(3, 4)
    found = ic.derive("softmax").jacobian("p", "x")

    def off(size: float) -> float:
        y = ic.evaluate("softmax", x=x)["p"]
        linear = y + found.apply(size * step, x=x)
        return float(np.abs(ic.evaluate("softmax", x=x + size * step)["p"] - linear).max())

    assert off(1e-2) < 1e-3
    assert_allclose(off(1e-2) / off(5e-3), 4, rtol=0.05)


def test_what_is_multiplied_has_the_shape_of_its_side() -> None:
    found = ic.derive("matmul").jacobian("y", "x")
    x, a = random(2, 3), random(3, 4)
    with pytest.raises(IndexcalcError, match=r"has the shape \(2, 4\), and x has \(2, 3\)"):
        found.apply(random(2, 4), x=x, a=a)
    with pytest.raises(IndexcalcError, match=r"has the shape \(2, 3\), and y has \(2, 4\)"):
        found.apply_transpose(random(2, 3), x=x, a=a)


@pytest.mark.parametrize("given", [1j * np.ones((2, 3)), [[1.0], [2.0, 3.0]], "one"])
def test_what_is_multiplied_is_made_of_real_numbers(given: Any) -> None:
    found = ic.derive("y[i,j] = 2*x[i,j]").jacobian("y", "x")
    for multiplied in (found.apply, found.apply_transpose):
        with pytest.raises(IndexcalcError) as caught:
            multiplied(given, x=np.ones((2, 3)))
        assert str(caught.value) == (
            "error IC604: what is multiplied is not an array of real numbers\nhint: give floats"
        )


def test_an_input_that_is_missing_is_named() -> None:
    with pytest.raises(IndexcalcError, match="a is missing"):
        ic.derive("matmul").jacobian("y", "x").to_dense(x=random(2, 3))


def test_it_shows_itself() -> None:
    found = ic.derive("matmul").jacobian("y", "x")
    assert repr(found) == str(found) == "delta[i,p]*a[q,j]"
    left = r"\frac{\partial y_{ij}}{\partial x_{pq}}"
    assert found._repr_latex_() == rf"${left} = \delta_{{ip}} a_{{qj}}$"
