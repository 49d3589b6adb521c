"""Which index letters an expression shows, and what it would do with each by itself.

The reader uses this to decide what a text means, the printers to decide which Σ may be left out;
one account of the rules serves both, so that what is printed is what would be read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from enum import Enum


class State(Enum):
    """What an expression standing alone does with a letter that nothing outside settles."""

    OPEN = "one occurrence is left over, in the whole or in one of its terms"
    SUMS = "it is summed"
    CLASH = "it could be summed in two ways"


OPEN, SUMS, CLASH = State

Shown = dict[str, State]
Shows = Sequence[Shown]

NOTHING_SHOWN: Shown = {}


def of_tensor(letters: Iterable[str]) -> Shown:
    """An access, delta or one-tensor sums a letter that it has twice."""
    shown: Shown = {}
    for letter in letters:
        shown[letter] = SUMS if letter in shown else OPEN
    return shown


def of_terms(terms: Shows) -> Shown:
    """A sum hands the letter to each term, and each term that has it must sum it."""
    return _merged(terms, lambda states: next(s for s in (OPEN, CLASH, SUMS) if s in states))


def of_parts(parts: Shows) -> Shown:
    """A product (or base and exponent, or arguments) sums a letter that two parts show."""
    return _merged(parts, lambda states: CLASH if clashes(states) else SUMS)


def clashes(states: Collection[State]) -> bool:
    """Of two or more parts some sum the letter alone, and the others are none or hold it twice."""
    left_open = sum(state is OPEN for state in states)
    return left_open not in (1, len(states))


def without(shown: Shown, letters: Iterable[str]) -> Shown:
    """What is shown outside a written binder."""
    hidden = set(letters)
    if hidden.isdisjoint(shown):
        return shown
    return {letter: state for letter, state in shown.items() if letter not in hidden}


def _merged(parts: Shows, join: Callable[[list[State]], State]) -> Shown:
    """A letter that one part shows keeps its state; the states of several are joined."""
    parts = [part for part in parts if part]
    if len(parts) == 1:
        return parts[0]
    states: dict[str, list[State]] = {}
    for part in parts:
        for letter, state in part.items():
            states.setdefault(letter, []).append(state)
    return {letter: s[0] if len(s) == 1 else join(s) for letter, s in states.items()}
