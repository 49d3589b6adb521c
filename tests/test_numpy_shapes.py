"""Shapes that functions for NumPy take and refuse, and other orders of entries in memory."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tests.modules import SHAPES, STYLES, draw, kernel, norm


@pytest.mark.parametrize("plain", STYLES)
@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        (((3, 5), (4,), (5,)), "gamma has 4 entries along h (axis 0) where x has 5 (axis 1)"),
        (((3, 5), (5,), (1,)), "beta has 1 entries along h (axis 0) where x has 5 (axis 1)"),
        (((3, 5), (1, 5), (5,)), "gamma[h] is given an array of shape (1, 5)"),
        (((5,), (5,), (5,)), "x[b, h] is given an array of shape (5,)"),
        (((3, 5), (), (5,)), "gamma[h] is given an array of shape ()"),
    ],
)
def test_wrong_shapes_are_refused(shapes: Any, said: str, plain: bool) -> None:
    with pytest.raises(ValueError, match=rf"\A{re.escape(said)}\Z"):
        kernel("layernorm", plain).forward(*draw(*shapes))


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((5, 6), "dl_dy has 6 entries along h (axis 1) where y has 7 (axis 1)"),
        ((1, 7), "dl_dy has 1 entries along b (axis 0) where y has 5 (axis 0)"),
        ((7,), "dl_dy[b, h] is given an array of shape (7,)"),
    ],
)
def test_wrong_shapes_are_refused_in_backward_too(shape: Any, said: str) -> None:
    arrays, _, forward, backward = norm()
    saved = forward(*arrays)[1]
    with pytest.raises(ValueError, match=rf"\A{re.escape(said)}\Z"):
        backward(np.ones(shape), saved)


def test_one_letter_of_two_sizes_is_named_with_each_tensor() -> None:
    said = r"\Ab2 has 3 entries along k \(axis 0\) where w2 has 2 \(axis 1\)\Z"
    with pytest.raises(ValueError, match=said):
        kernel("mlp").forward(*draw((4, 3), (3, 5), (5,), (5, 2), (3,)))
    said = r"\Aa has 4 entries along i \(axis 1\) where a has 3 \(axis 0\)\Z"
    with pytest.raises(ValueError, match=said):
        kernel("layouts").forward(*draw((3, 4), (4, 3), (3,), (4,), (4, 3), (5,)))


def test_a_number_is_no_array() -> None:
    x, scale, w = draw((3, 4), (1,), (4,))
    said = r"\Athe number scale is given an array of shape \(1,\)\Z"
    with pytest.raises(ValueError, match=said):
        kernel("two").forward(x, scale, w)


@pytest.mark.parametrize("plain", STYLES)
def test_what_forward_did_not_return_is_refused(plain: bool) -> None:
    arrays, dl_dy, forward, backward = norm(plain=plain)
    said = r"\Asaved is what layernorm_forward returns beside its value, not {}\Z"
    y, saved = forward(*arrays)
    other = kernel("mlp", plain).forward(*draw((4, 3), (3, 5), (5,), (5, 2), (2,)))[1]
    for wrong in (y, None, (y, saved), (), saved[1:], other):
        given = "another tuple" if isinstance(wrong, tuple) else type(wrong).__name__
        with pytest.raises(TypeError, match=said.format(given)):
            backward(dl_dy, wrong)


@pytest.mark.parametrize("plain", STYLES)
@pytest.mark.parametrize("shapes", [((0, 5), (5,), (5,)), ((3, 0), (0,), (0,))])
def test_arrays_without_entries_work(shapes: Any, plain: bool) -> None:
    forward, backward = kernel("layernorm", plain)
    with np.errstate(all="ignore"):
        y, saved = forward(*draw(*shapes))
        gradients = backward(np.ones(shapes[0]), saved)
    assert y.shape == shapes[0]
    assert tuple(g.shape for g in gradients) == shapes
    assert not any(g.any() for g in gradients)


@pytest.mark.parametrize("plain", STYLES)
@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (0, 0)])
def test_softmax_and_loss_of_nothing(shape: Any, plain: bool) -> None:
    forward, backward = kernel("softmax", plain)
    with np.errstate(all="ignore"):
        p, saved = forward(np.ones(shape))
        assert p.shape == backward(np.ones(shape), saved)[0].shape == shape
        forward, backward = kernel("cross_entropy", plain)
        loss, saved = forward(np.ones(shape), np.ones(shape))
        (gradient,) = backward(1.0, saved)
    assert gradient.shape == shape
    assert np.isnan(loss) if not shape[0] else loss == 0


@pytest.mark.parametrize("plain", STYLES)
@pytest.mark.parametrize("name", ["layernorm", "tcl", "attention"])
def test_arrays_that_are_not_contiguous_work(name: str, plain: bool) -> None:
    arrays = draw(*SHAPES[name])
    loose = [np.repeat(a, 2, axis=-1)[..., ::2].T.copy().T for a in arrays]
    assert not all(a.flags.c_contiguous for a in loose)
    forward, backward = kernel(name, plain)
    expected, saved = forward(*arrays)
    value, loosely = forward(*loose)
    np.testing.assert_allclose(value, expected, rtol=1e-13)
    (cotangent,) = draw(expected.shape, seed=1)
    flipped = np.ascontiguousarray(cotangent[::-1])[::-1]
    for gradient, same in zip(backward(flipped, loosely), backward(cotangent, saved), strict=True):
        np.testing.assert_allclose(gradient, same, rtol=1e-12, atol=1e-14)


def test_lists_of_floats_are_arrays() -> None:
    arrays, dl_dy, forward, backward = norm()
    y, saved = forward(*(array.tolist() for array in arrays))
    same, saved_too = forward(*arrays)
    np.testing.assert_array_equal(y, same)
    for one, other in zip(backward(dl_dy.tolist(), saved), backward(dl_dy, saved_too), strict=True):
        np.testing.assert_array_equal(one, other)
