"""The test of a chain layer by layer, from the last: each layer over-fits one example, or does not.

As in section 4.1 of "Backpropagation Techniques for Tensor Operations": the layers before are run
once, the layer and those after it again and again, first with its parameters moving, then with its
input. Each gradient is also compared with differences of the layer's own forward function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indexcalc.against.layers.chain import FAILED, INPUT, Layer, chain, example
from indexcalc.against.layers.findings import Found, Layerwise
from indexcalc.against.layers.greedy import Descent, Fit, descent
from indexcalc.against.layers.slopes import compared
from indexcalc.against.layers.stretch import Stretch
from indexcalc.errors import IndexcalcError
from indexcalc.expr.world import Array


def layerwise_test(layers: Sequence[Any], x: Any, *, seed: int = 0) -> Layerwise:
    """What becomes of each layer of a chain at an example x; `seed` chooses starts and directions.

    A layer is (forward, backward), or (forward, backward, parameters), or an object with these:
    forward(x, *parameters) -> (y, saved) and backward(dl_dy, saved) -> (dl_dx, *dl_dparameters).
    """
    links = chain(layers)
    with np.errstate(all="ignore"):
        inputs = _inputs(links, example(x))
        found: list[Found] = []
        end = len(links)
        for layer, given in zip(reversed(links), reversed(inputs), strict=True):
            place = layer.place
            for name in (*layer.parameters, INPUT):
                stretch = Stretch(links[place - 1 : end], given, name)
                found.append(_found(stretch, (seed, place)))
            if not found[-1].lets_through:
                # Nothing would come through to those before it.
                end = place - 1
    return Layerwise(tuple(found))


def _inputs(links: Sequence[Layer], x: Array) -> list[Array]:
    """What each layer is given."""
    inputs = [x]
    for layer in links:
        value, again = (layer.made(inputs[-1], layer.parameters)[0] for _ in range(2))
        if not np.isfinite(value).all():
            raise layer.failed("forward gives nan or inf at this example")
        if not np.array_equal(value, again):
            raise layer.failed("forward gives another value the second time")
        inputs.append(value)
    return inputs[:-1]


def _found(stretch: Stretch, seed: tuple[int, int]) -> Found:
    random = np.random.default_rng([*seed, *stretch.name.encode()])
    layer, name, last = stretch.layers[0], stretch.name, stretch.layers[-1]
    alone = Stretch((layer,), stretch.x, name)
    try:
        if layer.place == 1 and name == INPUT and (why := _none_is_needed(alone)):
            return Found(layer, name, last, Descent(Fit.ABSENT), None, why)
        down = descent(stretch, random)
        comparison = compared(alone, random)
    except IndexcalcError as failure:
        if failure.code != FAILED:
            raise
        return Found(layer, name, last, Descent(Fit.FAILS), None, failure.message)
    return Found(layer, name, last, down, comparison)


def _none_is_needed(alone: Stretch) -> str:
    """Why a first layer has no gradient by its input, if it has none."""
    layer = alone.layers[0]
    if alone.base.dtype.kind != "f":
        return f"layer {layer.title}: its input is of whole numbers, and has no gradient"
    ((value, saved),) = alone.forward(alone.base)
    if layer.gradients(np.ones_like(value), saved)[INPUT] is None:
        return f"layer {layer.title}: no gradient by its input is returned, and none is needed"
    return ""
