"""What matrix notation is refused for, with the place in the text that was written."""

from __future__ import annotations

from tests.errors.cases import Case
from tests.errors.matrices import functions, names, shapes, syntax, text

CASES: list[Case] = [
    case for room in (text, syntax, shapes, functions, names) for case in room.CASES
]
