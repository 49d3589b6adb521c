"""`python -m tests.fuzz --minutes 5`: random programs for as long as is said, failures made small.

`--seed S` draws other programs, `--number N` runs one of them again, and `--program TEXT` runs a
text; `--wrt`, `--lengths` and `--point` go with a text.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import Progress

from tests import oracle
from tests.fuzz.checks import EVERY, Depth, depth_of, examine
from tests.fuzz.emitted import WAYS
from tests.fuzz.failing import Failed
from tests.fuzz.features import FEATURES, features
from tests.fuzz.parsing import parse
from tests.fuzz.programs import Case, case
from tests.fuzz.shrink import shrink

# Programs that a worker takes at a time.
SHARE = 20
# Failures of one kind that are made small.
MOST_ALIKE = 2
VERDICTS = ("fine", "undecided", "no derivative", "refused", "failed")


@dataclass
class Tally:
    """What was tried and what came of it."""

    verdicts: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    features: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, Failed]] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, 0)

    def add(self, other: Tally) -> None:
        self.verdicts += other.verdicts
        self.counts += other.counts
        self.features += other.features
        self.failures += other.failures
        self.slowest = max(self.slowest, other.slowest)

    @property
    def tried(self) -> int:
        return sum(self.verdicts.values())

    def summary(self, seconds: float) -> str:
        shares = [f"{self.verdicts[v]} {v} ({self.share(v):.1%})" for v in VERDICTS]
        counts = [f"{name} {count}" for name, count in sorted(self.counts.items())]
        rate = 60 * self.tried / seconds
        slow, number = self.slowest
        lines = [
            f"{self.tried} programs in {seconds / 60:.1f} minutes, {rate:.0f} a minute",
            ", ".join(shares),
            f"checks: {', '.join(counts)}",
            f"slowest: number {number}, {slow:.1f} s",
            "programs with each feature: "
            + ", ".join(f"{name} {self.features[name]}" for name in FEATURES),
        ]
        return "\n".join(lines)

    def share(self, verdict: str) -> float:
        return self.verdicts[verdict] / max(self.tried, 1)


def tally(seed: int, numbers: Iterable[int], among: int = EVERY, code: int = 1) -> Tally:
    """The programs of these numbers; one `among` so many gets each of the slow checks, and for one
    among so many `code` is emitted."""
    _one_thread()
    result = Tally()
    for number in numbers:
        drawn = case(seed, number)
        start = time.process_time()
        outcome = examine(drawn, depth_of(number, among, code))
        result.slowest = max(result.slowest, (time.process_time() - start, number))
        result.verdicts[outcome.verdict] += 1
        result.counts += outcome.counts
        result.features.update(features(drawn))
        if outcome.failure is not None:
            result.failures.append((number, outcome.failure))
    return result


def _one_thread() -> None:
    """Small tensors gain nothing by threads, and other processes lose."""
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)


def smallest(failing: Case, kind: str) -> Case:
    """The case made small, failing in the same way; only the checks that see it are made."""
    few = [Depth(False, False, ways) for ways in ((), *((way,) for way in WAYS))]
    few += [Depth(True, False, ()), Depth(False, True, ()), Depth()]
    depth = next((depth for depth in few if _fails(failing, kind, depth)), Depth())
    return shrink(failing, lambda candidate: _fails(candidate, kind, depth))


def _fails(candidate: Case, kind: str, depth: Depth) -> bool:
    failure = examine(candidate, depth).failure
    return failure is not None and failure.kind == kind


def account(found: Case, failure: Failed, again: str) -> str:
    """A failure: the small program, what is wrong, and how to see it again."""
    small = smallest(found, failure.kind)
    last = examine(small, Depth()).failure or failure
    return "\n".join(
        [
            f"FAILED  {failure.kind}",
            oracle.text(small.program).rstrip(),
            last.said.rstrip(),
            f"again:  python -m tests.fuzz {arguments(small)}",
            f"before it was made small:  python -m tests.fuzz {again}",
            "",
        ]
    )


def arguments(case: Case) -> str:
    """The options that run a case."""
    said = ["--program", oracle.text(case.program).rstrip().replace("\n", "; ")]
    if case.wrt:
        said += ["--wrt", ",".join(case.wrt)]
    said += ["--lengths", ",".join(map(str, case.lengths)), "--point", str(case.seed)]
    return shlex.join(said)


# The command


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--number", type=int, help="the one program to run")
    parser.add_argument("--program", help="a text to run instead")
    parser.add_argument("--wrt", default="", help="what to differentiate by: x,m")
    parser.add_argument("--lengths", default="3,2,4,5", help="how long axes are, in turn")
    parser.add_argument("--point", type=int, default=0, help="what a text's points are drawn from")
    asked = parser.parse_args(given)
    if asked.program is not None:
        wrt = tuple(name for name in asked.wrt.split(",") if name)
        try:
            lengths = tuple(map(int, asked.lengths.split(",")))
            one = Case(parse(asked.program), wrt, lengths, asked.point)
        except ValueError as problem:
            parser.error(str(problem))
        return run_one(one, arguments(one))
    if asked.number is not None:
        return run_one(
            case(asked.seed, asked.number), f"--seed {asked.seed} --number {asked.number}"
        )
    return run_many(asked.seed, 60 * asked.minutes, asked.workers)


def run_one(one: Case, again: str) -> int:
    _one_thread()
    print(oracle.text(one.program))
    outcome = examine(one, Depth())
    if outcome.failure is None:
        counts = [f"{name} {count}" for name, count in sorted(outcome.counts.items())]
        print(", ".join([outcome.verdict, *counts]))
        return 0
    print(account(one, outcome.failure, again))
    return 1


def run_many(seed: int, seconds: float, workers: int) -> int:
    total, kinds = Tally(), Counter[str]()
    start = time.monotonic()
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("programs", total=seconds)
        for share in shares(seed, start + seconds, workers):
            total.add(share)
            for number, failure in share.failures:
                kinds[failure.kind] += 1
                if kinds[failure.kind] <= MOST_ALIKE:
                    again = f"--seed {seed} --number {number}"
                    progress.console.print(
                        account(case(seed, number), failure, again), markup=False, soft_wrap=True
                    )
            words = f"{total.tried} programs, {total.verdicts['failed']} failed"
            progress.update(bar, completed=time.monotonic() - start, description=words)
    print(total.summary(time.monotonic() - start))
    for kind, count in kinds.most_common():
        numbers = [str(number) for number, failure in total.failures if failure.kind == kind]
        print(f"{count} times {kind}: numbers {', '.join(numbers[:20])}")
    return 1 if total.failures else 0


def shares(seed: int, end: float, workers: int) -> Iterator[Tally]:
    """Results as they come, until it is time."""
    if workers == 1:
        first = 0
        while time.monotonic() < end:
            yield tally(seed, range(first, first + SHARE))
            first += SHARE
        return
    with ProcessPoolExecutor(workers) as pool:
        running: set[Future[Tally]] = set()
        first = 0
        while running or time.monotonic() < end:
            while len(running) < workers and time.monotonic() < end:
                running.add(pool.submit(tally, seed, range(first, first + SHARE)))
                first += SHARE
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
