"""The target `objects`: what its modules compute, how they are called, and how they read."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.codegen.targets.objects import emit
from indexcalc.errors import IndexcalcError
from tests.emitted import (
    PROGRAMS,
    Results,
    assert_agrees_with_the_reference,
    assert_agrees_with_torch,
    assert_formatted,
    emitted,
    job,
    namespace,
    ran,
)
from tests.forwards import forwards
from tests.golden import FOLDER
from tests.points import BUNDLED, MEMBERS

ALL = [*BUNDLED, *MEMBERS]


@pytest.fixture(scope="module")
def found() -> Results:
    return ran(emit, {name: name for name in ALL} | PROGRAMS, "arrays")


@pytest.mark.parametrize("name", ALL)
def test_a_bundled_derivation_agrees_with_torch(found: Results, name: str) -> None:
    torch = pytest.importorskip("torch")
    assert_agrees_with_torch(*found[name], forwards(torch)[name])


@pytest.mark.parametrize("name", [*PROGRAMS, "layernorm", "cross_entropy", "feed_forward"])
def test_a_program_agrees_with_the_reference(found: Results, name: str) -> None:
    assert_agrees_with_the_reference(*found[name])


def test_modules_are_as_a_formatter_leaves_them(found: Results) -> None:
    assert_formatted([call.text for call, _ in found.values()])


def test_a_module_reads_as_before() -> None:
    text = ic.derive("softmax").emit("objects")
    assert text == (FOLDER / "softmax_objects.txt").read_text(encoding="utf-8")


def test_only_the_classes_that_a_program_has_values_of() -> None:
    text = emit(job(ic.read("matmul"), ["x"]))
    assert re.findall(r"^class (\w+)", text, re.MULTILINE) == [
        "Value",
        "Given",
        "Indexed",
        "Product",
    ]


def test_a_gradient_through_a_reduction_is_refused() -> None:
    with pytest.raises(IndexcalcError) as caught:
        emit(job(ic.read("y = max[i](x[i]*z[i])"), ["x"]))
    assert str(caught.value).startswith("error IC701: the derivative of max is not available yet")


# The contract


def matmul() -> dict[str, Any]:
    return namespace(emitted(emit, ic.derive("matmul"), "matmul"))


@pytest.mark.parametrize(
    ("shape", "dtype", "kind", "said"),
    [
        ((1, 2), float, ValueError, "a has length 3 along its index k, and K is 2"),
        ((2,), float, ValueError, "x has the indices ['i', 'k'], and 1 axes were given"),
        ((1, 3), int, TypeError, "x is made of floats, not of int64"),
    ],
)
def test_a_wrong_array_is_refused(
    shape: tuple[int, ...], dtype: type, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=f"^{re.escape(said)}$"):
        matmul()["matmul_forward"](np.ones(shape, dtype), np.ones((3, 1)))


def test_a_wrong_upstream_gradient_is_refused() -> None:
    names = matmul()
    _, saved = names["matmul_forward"](np.ones((1, 2)), np.ones((2, 1)))
    with pytest.raises(ValueError, match=r"^dl_dy has length 2 along its index j, and J is 1$"):
        names["matmul_backward"](np.ones((1, 2)), saved)


def test_results_have_the_dtype_of_the_inputs_and_gradients_that_of_each() -> None:
    names = matmul()
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
    names = matmul()
    y, saved = names["matmul_forward"](np.ones((0, 2)), np.ones((3, 2)).T)
    assert y.shape == (0, 3)
    gradients = names["matmul_backward"](np.ones((0, 3)), saved)
    assert [g.shape for g in gradients] == [(0, 2), (2, 3)]


def test_messages_can_be_sent_twice() -> None:
    names = matmul()
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


def test_what_has_values_nowhere_fails_the_check() -> None:
    names = namespace(emit(job(ic.read("y[i] = log(-x[i]^2)"), ["x"])))
    with pytest.raises(ArithmeticError, match=r"^no numbers were found at which this and"):
        names["check"]()
