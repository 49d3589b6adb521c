"""A product of entries made one entry: summed indices go one after the other, then rows and columns
are put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sympy import Basic

from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import Index
from indexcalc.expr.digits import Place, whole_of
from indexcalc.expr.printing import spell
from indexcalc.expr.rewrite import Rule, Work
from indexcalc.expr.terms import Term
from indexcalc.forms import algebra
from indexcalc.forms.entries import Entry
from indexcalc.forms.matrices import Ones
from indexcalc.forms.rules import products, single, totals
from indexcalc.forms.rules.letters import entries
from indexcalc.forms.weighing import weight


class NoFormError(IndexcalcError):
    """Why an expression is not one in matrix notation: words, and expressions among them."""

    def __init__(self, *why: str | Basic) -> None:
        super().__init__("IC702", told(why), hint="its formula with indices has one")
        self.why = why


def told(why: Iterable[str | Basic]) -> str:
    """Words and expressions as one line."""
    return "".join(one if isinstance(one, str) else spell(one, "unicode") for one in why)


class Network:
    """The entries of one term: vectors at an index, matrices between two. `order` are the rows and
    columns of what is to come of it, `many` the indices that no matrix has."""

    def __init__(
        self, work: Work, place: int, order: Sequence[Place], many: frozenset[Index]
    ) -> None:
        self.work = work
        self.place = place
        self.order = tuple(order)
        self.many = many

    def reduce(self) -> None:
        """Until one entry is left."""
        while self.summed():
            if not (self.loop() or self.pair() or self.parallel() or self.eliminated()):
                self.refuse()
        while self.loop() or self.parallel():
            pass
        for place, _ in self.entries:
            self.apply(totals.squares, place)
        self.assemble()
        self.work.apply(single.scalar_multiplication, self.place)
        if self.term.bound:
            self.apply(single.over)

    @property
    def term(self) -> Term:
        return self.work.terms[self.place]

    @property
    def entries(self) -> list[tuple[int, Entry]]:
        return entries(self.term)

    def apply(self, rule: Rule, *given: object) -> bool:
        return self.work.apply(rule, self.place, *given)

    def summed(self) -> list[Index]:
        return [index for index in self.term.bound if index not in self.many]

    def at(self, index: Index) -> list[tuple[int, Entry]]:
        return [(place, one) for place, one in self.entries if index in one.indices]

    def edges(self, index: Index) -> list[tuple[int, Entry]]:
        return [(place, one) for place, one in self.at(index) if len(one.indices) == 2]

    # What is summed

    def loop(self) -> bool:
        """[A]_ii"""
        for place, one in self.entries:
            if len(one.indices) == 2 and len(set(one.indices)) == 1:
                index = one.indices[0]
                if index in self.term.bound and len(self.at(index)) == 1:
                    return self.apply(totals.trace, index)
                return self.apply(single.diagonal, place)
        return False

    def pair(self) -> bool:
        """[A]_ij [B]_ij with both summed, and nothing else at them; [A]_ij [B]_ji is a trace where
        that is lighter."""
        summed = self.summed()
        for _, one in self.entries:
            ends = set(one.indices)
            if len(ends) < 2 or not ends <= set(summed):
                continue
            held = {at: other for at, other in self.entries if ends & set(other.indices)}
            if len(held) < 2 or any(set(other.indices) != ends for other in held.values()):
                continue
            if len(held) == 2 and self.is_trace([*held.values()]):
                return False
            for at, other in held.items():
                if other.indices != one.indices:
                    self.apply(single.transpose, at)
            return self.apply(totals.frobenius_product, one.indices)
        return False

    def is_trace(self, pair: Sequence[Entry]) -> bool:
        """Whether tr(A B) is lighter than A : Bᵀ."""
        first, second = (one.matrix for one in pair)
        if pair[0].indices == pair[1].indices:
            second = algebra.transposed(second)
        inner = algebra.inner(first, algebra.transposed(second))
        chain = algebra.trace(algebra.product(first, second))
        return first != algebra.transposed(second) and weight(chain) < weight(inner)

    def parallel(self) -> bool:
        """[A]_ij [B]_ij, unless they are all that the index has that is between them, and a
        product is what they make."""
        groups = Counter(frozenset(one.indices) for _, one in self.entries if one.indices)
        for ends, count in groups.items():
            if count < 2 or (ends <= set(self.summed()) and self.closing(ends)):
                continue
            same = [(at, one) for at, one in self.entries if frozenset(one.indices) == ends]
            order = self.placed(ends, same[0][1])
            for at, one in same:
                if one.indices != order:
                    self.apply(single.transpose, at)
            is_dot = len(ends) == 1 and ends <= set(self.summed())
            alone = is_dot and len(self.at(order[0])) == count
            return self.apply(products.hadamard_product, order, alone)
        return False

    def closing(self, ends: frozenset[Index]) -> bool:
        """Whether two are all that is left at summed indices: a trace, or uᵀ v."""
        held = {at: one for index in ends for at, one in self.at(index)}
        return len(held) == 2 and all(frozenset(one.indices) == ends for one in held.values())

    def placed(self, ends: frozenset[Index], first: Entry) -> tuple[Index, ...]:
        """Rows before columns, else as the first has them."""
        if len(ends) == 2 and self.order[:1] and self.order[0] in ends:
            (other,) = ends - {self.order[0]}
            return (self.order[0], other)
        if len(ends) == 2 and len(self.order) == 2 and self.order[1] in ends:
            (other,) = ends - {self.order[1]}
            return (other, self.order[1])
        return first.indices

    def eliminated(self) -> bool:
        """The summed index that the fewest matrices have."""
        ways = sorted(self.summed(), key=lambda index: len(self.edges(index)))
        return any(self.sum_out(index) for index in ways)

    def sum_out(self, index: Index) -> bool:
        edges = self.edges(index)
        vectors = [(at, one) for at, one in self.at(index) if len(one.indices) == 1]
        if len(edges) > 2:
            return False
        if len(edges) + len(vectors) < 2:
            # Nothing to meet: a vector of ones.
            self.with_ones(index)
            return self.sum_out(index)
        if len(vectors) > (1 if edges else 2):
            # Of those that make a dot product one stays apart.
            return self.apply(products.hadamard_product, (index,), not edges)
        if len(edges) == 2 and vectors:
            self.aligned(index, edges)
            return self.apply(products.diagonal_product, index)
        if len(edges) == 2:
            self.aligned(index, edges)
        elif edges and edges[0][1].indices[1] != index:
            self.apply(single.transpose, edges[0][0])
        return self.apply(products.matrix_product, index)

    def with_ones(self, index: Index) -> None:
        term = self.term
        one = Entry(Ones(index.size), index)
        self.work.replace(
            single.component, (self.place,), (Term(term.bound, (*term.factors, one)),)
        )

    def aligned(self, index: Index, edges: Sequence[tuple[int, Entry]]) -> None:
        """One matrix with the index last, the other with it first; as few turned as can be, and
        rows of the result before its columns."""
        (at, one), (other, two) = edges
        forward = (one.indices[1] == index) + (two.indices[0] == index)
        backward = (two.indices[1] == index) + (one.indices[0] == index)
        far_one = next(i for i in one.indices if i != index)
        far_two = next(i for i in two.indices if i != index)
        first, last = self.order[:1], self.order[1:2]
        if far_one in first or far_two in last:
            swap = False
        elif far_two in first or far_one in last:
            swap = True
        else:
            swap = backward > forward
        if swap:
            (at, one), (other, two) = (other, two), (at, one)
        if one.indices[1] != index:
            self.apply(single.transpose, at)
        if two.indices[0] != index:
            self.apply(single.transpose, other)

    def refuse(self) -> None:
        """No summed index can go."""
        index = min(self.summed(), key=lambda one: len(self.edges(one)))
        count = len(self.edges(index))
        raise NoFormError(index, f" is summed over {count} matrices at once")

    # What is left

    def assemble(self) -> None:
        """One entry at rows and columns."""
        order = self.order
        inside = {place for _, one in self.entries for place in one.indices}
        stray = {whole_of(place) for place in inside - set(order)}
        for index in sorted(stray & self.many, key=str):
            raise NoFormError(index, " says which matrix is meant, and is an index of one")
        for index in sorted(stray, key=str):
            raise NoFormError(index, " has no place in a matrix")
        for index in order:
            if not self.at(index):
                self.with_ones(index)
        if len(order) < 2:
            return
        edge = next((found for found in self.edges(order[0])), None)
        if edge is None:
            self.apply(products.outer_product, order)
            return
        if edge[1].indices != order:
            self.apply(single.transpose, edge[0])
        vectors = [one for _, one in self.entries if len(one.indices) == 1]
        if len(vectors) == 2 and self.is_flat(vectors):
            self.apply(products.outer_product, order)
            self.apply(products.hadamard_product, order)
        elif vectors:
            self.apply(products.scaling, order)

    def is_flat(self, vectors: Sequence[Entry]) -> bool:
        """Whether A ⊙ (u vᵀ) is lighter than diag(u) A diag(v)."""
        (matrix,) = (one.matrix for _, one in self.entries if len(one.indices) == 2)
        row, column = sorted(vectors, key=lambda one: self.order.index(one.indices[0]))
        around = algebra.product(
            algebra.diagonal(row.matrix), matrix, algebra.diagonal(column.matrix)
        )
        outer = algebra.product(row.matrix, algebra.transposed(column.matrix))
        return weight(algebra.hadamard(matrix, outer)) < weight(around)
