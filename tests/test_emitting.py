"""Code asked for by the command and by the library: what is printed, refused, and checked."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest

import indexcalc as ic
from indexcalc import families
from indexcalc.cli import main
from indexcalc.codegen import compiled, targets
from indexcalc.errors import IndexcalcError
from tests.emitted import BY, PROGRAMS

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


COMMENTED = """\
f(x[i,k], w[k],  # what is given
  eps=1e-5) -> y  # and what is made

# The norm of a row.
n[i] = sqrt(x[i,k]*x[i,k] + eps)
y[i] = x[i,k]*w[k]/n[i];  z = y[i]*1[i]
"""
# Programs, and what they are differentiated by, for what lengths.
ASKED: list[tuple[str, list[str] | None, dict[str, int]]] = [
    *((name, None, {}) for name, _ in families.entries()),
    *((text, BY.get(name), {}) for name, text in PROGRAMS.items()),
    ("tcl:4", None, {}),
    ("layernorm", ["gamma", "x"], {"b": 3, "h": 5}),
    ("layernorm", [], {}),
    (COMMENTED.replace("; ", "\n").replace(" -> y ", " -> y, z "), None, {}),
    (COMMENTED.replace(";  z = y[i]*1[i]", ""), ["w"], {"K": 7}),
    ("# Its own words, 'quoted'.\n#\n# And a \\ and more.\n\ny[i] = sin(x[i])  # here\n", None, {}),
]
STYLES = (("numpy", False), ("loops", False), ("numpy", True), ("objects", False))


@pytest.mark.parametrize(
    ("what", "wrt", "sizes", "style"),
    [(*asked, style) for asked, style in zip(ASKED, cycle(STYLES), strict=False)],
)
def test_the_command_in_the_header_prints_the_same(
    capsys: pytest.CaptureFixture[str],
    what: str,
    wrt: list[str] | None,
    sizes: dict[str, int],
    style: tuple[str, bool],
) -> None:
    target, plain = style
    text = ic.derive(what, wrt=wrt).emit(target, sizes, plain=plain)
    found = re.search(r": (derive .*? --emit \w+( --plain)?)\n", docstring(text), re.DOTALL)
    assert found
    _, *words = shlex.split(found[1])
    assert run(capsys, *words, "--no-check") == (0, text, "")


def docstring(text: str) -> str:
    return f"{ast.get_docstring(ast.parse(text))}\n"


def test_a_text_is_named_on_one_line_and_without_comments() -> None:
    text = ic.derive(COMMENTED.replace(";  z = y[i]*1[i]", "")).emit()
    assert (
        "derive 'f(x[i,k], w[k], eps=1e-5) -> y; n[i] = sqrt(x[i,k]*x[i,k] + eps); "
        "y[i] = x[i,k]*w[k]/n[i]' --emit numpy\n" in text
    )


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


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: ic.derive("matmul").emit(None), "a target is named by a str, not by None"),
    (lambda: ic.derive("matmul").emit(3), "a target is named by a str, not by 3"),
    (lambda: ic.derive("matmul", wrt=3), "a tensor is named by a str, not by 3"),
    (lambda: ic.derive("matmul", wrt=["x", 3]), "a tensor is named by a str, not by 3"),
    (lambda: ic.derive("matmul").plan({1: 3}), "a size is named by a str, not by 1"),
]


@pytest.mark.parametrize(("call", "said"), WRONG)
def test_names_are_texts(call: Callable[[], object], said: str) -> None:
    with pytest.raises(TypeError, match=rf"\A{said}\Z"):
        call()


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
