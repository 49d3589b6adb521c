"""The command: what its arguments mean, and how it ends whatever its streams are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import indexcalc
from indexcalc.cli import main
from tests.processes import ROOT

DERIVE = f"{sys.executable} -m indexcalc.cli"
HINT = "hint: send it to another place\n"


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


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A line of bash in which $derive is the command."""
    return subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        check=False,
        cwd=ROOT,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT), "derive": DERIVE, **environment},
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_letters_that_the_output_lacks_are_spelled_out(encoding: str) -> None:
    done = shell("$derive --read 'sigma = x'; $derive 'σ = x[k]' 1>&2", PYTHONIOENCODING=encoding)
    first, *_ = done.stdout.decode(encoding).splitlines()
    assert first == r"f(x) \u2192 \u03c3"
    assert done.stderr.decode(encoding).splitlines() == [
        "error IC401: k occurs once in its term and is not on the left",
        "  in text, line 1, column 7:",
        "  ? = x[k]",
        "        ^",
        "hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left",
    ]


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("$derive layernorm > /dev/full", 2, "no space left on device"),
        ("$derive layernorm >&-", 2, "it is closed"),
        ("$derive > /dev/full", 2, "no space left on device"),
    ],
)
def test_output_that_cannot_be_written_is_an_error(line: str, code: int, said: str) -> None:
    done = shell(line)
    assert done.returncode == code
    assert done.stderr.decode() == f"error IC206: the output cannot be written: {said}\n{HINT}"


@pytest.mark.parametrize("to", ["2>&-", "2> /dev/full"])
def test_an_error_that_cannot_be_said_is_still_an_exit_code(to: str) -> None:
    done = shell(f"$derive zork {to}")
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")


def test_a_reader_that_goes_away_is_no_error() -> None:
    done = shell("set -o pipefail; $derive layernorm | head -c 0; echo ${PIPESTATUS[0]}")
    assert (done.stdout, done.stderr) == (b"0\n", b"")


def test_no_standard_input_is_an_error() -> None:
    done = shell("$derive - <&-")
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "error IC204: there is no standard input to read\nhint: pipe a text in: derive - < my.idx\n"
    )


def test_standard_input_that_cannot_be_read_is_an_error() -> None:
    done = shell("$derive - 0> /dev/null")
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "error IC204: standard input cannot be read: bad file descriptor\n"
        "hint: copy the text to another file and read that\n"
    )


def test_an_endless_input_is_refused() -> None:
    done = shell("yes | $derive -")
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "error IC106: standard input has more than the 65,536 bytes that are read\n"
        "hint: split it into several derivations\n"
    )


def test_what_another_command_writes_is_a_file() -> None:
    done = shell("$derive <(echo 'y = x')")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith("f(x) → y\n")


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "full.idx"
    file.write_text("y = x #".ljust(64 * 1024, "."), encoding="utf-8")
    assert indexcalc.read(str(file)).outputs == ("y",)


def test_an_interrupted_command_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    from indexcalc import cli

    def interrupted() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_catalogue", interrupted)
    assert cli.main([]) == 130


@pytest.mark.parametrize("call", [indexcalc.read, indexcalc.evaluate])
@pytest.mark.parametrize("program", [Path("x.idx"), b"y = x", None])
def test_a_program_is_given_as_text(call: object, program: object) -> None:
    assert callable(call)
    with pytest.raises(TypeError) as caught:
        call(program)
    kind = type(program).__name__
    assert str(caught.value) == (
        f"a program is given as a str, not as {kind}: "
        "its text, its path or its name in the catalogue"
    )
