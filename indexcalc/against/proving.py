"""Whether claimed formulas are the closed forms, entry by entry, by exact arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

from sympy import Expr, Symbol

from indexcalc.against.scenes import Subject
from indexcalc.errors import IndexcalcError
from indexcalc.expr.program import Equation
from indexcalc.proof.budget import Budget
from indexcalc.proof.elements import Entries, Extent, Paper, symbols
from indexcalc.proof.judge import MOST_FOR_ALL, MOST_WRITTEN
from indexcalc.proof.tower import Tower

# Two ways, for at N = 2 a factor of 2/N cannot be seen.
LENGTHS = ((2, 3), (3, 2))


def lengths(subject: Subject, given: Mapping[Symbol, int]) -> list[dict[Symbol, int]]:
    """The sizes that claims are proved at."""
    own = [size.symbol for size in subject.program.sizes]
    rows = [{**dict(zip(own, cycle(row), strict=False)), **given} for row in LENGTHS]
    return rows if rows[0] != rows[1] else rows[:1]


def is_proved(subject: Subject, formula: Equation, at: Mapping[Symbol, int]) -> bool:
    """Whether every entry is that of the closed form; what is too long is not proved."""
    try:
        return _Written(subject, at).is_ours(formula)
    except IndexcalcError:
        return False


class _Written:
    """All entries of a program and its gradients, those of intermediates as symbols."""

    def __init__(self, subject: Subject, at: Mapping[Symbol, int]) -> None:
        self.tensors: dict[str, Entries] = {}
        self.definitions: dict[Symbol, Expr] = {}
        self.paper = Paper(at, self.tensors, Budget(MOST_WRITTEN), Extent())
        program = subject.program
        given = {access.name: access.indices for access in program.inputs}
        given |= {seed: program.tensors[output] for output, seed in subject.upstream.items()}
        for name, indices in given.items():
            self.tensors[name] = symbols(name, self.paper.places(indices))
        for equation in program.equations:
            name = equation.left.name
            entries = self.paper.written(equation.right, equation.left.indices)
            self.tensors[name] = symbols(name, entries)
            self.definitions |= {self.tensors[name][place]: entries[place] for place in entries}
        for equation in subject.found.conclusion:
            left = equation.left
            self.tensors[left.name] = self.paper.written(equation.right, left.indices)

    def is_ours(self, formula: Equation) -> bool:
        ours = self.tensors[formula.left.name]
        theirs = self.paper.written(formula.right, formula.left.indices)
        tower = Tower(self.definitions, Budget(MOST_FOR_ALL))
        return all(tower.is_zero(theirs[place] - ours[place]) for place in ours)
