"""What tensors are called in matrix notation: matrices by capitals, one of many by its index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain, count

from sympy import Expr

from indexcalc.expr.base import ONE, Index
from indexcalc.expr.names import adjoint_name, adjoint_of
from indexcalc.expr.nodes import Access
from indexcalc.forms.matrices import Named
from indexcalc.forms.tensors import Core

# Such as a batch and a head.
MANY = 2
_SMALL = re.compile(r"[a-z][0-9]*\Z")


class Faces:
    """Names of matrices, those of `taken` avoided: sizes and all other names."""

    def __init__(self, orders: Mapping[str, int], taken: Iterable[str]) -> None:
        """`orders` are those of all tensors, by name."""
        self.orders = dict(orders)
        self.taken = {*self.orders, *taken, "I"}
        self.permutations: dict[str, str] = {}

    def face(self, name: str) -> str:
        """X for a matrix x; any other name as it is."""
        loss, of = adjoint_of(name)
        if of:
            return adjoint_name(loss, self.face(of))
        capital = name.upper()
        is_matrix = self.orders.get(name, 0) >= 2 and _SMALL.match(name)
        return capital if is_matrix and capital not in self.taken else name

    def permutation(self, tensor: str) -> str:
        """P for what permutes the entries of a tensor, or another letter where that is something
        else or permutes those of another."""
        if tensor not in self.permutations:
            used = {*self.taken, *map(self.face, self.orders), *self.permutations.values()}
            letters = chain(("P", "Pi"), (f"P{number}" for number in count(2)))
            self.permutations[tensor] = next(letter for letter in letters if letter not in used)
        return self.permutations[tensor]

    def named(self, access: Access, outer: Iterable[Index] = ()) -> Named | None:
        """The matrix, vector or scalar whose entry a component is; None of more indices."""
        many = set(outer)
        of = tuple(index for index in access.indices if index in many)
        inner = access.indices[len(of) :]
        if access.indices[: len(of)] != of or len(inner) > 2:
            return None
        sizes: list[Expr] = [index.size for index in inner]
        rows, columns = [*sizes, ONE, ONE][:2]
        return Named(access.name, self.face(access.name), rows, columns, *of)

    def core(self, access: Access) -> Core:
        """The tensor whose component it is."""
        return Core(access.name, self.face(access.name), *(index.size for index in access.indices))


def leading(accesses: Iterable[Access]) -> set[Index]:
    """The indices before the last two, which say which of many matrices is meant, unless there are
    more than MANY of them."""
    found = (access.indices[:-2] for access in accesses)
    return {index for indices in found if len(indices) <= MANY for index in indices}
