"""The rules of differentials: each moves a d further in, until it stands before tensors alone.

What the d of is not changing, because no tensor is in it or because its tensors are held fixed,
gives no term.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sympy import Basic, Expr, Integer

from indexcalc.expr.base import MINUS_ONE, ZERO, Index, children
from indexcalc.expr.functions import derivative
from indexcalc.expr.nodes import Access, Mul, One
from indexcalc.expr.program import Equation
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms
from indexcalc.forms import algebra
from indexcalc.forms.differential import Differential
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import (
    Diagonal,
    DiagonalOf,
    Function,
    Hadamard,
    Inner,
    Matrix,
    Named,
    Norm,
    Ones,
    Plus,
    Power,
    Product,
    Scaled,
    Trace,
    Transpose,
)
from indexcalc.forms.naming import Faces
from indexcalc.forms.outward import form
from indexcalc.forms.rules.letters import TWO, A, B, N, entries, i, j, put
from indexcalc.forms.rules.single import replaced

SOURCE = "003, Frobenius products and differentials"
INWARD = "each d left stands before a smaller matrix"


def d(matrix: Matrix) -> Matrix:
    """dA, a number in front of it; of d(Aᵀ) and (dA)ᵀ, which are spelled alike, the latter."""
    if isinstance(matrix, Transpose):
        return Transpose(d(matrix.of))
    if isinstance(matrix, Scaled) and matrix.number != 1:
        return algebra.scaled(matrix.number, d(algebra.scaled(*matrix.rest)))
    return Differential(matrix)


def changes(matrix: Basic) -> bool:
    """Whether a d is in it."""
    return isinstance(matrix, Differential) or any(map(changes, children(matrix)))


def moves(matrix: Matrix, fixed: Collection[str] = ()) -> bool:
    """Whether it depends on a tensor that is not held fixed; steps have no slope."""
    if isinstance(matrix, Named):
        return matrix.name not in fixed
    if isinstance(matrix, Function) and matrix.name == "sign":
        return False
    return any(isinstance(part, Matrix) and moves(part, fixed) for part in children(matrix))


def rebuilt(matrix: Matrix, parts: list[Any]) -> Matrix:
    """The same kind of matrix over other parts, put together as such matrices are."""
    join = _JOINS.get(type(matrix))
    made = matrix.with_parts(tuple(parts)) if join is None else join(*parts)
    assert isinstance(made, Matrix)
    return made


_JOINS: dict[type[Matrix], Callable[..., Matrix]] = {
    Plus: algebra.plus,
    Product: algebra.product,
    # What changes comes last.
    Scaled: lambda *parts: algebra.scaled(*sorted(parts, key=changes)),
    Hadamard: algebra.hadamard,
    Transpose: algebra.transposed,
    Diagonal: algebra.diagonal,
    DiagonalOf: algebra.diagonal_of,
    Trace: algebra.trace,
}


def _worked_out(term: Term, change: Callable[[Matrix], Matrix | None]) -> Terms | None:
    """The term with every d worked out that stands before a matrix of which the change is known."""
    for at, one in entries(term):
        made = _with(one.matrix, change)
        if made is not one.matrix:
            return put(term, [at], [Entry(made, *one.indices)])
    return None


def _with(matrix: Matrix, change: Callable[[Matrix], Matrix | None]) -> Matrix:
    if isinstance(matrix, Differential):
        return change(matrix.of) or matrix
    parts = matrix.parts
    made = [_with(part, change) if isinstance(part, Matrix) else part for part in parts]
    same = all(new is old for new, old in zip(made, parts, strict=True))
    return matrix if same else rebuilt(matrix, made)


@rule(
    "differential of a constant",
    "dA = 0 where A is made of constants",
    source=SOURCE,
    ends="a term goes",
    example=lambda: Example(Entry(d(Ones(N)), i), Mul(ZERO, One(i))),
)
def of_a_constant(term: Term, fixed: Collection[str] = ()) -> Terms | None:
    """What has no tensor in it, or only such as are held fixed, does not change."""
    alone = [one.matrix for _, one in entries(term)]
    still = any(isinstance(one, Differential) and not moves(one.of, fixed) for one in alone)
    return () if still else None


@rule(
    "differential of a sum",
    "d(A + B) = dA + dB",
    source=SOURCE,
    ends=INWARD,
    example=lambda: Example(Entry(d(Plus(A, B)), i, j), Entry(Plus(d(A), d(B)), i, j)),
)
def of_a_sum(term: Term, fixed: Collection[str] = ()) -> Terms | None:
    """Each term of a sum changes by itself."""

    def change(of: Matrix) -> Matrix | None:
        parts = [d(part) for part in of.parts if moves(part, fixed)]
        return algebra.plus(*parts) if isinstance(of, Plus) and parts else None

    return _worked_out(term, change)


@rule(
    "differential inside",
    "d tr(A) = tr(dA),   d diag(v) = diag(dv),   d(Aᵀ) = (dA)ᵀ",
    source=SOURCE,
    ends=INWARD,
    example=lambda: Example(Entry(d(Trace(A))), Entry(Trace(d(A)))),
    minor=True,
)
def of_the_same_entries(term: Term, fixed: Collection[str] = ()) -> Terms | None:
    """What has the same entries in other places, or their sum, changes as they do."""

    def change(of: Matrix) -> Matrix | None:
        alike = isinstance(of, Transpose | Trace | Diagonal | DiagonalOf)
        return rebuilt(of, [d(part) for part in of.parts]) if alike and moves(of, fixed) else None

    return _worked_out(term, change)


@rule(
    "differential of a product",
    "d(A B) = dA B + A dB,   d(A ⊙ B) = dA ⊙ B + A ⊙ dB,   d(A : B) = dA : B + A : dB",
    source=SOURCE,
    ends=INWARD,
    example=lambda: Example(
        Entry(d(Product(A, B)), i, j), Entry(Plus(Product(d(A), B), Product(A, d(B))), i, j)
    ),
)
def of_a_product(term: Term, fixed: Collection[str] = ()) -> Terms | None:
    """One factor changes at a time, whatever the product, a number's or a scalar's too."""

    def change(of: Matrix) -> Matrix | None:
        if not isinstance(of, Product | Scaled | Hadamard | Inner):
            return None
        terms = [
            rebuilt(of, [*of.parts[:at], d(part), *of.parts[at + 1 :]])
            for at, part in enumerate(of.parts)
            if isinstance(part, Matrix) and moves(part, fixed)
        ]
        return algebra.plus(*terms) if terms else None

    return _worked_out(term, change)


@rule(
    "differential of a norm",
    "d‖A‖ = A/‖A‖ : dA,   d‖A‖² = 2 A : dA",
    source=SOURCE,
    ends=INWARD,
    example=lambda: Example(
        Entry(d(algebra.power(Norm(A), TWO))), Entry(Inner(algebra.scaled(TWO, A), d(A)))
    ),
)
def of_a_norm(term: Term, fixed: Collection[str] = ()) -> Terms | None:
    """The square of a norm is A : A, and the norm its root."""

    def change(of: Matrix) -> Matrix | None:
        match of:
            case Norm(parts=(inside,)) if moves(of, fixed):
                slope = algebra.scaled(inside, algebra.power(of, MINUS_ONE))
            case Power(base=Norm(parts=(inside,)), exponent=two) if two == 2 and moves(of, fixed):
                slope = algebra.scaled(TWO, inside)
            case _:
                return None
        return Inner(slope, d(inside))

    return _worked_out(term, change)


@rule(
    "differential of a power",
    "d(A^⊙n) = n A^⊙(n - 1) ⊙ dA,   d(A^⊙B) = B ⊙ A^⊙(B - 1) ⊙ dA + A^⊙B ⊙ log(A) ⊙ dB",
    source=SOURCE,
    ends=INWARD,
    example=lambda: Example(
        Entry(d(Power(A, Integer(3))), i, j),
        Entry(algebra.scaled(Integer(3), Hadamard(Power(A, TWO), d(A))), i, j),
    ),
)
def of_a_power(term: Term, fixed: Collection[str] = ()) -> Terms | None:
    """Each entry changes as its base does and, where a matrix is above, as its exponent does; what
    divides is a power too."""

    def change(of: Matrix) -> Matrix | None:
        if not isinstance(of, Power):
            return None
        base, above = of.base, of.exponent
        terms = []
        if moves(base, fixed):
            lower = above - 1 if isinstance(above, Expr) and not isinstance(above, Matrix) else None
            slope = algebra.power(base, lower) if lower is not None else _lowered(base, above)
            terms.append(_entrywise(above, slope, d(base)))
        if isinstance(above, Matrix) and moves(above, fixed):
            terms.append(_entrywise(of, Function("log", base), d(above)))
        return algebra.plus(*terms) if terms else None

    return _worked_out(term, change)


def _lowered(base: Matrix, above: Matrix) -> Matrix:
    """A^⊙(B - 1)"""
    ones = algebra.ones_of(above.shape)
    return Power(base, algebra.plus(above, algebra.scaled(MINUS_ONE, ones)))


def _entrywise(*factors: Expr | Matrix) -> Matrix:
    """n A ⊙ B, and n a b of scalars."""
    numbers = [one for one in factors if not isinstance(one, Matrix)]
    matrices = [one for one in factors if isinstance(one, Matrix)]
    return algebra.scaled(*numbers, algebra.hadamard(*matrices))


@rule(
    "differential of a function",
    "d f(A) = f′(A) ⊙ dA",
    source=SOURCE,
    ends=INWARD,
    example=lambda: Example(
        Entry(d(Function("exp", A)), i, j), Entry(Hadamard(Function("exp", A), d(A)), i, j)
    ),
)
def of_a_function(term: Term, fixed: Collection[str] = ()) -> Terms | None:
    """Each entry changes by the slope of the function there, by each of several arguments."""

    def change(of: Matrix) -> Matrix | None:
        if not isinstance(of, Function) or not moves(of, fixed):
            return None
        terms = [
            _entrywise(slope(of, place), d(argument))
            for place, argument in enumerate(of.arguments)
            if moves(argument, fixed)
        ]
        return algebra.plus(*terms)

    return _worked_out(term, change)


def slope(of: Function, place: int) -> Matrix:
    """f′(A), by one of the arguments."""
    indices = [Index(name, size) for name, size in zip("ij", of.shape, strict=True) if size != 1]
    entry = derivative(of.name, tuple(Entry(one, *indices) for one in of.arguments), place)
    return form(Equation(Access("slope", *indices), entry), Faces({}, ())).matrix


@rule(
    "name put in",
    "f(X) = Y where Y = f(X)",
    source="001, appendix: substitution",
    ends="what is defined is replaced by its name, which is not in it",
    example=lambda: Example(
        Entry(Hadamard(Function("exp", A), d(A)), i, j),
        Entry(Hadamard(B, d(A)), i, j),
        (B, Function("exp", A)),
        (Equation(Access("b", i, j), Entry(Function("exp", A), i, j)),),
    ),
)
def name_put_in(
    term: Term, name: Named | None = None, stands_for: Matrix | None = None
) -> Terms | None:
    """What a name stands for is written as the name."""
    if name is None or stands_for is None:
        return None
    for at, one in entries(term):
        made = replaced(one.matrix, {stands_for: name})
        if made is not one.matrix:
            return put(term, [at], [Entry(made, *one.indices)])
    return None


ORDER = (
    of_a_constant,
    of_a_sum,
    of_a_product,
    of_a_norm,
    of_a_power,
    of_a_function,
    of_the_same_entries,
)
