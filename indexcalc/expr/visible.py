"""Which index letters an expression shows, and whether it would sum them by itself.

The reader uses this to decide what a text means, the printers to decide which Σ may be left out;
one account of the rules serves both, so that what is printed is what would be read.

A letter is shown as (how often it is written, whether the expression would sum it alone).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Shown = dict[str, tuple[int, bool]]

NOTHING_SHOWN: Shown = {}


def of_tensor(letters: Iterable[str]) -> Shown:
    """An access, delta or one-tensor: a letter written twice in it is summed."""
    shown: Shown = {}
    for letter in letters:
        count = shown[letter][0] + 1 if letter in shown else 1
        shown[letter] = (count, count > 1)
    return shown


def of_terms(terms: Sequence[Mapping[str, tuple[int, bool]]]) -> Shown:
    """A sum hands the letter to each term, and each term that has it must sum it."""
    return _merged(terms, lambda holders, total: all(alone for _, alone in holders))


def of_parts(parts: Sequence[Mapping[str, tuple[int, bool]]]) -> Shown:
    """A product (or base and exponent, or several arguments): a letter in two parts is summed
    there, unless the parts could be read as summing it themselves."""
    return _merged(
        parts,
        lambda holders, total: (
            holders[0][1] if len(holders) == 1 else not _both_legal(holders, total)
        ),
    )


def ambiguous(letter: str, parts: Sequence[Mapping[str, tuple[int, bool]]]) -> bool:
    """Both readings are legal: some part sums the letter alone, and the others hold it in all
    either never or at least twice."""
    holders = [part[letter] for part in parts if letter in part]
    return len(holders) > 1 and _both_legal(holders, sum(count for count, _ in holders))


def without(shown: Shown, letters: Iterable[str]) -> Shown:
    """What is shown outside a written binder."""
    hidden = set(letters)
    if hidden.isdisjoint(shown):
        return shown
    return {letter: held for letter, held in shown.items() if letter not in hidden}


def _both_legal(holders: list[tuple[int, bool]], total: int) -> bool:
    summing = sum(count for count, alone in holders if alone)
    return summing > 0 and total - summing != 1


def _merged(parts: Sequence[Mapping[str, tuple[int, bool]]], alone: object) -> Shown:
    parts = [part for part in parts if part]
    if len(parts) == 1:
        return dict(parts[0])
    holders: dict[str, list[tuple[int, bool]]] = {}
    for part in parts:
        for letter, held in part.items():
            holders.setdefault(letter, []).append(held)
    assert callable(alone)
    merged: Shown = {}
    for letter, held_by in holders.items():
        total = sum(count for count, _ in held_by)
        merged[letter] = (total, alone(held_by, total))
    return merged
