"""Expressions as Python text, with the blanks and brackets that a formatter would leave."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import sympy
from sympy import Basic, Expr, Integer, Rational, Symbol

from indexcalc.codegen.arrays.layout import INDENT, fitted
from indexcalc.codegen.teaching.statements import UNIT
from indexcalc.expr.base import ONE
from indexcalc.expr.nodes import Access, Add, Apply, Mul, Pow

SUM, PRODUCT, SIGNED, POWER, ATOM = range(5)
# An operand that a power is written close to: x**2, but x[i] ** 2.
_SIMPLE = re.compile(r"-?[\w.]+\Z")
# Whole numbers that a double holds.
_EXACT = 2**53


class Piece(NamedTuple):
    """A text, and how tightly it holds together."""

    text: str
    level: int = ATOM


class Speller:
    """Spells expressions: entries or arrays by `leaf`, functions by their names in Python."""

    def __init__(
        self,
        leaf: Callable[[Access], str],
        symbols: Mapping[Symbol, str],
        functions: Mapping[str, str],
        power: str = "",
        module: str = "math",
    ) -> None:
        self.leaf = leaf
        self.symbols = symbols
        self.functions = functions
        # A function for powers that are not whole; without one they are spelled with **.
        self.power = power
        self.module = module
        self.called: dict[str, None] = {}

    def piece(self, node: Basic) -> Piece:
        match node:
            case Access():
                return Piece("1" if node == UNIT else self.leaf(node))
            case Add() | sympy.Add():
                return self.sum(node.args)
            case Mul() | sympy.Mul():
                return self.product([node])
            case Pow() | sympy.Pow():
                return self.raised(node, *node.args)
            case Apply():
                return self.call(node.name, node.arguments)
            case Expr():
                return self.number(node)
        raise TypeError(f"no Python for {type(node).__name__}")

    def number(self, value: Expr) -> Piece:
        """A scalar of numbers, sizes and constants."""
        if isinstance(value, Symbol):
            return Piece(self.symbols[value])
        if value.is_Integer:
            level = SIGNED if value.is_negative else ATOM
            return Piece(self.literal(int(value)), level)
        if value.is_Rational:
            return self.product([value])
        if value == sympy.pi:
            return Piece(f"{self.module}.pi")
        if value == sympy.E:
            return self.call("exp", (ONE,))
        if isinstance(value, sympy.Max):
            (other,) = [argument for argument in value.args if argument != 0]
            return self.call("relu", (other,))
        if isinstance(value, sympy.cot):
            return self.product([1 / sympy.tan(*value.args, evaluate=False)])
        return self.call(value.func.__name__.lower(), value.args)

    def sum(self, terms: Sequence[Basic]) -> Piece:
        spelled = [self.signed(term) for term in terms]
        # A sum begins with a term that has no minus, where it has one.
        first = next((place for place, (minus, _) in enumerate(spelled) if not minus), 0)
        spelled = [spelled[first], *spelled[:first], *spelled[first + 1 :]]
        operands = [spelled[0][1]]
        if spelled[0][0]:
            operands = [within(self.piece(terms[0]), PRODUCT)]
        operands += [f"{'-' if minus else '+'} {text}" for minus, text in spelled[1:]]
        return Piece(" ".join(operands), SUM)

    def signed(self, term: Basic) -> tuple[bool, str]:
        """Whether a term has a minus, and the rest of it."""
        minus, piece = self.magnitude([term])
        return minus, within(piece, PRODUCT)

    def product(self, factors: Sequence[Basic]) -> Piece:
        minus, number, above, below = _parts(factors)
        return self.fraction(number, above, below, minus)

    def magnitude(self, factors: Sequence[Basic]) -> tuple[bool, Piece]:
        """Whether a product has a minus, and its factors as one fraction."""
        minus, number, above, below = _parts(factors)
        return minus, self.fraction(number, above, below, False)

    def fraction(
        self, number: Rational, above: list[Basic], below: list[Basic], minus: bool
    ) -> Piece:
        """-2 * a * b / (3 * c)"""
        if number.p != 1 or not above:
            above = [Integer(number.p), *above]
        if number.q != 1:
            below = [Integer(number.q), *below]
        first = self.piece(above[0])
        if len(above) == 1 and not below and not minus:
            return first
        # A formatter sets brackets here, though powers come before signs.
        text = within(first, ATOM if minus and first.level == POWER else PRODUCT)
        operands = [f"-{text}" if minus else text]
        operands += [f"* {within(self.piece(factor), SIGNED)}" for factor in above[1:]]
        under = [within(self.piece(factor), SIGNED) for factor in below]
        if not under and len(operands) == 1:
            return Piece(operands[0], SIGNED)
        if len(under) == 1:
            operands.append(f"/ {under[0]}")
        elif under:
            operands.append(f"/ ({' * '.join(under)})")
        return Piece(" ".join(operands), PRODUCT)

    def raised(self, power: Basic, base: Basic, exponent: Basic) -> Piece:
        if exponent == Rational(1, 2):
            return self.call("sqrt", (base,))
        if isinstance(exponent, Expr) and exponent.could_extract_minus_sign():
            return self.product([power])
        if self.power and not (isinstance(exponent, Expr) and exponent.is_Integer):
            self.called[self.power] = None
            return Piece(f"{self.power}({self.piece(base).text}, {self.piece(exponent).text})")
        lower, upper = within(self.piece(base), ATOM), within(self.piece(exponent), SIGNED)
        close = _SIMPLE.match(lower) and _SIMPLE.match(upper)
        return Piece(f"{lower}**{upper}" if close else f"{lower} ** {upper}", POWER)

    def literal(self, value: int) -> str:
        """A whole number, and as a double holds it where it is large."""
        if abs(value) < _EXACT:
            return str(value)
        try:
            return repr(float(value)).replace("e+", "e")
        except OverflowError:
            return f"{'-' * (value < 0)}{self.module}.inf"

    def call(self, name: str, arguments: Sequence[Basic]) -> Piece:
        function = self.functions[name]
        self.called[function] = None
        return Piece(f"{function}({', '.join(self.piece(each).text for each in arguments)})")


def within(piece: Piece, level: int) -> str:
    """The text, in brackets where it does not hold together that tightly."""
    return piece.text if piece.level >= level else f"({piece.text})"


def fraction(factors: Sequence[Basic]) -> tuple[Rational, list[Basic], list[Basic]]:
    """The rational number in front, the factors above the line and those below it."""
    number: Rational = ONE
    above: list[Basic] = []
    below: list[Basic] = []
    waiting = list(reversed(factors))
    while waiting:
        factor = waiting.pop()
        if isinstance(factor, Mul | sympy.Mul):
            waiting.extend(reversed(factor.args))
        elif isinstance(factor, Rational):
            number = number * factor
        elif isinstance(factor, Pow | sympy.Pow):
            base, exponent = factor.args
            if isinstance(exponent, Expr) and exponent.could_extract_minus_sign():
                _below(base, -exponent, below)
            else:
                above.append(factor)
        elif factor != UNIT:
            above.append(factor)
    return number, above, below


def _parts(factors: Sequence[Basic]) -> tuple[bool, Rational, list[Basic], list[Basic]]:
    number, above, below = fraction(factors)
    return bool(number.is_negative), abs(number), above, below


def _below(base: Basic, exponent: Expr, below: list[Basic]) -> None:
    """A denominator; that of a product one by one, so that no brackets are needed."""
    if exponent == 1 and isinstance(base, Mul | sympy.Mul) and all(map(_is_plain, base.args)):
        below.extend(base.args)
    elif exponent == 1:
        below.append(base)
    elif isinstance(base, Expr):
        below.append(base**exponent)
    else:
        below.append(Pow(base, exponent))


def _is_plain(factor: Basic) -> bool:
    return isinstance(factor, Access | Symbol) and factor != UNIT


def assigned(opening: str, piece: Piece, depth: int) -> list[str]:
    """`x += piece` on a line, or as a formatter breaks what is too long."""
    indent = INDENT * depth
    return [line.removeprefix(indent) for line in fitted([f"{indent}{opening} {piece.text}"])]
