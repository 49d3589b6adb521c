"""The Jacobian of one tensor by another: order M + N, in factors, and what can be done with it.

δ_ip a_qj is kept as it is. Written out it would have an entry for each entry of both tensors, most
of them 0; it is multiplied with vectors, forwards and backwards, without being written out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sympy import Basic, Expr

from indexcalc.calculus.nonzeros import entries, nonzeros
from indexcalc.errors import IndexcalcError, did_you_mean
from indexcalc.expr.base import ZERO, Index, postorder
from indexcalc.expr.evaluate import component_values, defined
from indexcalc.expr.functions import PRIME
from indexcalc.expr.lengths import given_lengths
from indexcalc.expr.nodes import Access, Apply, D
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rename import fresh_name
from indexcalc.expr.world import Array, World, axis_length, real
from indexcalc.jacobians.multiplying import computed, contracted, needed_for
from indexcalc.jacobians.sparse import Triples, triples
from indexcalc.proof.values import given_world, need_slopes
from indexcalc.render.page import binary

# Bytes of an entry, and how many a dense one may take unless more are allowed.
WIDTH = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}
MOST = 2**30


@dataclass(frozen=True, repr=False)
class Jacobian:
    """`left` is ∂y_ij/∂x_pq, `formula` what it is, open in the indices of both."""

    program: Program
    left: D
    formula: Basic

    # What it is

    @property
    def of(self) -> Access:
        of = self.left.body
        assert isinstance(of, Access)
        return of

    @property
    def variable(self) -> Access:
        return self.left.variable

    @property
    def indices(self) -> tuple[Index, ...]:
        """Those of y, then those of x."""
        return (*self.of.indices, *self.variable.indices)

    def __str__(self) -> str:
        return str(self.formula)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        return f"${spell(self.left, 'latex')} = {spell(self.formula, 'latex', ones=False)}$"

    # How much of it there is

    def dense_bytes(self, sizes: Mapping[str, int] | None = None, dtype: str = "float64") -> Expr:
        """What it takes written out; a number where all sizes are given."""
        return self._sized(_width(dtype) * entries(index.size for index in self.indices), sizes)

    def nonzeros(self, sizes: Mapping[str, int] | None = None) -> Expr | None:
        """How many entries its δ leave; None where they are too entangled to say."""
        count = nonzeros(self.formula, self.indices)
        return None if count is None else self._sized(count, sizes)

    def factored_bytes(
        self, sizes: Mapping[str, int] | None = None, dtype: str = "float64"
    ) -> Expr:
        """What the tensors in its formula take."""
        tensors = {node.name: node for node in postorder(self.formula) if isinstance(node, Access)}
        counts = [entries(index.size for index in node.indices) for node in tensors.values()]
        return self._sized(_width(dtype) * sum(counts, ZERO), sizes)

    def _sized(self, count: Expr, sizes: Mapping[str, int] | None) -> Expr:
        lengths = given_lengths(self.program, sizes)
        value: Expr = count.xreplace({symbol: entries((n,)) for symbol, n in lengths.items()})
        return value

    # Its values, for given inputs

    def to_dense(self, /, *, most_bytes: int = MOST, **values: Any) -> Array:
        """All entries: the axes of y, then those of x."""
        world = self._world(values)
        taken = WIDTH["float64"] * math.prod(self._shape(self.indices, world))
        if taken > most_bytes:
            shown, limit = spell(self.left, "unicode"), binary(most_bytes)
            said = f"{shown} takes {binary(taken)} written out, and {limit} is the most"
            hint = "use apply, apply_transpose or to_sparse, or allow more: most_bytes=..."
            raise IndexcalcError("IC106", said, hint=hint)
        return self._value(self.formula, self.indices, world)

    def to_sparse(self, /, **values: Any) -> Triples:
        """The entries that its δ leave, as coordinates."""
        world = self._made(self._world(values))
        return triples(self.formula, self.of.indices, self.variable.indices, world)

    def apply(self, v: Any, /, **values: Any) -> Array:
        """J·v, of the shape of y: how y changes to first order where x changes by v."""
        return self._product(self._change, v, self.variable, self.of, values)

    def apply_transpose(self, g: Any, /, **values: Any) -> Array:
        """Jᵀ·g, of the shape of x: the gradient by x where that by y is g."""
        return self._product(self._pull, g, self.of, self.variable, values)

    @cached_property
    def _name(self) -> str:
        """Of what it is multiplied with."""
        letters = {index.name for index in self.indices}
        constants = {name for name, _ in self.program.constants}
        return fresh_name("u", {*self.program.tensors, *letters, *constants})

    @cached_property
    def _change(self) -> Basic:
        """Σ_pq J_ijpq v_pq"""
        return contracted(self.formula, Access(self._name, *self.variable.indices), self.of.indices)

    @cached_property
    def _pull(self) -> Basic:
        """Σ_ij J_ijpq g_ij"""
        return contracted(self.formula, Access(self._name, *self.of.indices), self.variable.indices)

    def _product(
        self, formula: Basic, given: Any, like: Access, left: Access, values: Mapping[str, Any]
    ) -> Array:
        """By the plan that a NumPy module would have, contractions two at a time; where slopes of
        abstract functions are in it, by the reference evaluator."""
        world = self._world(values)
        array, shape = real("what is multiplied", given), self._shape(like.indices, world)
        if array.shape != shape:
            said = f"what is multiplied has the shape {array.shape}, and {like.name} has {shape}"
            raise IndexcalcError("IC603", said, hint=f"give an array like {like.name}")
        world = world.with_arrays({**world.arrays, self._name: array})
        if _has_slopes(formula):
            return self._value(formula, left.indices, world)
        taken = Access(self._name, *like.indices)
        return computed(self.program, formula, taken, left.indices, world)

    # Worlds

    def _world(self, values: Mapping[str, Any]) -> World:
        """Inputs, and slopes of abstract functions where there are some."""
        world = given_world(self.program, values)
        need_slopes([Equation(self.of, self.formula)], world)
        return world

    def _made(self, world: World) -> World:
        """With the tensors that the formula is made of."""
        needed = needed_for(self.formula, self.program)
        small = replace(self.program, equations=needed)
        return world.with_arrays({**world.arrays, **defined(small, world)})

    def _value(self, formula: Basic, indices: tuple[Index, ...], world: World) -> Array:
        return component_values(Equation(Access("value", *indices), formula), self._made(world))

    def _shape(self, indices: tuple[Index, ...], world: World) -> tuple[int, ...]:
        return tuple(axis_length(index, world.numbers) for index in indices)


def _has_slopes(formula: Basic) -> bool:
    return any(isinstance(node, Apply) and PRIME in node.name for node in postorder(formula))


def _width(dtype: str) -> int:
    if dtype not in WIDTH:
        hint = did_you_mean(dtype, WIDTH) or f"it is one of {', '.join(WIDTH)}"
        raise IndexcalcError("IC606", f"there is no dtype {dtype}", hint=hint)
    return WIDTH[dtype]
