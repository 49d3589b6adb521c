"""In which order a product of many operands is contracted, two at a time, and in which layouts.

An index is kept as long as the result or an operand outside has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias, cast

from indexcalc.codegen.contractions import timings
from indexcalc.codegen.contractions.contraction import cheapest, layouts_of, ways_of
from indexcalc.codegen.contractions.products import volume
from indexcalc.codegen.contractions.views import Layout
from indexcalc.codegen.operations import Lengths, length
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access

# All orders are counted up to this many operands; above it opt_einsum has one.
MOST_COUNTED = 5
# Its best one is found up to this many operands, and a good one above.
MOST_PROGRAMMED = 12
# The orders with the fewest operations, whose layouts are tried; and how many layouts of a part.
MOST_ORDERS = 4
MOST_LAYOUTS = 3

# An order: an operand by its place, or two orders.
Tree: TypeAlias = "int | tuple[Tree, Tree]"


@dataclass(frozen=True, slots=True)
class Step:
    """The operands taken, by their places among those left, and the layout of the result.

    As in opt_einsum's paths, the result then comes last of those left.
    """

    places: tuple[int, ...]
    left: Layout


@dataclass(frozen=True, slots=True)
class Made:
    """A part of the product in one layout: what it costs in all, and the two it is made of."""

    cost: float
    left: Layout
    tree: Tree
    parts: tuple[Made, ...] = ()


def path(operands: Sequence[Access], left: Access, lengths: Lengths) -> list[Step]:
    """The pairwise contractions of a product, as cheap as found; a single operand is one step."""
    if len(operands) == 1:
        return [Step((0,), left.indices)]
    found = list(dict.fromkeys(index for one in operands for index in one.indices))
    # Indices compare slowly, and are compared often: here they are numbers.
    numbers = {index: cast(Index, place) for place, index in enumerate(found)}
    product = Product(
        [tuple(numbers[index] for index in one.indices) for one in operands],
        tuple(numbers[index] for index in left.indices),
        {numbers[index]: length(index, lengths) for index in found},
    )
    return [
        Step(places, tuple(found[cast(int, one)] for one in layout))
        for places, layout in _steps(product.cheapest(), list(range(len(operands))))
    ]


class Product:
    """A product of operands given by their layouts, and the cheapest ways to make its parts."""

    def __init__(self, layouts: list[Layout], left: Layout, sizes: dict[Index, int]) -> None:
        self.layouts, self.left, self.sizes = layouts, left, sizes
        self._kept: dict[Tree, frozenset[Index]] = {}
        self._made: dict[Tree, list[Made]] = {}

    def cheapest(self) -> Made:
        made = [self.made(tree)[0] for tree in self._orders()]
        return min(made, key=lambda one: one.cost)

    def made(self, tree: Tree) -> list[Made]:
        """This part in its cheapest layouts, the cheapest first."""
        if tree not in self._made:
            self._made[tree] = self._make(tree)
        return self._made[tree]

    def _make(self, tree: Tree) -> list[Made]:
        if isinstance(tree, int):
            return [Made(0.0, self.layouts[tree], tree)]
        best: dict[Layout, Made] = {}
        for first in self.made(tree[0]):
            for second in self.made(tree[1]):
                for left, cost in self._contracted(first.left, second.left, tree):
                    made = Made(first.cost + second.cost + cost, left, tree, (first, second))
                    if left not in best or made.cost < best[left].cost:
                        best[left] = made
        return sorted(best.values(), key=lambda made: made.cost)[:MOST_LAYOUTS]

    def _contracted(self, a: Layout, b: Layout, tree: Tree) -> Iterator[tuple[Layout, float]]:
        operands = (("a", a), ("b", b))
        if len(_members(tree)) == len(self.layouts):
            yield self.left, cheapest(ways_of(operands, self.left, self.sizes)).cost
        else:
            found = layouts_of(operands, self.kept(tree), self.sizes)
            yield from ((left, way.cost) for left, way in found)

    def kept(self, tree: Tree) -> frozenset[Index]:
        """What this part of the product is not yet summed over."""
        if tree not in self._kept:
            members = _members(tree)
            own = {index for place in members for index in self.layouts[place]}
            outside = [layout for at, layout in enumerate(self.layouts) if at not in members]
            rest = {index for layout in (*outside, self.left) for index in layout}
            self._kept[tree] = frozenset(own & rest)
        return self._kept[tree]

    def _orders(self) -> list[Tree]:
        """The few that are cheapest by what is multiplied and moved, whatever the layouts."""
        if len(self.layouts) > MOST_COUNTED:
            return [self._known()]
        trees = _trees(tuple(range(len(self.layouts))))
        return sorted(trees, key=self._counted)[:MOST_ORDERS]

    def _counted(self, tree: Tree) -> float:
        if isinstance(tree, int):
            return 0.0
        a, b = (self.kept(part) for part in tree)
        moved = volume(tuple(a), self.sizes) + volume(tuple(b), self.sizes)
        moved += volume(tuple(self.kept(tree)), self.sizes)
        cost = timings.products(volume(tuple(a | b), self.sizes), moved, 0)
        return cost + self._counted(tree[0]) + self._counted(tree[1])

    def _known(self) -> Tree:
        import opt_einsum

        inputs = [frozenset(layout) for layout in self.layouts]
        lengths = {index: max(size, 1) for index, size in self.sizes.items()}
        waiting: list[Tree] = list(range(len(inputs)))
        few = len(inputs) <= MOST_PROGRAMMED
        find = opt_einsum.paths.dynamic_programming if few else opt_einsum.paths.greedy
        for places in find(inputs, frozenset(self.left), lengths):
            taken = [waiting.pop(place) for place in sorted(places, reverse=True)]
            while len(taken) > 1:
                taken.append((taken.pop(), taken.pop()))
            waiting.append(taken[0])
        return waiting[0]


def _members(tree: Tree) -> frozenset[int]:
    if isinstance(tree, int):
        return frozenset((tree,))
    return _members(tree[0]) | _members(tree[1])


def _trees(places: tuple[int, ...]) -> Iterator[Tree]:
    """Every order in which these can be taken two at a time."""
    first, *rest = places
    if not rest:
        yield first
    for count in range(len(rest)):
        for others in combinations(rest, count):
            for one in _trees((first, *others)):
                for other in _trees(tuple(place for place in rest if place not in others)):
                    yield one, other


def _steps(made: Made, waiting: list[Tree]) -> Iterator[tuple[tuple[int, ...], Layout]]:
    """Every part after those it is made of, and the places of these among those waiting."""
    for part in made.parts:
        yield from _steps(part, waiting)
    if made.parts:
        places = tuple(sorted(waiting.index(part.tree) for part in made.parts))
        for place in reversed(places):
            del waiting[place]
        waiting.append(made.tree)
        yield places, made.left
