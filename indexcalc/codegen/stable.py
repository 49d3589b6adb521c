"""Exponentials computed where they cannot overflow, and logarithms where they do not underflow.

Where exponentials are summed and all that follows depends on their ratios alone, the largest
exponent is taken from all: e^{a - max a} / Σ e^{a - max a} is softmax, log Σ e^{a - max a} + max a
is log-sum-exp. Every value that is asked for stays the same, so that the shift counts as a constant
when the rewritten program is differentiated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sympy import Basic, Expr, Integer, log

from indexcalc.codegen.joining import Known
from indexcalc.codegen.logistic import SIGMOID, logarithm, sigmoids
from indexcalc.codegen.operations import Contraction, Operation, Pointwise
from indexcalc.codegen.part_names import Namer
from indexcalc.codegen.rewrites import Rewrite
from indexcalc.codegen.shifting import in_order, shifted
from indexcalc.expr.base import children, postorder, rebuild
from indexcalc.expr.nodes import Access, Add, Apply, Mul, One, Pow
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import Term, flat, flat_product, power, split_power, tree

SHIFT = ("the largest exponent taken out", "Σ e^a = e^m Σ e^(a - m), m = max a")
LOG_OF_PRODUCT = ("log of a product", "log(a b) = log a + log b, for a, b > 0")


@dataclass(frozen=True, slots=True)
class Stable:
    """Equations that compute the same outputs, the names among them that count as constants, and
    what was rewritten."""

    equations: tuple[Equation, ...]
    constants: tuple[str, ...]
    rewrites: tuple[Rewrite, ...]


def stable(
    operations: Sequence[Operation], outputs: Iterable[str], wrt: Iterable[str], namer: Namer
) -> Stable:
    """All rewrites that apply, in order of the operations; what is asked for, and what gradients
    are by, keeps its value."""
    work = _Work({one.left.name: one for one in operations}, set(outputs), set(wrt), namer)
    for name in list(work.operations):
        work.quotients(name)
        work.logs(name)
    for name in list(work.operations):
        work.shift(name)
    equations = (Equation(one.left, one.right) for one in work.operations.values())
    return Stable(tuple(equations), tuple(work.constants), tuple(work.rewrites))


class _Work:
    def __init__(
        self, operations: dict[str, Operation], outputs: set[str], wrt: set[str], namer: Namer
    ) -> None:
        self.operations = operations
        self.outputs = outputs
        self.known = Known(operations, wrt)
        self.namer = namer
        self.constants: list[str] = []
        self.rewrites: list[Rewrite] = []

    def replace(self, name: str, law: tuple[str, str], right: Basic) -> None:
        old = self.operations[name]
        self.rewrites.append(
            Rewrite(*law, Equation(old.left, old.right), Equation(old.left, right))
        )
        self.operations[name] = Pointwise(old.left, right)

    # Logarithms and sigmoids

    def quotients(self, name: str) -> None:
        one = self.operations[name]
        if isinstance(one, Pointwise):
            right = sigmoids(one.value, self.known)
            if right is not one.value:
                self.replace(name, SIGMOID, right)

    def logs(self, name: str) -> None:
        """Every log in an operation of something that is known to be a product or a sigmoid."""
        one = self.operations[name]
        if not isinstance(one, Pointwise):
            return
        right, told = one.value, LOG_OF_PRODUCT
        for node in postorder(one.value):
            if isinstance(node, Apply) and node.name == "log":
                (argument,) = node.arguments
                product = self.of_product(argument)
                found = logarithm(argument, self.known) if product is None else (product, told)
                if found is not None:
                    right, told = _replaced(right, node, found[0]), found[1]
        if right is not one.value:
            self.replace(name, told, right)

    def of_product(self, argument: Basic) -> Basic | None:
        """log of a product with an exponential in it, as a sum: log(p r e^a) = a + log p + log r,
        where p > 0 is known; the factors of which it is not stay together."""
        powers = self.unfolded(argument)
        exponents = [(self.known.inside(base, "exp"), exponent) for base, exponent in powers]
        if all(inside is None for inside, _ in exponents):
            return None
        terms: list[Term] = []
        together: list[Basic] = []
        for (base, exponent), (inside, _) in zip(powers, exponents, strict=True):
            if inside is None and (isinstance(base, Expr) or not self.positive(base)):
                together.append(base**exponent if isinstance(base, Expr) else power(base, exponent))
            else:
                part = inside if inside is not None else Apply("log", base)
                terms += [Term(t.bound, (exponent, *t.factors)) for t in flat(part)]
        if together:
            rest = tree((Term((), tuple(together)),), (), hoist=True)
            logarithm = log(rest) if isinstance(rest, Expr) else Apply("log", rest)
            if isinstance(logarithm, Expr) and not logarithm.is_real:
                return None
            terms.append(Term((), (logarithm,)))
        return tree(terms, in_order(argument), hoist=True)

    def unfolded(self, expr: Basic) -> list[tuple[Basic, Expr]]:
        """The powers that a product is made of, names of products put in; √u² stays, which may be
        -u."""
        found: list[tuple[Basic, Expr]] = []
        terms = flat_product(expr)
        for factor in terms[0].factors if len(terms) == 1 and not terms[0].bound else (expr,):
            base, exponent = split_power(factor)
            if isinstance(base, One):
                continue
            value = self.known.meaning(base)
            inner = self.unfolded(value) if isinstance(value, Mul | Pow) else []
            if not exponent.is_integer and not all(self.positive(part) for part, _ in inner):
                inner = []
            found += [(part, times * exponent) for part, times in inner or [(base, Integer(1))]]
        return found

    def positive(self, expr: Basic) -> bool:
        """Whether every entry is known to be positive."""
        if isinstance(expr, Expr):
            return bool(expr.is_positive)
        if isinstance(expr, One):
            return True
        if isinstance(expr, Apply):
            return expr.name in ("exp", "sigmoid", "softplus", "cosh")
        if isinstance(expr, Add | Mul):
            return all(map(self.positive, expr.args))
        if isinstance(expr, Pow):
            return self.positive(expr.base)
        if isinstance(expr, Access):
            one = self.operations.get(expr.name)
            if isinstance(one, Contraction):
                return bool(one.factor.is_positive) and all(map(self.positive, one.operands))
            return isinstance(one, Pointwise) and self.positive(one.value)
        return False

    # Exponentials

    def shift(self, name: str) -> None:
        """Take the largest exponent from an exponential that is summed, if only ratios matter."""
        operations = tuple(self.operations.values())
        kept = self.outputs.union(self.known.wrt)
        found = shifted(operations, self.operations[name], kept, self.namer)
        if found is not None:
            self.operations = {one.left.name: one for one in found.operations}
            self.constants += found.largest
            self.rewrites += [Rewrite(*SHIFT, *change) for change in found.changes]


def _replaced(expr: Basic, old: Basic, new: Basic) -> Basic:
    built: dict[Basic, Basic] = {}
    for node in postorder(expr):
        built[node] = (
            new if node == old else rebuild(node, tuple(built[part] for part in children(node)))
        )
    return built[expr]
