"""Forms beside their formulas with indices, both computed at random matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, cycle
from math import prod

import numpy as np
from sympy import Basic, Expr, Symbol

from indexcalc.expr.base import Index, free_of, postorder
from indexcalc.expr.evaluate import component_values
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import Access, Apply
from indexcalc.expr.program import Equation
from indexcalc.expr.world import Array, World, number
from indexcalc.forms.matrices import Named, Over
from indexcalc.forms.outward import Form
from indexcalc.forms.tensors import Core
from indexcalc.forms.values import Arrays

# So many axes may all be of different lengths.
FEW = 7
# Matrices that are computed one by one, and entries of a value on the way.
MOST = 3000
ENTRIES = 10**6
# Off by rounding alone.
ALLOWED = 1e-9
# Where all entries are: where roots and logarithms have values, of 1 - x too, else small.
RANGES = ((0.2, 0.8), (0.01, 0.02), (-0.9, -0.1), (1.1, 1.5))


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a form is off, as a part of the largest entry."""

    form: Form
    share: float

    @property
    def agrees(self) -> bool:
        return self.share <= ALLOWED


def worst(forms: Sequence[Form], seed: int = 0, known: Sequence[Equation] = ()) -> list[Difference]:
    """Each form beside its formula, at random tensors with axes of different lengths; those that
    have a value at none of them are left out, and those that are too large. What is `known` of
    tensors holds for them."""
    found = []
    for form in forms:
        random = np.random.default_rng(seed)
        shares = (_share(form, random, limits, known) for limits in RANGES)
        share = next((share for share in shares if share is not None), None)
        if share is not None and share > ALLOWED and known:
            # What cancels between tensors that belong together is all rounding; apart they tell.
            apart = _share(form, np.random.default_rng(seed), RANGES[0], ())
            share = share if apart is None else min(share, apart)
        if share is not None:
            found.append(Difference(form, share))
    return found


def _share(
    form: Form,
    random: np.random.Generator,
    limits: tuple[float, float],
    known: Sequence[Equation],
) -> float | None:
    """How far off it is at one point; None where there is no value."""
    equation = form.equation
    nodes = [*postorder(equation.right), equation.left]
    made = [node for one in known for node in (*postorder(one.right), one.left)]
    inside = [*nodes, *postorder(form.matrix)]
    numbers = _numbers([*inside, *made], random)
    many = {index for node in inside if isinstance(node, Named | Over) for index in _many(node)}
    widest = max(prod(number(i.size, numbers) for i in free_of(node)) for node in nodes)
    if widest > ENTRIES or prod(number(i.size, numbers) for i in many) > MOST:
        return None
    arrays: dict[str, Array] = {}
    for node in (*inside, *made):
        if isinstance(node, Access):
            shape = [int(numbers[index.size]) for index in node.indices]
            arrays.setdefault(node.name, random.uniform(*limits, shape))
        elif isinstance(node, Named | Core):
            shape = [int(number(size, numbers)) for size in node.sizes]
            arrays.setdefault(node.name, random.uniform(*limits, shape))
    applied = [n for n in (*nodes, *made) if isinstance(n, Apply)]
    functions = {node.name: _smooth for node in applied if node.name not in FUNCTIONS}
    for one in known:
        with np.errstate(all="ignore"):
            arrays[one.left.name] = component_values(one, World(arrays, numbers, functions))
    computed = Arrays(arrays, numbers, functions)
    for scalar, norm in form.norms.items():
        if isinstance(scalar, Named) and scalar.name in arrays:
            arrays[scalar.name] = computed.value(norm)[0, 0]
    with np.errstate(all="ignore"):
        right = component_values(equation, World(arrays, numbers, functions))
    if not np.isfinite(right).all():
        return None
    places = np.ndindex(*(int(numbers[index.size]) for index in form.outer))
    names = [index.name for index in form.outer]
    every = [computed.value(form.matrix, dict(zip(names, at, strict=True))) for at in places]
    right = _in_rows_and_columns(form, right)
    ours = np.asarray(every).reshape(right.shape)
    most = float(np.abs(right).max(initial=0.0)) or 1.0
    share = float(np.abs(ours - right).max(initial=0.0)) / most
    return share if np.isfinite(share) else float("inf")


def _in_rows_and_columns(form: Form, array: Array) -> Array:
    """Components as the left side has them."""
    if not form.sides:
        return array
    indices = form.equation.left.indices
    fused = [side.slowest_first for side in form.sides]
    axes = [indices.index(index) for side in fused for index in side]
    lengths = [array.shape[indices.index(side[0])] if len(side) == 1 else -1 for side in fused]
    if lengths.count(-1) > 1:
        lengths[0] = prod(array.shape[indices.index(index)] for index in fused[0])
    return array.transpose(axes).reshape(lengths)


def _many(node: Named | Over) -> tuple[Index, ...]:
    return node.of if isinstance(node, Named) else node.indices


def _numbers(nodes: Sequence[Basic], random: np.random.Generator) -> dict[Symbol, float]:
    """Sizes from 2 on, all different if there are few, and constants at random."""
    scalars = [node for node in nodes if isinstance(node, Expr)]
    scalars += [arg.size for node in nodes for arg in node.args if isinstance(arg, Index)]
    symbols = sorted({symbol for one in scalars for symbol in one.free_symbols}, key=str)
    sizes = [one for one in symbols if one.is_integer]
    # Of many axes no two can differ, or arrays would be too large.
    lengths = count(2) if len(sizes) <= FEW else cycle((2, 3))
    numbers = dict(zip(sizes, map(float, lengths), strict=False))
    return numbers | {one: random.uniform(*RANGES[0]) for one in symbols if one not in numbers}


def _smooth(*arguments: Array) -> Array:
    """In the place of an abstract function."""
    return np.asarray(sum(np.sin(place + one) for place, one in enumerate(arguments, 1)))
