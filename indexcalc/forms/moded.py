"""Products along modes: an equation between tensors of more than two indices, where on one tensor
there is a matrix for an axis or none."""

from __future__ import annotations

from indexcalc.expr.base import ZERO
from indexcalc.expr.nodes import Access
from indexcalc.expr.program import Equation
from indexcalc.expr.rewrite import Work
from indexcalc.expr.terms import flat
from indexcalc.forms.entries import Entry
from indexcalc.forms.naming import Faces
from indexcalc.forms.outward import Form
from indexcalc.forms.rules import fusing, single
from indexcalc.forms.rules.letters import entries
from indexcalc.forms.tensors import Core, Tensor


def moded(equation: Equation, left: Core, faces: Faces) -> Form | None:
    """𝒴 = 𝒳 ×₁ V ×₂ W; None where it is something else."""
    if len(flat(equation.right)) != 1 or equation.right == ZERO:
        return None
    indices = equation.left.indices
    work = Work.on(equation.right, indices)
    for at, factor in enumerate(work.terms[0].factors):
        if not isinstance(factor, Access):
            return None
        found = faces.named(factor) or faces.core(factor)
        work.apply(single.component, 0, at, found)
    cores = [one for _, one in entries(work.terms[0]) if isinstance(one.of, Tensor)]
    if len(cores) != 1 or len(cores[0].indices) != len(indices):
        return None
    for axis, index in enumerate(indices):
        _multiplied(work, axis, index)
    factors = work.terms[0].factors
    if len(factors) != 1 or not isinstance(factors[0], Entry) or factors[0].indices != indices:
        return None
    return Form(equation, left, factors[0].of, (), work.trace(), {})


def _multiplied(work: Work, axis: int, index: object) -> None:
    """The matrix that has an index of the whole where the tensor has another, as a product."""
    found = entries(work.terms[0])
    (tensor,) = (one for _, one in found if isinstance(one.of, Tensor))
    inner = tensor.indices[axis]
    for at, one in found:
        if one is not tensor and set(one.indices) == {index, inner} and inner != index:
            if one.indices[0] != index:
                work.apply(single.transpose, 0, at)
            place = work.terms[0].factors.index(tensor)
            work.apply(fusing.mode_product, 0, place, at)
            return
