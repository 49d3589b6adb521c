"""Entry by entry: every line that is written has the value of the array's entry.

Python reads the printed text; nothing of the tree is used to evaluate it.
"""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np
import pytest
from sympy import Basic

import indexcalc as ic
from indexcalc.derivation import Derivation
from indexcalc.expr.functions import FUNCTIONS, PRIME
from indexcalc.expr.nodes import Access, D
from indexcalc.expr.printing import spell
from tests.pages import left, lines
from tests.points import BUNDLED, Array, Point, bundled, point


class Entries(dict[tuple[int, ...], float]):
    """The entries of an array, counted from 1."""

    def __getitem__(self, numerals: int | tuple[int, ...]) -> float:
        return super().__getitem__(numerals if isinstance(numerals, tuple) else (numerals,))


def entries(array: Array) -> Entries:
    return Entries({tuple(n + 1 for n in at): float(x) for at, x in np.ndenumerate(array)})


# A name for the slope of f in Python.
PRIMED = "_prime"


def value(expr: Basic, names: dict[str, Any]) -> float:
    python = spell(expr, "text").replace("^", "**").replace(PRIME, PRIMED)
    return float(eval(python, {"__builtins__": {}}, names))


def truth(derivation: Derivation, at: Point) -> dict[str, Array]:
    """Every array that a line of an equation could be about, gradients by differences."""
    found = derivation.found
    arrays = given(derivation, at)
    for name in (*found.kept, *derivation.wrt):
        arrays[f"d{found.backprop.loss}_d{name}"] = at.differences(name)
    return arrays


def given(derivation: Derivation, at: Point) -> dict[str, Array]:
    """What the program takes and makes, and the upstream gradients."""
    arrays = {name: np.asarray(of) for name, of in at.values.items() if not callable(of)}
    arrays |= at.made()
    seeds = derivation.found.backprop.upstream
    return arrays | {seed: at.upstream[name] for name, seed in seeds.items()}


def meanings(derivation: Derivation, at: Point, arrays: dict[str, Array]) -> dict[str, Any]:
    """What the names of a printed text are for Python."""
    names: dict[str, Any] = {"max": max, "min": min, "pi": np.pi}
    for record in FUNCTIONS.values():
        names[record.name] = lambda x, f=record.value: f(np, x)
    names |= {name: float(number) for name, number in derivation.program.constants}
    names |= {name: function for name, function in at.values.items() if callable(function)}
    names |= {name.replace(PRIME, PRIMED): slope for name, slope in at.slopes.items()}
    for name, array in arrays.items():
        names[name] = entries(array) if array.ndim else float(array)
    return names


def check(derivation: Derivation, at: Point) -> None:
    """Every entry of every array is on the page, and every line of the page is true."""
    arrays = truth(derivation, at)
    names = meanings(derivation, at, arrays)
    page = derivation.write_out(sizes_of(derivation))
    shared = {equation.left.name for equation in derivation.found.shared}
    rows = lines(page)
    for row in rows:
        # What the derivation named is what its own lines say; they use names before them only.
        if left(row).name in shared:
            table = names.setdefault(left(row).name, Entries())
            table[numerals(left(row))] = value(row.right, names)
    for row in rows:
        expected = value(left(row), names)
        assert value(row.right, names) == pytest.approx(expected, rel=1e-7, abs=1e-7)
    whole = [equation.left.name for equation in derivation.program.equations]
    whole += [f"d{derivation.found.backprop.loss}_d{name}" for name in derivation.found.results]
    own = [row for row in rows if left(row).name not in shared]
    assert len(own) == sum(arrays[name].size for name in whole)


def numerals(entry: Access) -> tuple[int, ...]:
    return tuple(int(index.name) for index in entry.indices)


# Axes so short that nothing is left out.
SHORT = (2, 3, 1)


def sizes_of(derivation: Derivation) -> dict[str, int]:
    sizes = zip(derivation.program.sizes, cycle(SHORT), strict=False)
    return {size.name: length for size, length in sizes}


@pytest.mark.parametrize("name", [*BUNDLED, "tcl:2"])
def test_every_line_is_true(name: str) -> None:
    derivation, at = bundled(name, SHORT)
    check(derivation, at)


@pytest.mark.parametrize(
    "program",
    [
        "y[i,j] = x[i]*delta[i,j]",
        "y[i] = a[i,i]*x[i]",
        "y[i] = 3*x[i]*1[k]*z[k] - 1[k]*z[k]^2",
        "y[i,j] = x[i] + z[j]",
        "y[i] = x[i]^(2*delta[i,j]*1[j])",
        "y[i,j] = exp(x[i])^delta[i,j]*(1 + delta[i,j])",
        "y[i,j] = sin(delta[i,j]*x[j])/sqrt(I)",
        "y = sum[i,k](x[i]*1[k]*(x[i] - 2*z[k]))",
        "y[i] = (x[i] + sum[k](z[k]))*(x[i]*K - 3)/(2 + x[i]^2)*sum[k](z[k])",
        "y[i] = -(x[i]*z[k]*z[k]) - (x[i] - (x[i] - 4))",
        "y[i,j] = delta[i,j]*delta[i,k]*x[k]",
        "f(x[i], e=1e-3) -> y\ny[i] = f(x[i], e*x[i])*pi",
        "y[i] = abs(x[i])*sigmoid(x[i])",
    ],
)
def test_every_line_of_a_text_is_true(program: str) -> None:
    derivation = ic.derive(program)
    check(derivation, point(derivation.program, positive=True, lengths=SHORT))


@pytest.mark.parametrize("kind", ["max", "min", "prod"])
def test_reductions_have_their_value(kind: str) -> None:
    program = f"y[i,j] = {kind}[k](x[i,k] - 2*delta[i,k])*w[j] + 1[i,j]*{kind}[k,l](a[k,l])"
    derivation = ic.derive(program, wrt="w")
    check(derivation, point(derivation.program, lengths=SHORT))


@pytest.mark.parametrize("name", [name for name in BUNDLED if name != "mlp"])
def test_every_entry_of_a_jacobian_is_true(name: str) -> None:
    derivation, at = bundled(name, SHORT)
    names = meanings(derivation, at, given(derivation, at))
    slopes = {(of, by): at.jacobian(of, by) for of in at.program.outputs for by in derivation.wrt}
    seen = dict.fromkeys(slopes, 0)
    for row in lines(derivation.write_out(sizes_of(derivation), jacobians=True)):
        if isinstance(row.left, D):
            above, below = row.left.body, row.left.variable
            assert isinstance(above, Access)
            seen[above.name, below.name] += 1
            place = tuple(n - 1 for n in (*numerals(above), *numerals(below)))
            expected = slopes[above.name, below.name][place]
            assert value(row.right, names) == pytest.approx(expected, rel=1e-7, abs=1e-7)
    assert seen == {pair: array.size for pair, array in slopes.items()}
