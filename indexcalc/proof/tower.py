"""Whether a scalar expression is zero, by exact rational arithmetic alone.

An expression is turned into a Laurent polynomial in generators: its symbols, and one for each
different value that is not made of them by + and ·, such as e^x, sin x, √(x² + 1) or the x + y of
1/(x + y). Some obey a law, g² = x² + 1 or g = x + y, whose right-hand side has earlier generators
alone; e^(x+y) is the product of the generators e^x and e^y. An expression that becomes 0 when the
generators are replaced by their laws, the last one first, is 0 wherever it has a value. So a yes
is a proof, and a no says nothing.

|x| is x times the sign of x, and the square of a sign is 1: what is proved with signs holds away
from the kinks.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

import sympy
from sympy import Expr, Symbol, factorint

from indexcalc.proof.budget import Budget
from indexcalc.proof.elements import no_value
from indexcalc.proof.laurent import (
    UNIT,
    ZERO,
    Polynomial,
    constant,
    generators,
    plain,
    plus,
    power,
    power_of,
    primitive,
    scaled,
    times,
)

KINKS = (sympy.Abs, sympy.sign, sympy.Max, sympy.Min, sympy.Heaviside)
# A number under a root is taken apart into primes up to this.
LARGEST_PRIME = 1000


@dataclass(frozen=True, slots=True)
class Law:
    """g^degree = value; a definition is used only where no other law is left."""

    degree: int
    value: Polynomial
    defines: bool = False


class Tower:
    """The generators of some expressions, in symbols some of which are defined by others before
    them."""

    def __init__(self, definitions: Mapping[Symbol, Expr], budget: Budget) -> None:
        self.definitions = definitions
        self.budget = budget
        self.numbers: dict[Hashable, int] = {}
        self.laws: dict[int, Law] = {}
        self.known: dict[Expr, Polynomial] = {}
        # Whether what is proved holds away from kinks only.
        self.kinks = False

    # Whether it is zero

    def is_zero(self, expr: Expr) -> bool:
        """Whether it is proved to be 0."""
        polynomial = self.polynomial(expr)
        return self._vanishes(polynomial, unfolding=False) or (
            bool(self.definitions) and self._vanishes(polynomial, unfolding=True)
        )

    def _vanishes(self, polynomial: Polynomial, *, unfolding: bool) -> bool:
        while polynomial:
            laws = {g: self.laws[g] for g in generators(polynomial) if g in self.laws}
            ready = [g for g, law in laws.items() if unfolding or not law.defines]
            if not ready:
                return False
            parts = self._without(polynomial, max(ready))
            if len(parts) > 1:
                return all(self._vanishes(part, unfolding=unfolding) for part in parts)
            (polynomial,) = parts or [ZERO]
        return True

    def _without(self, polynomial: Polynomial, generator: int) -> list[Polynomial]:
        """Polynomials without a generator that are all 0 only where this one is: by its law, and
        put in order of the powers of it that are left. Where it is divided by, all is multiplied
        by a power of it."""
        law = self.laws[generator]
        self.budget.spend(len(polynomial))
        lowest = min(0, *(int(dict(monomial).get(generator, 0)) for monomial in polynomial))
        factors: dict[tuple[int, int], Polynomial] = {}
        for monomial, coefficient in polynomial.items():
            exponents = dict(monomial)
            times_law, rest = divmod(int(exponents.pop(generator, 0)) - lowest, law.degree)
            factors.setdefault((rest, times_law), {})[tuple(exponents.items())] = coefficient
        parts: dict[int, Polynomial] = {}
        for (rest, times_law), factor in factors.items():
            replaced = power(law.value, times_law, self.budget)
            part = times(factor, replaced, self.budget)
            parts[rest] = plus(parts.get(rest, ZERO), part)
        return [part for part in parts.values() if part]

    # Expressions as polynomials

    def polynomial(self, expr: Expr) -> Polynomial:
        if expr not in self.known:
            self.known[expr] = self._polynomial(expr)
        return self.known[expr]

    def _polynomial(self, expr: Expr) -> Polynomial:
        match expr:
            case sympy.Rational():
                return constant(Fraction(int(expr.p), int(expr.q)))
            case Symbol():
                return self._symbol(expr)
            case sympy.Add():
                return plus(*map(self.polynomial, expr.args))
            case sympy.Mul():
                return reduce(self._times, map(self.polynomial, expr.args))
            case sympy.Pow():
                return self._power(self.polynomial(expr.base), expr.exp)
            case sympy.exp():
                return self._exponential("e", self.polynomial(expr.args[0]))
            case sympy.Abs() | sympy.sign() | sympy.Max() | sympy.Min():
                return self._kinked(expr)
            case sympy.Heaviside():
                return _half(plus(constant(1), self._sign(self.polynomial(expr.args[0]))))
            case sympy.DiracDelta():
                return ZERO
            case sympy.Function():
                return power_of(self._function(expr))
        if expr in (sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
            raise no_value()
        if expr == sympy.E:
            return self._exponential("e", constant(1))
        return power_of(self._generator(expr))

    def _times(self, one: Polynomial, other: Polynomial) -> Polynomial:
        return times(one, other, self.budget)

    def _generator(self, key: Hashable, law: Law | None = None) -> int:
        """The number of a generator, a new one where there is none yet."""
        if key not in self.numbers:
            self.numbers[key] = len(self.numbers)
            if law is not None:
                self.laws[self.numbers[key]] = law
        return self.numbers[key]

    def _symbol(self, symbol: Symbol) -> Polynomial:
        # In their order, so that a long chain of definitions is no deep recursion.
        for defined, value in self.definitions.items() if symbol in self.definitions else ():
            if defined not in self.known:
                law = Law(1, self.polynomial(value), defines=True)
                self.known[defined] = power_of(self._generator(defined, law))
            if defined == symbol:
                return self.known[defined]
        return power_of(self._generator(symbol))

    def _function(self, expr: Expr) -> int:
        """An opaque value, but for the two squares that all know."""
        arguments = tuple(_key(self.polynomial(argument)) for argument in expr.args)
        for odd, even, sign in ((sympy.sin, sympy.cos, 1), (sympy.sinh, sympy.cosh, -1)):
            if isinstance(expr, odd):
                square = power_of(self._generator((even, arguments)), 2)
                value = plus(constant(sign), scaled(square, -sign))
                return self._generator((odd, arguments), Law(2, value))
        return self._generator((expr.func, arguments))

    # Powers

    def _power(self, base: Polynomial, exponent: Expr) -> Polynomial:
        if not isinstance(exponent, sympy.Rational):
            return self._exponential(base, self.polynomial(exponent))
        above, below = int(exponent.p), int(exponent.q)
        if not base and above <= 0:
            raise no_value()
        if below > 1:
            return self._root(base, above, below)
        return power(base, above, self.budget) if above >= 0 else self._inverse(base, above)

    def _inverse(self, base: Polynomial, exponent: int) -> Polynomial:
        """c^n m^n g^n for a base c·m·g, with a generator g for what is not a single product."""
        content, common, rest = primitive(base)
        result = {tuple((g, e * exponent) for g, e in common): content**exponent}
        if rest == constant(1):
            return result
        generator = self._generator(("sum", _key(rest)), Law(1, rest))
        return self._times(result, power_of(generator, exponent))

    def _root(self, base: Polynomial, above: int, below: int) -> Polynomial:
        """base^(above/below), where positive numbers have roots of their own."""
        if not base:
            return ZERO
        content, _, _ = primitive(base)
        result = constant(1)
        for whole, sign in ((abs(content).numerator, 1), (abs(content).denominator, -1)):
            for prime, times_prime in factorint(whole, limit=LARGEST_PRIME).items():
                law = Law(below, constant(int(prime)))
                root = self._generator(("root", below, int(prime)), law)
                result = self._times(result, power_of(root, sign * above * int(times_prime)))
        rest = scaled(base, 1 / abs(content))
        if rest == constant(1):
            return result
        if rest == constant(-1):
            raise no_value()
        root = self._generator(("root", below, _key(rest)), Law(below, rest))
        return self._times(result, power_of(root, above))

    def _exponential(self, base: Polynomial | str, exponent: Polynomial) -> Polynomial:
        """b^(2x + y/3) is (b^x)^2 (b^y)^(1/3)."""
        result = constant(1)
        for monomial, coefficient in exponent.items():
            if monomial == UNIT and not isinstance(base, str):
                part = self._power(base, sympy.Rational(*coefficient.as_integer_ratio()))
            else:
                key = base if isinstance(base, str) else _key(base)
                part = power_of(self._generator(("power", key, monomial)), plain(coefficient))
            result = self._times(result, part)
        return result

    # Kinks

    def _kinked(self, expr: Expr) -> Polynomial:
        if isinstance(expr, sympy.sign):
            return self._sign_of(expr.args[0])
        first, *others = map(self.polynomial, sympy.ordered(expr.args))
        if isinstance(expr, sympy.Abs):
            return self._times(self._sign(first), first)
        upward = 1 if isinstance(expr, sympy.Max) else -1
        for second in others:
            difference = plus(first, scaled(second, -1))
            distance = self._times(self._sign(difference), difference)
            first = _half(plus(first, second, scaled(distance, upward)))
        return first

    def _sign_of(self, argument: Expr) -> Polynomial:
        """What has kinks itself may be 0 in more than a few places: the square of its sign is not
        1 there."""
        if isinstance(argument, sympy.Max) and len(argument.args) == 2 and 0 in argument.args:
            (inner,) = (part for part in argument.args if part != 0)
            return _half(plus(constant(1), self._sign(self.polynomial(inner))))
        folded = any(symbol in self.definitions for symbol in argument.free_symbols)
        if argument.has(*KINKS) or (
            folded and any(value.has(*KINKS) for value in self.definitions.values())
        ):
            return power_of(self._generator(("sign", argument)))
        return self._sign(self.polynomial(argument))

    def _sign(self, polynomial: Polynomial) -> Polynomial:
        """A generator whose square is 1; signs of opposite values are opposite."""
        if not polynomial or self._vanishes(polynomial, unfolding=True):
            return ZERO
        content, _, _ = primitive(polynomial)
        sign = 1 if content > 0 else -1
        rest = scaled(polynomial, 1 / content)
        if rest == constant(1):
            return constant(sign)
        self.kinks = True
        generator = self._generator(("sign", _key(rest)), Law(2, constant(1)))
        return scaled(power_of(generator), sign)


def _key(polynomial: Polynomial) -> Hashable:
    return frozenset(polynomial.items())


def _half(polynomial: Polynomial) -> Polynomial:
    return scaled(polynomial, Fraction(1, 2))
