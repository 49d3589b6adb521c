"""Every error a user can cause: a code, one sentence, the place under a caret, and a way out.

`IndexcalcError` is the one base class. What the codes mean stands in `codes.py`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

WIDTH = 80
MAX_BYTES = 64 * 1024
_MARGIN = 2


class Span(NamedTuple):
    """A stretch of a source text, as offsets."""

    start: int
    stop: int

    def to(self, other: Span) -> Span:
        return Span(self.start, other.stop)


@dataclass(frozen=True, slots=True)
class Source:
    """A text and what to call it."""

    text: str
    name: str = "text"

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both counted from 1."""
        before = self.text[:offset]
        line = before.count("\n") + 1
        return line, offset - (before.rfind("\n") + 1) + 1

    def line_at(self, offset: int) -> tuple[int, str]:
        """Where the line around an offset starts, and the line."""
        start = self.text.rfind("\n", 0, offset) + 1
        stop = self.text.find("\n", offset)
        return start, self.text[start : len(self.text) if stop < 0 else stop]


class IndexcalcError(Exception):
    """What the user wrote cannot be taken, and here is why, where, and what to do."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str = "",
        source: Source | None = None,
        spans: Iterable[Span] = (),
    ) -> None:
        self.code = code
        self.message = message
        self.hint = hint
        self.source = source
        self.spans = tuple(spans)
        super().__init__(code, message)

    def at(self, source: Source) -> IndexcalcError:
        """The same error, now knowing its text."""
        self.source = source
        return self

    def __str__(self) -> str:
        lines = [f"error {self.code}: {visible(self.message)}"]
        if self.source is not None:
            for span in self.spans:
                lines += _show(self.source, span)
        if self.hint:
            lines.append(f"hint: {visible(self.hint)}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.code, self.message, self.hint, self.source, self.spans)


def _rebuild(
    code: str, message: str, hint: str, source: Source | None, spans: tuple[Span, ...]
) -> IndexcalcError:
    return IndexcalcError(code, message, hint=hint, source=source, spans=spans)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """'did you mean x?' for the nearest known word, or nothing."""
    most = 0 if not 3 <= len(word) <= 40 else max(1, len(word) // 4)
    if not most:
        return ""
    near = [
        (slips, abs(len(other) - len(word)), other)
        for other in set(known)
        if abs(len(other) - len(word)) < 3
        and (slips := _slips(word.lower(), other.lower())) <= most
    ]
    return f"did you mean {min(near)[2]}?" if near else ""


def _slips(one: str, other: str) -> int:
    """How many letters were added, lost, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                best = min(best, last[j - 2] + 1)
            row.append(best)
    return row[-1]


def _show(source: Source, span: Span) -> list[str]:
    """The place in words, the line, and carets under the span."""
    line, column = source.position(span.start)
    start, text = source.line_at(span.start)
    first = span.start - start
    last = max(first + 1, min(span.stop - start, len(text)))
    text, first, last = _cut(text, first, last)
    before, under = visible(text[:first]), visible(text[first:last])
    carets = " " * _columns(before) + "^" * max(1, _columns(under))
    shown = before + under + visible(text[last:])
    margin = " " * _MARGIN
    place = f"{margin}in {visible(source.name)}, line {line}, column {column}:"
    return [place, margin + shown, margin + carets]


def _cut(text: str, first: int, last: int) -> tuple[str, int, int]:
    """The part of a long line around the span, with … where it was cut."""
    room = WIDTH - _MARGIN
    if _columns(visible(text)) <= room:
        return text, first, last
    last = min(last, first + _fitting(text[first:], room // 2))
    start = first - _fitting(text[:first][::-1], room // 4)
    stop = start + _fitting(text[start:], room - 2)
    head, tail = ("…" if start else ""), ("…" if stop < len(text) else "")
    shift = len(head) - start
    return head + text[start:stop] + tail, first + shift, last + shift


def _fitting(text: str, room: int) -> int:
    """How many characters from the start fit in so many columns."""
    for count, character in enumerate(text):
        room -= _columns(visible(character))
        if room < 0:
            return count
    return len(text)


def visible(text: str) -> str:
    """Text that is safe on a terminal: tabs and control characters made visible or plain."""
    return "".join(
        " "
        if c == "\t"
        else c
        if unicodedata.category(c)[0] != "C"
        else "\N{REPLACEMENT CHARACTER}"
        for c in text
    )


def _columns(text: str) -> int:
    """How many terminal columns a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
