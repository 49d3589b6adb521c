"""A program with other definitions, and its gradients: what a backward function gives that belongs
to another forward function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sympy import Symbol

from indexcalc.against.computing import Functions, Values
from indexcalc.against.scenes import Scene, Subject
from indexcalc.calculus.backprop import Backprop
from indexcalc.calculus.mentions import in_order
from indexcalc.expr.program import Equation
from indexcalc.expr.world import Array


class Variant:
    """Other definitions, with all that follows from them by the chain rule."""

    def __init__(self, subject: Subject, equations: Iterable[Equation]) -> None:
        program = replace(subject.program, equations=tuple(equations))
        adjoints = tuple(Backprop(program, subject.wrt, subject.upstream).adjoints())
        chain = in_order(Equation(one.left, one.trace.result) for one in adjoints)
        self.route = (*program.equations, *chain)
        self.adjoints = {
            one.variable.name: one.left.name for one in adjoints if one.variable.name in subject.wrt
        }

    def gradients(
        self,
        scene: Scene,
        functions: Functions | None = None,
        numbers: Mapping[Symbol, float] | None = None,
    ) -> dict[str, Array]:
        """The gradients at a point, where functions, numbers or both are others."""
        numbers = {**scene.numbers, **(numbers or {})}
        functions = {**scene.functions, **(functions or {})}
        values = Values(scene.given, numbers, functions, scene.subject.work)
        values.run(self.route)
        return {name: values.arrays[adjoint] for name, adjoint in self.adjoints.items()}


def redefined(subject: Subject, other: Equation) -> Variant:
    """With one definition changed."""
    equations = subject.program.equations
    return Variant(subject, (other if e.left.name == other.left.name else e for e in equations))
