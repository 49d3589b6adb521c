"""What a review says, to the letter; and how functions may look that are reviewed."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.against.kinds import kind_of
from indexcalc.against.loading import Files
from indexcalc.cli import main
from indexcalc.render.latex import escaped
from tests import reviewed
from tests.docs import without_errors
from tests.planted.table import KERNELS
from tests.processes import ROOT, python

WIDTH = 80
FILE = Path(reviewed.__file__)
Function = Callable[..., Any]
Captured = pytest.CaptureFixture[str]


def review(function: Function, program: str = "rmsnorm", **more: Any) -> Any:
    return ic.derive(program).check_against(function, **more)


# Whole texts

TEXTS = {
    "right": """\
  gradient by  cases  worst error  allowed  verdict
  x               13      0.0e-00  0.0e-00  right
  γ               13      0.0e-00  0.0e-00  right""",
    "negative": """\
  gradient by  cases  worst error  allowed  verdict
  x               17      0.0e-00  0.0e-00  WRONG
  γ               17      0.0e-00  0.0e-00  WRONG

Each of the gradients by x and γ has the wrong sign. It is off by up to 0.0e-00
of the largest entry, and by 0.0e-00 from what that gives. The smallest sizes at
which that shows: B = 5, H = 3, float64.""",
    "added_up": """\
  gradient by  cases  worst error  allowed  verdict
  x               13      0.0e-00  0.0e-00  right
  γ               13      0.0e-00  0.0e-00  WRONG

The gradient by γ is right at the first call and wrong at the second: it is
added to what is there, accumulated into instead of written. It is off by up to
0.0e-00 of the largest entry. The smallest sizes at which that shows: B = 5,
H = 3, float64, the second call.""",
    "packed": """\
  gradient by  cases  worst error  allowed  verdict
  x               13      0.0e-00  0.0e-00  WRONG
  γ               13      0.0e-00  0.0e-00  WRONG

Each of the gradients by x and γ is wrong where the upstream gradient is not
contiguous. It is off by up to 0.0e-00 of the largest entry. The smallest sizes
at which that shows: B = 5, H = 3, float64, upstream gradient not contiguous.""",
    "unheard_of": """\
  gradient by  cases  worst error  allowed  verdict
  x               17      0.0e-00  0.0e-00  WRONG
  γ               17      0.0e-00  0.0e-00  right

The gradient by x: no known mistake gives these numbers. The smallest sizes at
which that shows: B = 5, H = 3, float64.

The smallest inputs found that show it:

import numpy as np

from tests.reviewed import unheard_of

dl_dy = np.array([[0.0]])
x = np.array([[0.0]])
gamma = np.array([0.0])

print(unheard_of(dl_dy=dl_dy, x=x, gamma=gamma))
# The right gradient by x:
# [[0.]]""",
    "no_single_row": """\
  gradient by  cases  worst error  allowed  verdict
  x               13          inf  0.0e-00  WRONG
  γ               13          inf  0.0e-00  WRONG

At B = 1, H = 1, float64; B = 1, H = 1, float32: no_single_row raised
ValueError: at least 2 rows, in reviewed.py, line 47: raise ValueError("at least
2 rows").""",
    "always_fails": """\
  gradient by  cases  worst error  allowed  verdict
  x               13          inf  0.0e-00  WRONG
  γ               13          inf  0.0e-00  WRONG

In all 13 cases, first at B = 5, H = 3, float64: always_fails raised IndexError:
no place in (5, 3), in reviewed.py, line 52: raise IndexError(f"no place in
{x.shape}").""",
    "half": """\
  gradient by  cases  worst error  allowed  verdict
  x               13      0.0e-00  0.0e-00  right
  γ               13          inf  0.0e-00  WRONG

In all 13 cases, first at B = 5, H = 3, float64: no gradient by gamma is
returned.""",
    "words": """\
  gradient by  cases  worst error  allowed  verdict
  x               13      0.0e-00  0.0e-00  right
  γ               13          inf  0.0e-00  WRONG

In all 13 cases, first at B = 5, H = 3, float64: the gradient by gamma is
returned as str and no array of numbers.""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_said(name: str) -> None:
    found = review(getattr(reviewed, name))
    assert without_errors(str(found)) == TEXTS[name]
    assert bool(found) == (name == "right")
    assert max(map(len, str(found).splitlines())) <= WIDTH


def test_one_review_gives_one_text() -> None:
    assert str(review(reviewed.unheard_of)) == str(review(reviewed.unheard_of))


def test_where_no_point_is_found_nothing_is_decided() -> None:
    found = review(lambda dl_dy, x: dl_dy, "y[i] = sqrt(-1 - x[i]^2)")
    assert not found
    assert found.verdict.value == "undecided"
    assert (
        str(found)
        == """\
  gradient by  cases  worst error  allowed  verdict
  x                0                        undecided

No point was found at which the function has a value and a slope."""
    )


def test_what_is_not_asked_for_is_not_right() -> None:
    assert not review(reviewed.right, dtypes=())


def test_figures_are_relative_to_the_largest_entry() -> None:
    """Twice the gradient is off by once its largest entry."""
    found = review(lambda dl_dy, x: 2e6 * dl_dy, "y[i] = 1000000*x[i]")
    (finding,) = found.findings
    assert finding.worst.error / finding.worst.unit == pytest.approx(1)
    assert "It is off by up to 1.0e+00 of the largest entry" in unbroken(found)


def unbroken(found: Any) -> str:
    return " ".join(str(found).split())


# Small inputs


@pytest.mark.parametrize("library", ["numpy", "torch", "jax"])
def test_an_example_runs_by_itself(library: str, tmp_path: Path) -> None:
    pytest.importorskip(library)
    module = {"jax": "jax.numpy"}.get(library, library)
    (tmp_path / "mykernel.py").write_text(
        f"import {module} as xp\n\n\n"
        "def wrong(dl_dy, lambda_, x):\n"
        "    return xp.sum(dl_dy * x) * 1.25 + 3, xp.cos(dl_dy) / 7\n",
        encoding="utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.path", [*sys.path])
        wrong = Files().function(f"{tmp_path}/mykernel.py:wrong", "--against")
        example = review(wrong, "scale(lambda, x[i]) -> y\ny[i] = lambda*x[i]").example
    (tmp_path / "example.py").write_text(example, encoding="utf-8")
    ran = python(str(tmp_path / "example.py"), folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    # What the function gives where everything is 0, and what is right.
    assert re.search(r"3\.0?\D.*\[0\.14", ran.stdout), ran.stdout
    assert example.endswith(
        "# The right gradient by lambda:\n# 0.\n# The right gradient by x:\n# [0.]"
    )


def test_an_example_shows_a_difference() -> None:
    names: dict[str, Any] = {}
    example = review(reviewed.unheard_of).example
    exec(example, names)
    given = {name: names[name] for name in ("dl_dy", "x", "gamma")}
    right = ic.derive("rmsnorm").evaluate("x", **given)
    assert np.abs(reviewed.unheard_of(**given)[0] - right).max() > 0.1


def test_an_example_stays_inside_the_domain() -> None:
    """log wants what is positive: no 0, though that would be simpler."""
    found = review(reviewed.outside, "y[i] = log(x[i]) + sqrt(2 - x[i])")
    names: dict[str, Any] = {}
    exec(found.example, names)
    assert ((names["x"] > 0) & (names["x"] < 2)).all()


def test_an_example_keeps_away_from_kinks() -> None:
    """|x| has a value at 0, and no slope."""
    names: dict[str, Any] = {"function": lambda dl_dy, x: dl_dy * np.cos(x) + 1}
    exec(review(names["function"], "y[i] = abs(x[i])").example, names)
    assert names["x"].all()


def test_an_example_is_as_small_as_the_mistake_allows() -> None:
    """Axes of which two rows are needed stay two long, and entries on which nothing depends are
    0."""

    def second_row(dl_dy: Any, x: Any, gamma: Any) -> Any:
        dx, dgamma = reviewed.right(dl_dy, x, gamma)
        dx[1:2] += np.cos(gamma[-1:]) * np.exp(dl_dy[0, 0]) * np.arange(1, 2)
        return dx, dgamma

    names: dict[str, Any] = {"second_row": second_row}
    found = review(second_row)
    exec(found.example, names)
    assert "# second_row is the function that was checked." in found.example
    assert names["x"].shape == (2, 1)
    assert not names["dl_dy"].any()


def test_an_example_of_abstract_functions_brings_them_along() -> None:
    def wrong(dl_dy: Any, x: Any, f: Function, f_prime: Function) -> Any:
        return np.tanh(dl_dy * f_prime(x)) + np.cos(f(x)) ** 3

    names: dict[str, Any] = {"wrong": wrong}
    exec(review(wrong, "y[i] = f(x[i])").example, names)
    assert names["x"].shape == (1,)


def test_an_example_is_no_wider_than_a_page() -> None:
    names = [f"weight_number_{n}" for n in range(8)]
    text = f"f({', '.join(f'{name}[i,j]' for name in names)}) -> y\ny[i,j] = {' + '.join(names)}"
    text = text.replace(" + ", "[i,j] + ") + "[i,j]"

    def wrong(dl_dy: Any, *weights: Any) -> Any:
        return [np.cos(dl_dy + weight) / 7 for weight in weights]

    namespace: dict[str, Any] = {"wrong": wrong}
    example = review(wrong, text, sizes={"i": 2, "j": 9}).example
    assert max(map(len, example.splitlines())) <= WIDTH
    exec(example, namespace)


def test_an_example_has_the_forward_function_too() -> None:
    def wrong(dl_dy: Any, saved: Any) -> Any:
        dx, dgamma = reviewed.backward(dl_dy, saved)
        return np.tanh(dx) + np.cos(dl_dy) / 3, dgamma

    names: dict[str, Any] = {"wrong": wrong}
    found = review(wrong, forward=reviewed.forward)
    assert "_, saved = forward(x=x, gamma=gamma, eps=1e-05)\n" in found.example
    exec(found.example, names)


# How functions may look


def test_what_a_forward_function_keeps_is_handed_over() -> None:
    assert review(reviewed.backward, forward=reviewed.forward)
    assert review(reviewed.backward_of_cache, forward=reviewed.forward)


def test_what_a_forward_function_raises_is_theirs() -> None:
    found = review(reviewed.backward, forward=reviewed.forward_fails)
    assert "forward_fails raised ValueError: matmul: " in unbroken(found)
    assert "in reviewed.py, line 94: return x @ gamma[:-1], None." in unbroken(found)


def test_the_line_is_theirs_though_a_library_raised() -> None:
    def inverse(dl_dy: Any, x: Any, gamma: Any) -> Any:
        return np.linalg.inv(np.zeros((2, 2)))

    found = unbroken(review(inverse))
    line = inverse.__code__.co_firstlineno + 1
    assert f"LinAlgError: Singular matrix, in {Path(__file__).name}, line {line}: return" in found


def test_what_is_wrong_is_explained_though_some_cases_fail() -> None:
    def wrong(dl_dy: Any, x: Any, gamma: Any) -> Any:
        return reviewed.negative(*reviewed_rows(dl_dy, x, gamma))

    def reviewed_rows(*arrays: Any) -> Any:
        reviewed.no_single_row(*arrays)
        return arrays

    found = unbroken(review(wrong))
    assert "At B = 1, H = 1, float64; B = 1, H = 1, float32: wrong raised ValueError" in found
    assert "Each of the gradients by x and γ has the wrong sign." in found


def test_parameters_are_taken_by_name() -> None:
    def named(gamma: Any, x: Any, dout: Any) -> Any:
        return reviewed.right(dout, x, gamma)

    def in_order(upstream_of_y: Any, rows: Any, weights: Any) -> Any:
        return reviewed.right(upstream_of_y, rows, weights)

    def any_number(*arrays: Any) -> Any:
        return reviewed.right(*arrays)

    def and_inputs(dl_dy: Any, *inputs: Any) -> Any:
        return reviewed.right(dl_dy, *inputs)

    assert all(map(review, (named, in_order, any_number, and_inputs)))


def test_constants_and_sizes_are_passed_where_they_are_named() -> None:
    def by_hand(g: Any, x: Any, gamma: Any, *, eps: float, B: int, H: int) -> Any:  # noqa: N803
        assert x.shape == (B, H)
        _, saved = reviewed.forward(x, gamma, eps)
        return reviewed.backward(g, saved)

    assert review(by_hand)


@pytest.mark.parametrize(
    "turned",
    [
        list,
        tuple,
        lambda pair: {"x": pair[0], "gamma": pair[1]},
        lambda pair: {"dl_dgamma": pair[1], "grad_x": pair[0], "more": None},
    ],
)
def test_gradients_are_returned_in_order_or_by_name(turned: Function) -> None:
    assert review(lambda dl_dy, x, gamma: turned(reviewed.right(dl_dy, x, gamma)))


def test_one_gradient_may_be_returned_alone() -> None:
    assert review(reviewed.softmax_backward, "softmax")
    only = ic.derive("rmsnorm", wrt=["gamma"])
    assert only.check_against(lambda dl_dy, x, gamma: reviewed.right(dl_dy, x, gamma)[1])
    assert only.check_against(reviewed.right)


def test_a_loss_has_an_upstream_gradient_too() -> None:
    assert review(lambda dl_dl, x: 2 * dl_dl * x, "l = x[i]*x[i]")
    found = review(lambda dl_dl, x: 2 * x, "l = x[i]*x[i]")
    assert "where the upstream gradient is replaced by ones" in unbroken(found)


def test_torch() -> None:
    torch = pytest.importorskip("torch")

    def double(dl_dy: Any, x: Any) -> Any:
        assert isinstance(dl_dy, torch.Tensor)
        return (2 * dl_dy * x).to(x.dtype)

    dtypes = ("float64", "float32", "bfloat16", "float16")
    found = review(double, "y[i] = x[i]^2", dtypes=dtypes)
    assert found
    assert {answer.case.dtype for answer in found.findings[0].answers} == set(dtypes)


def test_bfloat16_is_held_to_its_own_rounding() -> None:
    """A function that rounds everything to bfloat16 is right in it, and in float32 it is not."""
    torch = pytest.importorskip("torch")

    def rounded(dl_dy: Any, x: Any) -> Any:
        return (2 * (dl_dy * x).to(torch.bfloat16)).to(x.dtype)

    assert review(rounded, "y[i] = x[i]^2", dtypes=("bfloat16",))
    assert not review(rounded, "y[i] = x[i]^2", dtypes=("float32",))


@pytest.mark.parametrize("name", ["rmsnorm", "tcl", "gates", "layernorm", "gelu"])
def test_what_is_right_is_not_accused_in_few_digits(name: str) -> None:
    (kernel,) = (kernel for kernel in KERNELS if kernel.name == name)
    dtypes = ("float16", "bfloat16") if kernel.library == "torch" else ("float16",)
    assert review(kernel.compiled(), kernel.program, library=kernel.library, dtypes=dtypes)


def test_jax() -> None:
    pytest.importorskip("jax")
    jnp = import_module("jax.numpy")

    def double(dl_dy: Any, x: Any) -> Any:
        assert isinstance(x, jnp.ndarray)
        return jnp.multiply(2 * dl_dy, x)

    assert review(double, "y[i] = x[i]^2")


def test_a_file_that_imports_a_library_is_of_that(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    texts = {
        "torch": "import torch\n\n\ndef f(dy, x):\n    return dy.mul(x)\n",
        "numpy": "import numpy as np\nimport torch\n\n\ndef f(dy, x):\n    return np.exp(x)\n",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.path", [*sys.path])
        for library, text in texts.items():
            file = tmp_path / f"of_{library}.py"
            file.write_text(text, encoding="utf-8")
            assert kind_of(Files().function(f"{file}:f", "--against")) == library


def test_whose_arrays_it_takes_may_be_said() -> None:
    pytest.importorskip("torch")
    seen = set()

    def double(dl_dy: Any, x: Any) -> Any:
        seen.add(type(x).__name__)
        return 2 * dl_dy * x

    assert review(double, "y[i] = x[i]^2")
    assert review(double, "y[i] = x[i]^2", library="torch")
    assert seen == {"ndarray", "Tensor"}


def test_a_function_of_one_dtype_is_explained_in_it() -> None:
    def single(dl_dy: Any, x: Any, gamma: Any) -> Any:
        assert x.dtype == np.float32
        return reviewed.negative(dl_dy, x, gamma)

    found = review(single, dtypes=("float32",))
    assert "Each of the gradients by x and γ has the wrong sign." in str(found)
    assert "float32" in str(found)


def test_sizes_may_be_given() -> None:
    seen = set()

    def right(dl_dy: Any, x: Any, gamma: Any) -> Any:
        seen.add(x.shape)
        return reviewed.right(dl_dy, x, gamma)

    assert review(right, sizes={"b": 6, "h": 4})
    assert seen == {(6, 4)}


def test_a_function_is_called() -> None:
    with pytest.raises(TypeError, match=r"^a function is called, and this is a str$"):
        review("right")  # type: ignore[arg-type]


def test_what_is_done_is_told() -> None:
    told: list[tuple[int, int]] = []
    review(reviewed.right, watch=lambda done, total: told.append((done, total)))
    assert told == [(place, 13) for place in range(13)]


# The command


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
    options = ["--forward", f"{FILE}:forward", "--sizes", "b=3,h=5", "--seed", "4"]
    options += ["--wrt", "gamma,x", "--dtype", "float64,float16", "--format", "json"]
    assert main(["rmsnorm", "--against", f"{FILE}:backward_of_cache", *options]) == 0
    _, table = json.loads(capsys.readouterr().out)["blocks"]
    assert [(row["gradient by"], row["cases"]) for row in table["rows"]] == [("gamma", 4), ("x", 4)]


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


def test_a_review_is_typeset(capsys: Captured) -> None:
    assert main(["rmsnorm", "--against", f"{FILE}:unheard_of", "--format", "latex"]) == 1
    shown = capsys.readouterr().out
    assert "\\begin{verbatim}\nimport numpy as np\n" in shown
    assert "# [[0.]]\n\\end{verbatim}" in shown
    assert main(["rmsnorm", "--against", f"{FILE}:unheard_of", "--format", "json"]) == 1
    assert escaped("γ_h/σ_p³ · √x²") == r"$\gamma$\_h/$\sigma$\_p$^3$ $\cdot$ $\surd$x$^2$"
    *_, listing = json.loads(capsys.readouterr().out)["blocks"]
    assert listing["listing"][0] == "import numpy as np"
