"""A constant such as ε that is elsewhere than it should be, or another number: √v + ε, 1e-3.

What number it is, one entry of the wrong gradient tells, at one point; all others are held to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import numpy as np
from sympy import Basic, Expr, Float, Integer, Rational, Symbol

from indexcalc.against.causes import Cause, Evidence, Predicted, fits
from indexcalc.against.computing import Values
from indexcalc.against.families.edits import Mistake, Place, changed, places
from indexcalc.against.families.formulas import versions
from indexcalc.against.families.paths import VALUE
from indexcalc.against.families.whole import recognised
from indexcalc.against.said import said
from indexcalc.against.scenes import Scene, Subject
from indexcalc.against.variants import Variant, redefined
from indexcalc.expr.base import constant_symbol, postorder
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access, Add, Apply
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation
from indexcalc.expr.world import Array

# What gradients are by a number in a formula.
By = Callable[[Scene, float], Mapping[str, Array]]
UNKNOWN = Symbol("unknown number", real=True)
# From how many times the right number another one is looked for.
STARTS = (1.01, 100.0, 1e4, 0.01)
# How often a guess is made better, and up to which part of it.
GUESSES = 30
EXACT = 1e-14
# How near a number of few digits is to what was found, in parts of that and of its distance from
# the right one, which says how well it can be told.
NEAR, TOLD = 1e-5, 1e-9
MOST_DIGITS = 4
HALF = Rational(1, 2)


def constants(evidence: Evidence) -> Iterator[Cause]:
    """Beside a root, then another number: in the definitions, and in one place of the gradient."""
    subject = evidence.subject
    faces = {constant_symbol(name): unicode_face(name) for name, _ in subject.program.constants}
    if faces:
        yield from _beside_roots(evidence, frozenset(faces))
    for symbol, face in faces.items():
        for what, by in _numbers(evidence, symbol, face):
            yield from _another(evidence, symbol, what, by)


# Beside a root


def _beside_roots(evidence: Evidence, symbols: frozenset[Symbol]) -> Iterator[Cause]:
    """In a definition, where the gradient follows from it or is as it was; in the gradient."""
    subject, name = evidence.subject, evidence.name
    for equation in subject.program.equations:
        left = equation.left
        for mistake in _outside(equation.right, symbols):
            wrong = Equation(left, mistake.expr)
            told = said("{}, in {}", mistake.words, left)
            yield Cause("constant", said("is what it is with {}", told), _after(wrong))
            yield Cause("constant", said("is that of another function, with {}", told), _of(wrong))
    for version in _formulas(evidence):
        for mistake in _outside(version.right, symbols):
            told = said("has a mistake: {}", mistake.words)
            yield Cause("constant", told, _alone(name, Equation(version.left, mistake.expr)))


def _outside(expr: Basic, symbols: frozenset[Symbol]) -> Iterator[Mistake]:
    """√(v + ε) ⟹ √v + ε, and √(v + ε) + ε."""
    for place in places(expr):
        match place.node:
            case Apply(name="sqrt", arguments=(Add() as total,)):
                yield from _moved_out(expr, place, total, symbols)


def _moved_out(
    expr: Basic, place: Place, total: Add, symbols: frozenset[Symbol]
) -> Iterator[Mistake]:
    for part in total.parts:
        if any(isinstance(node, Expr) and node.free_symbols & symbols for node in postorder(part)):
            rest = [other for other in total.parts if other is not part]
            for inside in (rest[0] if len(rest) == 1 else Add(*rest), total):
                new = Add(Apply("sqrt", inside), part)
                yield from changed(expr, place, "", said("{} in place of {}", new, place.node), new)


def _formulas(evidence: Evidence) -> Iterator[Equation]:
    subject, name = evidence.subject, evidence.name
    left = Access(VALUE, *evidence.first.scene.letters(name))
    return versions(Equation(left, subject.found.results[name]), subject.routes[0])


def _after(wrong: Equation) -> Predicted:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        other = {wrong.left.name: scene.values.of(wrong)}
        return scene.following(other, scene.subject.routes[0])

    return predicted


def _of(wrong: Equation) -> Predicted:
    return lambda scene: _variant(scene.subject, wrong).gradients(scene)


@lru_cache(maxsize=64)
def _variant(subject: Subject, wrong: Equation) -> Variant:
    return redefined(subject, wrong)


def _alone(name: str, equation: Equation) -> Predicted:
    return lambda scene: {name: scene.values.of(equation)}


# Another number


def _numbers(evidence: Evidence, symbol: Symbol, face: str) -> Iterator[tuple[str, By]]:
    """Where a constant may be another number, and the gradients by that."""
    subject, name = evidence.subject, evidence.name

    def everywhere(scene: Scene, number: float) -> Mapping[str, Array]:
        numbers = {**scene.numbers, symbol: number}
        values = Values(scene.given, numbers, scene.functions, subject.work)
        values.run(subject.routes[1])
        return {one: values.arrays[subject.adjoint(one)] for one in subject.wrt}

    yield face, everywhere
    for version in _formulas(evidence):
        for place in places(version.right):
            if isinstance(place.node, Expr) and symbol in place.node.free_symbols:
                new = place.node.subs(symbol, UNKNOWN)
                around = next(node for node in reversed(place.above) if isinstance(node, Add))
                where = f"the {face} of one {spell(around, 'unicode', ones=False)}"
                for mistake in changed(version.right, place, "", "", new):
                    yield where, _by_unknown(name, Equation(version.left, mistake.expr))


def _by_unknown(name: str, equation: Equation) -> By:
    def by(scene: Scene, number: float) -> Mapping[str, Array]:
        numbers = {**scene.numbers, UNKNOWN: number}
        known = scene.values.arrays
        return {name: Values(known, numbers, scene.functions, scene.subject.work).of(equation)}

    return by


def _another(evidence: Evidence, symbol: Symbol, what: str, by: By) -> Iterator[Cause]:
    right = evidence.first.scene.values.number(symbol)
    found = _solved(evidence, right, by)
    for number in () if found is None else _meanings(found, right, symbol, evidence.first.scene):
        if number.free_symbols:
            words = f"is what it is with {spell(number, 'unicode')} in place of {what}"
        else:
            words = f"is what it is where {what} is {float(number):g} in place of {right:g}"
        yield Cause("constant", words, _at(number, by))


def _at(number: Expr, by: By) -> Predicted:
    return lambda scene: by(scene, scene.values.number(number))


def _solved(evidence: Evidence, right: float, by: By) -> float | None:
    """The number that gives the wrong gradient, by the entry that is furthest off: each guess is
    where the line through the two before it is right."""
    answer, theirs = evidence.first, evidence.first.theirs
    if theirs is None or theirs.shape != answer.right.shape or not np.isfinite(theirs).all():
        return None
    place = np.unravel_index(np.argmax(np.abs(theirs - answer.right)), theirs.shape)

    def off(number: float) -> float:
        return float(by(answer.scene, number)[answer.name][place] - theirs[place])

    for start in STARTS:
        one, other = right, right * start
        before, after = off(one), off(other)
        for _ in range(GUESSES):
            if not np.isfinite(after) or after == before:
                break
            one, other = other, other - after * (other - one) / (after - before)
            before, after = after, off(other)
            if abs(other - one) <= EXACT * abs(other):
                break
        if np.isfinite(other) and fits(answer, by(answer.scene, other)[answer.name]):
            return other
    return None


def _meanings(found: float, right: float, symbol: Symbol, scene: Scene) -> Iterator[Expr]:
    """A multiple by sizes, a power, or a number of few digits. Where it is 0, the constant is left
    out, which others say."""
    slack = max(NEAR * abs(found), TOLD * abs(found - right))
    if abs(found) <= slack:
        return
    for factor in recognised(found / right, scene, slack / abs(found)):
        if factor.free_symbols:
            yield factor * symbol
    for power in (Integer(2), HALF) if right > 0 else ():
        if abs(right ** float(power) - found) <= slack:
            yield symbol**power
    for digits in range(MOST_DIGITS):
        number = float(f"{found:.{digits}e}")
        if abs(number - found) <= slack:
            yield Float(number)
            return
