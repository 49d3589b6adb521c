"""Sums of products of powers, with exact coefficients: Laurent polynomials in numbered generators.

Exponents may be negative, and fractions too, so that x/x and e^(x/2) e^(x/2) need no law of their
own. Equal polynomials are equal dicts.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from indexcalc.proof.budget import Budget

# The generators with their exponents, none of which is 0, in order of number.
Exponent = int | Fraction
Product = tuple[tuple[int, Exponent], ...]
Polynomial = dict[Product, Fraction]

UNIT: Product = ()
ZERO: Polynomial = {}


def constant(value: Fraction | int) -> Polynomial:
    return {UNIT: Fraction(value)} if value else {}


def power_of(generator: int, exponent: Exponent = 1) -> Polynomial:
    return {((generator, exponent),): Fraction(1)}


def product(one: Product, other: Product) -> Product:
    if not one or not other:
        return one or other
    exponents = dict(one)
    for generator, exponent in other:
        exponents[generator] = exponents.get(generator, 0) + exponent
    return tuple(sorted((g, plain(e)) for g, e in exponents.items() if e))


def plain(exponent: Exponent) -> Exponent:
    """2 rather than 2/1; both are one key, and whole numbers are faster."""
    return exponent.numerator if exponent.denominator == 1 else exponent


def plus(*terms: Polynomial) -> Polynomial:
    total: Polynomial = {}
    for term in terms:
        for monomial, coefficient in term.items():
            total[monomial] = total.get(monomial, 0) + coefficient
    return {monomial: coefficient for monomial, coefficient in total.items() if coefficient}


def scaled(polynomial: Polynomial, by: Fraction | int, shift: Product = UNIT) -> Polynomial:
    return {product(m, shift): c * by for m, c in polynomial.items()} if by else {}


def times(one: Polynomial, other: Polynomial, budget: Budget) -> Polynomial:
    budget.spend(len(one) * len(other))
    total: Polynomial = {}
    for left, a in one.items():
        for right, b in other.items():
            monomial = product(left, right)
            total[monomial] = total.get(monomial, 0) + a * b
    return {monomial: coefficient for monomial, coefficient in total.items() if coefficient}


def power(polynomial: Polynomial, exponent: int, budget: Budget) -> Polynomial:
    """exponent >= 0, by squaring."""
    result, square = constant(1), polynomial
    while exponent:
        if exponent & 1:
            result = times(result, square, budget)
        exponent >>= 1
        if exponent:
            square = times(square, square, budget)
    return result


def primitive(polynomial: Polynomial) -> tuple[Fraction, Product, Polynomial]:
    """c·m·p, where the coefficients of p are whole without a common factor, the one of its largest
    product positive, and no generator is in every product."""
    lowest: dict[int, Exponent] = dict(next(iter(polynomial)))
    for monomial in polynomial:
        here = dict(monomial)
        lowest = {g: min(lowest.get(g, 0), here.get(g, 0)) for g in {*lowest, *here}}
    common = tuple(sorted((g, e) for g, e in lowest.items() if e))
    content = Fraction(
        gcd(*(c.numerator for c in polynomial.values())),
        lcm(*(c.denominator for c in polynomial.values())),
    )
    content = -content if polynomial[max(polynomial)] < 0 else content
    inverse = tuple((g, -e) for g, e in common)
    return content, common, scaled(polynomial, 1 / content, inverse)


def generators(polynomial: Polynomial) -> set[int]:
    return {g for monomial in polynomial for g, _ in monomial}
