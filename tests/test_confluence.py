"""The rules lead to one end in whatever order they are applied, and they do end."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from indexcalc import catalogue
from indexcalc.calculus.backprop import Backprop, Jacobian
from indexcalc.calculus.rules import deltas, derivatives, ones
from indexcalc.derivation import read
from indexcalc.expr.base import Index
from indexcalc.expr.canonical import key
from indexcalc.expr.normal import normal
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rewrite import Work
from indexcalc.expr.terms import Terms, tree

RULES = (*derivatives.ORDER, *deltas.ORDER, deltas.delta_symmetry, *ones.ORDER)
SEEDS = range(20)
# The largest local Jacobian takes about 70 steps.
MOST_STEPS = 500
TEXTS = {
    "a quotient of contractions": "y[i] = sum[k](a[i,k]*tanh(x[k,j]*w[j]))/sum[j](w[j]*w[j])",
    "a product of four": "y = x[i]*a[i,j]*x[j]*x[k]*b[k]",
    "powers in both arguments": "y[i] = (x[i]*x[k]*b[k])^(x[i] + a[i])",
    "a diagonal in a sum": "y = sum[k](a[k,k]*b[k]*c[k])",
    "a square in a sum": "y[i] = 1[k]*(a[i,k] - 1[i]*b[k])^2 + a[i,k]*a[j,k]*1[j]",
    "deltas of its own": "y[i,j] = delta[i,k]*x[k,l]*delta[l,j]*x[k,j]",
    "a function of two": "y[i] = f(x[i], x[k]*a[k,i])*g(x[i])",
}


def jacobians(program: Program) -> Iterator[tuple[Equation, Jacobian]]:
    """Every local Jacobian, with its equation."""
    equations = {e.left.name: e for e in program.equations}
    backprop = Backprop(program, [access.name for access in program.inputs])
    for adjoint in backprop.adjoints():
        for _, jacobian in adjoint.paths:
            yield equations[jacobian.of.name], jacobian


def worked_out(start: Terms, free: tuple[Index, ...], order: random.Random) -> Terms:
    """A random rule at a random term, until none says anything."""
    work = Work.on(start, free)
    while True:
        tries = [(rule, place) for rule in RULES for place in range(len(work.terms))]
        order.shuffle(tries)
        if not any(work.apply(rule, place) for rule, place in tries):
            return tuple(work.terms)
        assert len(work.steps) < MOST_STEPS


def form(terms: Terms, free: tuple[Index, ...]) -> str:
    return key(tree(normal(terms), free, hoist=True))


def check(program: Program) -> int:
    found = 0
    for _, jacobian in jacobians(program):
        trace = jacobian.trace
        wanted = form(trace.end, trace.free)
        for seed in SEEDS:
            ended = worked_out(trace.start, trace.free, random.Random(seed))
            assert form(ended, trace.free) == wanted, (
                f"∂{jacobian.of}/∂{jacobian.variable} with random.Random({seed}):\n"
                f"{tree(ended, trace.free)}\nis not\n{trace.result}"
            )
            found += 1
    return found


@pytest.mark.parametrize("name", catalogue.names())
def test_local_jacobians_end_alike_in_any_order(name: str) -> None:
    assert check(read(name))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_harder_jacobians_end_alike_in_any_order(text: str) -> None:
    assert check(read(text))
