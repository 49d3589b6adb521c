"""Values of formulas, each part once, against the reference evaluator."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Integer

import indexcalc as ic
from indexcalc import families
from indexcalc.against.computing import Values
from indexcalc.expr.base import Index, size_symbol
from indexcalc.expr.evaluate import defined
from indexcalc.expr.nodes import Access, Add, Delta, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.world import World
from indexcalc.proof.points import drawn

I, J, K = (Index(name) for name in "ijk")
NUMBERS = {size_symbol("I"): 2.0, size_symbol("J"): 3.0, size_symbol("K"): 4.0}
A = np.random.default_rng(1).normal(size=(2, 3))
SQUARE = np.random.default_rng(2).normal(size=(3, 3))


def values() -> Values:
    return Values({"a": A, "s": SQUARE}, NUMBERS, {})


@pytest.mark.parametrize("name", [name for name, _ in families.entries() if ":" not in name])
def test_every_definition_is_what_the_reference_evaluator_makes_it(name: str) -> None:
    program = ic.read(name)
    lengths = {size.symbol: 2 + place % 3 for place, size in enumerate(program.sizes)}
    point = drawn(program, lengths, 5, 0)
    assert point is not None
    world: World = point.world
    given = {access.name: world.arrays[access.name] for access in program.inputs}
    made = Values(given, world.numbers, world.functions)
    made.run(program.equations)
    expected = defined(program, world)
    for equation in program.equations:
        found = made.arrays[equation.left.name]
        np.testing.assert_allclose(found, expected[equation.left.name], rtol=1e-12, atol=1e-12)


def test_a_letter_that_nothing_has_is_counted() -> None:
    summed = Sum(Mul(Access("a", I, J), One(K)), J, K)
    np.testing.assert_allclose(values().array(summed, (I,)), 4 * A.sum(1), rtol=1e-14)


def test_an_index_twice_is_a_diagonal() -> None:
    np.testing.assert_array_equal(values().array(Access("s", J, J), (J,)), np.diag(SQUARE))
    assert values().array(Delta(J, J), (J,)).tolist() == [1, 1, 1]


def test_terms_of_unequal_letters_are_spread() -> None:
    added = Add(Access("a", I, J), Mul(Integer(2), One(I, J)))
    np.testing.assert_array_equal(values().array(added, (J, I)), (A + 2).T)


def test_powers_and_reductions() -> None:
    largest = Reduce("max", Pow(Access("a", I, J), Integer(2)), J)
    np.testing.assert_array_equal(values().array(largest, (I,)), (A**2).max(1))


def test_a_part_is_computed_once() -> None:
    calls = []

    def f(array: np.ndarray) -> np.ndarray:
        calls.append(1)
        return array

    program = ic.read("y[i,j] = f(a[i,j])")
    (equation,) = program.equations
    made = Values({"a": A}, NUMBERS, {"f": f})
    for factor in (2, 3):
        made.array(Mul(Integer(factor), equation.right), equation.left.indices)
    assert calls == [1]


def test_other_arrays_are_another_world() -> None:
    before = values()
    before.array(Access("a", I, J), (I, J))
    after = before.besides({"a": 2 * A})
    np.testing.assert_array_equal(after.array(Access("a", I, J), (I, J)), 2 * A)
    np.testing.assert_array_equal(before.array(Access("a", I, J), (I, J)), A)
