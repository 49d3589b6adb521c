"""What the modules of all targets have in common: how they are called, and what they refuse."""

from __future__ import annotations

import inspect

import pytest

import indexcalc as ic
from tests.emitted import namespace

MODULES = {
    "numpy": ("numpy", False),
    "plain": ("numpy", True),
    "loops": ("loops", False),
    "objects": ("objects", False),
}


def parameters(text: str, which: str) -> list[str]:
    """What a function of a module is given, by name."""
    function = namespace(text)[f"f_{which}"]
    return [name for name in inspect.signature(function).parameters if name not in BUFFERS]


BUFFERS = ("out", "workspace")


@pytest.mark.parametrize("module", MODULES)
def test_every_module_takes_the_same_in_the_same_order(module: str) -> None:
    program = "pointwise act\nf(x[i], u[i], rate=2, eps=0.1) -> y, z\ny[i,j] = g(x[i])*rate\n"
    program += "z[i] = act(eps*u[i], f(x[i]))"
    target, plain = MODULES[module]
    text = ic.derive(program).emit(target, plain=plain)
    functions = ["g", "g_prime", "f", "f_prime", "act", "act_prime1", "act_prime2"]
    assert parameters(text, "forward") == ["x", "u", "J", *functions, "rate", "eps"]
    assert parameters(text, "backward") == ["dl_dy", "dl_dz", "saved"]
