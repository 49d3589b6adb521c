"""Words that are put together when somebody reads them: of thousands of causes, one is."""

from __future__ import annotations

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
