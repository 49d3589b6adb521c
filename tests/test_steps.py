"""The value is held at every step: before and after, at a random point of unequal sizes.

A derivative that is not worked out yet is a difference of the reference evaluator, and an adjoint
is a difference of the whole program.
"""

from __future__ import annotations

import numpy as np
import pytest

from indexcalc.expr.base import postorder
from indexcalc.expr.nodes import D
from indexcalc.expr.rewrite import Step
from tests.points import BUNDLED, MEMBERS, assert_close, bundled
from tests.stepwise import over, steps_and_world

# The order of ∂y/∂x up to which a derivative is filled in.
MOST_AXES = 6


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
