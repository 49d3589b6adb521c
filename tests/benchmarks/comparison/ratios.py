"""From times to ratios: a contender's time over ours, round by round, so that drift cancels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from tests.benchmarks.comparison import ours
from tests.benchmarks.comparison.measuring import Case


@dataclass(frozen=True)
class Ratio:
    """The median over the rounds, and half the distance of the quartiles as a share of it."""

    value: float
    spread: float

    def __str__(self) -> str:
        return f"{figure(self.value)} ±{self.spread:.0%}"


def ratio(times: Sequence[float], base: Sequence[float]) -> Ratio:
    found = [one / other for one, other in zip(times, base, strict=True)]
    middle = median(found)
    if len(found) == 1:
        return Ratio(middle, 0.0)
    low, _, high = quantiles(found, n=4, method="inclusive")
    return Ratio(middle, (high - low) / 2 / middle)


def against(case: Case, name: str, row: str, base: str = ours.NAME) -> Ratio | None:
    """A contender against ours; None where it has no such row."""
    times = case.times.get((name, row))
    return None if times is None else ratio(times, case.times[base, row])


def figure(value: float) -> str:
    """About three digits."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    if seconds >= 1:
        return f"{figure(seconds)} s"
    if seconds >= 1e-3:
        return f"{figure(seconds * 1e3)} ms"
    return f"{figure(seconds * 1e6)} µs"
