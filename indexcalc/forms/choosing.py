"""Which parts of gradients keep names of their own in matrix notation.

The names were given to formulas with indices, where a matrix product that is cut in two is as good
as whole. Matrices may read better without some of them.
"""

from __future__ import annotations

from indexcalc.calculus.gradients import Gradients, with_names
from indexcalc.calculus.weighing import factor_weight
from indexcalc.expr.program import Program
from indexcalc.forms.notation import Notation
from indexcalc.forms.outward import Form
from indexcalc.forms.weighing import OPERATION, weight

# What it costs to look up a name, to read "for each" index, and to go without a form.
NAME = OPERATION
EACH = 10 * OPERATION
FORMLESS = 100 * OPERATION
# Formulas that grow more than this without a name need it.
GROWTH = 4


def lightest(program: Program, found: Gradients, by: str = "column") -> Notation:
    """The notation with the names of shared parts that are a help: each is left out that is none,
    and all where the least is to read then."""
    best = Notation(program, found, by)
    if not found.kinds:
        return best
    least, most = _load(best), GROWTH * _length(found)
    kept = found.kinds
    for dropped in (*((kind,) for kind in kept), kept):
        names = tuple(kind for kind in kept if kind not in dropped)
        other = with_names(found, names)
        if _length(other) > most:
            continue
        made = Notation(program, other, by)
        load = _load(made)
        if load < least:
            best, least, kept = made, load, names
    return best


def _length(found: Gradients) -> int:
    """Of all formulas with indices."""
    formulas = (*found.results.values(), *(equation.right for equation in found.shared))
    return sum(map(factor_weight, formulas))


def _load(notation: Notation) -> int:
    """How much there is to read in all gradients."""
    total = NAME * len(notation.found.shared)
    for equation in notation.gradients:
        form = notation.of(equation)
        if isinstance(form, Form):
            total += weight(form.matrix) + EACH * len(form.outer)
        else:
            total += FORMLESS
    return total
