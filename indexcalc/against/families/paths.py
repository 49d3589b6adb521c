"""What comes through one tensor, or is one term of the formula: missing, twice, or miscounted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, product
from typing import Any

import numpy as np
from sympy import Basic, Expr

from indexcalc.against.causes import Cause, Evidence
from indexcalc.against.computing import peak
from indexcalc.against.families.edits import rebuilt
from indexcalc.against.families.whole import multiple, recognised
from indexcalc.against.kinds import ROUNDOFF
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
# Longer terms are not told.
SHORT = 40
# How near in parts of the largest entry what is the same may be.
SAME = 1e-9
# How near what is off may be to a part: in parts of it, and in units of the round-off.
CLOSE = 1e-6
UNITS = 16.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a gradient: a term of it, or what comes through tensors."""

    words: str
    name: str
    via: tuple[str, ...] = ()
    term: Basic = ZERO

    def at(self, scene: Scene) -> Array:
        if self.via:
            return scene.coming_through(self.via[-1])[self.name]
        return valued(scene, self.name, self.term)

    def formula(self, subject: Subject) -> Basic:
        return _through(subject, self.name, self.via[-1]) if self.via else self.term


def parts(evidence: Evidence) -> Iterator[Cause]:
    """Off by a multiple of a part."""
    theirs, right = evidence.first.theirs, evidence.first.right
    if theirs is None or theirs.shape != right.shape:
        return
    scene = evidence.first.scene
    close = max(CLOSE, UNITS * ROUNDOFF[evidence.first.case.dtype])
    for part in (*_paths(evidence), *_terms(evidence)):
        off = multiple(theirs - right, part.at(scene), close)
        if off is None:
            continue
        for one in _by_form(evidence.subject, part):
            for factor in counts(off + 1, scene, close):
                yield _cause(evidence.subject, evidence.name, [(one, factor)])


def several(evidence: Evidence) -> Iterator[Cause]:
    """Off by multiples of more than one of the parts that make up the whole."""
    name, scene = evidence.name, evidence.first.scene
    theirs, right = evidence.first.theirs, evidence.first.right
    if theirs is None or theirs.shape != right.shape or not np.isfinite(theirs).all():
        return
    for group in _groups(evidence):
        if len(group) < 2:
            continue
        columns = [part.at(scene).ravel() for part in group]
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
                yield _cause(evidence.subject, name, counted)


def counts(times: float, scene: Scene, close: float = 1e-9) -> Iterator[Expr]:
    """How often a part is counted: never, or a number that is recognised."""
    if abs(times) < close:
        yield ZERO
    else:
        yield from recognised(times, scene)


def _terms(evidence: Evidence) -> list[Part]:
    whole = evidence.subject.found.results[evidence.name]
    return [Part("the term", evidence.name, term=term) for term in terms_of(whole)]


def _paths(evidence: Evidence) -> list[Part]:
    """Through the nearest tensors: those with the same numbers are one, and those that are the
    whole gradient, or nothing, are no part."""
    name, scene = evidence.name, evidence.first.scene
    right = evidence.first.right
    found: list[Part] = []
    for via in islice(between(evidence.subject, name), MOST_PATHS):
        array = scene.coming_through(via)[name]
        if _is_same(array, right) or not np.any(array):
            continue
        place = next((k for k, p in enumerate(found) if _is_same(p.at(scene), array)), len(found))
        known = [via for path in found[place : place + 1] for via in path.via]
        found[place : place + 1] = [_path(name, (*known, via))]
    return found


def _path(name: str, via: tuple[str, ...]) -> Part:
    return Part(f"the path through {', '.join(map(unicode_face, via))}", name, via)


def _is_same(one: Array, other: Array) -> bool:
    return peak(one - other) <= SAME * peak(other)


def _by_form(subject: Subject, part: Part) -> list[Part]:
    """Paths with the same numbers apart where their formulas are others."""
    forms: dict[Any, list[str]] = {}
    for via in part.via:
        forms.setdefault(key(_through(subject, part.name, via)), []).append(via)
    return [_path(part.name, tuple(names)) for names in forms.values()] or [part]


@lru_cache(maxsize=64)
def _through(subject: Subject, name: str, via: str) -> Basic:
    return through(subject.backprop, name, via)


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
    leading = set(between(subject, name))
    equations = [e for e in subject.program.equations if e.left.name in leading]
    yield [_path(name, (e.left.name,)) for e in equations if name in mentions(e.right)]
    yield [
        replace(term, words=_called(evidence, term.at(scene)) or term.words)
        for term in _terms(evidence)
    ]


def between(subject: Subject, name: str) -> Iterator[str]:
    """The tensors through which another has an effect, the nearest first."""
    moving = {name}
    for equation in subject.program.equations:
        if not moving.isdisjoint(mentions(equation.right)):
            moving.add(equation.left.name)
            if equation.left.name in subject.backprop.leading:
                yield equation.left.name


def of_term(evidence: Evidence, term: Basic) -> str:
    """Words for the path that a term of the formula is, or for a short one itself."""
    words = _called(evidence, valued(evidence.first.scene, evidence.name, term))
    shown = spell(term, "unicode", ones=False)
    if not words and len(shown) > SHORT:
        return ""
    return f" in {words or f'the term {shown}'}"


def _called(evidence: Evidence, array: Array) -> str:
    """The path with these numbers, if there is one."""
    scene = evidence.first.scene
    for path in _paths(evidence):
        if _is_same(path.at(scene), array):
            return _by_form(evidence.subject, path)[0].words
    return ""


def valued(scene: Scene, name: str, expr: Basic) -> Array:
    """An expression in the indices of a gradient."""
    return scene.values.of(Equation(Access(VALUE, *scene.letters(name)), expr))


def _cause(subject: Subject, name: str, counted: Sequence[tuple[Part, Expr]]) -> Cause:
    """Parts that count so many times where they should count once."""
    told = [_told(subject, part, factor) for part, factor in counted]

    def predicted(scene: Scene) -> Mapping[str, Array]:
        total = scene.right[name]
        for part, factor in counted:
            total = total + (scene.values.number(factor) - 1) * part.at(scene)
        return {name: total}

    return Cause(told[0][0], "; and ".join(words for _, words in told), predicted)


def _told(subject: Subject, part: Part, factor: Expr) -> tuple[str, str]:
    shown = spell(part.formula(subject), "unicode", ones=False)
    if part.words == "the term":
        named, more, dropped = f"{part.words} {shown}", "", ""
    else:
        named, more, dropped = part.words, f": it is {shown}", f": you dropped {shown}"
    if factor == 0:
        return "missing", f"{named} is missing{dropped}"
    if factor == 2:
        return "doubled", f"{named} is there twice{more}"
    if factor == -1:
        return "sign", f"{named} has the wrong sign{more}"
    return "factor", f"{named} is taken {spell(factor, 'unicode')} times{more}"
