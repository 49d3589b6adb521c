"""A chain tested layer by layer: right ones pass, and a mistake is located in its layer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from indexcalc.against.layers.chain import INPUT, chain
from indexcalc.against.layers.greedy import LEFT, Fit
from indexcalc.against.layers.slopes import Agreement
from indexcalc.against.layers.stretch import Stretch
from tests.layers import (
    AFFINE,
    B1,
    B2,
    CHAIN,
    GAMMA,
    GRADIENTS,
    LARGEST,
    LAYERNORM,
    RANDOM,
    RELU,
    ROWS,
    SECOND,
    SOFTMAX,
    SQUARE,
    TANH,
    TOTAL,
    W1,
    W2,
    X,
    affine_backward,
    affine_forward,
    failing,
    planted,
    reported,
    row,
    tanh_forward,
)

# What is right


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "layers",
    [
        CHAIN,
        [AFFINE, RELU, SECOND, SOFTMAX],
        [AFFINE, LAYERNORM, TANH, SECOND],
        [AFFINE, SQUARE, LARGEST],
        [AFFINE, TANH, TOTAL],
        [RELU, RELU],
        [SOFTMAX],
    ],
    ids=lambda layers: "-".join(layer[0].__name__.removesuffix("_forward") for layer in layers),
)
@pytest.mark.parametrize("x", [X, ROWS], ids=["row", "rows"])
def test_right_layers_pass(layers: Any, x: Any, seed: int) -> None:
    report = reported(layers, x, seed)
    assert report, report
    assert report.first is None
    assert {one.descent.fit for one in report.found} <= {Fit.FITS, Fit.FLAT}


def test_parameters_come_first_and_the_last_layer_before_others() -> None:
    assert [(one.layer.place, one.name) for one in reported(CHAIN).found] == [
        (layer, name) for layer, name, _ in GRADIENTS
    ]


def test_zeros_at_kinks_pass() -> None:
    zeros = (affine_forward, affine_backward, (np.zeros((4, 5)), np.zeros(5)))
    assert reported([zeros, RELU, SECOND])
    assert reported([RELU], np.zeros((2, 3)))


def test_the_test_is_the_same_each_time() -> None:
    assert str(reported(CHAIN)) == str(reported(CHAIN))
    assert str(reported(CHAIN)) != str(reported(CHAIN, seed=1))


def test_a_chain_of_four_takes_about_a_second() -> None:
    start = time.perf_counter()
    reported(CHAIN)
    reported(planted(4, 0, np.negative))
    assert time.perf_counter() - start < 2.0


# What is wrong


@pytest.mark.parametrize(("layer", "name", "place"), GRADIENTS)
@pytest.mark.parametrize("change", [np.negative, np.zeros_like], ids=["sign", "nothing"])
def test_a_gradient_that_points_elsewhere_is_located_by_both(
    layer: int, name: str, place: int, change: Callable[[Any], Any]
) -> None:
    report = reported(planted(layer, place, change))
    assert failing(report) == [(layer, name)], report
    found = row(report, layer, name)
    assert report.first is found
    assert (found.descent.fit, found.agreement) == (Fit.STALLS, Agreement.WRONG)
    assert found.descent.left is not None
    assert found.descent.left > LEFT


@pytest.mark.parametrize(("layer", "name", "place"), GRADIENTS)
@pytest.mark.parametrize(
    "change",
    [np.sign, np.cbrt, np.ones_like, lambda g: g[..., ::-1], lambda g: np.roll(g, 1, axis=-1)],
    ids=["sign", "root", "ones", "reversed", "rolled"],
)
def test_a_wrong_gradient_is_located(
    layer: int, name: str, place: int, change: Callable[[Any], Any]
) -> None:
    report = reported(planted(layer, place, change))
    assert failing(report) == [(layer, name)], report
    assert row(report, layer, name).agreement is Agreement.WRONG


@pytest.mark.parametrize(("layer", "name", "place"), GRADIENTS)
@pytest.mark.parametrize("factor", [2.0, 0.5, 1.001])
def test_a_factor_passes_the_descent_and_not_the_slope(
    layer: int, name: str, place: int, factor: float
) -> None:
    report = reported(planted(layer, place, lambda gradient: factor * gradient))
    assert failing(report) == [(layer, name)], report
    found = row(report, layer, name)
    assert (found.descent.fit, found.agreement) == (Fit.FITS, Agreement.WRONG)


def test_two_mistakes_are_both_located() -> None:
    layers = planted(1, 1, np.negative, planted(3, 0, np.negative))
    report = reported(layers)
    assert failing(report) == [(3, INPUT), (1, "w")]
    assert report.first is row(report, 3, INPUT)
    assert [one.last.place for one in report.found] == [4, 4, 4, 4, 2, 2, 2, 2]


def test_what_is_wrong_in_one_place_alone_is_seen_by_the_slope() -> None:
    def last_row_lost(gradient: Any) -> Any:
        gradient[-1] = 0
        return gradient

    found = row(reported(planted(3, 1, last_row_lost)), 3, "w")
    # The other entries of a column do for it.
    assert (found.descent.fit, found.agreement) == (Fit.FITS, Agreement.WRONG)


# What goes wrong otherwise


def test_a_wrong_shape_is_said() -> None:
    report = reported(planted(3, 1, np.transpose))
    assert failing(report) == [(3, "w")]
    words = "Layer 3 affine: the gradient by w has the shape (3, 5), not (5, 3)."
    assert words in str(report).splitlines()


def test_an_exception_is_shown_as_theirs() -> None:
    def raises(dl_dy: Any, saved: Any) -> Any:
        raise KeyError("mask")

    report = reported([AFFINE, (tanh_forward, raises), SECOND])
    assert failing(report) == [(2, INPUT)]
    said = " ".join(str(report).split())
    assert "Layer 2 tanh: backward raised KeyError: 'mask', in test_layerwise.py, line " in said
    assert ': raise KeyError("mask").' in said


def test_an_exception_is_shown_once_for_all_gradients_of_a_layer() -> None:
    def raises(dl_dy: Any, saved: Any) -> Any:
        raise KeyError("mask")

    report = reported([(affine_forward, raises, (W1, B1)), TANH])
    assert report.first
    assert failing(report) == [(1, "w"), (1, "b"), (1, INPUT)]
    assert str(report).count("backward raised") == 1


def test_nan_is_said() -> None:
    report = reported(planted(2, 0, lambda gradient: gradient * np.nan))
    assert failing(report) == [(2, INPUT)]
    assert "Layer 2 tanh: the gradient by its input has nan or inf in it." in str(report)


def test_too_few_gradients_are_said() -> None:
    def one(dl_dy: Any, saved: Any) -> Any:
        return dl_dy @ saved[1].T

    report = reported([(affine_forward, one, (W1, B1))])
    assert failing(report) == [(1, "w"), (1, "b"), (1, INPUT)]
    words = "backward returns ndarray, and gradients by its input, w, b are expected."
    assert words in " ".join(str(report).split())


def test_no_gradient_is_needed_by_the_first_input_alone() -> None:
    def without(dl_dy: Any, saved: Any) -> Any:
        return None, *affine_backward(dl_dy, saved)[1:]

    report = reported([(affine_forward, without, (W1, B1)), TANH])
    assert report
    assert row(report, 1, INPUT).descent.fit is Fit.ABSENT
    report = reported([TANH, (affine_forward, without, (W1, B1))])
    assert failing(report) == [(2, INPUT)]
    assert "is NoneType, not an array of real numbers" in " ".join(str(report).split())


def test_whole_numbers_have_no_gradient() -> None:
    def looked_up(x: Any, rows: Any) -> Any:
        return rows[x], (x, rows.shape)

    def added_up(dl_dy: Any, saved: Any) -> Any:
        x, shape = saved
        dl_drows = np.zeros(shape)
        np.add.at(dl_drows, x, dl_dy)
        return np.zeros(x.shape), dl_drows

    def written(dl_dy: Any, saved: Any) -> Any:
        x, shape = saved
        dl_drows = np.zeros(shape)
        dl_drows[x] = dl_dy
        return None, dl_drows

    words = np.array([2, 0, 2])
    report = reported([(looked_up, added_up, [W1]), TANH], words)
    assert report
    assert row(report, 1, INPUT).descent.fit is Fit.ABSENT
    assert failing(reported([(looked_up, written, [W1]), TANH], words)) == [(1, "rows")]


def test_where_nothing_has_an_effect_it_is_said() -> None:
    off = (affine_forward, affine_backward, (W1, B1 - 100))
    report = reported([off, RELU, SECOND])
    assert report
    assert row(report, 2, INPUT).descent.fit is Fit.FLAT
    assert "no effect" in str(report)


def test_a_descent_that_stalls_where_the_slope_is_right_is_said() -> None:
    def ripples_forward(x: Any) -> Any:
        return x + 1.5 * np.sin(8000 * x) / 8000, x

    def ripples_backward(dl_dy: Any, x: Any) -> Any:
        return dl_dy * (1 + 1.5 * np.cos(8000 * x))

    report = reported([TANH, (ripples_forward, ripples_backward)], ROWS)
    found = row(report, 2, INPUT)
    assert (found.descent.fit, found.agreement) == (Fit.STALLS, Agreement.AGREES)
    assert not report
    words = "The slope is right in the gradient of layer 2 ripples by its input, where the descent"
    assert words in " ".join(str(report).split())
    # What comes through is right, and so the loss stays where it was.
    assert {one.last.place for one in report.found} == {2}


def test_functions_that_write_into_what_they_get_do_no_harm() -> None:
    def forward(x: Any, w: Any) -> Any:
        before = x.copy()
        x *= w
        w *= 3
        return x, (before, w / 3)

    def backward(dl_dy: Any, saved: Any) -> Any:
        x, w = saved
        dl_dw = (dl_dy * x).sum(axis=0)
        dl_dy *= w
        return dl_dy, dl_dw

    x, w = X.copy(), W1[:, 0].copy()
    assert reported([(forward, backward, [w]), AFFINE, (forward, backward, [GAMMA])], x)
    assert np.array_equal(x, X)
    assert np.array_equal(w, W1[:, 0])


def test_what_rounding_hides_is_not_decided() -> None:
    def sigmoid_forward(x: Any) -> Any:
        y = 1 / (1 + np.exp(-x))
        return y, y

    def sigmoid_backward(dl_dy: Any, y: Any) -> Any:
        return dl_dy * y * (1 - y)

    far_out = (affine_forward, affine_backward, (W1, B1 + 35))
    report = reported([far_out, (sigmoid_forward, sigmoid_backward)])
    assert row(report, 2, INPUT).agreement is Agreement.UNDECIDED
    assert not report


def test_gradients_go_through_all_layers_between() -> None:
    layers, x = chain(CHAIN), RANDOM.normal(size=(3, 4))
    for name, base in (("w", W1), ("b", B1), (INPUT, x)):
        stretch = Stretch(layers, x, name)
        upstream = RANDOM.normal(size=(3, 3))
        gradient = stretch.backward(upstream, stretch.forward(base), base)
        way = RANDOM.normal(size=base.shape)
        ahead, behind = (stretch.output(base + step * way) for step in (1e-5, -1e-5))
        slope = (upstream * (ahead - behind)).sum() / 2e-5
        assert (gradient * way).sum() == pytest.approx(slope, rel=1e-7)


# As people give them


@dataclass
class Affine:
    """A layer as an object."""

    parameters: Any

    def forward(self, x: Any, w: Any, b: Any) -> Any:
        return affine_forward(x, w, b)

    def backward(self, dl_dy: Any, saved: Any) -> Any:
        return affine_backward(dl_dy, saved)


def test_layers_are_objects_too() -> None:
    report = reported([Affine({"weights": W1, "bias": B1}), TANH, Affine([W2, B2])])
    assert report
    assert [one.name for one in report.found] == ["w", "b", INPUT, INPUT, "weights", "bias", INPUT]
    assert [one.layer.title for one in report.found][::2] == [
        "3 Affine",
        "3 Affine",
        "1 Affine",
        "1 Affine",
    ]


def test_parameters_without_names_are_counted() -> None:
    anonymous = (lambda *given: affine_forward(*given), affine_backward, (W1, B1))
    assert [one.name for one in reported([anonymous]).found] == [
        "parameter 1",
        "parameter 2",
        INPUT,
    ]


def test_layers_of_float32_pass() -> None:
    def forward(x: Any, w: Any) -> Any:
        x, w = x.astype(np.float32), w.astype(np.float32)
        return x @ w, (x, w)

    def backward(dl_dy: Any, saved: Any) -> Any:
        x, w = saved
        dl_dy = dl_dy.astype(np.float32)
        return dl_dy @ w.T, x.T @ dl_dy

    assert reported([(forward, backward, [W1]), TANH])
    assert not reported(planted(1, 1, lambda g: 1.1 * g, [(forward, backward, [W1]), TANH]))
    precise = (lambda x, w: (x @ w, forward(x, w)[1]), backward, [W1])
    assert reported([precise, TANH])

    def rounded(dl_dy: Any, y: Any) -> Any:
        return dl_dy * (1 - y.astype(np.float32) ** 2).astype(np.float64)

    assert reported([AFFINE, (tanh_forward, rounded)])


# As it is shown


def test_the_report_as_it_is_printed() -> None:
    report = reported(planted(3, 0, np.negative))
    lines = str(report).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "  layer      gradient by  loss left  descent     off by  tolerance  slope"
    assert [line.split("  ")[1] for line in lines[1:9]] == [
        "4 softmax",
        *["3 affine"] * 3,
        "2 tanh",
        *["1 affine"] * 3,
    ]
    assert lines[4].startswith("  3 affine   its input      1.0e+00  STALLS     2.0e+00  ")
    assert lines[4].endswith("  WRONG")
    assert lines[9:] == [
        "",
        "The first that fails is the gradient of layer 3 affine by its input.",
        "",
        "Up to layer 2 the loss is at the output of layer 2 tanh.",
    ]
