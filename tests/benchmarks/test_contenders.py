"""Contenders are held to a truth, and timed in turns, in processes of their own or in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
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
    torches,
    yardsticks,
)
from tests.benchmarks.comparison.contender import BACKWARD, BOTH, Result, wrong
from tests.benchmarks.comparison.measuring import Case, Pace, Setting, measured
from tests.benchmarks.comparison.processes import DEFAULT, KEPT
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
    workload = small("matmul")
    given = problem(workload, "float64")
    stage = Stage([torches.COMPILED, jaxes.NAME, clean.NAME], given, 1, None)
    assert stage.reasons == {
        "torch.compile": "there is no C++ compiler",
        "jax.jit": "jax is not installed",
    }
    assert {name for name, *_ in stage.round(1, 0)} == {clean.NAME}
    case = Case(Setting(workload, 1, DEFAULT), "float64", {}, stage.reasons)
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


def test_a_wrong_contender_is_left_out(tmp_path: Path) -> None:
    kernels = tmp_path / "kernels.py"
    kernels.write_text(KERNELS.format(right="-"), encoding="utf-8")
    workload = small("cross_entropy")
    names = [*yardsticks.offers(workload), ours.NAME]
    (case,) = measured(Setting(workload, 1, DEFAULT), ["float64"], names, kernels, ONCE)
    assert {name for name, _ in case.times} == {ours.NAME}
    assert case.reasons == {
        names[0]: "for it is wrong: backward: "
        "gradient 1 is off by 2.0e+00, of which 1e-10 is allowed"
    }


def test_the_run_ends_if_we_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    given = problem(small("cross_entropy"), "float64")
    right = ours.contender(ours.NAME, given)
    calls: dict[str, Callable[[], Result]] = {
        row: partial(opposite, call) for row, call in right.calls.items()
    }
    monkeypatch.setattr(ours, "contender", lambda name, given: replace(right, calls=calls))
    with pytest.raises(SystemExit, match=f"^{ours.NAME} is wrong: backward: gradient 1 is off by "):
        Stage([ours.NAME], given, 1, None)


def opposite(call: Callable[[], Result]) -> Result:
    found = call()
    return replace(found, gradients=tuple(-array for array in found.gradients))


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
