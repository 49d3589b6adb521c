"""torch and jax are optional, come only when asked, and are left as they were found."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.proof import crosscheck
from indexcalc.proof.values import results
from tests.cross_checks import alone, compared
from tests.points import Array
from tests.processes import python

# Not installed


def absent(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names:
        monkeypatch.setitem(sys.modules, name, None)


def test_one_of_them_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    absent(monkeypatch, "jax")
    report = ic.derive("matmul").cross_check()
    assert report
    assert report.remarks == ("jax is not installed.",)
    assert {row.method for row in report.rows} == {"torch"}


NONE = """\
torch is not installed.

jax is not installed.

To compare with one of them: pip install 'indexcalc[torch]' or 'indexcalc[jax]'.
"""


def test_with_none_nothing_is_verified(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent(monkeypatch, "torch", "jax")
    assert not ic.derive("matmul").cross_check()
    assert main(["matmul", "--cross-check"]) == 3
    shown = capsys.readouterr().out
    assert shown.endswith(f"\n\n{NONE}")
    rows = [line.split() for line in shown.splitlines() if "torch or jax" in line]
    assert [(row[0], row[-1]) for row in rows] == [("x", "undecided"), ("a", "undecided")]


def test_a_library_that_does_not_load_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise OSError("libc10.so: cannot open shared object file")

    monkeypatch.setattr(crosscheck, "LIBRARIES", {"torch": broken})
    report = ic.derive("matmul").cross_check()
    said = "torch cannot be loaded: libc10.so: cannot open shared object file"
    assert not report
    assert report.remarks == (said, crosscheck.INSTALL)


# The command


@pytest.mark.parametrize(("factor", "code"), [(1, 0), (2, 1)])
def test_the_command_prints_it_alone(
    factor: int,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    alone("torch", monkeypatch)

    def values(*arguments: Any) -> dict[str, Array]:
        return {name: factor * value for name, value in results(*arguments).items()}

    monkeypatch.setattr(crosscheck, "results", values)
    assert main(["softmax", "--check", "--cross-check", "--wrt", "x,z"]) == code
    shown = capsys.readouterr().out.splitlines()
    (head,) = [line for line in shown if "tolerance" in line]
    x, z = (line for line in shown if " torch " in line)
    assert head.split() == ["gradient", "by", "entries", "method", "error", "tolerance", "verdict"]
    verdict = "verified" if code == 0 else "WRONG"
    assert [(line.split()[0], line.split()[-1]) for line in (x, z)] == [
        ("x", verdict),
        ("z", verdict),
    ]


# What else is in the process


UNASKED = """
import sys
import indexcalc as ic
from indexcalc.cli import main
assert ic.derive("softmax").check()
assert main(["softmax"]) == 0
import indexcalc.proof.crosscheck
print([name for name in ("torch", "jax", "jaxlib") if name in sys.modules], file=sys.stderr)
"""
SEPARATE = """
import sys
import indexcalc.proof.translation
names = sorted(name for name in sys.modules if name.startswith("indexcalc"))
print([n for n in names if "calculus" in n or "evaluate" in n], file=sys.stderr)
"""


@pytest.mark.parametrize("script", [UNASKED, SEPARATE])
def test_a_fresh_process_has_nothing_more_than_it_needs(script: str) -> None:
    ran = python("-c", script)
    assert (ran.returncode, ran.stderr) == (0, "[]\n")


def test_the_settings_of_jax_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    jax = pytest.importorskip("jax")
    alone("jax", monkeypatch)
    derivation = ic.derive("y[i] = log(x[i])*s")
    below = {"x": np.array([-1.0, 2.0, 3.0])}
    for wide in (False, True):
        with jax.enable_x64(wide), jax.debug_nans(True):
            assert compared(derivation)
            assert not compared(derivation, below)
            assert jax.config.jax_enable_x64 is wide
            assert jax.config.jax_debug_nans is True
            assert jax.numpy.ones(1).dtype == ("float64" if wide else "float32")
    assert jax.config.jax_enable_x64 is False


def test_the_settings_of_torch_stay_and_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    alone("torch", monkeypatch)
    derivation = ic.derive("y[i] = log(x[i])*s")
    below = {"x": np.array([-1.0, 2.0, 3.0])}
    with torch.device("meta"), torch.no_grad(), torch.autograd.set_detect_anomaly(True):
        assert compared(derivation)
        assert not compared(derivation, below)
        assert torch.is_anomaly_enabled()
        assert not torch.is_grad_enabled()
        assert torch.ones(1).device.type == "meta"
