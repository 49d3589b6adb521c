"""A program and its gradients in matrix notation: every form, or why there is none."""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

from sympy import Basic

from indexcalc.calculus.gradients import Gradients
from indexcalc.errors import IndexcalcError
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Equation, Program
from indexcalc.forms.matrices import Matrix, Named, Norm
from indexcalc.forms.naming import Faces, leading
from indexcalc.forms.network import NoFormError, told
from indexcalc.forms.outward import Form, form

# What stands in the way: words, and expressions among them.
Why: TypeAlias = tuple[str | Basic, ...]


class Notation:
    """The matrices of a program, called alike in all its formulas."""

    def __init__(self, program: Program, found: Gradients) -> None:
        self.program = program
        self.found = found
        orders = {name: len(indices) for name, indices in program.tensors.items()}
        orders |= {e.left.name: len(e.left.indices) for e in found.shared}
        orders |= {seed: orders[name] for name, seed in found.backprop.upstream.items()}
        sizes = (size.name for size in program.sizes)
        self.faces = Faces(orders, (*sizes, *(name for name, _ in program.constants)))
        self.known: dict[Equation, Form | Why] = {}

    def of(self, equation: Equation) -> Form | Why:
        """An equation in matrices, scalars that are norms written as such; or what stands in the
        way."""
        if equation not in self.known:
            norms = {} if equation in self.program.equations else self.norms
            try:
                self.known[equation] = form(equation, self.faces, norms)
            except NoFormError as problem:
                self.known[equation] = problem.why
        return self.known[equation]

    def gradient(self, name: str) -> Form:
        """The form of a gradient, or a refusal."""
        found = self.of(self.found.equation(name))
        if isinstance(found, Form):
            return found
        said = f"the gradient by {name} has no matrix form: {told(found)}"
        raise IndexcalcError("IC702", said, hint="its formula with indices is in gradients")

    @cached_property
    def norms(self) -> dict[Matrix, Matrix]:
        """The definitions that are norms."""
        found = {}
        for equation in self.program.equations:
            shown = self.of(equation)
            if isinstance(shown, Form) and isinstance(shown.matrix, Norm):
                found[shown.left] = shown.matrix
        return found

    @property
    def definitions(self) -> tuple[Equation, ...]:
        return self.program.equations

    @property
    def gradients(self) -> tuple[Equation, ...]:
        """Those that keep names, those asked for, and what they share."""
        found = self.found
        asked = (*found.kept, *found.backprop.wrt)
        return (*map(found.equation, asked), *found.shared)

    def tensors(self) -> list[Named]:
        """What the tensors of the program are called and measure, where all have a name here."""
        accesses = [*self.program.inputs, *(e.left for e in self.program.equations)]
        named = (self.faces.named(access, leading([access])) for access in accesses)
        return [one for one in named if one is not None]

    def upstream(self) -> list[tuple[Named, Access]]:
        """The gradients that are given, each with what it is."""
        tensors, backprop = self.program.tensors, self.found.backprop
        pairs = []
        for name, seed in backprop.upstream.items():
            of = Access(seed, *tensors[name])
            named = self.faces.named(of, leading([of]))
            if named is not None:
                pairs.append((named, Access(backprop.adjoint_name(name), *tensors[name])))
        return pairs
