"""Gradients of small programs, each with something out of the ordinary, by differences."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sympy import Rational

import indexcalc as ic
from indexcalc.calculus import mentions, weighing
from indexcalc.calculus.folding import skeleton
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import forget
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import Mul
from indexcalc.expr.normal import arranged, known_key
from indexcalc.expr.printing import spell
from tests.points import assert_close, close, point

POINTWISE = [name for name in FUNCTIONS if name != "sign"]

# What it is, and the text.
PROGRAMS: list[tuple[str, str]] = [
    ("an input of order 0", "y[i] = s*x[i] + t"),
    ("a scalar of scalars", "l = s^2*t"),
    ("a scalar and itself", "l = x + 3*x - z"),
    ("a constant", "f(x[i], c=2, eps=0.1) -> y; y[i] = c*x[i]/(eps + x[i]^2)"),
    ("two outputs", "f(x[i]) -> u, v; u[i] = exp(x[i]); v[i] = sin(x[i])*u[i]"),
    ("two scalars", "f(x[i]) -> a, b; a = x[i]*x[i]; b = a^2 + 1[i]*x[i]"),
    ("an output that is used later", "f(x[i], w[k,i]) -> u, v; u[i] = x[i]^2; v[k] = u[i]*w[k,i]"),
    ("three outputs in a chain", "f(x[i]) -> a, b, c; a[i] = sin(x[i]); b = a[i]*a[i]; c = b^2"),
    ("a size that no input fixes", "y[i,j] = x[i]^2"),
    ("a size in the formula", "y[b] = 1/H*1[h]*x[b,h] + H^2"),
    ("a tensor called l", "l[i] = 2*x[i]; y[i] = exp(l[i])"),
    ("a loss called l", "l = x[i]*w[i]"),
    ("a tensor called G", "y[i,j] = G[i,k]*x[k,j]"),
    ("a size called G", "y[g,h] = x[g]*w[h]*G"),
    ("every name for the upstream", "f(G[i], Γ[i], U[i], W[i]) -> y; y[i] = G[i]*Γ[i]*U[i]*W[i]"),
    ("more of them", "f(G[i], Γ[i], U[i], W[i], G_[i]) -> y; y[i] = G[i]*Γ[i]*U[i]*W[i]*G_[i]"),
    ("G1 among two outputs", "f(x[i], G1[i]) -> u, v; u[i] = x[i]*G1[i]; v[i] = u[i]^2"),
    ("a tensor called L", "y[i] = L[i]*x[i]"),
    ("index letters p and q", "y[p,q] = x[p,r]*a[r,q]"),
    ("tensors called p and q", "p[i] = q[i]*x[i]; y[i] = p[i]^2"),
    ("tensors called u and v", "u[i] = exp(x[i]); v = 1[i]*u[i]; y[i] = u[i]/v"),
    ("an input twice", "y[i] = x[i]*x[i]*x[i]"),
    ("an input in three places", "y[i] = x[i,k]*x[k,j]*x[j,i]"),
    ("an absolute value", "y[i] = abs(x[i])*x[i]"),
    ("a rectifier", "y[i] = relu(x[i])*sign(x[i]) + relu(x[i])^2"),
    ("a power of a tensor", "y[i] = x[i]^a[i]"),
    ("a power of contractions", "y = (x[i]*w[i])^(x[k]*a[k])"),
    ("a number to a tensor", "y[i] = 2^x[i] + pi^(x[i]*x[i])"),
    ("powers of several kinds", "y[i] = x[i]^3 + x[i]^(-2) + x[i]^(1/2) + 1/x[i]^4"),
    ("powers that no sign compares", "f(x[i], a=2, b=3) -> y; y[i] = x[i]^a + x[i]^b + x[i]^3"),
    ("powers of a size", "y[i] = x[i]^I + x[i]^2 + x[i]^(I + 3)"),
    ("a power of 0", "y[i] = x[i]^0 + x[i]"),
    ("a diagonal", "y[i] = a[i,i]*b[i]"),
    ("a diagonal that is summed", "y = a[i,i]*a[j,j]"),
    ("a diagonal of order 3", "y[i] = a[i,i,i]^2"),
    (
        "a diagonal that has a name",
        "z[h] = w[h,h]^2; y[i,h] = (u[h,r,i]*u[q,b,r]*w[j,q])^2*u[b,j,q]",
    ),
    ("a delta", "y[i,j] = delta[i,j]*x[i]^2"),
    ("a delta that is summed", "y = delta[i,j]*x[i]*z[j]"),
    ("the same letter in nested sums", "y[i] = sum[k](x[i,k]*sum[k](x[i,k]*w[k]))"),
    ("a sum in a sum", "y[i] = x[i]*sum[k](exp(x[k])*sum[j](x[j]*x[k]))"),
    ("a mean", "y[b] = mean[h](x[b,h]^2)"),
    (
        "three dummies of one name",
        "y[i] = sum[k](a[i,k]*x[k])*sum[k](b[i,k]*x[k])*exp(sum[k](x[k]))",
    ),
    ("a function of two arguments", "y[i] = f(x[i], z[i])"),
    ("the same argument twice", "y[i] = f(x[i], x[i])"),
    ("a function of a contraction", "y = 1[i]*f(x[i], w[j]*z[j])"),
    ("functions in functions", "y[i] = f(g(x[i]*w[k]*w[k])*x[i])"),
    ("nothing left", "y[i] = x[i] - x[i]"),
    ("no input that matters", "f(x[i], z[j]) -> y; y[i] = 3*x[i]"),
    ("a name that is not used", "f(x[i]) -> y; u[i] = 2*x[i]; y[i] = 3*x[i]"),
    ("a name that is added to", "y[i] = x[i]; y[i] += x[i]^2"),
    ("a Greek name", "λ[i] = σ*x[i]; y = λ[i]*λ[i]"),
    ("every pointwise function", f"y[i] = {' + '.join(f'{name}(x[i]/2)' for name in POINTWISE)}"),
]
POSITIVE = ("power of", "powers of", "three dummies", "pointwise")


def label(case: tuple[str, str]) -> str:
    return case[0]


@pytest.mark.parametrize(("what", "text"), PROGRAMS, ids=map(label, PROGRAMS))
def test_gradients_agree_with_differences(what: str, text: str) -> None:
    derivation = ic.derive(text.replace("; ", "\n"))
    at = point(derivation.program, positive=any(word in what for word in POSITIVE))
    for name in derivation.wrt:
        assert_close(at.gradient(derivation, name), at.differences(name))
    assert derivation.check()


@pytest.mark.parametrize(("what", "text"), PROGRAMS, ids=map(label, PROGRAMS))
def test_gradients_by_every_name_agree_with_differences(what: str, text: str) -> None:
    program = ic.read(text.replace("; ", "\n"))
    derivation = ic.derive(program, wrt=list(program.tensors))
    at = point(program, positive=any(word in what for word in POSITIVE))
    for name in derivation.wrt:
        assert_close(at.gradient(derivation, name), at.differences(name))
    assert derivation.text()
    assert derivation.latex()


def test_an_input_that_does_not_reach_the_output_has_the_gradient_0() -> None:
    derivation = ic.derive("f(x[i], z[j]) -> y\ny[i] = 3*x[i]")
    found = derivation.evaluate("z", x=np.ones(2), z=np.ones(3), dl_dy=np.ones(2))
    np.testing.assert_array_equal(found, np.zeros(3))


def test_a_gradient_has_the_shape_of_its_tensor() -> None:
    derivation = ic.derive("y[i,j] = s*x[j,i]")
    values = {"s": 2.0, "x": np.ones((3, 2)), "dl_dy": np.ones((2, 3))}
    assert derivation.evaluate("s", **values).shape == ()
    assert derivation.evaluate("x", **values).shape == (3, 2)


def test_constants_are_given_other_values() -> None:
    derivation = ic.derive("f(x[i], c=2) -> y\ny[i] = c*x[i]")
    values = {"x": np.ones(2), "dl_dy": np.array([1.0, 3.0])}
    np.testing.assert_array_equal(derivation.evaluate("x", **values), [2, 6])
    np.testing.assert_array_equal(derivation.evaluate("x", c=5, **values), [5, 15])


def test_the_slope_of_an_abstract_function_is_given_beside_it() -> None:
    derivation = ic.derive("pointwise")
    x, seed = np.array([0.1, 0.2]), np.array([1.0, 3.0])
    found = derivation.evaluate("x", x=x, dl_dy=seed, f=np.sin, f_prime=np.cos)
    np.testing.assert_allclose(found, seed * np.cos(x))


def test_a_slope_that_is_missing_is_asked_for() -> None:
    derivation = ic.derive("y[i] = f(x[i])*w[i]")
    values = {name: np.ones(2) for name in ("x", "w", "dl_dy")}
    np.testing.assert_array_equal(derivation.evaluate("w", **values, f=np.sin), np.sin(values["x"]))
    with pytest.raises(IndexcalcError) as caught:
        derivation.evaluate("x", **values, f=np.sin)
    assert str(caught.value) == (
        "error IC601: f_prime is missing\n"
        "hint: give the slope of f, a function of the same arguments: f_prime=numpy.cos"
    )


@pytest.mark.parametrize("kind", ["max", "min", "prod"])
def test_reductions_are_refused_with_a_way_out(kind: str) -> None:
    derivation = ic.derive(f"y[i] = {kind}[k](x[i,k])")
    with pytest.raises(IndexcalcError) as caught:
        derivation.gradients  # noqa: B018
    assert str(caught.value) == (
        f"error IC701: the derivative of {kind} is not available yet\n"
        "hint: write x without it, or differentiate by another tensor"
    )


def test_the_rest_is_differentiated_past_a_reduction() -> None:
    derivation = ic.derive("m[i] = max[k](x[i,k]); y[i] = exp(m[i])*w[i]", wrt=["w", "m"])
    at = point(derivation.program)
    for name in derivation.wrt:
        assert_close(at.gradient(derivation, name), at.differences(name))


def test_a_gradient_by_two_names_does_not_depend_on_their_order() -> None:
    one = ic.derive("layernorm", wrt=["m", "sigma", "x"])
    other = ic.derive("layernorm", wrt=["x", "sigma", "m"])
    at = point(one.program)
    for name in one.wrt:
        assert close(at.gradient(one, name), at.gradient(other, name), 1e-12)


def test_a_spelling_is_a_name() -> None:
    assert list(ic.derive("layernorm", wrt=["γ", "gamma"]).gradients) == ["gamma"]


@pytest.mark.parametrize(
    "text", ["y[i,j] = x[i,k]*a[k,j]", "f(x[i]) -> u, v\nu[i] = exp(x[i])\nv[i] = sin(x[i])*u[i]"]
)
def test_the_same_text_has_the_same_derivation(text: str) -> None:
    assert ic.derive(text).text("all") == ic.derive(text).text("all")


def test_a_reduction_is_a_constant_for_what_is_not_under_it() -> None:
    d = ic.derive("y[i] = max[k](x[i,k])*w[i]", wrt=["w"])
    assert spell(d.gradients["w"]) == "G[p]*max[k](x[p,k])"
    assert d.check()


def test_fresh_letters_are_no_names_of_the_program() -> None:
    d = ic.derive("p[i] = q[i]*x[i]; y[i] = p[i]^2")
    assert {name: spell(value) for name, value in d.gradients.items()} == {
        "q": "2*G[r]*p[r]*x[r]",
        "x": "2*G[r]*p[r]*q[r]",
    }


def test_an_input_may_be_called_like_an_upstream_gradient() -> None:
    d = ic.derive("y[i] = dl_dx[i]*x[i]")
    value = d.evaluate("x", dl_dy=[1.0, 2.0], dl_dx=[3.0, 4.0], x=[5.0, 6.0])
    assert value.tolist() == [3.0, 8.0]


@pytest.mark.parametrize(
    "text",
    ["y[i] = 1e-9*x[i]", "y[i] = 1e-12*exp(x[i])", "y = sqrt(x[i]*x[i])*1e-9", "y[i] = x[i]^30"],
)
def test_a_small_gradient_is_checked_by_its_own_size(text: str) -> None:
    d = ic.derive(text)
    assert d.check()
    d.found.results["x"] = Mul(Rational(1000001, 1000000), d.found.results["x"])
    assert not d.check()


def test_a_gradient_that_is_0_by_its_form_agrees_with_no_slope() -> None:
    assert ic.derive("y[i] = sign(x[i])").check()


def test_names_for_repeated_parts_are_no_index() -> None:
    d = ic.derive("y[u] = exp(exp(x[u,v]*w[v]))")
    assert [equation.left.name for equation in d.where] == ["a"]


def test_what_divides_by_0_is_left_as_it_is() -> None:
    assert "∂l/∂x" in ic.derive("y = (0*x)^-1").text("none")


def test_many_reasons_for_one_line_are_wrapped() -> None:
    powers = "; ".join(f"t{n}[i] = x[i]^{n + 2}" for n in range(8))
    total = " + ".join(f"t{n}[i]" for n in range(8))
    lines = ic.derive(f"{powers}; y[i] = {total}").text().splitlines()
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    "text",
    [
        "y = " + "*".join(f"x{n}" for n in range(60)),
        "y = x" + "".join(f"/(1 + x^{n})" for n in range(2, 42)),
        "y = " + "sqrt(x + " * 40 + "x" + ")" * 40,
    ],
    ids=["factors", "quotients", "roots"],
)
@pytest.mark.usefixtures("alone")
def test_long_products_and_deep_roots_are_derived_in_time(text: str) -> None:
    began = time.process_time()
    assert ic.derive(text).gradients
    assert time.process_time() - began <= 3.0


@pytest.mark.parametrize("steps", ["main", "all", "none"])
def test_the_derivation_of_a_scalar_and_itself_is_shown(steps: str) -> None:
    assert ic.derive("l = x + 3*x - z").text(steps).endswith("∂l/∂x = 4\n  ∂l/∂z = -1\n")


@pytest.mark.parametrize(
    "text",
    [
        "a[p] = 2; a[i] += x[i] + (2 - 1[p]/w[p]); z[i] = x[i] + w[i]",
        "a[p] = x[p] + sum[p](1/w[p]) + 2",
        "a[p] = sum[p](1/w[p])*2; z[i] = a[i]*x[i]",
    ],
)
def test_a_dummy_may_be_called_like_a_free_index_that_its_term_lacks(text: str) -> None:
    derivation = ic.derive(text)
    assert derivation.check()
    assert derivation.prove()
    assert derivation.page(jacobians=True).blocks


def test_what_is_forgotten_is_forgotten_everywhere() -> None:
    """Old nodes beside new ones that equal them make all that is deep slow."""
    assert ic.derive("attention").gradients
    remembered = [arranged.cache_info, known_key.cache_info, skeleton.cache_info]
    assert all(info().currsize for info in remembered)
    assert mentions._KNOWN
    assert weighing._WEIGHTS
    forget()
    assert not any(info().currsize for info in remembered)
    assert not mentions._KNOWN
    assert not weighing._WEIGHTS
