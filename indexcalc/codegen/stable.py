"""Exponentials computed where they cannot overflow, and logarithms where they do not underflow.

Where exponentials are summed and all that follows depends on their ratios alone, the largest
exponent is taken from all: e^{a - max a} / Σ e^{a - max a} is softmax, log Σ e^{a - max a} + max a
is log-sum-exp. Every value that is asked for stays the same, so that the shift counts as a constant
when the rewritten program is differentiated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sympy import Basic, Expr, Integer

from indexcalc.codegen.operations import Contraction, Operation, Pointwise
from indexcalc.codegen.part_names import Namer
from indexcalc.codegen.shifting import in_order, shifted
from indexcalc.expr.base import MINUS_ONE, children, postorder, rebuild
from indexcalc.expr.nodes import Access, Add, Apply, Mul, One, Pow
from indexcalc.expr.program import Equation
from indexcalc.expr.rename import rename
from indexcalc.expr.terms import Term, coefficient, flat, flat_product, split_power, tree

SHIFT = ("the largest exponent taken out", "Σ e^a = e^m Σ e^(a - m), m = max a")
LOG_OF_PRODUCT = ("log of a product", "log(a b) = log a + log b, for a, b > 0")
LOG_OF_SIGMOID = ("log of a sigmoid", "log sigmoid(a) = -softplus(-a)")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """An equation in a form that computers keep more digits of: which law, before and after."""

    name: str
    law: str
    before: Equation
    after: Equation


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
        self.wrt = wrt
        self.namer = namer
        self.constants: list[str] = []
        self.rewrites: list[Rewrite] = []

    def replace(self, name: str, law: tuple[str, str], right: Basic) -> None:
        old = self.operations[name]
        self.rewrites.append(
            Rewrite(*law, Equation(old.left, old.right), Equation(old.left, right))
        )
        self.operations[name] = Pointwise(old.left, right)

    # Logarithms

    def logs(self, name: str) -> None:
        """Every log in an operation of something that is known to be a product or a sigmoid."""
        one = self.operations[name]
        if not isinstance(one, Pointwise):
            return
        right, law = one.value, LOG_OF_PRODUCT
        for node in postorder(one.value):
            if isinstance(node, Apply) and node.name == "log":
                found = self.of_product(node.arguments[0])
                if found is None:
                    found = self.of_sigmoid(node.arguments[0])
                    law = LOG_OF_SIGMOID
                if found is not None:
                    right = _replaced(right, node, found)
        if right is not one.value:
            self.replace(name, law, right)

    def of_product(self, argument: Basic) -> Basic | None:
        """log of a product with an exponential in it, as a sum; all factors positive."""
        powers = self.unfolded(argument)
        if powers is None or not all(self.positive(base) for base, _ in powers):
            return None
        if len(powers) == 1 and powers[0][0] == argument:
            return None
        terms: list[Term] = []
        seen = False
        for base, exponent in powers:
            inside = self.exponent_of(base)
            seen = seen or inside is not None
            part = inside if inside is not None else Apply("log", base)
            terms += [Term(t.bound, (exponent, *t.factors)) for t in flat(part)]
        return tree(terms, in_order(argument), hoist=True) if seen else None

    def unfolded(self, expr: Basic) -> list[tuple[Basic, Expr]] | None:
        """The powers that a product is made of, names of products put in."""
        terms = flat_product(expr)
        if len(terms) != 1 or terms[0].bound:
            return None
        found: list[tuple[Basic, Expr]] = []
        for factor in terms[0].factors:
            base, exponent = split_power(factor)
            if isinstance(base, One):
                continue
            if isinstance(base, Expr):
                return None
            value = self.meaning(base)
            inner = None
            if isinstance(value, Mul | Pow):
                inner = self.unfolded(value)
            powers = inner if inner is not None else [(base, Integer(1))]
            found += [(part, power * exponent) for part, power in powers]
        return found

    def meaning(self, access: Basic) -> Basic | None:
        """The elementwise value that a name stands for."""
        if not isinstance(access, Access) or access.name in self.wrt:
            return None
        one = self.operations.get(access.name)
        if not isinstance(one, Pointwise) or len(set(access.indices)) < len(access.indices):
            return None
        return rename(one.value, dict(zip(one.left.indices, access.indices, strict=True)))

    def exponent_of(self, base: Basic) -> Basic | None:
        value = self.meaning(base) or base
        return value.arguments[0] if isinstance(value, Apply) and value.name == "exp" else None

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

    def of_sigmoid(self, argument: Basic) -> Basic | None:
        """log sigmoid(a) = -softplus(-a), and log(1 - sigmoid(a)) = -softplus(a)."""
        inside = self.sigmoid_of(argument)
        if inside is not None:
            return Mul(MINUS_ONE, Apply("softplus", Mul(MINUS_ONE, inside)))
        if isinstance(argument, Add) and len(argument.args) == 2:
            for one, other in (argument.args, argument.args[::-1]):
                (term,) = flat_product(other) or (None,)
                if term is None or term.bound or not (one == 1 or isinstance(one, One)):
                    continue
                number, rest = coefficient(term)
                inside = self.sigmoid_of(rest[0]) if number == -1 and len(rest) == 1 else None
                if inside is not None:
                    return Mul(MINUS_ONE, Apply("softplus", inside))
        return None

    def sigmoid_of(self, part: Basic) -> Basic | None:
        value = self.meaning(part) or part
        return value.arguments[0] if isinstance(value, Apply) and value.name == "sigmoid" else None

    # Exponentials

    def shift(self, name: str) -> None:
        """Take the largest exponent from an exponential that is summed, if only ratios matter."""
        operations = tuple(self.operations.values())
        kept = self.outputs | self.wrt
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
