"""How long checking takes beside deriving."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import indexcalc as ic
from indexcalc import catalogue
from tests.benchmarks.test_reading import ALLOWANCE, derive, least, timed, within
from tests.planted.table import KERNELS

# One after the other, for they take the time.
pytestmark = pytest.mark.usefixtures("usual_memory")

COMMAND = 0.15
LAYERNORM = 0.05
CATALOGUE = 20.0
REVIEW = 2.0


@pytest.mark.benchmark(group="command")
def test_the_check_adds_little_to_the_command() -> None:
    def added() -> float:
        with_check, without = least(
            lambda: derive("layernorm"), lambda: derive("layernorm", "--no-check"), rounds=1
        )
        return with_check - without

    # Again when something else may have kept the machine busy.
    assert any(added() <= ALLOWANCE * COMMAND for _ in range(4))


@pytest.mark.benchmark(group="checking")
def test_a_check_takes_no_longer_than_a_derivation(benchmark: BenchmarkFixture) -> None:
    derivation = ic.derive("layernorm")
    assert timed(benchmark, ALLOWANCE * LAYERNORM, derivation.check, 3)


def test_the_catalogue_is_checked_in_twenty_seconds() -> None:
    def everything() -> None:
        assert all(ic.derive(name).check() for name in catalogue.names())

    assert within(CATALOGUE, everything, 1)


def test_a_right_function_is_reviewed_in_two_seconds() -> None:
    kernel = next(kernel for kernel in KERNELS if kernel.name == "layernorm")

    def review() -> None:
        assert ic.derive("layernorm").check_against(kernel.compiled())

    assert within(REVIEW, review)
