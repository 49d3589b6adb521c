"""What somebody's code raised, as theirs: the exception, and the line of their file."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What code of others may raise; an interrupt from the keyboard is not theirs.
ANY = (Exception, SystemExit)
# Longer messages are cut.
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Raised:
    """Why a function gave nothing, in a sentence without its end."""

    words: str


def file_of(function: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code.co_filename if code is not None else ""


def raised(problem: BaseException, file: str) -> str:
    """ValueError: the message, in kernel.py, line 3: the line."""
    said = " ".join(str(problem).split())
    said = said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
    kind = type(problem).__name__
    told = f"{kind}: {said}" if said else kind
    where = _place(problem, file)
    return f"{told}, in {where}" if where else told


def _place(problem: BaseException, file: str) -> str:
    """The last line of the file itself that ran; of any other where none of it did."""
    if isinstance(problem, SyntaxError) and problem.filename == file:
        return _line(file, problem.lineno, problem.text)
    # The first is the call from here.
    frames = traceback.extract_tb(problem.__traceback__)[1:]
    own = [frame for frame in frames if frame.filename == file] or frames
    return _line(own[-1].filename, own[-1].lineno, own[-1].line) if own else ""


def _line(file: str, number: int | None, text: str | None) -> str:
    shown = f": {text.strip()}" if text and text.strip() else ""
    return f"{Path(file).name}, line {number}{shown}"
