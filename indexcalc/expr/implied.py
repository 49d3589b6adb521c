"""Which Σ need not be written: those that the reading rules would put back, just there."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Basic, Expr

from indexcalc.expr.base import (
    ONE,
    Index,
    Node,
    children,
    free_of,
    postorder,
)
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
from indexcalc.expr.visible import (
    NOTHING_SHOWN,
    OPEN,
    SUMS,
    Shown,
    clashes,
    of_parts,
    of_tensor,
    of_terms,
    without,
)


def implied_sums(expr: Basic, *, inside_products: bool = False, ones: bool = True) -> set[int]:
    """The ids of the sums that may go unwritten.

    A sum that is a factor of a product has to be written, so that the same tree is read again;
    with `inside_products` the same value is enough. Without `ones` a number in a sum is written
    without its one-tensor, and shows no index.
    """
    nodes = list(postorder(expr))
    parents = _parents(nodes)
    names = _names(nodes)
    shown: dict[int, Shown] = {}
    implied: set[int] = set()
    for node in nodes:
        if (
            isinstance(node, Sum)
            and _placed(node, parents, inside_products)
            and _read_back(node, shown, ordered=not inside_products)
            and _unseen_outside(node, parents, names)
        ):
            implied.add(id(node))
        shown[id(node)] = _shown(node, shown, implied, ones=ones)
    return implied


def seems_summed(expr: Basic) -> list[Index]:
    """The free indices that a part would sum, were they not free."""
    implied = implied_sums(expr, inside_products=True, ones=False)
    shown: dict[int, Shown] = {}
    summed: set[str] = set()
    for node in postorder(expr):
        shown[id(node)] = _shown(node, shown, implied, ones=False)
        summed |= {name for name, state in shown[id(node)].items() if state is not OPEN}
    found = (index for index in free_of(expr) if index.name in summed)
    return sorted(found, key=lambda index: index.name)


def broadcast_number(term: Basic) -> Basic | None:
    """The number of number·1_i; such a term may be written without its one-tensor."""
    if isinstance(term, One):
        return ONE
    if isinstance(term, Mul) and len(term.args) == 2:
        number, one = term.args
        if isinstance(number, Expr) and isinstance(one, One):
            return number
    return None


def _parents(nodes: Iterable[Basic]) -> dict[int, list[Basic]]:
    parents: dict[int, list[Basic]] = {}
    for node in nodes:
        for part in children(node):
            parents.setdefault(id(part), []).append(node)
    return parents


def _names(nodes: Iterable[Basic]) -> dict[int, frozenset[str]]:
    """Every index name in a subtree, free or bound."""
    names: dict[int, frozenset[str]] = {}
    for node in nodes:
        own = frozenset(index.name for index in free_of(node))
        inner = [names[id(part)] for part in children(node)]
        names[id(node)] = own.union(*inner) if inner else own
    return names


def _placed(node: Sum, parents: dict[int, list[Basic]], inside_products: bool) -> bool:
    """It stands where a product may stand: as a term, an argument, a base, a body, ..."""
    allowed: tuple[type, ...] = (Add, Apply, Pow, Binder, D)
    if inside_products and not isinstance(node.body, Add):
        allowed = (*allowed, Mul)
    return all(isinstance(parent, allowed) for parent in parents.get(id(node), []))


def _read_back(node: Sum, shown: dict[int, Shown], *, ordered: bool) -> bool:
    """Rules 2 and 3 would sum just these letters over this body, in this order where it counts."""
    body = node.body
    parts = list(body.args) if isinstance(body, Mul) else [body]
    shows = [shown[id(part)] for part in parts]
    letters = [index.name for index in node.indices]
    holders: dict[str, list[Basic]] = {letter: [] for letter in letters}
    order = [letter for letter in of_parts(shows) if letter in holders]
    if order != letters and (ordered or sorted(order) != sorted(letters)):
        return False
    for part, show in zip(parts, shows, strict=True):
        for letter in show.keys() & holders.keys():
            holders[letter].append(part)
    return all(_meets(letter, found, shown) for letter, found in holders.items())


def _meets(letter: str, holders: list[Basic], shown: dict[int, Shown]) -> bool:
    """In two of the parts, or twice in the one that has it."""
    if len(holders) == 1 and isinstance(holders[0], Pow | Apply):
        holders = list(children(holders[0]))
    elif len(holders) == 1:
        lone = isinstance(holders[0], Access | One | Delta | Spelled)
        return lone and shown[id(holders[0])][letter] is SUMS
    shows = [shown[id(holder)] for holder in holders]
    states = [show[letter] for show in shows if letter in show]
    return len(states) > 1 and not clashes(states)


def _unseen_outside(
    node: Sum, parents: dict[int, list[Basic]], names: dict[int, frozenset[str]]
) -> bool:
    """In every product around it, no other factor has one of its letters."""
    letters = {index.name for index in node.indices}
    waiting: list[Basic] = [node]
    seen: set[int] = set()
    while waiting:
        for parent in parents.get(id(waiting.pop()), []):
            if id(parent) in seen:
                continue
            seen.add(id(parent))
            waiting.append(parent)
            if isinstance(parent, Mul | Pow | Apply):
                met: set[str] = set()
                for part in children(parent):
                    if not met.isdisjoint(names[id(part)]):
                        return False
                    met |= letters & names[id(part)]
    return True


def _shown(node: Basic, shown: dict[int, Shown], implied: set[int], *, ones: bool) -> Shown:
    """What the printed node shows; a letter summed without Σ stays visible."""
    if isinstance(node, Access | One | Delta):
        return of_tensor(index.name for index in node.indices)
    if isinstance(node, Spelled):
        return of_tensor(index.name for index in node.shown)
    if not isinstance(node, Node):
        return NOTHING_SHOWN
    written = children(node)
    if isinstance(node, Add) and not ones:
        written = tuple(part for part in written if broadcast_number(part) is None)
    parts = [shown[id(part)] for part in written]
    if isinstance(node, Add):
        return of_terms(parts)
    if isinstance(node, Binder) and id(node) not in implied:
        return without(parts[0], (index.name for index in node.indices))
    return of_parts(parts)
