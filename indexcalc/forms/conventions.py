"""By column or by row: which of fused indices runs fastest, and that no matrix has both."""

from __future__ import annotations

from collections.abc import Iterable

from sympy.core.symbol import Str

from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import label_of
from indexcalc.expr.digits import BY


def convention(by: str | Str) -> str:
    name = str(label_of(by).name)
    if name not in BY:
        raise ValueError(f"a convention is one of {' and '.join(BY)}, not {name}")
    return name


def one_convention(conventions: Iterable[str]) -> str:
    found = sorted({one for one in conventions if one})
    if len(found) > 1:
        raise IndexcalcError(
            "IC704",
            "one part is unfolded by columns and another by rows",
            hint="unfold both by columns, or both by rows",
        )
    return found[0] if found else ""
