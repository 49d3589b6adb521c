"""What causes are made of: other definitions, other slopes, fewer digits, blocks of an axis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indexcalc.against.cases import Case
from indexcalc.against.kinds import kind
from indexcalc.against.rounding import in_dtype
from indexcalc.against.scenes import Scene
from indexcalc.against.variants import Variant, redefined
from indexcalc.expr.base import postorder
from indexcalc.expr.nodes import Apply
from indexcalc.expr.program import Equation
from tests.planted.reviews import subject

PLAIN = "plain(x[b,h], w[h]) -> y\n\na[b,h] = w[h]*x[b,h]\ny[b,h] = tanh(a[b,h])\n"


def point(text: str) -> Scene:
    own = subject(text)
    lengths = {size.symbol: length for size, length in zip(own.program.sizes, (5, 3), strict=True)}
    found = own.scene(Case(lengths), 0, kind("numpy"))
    assert found is not None
    return found


def test_what_is_found_at_a_point_serves_all_cases_there() -> None:
    at = point("layernorm")
    own = at.subject
    lengths = {size.symbol: int(at.numbers[size.symbol]) for size in own.program.sizes}
    case = Case(lengths)
    assert own.scene(case, 0, kind("numpy")) is at
    assert own.scene(replace(case, layout="strided", again=True), 0, kind("numpy")) is at
    assert own.scene(replace(case, dtype="float32"), 0, kind("numpy")) is not at
    assert own.scene(case, 1, kind("numpy")) is not at
    assert own.point(lengths, 0, 0) is own.point(dict(lengths), 0, 0)


def test_the_same_definitions_have_the_right_gradients() -> None:
    at = point("layernorm")
    found = Variant(at.subject, at.subject.program.equations).gradients(at)
    assert sorted(found) == ["beta", "gamma", "x"]
    for name, right in at.right.items():
        np.testing.assert_allclose(found[name], right, rtol=1e-12, atol=1e-12)


def test_another_definition_has_gradients_of_its_own() -> None:
    at = point(PLAIN)
    *_, last = at.subject.program.equations
    (tanh,) = (node for node in postorder(last.right) if isinstance(node, Apply))
    other = redefined(at.subject, Equation(last.left, Apply("sin", *tanh.arguments)))
    x, w, seed = at.given["x"], at.given["w"], at.given["G"]
    expected = seed * w * np.cos(w * x)
    np.testing.assert_allclose(other.gradients(at)["x"], expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_numbers_in_fewer_digits_are_those_of_torch(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    # From float32 on, for torch rounds to bfloat16 by way of it.
    numbers = np.random.default_rng(3).normal(size=1000).astype(np.float32).astype(np.float64)
    numbers[:3] = 1 + 2.0**-8, 1 + 3 * 2.0**-8, -0.0
    expected = torch.tensor(numbers).to(getattr(torch, dtype)).double().numpy()
    np.testing.assert_array_equal(in_dtype(numbers, dtype), expected)
