"""What the arguments of `derive` mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexcalc.cli import main


@pytest.mark.parametrize("argument", ["-dash.idx", "./-dash.idx"])
def test_what_follows_two_dashes_is_no_option(
    argument: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-dash.idx").write_text("y = 2*x\n", encoding="utf-8")
    assert main(["--read", "--", argument]) == 0
    assert "y = 2 x" in capsys.readouterr().out
