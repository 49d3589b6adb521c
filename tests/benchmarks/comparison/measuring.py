"""Rounds: processes are started, and each contender is timed for a moment, in turns.

With the default allocator every contender has a process of its own, for what one frees decides from
where the next one's arrays come. With pages kept all are in one process. Either way rounds are in
turns, so that whatever else the machine does it does to all.
"""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.comparison.contender import ROWS
from tests.benchmarks.comparison.processes import Process
from tests.benchmarks.comparison.worker import shuffled
from tests.benchmarks.comparison.workloads import Workload

# Threads of OpenBLAS and OpenMP look for more work for a while after each call: so long, in
# seconds, the next process waits.
CALM = 0.06

Times = dict[tuple[str, str], list[float]]


@dataclass(frozen=True)
class Pace:
    """How long each row of a contender is timed in a round, at least in all, in how many rounds."""

    slice: float = 0.03
    total: float = 0.15
    rounds: int = 5


@dataclass(frozen=True)
class Setting:
    """A workload under one condition."""

    workload: Workload
    threads: int
    allocator: str


@dataclass(frozen=True)
class Case:
    """One column of a table: what was timed there, by contender and row, a median a round."""

    setting: Setting
    dtype: str
    times: Mapping[tuple[str, str], list[float]]
    reasons: Mapping[str, str] = field(default_factory=dict)


def measured(
    setting: Setting,
    dtypes: Iterable[str],
    contenders: Sequence[str],
    reference: Path | None,
    pace: Pace,
    shared: Process | None = None,
) -> Iterator[Case]:
    """A case for each type of numbers, in order, in one process where one is given."""
    with ExitStack() as stack:
        staged = [(shared, contenders)] if shared is not None else []
        for name in contenders if shared is None else ():
            process = Process(setting.threads, setting.allocator)
            staged.append((stack.enter_context(process), [name]))
        for dtype in dtypes:
            for process, names in staged:
                process.prepare(setting.workload, dtype, names, reference)
            reasons: dict[str, str] = {}
            for process, _ in staged:
                reasons.update(process.answer())
            processes = [process for process, _ in staged]
            (times,) = rounds([processes], pace)
            # Rounds have an order of their own.
            ordered = sorted(times, key=lambda key: (contenders.index(key[0]), ROWS.index(key[1])))
            yield Case(setting, dtype, {key: times[key] for key in ordered}, reasons)


def rounds(groups: Sequence[Sequence[Process]], pace: Pace) -> list[Times]:
    """The times of each group; processes of all groups take turns."""
    times: list[Times] = [defaultdict(list) for _ in groups]
    pause = CALM if max(map(len, groups)) > 1 else 0.0
    least = 0.0
    for count in itertools.count(1):
        spent = []
        for found, processes in zip(times, groups, strict=True):
            for process in shuffled(processes, count):
                time.sleep(pause)
                process.tell(round=count, seconds=pace.slice)
                for name, row, middle, whole in process.answer():
                    found[name, row].append(middle)
                    spent.append(whole)
        least += min(spent)
        if count >= pace.rounds and least >= pace.total:
            return [dict(found) for found in times]
    raise AssertionError
