"""Trees in the tests: letters, rules applied to them, and values on arrays of unequal sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from sympy import Basic, Expr

from indexcalc.expr.base import Index, Node, free_of, postorder
from indexcalc.expr.canonical import same
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.nodes import Access, D, Foreign
from indexcalc.expr.program import Equation
from indexcalc.expr.rewrite import Rule
from indexcalc.expr.terms import Terms, flat, tree
from indexcalc.expr.world import Array, World

I, J, K, N = (Index(name) for name in "ijkn")
# More letters for a size, so that a delta may join them.
P, Q, R = (Index(name, index.size) for name, index in zip("pqr", (I, J, K), strict=True))
P2 = Index("p2", I.size)

# Sizes go round these, so that neighbours differ.
LENGTHS = (3, 4, 2, 5)


def _stand_ins() -> dict[str, Callable[..., Any]]:
    """f, g, h and act as smooth functions of any number of arguments, and their slopes."""
    made: dict[str, Callable[..., Any]] = {}
    for place, name in enumerate(("f", "g", "h", "act")):
        rate = 0.8 + 0.3 * place

        def total(*arguments: Array) -> Any:
            return sum((k + 1) * argument for k, argument in enumerate(arguments))

        made[name] = lambda *u, rate=rate: np.sin(rate * total(*u)) + 0.2 * total(*u)
        for key, k in (("'", 1), ("'1", 1), ("'2", 2)):
            made[name + key] = lambda *u, rate=rate, k=k: (
                k * (rate * np.cos(rate * total(*u)) + 0.2)
            )
    return made


FUNCTIONS = _stand_ins()


def nodes(exprs: Iterable[Basic]) -> list[Basic]:
    """Every node, and those of what an entry of a matrix means."""
    found = [node for expr in exprs for node in postorder(expr)]
    meant = [node.meaning for node in found if isinstance(node, Foreign)]
    return [*found, *nodes(meant)] if meant else found


def world(*exprs: Basic, given: Sequence[Equation] = (), seed: int = 0, low: float = 0.3) -> World:
    """Arrays for every tensor of these trees; what is given by an equation follows from it."""
    known = [part for e in given for part in (e.left, e.right)]
    found = nodes([*exprs, *known])
    indices = {i for node in found if isinstance(node, Node) for i in _indices(node)}
    sizes = {index.size for index in indices}
    scalars = {s for node in found if isinstance(node, Expr) for s in node.free_symbols}
    symbols = sorted({s for size in sizes for s in size.free_symbols} | scalars, key=str)
    numbers = {symbol: float(LENGTHS[place % len(LENGTHS)]) for place, symbol in enumerate(symbols)}
    rng = np.random.default_rng(seed)
    arrays: dict[str, Array] = {}
    for access in sorted({n for n in found if isinstance(n, Access)}, key=str):
        shape = [int(index.size.subs(numbers)) for index in access.indices]
        arrays.setdefault(access.name, rng.uniform(low, 1.0, shape))
    for equation in given:
        here = World(arrays, numbers, FUNCTIONS)
        arrays[equation.left.name] = component(equation.left, equation.right, here)
    return World(arrays, numbers, FUNCTIONS)


def component(left: Access, right: Basic, where: World) -> Array:
    """The right-hand side with its axes in the order of the left's indices."""
    names = sorted(index.name for index in left.indices)
    value = evaluate(right, where)
    return value.transpose([names.index(index.name) for index in left.indices])


def assert_close(one: Basic, two: Basic, where: World, tolerance: float = 1e-9) -> None:
    """Two trees are open in the same indices and have the same value."""
    assert free_of(one) == free_of(two)
    np.testing.assert_allclose(
        evaluate(one, where), evaluate(two, where), rtol=tolerance, atol=tolerance
    )


def ax(name: str, *indices: Index) -> Access:
    return Access(name, *indices)


def opened(expr: Basic) -> list[Index]:
    return sorted(free_of(expr), key=lambda index: index.name)


def applied(rule: Rule, before: Basic, *given: object) -> Terms | None:
    """The rule on a tree's terms: on all of them, or on the only one."""
    terms = flat(before)
    if rule.whole:
        return rule(terms, *given)
    (term,) = terms
    return rule(term, *given)


def assert_becomes(
    rule: Rule, before: Basic, after: Basic, *given: object, known: tuple[Equation, ...] = ()
) -> None:
    """The rule leads from one tree to the other, and all three values are equal."""
    result = applied(rule, before, *given)
    assert result is not None
    found = tree(result, opened(before))
    assert same(found, tree(flat(after), opened(before))), f"{found} is not {after}"
    where = world(before, after, given=known)
    # A ∂ in a tree is evaluated by differences.
    tolerance = 1e-7 if any(isinstance(node, D) for node in nodes([before])) else 1e-12
    assert_close(before, after, where, tolerance)
    assert_close(before, found, where, tolerance)


def _indices(node: Node) -> Iterable[Index]:
    return [arg for arg in node.args if isinstance(arg, Index)]
