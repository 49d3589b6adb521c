"""Plans: right values from few operations, stable where exponentials are, and a table of it all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.codegen.operations import Contraction, Pointwise, Reduction, volume
from indexcalc.codegen.plan import Plan
from indexcalc.derivation import Derivation
from tests.plan_values import Array, run
from tests.points import BUNDLED, MEMBERS, POSITIVE, Point, point

EXAMPLES = [
    "y[i,j] = delta[i,j]*x[i]*2 + z[i,j]",
    "y[q,b] = t[j,q]*1[b,j]",
    "y[i] = x[i]*max[j](w[j]*v[j])",
    "y = tanh(1[i]*x[i])*max[k](w[k,k]); z[i] = y*x[i]^2",
    "w = 0.1 - t*(1.5 + (0.5*z[m]/z[m])^2)^(a[p]*a[p])",
    "y[i,b] = cosh(delta[i,k]/c[i]*1[k]) - u[i,b]",
    "f(x[n,i], w[i,j], v[j,k]) -> y, h\nh[n,j] = tanh(x[n,i]*w[i,j])\ny[n,k] = h[n,j]*v[j,k] + 1",
    "p[i] = exp(2*x[i])/(1[j]*exp(2*x[j]))",
    "l = log(1[i]*exp(x[i]))*y",
    "y[i] = x[i]; z[i] = sin(y[i])",
]


def values_of(derivation: Derivation, at: Point) -> dict[str, Array]:
    return run(derivation.plan(), at.values, at.slopes, at.upstream)


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS, *EXAMPLES])
def test_a_plan_computes_the_function_and_its_gradients(name: str) -> None:
    wrt = {"y[i] = x[i]*max[j](w[j]*v[j])": ["x"], EXAMPLES[3]: ["x"]}.get(name)
    derivation = ic.derive(name, wrt=wrt)
    at = point(derivation.program, positive=name in POSITIVE)
    found = values_of(derivation, at)
    for output, value in at.made().items():
        if output in derivation.program.outputs:
            np.testing.assert_allclose(found[output], value, rtol=1e-11, atol=1e-13)
    for variable in derivation.wrt:
        expected = at.gradient(derivation, variable)
        np.testing.assert_allclose(found[f"∂{variable}"], expected, rtol=1e-10, atol=1e-12)


# What is shared and what is kept


def tcl(n: int) -> Plan:
    text = "y[n,a,b,c] = x[n,i,j,k]*v1[a,i]*v2[b,j]*v3[c,k]"
    lengths = {"n": n, "i": 13, "j": 13, "k": 32, "a": 10, "b": 10, "c": 20}
    plan: Plan = ic.derive(text).plan(lengths)
    return plan


@pytest.mark.parametrize("n", [1, 64])
def test_a_contraction_of_order_three_takes_nine_pairs(n: int) -> None:
    plan = tcl(n)
    assert [type(one) for one in (*plan.forward, *plan.backward)] == [Contraction] * 9
    assert all(len(one.operands) == 2 for one in plan.forward if isinstance(one, Contraction))


def test_backward_is_given_no_more_than_it_needs() -> None:
    kept = {name: ic.derive(name).plan().saved for name in ("layernorm", "softmax", "attention")}
    assert kept["layernorm"] == ("gamma", "mu", "sigma")
    assert kept["softmax"] == ("p",)
    assert kept["attention"] == ("q", "k", "v", "p", "o")


def test_what_is_cheap_is_computed_again_where_it_would_go_through_memory() -> None:
    plan = ic.derive("layernorm").plan({"b": 4096, "h": 1024})
    assert plan.saved == ("x", "gamma", "m", "mean_mu", "sigma")
    again = "mu[b,h] = x[b,h] - 1[h]*m[b] - 1[h]*mean_mu[b]"
    assert f"{plan.backward[0].left} = {plan.backward[0].right}" == again
    plan = ic.derive("y[i] = x[i]*(x[i] - w[i])^2").plan()
    assert "x_minus_w" not in plan.saved


def test_only_what_is_wanted_is_computed() -> None:
    plan = ic.derive("layernorm", wrt=["beta"]).plan()
    assert [str(one.left) for one in plan.backward] == ["dl_dbeta[h]"]
    assert plan.saved == ()


def test_a_part_in_two_places_is_made_once() -> None:
    plan = ic.derive("layernorm_inline").plan()
    bracket = [str(one.right) for one in plan.forward if isinstance(one, Pointwise)]
    assert bracket.count("x[b,h] - 1[h]*mean_x[b]") == 1


@pytest.mark.parametrize("name", [*BUNDLED, "tcl:8", "mlp:6"])
def test_names_say_what_they_are_of(name: str) -> None:
    plan = ic.derive(name).plan()
    known = {*plan.program.tensors, *plan.upstream.values(), *plan.gradients.values()}
    for one in (*plan.forward, *plan.backward):
        own = one.left.name
        words = own.replace("dl_d", "").split("_")
        assert own in known or any(word in known for word in words), own


# Stable forms


@pytest.mark.parametrize(
    "text",
    [
        "p[b,c] = exp(x[b,c])/(1[d]*exp(x[b,d]))",
        "y[b] = log(1[c]*exp(x[b,c]))",
        "f(x[b,c], t[b,c]) -> l; l = -1/B*t[b,c]*log(exp(x[b,c])/sum[d](exp(x[b,d])))",
        "cross_entropy",
        "softmax",
        "logsumexp",
    ],
)
def test_large_logits_do_not_overflow(text: str) -> None:
    derivation = ic.derive(text, wrt=["x"])
    small = point(derivation.program)
    shift = np.array([[1000.0], [-1000.0], [0.0]])
    large = replace(small, values={**small.values, "x": small.values["x"] + shift})
    at_small, at_large = (values_of(derivation, at) for at in (small, large))
    np.testing.assert_allclose(at_large["∂x"], at_small["∂x"], rtol=1e-9, atol=1e-12)
    assert all(np.isfinite(value).all() for value in at_large.values())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equal_logits_are_equal_however_large(dtype: str) -> None:
    kernel = ic.derive("cross_entropy").lambdify()
    loss, saved = kernel.forward(np.full((1, 4), 1e16, dtype), np.full((1, 4), 0.25, dtype))
    np.testing.assert_allclose(loss, np.log(4), rtol=1e-6)
    np.testing.assert_allclose(kernel.backward(1.0, saved)[1], np.log(4), rtol=1e-6)


@pytest.mark.parametrize("scale", [1e13, 1e-13])
def test_powers_of_a_deviation_do_not_overflow(scale: float) -> None:
    kernel = ic.derive("layernorm").lambdify()
    random = np.random.default_rng(2)
    x, dl_dy = random.normal(size=(2, 3, 16))
    gamma, beta = random.normal(size=(2, 16))
    exact = kernel.backward(dl_dy, kernel.forward(x, gamma, beta, eps=0.0)[1])[0]
    singles = [array.astype("f4") for array in (x * scale, gamma, beta)]
    _, saved = kernel.forward(*singles, eps=0.0)
    found = kernel.backward(dl_dy.astype("f4"), saved)[0]
    np.testing.assert_allclose(found * np.float32(scale), exact, rtol=1e-4, atol=1e-5)


def test_a_probability_of_nothing_has_a_logarithm() -> None:
    derivation = ic.derive("cross_entropy")
    at = point(derivation.program)
    logits = np.where(np.arange(at.values["x"].shape[1]) == 0, 2000.0, 0.0) + at.values["x"]
    found = values_of(derivation, replace(at, values={**at.values, "x": logits}))
    top = logits[:, :1]
    expected = -(at.values["t"] * (logits - top)).sum() / len(logits)
    np.testing.assert_allclose(found["loss"], expected, rtol=1e-12)
    np.testing.assert_allclose(found["∂t"], -(logits - top) / len(logits), rtol=1e-12)


def test_sigmoids_far_out_have_logarithms() -> None:
    derivation = ic.derive("logistic_regression")
    at = point(derivation.program)
    found = values_of(derivation, replace(at, values={**at.values, "b": 1000.0}))
    z = at.values["x"] @ at.values["w"] + 1000.0
    expected = ((1 - at.values["t"]) * z).mean()
    np.testing.assert_allclose(found["loss"], expected, rtol=1e-12)
    assert all(np.isfinite(value).all() for value in found.values())


CENTRED = [
    "layernorm",
    "layernorm_inline",
    "batchnorm",
    "y[a,c,b] = (x[a,b,c] - mean[d](x[a,d,c]))^2",
    *(
        f"f(x[b,h]) -> y\n{deviation}\nv[b] = 1/H*d[b,h]*d[b,h]; y[b,h] = d[b,h]/sqrt(v[b] + 1e-5)"
        for deviation in (
            "m[b] = 1/H*1[h]*x[b,h]; d[b,h] = m[b] - x[b,h]",
            "s[b] = 1[h]*x[b,h]; d[b,h] = x[b,h] - s[b]/H",
            "s[b] = 1[h]*x[b,h]; m[b] = 1/H*1[h]*x[b,h]; d[b,h] = x[b,h] - m[b]",
            "m[b] = -1/H*1[h]*x[b,h]; d[b,h] = x[b,h] + m[b]",
            "s[b] = 1[h]*x[b,h]; d[b,h] = 2*s[b]/H - 2*x[b,h]",
            "d[b,h] = x[b,h] - sum[k](x[b,k])/H",
        )
    ),
]


@pytest.mark.parametrize("text", CENTRED)
def test_deviations_keep_their_digits_where_the_mean_is_large(text: str) -> None:
    kernel = ic.derive(text).lambdify()
    random = np.random.default_rng(5)
    shapes: dict[str, list[Any]] = {
        "layernorm": [(7, 300), 300, 300],
        "layernorm_inline": [(7, 300), 300, 300],
    }
    shapes |= {"batchnorm": [(300, 7), 7, 7]}
    sizes: list[Any] = shapes.get(text, [(7, 300)] if "H" in text else [(3, 300, 2)])
    singles = [random.normal(size=size).astype("f4") for size in sizes]
    singles[0] += np.float32(1e4)
    y, saved = kernel.forward(*singles)
    upstream = random.normal(size=y.shape).astype("f4")
    gradients = kernel.backward(upstream, saved)
    exact, saved = kernel.forward(*(array.astype(float) for array in singles))
    for found, wanted in zip(
        (y, *gradients), (exact, *kernel.backward(upstream.astype(float), saved)), strict=True
    ):
        assert found.dtype == np.float32
        assert np.abs(found - wanted).max() < 1e-5 * np.abs(wanted).max()


def test_what_is_no_mean_of_the_same_entries_stays() -> None:
    for text in (
        "f(x[h,h]) -> y\nm[a] = 1/H*1[h]*x[h,a]\ny[h,j] = x[h,j] - 1[j]*m[h]",
        "m[b] = 1[h]*x[b,h]; y[b,h] = x[b,h] - m[b]",
        "m[b] = 1/H*1[h]*x[b,h]; y[b,h] = z[b,h] - m[b]",
        "m[b] = 1/H*1[h]*x[b,h]; y[b,h] = x[b,h] + m[b]",
        "s[b] = 1[h]*x[b,h]; y[b,h] = s[b]/H - 2*x[b,h]",
        "s[b] = 1[h]*x[b,h]; y[b,h] = x[b,h] - s[b]/B",
    ):
        assert ic.derive(text).plan().rewrites == (), text


@pytest.mark.parametrize(
    "text",
    [
        "e[i] = exp(x[i]); y[i] = e[i]/(1 + 1[j]*e[j])",
        "f(x[i]) -> y, z\ne[i] = exp(x[i]); y = 1[i]*e[i]; z[i] = e[i]/y",
        "y[i] = sin(1[j]*exp(x[j]))*w[i]",
        "y[i] = exp(x[i])",
    ],
)
def test_exponentials_that_matter_by_themselves_stay(text: str) -> None:
    plan = ic.derive(text).plan()
    assert plan.rewrites == ()
    assert not any(isinstance(one, Reduction) for one in plan.forward)


def test_rewrites_are_told() -> None:
    plan = ic.derive("cross_entropy", wrt=["x"]).plan()
    told = [(one.name, str(one.before), str(one.after)) for one in plan.rewrites]
    assert told == [
        ("log of a product", "log_p[b,c] = log(p[b,c])", "log_p[b,c] = x[b,c] - 1[c]*log(z[b])"),
        (
            "the largest exponent taken out",
            "e[b,c] = exp(x[b,c])",
            "e[b,c] = exp(x[b,c] - 1[c]*max_x[b])",
        ),
        (
            "the largest exponent taken out",
            "log_p[b,c] = x[b,c] - 1[c]*log(z[b])",
            "log_p[b,c] = x[b,c] - 1[c]*(log(z[b]) + max_x[b])",
        ),
    ]


# The table


def test_flops_and_bytes_are_counted() -> None:
    plan = ic.derive("matmul").plan({"i": 2, "k": 3, "j": 5})
    (product,) = plan.forward
    assert product.flops(plan.lengths) == 2 * 2 * 3 * 5
    assert volume(product.left.indices, plan.lengths) == 10
    assert "  y_ij  matmul     I × J     60  248 B\n" in str(plan)


def test_a_plan_is_the_same_every_time() -> None:
    assert str(ic.derive("attention").plan()) == str(ic.derive("attention").plan())


@pytest.mark.parametrize(("order", "length"), [(2, 128), (3, 128), (4, 64), (6, 16), (8, 8)])
def test_axes_are_taken_to_be_shorter_where_a_tensor_has_many(order: int, length: int) -> None:
    plan = ic.derive(f"tcl:{order}").plan(sizes={"i": 5})
    assert sorted(set(plan.lengths.values())) == [5, length]
