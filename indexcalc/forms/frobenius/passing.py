"""The rules that take dℓ through a program: terms collected by what changes, definitions put in."""

from __future__ import annotations

from indexcalc.expr.nodes import Access, Add
from indexcalc.expr.program import Equation
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms
from indexcalc.forms import algebra
from indexcalc.forms.differential import Differential, differential_name
from indexcalc.forms.entries import Entry
from indexcalc.forms.frobenius.differentials import SOURCE, d
from indexcalc.forms.frobenius.moving import C, Front, joined, split
from indexcalc.forms.matrices import Inner, Matrix, Named, Plus, Product
from indexcalc.forms.rules.letters import TWO, A, B, i, j


@rule(
    "terms collected",
    "A : dX + B : dX = (A + B) : dX",
    source=SOURCE,
    ends="a term goes",
    example=lambda: Example(
        Add(Entry(Inner(A, d(C))), Entry(Inner(B, d(C)))),
        Entry(Inner(Plus(A, B), d(C))),
        (C,),
    ),
    whole=True,
)
def terms_collected(terms: Terms, name: Named | None = None) -> Terms | None:
    """What the change of one tensor is paired with is one sum."""
    found = {place: front for place, term in enumerate(terms) for front in fronts(term, name)}
    if len(found) < 2 or name is None:
        return None
    total = algebra.plus(*(algebra.scaled(*front) for front in found.values()))
    first, *others = found
    made = Term((), (Entry(joined((total,), Differential(name))),))
    after = [made if place == first else term for place, term in enumerate(terms)]
    return tuple(term for place, term in enumerate(after) if place not in others)


@rule(
    "differential put in",
    "G : dY = G : d(X W) where Y = X W",
    source=SOURCE,
    ends="each definition is made of names before it",
    example=lambda: Example(
        Entry(Inner(A, d(B))),
        Entry(Inner(A, Product(d(C), C))),
        (B, Product(d(C), C)),
        (Equation(Access(differential_name("b"), i, j), Entry(Product(d(C), C), i, j)),),
    ),
)
def differential_put_in(
    term: Term, name: Named | None = None, change: Matrix | None = None
) -> Terms | None:
    """The differential of a definition stands for that of its name; where it is 0, so is the
    term."""
    for front in fronts(term, name):
        return (Term((), (Entry(joined(front, change)),)),) if change is not None else ()
    return None


@rule(
    "gradient named",
    "G : dY = ∂ℓ/∂Y : dY",
    source=SOURCE,
    ends="each gradient is named once",
    example=lambda: Example(
        Entry(Inner(algebra.scaled(TWO, A), d(B))),
        Entry(Inner(C, d(B))),
        (B, C),
        (Equation(Access("c", i, j), Entry(algebra.scaled(TWO, A), i, j)),),
    ),
)
def gradient_named(
    term: Term, name: Named | None = None, gradient: Matrix | None = None
) -> Terms | None:
    """What the change of a tensor is paired with is the gradient by it, and keeps that name."""
    if name is None or gradient is None or not fronts(term, name):
        return None
    return (Term((), (Entry(joined((gradient,), Differential(name))),)),)


def fronts(term: Term, name: Named | None) -> list[Front]:
    """What stands in front of the change of this tensor; nothing where the term is another."""
    if name is None or len(term.factors) != 1 or not isinstance(term.factors[0], Entry):
        return []
    pair = split(term.factors[0].matrix)
    return [pair[0]] if pair is not None and pair[1] == Differential(name) else []
