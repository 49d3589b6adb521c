"""docs/performance.md: everything that was measured, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import fill

from tests.benchmarks.comparison import disturbance, memory, tables, targets
from tests.benchmarks.comparison.contender import MARKS
from tests.benchmarks.comparison.disturbance import Disturbance
from tests.benchmarks.comparison.measuring import Case
from tests.benchmarks.comparison.memory import Peak
from tests.benchmarks.comparison.processes import ROOT

PLACE = ROOT / "docs" / "performance.md"
WIDTH = 100

_OPENING = """\
# Performance

The functions that `lambdify` compiles, which are the text that `--emit numpy` prints, against what
else computes the same gradients. This page is written by

```sh
python -m tests.benchmarks.compare --write
```
"""
_HOW = """\
## How it is measured

- **Time** is given for ours; for every other contender the tables show its time over ours, so
  that more than 1 means that ours is faster. A figure is the median over the rounds of the ratio
  within a round; ± is half the distance of its quartiles.
- **Rounds** are in turns, in another order each time: each contender is called once untimed and
  then for 0.03 s a row, or once, then the next. There are at least 5, and at least 0.15 s for each
  row. What a call gives is freed within its time.
- **backward** is from the upstream gradient and what a forward pass saved, the same for all
  rounds; **forward + backward** is from the inputs to the output and all gradients. Contenders
  that have no function for one of these are marked, and compared all the same.
- **Gradients** of all contenders are compared with float64 before anything is timed. If ours are
  wrong the run ends; another contender whose are is left out, and the table says so. Inputs are
  seeded, and the same for all.
- **Threads** are those of OpenBLAS, OpenMP, torch and XLA, set to 1 or 2 before a process starts
  (XLA goes by `NPROC` alone). NumPy outside BLAS uses one in either case.
- **The allocator** is glibc's, by default, where large arrays come from the system each time and
  every page of them is touched for the first time; or with pages kept (`MALLOC_MMAP_THRESHOLD_`,
  `MALLOC_TRIM_THRESHOLD_` and `MALLOC_TOP_PAD_` set), as in a program that holds on to its
  memory. Small workloads never reach the system, and are shown once.
- **Processes**: by default, freeing a large array makes glibc take the next ones from its own
  heap, whoever asks, so that one contender changes what another pays (see the last but one
  section). There each contender has a process of its own, and the rounds go from process to
  process, after a pause of 0.06 s, for threads of the one before go on looking for work that long.
  With pages kept all contenders are in one process.
"""
_WHO = """\
## Who takes part

- **ours** is called as people call it; with `out=` and `workspace=` all large arrays are given.
- **clean NumPy** is what careful people write: a forward function that saves and a backward one
  that uses it, whole arrays, no buffers; *at once* is a single function from the inputs.
- **einsum(optimize=True)** has every contraction as one `numpy.einsum`.
- **torch** is eager, with the fused operation and with primitives; **torch.compile** has the
  primitives, and **jax.jit** is one function for each row. Their backward passes are repeated
  from one forward pass.
- Names with `_backward_` in them are {kernels}.
"""
_KERNELS = "hand-written kernels kept outside the repository"
_WITHOUT = "hand-written kernels kept outside the repository; they took no part in this run"
_MEMORY = """\
## Memory

The peak of the process over the inputs, in MiB: one forward and one backward pass in a fresh
process, one thread, default allocator, outputs and gradients included.
"""
_DISTURBANCE = """\
## Do contenders disturb each other

The time of a backward pass in one process, in turns with the others of this table, over that in a
process where it is alone.
"""
_TARGETS = """\
## Targets

The worst case of each. A miss that is smaller than the spread of its figure is "within spread".
"""


@dataclass
class Findings:
    """All that a run measured."""

    facts: list[tuple[str, str]]
    cases: list[Case] = field(default_factory=list)
    peaks: list[Peak] = field(default_factory=list)
    disturbances: list[Disturbance] = field(default_factory=list)
    emissions: Mapping[str, float] = field(default_factory=dict)
    reference: bool = False


def page(found: Findings) -> str:
    """The whole page."""
    kernels = _KERNELS if found.reference else _WITHOUT
    parts = [
        _OPENING,
        _block("\n".join(f"{name:12}{value}" for name, value in found.facts)),
        _HOW,
        _WHO.format(kernels=kernels) + _marks(),
        "## Times\n",
        *map(_block, tables.tables(found.cases)),
    ]
    if found.peaks:
        parts += [_MEMORY, _block(memory.table(found.peaks))]
    if found.disturbances:
        parts += [_DISTURBANCE, _block(disturbance.table(found.disturbances))]
    parts += [_TARGETS, _block(targets.table(_targets(found)))]
    return "\n".join(parts)


def terminal(found: Findings) -> str:
    """The tables alone."""
    parts = tables.tables(found.cases)
    parts += [fill(f"{mark} {said}", tables.WIDTH) for mark, said in MARKS.items()]
    if found.peaks:
        parts.append("Peak memory over the inputs, MiB\n\n" + memory.table(found.peaks))
    if found.disturbances:
        parts.append(
            "In one process with others / alone\n\n" + disturbance.table(found.disturbances)
        )
    parts.append("Targets\n\n" + targets.table(_targets(found)))
    return "\n\n".join(parts) + "\n"


def _targets(found: Findings) -> Sequence[targets.Target]:
    return targets.targets(found.cases, found.peaks, found.emissions)


def _marks() -> str:
    lines = (
        fill(f"- {mark} {said}.", WIDTH, subsequent_indent="  ") for mark, said in MARKS.items()
    )
    return "\n".join(lines) + "\n"


def _block(text: str) -> str:
    return f"```text\n{text}\n```\n"
