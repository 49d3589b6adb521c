"""All gradients of a program: every adjoint by the chain rule, then each in closed form.

An adjoint that one equation alone uses is put into it, and so is one whose name saves nothing; the
others keep their names, the δ of each layer in a network, which keeps long programs linear.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sympy import Basic

from indexcalc.calculus.backprop import Adjoint, Backprop
from indexcalc.calculus.closing import Closer, Lemma
from indexcalc.calculus.folding import Definition, Known
from indexcalc.calculus.mentions import mentions
from indexcalc.calculus.weighing import weight
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Program
from indexcalc.expr.rewrite import Trace, Work

# A formula heavier than this is read more easily in two.
HEAVIEST = 150
# How much heavier the equations may look before a name is tried to be put into all its uses.
PROMISING = 12


@dataclass(frozen=True)
class Gradient:
    """∂l/∂variable: how it comes about, and its closed form."""

    adjoint: Adjoint
    simplified: Trace
    closed: Trace

    @property
    def name(self) -> str:
        return self.adjoint.variable.name

    @property
    def left(self) -> Access:
        return self.adjoint.left

    @cached_property
    def result(self) -> Basic:
        """The closed form."""
        return self.closed.result


@dataclass(frozen=True)
class Gradients:
    """Every adjoint in the order in which backpropagation meets them, and what was asked for."""

    program: Program
    backprop: Backprop
    adjoints: dict[str, Gradient]
    kept: tuple[str, ...]
    wrt: tuple[str, ...]
    lemmas: tuple[Lemma, ...]

    @property
    def asked(self) -> dict[str, Gradient]:
        return {name: self.adjoints[name] for name in self.wrt}


def gradients(program: Program, wrt: Iterable[str]) -> Gradients:
    """∂l/∂ of each of these tensors, inputs or intermediates."""
    backprop = Backprop(program, wrt)
    outside = {*backprop.upstream.values(), *map(backprop.adjoint_name, backprop.active)}
    closer = Closer(Known(program.equations), outside)
    adjoints: dict[str, Adjoint] = {}
    simplified: dict[str, Work] = {}
    for adjoint in backprop.adjoints():
        name = adjoint.variable.name
        adjoints[name] = adjoint
        simplified[name] = Work.on(adjoint.trace.end, adjoint.trace.free)
        closer.close(simplified[name])
    works = {name: Work.on(work.terms, work.free) for name, work in simplified.items()}
    kept = _Inliner(closer, backprop, adjoints, works).run()
    for name in (*kept, *backprop.wrt):
        closer.factor(works[name])
    done = {
        name: Gradient(adjoint, simplified[name].trace(), works[name].trace())
        for name, adjoint in adjoints.items()
    }
    return Gradients(program, backprop, done, kept, backprop.wrt, tuple(closer.lemmas))


class _Inliner:
    """Decides which adjoints keep their names, and puts the others into their uses."""

    def __init__(
        self,
        closer: Closer,
        backprop: Backprop,
        adjoints: dict[str, Adjoint],
        works: dict[str, Work],
    ) -> None:
        self.closer = closer
        self.works = works
        self.adjoints = adjoints
        self.wrt = backprop.wrt
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
