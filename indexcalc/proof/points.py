"""Points at which a program is smooth: sizes, values inside its domain, and a random loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import cycle
from typing import Any

import numpy as np
from sympy import Symbol

from indexcalc.calculus.mentions import mentions
from indexcalc.expr.base import constant_symbol
from indexcalc.expr.evaluate import defined
from indexcalc.expr.functions import PRIME
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.world import Array, World, number
from indexcalc.proof.differences import in_parts
from indexcalc.proof.domain import TOGETHER, found_inside, largest

# Neighbouring sizes differ; where values would become large, the next row is taken.
SIZES = ((3, 4, 2, 5), (3, 2), (2,))
LARGE = 20_000
# How many points are tried, where one after the other decides nothing.
TRIES = 14
# How far inputs spread, at the first two attempts, the next two, ...
SPREADS = (0.8, 0.8, 0.8, 0.8, 0.1, 0.001, 3.0)
# Of a stand-in for an abstract function.
SHIFT = 0.4


@dataclass(frozen=True)
class Point:
    """A program's tensors at a point of its domain, and a random gradient of a loss by each output.

    A loss has the gradient 1 by itself. `spelled` makes the abstract functions out of a module such
    as numpy.
    """

    program: Program
    world: World
    upstream: Mapping[str, Array]
    spelled: Callable[[Any], Mapping[str, Callable[..., Any]]]

    def seeded(self, names: Mapping[str, str]) -> World:
        """The world with the upstream gradients under the names that formulas have for them."""
        seeds = {name: self.upstream[output] for output, name in names.items()}
        return self.world.with_arrays({**self.world.arrays, **seeds})

    @property
    def magnitude(self) -> float:
        """Of the loss, without what cancels in it."""
        pairs = ((seed, self.world.arrays[name]) for name, seed in self.upstream.items())
        return sum(float(np.abs(seed * array).sum()) for seed, array in pairs)

    def losses(self, name: str, moved: Array) -> Array:
        """The part of the loss Σ G·y that depends on a tensor, for many values of the tensor; what
        depends on it follows."""
        following = self._following(name)
        most = max(1, TOGETHER // self._space)
        return in_parts(lambda part: self._losses(name, part, following), moved, most)

    def _losses(self, name: str, moved: Array, following: tuple[Equation, ...]) -> Array:
        start = self.world.with_arrays({**self.world.arrays, name: moved})
        made = {name: moved, **defined(replace(self.program, equations=following), start)}
        total = np.zeros(len(moved))
        for output, seed in self.upstream.items():
            if output in made:
                total += (seed * made[output]).reshape(len(moved), -1).sum(axis=1)
        return total

    def _following(self, name: str) -> tuple[Equation, ...]:
        moving, following = {name}, []
        for equation in self.program.equations:
            if equation.left.name != name and not moving.isdisjoint(mentions(equation.right)):
                moving.add(equation.left.name)
                following.append(equation)
        return tuple(following)

    @cached_property
    def _space(self) -> int:
        return largest(self.program, self.world.numbers)


def drawn(program: Program, lengths: Mapping[Symbol, int], seed: int, attempt: int) -> Point | None:
    """A random point, or None where none is found at which the program has a value and a slope.

    At every other attempt constants are not at their defaults, abstract functions are others, and
    numbers have the other sign. Inputs are larger and smaller in turn.
    """
    random = np.random.default_rng([seed, attempt])
    varied = is_varied(attempt)
    numbers: dict[Symbol, float] = {**lengths}
    for name, default in program.constants:
        given = number(default, {})
        numbers[constant_symbol(name)] = _another(given, attempt, random) if varied else given
    spelled = partial(stand_ins, program.functions, varied=varied)
    start = World({}, numbers, spelled(np))
    arrays = found_inside(program, start, _Draw(seed, attempt, random), random)
    if arrays is None:
        return None
    upstream = {name: random.normal(size=arrays[name].shape) for name in program.outputs}
    if program.is_loss:
        upstream = {name: np.ones(()) for name in upstream}
    return Point(program, start.with_arrays(arrays), upstream, spelled)


def is_varied(attempt: int) -> bool:
    """Whether constants are not at their defaults."""
    return attempt % 2 == 1


def _another(value: float, attempt: int, random: np.random.Generator) -> float:
    """Of the order of 1, beside which what is small by default is seen; in turn with near the
    default, whose range is not known."""
    if attempt % 4 == 3 and value:
        return value * random.uniform(0.7, 1.4)
    return float(np.sign(value) or random.choice([-1.0, 1.0])) * random.uniform(0.4, 1.6)


@dataclass(frozen=True)
class _Draw:
    """Ordinary tensors: with entries of both signs, numbers with one that alternates."""

    seed: int
    attempt: int
    random: np.random.Generator

    def __call__(self, name: str, shape: tuple[int, ...]) -> Array:
        spread = SPREADS[self.attempt // 2 % len(SPREADS)]
        drawn = np.asarray(spread * self.random.normal(size=shape))
        if drawn.size == 1:
            sign = np.random.default_rng([self.seed, *name.encode()]).choice([-1.0, 1.0])
            return np.asarray(np.abs(drawn) * sign * (-1.0) ** self.attempt)
        if np.abs(np.sign(drawn).sum()) == drawn.size:
            drawn.flat[0] *= -1
        return drawn


def chosen_lengths(program: Program, given: Mapping[Symbol, int]) -> dict[Symbol, int]:
    """The lengths given; others small and, where they can be, unequal."""
    for row in SIZES:
        free = (size.symbol for size in program.sizes if size.symbol not in given)
        lengths = {**given, **dict(zip(free, cycle(row), strict=False))}
        if largest(program, lengths) <= LARGE:
            break
    return {size.symbol: lengths[size.symbol] for size in program.sizes}


def stand_ins(
    functions: tuple[tuple[str, int], ...], module: Any, *, varied: bool = False
) -> dict[str, Callable[..., Any]]:
    """A smooth function for each abstract one, made of a module's, and its slopes under their names
    in trees."""
    made: dict[str, Callable[..., Any]] = {}
    for place, (name, count) in enumerate(functions):
        smooth = _Smooth(module, 0.7 + 0.3 * place, varied)
        made[name] = smooth.value
        for k in range(count):
            made[f"{name}{PRIME}{'' if count == 1 else k + 1}"] = smooth.slope(k)
    return made


@dataclass(frozen=True, slots=True)
class _Smooth:
    """sin(r u + 0.4) + u/5 or, varied, exp(r u/3) - u², of u = a + 2 b + 3 c + ...

    Neither is odd or even, for then a sign in its argument would not show.
    """

    module: Any
    rate: float
    varied: bool

    def value(self, *arguments: Any) -> Any:
        u, r = _weighted(arguments), self.rate
        if self.varied:
            return self.module.exp(r * u / 3) - u * u
        return self.module.sin(r * u + SHIFT) + u / 5

    def slope(self, place: int) -> Callable[..., Any]:
        def by_argument(*arguments: Any) -> Any:
            u, r = _weighted(arguments), self.rate
            steep = r * self.module.cos(r * u + SHIFT) + 0.2
            if self.varied:
                steep = r / 3 * self.module.exp(r * u / 3) - 2 * u
            return (place + 1) * steep

        return by_argument


def _weighted(arguments: tuple[Any, ...]) -> Any:
    return sum((k + 1) * argument for k, argument in enumerate(arguments))
