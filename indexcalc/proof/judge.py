"""Gradients at given sizes, entry by entry, against SymPy's derivatives: proved, or to 50 digits.

An entry is proved by exact arithmetic; where that decides nothing, it is compared in 50 digits at
several points. All is bounded by counts of work, so that the same input has the same output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from sympy import Expr, Symbol

from indexcalc.calculus.gradients import Gradients
from indexcalc.errors import IndexcalcError
from indexcalc.expr.program import Program
from indexcalc.proof.budget import Budget
from indexcalc.proof.digits import Difference, furthest, have_values
from indexcalc.proof.elements import Place
from indexcalc.proof.report import Verdict, Watch
from indexcalc.proof.tower import Tower
from indexcalc.proof.written import Claim, Written, default_values

# How many nodes are written out or differentiated, and how many products of two terms are made, for
# an entry and for all of them.
MOST_WRITTEN = 60_000
MOST_FOR_ONE = 200_000
MOST_FOR_ALL = 3_000_000

# How many points are tried for all entries at once.
QUICK = 6

# What is left out, by the code of its error.
LEFT_OUT = {
    "IC105": "what is nested too deep to be written out",
    "IC106": "what is too long to be written out at these sizes",
    "IC109": "what has no value at these sizes",
}
NO_POINT = "what has no value at the points tried"


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the entries of a gradient: how many were proved, how many agree and how far
    the furthest was off, what was left out, and one that is wrong; `needs` are the adjoints in
    terms of which that holds."""

    entries: int
    proved: int = 0
    agreed: int = 0
    furthest: float = 0.0
    left_out: str = ""
    wrong: tuple[Place, Difference] | None = None
    needs: frozenset[str] = frozenset()

    @property
    def verdict(self) -> Verdict:
        if self.wrong is not None:
            return Verdict.WRONG
        whole = self.proved + self.agreed == self.entries
        return Verdict.VERIFIED if whole else Verdict.UNDECIDED

    def __add__(self, other: Tally) -> Tally:
        """Of these entries and others of the same gradient."""
        return Tally(
            self.entries + other.entries,
            self.proved + other.proved,
            self.agreed + other.agreed,
            max(self.furthest, other.furthest),
            self.left_out or other.left_out,
            self.wrong or other.wrong,
            self.needs | other.needs,
        )


class Judge:
    """Judges the gradients of a program at given sizes."""

    def __init__(
        self, program: Program, found: Gradients, lengths: Mapping[Symbol, int], seed: int
    ) -> None:
        self.program = program
        self.found = found
        self.lengths = lengths
        self.seed = seed
        self.written = Written(program, found, lengths, Budget(MOST_WRITTEN))
        self.towers: dict[frozenset[str], Tower] = {}
        self.alive: dict[frozenset[str], bool] = {}
        self.left = MOST_FOR_ALL

    @property
    def kinks(self) -> bool:
        """Whether what was proved holds away from kinks only."""
        return any(tower.kinks for tower in self.towers.values())

    def tallies(self, watch: Watch | None = None) -> dict[str, Tally]:
        """What became of each gradient asked for, and of the adjoints that they are in terms of."""
        names = list(dict.fromkeys((*self.found.backprop.wrt, *self.written.adjoints.values())))
        total, done = sum(map(self.written.count, names)), 0
        found: dict[str, Tally] = {}
        for place, name in enumerate(names):

            def tick(entries: int, before: int = done) -> None:
                if watch is not None:
                    watch(before + entries, total)

            found[name] = self._tally(name, len(names) - place - 1, tick)
            done += found[name].entries
            tick(found[name].entries)
        return found

    # One gradient

    def _tally(self, name: str, others: int, tick: Callable[[int], None]) -> Tally:
        entries = self.written.count(name)
        tally = Tally(0)
        left_out = ""
        try:
            places = self.written.places(name)
            # Where not all can be compared, those that are come from everywhere.
            Random(self.seed).shuffle(places)
            for claim in self.written.claims(name, places, others):
                if not tally.entries and not self._has_value(name, claim.place):
                    left_out = NO_POINT
                    break
                tally += self._compared(name, claim)
                tick(tally.entries)
                if tally.wrong is not None:
                    break
        except IndexcalcError as reason:
            left_out = LEFT_OUT[reason.code]
        return tally + Tally(entries - tally.entries, left_out=left_out)

    def _has_value(self, name: str, place: Place) -> bool:
        """Of a function without values everything is true, and nothing is said."""
        frozen = self.written.frozen(name)
        meant = self._meant(name)
        if frozen not in self.alive:
            values = self.written.values(name)
            self.alive[frozen] = have_values(values, meant, self.seed, QUICK)
        # What has no value in all its entries at once may have one in those that matter.
        return self.alive[frozen] or have_values(
            self.written.values(name, place)[:1], meant, self.seed
        )

    def _compared(self, name: str, claim: Claim) -> Tally:
        needs = frozenset(self.written.needs(claim))
        if self._is_proved(claim, self._tower(name)):
            return Tally(1, proved=1, needs=needs)
        difference = furthest(claim.ours, claim.theirs, self._meant(name), self.seed)
        if difference is None:
            return Tally(1, left_out=NO_POINT, needs=needs)
        if not difference.agrees:
            return Tally(1, wrong=(claim.place, difference), needs=needs)
        return Tally(1, agreed=1, furthest=float(difference.relative), needs=needs)

    def _is_proved(self, claim: Claim, tower: Tower) -> bool:
        if claim.ours == claim.theirs:
            return True
        tower.budget.left = given = min(MOST_FOR_ONE, self.left)
        try:
            return tower.is_zero(claim.ours - claim.theirs)
        except IndexcalcError:
            return False
        finally:
            self.left -= given - max(tower.budget.left, 0)

    def _tower(self, name: str) -> Tower:
        """Gradients in the same symbols have one."""
        frozen = self.written.frozen(name)
        if frozen not in self.towers:
            self.towers[frozen] = Tower(self.written.definitions(name), Budget(0))
        return self.towers[frozen]

    def _meant(self, name: str) -> dict[Symbol, Expr]:
        """What symbols stand for: constants, intermediates, and adjoints by their closed forms."""
        return {**default_values(self.program), **self.written.definitions(name)}
