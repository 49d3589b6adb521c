"""The target `objects`: how its modules read and are called."""

from __future__ import annotations

import re

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.codegen.targets.objects import emit
from tests.emitted import bundled, emitted, job, namespace


def test_only_the_classes_that_a_program_has_values_of() -> None:
    text = emit(job(ic.read("matmul"), ["x"]))
    assert re.findall(r"^class (\w+)", text, re.MULTILINE) == [
        "Value",
        "Given",
        "Indexed",
        "Product",
    ]


@pytest.mark.parametrize(
    ("shape", "dtype", "kind", "said"),
    [
        ((1, 2), float, ValueError, "a has length 3 along its index k (axis 0), and K is 2"),
        ((2,), float, ValueError, "x has the indices ['i', 'k'], and 1 axes were given"),
        ((1, 3), int, TypeError, "x is made of floats, not of int64"),
    ],
)
def test_a_wrong_array_is_refused(
    shape: tuple[int, ...], dtype: type, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=f"^{re.escape(said)}$"):
        bundled(emit, "matmul")["matmul_forward"](np.ones(shape, dtype), np.ones((3, 1)))


def test_a_wrong_upstream_gradient_is_refused() -> None:
    names = bundled(emit, "matmul")
    _, saved = names["matmul_forward"](np.ones((1, 2)), np.ones((2, 1)))
    said = r"^dl_dy has length 2 along its index j \(axis 1\), and J is 1$"
    with pytest.raises(ValueError, match=said):
        names["matmul_backward"](np.ones((1, 2)), saved)


def test_results_have_the_dtype_of_the_inputs_and_gradients_that_of_each() -> None:
    names = bundled(emit, "matmul")
    x, a = np.ones((1, 2), np.float32), np.ones((2, 3), np.float32)
    y, saved = names["matmul_forward"](x, a)
    assert y.dtype == np.float32
    y, saved = names["matmul_forward"](x, a.astype(float))
    assert y.dtype == np.float64
    gradients = names["matmul_backward"](np.ones((1, 3), np.float32), saved)
    assert [gradient.dtype for gradient in gradients] == [np.float32, np.float64]


def test_floats_of_python_fit_any_dtype() -> None:
    names = namespace(emit(job(ic.read("f(s, x[i]) -> y\ny[i] = s*x[i]"), ["s", "x"])))
    y, saved = names["f_forward"](2.0, np.ones(3, np.float32))
    assert (y.dtype, y.tolist()) == (np.float32, [2.0, 2.0, 2.0])
    gradients = names["f_backward"](np.ones(3, np.float32), saved)
    assert [g.tolist() for g in gradients] == [3.0, [2.0, 2.0, 2.0]]


def test_axes_of_length_0_and_arrays_that_are_views() -> None:
    names = bundled(emit, "matmul")
    y, saved = names["matmul_forward"](np.ones((0, 2)), np.ones((3, 2)).T)
    assert y.shape == (0, 3)
    gradients = names["matmul_backward"](np.ones((0, 3)), saved)
    assert [g.shape for g in gradients] == [(0, 2), (2, 3)]


def test_messages_can_be_sent_twice() -> None:
    names = bundled(emit, "matmul")
    _, saved = names["matmul_forward"](np.ones((1, 2)), np.ones((2, 3)))
    first, second = (names["matmul_backward"](np.ones((1, 3)), saved) for _ in range(2))
    assert (
        [g.tolist() for g in first]
        == [g.tolist() for g in second]
        == [[[3.0] * 2], [[1.0] * 3] * 2]
    )


def test_a_wrong_gradient_fails_the_check() -> None:
    text = emitted(emit, ic.derive("matmul"), "matmul")
    right = "y.grad += product(j"
    assert right in text
    names = namespace(text.replace(right, "y.grad -= product(j"))
    with pytest.raises(AssertionError, match=r"^the gradient by a gives .*, not .*$"):
        names["check"]()
