"""An exponential computed where it cannot overflow: e^a as e^(a - m), m the largest exponent.

Nothing changes where e^m drops out again: in a ratio of sums, or where log adds it back. How a
value grows with e^m is followed through all operations up to there. Sums over different axes need
different largest exponents, so that each has an exponential of its own; where one value would need
two of them, the exponential stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Basic, Expr, Integer, Rational

from indexcalc.codegen.operations import Contraction, Operation, Pointwise, Reduction, Spread
from indexcalc.codegen.part_names import Namer, name_of
from indexcalc.expr.base import MINUS_ONE, ZERO, Index, children, postorder, rebuild
from indexcalc.expr.broadcast import completed
from indexcalc.expr.nodes import Access, Add, Apply, Mul, Pow
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import flat

# Axes of the exponential, by their places in it.
Places = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """How a value grows when all exponents grow by m: by e^(degree m). m is over those axes of the
    exponential that the value still has: their places, and the letters that they have here."""

    degree: Expr
    axes: tuple[tuple[int, Index], ...]

    @property
    def places(self) -> Places:
        return tuple(place for place, _ in self.axes)


STILL = Growth(ZERO, ())


@dataclass(frozen=True, slots=True)
class Shifted:
    """Operations with a shifted exponential, the names of the largest exponents, and which
    equations became which."""

    operations: list[Operation]
    largest: list[str]
    changes: list[tuple[Equation, Equation]]


def shifted(
    operations: Sequence[Operation], source: Operation, kept: Collection[str], namer: Namer
) -> Shifted | None:
    """The operations with an exponential by its ratios to the largest; None where the source is no
    exponential, nothing sums it, or what is `kept` depends on more than its ratios."""
    if not isinstance(source, Pointwise) or not isinstance(source.value, Apply):
        return None
    if source.value.name != "exp" or set(in_order(source.value)) != source.left.free:
        return None
    growing = _Growing(source.left)
    if not all(map(growing.follow, operations)) or not growing.known.keys().isdisjoint(kept):
        return None
    if all(places == growing.all for places in growing.ways):
        return None
    return _Copies(growing, operations, source, namer).made()


class _Growing:
    """What grows with an exponential, and the nodes where that ends: in each operation, a ratio or
    a log, with the growth of what is inside."""

    def __init__(self, source: Access) -> None:
        axes = tuple(enumerate(source.indices))
        self.all: Places = tuple(range(len(axes)))
        self.known = {source.name: (Growth(Integer(1), axes), source.indices)}
        self.ends: dict[str, dict[Basic, Growth]] = {}

    @property
    def ways(self) -> list[Places]:
        """The axes over which there is a largest exponent, in order of their first use."""
        found = (end.places for ends in self.ends.values() for end in ends.values())
        return list(dict.fromkeys(found))

    def of(self, access: Access) -> Growth:
        if access.name not in self.known:
            return STILL
        growth, letters = self.known[access.name]
        here = dict(zip(letters, access.indices, strict=True))
        return Growth(growth.degree, tuple((place, here[i]) for place, i in growth.axes))

    def follow(self, one: Operation) -> bool:
        """Note how a result grows. False where it does so in no such way."""
        left = one.left
        if left.name in self.known:
            return True
        self.ends[left.name] = {}
        found = self.growth(one)
        if found is None:
            return False
        if found != STILL:
            axes = tuple((place, index) for place, index in found.axes if index in left.free)
            self.known[left.name] = (Growth(found.degree, axes), left.indices)
        return True

    def growth(self, one: Operation) -> Growth | None:
        if isinstance(one, Pointwise):
            return self.of_value(one)
        operands = one.operands if isinstance(one, Contraction) else (one.operand,)
        inner = [growth for growth in map(self.of, operands) if growth != STILL]
        if not inner:
            return STILL
        if isinstance(one, Reduction):
            return inner[0] if one.kind == "max" and inner[0].degree.is_positive else None
        return self.ended(one, one.right, _product(inner))

    def ended(self, one: Operation, node: Basic, found: Growth | None) -> Growth | None:
        """The growth of a node with parts that grow; where it grows no more, with a note."""
        if found is None or found.degree:
            return found
        self.ends[one.left.name][node] = found
        return STILL

    def of_value(self, one: Pointwise) -> Growth | None:
        growths: dict[Basic, Growth] = {}
        for node in postorder(one.value):
            inner = [growths[part] for part in children(node)]
            found: Growth | None = STILL
            if isinstance(node, Access):
                found = self.of(node)
            elif isinstance(node, Apply) and node.name == "log" and inner[0] != STILL:
                self.ends[one.left.name][node] = inner[0]
            elif any(growth != STILL for growth in inner):
                found = self.ended(one, node, _growth(node, inner))
            if found is None:
                return None
            growths[node] = found
        return growths[one.value]


def _growth(node: Basic, inner: Sequence[Growth]) -> Growth | None:
    """The growth of a node by that of its parts, some of which grow."""
    if isinstance(node, Mul):
        return _product(inner)
    if isinstance(node, Add):
        joint = _joint(inner)
        alike = len({growth.degree for growth in inner}) == 1
        return Growth(inner[0].degree, joint) if alike and joint is not None else None
    if isinstance(node, Pow) and isinstance(node.exponent, Expr):
        return Growth(inner[0].degree * node.exponent, inner[0].axes)
    if isinstance(node, Apply) and node.name == "sqrt":
        return Growth(inner[0].degree * Rational(1, 2), inner[0].axes)
    if isinstance(node, Apply) and node.name in ("abs", "relu"):
        return inner[0]
    return None


def _product(growths: Iterable[Growth]) -> Growth | None:
    """That of a product. A ratio may have what is over more axes above, where it comes to 0 if it
    is that small, but neither below, nor in a product that a log may come to."""
    growing = [growth for growth in growths if growth != STILL]
    axes = _joint(growing)
    if axes is None:
        return None
    degree = sum((growth.degree for growth in growing), ZERO)
    unlike = [growth for growth in growing if growth.axes != axes]
    if unlike and (degree or not all(growth.degree.is_positive for growth in unlike)):
        return None
    return Growth(degree, axes)


def _joint(growths: Sequence[Growth]) -> tuple[tuple[int, Index], ...] | None:
    """The axes that all have, if one of them has no others."""
    least = min((growth.axes for growth in growths), key=len, default=())
    return least if all(set(least) <= set(growth.axes) for growth in growths) else None


class _Copies:
    """The operations, with what grows once for each largest exponent that it is read with."""

    def __init__(
        self, growing: _Growing, operations: Sequence[Operation], source: Pointwise, namer: Namer
    ) -> None:
        self.growing = growing
        self.operations = operations
        self.source = source
        self.namer = namer
        # The names of each thing that grows, by the axes of the largest exponent.
        self.names = self.named()
        self.tops: dict[Places, Access] = {}
        self.changes: list[tuple[Equation, Equation]] = []

    def named(self) -> dict[str, dict[Places, str]]:
        """The first copy of each keeps its name."""
        needed: dict[str, set[Places]] = {}
        for one in reversed(self.operations):
            grows = one.left.name in self.growing.known
            for own in needed.get(one.left.name, ()) if grows else [None]:
                for name, places in self.uses(one, own):
                    needed.setdefault(name, set()).add(places)
        names: dict[str, dict[Places, str]] = {}
        for name in self.growing.known:
            ways = [places for places in self.growing.ways if places in needed.get(name, ())]
            names[name] = {
                places: self.namer.fresh(name) if nth else name for nth, places in enumerate(ways)
            }
        return names

    def uses(self, one: Operation, own: Places | None) -> Iterator[tuple[str, Places]]:
        """What grows in an operation, and the axes of the largest exponent that it is read with."""
        ends = self.growing.ends.get(one.left.name, {})
        waiting = [(one.right, own)]
        while waiting:
            node, places = waiting.pop()
            if node in ends:
                places = ends[node].places
            if isinstance(node, Access) and node.name in self.growing.known:
                assert places is not None
                yield node.name, places
            waiting += [(part, places) for part in children(node)]

    def made(self) -> Shifted:
        made = self.exponentials()
        found: list[Operation] = []
        for one in self.operations:
            name = one.left.name
            if name == self.source.left.name:
                found += made
            elif name in self.growing.known:
                for places, own in self.names[name].items():
                    found.append(self.written(one, Access(own, *one.left.indices), places))
            else:
                found.append(self.written(one, one.left, None))
        return Shifted(found, [top.name for top in self.tops.values()], self.changes)

    def exponentials(self) -> list[Operation]:
        """e^(a - m) for each m that is needed, after that."""
        left, value = self.source.left, self.source.value
        assert isinstance(value, Apply)
        (argument,) = value.arguments
        made: list[Operation] = []
        called = f"max_{name_of(flat(argument))}"
        for places, name in self.names[left.name].items():
            own = Access(name, *left.indices)
            if places == self.growing.all:
                made.append(Pointwise(own, value))
                continue
            top = Access(self.namer.part(called), *(left.indices[place] for place in places))
            if not isinstance(argument, Access):
                access = Access(self.namer.part(name_of(flat(argument))), *in_order(argument))
                made.append(Pointwise(access, argument))
                argument = access
            self.tops[places] = top
            difference = Add(argument, completed(Mul(MINUS_ONE, top), in_order(argument)))
            one = Pointwise(own, Apply("exp", difference))
            made += [Reduction(top, "max", argument), one]
            self.changes.append((Equation(own, value), Equation(own, one.value)))
        return made

    def written(self, one: Operation, left: Access, own: Places | None) -> Operation:
        """An operation that reads the copies; a log has the largest exponent added."""
        if own is None and not self.growing.ends.get(left.name):
            return one
        if isinstance(one, Pointwise):
            value, has_log = self.value(one.value, self.growing.ends[one.left.name], own)
            if has_log:
                self.changes.append((Equation(left, one.value), Equation(left, value)))
            return Pointwise(left, value)
        end = self.growing.ends[one.left.name].get(one.right)
        places = own if end is None else end.places
        if isinstance(one, Contraction):
            operands = tuple(self.copy(operand, places) for operand in one.operands)
            return Contraction(left, one.factor, operands)
        if isinstance(one, Reduction):
            return Reduction(left, one.kind, self.copy(one.operand, places))
        return Spread(left, self.copy(one.operand, places), one.pairs)

    def value(
        self, node: Basic, ends: Mapping[Basic, Growth], own: Places | None
    ) -> tuple[Basic, bool]:
        """A value in terms of the copies, and whether a log has something added."""
        end = ends.get(node)
        own = own if end is None else end.places
        if isinstance(node, Access):
            return self.copy(node, own), False
        parts = [self.value(part, ends, own) for part in children(node)]
        new = rebuild(node, tuple(part for part, _ in parts))
        if end is None or not end.degree or end.places not in self.tops:
            return new, any(has_log for _, has_log in parts)
        moved = Access(self.tops[end.places].name, *(index for _, index in end.axes))
        added = (new, moved if end.degree == 1 else Mul(end.degree, moved))
        return Add(*(completed(part, in_order(node)) for part in added)), True

    def copy(self, access: Access, places: Places | None) -> Access:
        if access.name not in self.growing.known:
            return access
        assert places is not None
        return Access(self.names[access.name][places], *access.indices)


def in_order(expr: Basic) -> tuple[Index, ...]:
    """The free indices in order of appearance."""
    found = (i for node in postorder(expr) if isinstance(node, Access) for i in node.indices)
    return tuple(dict.fromkeys(found))
