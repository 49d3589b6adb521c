"""The swap rule: the gradients of a product in a loop over += are the same loop, names swapped."""

from __future__ import annotations

from collections.abc import Callable

from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access, Mul
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import flat


def loop_indices(equation: Equation) -> tuple[Index, ...]:
    """What the loop goes over: the left's indices, then those that are summed."""
    (term,) = flat(equation.right)
    return (*equation.left.indices, *term.bound)


def swapped(equation: Equation, adjoint: Callable[[Access], Access]) -> list[Equation]:
    """y += a b ⟹ ∂l/∂a += (∂l/∂y) b,   ∂l/∂b += a (∂l/∂y)

    Of each factor in turn the name is swapped with that of the left-hand side; none where the
    right-hand side is not one product of tensors.
    """
    terms = flat(equation.right)
    if len(terms) != 1 or len(terms[0].factors) < 2:
        return []
    factors = [factor for factor in terms[0].factors if isinstance(factor, Access)]
    if len(factors) < len(terms[0].factors):
        return []
    loops = []
    for at, factor in enumerate(factors):
        others = [*factors[:at], adjoint(equation.left), *factors[at + 1 :]]
        loops.append(Equation(adjoint(factor), Mul(*others), adds=True))
    return loops
