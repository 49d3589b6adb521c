"""Rounds: processes are started, and each contender is timed for a moment, in turns.

With the default allocator every contender has a process of its own, for what one frees decides from
where the next one's arrays come. With pages kept all are in one process. Either way rounds are in
turns, so that whatever else the machine does it does to all.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.benchmarks.comparison.contender import ROWS
from tests.benchmarks.comparison.worker import shuffled
from tests.benchmarks.comparison.workloads import Workload

ROOT = Path(__file__).resolve().parents[3]
DEFAULT = "default"
KEPT = "pages kept"
# Nothing is given back to the system, and nothing comes from it twice.
_KEPT_PAGES = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 40),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 40),
    "MALLOC_TOP_PAD_": str(64 << 20),
}


Times = dict[tuple[str, str], list[float]]


class Failed(Exception):  # noqa: N818
    """A contender is wrong, or its process ended."""


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


def environment(threads: int, allocator: str) -> dict[str, str]:
    """Threads and allocator, as each library wants to be told.

    XLA's own flags leave its pool of threads as it is; NPROC sets it.
    """
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    return {
        **kept,
        **dict.fromkeys(names, str(threads)),
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()}",
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
        "JAX_PLATFORMS": "cpu",
        "PYTHONPATH": str(ROOT),
        **(_KEPT_PAGES if allocator == KEPT else {}),
    }


class Process:
    """A worker; what it says besides its answers is kept for when it fails."""

    def __init__(self, threads: int, allocator: str) -> None:
        self._threads = threads
        self._complaints: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.comparison.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            cwd=ROOT,
            env=environment(threads, allocator),
        )

    def prepare(
        self, workload: Workload, dtype: str, contenders: Sequence[str], reference: Path | None
    ) -> None:
        """Answered, once contenders are checked, by those not available, with reasons."""
        self.tell(
            workload=workload.name,
            sizes=dict(workload.sizes),
            dtype=dtype,
            contenders=contenders,
            threads=self._threads,
            reference=str(reference) if reference is not None else None,
        )

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._complaints.close()

    def tell(self, **job: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            return json.loads(line)
        self._process.wait()
        self._complaints.seek(0)
        raise Failed(self._complaints.read().strip() or "a process ended without a word")


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
    least = 0.0
    for count in itertools.count(1):
        spent = []
        for found, processes in zip(times, groups, strict=True):
            for process in shuffled(processes, count):
                process.tell(round=count, seconds=pace.slice)
                for name, row, middle, whole in process.answer():
                    found[name, row].append(middle)
                    spent.append(whole)
        least += min(spent)
        if count >= pace.rounds and least >= pace.total:
            return [dict(found) for found in times]
    raise AssertionError
