"""The targets, each met or missed, with the figure of its worst case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from tests.benchmarks.comparison import clean, einsums, torches, yardsticks
from tests.benchmarks.comparison.contender import BACKWARD, ROWS
from tests.benchmarks.comparison.measuring import Case
from tests.benchmarks.comparison.memory import Peak
from tests.benchmarks.comparison.processes import KEPT
from tests.benchmarks.comparison.ratios import Ratio, against, figure
from tests.benchmarks.comparison.tables import threads
from tests.benchmarks.comparison.workloads import WORKLOADS

MEMORY = "memory"
EMISSION = "emission"
REFERENCE_LIMIT = 1.05
EMISSION_LIMIT = 0.3
KRONECKER_LEAST = 200
_TCL_ONE, _TCL_MANY = (one.name for one in WORKLOADS if one.kind == "tcl")
_PAIRED = "the best eager form is torch's own nine products, paired by hand as ours are"
_FRESH = (
    "fresh pages cost one process more than another here, whoever asks for them; with pages kept, "
    "in one process, the figure is {}"
)
# Why a target is missed, by workload and row (MEMORY and EMISSION count as rows).
REASONS: dict[tuple[str, str], str] = {(_TCL_ONE, row): _PAIRED for row in ROWS}
REASONS |= {
    ("layer norm 64x256", row): "calls, not arrays, take the time here: ours checks its inputs, "
    "and takes the rounding of the mean away, which costs a pass each way"
    for row in ROWS
}


@dataclass(frozen=True)
class Target:
    """A line of the table. A miss that is within the spread of its figure says so."""

    workload: str
    row: str
    what: str
    figure: str
    verdict: str
    where: str = ""
    # The figure where pages are kept, for a worst case where they are not.
    kept: str = ""

    @property
    def missed(self) -> bool:
        return self.verdict == "missed"

    @property
    def reason(self) -> str:
        known = REASONS.get((self.workload, self.row), "")
        return known or (_FRESH.format(self.kept) if self.kept else "")


def targets(
    cases: Sequence[Case], peaks: Sequence[Peak], emissions: Mapping[str, float]
) -> list[Target]:
    """All of them that something was measured for."""
    found: list[Target] = []
    for workload in dict.fromkeys(case.setting.workload.name for case in cases):
        here = [case for case in cases if case.setting.workload.name == workload]
        for row in ROWS:
            found += _reference(workload, row, here)
            found += _at_least(workload, row, here, "clean NumPy / ours", _clean, 1.0)
    found += _tcl(cases)
    found += map(_memory, peaks)
    found += _emission(emissions)
    return found


def _reference(workload: str, row: str, cases: Sequence[Case]) -> Iterator[Target]:
    """Against the best kernel that does what the row says, or more."""

    def judged(name: str) -> bool:
        kernel = name in yardsticks.NAMES and name != yardsticks.KRONECKER
        return kernel and (row == BACKWARD or "†" not in name)

    yield from _at_least(
        workload, row, cases, "best hand-written / ours", judged, 1 / REFERENCE_LIMIT
    )


def _clean(name: str) -> bool:
    return name == clean.NAME


def _tcl(cases: Sequence[Case]) -> Iterator[Target]:
    def einsum(name: str) -> bool:
        return name == einsums.NAME

    def eager(name: str) -> bool:
        return name in torches.FUNCTIONS["tcl"]

    def torch_einsum(name: str) -> bool:
        return name in torches.FUNCTIONS["tcl"] and name != torches.PRIMITIVES

    def kronecker(name: str) -> bool:
        return name == yardsticks.KRONECKER

    for row in ROWS:
        for workload, who, what, least in (
            (_TCL_ONE, einsum, "einsum / ours", 8.0),
            (_TCL_MANY, einsum, "einsum / ours", 2.0),
            (_TCL_ONE, torch_einsum, "torch einsum / ours", 8.0),
            (_TCL_ONE, eager, "best eager torch / ours", 8.0),
            (_TCL_MANY, eager, "best eager torch / ours", 1.0),
            (_TCL_ONE, kronecker, "Kronecker Jacobians / ours", KRONECKER_LEAST),
        ):
            here = [case for case in cases if case.setting.workload.name == workload]
            yield from _at_least(workload, row, here, what, who, least)


def _at_least(
    workload: str,
    row: str,
    cases: Iterable[Case],
    what: str,
    who: Callable[[str], bool],
    least: float,
) -> Iterator[Target]:
    """That the fastest of these contenders takes this many times as long as ours, in every case."""
    found = [
        (ratio, case)
        for case in cases
        for names in [[name for name, of in case.times if of == row and who(name)]]
        if names
        for ratio in [min((_known(case, name, row) for name in names), key=lambda one: one.value)]
    ]
    if found:
        worst, case = min(found, key=lambda pair: pair[0].value)
        yield Target(
            workload,
            row,
            f"{what} ≥ {figure(least)}",
            str(worst),
            _verdict(worst, least),
            f"{case.dtype}, {threads(case.setting.threads)}, {case.setting.allocator}",
            next((str(ratio) for ratio, other in found if _is_kept(other, case)), ""),
        )


def _is_kept(one: Case, case: Case) -> bool:
    """Whether it is the same as another but for the allocator."""
    same = (one.dtype, one.setting.threads) == (case.dtype, case.setting.threads)
    return same and one.setting.allocator == KEPT != case.setting.allocator


def _known(case: Case, name: str, row: str) -> Ratio:
    found = against(case, name, row)
    assert found is not None
    return found


def _verdict(found: Ratio, least: float) -> str:
    if found.value >= least:
        return "met"
    return "within spread" if found.value * (1 + found.spread) >= least else "missed"


def _memory(peak: Peak) -> Target:
    """A hundredth is what a page more or less may make."""
    return Target(
        peak.workload.name,
        MEMORY,
        "ours / clean NumPy ≤ 1.00",
        figure(peak.share),
        "met" if peak.share <= 1.01 else "missed",
        peak.dtype,
    )


def _emission(emissions: Mapping[str, float]) -> Iterator[Target]:
    if emissions:
        name = max(emissions, key=lambda one: emissions[one])
        seconds = emissions[name]
        yield Target(
            "every bundled derivation",
            EMISSION,
            f"seconds ≤ {EMISSION_LIMIT}",
            figure(seconds),
            "met" if seconds <= EMISSION_LIMIT else "missed",
            f"the slowest: {name}",
        )


def table(found: Sequence[Target]) -> str:
    """A line a target, in groups by workload; below a miss its reason."""
    lines: list[str] = []
    for workload in dict.fromkeys(target.workload for target in found):
        lines += ["", workload] if lines else [workload]
        for target in found:
            if target.workload == workload:
                lines += _lines(target)
    missed = sum(target.missed for target in found)
    return "\n".join([*lines, "", f"{len(found)} targets, {missed} missed"])


def _lines(target: Target) -> list[str]:
    first = f"  {target.row:19}{target.what:33}{target.figure:>11}  {target.verdict}"
    lines = [first]
    if target.verdict != "met":
        lines.append(f"      at {target.where}")
    if target.missed:
        reason = target.reason or "no reason is known yet"
        lines += wrap(reason, 74, initial_indent="      ", subsequent_indent="      ")
    return lines
