"""What the modules of all targets have in common: how they are called, and what they refuse."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from tests.emitted import namespace

Function = Callable[..., Any]
MODULES = {
    "numpy": ("numpy", False),
    "plain": ("numpy", True),
    "loops": ("loops", False),
    "objects": ("objects", False),
}


def parameters(text: str, which: str) -> list[str]:
    """What a function of a module is given, by name."""
    function = namespace(text)[f"f_{which}"]
    return [name for name in inspect.signature(function).parameters if name not in BUFFERS]


BUFFERS = ("out", "workspace")


@pytest.mark.parametrize("module", MODULES)
def test_every_module_takes_the_same_in_the_same_order(module: str) -> None:
    program = "pointwise act\nf(x[i], u[i], rate=2, eps=0.1) -> y, z\ny[i,j] = g(x[i])*rate\n"
    program += "z[i] = act(eps*u[i], f(x[i]))"
    target, plain = MODULES[module]
    text = ic.derive(program).emit(target, plain=plain)
    functions = ["g", "g_prime", "f", "f_prime", "act", "act_prime1", "act_prime2"]
    assert parameters(text, "forward") == ["x", "u", "J", *functions, "rate", "eps"]
    assert parameters(text, "backward") == ["dl_dy", "dl_dz", "saved"]


def functions(program: str, module: str, wrt: list[str] | None = None) -> tuple[Function, Function]:
    """The forward and the backward function of a fresh module."""
    target, plain = MODULES[module]
    derivation = ic.derive(program, wrt=wrt)
    names = namespace(derivation.emit(target, plain=plain))
    own = derivation.program.name
    return names[f"{own}_forward"], names[f"{own}_backward"]


@pytest.mark.parametrize("module", MODULES)
def test_a_backward_function_takes_what_its_own_forward_function_saved(module: str) -> None:
    forward, backward = functions("y[i] = sin(x[i])", module)
    y, saved = forward([0.5, 2.0])
    _, other = functions("y[i] = cos(x[i])", module)[0]([0.5, 2.0])
    np.testing.assert_allclose(backward([1.0, 1.0], saved)[0], np.cos([0.5, 2.0]))
    for wrong in (other, saved[1:], (), (y, saved), y, None):
        with pytest.raises(TypeError, match=r"^saved is what f_forward returns beside its value"):
            backward([1.0, 1.0], wrong)


@pytest.mark.parametrize("module", MODULES)
def test_rows_of_several_lengths_are_refused_by_name(module: str) -> None:
    forward, backward = functions("matmul", module)
    x, ragged = [[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.0]]
    with pytest.raises(ValueError, match=r"^a(\[1\] has length 1| is no array: )"):
        forward(x, ragged)
    with pytest.raises(ValueError, match=r"^dl_dy(\[1\] has length 1| is no array: )"):
        backward(ragged, forward(x, x)[1])


@pytest.mark.parametrize("module", MODULES)
def test_a_tensor_with_one_index_twice_names_the_axis_that_does_not_fit(module: str) -> None:
    forward, _ = functions("y = a[i,i]", module)
    said = r"^a\[0\] has length 3|^a has (3 entries|length 3) along (its index )?i \(axis 1\)"
    with pytest.raises(ValueError, match=said):
        forward([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize("module", MODULES)
def test_what_is_given_by_name_is_what_it_must_be(module: str) -> None:
    forward, _ = functions("f(x[i], eps=0.5) -> y\ny[i,j] = g(x[i])*eps", module)
    right: dict[str, Any] = {"J": 2, "g": lambda x: x, "g_prime": lambda x: x}
    for wrong in ("abc", "1", True, None, 1j):
        with pytest.raises(TypeError, match=rf"\Aeps is a number, not {wrong!r}\Z"):
            forward([0.5], **right, eps=wrong)
    for bad in (2.5, "3", True, None):
        with pytest.raises(TypeError, match=rf"\AJ is a size, a whole number, not {bad!r}\Z"):
            forward([0.5], **right | {"J": bad})
    with pytest.raises(ValueError, match=r"\AJ is a size, and -1 is negative\Z"):
        forward([0.5], **right | {"J": -1})
    with pytest.raises(TypeError, match=r"^g_prime is not a function: give one, g_prime="):
        forward([0.5], **right | {"g_prime": 2.0})
    for eps in (3, np.float32(3), np.array(3.0)):
        y, _ = forward([0.5], **right | {"J": np.int32(2), "eps": eps})
        np.testing.assert_array_equal(y, [[1.5, 1.5]])


@pytest.mark.parametrize("module", ["numpy", "plain", "objects"])
def test_sizes_of_0_and_what_is_nothing_are_as_numpy_has_them(module: str) -> None:
    nothing = np.ones((2, 0))
    forward, backward = functions("layernorm", module)
    with np.errstate(all="ignore"):
        y, saved = forward(nothing, np.ones(0), np.ones(0))
        assert [g.shape for g in backward(y, saved)] == [(2, 0), (0,), (0,)]
        largest, _ = functions("y[i] = max[j](x[i,j])", module, [])[0](nothing)
        smallest, _ = functions("y[i] = min[j](x[i,j])", module, [])[0](nothing)
        scaled, _ = functions("f(x[i], eps=0) -> y\ny[i] = x[i]/eps", module)[0](np.ones(2))
    assert (largest.tolist(), smallest.tolist()) == ([-np.inf] * 2, [np.inf] * 2)
    assert scaled.tolist() == [np.inf] * 2


@pytest.mark.parametrize("module", ["numpy", "plain", "objects"])
def test_gradients_by_numbers_and_by_defined_tensors_have_the_common_dtype(module: str) -> None:
    forward, backward = functions(
        "f(s, x[i]) -> y\nm[i] = s*x[i]\ny[i] = sin(m[i])", module, ["s", "x", "m"]
    )
    x = np.array([0.5, 2.0], np.float32)
    y, saved = forward(2.0, x)
    assert [y.dtype, *(g.dtype for g in backward(y, saved))] == [np.float32] * 4


@pytest.mark.parametrize(
    "program",
    [
        "y = 1/(I*J)*sum[i,j](x[i,j])",
        "m = mean[i,j](x[i,j]); y = mean[i,j]((x[i,j] - m)^2)",
        "y[g] = sum[i,j](x[i,j])/sqrt(I*J)*w[g]",
    ],
)
@pytest.mark.parametrize("module", MODULES)
def test_a_mean_of_nothing_is_no_error(module: str, program: str) -> None:
    forward, backward = functions(program, module)
    more = [np.ones(2)] if "w[g]" in program else []
    with np.errstate(all="ignore"):
        y, saved = forward(np.ones((0, 3)), *more)
        gradients = backward(np.ones(2) if more else 1.0, saved)
    # Modules to learn from divide each entry, and add up none.
    expected = 0.0 if module in ("loops", "objects") else np.nan
    np.testing.assert_array_equal(y, np.full(np.shape(y), expected))
    assert np.shape(gradients[0])[0] == 0
