"""Names for what a program leaves nameless: exp_x, mu_squared, a_x for Σ_k a_ik x_k."""

from __future__ import annotations

from sympy import Basic, Expr, Symbol

from indexcalc.expr.base import MINUS_ONE, ONE, children, postorder
from indexcalc.expr.functions import PRIME
from indexcalc.expr.nodes import Access, Add, Apply, Binder, Mul, Pow, Sum
from indexcalc.expr.terms import split_power

# A longer name says less than what it is a name of.
LONGEST = 20


def stem(expr: Basic) -> str:
    """What a part could be called, by the names in it."""
    if is_mean(expr):
        (total,) = (part for part in children(expr) if isinstance(part, Sum))
        return _short(f"{_named(total.body)}_mean", "mean")
    if isinstance(expr, Binder) and expr.kind != "sum":
        return _short(f"{_named(expr.body)}_{expr.kind}", expr.kind)
    if isinstance(expr, Sum):
        several = isinstance(expr.body, Mul) and len(_factors(expr.body)) > 1
        return _short(_named(expr.body) + ("" if several else "_sum"), "total")
    return _short(_named(expr), "part")


def is_mean(node: Basic) -> bool:
    """1/H Σ_h x_h"""
    if not isinstance(node, Mul) or len(node.args) != 2:
        return False
    number, total = node.args
    if not isinstance(number, Expr) or not isinstance(total, Sum):
        return False
    count = ONE
    for index in total.indices:
        count *= index.size
    return bool(number * count == 1)


def _short(name: str, otherwise: str) -> str:
    name = name.strip("_")
    return name if name.isidentifier() and len(name) <= LONGEST else otherwise


def _named(expr: Basic) -> str:
    """The names in an expression joined by what is done with them."""
    names: dict[int, str] = {}
    for node in postorder(expr):
        inside = [names[id(part)] for part in children(node)]
        name = _joined(node, inside)
        names[id(node)] = name if len(name) <= LONGEST else ""
    return names[id(expr)]


def _joined(node: Basic, inside: list[str]) -> str:
    match node:
        case Access() | Symbol():
            return str(node.name)
        case Add():
            signs = ["minus" if _is_negative(part) else "plus" for part in node.args]
            named = [(s, name) for s, name in zip(signs, inside, strict=True) if name]
            text = "".join(f"_{sign}_{name}" for sign, name in named)
            return text.removeprefix("_plus").strip("_")
        case Mul():
            return _product(node, inside)
        case Pow() if node.exponent == 2:
            return f"{inside[0]}_squared"
        case Pow() if node.exponent == -1:
            return inside[0]
        case Pow():
            return f"{inside[0]}_power"
        case Apply():
            function = node.name.replace(PRIME, "_prime")
            return "_".join([function, *filter(None, inside)])
        case Binder():
            return inside[0]
    return ""


def _product(node: Mul, inside: list[str]) -> str:
    above: list[str] = []
    below: list[str] = []
    for part, name in zip(node.args, inside, strict=True):
        if name:
            (below if split_power(part)[1] == MINUS_ONE else above).append(name)
    return "_over_".join(filter(None, ("_".join(above), "_".join(below))))


def _factors(node: Mul) -> list[Basic]:
    return [part for part in node.args if any(isinstance(n, Access) for n in postorder(part))]


def _is_negative(part: Basic) -> bool:
    return isinstance(part, Mul) and isinstance(part.args[0], Expr) and part.args[0].is_negative
