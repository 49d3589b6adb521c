"""Arrays that functions for NumPy write into, and those that they never write into."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from tests.modules import SHAPES, STYLES, as_tuple, draw, kernel, norm

# Arrays to write into


@pytest.mark.parametrize("name", ["layernorm", "attention", "tcl", "two", "mlp"])
def test_results_are_written_where_they_are_wanted(name: str) -> None:
    arrays = draw(*SHAPES[name])
    forward, backward = kernel(name)
    outputs, saved = forward(*arrays)
    values = as_tuple(outputs)
    places = tuple(np.full(np.shape(value), np.nan) for value in values)
    again, saved = forward(*arrays, out=places if len(places) > 1 else places[0])
    for place, value, found in zip(places, values, as_tuple(again), strict=True):
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
        ((np.empty((5, 7)),) * 2, ValueError, "out has 2 arrays, and the number of results is 1"),
    ],
)
def test_arrays_that_cannot_be_written_into_are_refused(out: Any, error: Any, said: str) -> None:
    arrays, _, forward, _ = norm()
    with pytest.raises(error, match=rf"\A{re.escape(said)}\Z"):
        forward(*arrays, out=out)


def test_arrays_to_write_into_may_be_in_a_list() -> None:
    forward, _ = ic.derive("f(x[i]) -> y, z\ny[i] = sin(x[i])\nz[i] = cos(x[i])").lambdify()
    x, out = np.ones(3), [np.empty(3), np.empty(3)]
    (y, z), _ = forward(x, out=out)
    assert y is out[0]
    assert z is out[1]
    with pytest.raises(ValueError, match=r"\Aout has 1 array, and the number of results is 2\Z"):
        forward(x, out=out[:1])


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
    forward, backward = kernel(name)
    first, second = draw(*SHAPES[name]), draw(*SHAPES[name], seed=2)
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


def test_what_is_no_scratch_in_a_workspace_is_replaced() -> None:
    arrays, dl_dy, forward, backward = norm()
    _, saved = forward(*arrays)
    workspace: dict[str, Any] = {}
    expected = backward(dl_dy, saved, workspace=workspace)
    strange: dict[str, Any] = {key: [1.0] for key in workspace}
    for gradient, right in zip(backward(dl_dy, saved, workspace=strange), expected, strict=True):
        np.testing.assert_array_equal(gradient, right)
    assert {name: array.shape for name, array in strange.items()} == {
        name: array.shape for name, array in workspace.items()
    }


# What is passed stays as it is


@pytest.mark.parametrize("plain", STYLES)
@pytest.mark.parametrize(
    "name", ["layernorm", "attention", "cross_entropy", "two", "mlp", "clashes"]
)
def test_inputs_saved_arrays_and_cotangents_are_never_written(name: str, plain: bool) -> None:
    arrays = draw(*SHAPES[name])
    forward, backward = kernel(name, plain)
    outputs, saved = forward(*arrays)
    values = as_tuple(outputs)
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
