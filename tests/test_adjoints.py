"""Adjoints layer by layer: right ones pass, and of wrong ones the first mistake is named.

Adjoints are those of torch's own backward pass, in which one of them may be spoiled before it flows
on to what follows from it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.against.layers.adjoints import Adjoints, Verdict
from indexcalc.derivation import Derivation, derive

torch = pytest.importorskip("torch")

Tensors = dict[str, Any]


def layernorm(x: Any, gamma: Any, beta: Any) -> Tensors:
    m = x.mean(1)
    mu = x - m[:, None]
    v = (mu * mu).mean(1)
    sigma = torch.sqrt(v + 1e-5)
    y = mu / sigma[:, None] * gamma + beta
    return {"m": m, "mu": mu, "v": v, "sigma": sigma, "y": y}


def attention(q: Any, k: Any, v: Any) -> Tensors:
    s = q @ k.T / q.shape[1] ** 0.5
    e = torch.exp(s)
    z = e.sum(1)
    p = e / z[:, None]
    return {"s": s, "e": e, "z": z, "p": p, "o": p @ v}


def cross_entropy(x: Any, t: Any) -> Tensors:
    e = torch.exp(x)
    z = e.sum(1)
    p = e / z[:, None]
    return {"e": e, "z": z, "p": p, "loss": -(t * torch.log(p)).sum() / x.shape[0]}


def mlp(x: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any) -> Tensors:
    a1 = x @ w1 + b1
    x2 = torch.tanh(a1)
    a2 = x2 @ w2 + b2
    x3 = torch.tanh(a2)
    a3 = x3 @ w3 + b3
    return {"a1": a1, "x2": x2, "a2": a2, "x3": x3, "a3": a3, "y": torch.tanh(a3)}


# A program, its forward pass, the output, and the shapes of its inputs.
PROGRAMS: dict[str, tuple[Callable[..., Tensors], str, dict[str, tuple[int, ...]]]] = {
    "layernorm": (layernorm, "y", {"x": (3, 5), "gamma": (5,), "beta": (5,)}),
    "attention": (attention, "o", {"q": (3, 4), "k": (5, 4), "v": (5, 2)}),
    "cross_entropy": (cross_entropy, "loss", {"x": (3, 5), "t": (3, 5)}),
    "mlp:3": (
        mlp,
        "y",
        {"x": (3, 4), "w1": (4, 5), "b1": (5,), "w2": (5, 2), "b2": (2,), "w3": (2, 6), "b3": (6,)},
    ),
}
TENSORS = [
    (name, tensor)
    for name, (forward, _, shapes) in PROGRAMS.items()
    for tensor in (*shapes, *forward(*(torch.ones(shape) for shape in shapes.values())))
]


@cache
def derivation(name: str) -> Derivation:
    return derive(name)


class Pass:
    """A program's values and upstream gradient, and its adjoints by torch, of which one may be
    spoiled before it flows on."""

    def __init__(
        self, name: str, spoiled: str = "", factor: float = 1.5, dtype: str = "float64"
    ) -> None:
        forward, output, shapes = PROGRAMS[name]
        random = torch.Generator().manual_seed(len(name))
        kind = getattr(torch, dtype)
        self.inputs = {
            n: torch.randn(shape, generator=random, dtype=torch.float64).to(kind)
            for n, shape in shapes.items()
        }
        tensors = {n: array.clone().requires_grad_() for n, array in self.inputs.items()}
        tensors |= forward(*tensors.values())
        self.adjoints: Tensors = {}
        for n, tensor in tensors.items():
            tensor.register_hook(self.hook(n, factor if n == spoiled else 1.0))
        out = tensors[output]
        self.upstream = torch.randn(out.shape, generator=random, dtype=torch.float64).to(kind)
        if name == "cross_entropy":
            self.upstream = torch.ones_like(out)
        out.backward(self.upstream)
        self.name, self.output = name, output

    def hook(self, name: str, factor: float) -> Callable[[Any], Any]:
        def flows_on(gradient: Any) -> Any:
            self.adjoints[name] = gradient * factor
            return self.adjoints[name]

        return flows_on

    def checked(self, **changed: Any) -> Adjoints:
        """As arrays of NumPy, with these adjoints instead; None is one that is not given."""
        upstream = {f"dl_d{self.output}": self.upstream.double().numpy()}
        if self.name == "cross_entropy":
            upstream = {}
        inputs = {n: array.double().numpy() for n, array in self.inputs.items()}
        adjoints = {**self.adjoints, **changed}
        given = {n: array for n, array in adjoints.items() if array is not None}
        return derivation(self.name).check_adjoints(given, **inputs, **upstream)


def verdicts(report: Adjoints) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in report.findings}


# What is right


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_right_adjoints_pass(name: str, dtype: str) -> None:
    report = Pass(name, dtype=dtype).checked()
    assert report, report
    assert report.culprit is None
    assert set(verdicts(report)) == {tensor for program, tensor in TENSORS if program == name}
    assert report.dtype == dtype


# What is wrong


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "tensor"), TENSORS, ids=lambda part: str(part))
def test_the_equation_that_is_wrong_is_named(name: str, tensor: str, dtype: str) -> None:
    report = Pass(name, tensor, dtype=dtype).checked()
    found = verdicts(report)
    assert not report
    assert report.culprit == tensor, report
    assert [n for n, verdict in found.items() if verdict is Verdict.MISTAKE] == [tensor]
    assert report.first is not None
    assert report.first.link.name == tensor


@pytest.mark.parametrize(
    ("name", "tensor", "followers"),
    [
        ("layernorm", "y", "sigma v mu m x gamma beta"),
        # ∂l/∂m = -Σ ∂l/∂mu, and what comes through v is a multiple of mu, whose sum is 0.
        ("layernorm", "sigma", "v mu x"),
        ("layernorm", "mu", "m x"),
        ("layernorm", "gamma", ""),
        ("attention", "p", "z e s q k"),
        ("attention", "z", "e s q k"),
        ("attention", "s", "q k"),
        ("cross_entropy", "loss", "p z e x t"),
        ("mlp:3", "a2", "x2 a1 x w1 b1 w2 b2"),
    ],
)
def test_what_depends_on_it_is_only_a_consequence(name: str, tensor: str, followers: str) -> None:
    found = verdicts(Pass(name, tensor).checked())
    assert {n for n, v in found.items() if v is Verdict.FOLLOWS} == set(followers.split())
    assert all(
        v is Verdict.RIGHT for n, v in found.items() if n not in (tensor, *followers.split())
    )


def test_a_small_mistake_is_found_in_float64() -> None:
    assert Pass("attention", "z", factor=1 + 1e-9).checked().culprit == "z"


def test_rounding_that_is_allowed_is_no_mistake_further_on() -> None:
    # Where its terms cancel few digits of ∂l/∂p are left, and to ∂l/∂q a little less is allowed.
    d = ic.derive("p = 3*q^2; v = 1048576*p; w = 1048575*p; y[i] = (v - w)*x[i]")
    values = {"q": 0.5, "x": [1.0], "dl_dy": [1.0]}
    few = {"p": 1 + 5e-9, "q": 3 * (1 + 5e-9)}
    assert d.check_adjoints(few, **values)
    assert d.check_adjoints({**few, "q": 3 * (1 + 1e-7)}, **values).culprit == "q"


def test_what_cancels_inside_of_an_equation_is_no_mistake() -> None:
    # Far out 1 - tanh² has few digits in float64, and none in float32.
    d = ic.derive("y[i] = tanh(x[i])")
    x, g = np.array([13.0, 0.5]), np.array([1.0, 1e-8])
    y = np.tanh(x)
    assert d.check_adjoints({"x": g * (1 - np.nextafter(y, 0) ** 2)}, x=x, dl_dy=g)
    assert not d.check_adjoints({"x": g * (1 - y**2) * [1, 1.0001]}, x=x, dl_dy=g)


def test_two_mistakes_are_both_seen() -> None:
    wrong = Pass("layernorm", "sigma")
    x = wrong.adjoints["x"]
    report = wrong.checked(x=-x)
    assert report.culprit == "sigma"
    assert verdicts(report)["x"] is Verdict.MISTAKE
    assert "x                15" in str(report)
    assert "WRONG in itself" in str(report)


def test_what_is_not_given_lets_mistakes_through() -> None:
    report = Pass("layernorm", "sigma").checked(v=None)
    found = verdicts(report)
    assert report.culprit == "sigma"
    assert found["v"] is Verdict.ABSENT
    assert found["mu"] is Verdict.FOLLOWS


def test_what_is_not_given_may_be_the_mistake() -> None:
    report = Pass("layernorm", "v").checked(v=None)
    assert report.culprit == "mu"
    assert "∂l/∂v on the way was not given: the mistake may be in it." in str(report)
    assert "not given" not in str(Pass("layernorm", "mu").checked())
    # The upstream gradient is among the values.
    assert "on the way" not in str(Pass("layernorm", "sigma").checked(y=None))


def test_a_wrong_shape_is_said() -> None:
    right = Pass("layernorm")
    report = right.checked(sigma=right.adjoints["sigma"][:, None])
    assert report.culprit == "sigma"
    assert {v for n, v in verdicts(report).items() if n != "sigma"} == {Verdict.RIGHT}
    assert "its shape is (3, 1), not (3,)" in " ".join(str(report).split())


def test_nan_is_a_mistake_and_what_follows_from_it_a_consequence() -> None:
    right = Pass("layernorm")
    lost = {"sigma": right.adjoints["sigma"] * np.nan, "v": right.adjoints["v"] * np.nan}
    report = right.checked(**lost)
    assert report.culprit == "sigma"
    assert verdicts(report)["v"] is Verdict.FOLLOWS
    assert "nan or inf in 3 of 3" in " ".join(str(report).split())


def test_where_ours_has_no_value_nothing_is_decided() -> None:
    d = ic.derive("y[i] = sqrt(x[i])")
    report = d.check_adjoints({"x": [1.0, 1.0]}, x=[-1.0, 4.0], dl_dy=[1.0, 1.0])
    assert verdicts(report) == {"x": Verdict.UNDECIDED}
    assert not report


# As people give them


@pytest.mark.parametrize(
    "word", ["{}", "dl_d{}", "d{}", "grad_{}", "{}_grad", "d_{}", "g_{}", "dL_d{}", "{}_bar"]
)
def test_adjoints_have_the_names_that_people_give_them(word: str) -> None:
    wrong = Pass("layernorm", "mu")
    given = {word.format(name): array for name, array in wrong.adjoints.items()}
    values = {n: array.numpy() for n, array in wrong.inputs.items()}
    report = derivation("layernorm").check_adjoints(given, **values, dl_dy=wrong.upstream)
    assert report.culprit == "mu"
    assert Verdict.ABSENT not in report.verdicts


def test_greek_names_are_taken() -> None:
    right = Pass("layernorm")
    given = {"dσ": right.adjoints["sigma"], "γ": right.adjoints["gamma"]}
    report = derivation("layernorm").check_adjoints(given, **right.inputs, dl_dy=right.upstream)
    assert report
    assert [n for n, v in verdicts(report).items() if v is Verdict.RIGHT] == ["sigma", "gamma"]


def test_a_tensor_of_its_own_name_comes_before_an_adjoint() -> None:
    d = ic.derive("dx[i] = 2*x[i]; y[i] = dx[i]^2")
    x, g = np.array([1.0, 2.0]), np.array([1.0, -1.0])
    assert d.check_adjoints({"dx": 2 * 2 * x * g}, x=x, dl_dy=g)
    assert d.check_adjoints({"dl_ddx": 2 * 2 * x * g, "dl_dx": 8 * x * g}, x=x, dl_dy=g)


def test_arrays_of_torch_are_taken_for_everything() -> None:
    wrong = Pass("layernorm", "v", dtype="float32")
    leaf = wrong.inputs["x"].clone().requires_grad_()
    values = {**wrong.inputs, "x": leaf, "dl_dy": wrong.upstream}
    report = derivation("layernorm").check_adjoints(wrong.adjoints, **values)
    assert (report.culprit, report.dtype) == ("v", "float32")


def test_abstract_functions_are_given_with_their_slopes() -> None:
    d = ic.derive("a[i] = f(x[i]); y[i] = a[i]*x[i]")
    x, g = np.array([0.3, 1.2, -0.7]), np.array([1.0, -2.0, 0.5])
    values = {"x": x, "dl_dy": g, "f": np.sin, "f_prime": np.cos}
    right = {"a": g * x, "x": g * np.sin(x) + g * x * np.cos(x)}
    assert d.check_adjoints(right, **values)
    assert d.check_adjoints({**right, "x": g * x * np.cos(x)}, **values).culprit == "x"


def test_constants_are_taken() -> None:
    d = ic.derive("f(x[i], c=2) -> y; y[i] = c*x[i]")
    assert d.check_adjoints({"x": [3.0, 3.0]}, x=[1.0, 2.0], c=3, dl_dy=[1.0, 1.0])
    assert not d.check_adjoints({"x": [3.0, 3.0]}, x=[1.0, 2.0], dl_dy=[1.0, 1.0])


def test_an_output_that_is_used_further_on_has_both_paths() -> None:
    d = ic.derive("f(x[i]) -> a, y; a[i] = x[i]^2; y[i] = a[i]^3")
    x, up, down = np.array([1.0, 2.0]), np.array([0.5, 1.0]), np.array([1.0, -1.0])
    a = up + down * 3 * x**4
    right = {"a": a, "x": a * 2 * x, "y": down}
    assert d.check_adjoints(right, x=x, dl_da=up, dl_dy=down)
    lost = {**right, "a": down * 3 * x**4, "x": down * 6 * x**5}
    report = d.check_adjoints(lost, x=x, dl_da=up, dl_dy=down)
    assert report.culprit == "a"
    assert verdicts(report)["x"] is Verdict.FOLLOWS


def test_a_loss_may_have_an_upstream_gradient() -> None:
    d = ic.derive("loss = x[i]*x[i]")
    x = np.array([1.0, 3.0])
    assert d.check_adjoints({"x": 2 * x}, x=x)
    assert d.check_adjoints({"x": 6 * x, "loss": 3.0}, x=x, dl_dloss=3.0)
    assert d.check_adjoints({"x": 6 * x, "loss": 3.0}, x=x).culprit == "loss"


def test_a_tensor_that_no_output_depends_on_has_the_adjoint_0() -> None:
    d = ic.derive("f(x[i]) -> y; a[i] = x[i]^2; y[i] = 3*x[i]")
    values = {"x": np.array([1.0, 2.0]), "dl_dy": np.array([1.0, 1.0])}
    assert d.check_adjoints({"a": np.zeros(2)}, **values)
    assert d.check_adjoints({"a": np.ones(2)}, **values).culprit == "a"


def test_where_an_adjoint_is_0_it_is_said() -> None:
    right = Pass("attention")
    report = right.checked()
    assert "is 0 at this point" not in str(report)
    right.upstream = torch.zeros_like(right.upstream)
    zeros = {name: torch.zeros_like(array) for name, array in right.adjoints.items()}
    words = "∂l/∂q is 0 at this point, where a wrong factor in it is not seen."
    assert words in str(right.checked(**zeros))


# As it is shown


def test_the_report_as_it_is_printed() -> None:
    report = Pass("layernorm", "mu").checked(m=None)
    lines = str(report).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "  adjoint of  entries    error  tolerance  verdict"
    assert [line.split()[0] for line in lines[1:9]] == ["y", "σ", "v", "μ", "m", "x", "γ", "β"]
    assert lines[4].startswith("  μ                15  5.0e-01 ")
    assert lines[4].endswith("  WRONG: the first mistake")
    assert lines[6].endswith("  wrong by what it depends on")
    assert "\n".join(lines[9:]) == (
        """
The first mistake is ∂l/∂μ; all given that it depends on is right.

  ∂l/∂μ_pq = G_bh (∂y_bh/∂μ_pq) + (∂l/∂v_b) (∂v_b/∂μ_pq)  chain rule
           = G_pq γ_q/σ_p + (2/H) (∂l/∂v_p) μ_pq

  ∂y_bh/∂μ_pq = δ_bp δ_hq γ_h/σ_b
  ∂v_b/∂μ_pq  = (2/H) μ_bq δ_bp
  G_bh        = ∂l/∂y_bh

Held to what float64 can have."""
    )


def test_a_wrong_start_is_said_to_be_the_upstream_gradient() -> None:
    words = "The first mistake is ∂l/∂y, the upstream gradient itself."
    assert words in str(Pass("layernorm", "y").checked())
