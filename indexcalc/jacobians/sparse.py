"""The entries of a Jacobian that its δ leave: evaluated in few axes, placed in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sympy import Basic

from indexcalc.expr.base import Index
from indexcalc.expr.evaluate import component_values
from indexcalc.expr.nodes import Access, Delta
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import Term, flat, renamed, tree
from indexcalc.expr.world import Array, World, axis_length

# What the entries of a term are called while they are evaluated.
_ENTRIES = "entries"


class Triples(NamedTuple):
    """Rows and columns, both counted from 0 in the order of the axes, with the value at each; all
    others are 0. Rows are entries of y, columns of x, and `shape` is how many there are of each."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: Array
    shape: tuple[int, int]


def triples(
    formula: Basic, above: Sequence[Index], below: Sequence[Index], world: World
) -> Triples:
    """Each place once, in order; what is 0 by its value stays."""
    lengths = {index: axis_length(index, world.numbers) for index in (*above, *below)}
    shape = (_count(above, lengths), _count(below, lengths))
    found = [_of_term(term, above, below, lengths, world) for term in flat(formula)]
    places = np.concatenate([at for at, _ in found]) if found else np.zeros(0, dtype=np.int64)
    values = np.concatenate([value for _, value in found]) if found else np.zeros(0)
    distinct, back = np.unique(places, return_inverse=True)
    summed = np.zeros(len(distinct))
    np.add.at(summed, back, values)
    return Triples(distinct // shape[1], distinct % shape[1], summed, shape)


def _of_term(
    term: Term,
    above: Sequence[Index],
    below: Sequence[Index],
    lengths: Mapping[Index, int],
    world: World,
) -> tuple[NDArray[np.int64], Array]:
    """The places of a term, counted through all of the Jacobian, and its values there."""
    free = (*above, *below)
    leader = {index: index for index in free}
    kept = []
    for factor in term.factors:
        if isinstance(factor, Delta) and set(factor.indices) <= set(free):
            one, other = (leader[index] for index in factor.indices)
            leader = {index: one if first == other else first for index, first in leader.items()}
        else:
            kept.append(factor)
    axes = tuple(dict.fromkeys(leader.values()))
    alone = renamed(Term(term.bound, tuple(kept)), leader)
    entries = component_values(Equation(Access(_ENTRIES, *axes), tree((alone,), axes)), world)
    at = dict(zip(axes, np.indices(entries.shape), strict=True))
    place = np.zeros(entries.shape, dtype=np.int64)
    for index in free:
        place = place * lengths[index] + at[leader[index]]
    return place.ravel(), entries.ravel()


def _count(indices: Sequence[Index], lengths: Mapping[Index, int]) -> int:
    count = 1
    for index in indices:
        count *= lengths[index]
    return count
