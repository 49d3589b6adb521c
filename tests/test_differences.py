"""Slopes by differences, and how far they are off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from indexcalc.proof.differences import displaced, scatter, slopes

# Of what only some bits are left.
LOST = 1e-13
NOISE = np.random.default_rng(5)
CURVES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sine": (lambda x: np.sin(3 * x), lambda x: 3 * np.cos(3 * x)),
    "exponential": (np.exp, np.exp),
    "far": (lambda x: 1e8 + np.exp(x), np.exp),
    "small": (lambda x: 1e-9 * np.exp(x), lambda x: 1e-9 * np.exp(x)),
    "pole": (lambda x: 1 / (x - 3), lambda x: -1 / (x - 3) ** 2),
    "kink": (lambda x: np.abs(x - 0.8), lambda x: np.sign(x - 0.8)),
    "edge": (lambda x: np.sqrt(x - 0.1), lambda x: 0.5 / np.sqrt(x - 0.1)),
    "line": (lambda x: 7 * x, lambda x: 7 + 0 * x),
    "rough": (lambda x: np.sin(x) + 1e-10 * NOISE.uniform(-1, 1, np.shape(x)), np.cos),
    "worn": (lambda x: np.round(np.sin(x) / LOST) * LOST, np.cos),
    "blunt": (lambda x: np.round(np.sin(x), 9), np.cos),
    "steep": (lambda x: np.tanh(30 * (x - 0.5)), lambda x: 30 / np.cosh(30 * (x - 0.5)) ** 2),
    "fast": (lambda x: np.sin(200 * x), lambda x: 200 * np.cos(200 * x)),
}


@pytest.mark.parametrize("curve", CURVES)
def test_the_doubt_about_a_slope_is_more_than_its_error(curve: str) -> None:
    function, slope = CURVES[curve]
    random = np.random.default_rng(1)
    doubts = []
    with np.errstate(all="ignore"):
        for _ in range(200):
            base = np.array([random.uniform(0.2, 1.2)])
            found = slopes(lambda v: function(v[:, 0]), base, np.ones((1, 1)), random)
            if abs(base[0] - 0.8) > 0.003 or curve != "kink":
                expected = slope(base)
                assert abs(found.values - expected) <= found.doubt + 1e-15 * abs(expected)
            doubts.append(found.doubt / abs(slope(base)[0]))
    # And it is no blanket: a smooth function is known well.
    if curve in ("sine", "exponential", "small", "line", "pole"):
        assert np.median(doubts) < 1e-10


@pytest.mark.parametrize("giant", [1e4, 1e9, 1e13])
def test_a_giant_among_the_entries_does_not_set_the_step_of_the_others(giant: float) -> None:
    base = np.array([-0.4, 0.9, giant, 1.7])
    found = slopes(np.tanh, base, np.eye(4), np.random.default_rng(0))
    expected = np.diag([*(1 - np.tanh(base) ** 2)])
    assert found.doubt < 1e-8
    assert np.abs(found.values - expected).max() <= found.doubt


@pytest.mark.parametrize("noise", [0.0, 1e-12, 1e-6])
def test_scatter_is_what_is_no_polynomial(noise: float) -> None:
    random = np.random.default_rng(2)
    line = displaced(np.array([0.7, 0.2]), random)
    values = np.sin(line).sum(axis=1) + noise * random.uniform(-1, 1, len(line))
    assert max(noise / 4, 1e-16) <= scatter(values) <= 5 * noise + 1e-14
