"""Adjoints and layers that cannot be taken as they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from indexcalc.against.layers.layerwise import layerwise_test
from indexcalc.derivation import derive

X = np.ones((2, 3))


def checked(adjoints: Any) -> object:
    derivation = derive("f(x[i,j], gamma[j]) -> y; sigma[i] = x[i,j]*gamma[j]; y[i] = sigma[i]^2")
    return derivation.check_adjoints(adjoints, x=X, gamma=X[0], dl_dy=X[:, 0])


def same(x: Any) -> Any:
    return x, None


def chained(forward: Any, parameters: Any = (), backward: Any = same, x: Any = X) -> object:
    """The test of a chain whose second layer this is."""
    return layerwise_test([(same, same), (forward, backward, parameters)], x)


def unlucky_forward(x: Any) -> Any:
    raise KeyError


# What is done with them, and the whole message.
LAYERS: list[tuple[str, Callable[[], object], str]] = [
    (
        "adjoints without names",
        lambda: checked([X]),
        """\
error IC613: adjoints are arrays by name, and list is given
hint: write {"sigma": dl_dsigma, "x": dl_dx}
""",
    ),
    (
        "no adjoints",
        lambda: checked({}),
        """\
error IC613: no adjoint is given
hint: write {"sigma": dl_dsigma, "x": dl_dx}
""",
    ),
    (
        "an adjoint of nothing",
        lambda: checked({"dl_dsgima": X[:, 0]}),
        """\
error IC613: f has no tensor of which dl_dsgima would be the adjoint
hint: did you mean dl_dsigma?
""",
    ),
    (
        "an adjoint of something else",
        lambda: checked({"loss": 1.0}),
        """\
error IC613: f has no tensor of which loss would be the adjoint
hint: it has x, gamma, sigma, y
""",
    ),
    (
        "an adjoint given twice",
        lambda: checked({"dx": X, "grad_x": X}),
        """\
error IC613: the adjoint of x is given twice, as dx and as grad_x
hint: give one of them
""",
    ),
    (
        "an adjoint of complex numbers",
        lambda: checked({"dx": 1j * X}),
        """\
error IC613: the adjoint dx is of complex128, not of real numbers
hint: give an array of float64, float32, float16, bfloat16
""",
    ),
    (
        "a ragged adjoint",
        lambda: checked({"dx": [[1.0], [2.0, 3.0]]}),
        """\
error IC613: the adjoint dx is of object, not of real numbers
hint: give an array of float64, float32, float16, bfloat16
""",
    ),
    (
        "no layers",
        lambda: layerwise_test([], X),
        """\
error IC614: layers are a list, and 0 things is given
hint: give a list of (forward, backward, parameters) and an array: layerwise_test(layers, x)
""",
    ),
    (
        "a layer without functions",
        lambda: layerwise_test([same], X),
        """\
error IC614: layer 1 is function, without forward and backward functions
hint: give a list of (forward, backward, parameters) and an array: layerwise_test(layers, x)
""",
    ),
    (
        "an example that is no array",
        lambda: chained(same, x="three"),
        """\
error IC614: the example is str, not an array of real numbers
hint: give a list of (forward, backward, parameters) and an array: layerwise_test(layers, x)
""",
    ),
    (
        "parameters that are no list",
        lambda: chained(same, 3),
        """\
error IC614: the parameters of layer 2 are int, not a list of arrays
hint: give a list of (forward, backward, parameters) and an array: layerwise_test(layers, x)
""",
    ),
    (
        "a parameter that is no array",
        lambda: chained(lambda x, w: (x, w), [[[1.0], [2.0, 3.0]]]),
        """\
error IC614: w of layer 2 is 2 things, not an array of real numbers
hint: give a list of (forward, backward, parameters) and an array: layerwise_test(layers, x)
""",
    ),
    (
        "a forward function that raises",
        lambda: chained(unlucky_forward),
        """\
error IC615: layer 2 unlucky: forward raised KeyError, in layers.py, line 31: raise KeyError
hint: forward(x, *parameters) returns y, saved; backward(dl_dy, saved) all gradients
""",
    ),
    (
        "a forward function that saves nothing",
        lambda: chained(lambda x: x),
        """\
error IC615: layer 2: forward returns ndarray, not its value and what backward is given
hint: forward(x, *parameters) returns y, saved; backward(dl_dy, saved) all gradients
""",
    ),
    (
        "a value that is no array",
        lambda: chained(lambda x: ("y", x)),
        """\
error IC615: layer 2: the value of forward is str, not an array of real numbers
hint: forward(x, *parameters) returns y, saved; backward(dl_dy, saved) all gradients
""",
    ),
    (
        "a value that is not finite",
        lambda: chained(lambda x: (np.log(x - 1), x)),
        """\
error IC615: layer 2: forward gives nan or inf at this example
hint: forward(x, *parameters) returns y, saved; backward(dl_dy, saved) all gradients
""",
    ),
    (
        "a forward function with chance in it",
        lambda: chained(lambda x: (x * np.random.default_rng().random(), x)),
        """\
error IC615: layer 2: forward gives another value the second time
hint: forward(x, *parameters) returns y, saved; backward(dl_dy, saved) all gradients
""",
    ),
]
