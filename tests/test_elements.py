"""Programs written out entry by entry, against what is written by hand."""

from __future__ import annotations

import pytest
import sympy
from sympy import Expr, Symbol

from indexcalc.errors import IndexcalcError, Source
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access, Mul, Sum
from indexcalc.lang.reading import read
from indexcalc.proof.budget import Budget
from indexcalc.proof.elements import Extent, Paper, applied
from indexcalc.proof.elements import symbols as entries

A, B, C, D, E, F = (Symbol(f"x[{i},{j}]", real=True) for i in range(2) for j in range(3))
U, V = (Symbol(f"u[{i}]", real=True) for i in range(2))
WRITTEN: list[tuple[str, list[Expr]]] = [
    ("y[i] = 1[j]*x[i,j]^2", [A**2 + B**2 + C**2, D**2 + E**2 + F**2]),
    ("y[j] = u[i]*x[i,j]", [U * A + V * D, U * B + V * E, U * C + V * F]),
    ("y[i] = mean[j](x[i,j])/I", [(A + B + C) / 6, (D + E + F) / 6]),
    ("y[i,k] = delta[i,k]*exp(u[i])", [sympy.exp(U), 0, 0, sympy.exp(V)]),
    ("y[i] = prod[j](x[i,j]) - u[i]", [A * B * C - U, D * E * F - V]),
    ("y = max[i](u[i])*min[i](u[i])", [sympy.Max(U, V) * sympy.Min(U, V)]),
    ("y[i] = sum[j](x[i,j]*sum[i](x[i,j]))", [A * (A + D) + B * (B + E) + C * (C + F)]),
    ("y[j] = sqrt(x[i,j]*x[i,j])", [sympy.sqrt(A**2 + D**2), sympy.sqrt(B**2 + E**2)]),
    ("y[i] = sqrt(u[i]^2)", [sympy.Abs(U), sympy.Abs(V)]),
    ("y[i] = relu(u[i])*sigmoid(u[i])", [sympy.Max(0, U) / (1 + sympy.exp(-U))]),
    ("y[i] = 1[i]*2^u[k]*1[k]", [2**U + 2**V]),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN, ids=[text for text, _ in WRITTEN])
def test_entries_are_what_they_are_by_hand(text: str, expected: list[Expr]) -> None:
    """The first entries in order."""
    program = read(Source(text, "text"))
    lengths = {size.symbol: {"i": 2, "j": 3, "k": 2}[size.letters[0]] for size in program.sizes}
    paper = Paper(lengths, {}, Budget(1000), Extent())
    tensors = {
        entry.name: entries(entry.name, paper.places(entry.indices)) for entry in program.inputs
    }
    (equation,) = program.equations
    paper = Paper(lengths, tensors, Budget(1000), Extent())
    found = list(paper.written(equation.right, equation.left.indices).values())
    assert found[: len(expected)] == expected


def test_an_inner_sum_has_its_own_letter() -> None:
    i = Index("i")
    u = Access("u", i)
    nested = Sum(Mul(u, Sum(u, i)), i)
    paper = Paper({i.size: 2}, {"u": {(0,): U, (1,): V}}, Budget(100), Extent())
    assert paper.entry(nested, {}) == U * (U + V) + V * (U + V)


def test_slopes_of_abstract_functions_are_others() -> None:
    x = Symbol("x", real=True)
    f = applied("f", [x**2])
    assert f.diff(x) == 2 * x * applied("f'", [x**2])
    g = applied("g", [x, 3 * x])
    assert g.diff(x) == applied("g'1", [x, 3 * x]) + 3 * applied("g'2", [x, 3 * x])


def test_what_is_deep_is_refused() -> None:
    deep = Symbol("x", real=True)
    for _ in range(40):
        deep = sympy.sin(deep)
    with pytest.raises(IndexcalcError) as caught:
        Extent().of(deep)
    assert str(caught.value) == (
        "error IC105: this is too deep to be written out entry by entry\n"
        "hint: give a part of it a name of its own"
    )
