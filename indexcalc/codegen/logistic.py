"""Quotients by 1 + e^a as sigmoids, and its log as softplus: what is far out stays in range."""

from __future__ import annotations

from sympy import Basic, Expr

from indexcalc.codegen.joining import Known
from indexcalc.expr.base import MINUS_ONE, ONE, children, postorder, rebuild
from indexcalc.expr.nodes import Add, Apply, Mul, One, Pow
from indexcalc.expr.terms import coefficient, flat_product, power, split_power

SIGMOID = ("a sigmoid", "1/(1 + e^a) = sigmoid(-a), e^a sigmoid(-a) = sigmoid(a)")
SOFTPLUS = ("a softplus", "log(1 + e^a) = softplus(a)")
LOG_OF_SIGMOID = ("log of a sigmoid", "log sigmoid(a) = -softplus(-a)")


def sigmoids(value: Basic, known: Known) -> Basic:
    """1/(1 + e^a) = sigmoid(-a), and e^a sigmoid(-a) = sigmoid(a), throughout a value."""
    built: dict[Basic, Basic] = {}
    for node in postorder(value):
        new = rebuild(node, tuple(built[part] for part in children(node)))
        if isinstance(new, Pow) and isinstance(new.exponent, Expr) and new.exponent.is_negative:
            inside = _beside_1(new.base, known, "exp")
            if inside is not None:
                new = power(Apply("sigmoid", minus(inside)), -new.exponent)
        elif isinstance(new, Mul):
            new = _times_exponential(new, known)
        built[node] = new
    return built[value]


def _times_exponential(product: Mul, known: Known) -> Basic:
    """e^a sigmoid(-a) = sigmoid(a)"""
    for one in product.args:
        inside = None if isinstance(one, Expr) else known.inside(one, "exp")
        other = None if inside is None else Apply("sigmoid", minus(inside))
        for factor in product.args:
            base, exponent = split_power(factor)
            if inside is not None and base == other and exponent.is_positive:
                rest = [part for part in product.args if part not in (one, factor)]
                left = [power(base, exponent - 1)] if exponent != 1 else []
                factors = (*rest, *left, Apply("sigmoid", inside))
                return factors[0] if len(factors) == 1 else Mul(*factors)
    return product


def logarithm(argument: Basic, known: Known) -> tuple[Basic, tuple[str, str]] | None:
    """log sigmoid(a) = -softplus(-a), log(1 - sigmoid(a)) = -softplus(a), and log(1 + e^a) =
    softplus(a), with its law."""
    inside = known.inside(argument, "sigmoid")
    if inside is not None:
        return minus(Apply("softplus", minus(inside))), LOG_OF_SIGMOID
    inside = _beside_1(argument, known, "sigmoid", MINUS_ONE)
    if inside is not None:
        return minus(Apply("softplus", inside)), LOG_OF_SIGMOID
    inside = _beside_1(argument, known, "exp")
    return None if inside is None else (Apply("softplus", inside), SOFTPLUS)


def _beside_1(expr: Basic, known: Known, function: str, sign: Expr = ONE) -> Basic | None:
    """a, if this is 1 + f(a), or 1 - f(a); here or under a name."""
    whole = known.meaning(expr) or expr
    if not isinstance(whole, Add) or len(whole.args) != 2:
        return None
    for one, other in (whole.args, whole.args[::-1]):
        terms = flat_product(other)
        if len(terms) != 1 or terms[0].bound or not (one == 1 or isinstance(one, One)):
            continue
        number, rest = coefficient(terms[0])
        if number == sign and len(rest) == 1:
            return known.inside(rest[0], function)
    return None


def minus(expr: Basic) -> Basic:
    """-a, which of -a is a."""
    if isinstance(expr, Mul) and len(expr.args) == 2 and expr.args[0] == MINUS_ONE:
        return expr.args[1]
    return Mul(MINUS_ONE, expr)
