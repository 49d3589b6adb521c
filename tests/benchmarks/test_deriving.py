"""How long deriving takes, all gradients closed. The limits are three times the goal."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import indexcalc as ic
from indexcalc.calculus.gradients import Gradients, gradients
from indexcalc.families import member
from tests.benchmarks.test_reading import ALLOWANCE, derive, least, timed

# One after the other, for they take the time.
pytestmark = pytest.mark.usefixtures("usual_memory")

BLOCK = """
block(x[n,d], g1[d], b1[d], wq[d,e], wk[d,e], wv[d,e], wo[e,d], g2[d], b2[d], w1[d,f], c1[f],
      w2[f,d], c2[d], eps=1e-5) -> y
m1[n] = 1/D*1[d]*x[n,d]
u1[n,d] = x[n,d] - 1[d]*m1[n]
v1[n] = 1/D*1[d]*u1[n,d]^2
s1[n] = sqrt(v1[n] + eps)
h1[n,d] = u1[n,d]/s1[n]*g1[d] + 1[n]*b1[d]
q[n,e] = h1[n,d]*wq[d,e]
k[n,e] = h1[n,d]*wk[d,e]
v[n,e] = h1[n,d]*wv[d,e]
s[n,m] = q[n,e]*k[m,e]/sqrt(E)
ex[n,m] = exp(s[n,m])
z[n] = 1[m]*ex[n,m]
p[n,m] = ex[n,m]/z[n]
o[n,e] = p[n,m]*v[m,e]
a[n,d] = x[n,d] + o[n,e]*wo[e,d]
m2[n] = 1/D*1[d]*a[n,d]
u2[n,d] = a[n,d] - 1[d]*m2[n]
v2[n] = 1/D*1[d]*u2[n,d]^2
s2[n] = sqrt(v2[n] + eps)
h2[n,d] = u2[n,d]/s2[n]*g2[d] + 1[n]*b2[d]
t[n,f] = h2[n,d]*w1[d,f] + 1[n]*c1[f]
r[n,f] = tanh(t[n,f])
y[n,d] = a[n,d] + r[n,f]*w2[f,d] + 1[n]*c2[d]
"""


def nested(depth: int) -> str:
    return f"y[i] = {'tanh(' * depth}x[i]{')' * depth}"


def products(count: int, term: str) -> str:
    return "y[i] = " + " + ".join(term.replace("#", str(n)) for n in range(2, count + 2))


GOALS = {
    "matmul": ("matmul", 0.010),
    "layernorm": ("layernorm", 0.050),
    "attention": ("attention", 0.050),
    "tcl of order 8": (member("tcl", "8"), 0.030),
    "mlp of 32 layers": (member("mlp", "32"), 0.250),
    "transformer block": (BLOCK, 0.400),
    "tanh nested 50 deep": (nested(50), 0.500),
    "sum of 300 products": (products(300, "x[i]^#*b[i]"), 1.0),
    "sum of 300 products of inputs": (products(300, "a#[i]*b#[i]"), 1.0),
    "sum of 300 contractions": (products(300, "x[i,k]*b#[k]"), 1.0),
}


def derived(program: ic.Program) -> Gradients:
    return gradients(program, [access.name for access in program.inputs])


@pytest.mark.benchmark(group="deriving")
@pytest.mark.parametrize("name", GOALS)
def test_all_gradients_are_derived_in_time(name: str, benchmark: BenchmarkFixture) -> None:
    text, goal = GOALS[name]
    program = ic.read(text)
    found = timed(benchmark, ALLOWANCE * goal, lambda: derived(program), 2)
    assert set(found.backprop.wrt) <= set(found.results)


@pytest.mark.usefixtures("alone")
def test_twice_the_layers_take_about_twice_as_long() -> None:
    small, large = (ic.read(member("mlp", layers)) for layers in ("16", "32"))
    one, two = least(lambda: derived(small), lambda: derived(large), rounds=8)
    assert two <= 2.3 * one


def test_the_depth_of_a_network_is_no_limit() -> None:
    found = derived(ic.read(member("mlp", "256")))
    assert len(found.backprop.wrt) == 513
    # The adjoints of the layers keep their names, which keeps the whole linear.
    assert len(found.kept) == 256
    assert ic.derive("mlp:64").text("none").count("∂l/∂w") == 64


@pytest.mark.benchmark(group="command")
def test_deriving_takes_the_command_nine_tenths_of_a_second(benchmark: BenchmarkFixture) -> None:
    shown = timed(benchmark, ALLOWANCE * 0.9, lambda: derive("layernorm"), 2)
    assert shown.startswith("layernorm(")
