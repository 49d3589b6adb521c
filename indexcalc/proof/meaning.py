"""What the names and the derivatives in the steps of a derivation mean at a point.

∂l/∂m and a ∂ that is not yet worked out are differences, each as found and off by what it may be
off: what an equality of the derivation is off by because of them is not the same for both, and what
it is off by for another reason is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from sympy import Basic, Expr, Symbol

from indexcalc.calculus.gradients import Gradients
from indexcalc.expr.base import Index, children, free_of, postorder, rebuild
from indexcalc.expr.evaluate import component_values, evaluate
from indexcalc.expr.nodes import Access, Add, Apply, D, Delta, Mul, One, Pow, Sum
from indexcalc.expr.program import Program
from indexcalc.expr.world import Array, World, axis_length
from indexcalc.proof.differences import Many, in_parts, slopes
from indexcalc.proof.domain import TOGETHER, entries, largest_within
from indexcalc.proof.points import drawn
from indexcalc.proof.report import Watch

# The most entries of an array, of one that is moved entry by entry, and of all that it moves.
MOST_ENTRIES = 500_000
MOST_MOVED = 400
MOST_WORK = 10_000_000
# The most entries of a value that is remembered.
MOST_KEPT = 10_000

Lengths = Mapping[Symbol, int]
# By differences as found, and by the same shifted by what they may be off.
Pair = tuple[Array, Array]


@dataclass(frozen=True, slots=True)
class Value:
    """By differences as found, and by shifted ones; `size` is that of the terms."""

    plain: Array
    shifted: Array
    size: float

    def __add__(self, other: Value) -> Value:
        return Value(self.plain + other.plain, self.shifted + other.shifted, self.size + other.size)


@dataclass
class Meaning:
    """A world with differences as found and one with shifted ones; what is small is remembered."""

    world: World
    plain: dict[str, Array]
    shifted: dict[str, Array]
    slopes: dict[D, Access] = field(default_factory=dict)
    values: dict[tuple[Basic, tuple[Index, ...]], Value] = field(default_factory=dict)

    def put(self, name: str, pair: Pair) -> None:
        self.plain[name], self.shifted[name] = pair

    def value(self, sides: Sequence[Basic], free: tuple[Index, ...]) -> Value:
        """The sum of trees, over these indices in order of name."""
        first, *rest = (self.one(side, free) for side in sides)
        return sum(rest, first)

    def one(self, expr: Basic, free: tuple[Index, ...]) -> Value:
        known = self.values.get((expr, free))
        if known is None:
            flat = self.worked_out(expr)
            plain, shifted = (self.over(flat, free, names) for names in (self.plain, self.shifted))
            terms = np.abs(self.over(uncancelled(flat), free, self.plain))
            known = Value(plain, shifted, float(terms.max(initial=0.0)))
            if plain.size <= MOST_KEPT:
                self.values[expr, free] = known
        return known

    def over(self, expr: Basic, free: tuple[Index, ...], arrays: Mapping[str, Array]) -> Array:
        """An array over these indices in order of name, constant along those that it lacks."""
        value = self.evaluated(expr, arrays)
        has = free_of(expr)
        order = sorted(free, key=lambda index: index.name)
        lengths = [axis_length(index, self.world.numbers) for index in order]
        thin = [n if index in has else 1 for index, n in zip(order, lengths, strict=True)]
        return np.broadcast_to(value.reshape(thin), lengths)

    def evaluated(self, expr: Basic, arrays: Mapping[str, Array]) -> Array:
        return evaluate(expr, self.world.with_arrays(arrays))

    def worked_out(self, expr: Basic) -> Basic:
        """The tree with a tensor in place of each ∂."""
        built: dict[Basic, Basic] = {}
        for node in postorder(expr):
            if isinstance(node, D):
                built[node] = self.slope(node)
            else:
                built[node] = rebuild(node, tuple(built[part] for part in children(node)))
        return built[expr]

    def slope(self, node: D) -> Access:
        """The name of its differences; where the body has p as well as x_p, of their diagonal."""
        if node not in self.slopes:
            variable = node.variable

            inner = sorted(free_of(node.body), key=lambda index: index.name)
            lengths = [axis_length(index, self.world.numbers) for index in inner]

            def body(moved: Array) -> Array:
                value = self.evaluated(node.body, {**self.plain, variable.name: moved})
                return np.broadcast_to(value, (len(moved), *lengths))

            base = self.plain[variable.name]
            most = max(1, TOGETHER // max(base.size, largest_within(node.body, self.world.numbers)))
            name = f"∂{len(self.slopes)}"
            found = differences(lambda many: in_parts(body, many, most), base, len(self.slopes) + 1)
            self.put(name, found)
            self.slopes[node] = Access(name, *inner, *variable.indices)
        return self.slopes[node]


def uncancelled(expr: Basic) -> Basic:
    """|a| + |b| for a - b: sums of what stands in them, without its sign."""
    built: dict[Basic, Basic] = {}
    for node in postorder(expr):
        parts = tuple(built[part] for part in children(node))
        if isinstance(node, Expr):
            built[node] = abs(node)
        elif isinstance(node, Add | Mul | Sum | One | Delta) or _is_whole_power(node):
            built[node] = rebuild(node, parts)
        else:
            built[node] = Apply("abs", node)
    return built[expr]


def _is_whole_power(node: Basic) -> bool:
    return (
        isinstance(node, Pow)
        and bool(getattr(node.exponent, "is_Integer", False))
        and (int(node.exponent) > 0)
    )


def differences(function: Many, base: Array, seed: int = 0) -> Pair:
    """The slopes by each entry, its axes last: by central differences, and the same off by what
    these may be off, each entry in a way of its own, so that no two of them cancel."""
    units = np.eye(base.size).reshape(-1, *base.shape)
    random = np.random.default_rng([base.size, seed])
    found = slopes(function, base, units, random)
    inner = found.values.shape[1:]
    values = found.values.reshape((*base.shape, *inner))
    plain = np.moveaxis(values, range(base.ndim), range(-base.ndim, 0))
    ways = random.uniform(0.5, 1.0, plain.shape) * random.choice([-1.0, 1.0], plain.shape)
    return plain, plain + found.doubt * ways


# How large it is


def is_large(expr: Basic, unknown: Collection[str], lengths: Lengths) -> bool:
    """Whether an array on the way has too many entries, or work, or is not known for that."""
    return any(_is_large(node, unknown, lengths) for node in postorder(expr))


def _is_large(node: Basic, unknown: Collection[str], lengths: Lengths) -> bool:
    if entries(free_of(node), lengths) > MOST_ENTRIES:
        return True
    if isinstance(node, D):
        moved = entries(node.variable.indices, lengths)
        return moved > MOST_MOVED or moved * largest_within(node.body, lengths) > MOST_WORK
    return isinstance(node, Access) and node.name in unknown


def unknowns(program: Program, found: Gradients, lengths: Lengths) -> set[str]:
    """The names of what is too large to be found: ∂l/∂m, and what is named in terms of it."""
    unknown = {
        gradient.left.name
        for gradient in found.adjoints.values()
        if entries(gradient.left.indices, lengths) > MOST_MOVED
    }
    for equation in (*program.equations, *found.shared):
        if is_large(equation.right, unknown, lengths):
            unknown.add(equation.left.name)
    return unknown


# A point


def meaning(
    program: Program,
    found: Gradients,
    seed: tuple[int, int],
    lengths: Lengths,
    unknown: Collection[str],
    watch: Watch | None = None,
) -> Meaning | None:
    """The names at a random point with random upstream gradients; None where one has no value."""
    point = drawn(program, lengths, *seed)
    if point is None:
        return None
    world = point.seeded(found.backprop.upstream)
    arrays = dict(world.arrays)
    here = Meaning(world, arrays, dict(arrays))
    for place, (name, gradient) in enumerate(found.adjoints.items()):
        if watch is not None:
            watch(place, len(found.adjoints))
        if gradient.left.name not in unknown:
            here.put(gradient.left.name, differences(partial(point.losses, name), arrays[name]))
    for equation in found.shared:
        if equation.left.name not in unknown:
            for names in (here.plain, here.shifted):
                there = world.with_arrays(names)
                names[equation.left.name] = component_values(equation, there)
    return here if all(np.isfinite(value).all() for value in here.plain.values()) else None
