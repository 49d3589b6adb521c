"""The smallest inputs at which a wrong gradient shows, where nothing explains it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.against.loading import Files
from tests import reviewed
from tests.processes import python
from tests.reviews import WIDTH, Function, review


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
