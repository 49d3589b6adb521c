"""The values of programs on arrays that are given, and what is refused of these."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.expr.evaluate import evaluate_program
from indexcalc.expr.world import Array
from indexcalc.lang.reading import read


def draw(**shapes: tuple[int, ...]) -> dict[str, Array]:
    source = np.random.default_rng(3)
    return {name: np.asarray(source.normal(size=shape)) for name, shape in shapes.items()}


def test_layernorm() -> None:
    given = draw(x=(3, 5), gamma=(5,), beta=(5,))
    x = given["x"]
    mean, variance = x.mean(1), x.var(1)
    expected = {
        "m": mean,
        "mu": x - mean[:, None],
        "v": variance,
        "sigma": np.sqrt(variance + 1e-5),
        "y": (x - mean[:, None]) / np.sqrt(variance + 1e-5)[:, None] * given["gamma"]
        + given["beta"],
    }
    found = ic.evaluate("layernorm", **given)
    assert list(found) == list(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-12, atol=1e-13)


PROGRAMS: dict[str, tuple[str, Callable[..., Any], dict[str, tuple[int, ...]]]] = {
    "transposed": ("y[j,i] = x[i,j]", lambda x: x.T, {"x": (2, 3)}),
    "axes-of-the-left": (
        "y[k,i,j] = x[j,k]*z[i]",
        lambda x, z: np.einsum("jk,i->kij", x, z),
        {"x": (2, 3), "z": (4,)},
    ),
    "bilinear": (
        "y[i] = a[i,j,k]*u[j]*v[k]",
        lambda a, u, v: np.einsum("ijk,j,k->i", a, u, v),
        {"a": (2, 3, 4), "u": (3,), "v": (4,)},
    ),
    "broadcast": (
        "y[i,j] = x[i] + z[j] - 2",
        lambda x, z: x[:, None] + z - 2,
        {"x": (2,), "z": (3,)},
    ),
    "softmax": (
        "p[i] = exp(x[i])/(1[k]*exp(x[k]))",
        lambda x: np.exp(x) / np.exp(x).sum(),
        {"x": (4,)},
    ),
    "mean-of-squares": (
        "m[b] = mean[h](x[b,h]^2)",
        lambda x: (x**2).mean(1),
        {"x": (2, 5)},
    ),
    "size": ("y[i] = H*x[i,h]*1[h] + size(i)", lambda x: 3 * x.sum(1) + 2, {"x": (2, 3)}),
    "diagonal": (
        "y[i,j] = x[i,i]*z[j]",
        lambda x, z: np.outer(np.diag(x), z),
        {"x": (3, 3), "z": (2,)},
    ),
    "two-letters-bound-again": (
        "y[i,j] = x[i,j]*sum[i,j](a[i,j])",
        lambda x, a: x * a.sum(),
        {"x": (2, 3), "a": (4, 5)},
    ),
    "two-letters-of-one-size-bound-again": (
        "y[i,j] = x[i,j]*max[i,j](a[i,j] - a[j,i])",
        lambda x, a: x * (a - a.T).max(),
        {"x": (2, 3), "a": (4, 4)},
    ),
    "later-uses-earlier": (
        "m = x[i]*x[i]; y[i] = x[i]/m",
        lambda x: x / (x @ x),
        {"x": (4,)},
    ),
    "added-to": ("y[i] += x[i]; y[i] += 2*x[i]", lambda x: 3 * x, {"x": (4,)}),
}


@pytest.mark.parametrize(("text", "expected", "shapes"), PROGRAMS.values(), ids=list(PROGRAMS))
def test_a_program(
    text: str, expected: Callable[..., Any], shapes: dict[str, tuple[int, ...]]
) -> None:
    given = draw(**shapes)
    value = ic.evaluate(text, **given)[read(text).outputs[0]]
    np.testing.assert_allclose(value, expected(**given), rtol=1e-12)
    assert value.shape == expected(**given).shape


@pytest.mark.parametrize(
    ("text", "shapes", "expected"),
    [
        ("y[i] = x[i,k]*1[k]", {"x": (3, 0)}, np.zeros(3)),
        ("y[i] = prod[k](x[i,k])", {"x": (3, 0)}, np.ones(3)),
        ("y[i] = exp(x[i])", {"x": (0,)}, np.zeros(0)),
        ("y[i,j] = x[i]*z[j]", {"x": (0,), "z": (2,)}, np.zeros((0, 2))),
        ("s = x[i]*x[i]", {"x": (0,)}, np.zeros(())),
        ("y[i] = x[i] + z[k]*z[k]", {"x": (2,), "z": (0,)}, None),
    ],
    ids=["empty-sum", "empty-product", "empty-axis", "one-empty-axis", "norm", "empty-term"],
)
def test_an_axis_of_length_zero(
    text: str, shapes: dict[str, tuple[int, ...]], expected: Array | None
) -> None:
    given = draw(**shapes)
    (value,) = ic.evaluate(text, **given).values()
    np.testing.assert_array_equal(value, given["x"] if expected is None else expected)


def test_the_mean_over_nothing_is_not_a_number() -> None:
    with np.errstate(all="raise"):
        value = ic.evaluate("m[i] = mean[k](x[i,k])", x=np.zeros((2, 0)))["m"]
    assert np.isnan(value).tolist() == [True, True]


def test_an_axis_of_length_one_is_not_stretched() -> None:
    value = ic.evaluate("y[i,j] = x[i]*z[j]", x=[2.0], z=[3.0])["y"]
    assert value.tolist() == [[6.0]]
    with pytest.raises(ic.IndexcalcError) as caught:
        ic.evaluate("y[i] = x[i]*z[i]", x=[2.0], z=[3.0, 4.0])
    assert str(caught.value) == (
        "error IC603: z has length 2 along i, and I is 1\n"
        "hint: axes with the size I have one length"
    )


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint8, np.bool_, float, int])
def test_values_are_float64(dtype: Any) -> None:
    given = np.asarray([0, 1, 1], dtype=dtype)
    value = ic.evaluate("y[i] = x[i]/3", x=given)["y"]
    assert value.dtype == np.float64
    assert value.tolist() == [0.0, 1 / 3, 1 / 3]


def test_whole_numbers_do_not_overflow() -> None:
    value = ic.evaluate("y[i] = x[i]^8", x=np.asarray([200, 3], dtype=np.uint8))["y"]
    assert value.tolist() == [200.0**8, 3.0**8]


def test_scalars_may_be_plain_numbers() -> None:
    found = ic.evaluate("y[i] = a*x[i] + 1", a=2, x=[1.0, 2.0])["y"]
    assert found.tolist() == [3.0, 5.0]


def test_a_constant_has_its_default_and_may_be_given() -> None:
    text = "scaled(x[i], rate=1/4) -> y; y[i] = rate*x[i]"
    assert ic.evaluate(text, x=[8.0])["y"].tolist() == [2.0]
    assert ic.evaluate(text, x=[8.0], rate=3)["y"].tolist() == [24.0]
    assert ic.evaluate(text, x=[8.0])["y"].tolist() == [2.0]


def test_greek_names_may_be_given_either_way() -> None:
    for given in ({"gamma": [2.0]}, {"γ": [2.0]}):
        assert ic.evaluate("y[i] = γ[i]^2", **given)["y"].tolist() == [4.0]


def test_abstract_functions_are_given() -> None:
    found = ic.evaluate("y[i] = f(x[i])", x=[1.0, 4.0], f=np.sqrt)["y"]
    assert found.tolist() == [1.0, 2.0]
    two = ic.evaluate("y[i,j] = g(x[i], z[j])", x=[1.0, 2.0], z=[3.0, 5.0, 7.0], g=np.maximum)
    assert two["y"].tolist() == [[3.0, 5.0, 7.0]] * 2
    declared = ic.evaluate("pointwise act; y[i] = act(x[i])", x=[-1.0, 4.0], act=np.abs)["y"]
    assert declared.tolist() == [1.0, 4.0]


def test_a_size_that_no_input_fixes_is_given() -> None:
    value = ic.evaluate("y[i,j] = x[i]", x=[1.0, 2.0], J=3)["y"]
    assert value.tolist() == [[1.0] * 3, [2.0] * 3]
    assert ic.evaluate("y[i,j] = x[i]", x=[1.0, 2.0], J=0)["y"].shape == (2, 0)


def test_a_size_without_an_input_is_called_after_the_letter_that_was_written() -> None:
    value = ic.evaluate("y[i] = x[i]*sum[i](s)", x=[1.0, 2.0], s=3.0, I2=4)["y"]
    assert value.tolist() == [12.0, 24.0]


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("y[i] = x[i]", {"x": (3,)}),
        ("y = x", {"x": ()}),
        ("y[i,j] = x[j,i]", {"x": (2, 3)}),
        ("y[i] = 1*x[i]; z[i] = y[i]", {"x": (3,)}),
        ("y[i] = x[i,i]", {"x": (3, 3)}),
        ("y[i] = abs(x[i])", {"x": (3,)}),
    ],
    ids=["copy", "scalar", "transposed", "chain", "diagonal", "function"],
)
def test_inputs_are_never_changed_or_shared(text: str, shapes: dict[str, tuple[int, ...]]) -> None:
    given = draw(**shapes)
    before = {name: array.copy() for name, array in given.items()}
    found = ic.evaluate(text, **given)
    for value in found.values():
        assert not any(np.shares_memory(value, array) for array in given.values())
        value[...] = 7.0
    for name, array in given.items():
        np.testing.assert_array_equal(array, before[name])


def test_a_function_that_writes_to_its_argument_does_not_reach_the_input() -> None:
    def spoil(values: Array) -> Array:
        values[...] = 0
        return values

    given = np.asarray([1.0, 2.0])
    ic.evaluate("y[i] = f(x[i])", x=given, f=spoil)
    assert given.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        (
            "y[i] = x[i]",
            {},
            "error IC601: x is missing\nhint: give an array of shape (I)",
        ),
        ("y = 2*a", {}, "error IC601: a is missing\nhint: give a number"),
        (
            "y[i] = f(x[i])",
            {"x": [1.0]},
            "error IC601: f is missing\nhint: give a function: f=numpy.tanh",
        ),
        (
            "y[i,j] = x[i]",
            {"x": [1.0]},
            "error IC601: J is missing\nhint: give the size that no input fixes: J=3",
        ),
        (
            "y[i] = score[i]",
            {"score": [1.0], "scores": 1},
            "error IC602: f takes nothing called scores\nhint: did you mean score?",
        ),
        (
            "y[i] = x[i]",
            {"x": [1.0], "q": 1},
            "error IC602: f takes nothing called q\nhint: it takes x",
        ),
        (
            "y[i,j] = x[i,j]",
            {"x": [1.0]},
            "error IC603: x has 2 axes, and an array with 1 was given\nhint: its shape is (I, J)",
        ),
        (
            "y[i] = x[i]",
            {"x": ["one"]},
            "error IC604: x is not an array of real numbers\nhint: give floats",
        ),
        (
            "y[i] = x[i]",
            {"x": [1j]},
            "error IC604: x is not an array of real numbers\nhint: give floats",
        ),
        (
            "y[i,j] = x[i,j]",
            {"x": [[1.0], [1.0, 2.0]]},
            "error IC604: x is not an array of real numbers\nhint: give floats",
        ),
        (
            "y[i] = f(x[i])",
            {"x": [1.0], "f": 3},
            "error IC604: f is not a function\nhint: give one: f=numpy.tanh",
        ),
        (
            "y[i,j] = x[i]",
            {"x": [1.0], "J": -1},
            "error IC604: the size J is a whole number, not -1\nhint: give an int",
        ),
        (
            "y[i,j] = x[i]",
            {"x": [1.0], "J": True},
            "error IC604: the size J is a whole number, not True\nhint: give an int",
        ),
    ],
    ids=[
        "missing-array",
        "missing-number",
        "missing-function",
        "missing-size",
        "unknown-did-you-mean",
        "unknown",
        "axes",
        "strings",
        "complex",
        "ragged",
        "not-a-function",
        "negative-size",
        "boolean-size",
    ],
)
def test_values_are_refused(text: str, values: dict[str, Any], message: str) -> None:
    with pytest.raises(ic.IndexcalcError) as caught:
        ic.evaluate(text, **values)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "given", [[1.0, 2.0], np.zeros((1, 1)), "3"], ids=["list", "array", "text"]
)
def test_a_constant_is_one_number(given: Any) -> None:
    program = read("scaled(x[i], rate=2) -> y; y[i] = rate*x[i]")
    with pytest.raises(ic.IndexcalcError, match=r"^error IC60[34]: rate "):
        evaluate_program(program, {"x": [1.0], "rate": given})


def test_small_constants_keep_their_digits() -> None:
    """1e-5 is exactly 1/100000 and comes out as the nearest float."""
    assert ic.evaluate("y = eps*1e-5", eps=1.0)["y"] == 1e-5
    assert ic.evaluate("y = 1/3*x", x=1.0)["y"] == 1 / 3


def test_a_root_that_sympy_takes_apart_at_the_second_attempt_has_a_value() -> None:
    value = ic.evaluate("y = sqrt(100000000000001420000000000004941)*x", x=1.0)["y"]
    np.testing.assert_allclose(value, math.sqrt(100000000000001420000000000004941), rtol=1e-15)


def test_a_root_that_sympy_cannot_take_apart_has_a_value() -> None:
    """The number is pq with q near p, and neither prime, which trips SymPy's search."""
    number = 100000000008540000000213349000001324554000002393937
    value = ic.evaluate(f"f(x, eps=2) -> y\ny = sqrt({number}*(1 + eps))*x", x=1.0)["y"]
    np.testing.assert_allclose(value, math.sqrt(3 * number), rtol=1e-15)


def test_a_tensor_of_sixty_axes() -> None:
    letters = ",".join(f"i{n}" for n in range(60))
    x = np.full((1,) * 60, 3.0)
    value = ic.evaluate(f"y[{letters}] = 2*x[{letters}]", x=x)["y"]
    assert (value.shape, float(value.sum())) == (x.shape, 6.0)


def test_a_letter_four_times_in_one_tensor() -> None:
    x = np.arange(2.0 * 3 * 2 * 2 * 2).reshape(2, 3, 2, 2, 2)
    value = ic.evaluate("y[i,j] = x[i,j,i,i,i]", x=x)["y"]
    assert value.tolist() == [[x[i, j, i, i, i] for j in range(3)] for i in range(2)]


def test_a_long_program_is_no_deeper() -> None:
    steps: Iterable[str] = (f"t{n}[i] = tanh(t{n - 1}[i])" for n in range(1, 300))
    text = "\n".join(["t0[i] = x[i]", *steps])
    expected = np.asarray([0.5, 2.0])
    for _ in range(299):
        expected = np.tanh(expected)
    np.testing.assert_allclose(ic.evaluate(text, x=[0.5, 2.0])["t299"], expected, rtol=1e-12)
