"""Formulas with a mistake in them: the closed form of a gradient, an adjoint on the way to it, the
definition of an intermediate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice

from sympy import Basic, Expr, Integer, Rational

from indexcalc.against.causes import Cause, Evidence, Predicted
from indexcalc.against.families.edits import Mistake, rebuilt
from indexcalc.against.families.mistakes import mistakes
from indexcalc.against.families.paths import VALUE, of_term, terms_of
from indexcalc.against.said import Said, said
from indexcalc.against.scenes import Route, Scene, Subject
from indexcalc.calculus.mentions import mentions
from indexcalc.expr.base import Index, children, postorder
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access, Add, Apply, Pow, Sum
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation
from indexcalc.expr.rename import rename
from indexcalc.expr.terms import Term, flat, flat_product, placed, tree
from indexcalc.expr.world import Array

# How many are tried of one equation.
MOST = 3000
HALF = Rational(1, 2)
# How often names in a formula are replaced by what they mean.
WRITTEN_OUT = 2


def own(evidence: Evidence) -> Iterator[Cause]:
    """A mistake in the closed form of the gradient, also with definitions written out."""
    subject, name = evidence.subject, evidence.name
    expr = subject.found.results[name]
    left = Access(VALUE, *evidence.first.scene.letters(name))
    places: dict[Basic, str] = {}
    tensors = {one: own for one, own in subject.tensors.items() if one != subject.adjoint(name)}
    for version in versions(Equation(left, expr), subject.routes[0]):
        for mistake in islice(mistakes(version.right, tensors, subject.called), MOST):
            where = _path(evidence, version.right, mistake.expr, places)
            words = said("has a mistake{}: {}", where, mistake.words)
            yield Cause(mistake.kind, words, _by(name, Equation(left, mistake.expr)))


def _path(evidence: Evidence, expr: Basic, wrong: Basic, known: dict[Basic, str]) -> str:
    """Through which tensor the only term comes that is not as it should be."""
    mistaken = terms_of(wrong)
    changed = [term for term in terms_of(expr) if term not in mistaken]
    if len(changed) != 1 or len(mistaken) < 2:
        return ""
    if changed[0] not in known:
        known[changed[0]] = of_term(evidence, changed[0])
    return known[changed[0]]


def _by(name: str, equation: Equation) -> Predicted:
    return lambda scene: {name: scene.values.of(equation)}


def on_the_way(subject: Subject, wrong: frozenset[str]) -> Iterator[Cause]:
    """A mistake in an equation before: of adjoints, from the outputs backwards, then of
    intermediates, from the last to the first; those first that lead to what is wrong and to nothing
    that is right."""
    goals = {subject.adjoint(name): name for name in subject.wrt}
    waiting: list[tuple[int, Equation, Route]] = []
    for route in reversed(subject.routes):
        for place, equation in reversed(list(enumerate(route))):
            if equation.left.name not in goals:
                led_to = {goals[name] for name in _moving(route[place:]) if name in goals}
                waiting.append((len(led_to - wrong) - len(led_to & wrong), equation, route))
    for _, equation, route in sorted(waiting, key=lambda one: one[0]):
        yield from _of_equation(subject, equation, route)


def _moving(route: Route) -> set[str]:
    """What depends on the first of these equations."""
    moving = {route[0].left.name}
    for equation in route[1:]:
        if not moving.isdisjoint(mentions(equation.right)):
            moving.add(equation.left.name)
    return moving


def _of_equation(subject: Subject, equation: Equation, route: Route) -> Iterator[Cause]:
    defines = equation in subject.program.equations
    before = _before(subject, equation) if defines else subject.tensors
    shown = spell(equation.left, "unicode")
    where = shown if defines else f"{_through(subject, equation)} ({shown})"
    for version in versions(equation, subject.routes[0]):
        for mistake in islice(mistakes(version.right, before, subject.called), MOST // 4):
            wrong = Equation(version.left, mistake.expr)
            told = _words(version, mistake)
            words = said("is what it is with a mistake in {}: {}", where, told)
            if defines:
                words = said("{} ({} = {})", words, shown, mistake.expr)
            yield Cause(mistake.kind, words, _after(wrong, route))
    if defines:
        for factor, reason in _multiples(equation):
            words = said("is what it is with a mistake in {}: {}", where, reason)
            yield Cause("factor", words, _scaled(equation.left.name, factor, route))


def _before(subject: Subject, equation: Equation) -> dict[str, tuple[Index, ...]]:
    """What a definition may be made of."""
    found = {access.name: access.indices for access in subject.program.inputs}
    for other in subject.program.equations:
        if other is equation:
            break
        found[other.left.name] = other.left.indices
    return found


def _through(subject: Subject, equation: Equation) -> str:
    """The path that an adjoint stands for."""
    names = {subject.adjoint(name): name for name in subject.found.adjoints}
    name = names.get(equation.left.name)
    return f"the path through {unicode_face(name)}" if name else "a part of the formulas"


def versions(equation: Equation, route: Route) -> Iterator[Equation]:
    """As it is written, with its brackets multiplied out, and with what the names in it mean on a
    route written out, sums in sums as one."""
    yield equation
    out = _multiplied_out(equation)
    if out != equation.right:
        yield Equation(equation.left, out)
    known = {e.left.name: e for e in route if e.left.name != equation.left.name}
    right = equation.right
    for _ in range(WRITTEN_OUT):
        inside = {name: known[name] for name in sorted(mentions(right)) if name in known}
        if not inside:
            return
        right = _flattened(_written_out(right, inside))
        yield Equation(equation.left, right)


def _multiplied_out(equation: Equation) -> Basic:
    """p (a - b) ⟹ p a - p b"""
    found: list[Term] = []
    waiting = list(reversed(flat(equation.right)))
    while waiting:
        term = waiting.pop()
        brackets = (at for at, factor in enumerate(term.factors) if isinstance(factor, Add))
        at = next(brackets, None)
        if at is None:
            found.append(term)
        else:
            waiting += reversed([placed(term, at, part) for part in flat(term.factors[at])])
    return tree(found, equation.left.indices, hoist=True) if len(found) > 1 else equation.right


def _flattened(expr: Basic) -> Basic:
    made: dict[Basic, Basic] = {}
    for node in postorder(expr):
        same = rebuilt(node, [made[part] for part in children(node)])
        if isinstance(same, Sum):
            free = sorted(same.free, key=lambda index: index.name)
            same = tree(flat_product(same), free)
        made[node] = same
    return made[expr]


def _words(equation: Equation, mistake: Mistake) -> Said | str:
    """σ² in place of σ, where the root is left out of what σ is."""
    right, name = equation.right, unicode_face(equation.left.name)
    rooted = isinstance(right, Pow) and right.exponent == HALF
    rooted = rooted or (isinstance(right, Apply) and right.name == "sqrt")
    if rooted and mistake.expr == children(right)[0]:
        return f"{name}² in place of {name}"
    return mistake.words


def _written_out(expr: Basic, known: Mapping[str, Equation]) -> Basic:
    """What tensors are in the place of their names."""
    made: dict[Basic, Basic] = {}
    for node in postorder(expr):
        if isinstance(node, Access) and node.name in known:
            equation = known[node.name]
            mapping = dict(zip(equation.left.indices, node.indices, strict=True))
            made[node] = rename(equation.right, mapping)
        else:
            made[node] = rebuilt(node, [made[part] for part in children(node)])
    return made[expr]


def _multiples(equation: Equation) -> Iterator[tuple[Expr, str]]:
    """What a definition may be multiplied by: a sum is divided by another number."""
    summed = [node for node in postorder(equation.right) if isinstance(node, Sum)]
    counts = {math.prod(index.size for index in node.indices) for node in summed}
    for count in sorted(counts | {size for node in summed for size in _sizes(node)}, key=str):
        shown = spell(count, "unicode")
        if count in counts:
            yield count / (count - 1), f"the sum is divided by {shown} - 1 in place of {shown}"
        yield count, f"it is {shown} times what it should be: 1/{shown} is left out"
        yield 1 / count, f"it is 1/{shown} times what it should be"
    for factor in (Integer(2), HALF):
        yield factor, f"it is {factor} times what it should be"


def _sizes(node: Sum) -> list[Expr]:
    return [index.size for index in node.indices]


def _scaled(name: str, factor: Expr, route: Route) -> Predicted:
    @cache
    def predicted(scene: Scene) -> Mapping[str, Array]:
        scaled = scene.values.arrays[name] * scene.values.number(factor)
        return scene.following({name: scaled}, route)

    return predicted


def _after(wrong: Equation, route: Route) -> Predicted:
    """The same numbers are held to many gradients."""

    @cache
    def predicted(scene: Scene) -> Mapping[str, Array]:
        return scene.following({wrong.left.name: scene.values.of(wrong)}, route)

    return predicted
