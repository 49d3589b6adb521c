"""The target `loops`: how its modules read and are called."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.codegen.targets.loops import emit
from tests.emitted import bundled, emitted, job, namespace


@pytest.mark.parametrize(
    ("program", "lines"),
    [
        ("y[j] = delta[i,j]*x[i]", ["for j in range(J):", "    y[j] += x[j]"]),
        ("y[i,j] = delta[i,j]*x[i]", ["for i in range(I):", "    y[i][i] += x[i]"]),
        ("y[i] = x[i]*x[i]", ["for i in range(I):", "    x_grad[i] += 2 * y_grad[i] * x[i]"]),
        ("y[i] = exp(x[i])", ["for i in range(I):", "    x_grad[i] += y_grad[i] * y[i]"]),
    ],
)
def test_a_loop_reads_as_on_paper(program: str, lines: list[str]) -> None:
    text = emit(job(ic.read(program), ["x"]))
    assert "\n".join(f"    {line}" for line in lines) in text


@pytest.mark.parametrize(
    ("x", "a", "said"),
    [
        ([[1.0, 2.0]], [[1.0], [2.0], [3.0]], "a has length 3 along its index k, and K is 2"),
        ([[1.0], [1.0, 2.0]], [[1.0]], "x[1] has length 2 along its index k, and K is 1"),
        ([1.0, 2.0], [[1.0]], "x[0] is of type float, and a list along its index k is needed"),
        ([[[1.0]]], [[1.0]], "x[0][0] is of type list, and a float is needed"),
        (np.ones((1, 1, 1)), [[1.0]], "x[0][0] is of type list, and a float is needed"),
    ],
)
def test_a_wrong_shape_is_refused(x: Any, a: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        bundled(emit, "matmul")["matmul_forward"](x, a)


@pytest.mark.parametrize(
    ("x", "said"),
    [
        ([[1.0, 2]], "x[0][1] is of type int, and a float is needed"),
        ([[True, 2.0]], "x[0][0] is of type bool, and a float is needed"),
        (np.array([[1, 2]]), "x[0][0] is of type int, and a float is needed"),
        ("ab", "x is of type str, and a list along its index i is needed"),
        (None, "x is of type NoneType, and a list along its index i is needed"),
    ],
)
def test_what_is_no_float_is_refused(x: Any, said: str) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(said)}$"):
        bundled(emit, "matmul")["matmul_forward"](x, [[1.0], [1.0]])


def test_a_wrong_upstream_gradient_is_refused() -> None:
    names = bundled(emit, "matmul")
    _, saved = names["matmul_forward"]([[1.0, 2.0]], [[1.0], [2.0]])
    said = r"^dl_dy\[0\] has length 2 along its index j, and J is 1$"
    with pytest.raises(ValueError, match=said):
        names["matmul_backward"]([[1.0, 2.0]], saved)


def test_arrays_are_taken_and_lists_of_floats_given() -> None:
    names = bundled(emit, "matmul")
    y, saved = names["matmul_forward"](((1.0, 2.0),), np.array([[3.0], [4.0]], np.float32))
    assert y == [[11.0]]
    assert isinstance(y[0][0], float)
    assert names["matmul_backward"](np.ones((1, 1)), saved) == ([[3.0, 4.0]], [[1.0], [2.0]])


def test_axes_of_length_0() -> None:
    names = bundled(emit, "matmul")
    y, saved = names["matmul_forward"]([], [[1.0], [2.0]])
    assert y == []
    assert names["matmul_backward"]([], saved) == ([], [[0.0], [0.0]])


def test_gradients_by_some_tensors_come_in_the_order_of_the_program() -> None:
    names = namespace(emit(job(ic.read("layernorm"), ["beta", "m"])))
    y, saved = names["layernorm_forward"]([[1.0, 2.0]], [1.0, 1.0], [0.0, 0.0], eps=0.0)
    assert y == [[-1.0, 1.0]]
    gradients = names["layernorm_backward"]([[1.0, 3.0]], saved)
    assert gradients == ([1.0, 3.0], [-8.0])


def test_a_loss_takes_its_upstream_gradient_first() -> None:
    names = namespace(emit(job(ic.read("trace"), ["a"])))
    y, saved = names["trace_forward"]([[1.0, 5.0], [7.0, 2.0]])
    assert y == 3.0
    assert names["trace_backward"](2.0, saved) == ([[2.0, 0.0], [0.0, 2.0]],)


def test_a_size_that_no_input_fixes_is_a_keyword() -> None:
    names = namespace(emit(job(ic.read("y[i,j] = x[i]"), ["x"])))
    y, saved = names["f_forward"]([1.0, 2.0], J=3)
    assert y == [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]
    assert names["f_backward"](y, saved) == ([3.0, 6.0],)
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'J'"):
        names["f_forward"]([1.0, 2.0])


def test_more_indices_than_python_nests_loops() -> None:
    letters = ",".join("abcdeghijkmnopqrstuvwy")
    program = ic.read(f"fun(x[{letters}]) -> z\nz = x[{letters}]*x[{letters}]")
    names = namespace(emit(job(program, ["x"])))
    x: Any = 3.0
    for _ in range(22):
        x = [x]
    z, saved = names["fun_forward"](x)
    (gradient,) = names["fun_backward"](1.0, saved)
    assert (z, np.ravel(gradient).tolist()) == (9.0, [6.0])


def test_a_wrong_gradient_fails_the_check() -> None:
    text = emitted(emit, ic.derive("matmul"), "matmul")
    right = "x_grad[i][k] += y_grad[i][j] * a[k][j]"
    assert right in text
    names = namespace(text.replace(right, right.replace("+=", "-=")))
    with pytest.raises(AssertionError, match=r"^the gradient by x gives .*, not .*$"):
        names["check"]()
