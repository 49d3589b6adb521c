"""Slopes of one loop: what each entry that its body reads does to what the loop writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sympy import Basic, Expr

from indexcalc.calculus.backprop import differentiate
from indexcalc.codegen.teaching.statements import Loop, replaced_in
from indexcalc.expr.base import ONE, children
from indexcalc.expr.canonical import key
from indexcalc.expr.entries import Entry
from indexcalc.expr.nodes import Access, Mul
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import Term, is_below, power, split_power

# Stands for what is differentiated; no tensor has this name.
BODY = Access("body")
Factors = tuple[Basic, ...]


def slopes(loop: Loop, moving: Collection[str]) -> Iterator[tuple[Entry, Factors]]:
    """∂body/∂entry as products to be added, for each entry of a tensor that moves.

    Each entry is a number of its own here, so no index is left to be contracted.
    """
    entries = loop.entries
    numbers = {entry: Access(str(entry)) for entry in entries}
    back: dict[Basic, Basic] = {number: entry for entry, number in numbers.items()}
    body = replaced_in(loop.body, dict(numbers))
    for entry in entries:
        if entry.name not in moving:
            continue
        jacobian = differentiate(Equation(BODY, body), numbers[entry])
        for factors in _collected(jacobian.trace.end):
            own = tuple(replaced_in(factor, back) for factor in factors)
            yield entry, tuple(_by_name(factor, loop) for factor in own)


def _by_name(factor: Basic, loop: Loop) -> Basic:
    """The factor with what the loop assigned under its name: exp(x) is e."""
    if loop.how != "=" or not children(loop.body):
        return factor
    return replaced_in(factor, {loop.body: loop.left})


def _collected(terms: Collection[Term]) -> list[Factors]:
    """x + x as 2 x."""
    numbers: dict[str, Expr] = {}
    products: dict[str, Factors] = {}
    for term in terms:
        number = ONE
        for factor in term.factors:
            if isinstance(factor, Expr):
                number = number * factor
        rest = _powers(factor for factor in term.factors if not isinstance(factor, Expr))
        which = key(Mul(*rest)) if len(rest) > 1 else key(rest[0]) if rest else ""
        numbers[which] = numbers.get(which, 0) + number
        products[which] = rest
    return [(numbers[which], *products[which]) for which in products if numbers[which] != 0]


def _powers(factors: Iterable[Basic]) -> Factors:
    """x² x as x³; what is above and below a line stays on both."""
    found: dict[tuple[Basic, bool], Expr] = {}
    for factor in factors:
        base, exponent = split_power(factor)
        which = base, is_below(exponent)
        found[which] = found.get(which, 0) + exponent
    return tuple(power(base, exponent) for (base, _), exponent in found.items())
