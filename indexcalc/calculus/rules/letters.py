"""Letters and tensors for the examples of the rulebook."""

from __future__ import annotations

from collections.abc import Callable

from indexcalc.expr.base import Index, size_symbol
from indexcalc.expr.nodes import Access

# One size for all, so that a delta may join any two.
_N = size_symbol("N")
i, j, k, n, p, q, r = (Index(letter, _N) for letter in "ijknpqr")


def tensor(name: str) -> Callable[..., Access]:
    """tensor("x")(i, j) is x_ij."""
    return lambda *indices: Access(name, *indices)


x, a, b, c, d, s, u, v, w = map(tensor, "xabcdsuvw")
