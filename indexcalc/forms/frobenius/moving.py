"""The rules of Frobenius products: each moves a factor from what changes to what it is paired with.

A differential of a scalar is a sum of terms G : dA, or g da where a is a scalar. Where dA is a
product, its factors go to the other side of the colon, until a d of a tensor stands there alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from sympy import Expr

from indexcalc.expr.base import ONE
from indexcalc.expr.nodes import Add
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms
from indexcalc.forms import algebra
from indexcalc.forms.entries import Entry
from indexcalc.forms.frobenius.differentials import SOURCE, changes, d
from indexcalc.forms.matrices import (
    Diagonal,
    DiagonalOf,
    Hadamard,
    Identity,
    Inner,
    Matrix,
    Named,
    Ones,
    Plus,
    Product,
    Scaled,
    Trace,
    Transpose,
)
from indexcalc.forms.rules.letters import A, B, N, u, v
from indexcalc.forms.weighing import weight

FEWER = "what changes has fewer factors after it"
# What stands in front of a change: a matrix, or numbers and scalars.
Front: TypeAlias = tuple[Expr | Matrix, ...]

C = Named("c", "C", N, N)
_S = Named("s", "s", ONE, ONE)


def turned(matrix: Matrix) -> Matrix:
    """Aᵀ, as whichever is shorter to read: ᵀ at the whole, or at the matrices in it."""
    if isinstance(matrix, Product):
        return algebra.product(*map(turned, reversed(matrix.args)))
    if isinstance(matrix, Scaled):
        return algebra.scaled(*matrix.args[:-1], turned(matrix.args[-1]))
    inside, outside = algebra.transposed(matrix), Transpose(matrix)
    return outside if weight(outside) < weight(inside) else inside


def split(matrix: Matrix) -> tuple[Front, Matrix] | None:
    """G and M of G : M, numbers and scalars and m of g m; M is what changes."""
    if isinstance(matrix, Inner) and changes(matrix.args[1]):
        return (matrix.args[0],), matrix.args[1]
    if not matrix.is_scalar or not changes(matrix):
        return None
    number, scalars, _ = algebra.apart(matrix)
    (moving,) = (one for one in scalars if changes(one))
    others = (one for one in scalars if one is not moving)
    return (*(() if number == 1 else (number,)), *others), moving


def joined(front: Front, moving: Matrix) -> Matrix:
    """G : M, or g m of scalars."""
    if moving.is_scalar:
        return algebra.scaled(*front, moving)
    (only,) = front
    return Inner(only, moving)


def _moved(term: Term, change: Callable[[Front, Matrix], Iterable[Matrix] | None]) -> Terms | None:
    """The terms that a change makes of G : M."""
    if len(term.factors) != 1 or not isinstance(term.factors[0], Entry):
        return None
    pair = split(term.factors[0].matrix)
    made = change(*pair) if pair is not None else None
    return None if made is None else tuple(Term((), (Entry(one),)) for one in made)


@rule(
    "terms apart",
    "A : (B + C) = A : B + A : C",
    source=SOURCE,
    ends="a bracket goes",
    example=lambda: Example(
        Entry(Inner(C, Plus(d(A), d(B)))), Add(Entry(Inner(C, d(A))), Entry(Inner(C, d(B))))
    ),
    minor=True,
)
def terms_apart(term: Term) -> Terms | None:
    """Each term of what changes is paired by itself."""

    def change(front: Front, moving: Matrix) -> Iterable[Matrix] | None:
        if not isinstance(moving, Plus):
            return None
        return (joined(front, part) for part in moving.args if changes(part))

    return _moved(term, change)


@rule(
    "sides swapped",
    "A : B = B : A",
    source=SOURCE,
    ends="what changes comes second, and stays there",
    example=lambda: Example(Entry(Inner(d(A), B)), Entry(Inner(B, d(A)))),
    minor=True,
)
def sides_swapped(term: Term) -> Terms | None:
    """A Frobenius product is the same the other way round."""

    def change(front: Front, moving: Matrix) -> Iterable[Matrix] | None:
        if not isinstance(moving, Inner) or not changes(moving.args[0]):
            return None
        return (joined(front, Inner(moving.args[1], moving.args[0])),)

    return _moved(term, change)


@rule(
    "scalar moved",
    "λ (A : B) = λ A : B,   A : λ B = λ A : B",
    source=SOURCE,
    ends=FEWER,
    example=lambda: Example(
        Entry(Inner(A, algebra.scaled(_S, d(B)))), Entry(Inner(algebra.scaled(_S, A), d(B)))
    ),
    minor=True,
)
def scalar_moved(term: Term) -> Terms | None:
    """Numbers and scalars go to the matrix in front; of a scalar that changes all others do."""

    def change(front: Front, moving: Matrix) -> Iterable[Matrix] | None:
        if isinstance(moving, Inner):
            return (Inner(algebra.scaled(*front, moving.args[0]), moving.args[1]),)
        if not isinstance(moving, Scaled):
            return None
        *others, last = moving.args
        if changes(last):
            return (Inner(algebra.scaled(*others, *front), last),)
        (only,) = front
        return (algebra.scaled(Inner(only, last), *others),)

    return _moved(term, change)


@rule(
    "transposes moved",
    "A : Bᵀ = Aᵀ : B",
    source=SOURCE,
    ends=FEWER,
    example=lambda: Example(
        Entry(Inner(A, Transpose(d(B)))), Entry(Inner(algebra.transposed(A), d(B)))
    ),
)
def transposes_moved(term: Term) -> Terms | None:
    """Both sides may be transposed: A : B = Aᵀ : Bᵀ."""

    def change(front: Front, moving: Matrix) -> Iterable[Matrix] | None:
        if not isinstance(moving, Transpose):
            return None
        (only,) = front
        return (joined((turned(only),), moving.of),)

    return _moved(term, change)


@rule(
    "factors moved",
    "C : A B = C Bᵀ : A = Aᵀ C : B",
    source=SOURCE,
    ends=FEWER,
    example=lambda: Example(
        Entry(Inner(C, Product(d(A), B))),
        Entry(Inner(Product(C, algebra.transposed(B)), d(A))),
    ),
)
def factors_moved(term: Term) -> Terms | None:
    """A factor of a product goes over, transposed, on the side on which it stood; where the product
    is a scalar, uᵀ A v, what goes over is u vᵀ."""

    def change(front: Front, moving: Matrix) -> Iterable[Matrix] | None:
        if not isinstance(moving, Product):
            return None
        (at,) = (at for at, part in enumerate(moving.args) if changes(part))
        before = [turned(part) for part in reversed(moving.args[:at])]
        after = [turned(part) for part in reversed(moving.args[at + 1 :])]
        if moving.is_scalar:
            around = algebra.scaled(*front, algebra.product(*before, *after))
        else:
            around = algebra.product(*before, *front, *after)
        return (joined((around,), moving.args[at]),)

    return _moved(term, change)


@rule(
    "Hadamard moved",
    "A : B ⊙ C = A ⊙ B : C",
    source=SOURCE,
    ends=FEWER,
    example=lambda: Example(Entry(Inner(A, Hadamard(B, d(C)))), Entry(Inner(Hadamard(A, B), d(C)))),
)
def hadamard_moved(term: Term) -> Terms | None:
    """The sum of all products entry by entry is one of three matrices as of two."""

    def change(front: Front, moving: Matrix) -> Iterable[Matrix] | None:
        if not isinstance(moving, Hadamard):
            return None
        (last,) = (part for part in moving.args if changes(part))
        others = [part for part in moving.args if part is not last]
        return (joined((algebra.hadamard(*front, *others),), last),)

    return _moved(term, change)


@rule(
    "diagonal moved",
    "A : diag(v) = diag(A) : v,   v : diag(A) = diag(v) : A",
    source=SOURCE,
    ends=FEWER,
    example=lambda: Example(Entry(Inner(A, Diagonal(d(v)))), Entry(Inner(DiagonalOf(A), d(v)))),
)
def diagonal_moved(term: Term) -> Terms | None:
    """Beside a diagonal matrix only the diagonal counts, and beside a diagonal only that."""

    def change(front: Front, moving: Matrix) -> Iterable[Matrix] | None:
        if isinstance(moving, Diagonal):
            return (joined(tuple(map(algebra.diagonal_of, front)), moving.vector),)
        if isinstance(moving, DiagonalOf):
            return (joined(tuple(map(algebra.diagonal, front)), moving.parts[0]),)
        return None

    return _moved(term, change)


@rule(
    "diagonal of a product",
    "diag(A B) : v = (A ⊙ Bᵀ)𝟏 : v",
    source=SOURCE,
    ends="a diagonal of a product goes",
    example=lambda: Example(
        Entry(Inner(DiagonalOf(Product(A, B)), d(v))),
        Entry(Inner(Product(Hadamard(A, Transpose(B)), Ones(N)), d(v))),
    ),
)
def diagonal_of_a_product(term: Term) -> Terms | None:
    """Of a product only the sums on the diagonal count."""

    def change(front: Front, moving: Matrix) -> Iterable[Matrix] | None:
        *_, last = front or (None,)
        number, scalars, rest = algebra.apart(last) if isinstance(last, Matrix) else (ONE, (), None)
        match rest:
            case DiagonalOf(parts=(Product(args=(*first, second)),)):
                both = algebra.hadamard(algebra.product(*first), turned(second))
                sums = algebra.product(both, Ones(both.shape[1]))
                return (joined((algebra.scaled(number, *scalars, sums),), moving),)
        return None

    return _moved(term, change)


@rule(
    "vector as a diagonal",
    "(u 𝟏ᵀ) ⊙ A = diag(u) A,   (𝟏 vᵀ) ⊙ A = A diag(v)",
    source=SOURCE,
    ends="a vector of ones goes",
    example=lambda: Example(
        Entry(Inner(Hadamard(Product(u, Transpose(Ones(N))), A), d(B))),
        Entry(Inner(Product(Diagonal(u), A), d(B))),
    ),
)
def vector_as_diagonal(term: Term) -> Terms | None:
    """To multiply each row by the entry of a vector is to multiply by a diagonal matrix."""

    def change(front: Front, moving: Matrix) -> Iterable[Matrix] | None:
        last = front[-1] if front else None
        number, scalars, rest = algebra.apart(last) if isinstance(last, Matrix) else (ONE, (), None)
        factors = rest.args if isinstance(rest, Hadamard) else ()
        for at, factor in enumerate(factors):
            others = algebra.hadamard(*factors[:at], *factors[at + 1 :])
            match factor:
                case Product(args=(*first, Transpose(of=Ones()))):
                    made = algebra.product(algebra.diagonal(algebra.product(*first)), others)
                case Product(args=(Ones(), *after)):
                    row = turned(algebra.product(*after))
                    made = algebra.product(others, algebra.diagonal(row))
                case _:
                    continue
            return (joined((algebra.scaled(number, *scalars, made),), moving),)
        return None

    return _moved(term, change)


@rule(
    "trace as a product",
    "tr(A) = I : A",
    source=SOURCE,
    ends=FEWER,
    example=lambda: Example(Entry(Trace(d(A))), Entry(Inner(Identity(N), d(A)))),
)
def trace_as_a_product(term: Term) -> Terms | None:
    """The trace is the sum of what is on the diagonal: A : B is tr(AᵀB)."""

    def change(front: Front, moving: Matrix) -> Iterable[Matrix] | None:
        if not isinstance(moving, Trace):
            return None
        inside = moving.parts[0]
        return (Inner(algebra.scaled(*front, Identity(inside.shape[0])), inside),)

    return _moved(term, change)


ORDER = (
    terms_apart,
    sides_swapped,
    trace_as_a_product,
    scalar_moved,
    transposes_moved,
    factors_moved,
    diagonal_moved,
    diagonal_of_a_product,
    hadamard_moved,
    vector_as_diagonal,
)
