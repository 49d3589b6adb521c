"""The smallest inputs at which a wrong gradient shows, where nothing explains it."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.against.literals import expression, literal, recipes
from indexcalc.against.loading import Files
from tests import reviewed
from tests.processes import python
from tests.reviews import WIDTH, Function, patience, review


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here has a cause, for which one would look in vain each time."""
    patience(0, monkeypatch)


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


def test_an_example_shows_the_same_kind_of_difference() -> None:
    """At 0 this is nan, which is not what was wrong with it."""

    def wrong(dl_dy: Any, x: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.cos(dl_dy) * np.sin(x) / x

    names: dict[str, Any] = {"wrong": wrong}
    exec(review(wrong, "y[i] = x[i]^2").example, names)
    assert np.isfinite(wrong(names["dl_dy"], names["x"])).all()


def of_long_rows(change: Function) -> Function:
    """The gradient of x_i a_i by x; where there are more than 1000 of them, another."""

    def backward(dl_dy: Any, x: Any, a: Any) -> Any:
        return (change(dl_dy, a) if x.shape[-1] > 1000 else dl_dy * a), dl_dy * x

    return backward


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda g, a: g * a + np.cos(a) * np.sin(g[-1:]) ** 3, r"np\.bincount\(\["),
        (
            lambda g, a: g * a + ((a != 0).all() and np.ptp(a) > 0) * np.cos(g + a**2),
            r"default_rng\(\d\)\.integers\(",
        ),
    ],
    ids=["few entries", "all entries"],
)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_long_arrays_are_made_by_expressions(change: Function, told: str, library: str) -> None:
    pytest.importorskip(library)
    right = of_long_rows(change)

    def wrong(dl_dy: Any, x: Any, a: Any) -> Any:
        found = right(*map(np.asarray, (dl_dy, x, a)))
        return found if library == "numpy" else tuple(map(import_module("torch").tensor, found))

    names: dict[str, Any] = {"wrong": wrong}
    example = review(wrong, "f(x[i], a[i]) -> y\ny[i] = x[i]*a[i]", library=library).example
    exec(example, names)
    assert names["x"].shape[0] > 1000
    assert re.search(told, example)
    assert len(example.splitlines()) < 20
    assert max(map(len, example.splitlines())) <= WIDTH
    g, x, a = (np.asarray(names[name]) for name in ("dl_dy", "x", "a"))
    said = re.search(r"by x at \[(\d+)\] is (\S+), and (\S+) is right", example)
    assert said is not None
    place = int(said[1])
    assert np.asarray(wrong(g, x, a)[0])[place] == pytest.approx(float(said[2]), rel=1e-5)
    assert (g * a)[place] == pytest.approx(float(said[3]), rel=1e-5)


def test_expressions_make_what_they_stand_for() -> None:
    sparse = np.zeros((7, 31))
    sparse[2, 3], sparse[6, 30] = 0.25, -3
    for array in (sparse, sparse.ravel(), *(made for _, made in recipes((4, 25)))):
        (said,) = [" ".join(literal(array, "x = "))]
        names: dict[str, Any] = {"np": np}
        exec(said, names)
        np.testing.assert_array_equal(names["x"], array)
    assert expression(np.linspace(1, 2, 100)) is None


def test_where_no_expression_makes_an_array_there_is_no_example(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Random numbers of few digits are not in the domain, and too many others would be printed."""
    monkeypatch.setattr("indexcalc.against.shrinking.MOST_TRIES", 20)
    monkeypatch.setattr("indexcalc.against.diagnosing.PATIENCE", 5_000)

    def wrong(dl_dy: Any, x: Any) -> Any:
        slope = 1 / x - 1 / (2 - x)
        return np.cos(dl_dy) * slope**2 if len(x) > 64 else dl_dy * slope

    found = review(wrong, "y[i] = log(x[i]) + log(2 - x[i])")
    assert found.unexplained
    assert found.example == ""
