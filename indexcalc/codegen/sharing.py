"""Elementwise parts that several operations have, made once."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Basic

from indexcalc.calculus.folding import skeleton
from indexcalc.calculus.sharing import repeated
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
    elementwise = [one for one in operations if isinstance(one, Pointwise)]
    several = repeated((one.value for one in elementwise), _is_worth)
    if not several:
        return list(operations)
    work = _Work(several, namer)
    work.own = {skeleton(one.value)[0]: one for one in elementwise if _is_whole(one)}
    for one in operations:
        work.add(one)
    return work.operations


def _is_whole(one: Pointwise) -> bool:
    """Whether the operation itself is a part that others may have."""
    return _is_worth(one.value) and free_of(one.value) == one.left.free


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
        self.own: dict[str, Operation] = {}
        self.names: dict[str, Access] = {}
        self.operations: list[Operation] = []
        self.done: set[str] = set()

    def add(self, one: Operation) -> None:
        """An operation, unless it was needed earlier."""
        if one.left.name in self.done:
            return
        self.done.add(one.left.name)
        if isinstance(one, Pointwise):
            look = skeleton(one.value)[0] if _is_whole(one) else ""
            value = one.value
            if look in self.names:
                value = self.named(look, value)
            else:
                value = rebuild(value, tuple(map(self.with_names, children(value))))
                if look in self.repeated:
                    self.names[look] = _holes(one.left, one.value)
            one = Pointwise(one.left, value)
        self.operations.append(one)

    def with_names(self, node: Basic) -> Basic:
        """The part, or its name where it is repeated."""
        if not children(node):
            return node
        look = skeleton(node)[0] if _is_worth(node) else ""
        if look not in self.repeated:
            return rebuild(node, tuple(map(self.with_names, children(node))))
        if look not in self.names:
            own = self.own.get(look)
            if own is None:
                name = self.namer.part(name_of(flat(node)))
                own = Pointwise(Access(name, *skeleton(node)[1]), node)
            self.add(own)
        return self.named(look, node)

    def named(self, look: str, node: Basic) -> Access:
        """The name of a part, at the indices that it has here."""
        known = self.names[look]
        indices = skeleton(node)[1]
        return Access(known.name, *(indices[int(hole.name)] for hole in known.indices))


def _holes(left: Access, value: Basic) -> Access:
    """The left side with the places of its indices among those of the part."""
    places = {index: place for place, index in enumerate(skeleton(value)[1])}
    return Access(left.name, *(Index(str(places[i]), i.size) for i in left.indices))
