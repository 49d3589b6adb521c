"""A chain of somebody's layers: what they are given as, and what their functions return.

A layer is a pair (forward, backward), or three with its parameters, or an object that has these:
forward(x, *parameters) -> (y, saved) and backward(dl_dy, saved) -> (dl_dx, *dl_dparameters).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexcalc.against.raising import ANY, file_of, raised
from indexcalc.errors import IndexcalcError
from indexcalc.expr.world import Array

# What a layer's input is called among the names of its parameters.
INPUT = "its input"
FAILED = "IC615"


@dataclass(frozen=True)
class Layer:
    """One link of a chain, counted from 1, with its parameters by name."""

    place: int
    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    parameters: Mapping[str, Array]

    @property
    def title(self) -> str:
        return f"{self.place} {self.name}".rstrip()

    def made(self, x: Array, parameters: Mapping[str, Array]) -> tuple[Array, Any]:
        """Its value, and what its backward function is given."""
        # Copies, for a function may write into what it is given.
        arrays = [array.copy() for array in (x, *parameters.values())]
        returned = self._called("forward", self.forward, arrays)
        if not isinstance(returned, tuple | list) or len(returned) != 2:
            raise self.failed(
                f"forward returns {_what(returned)}, not its value and what backward is given"
            )
        return self._array("the value of forward", returned[0]), returned[1]

    def gradients(self, upstream: Array, saved: Any) -> dict[str, Any]:
        """What backward returns for the input and for each parameter."""
        returned = self._called("backward", self.backward, [upstream.copy(), saved])
        arrays = returned if isinstance(returned, tuple | list) else [returned]
        names = [INPUT, *self.parameters]
        if len(arrays) != len(names):
            raise self.failed(
                f"backward returns {_what(returned)}, and gradients by {', '.join(names)} are "
                "expected"
            )
        return dict(zip(names, arrays, strict=True))

    def gradient(self, name: str, upstream: Array, saved: Any, like: Array) -> Array:
        """One of these, an array of finite numbers of the shape of what it is by."""
        gradient = self._array(f"the gradient by {name}", self.gradients(upstream, saved)[name])
        if gradient.shape != like.shape:
            raise self.failed(
                f"the gradient by {name} has the shape {gradient.shape}, not {like.shape}"
            )
        if not np.isfinite(gradient).all():
            raise self.failed(f"the gradient by {name} has nan or inf in it")
        return gradient

    def _called(self, what: str, function: Callable[..., Any], arguments: list[Any]) -> Any:
        try:
            return function(*arguments)
        except ANY as problem:
            words = raised(problem, file_of(function))
            raise self.failed(f"{what} raised {words}") from problem

    def _array(self, what: str, value: Any) -> Array:
        array = _numbers(value)
        if array is None:
            raise self.failed(f"{what} is {_what(value)}, not an array of real numbers")
        return array.astype(np.float64)

    def failed(self, words: str) -> IndexcalcError:
        """What a layer did instead."""
        hint = "forward(x, *parameters) returns y, saved; backward(dl_dy, saved) all gradients"
        return IndexcalcError(FAILED, f"layer {self.title}: {words}", hint=hint)


def chain(layers: Sequence[Any]) -> tuple[Layer, ...]:
    """The layers as they are given, or a refusal."""
    if not isinstance(layers, Sequence) or isinstance(layers, str) or not layers:
        raise _refusal(f"layers are a list, and {_what(layers)} is given")
    return tuple(_layer(place, given) for place, given in enumerate(layers, 1))


def example(x: Any) -> Array:
    """What goes into the first layer; whole numbers stay such."""
    array = _numbers(x)
    if array is None:
        raise _refusal(f"the example is {_what(x)}, not an array of real numbers")
    return array


def _layer(place: int, given: Any) -> Layer:
    if isinstance(given, tuple | list) and len(given) in (2, 3):
        forward, backward, parameters = (*given, ())[:3]
        name = getattr(forward, "__name__", "").removesuffix("forward").rstrip("_")
        name = "" if name == "<lambda>" else name
    else:
        forward, backward = (getattr(given, part, None) for part in ("forward", "backward"))
        parameters, name = getattr(given, "parameters", ()), type(given).__name__
    if not callable(forward) or not callable(backward):
        raise _refusal(f"layer {place} is {_what(given)}, without forward and backward functions")
    return Layer(place, name, forward, backward, _parameters(place, forward, parameters))


def _parameters(place: int, forward: Callable[..., Any], given: Any) -> dict[str, Array]:
    if not isinstance(given, Mapping | Sequence) or isinstance(given, str):
        raise _refusal(f"the parameters of layer {place} are {_what(given)}, not a list of arrays")
    if not isinstance(given, Mapping):
        given = dict(zip(_names(forward, len(given)), given, strict=True))
    found = {}
    for name, value in given.items():
        array = _numbers(value)
        if array is None:
            raise _refusal(
                f"{name} of layer {place} is {_what(value)}, not an array of real numbers"
            )
        found[str(name)] = array.astype(np.float64)
    return found


def _names(forward: Callable[..., Any], count: int) -> list[str]:
    """What a forward function calls its parameters, after its input."""
    try:
        found = list(inspect.signature(forward).parameters.values())[1:]
    except (TypeError, ValueError):  # a built-in that does not say
        found = []
    named = [one.name for one in found if one.kind is not one.VAR_POSITIONAL][:count]
    return [*named, *(f"parameter {place + 1}" for place in range(len(named), count))]


def _numbers(value: Any) -> Array | None:
    """In float64, whole numbers as such; None for what is no array of real numbers."""
    try:
        array = np.array(value)
    except ValueError:  # a ragged list
        return None
    if array.dtype.kind not in "fiub":
        return None
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _what(value: Any) -> str:
    return f"{len(value)} things" if isinstance(value, tuple | list) else type(value).__name__


def _refusal(words: str) -> IndexcalcError:
    hint = "give a list of (forward, backward, parameters) and an array: layerwise_test(layers, x)"
    return IndexcalcError("IC614", words, hint=hint)
