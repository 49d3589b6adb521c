"""Exponentials computed where they cannot overflow, and logarithms where they do not underflow.

Where exponentials are summed and all that follows depends on their ratios alone, the largest
exponent is taken from all: e^{a - max a} / Σ e^{a - max a} is softmax, log Σ e^{a - max a} + max a
is log-sum-exp. Every value that is asked for stays the same, so that the shift counts as a constant
when the rewritten program is differentiated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Basic, Expr, Integer, Rational

from indexcalc.codegen.operations import Contraction, Operation, Pointwise, Reduction, Spread
from indexcalc.codegen.part_names import Namer, name_of
from indexcalc.expr.base import MINUS_ONE, ZERO, Index, children, postorder, rebuild
from indexcalc.expr.broadcast import completed
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


def stable(operations: Sequence[Operation], outputs: Iterable[str], namer: Namer) -> Stable:
    """All rewrites that apply, in order of the operations."""
    work = _Work({one.left.name: one for one in operations}, tuple(outputs), namer)
    for name in list(work.operations):
        work.logs(name)
    for name in list(work.operations):
        work.shift(name)
    equations = (Equation(one.left, one.right) for one in work.operations.values())
    return Stable(tuple(equations), tuple(work.constants), tuple(work.rewrites))


# How a value grows when all exponents of one exponential grow by m: by e^(degree m), m at the
# indices; not at all where it is still. None where it grows in no such way.
Degree = tuple[Expr, tuple[Index, ...]]
STILL: Degree = (ZERO, ())


class _Work:
    def __init__(
        self, operations: dict[str, Operation], outputs: tuple[str, ...], namer: Namer
    ) -> None:
        self.operations = operations
        self.outputs = outputs
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
        return tree(terms, _order(argument), hoist=True) if seen else None

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
        if not isinstance(access, Access):
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
        one = self.operations[name]
        if not isinstance(one, Pointwise) or not isinstance(one.value, Apply):
            return
        argument = one.value.arguments[0]
        if one.value.name != "exp" or set(_order(argument)) != one.left.free:
            return
        kept = self.kept(one.left)
        if kept is None:
            return
        degrees: dict[str, tuple[Expr, tuple[int, ...]]] = {}
        logs: dict[str, Basic] = {}
        top = Access(self.namer.part(f"max_{name_of(flat(argument))}"), *kept)
        even = all(
            self.follow(other, one.left, kept, degrees, logs, top)
            for other in self.operations.values()
        )
        if even and not any(output in degrees for output in self.outputs):
            self.shifted(one, top, logs)
        else:
            self.namer.taken.discard(top.name)

    def kept(self, left: Access) -> tuple[Index, ...] | None:
        """The indices of an exponential that no sum takes; none where nothing sums it."""
        kept = set(range(len(left.indices)))
        summed = False
        for one in self.operations.values():
            for operand in one.operands if isinstance(one, Contraction) else ():
                if operand.name == left.name:
                    open_ = [n for n, i in enumerate(operand.indices) if i in one.left.free]
                    summed = summed or len(open_) < len(operand.indices)
                    kept &= set(open_)
        return tuple(left.indices[place] for place in sorted(kept)) if summed else None

    def follow(
        self,
        one: Operation,
        source: Access,
        kept: tuple[Index, ...],
        degrees: dict[str, tuple[Expr, tuple[int, ...]]],
        logs: dict[str, Basic],
        top: Access,
    ) -> bool:
        """Note the degree of a result; and, where it has logs of what grows, its right side. False
        where it has no degree."""
        name = one.left.name
        if name == source.name:
            degrees[name] = (Integer(1), tuple(source.indices.index(index) for index in kept))
            return True

        def of(access: Access) -> Degree:
            degree, places = degrees.get(access.name, (ZERO, ()))
            return (degree, tuple(access.indices[place] for place in places)) if degree else STILL

        found: Degree | None
        if isinstance(one, Contraction):
            found = _product(map(of, one.operands))
        elif isinstance(one, Reduction):
            found = of(one.operand)
            found = None if one.kind == "prod" and found != STILL else found
        elif isinstance(one, Spread):
            found = of(one.operand)
        else:
            found, right = self.degree(one.value, of, top)
            if right is not one.value:
                logs[name] = right
        if found == STILL:
            return True
        if found is None or not set(found[1]) <= set(one.left.indices):
            return False
        degrees[name] = (found[0], tuple(one.left.indices.index(index) for index in found[1]))
        return True

    def degree(
        self, value: Basic, of: Callable[[Access], Degree], top: Access
    ) -> tuple[Degree | None, Basic]:
        """The degree of an elementwise value, and the value in terms of what is shifted."""
        degrees: dict[Basic, Degree] = {}
        new: dict[Basic, Basic] = {}
        for node in postorder(value):
            parts = children(node)
            inner = [degrees[part] for part in parts]
            new[node] = rebuild(node, tuple(new[part] for part in parts))
            found = of(node) if isinstance(node, Access) else _degree(node, inner)
            if found is None:
                return None, value
            if isinstance(node, Apply) and node.name == "log" and inner[0] != STILL:
                new[node] = _with_largest(new[node], inner[0], top.name)
            degrees[node] = found
        return degrees[value], new[value]

    def shifted(self, one: Pointwise, top: Access, logs: Mapping[str, Basic]) -> None:
        """The exponential by its ratio to the largest, and logs with the largest put back."""
        assert isinstance(one.value, Apply)
        argument = one.value.arguments[0]
        before = self.operations
        self.operations = {}
        for name, operation in before.items():
            if name == one.left.name:
                if not isinstance(argument, Access):
                    terms = flat(argument)
                    named = Access(self.namer.part(name_of(terms)), *_order(argument))
                    self.operations[named.name] = Pointwise(named, argument)
                    argument = named
                reduction = Reduction(top, "max", argument)
                self.operations[top.name] = reduction
                self.constants.append(top.name)
                difference = Add(argument, completed(Mul(MINUS_ONE, top), _order(argument)))
                self.operations[name] = operation
                self.replace(name, SHIFT, Apply("exp", difference))
            else:
                self.operations[name] = operation
                if name in logs:
                    self.replace(name, SHIFT, logs[name])


def _degree(node: Basic, inner: Sequence[Degree]) -> Degree | None:
    """The degree of a node by those of its parts; a log of what grows has something added."""
    if isinstance(node, Mul):
        return _product(inner)
    if isinstance(node, Add):
        return inner[0] if len(set(inner)) == 1 else None
    if isinstance(node, Pow):
        still = inner[1] == STILL and (inner[0] == STILL or isinstance(node.exponent, Expr))
        return _power(inner[0], node.exponent) if still else None
    if isinstance(node, Apply) and any(one != STILL for one in inner):
        if node.name == "sqrt":
            return _power(inner[0], Rational(1, 2))
        if node.name in ("abs", "relu"):
            return inner[0]
        return STILL if node.name == "log" else None
    return STILL


def _with_largest(log: Basic, degree: Degree, top: str) -> Basic:
    """log e^(u - m) + m"""
    times, letters = degree
    moved = Access(top, *letters)
    added = (log, moved if times == 1 else Mul(times, moved))
    return Add(*(completed(part, _order(log)) for part in added))


def _product(degrees: Iterable[Degree]) -> Degree | None:
    total, letters = STILL
    for degree, own in degrees:
        if degree and letters and own != letters and total:
            return None
        total, letters = total + degree, own if degree else letters
    return (total, letters) if total else STILL


def _power(degree: Degree, exponent: Basic) -> Degree:
    return (degree[0] * exponent, degree[1]) if isinstance(exponent, Expr) else STILL


def _order(expr: Basic) -> tuple[Index, ...]:
    """The free indices in order of appearance."""
    if isinstance(expr, Access):
        return tuple(dict.fromkeys(expr.indices))
    found = (
        index for node in postorder(expr) if isinstance(node, Access) for index in node.indices
    )
    return tuple(dict.fromkeys(found))


def _replaced(expr: Basic, old: Basic, new: Basic) -> Basic:
    built: dict[Basic, Basic] = {}
    for node in postorder(expr):
        built[node] = (
            new if node == old else rebuild(node, tuple(built[part] for part in children(node)))
        )
    return built[expr]
