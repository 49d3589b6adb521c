"""Jacobians of vec by vec: each from its formula with indices, through fused indices, to Kronecker
products; and the gradients that they give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sympy import Basic

from indexcalc.calculus.weighing import factor_weight
from indexcalc.expr.base import ONE, Index, postorder
from indexcalc.expr.digits import Fusion, digits, fused, fusion
from indexcalc.expr.nodes import Access, D
from indexcalc.expr.rewrite import Work
from indexcalc.expr.terms import flat
from indexcalc.forms import algebra
from indexcalc.forms.computing import worst
from indexcalc.forms.matrices import Matrix, Named
from indexcalc.forms.naming import MANY
from indexcalc.forms.notation import Notation
from indexcalc.forms.outward import Form
from indexcalc.forms.rules.fusing import identity_insertion, vec_of
from indexcalc.forms.sides import Side, letters_but
from indexcalc.forms.slopes import Slope
from indexcalc.forms.tensors import Core, Permutation, Tensor, Vec, VecSlope, order
from indexcalc.pages.matrix import checked, conventions, shapes, upstream
from indexcalc.render.opening import listed, page_of
from indexcalc.render.page import Block, Equations, Heading, Page, Pieces, Remark, Row

# The weight of a formula with indices that is not written beside matrices.
LONG = 400


def page(notation: Notation, steps: str = "main", seed: int = 0) -> tuple[Page, bool]:
    """The page, and whether every form has the value of its formula with indices."""
    program = notation.program
    pairs = [(of, wrt) for of in program.outputs for wrt in notation.found.backprop.wrt]
    found = [notation.slopes.of(*pair) for pair in pairs]
    named = _named(notation, found)
    gradients = [form for wrt in notation.found.backprop.wrt for form in notation.pulled(wrt)]
    every = (*notation.slopes.known.values(), *notation.slopes.steps)
    forms = [form for slope in every for form in slope.forms]
    differences = worst([*forms, *gradients], seed, (*program.equations, *notation.found.where))
    sections = (_section(slope, notation, steps) for slope in found if steps != "none")
    definitions = [_definitions(notation)] if notation.definitions else []
    blocks = [
        *shapes(notation, whole=True),
        *conventions([*forms, *gradients], notation.by),
        *definitions,
        *(block for section in sections for block in section),
        *_conclusion((*named, *found), notation.by),
        *(_reorderings(forms) if steps == "none" else ()),
        *_gradients(notation, gradients),
        *checked(differences, len(forms) + len(gradients)),
    ]
    return page_of(program, iter(blocks)), all(one.agrees for one in differences)


def _definitions(notation: Notation) -> Block:
    """In matrix notation, but for one of many, which the Jacobians are not of."""
    rows: list[Row] = []
    for equation in notation.definitions:
        found = [form for form in notation.every(equation) if isinstance(form, Form)]
        if not found or any(form.outer for form in found):
            rows.append(Row(equation.left, equation.right))
        else:
            rows += (Row(form.left, form.matrix) for form in found)
    return Equations(tuple(rows))


def _named(notation: Notation, found: Sequence[Slope]) -> list[Slope]:
    """The Jacobians that others are put together from, by name."""
    known = {slope.name: slope for slope in notation.slopes.known.values()}
    waiting, named = [*found], list[Slope]()
    while waiting:
        short = waiting.pop().short
        for node in postorder(short) if short is not None else ():
            if isinstance(node, VecSlope) and known[node] not in (*found, *named):
                named.append(known[node])
                waiting.append(known[node])
    names = list(notation.program.tensors)
    return sorted(named, key=lambda slope: names.index(slope.wrt.name), reverse=True)


def _section(slope: Slope, notation: Notation, steps: str) -> Iterator[Block]:
    """The way from indices to one matrix."""
    if not slope.forms and slope.chain is None:
        return
    first, *others = slope.forms or (None,)
    yield Heading("Jacobian", slope.name if first is None else first.left)
    if slope.formula is not None and factor_weight(slope.formula) < LONG:
        left = D(slope.of, slope.wrt)
        yield Equations((*_inserted(slope, notation), Row(left, slope.formula)))
    if slope.chain is not None and slope.short is not None:
        rows = [Row(slope.name, slope.chain, (("chain rule",),))]
        if slope.short != slope.chain:
            rows.append(Row(None, slope.short, (("Jacobians put in",),)))
        yield Equations(tuple(rows))
    if first is None or slope.chain is not None:
        return
    told = [piece for side in first.sides if side.bound for piece in _pair(side)]
    if told:
        yield Remark((*listed(told), "."))
    lines = list(first.trace.lines(every=steps == "all"))
    # The first has deltas of the digits, which the remark says.
    lines = lines[1:] if told else lines
    lefts = [first.entry, *([None] * (len(lines) - 1))]
    rows = [Row(left, line.expr, line.whys) for left, line in zip(lefts, lines, strict=True)]
    if len(lines) > 1 or told:
        yield Equations(tuple(rows))
    for other in others:
        yield from _reorderings([other])
        yield Equations((Row(other.left, other.matrix, _why(other)),))


def _why(form: Form) -> tuple[Pieces, ...]:
    return tuple((step.rule.name,) for step in form.trace.steps[-1:])


def _inserted(slope: Slope, notation: Notation) -> Iterator[Row]:
    """y_ij = δ_im p_mk x_kj, where an index of y is one of p."""
    of, wrt = slope.of, slope.wrt
    for equation in notation.program.equations:
        terms = flat(equation.right)
        if equation.left.name != of.name or len(terms) != 1:
            continue
        factors = terms[0].factors
        found = [one for one in factors if isinstance(one, Access) and one.name == wrt.name]
        if len(found) != 1:
            return
        (one,) = found
        work = Work.on(equation.right, equation.left.indices)
        for place, index in enumerate(one.indices):
            if index in equation.left.indices:
                (name,) = letters_but("m", *work.terms[0].open, *wrt.indices, *notation.faces.taken)
                fresh = Index(name, index.size)
                at = work.terms[0].factors.index(one)
                work.apply(identity_insertion, 0, at, place, fresh)
                moved = [fresh if other == place else p for other, p in enumerate(one.indices)]
                one = Access(one.name, *moved)
        lines = list(work.trace().lines())
        if len(lines) > 1:
            yield Row(equation.left, lines[0].expr)
            yield from (Row(None, line.expr, line.whys) for line in lines[1:])


def _pair(side: Side) -> Iterator[Pieces]:
    """s = i + I j, i = s % I, j = s ÷ I"""
    assert side.whole is not None
    yield (side.whole, " = ", fusion(side.indices, side.by))
    places = digits(side.whole, [index.size for index in side.indices], side.by)
    for index, place in zip(side.indices, places, strict=True):
        yield (index, " = ", Fusion(place, ONE))


def _reorderings(forms: Iterable[Form]) -> Iterator[Block]:
    """What each P is, once."""
    nodes = [node for form in forms for node in postorder(form.matrix)]
    found = [node for node in nodes if isinstance(node, Permutation)]
    for node in dict.fromkeys(found):
        yield Remark(tuple(_permutation(node)))


def _permutation(permutation: Permutation) -> Iterator[str | Basic]:
    """vec(Y₍₂₎) = P vec(Y): which entry of the one is which of the other."""
    tensor, by = permutation.tensor, permutation.by
    count = len(tensor.sizes)
    of, to = (order(count, axis) for axis in (permutation.of, permutation.to))
    (name,) = letters_but("s")
    whole = fused(name, tensor.sizes)
    places = dict(zip(of, digits(whole, [tensor.sizes[axis] for axis in of], by), strict=True))
    yield _vec(tensor, permutation.of, by)
    yield " = "
    yield permutation
    yield " "
    yield _vec(tensor, permutation.to, by)
    yield ": entry "
    yield whole
    yield " of the one is entry "
    yield fusion([places[axis] for axis in to], by)
    yield " of the other. "
    yield permutation
    yield " is kept as that vector of indices, and never as a matrix."


def _vec(tensor: Tensor, axis: int, by: str) -> Matrix:
    """Of a matrix, unfolded along its second mode it is its transpose."""
    if not isinstance(tensor, Core) or len(tensor.sizes) > MANY:
        return vec_of(tensor, axis, by)
    named = Named(tensor.name, tensor.face, *tensor.sizes)
    return Vec(algebra.transposed(named) if axis else named, by)


def _conclusion(slopes: Sequence[Slope], by: str) -> Iterator[Block]:
    if not slopes:
        yield Remark(("There is no tensor to differentiate by.",))
        return
    yield Heading(f"Jacobians, by {by}s")
    yield Equations(tuple(row for slope in slopes for row in _concluded(slope)))


def _concluded(slope: Slope) -> Iterator[Row]:
    if slope.short is not None:
        yield Row(slope.name, slope.short)
    elif slope.forms:
        yield from (Row(form.left, form.matrix) for form in slope.forms)
    else:
        why = (("no form: ", *slope.why),)
        formula = slope.name if slope.formula is None else slope.formula
        yield Row(D(slope.of, slope.wrt), formula, why)


def _gradients(notation: Notation, gradients: Sequence[Form]) -> Iterator[Block]:
    """vec(∂l/∂X) = (∂vec(Y)/∂vec(X))ᵀ vec(G)"""
    if gradients:
        yield Heading("Gradients")
        yield from upstream(notation, whole=True)
        yield Equations(tuple(Row(form.left, form.matrix) for form in gradients))
