"""Sums of products and their normal form: the value is kept, and looks decide nothing."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st
from sympy import Basic, Expr, Integer, Rational

from indexcalc.expr.base import MINUS_ONE, ONE, ZERO, Index, constant_symbol, free_of
from indexcalc.expr.canonical import key
from indexcalc.expr.evaluate import defined, evaluate
from indexcalc.expr.nodes import Add, Apply, Mul, One, Pow, Sum
from indexcalc.expr.normal import alike, arranged, like, normal
from indexcalc.expr.program import Program
from indexcalc.expr.terms import (
    Term,
    components,
    flat,
    flat_product,
    is_negative,
    moved,
    placed,
    power,
    split_power,
    times,
    tree,
)
from indexcalc.expr.world import World, world_of
from indexcalc.lang.reading import read
from tests import oracle, random_trees
from tests.trees import LENGTHS, I, J, K, N, P, R, assert_close, ax, opened, world

LAWS = settings(derandomize=True, deadline=None, max_examples=150)
# Drawing a whole program takes long.
FEWER = settings(LAWS, max_examples=60)
# Relative change of the arrays under which a well-conditioned value hardly moves.
NUDGE = 1e-9


# Random programs: every equation keeps its value


def at_random(program: oracle.Program, draw: int) -> tuple[Program, World]:
    """A program as read, and a world with its inputs and all that it defines."""
    try:
        oracle.read(program)
    except oracle.Refused:
        assume(False)
    assume(not oracle.doubts(program))
    text = oracle.text(program)
    note(text)
    known = read(text)
    arrays, sizes = oracle.plan(program, draw)
    assume({size.name for size in known.sizes if not size.fixed} == set(sizes))
    stand_ins = {name: oracle.stand_in for name, _ in known.functions}
    given = world_of(known, {**arrays, **sizes, **stand_ins})
    arrays = {**given.arrays, **defined(known, given)}
    return known, World(arrays, given.numbers, given.functions)


def assert_keeps_value(before: Basic, after: Basic, where: World) -> None:
    """Equal wherever the first has a value that rounding leaves alone."""
    assert free_of(before) >= free_of(after)
    nudged = {name: array * (1 + NUDGE) for name, array in where.arrays.items()}
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        wanted, found = evaluate(before, where), evaluate(after, where)
        moving = evaluate(before, World(nudged, where.numbers, where.functions)) - wanted
        settled = np.isfinite(wanted) & (np.abs(moving) <= 1e-5 * np.abs(wanted))
    np.testing.assert_allclose(found[settled], wanted[settled], rtol=1e-6, atol=1e-12)


@FEWER
@given(oracle.programs(), st.integers(0, 99))
def test_a_program_keeps_its_value_as_terms_and_in_normal_form(
    program: oracle.Program, draw: int
) -> None:
    known, where = at_random(program, draw)
    for equation in known.equations:
        right, free = equation.right, equation.left.indices
        terms = flat(right)
        assert normal(normal(terms)) == normal(terms)
        for after in (
            tree(terms, free),
            tree(terms, free, hoist=True),
            tree(normal(terms), free),
            tree(normal(terms), free, hoist=True),
        ):
            note(f"{right}\n-> {after}")
            assert free_of(after) == free_of(right)
            assert_keeps_value(right, after, where)


# Random trees, and the same trees with other dummies, in another order


@LAWS
@given(st.integers(0, 10_000))
def test_the_normal_form_asks_neither_names_of_dummies_nor_order(seed: int) -> None:
    order = random.Random(seed)
    expr = random_trees.tree(order, 4)
    assume(not isinstance(expr, Expr))
    other = random_trees.rewritten(order, expr)
    note(f"{expr}\n{other}")
    free = opened(expr)
    assert key(tree(normal(flat(expr)), free)) == key(tree(normal(flat(other)), free))
    assert normal(flat(Add(expr, Mul(-1, other)))) == ()


@LAWS
@given(st.integers(0, 10_000))
def test_a_normal_form_is_left_alone(seed: int) -> None:
    expr = random_trees.tree(random.Random(seed), 4)
    once = normal(flat(expr))
    assert normal(once) == once
    free = opened(expr)
    again = normal(flat(tree(once, free)))
    assert key(tree(again, free)) == key(tree(once, free))


# Like terms


a_i, x_i = ax("a", I), ax("x", I)
EPS = constant_symbol("eps")


def sum_over(index: Index, *more: Basic) -> Basic:
    """Σ x_i a_ij w_j under another letter for j, its factors as given."""
    return Sum(Mul(*more, ax("w", index), ax("a", I, index), x_i), index)


def test_like_terms_are_collected_whatever_their_dummies_are_called() -> None:
    other = Index("m", J.size)
    reversed_ = Sum(Mul(x_i, ax("w", other), 3, ax("a", I, other)), other)
    (term,) = normal(flat(Add(sum_over(J, 2), reversed_)))
    assert term == Term((J,), (5, ax("w", J), ax("a", I, J), x_i))


def test_terms_that_cancel_leave_nothing() -> None:
    assert normal(flat(Add(sum_over(J), sum_over(Index("m", J.size), -1)))) == ()


@pytest.mark.parametrize("number", [EPS + 1, (EPS + 1) / 2, EPS - N.size, 1 / (EPS + 1)])
def test_numbers_cancel_however_they_are_written(number: Expr) -> None:
    one, other = Mul(N.size, number, x_i), Mul(-number, N.size, x_i)
    assert normal(flat(Add(one, other))) == ()
    assert normal(flat(Add(a_i, one, other))) == (Term((), (a_i,)),)


def test_dummies_of_two_sizes_are_two_terms() -> None:
    terms = flat(Add(Sum(Mul(One(J), ax("f", J)), J), Sum(Mul(One(K), ax("f", K)), K)))
    assert len(normal(terms)) == 2
    assert not like(*terms)


NEAR = {
    "another name": (sum_over(J), Sum(Mul(x_i, ax("a", I, J), ax("v", J)), J)),
    "transposed": (
        Sum(Mul(ax("u", K, R), ax("v", K, R)), K, R),
        Sum(Mul(ax("u", K, R), ax("v", R, K)), K, R),
    ),
    "another power": (Mul(x_i, Pow(a_i, 2)), Mul(x_i, Pow(a_i, -2))),
    "a free index": (sum_over(J), Mul(x_i, ax("v", I))),
}


@pytest.mark.parametrize(("one", "other"), NEAR.values(), ids=NEAR.keys())
def test_near_misses_are_not_collected(one: Basic, other: Basic) -> None:
    assert len(normal(flat(Add(one, other)))) == 2


# Powers


def test_powers_of_one_base_are_one_power() -> None:
    root = Apply("sqrt", x_i)
    assert normal(flat(Mul(x_i, x_i, Pow(x_i, -3)))) == (Term((), (Pow(x_i, -1),)),)
    assert normal(flat(Mul(root, root, a_i))) == (Term((), (x_i, a_i)),)
    assert normal(flat(Mul(a_i, Pow(root, -3)))) == (Term((), (a_i, Pow(x_i, Rational(-3, 2)))),)
    assert normal(flat(Mul(x_i, Pow(x_i, -1)))) == (Term((), (1,)),)


def test_bases_are_equal_up_to_their_dummies() -> None:
    other = Index("m", J.size)
    base = Sum(Mul(ax("a", I, J), ax("w", J)), J)
    same = Sum(Mul(ax("w", other), ax("a", I, other)), other)
    (term,) = normal(flat(Mul(Apply("exp", base), Apply("exp", same))))
    assert term == Term((), (Pow(Apply("exp", base), 2),))
    assert alike(base, same)


def test_the_root_of_a_square_stays() -> None:
    """√(x²) is |x|."""
    for expr in (Apply("sqrt", Pow(x_i, 2)), Pow(Pow(x_i, 2), Rational(1, 2))):
        (term,) = normal(flat(Mul(a_i, expr)))
        after = tree((term,), [I])
        where = world(after)
        where = World({"a": where.arrays["a"], "x": -where.arrays["x"]}, where.numbers, {})
        assert (evaluate(after, where) > 0).all()


@pytest.mark.parametrize("exponent", [Rational(1, 2), Rational(-1, 2), Rational(3, 2), Rational(2)])
def test_a_power_is_split_into_what_it_was_made_of(exponent: Expr) -> None:
    assert split_power(power(x_i, exponent)) == (x_i, exponent)


# Sums that nothing shows


def test_an_index_that_only_a_sum_has_counts() -> None:
    (term,) = normal(flat(Sum(Mul(One(J, K), ax("a", I, K)), J, K)))
    assert term == Term((K,), (J.size, ax("a", I, K)))
    assert normal(flat(Sum(Mul(One(N), One(N)), N))) == (Term((), (N.size,)),)


def test_zero_is_the_empty_sum() -> None:
    assert normal(flat(Mul(0, x_i))) == ()
    assert flat(ZERO) == flat_product(ZERO) == ()
    assert tree((), [I]) == Mul(0, One(I))
    assert tree((), []) == 0
    assert arranged(Term((), (x_i, EPS - EPS))) is None


# Terms and trees


def test_nothing_is_distributed() -> None:
    bracket = Add(x_i, a_i)
    assert flat(Mul(ax("b", I), bracket)) == (Term((), (ax("b", I), bracket)),)
    assert normal(flat(Mul(2, bracket))) == (Term((), (2, x_i)), Term((), (2, a_i)))
    assert len(normal(flat(Pow(bracket, 2)))) == 1


def test_sums_inside_a_product_keep_their_own_dummies() -> None:
    inner = Sum(Mul(ax("w", K), ax("v", K)), K)
    whole = Sum(Mul(ax("w", K), inner, ax("a", I, K), inner), K)
    (term,) = flat(whole)
    assert [index.name for index in term.bound] == ["k", "l", "m"]
    assert_close(whole, tree((term,), [I]), world(whole))


def test_a_lacking_index_is_a_one_tensor_s() -> None:
    assert tree(flat(x_i), [I, J]) == Mul(One(J), x_i)
    assert tree((Term((K,), (ax("w", K),)),), []) == Sum(Mul(One(K), ax("w", K)), K)
    assert tree((Term((K,), (x_i,)),), [I]) == Sum(Mul(One(K), One(K), x_i), K)


def test_each_sum_goes_over_no_more_than_it_must() -> None:
    (term,) = flat(Sum(Mul(x_i, ax("w", J), ax("v", J), ax("u", K), ax("b", K), a_i), J, K))
    assert tree((term,), [I], hoist=True) == Mul(
        x_i, Sum(Mul(ax("w", J), ax("v", J)), J), Sum(Mul(ax("u", K), ax("b", K)), K), a_i
    )
    assert components(term) == [((), [0]), ((J,), [1, 2]), ((K,), [3, 4]), ((), [5])]


def test_terms_that_are_numbers_add_up() -> None:
    """As in ∂(x + 2 x - x)/∂x, where no tensor is left."""
    terms = tuple(Term((), (number,)) for number in (ONE, Integer(2), MINUS_ONE))
    assert tree(terms, ()) == 2
    assert tree(terms[::2], ()) == 0


def test_a_sum_begins_with_a_term_that_has_no_minus() -> None:
    terms = flat(Add(Mul(-1, x_i), a_i, Mul(-2, ax("b", I))))
    assert [is_negative(term) for term in terms] == [True, False, True]
    assert tree(terms, [I]) == Add(a_i, Mul(-1, x_i), Mul(-2, ax("b", I)))


FACTORS = (
    Sum(Mul(ax("a", I, J), ax("w", J)), J),
    Sum(Mul(ax("w", J), Apply("exp", Sum(Mul(ax("a", I, J), ax("w", J)), J))), J),
    Mul(ax("w", J), ax("a", I, J)),
    Sum(Mul(x_i, One(I), ax("w", J)), I),
)


@pytest.mark.parametrize("one", FACTORS)
@pytest.mark.parametrize("other", FACTORS)
def test_products_of_terms_capture_nothing(one: Basic, other: Basic) -> None:
    (first,), (second,) = flat(one), flat(other)
    product = Mul(one, other)
    free = opened(product)
    assert_close(product, tree((times(first, second),), free), world(product))


@pytest.mark.parametrize("inner", FACTORS)
def test_a_term_put_in_place_of_a_factor_is_under_the_same_sum(inner: Basic) -> None:
    """An open j is the j of the Σ, a summed one is another."""
    (part,) = flat(inner)
    (around,) = flat(Sum(Mul(ax("v", J), ax("b", J), ax("s")), J))
    before = Sum(Mul(ax("v", J), ax("b", J), inner), J)
    assert_close(before, tree((placed(around, 2, part),), opened(before)), world(before))


def test_renaming_a_free_index_captures_no_dummy() -> None:
    (term,) = flat(Sum(Mul(ax("a", I, P), ax("v", P)), P))
    after = moved(term, {I: P})
    where = world(ax("a", I, P), ax("v", P))
    expected = where.arrays["a"] @ where.arrays["v"]
    np.testing.assert_allclose(evaluate(tree((after,), [P]), where), expected)
    assert LENGTHS[0] == len(expected)
