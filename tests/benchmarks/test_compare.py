"""What the comparison makes of times and bytes: ratios, tables, verdicts on targets, the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import compare
from tests.benchmarks.comparison import clean, einsums, ours, tables, targets, torches
from tests.benchmarks.comparison.contender import BACKWARD, BOTH
from tests.benchmarks.comparison.disturbance import Disturbance
from tests.benchmarks.comparison.measuring import Case, Setting
from tests.benchmarks.comparison.memory import Peak
from tests.benchmarks.comparison.page import Findings, page, terminal
from tests.benchmarks.comparison.processes import DEFAULT, KEPT
from tests.benchmarks.comparison.ratios import duration, figure, ratio
from tests.benchmarks.comparison.worker import offered
from tests.benchmarks.comparison.workloads import WORKLOADS

# Figures


def test_a_ratio_is_a_median_with_half_the_distance_of_the_quartiles() -> None:
    found = ratio([2.0, 6.0, 8.0, 10.0, 3.0], [1.0, 2.0, 2.0, 2.0, 3.0])
    # 2, 3, 4, 5 and 1
    assert found.value == 3.0
    assert found.spread == pytest.approx(1 / 3)
    assert str(found) == "3.00 ±33%"


@pytest.mark.parametrize(
    ("value", "said"), [(0.954, "0.95"), (9.994, "9.99"), (12.34, "12.3"), (612.4, "612")]
)
def test_figures_have_about_three_digits(value: float, said: str) -> None:
    assert figure(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(2.5, "2.50 s"), (0.0314, "31.4 ms"), (0.000123, "123 µs")]
)
def test_times_have_the_unit_that_suits_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


# Tables and the page


def setting(kind: str, allocator: str = DEFAULT, threads: int = 1) -> Setting:
    workload = next(one for one in WORKLOADS if one.kind == kind)
    return Setting(workload, threads, allocator)


def case(times: Mapping[tuple[str, str], float], dtype: str = "float64", **of: Any) -> Case:
    """Three rounds, each time as given."""
    chosen = setting(of.pop("kind", "layernorm"), **of)
    return Case(chosen, dtype, {key: [time] * 3 for key, time in times.items()})


BLOCKED = "layernorm_backward_blocked †"
CASES = [
    case(
        {
            (ours.NAME, BACKWARD): 0.010,
            (ours.NAME, BOTH): 0.020,
            (clean.NAME, BACKWARD): 0.025,
            (clean.NAME, BOTH): 0.018,
            (BLOCKED, BACKWARD): 0.011,
            (BLOCKED, BOTH): 0.011,
        }
    ),
    case(
        {
            (ours.NAME, BACKWARD): 0.000005,
            (ours.NAME, BOTH): 0.000006,
            (clean.NAME, BACKWARD): 0.000010,
            (clean.NAME, BOTH): 0.000060,
        },
        dtype="float32",
        threads=2,
    ),
]
TABLE = """\
layer norm 4096x1024; allocator: default

                                        float64    float32
                                       1 thread  2 threads
backward
  ours                                  10.0 ms    5.00 µs
  clean NumPy                          2.50 ±0%   2.00 ±0%
  layernorm_backward_blocked †         1.10 ±0%
forward + backward
  ours                                  20.0 ms    6.00 µs
  clean NumPy                          0.90 ±0%   10.0 ±0%
  layernorm_backward_blocked †         0.55 ±0%"""
TARGETS = """\
layer norm 4096x1024
  backward           best hand-written / ours ≥ 0.95     1.10 ±0%  met
  backward           clean NumPy / ours ≥ 1.00           2.00 ±0%  met
  forward + backward clean NumPy / ours ≥ 1.00           0.90 ±0%  missed
      at float64, 1 thread, default
      the moon was full
  memory             ours / clean NumPy ≤ 1.00               0.50  met

every bundled derivation
  emission           seconds ≤ 0.3                           0.40  missed
      at the slowest: layernorm
      no reason is known yet

5 targets, 2 missed"""


def findings() -> Findings:
    over = {ours.NAME: 16 << 20, clean.NAME: 32 << 20}
    return Findings(
        [("date", "2026-01-02"), ("CPU", "one of them")],
        CASES,
        [Peak(CASES[0].setting.workload, "float64", 64 << 20, over)],
        [Disturbance(CASES[0].setting, "float32", {clean.NAME: ratio([1.0], [2.0])})],
        {"tcl": 0.2, "layernorm": 0.4},
        reference=True,
    )


def test_a_table_has_our_time_and_the_ratios_of_the_others() -> None:
    assert tables.tables(CASES) == [TABLE]


def test_cases_of_another_allocator_have_another_table() -> None:
    kept = replace(CASES[0], setting=setting("layernorm", KEPT))
    first, second = tables.tables([*CASES, kept])
    assert first == TABLE
    assert second.startswith("layer norm 4096x1024; allocator: pages kept\n")


def test_a_missed_target_is_shown_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    name = CASES[0].setting.workload.name
    monkeypatch.setitem(targets.REASONS, (name, BOTH), "the moon was full")
    found = findings()
    shown = targets.table(targets.targets(found.cases, found.peaks, found.emissions))
    assert shown == TARGETS


def test_a_miss_within_the_spread_says_so() -> None:
    times = {(ours.NAME, BACKWARD): [1.0, 1.0, 1.0], (clean.NAME, BACKWARD): [0.9, 0.98, 1.1]}
    (found,) = targets.targets([Case(setting("matmul"), "float64", times)], [], {})
    assert max(map(len, targets.table([found]).splitlines())) <= 80
    assert (found.figure, found.verdict) == ("0.98 ±5%", "within spread")


def test_a_miss_with_fresh_pages_is_shown_with_the_figure_where_they_are_kept() -> None:
    workload = setting("matmul").workload
    cases = []
    for allocator, clean_time in ((DEFAULT, 0.5), (KEPT, 1.25)):
        for threads in (1, 2):
            times = {(ours.NAME, BACKWARD): [1.0] * 3, (clean.NAME, BACKWARD): [clean_time] * 3}
            cases.append(Case(Setting(workload, threads, allocator), "float64", times))
            clean_time *= 2
    (found,) = targets.targets(cases, [], {})
    assert found.reason == (
        "fresh pages cost one process more than another here, whoever asks for them; "
        "with pages kept, in one process, the figure is 1.25 ±0%"
    )
    assert targets.targets(cases[:1], [], {})[0].reason == ""


def test_the_kernel_that_gives_no_output_is_not_judged_by_a_row_that_has_one() -> None:
    times = {(ours.NAME, BOTH): 1.0, (BLOCKED, BOTH): 0.1}
    assert targets.targets([case(times)], [], {}) == []


@pytest.mark.parametrize(
    ("n", "factor", "torch_factor", "missed"),
    [(1, 8.1, 8.1, 0), (1, 7.9, 7.9, 2), (64, 2.1, 1.1, 0), (64, 1.9, 0.9, 2)],
)
def test_a_tcl_is_to_be_faster_the_smaller_the_batch(
    n: int, factor: float, torch_factor: float, missed: int
) -> None:
    workload = next(one for one in WORKLOADS if one.name.endswith(f"n = {n}"))
    times = {ours.NAME: 1.0, einsums.NAME: factor, torches.PRIMITIVES: torch_factor}
    given = {(name, BACKWARD): [time] * 3 for name, time in times.items()}
    found = targets.targets([Case(Setting(workload, 1, DEFAULT), "float64", given)], [], {})
    assert (len(found), sum(target.missed for target in found)) == (2, missed)


def test_the_page_has_everything_and_fits() -> None:
    text = page(findings())
    assert text.startswith("# Performance\n")
    assert "CPU         one of them\n" in text
    assert f"```text\n{TABLE}\n```\n" in text
    assert "\n\n\n" not in text
    assert all(f"\n\n{line}\n\n" in text for line in text.splitlines() if line[:3] == "## ")
    assert (
        "- Names with `_backward_` in them are hand-written kernels kept outside the repository.\n"
        in text
    )
    assert (
        "\nlayer norm 4096x1024              64   64.0   16.0   32.0                 0.50\n" in text
    )
    assert "\n  default, 1 thread                 0.50 ±0%\n" in text
    assert max(map(len, text.splitlines())) <= 100
    blocks = text.split("```text\n")[1:]
    assert max(len(line) for block in blocks for line in block.split("```")[0].splitlines()) <= 80
    assert max(map(len, terminal(findings()).splitlines())) <= 80


def test_a_page_without_the_kernels_outside_says_so() -> None:
    text = page(replace(findings(), reference=False))
    assert "kept outside the repository; they took no part in this run.\n" in text


def test_tables_fit_with_every_contender_and_condition() -> None:
    for workload in WORKLOADS:
        names = offered(workload, Path("kernels.py"))
        times = {(name, row): [1234.5] * 3 for name in names for row in (BACKWARD, BOTH)}
        wide = [Case(Setting(workload, 2, KEPT), "float64", times)] * 4
        assert max(map(len, tables.table(wide).splitlines())) <= 80


# The command


def test_a_workload_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare.main(["--only", "conv"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(
        "no workload has 'conv' in its name; there are\n  layer norm 4096x1024\n"
    )


def test_kernels_that_are_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare.main(["--reference", "nowhere/kernels.py"]) == 2
    assert capsys.readouterr().err == "no kernels at nowhere/kernels.py\n"


def test_the_command_prints_and_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "PLACE", tmp_path / "performance.md")
    monkeypatch.setattr(compare, "run", lambda *_, **__: findings())
    assert compare.main(["--only", "layer"]) == 0
    assert capsys.readouterr().out == terminal(findings())
    assert not (tmp_path / "performance.md").exists()
    assert compare.main(["--only", "layer", "--write"]) == 0
    assert (tmp_path / "performance.md").read_text(encoding="utf-8") == page(findings())
