"""Functions of components of tensors as functions of vec, entry by entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from sympy import Basic, Expr

from indexcalc.expr.base import ONE, Index, postorder
from indexcalc.expr.digits import Place, digits, fused, joined
from indexcalc.expr.nodes import Add, Apply, Mul, Pow
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms
from indexcalc.forms import algebra
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import Function, Matrix, Ones
from indexcalc.forms.rules.fusing import all_joined, vec
from indexcalc.forms.rules.letters import put
from indexcalc.forms.tensors import Core, Vec

_sizes = [Index(letter).size for letter in "ijk"]
_s = fused("s", _sizes)
_X = Core("x", "X", *_sizes)


@rule(
    "entry by entry of vec",
    "f(x_{s % I, s ÷ I}) = [f(vec(X))]_s",
    source="000, Sec. 2.3",
    ends="a function or a power goes",
    example=lambda: Example(
        Apply("tanh", Entry(_X, *digits(_s, _sizes, "column"))),
        Entry(Function("tanh", Vec(_X, "column")), _s),
        (0,),
    ),
)
def entry_by_entry(term: Term, at: int, by: str = "column") -> Terms | None:
    """A function of components at digits of one index is an entry of that function of vec; what
    lacks some of the digits is the same for all of them."""
    factor = term.factors[at]
    found = {place for one in postorder(factor) if isinstance(one, Entry) for place in one.indices}
    slowest_first = _descending(found)
    if isinstance(factor, Entry) or not slowest_first:
        return None
    whole = all_joined(slowest_first, "row")
    matrix = _vector(factor, slowest_first, by)
    return None if matrix is None or whole is None else put(term, [at], [Entry(matrix, whole)])


def _descending(places: Iterable[Place]) -> list[Place]:
    """Neighbouring digits, the slowest first; none where they are no neighbours."""
    waiting = set(places)
    lowest = [one for one in waiting if not any(joined(one, other) for other in waiting)]
    if len(lowest) != 1:
        return []
    found = lowest
    while len(found) < len(waiting):
        above = [one for one in waiting if joined(one, found[0])]
        if len(above) != 1:
            return []
        found = [*above, *found]
    return found


def _vector(factor: Basic, places: Sequence[Place], by: str) -> Matrix | None:
    """A function of entries as a vector over digits."""
    if isinstance(factor, Entry):
        return _spread(factor, places, by)
    if isinstance(factor, Expr):
        return algebra.scaled(factor, Ones(_length(places)))
    if isinstance(factor, Pow) and isinstance(factor.exponent, Expr):
        base = _vector(factor.base, places, by)
        return None if base is None else algebra.power(base, factor.exponent)
    if not isinstance(factor, Add | Mul | Apply):
        return None
    parts = [_vector(part, places, by) for part in factor.parts]
    found = [part for part in parts if part is not None]
    if len(found) < len(parts):
        return None
    if isinstance(factor, Apply):
        return Function(factor.name, *found)
    return algebra.plus(*found) if isinstance(factor, Add) else algebra.hadamard(*found)


def _spread(one: Entry, places: Sequence[Place], by: str) -> Matrix | None:
    """An entry as a vector over digits; of those it has all, one, or none."""
    if not one.indices:
        return algebra.scaled(one.matrix, Ones(_length(places)))
    if len(one.indices) == 1:
        rest = [one.matrix if place in one.indices else Ones(place.size) for place in places]
        return algebra.kronecker(*rest) if len(rest) > 1 else rest[0]
    if set(one.indices) != set(places):
        return None
    for axis in range(len(one.indices)):
        made = vec(Term((), (one,)), 0, by, axis)
        if made is not None:
            (entry,) = made[0].factors
            return entry.matrix if isinstance(entry, Entry) else None
    return None


def _length(places: Sequence[Place]) -> Expr:
    return prod((place.size for place in places), start=ONE)
