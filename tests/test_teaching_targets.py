"""The targets `loops` and `objects`: what modules of both compute, refuse and look like."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import indexcalc as ic
from indexcalc.codegen.targets import loops, objects
from indexcalc.errors import IndexcalcError
from tests.emitted import (
    PROGRAMS,
    Emit,
    Results,
    assert_agrees_with_the_reference,
    assert_agrees_with_torch,
    assert_formatted,
    job,
    namespace,
    ran,
)
from tests.forwards import forwards
from tests.points import BUNDLED, MEMBERS

ALL = [*BUNDLED, *MEMBERS]


@dataclass(frozen=True)
class Target:
    """A target, what its functions are given, and what a module of it may import."""

    name: str
    emit: Emit
    way: str
    imports: tuple[list[str], ...]


TARGETS = (
    Target("loops", loops.emit, "lists", (["import math"],)),
    Target(
        "objects",
        objects.emit,
        "arrays",
        (["import numpy as np"], ["import math", "import numpy as np"]),
    ),
)


@pytest.fixture(scope="module", params=TARGETS, ids=lambda target: target.name)
def target(request: pytest.FixtureRequest) -> Target:
    found: Target = request.param
    return found


@pytest.fixture(scope="module")
def found(target: Target) -> Results:
    return ran(target.emit, {name: name for name in ALL} | PROGRAMS, target.way)


@pytest.mark.parametrize("name", ALL)
def test_a_bundled_derivation_agrees_with_torch(found: Results, name: str) -> None:
    torch = pytest.importorskip("torch")
    assert_agrees_with_torch(*found[name], forwards(torch)[name])


@pytest.mark.parametrize("name", [*PROGRAMS, "layernorm", "cross_entropy", "feed_forward"])
def test_a_program_agrees_with_the_reference(found: Results, name: str) -> None:
    assert_agrees_with_the_reference(*found[name])


def test_modules_are_as_a_formatter_leaves_them(found: Results) -> None:
    assert_formatted([call.text for call, _ in found.values()])


def test_nothing_else_is_imported(target: Target, found: Results) -> None:
    for call, _ in found.values():
        imports = [line for line in call.text.splitlines() if line.startswith(("import", "from"))]
        assert imports in target.imports


def test_a_gradient_through_a_reduction_is_refused(target: Target) -> None:
    with pytest.raises(IndexcalcError) as caught:
        target.emit(job(ic.read("y = max[i](x[i]*z[i])"), ["x"]))
    assert str(caught.value).startswith("error IC701: the derivative of max is not available yet")


def test_what_has_values_nowhere_fails_the_check(target: Target) -> None:
    names = namespace(target.emit(job(ic.read("y[i] = log(-x[i]^2)"), ["x"])))
    with pytest.raises(
        ArithmeticError, match=r"^no numbers were found at which differences can tell"
    ):
        names["check"]()


def test_the_gradients_of_a_loss_are_said_to_be_multiplied(target: Target) -> None:
    for name, header in (("l", ""), ("loss", "    l = loss\n")):
        derivation = ic.derive(f"f(x[i]) -> {name}\n{name} = x[i]*x[i]")
        text = derivation.emit(target.name)
        assert f'\n\n{header}    ∂l/∂x_p = 2 x_p\n"""' in text
        assert '"""∂l/∂x, times upstream: ' in text
