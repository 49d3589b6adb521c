"""A process in which contenders are timed: it is told what to do line by line, and answers so.

The environment, and with it the threads and the allocator, is set before the process starts.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from tests.benchmarks.comparison import clean, einsums, jaxes, ours, torches, yardsticks
from tests.benchmarks.comparison.contender import (
    BACKWARD,
    Contender,
    Result,
    Unavailable,
    wrong,
)
from tests.benchmarks.comparison.workloads import WORKLOADS, Problem, Workload, problem

T = TypeVar("T")


def offered(workload: Workload, reference: Path | None) -> tuple[str, ...]:
    """Every contender that there is for a workload, ours first; nothing heavy is imported."""
    kind = workload.kind
    kernels = yardsticks.offers(workload) if reference is not None else ()
    return (
        *ours.offers(kind),
        *clean.offers(kind),
        *kernels,
        *einsums.offers(kind),
        *torches.offers(kind),
        *jaxes.offers(kind),
    )


def contender(name: str, given: Problem, threads: int, reference: Path | None) -> Contender:
    kind = given.workload.kind
    if name in ours.offers(kind):
        return ours.contender(name, given)
    if name in clean.offers(kind):
        return clean.contender(name, given)
    if name in einsums.offers(kind):
        return einsums.contender(name, given)
    if name in torches.offers(kind):
        return torches.contender(name, given, threads)
    if name in jaxes.offers(kind):
        return jaxes.contender(name, given)
    assert reference is not None
    return yardsticks.contender(name, given, reference)


def timed(call: Callable[[], object], seconds: float) -> list[float]:
    """How long each call took, for at least this long and at least once; one before these wakes
    threads that sleep, and finds the caches full of others."""
    call()
    times = []
    end = time.perf_counter() + seconds
    while True:
        start = time.perf_counter()
        call()
        now = time.perf_counter()
        times.append(now - start)
        if now >= end:
            return times


def shuffled(things: Iterable[T], number: int) -> list[T]:
    """The order of a round."""
    order = list(things)
    random.Random(number).shuffle(order)
    return order


class Stage:
    """The contenders of one process on one problem."""

    def __init__(
        self, names: Iterable[str], given: Problem, threads: int, reference: Path | None
    ) -> None:
        self.reasons: dict[str, str] = {}
        self._contenders: dict[str, Contender] = {}
        self._dtype = str(given.dtype)
        truth = clean.truth(given)
        for name in names:
            try:
                self._contenders[name] = contender(name, given, threads, reference)
            except Unavailable as reason:
                self.reasons[name] = str(reason)
                continue
            if mistake := self._mistake(name, truth):
                if name in ours.offers(given.workload.kind):
                    raise SystemExit(f"{name} is wrong: {mistake}")
                del self._contenders[name]
                self.reasons[name] = f"for it is wrong: {mistake}"

    def _mistake(self, name: str, truth: Result) -> str:
        """A backward pass twice, for whoever writes into what was saved."""
        calls = self._contenders[name].calls
        for row in (*calls, BACKWARD):
            if reason := wrong(calls[row](), truth, self._dtype):
                return f"{row}: {reason}"
        return ""

    def round(self, number: int, seconds: float) -> list[tuple[str, str, float, float]]:
        """Contender, row, the median of its calls, and how long they took together.

        Whoever comes after a large one finds the caches empty: the order is another each time. A
        function that serves two rows is called for both at once.
        """
        found = []
        for name, one in shuffled(self._contenders.items(), number):
            known: dict[Callable[[], Result], list[float]] = {}
            for row, call in one.calls.items():
                times = known.setdefault(call, [])
                if not times:
                    times += timed(call, seconds)
                found.append((name, row, median(times), sum(times)))
        return found


def main() -> None:
    """Jobs on standard input, one a line; what libraries print goes to standard error."""
    answers, sys.stdout = sys.stdout, sys.stderr
    stage: Stage | None = None
    for line in sys.stdin:
        job = json.loads(line)
        if "round" in job:
            assert stage is not None
            answer: object = stage.round(job["round"], job["seconds"])
        else:
            stage = None  # its arrays are not to be there together with the next one's
            stage = _staged(job)
            answer = stage.reasons
        print(json.dumps(answer), file=answers, flush=True)


def _staged(job: dict[str, Any]) -> Stage:
    workload = next(one for one in WORKLOADS if one.name == job["workload"])
    given = problem(replace(workload, sizes=job["sizes"]), job["dtype"])
    reference = Path(job["reference"]) if job["reference"] else None
    return Stage(job["contenders"], given, job["threads"], reference)


if __name__ == "__main__":
    main()
