"""Exponentials that are multiplied entry by entry, as one: e^a e^b = e^(a + b).

One of them may overflow while the other comes to 0, so that only their joint exponent says how
large the product is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sympy import Basic, Expr

from indexcalc.codegen.operations import Contraction, Operation, Pointwise
from indexcalc.codegen.rewrites import Rewrite
from indexcalc.expr.nodes import Access, Add, Apply
from indexcalc.expr.program import Equation
from indexcalc.expr.rename import rename
from indexcalc.expr.terms import Term, flat, flat_product, split_power, tree

LAW = ("exponentials joined", "e^a e^b = e^(a + b)")


@dataclass(frozen=True, slots=True)
class Known:
    """What names stand for, but those that gradients are by."""

    operations: Mapping[str, Operation]
    wrt: Collection[str]

    def meaning(self, access: Basic) -> Basic | None:
        """The elementwise value that a name stands for."""
        if not isinstance(access, Access) or access.name in self.wrt:
            return None
        one = self.operations.get(access.name)
        if not isinstance(one, Pointwise) or len(set(access.indices)) < len(access.indices):
            return None
        return rename(one.value, dict(zip(one.left.indices, access.indices, strict=True)))

    def inside(self, part: Basic, function: str) -> Basic | None:
        """What a function is applied to, here or under the name of the result."""
        value = self.meaning(part) or part
        found = isinstance(value, Apply) and value.name == function
        return value.arguments[0] if found and isinstance(value, Apply) else None


def joined(
    operations: Sequence[Operation], wrt: Collection[str]
) -> tuple[list[Equation], list[Rewrite]]:
    """The operations as equations, and those among them in which exponentials were joined."""
    known = Known({one.left.name: one for one in operations}, wrt)
    equations: list[Equation] = []
    rewrites: list[Rewrite] = []
    for one in operations:
        before = Equation(one.left, one.right)
        right = _joined(one, known)
        equations.append(before if right is None else Equation(one.left, right))
        if right is not None:
            rewrites.append(Rewrite(*LAW, before, equations[-1]))
    return equations, rewrites


def _joined(one: Operation, known: Known) -> Basic | None:
    """The product with one exponential, if it had several, the largest over all its axes: then
    there is no more to compute."""
    if not isinstance(one, Contraction | Pointwise) or isinstance(one.right, Add):
        return None
    terms = flat_product(one.right)
    if len(terms) != 1:
        return None
    (term,) = terms
    found: dict[Basic, Basic] = {}
    exponents: list[Term] = []
    rest: list[Basic] = []
    for factor in term.factors:
        base, power = split_power(factor)
        inside = None if isinstance(base, Expr) else known.inside(base, "exp")
        if inside is None:
            rest.append(factor)
        else:
            found[base] = inside
            exponents += [Term(part.bound, (power, *part.factors)) for part in flat(inside)]
    if len(found) < 2 or all(term.open != part.free for part in found):
        return None
    axes = tuple(sorted(term.open, key=lambda index: index.name))
    whole = Apply("exp", tree(exponents, axes, hoist=True))
    return tree((Term(term.bound, (*rest, whole)),), one.left.indices, hoist=True)
