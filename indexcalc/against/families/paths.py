"""What comes through one tensor, or is one term of the formula: missing, twice, or miscounted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, product
from typing import Any, TypeAlias

import numpy as np
from sympy import Basic, Expr

from indexcalc.against.causes import Cause, Evidence
from indexcalc.against.families.edits import rebuilt
from indexcalc.against.families.whole import multiple, recognised
from indexcalc.against.scenes import Scene, Subject
from indexcalc.calculus.gradients import through
from indexcalc.calculus.mentions import mentions
from indexcalc.expr.base import ZERO, children
from indexcalc.expr.canonical import key
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access, Add, Mul
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation
from indexcalc.expr.world import Array

VALUE = "value"
# The nearest tensors that paths are told by.
MOST_PATHS = 8
# How many meanings of a number are tried, where several have to be recognised.
MEANINGS = 3
# What it is, and the expression.
Part: TypeAlias = tuple[str, Basic]


def parts(evidence: Evidence) -> Iterator[Cause]:
    """Off by a multiple of a part."""
    theirs, right = evidence.first.theirs, evidence.first.right
    if theirs is None or theirs.shape != right.shape:
        return
    scene = evidence.first.scene
    for part in _parts(evidence):
        off = multiple(theirs - right, valued(scene, evidence.name, part[1]))
        for factor in () if off is None else counts(off + 1, scene):
            yield _cause(evidence.name, [(part, factor)])


def several(evidence: Evidence) -> Iterator[Cause]:
    """Off by multiples of more than one of the parts that make up the whole."""
    name, scene = evidence.name, evidence.first.scene
    theirs, right = evidence.first.theirs, evidence.first.right
    if theirs is None or theirs.shape != right.shape or not np.isfinite(theirs).all():
        return
    for group in _groups(evidence):
        if len(group) < 2:
            continue
        columns = [valued(scene, name, expr).ravel() for _, expr in group]
        matrix = np.stack(columns, axis=1)
        found, _, rank, _ = np.linalg.lstsq(matrix, (theirs - right).ravel(), rcond=None)
        unit = max(float(np.abs(matrix).max()), 1e-300)
        if (
            rank < len(group)
            or np.abs(matrix @ found - (theirs - right).ravel()).max() > 1e-9 * unit
        ):
            continue
        known = [list(islice(counts(float(number) + 1, scene), MEANINGS)) for number in found]
        for factors in product(*known):
            counted = [(p, f) for p, f in zip(group, factors, strict=True) if f != 1]
            if counted:
                yield _cause(name, counted)


def counts(times: float, scene: Scene) -> Iterator[Expr]:
    """How often a part is counted: never, or a number that is recognised."""
    if abs(times) < 1e-9:
        yield ZERO
    else:
        yield from recognised(times, scene)


def _parts(evidence: Evidence) -> tuple[Part, ...]:
    """The path through every tensor, and every term."""
    paths, terms = _known(evidence.subject, evidence.name)
    return (*paths, *terms)


@lru_cache(maxsize=64)
def _known(subject: Subject, name: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Paths through tensors, of which those of one form are one, and terms."""
    whole = subject.found.results[name]
    forms: dict[Any, list[str]] = {}
    exprs: dict[Any, Basic] = {}
    for via in islice(between(subject, name), MOST_PATHS):
        expr = through(subject.backprop, name, via)
        if expr not in (whole, 0):
            forms.setdefault(key(expr), []).append(unicode_face(via))
            exprs[key(expr)] = expr
    paths = [(f"the path through {', '.join(names)}", exprs[f]) for f, names in forms.items()]
    return tuple(paths), tuple(("the term", term) for term in terms_of(whole))


def terms_of(whole: Basic) -> list[Basic]:
    """Of a sum, or of a product with one sum in it."""
    if isinstance(whole, Add):
        return list(whole.parts)
    sums = [part for part in children(whole) if isinstance(part, Add)]
    if not isinstance(whole, Mul) or len(sums) != 1:
        return []
    rest = [part for part in whole.parts if part is not sums[0]]
    return [rebuilt(whole, [*rest, term]) for term in sums[0].parts]


def _groups(evidence: Evidence) -> Iterator[list[Part]]:
    """Parts that add up to the whole: by the tensors next to it, and the terms, which are called
    by the paths that they are."""
    subject, name, scene = evidence.subject, evidence.name, evidence.first.scene
    users = [e.left.name for e in subject.program.equations if name in mentions(e.right)]
    near = [(f"the path through {unicode_face(via)}", via) for via in users]
    yield [(words, through(subject.backprop, name, via)) for words, via in near]
    paths, terms = _known(subject, name)
    group = []
    for words, term in terms:
        value = valued(scene, name, term)
        same = (p for p, expr in paths if np.allclose(valued(scene, name, expr), value, 1e-9))
        group.append((next(same, words), term))
    yield group


def between(subject: Subject, name: str) -> Iterator[str]:
    """The tensors through which another has an effect, the nearest first."""
    moving = {name}
    for equation in subject.program.equations:
        if not moving.isdisjoint(mentions(equation.right)):
            moving.add(equation.left.name)
            if equation.left.name in subject.backprop.leading:
                yield equation.left.name


def of_term(evidence: Evidence, term: Basic) -> str:
    """Words for the path that a term of the formula is."""
    paths, _ = _known(evidence.subject, evidence.name)
    value = valued(evidence.first.scene, evidence.name, term)
    for words, expr in paths:
        if np.allclose(valued(evidence.first.scene, evidence.name, expr), value, 1e-9):
            return f" in {words}"
    return ""


def valued(scene: Scene, name: str, expr: Basic) -> Array:
    """An expression in the indices of a gradient."""
    return scene.values.of(Equation(Access(VALUE, *scene.letters(name)), expr))


def _cause(name: str, counted: Sequence[tuple[Part, Expr]]) -> Cause:
    """Parts that count so many times where they should count once."""
    told = [_told(what, expr, factor) for (what, expr), factor in counted]

    def predicted(scene: Scene) -> Mapping[str, Array]:
        total = scene.right[name]
        for (_, expr), factor in counted:
            times = scene.values.number(factor) - 1
            total = total + times * valued(scene, name, expr)
        return {name: total}

    return Cause(told[0][0], "; and ".join(words for _, words in told), predicted)


def _told(what: str, expr: Basic, factor: Expr) -> tuple[str, str]:
    shown = spell(expr, "unicode", ones=False)
    if what == "the term":
        named, more, dropped = f"{what} {shown}", "", ""
    else:
        named, more, dropped = what, f": it is {shown}", f": you dropped {shown}"
    if factor == 0:
        return "missing", f"{named} is missing{dropped}"
    if factor == 2:
        return "doubled", f"{named} is there twice{more}"
    if factor == -1:
        return "sign", f"{named} has the wrong sign{more}"
    return "factor", f"{named} is taken {spell(factor, 'unicode')} times{more}"
