"""In matrix notation: definitions and gradients, each from indices to matrices, with its shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sympy import Basic

from indexcalc.expr.base import ONE, postorder
from indexcalc.expr.names import adjoint_name
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Equation
from indexcalc.forms.computing import Difference, worst
from indexcalc.forms.matrices import Identity, Named, Ones
from indexcalc.forms.naming import MANY
from indexcalc.forms.notation import Notation
from indexcalc.forms.outward import Form
from indexcalc.forms.tensors import Core, Permutation, Tensor, Unfolding, Vec
from indexcalc.render.opening import listed, page_of
from indexcalc.render.page import Block, Equations, Heading, Page, Pieces, Remark, Row

# Lines that are shown of a way; of a longer one only where it leads.
LONGEST = 6


def page(notation: Notation, steps: str = "main", seed: int = 0) -> tuple[Page, bool]:
    """The page, and whether every form has the value of its formula with indices."""
    equations = (*notation.definitions, *notation.gradients)
    every = (form for equation in equations for form in notation.every(equation))
    forms = [form for form in every if isinstance(form, Form)]
    found_at = worst(forms, seed)
    blocks = _blocks(notation, steps, found_at, forms)
    return page_of(notation.program, blocks), all(one.agrees for one in found_at)


def _blocks(
    notation: Notation, steps: str, differences: Sequence[Difference], forms: Sequence[Form]
) -> Iterator[Block]:
    yield from shapes(notation)
    yield from conventions(forms, notation.by)
    if notation.definitions:
        yield conclusions(notation, notation.definitions)
    yield from upstream(notation)
    if steps != "none":
        every = (*(notation.definitions if steps == "all" else ()), *notation.gradients)
        for equation in every:
            yield from _section(notation, equation, every=steps == "all")
    if notation.gradients:
        yield Heading("Gradients")
        yield conclusions(notation, notation.gradients)
    yield from checked(differences, len(forms))


def shapes(notation: Notation, *, whole: bool = False) -> Iterator[Block]:
    """X is I by K, b has J entries."""
    told: list[Pieces] = []
    for one in notation.tensors(whole=whole):
        if isinstance(one, Tensor):
            by = (piece for size in one.sizes[1:] for piece in (" by ", size))
            told.append((one, " is ", one.sizes[0], *by))
            continue
        rows, columns = one.shape
        if columns != 1:
            told.append((one, " is ", rows, " by ", columns))
        elif rows != 1:
            told.append((one, " has ", rows, " entries" if rows != 1 else " entry"))
    if told:
        ones: Pieces = ("; vectors are columns, and ", Ones(ONE + ONE), " is one of ones. ")
        if _has_identity(notation):
            ones = (*ones, Identity(ONE + ONE), " is the identity. ")
        yield Remark((*listed(told), *ones, "A gradient has the shape of its variable."))


def _has_identity(notation: Notation) -> bool:
    forms = map(notation.of, (*notation.definitions, *notation.gradients))
    nodes = (node for form in forms if isinstance(form, Form) for node in postorder(form.matrix))
    return any(isinstance(node, Identity) for node in nodes)


def conventions(forms: Iterable[Form], by: str) -> Iterator[Block]:
    """What is done by columns, or by rows, where something is."""
    nodes = [n for form in forms for side in form.both for n in postorder(side)]
    fastest, known = _CONVENTIONS[by]
    told: list[str | Basic] = []
    if any(isinstance(node, Vec) for node in nodes):
        told += [
            Vec(Named("A", "A", ONE, ONE), by),
            f" has the {by}s of a matrix one after the other, and of any tensor the {fastest} "
            "index runs fastest. ",
        ]
    # A permutation is one of unfoldings, which its remark has.
    # A permutation of a matrix is told by its transpose.
    moved = any(isinstance(n, Permutation) and len(n.tensor.sizes) > MANY for n in nodes)
    if moved or any(isinstance(node, Unfolding) for node in nodes):
        first, second = (Unfolding(Core("X", "X", *[ONE] * 3), axis, by) for axis in (0, 1))
        told += [
            first,
            ", ",
            second,
            ", ... unfold a tensor along its modes, which count from 1: the rows run over that "
            f"index, the columns over all others, the {fastest} of them fastest ({known}).",
        ]
    if told:
        yield Remark((f"By {by}s: ", *told))


_CONVENTIONS = {
    "column": ("first", "as Kolda and Bader have it"),
    "row": ("last", "C order, as NumPy and TensorLy have it"),
}


def upstream(notation: Notation, *, whole: bool = False) -> Iterator[Block]:
    """l is a loss further on, and G = ∂l/∂Y."""
    program, loss = notation.program, notation.found.backprop.loss
    if not notation.found.results:
        return
    if program.is_loss:
        name = program.outputs[0]
        if name != loss:
            yield Remark(("The loss ", Access(loss), " is ", Access(name), "."))
        return
    given: list[Pieces] = []
    for seed, access in notation.upstream(whole=whole):
        name = adjoint_name(loss, notation.faces.face(access.name.partition("/∂")[2]))
        if isinstance(seed, Tensor):
            given.append((seed, " = ", Core(access.name, name, *seed.sizes)))
        else:
            given.append((seed, " = ", Named(access.name, name, *seed.shape, *seed.of)))
    if given:
        yield Remark((Access(loss), " is a loss further on, and ", *listed(given), "."))


def _section(notation: Notation, equation: Equation, *, every: bool) -> Iterator[Block]:
    """The way from indices to one matrix."""
    form = notation.of(equation)
    if not isinstance(form, Form):
        return
    # Of a long way no more lines are made than are shown.
    lines = list(islice(form.trace.lines(every=every), None if every else LONGEST + 2))
    if len(lines) < 2:
        return
    first, *others = lines
    if len(others) > LONGEST and not every:
        count = len(form.trace.steps)
        rows = [Row(form.entry, form.trace.result, ((f"after {count} steps",),))]
    else:
        lefts = [form.entry, *([None] * (len(others) - 1))]
        rows = [Row(left, line.expr, line.whys) for left, line in zip(lefts, others, strict=True)]
    yield Equations((Row(equation.left, first.expr), *rows))


def conclusions(notation: Notation, equations: Sequence[Equation]) -> Block:
    """What has a form, and what has none."""
    rows = (row for equation in equations for row in _concluded(equation, notation))
    return Equations(tuple(rows))


def _concluded(equation: Equation, notation: Notation) -> Iterator[Row]:
    found = notation.every(equation)
    forms = [form for form in found if isinstance(form, Form)]
    if not forms:
        yield Row(equation.left, equation.right, (("no form: ", *map(_said, found)),))
    yield from map(_conclusion, forms)


def _said(piece: Form | str | Basic) -> str | Basic:
    assert not isinstance(piece, Form)
    return piece


def _conclusion(form: Form) -> Row:
    each = tuple(listed([(index,) for index in form.outer]))
    return Row(form.left, form.matrix, (("for each ", *each),) if each else ())


def checked(differences: Sequence[Difference], count: int) -> Iterator[Block]:
    """What computing both shows, of so many forms."""
    wrong = [one for one in differences if not one.agrees]
    for one in wrong:
        yield Remark((one.form.left, " differs from its formula with indices: this is a fault."))
    if differences and not wrong:
        some = f"{len(differences)} of {count} were"
        each = "Each was" if len(differences) == count else some
        yield Remark(
            (
                f"{each} computed by NumPy beside the formula with indices, at random matrices: "
                "they agree up to rounding.",
            )
        )
