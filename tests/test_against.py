"""Somebody else's backward functions: what is right is not accused, and what is wrong is named.

Here are the quick ones; `python -m tests.planted` goes through all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from tests.planted.planting import Kernel, Planted, planted
from tests.planted.reviews import review, said, verdicts
from tests.planted.table import KERNELS, PLANTED

BRIEF = (
    "layernorm",
    "rmsnorm",
    "softmax",
    "logsumexp",
    "moments",
    "linear",
    "power_iteration",
    "matrix_factorization",
)
# What is looked for long.
SLOW = (
    "rstd = 1 / np.sqrt(var)",
    "rstd = 1 / np.sqrt(var + 1e-3)",
    "scale = 1 / np.sqrt((squares + eps) / H)",
    "level = scaled.sum(axis=1)",
)
QUICK = [bug for bug in PLANTED if bug.kernel.name in BRIEF and bug.after not in SLOW]


@pytest.mark.parametrize(
    "kernel", [one for one in KERNELS if one.name in BRIEF], ids=lambda kernel: kernel.name
)
def test_what_is_right_is_not_accused(kernel: Kernel) -> None:
    assert review(kernel)


@pytest.mark.parametrize("bug", QUICK, ids=lambda bug: f"{bug.kernel.name}: {bug.after.strip()}")
def test_what_is_wrong_is_named(bug: Planted) -> None:
    (verdict,) = verdicts((bug,))
    assert verdict.detected
    assert verdict.named, said(verdict.found)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            " - c2) * rstd",
            ") * rstd",
            "the gradient by x: the path through m is missing: you dropped -(1/H) 1_q G_ph γ_h/σ_p",
        ),
        (
            "(dys * xhat).sum",
            "-(dys * xhat).sum",
            "the gradient by gamma: has the wrong sign",
        ),
    ],
)
def test_words(before: str, after: str, words: str) -> None:
    kernel = next(kernel for kernel in KERNELS if kernel.name == "layernorm")
    assert said(review(kernel, planted(kernel.source, before, after))) == words


# What is right in a form of its own, and what looks like another mistake


def flash_backward(do: Any, q: Any, k: Any, v: Any) -> Any:
    """Attention with the logarithm of the sum kept, as it is computed in blocks."""
    scale = q.shape[1] ** -0.5
    s = q @ k.T * scale
    most = s.max(axis=1, keepdims=True)
    p = np.exp(s - most - np.log(np.exp(s - most).sum(axis=1, keepdims=True)))
    ds = p * (do @ v.T - (do * (p @ v)).sum(axis=1, keepdims=True)) * scale
    return ds @ k, ds.T @ q, p.T @ do


@pytest.mark.parametrize("seed", range(3))
def test_another_way_to_the_same_gradients_is_right(seed: int) -> None:
    assert ic.derive("attention").check_against(flash_backward, seed=seed)


def with_the_logarithm(do: Any, q: Any, k: Any, v: Any) -> Any:
    """The same as FlashAttention-2 has it: what is kept is subtracted as one number."""
    scale = q.shape[1] ** -0.5
    s = q @ k.T * scale
    most = s.max(axis=1, keepdims=True)
    p = np.exp(s - (most + np.log(np.exp(s - most).sum(axis=1, keepdims=True))))
    ds = p * (do @ v.T - (do * (p @ v)).sum(axis=1, keepdims=True)) * scale
    return ds @ k, ds.T @ q, p.T @ do


@pytest.mark.parametrize("seed", range(3))
def test_far_from_0_what_a_large_number_loses_is_allowed(seed: int) -> None:
    attention = ic.derive("attention")
    found = attention.check_against(with_the_logarithm, seed=seed, dtypes=["float32"])
    assert found
    assert max(answer.case.offset for one in found.findings for answer in one.answers) == 10


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_an_upstream_gradient_is_stored_transposed_too(library: str, dtype: str) -> None:
    """It is read in the order of memory, where that is without gaps."""
    pytest.importorskip(library)

    def as_stored(dy: Any, x: Any, a: Any) -> Any:
        last = dy.T.reshape(dy.shape) if len(dy) > 1 and is_transposed(dy) else dy
        return last @ a.T, x.T @ dy

    def is_transposed(array: Any) -> bool:
        if library == "torch":
            return bool(array.T.is_contiguous())
        return bool(array.flags.f_contiguous and not array.flags.c_contiguous)

    found = ic.derive("matmul").check_against(as_stored, library=library, dtypes=[dtype])
    assert said(found) == (
        "the gradient by x: is wrong where the upstream gradient is stored transposed"
    )


def test_a_cause_is_said_only_where_it_gives_the_numbers() -> None:
    """Off by little, it is not for that computed in few digits."""
    found = ic.derive("linear").check_against(
        lambda dy, x, w, b: (dy @ w, dy.T @ x + 2e-4 * np.sin(w), dy.sum(axis=0))
    )
    assert said(found) == "the gradient by w: nothing known"


def test_in_few_digits_a_cause_has_to_explain_what_is_wrong() -> None:
    found = ic.derive("matmul").check_against(
        lambda dy, x, a: (dy @ a.T, -x.T @ dy), library="numpy", dtypes=["float16"]
    )
    assert not found
    assert "0 everywhere" not in str(found)


def test_a_gradient_in_its_own_place_is_not_in_another_order() -> None:
    text = "t(x[n,h], b[h], r[n,h]) -> y; y[n,h] = x[n,h]^2 + b[h] + r[n,h]"
    found = ic.derive(text).check_against(lambda dy, x, b, r: (2 * dy * x, dy, dy))
    assert said(found) == "the gradient by b: is not summed: the sum over n is missing"
