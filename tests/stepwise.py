"""The steps of a derivation in numbers: what every name in them means at a point."""

from __future__ import annotations

from functools import cache

import numpy as np
from sympy import Basic

from indexcalc.expr.base import Index, free_of, postorder
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.names import adjoint_of
from indexcalc.expr.nodes import Access
from indexcalc.expr.rewrite import Step
from indexcalc.expr.world import World, world_of
from tests.points import Array, bundled


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
