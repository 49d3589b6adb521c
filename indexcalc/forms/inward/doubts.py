"""Columns by convention alone that may be meant as scalars.

In l = x'*x + c the name c is a column as every small letter is, and l with it; but c may well be
meant as a scalar. It is refused where it stands entry by entry beside a scalar that is computed of
vectors, unless something else says that it is a vector: its transpose, its sum, its norm, a product
with a vector, or a matrix that has its length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from indexcalc.forms.inward.faults import column_or_scalar, said
from indexcalc.forms.inward.functions import RULES
from indexcalc.forms.inward.syntax import Called, Node, Pair, Raised, Shape, Turned, Word
from indexcalc.lang.sizes import Axis


class _Made(NamedTuple):
    """The first names, two at most, that give a node its shape, and whether it is a scalar that is
    computed of vectors."""

    names: tuple[str, ...]
    computed: bool


class Doubts:
    """Where a vector makes a computed scalar longer, and what is surely a vector."""

    def __init__(self) -> None:
        self.made: dict[Node, _Made] = {}
        self.defined: dict[str, _Made] = {}
        self.vectors = {"ones"}
        self.together: list[Axis] = []  # of vectors that several names are part of
        self.longer: list[Node] = []

    def see(self, node: Node) -> None:
        """A node with its shape, after its parts."""
        parts = [part for part in node.parts if part in self.made]
        long = [part for part in parts if not part.is_scalar]
        if isinstance(node, Word):
            self.made[node] = self.defined.get(node.name, _Made((node.name,), computed=False))
        else:
            names = dict.fromkeys(self.names(*(long or parts)))
            computed = bool(long) or any(self.made[part].computed for part in parts)
            self.made[node] = _Made(tuple(names)[:2], node.is_scalar and computed)
        if _says_long(node):
            for part in long:
                self.sure(part)
        elif _is_entrywise(node) and any(self.made[part].computed for part in parts):
            self.longer += [part for part in long if said(part.shape) != "a matrix"]

    def names(self, *nodes: Node) -> Iterator[str]:
        """The first names that give nodes their shapes."""
        return (name for node in nodes if node in self.made for name in self.made[node].names)

    def sure(self, node: Node) -> None:
        names = self.made[node].names
        if len(names) == 1:
            self.vectors.add(names[0])
        else:
            self.together += [axis for axis in node.shape if axis]

    def define(self, name: str, root: Node) -> None:
        self.defined.setdefault(name, self.made[root])

    def refuse(self, known: Mapping[str, Shape]) -> None:
        """Refuse what nothing says to be a vector."""
        shapes = [shape for name, shape in known.items() if name not in self.defined]
        wide = {axis.root for shape in shapes if all(shape) for axis in shape if axis}
        own = [axis for name in self.vectors for axis in known.get(name, ()) if axis]
        vectors = wide | {axis.root for axis in (*own, *self.together)}
        for node in self.longer:
            names = self.made[node].names
            alone = len(names) == 1
            roots = {axis.root for axis in node.shape if axis}
            if roots & (wide if alone else vectors) or (alone and names[0] in self.vectors):
                continue
            raise column_or_scalar(names[0], node.span)


def _says_long(node: Node) -> bool:
    """Whether no part of it would stand there as a scalar."""
    match node:
        case Turned():
            return True
        case Pair(operator=":"):
            return True
        case Pair(chains=True):
            return node.left.shape[1] is not None
        case Called():
            return node.name in RULES
    return False


def _is_entrywise(node: Node) -> bool:
    match node:
        case Pair():
            return not node.chains
        case Raised():
            return not node.times
        case Called():
            return True
    return False
