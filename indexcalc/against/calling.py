"""Somebody's backward function: how it is called, and what it gives, as arrays by name.

Its parameters are taken by their names where all of these are known: x, dl_dy, dy or grad_y, and
whatever else the program calls its own; else in the order upstream gradients, inputs. Constants and
sizes are passed to those only that name them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from indexcalc.against.kinds import Kind
from indexcalc.against.raising import ANY, Raised, file_of, raised
from indexcalc.errors import IndexcalcError
from indexcalc.expr.names import canonical
from indexcalc.expr.program import Program
from indexcalc.expr.world import Array

# How people call the gradient of a loss by y, and one upstream gradient whatever the output.
GRADIENTS = ("dl_d{}", "d{}", "grad_{}", "{}_grad", "d_{}", "g_{}", "dL_d{}", "{}_bar")
UPSTREAM = ("upstream", "grad_output", "grad_out", "dout", "grad", "g", "do")
SAVED = ("saved", "ctx", "cache", "residuals", "res")
# Parameters with names of their own.
_NAMED = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)

# What is passed by position, and what by name.
Call = tuple[list[Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Given:
    """What a call is given, in float64: upstream gradients by output, inputs, and what is passed
    only where it is named: constants, sizes, abstract functions."""

    upstream: Mapping[str, Array]
    inputs: Mapping[str, Array]
    named: Mapping[str, Any] = field(default_factory=dict)


def gradient_names(name: str) -> list[str]:
    """How people call the gradient by a tensor."""
    return [word.format(name) for word in GRADIENTS]


def upstream_names(outputs: Iterable[str]) -> dict[str, str]:
    """The output whose upstream gradient is meant, by every name that people give it."""
    names = list(outputs)
    found = {spelling: name for name in names for spelling in gradient_names(name)}
    return found | dict.fromkeys(UPSTREAM, names[0]) if len(names) == 1 else found


@dataclass(frozen=True, slots=True)
class Theirs:
    """A backward function, the forward function whose second result it is given, if any, and the
    arrays that both take."""

    program: Program
    wrt: tuple[str, ...]
    backward: Callable[..., Any]
    kind: Kind
    forward: Callable[..., Any] | None = None

    @property
    def name(self) -> str:
        return called(self.backward)

    def gradients(
        self, given: Given, dtype: str, style: Callable[[Any], Any]
    ) -> dict[str, Any] | Raised:
        """What it returns for each tensor, None where it has nothing; or what it raised. `style`
        is what becomes of an upstream gradient before it is handed over."""
        with self.kind.scope():
            upstream = {n: style(self.kind.array(a, dtype)) for n, a in given.upstream.items()}
            inputs = {n: self.kind.array(a, dtype) for n, a in given.inputs.items()}
            if self.forward is None:
                returned = _called(self.backward, self.call(upstream, inputs, given.named))
            else:
                made = _called(self.forward, self.forward_call(inputs, given.named))
                if isinstance(made, Raised):
                    return made
                call = self.backward_call(upstream, _second(made, self.forward), given.named)
                returned = _called(self.backward, call)
            if isinstance(returned, Raised):
                return returned
            return by_name(returned, self.program, self.wrt, called(self.backward))

    def call(
        self, upstream: Mapping[str, Any], inputs: Mapping[str, Any], named: Mapping[str, Any]
    ) -> Call:
        return _Arguments(self.backward).of(upstream, inputs, inputs, named)

    def forward_call(self, inputs: Mapping[str, Any], named: Mapping[str, Any]) -> Call:
        assert self.forward is not None  # asked for only where there is one
        return _Arguments(self.forward).of({}, inputs, inputs, named)

    def backward_call(
        self, upstream: Mapping[str, Any], saved: Any, named: Mapping[str, Any]
    ) -> Call:
        by_any_name = dict.fromkeys(SAVED, saved)
        return _Arguments(self.backward).of(upstream, {SAVED[0]: saved}, by_any_name, named)


def _second(made: Any, forward: Callable[..., Any]) -> Any:
    """What a forward function keeps for its backward function."""
    if isinstance(made, tuple | list) and len(made) == 2:
        return made[1]
    what = f"{len(made)} things" if isinstance(made, tuple | list) else type(made).__name__
    said = f"{called(forward)} returns {what}, not its value and what it keeps for backward"
    raise IndexcalcError("IC612", said, hint="return two things: value, saved")


def _called(function: Callable[..., Any], call: Call) -> Any:
    """What it returns; or what it raised, which is theirs to see."""
    positional, named = call
    try:
        with np.errstate(all="ignore"):
            return function(*positional, **named)
    except ANY as problem:
        return Raised(f"{called(function)} raised {raised(problem, file_of(function))}")


class _Arguments:
    """How a function's parameters are filled."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.parameters = _parameters(function)

    def of(
        self,
        upstream: Mapping[str, Any],
        rest: Mapping[str, Any],
        known: Mapping[str, Any],
        named: Mapping[str, Any],
    ) -> Call:
        """Upstream gradients and the rest, by name where all are known by one, else in order."""
        options = {p.name: named[own] for p in self.parameters if (own := _own(p.name)) in named}
        places = [p for p in self.parameters if p.kind in _NAMED and p.name not in options]
        needed = [place for place in places if place.default is place.empty]
        kinds = {parameter.kind for parameter in self.parameters}
        words = upstream_names(upstream)
        known = {**{word: upstream[name] for word, name in words.items()}, **known}
        meant = {p.name: known[_own(p.name)] for p in places if _own(p.name) in known}
        there = {id(array) for array in meant.values()}
        every = {**{gradient_names(name)[0]: a for name, a in upstream.items()}, **rest}
        if inspect.Parameter.VAR_KEYWORD in kinds:
            meant |= {name: array for name, array in every.items() if id(array) not in there}
        any_more = inspect.Parameter.VAR_POSITIONAL in kinds
        distinct = len({id(array) for array in meant.values()}) == len(meant)
        if meant and distinct and not any_more and all(place.name in meant for place in needed):
            return [], {**meant, **options}
        fixed = [place for place in needed if place.kind is not place.KEYWORD_ONLY]
        enough = len(every) == len(fixed) or (any_more and len(every) > len(fixed))
        if fixed != needed or not enough:
            raise self.misfit(len(needed), upstream, rest)
        return list(every.values()), options

    def misfit(
        self, places: int, upstream: Mapping[str, Any], rest: Mapping[str, Any]
    ) -> IndexcalcError:
        wanted = [*(f"dl_d{name}" for name in upstream), *rest]
        arrays = "one array" if places == 1 else f"{places} arrays"
        said = f"{called(self.function)} takes {arrays}, and is given {', '.join(wanted)}"
        hint = "take them in this order, or by these names"
        if places == len(upstream) + 1:
            hint += "; where it takes what a forward function saved, give that one too"
        return IndexcalcError("IC611", said, hint=hint)


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a built-in that does not say
        return [inspect.Parameter("given", inspect.Parameter.VAR_POSITIONAL)]


def _own(parameter: str) -> str:
    """What the program calls it: lambda_ is lambda."""
    return canonical(parameter.rstrip("_"))


def by_name(returned: Any, program: Program, wrt: Sequence[str], function: str) -> dict[str, Any]:
    """What a function returned, for each tensor asked for: by name, in order of all inputs, or of
    those asked for."""
    hint = "return a gradient for each input, in their order"
    if isinstance(returned, Mapping):
        there = ", ".join(map(str, returned)) or "nothing"
        found: dict[str, Any] = {}
        for name in wrt:
            words = f"{function} returns a dict of {there}, none of which is the gradient by {name}"
            keys = (name, *gradient_names(name))
            found[name] = next((returned[key] for key in keys if key in returned), Raised(words))
        if all(isinstance(array, Raised) for array in found.values()):
            said = f"{function} returns a dict of {there}, none of which is {', '.join(wrt)}"
            raise IndexcalcError("IC612", said, hint=hint)
        return found
    arrays = list(returned) if isinstance(returned, tuple | list) else [returned]
    inputs = [access.name for access in program.inputs]
    # torch.autograd.Function wants None for whatever forward takes beside its inputs.
    none = len(arrays) - len(inputs)
    if none > 0 and all(array is None for array in arrays[-none:]):
        arrays = arrays[:-none]
    for order in (list(wrt), inputs):
        if len(arrays) == len(order) and set(wrt) <= set(order):
            return {name: arrays[order.index(name)] for name in wrt}
    said = f"{function} returns {_what(returned)}, where gradients by {', '.join(wrt)} are expected"
    raise IndexcalcError("IC612", said, hint=hint)


def _what(returned: Any) -> str:
    if isinstance(returned, tuple | list) and len(returned) != 1:
        return f"{len(returned)} arrays"
    (only,) = returned if isinstance(returned, tuple | list) else (returned,)
    return "one array" if hasattr(only, "shape") else f"one {type(only).__name__}"


def called(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)
