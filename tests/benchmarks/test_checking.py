"""How long checking takes beside deriving."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import indexcalc as ic
from indexcalc import catalogue
from tests.benchmarks.test_reading import ALLOWANCE, best, derive, timed

# One after the other, for they take the time.
pytestmark = pytest.mark.xdist_group("benchmarks")

COMMAND = 0.15
LAYERNORM = 0.05
CATALOGUE = 20.0


@pytest.mark.benchmark(group="command")
def test_the_check_adds_little_to_the_command() -> None:
    with_check = best(lambda: derive("layernorm"), 4)
    without = best(lambda: derive("layernorm", "--no-check"), 4)
    assert with_check - without <= ALLOWANCE * COMMAND


@pytest.mark.benchmark(group="checking")
def test_a_check_takes_no_longer_than_a_derivation(benchmark: BenchmarkFixture) -> None:
    derivation = ic.derive("layernorm")
    assert timed(benchmark, derivation.check, rounds=3)
    assert best(derivation.check, 3) <= ALLOWANCE * LAYERNORM


def test_the_catalogue_is_checked_in_twenty_seconds() -> None:
    def everything() -> None:
        assert all(ic.derive(name).check() for name in catalogue.names())

    assert best(everything, 1) <= CATALOGUE
