"""Elementwise parts that several operations have, made once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sympy import Basic

from indexcalc.calculus.folding import skeleton
from indexcalc.codegen.costs import entry
from indexcalc.codegen.operations import Operation, Pointwise
from indexcalc.codegen.part_names import Namer, name_of
from indexcalc.expr.base import Index, children, free_of, rebuild
from indexcalc.expr.nodes import Access, Add, Apply, Mul, Pow
from indexcalc.expr.terms import flat

# What takes fewer arithmetic steps an entry is computed as fast as it is read again.
LEAST = 2.0


def shared(operations: Sequence[Operation], namer: Namer) -> list[Operation]:
    """The operations, each repeated part before its first use."""
    repeated = _repeated(one.value for one in operations if isinstance(one, Pointwise))
    if not repeated:
        return list(operations)
    work = _Work(repeated, namer)
    for one in operations:
        if isinstance(one, Pointwise):
            one = Pointwise(one.left, work.with_names(one.value))
        work.operations.append(one)
    return work.operations


def _repeated(values: Iterable[Basic]) -> set[str]:
    """The kinds that stand in two places, where each kind is looked into once."""
    places: Counter[str] = Counter()
    seen: set[str] = set()
    stack = list(values)
    while stack:
        node = stack.pop()
        if _is_worth(node):
            look = skeleton(node)[0]
            places[look] += 1
            if look in seen:
                continue
            seen.add(look)
        stack.extend(children(node))
    return {look for look, count in places.items() if count > 1}


def _is_worth(node: Basic) -> bool:
    """Whether a part is over many entries, and takes some work; one with a one-tensor is as large
    as it is because of what it stands in."""
    if not isinstance(node, Add | Apply | Mul | Pow) or not free_of(node):
        return False
    return entry(node) >= LEAST and skeleton(node)[1] == tuple(_shown(node))


def _shown(node: Basic) -> dict[Index, None]:
    """The indices that tensors in it have, in order of appearance."""
    if isinstance(node, Access):
        return dict.fromkeys(node.indices)
    found: dict[Index, None] = {}
    for part in children(node):
        found.update(_shown(part))
    return found


class _Work:
    def __init__(self, repeated: set[str], namer: Namer) -> None:
        self.repeated = repeated
        self.namer = namer
        self.names: dict[str, str] = {}
        self.operations: list[Operation] = []

    def with_names(self, node: Basic) -> Basic:
        """The part, or its name where it is repeated; the whole right side has one already."""
        if not children(node):
            return node
        look = skeleton(node)[0] if _is_worth(node) else ""
        if look not in self.repeated:
            return rebuild(node, tuple(map(self.with_names, children(node))))
        indices = skeleton(node)[1]
        if look not in self.names:
            inner = rebuild(node, tuple(map(self.with_names, children(node))))
            self.names[look] = self.namer.part(name_of(flat(node)))
            self.operations.append(Pointwise(Access(self.names[look], *indices), inner))
        return Access(self.names[look], *indices)
