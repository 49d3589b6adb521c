"""Modules for NumPy: their values and gradients, in this process and in one that has only NumPy."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexcalc.codegen.compiled import Kernel, compiled
from indexcalc.codegen.targets.numpy import module
from tests.forwards import forwards
from tests.modules import PLANS, SHAPES, STYLES, as_tuple, draw, kernel, text
from tests.processes import python


def in_torch(torch: Any) -> dict[str, Callable[..., Any]]:
    """The same functions, written by hand."""

    def tcl(x: Any, v1: Any, v2: Any, v3: Any) -> Any:
        return torch.einsum("nijk,ai,bj,ck->nabc", x, v1, v2, v3)

    def two(x: Any, scale: Any, w: Any) -> Any:
        y = (scale * x * w).T
        return y, y.sum() ** 2 + scale

    def clashes(a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
        return a * b * c * d + e

    def layouts(a: Any, b: Any, u: Any, v: Any, m: Any, c: Any) -> Any:
        y = torch.diagonal(a)[:, None] * b.T + torch.outer(u, v)
        return y, m.amin(0), c.prod(), torch.diag(c)

    return forwards(torch) | {"tcl": tcl, "two": two, "clashes": clashes, "layouts": layouts}


@pytest.mark.parametrize("plain", STYLES)
@pytest.mark.parametrize("name", SHAPES)
def test_values_and_gradients_are_those_of_torch(name: str, plain: bool) -> None:
    torch = pytest.importorskip("torch")
    arrays = draw(*SHAPES[name])
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    expected = as_tuple(in_torch(torch)[name](*tensors))
    cotangents = draw(*(tuple(value.shape) for value in expected), seed=1)
    loss = sum(
        (value * torch.tensor(c)).sum() for value, c in zip(expected, cotangents, strict=True)
    )
    loss.backward()
    # What is not asked for by the plan is in none of the outputs that have a gradient here.
    forward, backward = kernel(name, plain)
    outputs, saved = forward(*arrays)
    for value, by_torch in zip(as_tuple(outputs), expected, strict=True):
        np.testing.assert_allclose(value, by_torch.detach().numpy(), rtol=1e-12, atol=1e-13)
    gradients = backward(*cotangents, saved)
    inputs = [access.name for access in PLANS[name].program.inputs]
    assert isinstance(gradients, tuple)
    for tensor, gradient in zip(PLANS[name].gradients, gradients, strict=True):
        by_torch = tensors[inputs.index(tensor)].grad.numpy()
        np.testing.assert_allclose(gradient, by_torch, rtol=1e-11, atol=1e-12, err_msg=tensor)


def test_an_abstract_function_and_a_size_by_name() -> None:
    (x,) = draw((4,))
    for plain in STYLES:
        forward, backward = kernel("repeated", plain)
        y, saved = forward(x, J=3, f=np.sin, f_prime=np.cos)
        np.testing.assert_array_equal(y, np.repeat(np.sin(x)[:, None], 3, axis=1))
        (dl_dy,) = draw((4, 3), seed=1)
        (gradient,) = backward(dl_dy, saved)
        np.testing.assert_allclose(gradient, np.cos(x) * dl_dy.sum(axis=1), rtol=1e-13)


def test_a_mean_of_ten_thousand_is_lost_by_no_more_than_its_own_rounding() -> None:
    x, gamma, beta, dl_dy = draw((16, 256), (256,), (256,), (16, 256), dtype=np.float32)
    x = x + np.float32(1e4)
    half = float(np.spacing(np.float32(1e4))) / 2
    for plain in STYLES:
        forward, backward = kernel("layernorm", plain)
        y, saved = forward(x, gamma, beta)
        exact, saved_exact = forward(*(array.astype(float) for array in (x, gamma, beta)))
        # Both the sum and the mean are rounded.
        np.testing.assert_allclose(y, exact, rtol=0, atol=2 * half * np.abs(gamma).max())
        gradients = backward(dl_dy, saved)
        by_doubles = backward(dl_dy.astype(float), saved_exact)
        assert np.abs(gradients[0] - by_doubles[0]).max() < 1e-4 * np.abs(by_doubles[0]).max()
        for one, other in zip(gradients, by_doubles, strict=True):
            assert np.abs(one - other).max() < 2 * half * np.abs(other).max()


def test_logits_of_a_thousand_do_not_overflow() -> None:
    x = np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1000.0, -1000.0]])
    t = np.array([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for plain in STYLES:
            loss, saved = kernel("cross_entropy", plain).forward(x, t)
            np.testing.assert_allclose(loss, (1500 + np.log(3)) / 2)
            (gradient,) = kernel("cross_entropy", plain).backward(1.0, saved)
            third = np.full(3, 1 / 6)
            expected = np.array([[0.5, -0.25, -0.25], third - np.array([0.5, 0, 0])])
            np.testing.assert_allclose(gradient, expected, atol=1e-15)


IN_A_FRESH_PROCESS = """
import importlib.util, json, pathlib, sys
import numpy as np
found = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    for seed in range(2):
        made.check(seed)
    found[path.stem] = sorted(name for name in vars(made) if not name.startswith("_"))
assert not [name for name in sys.modules if name.split(".")[0] in ("indexcalc", "sympy")]
print(json.dumps(found))
"""


def test_modules_stand_alone_and_check_themselves(tmp_path: Path) -> None:
    for name in PLANS:
        for plain in STYLES:
            style = "plain" if plain else "fast"
            (tmp_path / f"{name}_{style}.py").write_text(text(name, plain), encoding="utf-8")
    options = ("-I", "-W", "error", "-c", IN_A_FRESH_PROCESS)
    process = python(*options, str(tmp_path), folder=tmp_path)
    assert process.returncode == 0, process.stderr
    for file, names in json.loads(process.stdout).items():
        name = file.rpartition("_")[0]
        own = {"check", f"{name}_forward", f"{name}_backward", "np"}
        assert own <= set(names) <= own | {"math"}, file


@pytest.mark.parametrize("plain", STYLES)
def test_the_check_finds_a_wrong_gradient(plain: bool) -> None:
    right = "return dl_dq, dl_dk, dl_dv"
    assert right in text("attention", plain)
    source = text("attention", plain).replace(right, "return dl_dq, 1.001 * dl_dk, dl_dv")
    scope: dict[str, Any] = {"__name__": "module"}
    exec(source, scope)
    with pytest.raises(AssertionError, match=r"\Adl_dk is off by \d\.\de-0[34] of its size\Z"):
        scope["check"]()


# Blocks of rows


def in_blocks(name: str, size: int) -> tuple[str, Kernel]:
    """The module for long axes, with blocks of so many bytes, at least 2 rows where it has a
    least number of them."""
    plan = PLANS[name]
    lengths = {size: 16 if size.name in "CD" else 2000 for size in plan.lengths}
    long = module(replace(plan, lengths=lengths))
    assert "1048576" in long
    source = long.replace("1048576", str(size)).replace("itemsize, 128)", "itemsize, 2)")
    return source, compiled(source, name)


@pytest.mark.parametrize("size", [1, 300, 1000, 10_000])
@pytest.mark.parametrize("name", ["layernorm", "attention", "softmax", "cross_entropy", "heads"])
def test_blocks_of_any_size_give_the_same(name: str, size: int) -> None:
    source, (forward, backward) = in_blocks(name, size)
    assert source.count("for start in range(") == 2
    shapes = ((3, 5, 3), (3, 6, 3), (3, 6, 4)) if name == "heads" else SHAPES[name]
    arrays = draw(*shapes)
    expected, saved_plain = kernel(name, True).forward(*arrays)
    (cotangent,) = draw(np.shape(expected), seed=1)
    workspace: dict[str, Any] = {}
    for _ in range(2):
        value, saved = forward(*arrays, workspace=workspace)
        np.testing.assert_allclose(value, expected, rtol=1e-12)
        gradients = backward(cotangent, saved, workspace=workspace)
        plain = kernel(name, True).backward(cotangent, saved_plain)
        for gradient, by_plain in zip(gradients, plain, strict=True):
            np.testing.assert_allclose(gradient, by_plain, rtol=1e-10, atol=1e-14)


def test_heads_have_loops_in_loops() -> None:
    source, _ = in_blocks("heads", 1000)
    assert source.count("for start2 in range(") == 2


@pytest.mark.parametrize("name", ["layernorm", "softmax", "cross_entropy"])
def test_a_block_is_scratch_of_no_more_rows_than_there_are(name: str) -> None:
    _, (forward, backward) = in_blocks(name, 1 << 20)
    arrays = draw(*SHAPES[name])
    value, saved = forward(*arrays)
    workspace: dict[str, Any] = {}
    forward(*arrays, workspace=workspace)
    backward(np.ones_like(value), saved, workspace=workspace)
    assert all(len(array) == len(arrays[0]) for array in workspace.values())
