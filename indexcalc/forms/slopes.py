"""Jacobians of vec by vec: Kronecker products where the formula is a sum of some, and products of
such Jacobians along the paths of the program where it is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from sympy import Basic

from indexcalc.calculus.backprop import Jacobian
from indexcalc.calculus.gradients import Gradients, jacobian
from indexcalc.calculus.mentions import mentions
from indexcalc.expr.base import Index
from indexcalc.expr.digits import fused
from indexcalc.expr.nodes import Access, D
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rewrite import Work
from indexcalc.expr.terms import Term, flat, tree
from indexcalc.forms import algebra
from indexcalc.forms.entries import Entry
from indexcalc.forms.fusing import MOST_TERMS, fused_entry
from indexcalc.forms.matrices import Matrix
from indexcalc.forms.naming import MANY, Faces
from indexcalc.forms.network import NoFormError
from indexcalc.forms.outward import Form, one_matrix
from indexcalc.forms.rules import products, single
from indexcalc.forms.rules.fusing import vec_of
from indexcalc.forms.rules.permuting import (
    permutation_of_columns,
    permutation_of_rows,
    same_component,
)
from indexcalc.forms.sides import Side, letters_but, places
from indexcalc.forms.tensors import Vec, VecSlope, order

# What stands in the way: words, and expressions among them.
Why: TypeAlias = tuple[str | Basic, ...]


# Over more tensors than this between two the formula with indices is not written out.
DEEP = 6


@dataclass(frozen=True, slots=True)
class Slope:
    """∂y/∂x: its formula with indices unless it is too long, its forms or why there are none; and
    where it has been put together along paths, how: a sum of products of others, and that with the
    last ones put in."""

    of: Access
    wrt: Access
    name: Matrix
    formula: Basic | None
    forms: tuple[Form, ...] = ()
    why: Why = ()
    chain: Matrix | None = None
    short: Matrix | None = None
    # As which unfoldings the first form has its rows and columns.
    modes: tuple[int, int] = (0, 0)

    @property
    def natural(self) -> Form | None:
        """The form with vec of both as they are."""
        return next((form for form in self.forms if is_natural(form)), None)

    @property
    def shown(self) -> Matrix | None:
        """What stands for it in products; what is long has its name there."""
        if self.chain is not None:
            return self.name
        form = self.natural
        assert form is None or isinstance(form.matrix, Matrix)
        return None if form is None else form.matrix


class Slopes:
    """The Jacobians of a program by one convention; with `unfolded` its tensors are unfolded along
    every mode."""

    def __init__(
        self, program: Program, found: Gradients, faces: Faces, by: str, *, unfolded: bool
    ) -> None:
        self.unfolded = unfolded
        self.program = program
        self.found = found
        self.faces = faces
        self.by = by
        self.known: dict[tuple[str, str], Slope] = {}
        self.steps: list[Slope] = []
        self.sources: dict[str, set[str]] = {}
        for equation in program.equations:
            own = set(mentions(equation.right))
            self.sources[equation.left.name] = own.union(*map(self.made_of, own))

    def of(self, name: str, wrt: str) -> Slope:
        """The Jacobian of one tensor by another, through every path between them."""
        if (name, wrt) in self.known:
            return self.known[name, wrt]
        between = [one for one in self.made_of(name) if wrt in self.made_of(one)]
        if len(between) <= DEEP:
            left, formula = jacobian(self.program, name, wrt)
            slope = self.found_for(
                Access(name, *self.program.tensors[name]), left.variable, formula
            )
        else:
            # From y on, so that each finds those that it is made of.
            for equation in reversed(self.program.equations):
                if equation.left.name in between:
                    self.of(name, equation.left.name)
            slope = self.found_for(self.access(name), self.access(wrt), None)
        self.known[name, wrt] = slope
        return slope

    def forms(self, name: str, wrt: str) -> tuple[Form, ...]:
        """All forms of one, or a refusal."""
        slope = self.of(name, wrt)
        if not slope.forms:
            along = () if slope.short is None else ("it is written along paths only: ", slope.short)
            raise NoFormError(D(slope.of, slope.wrt), ": ", *slope.why, *along)
        return slope.forms

    def access(self, name: str) -> Access:
        return Access(name, *self.program.tensors[name])

    def made_of(self, name: str) -> set[str]:
        """All tensors that one depends on."""
        return self.sources.get(name, set())

    def pulled(self, parts: Sequence[tuple[Slope, Access]], equation: Equation) -> Form | None:
        """vec(∂l/∂X) = Σ (∂vec(Y)/∂vec(X))ᵀ vec(G) over the outputs; of one as its first form has
        them. None where there is no form, or one of them is a scalar."""
        found = [
            (slope.forms[0], slope.modes) if len(parts) == 1 else (slope.natural, (0, 0))
            for slope, _ in parts
            if slope.forms
        ]
        forms = [form for form, _ in found if form is not None and len(form.sides) == 2]
        if not forms or len(forms) < len(parts):
            return None
        indices, wrt = equation.left.indices, found[0][1][1]
        own = forms[0].sides[1]
        inner = [indices[at] for at in order(len(indices), wrt)]
        side = Side(own.whole.name if own.whole is not None else "", inner, self.by)
        (free,) = places([side])
        terms = []
        for form, (_, (of, _)), (_, given) in zip(forms, found, parts, strict=True):
            assert isinstance(form.matrix, Matrix)
            summed, *_ = places(form.sides)
            turned = Entry(algebra.transposed(form.matrix), free, summed)
            vector = Entry(vec_as(given, of, self.faces, self.by), summed)
            terms.append(Term((summed,), (turned, vector)))
        work = Work.on(terms, (free,))
        for place in range(len(terms)):
            work.apply(products.matrix_product, place, work.terms[place].bound[0])
        work.apply_whole(single.matrix_sum)
        left = vec_as(equation.left, wrt, self.faces, self.by)
        return Form(equation, left, one_matrix(work, left), (), work.trace(), {}, (side,))

    def found_for(
        self, of: Access, wrt: Access, formula: Basic | None, *, paths: bool = True
    ) -> Slope:
        """By its formula, or else along paths."""
        name = VecSlope(*(vec_as(one, 0, self.faces, self.by) for one in (of, wrt)))
        pair = None
        if formula is not None:
            pair = _Pair(of, wrt, formula, self.faces, self.by, unfolded=self.unfolded)
            own = pair.own()
            if own is not None:
                return Slope(of, wrt, name, formula, tuple(pair.others(*own)), modes=own[1:])
            whole = pair.by_terms()
            if whole is not None:
                return Slope(of, wrt, name, formula, (whole,))
        parts = self.along_paths(of.name, wrt.name) if paths else []
        if not parts:
            why = (f"none was found in Kronecker products by {self.by}s",)
            return Slope(of, wrt, name, formula, why=why)
        chain = algebra.plus(*(_chained(*both) for both in parts))
        short = algebra.plus(*(_put_in(*both) for both in parts))
        forms: tuple[Form, ...] = ()
        if pair is not None:
            forms = pair.product(parts)
        return Slope(of, wrt, name, formula, forms, chain=chain, short=short)

    def along_paths(self, of: str, wrt: str) -> list[tuple[Slope | None, Slope]]:
        """∂y/∂c and ∂c/∂x for all that is made of x directly, ∂y/∂x alone where that is y; none
        where some have no form, or there is no other way."""
        if wrt not in self.found.adjoints:
            return []
        parts: list[tuple[Slope | None, Slope]] = []
        for _, step in self.found.adjoints[wrt].adjoint.paths:
            if step.of.name == of:
                parts.append((None, self.alone(step)))
            elif step.of.name in self.made_of(of):
                parts.append((self.of(of, step.of.name), self.step(step)))
        every = [slope for pair in parts for slope in pair if slope is not None]
        if all(outer is None for outer, _ in parts) or any(one.shown is None for one in every):
            return []
        return parts

    def alone(self, step: Jacobian) -> Slope:
        """∂c/∂x through one equation, whatever other ways there are."""
        slope = self.found_for(step.of, step.variable, step.trace.result, paths=False)
        self.steps.append(slope)
        return slope

    def step(self, step: Jacobian) -> Slope:
        """∂c/∂x through one equation; in closed form where that is the only way from x to c."""
        of, wrt = step.of.name, step.variable.name
        (equation,) = (one for one in self.program.equations if one.left.name == of)
        if all(wrt not in self.made_of(other) for other in mentions(equation.right)):
            return self.of(of, wrt)
        return self.alone(step)


def _chained(outer: Slope | None, inner: Slope) -> Matrix:
    """(∂y/∂c) (∂c/∂x)"""
    if outer is None:
        assert inner.shown is not None  # or there would be no chain
        return inner.shown
    return algebra.product(outer.name, inner.name)


def _put_in(outer: Slope | None, inner: Slope) -> Matrix:
    """The same with what is known of both."""
    both = [one.shown for one in (outer, inner) if one is not None]
    return algebra.product(*(one for one in both if one is not None))


def vec_as(access: Access, axis: int, faces: Faces, by: str) -> Matrix:
    """vec of a tensor as its unfolding along an axis has it; a vector or a scalar as it is."""
    named = faces.named(access)
    if named is None:
        return vec_of(faces.core(access), axis, by)
    if len(access.indices) < 2:
        return named
    return Vec(algebra.transposed(named) if axis else named, by)


def is_natural(form: Form) -> bool:
    """Whether each side has its indices as its tensor has them."""
    indices = form.equation.left.indices
    own = [index for side in form.sides for index in side.indices]
    return own == list(indices)


class _Pair:
    """One Jacobian as matrices: rows and columns by some mode of their tensors."""

    def __init__(
        self, of: Access, wrt: Access, formula: Basic, faces: Faces, by: str, *, unfolded: bool
    ) -> None:
        self.of, self.wrt = of, wrt
        self.faces, self.by, self.unfolded = faces, by, unfolded
        pair = Access(f"d {of.name}/d {wrt.name}", *of.indices, *wrt.indices)
        self.equation = Equation(pair, formula)

    # Forms

    def own(self) -> tuple[Form, int, int] | None:
        """The first that there is, with its modes; those as they are first."""
        for wrt in range(max(1, len(self.wrt.indices))):
            for of in range(max(1, len(self.of.indices))):
                try:
                    return self.form(of, wrt), of, wrt
                except NoFormError:
                    pass
        return None

    def others(self, own: Form, of: int, wrt: int) -> Iterator[Form]:
        """It, and with rows in the order of vec(y); among unfoldings also as that of y along its
        last mode has them."""
        yield own
        if of or wrt:
            yield self.natural(own, of, wrt)
        last = len(self.of.indices) - 1
        if not self.unfolded or last < MANY or of == last:
            return
        if len(self.wrt.indices) <= MANY:
            yield self.reordered(own, of, last)
            return
        with suppress(NoFormError):  # there is one already, and that along last modes may be none
            yield self.form(last, len(self.wrt.indices) - 1)

    def form(self, of: int = 0, wrt: int = 0) -> Form:
        """With rows as the unfolding of y along one mode has them, and columns as that of x."""
        axes = ((self.of, of), (self.wrt, wrt))
        fused = [[t.indices[at] for at in order(len(t.indices), axis)] for t, axis in axes]
        sides = self.sides(fused)
        work = fused_entry(self.equation.right, sides, self.faces, self.by)
        left = VecSlope(*(vec_as(tensor, axis, self.faces, self.by) for tensor, axis in axes))
        return self.made(left, work, sides)

    def sides(self, fused: Sequence[Sequence[Index]]) -> tuple[Side, ...]:
        letters = iter(letters_but("sr", *self.equation.left.indices, *self.faces.taken))
        return tuple(Side(next(letters), indices, self.by) for indices in fused if indices)

    def made(self, left: Matrix, work: Work, sides: tuple[Side, ...]) -> Form:
        return Form(self.equation, left, one_matrix(work, left), (), work.trace(), {}, sides)

    def reordered(self, own: Form, of: int, to: int) -> Form:
        """The form whose rows are as one unfolding has them, with those of another."""
        core = self.faces.core(self.of)
        rows, *rest = own.sides
        (name,) = letters_but("w", *places(own.sides), *self.equation.left.indices)
        inner = [self.of.indices[at] for at in order(len(self.of.indices), to)]
        sides = (Side(name, inner, self.by), *rest)
        (after, *_), (before,) = places(sides), places([rows])
        deltas = same_component(self.of.indices, (after, to), (before, of), by=self.by)
        entry = Entry(own.matrix, *places(own.sides))
        work = Work.on([Term((*self.of.indices, before), (*deltas, entry))], places(sides))
        letter = self.faces.permutation(core.name)
        work.apply(permutation_of_rows, 0, core, self.of.indices, of, to, self.by, letter)
        assert isinstance(own.left, VecSlope)
        return self.made(
            VecSlope(vec_as(self.of, to, self.faces, self.by), own.left.wrt), work, sides
        )

    def natural(self, own: Form, of: int, wrt: int) -> Form:
        """The form with vec of both tensors as they are."""
        form = self.reordered(own, of, 0) if of else own
        return self.with_columns(form, wrt) if wrt else form

    def with_columns(self, own: Form, of: int) -> Form:
        """The form whose columns are as one unfolding of x has them, with those of vec(x)."""
        core = self.faces.core(self.wrt)
        *rest, columns = own.sides
        (name,) = letters_but("w", *places(own.sides), *self.equation.left.indices)
        sides = (*rest, Side(name, self.wrt.indices, self.by))
        (before,), (*_, after) = places([columns]), places(sides)
        deltas = same_component(self.wrt.indices, (after, 0), (before, of), by=self.by)
        entry = Entry(own.matrix, *places(own.sides))
        work = Work.on([Term((*self.wrt.indices, before), (*deltas, entry))], places(sides))
        letter = self.faces.permutation(core.name)
        work.apply(permutation_of_columns, 0, core, self.wrt.indices, of, 0, self.by, letter)
        assert isinstance(own.left, VecSlope)
        left = VecSlope(own.left.args[0], vec_as(self.wrt, 0, self.faces, self.by))
        return self.made(left, work, sides)

    def by_terms(self) -> Form | None:
        """Each term of the formula by itself, rows and columns in one order."""
        terms = flat(self.equation.right)
        if not 1 < len(terms) <= MOST_TERMS:
            return None
        found = []
        for term in terms:
            formula = tree((term,), self.equation.left.indices)
            pair = _Pair(self.of, self.wrt, formula, self.faces, self.by, unfolded=False)
            own = pair.own()
            if own is None:
                return None
            found.append(pair.natural(*own))
        sides = self.sides([self.of.indices, self.wrt.indices])
        ends = places(sides)
        work = Work.on([Term((), (Entry(one.matrix, *ends),)) for one in found], ends)
        work.apply_whole(single.matrix_sum)
        return self.made(self.name, work, sides)

    @property
    def name(self) -> VecSlope:
        return VecSlope(*(vec_as(one, 0, self.faces, self.by) for one in (self.of, self.wrt)))

    def product(self, parts: Sequence[tuple[Slope | None, Slope]]) -> tuple[Form, ...]:
        """A sum of products of other Jacobians, or of one alone; none where some have no form."""
        sides = self.sides([self.of.indices, self.wrt.indices])
        ends = places(sides)
        terms = []
        for first, second in parts:
            outer = None if first is None else first.natural
            inner = second.natural
            if inner is None or (first is not None and outer is None):
                return ()
            row, column = (1 if self.of.indices else 0), (1 if self.wrt.indices else 0)
            if outer is None:
                terms.append(Term((), (Entry(inner.matrix, *ends),)))
                continue
            assert isinstance(outer.matrix, Matrix)
            size = [outer.matrix.shape[1]] if outer.matrix.shape[1] != 1 else []
            (name,) = letters_but("u", *ends)
            between = [fused(name, size)] if size else []
            # Of two vectors both are columns.
            turned = not ends and outer.matrix.shape[0] == 1
            matrix = algebra.transposed(outer.matrix) if turned else outer.matrix
            factors = (
                Entry(matrix, *ends[:row], *between),
                Entry(inner.matrix, *between, *ends[len(ends) - column :]),
            )
            terms.append(Term(tuple(between), factors))
        work = Work.on(terms, ends)
        for place, term in enumerate(terms):
            for index in term.bound:
                work.apply(products.matrix_product, place, index)
            work.apply(single.scalar_multiplication, place)
        work.apply_whole(single.matrix_sum)
        return (self.made(self.name, work, sides),)
