"""What has rows and columns of several indices each, as one matrix.

The indices of the rows are digits of one index, and so are those of the columns. Each factor is
made an entry at digits, and all of them one entry by blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from sympy import Basic, Expr

from indexcalc.expr.base import Index, children, free_of, postorder, rebuild
from indexcalc.expr.digits import DigitDelta
from indexcalc.expr.nodes import Access, Add, Mul, One
from indexcalc.expr.rewrite import Work
from indexcalc.expr.terms import Term, apart, flat, split_power
from indexcalc.forms.blocks import Fusing
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import Matrix, Ones
from indexcalc.forms.naming import MANY, Faces
from indexcalc.forms.network import NoFormError
from indexcalc.forms.outward import Writer
from indexcalc.forms.rules import single
from indexcalc.forms.sides import Side, places
from indexcalc.forms.tensors import Tensor

# So many terms may brackets have, multiplied out.
MOST_TERMS = 32


def _count(term: Term) -> int:
    """How many terms it may become where its brackets are multiplied out."""
    powers = [split_power(factor) for factor in term.factors]
    brackets = [(len(base.args), e) for base, e in powers if isinstance(base, Add)]
    return prod(terms ** int(e) for terms, e in brackets if e.is_Integer and e > 0)


def fused_entry(expr: Basic, sides: Sequence[Side], faces: Faces, by: str) -> Work:
    """An expression as one entry, at the indices of its sides."""
    bound = [index for side in sides for index in side.bound]
    deltas = [delta for side in sides for delta in side.maps]
    inner = [apart(term, {index.name for index in bound}) for term in flat(expr)]
    if sum(map(_count, inner)) > MOST_TERMS:
        raise NoFormError(expr, " has too many terms, multiplied out")
    terms = [Term((*bound, *term.bound), (*deltas, *term.factors)) for term in inner]
    at = places(sides)
    return _FusedWriter(faces, by).reduced(Work.on(terms, at), at)


class _FusedWriter(Writer):
    """Terms with fused indices, or with tensors, as entries."""

    def __init__(self, faces: Faces, by: str) -> None:
        super().__init__(faces, ())
        self.by = by

    def named(self, access: Access) -> Matrix | Tensor | None:
        return self.faces.named(access) or self.faces.core(access)

    def compound(self, work: Work, place: int, at: int, order: Sequence[Index]) -> None:
        """What has more than two indices waits until it has digits, its components as entries."""
        factor = work.terms[place].factors[at]
        if isinstance(factor, Expr | Entry | DigitDelta) or len(free_of(factor)) <= MANY:
            super().compound(work, place, at, order)
            return
        entries = self.with_entries(factor)
        if entries is not factor:
            term = work.terms[place]
            factors = (*term.factors[:at], entries, *term.factors[at + 1 :])
            work.replace(single.component, (place,), (Term(term.bound, factors),))

    def with_entries(self, factor: Basic) -> Basic:
        """The same, its components being entries."""
        made: dict[Basic, Basic] = {}
        for node in postorder(factor):
            if isinstance(node, Access):
                of = self.named(node)
                assert of is not None  # every tensor has a name here
                made[node] = Entry(of, *node.indices)
            elif isinstance(node, One):
                ones = [Entry(Ones(index.size), index) for index in node.indices]
                made[node] = Mul(*ones) if len(ones) > 1 else ones[0]
            else:
                made[node] = rebuild(node, tuple(made[part] for part in children(node)))
        return made[factor]

    def joined(self, work: Work, place: int, order: Sequence[Index]) -> None:
        factors = work.terms[place].factors
        if any(not isinstance(one, Entry | Expr) or _is_of_a_tensor(one) for one in factors):
            Fusing(work, place, order, self.by, self.faces.taken).reduce()
        else:
            super().joined(work, place, order)


def _is_of_a_tensor(factor: Basic) -> bool:
    return isinstance(factor, Entry) and isinstance(factor.of, Tensor)
