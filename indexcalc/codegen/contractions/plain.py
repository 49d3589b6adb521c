"""One contraction as the line of NumPy that people learn from: shorter before faster."""

from __future__ import annotations

from indexcalc.codegen.contractions.views import (
    Layout,
    Names,
    bracketed,
    diagonal,
    expanded,
    scaled,
    singles,
    subscripts,
    transposed,
)
from indexcalc.codegen.contractions.ways import axes
from indexcalc.codegen.operations import Contraction


def plain(contraction: Contraction, names: Names, factor: str = "") -> str:
    """`x @ a`, `(a * b).sum(axis=1)`, and np.einsum of two where those do not read well."""
    left = contraction.left.indices
    texts = [names.get(operand.name, operand.name) for operand in contraction.operands]
    layouts = [operand.indices for operand in contraction.operands]
    whole = _of_one(texts[0], layouts[0], left) if len(texts) == 1 else None
    if len(texts) == 2:
        whole = _product(texts, layouts, left) or _pointwise(texts, layouts, left)
    if whole is None:
        operands, result = subscripts(layouts, left)
        whole = f'np.einsum("{",".join(operands)}->{result}", {", ".join(texts)})'
    return scaled(whole, factor) if factor else whole


def _of_one(text: str, indices: Layout, left: Layout) -> str:
    layout = tuple(dict.fromkeys(indices))
    return _in_order(_summed(diagonal(text, indices), layout, left), layout, left)


def _summed(text: str, layout: Layout, left: Layout) -> str:
    places = [place for place, index in enumerate(layout) if index not in left]
    if not places:
        return text
    where = "" if len(places) == len(layout) else axes(places)
    return f"{bracketed(text)}.sum({where})"


def _in_order(text: str, layout: Layout, left: Layout) -> str:
    kept = tuple(index for index in layout if index in left)
    return transposed(text, singles(kept), singles(left))


def _product(texts: list[str], layouts: list[Layout], left: Layout) -> str | None:
    """One index summed between matrices or vectors, or between matrices after the same axes."""
    a, b = layouts
    loops = tuple(index for index in a if index in b and index in left)
    start = len(loops)
    if not a[:start] == b[:start] == left[:start] == loops:
        return None
    ends = a[start:], b[start:]
    if not all(1 <= len(set(end)) == len(end) <= 2 for end in ends):
        return None
    summed = tuple(index for index in ends[0] if index in ends[1])
    rows, columns = (tuple(index for index in end if index not in summed) for end in ends)
    matrices = bool(rows and columns)
    if len(summed) != 1 or {*rows, *columns} != {*left[start:]} or (loops and not matrices):
        return None
    if _swapped(ends, (rows, columns, summed), left[start:]):
        texts, layouts, rows, columns = texts[::-1], layouts[::-1], columns, rows
    first = transposed(texts[0], singles(layouts[0]), singles((*loops, *rows, *summed)))
    second = transposed(texts[1], singles(layouts[1]), singles((*loops, *summed, *columns)))
    return f"{bracketed(first)} @ {bracketed(second)}"


def _swapped(ends: tuple[Layout, Layout], matrix: tuple[Layout, ...], left: Layout) -> bool:
    """Columns before rows, or a matrix transposed only to come before or after a vector."""
    rows, columns, summed = matrix
    if rows and columns:
        return left != (*rows, *columns)
    if rows:
        return ends[0] != (*rows, *summed)
    return bool(columns) and ends[1] != (*summed, *columns)


def _pointwise(texts: list[str], layouts: list[Layout], left: Layout) -> str | None:
    """Entry by entry, then summed, where NumPy's broadcasting does it."""
    a, b = layouts
    if len(set(a)) < len(a) or len(set(b)) < len(b):
        return None
    if not set(a) & set(b) <= set(left) and a != b:
        return None
    if a == b:
        body = f"{bracketed(texts[0])} * {bracketed(texts[1])}"
        return _in_order(_summed(body, a, left), a, left)
    if set(a) | set(b) != set(left):
        return None
    spread = [_spread(text, one, left) for text, one in zip(texts, layouts, strict=True)]
    return f"{bracketed(spread[0])} * {bracketed(spread[1])}"


def _spread(text: str, layout: Layout, left: Layout) -> str:
    order = tuple(index for index in left if index in layout)
    groups = [(index,) if index in layout else () for index in left]
    while groups and not groups[0]:
        groups.pop(0)
    return expanded(transposed(text, singles(layout), singles(order)), tuple(groups))
