"""Names for what is written more than once: "where" lines of a conclusion."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sympy import Basic

from indexcalc.calculus.folding import skeleton
from indexcalc.calculus.mentions import mentions
from indexcalc.calculus.weighing import factor_weight
from indexcalc.expr.base import children, free_of, postorder, rebuild
from indexcalc.expr.nodes import Access, Add, Apply, Mul, One, Sum
from indexcalc.expr.program import Equation

# What is lighter is read as quickly as a name for it is looked up.
LEAST = 7
NAMES = "uvwabcdefghknrst"


def shared(
    results: dict[str, Basic], taken: Collection[str]
) -> tuple[list[Equation], dict[str, Basic]]:
    """The repeated parts by name, each before its uses, and the results with the names in them."""
    named: list[Equation] = []
    used = set(taken)
    while True:
        found = _heaviest([*(e.right for e in named), *results.values()])
        if found is None:
            return _in_order(named), results
        look, part = found
        name = _fresh(used)
        used.add(name)
        indices = skeleton(part)[1]
        named = [Equation(e.left, _named(e.right, look, name)) for e in named]
        results = {key: _named(result, look, name) for key, result in results.items()}
        named.append(Equation(Access(name, *indices), part))


def _heaviest(results: list[Basic]) -> tuple[str, Basic] | None:
    """The heaviest part that is there twice, up to its indices."""
    groups: dict[tuple[object, ...], list[Basic]] = {}
    for result in results:
        for node in _occurrences(result):
            quick = (type(node), factor_weight(node), mentions(node), len(free_of(node)))
            groups.setdefault(quick, []).append(node)
    seen: dict[str, Basic] = {}
    repeated: dict[str, Basic] = {}
    for group in groups.values():
        for node in group if len(group) > 1 else ():
            look = skeleton(node)[0]
            if look in seen:
                repeated.setdefault(look, seen[look])
            seen.setdefault(look, node)
    if not repeated:
        return None
    look = max(repeated, key=lambda one: factor_weight(repeated[one]))
    return look, repeated[look]


def _occurrences(expr: Basic) -> Iterator[Basic]:
    """Every part that is worth a name, once for each place it stands at."""
    stack = [expr]
    while stack:
        node = stack.pop()
        stack.extend(reversed(children(node)))
        if node is not expr and _nameable(node):
            yield node


def _nameable(node: Basic) -> bool:
    if not isinstance(node, Add | Apply | Sum | Mul) or factor_weight(node) < LEAST:
        return False
    # A part of a contraction alone, such as the body of its Σ, is no use to a reader.
    return not isinstance(node, Mul) or not any(isinstance(part, One) for part in node.args)


def _named(expr: Basic, look: str, name: str) -> Basic:
    """The expression with the name in place of every part that looks so."""
    built: dict[int, Basic] = {}
    for node in postorder(expr):
        if _nameable(node):
            own, indices = skeleton(node)
            if own == look:
                built[id(node)] = Access(name, *indices)
                continue
        built[id(node)] = rebuild(node, tuple(built[id(part)] for part in children(node)))
    return built[id(expr)]


def _fresh(taken: Collection[str]) -> str:
    single = next((letter for letter in NAMES if letter not in taken), None)
    if single is not None:
        return single
    return next(f"u{n}" for n in range(1, len(taken) + 2) if f"u{n}" not in taken)


def _in_order(named: list[Equation]) -> list[Equation]:
    """The last that was named is part of the earlier ones."""
    return named[::-1]
