"""Where the caret is, and what may reach the terminal."""

from __future__ import annotations

import unicodedata

import pytest

from indexcalc.cli import main
from indexcalc.errors import WIDTH
from tests.errors.cases import refusal


@pytest.mark.parametrize("before", [0, 9, 10, 11, 400])
@pytest.mark.parametrize("after", [0, 1, 10, 400])
@pytest.mark.parametrize("name", ["x", "界", "γ", "x\t"], ids=["ascii", "wide", "greek", "tab"])
def test_the_caret_is_under_the_index_and_lines_are_cut(name: str, before: int, after: int) -> None:
    text = "y[i] = " + f"{name}[i] + " * before + "a[i,q]" + f" + {name}[i]" * after
    _, _, line, carets, _ = str(refusal(text)).split("\n")
    assert columns(line) <= WIDTH
    assert columns(carets) <= WIDTH
    assert under(line, carets) == "q"


def test_a_caret_is_as_wide_as_what_it_is_under() -> None:
    _, _, line, carets, _ = str(refusal("y[i] = x[i] + 界面(x[i])")).split("\n")
    assert carets.count("^") == 4
    assert under(line, carets) == "界面"


def test_both_places_of_a_conflict_are_shown() -> None:
    text = "f(x[b,h], w[h]) -> y\n\ny[b,h] = x[b,h]*w[b]"
    shown = str(refusal(text)).split("\n")
    assert [line for line in shown if line.startswith("  in ")] == [
        "  in text, line 3, column 19:",
        "  in text, line 3, column 12:",
    ]


CONTROLS = [*map(chr, range(9)), *map(chr, range(11, 32)), "\x7f", "\x9b", "\u200b", "\u202e"]


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: f"U+{ord(c):04X}")
@pytest.mark.parametrize(
    "text",
    ["y[i] = x[i] {}[31m", "y[i] = a[i,k] # {}[31m", "y[i] = a[i,k]; z = {}", "{}y = 1"],
    ids=["code", "comment", "later", "first"],
)
def test_control_characters_never_reach_the_terminal(text: str, control: str) -> None:
    assert raw_controls(str(refusal(text.format(control)))) == set()


@pytest.mark.parametrize(
    "argument",
    ["# \x1b[31m\ny = 1", "lay\x1b[31mer", "--\x1b[31m", "\x1b[31m.idx", "y = \x1b[31m"],
    ids=["description", "name", "option", "file", "text"],
)
def test_nothing_the_command_prints_has_control_characters(
    argument: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main([argument])
    shown = capsys.readouterr()
    assert raw_controls(shown.out + shown.err) == set()


def raw_controls(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c)[0] == "C"} - {"\n"}


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def under(line: str, carets: str) -> str:
    """What stands above the carets."""
    first, last = carets.index("^"), columns(carets)
    return "".join(c for place, c in enumerate(line) if first <= columns(line[:place]) < last)
