"""Every mutant of every gradient before the check: it is rejected, or proved to be no mistake.

`python -m tests.mutants` prints how many were made, how many are equal to the right gradient, and
how many of the others are rejected.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from indexcalc.calculus.gradients import Gradients
from indexcalc.derivation import Derivation, derive
from indexcalc.expr.names import adjoint_of
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation
from indexcalc.expr.world import Array
from indexcalc.proof.check import samples
from indexcalc.proof.exact import proved
from indexcalc.proof.mutants import KINDS, Mutant, first, mutants
from indexcalc.proof.points import Point, chosen_lengths
from indexcalc.proof.sample import Sample
from tests.points import BUNDLED, MEMBERS

# Along how many directions each gradient is compared.
MOST_PROBES = 24


@dataclass(frozen=True)
class Mistake:
    """A mutant of one equation of a conclusion, and the conclusion with it."""

    equation: Equation
    mutant: Mutant
    found: Gradients

    def __str__(self) -> str:
        left, right = spell(self.equation.left, "unicode"), spell(self.mutant.expr, "unicode")
        return f"{self.mutant.words}: {left} = {right}"


def mistakes(found: Gradients) -> Iterator[Mistake]:
    """Every mutant of every closed form, where lines and kept adjoints included."""
    for equation in (*found.where, *map(found.equation, found.backprop.wrt)):
        for mutant in mutants(equation.right):
            wrong = replace(equation, right=mutant.expr)
            yield Mistake(equation, mutant, with_equation(found, wrong))


def with_equation(found: Gradients, wrong: Equation) -> Gradients:
    """The conclusion with another right-hand side of one equation."""
    name = wrong.left.name
    of = adjoint_of(name)[1]
    if of:
        return replace(found, results={**found.results, of: wrong.right})
    return replace(found, shared=tuple(wrong if e.left.name == name else e for e in found.shared))


class Judge:
    """The differences of a program at one point, taken once, before which gradients come."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        program, names = derivation.program, derivation.wrt
        for sample, _ in samples(program, chosen_lengths(program, {}), 0, len(names)):
            self.sample = Sample(with_firsts(sample.point), MOST_PROBES, sample.seed)
            if self.accepts(derivation.found):
                return
        raise AssertionError(f"{program.name} is not accepted at any point")

    def accepts(self, found: Gradients) -> bool:
        with np.errstate(all="ignore"):
            values = self.sample.values(found, self.derivation.wrt)
            return all(self.agrees(name, value) for name, value in values.items())

    def agrees(self, name: str, line: Array) -> bool:
        is_0 = not self.derivation.found.adjoints[name].closed.end
        outcome = self.sample.outcome(name, line, is_0=is_0)
        return outcome.agrees


def with_firsts(point: Point) -> Point:
    """The point with the tensors that pick the first entry along an axis."""
    world, indices = point.world, {i for group in point.program.tensors.values() for i in group}
    firsts = {first(i).name: np.eye(1, int(world.numbers[i.size]))[0] for i in indices}
    return replace(point, world=world.with_arrays({**world.arrays, **firsts}))


@cache
def judge_of(name: str) -> Judge:
    return Judge(derive(name))


@dataclass(frozen=True)
class Tally:
    """What became of the mutants of one derivation."""

    name: str
    kinds: Counter[str]
    equal: int
    accepted: tuple[str, ...]

    @property
    def made(self) -> int:
        return self.kinds.total()

    @property
    def wrong(self) -> int:
        return self.made - self.equal

    @property
    def rejected(self) -> int:
        return self.wrong - len(self.accepted)


def tally(name: str) -> Tally:
    """Every mutant before the differences; those that they accept are equal, or a failure."""
    judge = judge_of(name)
    derivation = judge.derivation
    kinds: Counter[str] = Counter()
    same = 0
    accepted = []
    for mistake in mistakes(derivation.found):
        kinds[mistake.mutant.kind] += 1
        if judge.accepts(mistake.found):
            if proved(derivation.program, mistake.found):
                same += 1
            else:
                accepted.append(str(mistake))
    return Tally(name, kinds, same, tuple(accepted))


def table(tallies: Iterable[Tally]) -> str:
    """A line for each derivation, then the total and what was accepted though it is wrong."""
    rows = list(tallies)
    lines = [f"{'derivation':<22}{'made':>6}{'equal':>7}{'rejected':>10}"]
    lines += [f"{t.name:<22}{t.made:>6}{t.equal:>7}{t.rejected:>10}" for t in rows]
    kinds = sum((t.kinds for t in rows), Counter[str]())
    wrong, rejected = sum(t.wrong for t in rows), sum(t.rejected for t in rows)
    lines.append(f"Made: {', '.join(f'{kinds[kind]} by {kind}' for kind in KINDS)}.")
    lines.append(f"Rejected: {rejected} of {wrong}, {100 * rejected / max(wrong, 1):.4g} %.")
    lines += [f"ACCEPTED in {t.name}: {one}" for t in rows for one in t.accepted]
    return "\n".join(lines)


def main() -> int:
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    names = [*BUNDLED, *MEMBERS]
    shown = track(names, "mutants", console=console, disable=not console.is_terminal)
    tallies = [tally(name) for name in shown]
    print(table(tallies))
    return 1 if any(t.accepted for t in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
