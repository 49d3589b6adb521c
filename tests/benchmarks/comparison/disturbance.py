"""Whether contenders disturb each other: each in a process of its own, against all in one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tests.benchmarks.comparison import clean, jaxes, torches
from tests.benchmarks.comparison.contender import BACKWARD
from tests.benchmarks.comparison.measuring import (
    DEFAULT,
    KEPT,
    Pace,
    Process,
    Setting,
    rounds,
)
from tests.benchmarks.comparison.ratios import Ratio, ratio
from tests.benchmarks.comparison.tables import threads
from tests.benchmarks.comparison.workloads import WORKLOADS

NAMES = (clean.NAME, torches.PRIMITIVES, jaxes.NAME)
_PLACES = (("layernorm", "float32"), ("matmul", "float64"))


@dataclass(frozen=True)
class Disturbance:
    """What a contender takes in one process with others, over what it takes alone."""

    setting: Setting
    dtype: str
    ratios: dict[str, Ratio]


def disturbances(pace: Pace) -> Iterator[Disturbance]:
    for kind, dtype in _PLACES:
        workload = next(one for one in WORKLOADS if one.kind == kind)
        for count in (1, 2):
            for allocator in (DEFAULT, KEPT):
                yield _disturbance(Setting(workload, count, allocator), dtype, pace)


def _disturbance(setting: Setting, dtype: str, pace: Pace) -> Disturbance:
    with ExitStack() as stack:
        groups: list[list[Process]] = []
        absent: set[str] = set()
        for split in ([NAMES], [[name] for name in NAMES]):
            groups.append([])
            for names in split:
                process = Process(setting.threads, setting.allocator)
                groups[-1].append(stack.enter_context(process))
                process.prepare(setting.workload, dtype, names, None)
                absent.update(process.answer())
        together, alone = rounds(groups, pace)
    ratios = {
        name: ratio(together[name, BACKWARD], alone[name, BACKWARD])
        for name in NAMES
        if name not in absent
    }
    return Disturbance(setting, dtype, ratios)


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
