"""Final gradients against central differences and torch, and those of programs drawn at random.

`python -m tests.test_gradients N SEED` draws N more programs under another seed.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import assume, given, note, seed, settings
from hypothesis import strategies as st

import indexcalc as ic
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import postorder
from indexcalc.expr.nodes import Reduce
from tests import oracle
from tests.forwards import forwards
from tests.points import (
    BUNDLED,
    MEMBERS,
    Array,
    Point,
    assert_close,
    bundled,
    close,
    point,
)
from tests.test_fuzz_language import FUZZ

ALL = [*BUNDLED, *MEMBERS]
# Differences with half the step that are further away than this are no slope.
BLURRED = 1e-6
# Entries of the inputs of a random program that are worth a difference each.
MOST_ENTRIES = 30


@pytest.mark.parametrize("name", ALL)
def test_every_gradient_agrees_with_differences(name: str) -> None:
    derivation, at = bundled(name)
    assert list(derivation.gradients) == [access.name for access in derivation.program.inputs]
    for tensor in derivation.wrt:
        assert_close(at.gradient(derivation, tensor), at.differences(tensor))


@pytest.mark.parametrize("name", ALL)
def test_every_gradient_agrees_with_torch(name: str) -> None:
    torch = pytest.importorskip("torch")
    derivation, at = bundled(name)
    inputs = {
        access.name: torch.tensor(at.values[access.name], requires_grad=True)
        for access in derivation.program.inputs
    }
    output = forwards(torch)[name](*inputs.values())
    (made,) = derivation.program.outputs
    np.testing.assert_allclose(output.detach().numpy(), at.made()[made], rtol=1e-12, atol=1e-12)
    output.backward(torch.tensor(at.upstream[made]))
    for tensor, leaf in inputs.items():
        assert_close(at.gradient(derivation, tensor), leaf.grad.numpy(), 1e-11)


def test_torch_knows_every_bundled_derivation() -> None:
    torch = pytest.importorskip("torch")
    assert set(forwards(torch)) == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_the_points_have_unequal_sizes(name: str) -> None:
    _, at = bundled(name)
    for access in at.program.inputs:
        shape = np.shape(at.values[access.name])
        sizes = {index.size for index in access.indices}
        assert len(sizes) == len(set(shape))


@pytest.mark.parametrize("name", ALL)
def test_a_check_says_the_same(name: str) -> None:
    derivation, _ = bundled(name)
    report = derivation.check()
    assert report
    assert [row.name for row in report.rows] == list(derivation.wrt)


# Intermediates


@pytest.mark.parametrize(
    ("name", "wrt"),
    [
        ("frobenius", ["w"]),
        ("frobenius", ["y", "x"]),
        ("layernorm", ["m", "mu", "v", "sigma"]),
        ("layernorm", ["sigma", "gamma"]),
        ("softmax", ["z", "e"]),
        ("softmax", ["p"]),
        ("attention", ["s", "q"]),
        ("cross_entropy", ["p"]),
        ("frobenius", ["l"]),
        ("mlp:2", ["a1"]),
    ],
)
def test_a_gradient_by_an_intermediate_agrees_with_differences(name: str, wrt: list[str]) -> None:
    derivation = ic.derive(name, wrt=wrt)
    at = point(derivation.program)
    assert list(derivation.gradients) == wrt
    for tensor in wrt:
        assert_close(at.gradient(derivation, tensor), at.differences(tensor))


# Programs drawn at random


def slope(at: Point, name: str) -> Array | None:
    """The slope by differences, or nothing where there is none to see."""
    wide, narrow = at.differences(name), at.differences(name, step=0.5)
    return narrow if np.isfinite(narrow).all() and close(wide, narrow, BLURRED) else None


def is_refused(derivation: ic.Derivation) -> bool:
    """Whether there are reductions, which alone have no derivative."""
    try:
        return not derivation.gradients
    except IndexcalcError as error:
        code = error.code
    equations = derivation.program.equations
    nodes = [node for equation in equations for node in postorder(equation.right)]
    assert (code, any(isinstance(node, Reduce) for node in nodes)) == ("IC701", True)
    return True


def check_random(drawn: oracle.Program, positive: bool, draw: int) -> None:
    text = oracle.text(drawn)
    note(text)
    try:
        program = ic.read(text)
    except IndexcalcError:
        assume(False)
    at = point(program, positive=positive, seed=draw)
    assume(0 < sum(np.size(at.values[access.name]) for access in program.inputs) <= MOST_ENTRIES)
    derivation = ic.derive(text)
    assume(not is_refused(derivation))
    with np.errstate(all="ignore"):
        slopes = {name: slope(at, name) for name in derivation.wrt}
        assume(any(value is not None for value in slopes.values()))
        for name, expected in slopes.items():
            if expected is not None:
                assert_close(at.gradient(derivation, name), expected, 10 * BLURRED)


DRAWN = (oracle.programs(), st.booleans(), st.integers(0, 9))


@settings(FUZZ, max_examples=40)
@given(*DRAWN)
def test_gradients_of_random_programs_agree_with_differences(
    drawn: oracle.Program, positive: bool, draw: int
) -> None:
    check_random(drawn, positive, draw)


def main(examples: int, start: int) -> None:
    """The test of random programs on others."""
    wide = settings(FUZZ, derandomize=False, max_examples=examples, database=None)
    seed(start)(wide(given(*DRAWN)(check_random)))()


if __name__ == "__main__":
    main(*map(int, [*sys.argv[1:], "1000", "1"][:2]))
