"""Closed forms: definitions folded back, lemmas, what is multiplied out, and what it costs."""

from __future__ import annotations

import pytest
from sympy import Basic, Rational

from indexcalc.calculus.closing import MOST_TERMS, MOST_TRIES, Closer, brackets
from indexcalc.calculus.folding import Definition, Known, folded, folded_inside
from indexcalc.calculus.mentions import mentions
from indexcalc.calculus.rules import algebra
from indexcalc.calculus.weighing import weight
from indexcalc.derivation import derive
from indexcalc.expr.base import Index, constant_symbol
from indexcalc.expr.nodes import Add, Apply, Delta, Mul, One, Pow, Sum
from indexcalc.expr.normal import normal
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation
from indexcalc.expr.rewrite import Work
from indexcalc.expr.terms import Term, flat, split_power, tree
from tests.trees import I, J, K, P, Q, assert_close, ax, nodes, opened, world

EPS = constant_symbol("eps")
SOFTMAX = (
    Equation(ax("e", I, J), Apply("exp", ax("x", I, J))),
    Equation(ax("z", I), Sum(Mul(One(J), ax("e", I, J)), J)),
    Equation(ax("p", I, J), Mul(ax("e", I, J), Pow(ax("z", I), -1))),
    Equation(ax("o", I, K), Sum(Mul(ax("p", I, J), ax("v", J, K)), J)),
)
NORM = (
    Equation(ax("m", I), Mul(1 / J.size, Sum(Mul(One(J), ax("x", I, J)), J))),
    Equation(ax("mu", I, J), Add(ax("x", I, J), Mul(-1, One(J), ax("m", I)))),
    Equation(ax("v", I), Mul(1 / J.size, Sum(Mul(One(J), Pow(ax("mu", I, J), 2)), J))),
    Equation(ax("sigma", I), Apply("sqrt", Add(ax("v", I), Mul(EPS, One(I))))),
)
V_EPS = Add(ax("v", I), Mul(EPS, One(I)))


def closed(before: Basic, program: tuple[Equation, ...], *outside: str) -> Basic:
    """The closed form of an expression, of the same value, and never heavier."""
    closer = Closer(Known(program), {"G", *outside})
    work = Work.on(before, tuple(opened(before)))
    closer.close(work)
    result = tree(work.terms, work.free, hoist=True)
    assert_close(before, result, world(before, result, given=program))
    assert weight(work.terms) <= weight(normal(flat(before)))
    return result


def assert_becomes(before: Basic, after: str, program: tuple[Equation, ...]) -> None:
    assert spell(closed(before, program), "unicode") == after


# Folding


def test_a_whole_product_is_folded() -> None:
    assert_becomes(Mul(ax("e", I, J), Pow(ax("z", I), -1)), "p_ij", SOFTMAX)


def test_a_part_of_a_product_is_folded_with_its_powers() -> None:
    before = Mul(ax("G", I), Pow(ax("e", I, J), 2), Pow(ax("z", I), -3), ax("x", I, J))
    assert_becomes(before, "G_i p_ij² x_ij/z_i", SOFTMAX)


def test_a_definition_is_folded_across_a_hoist() -> None:
    """(Σ_j G_ij e_ij)/z_i has the e of the p inside a Σ and its z outside."""
    inside = Sum(Mul(ax("G", I, J), ax("e", I, J)), J)
    assert_becomes(Mul(inside, Pow(ax("z", I), -1)), "G_ij p_ij", SOFTMAX)


def test_a_part_of_a_contraction_is_folded() -> None:
    before = Sum(Mul(ax("G", I, K), ax("p", I, J), ax("v", J, K)), J, K)
    assert_becomes(before, "G_ik o_ik", SOFTMAX)


def test_a_part_whose_dummy_is_used_again_is_not() -> None:
    before = Sum(Mul(ax("G", J), ax("p", I, J), ax("v", J, K)), J)
    assert_becomes(before, "G_j p_ij v_jk", SOFTMAX)


def test_a_definition_is_folded_inside_brackets_and_functions() -> None:
    quotient = Mul(ax("e", I, J), Pow(ax("z", I), -1))
    bracket = Add(One(I, J), Mul(-1, quotient))
    assert_becomes(Mul(ax("x", I, J), bracket), "x_ij (1_ij - p_ij)", SOFTMAX)
    assert_becomes(Mul(ax("x", I, J), Apply("log", quotient)), "x_ij log(p_ij)", SOFTMAX)
    assert_becomes(Mul(ax("x", I, J), Pow(bracket, -1)), "x_ij/(1_ij - p_ij)", SOFTMAX)


@pytest.mark.parametrize(
    ("half", "power"), [(1, 1), (2, 2), (3, 3), (-1, -1), (-2, -2), (-3, -3), (-5, -5)]
)
def test_a_power_of_a_definition_is_folded(half: int, power: int) -> None:
    """√(v + ε) is σ, and any whole power of the root is that power of σ."""
    term = Term((), (ax("x", I), Pow(V_EPS, Rational(half, 2))))
    after = folded(term, Definition.of(NORM[3]))
    assert after is not None
    sigma = ax("sigma", I)
    assert tree((after,), [I]) == Mul(ax("x", I), sigma if power == 1 else Pow(sigma, power))


def test_a_root_of_a_definition_is_not() -> None:
    term = Term((), (Pow(V_EPS, Rational(1, 4)),))
    assert folded(term, Definition.of(NORM[3])) is None


def test_a_root_is_folded_as_it_is_written() -> None:
    assert_becomes(Mul(ax("h", I), Pow(Apply("sqrt", V_EPS), -1)), "h_i/σ_i", NORM)
    assert_becomes(Mul(ax("h", I), Pow(Apply("sqrt", V_EPS), -3)), "h_i/σ_i³", NORM)


NOT_SAID = {
    "transposed": Mul(ax("a", I, P), ax("b", P, I)),
    "another dummy": Mul(ax("a", I, P), ax("b", I, I)),
    "half of it": ax("a", I, P),
    "of the other sign": Mul(Pow(ax("a", I, P), -1), Pow(ax("b", I, P), -1)),
    "one of the other sign": Mul(ax("a", I, P), Pow(ax("b", I, P), -1)),
    "more of the other sign": Mul(ax("a", I, P), Pow(ax("b", I, P), -2)),
}


@pytest.mark.parametrize("product", NOT_SAID.values(), ids=NOT_SAID.keys())
def test_what_a_definition_does_not_say_is_not_folded(product: Basic) -> None:
    definition = Definition.of(Equation(ax("c", I, P), Mul(ax("a", I, P), ax("b", I, P))))
    (term,) = flat(product)
    assert folded(term, definition) is None
    assert folded_inside(Apply("exp", product), definition) is None


def test_sizes_are_part_of_a_match() -> None:
    other = Index("i", J.size)
    definition = Definition.of(Equation(ax("c", I), Mul(ax("a", I), ax("b", I))))
    assert folded(Term((), (ax("a", other), ax("b", other))), definition) is None


def test_a_delta_in_a_definition_is_symmetric() -> None:
    definition = Definition.of(Equation(ax("c", I, P), Mul(ax("a", I), Delta(I, P))))
    for delta in (Delta(I, P), Delta(P, I)):
        after = folded(Term((), (ax("a", P), delta)), definition)
        assert after == Term((), (ax("c", P, I),))


def test_a_definition_with_a_diagonal_left_side_is_not_looked_for() -> None:
    diagonal = Definition.of(Equation(ax("c", I, I), Mul(ax("a", I), ax("b", I))))
    broadcast = Definition.of(Equation(ax("c", I, J), Mul(ax("a", I), One(J), Pow(ax("b", I), 3))))
    assert not diagonal.findable
    assert not broadcast.findable


def test_a_number_of_a_definition_is_divided_out() -> None:
    program = (Equation(ax("c", I), Mul(2, ax("a", I), ax("b", I))),)
    assert_becomes(Mul(3, ax("x", I), ax("b", I), ax("a", I)), "(3/2) x_i c_i", program)


NO_DENOMINATORS = {
    "a reciprocal": "r[b] = 1/(v[b] + 1)\ny[b] = x[b]*(v[b] + 1)^3 + x[b]*r[b]",
    "of a product": "r[b] = 1/(v[b]*w[b]*u[b])\ny[b] = x[b]*v[b]*w[b]*u[b] + x[b]*r[b]^2",
    "of a root": "r[b] = 1/sqrt(v[b] + w[b])\ny[b] = x[b]*(v[b] + w[b])^2 + x[b]*r[b]",
}


@pytest.mark.parametrize("text", NO_DENOMINATORS.values(), ids=NO_DENOMINATORS.keys())
def test_folding_makes_no_denominator(text: str) -> None:
    """v + 1 is 1/r, and is left as it is."""
    found = derive(text)
    results = [*found.gradients.values(), *(equation.right for equation in found.where)]
    below = [n for n in nodes(results) if isinstance(n, Pow) and split_power(n)[1] < 0]
    assert "r" not in {name for power in below for name in mentions(power.base)}


def test_a_base_is_not_folded_to_a_reciprocal() -> None:
    definition = Definition.of(Equation(ax("r", I), Pow(Add(ax("v", I), ax("w", I)), -1)))
    (term,) = flat(Mul(ax("x", I), Pow(Add(ax("v", I), ax("w", I)), 3)))
    assert folded(term, definition) is None


# Lemmas


def test_the_sum_of_what_is_centred_is_0() -> None:
    closer = Closer(Known(NORM), {"G"})
    work = Work.on(Sum(Mul(ax("G", I), ax("mu", I, J), One(J)), J), (I,))
    closer.close(work)
    assert work.terms == []
    (lemma,) = closer.lemmas
    assert spell(lemma.part, "unicode") == "1_j μ_ij"
    assert lemma.trace.end == ()


def test_probabilities_sum_to_1() -> None:
    assert_becomes(Mul(ax("h", I), Sum(Mul(One(J), ax("p", I, J)), J)), "h_i", SOFTMAX)


def test_no_dummy_is_called_like_a_free_index() -> None:
    """Also where a term lacks that: 1_i Σ_j x_j, not Σ_i x_i."""
    lacking = Term((I,), (ax("x", I), ax("h", I)))
    begun = Work.on((lacking,), (I,))
    gone_on = Work.on((Term((), (ax("x", I),)),), (I,))
    gone_on.replace(algebra.lemma, (0,), (lacking,))
    for work in (begun, gone_on):
        assert work.terms[0].bound[0].name != I.name
        assert opened(tree(work.terms, work.free, hoist=True)) == [I]
        assert tuple(work.terms) == work.trace().end


def test_a_lemma_is_proved_once_and_used_for_any_indices() -> None:
    closer = Closer(Known(SOFTMAX), {"G"})
    both = Mul(
        Sum(Mul(One(J), ax("p", I, J)), J), Sum(Mul(One(Q), ax("p", P, Q)), Q), ax("x", I, P)
    )
    work = Work.on(both, (I, P))
    closer.close(work)
    assert work.terms == [Term((), (ax("x", I, P),))]
    assert len(closer.lemmas) == 1
    assert [step.rule for step in work.steps].count(algebra.lemma) == 2


def test_a_lemma_holds_in_the_indices_of_its_place() -> None:
    moved = Add(ax("x", I, J), Mul(-1, One(J), ax("m", I)), Mul(One(J), ax("h", I)))
    program = (NORM[0], Equation(ax("q", I, J), moved))
    one, other = (Sum(Mul(One(b), ax("q", a, b)), b) for a, b in ((I, J), (P, Q)))
    assert_becomes(Mul(ax("u", I, P), one, other), "J² u_ip h_i h_p", program)


def test_what_the_upstream_gradient_shares_is_no_lemma() -> None:
    assert_becomes(Sum(Mul(ax("G", J), ax("p", I, J)), J), "G_j p_ij", SOFTMAX)
    assert_becomes(Sum(Mul(ax("G", J), ax("mu", I, J)), J), "G_j μ_ij", NORM)
    (term,) = flat(Sum(Mul(ax("G", J), ax("mu", I, J), ax("mu", P, Q)), J, Q))
    assert list(Closer(Known(NORM), {"G"}).parts(term)) == [([2], Term((Q,), (ax("mu", P, Q),)))]


# Multiplying out


def test_a_bracket_is_multiplied_out_where_terms_cancel() -> None:
    before = Add(Mul(ax("G", I), Add(ax("a", I), ax("b", I))), Mul(-1, ax("G", I), ax("a", I)))
    assert_becomes(before, "G_i b_i", ())


def test_a_bracket_is_kept_where_that_is_lighter() -> None:
    assert_becomes(Mul(ax("G", I), Add(ax("a", I), ax("b", I))), "G_i (a_i + b_i)", ())


def test_a_bracket_is_multiplied_out_where_a_lemma_waits() -> None:
    x_less = Add(ax("x", I, J), Mul(-1, One(J), ax("m", I)))
    assert_becomes(Sum(Mul(One(J), x_less), J), "0", NORM)


def many(count: int) -> Basic:
    """A sum of products G (a + b), no two alike."""
    return Add(*(Mul(ax(f"G{n}", I), Add(ax(f"a{n}", I), ax(f"b{n}", I))) for n in range(count)))


def test_only_so_many_brackets_are_tried() -> None:
    work = Work.on(many(MOST_TERMS), (I,))
    closer = Closer(Known(()), ())
    assert sum(len(brackets(term)) for term in work.terms) == MOST_TERMS
    assert len(list(closer.trials(work))) == MOST_TRIES
    few = Work.on(many(3), (I,))
    assert len(list(closer.trials(few))) == 4
    assert few.terms == list(flat(many(3)))


def test_nothing_is_tried_where_there_are_too_many_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    closer = Closer(Known(()), ())
    work = Work.on(many(MOST_TERMS + 1), (I,))
    monkeypatch.setattr(Closer, "trials", lambda *_: pytest.fail("something was tried"))
    assert closer.improve(work) is False
    assert work.steps == []


def test_a_lemma_may_need_another_and_both_are_shown() -> None:
    d = derive(
        "m[b] = 1/H*1[h]*x[b,h]; u[b,h] = x[b,h] - 1[h]*m[b]; "
        "r[b] = (1/H*1[h]*u[b,h]^2 + 1)^(-1/2); y[b,h] = u[b,h]*r[b]"
    )
    shown = [(spell(one.part), spell(one.trace.result)) for one in d.found.lemmas]
    assert shown == [("1[h]*u[p,h]", "0*1[p]"), ("1[h]*y[p,h]", "0*1[p]")]


def test_of_two_forms_of_one_weight_the_one_with_a_name_is_kept() -> None:
    d = derive("r[b] = 1/sqrt(v[b] + 1); y[b] = x[b]*r[b]")
    assert spell(d.gradients["v"]) == "-1/2*G[p]*y[p]*r[p]^2"
