"""Closed forms: an expression made lighter by a program's own definitions.

Names are folded back in, lemmas such as 1_h μ_bh = 0 are proved when they are met, and a bracket is
multiplied out only where the whole becomes lighter by it. The search has a budget, so that the work
for each equation is bounded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from math import prod

from sympy import Basic

from indexcalc.calculus.folding import Definition, Known, folds_of, skeleton
from indexcalc.calculus.rules.algebra import (
    arrange,
    collect,
    distribute,
    factor,
    fold,
    fold_inside,
    lemma,
    rearranged,
    substitute,
)
from indexcalc.calculus.weighing import term_weight, weight
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access, Add
from indexcalc.expr.normal import normal
from indexcalc.expr.rewrite import Remark, Step, Trace, Work
from indexcalc.expr.terms import (
    Term,
    Terms,
    coefficient,
    components,
    moved,
    product_tree,
    split_power,
    tree,
)

MOST_TERMS = 24
MOST_TRIES = 8


@dataclass(frozen=True, slots=True)
class Lemma:
    """part = result, for any free indices."""

    part: Basic
    trace: Trace


@dataclass
class Closer:
    """What is known while closing: the definitions, and which names come from outside them."""

    known: Known
    outside: Collection[str]
    lemmas: list[Lemma] = field(default_factory=list)
    tried: dict[str, tuple[tuple[Index, ...], Term, Terms] | None] = field(default_factory=dict)

    def close(self, work: Work) -> None:
        """The lightest sum of products that the moves lead to."""
        self.settle(work)
        while self.improve(work):
            pass

    def settle(self, work: Work) -> None:
        """Collect, fold and use lemmas until nothing changes; each makes the whole lighter."""
        tidy(work)
        while self.fold(work) or self.use_lemma(work):
            tidy(work)

    def fold(self, work: Work) -> bool:
        """One fold in every term that has one; whether there was any."""
        folds = [self.fold_at(work, place) for place in range(len(work.terms))]
        return any(folds)

    def fold_at(self, work: Work, place: int) -> bool:
        term = work.terms[place]
        for definition, after in folds_of(term, self.known):
            lighter = term_weight(after) - term_weight(term)
            if lighter < 0 or (lighter == 0 and definition.is_power):
                return work.apply(fold, place, definition, remark=_of(definition))
        for at, part in enumerate(term.factors):
            for definition in self.known.inside(part):
                if work.apply(fold_inside, place, at, definition, remark=_of(definition)):
                    return True
        return False

    # Lemmas

    def use_lemma(self, work: Work) -> bool:
        for place, term in enumerate(work.terms):
            for places, part in self.parts(term):
                equal = self.proved(part)
                if equal is not None:
                    free = sorted(part.free, key=lambda index: index.name)
                    said = (product_tree(part, ()), " = ", tree(equal, free, hoist=True))
                    return work.apply(lemma, place, tuple(places), equal, remark=said)
        return False

    def used(self, steps: Iterable[Step]) -> tuple[Lemma, ...]:
        """The lemmas that these steps use, and that the proofs of those use; the search tries
        others."""
        looks = set(_looks(steps))
        kept: list[Lemma] = []
        # A lemma is proved after those that its proof uses.
        for one in reversed(self.lemmas):
            if skeleton(one.part)[0] in looks:
                kept.insert(0, one)
                looks.update(_looks(one.trace.steps))
        return tuple(kept)

    def parts(self, term: Term) -> Iterator[tuple[list[int], Term]]:
        """The parts under a Σ of their own that are made of the program's names alone."""
        if not term.bound:
            return
        for indices, places in components(term):
            factors = [term.factors[place] for place in places]
            if indices and all(self.is_forward(part) for part in factors):
                yield places, Term(indices, tuple(factors))

    def is_forward(self, part: Basic) -> bool:
        return isinstance(split_power(part)[0], Access) and self.name(part) not in self.outside

    def name(self, part: Basic) -> str:
        base = split_power(part)[0]
        return base.name if isinstance(base, Access) else ""

    def proved(self, part: Term) -> Terms | None:
        """What the part equals, in its own indices, if one unfolding makes it lighter."""
        whole = product_tree(part, ())
        look, indices = skeleton(whole)
        if look not in self.tried:
            self.tried[look] = self.prove(part, indices)
        found = self.tried[look]
        if found is None:
            return None
        known, _, result = found
        mapping = dict(zip(known, indices, strict=True))
        return tuple(moved(term, mapping) for term in result)

    def prove(
        self, part: Term, indices: tuple[Index, ...]
    ) -> tuple[tuple[Index, ...], Term, Terms] | None:
        """One definition put in and the rest folded back; or, with other lemmas, if it is a
        number."""
        # The part is no lemma for its own proof.
        self.tried[skeleton(product_tree(part, ()))[0]] = None
        unfoldings = [at for at, one in enumerate(part.factors) if self.unfolds(one)]
        for moves in ((self.fold,), (self.use_lemma, self.fold)):
            for at in unfoldings:
                work = Work.on((part,), indices)
                definition = self.known.definitions[self.name(part.factors[at])]
                work.apply(substitute, 0, at, definition, remark=_of(definition))
                tidy(work)
                while any(move(work) for move in moves):
                    tidy(work)
                settled = len(moves) == 1 or not any(coefficient(t)[1] for t in work.terms)
                if settled and weight(work.terms) < weight((part,)):
                    self.lemmas.append(Lemma(product_tree(part, (), hoist=True), work.trace()))
                    return indices, part, tuple(work.terms)
        return None

    def unfolds(self, part: Basic) -> bool:
        """A name whose definition is a sum or a product of several factors."""
        definition = self.known.definitions.get(self.name(part))
        if definition is None or not isinstance(part, Access):
            return False
        return len(definition.terms) > 1 or len(definition.powers) > 1

    # Names put in

    def inline(self, work: Work, definition: Definition) -> None:
        """A name replaced by what it stands for wherever it is a factor, and the whole closed."""
        name = definition.left.name
        while True:
            found = next(
                (
                    (place, at)
                    for place, term in enumerate(work.terms)
                    for at, part in enumerate(term.factors)
                    if self.name(part) == name
                ),
                None,
            )
            if found is None:
                break
            place, at = found
            remark = (Access(name), " put in")
            work.apply(substitute, place, at, definition, remark=remark)
        self.close(work)

    # Search

    def improve(self, work: Work) -> bool:
        """Multiply out where that leads to something lighter; whether it did."""
        if len(work.terms) > MOST_TERMS:
            return False
        best = weight(work.terms)
        for trial in self.trials(work):
            self.settle(trial)
            if weight(trial.terms) < best:
                work.terms, work.steps = trial.terms, trial.steps
                return True
        return False

    def trials(self, work: Work) -> Iterator[Work]:
        """One bracket multiplied out, and all of them."""
        places = [(place, at) for place, term in enumerate(work.terms) for at in brackets(term)]
        for place, at in places[:MOST_TRIES]:
            trial = work.copy()
            if trial.apply(distribute, place, at):
                yield trial
        if len(places) > 1 and sum(map(_expanded, work.terms)) <= MOST_TERMS:
            trial = work.copy()
            while any(
                trial.apply(distribute, place, at)
                for place, term in enumerate(trial.terms)
                for at in brackets(term)
            ):
                pass
            yield trial

    def factor(self, work: Work) -> None:
        """What all terms share in front of a bracket, where that is lighter."""
        trial = work.copy()
        if trial.apply_whole(factor) and weight(trial.terms) < weight(work.terms):
            work.terms, work.steps = trial.terms, trial.steps


def _of(definition: Definition) -> Remark:
    return ("definition of ", Access(definition.left.name))


def _looks(steps: Iterable[Step]) -> Iterator[str]:
    """The skeletons of the parts that lemmas replaced in these steps."""
    for step in steps:
        if step.rule is lemma and isinstance(step.remark[0], Basic):
            yield skeleton(step.remark[0])[0]


def tidy(work: Work) -> None:
    """The normal form; a step that shows only where more than the order changes."""
    before = tuple(work.terms)
    after = normal(before)
    if after != before:
        rule = arrange if rearranged(before, after) else collect
        work.replace(rule, tuple(range(len(before))), after)


def brackets(term: Term) -> list[int]:
    """The places of sums that can be multiplied out."""
    return [at for at, part in enumerate(term.factors) if isinstance(part, Add)]


def _expanded(term: Term) -> int:
    """How many terms it would become."""
    return prod(len(part.args) for part in term.factors if isinstance(part, Add))
