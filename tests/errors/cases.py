"""How a case is written, run and named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from indexcalc.errors import IndexcalcError
from indexcalc.lang.reading import read

# What it is, the text, and the whole message.
Case = tuple[str, str, str]


def named(cases: Iterable[tuple[Any, ...]]) -> list[Any]:
    """The cases for pytest, under their first entries."""
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


def refusal(text: str, reader: Callable[[str], object] = read) -> IndexcalcError:
    with pytest.raises(IndexcalcError) as caught:
        reader(text)
    return caught.value
