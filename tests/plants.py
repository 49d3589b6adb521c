"""Mistakes planted in the steps of a derivation, each with what is to be said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from sympy import Integer

from indexcalc.calculus.gradients import Gradient, Gradients
from indexcalc.expr.nodes import Access
from indexcalc.expr.printing import spell
from indexcalc.expr.rewrite import Step, Trace
from indexcalc.expr.terms import Term
from indexcalc.expr.world import World
from tests.points import bundled, close
from tests.stepwise import over, steps_and_world

Plant = tuple[str, Step]


def plants(step: Step) -> Iterator[Plant]:
    """The step with a mistake in what it leads to: a factor, a term, an index."""
    if not step.after:
        return
    first, *rest = step.after
    yield "factor", replace(step, after=(Term(first.bound, (Integer(2), *first.factors)), *rest))
    yield "term", replace(step, after=tuple(rest))
    for at, factor in enumerate(first.factors):
        letters = sorted(first.open.union(step.free), key=lambda index: index.name)
        others = [
            (place, other)
            for place, index in enumerate(getattr(factor, "indices", ()))
            for other in letters
            if isinstance(factor, Access) and other.size == index.size and other != index
        ]
        for place, other in others:
            indices = list(factor.indices)
            indices[place] = other
            swapped = Access(factor.name, *indices)
            factors = (*first.factors[:at], swapped, *first.factors[at + 1 :])
            yield "index", replace(step, after=(Term(first.bound, factors), *rest))


def traces(found: Gradients) -> list[tuple[str, Trace]]:
    """Every trace, with what the steps in it are said to be of, in the order of the derivation."""
    first = [
        (spell(Access(gradient.left.name), "unicode"), trace)
        for gradient in found.adjoints.values()
        for trace in (
            *(path.trace for _, path in gradient.adjoint.paths),
            gradient.adjoint.trace,
            gradient.simplified,
        )
    ]
    lemmas = [("the lemmas", lemma.trace) for lemma in found.lemmas]
    last = [
        (spell(Access(one.left.name), "unicode"), one.closed) for one in found.adjoints.values()
    ]
    return [*first, *lemmas, *last]


def with_trace(found: Gradients, old: Trace, new: Trace) -> Gradients:
    """The same derivation with another trace in one place."""

    def put(trace: Trace) -> Trace:
        return new if trace is old else trace

    adjoints = {}
    for name, gradient in found.adjoints.items():
        adjoint = gradient.adjoint
        paths = [(after, replace(path, trace=put(path.trace))) for after, path in adjoint.paths]
        adjoint = replace(adjoint, paths=tuple(paths), trace=put(adjoint.trace))
        adjoints[name] = Gradient(adjoint, put(gradient.simplified), put(gradient.closed))
    lemmas = tuple(replace(lemma, trace=put(lemma.trace)) for lemma in found.lemmas)
    return replace(found, adjoints=adjoints, lemmas=lemmas)


def planted(name: str) -> Iterator[tuple[str, str, Gradients]]:
    """A mistake in every step, of each kind in turn, that changes the value by the tests' own
    account: the kind, what is to be said of it, and the derivation with it."""
    found = bundled(name)[0].found
    _, world = steps_and_world(name)
    counts: Counter[str] = Counter()
    for of, trace in traces(found):
        for at, step in enumerate(trace.steps):
            counts[of] += 1
            said = f"Step {counts[of]} of {of}, {step.rule.name}, changes the value: "
            wrong = [plant for plant in plants(step) if changes(step, plant[1], world)]
            if wrong:
                kind, instead = wrong[at % len(wrong)]
                steps = (*trace.steps[:at], instead, *trace.steps[at + 1 :])
                yield kind, said, with_trace(found, trace, replace(trace, steps=steps))


def changes(step: Step, wrong: Step, world: World) -> bool:
    with np.errstate(all="ignore"):
        before, after = (over(one.after_tree, step.free, world) for one in (step, wrong))
    return not close(after, before, 1e-6)
