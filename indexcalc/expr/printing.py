"""Expressions and programs as text of the language, as Unicode, and as LaTeX.

One walk over the tree; a `Style` says how each kind of node is spelled. Brackets are set only where
the text would otherwise mean another tree. In the `einstein` notation a Σ is left out where the
reading rules put it back; in the `sum` notation every Σ is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sympy import Basic, Expr, Symbol

from indexcalc.expr.base import (
    ZERO,
    Index,
    Node,
    children,
    free_of,
    postorder,
)
from indexcalc.expr.explicit import explicit
from indexcalc.expr.implied import broadcast_number, implied_sums, seems_summed
from indexcalc.expr.nodes import (
    Access,
    Add,
    Apply,
    Binder,
    D,
    Delta,
    Mul,
    One,
    Pow,
    Spelled,
    Sum,
)
from indexcalc.expr.program import Equation
from indexcalc.expr.rename import distinct
from indexcalc.expr.styles import Piece, Style, UnicodeStyle
from indexcalc.expr.typeset import LatexStyle

STYLES: dict[str, type[Style]] = {"text": Style, "unicode": UnicodeStyle, "latex": LatexStyle}


def spell(
    expr: Basic,
    form: str = "text",
    notation: str = "einstein",
    sizes: Mapping[Symbol, str] | None = None,
    *,
    ones: bool = True,
) -> str:
    """The expression as `text`, `unicode` or `latex`.

    Without `ones` a number that is broadcast in a sum is written alone, v_b + ε for v_b + ε 1_b,
    and where every Σ is written no one-tensor marks it.
    """
    style = STYLES[form](sizes or {})
    if isinstance(expr, Index):
        return style.letters([expr])
    if notation == "sum" and not ones:
        expr = explicit(expr)
    return _piece(distinct(expr), style, notation, ones=ones).whole


def piece_of(expr: Basic, style: Style) -> Piece:
    """An expression in a style, for what stands around it."""
    return _piece(distinct(expr), style, "einstein", ones=True)


def spell_equation(
    equation: Equation,
    form: str = "text",
    notation: str = "einstein",
    sizes: Mapping[Symbol, str] | None = None,
) -> str:
    """left = right; "(no sum i)" is added where a free index could be taken for a summed one."""
    left = spell(equation.left, form, notation, sizes)
    line = f"{left} = {spell(equation.right, form, notation, sizes)}"
    unsummed = no_sum(equation.right) if form != "text" and notation == "einstein" else []
    return line + STYLES[form]({}).no_sum(unsummed) if unsummed else line


def no_sum(expr: Basic) -> list[Index]:
    """The free indices that one access, delta or one-tensor holds twice, as a trace would.

    In a product a free index stands as often as it likes: the left-hand side has it, and says so.
    """
    expr, free = distinct(expr), free_of(expr)
    repeated: dict[Index, None] = {}
    for node in postorder(expr):
        if isinstance(node, Access | Delta | One):
            twice = {i for i in node.indices if i in free and node.indices.count(i) > 1}
            repeated |= dict.fromkeys(sorted(twice, key=lambda index: index.name))
    return list(repeated)


def misread(expr: Basic) -> list[Index]:
    """The free indices that seem to be summed where no left-hand side has them."""
    return seems_summed(distinct(expr))


def _piece(expr: Basic, style: Style, notation: str, *, ones: bool) -> Piece:
    implied: set[int] = set()
    if notation == "einstein":
        implied = implied_sums(expr, inside_products=style.value_is_enough, ones=ones)
    pieces: dict[int, Piece] = {}
    for node in postorder(expr):
        shown = children(node)
        if isinstance(node, Mul) and implied:
            shown = tuple(_unwrapped(shown, implied))
        parts = [pieces[id(part)] for part in shown]
        if isinstance(node, Add) and not ones:
            parts = [_alone(term, pieces, style) for term in shown]
        if id(node) in implied:
            pieces[id(node)] = parts[0]
        elif isinstance(node, Mul):
            pieces[id(node)] = _product(node, shown, parts, style)
        else:
            pieces[id(node)] = _spelled(node, parts, style)
    return pieces[id(expr)]


def _unwrapped(factors: Iterable[Basic], implied: set[int]) -> Iterator[Basic]:
    """The factors of a product, those under an unwritten Σ among them."""
    for factor in factors:
        if id(factor) in implied and isinstance(factor, Sum):
            body = factor.body
            yield from body.args if isinstance(body, Mul) else (body,)
        else:
            yield factor


def _alone(term: Basic, pieces: dict[int, Piece], style: Style) -> Piece:
    """The number in front of a one-tensor, which the terms beside it broadcast."""
    number = broadcast_number(term)
    return pieces[id(term)] if number is None else style.scalar(number)


def _product(node: Mul, factors: tuple[Basic, ...], parts: list[Piece], style: Style) -> Piece:
    mean = style.mean(node, parts) if factors == node.args else None
    if mean is not None:
        return mean
    if style.value_is_enough and node.args[0] == 0:
        return style.scalar(ZERO)
    return style.mul(list(factors), parts)


def _spelled(node: Basic, parts: list[Piece], style: Style) -> Piece:
    if isinstance(node, Access):
        return style.access(node)
    if isinstance(node, One):
        return style.one(node)
    if isinstance(node, Delta):
        return style.delta(node)
    if isinstance(node, Add):
        return style.add(parts)
    if isinstance(node, Pow):
        return style.pow(node, parts[0], parts[1])
    if isinstance(node, Apply):
        return style.apply(node.name, parts)
    if isinstance(node, Sum):
        return style.sum(node, parts[0])
    if isinstance(node, Binder):
        return style.reduce(node, parts[0])
    if isinstance(node, D):
        spelled = style.slope if isinstance(node.body, Access) else style.derivative
        return spelled(parts[0], parts[1])
    if isinstance(node, Expr):
        return style.scalar(node)
    if isinstance(node, Spelled):
        piece: Piece = node.piece(style, parts)
        return piece
    raise TypeError(f"no spelling for {type(node).__name__}")


Node.spell = staticmethod(spell)
