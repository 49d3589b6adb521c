"""Gradients of a whole program: a local Jacobian for each use of a tensor, and the chain rule.

The loss is l, somewhere after the outputs, or the only output itself where that is a scalar. The
adjoint of a tensor is ∂l/∂ of it; equations are visited from the last to the first, and a tensor's
adjoint sums one contribution from every equation that uses it, and the upstream gradient where it
is an output.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

from sympy import Basic

from indexcalc.calculus.mentions import mentions
from indexcalc.calculus.rules import deltas, derivatives, ones
from indexcalc.expr.base import ONE, Index, postorder
from indexcalc.expr.names import adjoint_name, unicode_face
from indexcalc.expr.nodes import Access, Add, D, Mul, Sum
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rewrite import Rule, Trace, Work
from indexcalc.expr.terms import Term, Terms, moved, times

# The upstream gradient is called by the first of these that the program has not.
STEMS = ("G", "Gamma", "U", "W")
LETTERS = "pqrstuvwxyzabcdefghijklmno"


@dataclass(frozen=True, slots=True)
class Jacobian:
    """∂of/∂variable through one equation, every other tensor held fixed."""

    of: Access
    variable: Access
    trace: Trace


@dataclass(frozen=True, slots=True)
class Adjoint:
    """∂l/∂variable: its paths, and the chain rule with its deltas contracted."""

    variable: Access
    left: Access
    upstream: Access | None
    paths: tuple[tuple[Access | None, Jacobian], ...]
    trace: Trace

    @property
    def rule(self) -> Basic | None:
        """Σ (∂l/∂y_ij) (∂y_ij/∂x_pq), a term for each path; None with nothing to chain."""
        terms: list[Basic] = [] if self.upstream is None else [self.upstream]
        for after, jacobian in self.paths:
            slope = D(jacobian.of, jacobian.variable)
            if after is None:
                terms.append(slope)
            elif jacobian.of.indices:
                terms.append(Sum(Mul(after, slope), *jacobian.of.indices))
            else:
                terms.append(Mul(after, slope))
        if not self.paths or (len(terms) == 1 and self.paths[0][0] is None):
            return None
        return terms[0] if len(terms) == 1 else Add(*terms)


def differentiate(equation: Equation, variable: Access) -> Jacobian:
    """∂left/∂variable, by rules."""
    free = (*equation.left.indices, *variable.indices)
    work = Work.on((Term((), (D(equation.right, variable),)),), free)
    waves(work, derivatives.ORDER)
    waves(work, (*ones.ORDER, *deltas.ORDER))
    return Jacobian(equation.left, variable, work.trace())


def waves(work: Work, rules: Sequence[Rule], *given: object) -> None:
    """Apply rules, each to all terms in turn, until none applies; `given` is what they are told."""
    changed = True
    while changed:
        changed = False
        for rule in rules:
            place = 0
            while place < len(work.terms):
                before = len(work.terms)
                if work.apply(rule, place, *given):
                    changed = True
                    place += len(work.terms) - before
                place += 1


class Backprop:
    """The adjoints of a program, one at a time."""

    def __init__(
        self, program: Program, wrt: Iterable[str], upstream: Mapping[str, str] | None = None
    ) -> None:
        """`upstream` are the names of the upstream gradients; with them a scalar has one too."""
        self.program = program
        self.tensors = program.tensors
        self.loss_name = program.outputs[0] if program.is_loss and upstream is None else ""
        self.wrt = tuple(wrt)
        self.letters = _letters(program)
        self.loss = _loss_letter(program)
        self.upstream = _upstream(program) if upstream is None else dict(upstream)
        self.uses = _uses(program)
        self.leading = self._leading()
        self.active = self._active()

    def _leading(self) -> set[str]:
        """The tensors that an output depends on; the others have no part in any adjoint."""
        leading = set(self.program.outputs)
        for equation in reversed(self.program.equations):
            if equation.left.name in leading:
                leading |= mentions(equation.right)
        return leading

    def _active(self) -> dict[str, None]:
        """The tensors of interest, and between them and an output all others; the last first."""
        moving = set(self.wrt)
        for equation in self.program.equations:
            if not moving.isdisjoint(mentions(equation.right)):
                moving.add(equation.left.name)
        defined = [equation.left.name for equation in reversed(self.program.equations)]
        between = moving & self.leading
        names = [name for name in defined if name in between or name in self.wrt]
        inputs = [name for name in self.wrt if name not in defined]
        return dict.fromkeys((*names, *inputs))

    def adjoints(self) -> Iterator[Adjoint]:
        """Every adjoint that the gradients asked for need, and theirs, in reverse order."""
        for name in self.active:
            if name in self.upstream and not self.uses.get(name) and name not in self.wrt:
                continue
            if name == self.loss_name and name not in self.wrt:
                continue
            yield self.adjoint(name)

    def adjoint(self, name: str) -> Adjoint:
        indices = self.tensors[name]
        variable = Access(name, *self.fresh(indices))
        free = variable.indices
        paths: list[tuple[Access | None, Jacobian]] = []
        terms: list[Term] = []
        seed = self.upstream.get(name)
        if name == self.loss_name:
            terms.append(Term((), (ONE,)))
        if seed is not None:
            mapping = dict(zip(indices, free, strict=True))
            terms.append(moved(Term((), (Access(seed, *indices),)), mapping))
        for equation in self.uses.get(name, ()):
            if equation.left.name not in self.leading:
                continue
            jacobian = differentiate(equation, variable)
            after = self.after(equation.left)
            paths.append((after, jacobian))
            terms.extend(_contracted(after, jacobian.of, jacobian.trace.end))
        work = Work.on(tuple(terms), free)
        waves(work, (*ones.ORDER, *deltas.ORDER))
        left = Access(self.adjoint_name(name), *free)
        shown = None if seed is None else Access(seed, *free)
        return Adjoint(variable, left, shown, tuple(paths), work.trace())

    def after(self, left: Access) -> Access | None:
        """∂l/∂left; None where left is the loss itself."""
        name = left.name
        if name == self.loss_name:
            return None
        if name in self.upstream and not self.uses.get(name):
            return Access(self.upstream[name], *left.indices)
        return Access(self.adjoint_name(name), *left.indices)

    def seed_or_adjoint(self, tensor: Access) -> Access:
        """∂l/∂tensor, under the name of the upstream gradient where it has one."""
        return self.after(tensor) or Access(self.adjoint_name(tensor.name), *tensor.indices)

    def adjoint_name(self, name: str) -> str:
        return adjoint_name(self.loss, name)

    @property
    def own_loss(self) -> str:
        """Where the only output is the loss: l, or l = loss where it has another name."""
        name = unicode_face(self.loss_name)
        return name if name == self.loss else f"{self.loss} = {name}"

    def fresh(self, indices: tuple[Index, ...]) -> tuple[Index, ...]:
        """p, q, r, ... with the sizes of these indices."""
        return tuple(
            Index(letter, index.size) for letter, index in zip(self.letters, indices, strict=False)
        )


def _contracted(after: Access | None, of: Access, jacobian: Terms) -> Terms:
    """Σ_ij (∂l/∂y_ij) (∂y_ij/∂x_pq)"""
    if after is None:
        return jacobian
    seed = Term(of.indices, (after,))
    return tuple(_times_bound(seed, term) for term in jacobian)


def _times_bound(seed: Term, term: Term) -> Term:
    """The product under the Σ of the seed, whose indices the term is open in."""
    product = times(Term((), seed.factors), term)
    return Term(seed.bound + product.bound, product.factors)


def _letters(program: Program) -> tuple[str, ...]:
    """Index letters that the program has not, as an index or as a name."""
    taken = {
        index.name
        for equation in program.equations
        for node in (equation.left, *postorder(equation.right))
        for index in getattr(node, "indices", ())
    }
    taken |= {index.name for entry in program.inputs for index in entry.indices}
    taken |= set(program.tensors)
    taken |= {name for name, _ in (*program.constants, *program.functions)}
    single = [letter for letter in LETTERS if letter not in taken]
    return (*single, *(f"{letter}{n}" for n in (1, 2, 3) for letter in LETTERS))


def _loss_letter(program: Program) -> str:
    """l, or ℒ where l is taken by another than the loss."""
    names = {*program.tensors, *(name for name, _ in program.constants)}
    if "l" not in names or (program.is_loss and program.outputs[0] == "l"):
        return "l"
    return "ℒ"


def _upstream(program: Program) -> dict[str, str]:
    """G for one output, G1, G2, ... for several; none for a loss."""
    if program.is_loss:
        return {}
    taken = {*program.tensors, *(name for name, _ in program.constants)}
    taken |= {size.name for size in program.sizes}
    many = len(program.outputs) > 1
    for stem in chain(STEMS, (f"G{'_' * n}" for n in count(1))):
        names = [f"{stem}{n if many else ''}" for n, _ in enumerate(program.outputs, 1)]
        if taken.isdisjoint(names):
            break
    return dict(zip(program.outputs, names, strict=True))


def _uses(program: Program) -> dict[str, list[Equation]]:
    """The equations that use a name, the last first."""
    uses: dict[str, list[Equation]] = {}
    for equation in reversed(program.equations):
        for name in mentions(equation.right):
            uses.setdefault(name, []).append(equation)
    return uses
