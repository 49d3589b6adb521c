"""Names for what is written more than once: "where" lines of a conclusion.

Parts that are equal up to their indices are one kind. A kind gets a name if it stands in two places
among the kinds that are left; what stands only inside one larger repeated part does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

from sympy import Basic

from indexcalc.calculus.folding import skeleton
from indexcalc.calculus.mentions import mentions
from indexcalc.calculus.weighing import factor_weight
from indexcalc.expr.base import Index, children, free_of, postorder, rebuild
from indexcalc.expr.nodes import Access, Add, Apply, Mul, One, Sum
from indexcalc.expr.program import Equation

# What is lighter is read as quickly as a name for it is looked up.
LEAST = 7
NAMES = "uvwabcdefghknrst"


def shared(
    results: Mapping[str, Basic], taken: Collection[str], only: Collection[str] | None = None
) -> tuple[dict[str, Equation], dict[str, Basic]]:
    """The repeated parts by kind, each before its uses, and the results with the names in them;
    `only` some kinds get a name, if that is given."""
    parts = (part for result in results.values() for part in children(result))
    several = repeated(parts, _hopeful(results.values()).__contains__)
    several = several if only is None else several.intersection(only)
    named: dict[str, Equation] = {}
    built: dict[Basic, Basic] = {}
    used = set(taken) | _letters(results.values())
    for result in results.values():
        for node in postorder(result):
            if node in built:
                continue
            new = rebuild(node, tuple(built[part] for part in children(node)))
            if several and _nameable(node) and skeleton(node)[0] in several:
                look, indices = skeleton(node)
                if look not in named:
                    name = _fresh(used)
                    used.add(name)
                    named[look] = Equation(Access(name, *indices), new)
                new = Access(named[look].left.name, *indices)
            built[node] = new
    return named, {key: built[result] for key, result in results.items()}


def _letters(results: Iterable[Basic]) -> set[str]:
    """The names of all indices, summed ones included."""
    return {
        index.name
        for result in results
        for node in postorder(result)
        for index in node.args
        if isinstance(index, Index)
    }


def repeated(nodes: Iterable[Basic], is_counted: Callable[[Basic], bool]) -> set[str]:
    """The kinds among these and their parts that stand in two places, where each kind is looked
    into once."""
    places: Counter[str] = Counter()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if is_counted(node):
            look = skeleton(node)[0]
            places[look] += 1
            if places[look] > 1:
                continue
        stack.extend(children(node))
    return {look for look, count in places.items() if count > 1}


def _hopeful(results: Iterable[Basic]) -> set[Basic]:
    """The parts worth a name that are not told from all others at a glance."""
    counts: Counter[object] = Counter()
    glances: dict[Basic, object] = {}
    for result in results:
        for node in postorder(result):
            for part in children(node):
                if _nameable(part):
                    glances[part] = _glance(part)
                    counts[glances[part]] += 1
    return {part for part, glance in glances.items() if counts[glance] > 1}


def _glance(node: Basic) -> object:
    return type(node), factor_weight(node), mentions(node), len(free_of(node))


def _nameable(node: Basic) -> bool:
    if not isinstance(node, Add | Apply | Sum | Mul) or factor_weight(node) < LEAST:
        return False
    # A part of a contraction alone, such as the body of its Σ, is no use to a reader.
    return not isinstance(node, Mul) or not any(isinstance(part, One) for part in node.args)


def _fresh(taken: Collection[str]) -> str:
    single = next((letter for letter in NAMES if letter not in taken), None)
    if single is not None:
        return single
    return next(f"u{n}" for n in range(1, len(taken) + 2) if f"u{n}" not in taken)
