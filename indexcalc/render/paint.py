"""What colours a text: a function of the text and of its role, such as title, heading, rule."""

from __future__ import annotations

from collections.abc import Callable

Paint = Callable[[str, str], str]


def plain(text: str, role: str) -> str:
    """No colour."""
    return text
