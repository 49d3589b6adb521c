"""Indices fused into one and taken apart again: by divmod, by NumPy's own numbering of entries, and
as Python computes what is spelled."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from itertools import combinations
from math import prod

import numpy as np
import pytest
from sympy import Basic, Expr, Symbol

from indexcalc.expr.base import ONE, Index, free_of, size_symbol
from indexcalc.expr.canonical import key
from indexcalc.expr.digits import (
    BY,
    Digit,
    DigitDelta,
    Fusion,
    Place,
    digit,
    digits,
    fused,
    fusion,
    joined,
    maps,
    moved,
    whole_of,
)
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.nodes import Access, Delta, Mul, Sum
from indexcalc.expr.printing import spell
from indexcalc.expr.rename import rename
from indexcalc.expr.world import Array, World

LETTERS = [Index(letter) for letter in "ijklm"]
# No two alike, and none in order.
LENGTHS = (3, 2, 5, 4, 7)
NUMBERS: dict[Symbol, float] = {
    letter.size: float(length) for letter, length in zip(LETTERS, LENGTHS, strict=True)
}
I, J, K = (letter.size for letter in LETTERS[:3])
N = size_symbol("N")
ORDERS = [2, 3, 4, 5]
STYLES = ("text", "unicode", "latex")

in_both = pytest.mark.parametrize("by", BY)
of_every_order = pytest.mark.parametrize("order", ORDERS)


def taken_apart(number: int, lengths: tuple[int, ...], by: str) -> tuple[int, ...]:
    """One index after the other, the fastest first, by divmod."""
    found = []
    for length in lengths if by == "column" else lengths[::-1]:
        number, rest = divmod(number, length)
        found.append(rest)
    return tuple(found) if by == "column" else tuple(found[::-1])


def number_of(value: Expr) -> int:
    return int(value.subs(NUMBERS))


def at(place: Place, numbers: Array) -> Array:
    """What a place is where its fused index is each of these."""
    if isinstance(place, Index):
        return numbers
    return numbers // number_of(place.step) % number_of(place.size)


def numbers_of(order: int) -> Array:
    """All that the fused index is."""
    return np.arange(prod(LENGTHS[:order]), dtype=float)


def world(**arrays: Array) -> World:
    return World(arrays, NUMBERS, {})


def sizes_of(order: int) -> list[Expr]:
    return [letter.size for letter in LETTERS[:order]]


def every(order: int) -> Iterator[tuple[Place, Place]]:
    """Pairs of digits of one index, those that are neighbours and others."""
    for by in BY:
        found = digits(fused("s", sizes_of(order)), sizes_of(order), by)
        yield from combinations(found, 2)


# Values


@in_both
@of_every_order
def test_digits_are_the_remainders_of_divmod(order: int, by: str) -> None:
    lengths, sizes = LENGTHS[:order], sizes_of(order)
    whole = fused("s", sizes)
    assert number_of(whole.size) == prod(lengths)
    found = digits(whole, sizes, by)
    assert [place.size for place in found] == sizes
    values = np.transpose([at(place, numbers_of(order)) for place in found])
    expected = [taken_apart(number, lengths, by) for number in range(prod(lengths))]
    np.testing.assert_array_equal(values, expected)


@of_every_order
def test_by_column_the_first_index_runs_fastest_and_by_row_the_last(order: int) -> None:
    """As NumPy numbers entries in the orders F and C."""
    sizes, numbers = sizes_of(order), numbers_of(order)
    for by, numpy_order in (("column", "F"), ("row", "C")):
        expected = np.unravel_index(numbers.astype(int), LENGTHS[:order], order=numpy_order)  # type: ignore[call-overload]
        for place, wanted in zip(digits(fused("s", sizes), sizes, by), expected, strict=True):
            np.testing.assert_array_equal(at(place, numbers), wanted)


@in_both
@of_every_order
def test_what_is_spelled_is_computed_by_python(order: int, by: str) -> None:
    """s = i + I*j leads to a number, and s % I and s // I back."""
    letters = LETTERS[:order]
    whole = fused("s", sizes_of(order))
    lengths = {str(symbol): int(length) for symbol, length in NUMBERS.items()}
    together = spell(fusion(letters, by), "text")
    apart = [spell(Fusion(place, ONE), "text") for place in digits(whole, sizes_of(order), by)]
    for number in range(0, prod(LENGTHS[:order]), order):
        entry = taken_apart(number, LENGTHS[:order], by)
        names = {letter.name: value for letter, value in zip(letters, entry, strict=True)}
        assert eval(together, {**lengths, **names}) == number
        assert [eval(text, {**lengths, "s": number}) for text in apart] == list(entry)


def test_one_index_alone_is_its_own_digit() -> None:
    for by in BY:
        assert digits(fused("s", [I]), [I], by) == [Index("s", I)]
    assert digit(Index("s", I), ONE, I) == Index("s", I)


@of_every_order
def test_neighbouring_digits_are_one_digit_of_both(order: int) -> None:
    neighbours = 0
    for pair in every(order):
        for above, below in (pair, pair[::-1]):
            assert isinstance(above, Digit)
            assert isinstance(below, Digit)
            both = joined(above, below)
            meet = number_of(above.step) == number_of(below.step) * number_of(below.size)
            assert (both is not None) == meet
            if both is None:
                continue
            neighbours += 1
            high, low = (at(place, numbers_of(order)) for place in (above, below))
            expected = high * number_of(below.size) + low
            np.testing.assert_array_equal(at(both, numbers_of(order)), expected)
    assert neighbours == 2 * (order - 1)


def test_what_is_joined_to_the_whole_is_the_index_itself() -> None:
    whole = fused("s", [I, J])
    below, above = digits(whole, [I, J], "column")
    assert joined(above, below) == whole
    assert joined(below, above) is None
    assert joined(whole, below) is None
    assert joined(above, whole) is None


def test_digits_of_two_indices_are_never_one() -> None:
    (below, _), (_, above) = (digits(fused(name, [I, J]), [I, J], "column") for name in "sr")
    assert joined(above, below) is None


def test_whether_a_digit_is_the_last() -> None:
    found = digits(fused("s", [I, J, K]), [I, J, K], "column")
    assert [isinstance(place, Digit) and place.is_last for place in found] == [False, False, True]
    found = digits(fused("s", [I, J, K]), [I, J, K], "row")
    assert [isinstance(place, Digit) and place.is_last for place in found] == [True, False, False]


# Deltas


@in_both
@of_every_order
def test_a_delta_is_1_where_the_index_is_the_digit(order: int, by: str) -> None:
    letters, lengths = LETTERS[:order], LENGTHS[:order]
    whole = fused("s", sizes_of(order))
    entries = [taken_apart(number, lengths, by) for number in range(prod(lengths))]
    for axis, delta in enumerate(maps(letters, whole, by)):
        assert free_of(delta) == {letters[axis], whole}
        expected = np.zeros((lengths[axis], len(entries)))
        for number, entry in enumerate(entries):
            expected[entry[axis], number] = 1
        np.testing.assert_array_equal(evaluate(delta, world()), expected)


def test_an_axis_comes_by_the_name_of_its_index() -> None:
    """That of the fused index first, where its name is the first."""
    whole = fused("a", [I, J])
    value = evaluate(maps(LETTERS[:2], whole, "column")[0], world())
    np.testing.assert_array_equal(value, [np.arange(3) == number % 3 for number in range(6)])


@pytest.mark.parametrize(("by", "order"), [("column", "F"), ("row", "C")])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_tensor_summed_with_its_maps_is_its_vec(count: int, by: str, order: str) -> None:
    letters = LETTERS[:count]
    x = np.random.default_rng(count).normal(size=LENGTHS[:count])
    deltas = maps(letters, fused("s", sizes_of(count)), by)
    value = evaluate(Sum(Mul(*deltas, Access("x", *letters)), *letters), world(x=x))
    np.testing.assert_array_equal(value, x.reshape(-1, order=order))  # type: ignore[call-overload]


def test_the_map_of_one_index_is_a_delta() -> None:
    assert maps(LETTERS[:1], fused("s", [I]), "row") == [Delta(LETTERS[0], Index("s", I))]


def test_a_delta_is_over_one_size() -> None:
    low, _ = digits(fused("s", [I, J]), [I, J], "column")
    assert isinstance(low, Digit)
    with pytest.raises(ValueError, match=r"^delta over two sizes: J and I$"):
        DigitDelta(LETTERS[1], low)


# Spelling

SPELLED = [
    (
        ["delta[i,s % I]", "delta[j,s // I % J]", "delta[k,s // (I*J)]"],
        ["δ_{i,s%I}", "δ_{j,s÷I%J}", "δ_{k,s÷(I·J)}"],
        [
            r"\delta_{i,\, s \mathbin{\%} I}",
            r"\delta_{j,\, s \div I \mathbin{\%} J}",
            r"\delta_{k,\, s \div \left(I J\right)}",
        ],
    ),
    (
        ["delta[i,s // (J*K)]", "delta[j,s // K % J]", "delta[k,s % K]"],
        ["δ_{i,s÷(J·K)}", "δ_{j,s÷K%J}", "δ_{k,s%K}"],
        [
            r"\delta_{i,\, s \div \left(J K\right)}",
            r"\delta_{j,\, s \div K \mathbin{\%} J}",
            r"\delta_{k,\, s \mathbin{\%} K}",
        ],
    ),
]


@pytest.mark.parametrize(("by", "expected"), [*zip(BY, SPELLED, strict=True)])
def test_a_delta_is_spelled_with_its_digit(by: str, expected: tuple[list[str], ...]) -> None:
    deltas = maps(LETTERS[:3], fused("s", [I, J, K]), by)
    for style, texts in zip(STYLES, expected, strict=True):
        assert [spell(delta, style) for delta in deltas] == texts


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("column", ("i + I*j + I*J*k", "i + I j + I J k", "i + I j + I J k")),
        ("row", ("k + K*j + J*K*i", "k + K j + J K i", "k + K j + J K i")),
    ],
)
def test_a_fused_index_is_spelled_with_its_steps(by: str, expected: tuple[str, ...]) -> None:
    assert tuple(spell(fusion(LETTERS[:3], by), style) for style in STYLES) == expected


def test_a_digit_among_steps_stands_in_brackets() -> None:
    """s // I is bound no closer than a product is."""
    low, high = digits(fused("s", [I, J]), [I, J], "column")
    both = fusion([high, low], "column")
    spelled = ["s // I + J*(s % I)", "s÷I + J (s%I)"]
    assert [spell(both, style) for style in STYLES[:2]] == spelled
    assert spell(both, "latex") == r"s \div I + J \left(s \mathbin{\%} I\right)"


def test_a_sum_over_a_digit_is_unwritten_where_both_show_the_index() -> None:
    whole = fused("s", [I, J])
    delta = maps(LETTERS[:2], whole, "column")[0]
    by_whole = Sum(Mul(Access("a", whole), delta), whole)
    by_letter = Sum(Mul(delta, Access("b", LETTERS[0])), LETTERS[0])
    assert spell(by_whole, "unicode") == "a_s δ_{i,s%I}"
    assert spell(by_letter, "unicode") == "δ_{i,s%I} b_i"
    assert spell(Sum(delta, whole), "unicode") == "Σ_s δ_{i,s%I}"


# As nodes


def test_a_digit_moves_to_another_index() -> None:
    whole, other = fused("s", [I, J]), fused("t", [I, J])
    for place in digits(whole, [I, J], "row"):
        assert isinstance(place, Digit)
        assert whole_of(moved(place, {whole: other})) == other
        assert moved(place, {whole: other}) == Digit(other, place.step, place.size)
    assert moved(whole, {whole: other}) == other
    assert moved(LETTERS[0], {whole: other}) is LETTERS[0]


@in_both
def test_renaming_a_delta_names_its_index_and_its_whole(by: str) -> None:
    whole, other = fused("s", [I, J, K]), fused("t", [I, J, K])
    letter = Index("n", J)
    (_, delta, _) = maps(LETTERS[:3], whole, by)
    renamed = rename(delta, {whole: other, LETTERS[1]: letter})
    assert spell(renamed, "text") == spell(delta, "text").replace("s", "t").replace("j,", "n,")
    assert free_of(renamed) == {other, letter}
    assert rename(delta, {LETTERS[0]: Index("n", I)}) is delta


def test_a_dummy_makes_way_for_a_whole_of_its_name() -> None:
    """Σ_t a_t δ_{i, s % I} with t for s is no sum over the digits."""
    whole, other = fused("s", [I, J]), fused("t", [I, J])
    delta = maps(LETTERS[:2], whole, "column")[0]
    renamed = rename(Sum(Mul(Access("a", other), delta), other), {whole: other})
    assert free_of(renamed) == {LETTERS[0], other}
    a = np.random.default_rng(0).normal(size=6)
    expected = a.sum() * (np.arange(3)[:, None] == np.arange(6) % 3)
    np.testing.assert_allclose(evaluate(renamed, world(a=a)), expected)


def nodes() -> list[Basic]:
    """Deltas that differ in one thing each: the step, the size, the whole, the index."""
    s, t, i, n = fused("s", [N, N]), fused("t", [N, N]), Index("i", N), Index("n", N)
    low, high = digits(s, [N, N], "column")
    other, _ = digits(t, [N, N], "column")
    middle = Digit(fused("s", [N, N, N]), N, N)
    places = [(i, low), (i, high), (i, other), (n, low), (i, middle)]
    deltas = [DigitDelta(index, place) for index, place in places if isinstance(place, Digit)]
    return [*deltas, fusion([low, i], "row"), fusion([low, i], "column"), fusion([high, i], "row")]


@pytest.mark.parametrize("node", nodes(), ids=str)
def test_pickling_gives_an_equal_node(node: Basic) -> None:
    again = pickle.loads(pickle.dumps(node))
    assert again == node
    assert hash(again) == hash(node)
    assert free_of(again) == free_of(node)
    assert key(again) == key(node)


@pytest.mark.parametrize(("one", "other"), [*combinations(nodes(), 2)])
def test_two_nodes_are_never_equal(one: Basic, other: Basic) -> None:
    assert one != other
    assert key(one) != key(other)


def test_dummies_are_told_apart_by_their_digits() -> None:
    """Σ_s a_s δ_{i, s % N} δ_{j, s ÷ N} has one key whatever s is called, and another with the
    digits exchanged, which is its transpose."""
    i, j = Index("i", N), Index("j", N)

    def summed(name: str, by: str) -> Basic:
        whole = fused(name, [N, N])
        return Sum(Mul(Access("a", whole), *maps((i, j), whole, by)), whole)

    assert key(summed("s", "column")) == key(summed("t", "column"))
    assert key(summed("s", "column")) != key(summed("s", "row"))
