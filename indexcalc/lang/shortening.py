"""A program on one line, as a command has room for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from indexcalc.errors import visible


def on_one_line(text: str, same: Callable[[str], bool]) -> str:
    """The text without comments and line breaks where that reads the `same`, and else as it is."""
    lines = [visible(line).rstrip() for line in text.splitlines()]
    bare = [line.partition("#")[0].strip() for line in lines]
    short = _joined([line for line in bare if line])
    return short if same(short) else "\n".join(lines).strip("\n")


def _joined(lines: Sequence[str]) -> str:
    """Lines of a program as one: with ; between them, but for those inside of brackets."""
    text = ""
    for line in lines:
        inside = sum(text.count(c) for c in "([") > sum(text.count(c) for c in ")]")
        apart = " " if inside or text.endswith(";") else "; "
        text += f"{apart if text else ''}{line}"
    return text
