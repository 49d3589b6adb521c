"""Which operations of a program are gates of their own, and by which rule each hands back."""

from __future__ import annotations

import pytest

from indexcalc.calculus.gates import Gate, gates, program_of
from indexcalc.lang.reading import read
from indexcalc.lang.values import Value, given


def shown(gate: Gate) -> str:
    return f"{gate.equation} ({gate.rule.name if gate.rule else 'no rule'})"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("z = x + y", ["z = x + y (linearity)"]),
        ("z = x - y", ["z = x - y (linearity)"]),
        ("y[i,j] = x[i,j] - b[j]", ["y[i,j] = x[i,j] - 1[i]*b[j] (linearity)"]),
        ("z = x*y", ["z = x*y (product rule)"]),
        ("z = -2*x", ["z = -2*x (product rule)"]),
        ("z = x*y/w", ["z = x*y/w (quotient rule)"]),
        ("z = 1/x", ["z = 1/x (power rule)"]),
        ("z = x^3", ["z = x^3 (power rule)"]),
        ("z = 2^x", ["z = 2^x (exponential rule)"]),
        ("z = x^y", ["z = x^y (exponential rule)"]),
        ("z = tanh(x)", ["z = tanh(x) (chain rule)"]),
        ("y[i] = W[i,j]*x[j]", ["y[i] = W[i,j]*x[j] (product rule)"]),
        ("y = sum[k](x[k])", ["y = sum[k](x[k]) (derivative of a contraction)"]),
        ("y = 1/K*1[k]*x[k]", ["y = 1/K*1[k]*x[k] (derivative of a contraction)"]),
        ("y = mean[k](x[k])", ["y = mean[k](x[k]) (derivative of a contraction)"]),
        ("y = 3*sum[k](x[k]*w[k])", ["y = 3*sum[k](x[k]*w[k]) (product rule)"]),
        ("y[j] = delta[i,j]*x[i]", ["y[j] = delta[i,j]*x[i] (derivative of a contraction)"]),
        ("y[i,j] = delta[i,j]*x[i]", ["y[i,j] = delta[i,j]*x[i] (product rule)"]),
        ("y[i,j] = x[i]", ["y[i,j] = 1[j]*x[i] (self-derivative)"]),
        ("y[j,i] = x[i,j]", ["y[j,i] = x[i,j] (self-derivative)"]),
        ("y[i] = 2*1[i]", ["y[i] = 2*1[i] (no rule)"]),
        ("f = (x + y)*z", ["gate 1 = x + y (linearity)", "f = gate 1*z (product rule)"]),
        (
            "y = (x + 1)*(x + 1)",
            ["gate 1 = x + 1 (linearity)", "y = gate 1*gate 1 (product rule)"],
        ),
        (
            "y = x - a[k]*b[k]",
            ["gate 1 = a[k]*b[k] (product rule)", "y = x - gate 1 (linearity)"],
        ),
        ("y = x - 1/z", ["gate 1 = 1/z (power rule)", "y = x - gate 1 (linearity)"]),
        (
            "y = x - a[k]*b[k]/2",
            ["gate 1 = a[k]*b[k]/2 (product rule)", "y = x - gate 1 (linearity)"],
        ),
        (
            "y[i] = a[i]/(b[k]*c[k])",
            ["gate 1 = b[k]*c[k] (product rule)", "y[i] = a[i]/gate 1 (quotient rule)"],
        ),
        (
            "y = 1[k]*x[k]^2",
            ["gate 1[k] = x[k]^2 (power rule)", "y = 1[k]*gate 1[k] (derivative of a contraction)"],
        ),
        (
            "y[i] = sum[k](exp(x[k,i]*w[k]))",
            [
                "gate 1[i,k] = x[k,i]*w[k] (product rule)",
                "gate 2[i,k] = exp(gate 1[i,k]) (chain rule)",
                "y[i] = sum[k](gate 2[i,k]) (derivative of a contraction)",
            ],
        ),
        (
            "y[i] = max[k](2*x[i,k])",
            ["gate 1[i,k] = 2*x[i,k] (product rule)", "y[i] = max[k](gate 1[i,k]) (no rule)"],
        ),
        (
            "f(x, eps=0.1) -> y\ny = sqrt((1 + eps)*x + eps)",
            [
                "gate 1 = (1 + eps)*x (product rule)",
                "gate 2 = gate 1 + eps (linearity)",
                "y = sqrt(gate 2) (chain rule)",
            ],
        ),
        (
            "u = x*y; v = exp(u)*u",
            [
                "u = x*y (product rule)",
                "gate 2 = exp(u) (chain rule)",
                "v = gate 2*u (product rule)",
            ],
        ),
    ],
)
def test_the_gates_of(program: str, expected: list[str]) -> None:
    assert list(map(shown, gates(read(program)))) == expected


def test_a_program_of_single_operations_is_its_own() -> None:
    program = read("q = x + y; f = q*z")
    opened = program_of(program, gates(program))
    assert opened == program
    assert all(a.right is b.right for a, b in zip(opened.equations, program.equations, strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x=3", {"x": 3}),
        ("x = -3 , y=.5", {"x": -3, "y": 0.5}),
        ("x=1/3,y=-2/4,z=1e-3/2", {"x": 1 / 3, "y": -0.5, "z": 0.0005}),
        ("x=2.5e3,y=1E2,z=1e300", {"x": 2500, "y": 100, "z": 1e300}),
        ("γ=[1,2],w1=[[1],[2]]", {"gamma": [1, 2], "w1": [[1], [2]]}),
        ("x=[\n  1,\n  2]", {"x": [1, 2]}),
        (" random\n", {}),
        ("random=1", {"random": 1}),
    ],
)
def test_values_as_text(text: str, expected: dict[str, Value]) -> None:
    assert given(text, "--values") == expected


def test_whole_numbers_stay_whole_where_floats_are_exact() -> None:
    found = given("x=4,y=4.0,z=9007199254740992,w=8/2", "--values")
    assert [type(value) for value in found.values()] == [int, int, float, int]
