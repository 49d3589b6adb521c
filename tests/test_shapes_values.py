"""Shapes, bytes and what of a Jacobian is there, against arrays and against what moves what."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np
import pytest
from sympy import Expr

import indexcalc as ic
from indexcalc.expr.base import size_symbol
from indexcalc.expr.evaluate import evaluate_program
from indexcalc.expr.nodes import Access
from indexcalc.render.page import Cell, binary
from tests.pages import remarks, rows, shown
from tests.points import BUNDLED, SIZES, Array, Point, bundled

MEMBERS = ["tcl:2"]


def lengths(point: Point) -> dict[str, int]:
    sizes = zip(point.program.sizes, cycle(SIZES), strict=False)
    return {size.name: length for size, length in sizes}


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_shapes_and_bytes_are_those_of_the_arrays(name: str) -> None:
    derivation, at = bundled(name)
    page = derivation.shapes(lengths(at), "float64")
    arrays = {**at.values, **at.made()}
    tensors = rows(page, "tensors")
    assert len(tensors) == len(derivation.program.tensors)
    total = 0
    for tensor, indices in derivation.program.tensors.items():
        measured(tensors[shown(Access(tensor, *indices))], np.asarray(arrays[tensor]))
        total += np.asarray(arrays[tensor]).nbytes
    assert f"Together {binary(total)}." in remarks(page)
    gradients = rows(page, "gradients")
    for tensor in derivation.wrt:
        row = gradients[f"∂l/∂{shown(Access(tensor, *derivation.program.tensors[tensor]))}"]
        assert row[0] == "asked for"
        measured(row, at.gradient(derivation, tensor))


def measured(row: tuple[Cell, ...], array: Array) -> None:
    _, _, numbers, entries, size = row
    assert shown(numbers) == (" × ".join(map(str, array.shape)) or "scalar")
    assert (entries, size) == (array.size, array.nbytes)


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_what_of_a_jacobian_is_there_is_what_moves(name: str) -> None:
    derivation, at = bundled(name)
    found = rows(derivation.shapes(lengths(at)), "jacobians_in_numbers")
    for wrt in derivation.wrt:
        moved = moves(at, wrt)
        for of in derivation.program.outputs:
            (row,) = [row for left, row in found.items() if left.startswith(started(of, wrt, at))]
            assert row[2] == moved[of][0]
            assert row[3] == moved[of][0] / moved[of][1]


def started(of: str, wrt: str, at: Point) -> str:
    """∂y_ij/∂x_, or ∂y_ij/∂x for an x without indices."""
    tensors = at.program.tensors
    below = shown(Access(wrt)) + ("_" if tensors[wrt] else "")
    return f"∂{shown(Access(of, *tensors[of]))}/∂{below}"


def moves(at: Point, wrt: str) -> dict[str, tuple[int, int]]:
    """For each output, how many pairs of its entries with an entry of an input move together, and
    how many there are."""
    made = at.made()
    base = np.asarray(at.values[wrt])
    count = dict.fromkeys(at.program.outputs, 0)
    for entry in np.ndindex(*base.shape):
        there = base.copy()
        there[entry] *= 1.125
        now = evaluate_program(at.program, {**at.values, wrt: there})
        for of in count:
            count[of] += int((now[of] != made[of]).sum())
    return {of: (n, made[of].size * base.size) for of, n in count.items()}


@pytest.mark.parametrize(
    ("program", "of_by", "formula"),
    [
        ("y[i,j] = x[i]*x[j]", "∂y_ij/∂x_p", lambda i, k: 2 * i**2 - i),
        ("y[i,j,k] = x[i]*x[j]*x[k]", "∂y_ijk/∂x_p", lambda i, k: i * (i**3 - (i - 1) ** 3)),
        ("y[i] = x[i]*x[i]", "∂y_i/∂x_p", lambda i, k: i),
        ("y = x[i]*x[i]", "∂y/∂x_p", lambda i, k: i),
        ("y[i,j] = x[i,j] + x[j,i]", "∂y_ij/∂x_pq", lambda i, k: 2 * i**2 - i),
        ("y[i,j] = x[i,j] + x[j,i] + x[i,i]", "∂y_ij/∂x_pq", lambda i, k: 3 * i * (i - 1) + i),
        ("y[i] = x[k]*x[k]*1[i]", "∂y_i/∂x_p", lambda i, k: i * k),
        ("f(x[i], z[i]) -> y\ny[i] = 3*z[i]", "∂y_i/∂x_p", lambda i, k: 0),
    ],
)
def test_what_is_there_in_symbols(program: str, of_by: str, formula: Any) -> None:
    there = rows(ic.derive(program).shapes(), "jacobians")[of_by][1]
    assert isinstance(there, Expr)
    for i, k in ((1, 2), (2, 3), (3, 1), (7, 4)):
        assert there.subs({size_symbol("I"): i, size_symbol("K"): k}) == formula(i, k)


def test_a_jacobian_of_one_statement_holds_the_others_fixed() -> None:
    local = rows(ic.derive("layernorm").shapes({"b": 3, "h": 5}), "local_jacobians_in_numbers")
    assert list(local) == [
        "∂m_b/∂x_pq",
        "∂μ_bh/∂x_pq",
        "∂μ_bh/∂m_p",
        "∂v_b/∂μ_pq",
        "∂σ_b/∂v_p",
        "∂y_bh/∂γ_p",
        "∂y_bh/∂β_p",
        "∂y_bh/∂μ_pq",
        "∂y_bh/∂σ_p",
    ]
    # m, then x in μ as it stands there, not through m.
    assert [row[2] for row in local.values()] == [15, 15, 15, 15, 3, 15, 15, 15, 15]
