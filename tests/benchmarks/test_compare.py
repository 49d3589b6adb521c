"""The comparison itself: contenders are held to a truth, ratios are right, and the page says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.benchmarks import compare
from tests.benchmarks.comparison import (
    clean,
    einsums,
    jaxes,
    memory,
    ours,
    tables,
    targets,
    torches,
    yardsticks,
)
from tests.benchmarks.comparison.contender import BACKWARD, BOTH, Result, wrong
from tests.benchmarks.comparison.disturbance import Disturbance
from tests.benchmarks.comparison.measuring import (
    DEFAULT,
    KEPT,
    Case,
    Failed,
    Pace,
    Process,
    Setting,
    measured,
)
from tests.benchmarks.comparison.memory import Peak
from tests.benchmarks.comparison.page import Findings, page, terminal
from tests.benchmarks.comparison.ratios import duration, figure, ratio
from tests.benchmarks.comparison.worker import Stage, offered, shuffled
from tests.benchmarks.comparison.workloads import WORKLOADS, Workload, problem

KERNELS = """
import numpy as np

def softmax_soft_ce_backward_blocked(z, t):
    e = np.exp(z)
    return {right}(e / e.sum(1, keepdims=True) * t.sum(1, keepdims=True) - t) / len(z)
"""
ONCE = Pace(slice=0, total=0, rounds=2)


def small(kind: str) -> Workload:
    """The first workload of a kind, with an unequal size for every letter."""
    workload = next(one for one in WORKLOADS if one.kind == kind)
    letters = list(workload.sizes)
    sizes = {letter: 3 + place for place, letter in enumerate(letters)}
    return replace(workload, sizes=sizes)


# Contenders


@pytest.fixture
def torch() -> Iterator[Any]:
    """Left with as many threads as it was found with."""
    found = pytest.importorskip("torch")
    threads = found.get_num_threads()
    yield found
    found.set_num_threads(threads)


@pytest.fixture
def jax() -> Iterator[Any]:
    found = pytest.importorskip("jax")
    before = found.config.jax_enable_x64
    yield found
    found.config.update("jax_enable_x64", before)


@pytest.mark.usefixtures("torch")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", clean.CLEAN)
def test_every_contender_has_the_gradients_of_torch(kind: str, dtype: str) -> None:
    workload = small(kind)
    names = [name for name in offered(workload, None) if name not in (torches.COMPILED, jaxes.NAME)]
    stage = Stage(names, problem(workload, dtype), 1, None)
    assert stage.reasons == {}
    timed = {(name, row) for name, row, _, _ in stage.round(1, 0)}
    assert timed == {(name, row) for name in names for row in (BACKWARD, BOTH)}
    assert {ours.NAME, ours.BUFFERED, clean.NAME, torches.PRIMITIVES} <= set(names)
    assert (einsums.NAME in names) == (kind not in ("layernorm", "cross_entropy"))


@pytest.mark.usefixtures("jax")
def test_jax_takes_part() -> None:
    stage = Stage([jaxes.NAME], problem(small("cross_entropy"), "float64"), 1, None)
    assert [(name, row) for name, row, _, _ in stage.round(1, 0)] == [
        ("jax.jit", BACKWARD),
        ("jax.jit", BOTH),
    ]


@pytest.mark.usefixtures("torch")
def test_who_cannot_take_part_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torches, "which", lambda name: None)
    monkeypatch.setattr(jaxes, "find_spec", lambda name: None)
    given = problem(small("matmul"), "float64")
    stage = Stage([torches.COMPILED, jaxes.NAME, clean.NAME], given, 1, None)
    assert stage.reasons == {
        "torch.compile": "there is no C++ compiler",
        "jax.jit": "jax is not installed",
    }
    assert {name for name, *_ in stage.round(1, 0)} == {clean.NAME}
    case = Case(setting("matmul", DEFAULT), "float64", {}, stage.reasons)
    assert tables.table([case]).endswith(
        "torch.compile: not available, there is no C++ compiler\n"
        "jax.jit: not available, jax is not installed"
    )


@pytest.mark.parametrize(
    ("gradients", "output", "said"),
    [
        ([[1.0, 4.0], [2.0]], 3.0, ""),
        ([[1.0, 4.0], [2.0]], None, ""),
        ([[1.0, 4.0]], 3.0, "1 gradients instead of 2"),
        ([[1.0, 4.0], [[2.0]]], 3.0, "gradient 2 has shape (1, 1) instead of (1,)"),
        (
            [[1.0, 4.000004], [2.0]],
            3.0,
            "gradient 1 is off by 1.0e-06, of which 1e-10 is allowed",
        ),
        ([[1.0, 4.0], [np.nan]], 3.0, "gradient 2 is off by nan, of which 1e-10 is allowed"),
        ([[1.0, 4.0], [2.0]], 6.0, "output is off by 1.0e+00, of which 1e-10 is allowed"),
    ],
)
def test_a_result_is_held_to_the_truth(gradients: list[Any], output: Any, said: str) -> None:
    truth = Result([np.array([1.0, 4.0]), np.array([2.0])], np.array(3.0))
    assert wrong(Result([np.array(one) for one in gradients], output), truth, "float64") == said


def test_the_type_of_the_inputs_says_how_far_off_is_right() -> None:
    truth, result = Result([np.array([1.0, 4.0])]), Result([np.array([1.0, 4.000004])])
    assert wrong(result, truth, "float32") == ""
    assert wrong(result, truth, "float64") != ""


def test_inputs_are_the_same_each_time_and_for_either_type() -> None:
    workload = small("tcl")
    first, again = problem(workload, "float64"), problem(workload, "float64")
    short = problem(workload, "float32")
    for one, other, rounded in zip(first.inputs, again.inputs, short.inputs, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one.astype("float32"), rounded)
    assert first.upstream.shape == workload.shape(workload.output)


# Processes and rounds


def test_processes_take_turns(tmp_path: Path) -> None:
    kernels = tmp_path / "kernels.py"
    kernels.write_text(KERNELS.format(right=""), encoding="utf-8")
    workload = small("cross_entropy")
    kernel = yardsticks.offers(workload)[0]
    names = [kernel, ours.NAME]
    (case,) = measured(Setting(workload, 1, DEFAULT), ["float32"], names, kernels, ONCE)
    in_order = [(name, row) for name in names for row in (BACKWARD, BOTH)]
    assert [(key, len(times)) for key, times in case.times.items()] == [(k, 2) for k in in_order]
    # One function from the inputs to the gradients is timed once for both rows.
    assert case.times[kernel, BACKWARD] == case.times[kernel, BOTH]
    assert case.times[ours.NAME, BACKWARD] != case.times[ours.NAME, BOTH]


def test_a_wrong_contender_ends_the_run(tmp_path: Path) -> None:
    kernels = tmp_path / "kernels.py"
    kernels.write_text(KERNELS.format(right="-"), encoding="utf-8")
    workload = small("cross_entropy")
    with Process(1, KEPT) as process:
        process.prepare(workload, "float64", yardsticks.offers(workload), kernels)
        with pytest.raises(Failed) as failure:
            process.answer()
    assert str(failure.value) == (
        "softmax_soft_ce_backward_blocked † is wrong: backward: "
        "gradient 1 is off by 2.0e+00, of which 1e-10 is allowed"
    )


def test_kernels_outside_are_absent_unless_named() -> None:
    tcl_one = next(one for one in WORKLOADS if one.name.endswith("n = 1"))
    tcl_many = next(one for one in WORKLOADS if one.name.endswith("n = 64"))
    assert not yardsticks.NAMES & set(offered(tcl_one, None))
    assert yardsticks.KRONECKER in offered(tcl_one, Path("kernels.py"))
    assert yardsticks.KRONECKER not in offered(tcl_many, Path("kernels.py"))


def test_the_order_of_a_round_is_another_each_time_and_the_same_again() -> None:
    orders = [tuple(shuffled("abcdef", number)) for number in range(5)]
    assert orders == [tuple(shuffled("abcdef", number)) for number in range(5)]
    assert len(set(orders)) == 5


def test_every_condition_is_measured() -> None:
    found = list(compare.settings(WORKLOADS, quick=False))
    large = sum(one.large for one in WORKLOADS)
    assert len(found) == 2 * (2 * large + (len(WORKLOADS) - large))
    quick = list(compare.settings(WORKLOADS, quick=True))
    assert [(one.threads, one.allocator) for one in quick] == [(1, KEPT)] * len(WORKLOADS)


def test_memory_is_counted_over_the_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    workload = next(one for one in WORKLOADS if one.name == "attention 512x64")
    monkeypatch.setattr(clean, "offers", lambda kind: ())
    (peak,) = memory.peaks([workload], ["float32"])
    rows = 512 * 512 * 4
    assert peak.inputs == 4 * 512 * 64 * 4
    # p is there whole, and nothing is there ten times.
    assert rows <= peak.over[ours.NAME] <= 10 * rows


def test_a_peak_counts_though_nothing_is_left_of_it() -> None:
    count = 64 << 20
    assert 0.9 * count < memory.peak(lambda: np.ones(count, "uint8").sum()) < 1.1 * count


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
