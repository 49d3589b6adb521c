"""Gradients proved at small sizes: which sizes, and what is said of it.

Sizes are taken in two ways where they are free, for at N = 2 a factor of 2/N cannot be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import mpmath
from sympy import Symbol

from indexcalc.calculus.gradients import Gradients
from indexcalc.expr.nodes import Access
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Program
from indexcalc.proof.digits import DIGITS
from indexcalc.proof.judge import Judge, Tally
from indexcalc.proof.report import Report, Row, Verdict, Watch, listed, worst

METHOD = "exact"
# The sizes tried in turn until all is decided, in two ways; each goes round the sizes of a program.
LENGTHS = ((2, 3), (2, 2), (2, 1), (2, 1, 1), (2, 1, 1, 1), (1,))
WAYS = (1, -1)
# More names or sizes are not listed.
MOST_NAMED = 8

Lengths = Mapping[Symbol, int]
Tallies = dict[str, Tally]


def proved(
    program: Program,
    found: Gradients,
    seed: int = 0,
    lengths: Lengths | None = None,
    watch: Watch | None = None,
) -> Report:
    """Every gradient against SymPy's derivatives, at these sizes; the others are chosen."""
    tallies: Tallies = {}
    judges: list[Judge] = []
    for way in WAYS:
        result = _judged(program, found, lengths or {}, seed, way, watch, judges)
        if result is None:
            break
        judge, here = result
        judges.append(judge)
        tallies = {name: here[name] + tallies.get(name, Tally(0)) for name in here}
        if worst(tally.verdict for tally in here.values()) is not Verdict.VERIFIED:
            break
    rows = tuple(_row(name, tallies) for name in found.backprop.wrt)
    return Report(rows, (*_remarks(found, tallies), _sizes(program, judges)) if rows else ())


# Sizes


def _judged(
    program: Program,
    found: Gradients,
    given: Lengths,
    seed: int,
    way: int,
    watch: Watch | None,
    before: Sequence[Judge],
) -> tuple[Judge, Tallies] | None:
    """At the first sizes at which all is decided, else at the last; None at those of before."""
    result = None
    for judge in _judges(program, found, given, seed, way):
        if any(judge.lengths == other.lengths for other in before):
            return None
        result = judge, judge.tallies(watch)
        if worst(tally.verdict for tally in result[1].values()) is not Verdict.UNDECIDED:
            break
    return result


def _judges(
    program: Program, found: Gradients, given: Lengths, seed: int, way: int
) -> Iterator[Judge]:
    """At each choice of sizes at which all can be written out; and at the last, where some may."""
    *others, last = (
        Judge(program, found, lengths, seed) for lengths in _lengths(program, given, way)
    )
    yield from (judge for judge in others if judge.written.fits())
    yield last


def _lengths(program: Program, given: Lengths, way: int) -> list[Lengths]:
    tried: list[Lengths] = []
    own = [size.symbol for size in program.sizes if size.symbol not in given]
    for cycle in LENGTHS:
        turns = cycle[::way]
        chosen = {**{symbol: turns[n % len(turns)] for n, symbol in enumerate(own)}, **given}
        lengths = {size.symbol: chosen[size.symbol] for size in program.sizes}
        if lengths not in tried:
            tried.append(lengths)
    return tried


# What is said


def _row(name: str, tallies: Tallies) -> Row:
    own = tallies[name]
    needed = [tallies[other] for other in _needed(name, tallies)]
    verdict = worst(tally.verdict for tally in needed)
    agreed = any(tally.agreed for tally in needed)
    error = max(tally.furthest for tally in needed) if agreed else None
    tolerance = 10.0**-DIGITS if agreed else None
    words = _words(own, verdict, agreed=agreed)
    return Row(name, own.entries, METHOD, error, tolerance, verdict, words)


def _words(own: Tally, verdict: Verdict, *, agreed: bool) -> str:
    how = f"agrees to {DIGITS} digits" if agreed else "proved"
    compared = own.proved + own.agreed
    if verdict is Verdict.VERIFIED:
        return how
    partly = verdict is Verdict.UNDECIDED and 0 < compared < own.entries
    return f"{how} for {compared} of {own.entries} entries" if partly else ""


def _needed(name: str, tallies: Tallies) -> list[str]:
    """A gradient, and the adjoints that it is in terms of, and those that they are."""
    needed, waiting = {name: None}, [name]
    while waiting:
        new = sorted(tallies[waiting.pop()].needs - set(needed))
        needed |= dict.fromkeys(new)
        waiting += new
    return list(needed)


def _remarks(found: Gradients, tallies: Tallies) -> Iterator[str]:
    left_out: dict[str, list[str]] = {}
    for name, tally in tallies.items():
        shown = spell(Access(found.equation(name).left.name), "unicode")
        if tally.wrong is not None:
            place, difference = tally.wrong
            at = f"[{','.join(map(str, place))}]" if place else ""
            ours, theirs = (mpmath.nstr(n, 10) for n in (difference.ours, difference.theirs))
            yield f"{shown}{at} is {ours} where SymPy has {theirs}."
        elif tally.left_out:
            left_out.setdefault(tally.left_out, []).append(shown)
    for what, names in left_out.items():
        yield f"Left out of {listed(names, MOST_NAMED)}: {what}."


def _sizes(program: Program, judges: Sequence[Judge]) -> str:
    kinks = ", away from kinks" if any(judge.kinks for judge in judges) else ""
    if not program.sizes:
        return f"Exact for scalars{kinks}."
    if len(program.sizes) > MOST_NAMED:
        lengths = [length for judge in judges for length in judge.lengths.values()]
        return f"Exact at sizes from {min(lengths)} to {max(lengths)}{kinks}."
    each = (
        ", ".join(f"{size.name} = {judge.lengths[size.symbol]}" for size in program.sizes)
        for judge in judges
    )
    return f"Exact at {' and at '.join(each)}{kinks}."
