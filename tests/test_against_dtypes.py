"""In which dtypes functions are asked, and how exact they must be in each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests import reviewed
from tests.planted.table import KERNELS
from tests.reviews import review, unbroken


def test_bfloat16_is_held_to_its_own_rounding() -> None:
    """A function that rounds everything to bfloat16 is right in it, and in float32 it is not."""
    torch = pytest.importorskip("torch")

    def rounded(dl_dy: Any, x: Any) -> Any:
        return (2 * (dl_dy * x).to(torch.bfloat16)).to(x.dtype)

    assert review(rounded, "y[i] = x[i]^2", dtypes=("bfloat16",))
    assert not review(rounded, "y[i] = x[i]^2", dtypes=("float32",))


def layernorm(dl_dy: Any, x: Any, gamma: Any, beta: Any) -> Any:
    mu = x - x.mean(1, keepdims=True)
    sigma = ((mu * mu).mean(1, keepdims=True) + 1e-5) ** 0.5
    n, w = mu / sigma, dl_dy * gamma
    dx = (w - w.mean(1, keepdims=True) - n * (w * n).mean(1, keepdims=True)) / sigma
    return dx, (dl_dy * n).sum(0), dl_dy.sum(0)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_in_few_digits_a_part_too_much_is_seen(dtype: str) -> None:
    pytest.importorskip("torch")

    def too_large(dl_dy: Any, x: Any, gamma: Any, beta: Any) -> Any:
        dx, dgamma, dbeta = layernorm(dl_dy, x, gamma, beta)
        return dx, 1.3 * dgamma, 1.2 * dbeta

    assert review(layernorm, "layernorm", library="torch", dtypes=[dtype])
    found = review(too_large, "layernorm", library="torch", dtypes=[dtype])
    assert [one.agrees for one in found.findings] == [True, False, False]
    assert len(found.unexplained) == 2


def test_in_few_digits_the_cause_is_the_true_one() -> None:
    pytest.importorskip("torch")

    def forgetful(dl_dy: Any, x: Any, gamma: Any, beta: Any) -> Any:
        mu = x - x.mean(1, keepdims=True)
        sigma, w = ((mu * mu).mean(1, keepdims=True) + 1e-5) ** 0.5, dl_dy * gamma
        return ((w - w.mean(1, keepdims=True)) / sigma, *layernorm(dl_dy, x, gamma, beta)[1:])

    found = review(forgetful, "layernorm", library="torch", dtypes=["bfloat16"])
    assert "The gradient by x: the path through v, σ is missing" in unbroken(found)


def in_float32(dl_dy: Any, x: Any, gamma: Any) -> Any:
    """As kernels are that compute in float32 and give back what they were given."""
    found = reviewed.right(*(array.astype(np.float32) for array in (dl_dy, x, gamma)))
    return tuple(array.astype(dl_dy.dtype) for array in found)


def test_what_computes_in_float32_is_held_to_that() -> None:
    def forgetful(dl_dy: Any, x: Any, gamma: Any) -> Any:
        dx, _ = in_float32(dl_dy * gamma, x, np.ones_like(gamma))
        return dx, 2 * in_float32(dl_dy, x, gamma)[1]

    found = review(in_float32)
    assert found
    assert found.notes == ("It computes in float32, whatever it is given, and is held to that.",)
    assert review(in_float32, dtypes=["float64"])
    twice = review(forgetful)
    assert [one.agrees for one in twice.findings] == [True, False]
    assert "The gradient by γ is 2 times what it should be." in unbroken(twice)


def test_what_has_no_digits_to_lose_is_not_said_to_compute_in_float32() -> None:
    found = review(lambda dl_dy, x, gamma: (0 * x, 0 * gamma))
    assert not found.notes
    assert "Each of the gradients by x and γ is 0 everywhere." in unbroken(found)


# Those that are furthest off for their rounding are among them.
FEW = ("rmsnorm", "tcl", "gates", "layernorm", "gelu", "matrix_factorization", "swap_rule")


@pytest.mark.parametrize("name", FEW)
def test_what_is_right_is_not_accused_in_few_digits(name: str) -> None:
    kernel = next(kernel for kernel in KERNELS if kernel.name == name)
    dtypes = ("float16", "bfloat16") if kernel.library == "torch" else ("float16",)
    assert review(kernel.compiled(), kernel.program, library=kernel.library, dtypes=dtypes)


def test_a_function_of_one_dtype_is_explained_in_it() -> None:
    def single(dl_dy: Any, x: Any, gamma: Any) -> Any:
        assert x.dtype == np.float32
        return reviewed.negative(dl_dy, x, gamma)

    found = review(single, dtypes=("float32",))
    assert "Each of the gradients by x and γ has the wrong sign." in str(found)
    assert "float32" in str(found)
