"""Common factors of sums of matrices: A C + B C is (A + B) C, and Aᵀ + Bᵀ is (A + B)ᵀ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import is_
from typing import Any, TypeAlias

from sympy import Basic, Expr

from indexcalc.expr.base import MINUS_ONE, postorder, rebuild
from indexcalc.forms import algebra
from indexcalc.forms.matrices import Diagonal, Hadamard, Matrix, Plus, Product, Scaled, Transpose
from indexcalc.forms.weighing import weight

# What a term has, each with what is left of it; and how both are put together.
Split: TypeAlias = Callable[[Matrix], Iterator[tuple[Matrix | Expr, Matrix]]]
Join: TypeAlias = Callable[[Any, Matrix], Matrix]


def factored(matrix: Matrix) -> Matrix:
    """The same with common factors out of its sums, where that leaves less to read."""
    made: dict[Basic, Basic] = {}
    for node in postorder(matrix):
        same = _with(node, tuple(made[part] for part in _parts(node)))
        lighter = _lighter(same) if isinstance(same, Plus) else same
        # What is left of the terms may have a common factor too.
        made[node] = same if lighter is same else factored(lighter)
    whole = made[matrix]
    assert isinstance(whole, Matrix)
    return whole if whole != matrix else matrix


def _with(node: Basic, parts: tuple[Any, ...]) -> Basic:
    """The node with other parts, products in products and sums in sums flat."""
    if all(map(is_, parts, _parts(node))):
        return node
    for kind, join in _FLAT.items():
        if isinstance(node, kind):
            return join(*parts)
    return rebuild(node, parts)


_FLAT: dict[type[Matrix], Callable[..., Matrix]] = {
    Product: algebra.product,
    Scaled: algebra.scaled,
    Plus: algebra.plus,
    Hadamard: algebra.hadamard,
}


def _parts(node: Basic) -> tuple[Basic, ...]:
    return node.parts if isinstance(node, Matrix) else ()


def _lighter(total: Plus) -> Matrix:
    """The lightest of what one common factor, or one transpose, makes of a sum."""
    turned = all(isinstance(algebra.apart(term)[2], Transpose) for term in total.args)
    best: Matrix = Transpose(algebra.transposed(total)) if turned else total
    for split, join in _WAYS:
        for common, rests in _groups(total.args, split):
            inner = algebra.plus(*rests.values())
            made = {min(rests): _joined(join, common, inner)}
            kept = [
                made.get(at, one)
                for at, one in enumerate(total.args)
                if at not in rests or at in made
            ]
            whole = algebra.plus(*kept)
            if weight(whole) < weight(best):
                best = whole
    return best


def _joined(join: Join, common: Matrix | Expr, inner: Matrix) -> Matrix:
    """A common factor and what is left; -(A + B) C for (-A - B) C."""
    terms = inner.args if isinstance(inner, Plus) else ()
    if not terms or any(algebra.apart(term)[0].is_negative is not True for term in terms):
        return join(common, inner)
    turned = algebra.plus(*(algebra.scaled(MINUS_ONE, term) for term in terms))
    return algebra.scaled(MINUS_ONE, join(common, turned))


def _groups(
    terms: Sequence[Matrix], split: Split
) -> Iterator[tuple[Matrix | Expr, dict[int, Matrix]]]:
    """A factor that several terms share, and what is left of each."""
    sharing: dict[Matrix | Expr, dict[int, Matrix]] = {}
    for place, term in enumerate(terms):
        for common, rest in split(term):
            sharing.setdefault(common, {}).setdefault(place, rest)
    yield from ((common, rests) for common, rests in sharing.items() if len(rests) > 1)


def _product_apart(term: Matrix) -> tuple[Expr, Sequence[Matrix], Matrix | None]:
    """A number, scalars and what else there is; of a scalar the product that it ends in."""
    number, scalars, rest = algebra.apart(term)
    if rest is None and scalars and isinstance(scalars[-1], Product):
        return number, scalars[:-1], scalars[-1]
    return number, scalars, rest


def _first(term: Matrix) -> Iterator[tuple[Matrix, Matrix]]:
    number, scalars, rest = _product_apart(term)
    if isinstance(rest, Product) and not _is_diagonal(rest.args[1:]):
        yield rest.args[0], algebra.scaled(number, *scalars, algebra.product(*rest.args[1:]))


def _last(term: Matrix) -> Iterator[tuple[Matrix, Matrix]]:
    number, scalars, rest = _product_apart(term)
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
