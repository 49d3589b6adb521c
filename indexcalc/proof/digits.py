"""Two scalar expressions in 50 digits at random points, for what exact arithmetic leaves open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import mpmath
import sympy
from mpmath import mpf
from sympy import Expr, Symbol

DIGITS = 50
# What is held to 50 digits is worked out with more, for differences of large numbers lose some.
WORKING = 120
POINTS = 3
TRIES = 60
# The magnitudes drawn, and whether some are negative: logarithms and roots want positive
# numbers, and some of them large ones.
RANGES = ((0.2, 1.2, True), (0.2, 0.9, False), (1.0, 3.0, False), (0.05, 0.3, True))


@dataclass(frozen=True, slots=True)
class Difference:
    """Two values at a point, and how far they are from each other, relative to the larger."""

    relative: mpf
    ours: mpf
    theirs: mpf

    @property
    def agrees(self) -> bool:
        return bool(self.relative <= mpf(10) ** -DIGITS)


def furthest(
    ours: Expr, theirs: Expr, defined: Mapping[Symbol, Expr], seed: int
) -> Difference | None:
    """The difference at the worst of several points; None where no such points were found.

    `defined` are symbols with their values in the symbols before them.
    """
    found: list[Difference] = []
    for values in _values((ours, theirs), defined, seed):
        with mpmath.workdps(WORKING):
            found.append(_difference(*values))
        if len(found) == POINTS or not found[-1].agrees:
            return max(found, key=lambda difference: difference.relative)
    return None


def have_values(
    exprs: Sequence[Expr], defined: Mapping[Symbol, Expr], seed: int, tries: int = TRIES
) -> bool:
    """Whether all are real numbers at some point."""
    return next(_values(exprs, defined, seed, tries), None) is not None


def _values(
    exprs: Sequence[Expr], defined: Mapping[Symbol, Expr], seed: int, tries: int = TRIES
) -> Iterator[list[mpf]]:
    """The values at random points, where all are real numbers."""
    needed = _needed(exprs, defined)
    free = sorted(needed - set(defined), key=str)
    meant = {symbol: value for symbol, value in defined.items() if symbol in needed}
    for attempt in range(tries):
        random = Random(f"{seed} {attempt}")
        try:
            with mpmath.workdps(WORKING):
                at = _Point(_drawn(free, random, attempt), meant)
                values = [at.value(expr) for expr in exprs]
        except (ZeroDivisionError, OverflowError):
            continue
        if all(map(mpmath.isfinite, values)):
            yield values


def _needed(exprs: Sequence[Expr], defined: Mapping[Symbol, Expr]) -> set[Symbol]:
    """The symbols in expressions, and those in what they stand for."""
    waiting = [symbol for expr in exprs for symbol in expr.free_symbols]
    met: set[Symbol] = set()
    while waiting:
        symbol = waiting.pop()
        if symbol not in met:
            met.add(symbol)
            waiting.extend(defined[symbol].free_symbols if symbol in defined else ())
    return met


def _drawn(free: Sequence[Symbol], random: Random, attempt: int) -> dict[Symbol, mpf]:
    """All symbols from one range in even attempts, each from one of its own in odd ones."""
    shared = RANGES[attempt // 2 % len(RANGES)]
    drawn = {}
    for symbol in free:
        low, high, signed = random.choice(RANGES) if attempt % 2 else shared
        size = mpf(random.randint(int(low * 2**20), int(high * 2**20))) / 2**20
        drawn[symbol] = -size if signed and random.random() < 0.5 else size
    return drawn


def _difference(ours: mpf, theirs: mpf) -> Difference:
    # Where both are 0, each is what rounding left of something else.
    larger = max(abs(ours), abs(theirs), mpf(10) ** -DIGITS)
    return Difference(abs(ours - theirs) / larger, ours, theirs)


class _Point:
    """The values of expressions where symbols have these values."""

    def __init__(self, drawn: Mapping[Symbol, mpf], defined: Mapping[Symbol, Expr]) -> None:
        self.known: dict[Expr, mpf] = dict(drawn)
        self.defined = defined

    def value(self, expr: Expr) -> mpf:
        if expr not in self.known:
            value = self._symbol(expr) if isinstance(expr, Symbol) else self._value(expr)
            self.known[expr] = value if isinstance(value, mpf) else mpmath.nan
        return self.known[expr]

    def _symbol(self, symbol: Symbol) -> mpf:
        # In their order, so that a long chain of definitions is no deep recursion.
        for name, value in self.defined.items():
            if name not in self.known:
                self.known[name] = self.value(value)
            if name == symbol:
                break
        return self.known[symbol]

    def _value(self, expr: Expr) -> Any:
        if isinstance(expr, sympy.Rational):
            return mpf(int(expr.p)) / int(expr.q)
        if expr in _CONSTANTS:
            return +_CONSTANTS[expr]
        arguments = [self.value(argument) for argument in expr.args]
        # Of max(nan, 1) and nan^0 the value would hide it.
        if not all(map(mpmath.isfinite, arguments)):
            return mpmath.nan
        meaning = _MEANINGS.get(expr.func)
        if meaning is not None:
            return meaning(*arguments)
        if isinstance(expr, sympy.Function) and not expr.func.__module__.startswith("sympy"):
            return _stand_in(expr.func.__name__, arguments)
        return mpmath.nan


_CONSTANTS = {sympy.E: mpmath.e, sympy.pi: mpmath.pi}
# What SymPy and mpmath call by the same name.
_ALIKE = ("exp", "log", "erf", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan")
_MEANINGS: dict[Any, Callable[..., Any]] = {
    sympy.Add: lambda *terms: mpmath.fsum(terms),
    sympy.Mul: lambda *factors: mpmath.fprod(factors),
    sympy.Pow: mpmath.power,
    sympy.Max: max,
    sympy.Min: min,
    sympy.Abs: abs,
    sympy.sign: mpmath.sign,
    sympy.DiracDelta: lambda x: mpf(0) if x else None,
    sympy.Heaviside: lambda x, at_0: (mpmath.sign(x) + 1) / 2,
    **{getattr(sympy, name): getattr(mpmath, name) for name in _ALIKE},
}


def _stand_in(name: str, arguments: list[mpf]) -> mpf:
    """Some smooth function for an abstract one; the value of f and that of f' at a point are free
    of each other."""
    rate = mpf(sum(ord(letter) * (place + 1) for place, letter in enumerate(name)) % 97 + 30) / 64
    total = sum((place + 1) * argument for place, argument in enumerate(arguments))
    return mpmath.sin(rate * total + rate) + total / 5
