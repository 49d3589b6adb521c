"""All adjoints of a program by its equations, from the loss backwards: ours, or from somebody's.

Where somebody's adjoints are given, what is before them follows from these, not from ours. How far
off numbers in a dtype may be is seen by what becomes of them where everything given, and the result
of each operation, is moved by its rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from indexcalc.against.computing import Values, peak
from indexcalc.against.kinds import ROUNDOFF
from indexcalc.against.rounding import NUDGES, Nudge, Nudged, added_up, bound
from indexcalc.calculus.backprop import Adjoint, Backprop
from indexcalc.calculus.mentions import mentions
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.world import Array, World


@dataclass(frozen=True, eq=False)
class Link:
    """The adjoint of a tensor as an equation, and what the equations of others call it; that of an
    output which nothing uses is its upstream gradient, and follows from no rule."""

    name: str
    symbol: str
    equation: Equation
    rule: Adjoint | None = None

    @property
    def needs(self) -> frozenset[str]:
        """What its equation is made of, the symbols of other adjoints among that."""
        return mentions(self.equation.right) - {self.symbol}


def links(backprop: Backprop) -> tuple[Link, ...]:
    """The adjoints of all between the loss and the tensors asked for, from the loss on."""
    program = backprop.program
    found: dict[str, Link] = {}
    for output, seed in backprop.upstream.items():
        if not backprop.uses.get(output):
            indices = program.tensors[output]
            left, right = Access(backprop.adjoint_name(output), *indices), Access(seed, *indices)
            found[output] = Link(output, seed, Equation(left, right))
    for adjoint in backprop.adjoints():
        name, left = adjoint.variable.name, adjoint.left
        if name not in found:
            found[name] = Link(name, left.name, Equation(left, adjoint.trace.result), adjoint)
    return tuple(found.values())


@dataclass(frozen=True)
class Pass:
    """What every adjoint is by its equation, and the values that equations are made of."""

    adjoints: Mapping[str, Array]
    values: Values


@dataclass(frozen=True)
class Held:
    """What every adjoint is by its equation, and how far off an entry of each may be."""

    adjoints: Mapping[str, Array]
    allowed: Mapping[str, float]


@dataclass(frozen=True)
class Backwards:
    """The equations of a program and of its adjoints, from inputs and upstream gradients on."""

    program: Program
    links: tuple[Link, ...]
    world: World
    given: Mapping[str, Array]

    def held(self, theirs: Mapping[str, Array], dtype: str) -> Held:
        """Each by its equation from somebody's adjoints, and from what follows from these."""
        with np.errstate(all="ignore"):
            numbers, functions = self.world.numbers, self.world.functions
            base = self._run(Values(self.given, numbers, functions), theirs)
            others: list[Pass] = []
            for seed in range(NUDGES):
                nudge = Nudge(seed)
                given, moved = (
                    {n: nudge(a) for n, a in each.items()} for each in (self.given, theirs)
                )
                others.append(self._run(Nudged(given, numbers, functions, nudge), moved))
            costs = {link.name: self._cost(link, base, others) for link in self.links}
        return Held(base.adjoints, {name: ROUNDOFF[dtype] * cost for name, cost in costs.items()})

    def _run(self, values: Values, theirs: Mapping[str, Array]) -> Pass:
        values.run(self.program.equations)
        found: dict[str, Array] = {}
        for link in self.links:
            ours = values.of(link.equation) if link.rule is not None else values.arrays[link.symbol]
            found[link.name] = ours
            values.arrays[link.symbol] = theirs.get(link.name, ours)
        return Pass(found, values)

    def _cost(self, link: Link, base: Pass, others: list[Pass]) -> float:
        """The error that is met, in units of the round-off."""
        here = base.adjoints[link.name]
        moved = max(most(other.adjoints[link.name] - here) for other in others)
        rounding = moved / ROUNDOFF["float32"] + max(most(here), self._largest(link, base))
        return bound(rounding, self._longest, most(here))

    def _largest(self, link: Link, base: Pass) -> float:
        """Of what is added up in it: where that cancels, its rounding is left."""
        if link.rule is None:
            return 0.0
        return max(map(most, map(base.values.of, added_up(link.equation))), default=0.0)

    @property
    def _longest(self) -> float:
        numbers = self.world.numbers
        return max((numbers[size.symbol] for size in self.program.sizes), default=1.0)


def most(array: Array) -> float:
    """The largest of those that are numbers."""
    return peak(array[np.isfinite(array)])
