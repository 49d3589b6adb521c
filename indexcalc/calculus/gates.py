"""Gates: a program in which every operation, also one inside an expression, has a name of its own.

A gate is what people draw as one node: a Σ with the product under it, a product with its divisors,
a sum with the signs of its terms and what it broadcasts, a number with the Σ behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sympy import Basic, Expr

from indexcalc.calculus.mentions import mentions
from indexcalc.calculus.rules import derivatives
from indexcalc.expr.base import MINUS_ONE, Index, children, free_of, postorder, rebuild
from indexcalc.expr.nodes import Access, Add, Apply, Binder, Delta, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rewrite import Rule
from indexcalc.expr.terms import flat_product


@dataclass(frozen=True, slots=True)
class Gate:
    """One operation on tensors that have names; `written` is what the program has there, and
    `named` whether the program has a name for it."""

    equation: Equation
    written: Basic
    named: bool

    @property
    def left(self) -> Access:
        return self.equation.left

    @property
    def operands(self) -> tuple[Access, ...]:
        """The tensors that it is made of, one that it has twice twice."""
        return tuple(_accesses(self.equation.right))

    @property
    def rule(self) -> Rule | None:
        """The rule of differentiation that is at work; none where nothing varies."""
        return _rule(self.equation.right) if self.operands else None

    @property
    def letters(self) -> frozenset[Index]:
        """The indices over which its operands are used, free or summed."""
        nodes = postorder(self.equation.right)
        bound = (index for node in nodes if isinstance(node, Binder) for index in node.indices)
        return self.left.free.union(bound)


def gates(program: Program) -> tuple[Gate, ...]:
    """Every operation of a program, each after those that it is made of."""
    found: list[Gate] = []
    for equation in program.equations:
        _open(equation, found)
    return tuple(found)


def program_of(program: Program, found: Sequence[Gate]) -> Program:
    """The same function with an equation for each gate."""
    return replace(program, equations=tuple(gate.equation for gate in found))


def _open(equation: Equation, found: list[Gate]) -> None:
    """The gates of one equation; what it has twice is one gate."""
    named: dict[Basic, Access] = {}
    inner: dict[Basic, Basic] = {}

    def operand(part: Basic) -> Basic:
        if isinstance(part, Access) or not mentions(part):
            return part
        if part not in named:
            # No program has a name with a space in it.
            left = Access(f"gate {len(found) + 1}", *_letters(part, equation.left.indices))
            named[part] = left
            found.append(Gate(Equation(left, inner[part]), part, named=False))
        return named[part]

    def term(part: Basic) -> Basic:
        """A sum takes the minus of a term."""
        positive = _without_minus(part)
        if positive is None:
            return operand(part)
        bare = _without_minus(inner[part])
        assert bare is not None  # a gate keeps the number of its product
        inner[positive] = bare
        return Mul(MINUS_ONE, operand(positive))

    for node in postorder(equation.right):
        named_part = term if isinstance(node, Add) else operand
        parts = (inner[p] if _together(node, p) else named_part(p) for p in children(node))
        inner[node] = rebuild(node, tuple(parts))
    whole = Equation(equation.left, inner[equation.right])
    found.append(Gate(whole, equation.right, named=True))


def _together(node: Basic, part: Basic) -> bool:
    """Whether the two are one gate."""
    if isinstance(node, Sum):
        return isinstance(part, Mul)
    if isinstance(node, Add):
        return _is_signed(part)
    if isinstance(node, Mul):
        return _is_divisor(part) or (isinstance(part, Sum) and _scales(node))
    return False


def _is_signed(term: Basic) -> bool:
    """-x_i, 1_j x_i, -1_j x_i: a sum takes the sign, and broadcasts."""
    if not isinstance(term, Mul):
        return False
    rest = [factor for factor in term.args if factor != MINUS_ONE and not isinstance(factor, One)]
    return len(rest) == 1 and bool(mentions(rest[0])) and not _is_divisor(rest[0])


def _without_minus(term: Basic) -> Basic | None:
    """a b for -a b, under a Σ too; nothing where there is no minus."""
    if isinstance(term, Sum):
        body = _without_minus(term.body)
        return None if body is None else Sum(body, *term.indices)
    if not isinstance(term, Mul) or not mentions(term):
        return None
    number, *rest = term.args
    if not isinstance(number, Expr) or not number.as_coeff_Mul()[0].is_negative:
        return None
    factors = rest if number == MINUS_ONE else [-number, *rest]
    return Mul(*factors) if len(factors) > 1 else factors[0]


def _scales(product: Mul) -> bool:
    """(1/H) Σ_h x_h: a number before a Σ, and no more than that."""
    return sum(map(bool, map(mentions, product.args))) == 1 and not _is_signed(product)


def _is_divisor(factor: Basic) -> bool:
    return isinstance(factor, Pow) and factor.exponent == MINUS_ONE and bool(mentions(factor))


def _letters(part: Basic, order: Sequence[Index]) -> list[Index]:
    """The free indices: those of the left-hand side in its order, then as they appear."""
    nodes = postorder(part)
    seen = (i for node in nodes if isinstance(node, Access | One | Delta) for i in node.indices)
    return [index for index in dict.fromkeys((*order, *seen)) if index in free_of(part)]


def _accesses(expr: Basic) -> Iterator[Access]:
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Access):
            yield node
        waiting += reversed(children(node))


def _rule(right: Basic) -> Rule | None:
    match right:
        case Add():
            return derivatives.linearity
        case Apply():
            return derivatives.chain
        case Pow():
            return derivatives.exponential if mentions(right.exponent) else derivatives.power
        case Reduce():
            return None
    (term,) = flat_product(right)
    varying = [factor for factor in term.factors if mentions(factor)]
    if any(map(_is_divisor, varying)):
        return derivatives.quotient
    if len(varying) > 1:
        return derivatives.product
    if term.bound:
        return derivatives.contraction
    # One-tensors only broadcast.
    numbers = [f for f in term.factors if f not in varying and not isinstance(f, One)]
    return derivatives.product if numbers else derivatives.self_derivative
