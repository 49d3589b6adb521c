"""Generated code against everything else that computes the same gradients.

    python -m tests.benchmarks.compare [--quick] [--only NAME] [--reference FILE] [--write]

prints tables of ratios; --write makes docs/performance.md of them. --quick takes float64, one
thread and pages kept alone, and leaves out torch.compile. --only takes the workloads that have the
word in their name. --reference, or INDEXCALC_REFERENCE, is a file of hand-written kernels to be
measured too.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.comparison import emission, machine, torches
from tests.benchmarks.comparison.disturbance import disturbances
from tests.benchmarks.comparison.measuring import Pace, Setting, measured
from tests.benchmarks.comparison.memory import peaks
from tests.benchmarks.comparison.page import PLACE, Findings, page, terminal
from tests.benchmarks.comparison.processes import DEFAULT, KEPT, Failed, Process
from tests.benchmarks.comparison.worker import offered
from tests.benchmarks.comparison.workloads import WORKLOADS, Workload

DTYPES = ("float64", "float32")
# Smaller numbers first: what they leave with the allocator is less than what the larger need.
ORDER = ("float32", "float64")
QUICK = Pace(slice=0.01, total=0.03, rounds=3)


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    workloads = [one for one in WORKLOADS if asked.only in one.name]
    reference = Path(asked.reference) if asked.reference else None
    if not workloads:
        names = "\n  ".join(one.name for one in WORKLOADS)
        print(f"no workload has {asked.only!r} in its name; there are\n  {names}", file=sys.stderr)
        return 2
    if reference is not None and not reference.is_file():
        print(f"no kernels at {reference}", file=sys.stderr)
        return 2
    try:
        found = run(workloads, reference, quick=asked.quick, whole=asked.write)
    except Failed as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    print(terminal(found), end="")
    if asked.write:
        PLACE.write_text(page(found), encoding="utf-8")
    return 0


def run(
    workloads: Sequence[Workload], reference: Path | None, *, quick: bool, whole: bool
) -> Findings:
    """Everything for these workloads; as a whole, whether contenders disturb each other too."""
    start = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - start:5.0f} s  {what}", file=sys.stderr, flush=True)

    found = Findings(machine.facts(), reference=reference is not None)
    with ExitStack() as stack:
        shared: dict[int, Process] = {}
        for setting in settings(workloads, quick=quick):
            workload, threads, kept = setting.workload, setting.threads, setting.allocator == KEPT
            say(f"{workload.name}, threads: {threads}, allocator: {setting.allocator}")
            if kept and threads not in shared:
                shared[threads] = stack.enter_context(Process(threads, KEPT))
            found.cases += measured(
                setting,
                DTYPES[:1] if quick else ORDER,
                _contenders(workload, reference, quick=quick),
                reference,
                QUICK if quick else Pace(),
                shared[threads] if kept else None,
            )
    found.cases.sort(key=lambda case: _place(case.setting, case.dtype))
    say("memory")
    found.peaks = peaks(workloads, DTYPES[:1] if quick else DTYPES)
    if whole and not quick:
        say("whether contenders disturb each other")
        found.disturbances = list(disturbances(Pace(total=0)))
    say("emission")
    found.emissions = emission.times()
    say("done")
    return found


def _contenders(workload: Workload, reference: Path | None, *, quick: bool) -> list[str]:
    names = offered(workload, reference)
    return [name for name in names if not (quick and name == torches.COMPILED)]


def settings(workloads: Sequence[Workload], *, quick: bool) -> Iterator[Setting]:
    """Conditions of the allocator make a difference to large arrays alone."""
    for workload in workloads:
        allocators = [KEPT] if quick else [DEFAULT, KEPT] if workload.large else [DEFAULT]
        for allocator in allocators:
            for threads in (1,) if quick else (1, 2):
                yield Setting(workload, threads, allocator)


def _place(setting: Setting, dtype: str) -> tuple[int, bool, int, int]:
    """The order of the tables: workload, allocator, then the columns."""
    return (
        WORKLOADS.index(setting.workload),
        setting.allocator == KEPT,
        DTYPES.index(dtype),
        setting.threads,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.compare")
    parser.add_argument("--quick", action="store_true", help="under a minute, and less exact")
    parser.add_argument(
        "--only", default="", metavar="NAME", help="workloads with this in the name"
    )
    parser.add_argument(
        "--reference",
        default=os.environ.get("INDEXCALC_REFERENCE"),
        metavar="FILE",
        help="hand-written kernels to be measured too",
    )
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
