"""How numbers, sizes and constants are spelled: SymPy's printers with our names and signs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sympy import Add, Expr, Integer, Mul, Rational, Symbol, fraction, pi
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from indexcalc.expr.names import unicode_face

SUM, PRODUCT, POWER, ATOM = range(4)
_TIMES = PRECEDENCE["Mul"]
# A root of a higher degree is written as a power in LaTeX.
_HIGHEST_ROOT = 99
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def raised(number: str) -> str:
    """A whole number as superscripts."""
    return number.translate(_RAISED)


def digits(number: int) -> str:
    """A whole number in full; Python's own str() stops at 4,300 digits."""
    return str(Decimal(number))


def level_of(value: Expr) -> int:
    """How tightly the spelling of a positive scalar holds together."""
    if value.is_Add:
        return SUM
    if value.is_Mul or (value.is_Rational and not value.is_Integer):
        return PRODUCT
    if value.is_Pow:
        if value.exp == Rational(1, 2):
            return ATOM
        return PRODUCT if value.exp.is_Rational and value.exp < 0 else POWER
    return ATOM


def _as_written(kind: Any, *parts: Expr) -> Expr:
    """The parts joined, without those that do nothing."""
    kept = [part for part in parts if part != kind.identity]
    joined: Expr = kind(*kept, evaluate=False)
    return joined


def _number_last(expr: Expr) -> Expr:
    """A negative number goes last: a - 3."""
    first, *rest = expr.args
    return _as_written(Add, *rest, first) if first.is_Number and first.is_negative else expr


class TextScalars(StrPrinter):
    """Numbers, sizes and constants as the language writes them."""

    def __init__(self, settings: dict[str, Any], sizes: Mapping[Symbol, str]) -> None:
        super().__init__(settings)
        self.sizes = sizes

    def _print_Symbol(self, expr: Symbol) -> str:  # noqa: N802
        return str(self.sizes.get(expr, expr.name))

    def _print_Integer(self, expr: Integer) -> str:  # noqa: N802
        return digits(int(expr.p))

    def _print_Rational(self, expr: Rational) -> str:  # noqa: N802
        return f"{digits(int(expr.p))}/{digits(int(expr.q))}"

    def _print_Add(self, expr: Expr, order: str | None = None) -> str:  # noqa: N802
        return str(super()._print_Add(_number_last(expr), order))

    def _print_Mul(self, expr: Expr) -> str:  # noqa: N802
        """1/4/(a - 3), since 4*(a - 3) would be read as 4*a - 12."""
        coefficient, rest = expr.as_coeff_Mul()
        above, below = fraction(rest)
        if coefficient.q == 1 or not below.is_Add:
            return str(super()._print_Mul(expr))
        numbers = self._print(coefficient)
        if above != 1:
            front = self.parenthesize(_as_written(Mul, Integer(coefficient.p), above), _TIMES, True)
            numbers = f"{front}/{digits(int(coefficient.q))}"
        return f"{numbers}/{self.parenthesize(below, _TIMES)}"

    def _print_cot(self, expr: Expr) -> str:
        # SymPy makes it of a tan, and of this one again.
        return f"(-tan({self._print(expr.args[0] + pi / 2)}))"

    def _print_Exp1(self, expr: Expr) -> str:  # noqa: N802
        return "exp(1)"

    def _print_Abs(self, expr: Expr) -> str:  # noqa: N802
        return f"abs({self._print(expr.args[0])})"

    def _print_Max(self, expr: Expr) -> str:  # noqa: N802
        (other,) = [arg for arg in expr.args if arg != 0]
        return f"relu({self._print(other)})"


class UnicodeScalars(TextScalars):
    def _print_Mul(self, expr: Expr) -> str:  # noqa: N802
        return str(StrPrinter._print_Mul(self, expr))

    def _print_Symbol(self, expr: Symbol) -> str:  # noqa: N802
        return unicode_face(self.sizes.get(expr, expr.name))

    def _print_Pi(self, expr: Expr) -> str:  # noqa: N802
        return "π"

    def _print_Pow(self, expr: Expr, rational: bool = False) -> str:  # noqa: N802
        if expr.exp == Rational(1, 2):
            inner = self._print(expr.base)
            return f"√{inner}" if expr.base.is_Atom else f"√({inner})"
        if expr.exp.is_Rational and expr.exp < 0 and expr.exp != -1:
            return f"1/{self.parenthesize(1 / expr, _TIMES, strict=True)}"
        if isinstance(expr.exp, Integer) and expr.exp > 1 and expr.base.is_Atom:
            return str(self._print(expr.base)) + raised(digits(int(expr.exp)))
        return str(super()._print_Pow(expr, rational))


class LatexScalars(LatexPrinter):
    """SymPy's LaTeX, with numbers of any length."""

    def _print_Add(self, expr: Expr, order: str | None = None) -> str:  # noqa: N802
        return str(super()._print_Add(_number_last(expr), order))

    def _print_Integer(self, expr: Integer) -> str:  # noqa: N802
        return digits(int(expr.p))

    def _print_Rational(self, expr: Rational) -> str:  # noqa: N802
        sign = "- " if expr.p < 0 else ""
        return rf"{sign}\frac{{{digits(abs(int(expr.p)))}}}{{{digits(int(expr.q))}}}"

    def _print_Pow(self, expr: Expr) -> str:  # noqa: N802
        if expr.exp.is_Rational and expr.exp.q > _HIGHEST_ROOT:
            return str(self._helper_print_standard_power(expr, "%s^{%s}"))
        return str(super()._print_Pow(expr))
