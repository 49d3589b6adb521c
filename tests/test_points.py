"""Points of the check: inside the domain, away from edges, of unequal sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.proof.points import chosen_lengths, drawn
from tests.points import Array


@pytest.mark.parametrize(
    "text",
    [
        "y[i] = log(x[i])",
        "y[i] = log(x[i] - 10)",
        "y[i] = log(-x[i] - 10)",
        "y[i] = log(x[i] - z[i] - 5)",
        "y[i,j] = acos(x[i,k]*w[k,j])",
        "y = sqrt(1 - x[i]*x[i])",
        "y[i] = log(log(log(x[i])))",
        "y[i] = x[i]^0.3 + x[i]^(-5/2)",
        "y[i] = (x[i] - 3)^z[i]",
        "f(x[i], n=3) -> y; y[i] = x[i]^n",
        "f(x[i], n=-2) -> y; y[i] = x[i]^n",
        "y[i] = 1/(x[i,k]*w[k])",
        "y[i,j] = relu(x[i,k]*w[k,j])",
        "y[i] = abs(x[i])*sign(z[i])",
        "y[i] = log(x[i]) + sqrt(5 - x[i])",
        "y[i] = asin(x[i] + 3)*sqrt(z[i] - 100)",
        "m[i] = log(x[i,k]*w[k]); y[i] = sqrt(m[i] - 2)",
        "y[i] = tan(x[i])/sin(x[i])",
        "y[i] = sqrt(x[i] + 10)*sqrt(12 - x[i])*sqrt(-x[i] - 5)",
        "y[i] = x[i]*log(max[k](a[k]) - 5*min[k](a[k]))",
        "y[i] = exp(exp(exp(x[i])))",
        "y[i] = 1e-12*exp(x[i]) + 1e-12/x[i]",
    ],
)
def test_a_point_inside_the_domain_is_found(text: str) -> None:
    wrt = [access.name for access in ic.read(text).inputs if access.name != "a"]
    assert ic.derive(text, wrt=wrt).check()


@pytest.mark.parametrize(
    ("text", "distance"),
    [
        ("y[i] = abs(x[i])", lambda v: abs(v["x"])),
        ("y[i] = log(x[i] - z[i])", lambda v: v["x"] - v["z"]),
        ("y[i] = 1/(x[i] - z[i])", lambda v: abs(v["x"] - v["z"])),
        ("m[i] = x[i]*z[i]; y[i] = asin(m[i] - 2)", lambda v: 1 - abs(v["x"] * v["z"] - 2)),
        ("y = max[i](x[i]*z[i])", lambda v: np.diff(np.sort(v["x"] * v["z"]))[-1:]),
        ("y = min[i](x[i]*z[i])", lambda v: np.diff(np.sort(v["x"] * v["z"]))[:1]),
    ],
)
def test_points_keep_away_from_edges(text: str, distance: Callable[[Any], Array]) -> None:
    program = ic.read(text)
    for seed in range(30):
        point = drawn(program, chosen_lengths(program, {}), seed, 0)
        assert point is not None
        inside = distance(point.world.arrays)
        assert (inside >= 0.0099 * np.abs(inside).max()).all()
        assert (inside > 0).all()


def test_points_have_entries_of_both_signs() -> None:
    program = ic.read("layernorm")
    point = drawn(program, chosen_lengths(program, {}), 0, 0)
    assert point is not None
    x = point.world.arrays["x"]
    assert (x > 0).any()
    assert (x < 0).any()


def test_sizes_are_unequal_unless_values_become_large() -> None:
    for name in ("layernorm", "tcl", "attention", "mlp"):
        program = ic.read(name)
        lengths = chosen_lengths(program, {})
        for access in program.inputs:
            sizes = [lengths[size] for size in dict.fromkeys(i.size for i in access.indices)]
            assert len(set(sizes)) == len(sizes)
            assert all(2 <= size <= 5 for size in sizes)
    assert set(chosen_lengths(ic.read("tcl:8"), {}).values()) == {2}
