"""Equations between tensors of any order in matrix notation: by mode products, and unfolded along
every mode."""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.expr.base import Index
from indexcalc.expr.program import Equation
from indexcalc.forms.fusing import fused_entry
from indexcalc.forms.matrices import Matrix
from indexcalc.forms.moded import moded
from indexcalc.forms.naming import Faces
from indexcalc.forms.outward import Form, one_matrix
from indexcalc.forms.sides import Side, letters_but
from indexcalc.forms.tensors import Unfolding, order


def unfolded(equation: Equation, faces: Faces, by: str) -> list[Form]:
    """An equation in the notation of tensors: by mode products where it is one, and unfolded along
    every mode; of no more than two indices as it is."""
    indices = equation.left.indices
    named = faces.named(equation.left)
    if named is not None:
        return [_along(equation, named, indices[:1], indices[1:], faces, by)]
    core = faces.core(equation.left)
    found = [moded(equation, core, faces)]
    for axis in range(len(indices)):
        row, *columns = (indices[other] for other in order(len(indices), axis))
        left = Unfolding(core, axis, by)
        found.append(_along(equation, left, [row], columns, faces, by))
    return [form for form in found if form is not None]


def _along(
    equation: Equation,
    left: Matrix,
    rows: Sequence[Index],
    columns: Sequence[Index],
    faces: Faces,
    by: str,
) -> Form:
    letters = iter(letters_but("sr", *equation.left.indices, *faces.taken))
    sides = tuple(Side(next(letters), indices, by) for indices in (rows, columns) if indices)
    work = fused_entry(equation.right, sides, faces, by)
    return Form(equation, left, one_matrix(work, left), (), work.trace(), {}, sides)
