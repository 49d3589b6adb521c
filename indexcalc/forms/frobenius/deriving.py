"""A whole program by differentials: dℓ from the outputs backwards, until only inputs change.

The terms of each tensor are collected before its differential is put in, so that each definition
is used once, as in backpropagation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from indexcalc.calculus.backprop import waves
from indexcalc.calculus.gradients import Gradients
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import ONE, ZERO
from indexcalc.expr.names import adjoint_name
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Equation
from indexcalc.expr.rewrite import Trace, Work
from indexcalc.expr.terms import Term
from indexcalc.forms import algebra
from indexcalc.forms.differential import Differential
from indexcalc.forms.entries import Entry, entry
from indexcalc.forms.frobenius import differentials, moving, passing
from indexcalc.forms.matrices import Function, Matrix, Named
from indexcalc.forms.network import NoFormError, told
from indexcalc.forms.notation import Notation
from indexcalc.forms.outward import Form
from indexcalc.forms.rules import single
from indexcalc.forms.weighing import weight, written

# Where so much would be written again, for a differential has several terms, a gradient is named.
LONG = 450


@dataclass(frozen=True, slots=True)
class Change:
    """The differential of a definition: a trace that ends in one matrix, or in none where it is
    0."""

    left: Named
    trace: Trace

    @property
    def matrix(self) -> Matrix | None:
        factors = [factor for term in self.trace.end for factor in term.factors]
        return factors[0].matrix if factors and isinstance(factors[0], Entry) else None


@dataclass(frozen=True, slots=True)
class Frobenius:
    """dℓ as a chain of equalities, and the gradients that are read off: those by definitions that
    keep a name first, each in terms of those before it."""

    loss: Named
    definitions: tuple[Form, ...]
    changes: tuple[Change, ...]
    trace: Trace
    gradients: Mapping[Named, Matrix]


def derived(notation: Notation) -> Frobenius:
    """The gradients of a program, read off its differential, or a refusal."""
    try:
        return _Deriver(notation).run()
    except NoFormError as problem:
        said = f"{notation.program.name} is not made of matrices alone: {told(problem.why)}"
        hint = "the notations einstein and sum have indices, as many as are needed"
        raise IndexcalcError("IC702", said, hint=hint) from None


class _Deriver:
    def __init__(self, notation: Notation) -> None:
        self.program = notation.program
        self.backprop = notation.found.backprop
        self.faces = notation.faces
        tensors = self.program.tensors
        self.refuse_changes()
        self.fixed = {name for name in tensors if name not in self.backprop.active}
        self.tensors = {name: self.tensor(Access(name, *of)) for name, of in tensors.items()}
        self.forms = [self.form(notation, equation) for equation in self.program.equations]
        self.work = Work.on([Term((), (Entry(one),)) for one in self.start()], ())
        self.gradients: dict[Named, Matrix] = {}

    def refuse_changes(self) -> None:
        """A name that would be read as a change of another, or of anything."""
        names = [*self.program.tensors, *(name for name, _ in self.program.constants)]
        faces = {self.faces.face(name): name for name in names}
        for face, name in faces.items():
            of = face.removeprefix("d")
            if face == "d" or (of != face and of in faces):
                whose = f"the change of {of}" if of else "a change"
                said = f"{name} is a name here, and would be read as {whose}"
                raise IndexcalcError("IC702", said, hint="rename it, or use --notation einstein")

    def form(self, notation: Notation, equation: Equation) -> Form:
        found = notation.of(equation)
        if not isinstance(found, Form):
            raise NoFormError(*found)
        return found

    def tensor(self, access: Access) -> Named:
        """What a tensor is called here."""
        named = self.faces.named(access)
        if named is None:
            raise NoFormError(access, " has more than two indices")
        return named

    def start(self) -> Iterator[Matrix]:
        """dℓ, or G : dY of every output."""
        of = self.program.tensors
        seeds = {name: Access(seed, *of[name]) for name, seed in self.backprop.upstream.items()}
        for name in self.program.outputs:
            front = (self.tensor(seeds[name]),) if name in seeds else ()
            if name in self.backprop.active:
                yield moving.joined(front, Differential(self.tensors[name]))

    def run(self) -> Frobenius:
        """Definition after definition, the last first."""
        changes = []
        for form in reversed(self.forms):
            left, asked = form.left, form.left.name in self.backprop.wrt
            front = self.collected(left)
            if front is None:
                continue
            change = self.change(form)
            again = _terms(change) - 1
            if asked or again * weight(algebra.scaled(*front)) > LONG:
                self.keep(left, front)
            # What is asked for and does not depend on the rest is where the chain ends.
            if change.matrix is not None or not asked:
                self.work_on(left, change.matrix)
                changes.append(change)
        for tensor in (self.tensors[name] for name in self.backprop.wrt):
            if tensor not in self.gradients:
                front = self.collected(tensor)
                zero = algebra.scaled(ZERO, algebra.ones_of(tensor.shape))
                self.gradients[tensor] = zero if front is None else algebra.scaled(*front)
        loss = Named(self.backprop.loss, self.backprop.loss, ONE, ONE)
        trace = self.work.trace()
        return Frobenius(loss, tuple(self.forms), tuple(changes[::-1]), trace, self.gradients)

    def collected(self, tensor: Named) -> moving.Front | None:
        """What dX is paired with, all its terms being one; None where nothing is."""
        if self.work.apply_whole(passing.terms_collected, tensor):
            self.work.apply(single.common_factor, self.place(tensor))
        fronts = [front for term in self.work.terms for front in passing.fronts(term, tensor)]
        return fronts[0] if fronts else None

    def place(self, tensor: Named) -> int:
        """Of the term that has been collected."""
        terms = enumerate(self.work.terms)
        return next(at for at, term in terms if passing.fronts(term, tensor))

    def change(self, form: Form) -> Change:
        """The differential of a definition, functions in it that it names under that name."""
        indices = form.equation.left.indices
        work = Work.on([Term((), (Entry(differentials.d(form.matrix), *indices),))], indices)
        waves(work, differentials.ORDER, self.fixed)
        if work.terms and isinstance(form.matrix, Function):
            work.apply(differentials.name_put_in, 0, form.left, form.matrix)
        return Change(form.left, work.trace())

    def keep(self, left: Named, front: moving.Front) -> None:
        """∂ℓ/∂Y for what stands before dY."""
        name, face = (adjoint_name(self.backprop.loss, one) for one in (left.name, left.face))
        self.gradients[left] = algebra.scaled(*front)
        gradient = Named(name, face, *left.shape)
        self.work.apply(passing.gradient_named, self.place(left), left, gradient)

    def work_on(self, left: Named, change: Matrix | None) -> None:
        """dY is put in, and taken apart."""
        remark = (Differential(left), " put in")
        self.work.apply(passing.differential_put_in, self.place(left), left, change, remark=remark)
        waves(self.work, moving.ORDER)


def _terms(change: Change) -> int:
    """How often what stands before it will be written."""
    if change.matrix is None:
        return 0
    return sum(isinstance(node, Differential) for node in written(change.matrix))


def with_indices(found: Gradients, frobenius: Frobenius) -> Gradients:
    """The same gradients as formulas with indices, in place of those that were found with them."""
    results = {
        tensor.name: entry(matrix, found.adjoints[tensor.name].left.indices)
        for tensor, matrix in frobenius.gradients.items()
    }
    kept = tuple(name for name in results if name not in found.backprop.wrt)
    return replace(found, kept=kept, lemmas=(), shared=(), results=results)
