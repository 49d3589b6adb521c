"""Which adjoints keep their names, and which are put into the equations that use them.

An adjoint that one equation alone uses is put into it, and so is one whose name saves nothing; the
others keep their names, the δ of each layer in a network, which keeps long programs linear.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexcalc.calculus.backprop import Adjoint
from indexcalc.calculus.closing import Closer
from indexcalc.calculus.folding import Definition
from indexcalc.calculus.mentions import mentions
from indexcalc.calculus.weighing import weight
from indexcalc.expr.base import Index
from indexcalc.expr.rewrite import Work
from indexcalc.expr.terms import Term

Works = dict[str, Work]
# What the right side of an equation costs, open in these indices.
Price = Callable[[Sequence[Term], tuple[Index, ...]], float]


# Nothing is tried in an equation with more, so that a long chain is not closed again for each link.
MOST_FACTORS = 40


@dataclass(frozen=True, slots=True)
class Taste:
    """What equations and names cost, to read or to compute.

    What one equation alone uses is put into it up to the price `heaviest`, and without that where
    the total falls. A name with several uses is tried in all of them where these look dearer by no
    more than `promising`.
    """

    price: Price
    naming: float
    promising: float
    heaviest: float | None = None


# A formula heavier than 150 is read more easily in two.
READING = Taste(lambda terms, free: weight(terms), naming=2, promising=12, heaviest=150)


class Inliner:
    """Decides which adjoints keep their names, and puts the others into their uses."""

    def __init__(
        self,
        closer: Closer,
        adjoints: dict[str, Adjoint],
        works: Works,
        wrt: tuple[str, ...],
        taste: Taste = READING,
    ) -> None:
        self.taste = taste
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
        """One equation uses it, and stays readable with it, or becomes no dearer."""
        users = list(self.users[name])
        if len(users) != 1:
            return not users
        if self.taste.heaviest is None:
            return self.worth(name)
        return self.price(name) + self.price(users[0]) <= self.taste.heaviest

    def worth(self, name: str) -> bool:
        """The total price of all equations falls when the name goes."""
        users = list(self.users[name])
        if any(_factors(self.works[user]) > MOST_FACTORS for user in users):
            return False
        own, naming = self.price(name), self.taste.naming
        if (len(users) - 1) * own - naming * len(users) > self.taste.promising:
            return False
        before = own + naming + sum(map(self.price, users))
        trial = {user: self.works[user].copy() for user in users}
        definition = self.definition(name)
        for work in trial.values():
            self.closer.inline(work, definition)
        return sum(self.taste.price(work.terms, work.free) for work in trial.values()) < before

    def price(self, name: str) -> float:
        work = self.works[name]
        return self.taste.price(work.terms, work.free)

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


def _factors(work: Work) -> int:
    return sum(len(term.factors) for term in work.terms)
