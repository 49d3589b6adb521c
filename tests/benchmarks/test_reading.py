"""How long reading takes. The limits are three times the goal, for slow machines."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count, pairwise
from typing import TypeVar

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sympy import Basic

from indexcalc.catalogue import folder
from indexcalc.expr.base import Index, size_symbol
from indexcalc.expr.canonical import key
from indexcalc.expr.nodes import Access, Mul, Sum
from indexcalc.lang.reading import read
from tests.processes import printed

# One after the other, for they take the time.
pytestmark = pytest.mark.usefixtures("usual_memory")

T = TypeVar("T")
LAYERNORM = (folder() / "layernorm.idx").read_text(encoding="utf-8")
ALLOWANCE = 3
MOST_BYTES = 64 * 1024
MODULES = "import sys; from indexcalc.cli import main; main(); print('sympy' in sys.modules)"


def layers() -> str:
    """The longest chain of small layers that is still accepted."""
    lines = ["y0[b,h] = x[b,h]"]
    length = len(lines[0])
    for layer in count(1):
        line = f"y{layer}[b,h] = tanh(y{layer - 1}[b,k]*w{layer}[k,h] + 1[b]*c{layer}[h])"
        length += 1 + len(line)
        if length > MOST_BYTES:
            break
        lines.append(line)
    return "\n".join(lines)


def product_of_twelve() -> Basic:
    """A chain with every index on two of 12 factors, 2 of them free, and 10 dummies."""
    size = size_symbol("N")
    letters = [Index(f"i{n}", size) for n in range(10)]
    ends = [Index(name, size) for name in ("p", "q")]
    chain = [ends[0], *letters, ends[1]]
    links = list(pairwise(chain))
    factors = [Access("a" if n % 2 else "b", *link) for n, link in enumerate(links)]
    return Sum(Mul(*factors[::2], *factors[1::2], Access("c", letters[4])), *letters)


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def within(limit: float, function: Callable[[], object], rounds: int = 3) -> bool:
    """Whether one of a few runs takes no longer than this, in seconds; the first one that does is
    the last."""
    return any(seconds(function) <= limit for _ in range(rounds))


def least(*functions: Callable[[], object], rounds: int) -> list[float]:
    """The least time of each, in seconds; in turns, so that a busy machine is busy for all."""
    times = [[seconds(function) for function in functions] for _ in range(rounds)]
    return [min(column) for column in zip(*times, strict=True)]


def derive(*arguments: str) -> str:
    """The command in a fresh interpreter."""
    return printed("-m", "indexcalc.cli", *arguments)


def timed(benchmark: BenchmarkFixture, limit: float, function: Callable[[], T], rounds: int) -> T:
    """The function's result, measured in a few rounds, one of which takes no longer than this."""
    times: list[float] = []

    def once() -> T:
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
        return result

    result: T = benchmark.pedantic(once, rounds=rounds, warmup_rounds=1)  # type: ignore[no-untyped-call]
    assert min(times) <= limit or within(limit, function, rounds)
    return result


def test_the_product_is_the_one_spoken_of() -> None:
    tree = product_of_twelve()
    assert isinstance(tree, Sum)
    assert (len(tree.body.args), len(tree.indices)) == (12, 10)


def test_the_long_program_fills_the_limit() -> None:
    size = len(layers().encode())
    assert MOST_BYTES - 100 < size <= MOST_BYTES


@pytest.mark.benchmark(group="reading")
def test_layernorm_is_read_in_two_milliseconds(benchmark: BenchmarkFixture) -> None:
    program = timed(benchmark, ALLOWANCE * 0.002, lambda: read(LAYERNORM), 20)
    assert program.name == "layernorm"


@pytest.mark.benchmark(group="reading")
def test_a_program_of_64_kilobytes_is_read_in_one_and_a_half_seconds(
    benchmark: BenchmarkFixture,
) -> None:
    text = layers()
    program = timed(benchmark, ALLOWANCE * 1.5, lambda: read(text), 2)
    assert len(program.equations) == text.count("\n") + 1


@pytest.mark.benchmark(group="reading")
def test_the_key_of_a_product_of_twelve_takes_five_milliseconds(
    benchmark: BenchmarkFixture,
) -> None:
    tree = product_of_twelve()
    assert timed(benchmark, ALLOWANCE * 0.005, lambda: key(tree), 10)


@pytest.mark.benchmark(group="command")
def test_reading_takes_the_command_seven_tenths_of_a_second(benchmark: BenchmarkFixture) -> None:
    shown = timed(benchmark, ALLOWANCE * 0.7, lambda: derive("--read", "layernorm"), 2)
    assert shown.startswith("layernorm(")


@pytest.mark.benchmark(group="command")
def test_the_catalogue_takes_a_quarter_of_a_second(benchmark: BenchmarkFixture) -> None:
    assert "layernorm" in timed(benchmark, ALLOWANCE * 0.25, derive, 2)


def test_the_catalogue_does_not_import_sympy() -> None:
    assert printed("-c", MODULES).endswith("False\n")
