"""Words that are put together when somebody reads them: of thousands of causes, one is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sympy import Basic

from indexcalc.expr.printing import spell


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with {} for each of its parts, which are expressions or words."""

    sentence: str
    parts: tuple[Basic | Said | str, ...]

    def __str__(self) -> str:
        return self.sentence.format(*map(shown, self.parts))


def shown(part: Basic | Said | str) -> str:
    return spell(part, "unicode", ones=False) if isinstance(part, Basic) else str(part)


def said(sentence: str, *parts: Basic | Said | str) -> Said:
    return Said(sentence, parts)


# A fraction that nobody reads: what is written as a decimal in a formula, or comes of π.
_LONG = re.compile(r"\((\d+)/(\d{5,})\)")
DIGITS = 6


def short(words: str) -> str:
    """(8943/200000) ⟹ 0.044715"""
    return _LONG.sub(lambda found: f"{int(found[1]) / int(found[2]):.{DIGITS}g}", words)
