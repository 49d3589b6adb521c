"""Closed forms of whole programs: the formulas people know, and the value of the chain rule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from indexcalc import catalogue
from indexcalc.calculus.mentions import mentions
from indexcalc.calculus.rules import algebra
from indexcalc.calculus.sharing import shared
from indexcalc.calculus.weighing import weight
from indexcalc.derivation import Derivation, derive
from indexcalc.expr.base import postorder
from indexcalc.expr.nodes import Access, Apply, Mul, Sum
from indexcalc.expr.normal import normal
from indexcalc.expr.printing import spell, spell_equation
from indexcalc.expr.terms import tree
from indexcalc.expr.world import Array, World
from tests.trees import I, J, K, P, R, ax, component, world

NAMES = [*catalogue.names(), "mlp:5", "tcl:4"]
# Abstract functions and their slopes are evaluated with stand-ins; x^a wants x > 0.
POSITIVE = 0.3


def arrays_of(derivation: Derivation, seed: int = 1) -> World:
    """Random inputs and upstream gradients, and everything that the program defines."""
    program = derivation.program
    tensors = program.tensors
    seeds = derivation.found.backprop.upstream
    loose = [Access(seed, *tensors[name]) for name, seed in seeds.items()]
    where = world(*program.inputs, *loose, given=program.equations, seed=seed, low=POSITIVE)
    signs = np.random.default_rng(seed)
    arrays = dict(where.arrays)
    for access in loose:
        arrays[access.name] = arrays[access.name] * signs.choice([-1, 1], arrays[access.name].shape)
    return World(arrays, where.numbers, where.functions)


def by_chain_rule(derivation: Derivation, where: World) -> dict[str, Array]:
    """Every adjoint as the chain rule has it at first, from the last to the first."""
    arrays = dict(where.arrays)
    found = {}
    for name, gradient in derivation.found.adjoints.items():
        trace = gradient.adjoint.trace
        here = World(arrays, where.numbers, where.functions)
        value = component(gradient.left, tree(trace.start, trace.free), here)
        arrays[gradient.left.name] = found[name] = value
    return found


def in_closed_form(derivation: Derivation, where: World) -> dict[str, Array]:
    """Every gradient of the conclusion, with the names that it is in."""
    arrays = dict(where.arrays)
    for equation in derivation.where:
        here = World(arrays, where.numbers, where.functions)
        arrays[equation.left.name] = component(equation.left, equation.right, here)
    found = {}
    for name in derivation.wrt:
        equation = derivation.found.equation(name)
        here = World(arrays, where.numbers, where.functions)
        found[name] = component(equation.left, equation.right, here)
        arrays[equation.left.name] = found[name]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_closed_form_has_the_value_of_the_chain_rule(name: str) -> None:
    derivation = derive(name)
    where = arrays_of(derivation)
    raw, closed = by_chain_rule(derivation, where), in_closed_form(derivation, where)
    assert list(closed) == list(derivation.wrt)
    for wrt in derivation.wrt:
        scale = max(1.0, float(np.abs(raw[wrt]).max()))
        np.testing.assert_allclose(closed[wrt], raw[wrt], rtol=1e-9, atol=1e-12 * scale)


LIGHTER = (algebra.fold, algebra.lemma)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_done_makes_it_lighter(name: str) -> None:
    found = derive(name).found
    for step in found.steps():
        if step.rule in LIGHTER:
            assert weight(step.after) < weight(step.before), step.rule.name
    for gradient in found.adjoints.values():
        raw, simplified = gradient.adjoint.trace.end, gradient.simplified.end
        assert weight(simplified) <= weight(normal(raw))


# The formulas


CLOSED = {
    ("softmax", "x"): "p_qr (G_qr - 1_r G_qc p_qc)",
    ("layernorm", "x"): ("(G_pq γ_q - (1/H) G_ph μ_ph γ_h μ_pq/σ_p² - (1/H) 1_q G_ph γ_h)/σ_p"),
    ("layernorm", "gamma"): "G_bp μ_bp/σ_b",
    ("layernorm", "beta"): "1_b G_bp",
    ("cross_entropy", "x"): "(1/B) 1_c t_qc p_qr - (1/B) t_qr",
    ("logistic_regression", "z"): "(1/N) p_q - (1/N) t_q",
    ("logsumexp", "x"): "G_p e_pq/z_p",
    ("cosine_similarity", "u"): "v_p/(a b) - c u_p/a²",
}


@pytest.mark.parametrize(("name", "wrt"), CLOSED, ids=[f"{n} by {w}" for n, w in CLOSED])
def test_the_formula_is_the_one_that_people_know(name: str, wrt: str) -> None:
    assert spell(derive(name, wrt=[wrt]).gradients[wrt], "unicode") == CLOSED[name, wrt]


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def softmax_by_x(a: dict[str, Array]) -> Array:
    p, g = softmax(a["x"]), a["G"]
    return np.asarray(p * (g - (g * p).sum(axis=1, keepdims=True)))


def layernorm_by_x(a: dict[str, Array]) -> Array:
    g, x = a["G"] * a["gamma"], a["x"]
    centred = x - x.mean(axis=1, keepdims=True)
    sigma = np.sqrt((centred**2).mean(axis=1, keepdims=True) + a["eps"])
    n = centred / sigma
    inner = g - g.mean(axis=1, keepdims=True) - n * (g * n).mean(axis=1, keepdims=True)
    return np.asarray(inner / sigma)


def cross_entropy_by_x(a: dict[str, Array]) -> Array:
    t = a["t"]
    return np.asarray((t.sum(axis=1, keepdims=True) * softmax(a["x"]) - t) / len(t))


def logistic_by_w(a: dict[str, Array]) -> Array:
    p = 1 / (1 + np.exp(-(a["x"] @ a["w"] + a["b"])))
    return np.asarray(a["x"].T @ (p - a["t"]) / len(p))


KNOWN: list[tuple[str, str, Callable[[dict[str, Array]], Array]]] = [
    ("softmax", "x", softmax_by_x),
    ("layernorm", "x", layernorm_by_x),
    ("layernorm_inline", "x", layernorm_by_x),
    ("cross_entropy", "x", cross_entropy_by_x),
    ("logistic_regression", "w", logistic_by_w),
]


@pytest.mark.parametrize(("name", "wrt", "wanted"), KNOWN, ids=[f"{n} by {w}" for n, w, _ in KNOWN])
def test_the_formula_has_the_value_of_plain_numpy(
    name: str, wrt: str, wanted: Callable[[dict[str, Array]], Array]
) -> None:
    derivation = derive(name)
    where = arrays_of(derivation, seed=3)
    scalars = {str(symbol): np.asarray(value) for symbol, value in where.numbers.items()}
    found = in_closed_form(derivation, where)[wrt]
    np.testing.assert_allclose(found, wanted({**scalars, **where.arrays}), rtol=1e-10, atol=1e-13)


# Names for what is written more than once


def test_layernorm_in_one_line_ends_with_three_names() -> None:
    derivation = derive("layernorm_inline")
    assert [spell_equation(e, "unicode") for e in derivation.where] == [
        "u_ph = x_ph - 1_h ((1/H) Σ_k x_pk)",
        "v_p = (1/H) Σ_k u_pk² + ε 1_p",
        "w_p = √v_p",
    ]
    assert [spell(right, "unicode") for right in derivation.gradients.values()] == [
        "(G_pq γ_q - (1/H) 1_q G_ph γ_h - (1/H) G_ph u_ph γ_h u_pq/v_p)/w_p",
        "G_bp u_bp/w_b",
        "1_b G_bp",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_names_stand_before_their_uses_and_are_used_twice(name: str) -> None:
    derivation = derive(name)
    lines = [(e.left.name, e.right) for e in derivation.where]
    lines += list(derivation.gradients.items())
    known = set(derivation.program.tensors) | set(derivation.found.backprop.upstream.values())
    for left, right in lines:
        assert mentions(right) <= known, f"{left} is made of what comes later"
        known |= {left, derivation.found.backprop.adjoint_name(left)}
    accesses = [n for _, right in lines for n in postorder(right) if isinstance(n, Access)]
    for equation in derivation.found.shared:
        uses = [access for access in accesses if access.name == equation.left.name]
        assert len(uses) >= 2, f"{equation} is used once"


def test_a_name_is_given_to_what_differs_in_its_indices_alone() -> None:
    one = Apply("exp", Sum(Mul(ax("a", I, K), ax("b", K)), K))
    other = Apply("exp", Sum(Mul(ax("a", P, R), ax("b", R)), R))
    named, results = shared({"x": Mul(ax("c", I), one), "y": Mul(ax("d", P), other)}, {"u"})
    (definition,) = named.values()
    assert str(definition.left) == "v[i]"
    assert definition.right == one
    assert results == {"x": Mul(ax("c", I), ax("v", I)), "y": Mul(ax("d", P), ax("v", P))}


def test_what_is_written_once_or_is_light_has_no_name() -> None:
    light = {"x": Apply("exp", ax("x", I)), "y": Mul(ax("y", I), Apply("exp", ax("x", I)))}
    assert shared(light, ()) == ({}, light)
    once = {"x": Mul(ax("x", J), Apply("exp", Sum(Mul(ax("a", J, K), ax("b", K)), K)))}
    assert shared(once, ()) == ({}, once)


def test_a_sum_meets_its_own_root_however_its_squares_are_written() -> None:
    d = derive("y = x[i]*x[i]/sqrt(x[j]*x[j])")
    assert spell(d.gradients["x"]) == "x[p]/y"
    assert d.check()
