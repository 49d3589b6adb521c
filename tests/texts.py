"""Texts in the tests: how one is read, refused and evaluated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import indexcalc
from indexcalc.errors import IndexcalcError
from indexcalc.expr.printing import spell_equation
from indexcalc.expr.program import Program
from indexcalc.lang.reading import read

Array = NDArray[np.float64]


def readings(program: Program) -> list[str]:
    """The equations with every Σ written."""
    return [spell_equation(equation, "text", "sum") for equation in program.equations]


def reading(text: str) -> str:
    return "; ".join(readings(read(text)))


def refusal(text: str) -> str:
    """The code that a text is refused with."""
    with pytest.raises(IndexcalcError) as caught:
        read(text)
    return caught.value.code


def inputs(program: Program) -> list[str]:
    return [access.name for access in program.inputs]


def sizes(text: str) -> dict[str, bool]:
    """Each size, and whether an input fixes it."""
    return {size.name: size.fixed for size in read(text).sizes}


def array(*shape: int) -> Array:
    """Signed numbers without symmetry, other ones for every shape."""
    return np.asarray(np.random.default_rng([7, *shape]).uniform(-2, 2, shape), dtype=float)


def positive(*shape: int) -> Array:
    return np.abs(array(*shape)) + 0.5


def value(text: str, **values: Any) -> Array:
    """The last name's array."""
    array: Array = list(indexcalc.evaluate(text, **values).values())[-1]
    return array


def assert_same(left: Any, right: Any) -> None:
    assert np.shape(left) == np.shape(right)
    np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-12)


def table(*rows: tuple[str, str]) -> list[Any]:
    """Rows of a text and what it should come to, for pytest."""
    return [pytest.param(*row, id=row[0].replace("\n", " ; ")) for row in rows]
