"""How an equation was made stable: what a plan tells of it."""

from __future__ import annotations

from dataclasses import dataclass

from indexcalc.expr.program import Equation


@dataclass(frozen=True, slots=True)
class Rewrite:
    """An equation in a form that computers keep more digits of: which law, before and after."""

    name: str
    law: str
    before: Equation
    after: Equation
