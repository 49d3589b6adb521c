"""Indices fused into one: index maps, unfoldings, and the Kronecker products that come of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Basic

from indexcalc.expr.base import Index, children, free_of, postorder, rebuild
from indexcalc.expr.digits import (
    DigitDelta,
    Place,
    digits,
    fused,
    joined,
    maps,
)
from indexcalc.expr.nodes import Access, Binder, Delta, Mul, One, Sum
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms
from indexcalc.forms import algebra
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import Identity, Matrix, Named
from indexcalc.forms.rules.letters import entries, put
from indexcalc.forms.tensors import (
    Core,
    Kronecker,
    ModeProduct,
    Tensor,
    Unfolding,
    Vec,
    order,
)

PAPER = "000, Sec. 2.3 and 3.3"
# Letters of different sizes for the examples.
_i, _j, _k, _l, _p = (Index(letter) for letter in "ijklp")
_I, _J, _K, _L, _P = (index.size for index in (_i, _j, _k, _l, _p))
_A, _B, _V = (Named(face.lower(), face, _I, _J) for face in "ABV")
_X = Core("x", "X", _I, _J, _K)
_s, _r, _t = fused("s", [_I, _J]), fused("r", [_J, _K]), fused("t", [_I, _J, _K])
_n = Index("n", _I)
_C, _W = Named("c", "C", _K, _L), Named("w", "W", _L, _J)
_wide = fused("s", [_I, _K]), fused("r", [_J, _L])
_rows, _columns = digits(_wide[0], [_I, _K], "row"), digits(_wide[1], [_J, _L], "row")
_PAIR = digits(_s, [_I, _J], "column")


@rule(
    "index maps",
    "Σ_ij δ_{i, s % I} δ_{j, s ÷ I} a_ij = a_{s % I, s ÷ I}",
    source="000, Eqs. 27 to 29",
    ends="deltas of digits go",
    example=lambda: Example(
        Sum(Mul(*maps((_i, _j), _s, "column"), Entry(_A, _i, _j)), _i, _j),
        Entry(_A, *_PAIR),
    ),
)
def index_maps(term: Term) -> Terms | None:
    """An index that is summed beside its delta with a digit is that digit."""
    deltas = [one for one in term.factors if isinstance(one, DigitDelta)]
    known = {delta.index: delta.digit for delta in deltas if delta.index in term.bound}
    if not known:
        return None
    factors = [one for one in term.factors if not isinstance(one, DigitDelta)]
    replaced = [_at(one, known) for one in factors]
    if None in replaced:
        return None
    kept = tuple(one for one in replaced if one is not None and not isinstance(one, One))
    return (Term(tuple(index for index in term.bound if index not in known), kept),)


def _at(factor: Basic, known: Mapping[Index, Place]) -> Basic | None:
    """A factor with places for indices; None where it has none for them."""
    made: dict[Basic, Basic] = {}
    for node in postorder(factor):
        if isinstance(node, Entry):
            made[node] = Entry(node.of, *(known.get(one, one) for one in node.indices))
        elif children(node) and not isinstance(node, Binder):
            made[node] = rebuild(node, tuple(made[part] for part in children(node)))
        elif (
            isinstance(node, One) and known.keys() >= set(node.indices)
        ) or known.keys().isdisjoint(free_of(node)):
            made[node] = node
        else:
            return None
    return made[factor]


@rule(
    "sum over pairs",
    "Σ_ij a_ij b_ij = Σ_s a_{s % I, s ÷ I} b_{s % I, s ÷ I}",
    source=PAPER,
    ends="several summed indices become one",
    example=lambda: Example(
        Sum(Mul(Entry(_A, _i, _j), Entry(_B, _i, _j)), _i, _j),
        Sum(Mul(Entry(_A, *_PAIR), Entry(_B, *_PAIR)), _s),
        ((_i, _j), _s, "column"),
    ),
)
def sum_over_pairs(term: Term, indices: Sequence[Index], whole: Index, by: str) -> Terms | None:
    """A sum over several indices is one over the index that they are fused into."""
    if not set(indices) <= set(term.bound):
        return None
    places = digits(whole, [index.size for index in indices], by)
    known = dict(zip(indices, places, strict=True))
    factors = [_at(factor, known) for factor in term.factors]
    if None in factors:
        return None
    bound = tuple(index for index in term.bound if index not in known)
    return (Term((*bound, whole), tuple(one for one in factors if one is not None)),)


@rule(
    "identity insertion",
    "a_ij = Σ_k δ_ik a_kj",
    source="000, Eq. 32",
    ends="an index of a tensor gets a letter of its own, once",
    example=lambda: Example(
        Entry(_A, _i, _j),
        Sum(Mul(Entry(Identity(_I), _i, _n), Entry(_A, _n, _j)), _n),
        (0, 0, _n),
    ),
)
def identity_insertion(term: Term, at: int, place: int, fresh: Index) -> Terms | None:
    """An index is another that is summed with a delta of both."""
    one = term.factors[at]
    if not isinstance(one, Entry | Access) or fresh in term.open:
        return None
    places = list(one.indices)
    before, places[place] = places[place], fresh
    if isinstance(one, Access):
        pair: list[Basic] = [Delta(before, fresh), Access(one.name, *places)]
    else:
        pair = [Entry(Identity(fresh.size), before, fresh), Entry(one.of, *places)]
    return put(Term((*term.bound, fresh), term.factors), [at], pair)


@rule(
    "index of a delta",
    "δ_ip a_ij = δ_ip a_pj",
    source="001, rules of the Kronecker delta",
    ends="an entry with digits of both sides has those of one",
    example=lambda: Example(
        Mul(Entry(Identity(_I), _i, _n), Entry(_A, _i, _j)),
        Mul(Entry(Identity(_I), _i, _n), Entry(_A, _n, _j)),
        (1, {_i: _n}),
    ),
)
def index_of_a_delta(term: Term, at: int, known: Mapping[Place, Place]) -> Terms | None:
    """Beside a delta of two indices the one may stand for the other."""
    deltas = [set(one.indices) for _, one in entries(term) if isinstance(one.of, Identity)]
    one = term.factors[at]
    if not isinstance(one, Entry) or any(set(pair) not in deltas for pair in known.items()):
        return None
    return put(term, [at], [Entry(one.of, *(known.get(place, place) for place in one.indices))])


@rule(
    "unfolding",
    "x_{i, s % J, s ÷ J} = [X₍₁₎]_is",
    source="000, Eq. 11",
    ends="a tensor goes",
    example=lambda: Example(
        Entry(_X, _i, *digits(_r, [_J, _K], "column")),
        Entry(Unfolding(_X, 0, "column"), _i, _r),
        (0, 0),
    ),
)
def unfolding(term: Term, at: int, axis: int, by: str = "column") -> Terms | None:
    """A component of a tensor is an entry of its unfolding, at its index along one axis and at the
    index that all others are fused into."""
    one = term.factors[at]
    if not isinstance(one, Entry) or not isinstance(one.of, Tensor):
        return None
    row, *others = (one.indices[other] for other in order(len(one.indices), axis))
    column = all_joined(others, by)
    if column is None:
        return None
    return put(term, [at], [Entry(Unfolding(one.of, axis, by), row, column)])


def all_joined(places: Sequence[Place], by: str) -> Place | None:
    """Places as one, in the order in which they are fused."""
    last, *rest = places if by == "row" else reversed(places)
    whole: Place | None = last
    for place in rest:
        whole = None if whole is None else joined(whole, place)
    return whole


@rule(
    "folding",
    "Σ_s [X₍₁₎]_is δ_{j, s % J} δ_{k, s ÷ J} = x_ijk",
    source="000, Sec. 2.3",
    ends="an unfolding goes",
    example=lambda: Example(
        Sum(Mul(Entry(Unfolding(_X, 0, "column"), _i, _r), *maps((_j, _k), _r, "column")), _r),
        Entry(_X, _i, _j, _k),
        (0,),
    ),
)
def folding(term: Term, at: int) -> Terms | None:
    """An entry of an unfolding, at the digits that it is summed with, is the component there."""
    one = term.factors[at]
    if not isinstance(one, Entry) or not isinstance(one.of, Unfolding):
        return None
    row, whole = one.indices
    unfolded = one.of
    axes = order(len(unfolded.tensor.sizes), unfolded.axis)
    sizes = [unfolded.tensor.sizes[axis] for axis in axes[1:]]
    if whole not in term.bound or not isinstance(whole, Index):
        return None
    deltas = {f.digit: f for f in term.factors if isinstance(f, DigitDelta)}
    places = digits(whole, sizes, unfolded.by)
    others = [deltas[place].index for place in places if place in deltas]
    if len(others) < len(places) or len(deltas) > len(places):
        return None
    found = dict(zip(axes, [row, *others], strict=True))
    component = Entry(unfolded.tensor, *(found[axis] for axis in sorted(axes)))
    gone = [at, *(term.factors.index(deltas[place]) for place in places if place in deltas)]
    return put(term, gone, [component], whole)


@rule(
    "vec",
    "a_{s % I, s ÷ I} = [vec(A)]_s",
    source="000, Sec. 2.3",
    ends="an entry with several digits has one index",
    example=lambda: Example(Entry(_A, *_PAIR), Entry(Vec(_A, "column"), _s), (0,)),
)
def vec(term: Term, at: int, by: str = "column", axis: int = 0) -> Terms | None:
    """An entry whose indices are all digits of one is an entry of vec."""
    one = term.factors[at]
    if not isinstance(one, Entry) or len(one.indices) < 2:
        return None
    whole = all_joined([one.indices[other] for other in order(len(one.indices), axis)], by)
    if whole is None:
        return None
    if isinstance(one.of, Tensor):
        return put(term, [at], [Entry(vec_of(one.of, axis, by), whole)])
    matrix = algebra.transposed(one.matrix) if axis else one.matrix
    return put(term, [at], [Entry(algebra.vec(matrix, by), whole)])


def vec_of(tensor: Tensor, axis: int, by: str) -> Matrix:
    """vec(𝒳), or that of another unfolding."""
    return Vec(tensor if axis == 0 else Unfolding(tensor, axis, by), by)


@rule(
    "Kronecker product",
    "[A]_{s ÷ K, r ÷ L} [B]_{s % K, r % L} = [A ⊗ B]_sr",
    source="000, Eqs. 15 and 30",
    ends="two entries become one",
    example=lambda: Example(
        Mul(Entry(_A, *_rows[:1], *_columns[:1]), Entry(_C, *_rows[1:], *_columns[1:])),
        Entry(Kronecker(_A, _C), *_wide),
        (0, 1),
    ),
)
def kronecker_product(term: Term, above: int, below: int) -> Terms | None:
    """Entries at neighbouring digits, of their rows and of their columns, are one entry of the
    Kronecker product, that of the digits above first."""
    first, second = term.factors[above], term.factors[below]
    if not isinstance(first, Entry) or not isinstance(second, Entry):
        return None
    matched = _neighbours(first, second)
    if matched is None:
        return None
    one, other, places = matched
    return put(term, [above, below], [Entry(algebra.kronecker(one, other), *places)])


def _neighbours(first: Entry, second: Entry) -> tuple[Matrix, Matrix, list[Place]] | None:
    """Both as matrices of the same rows and columns, and where the entry of their product is."""
    row = next(
        ((a, b) for a in first.indices for b in second.indices if joined(a, b) is not None), None
    )
    if row is None:
        return None
    ones, others = (_turned(one, place) for one, place in zip((first, second), row, strict=True))
    places = [joined(*row)]
    ends = [turned.indices[1:] for turned in (ones, others)]
    if all(ends):
        places.append(joined(ends[0][0], ends[1][0]))
    else:
        places += [place for end in ends for place in end]
    found = [place for place in places if place is not None]
    return (ones.matrix, others.matrix, found) if len(found) == len(places) else None


def _turned(one: Entry, row: Place) -> Entry:
    """The entry with this place in its row."""
    if one.indices[0] == row:
        return one
    return Entry(algebra.transposed(one.matrix), *reversed(one.indices))


@rule(
    "mode product",
    "Σ_i x_ijk v_ai = [X ×₁ V]_ajk",
    source="000, Sec. 3.1",
    ends="a factor goes",
    example=lambda: Example(
        Sum(Mul(Entry(_X, _i, _j, _k), Entry(_W, _l, _j)), _j),
        Entry(ModeProduct(_X, _W, 1), _i, _l, _k),
        (0, 1),
    ),
)
def mode_product(term: Term, at: int, with_: int) -> Terms | None:
    """A matrix that is summed with one index of a tensor is a product along that axis."""
    tensor, matrix = term.factors[at], term.factors[with_]
    if not isinstance(tensor, Entry) or not isinstance(tensor.of, Tensor):
        return None
    if not isinstance(matrix, Entry) or len(matrix.indices) != 2:
        return None
    new, old = matrix.indices
    holders = [one for _, one in entries(term) if old in one.indices]
    if old not in term.bound or len(holders) != 2 or tensor.indices.count(old) != 1:
        return None
    axis = tensor.indices.index(old)
    places = [new if place == old else place for place in tensor.indices]
    made = Entry(ModeProduct(tensor.of, matrix.matrix, axis), *places)
    assert isinstance(old, Index)  # digits are not bound
    return put(term, [at, with_], [made], old)
