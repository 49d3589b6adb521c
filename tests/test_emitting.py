"""Code asked for by the command and by the library: what is printed, refused, and checked."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.codegen import compiled, targets
from indexcalc.errors import IndexcalcError

TARGETS = ("loops", "numpy", "objects", "plan")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_each_file_is_a_target() -> None:
    assert targets.names() == TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_code_is_printed_alone(capsys: pytest.CaptureFixture[str], target: str) -> None:
    code, out, err = run(capsys, "matmul", "--emit", target)
    assert (code, err) == (0, "")
    assert out == ic.derive("matmul").emit(target).rstrip("\n") + "\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["layernorm", "--emit", "numpy"],
        ["layernorm", "--wrt", "gamma,x", "--sizes", "b=3,h=5", "--emit", "numpy", "--plain"],
        ["y[i] = sin(x[i])*w[i]", "--wrt", "w", "--emit", "loops"],
        ["tcl:4", "--emit", "objects"],
    ],
)
def test_the_command_in_the_header_prints_the_same(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    _, first, _ = run(capsys, *arguments, "--no-check")
    (command,) = [line for line in first.splitlines() if ": derive " in line]
    words = shlex.split(command.partition(": derive ")[2])
    _, second, _ = run(capsys, *words, "--no-check")
    assert second == first


def test_code_goes_into_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "matmul.py"
    assert run(capsys, "matmul", "--emit", "numpy", "-o", str(path)) == (0, "", "")
    assert path.read_text(encoding="utf-8") == ic.derive("matmul").emit("numpy")


REFUSED = [
    (
        ["matmul", "--emit", "nunpy"],
        "error IC205: --emit cannot be nunpy\nhint: did you mean numpy?\n",
    ),
    (
        ["matmul", "--emit", "loops", "--plain"],
        "error IC205: --plain is for --emit numpy\nhint: write --emit numpy --plain\n",
    ),
    (
        ["matmul", "--emit", "numpy", "--steps", "all"],
        "error IC205: --emit prints the code alone, and --steps has no part in it\n"
        "hint: leave out --emit or --steps\n",
    ),
    (
        ["matmul", "--emit", "numpy", "--sizes", "z=3"],
        "error IC605: matmul has no size z\nhint: it has I, K, J\n",
    ),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED)
def test_what_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(capsys, *arguments) == (2, "", said)


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(IndexcalcError) as error:
        ic.derive("matmul").emit("rust")
    assert str(error.value) == (
        "error IC607: there is no target rust\nhint: it is one of loops, numpy, objects, plan"
    )


def test_lengths_may_be_whole_numbers_of_numpy() -> None:
    layernorm = ic.derive("layernorm")
    sizes = {"b": np.int64(4), "h": np.int32(5)}
    assert layernorm.emit(sizes=sizes) == layernorm.emit(sizes={"b": 4, "h": 5})


def test_code_that_fails_its_check_is_not_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(source: str, name: str, seed: int = 0) -> None:
        real(source.replace("x.T @ dl_dy", "2 * x.T @ dl_dy"), name, seed)

    real = compiled.checked
    monkeypatch.setattr(compiled, "checked", wrong)
    code, out, err = run(capsys, "matmul", "--emit", "numpy", "--plain")
    assert (code, out) == (1, "")
    assert err.startswith("error IC608: the code fails its own check: dl_da is off by ")
    assert run(capsys, "matmul", "--emit", "numpy", "--plain", "--no-check")[0] == 0


def test_gradients_come_in_the_order_of_the_inputs() -> None:
    forward, backward = ic.derive("matmul", wrt=["a", "x"]).lambdify()
    random = np.random.default_rng(3)
    x, a, dl_dy = (random.normal(size=size) for size in ((2, 3), (3, 4), (2, 4)))
    y, saved = forward(x, a)
    np.testing.assert_allclose(y, x @ a)
    dl_dx, dl_da = backward(dl_dy, saved)
    np.testing.assert_allclose(dl_dx, dl_dy @ a.T)
    np.testing.assert_allclose(dl_da, x.T @ dl_dy)


@pytest.mark.parametrize("target", ["loops", "numpy", "objects"])
def test_code_that_cannot_be_checked_is_not_printed(
    capsys: pytest.CaptureFixture[str], target: str
) -> None:
    code, out, err = run(capsys, "y[i] = sqrt(x[i] - 10^4)", "--emit", target)
    assert (code, out) == (3, "")
    assert err.startswith("error IC609: the code could not be checked: no ")


@pytest.mark.parametrize("text", ["y[i] = x[i] - x[i]", "y[i] = log(x[i] - 5)", "mlp:24"])
def test_right_code_passes_its_check(capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert run(capsys, text, "--emit", "numpy")[::2] == (0, "")
