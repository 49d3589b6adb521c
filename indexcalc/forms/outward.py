"""From indices to matrices: what has two free indices as one matrix, step by step.

A product is a network of vectors and matrices that meet in summed indices. Those that one or two of
them hold are summed in products, until the free ones are left; what then has no form says which
index stands in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sympy import Basic, Expr

from indexcalc.calculus.rules import algebra as of_sums
from indexcalc.calculus.rules import ones
from indexcalc.expr.base import ZERO, Index, free_of, postorder
from indexcalc.expr.broadcast import completed
from indexcalc.expr.digits import DigitDelta
from indexcalc.expr.nodes import Access, Add, Apply, Delta, One, Pow, Reduce
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation
from indexcalc.expr.rewrite import Trace, Work
from indexcalc.expr.terms import Term, split_power
from indexcalc.forms import algebra
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import Matrix, Number
from indexcalc.forms.naming import Faces, leading
from indexcalc.forms.network import Network, NoFormError
from indexcalc.forms.rules import single
from indexcalc.forms.sides import Side, places
from indexcalc.forms.tensors import Tensor

# Of the powers that are multiplied out: a bracket of two terms has 16 then.
HIGHEST = 4
# A whole, from one of its parts.
Around: TypeAlias = Callable[[Basic], Basic]


@dataclass(frozen=True, slots=True)
class Form:
    """left = matrix for each of the `outer` indices, and how that was found, from `equation`."""

    equation: Equation
    left: Matrix | Tensor
    matrix: Matrix | Tensor
    outer: tuple[Index, ...]
    trace: Trace
    # What scalars are that are written as norms.
    norms: Mapping[Matrix, Matrix]
    # What its rows and columns are for, where that is said by fused indices.
    sides: tuple[Side, ...] = ()

    @property
    def both(self) -> tuple[Matrix | Tensor, Matrix | Tensor]:
        return (self.left, self.matrix)

    @property
    def entry(self) -> Entry:
        """What an entry of the left side is."""
        inner = self.equation.left.indices[len(self.outer) :]
        return Entry(self.left, *(places(self.sides) if self.sides else inner))

    def spelled(self, style: str) -> str:
        left, right = (spell(side, style) for side in (self.left, self.matrix))
        return f"{left} = {right}"

    @property
    def by(self) -> str:
        """By column or by row, where something is fused in it."""
        found = {side.by for side in self.both if isinstance(side, Matrix) and side.by}
        return next(iter(found), "")

    def __str__(self) -> str:
        letters = ", ".join(index.name for index in self.outer)
        told = f"for each {letters}: " if letters else f"by {self.by}s: " if self.by else ""
        return told + self.spelled("unicode")

    def _repr_latex_(self) -> str:
        told = rf"\text{{by {self.by}s: }} " if self.by else ""
        return f"${told}{self.spelled('latex')}$"


def form(equation: Equation, faces: Faces, norms: Mapping[Matrix, Matrix] | None = None) -> Form:
    """An equation in matrix notation, or the reason why it has none; `norms` are what scalars are
    that are defined as norms."""
    accesses = [node for node in postorder(equation.right) if isinstance(node, Access)]
    many = leading([equation.left, *accesses])
    left = faces.named(equation.left, many)
    outer = tuple(index for index in equation.left.indices if index in many)
    writer = Writer(faces, many)
    if left is None or outer != equation.left.indices[: len(outer)]:
        raise writer.misfit(equation.left)
    order = equation.left.indices[len(outer) :]
    for index in order:
        if index in many:
            raise NoFormError(index, " is an index of a matrix, and says which of many is meant")
    work = writer.entry(equation.right, order)
    if work.terms and norms:
        work.apply(single.norm, 0, norms)
    matrix = one_matrix(work, left)
    return Form(equation, left, matrix, outer, work.trace(), norms or {})


def one_matrix(work: Work, left: Matrix) -> Matrix:
    """What one entry is left of; zeros where nothing is."""
    if not work.terms:
        return algebra.scaled(ZERO, algebra.ones_of(left.shape))
    one = single.alone(work.terms[0]) if len(work.terms) == 1 else None
    if one is None:
        raise NoFormError("its terms are matrices of different indices")
    if isinstance(one.matrix, Number):
        return algebra.scaled(one.matrix, algebra.ones_of(left.shape))
    # The only index of an entry may be that of a row.
    return one.matrix if one.matrix.shape == left.shape else algebra.transposed(one.matrix)


class Writer:
    """Expressions as entries, `many` being the indices that no matrix has."""

    def __init__(self, faces: Faces, many: Iterable[Index]) -> None:
        self.faces = faces
        self.many = frozenset(many)

    def entry(self, expr: Basic, order: Sequence[Index]) -> Work:
        """One entry in the place of an expression, at these indices."""
        work = Work.on(expr, (*order, *sorted(free_of(expr) - set(order), key=str)))
        return self.reduced(work, order)

    def reduced(self, work: Work, order: Sequence[Index]) -> Work:
        """Each term as one entry, and then all of them."""
        place = 0
        while place < len(work.terms):
            place = self.term(work, place, order)
        work.apply_whole(single.matrix_sum)
        if work.terms:
            work.apply(single.common_factor, 0)
        return work

    def term(self, work: Work, place: int, order: Sequence[Index]) -> int:
        """The term at a place as one entry; brackets that have no form are multiplied out. The
        place after all that came of it."""
        attempt = work.copy()
        try:
            self.product(attempt, place, order)
        except NoFormError:
            factors = work.terms[place].factors
            brackets = [at for at, factor in enumerate(factors) if _is_bracket(factor)]
            before = len(work.terms)
            if not any(work.apply(of_sums.distribute, place, at) for at in brackets):
                raise
            after = place + 1 + len(work.terms) - before
            while place < after:
                count = len(work.terms)
                place = self.term(work, place, order)
                after += len(work.terms) - count
            return after
        work.terms, work.steps = attempt.terms, attempt.steps
        return place + 1

    def product(self, work: Work, place: int, order: Sequence[Index]) -> None:
        while work.apply(ones.one_count, place):
            pass
        self.components(work, place)
        for at in range(len(work.terms[place].factors)):
            self.compound(work, place, at, order)
        self.joined(work, place, order)

    def joined(self, work: Work, place: int, order: Sequence[Index]) -> None:
        """All entries of a term as one."""
        Network(work, place, order, self.many).reduce()

    def components(self, work: Work, place: int) -> None:
        """Tensors as entries."""
        at = 0
        while at < len(work.terms[place].factors):
            factor = work.terms[place].factors[at]
            matrix = None
            if isinstance(factor, Access):
                matrix = self.named(factor)
                if matrix is None:
                    raise self.misfit(factor)
            if not work.apply(single.component, place, at, matrix, self.many):
                at += 1

    def named(self, access: Access) -> Matrix | Tensor | None:
        """What a tensor is here; None where it is nothing."""
        return self.faces.named(access, self.many)

    def misfit(self, access: Access) -> NoFormError:
        """Why a tensor is no matrix."""
        late = [index for index in access.indices if index in self.many]
        if not late or len(access.indices) - len(late) > 2:
            return NoFormError(access, " has more than two indices")
        return NoFormError(late[0], " says which matrix is meant, and is not first in ", access)

    def compound(self, work: Work, place: int, at: int, order: Sequence[Index]) -> None:
        """A bracket, a power or a function as one entry, line by line as its parts are."""
        factor = work.terms[place].factors[at]
        if isinstance(factor, Expr | Entry | DigitDelta):
            return
        own = self.oriented(factor, order)
        if isinstance(factor, Add):
            inner = self.entry(factor, own)
            self.lifted(work, place, at, inner, lambda line: line)
            if not isinstance(work.terms[place].factors[at], Entry):
                raise NoFormError(factor, " has terms of different indices")
            return
        if isinstance(factor, Reduce):
            raise NoFormError(factor, f" is a {factor.kind}, which matrices have no sign for")
        if not isinstance(factor, Apply | Pow):
            raise NoFormError(factor, " is nothing that matrices are made of")
        for number in range(len(factor.parts)):
            here = work.terms[place].factors[at]
            part = here.parts[number]
            if isinstance(part, Expr) and isinstance(factor, Pow) and number == 1:
                continue
            inner = self.entry(_broadcast(part, own), own)
            self.lifted(work, place, at, inner, _put(here, number))
        if not work.apply(single.entrywise, place, at):
            raise NoFormError(factor, " is nothing that matrices are made of")

    def oriented(self, factor: Basic, order: Sequence[Index]) -> tuple[Index, ...]:
        """The indices of a factor in the order in which a matrix has them."""
        free = [index for index in free_of(factor) if index not in self.many]
        if len(free) > 2:
            shown = sorted(free, key=lambda index: index.name)
            raise NoFormError(factor, " has the indices ", *_listed(shown))
        seen = [index for node in postorder(factor) for index in _indices(node)]
        last = len(seen)

        def rank(index: Index) -> tuple[int, int]:
            if index in order:
                return (0, 0) if index == order[0] else (2, 0)
            return (1, seen.index(index) if index in seen else last)

        return tuple(sorted(free, key=rank))

    def lifted(self, work: Work, place: int, at: int, inner: Work, around: Around) -> None:
        """The steps of a part as steps of the whole."""
        for line in inner.trace().lines(every=True):
            for step in line.steps[:1]:
                term = work.terms[place]
                factor = around(line.expr)
                factors = (*term.factors[:at], factor, *term.factors[at + 1 :])
                work.replace(step.rule, (place,), (Term(term.bound, factors),))
        one = single.alone(inner.terms[0]) if len(inner.terms) == 1 else None
        if one is not None and work.terms[place].factors[at] != around(one):
            # Over what there are many of, it is the same for each of them.
            term = work.terms[place]
            factors = (*term.factors[:at], around(one), *term.factors[at + 1 :])
            work.replace(single.component, (place,), (Term(term.bound, factors),))


def _is_bracket(factor: Basic) -> bool:
    """A sum, or a power of one that is not too high to be written out."""
    base, exponent = split_power(factor)
    return isinstance(base, Add) and exponent.is_number and bool(exponent <= HIGHEST)


def _put(whole: Basic, number: int) -> Around:
    def around(part: Basic) -> Basic:
        parts = list(whole.parts)
        parts[number] = part
        return whole.with_parts(tuple(parts))

    return around


def _broadcast(part: Basic, own: Sequence[Index]) -> Basic:
    """The part with a one-tensor over what it lacks."""
    lacking = [index for index in own if index not in free_of(part)]
    if not lacking:
        return part
    return completed(part, lacking)


def _indices(node: Basic) -> tuple[Index, ...]:
    return node.indices if isinstance(node, Access | One | Delta | Entry) else ()


def _listed(indices: Sequence[Index]) -> Iterable[str | Basic]:
    for place, index in enumerate(indices):
        if place:
            yield " and " if place == len(indices) - 1 else ", "
        yield index
