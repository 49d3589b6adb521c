"""Whose arrays a function that is reviewed is given."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from indexcalc.against.kinds import kinds_of
from indexcalc.against.loading import Files
from tests.reviews import Function, review, unbroken


def test_torch() -> None:
    torch = pytest.importorskip("torch")

    def double(dl_dy: Any, x: Any) -> Any:
        assert isinstance(dl_dy, torch.Tensor)
        return (2 * dl_dy * x).to(x.dtype)

    dtypes = ("float64", "float32", "bfloat16", "float16")
    found = review(double, "y[i] = x[i]^2", dtypes=dtypes)
    assert found
    assert {answer.case.dtype for answer in found.findings[0].answers} == set(dtypes)


def test_jax() -> None:
    pytest.importorskip("jax")
    jnp = import_module("jax.numpy")

    def double(dl_dy: Any, x: Any) -> Any:
        assert isinstance(x, jnp.ndarray)
        return jnp.multiply(2 * dl_dy, x)

    assert review(double, "y[i] = x[i]^2")


# Files, and the libraries whose arrays a function in them may take, the likeliest first.
OF = {
    "import torch\n\n\ndef f(dy, x):\n    return dy.mul(x)\n": ["torch"],
    "import numpy as np\nimport torch\n\n\ndef f(dy, x):\n    return np.exp(x)\n": ["numpy"],
    "import numpy as np\nimport torch\n\n\ndef f(dy, x):\n    return x\n": ["torch", "numpy"],
    "import numpy as np\n\n\ndef f(dy, x):\n    import torch\n\n    return x\n": ["torch"],
    "def f(dy, x):\n    return dy * x\n": ["numpy"],
}
BOTH = """
import numpy as np
import torch


def by_numpy(dl_dy, x, gamma, beta):
    mu, s = x - x.mean(1, keepdims=True), (x.var(1, keepdims=True) + 1e-5) ** 0.5
    n, w = mu / s, dl_dy * gamma
    dx = (w - n * (w * n).mean(1, keepdims=True) - w.mean(1, keepdims=True)) / s
    return dx, (dl_dy * n).sum(0), dl_dy.sum(0)


def by_torch(dl_dy, x, gamma, beta):
    mu = x.sub(x.mean(1, keepdims=True))
    s = mu.square().mean(1, keepdims=True).add(1e-5).sqrt()
    n, w = mu / s, dl_dy.mul(gamma)
    dx = (w - n * (w * n).mean(1, keepdims=True) - w.mean(1, keepdims=True)) / s
    return dx, (dl_dy * n).sum(0), dl_dy.sum(0)
"""


def function_of(text: str, name: str, folder: Path) -> Function:
    file = folder / "kernel.py"
    file.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.path", [*sys.path])
        return Files().function(f"{file}:{name}", "--against")


@pytest.mark.parametrize("text", OF)
def test_a_function_is_of_what_it_imports_or_else_its_file(text: str, tmp_path: Path) -> None:
    assert kinds_of([function_of(text, "f", tmp_path)]) == OF[text]


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_of_two_libraries_the_one_with_which_it_is_right_counts(
    library: str, tmp_path: Path
) -> None:
    """The variance of torch is over one place less than NumPy's, which has no square."""
    pytest.importorskip("torch")
    found = review(function_of(BOTH, f"by_{library}", tmp_path), "layernorm")
    assert found
    assert ("Asked with arrays of torch." in unbroken(found)) == (library == "torch")


def test_a_forward_function_says_whose_arrays_it_takes(tmp_path: Path) -> None:
    text = BOTH + "\n\ndef saving(x):\n    return np.exp(x), x\n"
    text += "\n\ndef backward(dy, saved):\n    return dy * 2.718281828459045**saved\n"
    forward, backward = (function_of(text, name, tmp_path) for name in ("saving", "backward"))
    assert kinds_of([backward]) == ["torch", "numpy"]
    assert kinds_of([backward, forward]) == ["numpy"]


def test_whose_arrays_it_takes_may_be_said() -> None:
    pytest.importorskip("torch")
    seen = set()

    def double(dl_dy: Any, x: Any) -> Any:
        seen.add(type(x).__name__)
        return 2 * dl_dy * x

    assert review(double, "y[i] = x[i]^2")
    assert review(double, "y[i] = x[i]^2", library="torch")
    assert seen == {"ndarray", "Tensor"}
