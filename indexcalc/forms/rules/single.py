"""Tensors as entries of matrices, one by one: turned, under functions, in sums, with scalars."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from sympy import Basic, Expr

from indexcalc.expr.base import ONE, Index, children, postorder, rebuild
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, One, Pow, Sum
from indexcalc.expr.program import Equation
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms
from indexcalc.forms import algebra
from indexcalc.forms.entries import Entry
from indexcalc.forms.factoring import factored
from indexcalc.forms.matrices import (
    DiagonalOf,
    Function,
    Identity,
    Matrix,
    Named,
    Norm,
    Number,
    Ones,
    Over,
    Power,
)
from indexcalc.forms.rules.letters import (
    TABLE,
    TWO,
    A,
    B,
    N,
    entries,
    i,
    j,
    n,
    put,
    u,
)
from indexcalc.forms.tensors import Tensor

_L = Named("l", "l", ONE, ONE)


@rule(
    "component",
    "a_ij = [A]_ij,   1_i = [𝟏]_i,   δ_ij = [I]_ij",
    source=TABLE,
    ends="a tensor goes",
    example=lambda: Example(Access("a", i, j), Entry(A, i, j), (0, A)),
    minor=True,
)
def component(
    term: Term, at: int, matrix: Matrix | Tensor | None = None, many: Container[Index] = ()
) -> Terms | None:
    """A component of a tensor is an entry of the matrix, and a one-tensor's of a vector of ones;
    there is none over the indices that say which of `many` matrices is meant."""
    match term.factors[at]:
        case Access() as factor if matrix is not None:
            inner = [index for index in factor.indices if index not in matrix.free]
            return put(term, [at], [Entry(matrix, *inner)])
        case One() as factor:
            kept = [index for index in factor.indices if index not in many]
            return put(term, [at], [Entry(Ones(index.size), index) for index in kept])
        case Delta() as factor:
            return put(term, [at], [Entry(Identity(factor.indices[0].size), *factor.indices)])
    return None


@rule(
    "transpose",
    "[A]_ij = [Aᵀ]_ji",
    source=TABLE,
    ends="an entry is turned once, towards the product it stands in",
    example=lambda: Example(Entry(A, i, j), Entry(algebra.transposed(A), j, i), (0,)),
)
def transpose(term: Term, at: int) -> Terms | None:
    """An entry of a matrix is one of its transpose, its indices the other way round."""
    one = term.factors[at]
    if not isinstance(one, Entry) or len(one.indices) != 2:
        return None
    return put(term, [at], [Entry(algebra.transposed(one.matrix), *reversed(one.indices))])


@rule(
    "entry by entry",
    "f([A]_ij) = [f(A)]_ij,   [A]_ij² = [A^⊙2]_ij",
    source=TABLE,
    ends="a function or a power goes",
    example=lambda: Example(Apply("tanh", Entry(A, i, j)), Entry(Function("tanh", A), i, j), (0,)),
)
def entrywise(term: Term, at: int) -> Terms | None:
    """A function of entries at the same place is an entry of the function of the matrices."""
    factor = term.factors[at]
    if not isinstance(factor, Apply | Pow):
        return None
    inner = [Entry(Number(p)) if isinstance(p, Expr) else p for p in factor.parts]
    if isinstance(factor, Pow) and isinstance(factor.exponent, Expr):
        inner = inner[:1]
    found = [one for one in inner if isinstance(one, Entry)]
    if len(found) != len(inner) or len({one.indices for one in found}) > 1:
        return None
    return put(term, [at], [Entry(_applied(factor, found), *found[0].indices)])


def _applied(factor: Apply | Pow, inner: Sequence[Entry]) -> Matrix:
    first, *others = (one.matrix for one in inner)
    if isinstance(factor, Apply):
        if factor.name == "sqrt" and _is_square(first):
            return algebra.power(first, ONE / 2)
        return Function(factor.name, first, *others)
    if isinstance(factor.exponent, Expr):
        return algebra.power(first, factor.exponent)
    (above,) = others
    number, scalars, rest = algebra.apart(above)
    # One exponent for all entries.
    is_alike = scalars and rest is not None and algebra.is_ones(rest)
    return Power(first, algebra.scaled(number, *scalars) if is_alike else above)


def _is_square(matrix: Matrix) -> bool:
    return isinstance(matrix, Power) and isinstance(matrix.base, Norm)


@rule(
    "diagonal",
    "[A]_ii = [diag(A)]_i",
    source=TABLE,
    ends="an entry with one index twice has it once",
    example=lambda: Example(Entry(A, i, i), Entry(DiagonalOf(A), i), (0,)),
)
def diagonal(term: Term, at: int) -> Terms | None:
    """An entry on the diagonal is one of the vector that the diagonal is."""
    one = term.factors[at]
    if not isinstance(one, Entry) or len(one.indices) != 2 or len(set(one.indices)) > 1:
        return None
    return put(term, [at], [Entry(algebra.diagonal_of(one.matrix), one.indices[0])])


@rule(
    "matrix sum",
    "[A]_ij + [B]_ij = [A + B]_ij",
    source=TABLE,
    ends="a sum goes",
    example=lambda: Example(Add(Entry(A, i, j), Entry(B, i, j)), Entry(algebra.plus(A, B), i, j)),
    whole=True,
)
def matrix_sum(terms: Terms) -> Terms | None:
    """A sum of entries at the same place is an entry of the sum; numbers may be among scalars."""
    found = []
    for term in terms:
        one = alone(term)
        if one is None:
            return None
        found.append(one)
    if len(terms) < 2 or len({one.indices for one in found}) > 1:
        return None
    total = algebra.plus(*(one.matrix for one in found))
    return (Term((), (Entry(total, *found[0].indices),)),)


def alone(term: Term) -> Entry | None:
    """The entry that is a whole term; a number is a scalar's."""
    if term.bound or len(term.factors) > 1:
        return None
    (one,) = term.factors or (ONE,)
    if isinstance(one, Expr):
        return Entry(Number(one))
    return one if isinstance(one, Entry) else None


@rule(
    "scalar multiplication",
    "λ [A]_ij = [λ A]_ij",
    source=TABLE,
    ends="a factor goes",
    example=lambda: Example(Mul(2, Entry(A, i, j)), Entry(algebra.scaled(TWO, A), i, j)),
    minor=True,
)
def scalar_multiplication(term: Term) -> Terms | None:
    """Numbers and scalars are factors of the whole matrix."""
    found = entries(term)
    numbers = [factor for factor in term.factors if isinstance(factor, Expr)]
    if len(found) + len(numbers) != len(term.factors) or len(term.factors) < 2:
        return None
    wide = [one for _, one in found if one.indices]
    if len(wide) > 1 or not found:
        return None
    scalars = [one.matrix for _, one in found if not one.indices]
    made = algebra.scaled(*numbers, *scalars, *(one.matrix for one in wide))
    return (Term(term.bound, (Entry(made, *(wide[0].indices if wide else ())),)),)


@rule(
    "sum over many",
    "Σ_n [λ A_n]_ij = [λ Σ_n A_n]_ij",
    source=TABLE,
    ends="a Σ goes into the matrix",
    example=lambda: Example(
        Sum(Entry(Named("a", "A", N, N, n), i, j), n),
        Entry(Over(Named("a", "A", N, N, n), n), i, j),
    ),
)
def over(term: Term) -> Terms | None:
    """A sum of one entry of many matrices is that entry of their sum; what is alike in all stays in
    front."""
    if not term.bound or len(term.factors) != 1:
        return None
    (one,) = term.factors
    if not isinstance(one, Entry) or not one.matrix.free.issuperset(term.bound):
        return None
    number, scalars, rest = algebra.apart(one.matrix)
    alike = [scalar for scalar in scalars if scalar.free.isdisjoint(term.bound)]
    own = [scalar for scalar in scalars if scalar not in alike]
    body = algebra.scaled(*own, *(() if rest is None else (rest,)))
    made = algebra.scaled(number, *alike, Over(body, *term.bound))
    return (Term((), (Entry(made, *one.indices),)),)


@rule(
    "common factor",
    "[A C + B C]_ij = [(A + B) C]_ij,   [Aᵀ + Bᵀ]_ij = [(A + B)ᵀ]_ij",
    source=TABLE,
    ends="the matrix has fewer operations after it",
    example=lambda: Example(
        Entry(algebra.plus(algebra.product(A, u), algebra.product(B, u)), i),
        Entry(algebra.product(algebra.plus(A, B), u), i),
    ),
)
def common_factor(term: Term) -> Terms | None:
    """What several terms of a sum of matrices begin or end with comes out, and so does ᵀ."""
    if len(term.factors) != 1 or not isinstance(term.factors[0], Entry):
        return None
    (one,) = term.factors
    lighter = factored(one.matrix)
    return None if lighter is one.matrix else (Term(term.bound, (Entry(lighter, *one.indices),)),)


@rule(
    "norm",
    "[l A]_ij = [‖B‖ A]_ij where l = ‖B‖",
    source="003, the norm in its gradient",
    ends="each name is replaced by what it stands for, which is made of names before it",
    example=lambda: Example(
        Entry(algebra.scaled(_L, A), i, j),
        Entry(algebra.scaled(Norm(B), A), i, j),
        ({_L: Norm(B)},),
        (Equation(Access("l"), Entry(Norm(B))),),
    ),
)
def norm(term: Term, known: Mapping[Matrix, Matrix]) -> Terms | None:
    """A scalar that is defined as a norm is written as one."""
    if len(term.factors) != 1 or not isinstance(term.factors[0], Entry):
        return None
    (one,) = term.factors
    made = replaced(one.matrix, known)
    return None if made is one.matrix else (Term(term.bound, (Entry(made, *one.indices),)),)


def replaced(matrix: Matrix, known: Mapping[Matrix, Matrix]) -> Matrix:
    """The same with matrices in the place of others."""
    made: dict[Basic, Basic] = {}
    for node in postorder(matrix):
        same = rebuild(node, tuple(made[part] for part in children(node)))
        made[node] = known.get(same, same) if isinstance(same, Matrix) else same
    whole = made[matrix]
    assert isinstance(whole, Matrix)
    return whole
