"""Deep expressions: code for them is right, and a long chain is no one product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.calculus.inlining import MOST_FACTORS
from indexcalc.codegen.depth import MOST_LEVELS, shallow
from indexcalc.codegen.part_names import Namer
from indexcalc.expr.base import children, postorder
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Equation
from tests.emitted import namespace

Function = Callable[[Any], Any]
# How each begins and ends, its value and its slope.
LEVELS: dict[str, tuple[str, str, Function, Function]] = {
    "a function": ("sin(", ")", np.sin, np.cos),
    "a fraction": ("1/(2 + ", ")", lambda x: 1 / (2 + x), lambda x: -1 / (2 + x) ** 2),
    "a root": ("sqrt(1 + ", ")", lambda x: np.sqrt(1 + x), lambda x: 0.5 / np.sqrt(1 + x)),
    "a product": ("(2 - ", ")*exp(-1)", lambda x: (2 - x) / np.e, lambda x: -1 / np.e + 0 * x),
}
DEEP = 120


def nested(name: str, times: int = DEEP) -> str:
    before, after, _, _ = LEVELS[name]
    return f"y[i] = {before * times}x[i]{after * times}"


@pytest.mark.parametrize(
    ("name", "target"),
    [*((name, "numpy") for name in LEVELS), ("a function", "loops"), ("a function", "objects")],
)
def test_code_for_what_is_deep_is_right(name: str, target: str) -> None:
    _, _, value, slope = LEVELS[name]
    # Code for fractions and roots takes longest to be written.
    times = DEEP if name in ("a function", "a product") else DEEP // 2
    module = namespace(ic.derive(nested(name, times)).emit(target))
    x = np.array([0.4, 0.9, 1.3])
    y, saved = module["f_forward"](x)
    (gradient,) = module["f_backward"](np.ones(3), saved)
    below, expected = x, np.ones(3)
    for _ in range(times):
        below, expected = value(below), expected * slope(below)
    np.testing.assert_allclose(y, below, rtol=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-10)


def levels(equation: Equation) -> int:
    found: dict[int, int] = {}
    for node in postorder(equation.right):
        found[id(node)] = 1 + max((found[id(part)] for part in children(node)), default=0)
    return found[id(equation.right)]


def test_a_deep_equation_becomes_several() -> None:
    program = ic.read(nested("a function"))
    (equation,) = program.equations
    parts = list(shallow(equation, Namer(program.tensors)))
    assert [part.left.name for part in parts] == ["y_part", "y_part_2", "y_part_3", "y"]
    assert max(map(levels, parts)) <= MOST_LEVELS + 1
    made = {part.left: part.right for part in parts[:-1]}
    whole = parts[-1].right
    for _ in made:
        whole = whole.xreplace(made)
    assert whole == equation.right


def test_what_is_not_deep_stays_as_it_is() -> None:
    (equation,) = ic.read("y[i] = tanh(x[i,k]*w[k] + b[i])").equations
    (same,) = shallow(equation, Namer(()))
    assert same.right is equation.right


def test_a_long_chain_is_no_one_product() -> None:
    plan = ic.derive(nested("a function", 100)).plan()
    counts = [
        sum(isinstance(part, Access) for part in postorder(one.right)) for one in plan.backward
    ]
    assert len(counts) >= 100 / MOST_FACTORS
    assert max(counts) <= MOST_FACTORS + 2
