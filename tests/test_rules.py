"""Every rule against its own example; the rules of differentiation."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest
from sympy import Integer

from indexcalc.calculus import rules
from indexcalc.calculus.folding import Definition
from indexcalc.calculus.rules import algebra, deltas, derivatives
from indexcalc.expr import rewrite
from indexcalc.expr.base import Index, size_symbol
from indexcalc.expr.nodes import Add, Apply, D, Delta, Mul, One, Pow, Sum
from indexcalc.expr.program import Equation
from indexcalc.expr.rewrite import RULES, Example, Rule, Work, rule
from indexcalc.expr.terms import flat, tree
from indexcalc.forms import frobenius
from indexcalc.forms import rules as forms_rules
from tests.trees import P2, I, J, K, P, Q, R, applied, assert_becomes, assert_close, ax, world

# The size of all letters in the registry's examples.
SAME = Index("j", size_symbol("N"))

MODULES = [
    import_module(found.name)
    for room in (rules, forms_rules, frobenius)
    for found in iter_modules(room.__path__, f"{room.__name__}.")
]

# The registry


def test_every_rule_is_registered_under_its_name() -> None:
    for module in MODULES:
        for value in vars(module).values():
            if isinstance(value, Rule):
                assert RULES[value.name] is value
    assert {rule.function.__module__ for rule in RULES.values()} < {m.__name__ for m in MODULES}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_rule_says_what_it_is(rule: Rule) -> None:
    assert rule.law
    assert rule.note.endswith(".")
    assert rule.ends
    assert rule.source.startswith(("000, ", "001, ", "003, "))
    assert repr(rule) == f"<rule {rule.name}>"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_the_example_of_a_rule_runs(rule: Rule) -> None:
    example = rule.example()
    assert_becomes(
        rule, example.before, example.after, *example.given, known=known_to(rule, example)
    )


def known_to(rule: Rule, example: Example) -> tuple[Equation, ...]:
    """What the names in an example stand for."""
    if rule is algebra.lemma:
        return (Equation(ax("s"), Sum(Mul(ax("b", SAME), ax("d", SAME)), SAME)),)
    definitions = [value for value in example.given if isinstance(value, Definition)]
    defined = (Equation(d.left, tree(d.terms, d.left.indices)) for d in definitions)
    return (*defined, *example.where)


def test_a_name_is_given_to_one_rule() -> None:
    taken = rule("delta square", "", source="", ends="", example=deltas.delta_square.example)
    with pytest.raises(ValueError, match=r"^two rules are called delta square$"):
        taken(lambda term: None)
    assert RULES["delta square"] is deltas.delta_square


def test_rules_without_an_end_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrite, "STEP_LIMIT", 10)
    work = Work.on(ax("x", I), (I,))
    for _ in range(10):
        work.replace(algebra.arrange, (0,), tuple(work.terms))
    with pytest.raises(RuntimeError, match=r"^no end after 10 steps; the last was arrange$"):
        work.replace(algebra.arrange, (0,), tuple(work.terms))


# Nothing to say


PLAIN = flat(Sum(Mul(ax("a", I, K), ax("b", K)), K))
DEFINITION = Definition.of(Equation(ax("c", I, J), Mul(ax("a", I, J), Pow(ax("b", I), -1))))
GIVEN: dict[str, tuple[object, ...]] = {
    "distribute": (0,),
    "definition folded": (DEFINITION,),
    "definition folded in a bracket": (0, DEFINITION),
    "lemma": ((0,), ()),
    "substitution": (0, DEFINITION),
    "component": (0,),
    "identity insertion": (0, 0, K),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_rule_says_no_where_it_has_nothing_to_say(rule: Rule) -> None:
    before = PLAIN if rule.whole else PLAIN[0]
    assert rule(before, *GIVEN.get(rule.name, rule.example().given)) is None


BODIES = {
    "constant rule": ax("a", I, J),
    "self-derivative": ax("x", I, J),
    "derivative of a contraction": Sum(Mul(ax("x", I, K), ax("a", K)), K),
    "linearity": Add(ax("x", I, J), ax("a", I, J)),
    "product rule": Mul(ax("x", I, J), ax("a", I, J)),
    "quotient rule": Mul(ax("a", I), Pow(ax("x", I, J), -1)),
    "power rule": Pow(ax("x", I, J), 3),
    "exponential rule": Pow(ax("a", I), ax("x", I, J)),
    "chain rule": Apply("f", ax("x", I, J)),
}


def test_each_rule_of_differentiation_has_its_own_kind_of_body() -> None:
    """Of a quotient the product rule could be said too; the quotient rule is asked first."""
    for name, body in BODIES.items():
        (term,) = flat(D(body, ax("x", P, Q)))
        speaking = [rule.name for rule in derivatives.ORDER if rule(term) is not None]
        assert speaking[0] == name
        assert speaking[1:] in ([], ["product rule"])
    assert {rule.name for rule in derivatives.ORDER} == set(BODIES)


# Differentiation


X_PQ = ax("x", P, Q)
s, x_i, x_ij, x_kj, a_i, a_ik = (
    ax("s"), ax("x", I), ax("x", I, J), ax("x", K, J), ax("a", I), ax("a", I, K),
)  # fmt: skip


def test_a_component_changes_with_itself() -> None:
    assert_becomes(derivatives.self_derivative, D(x_ij, X_PQ), Mul(Delta(I, P), Delta(J, Q)))
    assert_becomes(
        derivatives.self_derivative,
        D(ax("x", I, I), ax("x", P, P2)),
        Mul(Delta(I, P), Delta(I, P2)),
    )
    assert_becomes(derivatives.self_derivative, D(s, s), Integer(1))
    assert applied(derivatives.self_derivative, D(a_i, ax("x", P))) is None


def test_a_constant_leaves_no_term() -> None:
    assert applied(derivatives.constant, Mul(a_i, D(a_ik, X_PQ))) == ()
    assert applied(derivatives.constant, D(Add(a_i, x_i), ax("x", P))) is None


def test_the_dummy_of_a_contraction_steps_aside() -> None:
    """Outside, k is already summed over something else."""
    before = Sum(Mul(ax("a", K), D(Sum(Mul(ax("x", K), ax("b", K)), K), ax("x", R))), K)
    result = applied(derivatives.contraction, before)
    assert result is not None
    assert [index.name for index in result[0].bound] == ["k", "l"]
    assert_close(before, tree(result, [R]), world(before), 1e-7)


def test_the_dummy_of_a_contraction_is_not_the_index_of_the_variable() -> None:
    before = D(Sum(Mul(ax("x", P), ax("b", P)), P), ax("x", P))
    result = applied(derivatives.contraction, before)
    assert result is not None
    assert [index.name for index in result[0].bound] == ["q"]
    assert_close(before, tree(result, [P]), world(before), 1e-7)


def test_only_terms_with_the_variable_are_differentiated() -> None:
    body = Add(x_ij, Mul(a_i, ax("y", J)), Mul(a_i, x_ij))
    assert_becomes(
        derivatives.linearity, D(body, X_PQ), Add(D(x_ij, X_PQ), D(Mul(a_i, x_ij), X_PQ))
    )


def test_the_product_rule_changes_one_factor_at_a_time() -> None:
    body = Mul(x_ij, a_i, x_ij)
    slope = D(x_ij, X_PQ)
    assert_becomes(
        derivatives.product, D(body, X_PQ), Add(Mul(slope, a_i, x_ij), Mul(x_ij, a_i, slope))
    )


def test_a_quotient_has_two_terms_and_fresh_dummies() -> None:
    above = Sum(Mul(ax("a", I, K), ax("x", K)), K)
    below = Sum(Mul(ax("b", J), ax("y", J, K), ax("x", K)), J, K)
    before = D(Mul(above, Pow(below, -1)), ax("x", R))
    result = applied(derivatives.quotient, before)
    assert result is not None
    assert len(result) == 2
    assert_close(before, tree(result, [I, R]), world(before), 1e-7)


def test_a_quotient_whose_denominator_is_constant_is_a_product() -> None:
    assert applied(derivatives.quotient, D(Mul(x_i, Pow(a_i, -1)), ax("x", P))) is None


def test_powers_are_lowered_by_one() -> None:
    slope, x_p = D(x_i, ax("x", P)), ax("x", P)
    assert_becomes(derivatives.power, D(Pow(x_i, 2), x_p), Mul(2, x_i, slope))
    assert_becomes(derivatives.power, D(Pow(x_i, -2), x_p), Mul(-2, Pow(x_i, -3), slope))
    lowered = Pow(x_i, Add(a_i, Mul(-1, One(I))))
    assert_becomes(derivatives.power, D(Pow(x_i, a_i), x_p), Mul(a_i, lowered, slope))
    assert applied(derivatives.power, D(Pow(a_i, x_i), x_p)) is None


def test_a_power_of_two_arguments_has_two_terms() -> None:
    body, slope = Pow(x_i, x_i), D(x_i, ax("x", P))
    assert_becomes(
        derivatives.exponential,
        D(body, ax("x", P)),
        Add(Mul(body, Apply("log", x_i), slope), Mul(body, x_i, Pow(x_i, -1), slope)),
    )
    assert applied(derivatives.exponential, D(Pow(x_i, a_i), ax("x", P))) is None


def test_the_chain_rule_has_a_term_for_each_argument() -> None:
    u, v, by = ax("u", I), ax("v", I), ax("u", P)
    assert_becomes(derivatives.chain, D(Apply("f", u), by), Mul(Apply("f'", u), D(u, by)))
    both = Apply("g", u, Mul(v, u))
    assert_becomes(
        derivatives.chain,
        D(both, by),
        Add(
            Mul(Apply("g'1", u, Mul(v, u)), D(u, by)),
            Mul(Apply("g'2", u, Mul(v, u)), D(Mul(v, u), by)),
        ),
    )


def test_where_the_slope_is_0_the_chain_ends() -> None:
    assert applied(derivatives.chain, D(Apply("sign", x_i), ax("x", P))) == ()
