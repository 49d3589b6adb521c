"""Reviews of deep networks: a right function passes, one mistake far inside is named, and where
nothing fits, what is done until then is bounded by what is counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.against import shrinking
from indexcalc.against.reviewing import Review
from indexcalc.derivation import Derivation
from tests.reviews import patience

Arrays = tuple[Any, ...]


def backward(dl_dy: Any, x: Any, *parameters: Any, forgotten: int = -1) -> Arrays:
    """Through tanh layers, as one writes it; the slope of one layer may be forgotten."""
    weights, biases = parameters[::2], parameters[1::2]
    values = [x]
    for w, b in zip(weights, biases, strict=True):
        values.append(np.tanh(values[-1] @ w + b))
    above, found = dl_dy, []
    for layer in reversed(range(len(weights))):
        if layer != forgotten:
            above = above * (1 - values[layer + 1] ** 2)
        found += [above.sum(axis=0), values[layer].T @ above]
        above = above @ weights[layer].T
    return above, *reversed(found)


def of_the_third(dl_dy: Any, *given: Any) -> Arrays:
    return backward(dl_dy, *given, forgotten=2)


def odd(dl_dy: Any, *given: Any) -> Arrays:
    """What no mistake gives, in one gradient of many."""
    right = list(backward(dl_dy, *given))
    right[5] = right[5] + 0.01 * np.sin(right[5])
    return tuple(right)


def reviewed(layers: int, function: Callable[..., Any]) -> Review:
    derivation: Derivation = ic.derive(f"mlp:{layers}")
    return derivation.check_against(function, library="numpy", dtypes=["float64"])


def test_the_right_function_of_32_layers_passes() -> None:
    assert reviewed(32, backward)


def test_one_mistake_inside_of_a_network_is_named_for_all_gradients_that_it_spoils() -> None:
    review = reviewed(5, of_the_third)
    wrong = {one.name: one.cause for one in review.findings if not one.agrees}
    assert list(wrong) == ["x", "w1", "b1", "w2", "b2", "w3", "b3"]
    for known in wrong.values():
        assert known is not None
        assert known.words == (
            "is what it is with a mistake in the path through a3 (∂l/∂a3_pq): "
            "1 - tanh(a3_pq)² is left out"
        )


def test_what_nothing_explains_ends_in_an_example_after_work_that_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patience(5000, monkeypatch)
    review = reviewed(4, odd)
    (finding,) = review.unexplained
    assert finding.name == "w3"
    assert "x = np.array([[0.0]])" in review.example
    assert finding.answers[0].scene.subject.work.done <= shrinking.PATIENCE
    # With little patience, causes are left and inputs stay as they were.
    patience(100, monkeypatch)
    monkeypatch.setattr(shrinking, "PATIENCE", 50)
    hasty = reviewed(4, odd)
    (finding,) = hasty.unexplained
    assert hasty.cut
    assert len(hasty.example) > 2 * len(review.example)
    # One more point may be under way.
    assert finding.answers[0].scene.subject.work.done < 1000
