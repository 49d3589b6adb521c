"""A function with another slope, f' taken at f's value or f in place of it; and erf approximated.

Each f(u) of a program is given a name of its own. So the chain rule leaves f'(u) as it is, and what
f' is there is chosen: for all that are one function, or where one f(u) is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import TypeAlias

import numpy as np
from sympy import Basic, Symbol

from indexcalc.against.causes import Cause, Predicted
from indexcalc.against.computing import Values
from indexcalc.against.families.edits import replaced
from indexcalc.against.said import said
from indexcalc.against.scenes import Scene, Subject
from indexcalc.against.variants import Variant
from indexcalc.expr.base import Index, postorder
from indexcalc.expr.functions import FUNCTIONS, PRIME, derivative
from indexcalc.expr.nodes import Access, Apply
from indexcalc.expr.program import Equation
from indexcalc.expr.world import Array

# Where a slope is wrong in what it is made of, any u stands for the argument.
PLACE = Index("i", Symbol("places"))
ANY = Access("u", PLACE)
# Those whose slopes are written by their values.
BY_VALUE = ("tanh", "sigmoid")
# f' as an expression in u; and f and f' as they are computed.
Slope: TypeAlias = Callable[[Basic], Basic]
Function: TypeAlias = Callable[..., Array]
Pair: TypeAlias = tuple[Function, Function]
# erf(u) is about tanh(c (u + d u³)), as GELU has it; and 2 sigmoid(1.702 √2 u) - 1.
APPROXIMATIONS = {
    "an approximation by tanh": (2 / math.sqrt(math.pi), 2 * 0.044715),
    "2 sigmoid(1.702 √2 u) - 1": (1.702 / math.sqrt(2), 0.0),
}


def slopes(subject: Subject) -> Iterator[Cause]:
    """Of all that are one function together, then of one alone."""
    used = _used(subject)
    names = dict.fromkeys(node.name for node in used)
    groups = [[node for node in used if node.name == name] for name in names]
    for group in groups:
        yield from _wrong(subject, group, ", everywhere" if len(group) > 1 else "")
        if group[0].name == "erf":
            yield from _approximated(subject, group)
    for group in groups:
        for node in group if len(group) > 1 else ():
            yield from _wrong(subject, [node], "")


def _used(subject: Subject) -> tuple[Apply, ...]:
    """Each f(u) once, where f' is known or handed in."""
    known = {*FUNCTIONS, *(name for name, count in subject.program.functions if count == 1)}
    found = (n for e in subject.program.equations for n in postorder(e.right))
    return tuple(dict.fromkeys(n for n in found if isinstance(n, Apply) and n.name in known))


def _wrong(subject: Subject, group: Sequence[Apply], where: str) -> Iterator[Cause]:
    node = group[0]
    (inside,) = node.arguments
    called = [e.left for e in subject.program.equations if e.right == node]
    names: dict[Basic, Basic] = dict(zip([node], called, strict=False))
    right = _named(derivative(node.name, (inside,), 0), names)
    for slope in _slopes(node.name):
        told = f"is what it is with {{}} in place of {{}}, the slope of {{}}{where}"
        words = said(told, _named(slope(inside), names), right, node)
        yield Cause("slope", words, _with_slope(subject, group, slope))


def _slopes(name: str) -> Iterator[Slope]:
    """f'(f(u)), f'(u) with u where f(u) is meant, f(u), and what it is for another function."""

    def value(u: Basic) -> Basic:
        return Apply(name, u)

    def right(u: Basic) -> Basic:
        return derivative(name, (u,), 0)

    yield lambda u: right(value(u))
    yield lambda u: _named(right(u), {value(u): u})
    yield value
    for other in BY_VALUE:
        if other != name:
            yield partial(_of_another, other, name)


def _of_another(other: str, name: str, u: Basic) -> Basic:
    """1 - f² for f (1 - f), say."""
    return _named(derivative(other, (u,), 0), {Apply(other, u): Apply(name, u)})


def _named(expr: Basic, others: Mapping[Basic, Basic]) -> Basic:
    """What has the same indices always fits."""
    made = replaced(expr, others)
    assert made is not None
    return made


def _approximated(subject: Subject, group: Sequence[Apply]) -> Iterator[Cause]:
    """Throughout; and f alone, its slope as it is."""
    right = derivative("erf", (ANY,), 0)
    for words, (factor, cubic) in APPROXIMATIONS.items():
        value, slope = _by_tanh(factor, cubic)
        told = f"is what it is with {words} in place of {{}}"
        for what, other in (("", slope), (", but for its slope", None)):
            by = partial(_pair, value, other, right)
            yield Cause("function", said(f"{told}{what}", group[0]), _with(subject, group, by))


def _pair(value: Function, slope: Function | None, right: Basic, scene: Scene) -> Pair:
    return value, slope or _computed(right, scene)


def _by_tanh(factor: float, cubic: float) -> Pair:
    def value(u: Array) -> Array:
        return np.asarray(np.tanh(factor * (u + cubic * u**3)))

    def slope(u: Array) -> Array:
        return np.asarray((1 - value(u) ** 2) * factor * (1 + 3 * cubic * u**2))

    return value, slope


def _with_slope(subject: Subject, group: Sequence[Apply], slope: Slope) -> Predicted:
    name, expr = group[0].name, slope(ANY)
    return _with(subject, group, lambda scene: (_value(name, scene), _computed(expr, scene)))


def _computed(expr: Basic, scene: Scene) -> Function:
    """An expression in any u, as a function."""

    def function(u: Array) -> Array:
        flat = np.ravel(u)
        numbers = {PLACE.size: float(flat.size)}
        values = Values({ANY.name: flat}, numbers, scene.functions, scene.subject.work)
        return values.array(expr, (PLACE,)).reshape(np.shape(u))

    return function


def _with(
    subject: Subject, group: Sequence[Apply], functions: Callable[[Scene], Pair]
) -> Predicted:
    """These applications with another value and slope, all others as they are."""
    name = f"{group[0].name} here"  # no user's name has a blank

    def predicted(scene: Scene) -> Mapping[str, Array]:
        value, slope = functions(scene)
        chosen = {name: value, f"{name}{PRIME}": slope}
        return _variant(subject, tuple(group), name).gradients(scene, chosen)

    return predicted


@lru_cache(maxsize=64)
def _variant(subject: Subject, group: tuple[Apply, ...], name: str) -> Variant:
    """With a name of their own for these applications."""
    others: dict[Basic, Basic] = {node: Apply(name, *node.arguments) for node in group}
    equations = (Equation(e.left, _named(e.right, others)) for e in subject.program.equations)
    return Variant(subject, equations)


def _value(name: str, scene: Scene) -> Function:
    if name in FUNCTIONS:
        return lambda u: np.asarray(FUNCTIONS[name].value(np, u))
    return scene.functions[name]
