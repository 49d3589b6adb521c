"""An array seen with other axes, as NumPy text: indices in groups, each group one axis.

A group of no indices is an axis of length 1. Arrays are C-contiguous in their layout, the order of
their indices; a group that is a run of the layout needs no copy.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from string import ascii_letters
from typing import TypeAlias

from sympy import Symbol

from indexcalc.expr.base import Index

Layout: TypeAlias = tuple[Index, ...]
Groups: TypeAlias = tuple[Layout, ...]
# What tensors and sizes are called in the text, where it is not by their own names.
Names: TypeAlias = Mapping[str, str]


def is_run(group: Layout, layout: Layout) -> bool:
    """Whether the group lies in the layout side by side and in this order."""
    if not group:
        return True
    start = layout.index(group[0])
    return layout[start : start + len(group)] == group


def is_view(groups: Groups, layout: Layout) -> bool:
    return all(is_run(group, layout) for group in groups if len(group) > 1)


def flat(groups: Groups) -> Layout:
    return tuple(index for group in groups for index in group)


def singles(layout: Layout) -> Groups:
    return tuple((index,) for index in layout)


def view(text: str, layout: Layout, groups: Groups, names: Names) -> str:
    """The array with these axes: a view where `is_view`, otherwise a copy that reshape makes."""
    filled = tuple(group for group in groups if group)
    if is_view(groups, layout):
        stored = tuple(sorted(filled, key=lambda group: layout.index(group[0])))
        moved = transposed(
            reshaped(text, singles(layout), stored, names), stored, filled, len(groups)
        )
    else:
        moved = transposed(text, singles(layout), singles(flat(groups)))
        moved = reshaped(moved, singles(flat(groups)), filled, names)
    return expanded(moved, groups)


def contiguous(text: str, layout: Layout, groups: Groups, names: Names) -> str:
    """The same in a new array, last axis fastest."""
    seen = view(text, layout, groups, names)
    return f"np.ascontiguousarray({seen})" if is_view(groups, layout) else seen


def reshaped(text: str, old: Groups, new: Groups, names: Names) -> str:
    """Sizes are written out: -1 beside an axis of length 0 is refused by NumPy."""
    if old == new:
        return text
    if len(new) == 1:
        return f"{bracketed(text)}.reshape(-1)"
    shape = ", ".join(count(group, names) for group in new)
    return f"{bracketed(text)}.reshape({shape})"


def transposed(text: str, old: Groups, new: Groups, axes: int = 0) -> str:
    if old == new:
        return text
    if len(new) == 2 and axes <= 2:
        return f"{bracketed(text)}.T"
    places = [old.index(group) for group in new]
    swapped = [place for place, old_place in enumerate(places) if place != old_place]
    if len(swapped) == 2:
        first, second = swapped
        return f"{bracketed(text)}.swapaxes({first}, {second})"
    return f"{bracketed(text)}.transpose({', '.join(map(str, places))})"


def expanded(text: str, groups: Groups) -> str:
    """Axes of length 1 put in."""
    if all(groups):
        return text
    if not groups[-1] and all(groups[:-1]) and len(groups) > 2:
        return f"{bracketed(text)}[..., None]"
    last = max(place for place, group in enumerate(groups) if not group)
    marks = ", ".join(":" if group else "None" for group in groups[: last + 1])
    return f"{bracketed(text)}[{marks}]"


def diagonal(text: str, indices: Layout) -> str:
    """a_iij as an array over ij."""
    if len(set(indices)) == len(indices):
        return text
    (letters,), kept = subscripts((indices,), tuple(dict.fromkeys(indices)))
    return f'np.einsum("{letters}->{kept}", {text})'


def subscripts(operands: Sequence[Layout], left: Layout) -> tuple[tuple[str, ...], str]:
    """Letters for einsum: the index's own where that is one letter of the alphabet."""
    spelled: dict[Index, str] = {}
    found = dict.fromkeys((*(index for operand in operands for index in operand), *left))
    own = [index for index in found if len(index.name) == 1 and index.name in ascii_letters]
    taken = {index.name for index in own}
    spare = (letter for letter in ascii_letters if letter not in taken)
    for index in found:
        spelled[index] = index.name if index in own else next(spare)
    texts = ["".join(spelled[index] for index in one) for one in (*operands, left)]
    return tuple(texts[:-1]), texts[-1]


def count(group: Layout, names: Names) -> str:
    """How many entries there are over these indices, as a product of sizes."""
    texts = [size(index, names) for index in group]
    if len(texts) == 1:
        return texts[0]
    return " * ".join(bracketed(text) for text in texts) or "1"


def shape(layout: Layout, names: Names) -> str:
    return ", ".join(size(index, names) for index in layout)


def size(index: Index, names: Names) -> str:
    called = {one: Symbol(names.get(one.name, one.name)) for one in index.size.free_symbols}
    return ast.unparse(ast.parse(str(index.size.xreplace(called)), mode="eval"))


def bracketed(text: str) -> str:
    """An expression that a method or an operator can follow."""
    whole = ast.parse(text, mode="eval").body
    tight = ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.Tuple | ast.List
    number = isinstance(whole, ast.Constant)
    return text if isinstance(whole, tight) or number else f"({text})"


def _bare(text: str) -> str:
    """An expression without brackets around all of it."""
    whole = ast.parse(text, mode="eval").body
    return text[whole.col_offset : whole.end_col_offset]


def scaled(text: str, factor: str) -> str:
    """text * factor, or text / n for a factor 1 / n."""
    whole = ast.parse(text, mode="eval").body
    product = isinstance(whole, ast.BinOp) and isinstance(whole.op, _PRODUCTS)
    sign, number = _scaling(factor)
    return f"{text if product else bracketed(text)} {sign} {number}"


def scale_in_place(text: str, factor: str, *, negative: bool = False) -> str:
    """text *= factor, or text /= n for a factor 1 / n."""
    sign, number = _scaling(factor)
    return f"{text} {sign}= {f'-{number}' if negative else _bare(number)}"


_PRODUCTS = ast.Mult | ast.Div | ast.MatMult


def _scaling(factor: str) -> tuple[str, str]:
    whole = ast.parse(factor, mode="eval").body
    match whole:
        case ast.BinOp(ast.Constant(1), ast.Div()):
            return "/", factor.removeprefix("1 / ")
        case ast.UnaryOp():
            return "*", factor
    return "*", bracketed(factor)
