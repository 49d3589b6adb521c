"""`--against` on the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from indexcalc.against.loading import Files
from indexcalc.cli import main
from indexcalc.render.latex import escaped
from tests.docs import without_errors
from tests.processes import ROOT, python
from tests.reviews import FILE, TEXTS, Captured, patience


@pytest.mark.parametrize(
    ("name", "code"), [("right", 0), ("negative", 1), ("always_fails", 1), ("zork", 2)]
)
def test_exit_codes(name: str, code: int, capsys: Captured) -> None:
    assert main(["rmsnorm", "--against", f"{FILE}:{name}"]) == code
    shown = capsys.readouterr()
    assert (shown.out == "") == (code == 2)
    if code != 2:
        assert without_errors(shown.out) == (
            "rmsnorm(x_bh, γ_h, ε = 1e-5) → y\n"
            "RMS normalisation over the last axis.\n"
            "Source: Zhang and Sennrich, Root Mean Square Layer Normalization, 2019.\n\n"
            f"Review of {name}\n\n{TEXTS[name]}\n"
        )


def test_the_exit_code_of_what_is_undecided(capsys: Captured) -> None:
    text = "y[i] = sqrt(-1 - x[i]^2)"
    assert main([text, "--against", f"{FILE}:softmax_backward"]) == 3
    assert "undecided" in capsys.readouterr().out


def test_options_of_the_command(capsys: Captured) -> None:
    options = [
        "--forward",
        f"{FILE}:forward",
        "--sizes",
        "b=3,h=5",
        "--seed",
        "4",
        "--library=numpy",
    ]
    options += ["--wrt", "gamma,x", "--dtype", "float64,float16", "--format", "json"]
    assert main(["rmsnorm", "--against", f"{FILE}:backward_of_cache", *options]) == 0
    _, table = json.loads(capsys.readouterr().out)["blocks"]
    assert [(row["gradient by"], row["cases"]) for row in table["rows"]] == [("gamma", 7), ("x", 7)]


def test_a_file_finds_those_beside_it_and_is_run_once(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("def twice(x):\n    return 2 * x\n", encoding="utf-8")
    (tmp_path / "mykernel.py").write_text(
        "from beside import twice\n\nprint('run', __name__)\n\n\n"
        "def forward(x):\n    return x * x, x\n\n\n"
        "def backward(dy, saved):\n    return dy * twice(saved)\n",
        encoding="utf-8",
    )
    command = ["-m", "indexcalc.cli", "y[i] = x[i]^2"]
    options = [f"--against={tmp_path}/mykernel.py:backward"]
    options += [f"--forward={tmp_path}/mykernel.py:forward"]
    done = python(*command, *options, path=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("f(x_i) → y\n")
    assert done.stderr == "run mykernel\n"


def test_a_file_is_compiled_as_it_stands(tmp_path: Path) -> None:
    """Not with what this package imports from the future."""
    file = tmp_path / "mykernel.py"
    file.write_text("def backward(dy: int, x: float): ...\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.path", [*sys.path])
        function = Files().function(f"{file}:backward", "--against")
        assert sys.path[0] == str(tmp_path)
    assert function.__annotations__ == {"dy": int, "x": float}


def test_a_review_is_typeset(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    patience(0, monkeypatch)  # nothing explains it
    assert main(["rmsnorm", "--against", f"{FILE}:unheard_of", "--format", "latex"]) == 1
    shown = capsys.readouterr().out
    assert "\\begin{verbatim}\nimport numpy as np\n" in shown
    assert "# [[0.]]\n\\end{verbatim}" in shown
    assert main(["rmsnorm", "--against", f"{FILE}:unheard_of", "--format", "json"]) == 1
    assert escaped("γ_h/σ_p³ · √x²") == r"$\gamma$\_h/$\sigma$\_p$^3$ $\cdot$ $\surd$x$^2$"
    *_, listing = json.loads(capsys.readouterr().out)["blocks"]
    assert listing["listing"][0] == "import numpy as np"
