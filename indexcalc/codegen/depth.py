"""Deep expressions as several equations: what works on an equation part by part calls itself for
each level of it, and Python's stack is not endless."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Basic

from indexcalc.calculus.folding import skeleton
from indexcalc.codegen.part_names import Namer
from indexcalc.expr.base import children, postorder, rebuild
from indexcalc.expr.nodes import Access, Add, Apply, Pow
from indexcalc.expr.program import Equation

# So many levels an expression has at most, but for the products and sums around its last brackets.
MOST_LEVELS = 30


def shallow(equation: Equation, namer: Namer) -> Iterator[Equation]:
    """The equation, after those of the parts that lie too deep in it."""
    made: dict[int, Basic] = {}
    levels: dict[int, int] = {}
    right = equation.right
    for node in postorder(right):
        parts = children(node)
        above = 1 + max((levels[id(part)] for part in parts), default=0)
        whole = rebuild(node, tuple(made[id(part)] for part in parts))
        if above > MOST_LEVELS and node is not right and isinstance(node, Add | Apply | Pow):
            left = Access(namer.fresh(f"{equation.left.name}_part"), *skeleton(whole)[1])
            yield Equation(left, whole)
            whole, above = left, 1
        made[id(node)], levels[id(node)] = whole, above
    yield Equation(equation.left, made[id(right)])
