"""Sums over a part of what is summed: Σ_k a_pk ⟹ Σ_k a_pk w_k, most weights 1 and 0.

What is left is the first block, or all but the last place; the block that an index outside is in,
where each block has a sum of its own; or what is on one side of a diagonal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sympy import Basic

from indexcalc.against.causes import Cause, Evidence, Predicted
from indexcalc.against.families.blocks import blocks_of
from indexcalc.against.families.edits import places, rebuilt, replaced
from indexcalc.against.families.formulas import versions
from indexcalc.against.families.masks import SIDES, Mask, masks
from indexcalc.against.said import said
from indexcalc.against.scenes import Route, Scene
from indexcalc.calculus.mentions import mentions
from indexcalc.expr.base import Index
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access, Mul, Sum
from indexcalc.expr.program import Equation
from indexcalc.expr.world import Array

# What summands are multiplied by; no user's name has a blank.
WEIGHTS = "weights of summands"


@dataclass(frozen=True, slots=True)
class Part:
    """What is left of a sum, in words that follow it, and the weights of its summands by how many
    places there are along these axes."""

    words: str
    axes: tuple[Index, ...]
    weights: Callable[..., Array]


def partly(evidence: Evidence) -> Iterator[Cause]:
    """In the gradient's formula, and in what leads to it."""
    route = evidence.subject.routes[0]
    leading = _leading(evidence.subject.adjoint(evidence.name), route)
    for equation in reversed(route):
        if equation.left.name in leading:
            for version in versions(equation, route):
                for sums in _sums(version.right):
                    yield from _of_sums(evidence, version, sums)


def _leading(name: str, route: Route) -> set[str]:
    """A tensor, and all that it is made of."""
    found = {name}
    for equation in reversed(route):
        if equation.left.name in found:
            found |= mentions(equation.right)
    return found


def _of_sums(
    evidence: Evidence, equation: Equation, sums: Mapping[Sum, tuple[Index, ...]]
) -> Iterator[Cause]:
    known: set[tuple[Basic, bytes]] = set()
    for part, expr in _parts(evidence, equation.right, sums):
        if len(part.axes) == 1:  # along which many parts may be the same at all lengths
            lengths = [answer.scene.length(part.axes[0].size) for answer in evidence.plain]
            every = np.concatenate([part.weights(length) for length in lengths])
            if (expr, every.tobytes()) in known or every.all():
                continue
            known.add((expr, every.tobytes()))
        shown = "each of " * (len(sums) > 1) + ", ".join("{}" for _ in sums)
        told = said(f"is what it is where {shown} {part.words}", *sums)
        yield Cause("partial", told, _with(part, Equation(equation.left, expr)))


def _with(part: Part, wrong: Equation) -> Predicted:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        weights = part.weights(*(scene.length(index.size) for index in part.axes))
        other = scene.values.besides({WEIGHTS: weights}).of(wrong)
        return scene.following({wrong.left.name: other}, scene.subject.routes[0])

    return predicted


def _sums(expr: Basic) -> Iterator[dict[Sum, tuple[Index, ...]]]:
    """Each sum with the indices that have a meaning there; then all that are not in others."""
    found: dict[Sum, tuple[Index, ...]] = {}
    outer: dict[Sum, tuple[Index, ...]] = {}
    for place in places(expr):
        if isinstance(place.node, Sum) and place.node not in found:
            found[place.node] = place.scope
            if not any(isinstance(node, Sum) for node in place.above):
                outer[place.node] = place.scope
    for node, scope in found.items():
        yield {node: scope}
    if len(outer) > 1:
        yield outer


def _parts(
    evidence: Evidence, expr: Basic, sums: Mapping[Sum, tuple[Index, ...]]
) -> Iterator[tuple[Part, Basic]]:
    """What may be left of them, and the expression with that."""
    first, scope = next(iter(sums.items()))
    for index in first.indices:
        for part in _along(index):
            yield from _weighted(expr, sums, part, None)
        for other in sorted(first.free, key=lambda one: one.name):
            for part in _beside(index, other) if len(sums) == 1 else ():
                yield from _weighted(expr, sums, part, None)
        outside = [one for one in scope if one.size == index.size and one not in first.free]
        for other in outside:
            for part in _in_blocks(evidence, index, other):
                yield from _weighted(expr, sums, part, other)


def _weighted(
    expr: Basic, sums: Mapping[Sum, tuple[Index, ...]], part: Part, other: Index | None
) -> Iterator[tuple[Part, Basic]]:
    new: dict[Basic, Basic] = {}
    for node, scope in sums.items():
        index = part.axes[0]
        alike = (one for one in node.indices if one.size == index.size)
        own = index if index in node.indices else next(alike, None)
        if own is None or (other is not None and other not in scope):
            return
        weights = Access(WEIGHTS, own, *part.axes[1:])
        new[node] = Sum(rebuilt(Mul(weights, node.body), [weights, node.body]), *node.indices)
    whole = replaced(expr, new)
    if whole is not None:
        yield part, whole


def _along(index: Index) -> Iterator[Part]:
    letter = unicode_face(index.name)
    for among in masks():
        told = among.words.replace("{}", letter)
        yield Part(f"lacks {told}", (index,), lambda n, m=among: np.where(m.among(n), 0.0, 1.0))
        yield Part(f"is over {told} alone", (index,), lambda n, m=among: 1.0 * m.among(n))


def _beside(index: Index, other: Index) -> Iterator[Part]:
    for sign, compared in SIDES.items():
        told = f"is over {unicode_face(index.name)} {sign} {unicode_face(other.name)} alone"

        def weights(n: int, m: int, compared: Callable[..., Mask] = compared) -> Array:
            return compared(np.arange(n)[:, None], np.arange(m)).astype(np.float64)

        yield Part(told, (index, other), weights)


def _in_blocks(evidence: Evidence, index: Index, other: Index) -> Iterator[Part]:
    letter = unicode_face(index.name)
    for block in blocks_of(evidence, index.size):
        for what in ("sum", "mean"):
            told = f"is a {what} over each block of {block} of {letter} by itself"
            yield Part(told, (index, other), lambda n, _, b=block, w=what: _own_block(n, b, w))


@lru_cache(maxsize=4)
def _own_block(length: int, block: int, what: str) -> Array:
    """A mean over all is a sum over all lengths, and a mean over a block over its own."""
    at = np.arange(length) // block
    same = np.equal(at[:, None], at).astype(float)
    return np.asarray(same * (length / same.sum(axis=0)) if what == "mean" else same)
