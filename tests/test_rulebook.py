"""The rulebook's own examples of deltas, one-tensors, substitution, factoring; what is refused."""

from __future__ import annotations

import pytest
from sympy import Basic, Integer

from indexcalc.calculus.folding import Definition
from indexcalc.calculus.rules import algebra, deltas, ones
from indexcalc.expr.nodes import Add, Apply, Delta, Mul, One, Pow, Sum
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import Term, flat, tree
from tests.trees import P2, I, J, K, N, P, Q, R, applied, assert_becomes, assert_close, ax, world

a_i, x_i = ax("a", I), ax("x", I)

# The Kronecker delta: the examples of 001


def test_a_delta_replaces_a_dummy() -> None:
    assert_becomes(deltas.delta_contraction, Sum(Mul(Delta(P, I), ax("a", I, J)), I), ax("a", P, J))


def test_a_delta_replaces_a_dummy_in_several_tensors() -> None:
    before = Sum(Mul(Delta(P, I), ax("b", I, J), ax("c", I, J)), I)
    assert_becomes(deltas.delta_contraction, before, Mul(ax("b", P, J), ax("c", P, J)))


def test_a_delta_works_either_way() -> None:
    factors = (Delta(I, P), ax("b", I, J), ax("c", K, P))
    after = Sum(Mul(ax("b", I, J), ax("c", K, I)), I)
    assert_becomes(deltas.delta_contraction, Sum(Mul(*factors), I, P), after)
    assert_becomes(
        deltas.delta_contraction, Sum(Mul(*factors), I), Mul(ax("b", P, J), ax("c", K, P))
    )
    assert_becomes(
        deltas.delta_contraction, Sum(Mul(*factors), P), Mul(ax("b", I, J), ax("c", K, I))
    )


def test_a_delta_goes_under_functions_and_sums() -> None:
    inner = Apply("exp", Sum(Mul(ax("a", I, K), ax("b", K)), K))
    after = Apply("exp", Sum(Mul(ax("a", P, K), ax("b", K)), K))
    assert_becomes(deltas.delta_contraction, Sum(Mul(Delta(I, P), inner), I), after)


def test_a_delta_captures_no_dummy() -> None:
    inner = Apply("exp", Sum(Mul(ax("a", I, P), ax("b", P)), P))
    before = Sum(Mul(Delta(I, P), inner), I)
    after = Apply("exp", Sum(Mul(ax("a", P, P2), ax("b", P2)), P2))
    assert_becomes(deltas.delta_contraction, before, after)


def test_a_delta_of_free_indices_stays() -> None:
    (term,) = flat(Mul(Delta(I, P), ax("a", I)))
    assert all(rule(term) is None for rule in deltas.ORDER)


def test_the_sum_over_a_delta_alone_is_a_broadcast() -> None:
    assert_becomes(deltas.delta_contraction, Sum(Delta(I, P), I), One(P))


def test_a_trace_of_delta_is_a_size() -> None:
    assert_becomes(
        deltas.delta_trace, Sum(Mul(ax("a", I), Delta(K, K)), K), Mul(ax("a", I), K.size)
    )
    assert_becomes(
        deltas.delta_trace, Sum(Mul(ax("a", K), Delta(K, K)), K), Sum(Mul(One(K), ax("a", K)), K)
    )
    assert_becomes(deltas.delta_trace, Mul(ax("a", I), Delta(J, J)), Mul(ax("a", I), One(J)))


def test_two_deltas_make_one() -> None:
    assert_becomes(deltas.delta_product, Sum(Mul(Delta(I, P), Delta(P, P2)), P), Delta(I, P2))
    # The dummy is in a third factor too: the contraction says more.
    (term,) = flat(Sum(Mul(Delta(I, P), Delta(P, P2), ax("a", P)), P))
    assert deltas.delta_product(term) is None
    assert applied(deltas.delta_product, Sum(Delta(I, P), P)) is None


def test_a_delta_is_its_own_square_and_symmetric() -> None:
    assert_becomes(deltas.delta_square, Mul(Delta(I, P), Delta(P, I)), Delta(I, P))
    assert_becomes(deltas.delta_symmetry, Mul(a_i, Delta(P, I)), Mul(a_i, Delta(I, P)))
    assert applied(deltas.delta_symmetry, Mul(a_i, Delta(I, P))) is None


# The one-tensor: the examples of 001


def test_a_one_that_sums_or_broadcasts_stays() -> None:
    (summing,) = flat(Sum(Mul(One(I), ax("b", I)), I))
    (spreading,) = flat(Mul(One(I), ax("b", J)))
    for term in (summing, spreading):
        assert all(rule(term) is None for rule in ones.ORDER)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_ones_contracted_with_each_other_count(count: int) -> None:
    before = Sum(Mul(a_i, *[One(N)] * count), N)
    assert_becomes(ones.one_count, before, Mul(a_i, N.size))


def test_a_count_leaves_the_other_indices_of_the_ones() -> None:
    assert_becomes(ones.one_count, Sum(Mul(One(I, N), One(N)), N), Mul(N.size, One(I)))
    (term,) = flat(Sum(Mul(One(N), ax("a", N)), N))
    assert ones.one_count(term) is None


def test_broadcasts_are_joined() -> None:
    assert_becomes(ones.one_product, Mul(One(I), One(J)), One(I, J))


def test_ones_that_sum_are_not_joined() -> None:
    (term,) = flat(Sum(Mul(One(I), One(K), ax("a", K)), K))
    assert ones.one_product(term) is None


def test_a_one_is_dropped_where_the_term_has_the_index() -> None:
    before = Sum(Mul(One(I, J), ax("b", I, J), ax("c", J)), J)
    assert_becomes(ones.one_dropped, before, Sum(Mul(ax("b", I, J), ax("c", J)), J))
    assert_becomes(ones.one_dropped, Mul(One(I, J), a_i), Mul(One(J), a_i))


# Substitution: the examples of 001


def test_the_free_indices_of_an_equation_become_those_of_the_place() -> None:
    equation = Equation(ax("c", P), ax("d", P, P))
    before, after = Mul(ax("b", I), ax("c", I)), Mul(ax("b", I), ax("d", I, I))
    assert_becomes(algebra.substitute, before, after, 1, Definition.of(equation), known=(equation,))


def test_the_dummies_of_an_equation_are_fresh() -> None:
    equation = Equation(ax("c", I), Sum(Mul(ax("d", I, J), ax("e", J)), J))
    before = Sum(Mul(ax("b", I, J), One(J), ax("c", I)), J)
    inner = Mul(ax("d", I, Q), ax("e", Q))
    after = Sum(Mul(ax("b", I, J), One(J), inner), J, Q)
    assert_becomes(algebra.substitute, before, after, 2, Definition.of(equation), known=(equation,))


def test_an_equation_is_put_into_a_power_whole() -> None:
    equation = Equation(ax("c", I), Sum(Mul(ax("d", I, J), ax("e", J)), J))
    before = Mul(ax("b", I), Pow(ax("c", I), 2))
    after = Mul(ax("b", I), Pow(Sum(Mul(ax("d", I, J), ax("e", J)), J), 2))
    assert_becomes(algebra.substitute, before, after, 1, Definition.of(equation), known=(equation,))


def test_free_indices_in_another_order_are_renamed_at_once() -> None:
    equation = Equation(ax("c", I, P), Mul(ax("u", I), ax("v", P)))
    before = Mul(ax("c", P, I), ax("a", I))
    after = Mul(ax("u", P), ax("v", I), ax("a", I))
    assert_becomes(algebra.substitute, before, after, 0, Definition.of(equation), known=(equation,))


def test_nothing_is_substituted_into_a_contraction() -> None:
    """a = b_k c_k d_k and β = c_k d_k do not give a = b_k β."""
    beta = Definition.of(Equation(ax("beta"), Sum(Mul(ax("c", K), ax("d", K)), K)))
    (term,) = flat(Sum(Mul(ax("b", K), ax("c", K), ax("d", K)), K))
    assert algebra.fold(term, beta) is None
    assert algebra.lemma(term, (1, 2), (Term((), (ax("beta"),)),)) is None
    around = Mul(ax("a", I), Apply("exp", Sum(Mul(ax("b", K), ax("c", K), ax("d", K)), K)))
    (bracket,) = flat(around)
    assert algebra.fold_inside(bracket, 1, beta) is None


def test_a_contraction_of_its_own_is_folded() -> None:
    equation = Equation(ax("beta"), Sum(Mul(ax("c", K), ax("d", K)), K))
    before = Sum(Mul(ax("b", R), ax("c", K), ax("a", R), ax("d", K)), K, R)
    after = Sum(Mul(ax("b", R), ax("beta"), ax("a", R)), R)
    assert_becomes(algebra.fold, before, after, Definition.of(equation), known=(equation,))


def test_a_free_index_is_no_dummy_of_a_definition() -> None:
    beta = Definition.of(Equation(ax("beta"), Sum(Mul(ax("c", K), ax("d", K)), K)))
    assert applied(algebra.fold, Mul(ax("c", K), ax("d", K)), beta) is None


def test_a_lemma_takes_what_nothing_else_shares_a_dummy_with() -> None:
    s_ = Term((), (ax("s"),))
    before = Sum(Mul(ax("a", I), ax("b", J), ax("d", J)), J)
    known = (Equation(ax("s"), Sum(Mul(ax("b", J), ax("d", J)), J)),)
    assert_becomes(algebra.lemma, before, Mul(ax("a", I), ax("s")), (1, 2), (s_,), known=known)
    (shared,) = flat(Sum(Mul(ax("a", I, J), ax("b", J), ax("d", J)), J))
    assert algebra.lemma(shared, (1, 2), (s_,)) is None
    assert algebra.lemma(flat(before)[0], (1, 2), ()) == ()


# Addition and multiplication: the examples of 001


def test_factors_come_out_with_a_one_for_what_lacks_an_index() -> None:
    before = Add(Mul(ax("b", I, J), ax("c", I, J)), Mul(ax("b", I, J), One(I), ax("d", J)))
    after = Mul(ax("b", I, J), Add(ax("c", I, J), Mul(One(I), ax("d", J))))
    assert_becomes(algebra.factor, before, after)


def test_a_common_number_comes_out_and_a_sign_stays() -> None:
    before = Add(Mul(2, a_i, ax("c", I)), Mul(-2, a_i, ax("d", I)))
    assert_becomes(algebra.factor, before, Mul(2, a_i, Add(ax("c", I), Mul(-1, ax("d", I)))))


def test_the_smaller_power_comes_out() -> None:
    before = Add(Mul(ax("c", I), Pow(a_i, 3)), Mul(ax("d", I), Pow(a_i, 2)))
    assert_becomes(algebra.factor, before, Mul(Pow(a_i, 2), Add(Mul(ax("c", I), a_i), ax("d", I))))
    below = Add(Mul(ax("c", I), Pow(a_i, -3)), Mul(ax("d", I), Pow(a_i, -1)))
    inside = Add(Mul(ax("c", I), Pow(a_i, -2)), ax("d", I))
    assert_becomes(algebra.factor, below, Mul(inside, Pow(a_i, -1)))


def test_what_is_left_in_a_bracket_needs_no_brackets_of_its_own() -> None:
    bracket = Add(ax("c", I), ax("d", I))
    before = Add(Mul(a_i, bracket), Mul(a_i, Pow(x_i, 2)))
    assert_becomes(algebra.factor, before, Mul(a_i, Add(ax("c", I), ax("d", I), Pow(x_i, 2))))


def test_what_is_under_a_sum_is_never_pulled_out() -> None:
    """b_j is in both terms, but is another b_j in each Σ."""
    one = Sum(Mul(ax("b", J), ax("c", I, J)), J)
    other = Sum(Mul(ax("b", J), ax("d", I, J)), J)
    assert applied(algebra.factor, Add(one, other)) is None
    assert_becomes(algebra.factor, Add(Mul(a_i, one), Mul(a_i, other)), Mul(a_i, Add(one, other)))


def test_opposite_powers_share_nothing() -> None:
    before = Add(Mul(ax("c", I), a_i), Mul(ax("d", I), Pow(a_i, -1)))
    assert applied(algebra.factor, before) is None
    assert applied(algebra.factor, Mul(a_i, ax("c", I))) is None


def test_products_go_to_each_term_of_a_bracket() -> None:
    bracket = Add(ax("c", I, J), Mul(One(I), ax("d", J)))
    before = Sum(Mul(ax("b", I, J), bracket), J)
    after = Add(
        Sum(Mul(ax("b", I, J), ax("c", I, J)), J), Sum(Mul(ax("b", I, J), One(I), ax("d", J)), J)
    )
    assert_becomes(algebra.distribute, before, after, 1)


def test_one_bracket_of_a_power_is_multiplied_out() -> None:
    bracket = Add(ax("c", I), ax("d", I))
    before = Mul(a_i, Pow(bracket, 3))
    after = Add(Mul(a_i, ax("c", I), Pow(bracket, 2)), Mul(a_i, ax("d", I), Pow(bracket, 2)))
    assert_becomes(algebra.distribute, before, after, 1)


@pytest.mark.parametrize("exponent", [Integer(-1), Integer(1) / 2])
def test_a_root_or_a_denominator_is_not_multiplied_out(exponent: Basic) -> None:
    before = Mul(a_i, Pow(Add(ax("c", I), ax("d", I)), exponent))
    assert applied(algebra.distribute, before, 1) is None


def test_sums_in_brackets_have_dummies_of_their_own() -> None:
    """(Σ_k c_k + Σ_k d_k) under a Σ_k is no Σ_k c_k² ."""
    inner = Add(Sum(Mul(ax("c", K), ax("u", K)), K), Sum(Mul(ax("d", K), ax("u", K)), K))
    before = Sum(Mul(ax("b", K), ax("u", K), inner), K)
    result = applied(algebra.distribute, before, 2)
    assert result is not None
    assert [len(term.bound) for term in result] == [2, 2]
    assert_close(before, tree(result, []), world(before), 1e-12)


def test_like_terms_and_powers_are_collected() -> None:
    before = Add(Mul(2, x_i, a_i), Mul(x_i, x_i), Mul(a_i, x_i))
    assert_becomes(algebra.collect, before, Add(Mul(3, x_i, a_i), Pow(x_i, 2)))


def test_arranging_changes_no_number_of_terms_or_factors() -> None:
    assert applied(algebra.arrange, Add(Mul(x_i, 2), x_i)) is None
    assert applied(algebra.arrange, Mul(x_i, x_i)) is None
    assert_becomes(algebra.arrange, Mul(x_i, 2, a_i), Mul(2, x_i, a_i))
