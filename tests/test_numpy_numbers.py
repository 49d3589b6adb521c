"""Numbers, sizes and functions that functions for NumPy are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from indexcalc.codegen.compiled import compiled
from indexcalc.codegen.targets.numpy import module
from tests.modules import STYLES, draw, kernel
from tests.plans import written


@pytest.mark.parametrize("plain", STYLES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [float, np.asarray, np.float32])
def test_numbers_may_be_floats_or_arrays_of_order_0(kind: Any, dtype: Any, plain: bool) -> None:
    x, w = draw((3, 4), (4,), dtype=dtype)
    forward, backward = kernel("two", plain)
    (y, total), saved = forward(x, kind(0.5), w)
    common = np.result_type(dtype, np.float64) if kind is np.asarray else np.dtype(dtype)
    assert (y.dtype, total.dtype, np.shape(total)) == (common, common, ())
    gradients = backward(np.ones_like(y), 1.0, saved)
    own = np.asarray(kind(0.5)).dtype if kind is not float else np.dtype(dtype)
    assert [g.dtype for g in gradients] == [dtype, own, dtype]
    assert [g.shape for g in gradients] == [(3, 4), (), (4,)]


@pytest.mark.parametrize("plain", STYLES)
def test_a_number_may_be_0(plain: bool) -> None:
    plan = written(
        "over(x[i], c) -> y",
        ["y[i] = x[i]/c"],
        ["r = 1/c", "dl_dx[i] = r*dl_dy[i]"],
        ["c"],
        {"y": "dl_dy"},
        {"x": "dl_dx"},
    )
    forward, backward = compiled(module(plan, plain=plain), "over")
    with np.errstate(divide="ignore"):
        y, saved = forward(np.ones(3), 0.0)
        assert np.isinf(y).all()
        assert np.isinf(backward(np.ones(3), saved)[0]).all()


def test_a_size_may_be_of_numpy_or_0() -> None:
    for size in (np.int32(3), 0):
        y, saved = kernel("repeated").forward(np.ones(3), J=size, f=np.sin, f_prime=np.cos)
        assert y.shape == (3, size)
        assert kernel("repeated").backward(y, saved)[0].shape == (3,)


def test_what_is_needed_by_name_is_named_when_it_is_missing() -> None:
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'f_prime'"):
        kernel("repeated").forward(np.ones(3), J=2, f=np.sin)


def test_a_function_must_be_callable_and_keep_shapes() -> None:
    forward = kernel("repeated").forward
    said = r"\Af_prime is not a function: give one, f_prime=np\.tanh\Z"
    with pytest.raises(TypeError, match=said):
        forward(np.ones(3), J=2, f=np.sin, f_prime=2.0)
    with pytest.raises(ValueError, match=r"\Af made the shape \(\) of the shape \(3,\)\Z"):
        forward(np.ones(3), J=2, f=np.sum, f_prime=np.cos)


def test_a_function_may_return_its_argument_or_another_dtype() -> None:
    x = np.arange(3, dtype=np.float32)
    forward, backward = kernel("repeated")
    y, saved = forward(x, J=2, f=lambda a: a, f_prime=lambda a: np.ones(a.shape))
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, np.repeat(x[:, None], 2, axis=1))
    (gradient,) = backward(y, saved)
    assert gradient.dtype == np.float32
    np.testing.assert_array_equal(x, np.arange(3))
