"""A gradient of another shape: a Σ too few or too many, one over another index, an axis kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations, product

import numpy as np

from indexcalc.against.causes import Cause, Evidence, Predicted
from indexcalc.against.families.paths import VALUE
from indexcalc.against.scenes import Scene, Subject
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import Term, flat, tree
from indexcalc.expr.world import Array

# Of more there would be too many orders.
MOST_AXES = 5


def other(evidence: Evidence) -> Iterator[Cause]:
    theirs, right = evidence.first.theirs, evidence.first.right
    if theirs is None or theirs.shape == right.shape:
        return
    yield from _squeezed(evidence)
    yield from _folded(evidence)
    subject, name = evidence.subject, evidence.name
    terms = [term for route in subject.routes for term in _alone(evidence, route)]
    for term in terms:
        free = evidence.first.scene.letters(name)
        every = (*term.bound, *free)
        for kept in combinations(every, theirs.ndim) if theirs.ndim <= MOST_AXES else ():
            words = _told(subject, free, term.bound, kept)
            for order in permutations(kept) if words else ():
                if order != free:
                    yield _cause(name, words, term, order)


def _alone(evidence: Evidence, route: Sequence[Equation]) -> Iterator[Term]:
    """The gradient as a sum of one product, if it is one."""
    adjoint = evidence.subject.adjoint(evidence.name)
    for equation in route:
        if equation.left.name == adjoint:
            terms = flat(equation.right)
            if len(terms) == 1:
                yield terms[0]


def _squeezed(evidence: Evidence) -> Iterator[Cause]:
    name, theirs, right = evidence.name, evidence.first.theirs, evidence.first.right
    assert theirs is not None
    given, wanted = tuple(map(str, theirs.shape)), tuple(map(str, right.shape))
    words = f"has the shape ({', '.join(given)}) where ({', '.join(wanted)}) is expected"

    def reshaped(scene: Scene) -> Mapping[str, Array]:
        right = scene.right[name]
        if theirs.size != evidence.first.right.size:
            return {}
        if theirs.ndim == 1:
            return {name: right.ravel()}
        if theirs.ndim > right.ndim:
            lead = theirs.shape[0] == 1
            return {name: right[None] if lead else right[..., None]}
        return {name: right.squeeze()}

    yield Cause("shape", f"{words}; its entries are right", reshaped)


def _folded(evidence: Evidence) -> Iterator[Cause]:
    """All entries, in a shape that has the lengths of the axes in another order."""
    name, theirs, right = evidence.name, evidence.first.theirs, evidence.first.right
    assert theirs is not None
    if theirs.ndim != right.ndim or not 2 <= right.ndim < MOST_AXES:
        return
    free = evidence.first.scene.letters(name)
    letters = [evidence.subject.letter(index.size) for index in free]
    for stacked, folded in product(permutations(range(right.ndim)), repeat=2):
        if theirs.shape == tuple(right.shape[axis] for axis in folded):
            first, second = (", ".join(letters[at] for at in one) for one in (stacked, folded))
            words = f"is folded with the wrong extents: ({second}) of entries stacked as ({first})"
            yield Cause("reshape", words, _fold(name, stacked, folded))


def _fold(name: str, stacked: tuple[int, ...], folded: tuple[int, ...]) -> Predicted:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        right = scene.right[name]
        return {name: right.transpose(stacked).reshape([right.shape[axis] for axis in folded])}

    return predicted


def _told(
    subject: Subject, free: Sequence[Index], bound: Sequence[Index], kept: Sequence[Index]
) -> str:
    """What was summed over, and what should have been."""
    wanted = [subject.letter(index.size) for index in bound if index in kept]
    extra = [subject.letter(index.size) for index in free if index not in kept]
    if wanted and extra:
        return f"is summed over {', '.join(extra)} in place of {', '.join(wanted)}"
    if wanted:
        return f"is not summed: the sum over {', '.join(wanted)} is missing"
    if extra:
        return f"is summed once too often: there is a sum over {', '.join(extra)}"
    return ""


def _cause(name: str, words: str, term: Term, order: tuple[Index, ...]) -> Cause:
    every = {*term.bound, *term.free}
    summed = Term(tuple(i for i in every if i not in order), term.factors)
    equation = Equation(Access(VALUE, *order), tree((summed,), order))

    def predicted(scene: Scene) -> Mapping[str, Array]:
        return {name: np.asarray(scene.values.of(equation))}

    return Cause("sum", words, predicted)
