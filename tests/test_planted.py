"""The planted mistakes are mistakes: what is called right agrees with us and with torch, what is
called wrong does not, and there are enough of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.forwards import EPS, forwards
from tests.modules import as_tuple
from tests.planted.planting import Kernel, Kind, Planted, Style, planted
from tests.planted.table import KERNELS, PLANTED
from tests.planted.trials import Layout, called, distance, distances, strided, trials

# What right gradients are within, and wrong ones beyond, relative to the largest entry.
NEAR = {"float64": 1e-12, "float32": 1e-5}
BEYOND = {"float64": 1e-6, "float32": 3e-4}
PRECISION = [bug for bug in PLANTED if bug.kind is Kind.PRECISION]


def name(one: Kernel | Planted) -> str:
    return one.name if isinstance(one, Kernel) else f"{one.kernel.name}: {one.after.strip()}"


# Right


@pytest.mark.parametrize("kernel", KERNELS, ids=name)
@pytest.mark.parametrize(
    ("dtype", "layout"), [("float64", np.asarray), ("float64", strided), ("float32", np.asarray)]
)
def test_a_right_function_agrees_with_ours(kernel: Kernel, dtype: str, layout: Layout) -> None:
    found = distances(kernel, kernel.compiled(), dtype, layout=layout)
    assert max(found.values()) <= NEAR[dtype], found


@pytest.mark.parametrize("kernel", KERNELS, ids=name)
@pytest.mark.parametrize("dtype", NEAR)
def test_a_right_function_keeps_the_dtype(kernel: Kernel, dtype: str) -> None:
    found = called(kernel, kernel.compiled(), trials(kernel, dtype)[0])
    assert {str(gradient.dtype).removeprefix("torch.") for gradient in found.values()} == {dtype}


def torch_forwards(torch: Any) -> dict[str, Callable[..., Any]]:
    """The programs in torch's own terms."""
    functional = torch.nn.functional

    def gates(x: Any, w: Any, u: Any, b: Any) -> Any:
        return torch.sigmoid(x @ w + b) * functional.softplus(x @ u, threshold=40)

    def groupnorm(x: Any, gamma: Any, beta: Any) -> Any:
        rows = functional.layer_norm(x, x.shape[2:], eps=EPS)
        return rows * gamma[:, :, None] + beta[:, :, None]

    return {
        **forwards(torch),
        "gated": lambda x, w, v, o: (functional.silu(x @ w) * (x @ v)) @ o,
        "gates": gates,
        "gelu": lambda x, w1, b1, w2, b2: functional.gelu(x @ w1 + b1) @ w2 + b2,
        "groupnorm": groupnorm,
        "heads": functional.scaled_dot_product_attention,
        "moments": lambda x: (x.mean(1), x.var(1, unbiased=False)),
        "power_iteration": lambda x, w: (x @ w, x.T @ (x @ w)),
    }


@pytest.mark.parametrize("kernel", KERNELS, ids=name)
def test_a_right_function_agrees_with_torch(kernel: Kernel) -> None:
    torch = pytest.importorskip("torch")
    forward, function = torch_forwards(torch)[kernel.name], kernel.compiled()
    for at in trials(kernel):
        inputs = [torch.tensor(array, requires_grad=True) for array in at.inputs]
        upstream = [torch.from_numpy(array) for array in at.upstream]
        expected = torch.autograd.grad(as_tuple(forward(*inputs)), inputs, upstream)
        found = called(kernel, function, at)
        for tensor, gradient in zip(at.right, expected, strict=True):
            assert distance(found[tensor], gradient.numpy()) <= NEAR["float64"], tensor


# Wrong


@pytest.mark.filterwarnings("ignore:var_mean")
@pytest.mark.parametrize("bug", PLANTED, ids=name)
def test_a_planted_mistake_shows_in_the_gradients_it_is_said_to(bug: Planted) -> None:
    dtype = "float32" if bug.kind is Kind.PRECISION else "float64"
    found = distances(bug.kernel, bug.compiled(), dtype, bug.far)
    wrong = set(bug.wrong.split())
    assert {tensor for tensor, error in found.items() if error > BEYOND[dtype]} == wrong, found
    assert {tensor for tensor, error in found.items() if error > NEAR[dtype]} == wrong, found


@pytest.mark.parametrize("bug", PRECISION, ids=name)
def test_a_mistake_in_precision_shows_in_float32_alone(bug: Planted) -> None:
    for function, dtype in ((bug.compiled(), "float64"), (bug.kernel.compiled(), "float32")):
        found = distances(bug.kernel, function, dtype, bug.far)
        assert max(found.values()) <= BEYOND[dtype], found


# The table


def test_there_are_enough_functions_and_mistakes() -> None:
    bundled = {kernel.name for kernel in KERNELS if not kernel.text}
    assert len(bundled) >= 14
    assert sum(bug.kernel.name in bundled for bug in PLANTED) >= 66


@pytest.mark.parametrize("kind", Kind)
def test_there_are_two_mistakes_of_each_kind_at_least(kind: Kind) -> None:
    assert Counter(bug.kind for bug in PLANTED)[kind] >= 2


def test_at_least_half_are_in_blocks_in_torch_or_in_einsum() -> None:
    for styles in ([kernel.style for kernel in KERNELS], [bug.kernel.style for bug in PLANTED]):
        assert styles.count(Style.PLAIN) <= len(styles) / 2


def test_no_mistake_is_planted_twice() -> None:
    assert len({(bug.kernel.name, bug.source) for bug in PLANTED}) == len(PLANTED)


def test_a_text_to_replace_is_there_once() -> None:
    assert planted("a = b\nc = b\n", "a = b", "a = -b") == "a = -b\nc = b\n"
    for text, times in (("b", 2), ("d", 0)):
        with pytest.raises(AssertionError, match=f"^there {times} times: {text}$"):
            planted("a = b\nc = b\n", text, "e")


def test_a_diagnosis_names_a_mistake_if_it_says_all_that_it_must() -> None:
    bug = PLANTED[0]
    assert bug.named_by("the path through m is missing")
    assert not bug.named_by("the path through v is missing")
    assert not any(bug.named_by("") for bug in PLANTED)
