"""Peak memory over the inputs: a forward and a backward pass in a process of its own."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from ctypes import CDLL
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tests.benchmarks.comparison import clean, ours
from tests.benchmarks.comparison.contender import BOTH
from tests.benchmarks.comparison.processes import printed
from tests.benchmarks.comparison.ratios import figure
from tests.benchmarks.comparison.workloads import WORKLOADS, Array, Problem, Workload, problem

_LEAST = 1 << 20
_STATUS = Path("/proc/self/status")
_FORGET_PEAK = Path("/proc/self/clear_refs"), "5"


@dataclass(frozen=True)
class Peak:
    """Bytes over the inputs, by contender; and those of the inputs."""

    workload: Workload
    dtype: str
    inputs: int
    over: dict[str, int]

    @property
    def share(self) -> float:
        """Ours of clean NumPy's; what is less than a mebibyte is not measured so well."""
        return max(self.over[ours.NAME], _LEAST) / max(self.over[clean.NAME], _LEAST)


def peaks(workloads: Iterable[Workload], dtypes: Sequence[str]) -> list[Peak]:
    """Of the large workloads."""
    return [_peak(one, dtype) for one in workloads if one.large for dtype in dtypes]


def _peak(workload: Workload, dtype: str) -> Peak:
    given = problem(workload, dtype)
    inputs = sum(array.nbytes for array in (*given.inputs, given.upstream))
    names = [ours.NAME, *clean.offers(workload.kind)]
    over = {name: int(printed("memory", workload.name, dtype, name)) for name in names}
    return Peak(workload, dtype, inputs, over)


def table(found: Sequence[Peak]) -> str:
    """Mebibytes over the inputs."""
    names = (ours.NAME, clean.NAME, clean.AT_ONCE)
    heads = ("inputs", "ours", "clean", "at once †", "ours/clean")
    lines = [_row("", "", *heads)]
    for peak in found:
        cells = [_mebibytes(peak.over[name]) if name in peak.over else "" for name in names]
        cells = [_mebibytes(peak.inputs), *cells, figure(peak.share)]
        lines.append(_row(peak.workload.name, peak.dtype, *cells))
    return "\n".join(lines)


def _row(name: str, dtype: str, *cells: str) -> str:
    widths = (7, 7, 7, 10, 11)
    columns = "".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    return (name.ljust(34) + dtype.removeprefix("float").rjust(2) + columns).rstrip()


def _mebibytes(count: int) -> str:
    return figure(count / 2**20)


# In the process


def main() -> None:
    """What the functions of one contender need, in bytes."""
    name, dtype, who = sys.argv[1:]
    workload = next(one for one in WORKLOADS if one.name == name)
    small = replace(workload, sizes={letter: min(n, 8) for letter, n in workload.sizes.items()})
    # The code, and the buffers that BLAS keeps for itself, are there before the count begins.
    square: Array = np.ones((1024, 1024), dtype)
    square = square @ square
    del square
    both = _pass(who, workload)
    both(problem(small, dtype))
    given = problem(workload, dtype)
    print(peak(lambda: both(given)))


def peak(call: Callable[[], object]) -> int:
    """By how many bytes this process grows meanwhile, at most; what the call gives is held."""
    gc.collect()
    # What was freed before is not to be there for the call.
    CDLL(None).malloc_trim(0)
    place, word = _FORGET_PEAK
    place.write_text(word, encoding="ascii")
    before = _kibibytes("VmRSS")
    kept = call()
    most = _kibibytes("VmHWM")
    del kept
    return 1024 * (most - before)


def _pass(who: str, workload: Workload) -> Callable[[Problem], object]:
    """One forward and one backward pass; what they give is held."""
    if who == clean.AT_ONCE:
        return lambda given: clean.contender(who, given).calls[BOTH]()
    kernel = ours.kernel_of(workload) if who == ours.NAME else clean.CLEAN[workload.kind]

    def both(given: Problem) -> object:
        y, saved = kernel.forward(*given.inputs)
        return y, saved, kernel.backward(given.upstream, saved)

    return both


def _kibibytes(entry: str) -> int:
    found = re.search(rf"^{entry}:\s*(\d+) kB$", _STATUS.read_text(encoding="ascii"), re.MULTILINE)
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    main()
