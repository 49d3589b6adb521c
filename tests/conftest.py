"""How memory is looked after while tests run, and what the suite says at its end: how many wrong
gradients were rejected."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

# What Python itself starts with; and so many that looking for what nothing uses any longer, which
# took a fifth of the time of all tests, takes next to nothing.
USUAL, RARELY = gc.get_threshold(), (100_000, 20, 20)


def pytest_collection_finish() -> None:
    """What was loaded stays, and is not looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)


@pytest.fixture
def usual_memory() -> Iterator[None]:
    """For tests of time: as it is for users."""
    gc.set_threshold(*USUAL)
    yield
    gc.set_threshold(*RARELY)


@pytest.fixture
def alone() -> Iterator[None]:
    """What other tests left in memory is not looked through again and again meanwhile."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tests may run in several processes; what they counted comes with their reports."""
    counts = [
        value
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        for name, value in report.user_properties
        if name == "mutants"
    ]
    if counts:
        rejected, wrong = map(sum, zip(*counts, strict=True))
        share = 100 * rejected / max(wrong, 1)
        terminalreporter.write_line(f"mutants: {rejected} of {wrong} rejected, {share:.4g} %")
