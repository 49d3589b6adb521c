"""The checks that modules bring along: what is right passes, what is wrong does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import indexcalc as ic
from tests.emitted import namespace

TARGETS = ("numpy", "loops", "objects")
# Many functions are flat where their arguments are large, and gradients of deep networks are small.
PROGRAMS = {
    "layernorm": "layernorm",
    "batchnorm": "batchnorm",
    "attention": "attention",
    "four layers": "mlp:4",
    "a layer": "y[n,m] = tanh(x[n,k]*w[k,m] + b[m])",
    "sigmoids": "y[n,m] = sigmoid(x[n,k]*w[k,m])",
    "flat": "y[i] = erf(x[i])",
    "kinks": "y[i] = relu(x[i])",
    "a loss": "l = mean[n]((x[n,k]*w[k] - t[n])^2)",
}
WRONG: dict[str, Callable[[Any], Any]] = {
    "0": lambda entry: 0 * entry,
    "of the other sign": lambda entry: -entry,
    "a little too large": lambda entry: 1.01 * entry,
}


def everywhere(change: Callable[[Any], Any], gradient: Any) -> Any:
    """Of an array, or of every number in nested lists."""
    if isinstance(gradient, list):
        return [everywhere(change, part) for part in gradient]
    return change(gradient)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_each_gradient_that_is_wrong_is_seen(program: str, target: str) -> None:
    derivation = ic.derive(program)
    scope = namespace(derivation.emit(target))
    name = f"{derivation.program.name}_backward"
    right = scope[name]
    scope["check"]()
    for place, _ in enumerate(derivation.wrt):
        for change in WRONG.values():

            def wrong(*given: Any, place: int = place, change: Any = change) -> Any:
                gradients = list(right(*given))
                gradients[place] = everywhere(change, gradients[place])
                return tuple(gradients)

            scope[name] = wrong
            with pytest.raises(AssertionError):
                scope["check"]()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "program",
    [
        "y[i,j,k] = cos(1/x[i,j,k]^3)",
        "y[i] = x[i]^6 + sin(x[i]^6)",
        "f(w[q]) -> c, b; b[q] = exp(2*w[q]); c[q] = sin(b[q])",
    ],
)
def test_what_is_steep_here_and_there_is_not_called_wrong(program: str, target: str) -> None:
    check = namespace(ic.derive(program).emit(target))["check"]
    for seed in range(10):
        check(seed)


@pytest.mark.parametrize("target", TARGETS)
def test_what_differences_cannot_tell_is_neither_right_nor_wrong(target: str) -> None:
    check = namespace(ic.derive("y[i] = cos(1e9*x[i]^2)").emit(target))["check"]
    with pytest.raises(ArithmeticError, match="at which differences can tell"):
        check()


@pytest.mark.parametrize("target", TARGETS)
def test_a_gradient_that_is_0_passes_and_one_that_should_be_does_not(target: str) -> None:
    scope = namespace(ic.derive("y[i] = x[i] + sign(w[i])").emit(target))
    scope["check"]()
    right = scope["f_backward"]
    scope["f_backward"] = lambda *given: (right(*given)[0], right(*given)[0])
    with pytest.raises(AssertionError):
        scope["check"]()
