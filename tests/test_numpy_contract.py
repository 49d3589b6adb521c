"""What functions for NumPy take and refuse: dtypes, shapes, numbers, arrays to write into."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from indexcalc.codegen.compiled import compiled
from indexcalc.codegen.targets.numpy import module
from tests.modules import STYLES, draw, kernel
from tests.plans import written

NORM = ((5, 7), (7,), (7,))


def norm(dtype: Any = np.float64, *, plain: bool = False) -> tuple[list[Any], Any, Any, Any]:
    arrays = draw(*NORM, dtype=dtype)
    forward, backward = kernel("layernorm", plain)
    (dl_dy,) = draw(NORM[0], dtype=dtype, seed=1)
    return arrays, dl_dy, forward, backward


# Dtypes


@pytest.mark.parametrize("plain", STYLES)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("name", ["layernorm", "attention", "two"])
def test_what_goes_in_comes_out(name: str, dtype: Any, plain: bool) -> None:
    shapes = {"layernorm": NORM, "attention": ((5, 3), (6, 3), (6, 4)), "two": ((3, 4), (), (4,))}
    arrays = draw(*shapes[name], dtype=dtype)
    forward, backward = kernel(name, plain)
    outputs, saved = forward(*arrays)
    values = outputs if isinstance(outputs, tuple) else (outputs,)
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
    (
        (x, gamma, beta),
        *_,
    ) = norm(np.float32)
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
    _, (loss, loss_backward) = None, kernel("cross_entropy")
    saved = loss(*draw((2, 3), (2, 3)))[1]
    with pytest.raises(TypeError, match=r"\Aupstream has dtype int64, and floats are needed\Z"):
        loss_backward(1, saved)


def test_integers_for_numbers_are_refused() -> None:
    x, w = draw((3, 4), (4,))
    with pytest.raises(TypeError, match=r"\Ascale has dtype int64, and floats are needed\Z"):
        kernel("two").forward(x, 2, w)


# Shapes


@pytest.mark.parametrize("plain", STYLES)
@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        (((3, 5), (4,), (5,)), "gamma has 4 entries along h where x has 5"),
        (((3, 5), (5,), (1,)), "beta has 1 entries along h where x has 5"),
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
        ((5, 6), "dl_dy has 6 entries along h where y has 7"),
        ((1, 7), "dl_dy has 1 entries along b where y has 5"),
        ((7,), "dl_dy[b, h] is given an array of shape (7,)"),
    ],
)
def test_wrong_shapes_are_refused_in_backward_too(shape: Any, said: str) -> None:
    arrays, _, forward, backward = norm()
    saved = forward(*arrays)[1]
    with pytest.raises(ValueError, match=rf"\A{re.escape(said)}\Z"):
        backward(np.ones(shape), saved)


def test_one_letter_of_two_sizes_is_named_with_each_tensor() -> None:
    with pytest.raises(ValueError, match=r"\Ab2 has 3 entries along k where w2 has 2\Z"):
        kernel("mlp").forward(*draw((4, 3), (3, 5), (5,), (5, 2), (3,)))
    with pytest.raises(ValueError, match=r"\Aa has 4 entries along i where a has 3\Z"):
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
    for wrong in (y, (y, saved), None):
        with pytest.raises(TypeError, match=said.format(type(wrong).__name__)):
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
    shapes = {
        "layernorm": NORM,
        "attention": ((5, 3), (6, 3), (6, 4)),
        "tcl": ((2, 3, 4, 5), (6, 3), (7, 4), (3, 5)),
    }
    arrays = draw(*shapes[name])
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


# Numbers


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


def test_a_constant_must_be_a_number() -> None:
    arrays, _, forward, _ = norm()
    with pytest.raises(ValueError, match="could not convert string to float: 'small'"):
        forward(*arrays, eps="small")


@pytest.mark.parametrize("bad", [3.0, "3", True, None, -1])
def test_a_size_must_be_whole(bad: Any) -> None:
    said = f"J is a size, a whole number that is not negative, not {bad!r}"
    with pytest.raises(TypeError, match=rf"\A{re.escape(said)}\Z"):
        kernel("repeated").forward(np.ones(3), J=bad, f=np.sin, f_prime=np.cos)


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


# Arrays to write into


@pytest.mark.parametrize("name", ["layernorm", "attention", "tcl", "two", "mlp"])
def test_results_are_written_where_they_are_wanted(name: str) -> None:
    shapes = {
        "layernorm": NORM,
        "attention": ((5, 3), (6, 3), (6, 4)),
        "tcl": ((2, 3, 4, 5), (6, 3), (7, 4), (3, 5)),
        "two": ((3, 4), (), (4,)),
        "mlp": ((4, 3), (3, 5), (5,), (5, 2), (2,)),
    }
    arrays = draw(*shapes[name])
    forward, backward = kernel(name)
    outputs, saved = forward(*arrays)
    values = outputs if isinstance(outputs, tuple) else (outputs,)
    places = tuple(np.full(np.shape(value), np.nan) for value in values)
    again, saved = forward(*arrays, out=places if len(places) > 1 else places[0])
    for place, value, found in zip(
        places, values, again if isinstance(again, tuple) else (again,), strict=True
    ):
        assert found is place
        np.testing.assert_array_equal(found, value)
    cotangents = draw(*map(np.shape, values), seed=1)
    gradients = backward(*cotangents, saved)
    out = tuple(np.full(g.shape, np.nan) for g in gradients)
    for place, gradient, found in zip(
        out, gradients, backward(*cotangents, saved, out=out), strict=True
    ):
        assert found is place
        np.testing.assert_array_equal(found, gradient)


def readonly(shape: tuple[int, ...]) -> Any:
    array = np.empty(shape)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("out", "error", "said"),
    [
        (np.empty((5, 6)), ValueError, "out for y has shape (5, 6), not (5, 7)"),
        (np.empty((5, 7), np.float32), TypeError, "out for y has dtype float32, not float64"),
        (readonly((5, 7)), ValueError, "out for y is not writable"),
        (np.empty((7, 5)).T, ValueError, "out for y is not C-contiguous"),
        (1.0, TypeError, "out for y is not an array, but float"),
        ((np.empty((5, 7)),) * 2, ValueError, "out has 2 arrays where there are 1 results"),
    ],
)
def test_arrays_that_cannot_be_written_into_are_refused(out: Any, error: Any, said: str) -> None:
    arrays, _, forward, _ = norm()
    with pytest.raises(error, match=rf"\A{re.escape(said)}\Z"):
        forward(*arrays, out=out)


def test_arrays_that_overlap_are_refused() -> None:
    (x, gamma, beta), dl_dy, forward, backward = norm()
    said = r"\Aout for {} overlaps an array that is still needed\Z"
    with pytest.raises(ValueError, match=said.format("y")):
        forward(x, gamma, beta, out=x)
    _, saved = forward(x, gamma, beta)
    one = np.empty(7)
    with pytest.raises(ValueError, match=said.format("dl_dbeta")):
        backward(dl_dy, saved, out=(np.empty((5, 7)), one, one))
    for taken in (dl_dy, x):
        with pytest.raises(ValueError, match=said.format("dl_dx")):
            backward(dl_dy, saved, out=(taken, one, np.empty(7)))


@pytest.mark.parametrize("name", ["layernorm", "attention", "cross_entropy", "mlp"])
def test_a_workspace_is_filled_once_and_holds_no_result(name: str) -> None:
    shapes = {
        "layernorm": NORM,
        "attention": ((5, 3), (6, 3), (6, 4)),
        "cross_entropy": ((4, 6), (4, 6)),
        "mlp": ((4, 3), (3, 5), (5,), (5, 2), (2,)),
    }
    forward, backward = kernel(name)
    first, second = draw(*shapes[name]), draw(*shapes[name], seed=2)
    workspace: dict[str, Any] = {}
    value, saved = forward(*first, workspace=workspace)
    value_too, saved_too = forward(*second, workspace=workspace)
    cotangent = np.ones_like(value)[()]
    gradients = backward(cotangent, saved, workspace=workspace)
    kept = {key: id(array) for key, array in workspace.items()}
    assert kept
    gradients_too = backward(cotangent, saved_too, workspace=workspace)
    assert {key: id(array) for key, array in workspace.items()} == kept
    results = [value, value_too, *gradients, *gradients_too, *saved[:-1], *saved_too[:-1]]
    for array in workspace.values():
        assert not any(np.may_share_memory(array, np.asarray(result)) for result in results)
    # The second call has spoiled nothing of the first.
    same, saved_alone = forward(*first)
    np.testing.assert_array_equal(value, same)
    for one, other in zip(gradients, backward(cotangent, saved_alone), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_workspace_serves_shapes_and_dtypes_one_after_another() -> None:
    forward, backward = kernel("layernorm")
    workspace: dict[str, Any] = {}
    for rows, dtype in ((5, np.float64), (3, np.float64), (3, np.float32), (8, np.float64)):
        arrays = draw((rows, 7), (7,), (7,), dtype=dtype)
        y, saved = forward(*arrays, workspace=workspace)
        gradients = backward(y, saved, workspace=workspace)
        for one, other in zip(gradients, backward(y, saved), strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_workspace_is_a_dict() -> None:
    arrays, dl_dy, forward, backward = norm()
    _, saved = forward(*arrays)
    said = r"\Aworkspace is a dict, empty at first: workspace={}\Z"
    with pytest.raises(TypeError, match=said):
        backward(dl_dy, saved, workspace=[])


# What is passed stays as it is


@pytest.mark.parametrize("plain", STYLES)
@pytest.mark.parametrize(
    "name", ["layernorm", "attention", "cross_entropy", "two", "mlp", "clashes"]
)
def test_inputs_saved_arrays_and_cotangents_are_never_written(name: str, plain: bool) -> None:
    shapes = {
        "layernorm": NORM,
        "attention": ((5, 3), (6, 3), (6, 4)),
        "cross_entropy": ((4, 6), (4, 6)),
        "two": ((3, 4), (), (4,)),
        "mlp": ((4, 3), (3, 5), (5,), (5, 2), (2,)),
        "clashes": ((5,), (5,), (5,), (), (5,)),
    }
    arrays = draw(*shapes[name])
    forward, backward = kernel(name, plain)
    outputs, saved = forward(*arrays)
    values = outputs if isinstance(outputs, tuple) else (outputs,)
    cotangents = [np.asarray(c) for c in draw(*map(np.shape, values), seed=1)]
    watched = [*arrays, *cotangents, *(np.asarray(a) for a in saved[:-1]), *map(np.asarray, values)]
    before = [array.copy() for array in watched]
    first = backward(*cotangents, saved)
    second = backward(*cotangents, saved)
    for array, was in zip(watched, before, strict=True):
        np.testing.assert_array_equal(array, was)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)
        assert not any(np.may_share_memory(one, array) for array in watched)


def test_a_mean_of_ten_thousand_is_lost_by_no_more_than_its_own_rounding() -> None:
    x, gamma, beta, dl_dy = draw((16, 256), (256,), (256,), (16, 256), dtype=np.float32)
    x = x + np.float32(1e4)
    half = float(np.spacing(np.float32(1e4))) / 2
    for plain in STYLES:
        forward, backward = kernel("layernorm", plain)
        y, saved = forward(x, gamma, beta)
        exact, saved_exact = forward(*(array.astype(float) for array in (x, gamma, beta)))
        # Both the sum and the mean are rounded.
        np.testing.assert_allclose(y, exact, rtol=0, atol=2 * half * np.abs(gamma).max())
        gradients = backward(dl_dy, saved)
        by_doubles = backward(dl_dy.astype(float), saved_exact)
        assert np.abs(gradients[0] - by_doubles[0]).max() < 1e-4 * np.abs(by_doubles[0]).max()
        for one, other in zip(gradients, by_doubles, strict=True):
            assert np.abs(one - other).max() < 2 * half * np.abs(other).max()


def test_logits_of_a_thousand_do_not_overflow() -> None:
    x = np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1000.0, -1000.0]])
    t = np.array([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for plain in STYLES:
            loss, saved = kernel("cross_entropy", plain).forward(x, t)
            np.testing.assert_allclose(loss, (1500 + np.log(3)) / 2)
            (gradient,) = kernel("cross_entropy", plain).backward(1.0, saved)
            third = np.full(3, 1 / 6)
            expected = np.array([[0.5, -0.25, -0.25], third - np.array([0.5, 0, 0])])
            np.testing.assert_allclose(gradient, expected, atol=1e-15)
