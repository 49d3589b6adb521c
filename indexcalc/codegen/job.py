"""What a target is given: a program, the gradients wanted, and how it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Symbol

from indexcalc.codegen.plan import Plan
from indexcalc.codegen.planning import planned
from indexcalc.expr.program import Equation, Program


@dataclass(frozen=True)
class Job:
    """`wrt` are in the program's order, `closed` are the gradients for people, `command` is what
    makes the same text again, and choices are made for axes of these `lengths`; a `plain` text is
    for reading."""

    program: Program
    wrt: tuple[str, ...]
    closed: tuple[Equation, ...]
    lengths: Mapping[Symbol, int]
    command: str = ""
    plain: bool = False

    @cached_property
    def plan(self) -> Plan:
        return planned(self.program, self.wrt, self.lengths, self.closed)
