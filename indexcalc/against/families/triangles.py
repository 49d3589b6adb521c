"""A mask on one side of a diagonal, on a tensor on the way: 0 there, or -∞ under an exponential."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations

import numpy as np
from sympy import Basic

from indexcalc.against.causes import Cause, Predicted
from indexcalc.against.families.masks import SIDES
from indexcalc.against.said import said
from indexcalc.against.scenes import Route, Scene, Subject
from indexcalc.expr.base import postorder
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access, Apply
from indexcalc.expr.world import Array


def masked(subject: Subject) -> Iterator[Cause]:
    """Every tensor on the way with two axes, from the outputs backwards."""
    goals = {subject.adjoint(name) for name in subject.wrt}
    for route in reversed(subject.routes):
        exponents = {name for equation in route for name in _exponents(equation.right)}
        for equation in reversed(route):
            left = equation.left
            if left.name not in goals:
                for value in (0.0, -np.inf) if left.name in exponents else (0.0,):
                    yield from _of_tensor(left, value, route)


def _exponents(expr: Basic) -> Iterator[str]:
    for node in postorder(expr):
        if isinstance(node, Apply) and node.name == "exp" and isinstance(node.arguments[0], Access):
            yield node.arguments[0].name


def _of_tensor(left: Access, value: float, route: Route) -> Iterator[Cause]:
    """Of more axes, masks are on the last two."""
    count = len(left.indices)
    for one, other in permutations(range(count)[-2:], 2):
        for sign in ("<", "≤"):
            names = (unicode_face(left.indices[axis].name) for axis in (one, other))
            told = f"is what it is where {{}} is {value:g} at {f' {sign} '.join(names)}"
            words = said(told.replace("-inf", "-∞"), left)
            yield Cause("mask", words, _with(left.name, (one, other), sign, value, route))


def _with(name: str, axes: tuple[int, int], sign: str, value: float, route: Route) -> Predicted:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        whole = scene.values.arrays[name]
        at = np.indices(whole.shape, sparse=True)
        there = SIDES[sign](at[axes[0]], at[axes[1]])
        return scene.following({name: np.where(there, value, whole)}, route)

    return predicted
