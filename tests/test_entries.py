"""Expressions written out for one entry."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Basic, Integer

from indexcalc.expr.base import Index, postorder
from indexcalc.expr.entries import Entry, WrittenOut, parts_written
from indexcalc.expr.nodes import Access, Add, Delta, Mul, Pow, Reduce, Sum
from indexcalc.expr.printing import spell

K = Index("k")


def spelled(expr: Basic) -> str:
    return spell(expr, "unicode", ones=False)


def test_an_entry_is_open_in_nothing() -> None:
    entry = Entry.of(Access("x", K, Index("b")), {K: 2, Index("b"): 12})
    assert not entry.free
    assert spelled(entry) == "x_{2,12}"
    assert entry.func(*entry.args) == entry
    assert entry != Access("x", *entry.indices)
    s = Access("s")
    assert Entry.of(s, {}) is s


@pytest.mark.parametrize(
    ("expr", "lengths", "parts"),
    [
        (Access("x", K), {}, 1),
        (Sum(Mul(Access("x", K), Access("w", K)), K), {K.size: 5}, 10),
        (Add(Integer(1), Sum(Access("x", K), K)), {K.size: 4}, 5),
        (Reduce("max", Sum(Mul(Delta(K, Index("q", K.size)), 2), K), Index("q", K.size)), {}, 0),
    ],
)
def test_how_much_an_entry_is_made_of(expr: Basic, lengths: Any, parts: int) -> None:
    found = parts_written(expr, lengths or {K.size: 3})
    assert found == (parts or 18)
    written_out = WrittenOut(expr, lengths or {K.size: 3}).at({K: 1})
    leaves = [node for node in postorder(written_out) if isinstance(node, Entry)]
    assert len(leaves) <= found


def test_an_inner_sum_has_its_own_letter() -> None:
    expr = Mul(Access("x", K), Sum(Access("w", K), K))
    assert spelled(WrittenOut(expr, {K.size: 2}).at({K: 2})) == "x_2 (w_1 + w_2)"


def test_a_power_of_what_a_delta_leaves() -> None:
    i, j = Index("i"), Index("j", Index("i").size)
    power = WrittenOut(Pow(Access("x", i), Delta(i, j)), {i.size: 2})
    assert power.at({i: 1, j: 1}) == Entry("x", Index("1"))
    assert power.at({i: 1, j: 2}) == 1
    based = WrittenOut(Pow(Delta(i, j), Access("x", i)), {i.size: 2})
    assert based.at({i: 1, j: 1}) == 1
    assert spelled(based.at({i: 1, j: 2})) == "0^x_1"


def test_depth_is_no_limit() -> None:
    x = Access("x", K)
    deep: Basic = x
    for _ in range(3000):
        deep = Add(Mul(2, deep), x)
    assert isinstance(WrittenOut(deep, {}).at({K: 1}), Add)
