"""Rules, steps and traces: how one expression becomes another, and the record of it.

A rule is a function on terms that says no by returning None. `Work` holds an expression as its
terms while rules are applied to them, and keeps each application: the rule, the place, the terms
before and after. That record is the derivation; whole lines are rebuilt from it when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Basic

from indexcalc.expr.base import Index
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import Term, Terms, clear_of, flat, tree

STEP_LIMIT = 200_000

# Words, and expressions among them.
Remark = tuple[str | Basic, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """before → after, with what the rule is given besides, and what the names in it stand for."""

    before: Basic
    after: Basic
    given: tuple[Any, ...] = ()
    where: tuple[Equation, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A named law; `whole` rules take all terms of an expression at once, the others one term."""

    name: str
    law: str
    source: str
    ends: str
    function: Callable[..., Terms | None]
    example: Callable[[], Example]
    whole: bool = False
    minor: bool = False

    @property
    def note(self) -> str:
        """Why the law holds: the first paragraph of the function's docstring."""
        return (self.function.__doc__ or "").strip()

    def __call__(self, *given: Any) -> Terms | None:
        return self.function(*given)

    def __repr__(self) -> str:
        return f"<rule {self.name}>"


RULES: dict[str, Rule] = {}


def rule(
    name: str,
    law: str,
    *,
    source: str,
    ends: str,
    example: Callable[[], Example],
    whole: bool = False,
    minor: bool = False,
) -> Callable[[Callable[..., Terms | None]], Rule]:
    """Register a function as a rule.

    `ends` argues why it cannot be applied for ever; a `minor` rule shares its line with the next.
    """

    def register(function: Callable[..., Terms | None]) -> Rule:
        if name in RULES:
            raise ValueError(f"two rules are called {name}")
        RULES[name] = Rule(name, law, source, ends, function, example, whole, minor)
        return RULES[name]

    return register


@dataclass(frozen=True, slots=True)
class Step:
    """One application of a rule: the terms at `places` became `after`, at the first place."""

    rule: Rule
    places: tuple[int, ...]
    before: Terms
    after: Terms
    free: tuple[Index, ...]
    remark: Remark = ()

    @property
    def why(self) -> Remark:
        """What is said of the step: the rule's name, if nothing more telling."""
        return self.remark or (self.rule.name,)

    @property
    def before_tree(self) -> Basic:
        return tree(self.before, self.free)

    @property
    def after_tree(self) -> Basic:
        return tree(self.after, self.free)

    def replayed(self, terms: list[Term]) -> list[Term]:
        """The terms of the whole line after the step."""
        if not self.places:
            return [*terms, *self.after]
        gone = set(self.places)
        kept = [term for place, term in enumerate(terms) if place not in gone]
        first = self.places[0]
        return [*kept[:first], *self.after, *kept[first:]]


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line of a derivation, and the steps that led to it from the line before."""

    expr: Basic
    steps: tuple[Step, ...]

    @property
    def whys(self) -> tuple[Remark, ...]:
        """What is said of the steps, each once, of minor ones only where there is no other."""
        shown = [step for step in self.steps if not step.rule.minor] or list(self.steps)
        return tuple(dict.fromkeys(step.why for step in shown))


@dataclass(frozen=True)
class Trace:
    """An expression, and the steps that rewrite it."""

    start: Terms
    free: tuple[Index, ...]
    steps: tuple[Step, ...]

    @cached_property
    def end(self) -> Terms:
        terms = list(self.start)
        for step in self.steps:
            terms = step.replayed(terms)
        return tuple(terms)

    @property
    def result(self) -> Basic:
        return tree(self.end, self.free, hoist=True)

    def lines(self, *, every: bool = False) -> Iterator[Line]:
        """The line at the start, then one for every step, or for each run of one rule."""
        terms = list(self.start)
        yield Line(tree(terms, self.free), ())
        waiting: list[Step] = []
        for place, step in enumerate(self.steps):
            terms = step.replayed(terms)
            waiting.append(step)
            last = place == len(self.steps) - 1
            if every or last or _ends_line(step, self.steps[place + 1]):
                yield Line(tree(terms, self.free, hoist=last), tuple(waiting))
                waiting = []


def _ends_line(step: Step, following: Step) -> bool:
    """A minor step goes with what follows; the same rule at several places is one line."""
    if step.rule.minor:
        return False
    return following.rule is not step.rule or set(step.places) == set(following.places)


@dataclass
class Work:
    """An expression being rewritten, term by term."""

    terms: list[Term]
    free: tuple[Index, ...]
    steps: list[Step] = field(default_factory=list)
    start: Terms = ()

    @classmethod
    def on(cls, expr: Basic | Sequence[Term], free: tuple[Index, ...]) -> Work:
        terms = clear_of(free, flat(expr) if isinstance(expr, Basic) else tuple(expr))
        return cls(list(terms), free, start=terms)

    def apply(self, rule: Rule, place: int, *given: Any, remark: Remark = ()) -> bool:
        """Apply a rule to one term; whether it changed anything."""
        after = rule(self.terms[place], *given)
        if after is None:
            return False
        self.replace(rule, (place,), after, remark)
        return True

    def apply_whole(self, rule: Rule, *given: Any, remark: Remark = ()) -> bool:
        """Apply a rule to all terms at once; whether it changed anything."""
        after = rule(tuple(self.terms), *given)
        if after is None:
            return False
        self.replace(rule, tuple(range(len(self.terms))), after, remark)
        return True

    def replace(
        self, rule: Rule, places: tuple[int, ...], after: Terms, remark: Remark = ()
    ) -> None:
        """Record that the terms at these places became others."""
        if len(self.steps) >= STEP_LIMIT:
            raise RuntimeError(f"no end after {STEP_LIMIT} steps; the last was {rule.name}")
        before = tuple(self.terms[place] for place in places)
        after = clear_of(self.free, after)
        step = Step(rule, places, before, after, self.free, remark)
        self.steps.append(step)
        if len(places) == 1:
            self.terms[places[0] : places[0] + 1] = after
        else:
            self.terms = step.replayed(self.terms)

    def copy(self) -> Work:
        """The same place in the same derivation, to try something."""
        return Work(list(self.terms), self.free, list(self.steps), self.start)

    def trace(self) -> Trace:
        return Trace(self.start, self.free, tuple(self.steps))
