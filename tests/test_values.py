"""Values forward and gradients backward: the figures of the paper, other ways to compute both, and
how they are shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.expr.functions import PRIME
from indexcalc.expr.nodes import Reduce
from indexcalc.expr.printing import spell
from indexcalc.expr.world import World
from indexcalc.pages.values import Values
from indexcalc.proof.domain import is_inside
from indexcalc.proof.points import stand_ins
from indexcalc.render.json import json as as_json
from indexcalc.render.latex import latex
from indexcalc.render.numbers import array_lines, short
from indexcalc.render.page import GateRow, Gates, Numbers, Pieces
from indexcalc.render.text import text
from tests.fuzz.programs import case, is_refused
from tests.oracle import text as source_of
from tests.pages import remarks, rows
from tests.pages import shown as shown_cell
from tests.points import BUNDLED, MEMBERS, POSITIVE, Array, assert_close, point

Captured = pytest.CaptureFixture[str]
MATVEC = "y[i] = W[i,j]*x[j]"


def printed(capsys: Captured, *arguments: str) -> str:
    assert main(list(arguments)) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


# The paper


def test_the_addition_gate_of_figure_1(capsys: Captured) -> None:
    assert (
        printed(capsys, "z = x + y", "--values", "x=3,y=-4,dl_dz=2")
        == """\
f(x, y) → z

  z = x + y

l is a loss further on; ∂l/∂z is given.

  gate       forward  backward  rule
  x                3         2
  y               -4         2
  z = x + y       -1         2  linearity

  rule       of a gate    hands back, where G is ∂l/∂z
  linearity  z = x + c y  G to x, c G to y
"""
    )


def test_the_multiplication_gate_of_figure_2(capsys: Captured) -> None:
    assert (
        printed(capsys, "z = x*y", "--values", "x=3,y=-4,dl_dz=2")
        == """\
f(x, y) → z

  z = x y

l is a loss further on; ∂l/∂z is given.

  gate     forward  backward  rule
  x              3        -8
  y             -4         6
  z = x y      -12         2  product rule

  rule          of a gate  hands back, where G is ∂l/∂z
  product rule  z = x y    G y to x, G x to y
"""
    )


def test_a_fully_connected_layer_of_equations_2_to_10(capsys: Captured) -> None:
    values = "W=[[1,2,3],[4,5,6]],x=[1,0,-1],dl_dy=[1,2]"
    assert (
        printed(capsys, MATVEC, "--values", values)
        == """\
f(W_ij, x_j) → y

  y_i = W_ij x_j

Sizes: I = 2, J = 3.

l is a loss further on; ∂l/∂y_i is given.

  gate            forward       backward        rule
  W_ij            [[1, 2, 3],   [[ 1,  0, -1],
                   [4, 5, 6]]    [ 2,  0, -2]]
  x_j             [ 1,  0, -1]  [ 9, 12, 15]
  y_i = W_ij x_j  [-2, -2]      [1, 2]          product rule

  rule          of a gate  hands back, where G is ∂l/∂z
  product rule  z = x y    G y to x, G x to y

What is used in several places gets the sum of what comes back from them.
"""
    )


@pytest.mark.parametrize("program", [MATVEC, "y[i] = delta[i,k]*W[k,j]*x[j]"])
def test_the_layer_with_its_identity_and_without(program: str) -> None:
    """Equation 7 puts I_ik before W_kj, and changes nothing."""
    random = np.random.default_rng(0)
    w, x, upstream = (random.normal(size=shape) for shape in ((3, 4), (4,), (3,)))
    found = ic.derive(program).values(W=w, x=x, dl_dy=upstream)
    assert_close(found.values["y"], w @ x)
    assert_close(found.gradients["x"], w.T @ upstream)
    assert_close(found.gradients["W"], np.outer(upstream, x))


@pytest.mark.parametrize(
    ("program", "gates"),
    [
        ("q = x + y; f = q*z", ["q = x + y", "f = q z"]),
        ("f = (x + y)*z", ["x + y", "f = (x + y) z"]),
    ],
)
def test_a_gate_need_not_have_a_name(program: str, gates: list[str]) -> None:
    found = table(ic.derive(program).values(x=-2, y=5, z=-4))
    assert {gate: tuple(map(float, arrays)) for gate, arrays in found.items()} == {
        "x": (-2, -4),
        "y": (5, -4),
        "z": (-4, 3),
        gates[0]: (3, -4),
        gates[1]: (-12, 1),
    }


def table(found: Values) -> dict[str, tuple[Array, Array]]:
    """The two arrays of each gate on the page by what is written there."""
    rows = gate_rows(found)
    assert len({shown(row.gate) for row in rows}) == len(rows)
    return {
        shown(row.gate): (array(row.forward), array(row.backward))
        for row in rows
        if row.backward is not None
    }


def gate_rows(found: Values) -> tuple[GateRow, ...]:
    (block,) = [block for block in found.page.blocks if isinstance(block, Gates)]
    return block.rows


def shown(pieces: Pieces) -> str:
    return "".join(
        piece if isinstance(piece, str) else spell(piece, "unicode", ones=False) for piece in pieces
    )


def array(numbers: Numbers | None) -> Array:
    assert numbers is not None
    return np.reshape(numbers.entries, numbers.shape)


# Autograd

Tensors = dict[str, Any]
TWO = """\
f(x[i], s) -> y, z
u[i] = exp(x[i]*s)
y[i] = u[i]/(1[j]*u[j])
z = u[i]*y[i]^2
"""
INSIDE = "y[n,m] = tanh(x[n,k]*w[k,m] + b[m])*sqrt(c[m]^2 + 1) - x[n,k]^2*w[k,m]/3"
TOTALS = "y[i] = sum[k](exp(x[i,k]*w[k])) + a[i,i]^2*mean[k](x[i,k])"


def layernorm(torch: Any, x: Any, gamma: Any, beta: Any) -> Tensors:
    m = x.mean(1)
    mu = x - m[:, None]
    square = mu**2
    v = square.mean(1)
    shifted = v + 1e-5
    sigma = torch.sqrt(shifted)
    scaled = mu / sigma[:, None] * gamma
    return {
        "m_b = (1/H) 1_h x_bh": m,
        "μ_bh = x_bh - 1_h m_b": mu,
        "μ_bh²": square,
        "v_b = (1/H) 1_h μ_bh²": v,
        "v_b + ε": shifted,
        "σ_b = √(v_b + ε)": sigma,
        "μ_bh/σ_b · γ_h  (no sum b, h)": scaled,
        "y_bh = μ_bh/σ_b · γ_h + 1_b β_h": scaled + beta,
    }


def cross_entropy(torch: Any, x: Any, t: Any) -> Tensors:
    e = torch.exp(x)
    z = e.sum(1)
    p = e / z[:, None]
    log = torch.log(p)
    return {
        "e_bc = exp(x_bc)": e,
        "z_b = 1_c e_bc": z,
        "p_bc = e_bc/z_b": p,
        "log(p_bc)": log,
        "loss = -(1/B) t_bc log(p_bc)": -(t * log).sum() / len(x),
    }


def two(torch: Any, x: Any, s: Any) -> Tensors:
    scaled = x * s
    u = torch.exp(scaled)
    total = u.sum()
    y = u / total
    square = y**2
    return {
        "x_i s": scaled,
        "u_i = exp(x_i s)": u,
        "1_j u_j": total,
        "y_i = u_i/(1_j u_j)": y,
        "y_i²": square,
        "z = u_i y_i²": (u * square).sum(),
    }


def inside(torch: Any, x: Any, w: Any, b: Any, c: Any) -> Tensors:
    product = x @ w
    moved = product + b
    square = c**2
    more = square + 1
    left, root = torch.tanh(moved), torch.sqrt(more)
    x_squared = x**2
    first, second = left * root, x_squared @ w / 3
    return {
        "x_nk w_km": product,
        "x_nk w_km + 1_n b_m": moved,
        "c_m²": square,
        "c_m² + 1": more,
        "tanh(x_nk w_km + 1_n b_m)": left,
        "√(c_m² + 1)": root,
        "x_nk²": x_squared,
        "tanh(x_nk w_km + 1_n b_m) √(c_m² + 1)  (no sum m)": first,
        "x_nk² w_km/3": second,
        "y_nm = tanh(x_nk w_km + 1_n b_m) √(c_m² + 1) - x_nk² w_km/3": first - second,
    }


def totals(torch: Any, x: Any, w: Any, a: Any) -> Tensors:
    product = x * w
    e = torch.exp(product)
    total = e.sum(1)
    squares = torch.diagonal(a) ** 2
    mean = x.mean(1)
    second = squares * mean
    return {
        "x_ik w_k  (no sum k)": product,
        "exp(x_ik w_k)  (no sum k)": e,
        "Σ_k exp(x_ik w_k)": total,
        "a_ii²  (no sum i)": squares,
        "(1/K) Σ_k x_ik": mean,
        "a_ii² ((1/K) Σ_k x_ik)  (no sum i)": second,
        "y_i = Σ_k exp(x_ik w_k) + a_ii² ((1/K) Σ_k x_ik)  (no sum i)": total + second,
    }


# A program, its forward pass, and the shapes of its inputs and outputs.
Shapes = dict[str, tuple[int, ...]]
PROGRAMS: dict[str, tuple[Callable[..., Tensors], Shapes, Shapes]] = {
    "layernorm": (layernorm, {"x": (3, 5), "gamma": (5,), "beta": (5,)}, {"y": (3, 5)}),
    "cross_entropy": (cross_entropy, {"x": (3, 5), "t": (3, 5)}, {"loss": ()}),
    TWO: (two, {"x": (4,), "s": ()}, {"y": (4,), "z": ()}),
    INSIDE: (inside, {"x": (3, 4), "w": (4, 2), "b": (2,), "c": (2,)}, {"y": (3, 2)}),
    TOTALS: (totals, {"x": (3, 4), "w": (4,), "a": (3, 3)}, {"y": (3,)}),
}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("program", PROGRAMS, ids=[made.__name__ for made, *_ in PROGRAMS.values()])
def test_every_gate_is_as_torch_has_it(program: str, seed: int) -> None:
    torch = pytest.importorskip("torch")
    forward, shapes, outputs = PROGRAMS[program]
    random = np.random.default_rng(seed)
    values = {name: random.normal(size=shape) for name, shape in shapes.items()}
    seeds = {name: random.normal(size=shape) for name, shape in outputs.items()}
    given = {name: torch.tensor(value, requires_grad=True) for name, value in values.items()}
    made = forward(torch, *given.values())
    for tensor in made.values():
        tensor.retain_grad()
    ends = {gate.partition("_")[0].partition(" = ")[0]: made[gate] for gate in made if "=" in gate}
    sum((ends[name] * torch.tensor(seed)).sum() for name, seed in seeds.items()).backward()

    derivation = ic.derive(program)
    upstream = {f"dl_d{name}": value for name, value in seeds.items()}
    found = table(derivation.values(**values, **upstream))
    inputs = {spell(access, "unicode"): given[access.name] for access in derivation.program.inputs}
    assert found.keys() == {*inputs, *made}
    for gate, tensor in {**inputs, **made}.items():
        value, gradient = found[gate]
        assert_close(value, tensor.detach().numpy(), 1e-12)
        assert_close(gradient, tensor.grad.numpy(), 1e-12)


# Every bundled derivation


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_gradients_of_all_tensors_are_those_of_differences(name: str) -> None:
    derivation = ic.derive(name)
    at = point(derivation.program, positive=name in POSITIVE)
    seeds = {f"dl_d{output}": value for output, value in at.upstream.items()}
    slopes = {key.replace(PRIME, "_prime"): slope for key, slope in at.slopes.items()}
    found = derivation.values(**at.values, **seeds, **slopes)
    made = at.made()
    for tensor in derivation.program.tensors:
        assert_close(found.values[tensor], {**at.values, **made}[tensor], 1e-12)
        assert_close(found.gradients[tensor], at.differences(tensor))


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_every_bundled_derivation_has_values_inside_its_domain(name: str) -> None:
    derivation = ic.derive(name)
    program = derivation.program
    for seed in range(3):
        found = derivation.values(None, seed)
        assert max(map(len, str(found).splitlines())) <= 80
        assert "nan" not in str(found)
        inputs = {access.name: found.values[access.name] for access in program.inputs}
        for value in inputs.values():
            assert np.array_equal(value, np.round(value, 2))
        world = World(inputs, found.passes.numbers, stand_ins(program.functions, np))
        assert is_inside(program, world)


def drawn_programs(count: int) -> list[str]:
    """Programs that have a derivative."""
    drawn = (case(3, number).program for number in range(2 * count))
    texts = [source_of(program) for program in drawn if not is_refused(program)]
    return [text for text in texts if not any(f"{kind}[" in text for kind in Reduce.KINDS)][:count]


@pytest.mark.parametrize("source", drawn_programs(40))
def test_gates_of_drawn_programs_have_the_values_of_closed_forms(source: str) -> None:
    derivation = ic.derive(source)
    program = derivation.program
    drawn = derivation.values()
    functions = stand_ins(program.functions, np)
    values: dict[str, Any] = {access.name: drawn.values[access.name] for access in program.inputs}
    values |= {name.replace(PRIME, "_prime"): function for name, function in functions.items()}
    for size in program.sizes:
        if not size.fixed:
            values[size.name] = int(drawn.passes.numbers[size.symbol])
    random = np.random.default_rng(0)
    seeds = {
        f"dl_d{name}": random.normal(size=drawn.values[name].shape)
        for name in program.outputs
        if not program.is_loss
    }
    found = derivation.values(**values, **seeds)
    made = ic.evaluate(source, **{name: v for name, v in values.items() if "_prime" not in name})
    for name, value in made.items():
        assert_close(found.values[name], value, 1e-12)
    for name in derivation.wrt:
        assert_close(found.gradients[name], derivation.evaluate(name, **values, **seeds))


# What is given, and what is not


def test_what_is_not_given_is_drawn_and_said(capsys: Captured) -> None:
    page = ic.derive(MATVEC).values({"i": 4}, 7, x=[1.0, 2, 3]).page
    assert remarks(page)[:3] == [
        "Sizes: I = 4, J = 3.",
        "Not given, and so drawn at seed 7: W_ij.",
        "l is a loss further on; ∂l/∂y_i is not given, and so 1.",
    ]
    page = ic.derive(MATVEC).values().page
    assert remarks(page)[:3] == [
        "Sizes: none is given, and so I = 2, J = 3.",
        "Not given, and so drawn at seed 0: W_ij, x_j, ∂l/∂y_i.",
        "l is a loss further on.",
    ]
    assert printed(capsys, MATVEC, "--values", " random ") == text(page)


def test_a_loss_has_the_upstream_gradient_1_unless_another_is_given() -> None:
    derivation = ic.derive("cross_entropy")
    found = derivation.values()
    assert found.gradients["loss"] == 1
    assert "The loss is loss, and ∂l/∂loss = 1." in remarks(found.page)
    inputs = {name: found.values[name] for name in derivation.wrt}
    twice = derivation.values(**inputs, dl_dloss=2)
    assert_close(twice.gradients["x"], 2 * found.gradients["x"], 1e-12)
    assert "l is a loss further on; ∂l/∂loss is given." in remarks(twice.page)


def test_of_two_outputs_one_may_be_given() -> None:
    page = ic.derive(TWO).values(x=[1, 2], s=0.5, dl_dz=3).page
    assert "l is a loss further on; ∂l/∂z is given; ∂l/∂y_i is not given, and so 1." in remarks(
        page
    )


def test_an_output_that_is_used_further_on_has_both_gradients() -> None:
    found = ic.derive("f(x) -> y, z\ny = 3*x\nz = y^2").values(x=2, dl_dy=10, dl_dz=1)
    assert found.gradients == {"z": 1, "y": 10 + 12, "x": 66}


def test_constants_have_values_and_no_gradient() -> None:
    found = ic.derive("layernorm").values({"b": 1, "h": 2}, eps=0.5)
    (row,) = [row for row in gate_rows(found) if shown(row.gate) == "ε"]
    assert (row.forward.entries, row.backward) == ((0.5,), None)
    assert_close(found.values["sigma"] ** 2, found.values["v"] + 0.5, 1e-12)


def test_abstract_functions_are_given_or_made() -> None:
    derivation = ic.derive("pointwise")
    found = derivation.values(x=[0.5, 2.0], f=np.square, f_prime=lambda x: 2 * x)
    assert_close(found.gradients["x"], np.array([1.0, 4.0]))
    assert not any("smooth" in remark for remark in remarks(found.page))
    assert "Not given, and so some smooth function: f." in remarks(derivation.values().page)


def test_names_may_be_greek_and_sizes_may_be_values() -> None:
    found = ic.derive("γ[i,j] = x[i]").values(J=4, x=[1, 2], dl_dγ=np.ones((2, 4)))
    assert found.values["gamma"].shape == (2, 4)
    assert_close(found.gradients["x"], np.array([4.0, 4.0]))


def test_seeds_draw_others_and_the_same_again() -> None:
    derivation = ic.derive("matmul")
    first, second = (derivation.values(None, seed) for seed in (1, 2))
    assert str(first) == str(derivation.values(None, 1))
    assert not np.array_equal(first.values["x"], second.values["x"])
    assert np.abs(first.values["x"]).max() <= 2
    assert not np.any(first.values["x"] == 0)


def test_values_are_drawn_inside_of_what_is_left_by_those_given() -> None:
    found = ic.derive("y = log(x) + sqrt(w - x)").values(w=0.001)
    assert 0 < found.values["x"] < 0.001
    assert np.isfinite(found.values["y"])


def test_only_gradients_that_are_asked_for_are_there() -> None:
    derivation = ic.derive("y[i] = max[k](x[i,k]^2)*w[i]", wrt="w")
    found = derivation.values()
    assert list(found.gradients) == ["w", "y"]
    assert [(shown(row.gate), row.backward is None, row.rule) for row in gate_rows(found)] == [
        ("x_ik", True, None),
        ("w_i", False, None),
        ("x_ik²", True, None),
        ("max_k(x_ik²)", True, None),
        ("y_i = max_k(x_ik²) w_i", False, "product rule"),
    ]


def test_a_function_of_nothing_has_values() -> None:
    found = ic.derive("y[i] = 2*1[i]").values({"i": 3})
    assert found.gradients == {}
    assert np.array_equal(found.values["y"], [2, 2, 2])


def test_where_there_is_no_value_the_page_says_so() -> None:
    page = ic.derive("y = log(x)").values(x=-1).page
    assert remarks(page)[-1] == "nan and inf are no numbers: a function has no value at this point."
    assert "nan" in text(page)
    assert '"forward": null' in as_json(page)
    assert r"\mathrm{nan}" in latex(page)


# How it is shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3.0, "3"),
        (-0.0, "0"),
        (1 / 3, "0.333333"),
        (-1234567.0, "-1.23457e6"),
        (1.5e-7, "1.5e-7"),
        (100000.0, "100000"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_numbers_are_short(value: float, expected: str) -> None:
    assert short(value) == expected


@pytest.mark.parametrize(
    ("shape", "width", "expected"),
    [
        ((), 60, ["0"]),
        ((3,), 60, ["[0, 1, 2]"]),
        ((2, 2), 60, ["[[0, 1],", " [2, 3]]"]),
        ((2, 2, 1), 60, ["[[[0],", "  [1]],", " [[2],", "  [3]]]"]),
        ((12,), 20, ["[ 0,  1,  2,  3,", "  4,  5,  6,  7,", "  8,  9, 10, 11]"]),
        ((2, 4), 12, ["[[0, 1, 2,", "  3],", " [4, 5, 6,", "  7]]"]),
        ((2, 3), 11, ["[[0, 1,", "  2],", " [3, 4,", "  5]]"]),
        ((1, 1, 3), 13, ["[[[0, 1,", "   2]]]"]),
        ((5, 5), 60, ["5 × 5: 0, 1, …, 23, 24"]),
        ((5, 5), 14, ["5 × 5: 0, 1,", "…, 23, 24"]),
        ((0, 3), 60, ["0 × 3: no entries"]),
    ],
)
def test_arrays_in_lines(shape: tuple[int, ...], width: int, expected: list[str]) -> None:
    count = int(np.prod(shape))
    found = array_lines(Numbers(shape, tuple(map(float, range(count)))), width)
    assert found == expected
    assert max(map(len, found)) <= width


def test_gates_that_have_no_room_in_a_table_are_paragraphs(capsys: Captured) -> None:
    values = "x=[[1,-2]],w=[1/3,1/7],s=1e-5,dl_dy=[1]"
    program = "y[i] = sum[k](tanh(x[i,k]*w[k] + s)*w[k])*123456789*s"
    assert (
        printed(capsys, program, "--values", values).partition("given.\n\n")[2]
        == """\
  x_ik
    forward   [[ 1, -2]]
    backward  [[122.994, 23.2456]]
  w_k
    forward   [0.333333, 0.142857]
    backward  [ 765.921, -668.866]
  s
    forward   1e-5
    backward  8.32577e6
  x_ik w_k  (no sum k)                                product rule
    forward   [[ 0.333333, -0.285714]]
    backward  [[368.981, 162.719]]
  x_ik w_k + 1_ik s  (no sum k)                       linearity
    forward   [[ 0.333343, -0.285704]]
    backward  [[368.981, 162.719]]
  tanh(x_ik w_k + 1_ik s)  (no sum k)                 chain rule
    forward   [[ 0.321522, -0.278176]]
    backward  [[411.523, 176.367]]
  tanh(x_ik w_k + 1_ik s) w_k                         product rule
    forward   [0.0674344]
    backward  [1234.57]
  y_i = tanh(x_ik w_k + 1_ik s) w_k · 123456789 s     product rule
    forward   [83.2524]
    backward  [1]

  rule          of a gate    hands back, where G is ∂l/∂z
  product rule  z = x y      G y to x, G x to y
  linearity     z = x + c y  G to x, c G to y
  chain rule    z = f(x)     G f′(x) to x

What is used in several places gets the sum of what comes back from them.
"""
    )


def test_free_indices_that_seem_to_be_summed_are_named() -> None:
    found = ic.derive("y[i] = sum[k](exp(x[i,k]*w[k])) + a[i,i]").values()
    gates = [shown(row.gate) for row in gate_rows(found)]
    assert gates[3:] == [
        "x_ik w_k  (no sum k)",
        "exp(x_ik w_k)  (no sum k)",
        "Σ_k exp(x_ik w_k)",
        "y_i = Σ_k exp(x_ik w_k) + a_ii  (no sum i)",
    ]
    assert "& x_{ik} w_{k}\\quad \\text{(no sum $k$)} &" in latex(found.page)


def test_the_rules_of_a_page_are_those_of_its_gates() -> None:
    source = "y[i] = (x[i]^3 + a^x[i] - sin(x[i]))/b*mean[k](w[k]); z[i] = x[i]"
    page = ic.derive(source).values(a=2).page
    assert {name: shown_cell(back) for name, (_, back) in rows(page, "rules").items()} == {
        "chain rule": "G f′(x) to x",
        "power rule": "G n x^(n - 1) to x",
        "exponential rule": "G z log(a) to x, G z x/a to a",
        "linearity": "G to x, c G to y",
        "derivative of a contraction": "G c to each x_k",
        "quotient rule": "G/y to x, -G z/y to y",
        "self-derivative": "G to x",
    }


@pytest.mark.parametrize(
    ("program", "added"),
    [("z = x*y", False), ("z = x*x", True), ("u = x; z = u*x", True), ("z[i] = x[i]*s", True)],
)
def test_where_gradients_are_added_the_page_says_so(program: str, added: bool) -> None:
    said = "What is used in several places gets the sum of what comes back from them."
    assert (said in remarks(ic.derive(program).values().page)) is added


def test_long_tables_in_latex_are_cut() -> None:
    program = "; ".join(f"x{n + 1} = sin(x{n})" for n in range(50))
    body = latex(ic.derive(program).values().page)
    # 51 rows with exponents, of which 20 go on a page.
    assert body.count("gate & forward & backward & rule") == 3


def test_the_page_for_machines(capsys: Captured) -> None:
    values = "W=[[1,2,3],[4,5,6]],x=[1,0,-1],dl_dy=[1,2]"
    page = json.loads(printed(capsys, MATVEC, "--values", values, "--format", "json"))
    (gates,) = [block["rows"] for block in page["blocks"] if block.get("table") == "gates"]
    assert gates == [
        {"gate": "W_ij", "forward": [[1, 2, 3], [4, 5, 6]], "backward": [[1, 0, -1], [2, 0, -2]]}
        | {"rule": None},
        {"gate": "x_j", "forward": [1, 0, -1], "backward": [9, 12, 15], "rule": None},
        {"gate": "y_i = W_ij x_j", "forward": [-2, -2], "backward": [1, 2], "rule": "product rule"},
    ]


def test_a_matrix_in_latex(capsys: Captured) -> None:
    values = "W=[[1,2],[4,5e-9]],x=[1,0]"
    body = printed(capsys, MATVEC, "--values", values, "--format", "latex", "--fragment")
    matrix = r"\left[\begin{array}{rr}1 & 2 \\ 4 & 5 \cdot 10^{-9}\end{array}\right]"
    backward = r"\left[\begin{array}{rr}1 & 0 \\ 1 & 0\end{array}\right]"
    assert f"$W_{{ij}}$ & ${matrix}$ & ${backward}$ & " in body


def test_large_arrays_are_shown_by_their_ends() -> None:
    found = ic.derive("y[i] = x[i]").values(x=np.arange(30.0), dl_dy=np.ones(30))
    assert "  x_i        30: 0, 1, …, 28, 29  30: 1, 1, …, 1, 1\n" in str(found)
    assert r"\text{30: 0, 1, \dots{}, 28, 29}" in latex(found.page)
