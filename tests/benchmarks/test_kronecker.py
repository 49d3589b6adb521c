"""The ways of the table of Kronecker products agree, and what one of them needs grows faster."""

from __future__ import annotations

import pytest
from numpy.testing import assert_allclose

from tests.benchmarks import kronecker
from tests.benchmarks.kronecker import FACTORED, GENERATED, KRONECKER, Cost, Layer, cost, ways

LARGE = Layer.random((7, 9, 8), (4, 5, 6))
TABLE = """\
from      to             ∂y/∂x           Kronecker            backward     apply_transpose
2×4×3     3×2×2            288   1.25 ms   0.02 MB   1.25 ms   0.02 MB   1.25 ms   0.02 MB"""


@pytest.mark.parametrize(
    "layer", [Layer.random((3, 5, 4), (4, 2, 3)), LARGE], ids=lambda layer: str(layer.x.shape)
)
def test_all_ways_have_the_same_gradients(layer: Layer) -> None:
    one, *others = (way() for way in ways(layer).values())
    for other in others:
        for expected, found in zip(one, other, strict=True):
            assert_allclose(found, expected, rtol=1e-11, atol=1e-11)


def test_jacobians_that_are_formed_take_the_most_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kronecker, "SECONDS", 0.0)
    costs = {name: cost(way) for name, way in ways(LARGE).items()}
    formed = LARGE.x.nbytes * LARGE.upstream.size
    assert costs[KRONECKER].peak > formed
    assert costs[GENERATED].peak < formed / 20
    assert costs[FACTORED].peak < formed / 20


def test_the_table_has_a_row_for_each_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kronecker, "CASES", [((2, 4, 3), (3, 2, 2))])
    monkeypatch.setattr(kronecker, "cost", lambda way: Cost(0.00125, 20_000))
    assert "\n".join(kronecker.lines()) == TABLE
