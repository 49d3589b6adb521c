"""Emitted modules run away from the package: one fresh process for many, arrays in and out."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import indexcalc as ic
from indexcalc.codegen.job import Job
from indexcalc.derivation import Derivation
from indexcalc.expr.program import Program
from tests.points import POSITIVE, Array, Point, assert_close, point, rate
from tests.processes import ROOT, python, ruff

Emit = Callable[[Job], str]

# What a fresh process does with a list of calls; it must not find the package.
DRIVER = """
import json, math, sys
# As if it were not there: whoever imports it fails.
sys.modules["indexcalc"] = None
library = math
if sys.argv[1] == "arrays":
    import numpy as library

def smooth(rate):
    return lambda x: library.sin(rate * x + 0.4) + 0.2 * x

def steepness(rate):
    return lambda x: rate * library.cos(rate * x + 0.4) + 0.2

def given(value):
    return library.array(value, dtype=float) if library is not math else value

def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value.tolist() if hasattr(value, "tolist") else value

results = []
for call in json.load(sys.stdin):
    names = {"__name__": "emitted"}
    exec(compile(call["text"], call["name"], "exec"), names)
    names["check"]()
    functions = {"f": smooth, "p": steepness}
    options = call["options"]
    options |= {name: functions[kind](rate) for name, kind, rate in call["functions"]}
    inputs = [given(value) for value in call["inputs"]]
    made, saved = names[call["function"] + "_forward"](*inputs, **options)
    upstream = [given(value) for value in call["upstream"]]
    found = names[call["function"] + "_backward"](*upstream, saved)
    results.append([plain(made), plain(found)])
assert library is not math or "numpy" not in sys.modules
json.dump(results, sys.stdout)
"""


@dataclass(frozen=True)
class Call:
    """A module's text, a point, and what its functions are called with there."""

    derivation: Derivation
    text: str
    at: Point
    upstream: dict[str, Array]

    def data(self) -> dict[str, Any]:
        program = self.at.program
        inputs = [np.asarray(self.at.values[access.name]).tolist() for access in program.inputs]
        sizes = {s.name: self.at.values[s.name] for s in program.sizes if not s.fixed}
        functions = []
        for place, (name, _) in enumerate(program.functions):
            functions += [(name, "f", rate(place)), (f"{name}_prime", "p", rate(place))]
        return {
            "name": program.name,
            "text": self.text,
            "function": program.name,
            "inputs": inputs,
            "options": sizes,
            "functions": functions,
            "upstream": [value.tolist() for value in self.upstream.values()],
        }


def job(program: Program, wrt: Sequence[str], command: str = "derive") -> Job:
    derivation = ic.derive(program, wrt=wrt)
    order = tuple(name for name in program.tensors if name in wrt)
    closed = (*derivation.where, *map(derivation.found.equation, order))
    return Job(program, order, closed, {}, command)


def call(emit: Emit, what: str, name: str, wrt: Sequence[str] | None = None) -> Call:
    derivation = ic.derive(what, wrt=wrt)
    text = emitted(emit, derivation, name)
    at = point(derivation.program, positive=what in POSITIVE)
    random = np.random.default_rng(1)
    made = at.made()
    upstream = {y: random.normal(size=made[y].shape) for y in derivation.program.outputs}
    return Call(derivation, text, at, upstream)


def emitted(emit: Emit, derivation: Derivation, name: str) -> str:
    return emit(job(derivation.program, derivation.wrt, f"derive {name} --emit x"))


Found = tuple[list[Array], list[Array]]


def run(calls: Sequence[Call], way: str) -> list[Found]:
    """Outputs and gradients of each, computed with nested `lists` or with `arrays`."""
    data = json.dumps([one.data() for one in calls])
    ran = python("-I", "-c", DRIVER, way, data=data, folder=Path("/"))
    assert ran.returncode == 0, ran.stderr
    results = []
    for one, (made, found) in zip(calls, json.loads(ran.stdout), strict=True):
        several = len(one.at.program.outputs) > 1
        outputs = made if several else [made]
        results.append(([*map(np.asarray, outputs)], [*map(np.asarray, found)]))
    return results


Results = dict[str, tuple["Call", Found]]


def ran(emit: Emit, programs: Mapping[str, str], way: str) -> Results:
    """Every program through a target, in one process."""
    calls = {name: call(emit, what, name, BY.get(name)) for name, what in programs.items()}
    results = run([*calls.values()], way)
    return dict(zip(calls, zip(calls.values(), results, strict=True), strict=True))


# Their names are those of the derivations: I and l, X and Gamma, k where 1[k] is summed.
OF_NAMES = ("--ignore", "N,E741,B007")
CONFIG = ("--config", str(ROOT / "pyproject.toml"))
RUFF = (
    ("format", "--diff", *CONFIG),
    ("check", *CONFIG, *OF_NAMES),
    ("check", "--isolated", *OF_NAMES),
)


def assert_formatted(texts: Sequence[str]) -> None:
    """A formatter and a linter have nothing to say of them, by the rules of this project or by
    their own; a command is as long as it is."""
    with tempfile.TemporaryDirectory() as folder:
        for place, text in enumerate(texts):
            text = re.sub(r"(?<=: derive) .*", "", text)
            (Path(folder) / f"m{place}.py").write_text(text, encoding="utf-8")
        for what in RUFF:
            said = ruff(*what, folder)
            assert said.returncode == 0, said.stdout + said.stderr


def assert_agrees_with_the_reference(one: Call, found: Found) -> None:
    """The outputs with the reference evaluator, the gradients with differences of it."""
    program, outputs = one.at.program, one.at.made()
    for name, value in zip(program.outputs, found[0], strict=True):
        assert_close(value, outputs[name], 1e-10)
    asked = [name for name in program.tensors if name in one.derivation.wrt]
    assert len(found[1]) == len(asked)
    at = Point(program, one.at.values, one.at.slopes, one.upstream)
    for name, value in zip(asked, found[1], strict=True):
        assert_close(value, at.differences(name), 1e-7)


def assert_agrees_with_torch(one: Call, found: Found, forward: Callable[..., Any]) -> None:
    import torch

    program = one.at.program
    inputs = [
        torch.tensor(one.at.values[access.name], dtype=torch.float64, requires_grad=True)
        for access in program.inputs
    ]
    (upstream,) = one.upstream.values()
    output = forward(*inputs)
    gradients = torch.autograd.grad(output, inputs, torch.tensor(upstream))
    assert_close(found[0][0], output.detach().numpy(), 1e-10)
    for value, expected in zip(found[1], gradients, strict=True):
        assert_close(value, expected.numpy(), 1e-9)


def bundled(emit: Emit, name: str) -> dict[str, Any]:
    """The module of a derivation of the catalogue, in this process."""
    return namespace(emitted(emit, ic.derive(name), name))


def namespace(text: str) -> dict[str, Any]:
    """An emitted module in this process."""
    names: dict[str, Any] = {"__name__": "emitted"}
    exec(compile(text, "emitted", "exec"), names)
    return names


# What some are differentiated by, where that is not every input.
BY = {"a binder": ["x"], "what no output needs": ["z", "x"], "by a defined name": ["m", "x"]}
# What the bundled derivations do not show.
PROGRAMS: dict[str, str] = {
    "a repeated index": "y[i] = a[i,j,i]*x[j] + a[j,j,i]",
    "a delta": "y[i,j] = delta[i,j]*x[i] + exp(delta[i,j])*x[j]",
    "deltas in a row": "y[i] = delta[i,j]*delta[j,k]*x[k]*z[i]",
    "a sum of ones": "y[i] = x[i]*1[j]*1[j] + x[i]*delta[k,k]",
    "a broadcast": "y[i,j] = x[i]",
    "a transpose": "y[j,i] = x[i,j]",
    "a copy": "y[i] = x[i]",
    "a lone number": "f(x[i]) -> y\ny[i] = 3*x[i] + 1/2",
    "a binder": "y[i] = x[i] - max[j](z[j])*mean[k](x[k]) + prod[j](z[j])*min[j](z[j])*x[i]",
    "nested sums": "y = exp(sum[i](sin(sum[j](a[i,j]*x[j])*x[i])))",
    "two sums multiplied": "y = sum[k](a[k]*x[k])*sum[j](z[j]*z[j])/sum[i](x[i]^2 + 1)",
    "powers": "y[i] = (x[i]^2 + 1)^(3/2)/(2*(z[i]^2 + 1)^2) - x[i]^3*x[i]^-2",
    "two bases of a power": "y[i] = (x[i]^2 + 1)^z[i]",
    "functions": "y[i] = tanh(x[i]) + erf(x[i])*sigmoid(z[i]) - softplus(x[i])*abs(z[i])\n"
    "w[i] = relu(x[i])*cos(z[i]) + atan(x[i]) + sinh(x[i])*cosh(z[i]) + sign(x[i])*z[i]\n"
    "v[i] = log(x[i]^2 + 1)*asin(x[i]/3) + acos(z[i]/3)*tan(x[i]/2) + sqrt(z[i]^2 + 1)",
    "a sum of a function": "y = sum[i](f(x[i])*g(z[i]))",
    "order 0": "f(s, t[i]) -> y\ny = s*t[i]*t[i] - exp(s)",
    "several outputs": "f(x[i,j], w[j]) -> y, z\ny[i] = x[i,j]*w[j]\nz[j] = y[i]*x[i,j]",
    "an output that is used": "f(x[i]) -> y, z\ny[i] = sin(x[i])\nz = y[i]*y[i]*x[i]",
    "constants": "f(x[i], eps=1e-5, rate=2) -> y\ny[i] = rate*x[i]/sqrt(x[j]*x[j] + eps)^rate",
    "pi and sizes": "y[i] = pi^2*x[i,j]*1[j]/sqrt(J) - sqrt(2)/I*x[i,j]*x[i,j]",
    "names that clash": "f(lambda[i], zeros[i], product, np, math) -> saved, sizes\n"
    "saved[i] = lambda[i]*zeros[i]*product + np\nsizes = math*saved[i]*zeros[i]",
    "letters that are names elsewhere": "f(i, x[j], B) -> y\ny[j] = i*x[j]*B\n",
    "a letter that is a name": "f(x[j], u[j]) -> y\ni = x[j]*u[j]\ny[j] = i*x[j]",
    "greek": "f(γ[α], β[α]) -> σ\nσ = γ[α]*β[α]",
    "a long sum": "y[i] = " + " + ".join(f"exp({n}*x[i])*z[i]" for n in range(2, 14)),
    "a deep call": "y[i] = " + "tanh(" * 12 + "x[i]" + ")" * 12,
    "a long product": "y[i] = " + "*".join(f"cos({n}*x[i] + z[i])" for n in range(2, 14)),
    "by a defined name": "f(x[i], z[i]) -> y\nm[i] = x[i]*z[i]\ny = m[i]*sin(m[i])*x[i]",
    "what no output needs": "f(x[i], z[j]) -> y\nw[i] = x[i]*z[j]*1[j]\ny[i] = sin(x[i])",
}
