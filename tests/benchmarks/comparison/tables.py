"""What was timed as tables of at most 80 columns: one a workload and condition of the allocator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from statistics import median

from tests.benchmarks.comparison import ours
from tests.benchmarks.comparison.contender import ROWS
from tests.benchmarks.comparison.measuring import Case
from tests.benchmarks.comparison.ratios import against, duration

WIDTH = 80
_NAME = 36
_CELL = 11


def tables(cases: Sequence[Case]) -> list[str]:
    """The cases, neighbours of one workload and allocator together."""

    def title(case: Case) -> tuple[str, str]:
        return case.setting.workload.name, case.setting.allocator

    return [table(list(group)) for _, group in groupby(cases, title)]


def table(cases: Sequence[Case]) -> str:
    """A column a case: our time, and the times of the others over ours."""
    first = cases[0].setting
    lines = [f"{first.workload.name}; allocator: {first.allocator}", ""]
    lines.append(_line("", (case.dtype for case in cases)))
    lines.append(_line("", (threads(case.setting.threads) for case in cases)))
    names = list(dict.fromkeys(name for case in cases for name, _ in case.times))
    for row in ROWS:
        lines.append(row)
        for name in names:
            if any((name, row) in case.times for case in cases):
                lines.append(_line(f"  {name}", (_cell(case, name, row) for case in cases)))
    reasons = {name: why for case in cases for name, why in case.reasons.items()}
    lines += [f"{name}: not available, {why}" for name, why in reasons.items()]
    return "\n".join(lines)


def threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _cell(case: Case, name: str, row: str) -> str:
    if name == ours.NAME:
        return duration(median(case.times[name, row]))
    found = against(case, name, row)
    return "" if found is None else str(found)


def _line(name: str, cells: Iterable[str]) -> str:
    return (name.ljust(_NAME) + "".join(cell.rjust(_CELL) for cell in cells)).rstrip()
