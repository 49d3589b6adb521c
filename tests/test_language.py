"""The language: every sentence of its description, what is accepted and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import Rational, pi

import indexcalc
from indexcalc.catalogue import find, function_name
from indexcalc.errors import IndexcalcError
from indexcalc.expr.printing import spell_equation
from indexcalc.expr.program import Program
from indexcalc.lang.reading import read
from indexcalc.render.echo import echo

Array = NDArray[np.float64]

LAYERNORM = """\
# Layer normalisation over the last axis.
layernorm(x[b,h], gamma[h], beta[h], eps=1e-5) -> y

m[b]     = 1/H * 1[h] * x[b,h]
mu[b,h]  = x[b,h] - 1[h]*m[b]
v[b]     = 1/H * 1[h] * mu[b,h]^2
sigma[b] = sqrt(v[b] + eps)
y[b,h]   = mu[b,h]/sigma[b] * gamma[h] + 1[b]*beta[h]
"""


def readings(program: Program) -> list[str]:
    """The equations with every Σ written."""
    return [spell_equation(equation, "text", "sum") for equation in program.equations]


def reading(text: str) -> str:
    return "; ".join(readings(read(text)))


def refusal(text: str) -> str:
    """The code that a text is refused with."""
    with pytest.raises(IndexcalcError) as caught:
        read(text)
    return caught.value.code


def inputs(program: Program) -> list[str]:
    return [access.name for access in program.inputs]


def sizes(text: str) -> dict[str, bool]:
    """Each size, and whether an input fixes it."""
    return {size.name: size.fixed for size in read(text).sizes}


def array(*shape: int) -> Array:
    """Signed numbers without symmetry, other ones for every shape."""
    return np.asarray(np.random.default_rng([7, *shape]).uniform(-2, 2, shape), dtype=float)


def positive(*shape: int) -> Array:
    return np.abs(array(*shape)) + 0.5


def value(text: str, **values: Any) -> Array:
    """The last name's array."""
    array: Array = list(indexcalc.evaluate(text, **values).values())[-1]
    return array


def same(left: Any, right: Any) -> None:
    assert np.shape(left) == np.shape(right)
    np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-12)


def table(*rows: tuple[str, str]) -> list[Any]:
    """Rows of a text and what it should come to, for pytest."""
    return [pytest.param(*row, id=row[0].replace("\n", " ; ")) for row in rows]


# The example that the description begins with


def test_layernorm_reads() -> None:
    program = read(LAYERNORM)
    assert readings(program) == [
        "m[b] = sum[h](1/H*1[h]*x[b,h])",
        "mu[b,h] = x[b,h] - 1[h]*m[b]",
        "v[b] = sum[h](1/H*1[h]*mu[b,h]^2)",
        "sigma[b] = sqrt(v[b] + eps*1[b])",
        "y[b,h] = mu[b,h]/sigma[b]*gamma[h] + 1[b]*beta[h]",
    ]
    assert program.name == "layernorm"
    assert program.description == "Layer normalisation over the last axis."
    assert inputs(program) == ["x", "gamma", "beta"]
    assert program.constants == (("eps", Rational(1, 100_000)),)
    assert program.outputs == ("y",)
    assert [size.name for size in program.sizes] == ["B", "H"]


def test_layernorm_evaluates() -> None:
    x, gamma, beta = array(3, 5), array(5), positive(5)
    centred = x - x.mean(axis=1, keepdims=True)
    sigma = np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    values = indexcalc.evaluate(LAYERNORM, x=x, gamma=gamma, beta=beta)
    assert list(values) == ["m", "mu", "v", "sigma", "y"]
    same(values["y"], centred / sigma * gamma + beta)
    same(values["m"], x.mean(axis=1))


def test_a_constant_is_a_keyword() -> None:
    text = "f(x[i], s=0.25) -> y; y[i] = s*x[i]"
    x = array(3)
    same(value(text, x=x), x / 4)
    same(value(text, x=x, s=3), 3 * x)


# Signature


def test_the_signature_gives_inputs_in_order_and_outputs() -> None:
    program = read("step(w[j], x[i], s) -> z, y\ny[i] = s*x[i]; u[j] = w[j]; z = 1[j]*u[j]")
    assert program.name == "step"
    assert inputs(program) == ["w", "x", "s"]
    assert program.outputs == ("z", "y")
    assert program.constants == ()


def test_a_default_is_a_constant_and_no_input() -> None:
    program = read("f(x[i], a=1/3, b=2*pi, c=-1e-2) -> y; y[i] = a*b*c*x[i]")
    assert inputs(program) == ["x"]
    constants = (("a", Rational(1, 3)), ("b", 2 * pi), ("c", Rational(-1, 100)))
    assert program.constants == constants


def test_inputs_without_a_signature_are_in_order_of_appearance() -> None:
    program = read("z[i] = w[i]*x[i]\ny[i] = z[i] + b[i]*x[i]\n")
    assert inputs(program) == ["w", "x", "b"]
    assert program.outputs == ("y",)


def test_outputs_without_a_signature_are_what_no_statement_uses() -> None:
    assert read("a[i] = x[i]; b[i] = a[i]; c[i] = x[i]").outputs == ("b", "c")


def test_a_function_without_a_signature_is_called_after_its_file(tmp_path: Path) -> None:
    file = tmp_path / "softmax.idx"
    file.write_text("e[i] = exp(x[i]); p[i] = e[i]/sum[j](e[j])", encoding="utf-8")
    source = find(str(file))
    assert read(source, name=function_name(source)).name == "softmax"
    assert indexcalc.read(str(file)).name == "softmax"


def test_a_function_given_inline_is_called_f() -> None:
    assert read("y = x").name == "f"
    assert indexcalc.read("y = x").name == "f"


def test_a_signature_names_the_function_wherever_it_is(tmp_path: Path) -> None:
    file = tmp_path / "other.idx"
    file.write_text("mine(x) -> y; y = x", encoding="utf-8")
    assert indexcalc.read(str(file)).name == "mine"


@pytest.mark.parametrize(
    ("text", "loss"),
    [
        ("y = x[i]*x[i]", True),
        ("y[i] = x[i]*x[i]", False),
        ("y = x[i]*x[i]; z = w[i]*w[i]", False),
        ("m = x[i]*x[i]; z[i] = x[i]*m", False),
    ],
)
def test_a_program_whose_only_output_is_a_scalar_is_a_loss(text: str, loss: bool) -> None:
    assert read(text).is_loss is loss


@pytest.mark.parametrize(
    ("text", "code"),
    table(
        ("f(x[i], scale) -> y\ny[i] = scael*x[i]", "IC302"),
        ("f(x[i]) -> z\ny[i] = x[i]", "IC312"),
        ("y[i] = x[i]\nf(x[i]) -> y", "IC104"),
        ("f(x[i]) -> y\ng(x[i]) -> y\ny[i] = x[i]", "IC104"),
        ("f(x[i]) -> y\nx[i] = 2", "IC303"),
        ("f(x, x) -> y\ny = x", "IC303"),
        ("f(x[i], s=x) -> y\ny[i] = x[i]", "IC104"),
        ("f(x[i]) -> y", "IC101"),
    ),
)
def test_a_signature_is_refused(text: str, code: str) -> None:
    assert refusal(text) == code


# Statements


@pytest.mark.parametrize(
    "text",
    [
        "z[i] = x[i]\ny[i] = z[i]*x[i]",
        "z[i] = x[i]; y[i] = z[i]*x[i]",
        "z[i] = x[i];\n\n;;\ny[i] = z[i]*x[i];",
        "z[i] = x[\n  i\n]; y[i] = (z[i] *\n\n x[i])",
        "z[i] = x[i] # first; not = this\n# nor this\ny[i] = z[i]*x[i]",
        "\n  z[i]=x[i]\n\ty [ i ] = z [i] * x[ i]\n",
    ],
    ids=["lines", "semicolons", "many semicolons", "open brackets", "comments", "spaces"],
)
def test_statements_are_one_a_line_or_between_semicolons(text: str) -> None:
    assert reading(text) == "z[i] = x[i]; y[i] = z[i]*x[i]"


@pytest.mark.parametrize(
    "text",
    ["z[i] = x[i] +\ny[i] = x[i]", "z[i] = x[i] y[i] = x[i]", "z[i] =\n x[i]", "z[i] = x[i]\n+ 1"],
    ids=["operator", "no end", "equals", "next line"],
)
def test_a_line_ends_a_statement(text: str) -> None:
    assert refusal(text) == "IC104"


def test_windows_newlines_are_newlines() -> None:
    assert readings(indexcalc.read("z[i] = x[i]\r\ny[i] = z[i]\r\n")) == [
        "z[i] = x[i]",
        "y[i] = z[i]",
    ]


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("# One line\ny = x", "One line"),
        ("# Two\n# lines\n\n# not this\ny = x", "Two\nlines"),
        ("\n#Close\ny = x  # no", "Close"),
        ("y = x\n# below", ""),
        ("# A paragraph\n#\n# and another\nf(x) -> y\ny = x", "A paragraph\n\nand another"),
    ],
)
def test_the_comments_at_the_top_are_the_description(text: str, description: str) -> None:
    program = read(text)
    assert program.description == description
    assert description in echo(program)


@pytest.mark.parametrize(
    ("text", "expected"),
    table(
        ("y[i] += x[i]", "y[i] = x[i]"),
        ("y[i] = a[i]; y[i] += b[i]", "y[i] = a[i] + b[i]"),
        ("y[i] = a[i]; y[j] += b[j]", "y[i] = a[i] + b[i]"),
        ("y[i,j] = a[i,j]; y[j,i] += b[j,i]", "y[i,j] = a[i,j] + b[i,j]"),
        ("y[i] += a[i]; y[i] += b[i]; y[i] += c[i]", "y[i] = a[i] + b[i] + c[i]"),
        ("y[i] = a[i] - b[i]; y[j] += c[j,i]*d[i]", "y[i] = a[i] - b[i] + sum[k](c[i,k]*d[k])"),
        ("y[i] = a[i]; y[i] += 1", "y[i] = a[i] + 1[i]"),
        ("y = 1; y += x", "y = 1 + x"),
        ("y[i] = a[i]; z[i] = b[i]; y[i] += z[i]", "z[i] = b[i]; y[i] = a[i] + z[i]"),
    ),
)
def test_added_terms(text: str, expected: str) -> None:
    assert reading(text) == expected


def test_the_value_of_an_added_term_with_other_letters() -> None:
    a, b, c = array(2, 3), array(3, 2), array(3)
    text = "y[i,j] = a[i,j]; y[j,i] += b[i,j]*c[i]"
    same(value(text, a=a, b=b, c=c), a + (b * c[:, None]).T)


@pytest.mark.parametrize(
    ("text", "code"),
    table(
        ("f(x[i]) -> y\nx[i] += 1\ny[i] = x[i]", "IC305"),
        ("f(x, eps=1) -> y\neps += 1\ny = x", "IC305"),
        ("y[i] = x[i]\nz[i] = y[i]\ny[i] += 1", "IC306"),
        ("y[i] = x[i]\ny[i] = 2*x[i]", "IC303"),
        ("y[i] = z[i]\nz[i] = x[i]", "IC304"),
        ("y[i] = y[i]", "IC304"),
        ("y[i] = x[i]; y[i] += y[i]", "IC304"),
        ("y[i] += y[i]", "IC304"),
        ("y[i] = x[i]; y += 2", "IC308"),
        ("pi = 3", "IC310"),
    ),
)
def test_a_definition_is_refused(text: str, code: str) -> None:
    assert refusal(text) == code


# Expressions


A, B, C = positive(3), positive(3) + 0.25, positive(3)[::-1].copy()
PRECEDENCE: dict[str, Callable[[Any, Any, Any], Any]] = {
    "-a[i]^2": lambda a, b, c: -(a**2),
    "(-a[i])^2": lambda a, b, c: a**2,
    "2^-a[i]": lambda a, b, c: 2**-a,
    "2^-a[i]^b[i]": lambda a, b, c: 2 ** -(a**b),
    "2^-a[i]*b[i]": lambda a, b, c: 2**-a * b,
    "a[i]/b[i]/c[i]": lambda a, b, c: (a / b) / c,
    "a[i]/b[i]*c[i]": lambda a, b, c: (a / b) * c,
    "a[i]*b[i]/c[i]": lambda a, b, c: (a * b) / c,
    "a[i]/(b[i]*c[i])": lambda a, b, c: a / (b * c),
    "a[i]/b[i]^c[i]": lambda a, b, c: a / (b**c),
    "a[i]^b[i]^c[i]": lambda a, b, c: a ** (b**c),
    "(a[i]^b[i])^c[i]": lambda a, b, c: (a**b) ** c,
    "a[i]**b[i]": lambda a, b, c: a**b,
    "a[i]**b[i]**c[i]": lambda a, b, c: a ** (b**c),
    "-a[i]**2": lambda a, b, c: -(a**2),
    "a[i] - b[i] - c[i]": lambda a, b, c: (a - b) - c,
    "a[i] - b[i] + c[i]": lambda a, b, c: (a - b) + c,
    "a[i] - (b[i] - c[i])": lambda a, b, c: a - (b - c),
    "a[i] + b[i]*c[i]": lambda a, b, c: a + b * c,
    "-a[i]*b[i]": lambda a, b, c: -a * b,
    "-a[i] + b[i]": lambda a, b, c: -a + b,
    "a[i]*-b[i]": lambda a, b, c: a * -b,
    "a[i] - -b[i]": lambda a, b, c: a + b,
    "--a[i]": lambda a, b, c: a,
    "-(a[i] - b[i])": lambda a, b, c: b - a,
    "a[i]/-b[i]": lambda a, b, c: -a / b,
    "a[i]^2/b[i]^2": lambda a, b, c: a**2 / b**2,
    "a[i]^(1/2)": lambda a, b, c: np.sqrt(a),
    "a[i]^1/2": lambda a, b, c: a / 2,
    "2*-3^2*a[i]": lambda a, b, c: -18 * a,
    "1/2/2*a[i]": lambda a, b, c: a / 4,
    "1 - a[i]": lambda a, b, c: 1 - a,
    "4^0.5*a[i]": lambda a, b, c: 2 * a,
}


@pytest.mark.parametrize("right", PRECEDENCE)
def test_precedence(right: str) -> None:
    given = {name: v for name, v in (("a", A), ("b", B), ("c", C)) if f"{name}[" in right}
    same(value(f"y[i] = {right}", **given), PRECEDENCE[right](A, B, C))


@pytest.mark.parametrize(
    "right", ["+x", "x +", "2x", "x y", "(x)(y)", "x^", "*x", "x//2", "x^^2", "x**-", "()", "x,2"]
)
def test_what_is_no_expression(right: str) -> None:
    assert refusal(f"y = {right}") == "IC104"


@pytest.mark.parametrize(
    ("text", "expected"),
    table(
        ("y = 0.1*x", "y = 1/10*x"),
        ("y = 0.1 + 0.2", "y = 3/10"),
        ("y = 1e-5*x", "y = 1/100000*x"),
        ("y = 2.5E+1*x", "y = 25*x"),
        ("y = .5*x", "y = 1/2*x"),
        ("y = 2.*x", "y = 2*x"),
        ("y = 1/3*x", "y = 1/3*x"),
        ("y = 12345678901234567890123*x", "y = 12345678901234567890123*x"),
        ("y = pi*x", "y = pi*x"),
        ("y = π*x", "y = pi*x"),
        ("y = 2^-2*x", "y = 1/4*x"),
        ("y = sqrt(4)*x", "y = 2*x"),
        ("y = sqrt(2)*x", "y = sqrt(2)*x"),
    ),
)
def test_numbers_are_exact(text: str, expected: str) -> None:
    assert reading(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    table(
        ("y = 1e10001*x", "IC107"),
        ("y = 1e99999999999*x", "IC107"),
        ("y = 1e-99999999999*x", "IC107"),
        ("y = 10^10001*x", "IC107"),
        ("y = 2^(10^9)*x", "IC107"),
        ("y = 1e6000*1e6000*x", "IC107"),
        ("y = 9^9^9*x", "IC107"),
        ("f(x, s=10^10001) -> y; y = x", "IC107"),
        ("y = 1/0*x", "IC109"),
        ("y = 0^-1*x", "IC109"),
        ("y = log(0)*x", "IC109"),
        ("y = sqrt(-1)*x", "IC109"),
        ("y = (-8)^(1/3)*x", "IC109"),
        ("y = asin(2)*x", "IC109"),
    ),
)
def test_constants_are_refused(text: str, code: str) -> None:
    assert refusal(text) == code


@pytest.mark.parametrize("text", ["y = 1e9999*x", "y = 10^9999*x", "y = 5e9998*2*x"])
def test_10_000_digits_are_read(text: str) -> None:
    assert inputs(read(text)) == ["x"]


def _erf(x: Array) -> Array:
    """By its Taylor series, which is exact enough on [-2, 2]."""
    term, total = x.copy(), x.copy()
    for n in range(1, 60):
        term = -term * x * x / n
        total += term / (2 * n + 1)
    return np.asarray(2 / np.sqrt(np.pi) * total, dtype=float)


FUNCTIONS: dict[str, Callable[[Array], Any]] = {
    "exp": np.exp,
    "log": lambda x: np.log(x),
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "erf": _erf,
    "relu": lambda x: np.where(x > 0, x, 0.0),
    "abs": lambda x: np.where(x > 0, x, -x),
    "sign": lambda x: np.where(x > 0, 1.0, -1.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function(name: str) -> None:
    x = array(2, 3)
    if name in ("log", "sqrt"):
        x = positive(2, 3)
    if name in ("asin", "acos"):
        x = x / 2.5
    same(value(f"y[i,j] = {name}(x[i,j])", x=x), FUNCTIONS[name](x))


BINDERS: dict[str, Callable[[Array], Any]] = {
    "sum": lambda x: x.sum(axis=1),
    "mean": lambda x: x.mean(axis=1),
    "prod": lambda x: x.prod(axis=1),
    "max": lambda x: x.max(axis=1),
    "min": lambda x: x.min(axis=1),
}


@pytest.mark.parametrize("name", BINDERS)
def test_every_binder(name: str) -> None:
    x = array(3, 4)
    same(value(f"y[i] = {name}[k](x[i,k])", x=x), BINDERS[name](x))
    flat = value(f"y = {name}[i,k](x[i,k])", x=x)
    same(flat, BINDERS[name](x.reshape(1, -1))[0])


@pytest.mark.parametrize("name", BINDERS)
def test_a_binder_is_followed_by_a_round_bracket_and_may_else_be_a_tensor(name: str) -> None:
    assert reading(f"y[b] = {name}[b]*x[b]") == f"y[b] = {name}[b]*x[b]"
    text = f"y[b] = {name}[b] + {name}[k](x[b,k])"
    x, given = array(3, 4), array(3)
    same(value(text, x=x, **{name: given}), given + BINDERS[name](x))


def test_ones_deltas_and_scalars() -> None:
    x, s = array(3), 1.5
    same(value("y[i,j] = 1[j]*x[i]", x=x, J=2), np.repeat(x[:, None], 2, axis=1))
    same(value("y[i,j] = 1[i,j]*eps", eps=s, I=2, J=3), np.full((2, 3), s))
    same(value("y[i,j] = delta[i,j]*x[j]", x=x), np.diag(x))
    same(value("y[i] = delta[i,j]*x[j]", x=x), x)
    same(value("y = eps", eps=s), s)


# Names


@pytest.mark.parametrize("name", ["f", "g", "h"])
def test_f_g_h_are_abstract(name: str) -> None:
    x, w = array(3), array(3)[::-1].copy()
    assert dict(read(f"y[i] = {name}(x[i])").functions) == {name: 1}
    same(value(f"y[i] = {name}(x[i])", x=x, **{name: np.cos}), np.cos(x))
    text = f"y[i] = {name}(x[i], 2*w[i])"
    assert dict(read(text).functions) == {name: 2}
    same(value(text, x=x, w=w, **{name: lambda a, b: a - b}), x - 2 * w)


def test_functions_are_declared() -> None:
    x, w = array(2), array(3)
    text = "pointwise act, mix\ny[i,j] = act(mix(x[i], w[j]))"
    program = read(text)
    assert dict(program.functions) == {"act": 1, "mix": 2}
    expected = np.tanh(x[:, None] * w[None, :])
    same(value(text, x=x, w=w, act=np.tanh, mix=lambda a, b: a * b), expected)


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
    same(value(f"y[p] = {name}*x[p]", x=x, **{name: 2.5}), 2.5 * x)
    same(value(f"y[p] = {name}[p]", **{name: x}), x)
    same(value(f"{name} = 2; y[p] = {name}*x[p]", x=x), 2 * x)


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
        same(value(f"y = 2*{given}", **{name: 3.0}), 6.0)
        same(value(f"y = 2*{given}", **{greek: 3.0}), 6.0)
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


# Sizes


def test_sizes_belong_to_the_axes_of_tensors() -> None:
    text = "a[i,j] = x[i,k]*w1[k,j]; y[j,i] = a[j,k]*w2[k,i]"
    x, w1, w2 = array(2, 3), array(3, 4), array(4, 5)
    same(value(text, x=x, w1=w1, w2=w2), x @ w1 @ w2)


def test_two_layers_may_use_the_same_letters_for_different_widths() -> None:
    text = "h1[j] = w1[i,j]*x[i]; y[j] = w2[i,j]*h1[i]"
    x, w1, w2 = array(2), array(2, 3), array(3, 4)
    same(value(text, x=x, w1=w1, w2=w2), x @ w1 @ w2)
    assert sizes(text) == {"J": True, "I": True, "J2": True}


def test_the_same_tensor_under_other_letters() -> None:
    t = array(2, 3, 4)
    text = "y[i] = t[i,j,k]*t[i,j,k]; z[c] = t[a,b,c]*y[a]*1[b]"
    y = np.einsum("ijk,ijk->i", t, t)
    same(value(text, t=t), np.einsum("abc,a->c", t, y))


def test_the_sizes_of_dummies_in_different_terms_may_differ() -> None:
    text = "y[i] = a[i,k]*b[k] + c[i,k]*d[k]"
    assert sizes(text) == {"I": True, "K": True, "K2": True}
    a, b, c, d = array(2, 3), array(3), array(2, 4), array(4)
    same(value(text, a=a, b=b, c=c, d=d), a @ b + c @ d)


def test_a_letter_of_the_signature_is_one_size() -> None:
    text = "n(x[i], w[i]) -> y; y = x[k]*1[k]*w[j]*1[j]"
    assert sizes(text) == {"I": True}
    with pytest.raises(IndexcalcError) as caught:
        indexcalc.evaluate(text, x=array(2), w=array(3))
    assert caught.value.code == "IC603"


def test_two_letters_of_the_signature_are_two_sizes() -> None:
    assert refusal("n(x[b,h], w[h]) -> y\ny[b,h] = x[b,h]*w[b]") == "IC501"
    assert refusal("n(x[b,h]) -> y\ny = x[i,i]") == "IC501"
    assert refusal("n(x[b], w[h]) -> y\nz[i] = x[i]; y[i] = z[i] + w[i]") == "IC501"


def test_a_delta_makes_its_sizes_equal() -> None:
    assert sizes("y = delta[i,j]*x[i]*w[j]") == {"I": True}
    assert sizes("n(x[i], w[j]) -> y; y = delta[i,j]*x[i]*w[j]") == {"I": True}
    assert sizes("y[j] = delta[i,j]*x[i]") == {"J": True}


@pytest.mark.parametrize(
    ("text", "expected"),
    table(
        ("y[h] = x[h]/H", "y[h] = x[h]/H"),
        ("y = x[k]*w[k]/K", "y = sum[k](x[k]*w[k]/K)"),
        ("y = mean[k](x[k])*K", "y = mean[k](x[k])*K"),
        ("n(x[h]) -> y; y = 1[k]*x[k]/H", "y = sum[k](1[k]*x[k]/H)"),
        ("n(x[h], w[k]) -> y; y = H*K", "y = H*K"),
        ("y[i] = x[i]/size(i)", "y[i] = x[i]/I"),
        ("y[i] = x[i]/K", "y[i] = x[i]/K"),
        ("y = a[k]*b[k]/size(k) + K2", "y = sum[k](a[k]*b[k]/K) + K2"),
    ),
)
def test_a_bare_capital(text: str, expected: str) -> None:
    assert reading(text) == expected


@pytest.mark.parametrize(
    "text", ["K[i] = 2*z[i]\ny[k] = a[k]/K", "y[k] = a[k]/K\nK[i] = 2*z[i]"], ids=["above", "below"]
)
def test_a_tensor_in_brackets_is_not_its_letters_size(text: str) -> None:
    same(indexcalc.evaluate(text, z=[5.0], a=[3.0, 6.0, 9.0])["y"], [1, 2, 3])


def test_the_values_of_capitals() -> None:
    x, w = array(2), array(3)
    same(value("y[h] = x[h]/H", x=x), x / 2)
    same(value("n(x[h], w[k]) -> y; y = H*K + size(k)", x=x, w=w), 9.0)
    same(value("n(x[h]) -> y; y = 1[k]*x[k]/H", x=x), x.mean())
    same(value("y[i] = x[i]/K", x=x, K=4.0), x / 4)
    same(value("y = sum[k](size(k)*x[k])", x=x), 2 * x.sum())
    same(value("y[k] = size(k)*w[k] + sum[k](size(k)*x[k])", x=x, w=w), 3 * w + 2 * x.sum())


@pytest.mark.parametrize(
    ("text", "code"),
    table(
        ("y = a[k]*b[k]/K + c[k]*d[k]", "IC311"),
        ("n(x[k], w[j]) -> y; y = K*x[k]*x[k] + w[k]*w[k]", "IC311"),
        ("K = 2*z\ny[k] = a[k]/K", "IC311"),
        ("y[k] = a[k]/K\nK = 2*z", "IC311"),
        ("y[i] = a[i]/K\nz = b[k]*c[k]", "IC311"),
        ("z = b[k]*c[k]\ny[i] = a[i]/K", "IC311"),
        ("y[i] = x[i]/size(q)", "IC502"),
        ("y[i] = x[i]/size(I)", "IC502"),
        ("y[i] = x[i]/size(i,j)", "IC104"),
    ),
)
def test_a_size_is_refused(text: str, code: str) -> None:
    assert refusal(text) == code


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("y[i] = x[i]", ["I"]),
        ("n(x[b,h]) -> y; y[i] = x[i,j]*1[j]", ["B", "H"]),
        ("y[a] = x[a]; z[b] = y[b]", ["A"]),
        ("y[i] = x[i]; z[i] = w[i]", ["I", "I2"]),
        ("y[i] = x[i]; z[i] = w[i]; u[i] = v[i]", ["I", "I2", "I3"]),
        ("n(x[j]) -> y; s = 1[i]*x[i]; y[j] = s", ["J", "J2"]),
        ("y[alpha] = x[alpha]", ["ALPHA"]),
    ],
)
def test_the_names_of_sizes(text: str, names: list[str]) -> None:
    assert list(sizes(text)) == names


def test_a_size_gives_way_to_a_tensor_of_its_name() -> None:
    assert list(sizes("y[i] = I[i]*x[i]")) == ["I2"]


def test_a_size_that_no_input_fixes_is_a_keyword() -> None:
    x = array(3)
    text = "y[i,j] = x[i]"
    assert sizes(text) == {"I": True, "J": False}
    same(value(text, x=x, J=2), np.stack([x, x], axis=1))
    same(value("y = delta[i,i]", I=4), 4.0)
    same(value("y = 1[i]*1[i]", I=4), 4.0)
    same(value("y = sum[k](2)", K=3), 6.0)
    with pytest.raises(IndexcalcError) as caught:
        indexcalc.evaluate(text, x=x)
    assert caught.value.code == "IC601"


# Which indices are summed


EXAMPLES = table(
    # 1: indices on the left are free however often they occur.
    ("y[i] = x[i]*x[i]*x[i]", "y[i] = x[i]*x[i]*x[i]"),
    ("y[i] = x[i,i]", "y[i] = x[i,i]"),
    ("y[i] = x[i]^x[i]", "y[i] = x[i]^x[i]"),
    ("y[i] = x[i]/(x[i]*w[i])", "y[i] = x[i]/(x[i]*w[i])"),
    ("y[i] = exp(x[i]*w[i])*exp(x[i]*w[i])", "y[i] = exp(x[i]*w[i])*exp(x[i]*w[i])"),
    ("y[i,j] = 1[i]*x[j]", "y[i,j] = 1[i]*x[j]"),
    ("y[i,j] = 1[i,j]*x[i]", "y[i,j] = 1[i,j]*x[i]"),
    ("y[b,h] = x[b,h] - 1/H*1[k]*x[b,k]", "y[b,h] = x[b,h] + sum[k](-1/H*1[h]*1[k]*x[b,k])"),
    # 2: every other index is summed where two factors, ... have it.
    ("y = a[k]*b[k]", "y = sum[k](a[k]*b[k])"),
    ("y = a[k]*b[k]*c[k]", "y = sum[k](a[k]*b[k]*c[k])"),
    ("y = a[k]*b[k]*c[k]*d[k]", "y = sum[k](a[k]*b[k]*c[k]*d[k])"),
    ("y[i] = a[i,k]*b[k] + c[i,k]*d[k]", "y[i] = sum[k](a[i,k]*b[k]) + sum[k](c[i,k]*d[k])"),
    ("y = a[i,i]", "y = sum[i](a[i,i])"),
    ("y = delta[i,i]", "y = sum[i](delta[i,i])"),
    ("y = 1[i,i]", "y = sum[i](1[i,i])"),
    ("y = a[k]^b[k]", "y = sum[k](a[k]^b[k])"),
    ("y = f(a[k], b[k])", "y = sum[k](f(a[k], b[k]))"),
    ("y = 2^(a[k]*b[k])", "y = 2^sum[k](a[k]*b[k])"),
    ("y = (a[k]*b[k])^2", "y = sum[k](a[k]*b[k])^2"),
    ("y = exp(a[k]*b[k])", "y = exp(sum[k](a[k]*b[k]))"),
    ("y = 1[k]*exp(a[k])", "y = sum[k](1[k]*exp(a[k]))"),
    ("y = exp(a[k])*exp(a[k])", "y = sum[k](exp(a[k])*exp(a[k]))"),
    ("y = a[k]/b[k]", "y = sum[k](a[k]/b[k])"),
    ("y = 2*(a[k]*b[k])", "y = sum[k](2*a[k]*b[k])"),
    ("y = -(a[k]*b[k])", "y = sum[k](-a[k]*b[k])"),
    ("y = (a[k])*(b[k])", "y = sum[k](a[k]*b[k])"),
    ("y = a[i]*(b[i,j]*c[j])", "y = sum[i,j](a[i]*b[i,j]*c[j])"),
    (
        "y[n,m] = tanh(x[n,k]*w[k,m] + h[n,k]*u[k,m] + b[m])",
        "y[n,m] = tanh(sum[k](x[n,k]*w[k,m]) + sum[k](h[n,k]*u[k,m]) + 1[n]*b[m])",
    ),
    ("y[i] = e[i]/(a[i,k]*b[k])", "y[i] = e[i]/sum[k](a[i,k]*b[k])"),
    ("y[b] = 1[h]*(x[b,h] - 1[h]*m[b])^2", "y[b] = sum[h](1[h]*(x[b,h] - 1[h]*m[b])^2)"),
    ("y = (a[k]+b[k])*c[k]", "y = sum[k]((a[k] + b[k])*c[k])"),
    ("y = 1[i]*(x[i,j]*w[j])^3", "y = sum[i](1[i]*sum[j](x[i,j]*w[j])^3)"),
    ("y = a[k]*b[k]/(c[j]*d[j])", "y = sum[k](a[k]*b[k]/sum[j](c[j]*d[j]))"),
    ("y = x[i]*x[i] + x[j]*x[j]", "y = sum[i](x[i]*x[i]) + sum[j](x[j]*x[j])"),
    ("y[i] = x[i]*(a[k]*b[k] + 2)", "y[i] = x[i]*(sum[k](a[k]*b[k]) + 2)"),
    # 3: not ambiguous, for another factor has the index exactly once.
    ("y[b] = 1[h]*(x[b,h]*w[h] - m[b])^2", "y[b] = sum[h](1[h]*(x[b,h]*w[h] - 1[h]*m[b])^2)"),
    ("y = a[k]*exp(b[k]*c[k])", "y = sum[k](a[k]*exp(b[k]*c[k]))"),
    ("y = a[k]*(b[k]*c[k] + d[k])", "y = sum[k](a[k]*(b[k]*c[k] + d[k]))"),
    ("y = (a[k]*b[k])*c[k]", "y = sum[k](a[k]*b[k]*c[k])"),
    ("y = a[k,k]*b[k]", "y = sum[k](a[k,k]*b[k])"),
    ("y = a[k]*b[k]/c[k]", "y = sum[k](a[k]*b[k]/c[k])"),
    ("y = (a[k]*b[k])^c[k]", "y = sum[k]((a[k]*b[k])^c[k])"),
    ("y = f(a[k]*b[k], c[k])", "y = sum[k](f(a[k]*b[k], c[k]))"),
    ("y = exp(a[k]*b[k])*exp(c[j]*d[j])", "y = exp(sum[k](a[k]*b[k]))*exp(sum[j](c[j]*d[j]))"),
    # 4: the ways out that the hint offers.
    ("y = 1[k]*x[k]^2", "y = sum[k](1[k]*x[k]^2)"),
    ("y = sum[k](x[k]^2)", "y = sum[k](x[k]^2)"),
    ("y[k] = x[k]^2", "y[k] = x[k]^2"),
    ("y = 1[i]*(t[i]-x[i])^2", "y = sum[i](1[i]*(t[i] - x[i])^2)"),
    # 5: broadcasting, at the top and nested.
    ("y[i] = x[i] + 1", "y[i] = x[i] + 1[i]"),
    ("y[i] = 3", "y[i] = 3*1[i]"),
    ("y[i,j] = x[i] + w[j]", "y[i,j] = 1[j]*x[i] + 1[i]*w[j]"),
    ("y[i,j] = x[i]", "y[i,j] = 1[j]*x[i]"),
    ("y[i,j] = 2*x[i]", "y[i,j] = 2*1[j]*x[i]"),
    ("y[i,j] = tanh(x[i] + w[j])", "y[i,j] = tanh(1[j]*x[i] + 1[i]*w[j])"),
    ("y[i] = exp(x[i] + s)", "y[i] = exp(x[i] + 1[i]*s)"),
    ("y[i,j] = x[i]*(1 + w[j])", "y[i,j] = x[i]*(1[j] + w[j])"),
    ("y[i,j] = (x[i] + 1)*w[j] + 1", "y[i,j] = (x[i] + 1[i])*w[j] + 1[i,j]"),
    ("y[i,j] = f(x[i], w[j])", "y[i,j] = f(x[i], w[j])"),
    ("y[i] = x[i]/(1 + w[i])", "y[i] = x[i]/(1[i] + w[i])"),
    ("y[i] = 2^(x[i] + 1)", "y[i] = 2^(x[i] + 1[i])"),
    # 6: a binder always works and always wins.
    ("y[i] = sum[k](a[i,k])", "y[i] = sum[k](a[i,k])"),
    ("y = sum[k](a[k]*b[k])*c[j]*d[j]", "y = sum[j](sum[k](a[k]*b[k])*c[j]*d[j])"),
    ("y = sum[k](c[k]*d[k])/sum[k](a[k]*b[k])", "y = sum[k](c[k]*d[k])/sum[k](a[k]*b[k])"),
    ("y[b,c] = exp(s[b,c])/sum[c](exp(s[b,c]))", "y[b,c] = exp(s[b,c])/sum[d](exp(s[b,d]))"),
    ("y[k] = x[k]*sum[k](a[k]*b[k])", "y[k] = x[k]*sum[l](a[l]*b[l])"),
    ("y[i] = x[i] - mean[i](x[i])", "y[i] = x[i] - 1[i]*mean[j](x[j])"),
    ("y = sum[k](sum[k](a[k])*b[k])", "y = sum[k](sum[l](a[l])*b[k])"),
    ("y[i] = max[k](a[i,k]*b[k])", "y[i] = max[k](a[i,k]*b[k])"),
    ("y[i] = sum[k](a[i,k]*b[j]*c[j])", "y[i] = sum[k](sum[j](a[i,k]*b[j]*c[j]))"),
)


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_is_read_as(text: str, expected: str) -> None:
    assert reading(text) == expected


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_the_reading_reads_as_itself(text: str, expected: str) -> None:
    assert reading(expected) == expected


REFUSED = table(
    # 1: a one-tensor over free indices that its product has.
    ("y[b,h] = x[b,h] - 1/H*1[h]*x[b,h]", "IC403"),
    ("y[i] = 1[i]*x[i]", "IC403"),
    ("y[i] = 1[i]*1[i]", "IC403"),
    ("y[i] = exp(1[i]*x[i])", "IC403"),
    ("y[i] = 1[i]*(x[i] + 1)", "IC403"),
    ("y[i,j] = 1[i,j]*x[i]*w[j]", "IC403"),
    # 3: both readings legal.
    ("y = a[k]*b[k]/(c[k]*d[k])", "IC402"),
    ("y = sqrt(x[i]*x[i])*sqrt(z[i]*z[i])", "IC402"),
    ("y = (a[k]*b[k])*(c[k]*d[k])", "IC402"),
    ("y = (a[k]*b[k])*c[k]*d[k]", "IC402"),
    ("y = a[k]*b[k]*exp(c[k]*d[k])", "IC402"),
    ("y = (a[k]*b[k] + 1)*(c[k]*d[k] + 1)", "IC402"),
    ("y = (a[k]*b[k])^(c[k]*d[k])", "IC402"),
    ("y = f(a[k]*b[k], c[k]*d[k])", "IC402"),
    ("y = a[k,k]*b[k,k]", "IC402"),
    ("y = a[k,k]*b[k]*c[k]", "IC402"),
    # 4: one occurrence.
    ("y[i] = a[i,k]", "IC401"),
    ("y = x[k]^2", "IC401"),
    ("y = (t[i]-x[i])^2", "IC401"),
    ("y = (a[k])^2", "IC401"),
    ("y = exp(x[k])", "IC401"),
    ("y = a[k]*b[k] + c[k]", "IC401"),
    ("y = a[k]*b[k] - a[k]", "IC401"),
    ("y[i] = 1[k]*x[i]", "IC401"),
    ("y = 2/x[k]", "IC401"),
    ("y = sum[k](a[k,j])", "IC401"),
    ("y = exp(a[k]*b[k] + c[k])", "IC401"),
    ("y = a[k]*b[k]/c[j]", "IC401"),
    # Indices that have to differ.
    ("y[i,i] = x[i]", "IC404"),
    ("y = sum[k,k](a[k])", "IC404"),
)


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_is_refused_by_the_rules(text: str, code: str) -> None:
    assert refusal(text) == code


def test_a_refused_sum_says_what_to_do() -> None:
    with pytest.raises(IndexcalcError) as caught:
        read("y[b,h] = x[b,h] - 1/H*1[h]*x[b,h]")
    assert "h is free here" in caught.value.message
    assert "use another letter" in caught.value.hint
    with pytest.raises(IndexcalcError) as caught:
        read("y[i] = a[i,k]")
    for way in ("1[k]*", "sum[k](...)", "put k on the left"):
        assert way in caught.value.hint


def _values() -> Iterable[tuple[str, dict[str, Any], Any]]:
    a, b, c, d = array(2, 3), array(3), array(2, 4), array(4)
    x, w, e = array(4, 3), array(3), array(2)
    u, v, m = array(5), positive(5), array(4)
    square = array(3, 3)
    yield "y[i] = a[i,k]*b[k] + c[i,k]*d[k]", {"a": a, "b": b, "c": c, "d": d}, a @ b + c @ d
    yield "y[i] = e[i]/(a[i,k]*b[k])", {"e": e, "a": a, "b": b}, e / (a @ b)
    hidden, weights, more = array(4, 2), array(3, 5), array(2, 5)
    yield (
        "y[n,m] = tanh(x[n,k]*w[k,m] + h[n,k]*u[k,m] + b[m])",
        {"x": x, "w": weights, "h": hidden, "u": more, "b": u},
        np.tanh(x @ weights + hidden @ more + u),
    )
    squares = ((x - m[:, None]) ** 2).sum(axis=1)
    yield "y[b] = 1[h]*(x[b,h] - 1[h]*m[b])^2", {"x": x, "m": m}, squares
    both = ((x * w - m[:, None]) ** 2).sum(axis=1)
    yield "y[b] = 1[h]*(x[b,h]*w[h] - m[b])^2", {"x": x, "w": w, "m": m}, both
    yield "y = (a[k]+b[k])*c[k]", {"a": u, "b": v, "c": u * v}, ((u + v) * u * v).sum()
    yield "y = 1[i]*(x[i,j]*w[j])^3", {"x": x, "w": w}, ((x @ w) ** 3).sum()
    yield "y = x[i,i]", {"x": square}, np.trace(square)
    yield "y[i] = x[i,i]", {"x": square}, np.diag(square)
    yield "y = v[k]^u[k]", {"u": u, "v": v}, (v**u).sum()
    yield "y = u[k]*v[k]*u[k]", {"u": u, "v": v}, (u * v * u).sum()
    yield "y = 2^(u[k]*v[k])", {"u": u, "v": v}, 2 ** (u @ v)
    yield "y = u[k]*exp(u[k]*v[k])", {"u": u, "v": v}, (u * np.exp(u * v)).sum()
    yield "y = (u[k]*v[k])^2", {"u": u, "v": v}, (u @ v) ** 2
    yield "y[i,j] = u[i] + w[j] + 1", {"u": u, "w": w}, u[:, None] + w[None, :] + 1
    yield "y[j,i] = u[i]*w[j]", {"u": u, "w": w}, np.outer(w, u)
    outer = np.tanh(u[:, None] + w[None, :])
    yield "y[i,j] = tanh(u[i] + w[j])", {"u": u, "w": w}, outer
    yield "y = 1[i]*1[j]*tanh(u[i] + w[j])", {"u": u, "w": w}, outer.sum()
    softmax = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    yield "y[b,c] = exp(x[b,c])/sum[c](exp(x[b,c]))", {"x": x}, softmax
    yield "y[i] = u[i] - mean[i](u[i])", {"u": u}, u - u.mean()
    yield "y[k] = w[k]*sum[k](u[k]*v[k])", {"u": u, "v": v, "w": w}, w * (u @ v)
    yield "y = sum[k](sum[k](u[k])*w[k])", {"u": u, "w": w}, u.sum() * w.sum()
    yield "y[i] = max[j](u[i] - w[j])", {"u": u, "w": w}, u - w.min()
    yield "y[h] = mean[b](x[b,h]*1[b])", {"x": x}, x.mean(axis=0)
    yield "y = prod[i](1 + u[i])", {"u": u}, (1 + u).prod()
    yield "y[i] = f(u[i], v[i])", {"u": u, "v": v, "f": np.arctan2}, np.arctan2(u, v)
    yield "y = f(u[i], v[i])", {"u": u, "v": v, "f": np.arctan2}, np.arctan2(u, v).sum()


@pytest.mark.parametrize(
    ("text", "values", "expected"), [pytest.param(*row, id=row[0]) for row in _values()]
)
def test_means(text: str, values: dict[str, Any], expected: Any) -> None:
    same(value(text, **values), expected)


def test_the_echo_shows_every_sum_one_tensor_input_output_and_size() -> None:
    shown = echo(read("y[i,j] = a[i,k]*b[k] + w[j]"))
    assert shown == (
        "f(a_ik, b_k, w_j) → y\n\n"
        "Reading\n  y_ij = Σ_k 1_j a_ik b_k + 1_i w_j\n\n"
        "Inputs\n  a_ik   I × K\n  b_k    K\n  w_j    J\n\n"
        "Outputs\n  y_ij   I × J\n\n"
        "Sizes\n  I   a axis 1\n  J   w axis 1\n  K   a axis 2\n"
    )


def test_the_echo_says_how_to_give_a_size_that_no_input_fixes() -> None:
    shown = echo(read("y[i,j] = x[i]; z[i] = y[i,j]*1[j] + mean[k](2)"))
    assert shown.partition("Sizes\n")[2] == (
        "  I   x axis 1\n"
        "  J   y axis 2; fixed by no input: give J=... as a keyword\n"
        "  K   fixed by no input: give K=... as a keyword\n"
    )


LONG = """# A description so long that no terminal of eighty columns has room for it in a line.
averylongname(alpha_in[batch,height,width], beta_in[height,width,channel], third[batch],
              another[channel,batch], eps=1e-5) -> out
out[batch,channel] = alpha_in[batch,height,width]*beta_in[height,width,channel]*(third[batch]
    )*tanh(another[channel,batch])*alpha_in[batch,height,width] + third[batch]*exp(eps*third[batch])
"""


def test_no_line_of_the_echo_is_longer_than_80_columns() -> None:
    lines = echo(read(LONG)).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[:11] == [
        "averylongname(alpha_in_{batch,height,width}, beta_in_{height,width,channel},",
        "              third_{batch}, another_{channel,batch}, ε = 1e-5) → out",
        "A description so long that no terminal of eighty columns has room for it in a",
        "line.",
        "",
        "Reading",
        "  out_{batch,channel} = Σ_{height,width} alpha_in_{batch,height,width}",
        "                        beta_in_{height,width,channel} third_{batch}",
        "                        tanh(another_{channel,batch})",
        "                        alpha_in_{batch,height,width}",
        "                        + 1_{channel} third_{batch} exp(ε third_{batch})",
    ]


def test_a_program_shows_itself_in_one_line() -> None:
    program = read("f(x[i,k], w[k], eps=0.1) -> y; s[i] = x[i,k]*w[k]; y[i] = s[i]/2 + eps")
    assert repr(program) == (
        "<Program f(x[i,k], w[k], eps=1/10) -> y; s[i] = x[i,k]*w[k]; y[i] = s[i]/2 + eps*1[i]>"
    )


def test_the_echo_renames_a_binder_that_reuses_a_free_letter() -> None:
    shown = echo(read("y[b,c] = exp(s[b,c])/sum[c](exp(s[b,c]))"))
    assert "Σ_d" in shown
    assert "Σ_c" not in shown


# Limits


def test_64_kb_are_read_and_no_more() -> None:
    text = "y = x #"
    full = text + "é" * ((65_536 - len(text)) // 2) + "e"
    assert len(full.encode()) == 65_536
    assert reading(full) == "y = x"
    assert refusal(full + "e") == "IC106"


DEEP = {
    "brackets": lambda depth: "(" * depth + "x" + ")" * depth,
    "functions": lambda depth: "tanh(" * depth + "x" + ")" * depth,
    "signs": lambda depth: "-" * depth + "x",
    "powers": lambda depth: "x^" * depth + "x",
    "binders": lambda depth: "sum[k](a[k]*" * depth + "x" + ")" * depth,
}


@pytest.mark.parametrize("kind", DEEP)
def test_200_deep_is_read_and_201_is_not(kind: str) -> None:
    assert read(f"y = {DEEP[kind](200)}").outputs == ("y",)
    assert refusal(f"y = {DEEP[kind](201)}") == "IC105"


@pytest.mark.parametrize(
    "right", ["+".join(["x"] * 5000), "*".join(["x"] * 5000), "-".join(["(x)"] * 5000)]
)
def test_length_is_not_depth(right: str) -> None:
    assert inputs(read(f"y = {right}")) == ["x"]


def test_a_long_program_is_not_deep() -> None:
    lines = ["y0[i] = x[i]", *(f"y{n}[i] = tanh(y{n - 1}[i])" for n in range(1, 1500))]
    assert len(read("\n".join(lines)).equations) == 1500


# The same input is the same output


@pytest.mark.parametrize(
    "text",
    [
        LAYERNORM,
        "y[i] = a[i,k]*b[k] + c[i,k]*d[k]",
        "y[b,c] = exp(s[b,c])/sum[c](exp(s[b,c]))",
        "pointwise act\ny[i,j] = act(x[i], w[j])",
    ],
    ids=["layernorm", "sums", "softmax", "abstract"],
)
def test_the_same_text_is_read_alike(text: str) -> None:
    first, second = read(text), read(text)
    assert first == second
    assert echo(first) == echo(second)
