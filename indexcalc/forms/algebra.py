"""Matrices put together: nested products and sums flat, numbers and scalars in front, transposes
pushed to the leaves."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr

from indexcalc.expr.base import ONE, ZERO, postorder
from indexcalc.forms.matrices import (
    Diagonal,
    DiagonalOf,
    Function,
    Hadamard,
    Identity,
    Inner,
    Matrix,
    Named,
    Norm,
    Number,
    Ones,
    Over,
    Plus,
    Power,
    Product,
    Scaled,
    Shape,
    Trace,
    Transpose,
)
from indexcalc.forms.tensors import Kronecker, Vec


def transposed(matrix: Matrix) -> Matrix:
    """Aᵀ, with ᵀ at matrices and vectors alone: (A B)ᵀ is Bᵀ Aᵀ."""
    match matrix:
        case Matrix(is_scalar=True) | Identity() | Diagonal():
            return matrix
        case Transpose():
            return matrix.of
        case Product():
            return Product(*(transposed(part) for part in reversed(matrix.args)))
        case Scaled():
            return Scaled(*matrix.args[:-1], transposed(matrix.args[-1]))
        case Matrix(is_vector=True):
            return Transpose(matrix)
        case Plus():
            return Plus(*map(transposed, matrix.args))
        case Hadamard():
            return Hadamard(*map(transposed, matrix.args))
        case Power():
            exponent = matrix.exponent
            above = transposed(exponent) if isinstance(exponent, Matrix) else exponent
            return Power(transposed(matrix.base), above)
        case Function():
            return Function(matrix.name, *map(transposed, matrix.arguments))
        case Over():
            return Over(transposed(matrix.body), *matrix.indices)
        case Kronecker():
            inside = Kronecker(*map(transposed, matrix.args))
            outside = Transpose(matrix)
            return outside if _turns(outside) < _turns(inside) else inside
        case _:
            return Transpose(matrix)


def apart(matrix: Matrix) -> tuple[Expr, tuple[Matrix, ...], Matrix | None]:
    """A number, scalars, and what else there is."""
    if isinstance(matrix, Number):
        return matrix.value, (), None
    if isinstance(matrix, Scaled):
        *scalars, last = matrix.rest
        rest = None if last.is_scalar else last
        return matrix.number, (*scalars, *(() if rest else (last,))), rest
    return (ONE, (matrix,), None) if matrix.is_scalar else (ONE, (), matrix)


def scaled(*parts: Expr | Matrix) -> Matrix:
    """A product of numbers and scalars, with at most one other matrix."""
    number, scalars, other = ONE, list[Matrix](), None
    for part in parts:
        if not isinstance(part, Matrix):
            number = number * part
            continue
        more, own, rest = apart(part)
        number = number * more
        scalars += own
        other = other if rest is None else rest
    every: list[Matrix] = [*_powers(scalars), *([other] if other is not None else [])]
    if not every:
        return Number(number)
    front: list[Expr | Matrix] = [number] if number != 1 else []
    return every[0] if len(every) == 1 and not front else Scaled(*front, *every)


def _powers(scalars: Iterable[Matrix]) -> list[Matrix]:
    """Equal scalars as one power, what divides last."""
    exponents: dict[Matrix, Expr] = {}
    for scalar in scalars:
        base, exponent = scalar, ONE
        if isinstance(scalar, Power) and not isinstance(scalar.exponent, Matrix):
            base, exponent = scalar.base, scalar.exponent
        exponents[base] = exponents.get(base, ZERO) + exponent
    kept = [power(base, exponent) for base, exponent in exponents.items() if exponent != 0]
    below = [one for one in kept if divides(one)]
    return [*(one for one in kept if one not in below), *below]


def divides(matrix: Matrix) -> bool:
    """Whether it is one over something."""
    return isinstance(matrix, Power) and bool(
        not isinstance(matrix.exponent, Matrix) and matrix.exponent.is_negative
    )


def power(base: Matrix, exponent: Expr) -> Matrix:
    """Each entry to a power; the root of a square is a norm's where it is known to be one."""
    if exponent == 1:
        return base
    if isinstance(base, Power) and isinstance(base.exponent, Expr):
        norm = isinstance(base.base, Norm)
        whole = base.exponent.is_integer and exponent.is_integer
        if norm or whole:
            return power(base.base, base.exponent * exponent)
    return Power(base, exponent)


def product(*parts: Matrix) -> Matrix:
    """A B ..., numbers and scalars in front, without identities."""
    scalars: list[Expr | Matrix] = []
    flat: list[Matrix] = []
    for part in parts:
        number, own, rest = apart(part)
        scalars += [number, *own]
        if rest is None:
            continue
        factors = rest.args if isinstance(rest, Product) else (rest,)
        flat += (factor for factor in factors if not isinstance(factor, Identity))
    if not flat:
        # Identities alone, or scalars alone.
        kept = [part for part in parts if isinstance(part, Identity)][:1]
        return scaled(*scalars, *kept)
    return scaled(*scalars, flat[0] if len(flat) == 1 else Product(*flat))


def _turns(matrix: Matrix) -> int:
    return sum(isinstance(node, Transpose) for node in postorder(matrix))


def kronecker(*parts: Matrix) -> Matrix:
    """A ⊗ B ⊗ ..., numbers and scalars in front; a column beside a row is u vᵀ."""
    scalars: list[Expr | Matrix] = []
    flat: list[Matrix] = []
    for part in parts:
        number, own, rest = apart(part)
        scalars += [number, *own]
        for factor in rest.args if isinstance(rest, Kronecker) else () if rest is None else (rest,):
            before = flat[-1] if flat else None
            alike = next((k for k in (Identity, Ones) if isinstance(factor, k)), None)
            if before is not None and alike and isinstance(before, alike):
                flat[-1] = alike(before.shape[0] * factor.shape[0])
            elif before is not None and before.is_vector and factor.shape[0] == 1:
                flat[-1] = product(before, factor)
            elif before is not None and before.shape[0] == 1 and factor.is_vector:
                flat[-1] = product(factor, before)
            else:
                flat.append(factor)
    if not flat:
        return scaled(*scalars)
    return scaled(*scalars, flat[0] if len(flat) == 1 else Kronecker(*flat))


def vec(matrix: Matrix, by: str) -> Matrix:
    """vec(A), with numbers and scalars in front."""
    number, scalars, rest = apart(matrix)
    return matrix if rest is None else scaled(number, *scalars, Vec(rest, by))


def hadamard(*parts: Matrix) -> Matrix:
    """A ⊙ B ⊙ ..., equal ones as a power; leaves first, and what divides last."""
    scalars: list[Expr | Matrix] = []
    exponents: dict[Matrix, Expr] = {}
    for part in parts:
        number, own, rest = apart(part)
        scalars += [number, *own]
        for factor in rest.args if isinstance(rest, Hadamard) else () if rest is None else (rest,):
            base, exponent = factor, ONE
            if isinstance(factor, Power) and isinstance(factor.exponent, Expr):
                base, exponent = factor.base, factor.exponent
            exponents[base] = exponents.get(base, ZERO) + exponent
    if not exponents:
        return scaled(*scalars)
    ones = [base for base in exponents if is_ones(base)]
    kept = [power(base, e) for base, e in exponents.items() if e != 0 and base not in ones]
    if not kept:
        return scaled(*scalars, ones[0] if ones else ones_of(next(iter(exponents)).shape))
    below = [one for one in kept if divides(one)]
    above = [one for one in kept if one not in below]
    if not above:
        above = [ones_of(kept[0].shape)] if len(below) > 1 else []
    every = [*above, *below]
    return scaled(*scalars, every[0] if len(every) == 1 else Hadamard(*every))


def is_ones(matrix: Matrix) -> bool:
    """Whether it is 𝟏, 𝟏ᵀ or 𝟏 𝟏ᵀ."""
    return isinstance(turned_back(matrix), Ones) or (
        isinstance(matrix, Product) and all(is_ones(part) for part in matrix.args)
    )


def ones_of(shape: Shape) -> Matrix:
    """𝟏, 𝟏ᵀ or 𝟏 𝟏ᵀ."""
    rows, columns = shape
    if columns == 1:
        return Ones(rows) if rows != 1 else Number(ONE)
    return Transpose(Ones(columns)) if rows == 1 else Product(Ones(rows), Transpose(Ones(columns)))


def plus(*parts: Matrix) -> Matrix:
    """A + B + ..., without sums in it; A + 2 A is 3 A."""
    flat = [one for part in parts for one in (part.args if isinstance(part, Plus) else (part,))]
    groups: dict[tuple[frozenset[Matrix], Matrix | None], list[Matrix]] = {}
    for one in flat:
        _, scalars, rest = apart(one)
        groups.setdefault((frozenset(scalars), rest), []).append(one)
    kept = [one for same in groups.values() for one in _together(same)]
    if not kept:
        # A 0 alone would not say what its shape is.
        return Plus(*flat)
    return kept[0] if len(kept) == 1 else Plus(*kept)


def _together(same: list[Matrix]) -> list[Matrix]:
    """Terms that differ in their numbers as one, or as none where these cancel."""
    if len(same) == 1:
        return same
    number = sum((apart(one)[0] for one in same), ZERO)
    _, scalars, rest = apart(same[0])
    return [scaled(number, *scalars, *(() if rest is None else (rest,)))] if number != 0 else []


def diagonal(vector: Matrix) -> Matrix:
    """diag(v), with its number in front."""
    number, scalars, rest = apart(vector)
    if rest is None:
        raise ValueError(f"{vector} is no column")
    inner = Identity(rest.shape[0]) if isinstance(rest, Ones) else Diagonal(rest)
    return scaled(number, *scalars, inner)


def diagonal_of(matrix: Matrix) -> Matrix:
    """diag(A), the diagonal."""
    number, scalars, rest = apart(matrix)
    if isinstance(rest, Identity):
        return scaled(number, *scalars, Ones(rest.shape[0]))
    if isinstance(rest, Diagonal):
        return scaled(number, *scalars, rest.vector)
    return DiagonalOf(matrix) if rest is None else scaled(number, *scalars, DiagonalOf(rest))


def inner(first: Matrix, second: Matrix) -> Matrix:
    """A : B, with numbers and scalars in front."""
    one, other = apart(first), apart(second)
    left, right = one[2], other[2]
    if left is None or right is None:
        return scaled(first, second)
    return scaled(one[0] * other[0], *one[1], *other[1], Inner(left, right))


def trace(matrix: Matrix) -> Matrix:
    """tr(A), with numbers and scalars in front."""
    number, scalars, rest = apart(matrix)
    return matrix if rest is None else scaled(number, *scalars, Trace(_first_turn(rest)))


def _first_turn(matrix: Matrix) -> Matrix:
    """Of all that have the same trace, A B C and C A B and (A B C)ᵀ, the one with the fewest
    transposes, in order of name."""
    if not isinstance(matrix, Product):
        return matrix
    ways = []
    for factors in (matrix.args, transposed(matrix).args):
        for start in range(len(factors)):
            ways.append(Product(*factors[start:], *factors[:start]))
    return min(ways, key=lambda way: (str(way).count("'"), [str(part) for part in way.args]))


def leaf(matrix: Matrix) -> Named | None:
    """The tensor that a matrix is, turned or not."""
    inside = turned_back(matrix)
    return inside if isinstance(inside, Named) else None


def turned_back(matrix: Matrix) -> Matrix:
    """A for Aᵀ."""
    return matrix.of if isinstance(matrix, Transpose) else matrix
