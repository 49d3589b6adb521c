"""Whether contenders disturb each other: each in a process of its own, against all in one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tests.benchmarks.comparison import clean, jaxes, torches
from tests.benchmarks.comparison.contender import BACKWARD
from tests.benchmarks.comparison.measuring import Pace, Setting, rounds
from tests.benchmarks.comparison.processes import DEFAULT, KEPT, Process
from tests.benchmarks.comparison.ratios import Ratio, ratio
from tests.benchmarks.comparison.tables import threads
from tests.benchmarks.comparison.workloads import WORKLOADS

NAMES = (clean.NAME, torches.PRIMITIVES, jaxes.NAME)
_PLACES = (("matmul", "float64"), ("layernorm", "float32"))


@dataclass(frozen=True)
class Disturbance:
    """What a contender takes in one process with others, over what it takes alone."""

    setting: Setting
    dtype: str
    ratios: dict[str, Ratio]


def disturbances(pace: Pace) -> Iterator[Disturbance]:
    for count in (1, 2):
        for allocator in (DEFAULT, KEPT):
            yield from _disturbances(count, allocator, pace)


def _disturbances(count: int, allocator: str, pace: Pace) -> Iterator[Disturbance]:
    """The same processes for all workloads, the smaller arrays first."""
    with ExitStack() as stack:
        groups = [
            [(stack.enter_context(Process(count, allocator)), names) for names in split]
            for split in ([NAMES], [[name] for name in NAMES])
        ]
        for kind, dtype in _PLACES:
            workload = next(one for one in WORKLOADS if one.kind == kind)
            absent: set[str] = set()
            for process, names in itertools.chain(*groups):
                process.prepare(workload, dtype, names, None)
                absent.update(process.answer())
            turns = [[process for process, _ in group] for group in groups]
            together, alone = rounds(turns, pace)
            ratios = {
                name: ratio(together[name, BACKWARD], alone[name, BACKWARD])
                for name in NAMES
                if name not in absent
            }
            yield Disturbance(Setting(workload, count, allocator), dtype, ratios)


def table(found: Sequence[Disturbance]) -> str:
    lines = ["".ljust(26) + "".join(name.rjust(18) for name in NAMES)]
    for kind in dict.fromkeys((one.setting.workload.name, one.dtype) for one in found):
        lines.append(", ".join(kind))
        for one in found:
            if (one.setting.workload.name, one.dtype) == kind:
                condition = f"  {one.setting.allocator}, {threads(one.setting.threads)}"
                cells = (str(one.ratios.get(name, "")).rjust(18) for name in NAMES)
                lines.append((condition.ljust(26) + "".join(cells)).rstrip())
    return "\n".join(lines)
