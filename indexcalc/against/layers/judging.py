"""Somebody's adjoints, each held to ours and to what its equation gives from their own.

An adjoint is right where it is ours. Where it is not, but is what its equation gives from theirs
nearer the loss, it is wrong by these alone; else the mistake is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from indexcalc.against.layers.adjoints import BAD, Adjoints, Finding, Verdict
from indexcalc.against.layers.backwards import Backwards, Held, Link, links, most
from indexcalc.against.layers.given import Theirs, plain, theirs
from indexcalc.against.scenes import Subject
from indexcalc.expr.program import Program
from indexcalc.expr.world import Array
from indexcalc.proof.values import UPSTREAM, need_slopes, seeded_world


def checked_adjoints(
    program: Program, wrt: Sequence[str], adjoints: Mapping[str, Any], values: Mapping[str, Any]
) -> Adjoints:
    """Somebody's adjoints where these are the program's values; a loss has the upstream gradient 1
    unless another is given."""
    taken = theirs(program, adjoints)
    subject = Subject(program, tuple(dict.fromkeys((*wrt, *taken.arrays))))
    every = links(subject.backprop)
    known = {name: plain(value) for name, value in values.items()}
    if program.is_loss:
        known = {f"{UPSTREAM}{program.outputs[0]}": 1.0} | known
    world = seeded_world(program, subject.upstream, known)
    need_slopes([link.equation for link in every], world)
    names = [*(access.name for access in program.inputs), *subject.upstream.values()]
    given = {name: world.arrays[name] for name in names}
    judge = _Judge(Backwards(program, every, world, given), taken)
    ends = tuple(link for link in every if link.rule is None)
    return Adjoints(tuple(judge.findings()), taken.dtype, ends)


class _Judge:
    """Goes from the loss backwards, and knows what was found on the way."""

    def __init__(self, backwards: Backwards, taken: Theirs) -> None:
        self.backwards = backwards
        self.taken = taken
        # By the symbols that equations have: what is wrong, or follows from what is; and of those
        # not given, which links were met since the last that was.
        self.spoiled: set[str] = set()
        self.missing: dict[str, tuple[Link, ...]] = {}

    @cached_property
    def right(self) -> Held:
        return self.backwards.held({}, self.taken.dtype)

    @cached_property
    def arrays(self) -> dict[str, Array]:
        """Theirs; nan where the shape is another, from which nothing follows."""
        shapes = {name: array.shape for name, array in self.right.adjoints.items()}
        return {
            name: array if array.shape == shapes[name] else np.full(shapes[name], np.nan)
            for name, array in self.taken.arrays.items()
        }

    @cached_property
    def following(self) -> Held:
        """What each is by its equation from theirs."""
        return self.backwards.held(self.arrays, self.taken.dtype)

    def findings(self) -> Iterator[Finding]:
        for link in self.backwards.links:
            is_given = link.name in self.arrays
            verdict = self.verdict(link) if is_given else Verdict.ABSENT
            above = [m for need in sorted(link.needs) for m in self.missing.get(need, ())]
            gaps = tuple(dict.fromkeys(above))
            is_known = is_given or link.rule is None
            self.missing[link.symbol] = () if is_known else (link, *gaps)
            if verdict in BAD or (not is_given and self.is_spoiled(link)):
                self.spoiled.add(link.symbol)
            if is_given:
                yield self.finding(link, verdict, gaps)
            elif link.rule is not None:
                yield Finding(link, self.right.adjoints[link.name].size, verdict)

    def is_spoiled(self, link: Link) -> bool:
        """Whether it is made of what is wrong."""
        return not self.spoiled.isdisjoint(link.needs)

    def verdict(self, link: Link) -> Verdict:
        if not np.isfinite(self.right.adjoints[link.name]).all():
            return Verdict.UNDECIDED
        if self.agrees(link, self.right):
            return Verdict.RIGHT
        if self.agrees(link, self.following):
            return Verdict.FOLLOWS if self.is_spoiled(link) else Verdict.RIGHT
        return Verdict.MISTAKE

    def agrees(self, link: Link, held: Held) -> bool:
        """Nothing is asked of entries that follow from what is no number."""
        expected = held.adjoints[link.name]
        known = np.isfinite(expected)
        with np.errstate(all="ignore"):
            off = np.abs(self.arrays[link.name] - expected)[known]
        return bool((off <= held.allowed[link.name]).all())

    def finding(self, link: Link, verdict: Verdict, missing: tuple[Link, ...]) -> Finding:
        name = link.name
        array, right, allowed = (
            self.arrays[name],
            self.right.adjoints[name],
            self.right.allowed[name],
        )
        largest = most(right)
        unit = largest or 1.0
        with np.errstate(all="ignore"):
            off = np.abs(array - right).max(initial=0.0)
        return Finding(
            link,
            right.size,
            verdict,
            float(off) / unit if np.isfinite(off) else float("inf"),
            allowed / unit,
            self.words(name, right),
            missing,
            largest <= allowed,
        )

    def words(self, name: str, right: Array) -> str:
        """What is not said by how far it is off."""
        array = self.taken.arrays[name]
        if array.shape != right.shape:
            return f"its shape is {array.shape}, not {right.shape}"
        lost = int(array.size - np.isfinite(array).sum())
        return f"nan or inf in {lost} of {array.size}" if lost else ""
