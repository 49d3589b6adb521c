"""Layers written by hand in NumPy, as people write them; a chain of them; mistakes put into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import indexcalc as ic
from indexcalc.against.layers.chain import INPUT
from indexcalc.against.layers.findings import Found, Layerwise

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(1, 4))
# Where rows are normalised, or taken together, more than one is needed.
ROWS = RANDOM.normal(size=(3, 4))


def affine_forward(x: Any, w: Any, b: Any) -> Any:
    return x @ w + b, (x, w)


def affine_backward(dl_dy: Any, saved: Any) -> Any:
    x, w = saved
    return dl_dy @ w.T, x.T @ dl_dy, dl_dy.sum(axis=0)


def tanh_forward(x: Any) -> Any:
    y = np.tanh(x)
    return y, y


def tanh_backward(dl_dy: Any, y: Any) -> Any:
    return dl_dy * (1 - y * y)


def softmax_forward(x: Any) -> Any:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return p, p


def softmax_backward(dl_dp: Any, p: Any) -> Any:
    return p * (dl_dp - (dl_dp * p).sum(axis=1, keepdims=True))


def relu_forward(x: Any) -> Any:
    return np.maximum(x, 0), x > 0


def relu_backward(dl_dy: Any, on: Any) -> Any:
    return dl_dy * on


def layernorm_forward(x: Any, gamma: Any, beta: Any) -> Any:
    sigma = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    h = (x - x.mean(axis=1, keepdims=True)) / sigma
    return h * gamma + beta, (h, sigma, gamma)


def layernorm_backward(dl_dy: Any, saved: Any) -> Any:
    h, sigma, gamma = saved
    dl_dh = dl_dy * gamma
    along = (dl_dh * h).mean(axis=1, keepdims=True)
    dl_dx = (dl_dh - dl_dh.mean(axis=1, keepdims=True) - h * along) / sigma
    return dl_dx, (dl_dy * h).sum(axis=0), dl_dy.sum(axis=0)


def largest_forward(x: Any) -> Any:
    return x.max(axis=1, keepdims=True), x == x.max(axis=1, keepdims=True)


def largest_backward(dl_dy: Any, is_largest: Any) -> Any:
    return dl_dy * is_largest


def square_forward(x: Any) -> Any:
    return x * x, x


def square_backward(dl_dy: Any, x: Any) -> Any:
    return 2 * dl_dy * x


def total_forward(x: Any) -> Any:
    return x.sum(), x.shape


def total_backward(dl_dy: Any, shape: Any) -> Any:
    return np.full(shape, dl_dy)


W1, B1 = RANDOM.normal(size=(4, 5)), RANDOM.normal(size=5)
W2, B2 = RANDOM.normal(size=(5, 3)), RANDOM.normal(size=3)
GAMMA, BETA = RANDOM.normal(size=5), RANDOM.normal(size=5)

AFFINE, SECOND = (
    (affine_forward, affine_backward, (W1, B1)),
    (
        affine_forward,
        affine_backward,
        [W2, B2],
    ),
)
TANH, SOFTMAX = (tanh_forward, tanh_backward), (softmax_forward, softmax_backward)
RELU, LARGEST = (relu_forward, relu_backward), (largest_forward, largest_backward)
SQUARE, TOTAL = (square_forward, square_backward), (total_forward, total_backward)
LAYERNORM = (layernorm_forward, layernorm_backward, (GAMMA, BETA))
CHAIN = [AFFINE, TANH, SECOND, SOFTMAX]

# The gradients of the chain, from its last layer on: the layer, what it is by, and its place among
# what backward returns.
GRADIENTS = [
    (4, INPUT, 0),
    (3, "w", 1),
    (3, "b", 2),
    (3, INPUT, 0),
    (2, INPUT, 0),
    (1, "w", 1),
    (1, "b", 2),
    (1, INPUT, 0),
]


def reported(layers: Any, x: Any = X, seed: int = 0) -> Layerwise:
    found: Layerwise = ic.layerwise_test(layers, x, seed=seed)
    return found


def planted(layer: int, place: int, change: Callable[[Any], Any], layers: Any = CHAIN) -> list[Any]:
    """The chain with one gradient changed."""
    forward, backward, *parameters = layers[layer - 1]

    def spoiled(dl_dy: Any, saved: Any) -> Any:
        returned = backward(dl_dy, saved)
        gradients = list(returned) if isinstance(returned, tuple) else [returned]
        gradients[place] = change(gradients[place])
        return tuple(gradients)

    spoiled_layer = (forward, spoiled, *parameters)
    return [*layers[: layer - 1], spoiled_layer, *layers[layer:]]


def failing(report: Layerwise) -> list[tuple[int, str]]:
    return [(one.layer.place, one.name) for one in report.found if not one.passes]


def row(report: Layerwise, layer: int, name: str) -> Found:
    (found,) = [one for one in report.found if (one.layer.place, one.name) == (layer, name)]
    return found
