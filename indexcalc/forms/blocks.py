"""Entries at digits of rows and of columns as one entry: blocks.

A tensor is unfolded along one of its indices, all others being fused into one that is summed. What
then is not connected is a block of a Kronecker product; what is at several digits of one side alone
scales it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from sympy import Basic, Expr

from indexcalc.expr.base import Index
from indexcalc.expr.digits import Digit, DigitDelta, Place, fused, whole_of
from indexcalc.expr.rewrite import Rule, Work
from indexcalc.expr.terms import Term
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import Identity, Matrix
from indexcalc.forms.network import Network, NoFormError
from indexcalc.forms.rules import fusing, pointwise
from indexcalc.forms.rules.letters import entries
from indexcalc.forms.sides import letters_but
from indexcalc.forms.tensors import Tensor, order


class Part(Network):
    """Some of the entries of a term, all others being left as they are."""

    def __init__(
        self, work: Work, place: int, order: Sequence[Place], frozen: Iterable[Entry]
    ) -> None:
        super().__init__(work, place, order, frozenset())
        self.frozen = list(frozen)

    @property
    def entries(self) -> list[tuple[int, Entry]]:
        waiting = list(self.frozen)
        kept = []
        for at, one in super().entries:
            if one in waiting:
                waiting.remove(one)
            else:
                kept.append((at, one))
        return kept

    @property
    def places(self) -> list[Place]:
        """Where its entries are, each once."""
        return list(dict.fromkeys(place for _, one in self.entries for place in one.indices))

    def summed(self) -> list[Index]:
        """Those that it has, but for those of tensors and fused ones of which it has digits."""
        places = self.places
        apart: set[Place] = {place.whole for place in places if isinstance(place, Digit)}
        for _, one in self.entries:
            if isinstance(one.of, Tensor):
                apart.update(one.indices)
        return [one for one in super().summed() if one in places and one not in apart]

    def is_flat(self, vectors: Sequence[Entry]) -> bool:
        """No: u vᵀ would be as large as the Jacobian, which diagonals only scale."""
        return False

    def plain(self) -> None:
        """Sums over indices that two matrices meet in."""
        while self.summed() and (
            self.loop() or self.pair() or self.parallel() or self.eliminated()
        ):
            pass

    def kronecker(self) -> None:
        """Entries at neighbouring digits as one, as long as there are some; a digit that others
        have too stays where it is."""
        while any(
            self.apply(fusing.kronecker_product, at, other)
            for at, one in self.alone()
            for other, two in self.alone()
            if at != other
        ):
            pass

    def alone(self) -> list[tuple[int, Entry]]:
        """Entries at places where no other is."""
        count = Counter(place for _, one in self.entries for place in one.indices)
        return [(at, one) for at, one in self.entries if {count[p] for p in one.indices} == {1}]


class Fusing:
    """One term, its tensors and matrices being entries."""

    def __init__(
        self, work: Work, place: int, order: Sequence[Index], by: str, names: Collection[str]
    ) -> None:
        self.names = names
        self.work = work
        self.place = place
        self.order = tuple(order)
        self.by = by
        # What scales rows, and what columns.
        self.scales: list[Entry] = []
        self.digits: dict[Index, list[Place]] = {index: [] for index in order}

    def reduce(self) -> None:
        self.maps()
        for group in self.groups():
            Part(self.work, self.place, (), self.others(group)).plain()
        self.scaling()
        part = Part(self.work, self.place, self.order, self.scales)
        for digit in self.missing(part.places, self.order):
            part.with_ones(digit)
        for group in self.groups():
            self.tensors(group)
        for group in self.groups():
            self.connected(group)
        self.whole()

    @property
    def term(self) -> Term:
        return self.work.terms[self.place]

    def apply(self, rule: Rule, *given: object) -> bool:
        return self.work.apply(rule, self.place, *given)

    def entries(self) -> list[Entry]:
        return [one for _, one in entries(self.term)]

    def others(self, some: Iterable[Entry]) -> list[Entry]:
        """All entries but these."""
        waiting, kept = list(some), []
        for one in self.entries():
            if one in waiting:
                waiting.remove(one)
            else:
                kept.append(one)
        return kept

    def groups(self) -> list[list[Entry]]:
        """Entries that are connected by their places, what only scales being left out."""
        groups: list[list[Entry]] = []
        for one in self.others(self.scales):
            if not one.indices:
                continue
            meeting = [g for g in groups if any(self.meet(one, other) for other in g)]
            groups = [g for g in groups if g not in meeting]
            groups.append([*(other for g in meeting for other in g), one])
        return groups

    def meet(self, one: Entry, other: Entry) -> bool:
        """In a place, or in an index that is summed."""
        if not set(one.indices).isdisjoint(other.indices):
            return True
        wholes = set(map(whole_of, one.indices)) & set(map(whole_of, other.indices))
        return not wholes.isdisjoint(self.term.bound)

    def at(self, side: int, group: Iterable[Entry]) -> list[Place]:
        """The places of rows, or of columns, in a group."""
        if side >= len(self.order):
            return []
        found = dict.fromkeys(place for one in group for place in one.indices)
        return [place for place in found if whole_of(place) == self.order[side]]

    def maps(self) -> None:
        """Digits for the indices of rows and columns."""
        for one in self.term.factors:
            if isinstance(one, DigitDelta):
                self.digits[one.digit.whole].append(one.digit)
        self.apply(fusing.index_maps)
        for factor in self.term.factors:
            if not isinstance(factor, Entry | Expr | DigitDelta):
                at = self.term.factors.index(factor)
                if not self.apply(pointwise.entry_by_entry, at, self.by):
                    raise NoFormError(factor, " has indices that are not fused next to each other")

    def missing(self, places: Collection[Place], sides: Iterable[Index]) -> list[Place]:
        return [digit for side in sides for digit in self.digits[side] if digit not in places]

    # What scales

    def scaling(self) -> None:
        """Entries at two digits or more, all of rows or all of columns, in a group of both."""
        found: list[set[Place]] = []
        for group in self.groups():
            sides = [self.at(side, group) for side in (0, 1)]
            if all(sides) and max(map(len, sides)) > 1:
                for one in group:
                    self.aside(one, sides)
                found += map(set, sides)
        self.scales = [
            one
            for one in self.entries()
            if len(one.indices) > 1 and any(side.issuperset(one.indices) for side in found)
        ]

    def aside(self, one: Entry, sides: Sequence[Sequence[Place]]) -> None:
        """An entry at places of both sides, at those of one, as far as a delta allows it."""
        if isinstance(one.of, Identity) or len(one.indices) < 2:
            return
        deltas = [other.indices for other in self.entries() if isinstance(other.of, Identity)]
        pairs: dict[Place, Place] = {}
        for first, second in deltas:
            pairs |= {first: second, second: first}
        for side, opposite in (sides, sides[::-1]):
            own = [place for place in one.indices if place in side and place in pairs]
            known = {place: pairs[place] for place in own}
            moved = [known.get(place, place) for place in one.indices]
            if known and set(moved) <= set(opposite):
                self.apply(fusing.index_of_a_delta, self.term.factors.index(one), known)
                return

    # Tensors

    def tensors(self, group: Sequence[Entry]) -> None:
        """Each tensor of a group as a matrix or a vector."""
        for one in group:
            if isinstance(one.of, Tensor):
                # It may have other places by now.
                now = next(other for other in self.entries() if other.of == one.of)
                self.unfolded(now, group)

    def unfolded(self, one: Entry, group: Sequence[Entry]) -> None:
        if self.flat(one):
            return
        axis = self.anchor(one, group)
        axes = order(len(one.indices), axis or 0)
        inner = axes if axis is None else axes[1:]
        whole = fusing.all_joined([one.indices[other] for other in inner], self.by)
        if whole is None:
            one = self.own_letters(one, inner)
            letters = [one.indices[other] for other in inner]
            sizes = [letter.size for letter in letters]
            whole = fused(self.fresh("u"), sizes)
            self.need(self.apply(fusing.sum_over_pairs, letters, whole, self.by), one)
        at = self.find(one.of, whole)
        rule = fusing.vec if axis is None else fusing.unfolding
        given = (self.by,) if axis is None else (axis, self.by)
        self.need(self.apply(rule, at, *given), one)

    def flat(self, one: Entry) -> bool:
        """Whether all its places are digits of one index, and it is vec of it."""
        at = self.term.factors.index(one)
        return any(self.apply(fusing.vec, at, self.by, axis) for axis in range(len(one.indices)))

    def find(self, of: Matrix | Tensor, whole: Place) -> int:
        """The factor that is a component of a tensor at digits of this index."""
        return next(
            at
            for at, one in entries(self.term)
            if one.of == of and whole_of(whole) in map(whole_of, one.indices)
        )

    def own_letters(self, one: Entry, inner: Iterable[int]) -> Entry:
        """The tensor at summed letters that no other tensor has."""
        for axis in inner:
            place = one.indices[axis]
            tensors = [other for other in self.entries() if isinstance(other.of, Tensor)]
            shared = sum(place in other.indices for other in tensors) > 1
            same = all(set(other.indices) & set(one.indices) != {place} for other in tensors)
            if place in self.term.bound and not (shared and not same):
                continue
            letter = Index(self.fresh("k"), place.size)
            at = self.term.factors.index(one)
            self.need(self.apply(fusing.identity_insertion, at, axis, letter), one)
            places = [letter if other == axis else p for other, p in enumerate(one.indices)]
            one = Entry(one.of, *places)
        return one

    def fresh(self, stem: str) -> str:
        (name,) = letters_but(stem, *self.term.open, *self.term.bound, *self.order, *self.names)
        return name

    def anchor(self, one: Entry, group: Sequence[Entry]) -> int | None:
        """The axis of an unfolding: that of the only row of its group, or of the only column, or
        of what is connected to it by matrices."""
        for side in (0, 1):
            ends = self.at(side, group)
            if len(ends) == 1:
                reached = self.reached(ends[0])
                found = [axis for axis, place in enumerate(one.indices) if place in reached]
                if len(found) == 1:
                    return found[0]
        return None

    def reached(self, start: Place) -> set[Place]:
        """The places that matrices lead to."""
        known = {start}
        edges = [set(e.indices) for e in self.others(self.scales) if not isinstance(e.of, Tensor)]
        while any(edge & known and not edge <= known for edge in edges):
            for edge in edges:
                if edge & known:
                    known |= edge
        return known

    # What is connected

    def connected(self, group: Sequence[Entry]) -> None:
        """A group as one entry."""
        part = Part(self.work, self.place, (), self.others(group))
        part.plain()
        part.kronecker()
        ends = [self.at(side, self.others(part.frozen)) for side in (0, 1)]
        part.order = tuple(place for places in ends for place in places)
        if len(part.order) > 2 or (all(ends) and max(map(len, ends)) > 1):
            raise NoFormError("the indices of ", *_told(group), " are not apart")
        part.reduce()
        for one in self.others(part.frozen):
            if max(map(len, ends)) > 1 and len(one.indices) > 1:
                self.need(self.flat(one), one)

    def whole(self) -> None:
        """Blocks as a Kronecker product, and what scales it as vectors."""
        vectors: list[Entry] = []
        for scale in self.scales:
            part = Part(self.work, self.place, (), self.others([scale]))
            (side,) = {whole_of(place) for place in scale.indices}
            for digit in self.missing(scale.indices, (side,)):
                part.with_ones(digit)
            self.need(self.flat(scale), scale)
            part.kronecker()
            vectors += self.others(part.frozen)
        part = Part(self.work, self.place, self.order, vectors)
        part.kronecker()
        if not set(part.places) <= set(self.order):
            raise NoFormError("its blocks have another order in its rows than in its columns")
        Part(self.work, self.place, self.order, ()).reduce()

    def need(self, done: bool, one: Entry) -> None:
        if not done:
            raise NoFormError(one, " has indices that are not fused next to each other")


def _told(group: Iterable[Entry]) -> Iterable[str | Basic]:
    for place, one in enumerate(group):
        yield from (" and ", one) if place else (one,)
