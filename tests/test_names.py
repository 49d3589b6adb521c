"""Names of the language: functions, tensors, letters, and what each may be called."""

from __future__ import annotations

import numpy as np
import pytest

from indexcalc.lang.reading import read
from indexcalc.render.echo import echo
from tests.texts import array, assert_same, inputs, reading, refusal, table, value


@pytest.mark.parametrize("name", ["f", "g", "h"])
def test_f_g_h_are_abstract(name: str) -> None:
    x, w = array(3), array(3)[::-1].copy()
    assert dict(read(f"y[i] = {name}(x[i])").functions) == {name: 1}
    assert_same(value(f"y[i] = {name}(x[i])", x=x, **{name: np.cos}), np.cos(x))
    text = f"y[i] = {name}(x[i], 2*w[i])"
    assert dict(read(text).functions) == {name: 2}
    assert_same(value(text, x=x, w=w, **{name: lambda a, b: a - b}), x - 2 * w)


def test_functions_are_declared() -> None:
    x, w = array(2), array(3)
    text = "pointwise act, mix\ny[i,j] = act(mix(x[i], w[j]))"
    program = read(text)
    assert dict(program.functions) == {"act": 1, "mix": 2}
    expected = np.tanh(x[:, None] * w[None, :])
    assert_same(value(text, x=x, w=w, act=np.tanh, mix=lambda a, b: a * b), expected)


def test_functions_are_declared_before_or_after_the_signature() -> None:
    for text in (
        "pointwise act\nn(x[i]) -> y\ny[i] = act(x[i])",
        "n(x[i]) -> y\npointwise act\ny[i] = act(x[i])",
    ):
        assert dict(read(text).functions) == {"act": 1}


def test_pointwise_may_be_a_name() -> None:
    assert reading("pointwise = x; y = 2*pointwise") == "pointwise = x; y = 2*pointwise"


def test_one_of_f_g_h_may_be_a_tensor() -> None:
    assert reading("y[i] = f[i,k]*h[k]") == "y[i] = sum[k](f[i,k]*h[k])"


@pytest.mark.parametrize(
    ("text", "code"),
    table(
        ("y = tahn(x)", "IC301"),
        ("y = k(x)", "IC301"),
        ("y = sum(x)", "IC301"),
        ("pointwise exp\ny = exp(x)", "IC303"),
        ("pointwise act, act\ny = act(x)", "IC303"),
        ("pointwise act\nact = 2", "IC313"),
        ("pointwise act\ny = 2*act", "IC313"),
        ("y = exp(x, 2)", "IC313"),
        ("y = f(x); z = f(x, 2)", "IC313"),
        ("y[i] = f(x[i])*f[i]", "IC313"),
        ("y[i] = x[i]*x(2)", "IC313"),
    ),
)
def test_a_function_is_refused(text: str, code: str) -> None:
    assert refusal(text) == code


@pytest.mark.parametrize(
    "attack",
    [
        "__import__(x)",
        "eval(x)",
        "open(x)",
        "exit()",
        "__import__('os')",
        "x.__class__",
        "lambda: 0",
        "Symbol(x)",
        "Function(x)",
        "sympify(x)",
    ],
)
def test_text_is_never_evaluated(attack: str) -> None:
    assert refusal(f"y = {attack}") in {"IC301", "IC102", "IC104"}


@pytest.mark.parametrize(
    "name", ["__import__", "eval", "self", "None", "True", "import", "print", "oo", "nan", "zoo"]
)
def test_a_name_is_just_a_name(name: str) -> None:
    assert inputs(read(f"y[i] = {name}[i]")) == [name]
    assert reading(f"{name}[i] = 2*x[i]") == f"{name}[i] = 2*x[i]"


@pytest.mark.parametrize(
    "name", ["S", "N", "Q", "E", "I", "O", "C", "gamma", "beta", "zeta", "lambda", "re", "Sum"]
)
def test_the_names_of_sympy_are_ordinary(name: str) -> None:
    x = array(3)
    assert inputs(read(f"y[p] = {name}*x[p]")) == [name, "x"]
    assert_same(value(f"y[p] = {name}*x[p]", x=x, **{name: 2.5}), 2.5 * x)
    assert_same(value(f"y[p] = {name}[p]", **{name: x}), x)
    assert_same(value(f"{name} = 2; y[p] = {name}*x[p]", x=x), 2 * x)


@pytest.mark.parametrize(
    ("greek", "name", "face"),
    [
        ("γ", "gamma", "γ"),
        ("β", "beta", "β"),
        ("λ", "lambda", "λ"),
        ("Ω", "Omega", "Ω"),
        ("γ1", "gamma1", "γ1"),
        ("ε", "epsilon", "ε"),
        ("\N{GREEK SMALL LETTER MU}", "mu", "\N{GREEK SMALL LETTER MU}"),
        ("\N{MICRO SIGN}", "mu", "\N{GREEK SMALL LETTER MU}"),
    ],
)
def test_a_greek_letter_and_its_name_are_one(greek: str, name: str, face: str) -> None:
    assert inputs(read(f"y[i] = {greek}*{name}*x[i]")) == [name, "x"]
    for given in (greek, name):
        assert_same(value(f"y = 2*{given}", **{name: 3.0}), 6.0)
        assert_same(value(f"y = 2*{given}", **{greek: 3.0}), 6.0)
    assert f"y = 2 {face}\n" in echo(read(f"y = 2*{greek}"))


@pytest.mark.parametrize("name", ["ж", "名", "ñandu", "x_1", "_x", "x1y2", "Ünit"])
def test_names_have_letters_of_any_script(name: str) -> None:
    assert len(inputs(read(f"y[i] = {name}[i]"))) == 1


@pytest.mark.parametrize("name", ["xₖ", "x₁", "ℓ2", "𝐱", "ﬁ", "ϕ", "ｘ", "xᵀ"])
@pytest.mark.parametrize("text", ["y = {}", "{} = 2", "y[{0}] = x[{0}]", "y = {}(2)"])
def test_a_letter_is_never_taken_for_another(name: str, text: str) -> None:
    assert refusal(text.format(name)) == "IC102"


def test_an_index_may_be_greek_or_longer() -> None:
    assert reading("y[α] = a[α,row]*b[row]") == "y[alpha] = sum[row](a[alpha,row]*b[row])"


@pytest.mark.parametrize(
    "text",
    [
        "pi = 2", "delta[i,j] = x[i]*w[j]", "size = 2", "y = size", "y = delta", "y = pi[i]",
        "y = pi(x)", "y[pi] = 2", "y = x[size]*w[size]", "f(pi) -> y; y = 2",
        "f(size=2) -> y; y = 2",
        "π = 2", "δ = 2", "y = sum[delta](x[delta])", "y = delta(x)",
    ],
)  # fmt: skip
def test_three_names_are_reserved(text: str) -> None:
    assert refusal(text) == "IC310"


@pytest.mark.parametrize(
    ("text", "code"),
    table(
        ("y[i] = i*x[i]", "IC307"),
        ("y[i] = i[i]", "IC307"),
        ("i[i] = x[i]", "IC307"),
        ("y[i] = x[i]*a[x]*b[x]", "IC307"),
        ("y = sum[k](k*a[k])", "IC307"),
        ("f(i[i]) -> y; y = 2", "IC307"),
        ("y[i] = x[i] + x[i,i]", "IC308"),
        ("y = delta[i]*x[i]", "IC308"),
        ("y[i] = delta[i,j,k]*x[j]*w[k]", "IC308"),
        ("f(x[i], s) -> y; y[i] = s[i]*x[i]", "IC309"),
        ("y[i] = x*w[i]; z[i] = x[i]", "IC309"),
    ),
)
def test_an_index_is_no_name_and_orders_are_kept(text: str, code: str) -> None:
    assert refusal(text) == code


def test_other_statements_are_independent() -> None:
    text = "y[i] = x[i]; z = i*x[k]*w[k]; u[x] = q[x]"
    assert refusal("y[i] = i*x[i]") == "IC307"
    assert reading(text) == "y[i] = x[i]; z = sum[k](i*x[k]*w[k]); u[x] = q[x]"
