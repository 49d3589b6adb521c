"""All gradients of a program: every adjoint by the chain rule, then each in closed form."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from sympy import Basic

from indexcalc.calculus.backprop import Adjoint, Backprop, waves
from indexcalc.calculus.closing import Closer, Lemma
from indexcalc.calculus.folding import Definition, Known
from indexcalc.calculus.inlining import READING, Inliner, Taste, Works
from indexcalc.calculus.mentions import in_order
from indexcalc.calculus.rules import deltas, ones
from indexcalc.calculus.sharing import shared
from indexcalc.expr.base import ONE, Index
from indexcalc.expr.nodes import Access, D, Delta
from indexcalc.expr.normal import normal
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rewrite import Step, Trace, Work
from indexcalc.expr.terms import Term, Terms, moved, tree


@dataclass(frozen=True, slots=True)
class Gradient:
    """∂l/∂variable: by the chain rule, made lighter on its own, and closed with the others."""

    adjoint: Adjoint
    simplified: Trace
    closed: Trace

    @property
    def name(self) -> str:
        return self.adjoint.variable.name

    @property
    def left(self) -> Access:
        return self.adjoint.left


@dataclass(frozen=True, slots=True)
class Gradients:
    """Every adjoint in the order of backpropagation, and the conclusion.

    `kept` are the adjoints that keep their names besides those asked for, `shared` the parts that
    are named because they are written more than once, of these `kinds`; `results` are in these
    names.
    """

    backprop: Backprop
    adjoints: dict[str, Gradient]
    kept: tuple[str, ...]
    lemmas: tuple[Lemma, ...]
    shared: tuple[Equation, ...]
    results: dict[str, Basic]
    kinds: tuple[str, ...] = ()

    def equation(self, name: str) -> Equation:
        """∂l/∂name = its closed form."""
        return Equation(self.adjoints[name].left, self.results[name])

    def steps(self) -> Iterator[Step]:
        """Every application of a rule, in the order in which they are shown."""
        for gradient in self.adjoints.values():
            for _, path in gradient.adjoint.paths:
                yield from path.trace.steps
            yield from gradient.adjoint.trace.steps
            yield from gradient.simplified.steps
        for lemma in self.lemmas:
            yield from lemma.trace.steps
        for gradient in self.adjoints.values():
            yield from gradient.closed.steps

    @property
    def where(self) -> tuple[Equation, ...]:
        """The names that the results are in, each before its uses."""
        return (*self.shared, *map(self.equation, self.kept))

    @property
    def conclusion(self) -> tuple[Equation, ...]:
        """All of these equations and those asked for, each after those whose names it has."""
        return in_order((*self.shared, *map(self.equation, self.results)))


def gradients(program: Program, wrt: Iterable[str]) -> Gradients:
    """∂l/∂ of each of these tensors, inputs or intermediates."""
    return with_names(closed(Backprop(program, wrt), READING))


def with_names(found: Gradients, only: Collection[str] | None = None) -> Gradients:
    """The same with names for what is written more than once, or for `only` some kinds of it."""
    free = [index for one in found.adjoints.values() for index in one.left.indices]
    taken = _taken(found.backprop.program, found.backprop, free)
    whole = {name: found.adjoints[name].closed.result for name in found.results}
    named, results = shared(whole, taken, only)
    return replace(found, shared=tuple(named.values()), kinds=tuple(named), results=results)


def closed(backprop: Backprop, taste: Taste) -> Gradients:
    """Every adjoint by the chain rule, and those that are left to taste in closed form."""
    adjoints, simplified, closer = _simplified(backprop.program, backprop)
    works = {name: Work.on(work.terms, work.free) for name, work in simplified.items()}
    kept = Inliner(closer, adjoints, works, backprop.wrt, taste).run()
    for name in (*kept, *backprop.wrt):
        closer.factor(works[name])
    done = {
        name: Gradient(adjoint, simplified[name].trace(), works[name].trace())
        for name, adjoint in adjoints.items()
    }
    results = {name: done[name].closed.result for name in (*kept, *backprop.wrt)}
    shown = (step for one in done.values() for step in (*one.simplified.steps, *one.closed.steps))
    return Gradients(backprop, done, kept, closer.used(shown), (), results)


def jacobian(program: Program, of: str, wrt: str) -> tuple[D, Basic]:
    """∂of/∂wrt through every path: the gradient, with a δ for the upstream gradient of `of`."""
    left = Access(of, *program.tensors[of])
    alone = replace(program, outputs=(of,))
    backprop = Backprop(alone, (wrt,))
    variable = Access(wrt, *backprop.fresh(program.tensors[wrt]))
    free = (*left.indices, *variable.indices)
    slope = D(left, variable)
    if wrt == of:
        pairs = zip(left.indices, variable.indices, strict=True)
        unit = Term((), tuple(Delta(a, b) for a, b in pairs) or (ONE,))
        return slope, tree((unit,), free)
    adjoints, works, closer = _simplified(alone, backprop)
    if wrt not in works:
        return slope, tree((), free)
    Inliner(closer, adjoints, works, (wrt,)).all_in()
    work = works[wrt]
    if of in backprop.upstream:
        work = _seeded(work, backprop.upstream[of], left, closer)
    closer.factor(work)
    return slope, tree(work.terms, work.free, hoist=True)


def through(backprop: Backprop, wrt: str, via: str) -> Basic:
    """The part of ∂l/∂wrt that comes through another tensor, in closed form."""
    program, left = backprop.program, Access(via, *backprop.tensors[via])
    # No name that the rules could meet in another place.
    seed = f"{backprop.adjoint_name(via)} above"
    below = Backprop(replace(program, outputs=(via,)), (wrt,), {via: seed})
    adjoints, works, closer = _simplified(below.program, below)
    Inliner(closer, adjoints, works, (wrt,)).all_in()
    part = works[wrt]
    above = Backprop(program, (via,), backprop.upstream)
    if via in above.upstream and not above.uses.get(via):
        after: Terms = (Term((), (Access(above.upstream[via], *left.indices),)),)
    else:
        adjoints, works, _ = _simplified(program, above)
        Inliner(closer, adjoints, works, (via,)).all_in()
        mapping = dict(zip(works[via].free, left.indices, strict=True))
        after = tuple(moved(term, mapping) for term in works[via].terms)
    closer.inline(part, Definition.among(Access(seed, *left.indices), normal(after)))
    waves(part, (*ones.ORDER, *deltas.ORDER))
    closer.close(part)
    closer.factor(part)
    return tree(part.terms, part.free, hoist=True)


def _seeded(work: Work, upstream: str, left: Access, closer: Closer) -> Work:
    """G_ab ← δ_ia δ_jb, under letters that nothing in the gradient has."""
    outer = tuple(Index(f"{index.name}'", index.size) for index in left.indices)
    pairs = zip(outer, left.indices, strict=True)
    unit = Term((), tuple(Delta(a, b) for a, b in pairs) or (ONE,))
    seeded = Work.on(work.terms, (*outer, *work.free))
    closer.inline(seeded, Definition.among(Access(upstream, *left.indices), (unit,)))
    waves(seeded, (*ones.ORDER, *deltas.ORDER))
    back = dict(zip(outer, left.indices, strict=True))
    free = (*left.indices, *work.free)
    result = Work.on(tuple(moved(term, back) for term in seeded.terms), free)
    closer.close(result)
    return result


def _simplified(program: Program, backprop: Backprop) -> tuple[dict[str, Adjoint], Works, Closer]:
    """Every adjoint, and its equation made lighter on its own."""
    outside = {*backprop.upstream.values(), *map(backprop.adjoint_name, backprop.active)}
    closer = Closer(Known(program.equations), outside)
    adjoints: dict[str, Adjoint] = {}
    works: Works = {}
    for adjoint in backprop.adjoints():
        name = adjoint.variable.name
        adjoints[name] = adjoint
        works[name] = Work.on(adjoint.trace.end, adjoint.trace.free)
        closer.close(works[name])
    return adjoints, works, closer


def _taken(program: Program, backprop: Backprop, free: Iterable[Index]) -> set[str]:
    """The names that a new one must not be."""
    taken = {*program.tensors, *backprop.upstream.values(), backprop.loss}
    taken |= {name for name, _ in (*program.constants, *program.functions)}
    return taken | {index.name for index in free}
