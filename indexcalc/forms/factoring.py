"""Common factors of sums of matrices: A C + B C is (A + B) C."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from sympy import Basic, Expr

from indexcalc.expr.base import postorder, rebuild
from indexcalc.forms import algebra
from indexcalc.forms.matrices import Diagonal, Hadamard, Matrix, Plus, Product
from indexcalc.forms.weighing import weight

# What a term has, each with what is left of it; and how both are put together.
Split: TypeAlias = Callable[[Matrix], Iterator[tuple[Matrix | Expr, Matrix]]]
Join: TypeAlias = Callable[[Any, Matrix], Matrix]


def factored(matrix: Matrix) -> Matrix:
    """The same with common factors out of its sums, where that leaves less to read."""
    made: dict[Basic, Basic] = {}
    for node in postorder(matrix):
        same = rebuild(node, tuple(made[part] for part in _parts(node)))
        while isinstance(same, Plus):
            lighter = _lighter(same)
            if lighter is same:
                break
            same = lighter
        made[node] = same
    whole = made[matrix]
    assert isinstance(whole, Matrix)
    return whole if whole != matrix else matrix


def _parts(node: Basic) -> tuple[Basic, ...]:
    return node.parts if isinstance(node, Matrix) else ()


def _lighter(total: Plus) -> Matrix:
    """The lightest of what one common factor makes of a sum."""
    best: Matrix = total
    for split, join in _WAYS:
        for common, rests in _groups(total.args, split):
            inner = algebra.plus(*rests.values())
            made = {min(rests): join(common, inner)}
            kept = [
                made.get(at, one)
                for at, one in enumerate(total.args)
                if at not in rests or at in made
            ]
            whole = algebra.plus(*kept)
            if weight(whole) < weight(best):
                best = whole
    return best


def _groups(
    terms: Sequence[Matrix], split: Split
) -> Iterator[tuple[Matrix | Expr, dict[int, Matrix]]]:
    """A factor that several terms share, and what is left of each."""
    sharing: dict[Matrix | Expr, dict[int, Matrix]] = {}
    for place, term in enumerate(terms):
        for common, rest in split(term):
            sharing.setdefault(common, {}).setdefault(place, rest)
    yield from ((common, rests) for common, rests in sharing.items() if len(rests) > 1)


def _first(term: Matrix) -> Iterator[tuple[Matrix, Matrix]]:
    number, scalars, rest = algebra.apart(term)
    if isinstance(rest, Product) and not _is_diagonal(rest.args[1:]):
        yield rest.args[0], algebra.scaled(number, *scalars, algebra.product(*rest.args[1:]))


def _last(term: Matrix) -> Iterator[tuple[Matrix, Matrix]]:
    number, scalars, rest = algebra.apart(term)
    if isinstance(rest, Product) and not _is_diagonal(rest.args[:-1]):
        yield rest.args[-1], algebra.scaled(number, *scalars, algebra.product(*rest.args[:-1]))


def _is_diagonal(parts: Sequence[Matrix]) -> bool:
    """Whether a diagonal matrix alone would be left, which reads worse in a sum."""
    return len(parts) == 1 and isinstance(parts[0], Diagonal)


def _factor(term: Matrix) -> Iterator[tuple[Matrix, Matrix]]:
    number, scalars, rest = algebra.apart(term)
    factors = rest.args if isinstance(rest, Hadamard) else ()
    for place, factor in enumerate(factors):
        others = [other for at, other in enumerate(factors) if at != place]
        yield factor, algebra.scaled(number, *scalars, algebra.hadamard(*others))


def _scalar(term: Matrix) -> Iterator[tuple[Matrix | Expr, Matrix]]:
    """Scalars, and a number with its sign and without."""
    number, scalars, rest = algebra.apart(term)
    other = [] if rest is None else [rest]
    for place, scalar in enumerate(scalars if other or len(scalars) > 1 else ()):
        others = [one for at, one in enumerate(scalars) if at != place]
        yield scalar, algebra.scaled(number, *others, *other)
    yield number, algebra.scaled(*scalars, *other)
    yield abs(number), algebra.scaled(number / abs(number), *scalars, *other)


_WAYS: tuple[tuple[Split, Join], ...] = (
    (_scalar, algebra.scaled),
    (_first, algebra.product),
    (_last, lambda common, inner: algebra.product(inner, common)),
    (_factor, algebra.hadamard),
)
