"""The value is held at every step: before and after, at a random point of unequal sizes.

A derivative that is not worked out yet is a difference of the reference evaluator, and an adjoint
is a difference of the whole program.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from sympy import Basic

from indexcalc.expr.base import Index, free_of, postorder
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.names import adjoint_of
from indexcalc.expr.nodes import Access, D
from indexcalc.expr.rewrite import Step
from indexcalc.expr.world import World, world_of
from tests.points import BUNDLED, MEMBERS, Array, assert_close, bundled

# The order of ∂y/∂x up to which a derivative is filled in.
MOST_AXES = 6


def over(tree: Basic, free: tuple[Index, ...], world: World) -> Array:
    """The value over these indices in order of name, constant along those that the tree lacks."""
    has = {index.name for index in free_of(tree)}
    order = sorted(free, key=lambda index: index.name)
    lengths = [int(world.numbers[index.size]) for index in order]
    value = evaluate(tree, world)
    thin = [n if i.name in has else 1 for i, n in zip(order, lengths, strict=True)]
    return np.array(np.broadcast_to(value.reshape(thin), lengths))


@cache
def steps_and_world(name: str) -> tuple[tuple[Step, ...], World]:
    """Every step, and what each name in them means."""
    derivation, point = bundled(name)
    steps = derivation.steps
    start = world_of(point.program, point.values)
    arrays = {**start.arrays, **point.made()}
    for output, seed in derivation.found.backprop.upstream.items():
        arrays[seed] = point.upstream[output]
    for mention in mentioned(steps):
        loss, of = adjoint_of(mention)
        if loss:
            arrays[mention] = point.differences(of)
    return steps, World(arrays, start.numbers, {**start.functions, **point.slopes})


def mentioned(steps: tuple[Step, ...]) -> set[str]:
    trees = [tree for step in steps for tree in (step.before_tree, step.after_tree)]
    nodes = [node for tree in trees for node in postorder(tree)]
    return {node.name for node in nodes if isinstance(node, Access)}


def is_small(step: Step) -> bool:
    return len(step.free) <= MOST_AXES


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_every_step_keeps_the_value(name: str) -> None:
    steps, world = steps_and_world(name)
    checked = [step for step in steps if is_small(step)]
    assert checked
    with np.errstate(all="ignore"):
        for step in checked:
            before = over(step.before_tree, step.free, world)
            after = over(step.after_tree, step.free, world)
            assert np.isfinite(before).all()
            try:
                assert_close(after, before)
            except AssertionError as problem:
                problem.add_note(f"{step.rule.name}: {step.before_tree} → {step.after_tree}")
                raise


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_every_step_is_checked_but_where_tensors_are_large(name: str) -> None:
    steps, _ = steps_and_world(name)
    left_out = [step for step in steps if not is_small(step)]
    assert bool(left_out) == (name == "tcl:4")


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_a_derivation_ends_without_derivatives(name: str) -> None:
    derivation, _ = bundled(name)
    for gradient in derivation.gradients.values():
        assert not [node for node in postorder(gradient) if isinstance(node, D)]


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_each_step_goes_on_from_the_step_before(name: str) -> None:
    derivation, _ = bundled(name)
    for gradient in derivation.found.adjoints.values():
        paths = [path.trace for _, path in gradient.adjoint.paths]
        for trace in (*paths, gradient.adjoint.trace, gradient.simplified, gradient.closed):
            terms = list(trace.start)
            for step in trace.steps:
                assert tuple(terms[place] for place in step.places) == step.before
                terms = step.replayed(terms)
        assert gradient.adjoint.trace.end == gradient.simplified.start
        assert gradient.simplified.end == gradient.closed.start
