"""Dtypes that functions for NumPy take, mix and refuse."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tests.modules import SHAPES, STYLES, as_tuple, draw, kernel, norm


@pytest.mark.parametrize("plain", STYLES)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("name", ["layernorm", "attention", "two"])
def test_what_goes_in_comes_out(name: str, dtype: Any, plain: bool) -> None:
    arrays = draw(*SHAPES[name], dtype=dtype)
    forward, backward = kernel(name, plain)
    outputs, saved = forward(*arrays)
    values = as_tuple(outputs)
    gradients = backward(*(np.ones_like(value) for value in values), saved)
    assert {np.asarray(value).dtype for value in values} == {np.dtype(dtype)}
    for array, gradient in zip(arrays, gradients, strict=True):
        assert (gradient.shape, gradient.dtype) == (array.shape, array.dtype)


@pytest.mark.parametrize("plain", STYLES)
def test_mixed_dtypes_are_computed_in_the_common_one(plain: bool) -> None:
    (x, gamma, beta), dl_dy, forward, backward = norm(plain=plain)
    x, beta = x.astype(np.float32), beta.astype(np.float16)
    expected, exact = forward(x.astype(float), gamma, beta.astype(float))
    y, saved = forward(x, gamma, beta)
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y, expected)
    gradients = backward(dl_dy, saved)
    assert [g.dtype for g in gradients] == [np.float32, np.float64, np.float16]
    for gradient, wide in zip(gradients, backward(dl_dy, exact), strict=True):
        np.testing.assert_array_equal(gradient, wide.astype(gradient.dtype))


def test_mixed_dtypes_and_arrays_to_write_into() -> None:
    (x, gamma, beta), dl_dy, forward, backward = norm()
    _, saved = forward(x.astype(np.float32), gamma, beta)
    out = (np.empty((5, 7), np.float32), np.empty(7), np.empty(7))
    found = backward(dl_dy, saved, out=out)
    assert all(a is b for a, b in zip(found, out, strict=True))
    for gradient, fresh in zip(found, backward(dl_dy, saved), strict=True):
        np.testing.assert_array_equal(gradient, fresh)
    with pytest.raises(TypeError, match=r"\Aout for dl_dx has dtype float64, not float32\Z"):
        backward(dl_dy, saved, out=(np.empty((5, 7)), *out[1:]))


def test_an_upstream_gradient_of_another_dtype_is_converted() -> None:
    (x, gamma, beta), dl_dy, forward, backward = norm(np.float32)
    _, saved = forward(x, gamma, beta)
    for gradient, same in zip(
        backward(dl_dy.astype(float), saved), backward(dl_dy, saved), strict=True
    ):
        assert gradient.dtype == np.float32
        np.testing.assert_array_equal(gradient, same)


@pytest.mark.parametrize("eps", [np.float64(1e-5), np.float32(1e-5), np.array(1e-5), 0])
def test_a_constant_of_any_type_leaves_the_dtype(eps: Any) -> None:
    (x, gamma, beta), _, _, _ = norm(np.float32)
    for plain in STYLES:
        y, _ = kernel("layernorm", plain).forward(x, gamma, beta, eps=eps)
        assert y.dtype == np.float32


def test_other_byte_orders_come_back() -> None:
    (x, gamma, beta), dl_dy, forward, backward = norm()
    y, saved = forward(x.astype(">f8"), gamma, beta)
    assert y.dtype == np.float64
    assert backward(dl_dy, saved)[0].dtype.str[0] == ">"


@pytest.mark.parametrize("plain", STYLES)
@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (np.ones(7, int), "gamma has dtype int64, and floats are needed"),
        (np.ones(7, bool), "gamma has dtype bool, and floats are needed"),
        (np.ones(7, complex), "gamma has dtype complex128, and floats are needed"),
        ([1] * 7, "gamma has dtype int64, and floats are needed"),
        (["a"] * 7, "gamma has dtype <U1, and floats are needed"),
        (None, "gamma has dtype object, and floats are needed"),
    ],
)
def test_what_is_not_a_float_is_refused(bad: Any, said: str, plain: bool) -> None:
    (x, _, beta), _, forward, _ = norm(plain=plain)
    with pytest.raises(TypeError, match=rf"\A{re.escape(said)}\Z"):
        forward(x, bad, beta)


def test_integers_upstream_are_refused() -> None:
    arrays, dl_dy, forward, backward = norm()
    saved = forward(*arrays)[1]
    with pytest.raises(TypeError, match=r"\Adl_dy has dtype int64, and floats are needed\Z"):
        backward(dl_dy.astype(int), saved)
    loss, loss_backward = kernel("cross_entropy")
    saved = loss(*draw((2, 3), (2, 3)))[1]
    with pytest.raises(TypeError, match=r"\Aupstream has dtype int64, and floats are needed\Z"):
        loss_backward(1, saved)


def test_integers_for_numbers_are_refused() -> None:
    x, w = draw((3, 4), (4,))
    with pytest.raises(TypeError, match=r"\Ascale has dtype int64, and floats are needed\Z"):
        kernel("two").forward(x, 2, w)
