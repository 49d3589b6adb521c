"""All gradients of a program: every adjoint by the chain rule, then each in closed form.

An adjoint that one equation alone uses is put into it, and so is one whose name saves nothing; the
others keep their names, the δ of each layer in a network, which keeps long programs linear.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sympy import Basic

from indexcalc.calculus.backprop import Adjoint, Backprop, waves
from indexcalc.calculus.closing import Closer, Lemma
from indexcalc.calculus.folding import Definition, Known
from indexcalc.calculus.mentions import in_order, mentions
from indexcalc.calculus.rules import deltas, ones
from indexcalc.calculus.sharing import shared
from indexcalc.calculus.weighing import weight
from indexcalc.expr.base import ONE, Index
from indexcalc.expr.nodes import Access, D, Delta
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rewrite import Step, Trace, Work
from indexcalc.expr.terms import Term, moved, tree

# A formula heavier than this is read more easily in two.
HEAVIEST = 150
# How much heavier the equations may look before a name is tried to be put into all its uses.
PROMISING = 12

Works = dict[str, Work]


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
    are named because they are written more than once; `results` are in these names.
    """

    backprop: Backprop
    adjoints: dict[str, Gradient]
    kept: tuple[str, ...]
    lemmas: tuple[Lemma, ...]
    shared: tuple[Equation, ...]
    results: dict[str, Basic]

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
    backprop = Backprop(program, wrt)
    adjoints, simplified, closer = _simplified(program, backprop)
    works = {name: Work.on(work.terms, work.free) for name, work in simplified.items()}
    kept = _Inliner(closer, adjoints, works, backprop.wrt).run()
    for name in (*kept, *backprop.wrt):
        closer.factor(works[name])
    done = {
        name: Gradient(adjoint, simplified[name].trace(), works[name].trace())
        for name, adjoint in adjoints.items()
    }
    results = {name: done[name].closed.result for name in (*kept, *backprop.wrt)}
    named, results = shared(results, _taken(program, backprop, works))
    shown = (step for one in done.values() for step in (*one.simplified.steps, *one.closed.steps))
    return Gradients(backprop, done, kept, closer.used(shown), tuple(named), results)


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
    _Inliner(closer, adjoints, works, (wrt,)).all_in()
    work = works[wrt]
    if of in backprop.upstream:
        work = _seeded(work, backprop.upstream[of], left, closer)
    closer.factor(work)
    return slope, tree(work.terms, work.free, hoist=True)


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


def _taken(program: Program, backprop: Backprop, works: Works) -> set[str]:
    """The names that a new one must not be."""
    taken = {*program.tensors, *backprop.upstream.values(), backprop.loss}
    taken |= {name for name, _ in (*program.constants, *program.functions)}
    return taken | {index.name for work in works.values() for index in work.free}


class _Inliner:
    """Decides which adjoints keep their names, and puts the others into their uses."""

    def __init__(
        self, closer: Closer, adjoints: dict[str, Adjoint], works: Works, wrt: tuple[str, ...]
    ) -> None:
        self.closer = closer
        self.works = works
        self.adjoints = adjoints
        self.wrt = wrt
        self.named = {adjoint.left.name: name for name, adjoint in adjoints.items()}
        self.live = dict.fromkeys(adjoints)
        self.users: dict[str, dict[str, None]] = {name: {} for name in adjoints}
        self.uses: dict[str, set[str]] = {}
        for name in adjoints:
            self.note(name)

    def note(self, name: str) -> None:
        """Keep account of which adjoints the equation of a name mentions."""
        for used in self.uses.get(name, ()):
            self.users[used].pop(name, None)
        found = {
            self.named[mention]
            for term in self.works[name].terms
            for factor in term.factors
            for mention in mentions(factor)
            if mention in self.named
        }
        self.uses[name] = found
        for used in found:
            self.users[used][name] = None

    def run(self) -> tuple[str, ...]:
        """The names that stay besides those asked for, in the order of backpropagation."""
        for wanted in (self.single, self.worth):
            for name in reversed(list(self.adjoints)):
                if name in self.live and name not in self.wrt and wanted(name):
                    self.put(name)
        return tuple(name for name in self.live if name not in self.wrt)

    def all_in(self) -> None:
        """Only what was asked for stays."""
        for name in reversed(list(self.adjoints)):
            if name not in self.wrt:
                self.put(name)

    def single(self, name: str) -> bool:
        """One equation uses it, and stays readable with it."""
        users = list(self.users[name])
        if len(users) != 1:
            return not users
        together = weight(self.works[name].terms) + weight(self.works[users[0]].terms)
        return together <= HEAVIEST

    def worth(self, name: str) -> bool:
        """The total weight of all equations falls when the name goes."""
        users = list(self.users[name])
        own = weight(self.works[name].terms)
        if (len(users) - 1) * own - 2 * len(users) > PROMISING:
            return False
        before = own + 2 + sum(weight(self.works[user].terms) for user in users)
        trial = {user: self.works[user].copy() for user in users}
        definition = self.definition(name)
        for work in trial.values():
            self.closer.inline(work, definition)
        return sum(weight(work.terms) for work in trial.values()) < before

    def definition(self, name: str) -> Definition:
        return Definition.among(self.adjoints[name].left, tuple(self.works[name].terms))

    def put(self, name: str) -> None:
        definition = self.definition(name)
        for user in list(self.users[name]):
            self.closer.inline(self.works[user], definition)
            self.note(user)
        del self.live[name]
        for used in self.uses.pop(name, ()):
            self.users[used].pop(name, None)
