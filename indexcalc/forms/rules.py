"""The rules of matrix notation: what entries of matrices make together is an entry of a matrix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Basic, Expr

from indexcalc.calculus.backprop import STEMS
from indexcalc.expr.base import ONE, Index, size_symbol
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, One, Pow, Sum
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms, flat
from indexcalc.forms import algebra
from indexcalc.forms.entries import Entry
from indexcalc.forms.factoring import factored
from indexcalc.forms.matrices import (
    DiagonalOf,
    Function,
    Hadamard,
    Identity,
    Inner,
    Matrix,
    Named,
    Norm,
    Ones,
    Over,
    Power,
    Product,
    Trace,
)

_TABLE = "001, matrix expressions using index notation"
_FEWER = "a factor or an index goes"
# One size for all letters of the examples.
_N = size_symbol("N")
TWO = ONE + ONE
i, j, n, p, q = (Index(letter, _N) for letter in "ijnpq")
A, B = (Named(face.lower(), face, _N, _N) for face in "AB")
u, v = (Named(name, name, _N, ONE) for name in "uv")


def entries(term: Term) -> list[tuple[int, Entry]]:
    """The places of entries among the factors."""
    return [(at, one) for at, one in enumerate(term.factors) if isinstance(one, Entry)]


def _with(term: Term, gone: Sequence[int], new: Sequence[Basic], *unbound: Index) -> Terms:
    """The term with factors in place of others, at the first of these."""
    kept: list[Basic] = []
    for at, factor in enumerate(term.factors):
        if at == min(gone):
            kept += new
        if at not in gone:
            kept.append(factor)
    return (Term(tuple(index for index in term.bound if index not in unbound), tuple(kept)),)


def _holding(term: Term, index: Index) -> list[tuple[int, Entry]]:
    return [(at, one) for at, one in entries(term) if index in one.indices]


@rule(
    "component",
    "a_ij = [A]_ij,   1_i = [𝟏]_i,   δ_ij = [I]_ij",
    source=_TABLE,
    ends="a tensor goes",
    example=lambda: Example(Access("a", i, j), Entry(A, i, j), (0, A)),
    minor=True,
)
def component(term: Term, at: int, matrix: Matrix | None = None) -> Terms | None:
    """A component of a tensor is an entry of the matrix, and a one-tensor's of a vector of ones."""
    match term.factors[at]:
        case Access() as factor if matrix is not None:
            inner = [index for index in factor.indices if index not in matrix.free]
            return _with(term, [at], [Entry(matrix, *inner)])
        case One() as factor:
            return _with(term, [at], [Entry(Ones(index.size), index) for index in factor.indices])
        case Delta() as factor:
            return _with(term, [at], [Entry(Identity(factor.indices[0].size), *factor.indices)])
    return None


@rule(
    "transpose",
    "[A]_ij = [Aᵀ]_ji",
    source=_TABLE,
    ends="an entry is turned once, towards the product it stands in",
    example=lambda: Example(Entry(A, i, j), Entry(algebra.transposed(A), j, i), (0,)),
)
def transpose(term: Term, at: int) -> Terms | None:
    """An entry of a matrix is one of its transpose, its indices the other way round."""
    one = term.factors[at]
    if not isinstance(one, Entry) or len(one.indices) != 2:
        return None
    return _with(term, [at], [Entry(algebra.transposed(one.matrix), *reversed(one.indices))])


@rule(
    "entry by entry",
    "f([A]_ij) = [f(A)]_ij,   [A]_ij² = [A^⊙2]_ij",
    source=_TABLE,
    ends="a function or a power goes",
    example=lambda: Example(Apply("tanh", Entry(A, i, j)), Entry(Function("tanh", A), i, j), (0,)),
)
def entrywise(term: Term, at: int) -> Terms | None:
    """A function of entries at the same place is an entry of the function of the matrices."""
    factor = term.factors[at]
    if not isinstance(factor, Apply | Pow):
        return None
    inner = [part for part in factor.parts if isinstance(part, Entry)]
    if not inner or len({one.indices for one in inner}) > 1:
        return None
    if isinstance(factor, Apply):
        if len(inner) != len(factor.arguments):
            return None
        made: Matrix = Function(factor.name, *(one.matrix for one in inner))
        if factor.name == "sqrt" and _is_square(inner[0].matrix):
            made = algebra.power(inner[0].matrix, ONE / 2)
    elif isinstance(factor.base, Entry) and isinstance(factor.exponent, Entry):
        made = Power(factor.base.matrix, factor.exponent.matrix)
    elif isinstance(factor.base, Entry) and isinstance(factor.exponent, Expr):
        made = algebra.power(factor.base.matrix, factor.exponent)
    else:
        return None
    return _with(term, [at], [Entry(made, *inner[0].indices)])


def _is_square(matrix: Matrix) -> bool:
    return isinstance(matrix, Power) and isinstance(matrix.base, Norm)


@rule(
    "matrix sum",
    "[A]_ij + [B]_ij = [A + B]_ij",
    source=_TABLE,
    ends="a sum goes",
    example=lambda: Example(Add(Entry(A, i, j), Entry(B, i, j)), Entry(algebra.plus(A, B), i, j)),
    whole=True,
)
def matrix_sum(terms: Terms) -> Terms | None:
    """A sum of entries at the same place is an entry of the sum."""
    found = [one for term in terms for _, one in entries(term)]
    alone = all(len(term.factors) == 1 and not term.bound for term in terms)
    if len(terms) < 2 or len(found) != len(terms) or not alone:
        return None
    if len({one.indices for one in found}) > 1:
        return None
    total = algebra.plus(*(one.matrix for one in found))
    return (Term((), (Entry(total, *found[0].indices),)),)


@rule(
    "matrix sum in a bracket",
    "c_i ([A]_ij + [B]_ij) = c_i [A + B]_ij",
    source=_TABLE,
    ends="a sum goes",
    example=lambda: Example(
        Mul(Access("c", i), Add(Entry(A, i, j), Entry(B, i, j))),
        Mul(Access("c", i), Entry(algebra.plus(A, B), i, j)),
        (1,),
    ),
    minor=True,
)
def bracket_sum(term: Term, at: int) -> Terms | None:
    """A factor that is a sum of entries at the same place is an entry of the sum."""
    factor = term.factors[at]
    made = matrix_sum(flat(factor)) if isinstance(factor, Add) else None
    return _with(term, [at], made[0].factors) if made else None


@rule(
    "Hadamard product",
    "[A]_ij [B]_ij = [A ⊙ B]_ij",
    source=_TABLE,
    ends=_FEWER,
    example=lambda: Example(
        Mul(Entry(A, i, j), Entry(B, i, j)), Entry(algebra.hadamard(A, B), i, j), ((i, j),)
    ),
)
def hadamard_product(term: Term, indices: tuple[Index, ...], but_one: bool = False) -> Terms | None:
    """A product of entries at the same place, nothing summed, is an entry of A ⊙ B; with `but_one`
    the last stays apart."""
    found = [(at, one) for at, one in entries(term) if one.indices == indices]
    found = found[:-1] if but_one else found
    if len(found) < 2 or not indices:
        return None
    made = algebra.hadamard(*in_order(one.matrix for _, one in found))
    return _with(term, [at for at, _ in found], [Entry(made, *indices)])


def in_order(matrices: Iterable[Matrix]) -> list[Matrix]:
    """Factors of ⊙ as they are read: of the program, then gradients, then what is longer."""
    return sorted(matrices, key=_rank)


def _rank(matrix: Matrix) -> int:
    leaf = algebra.leaf(matrix)
    if leaf is None:
        return 2
    return int(leaf.name.startswith(("∂", *STEMS)))


@rule(
    "matrix product",
    "[A]_ij [B]_jk = [A B]_ik,   [A]_ij [v]_j = [A v]_i,   [u]_i [v]_i = uᵀ v",
    source=_TABLE,
    ends=_FEWER,
    example=lambda: Example(
        Sum(Mul(Entry(A, i, j), Entry(B, j, n)), j),
        Entry(algebra.product(A, B), i, n),
        (j,),
    ),
)
def matrix_product(term: Term, index: Index) -> Terms | None:
    """An index that is summed, last of one entry and first of another, is in a matrix product."""
    found = _holding(term, index)
    if index not in term.bound or len(found) != 2:
        return None
    (at, left), (other, right) = found
    if left.indices[-1:] != (index,) or right.indices[:1] != (index,):
        (other, right), (at, left) = found
    if left.indices[-1:] != (index,) or right.indices[:1] != (index,):
        return None
    if left.indices == right.indices:
        if left.matrix == right.matrix:
            made = algebra.power(Norm(left.matrix), TWO)
        else:
            made = algebra.product(algebra.transposed(left.matrix), right.matrix)
        return _with(term, [at, other], [Entry(made)], index)
    made = algebra.product(left.matrix, right.matrix)
    ends = (*left.indices[:-1], *right.indices[1:])
    return _with(term, [at, other], [Entry(made, *ends)], index)


@rule(
    "product with a diagonal",
    "[A]_ij [v]_j [B]_jk = [A diag(v) B]_ik",
    source=_TABLE,
    ends=_FEWER,
    example=lambda: Example(
        Sum(Mul(Entry(A, i, j), Entry(v, j), Entry(B, j, n)), j),
        Entry(algebra.product(A, algebra.diagonal(v), B), i, n),
        (j,),
    ),
)
def diagonal_product(term: Term, index: Index) -> Terms | None:
    """A vector at the index between two matrices is a diagonal matrix between them."""
    found = _holding(term, index)
    vectors = [(at, one) for at, one in found if len(one.indices) == 1]
    edges = [(at, one) for at, one in found if len(one.indices) == 2]
    if index not in term.bound or len(vectors) != 1 or len(edges) != 2:
        return None
    edges.sort(key=lambda edge: edge[1].indices[0] == index)
    (_, left), (_, right) = edges
    if left.indices[1] != index or right.indices[0] != index:
        return None
    middle = algebra.diagonal(vectors[0][1].matrix)
    made = Entry(
        algebra.product(left.matrix, middle, right.matrix), left.indices[0], right.indices[1]
    )
    return _with(term, [at for at, _ in found], [made], index)


@rule(
    "Frobenius product",
    "[A]_ij [B]_ij = A : B,   [A]_ij [A]_ij = ‖A‖²",
    source="003, the Frobenius product as a sum of products of entries",
    ends=_FEWER,
    example=lambda: Example(
        Sum(Mul(Entry(A, i, j), Entry(B, i, j)), i, j), Entry(Inner(A, B)), ((i, j),)
    ),
)
def frobenius_product(term: Term, indices: tuple[Index, ...]) -> Terms | None:
    """A product of entries at the same place, summed over both indices, is A : B."""
    found = [(at, one) for at, one in entries(term) if one.indices == indices]
    held = {at for index in indices for at, _ in _holding(term, index)}
    if len(found) < 2 or len(indices) != 2 or held != {at for at, _ in found}:
        return None
    if not set(indices) <= set(term.bound):
        return None
    *first, last = in_order(one.matrix for _, one in found)
    one = first[0] if len(first) == 1 else algebra.hadamard(*first)
    made = algebra.power(Norm(one), TWO) if one == last else algebra.inner(one, last)
    return _with(term, [at for at, _ in found], [Entry(made)], *indices)


@rule(
    "squares",
    "𝟏ᵀ A^⊙2 𝟏 = ‖A‖²,   𝟏ᵀ (A ⊙ B) 𝟏 = A : B",
    source="003, the Frobenius product as a sum of products of entries",
    ends=_FEWER,
    example=lambda: Example(
        Entry(algebra.product(algebra.transposed(Ones(_N)), algebra.power(A, TWO), Ones(_N))),
        Entry(algebra.power(Norm(A), TWO)),
        (0,),
    ),
)
def squares(term: Term, at: int) -> Terms | None:
    """The sum of all squares is the norm's, and the sum of all products a Frobenius product."""
    one = term.factors[at]
    number, scalars, rest = algebra.apart(one.matrix) if isinstance(one, Entry) else (ONE, (), None)
    if rest is not None or not scalars or not isinstance(scalars[-1], Product):
        return None
    made = _all_entries(scalars[-1])
    if made is None:
        return None
    return _with(term, [at], [Entry(algebra.scaled(number, *scalars[:-1], made))])


def _all_entries(product: Product) -> Matrix | None:
    """What 𝟏ᵀ A 𝟏, or 𝟏ᵀ v, is where A is a square or a product entry by entry."""
    ones = [isinstance(algebra.turned_back(part), Ones) for part in product.args]
    inside = [part for part, is_one in zip(product.args, ones, strict=True) if not is_one]
    if len(inside) != 1 or not ones[0]:
        return None
    match inside[0]:
        case Power(exponent=exponent) as power if exponent == TWO:
            return algebra.power(Norm(power.base), TWO)
        case Hadamard() as both if not both.is_vector:
            *first, last = both.args
            return algebra.inner(algebra.hadamard(*first), last)
    return None


@rule(
    "trace",
    "[A]_ii = tr(A)",
    source=_TABLE,
    ends=_FEWER,
    example=lambda: Example(Sum(Entry(A, i, i), i), Entry(Trace(A)), (i,)),
)
def trace(term: Term, index: Index) -> Terms | None:
    """The sum of a diagonal is the trace."""
    found = _holding(term, index)
    if index not in term.bound or len(found) != 1 or found[0][1].indices != (index, index):
        return None
    ((at, one),) = found
    return _with(term, [at], [Entry(algebra.trace(one.matrix))], index)


@rule(
    "diagonal",
    "[A]_ii = [diag(A)]_i",
    source=_TABLE,
    ends="an entry with one index twice has it once",
    example=lambda: Example(Entry(A, i, i), Entry(DiagonalOf(A), i), (0,)),
)
def diagonal(term: Term, at: int) -> Terms | None:
    """An entry on the diagonal is one of the vector that the diagonal is."""
    one = term.factors[at]
    if not isinstance(one, Entry) or len(one.indices) != 2 or len(set(one.indices)) > 1:
        return None
    return _with(term, [at], [Entry(algebra.diagonal_of(one.matrix), one.indices[0])])


@rule(
    "rows or columns scaled",
    "[u]_i [A]_ij [v]_j = [diag(u) A diag(v)]_ij",
    source=_TABLE,
    ends=_FEWER,
    example=lambda: Example(
        Mul(Entry(u, i), Entry(A, i, j)),
        Entry(algebra.product(algebra.diagonal(u), A), i, j),
        ((i, j),),
    ),
)
def scaling(term: Term, indices: tuple[Index, Index]) -> Terms | None:
    """A vector along the rows of a matrix scales them, and one along its columns these."""
    row, column = indices
    found = [(at, one) for at, one in entries(term) if set(one.indices) <= set(indices)]
    found = [(at, one) for at, one in found if one.indices]
    edges = [one for _, one in found if one.indices == indices]
    if len(edges) != 1 or not 2 <= len(found) <= 3:
        return None
    parts = [one.matrix for _, one in found if one.indices == (row,)]
    before = [algebra.diagonal(part) for part in parts]
    after = [algebra.diagonal(one.matrix) for _, one in found if one.indices == (column,)]
    made = algebra.product(*before, edges[0].matrix, *after)
    return _with(term, [at for at, _ in found], [Entry(made, *indices)])


@rule(
    "outer product",
    "[u]_i [v]_j = [u vᵀ]_ij",
    source=_TABLE,
    ends=_FEWER,
    example=lambda: Example(
        Mul(Entry(u, i), Entry(v, j)),
        Entry(algebra.product(u, algebra.transposed(v)), i, j),
        ((i, j),),
    ),
)
def outer_product(term: Term, indices: tuple[Index, Index]) -> Terms | None:
    """A vector along the rows and one along the columns are an outer product."""
    found = [(at, one) for at, one in entries(term) if len(one.indices) == 1]
    rows = [one.matrix for _, one in found if one.indices == indices[:1]]
    columns = [one.matrix for _, one in found if one.indices == indices[1:]]
    if len(rows) != 1 or len(columns) != 1:
        return None
    made = algebra.product(rows[0], algebra.transposed(columns[0]))
    places = [at for at, one in found if one.indices in (indices[:1], indices[1:])]
    return _with(term, places, [Entry(made, *indices)])


@rule(
    "scalar multiplication",
    "λ [A]_ij = [λ A]_ij",
    source=_TABLE,
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
    "Σ_n [A_n]_ij = [Σ_n A_n]_ij",
    source=_TABLE,
    ends="a Σ goes into the matrix",
    example=lambda: Example(
        Sum(Entry(Named("a", "A", _N, _N, n), i, j), n),
        Entry(Over(Named("a", "A", _N, _N, n), n), i, j),
    ),
)
def over(term: Term) -> Terms | None:
    """A sum of one entry of many matrices is that entry of their sum."""
    if not term.bound or len(term.factors) != 1:
        return None
    (one,) = term.factors
    if not isinstance(one, Entry) or not one.matrix.free.issuperset(term.bound):
        return None
    return (Term((), (Entry(Over(one.matrix, *term.bound), *one.indices),)),)


@rule(
    "common factor",
    "[A C + B C]_ij = [(A + B) C]_ij",
    source=_TABLE,
    ends="the matrix has fewer operations after it",
    example=lambda: Example(
        Entry(algebra.plus(algebra.product(A, u), algebra.product(B, u)), i),
        Entry(algebra.product(algebra.plus(A, B), u), i),
    ),
)
def common_factor(term: Term) -> Terms | None:
    """What several terms of a sum of matrices begin or end with comes out."""
    if len(term.factors) != 1 or not isinstance(term.factors[0], Entry):
        return None
    (one,) = term.factors
    lighter = factored(one.matrix)
    return None if lighter is one.matrix else (Term(term.bound, (Entry(lighter, *one.indices),)),)
