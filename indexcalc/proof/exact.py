"""Gradients proved: at small sizes, entry by entry, against SymPy's derivatives of plain symbols.

An entry is proved by exact arithmetic; where that decides nothing, it is compared in 50 digits at
several points. All is bounded by counts of work, and what is left out is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

import mpmath
from sympy import Expr, Symbol

from indexcalc.calculus.gradients import Gradients
from indexcalc.expr.nodes import Access
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation, Program
from indexcalc.proof.budget import Budget, OverBudgetError
from indexcalc.proof.digits import DIGITS, Difference, furthest, has_value
from indexcalc.proof.elements import NoValueError, Place, TooDeepError
from indexcalc.proof.report import Report, Row, Verdict
from indexcalc.proof.tower import NotDecidedError, Tower
from indexcalc.proof.written import Claim, Written, default_values

METHOD = "exact"
# Called with how many entries are done, and how many there are.
Watch = Callable[[int, int], None]

# The sizes tried in turn until all is decided; each goes round the sizes of a program.
LENGTHS = ((2, 3), (2, 2), (2, 1), (2, 1, 1), (2, 1, 1, 1), (1,))
# How many nodes are written out or differentiated, and how many products of two terms are made, for
# an entry and for all of them.
MOST_WRITTEN = 60_000
MOST_FOR_ONE = 200_000
MOST_FOR_ALL = 3_000_000

# More sizes are not listed.
MOST_NAMED = 8

TOO_LONG = "what is too long to be written out at these sizes"
TOO_DEEP = "what is nested too deep to be written out"
NO_VALUE = "what has no value at these sizes"
NO_POINT = "what has no value at the points tried"


def proved(
    program: Program,
    found: Gradients,
    lengths: Mapping[Symbol, int] | None = None,
    seed: int = 0,
    watch: Watch | None = None,
) -> Report:
    """Every gradient against SymPy's derivatives, at these sizes; the others are chosen."""
    report = Report(())
    for chosen in _lengths(program, lengths or {}):
        report = Exact(program, found, chosen, seed).report(watch)
        if report.verdict is not Verdict.UNDECIDED:
            break
    return report


def _lengths(
    program: Program, given: Mapping[Symbol, int], step: int = 1
) -> list[dict[Symbol, int]]:
    """The choices of sizes in turn; `step` is -1 for going round the other way."""
    tried: list[dict[Symbol, int]] = []
    for cycle in (cycle[::step] for cycle in LENGTHS):
        own = [size.symbol for size in program.sizes if size.symbol not in given]
        chosen = {symbol: cycle[n % len(cycle)] for n, symbol in enumerate(own)} | dict(given)
        lengths = {size.symbol: chosen[size.symbol] for size in program.sizes}
        if lengths not in tried:
            tried.append(lengths)
    return tried


def comparison(
    program: Program, found: Gradients, seed: int = 0
) -> Callable[[str, Equation], bool | None]:
    """Whether another equation for the gradient by a tensor is equal to SymPy's: at two choices of
    sizes, for 2/N is 1 at one of them. None where that cannot be said."""
    judges = [_first(program, found, seed, step) for step in (1, -1)]

    def same(name: str, instead: Equation) -> bool | None:
        said = [judge.agrees(name, instead) for judge in judges]
        return False if False in said else None if None in said else True

    return same


def _first(program: Program, found: Gradients, seed: int, step: int) -> Exact:
    """At the first sizes, taken forwards or backwards, at which all can be written out."""
    tried = (Exact(program, found, chosen, seed) for chosen in _lengths(program, {}, step))
    *others, last = tried
    return next((judge for judge in others if judge.written.fits()), last)


@dataclass(slots=True)
class Outcome:
    """What became of the entries of a gradient: how many were proved, how many agree, why others
    were left out, and one that is wrong; `needs` are the adjoints in terms of which that holds."""

    entries: int
    proved: int = 0
    agreed: int = 0
    furthest: float = 0.0
    reason: str = ""
    wrong: tuple[Place, Difference] | None = None
    # Whether the function has a value somewhere; else all that is said of it is empty.
    alive: bool = False
    needs: frozenset[str] = frozenset()

    @property
    def verdict(self) -> Verdict:
        if self.wrong is not None:
            return Verdict.WRONG
        whole = self.proved + self.agreed == self.entries
        return Verdict.VERIFIED if whole else Verdict.UNDECIDED


class Exact:
    """The gradients of a program at given sizes against SymPy's derivatives."""

    def __init__(
        self, program: Program, found: Gradients, lengths: Mapping[Symbol, int], seed: int = 0
    ) -> None:
        self.program = program
        self.found = found
        self.lengths = lengths
        self.seed = seed
        self.written = Written(program, found, lengths, Budget(MOST_WRITTEN))
        self.towers: dict[frozenset[str], Tower] = {}
        self.left = MOST_FOR_ALL

    def agrees(self, name: str, instead: Equation) -> bool | None:
        """Whether another equation for the same gradient is equal to SymPy's in 50 digits; None
        where that cannot be said."""
        self.written.budget.left = MOST_WRITTEN
        try:
            meant = self._meant(name)
            for claim in self.written.claims(name, self.written.places(name), instead):
                difference = furthest(claim.ours, claim.theirs, meant, self.seed)
                if difference is None or not difference.agrees:
                    return None if difference is None else False
        except (OverBudgetError, TooDeepError, NoValueError):
            return None
        return True

    def report(self, watch: Watch | None = None) -> Report:
        """A row for each gradient asked for."""
        wrt = self.found.backprop.wrt
        names = list(dict.fromkeys((*wrt, *self.written.adjoints.values())))
        total, done = sum(map(self.written.count, names)), 0
        outcomes: dict[str, Outcome] = {}
        for place, name in enumerate(names):
            others = len(names) - place - 1

            def tick(entries: int, before: int = done) -> None:
                if watch is not None:
                    watch(before + entries, total)

            outcomes[name] = self._outcome(name, others, tick)
            done += outcomes[name].entries
            tick(outcomes[name].entries)
        rows = tuple(self._row(name, outcomes) for name in wrt)
        return Report(rows, (*self._remarks(outcomes), self._sizes()) if rows else ())

    # One gradient

    def _outcome(self, name: str, others: int, tick: Callable[[int], None]) -> Outcome:
        outcome = Outcome(self.written.count(name))
        try:
            places = self.written.places(name)
            # Where not all can be compared, those that are come from everywhere.
            Random(self.seed).shuffle(places)
            for count, claim in enumerate(self.written.claims(name, places, others=others)):
                self._compare(name, claim, outcome)
                tick(count)
                if outcome.wrong is not None:
                    break
        except OverBudgetError:
            outcome.reason = TOO_LONG
        except TooDeepError:
            outcome.reason = TOO_DEEP
        except NoValueError:
            outcome.reason = NO_VALUE
        return outcome

    def _compare(self, name: str, claim: Claim, outcome: Outcome) -> None:
        outcome.needs |= self.written.needs(claim)
        if not outcome.alive and claim.terms:
            outcome.alive = has_value(claim.terms[0], self._meant(name), self.seed)
        if not outcome.alive and claim.terms:
            outcome.reason = NO_POINT
            return
        if self._is_proved(claim, self._tower(name)):
            outcome.proved += 1
            return
        difference = furthest(claim.ours, claim.theirs, self._meant(name), self.seed)
        if difference is None:
            outcome.reason = NO_POINT
        elif difference.agrees:
            outcome.agreed += 1
            outcome.furthest = max(outcome.furthest, float(difference.relative))
        else:
            outcome.wrong = claim.place, difference

    def _is_proved(self, claim: Claim, tower: Tower) -> bool:
        if claim.ours == claim.theirs:
            return True
        tower.budget.left = given = min(MOST_FOR_ONE, self.left)
        try:
            return tower.is_zero(claim.ours - claim.theirs)
        except (OverBudgetError, NotDecidedError):
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

    # What is said

    def _row(self, name: str, outcomes: Mapping[str, Outcome]) -> Row:
        own = outcomes[name]
        needed = [outcomes[other] for other in self._needed(name, outcomes)]
        verdicts = [outcome.verdict for outcome in needed]
        worst = (Verdict.WRONG, Verdict.UNDECIDED, Verdict.VERIFIED)
        verdict = next(verdict for verdict in worst if verdict in verdicts)
        agreed = any(outcome.agreed for outcome in needed)
        error = max(outcome.furthest for outcome in needed) if agreed else None
        tolerance = 10.0**-DIGITS if agreed else None
        return Row(
            name, own.entries, METHOD, error, tolerance, verdict, _words(own, verdict, agreed)
        )

    def _needed(self, name: str, outcomes: Mapping[str, Outcome]) -> list[str]:
        """A gradient, and the adjoints that it is in terms of, and those that they are."""
        needed, waiting = {name: None}, [name]
        while waiting:
            new = sorted(outcomes[waiting.pop()].needs - set(needed))
            needed |= dict.fromkeys(new)
            waiting += new
        return list(needed)

    def _remarks(self, outcomes: Mapping[str, Outcome]) -> Iterator[str]:
        left_out: dict[str, list[str]] = {}
        for name, outcome in outcomes.items():
            shown = spell(Access(self.found.equation(name).left.name), "unicode")
            if outcome.wrong is not None:
                place, difference = outcome.wrong
                at = f"[{','.join(map(str, place))}]" if place else ""
                ours, theirs = (mpmath.nstr(n, 10) for n in (difference.ours, difference.theirs))
                yield f"{shown}{at} is {ours} where SymPy has {theirs}."
            elif outcome.reason:
                left_out.setdefault(outcome.reason, []).append(shown)
        for reason, names in left_out.items():
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            yield f"Left out of {', '.join(names[:MOST_NAMED])}{more}: {reason}."

    def _sizes(self) -> str:
        lengths = [(size.name, self.lengths[size.symbol]) for size in self.program.sizes]
        named = "at " + ", ".join(f"{name} = {length}" for name, length in lengths)
        if len(lengths) > MOST_NAMED:
            shortest, longest = (pick(n for _, n in lengths) for pick in (min, max))
            named = f"at sizes from {shortest} to {longest}"
        kinks = ", away from kinks" if any(tower.kinks for tower in self.towers.values()) else ""
        return f"Exact {named if lengths else 'for scalars'}{kinks}."


def _words(own: Outcome, verdict: Verdict, agreed: bool) -> str:
    if verdict is Verdict.WRONG:
        return ""
    how = f"agrees to {DIGITS} digits" if agreed else "proved"
    compared = own.proved + own.agreed
    if verdict is Verdict.VERIFIED:
        return how
    partly = 0 < compared < own.entries
    return f"{how} for {compared} of {own.entries} entries" if partly else ""
