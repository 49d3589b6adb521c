"""A program and its gradients in matrix notation: every form, or why there is none.

What has more than two indices is one of many matrices where its first indices say which is meant,
such as those of a batch; where these are indices of matrices too, it is unfolded.
"""

from __future__ import annotations

from functools import cached_property

from indexcalc.calculus.gradients import Gradients
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import postorder
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Equation, Program
from indexcalc.forms.matrices import Matrix, Named, Norm
from indexcalc.forms.naming import MANY, Faces, leading
from indexcalc.forms.network import NoFormError, told
from indexcalc.forms.outward import Form, form
from indexcalc.forms.slopes import Slopes, Why
from indexcalc.forms.tensors import Tensor
from indexcalc.forms.vectors import unfolded


class Notation:
    """The matrices of a program, called alike in all its formulas, and unfolded by one
    convention."""

    def __init__(self, program: Program, found: Gradients, by: str) -> None:
        self.program = program
        self.found = found
        self.by = by
        orders = {name: len(indices) for name, indices in program.tensors.items()}
        orders |= {e.left.name: len(e.left.indices) for e in found.shared}
        orders |= {seed: orders[name] for name, seed in found.backprop.upstream.items()}
        sizes = (size.name for size in program.sizes)
        self.faces = Faces(orders, (*sizes, *(name for name, _ in program.constants)))
        self.known: dict[Equation, tuple[Form, ...] | Why] = {}

    def of(self, equation: Equation) -> Form | Why:
        """The first of all forms, or what stands in the way."""
        forms = self.every(equation)
        return forms[0] if isinstance(forms[0], Form) else forms

    def every(self, equation: Equation) -> tuple[Form, ...] | Why:
        """An equation in matrices, scalars that are norms written as such, of many indices also
        along every mode; or what stands in the way."""
        if equation not in self.known:
            self.known[equation] = self._found(equation)
        return self.known[equation]

    def _found(self, equation: Equation) -> tuple[Form, ...] | Why:
        norms = {} if equation in self.program.equations else self.norms
        found: tuple[Form, ...] | Why
        try:
            found = (form(equation, self.faces, norms),)
            if not is_split(found[0]):
                return found
        except NoFormError as problem:
            found = problem.why
        nodes = (*postorder(equation.right), equation.left)
        if all(len(node.indices) <= MANY for node in nodes if isinstance(node, Access)):
            return found
        try:
            return tuple(unfolded(equation, self.faces, self.by))
        except NoFormError:
            return found

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
            if not isinstance(shown, Form) or not isinstance(shown.matrix, Norm):
                continue
            assert isinstance(shown.left, Named)
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

    @cached_property
    def is_unfolded(self) -> bool:
        """Whether there are tensors in some form."""
        found = map(self.every, (*self.definitions, *self.gradients))
        sides = (side for forms in found for f in forms if isinstance(f, Form) for side in f.both)
        return any(isinstance(node, Tensor) for side in sides for node in postorder(side))

    def named(self, access: Access, *, whole: bool) -> Named | Tensor | None:
        """What a tensor of the program is called, and what it measures; with `whole` it is no
        matrix of many."""
        if (whole or self.is_unfolded) and len(access.indices) > MANY:
            return self.faces.core(access)
        return self.faces.named(access, leading([access]))

    def tensors(self, *, whole: bool = False) -> list[Named | Tensor]:
        """What the tensors of the program are called and measure, where all have a name here."""
        accesses = [*self.program.inputs, *(e.left for e in self.program.equations)]
        named = (self.named(access, whole=whole) for access in accesses)
        return [one for one in named if one is not None]

    def upstream(self, *, whole: bool = False) -> list[tuple[Named | Tensor, Access]]:
        """The gradients that are given, each with what it is."""
        tensors, backprop = self.program.tensors, self.found.backprop
        pairs = []
        for name, seed in backprop.upstream.items():
            named = self.named(Access(seed, *tensors[name]), whole=whole)
            if named is not None:
                pairs.append((named, Access(backprop.adjoint_name(name), *tensors[name])))
        return pairs

    def pulled(self, wrt: str) -> list[Form]:
        """vec of a gradient from the Jacobians of the outputs and the gradients by them."""
        tensors, backprop = self.program.tensors, self.found.backprop
        parts = [
            (self.slopes.of(of, wrt), Access(seed, *tensors[of]))
            for of, seed in backprop.upstream.items()
            if wrt == of or wrt in self.slopes.made_of(of)
        ]
        form = self.slopes.pulled(parts, self.found.equation(wrt)) if parts else None
        return [] if form is None else [form]

    @cached_property
    def slopes(self) -> Slopes:
        """Its Jacobians."""
        return Slopes(self.program, self.found, self.faces, self.by, unfolded=self.is_unfolded)


def is_split(found: Form) -> bool:
    """Whether a matrix is in it entry by entry, its indices saying each which of many others is
    meant."""
    sides = (node for side in found.both for node in postorder(side))
    named = [node for node in sides if isinstance(node, Named)]
    many = [set(node.of) for node in named if not node.is_scalar]
    return any(
        node.is_scalar and len(node.of) > 1 and not any(set(node.of) <= of for of in many)
        for node in named
    )
