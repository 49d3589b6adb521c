"""The language: signatures, statements and limits, what is accepted and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sympy import Rational, pi

import indexcalc
from indexcalc.catalogue import find, function_name
from indexcalc.lang.reading import read
from indexcalc.render.echo import echo
from tests.spellings import LAYERNORM
from tests.texts import (
    array,
    assert_same,
    inputs,
    positive,
    reading,
    readings,
    refusal,
    table,
    value,
)

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
    assert_same(values["y"], centred / sigma * gamma + beta)
    assert_same(values["m"], x.mean(axis=1))


def test_a_constant_is_a_keyword() -> None:
    text = "f(x[i], s=0.25) -> y; y[i] = s*x[i]"
    x = array(3)
    assert_same(value(text, x=x), x / 4)
    assert_same(value(text, x=x, s=3), 3 * x)


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
        ("y = 1; y += 2; y += -1/2", "y = 5/2"),
        ("y[i] = a[i]; z[i] = b[i]; y[i] += z[i]", "z[i] = b[i]; y[i] = a[i] + z[i]"),
    ),
)
def test_added_terms(text: str, expected: str) -> None:
    assert reading(text) == expected


def test_the_value_of_an_added_term_with_other_letters() -> None:
    a, b, c = array(2, 3), array(3, 2), array(3)
    text = "y[i,j] = a[i,j]; y[j,i] += b[i,j]*c[i]"
    assert_same(value(text, a=a, b=b, c=c), a + (b * c[:, None]).T)


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
