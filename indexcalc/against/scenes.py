"""What is under review, and points at which a backward function is asked: arrays, the right
gradients there, and how exact these can be in a dtype.

The right ones are the closed forms in float64, from inputs that the dtype has exactly.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from sympy import Expr, Symbol

from indexcalc.against.calling import Given
from indexcalc.against.cases import Case
from indexcalc.against.computing import Functions, Values, Work, peak
from indexcalc.against.kinds import ROUNDOFF, Kind
from indexcalc.against.rounding import NUDGES, PRUDENCE, Nudge, Nudged, added_up, bound
from indexcalc.calculus.backprop import STEMS, Backprop
from indexcalc.calculus.gradients import Gradients, closed
from indexcalc.calculus.inlining import READING
from indexcalc.calculus.mentions import in_order, mentions
from indexcalc.codegen import targets
from indexcalc.codegen.compiled import Kernel, compiled
from indexcalc.codegen.job import Job
from indexcalc.expr.base import Index, constant_symbol
from indexcalc.expr.functions import PRIME
from indexcalc.expr.lengths import given_lengths
from indexcalc.expr.names import unicode_face
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.world import Array
from indexcalc.proof.mutants import first
from indexcalc.proof.points import TRIES, Point, drawn

# Equations from which gradients follow, each after those whose names it has.
Route: TypeAlias = tuple[Equation, ...]
# Of inputs far from 0, where right functions of other forms differ more.
PRUDENCE_FAR = 100.0
# In few digits so much prudence would allow half of a gradient. A fifth of that is still twice what
# right functions need whose sums are kept in as few digits.
SHARE = {"float16": 0.2, "bfloat16": 0.2}
# What a point costs, for each equation.
DRAWING = 10


@dataclass(frozen=True, eq=False)
class Subject:
    """A program and its gradients, with an upstream gradient for every output, a loss included."""

    program: Program
    wrt: tuple[str, ...]
    # What looking for causes and for small inputs costs.
    work: Work = field(default_factory=Work)
    # What was found once serves all cases that have the same lengths, or the same arrays.
    _points: dict[Hashable, Point | None] = field(default_factory=dict, init=False)
    _scenes: dict[Hashable, Scene | None] = field(default_factory=dict, init=False)

    def point(self, lengths: Mapping[Symbol, int], seed: int, attempt: int) -> Point | None:
        """A random one, as `drawn` finds it."""
        key = (*lengths.items(), seed, attempt)
        if key not in self._points:
            self._points[key] = drawn(self.program, lengths, seed, attempt)
        return self._points[key]

    def scene(self, case: Case, seed: int, kind: Kind) -> Scene | None:
        """One at random inputs inside the domain, as a dtype has them; None where none is found, or
        none of which rounding can be told where inputs are far from 0."""
        self.work.add(DRAWING * len(self.program.equations))
        key = (*case.lengths.items(), case.dtype, case.offset, seed, kind.name)
        if key not in self._scenes:
            self._scenes[key] = _found(self, case, seed, kind)
        return self._scenes[key]

    @cached_property
    def upstream(self) -> dict[str, str]:
        """The names of the upstream gradients in the formulas, by output."""
        program = self.program
        if not program.is_loss:
            return Backprop(program, self.wrt).upstream
        taken = {*program.tensors, *(name for name, _ in program.constants)}
        name = next(stem for stem in (*STEMS, "upstream") if stem not in taken)
        return {program.outputs[0]: name}

    @cached_property
    def backprop(self) -> Backprop:
        return Backprop(self.program, self.wrt, self.upstream)

    @cached_property
    def found(self) -> Gradients:
        return closed(self.backprop, READING)

    @cached_property
    def chain(self) -> tuple[Equation, ...]:
        """The adjoints of all tensors by the chain rule, from the outputs backwards."""
        made = (one.adjoint for one in self.found.adjoints.values())
        return in_order(Equation(one.left, one.trace.result) for one in made)

    @cached_property
    def summands(self) -> dict[str, tuple[Equation, ...]]:
        """The terms of each gradient asked for, as the chain rule has them, where they are more
        than one."""
        names = {self.adjoint(name): name for name in self.wrt}
        found = {names[e.left.name]: added_up(e) for e in self.chain if e.left.name in names}
        return {name: terms for name, terms in found.items() if len(terms) > 1}

    @cached_property
    def kernel(self) -> Kernel:
        """The functions that give the right gradients: stable ones, from the same derivation, and
        in the plain form, which is made sooner."""
        lengths = given_lengths(self.program, None)
        job = Job(self.program, self._ordered, (), lengths, plain=True)
        return compiled(targets.emitted("numpy", job), self.program.name)

    @property
    def _ordered(self) -> tuple[str, ...]:
        return tuple(name for name in self.program.tensors if name in self.wrt)

    def gradients(self, given: Mapping[str, Array], named: Mapping[str, Any]) -> dict[str, Array]:
        """What the kernel makes of inputs and upstream gradients, in their dtype."""
        forward, backward = self.kernel
        known = inspect.signature(forward).parameters
        options = {name: value for name, value in named.items() if name in known}
        with np.errstate(all="ignore"):
            inputs = [given[access.name] for access in self.program.inputs]
            _, saved = forward(*inputs, **options)
            found = backward(*(given[seed] for seed in self.upstream.values()), saved)
        return {
            name: np.asarray(array, np.float64)
            for name, array in zip(self._ordered, found, strict=True)
        }

    @cached_property
    def routes(self) -> tuple[tuple[Equation, ...], ...]:
        """All that leads to the gradients: by their closed forms, and by the chain rule."""
        equations = self.program.equations
        return (*equations, *self.found.conclusion), (*equations, *self.chain)

    def adjoint(self, name: str) -> str:
        """What the gradient by a tensor is called in the equations."""
        return self.found.adjoints[name].left.name

    def letter(self, size: Expr) -> str:
        """What the program calls an index of this size."""
        found = next((one.letters for one in self.program.sizes if one.symbol == size), ())
        return unicode_face(found[0]) if found else str(size)

    def called(self, index: Index) -> str:
        return self.letter(index.size)

    @cached_property
    def tensors(self) -> dict[str, tuple[Index, ...]]:
        """All that formulas are made of, with indices: the program's, upstream gradients, adjoints
        that have names, shared parts."""
        found = self.program.tensors
        found |= {seed: found[output] for output, seed in self.upstream.items()}
        lefts = [equation.left for route in self.routes for equation in route]
        return {left.name: left.indices for left in lefts} | found


@dataclass(frozen=True, eq=False)
class Scene:
    """A subject at a point: arrays of inputs and upstream gradients under their names in formulas,
    numbers for sizes and constants, abstract functions with their slopes."""

    subject: Subject
    numbers: Mapping[Symbol, float]
    functions: Functions
    given: Mapping[str, Array]
    prudence: float = PRUDENCE

    # Values, for many causes and gradients computed once
    _known: dict[Hashable, dict[str, Array]] = field(default_factory=dict, init=False)

    def once(self, key: Hashable, made: Callable[[], dict[str, Array]]) -> dict[str, Array]:
        """What is made, or was for the same key."""
        if key not in self._known:
            self._known[key] = made()
        return self._known[key]

    def coming_through(self, via: str) -> dict[str, Array]:
        """The part of each gradient that comes through a tensor: what is gone where the adjoint of
        that is 0, on which all before it depend in proportion."""
        found = self.subject.found.adjoints
        adjoint = found[via].left.name if via in found else self.subject.upstream[via]
        arrays = self.values.arrays

        def parts() -> dict[str, Array]:
            nothing = {adjoint: np.zeros_like(arrays[adjoint])}
            left = self.following(nothing, self.subject.chain)
            return {name: arrays[self.subject.adjoint(name)] - left[name] for name in left}

        return self.once(("through", via), parts)

    @cached_property
    def values(self) -> Values:
        """Every tensor of the program, and every adjoint."""
        given = {**self.given, **self.units}
        made = Values(given, self.numbers, self.functions, self.subject.work)
        made.run(self.subject.program.equations)
        made.run(self.subject.chain)
        made.run(self.subject.found.shared)
        return made

    @cached_property
    def units(self) -> dict[str, Array]:
        """What formulas are made of in which a sum has its first summand alone."""
        return {first(Index("i", size)).name: np.eye(self.length(size))[0] for size in self.sizes}

    @cached_property
    def right(self) -> dict[str, Array]:
        """The gradients asked for, in float64."""
        return self.gradients(self.given)

    def gradients(self, given: Mapping[str, Array], precision: str = "float64") -> dict[str, Array]:
        arrays = {name: np.asarray(array, precision) for name, array in given.items()}
        return self.subject.gradients(arrays, self.call().named)

    def following(self, changed: Mapping[str, Array], route: Route) -> dict[str, Array]:
        """The gradients that are others where tensors are others, along a route."""
        values = self.values.besides(changed)
        moving = set(changed)
        for equation in route:
            name = equation.left.name
            if name not in changed and not moving.isdisjoint(mentions(equation.right)):
                moving.add(name)
                values.run((equation,))
        adjoints = {name: self.subject.adjoint(name) for name in self.subject.wrt}
        return {
            name: values.arrays[adjoint] for name, adjoint in adjoints.items() if adjoint in moving
        }

    # Rounding

    @cached_property
    def _rounding(self) -> dict[str, float]:
        """What float32 does to each gradient, in units of its round-off: in computing it, and in
        the inputs it is computed from."""
        coarse = self.gradients(self.given, "float32")
        runs = [coarse, *map(self._nudged, range(NUDGES))]
        with np.errstate(all="ignore"):
            return {
                name: max(peak(run[name] - right) for run in runs) / ROUNDOFF["float32"]
                + self._size(name)
                for name, right in self.right.items()
            }

    def _size(self, name: str) -> float:
        """The largest of the gradient and of all that is added up in it: where that cancels, its
        rounding is left."""
        terms = (self.values.of(term) for term in self.subject.summands.get(name, ()))
        return max(map(peak, (self.right[name], *terms)))

    @property
    def shows_rounding(self) -> bool:
        """Whether the chain rule leads to numbers, and not past the largest, as exponentials do."""
        adjoints = map(self.subject.adjoint, self.subject.wrt)
        return all(np.isfinite(self.values.arrays[adjoint]).all() for adjoint in adjoints)

    @property
    def limits(self) -> list[float]:
        return [self.allowed(name, "float32") for name in self.subject.wrt]

    def _nudged(self, which: int) -> dict[str, Array]:
        """The gradients by the chain rule, every number on the way rounded to float32; the right
        ones where that way leads to no numbers."""
        nudge = Nudge(which)
        given = {name: nudge(array) for name, array in self.given.items()}
        values = Nudged(given, self.numbers, self.functions, nudge, self.subject.work)
        values.run(self.subject.routes[1])
        found = {name: values.arrays[self.subject.adjoint(name)] for name in self.subject.wrt}
        return {n: np.where(np.isfinite(a), a, self.right[n]) for n, a in found.items()}

    def allowed(self, name: str, dtype: str) -> float:
        """How far off an entry of a gradient may be that was computed in a dtype."""
        rounding, size = self._rounding[name], peak(self.right[name])
        units = SHARE.get(dtype, 1.0) * bound(rounding, self.longest, size, self.prudence)
        return ROUNDOFF[dtype] * units

    # Sizes

    @property
    def sizes(self) -> tuple[Symbol, ...]:
        return tuple(size.symbol for size in self.subject.program.sizes)

    @cached_property
    def longest(self) -> int:
        return max(map(self.length, self.sizes), default=1)

    def length(self, size: Symbol) -> int:
        return int(self.numbers[size])

    def letters(self, name: str) -> tuple[Index, ...]:
        """The indices of a gradient as its formula has them."""
        return self.subject.found.adjoints[name].left.indices

    # For a call

    def call(self) -> Given:
        program = self.subject.program
        seeds = self.subject.upstream
        named: dict[str, Any] = {
            name: self.numbers[constant_symbol(name)] for name, _ in program.constants
        }
        named |= {size.name: self.length(size.symbol) for size in program.sizes}
        named |= {_in_code(name): function for name, function in self.functions.items()}
        return Given(
            {output: self.given[seeds[output]] for output in program.outputs},
            {access.name: self.given[access.name] for access in program.inputs},
            named,
        )


def _found(subject: Subject, case: Case, seed: int, kind: Kind) -> Scene | None:
    dtype = case.dtype
    for attempt in range(0, TRIES, 2):
        point = subject.point(case.lengths, seed, attempt)
        if point is None:
            continue
        random = np.random.default_rng([seed, attempt, 1])
        arrays = point.world.arrays
        given = {access.name: arrays[access.name] for access in subject.program.inputs}
        given = {name: array + case.offset for name, array in given.items()}
        for output, name in subject.upstream.items():
            given[name] = random.normal(size=arrays[output].shape)
        given = {name: kind.rounded(array, dtype) for name, array in given.items()}
        prudence = PRUDENCE_FAR if case.offset else PRUDENCE
        made = Scene(subject, point.world.numbers, point.world.functions, given, prudence)
        numbers = [*made.right.values(), *(array[None] for array in map(np.asarray, made.limits))]
        if not all(np.isfinite(array).all() for array in numbers):
            continue
        if not case.offset or made.shows_rounding:
            return made
    return None


def _in_code(name: str) -> str:
    """f' is f_prime."""
    return name.replace(PRIME, "_prime")
