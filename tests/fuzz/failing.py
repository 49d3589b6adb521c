"""Ways in which the package can fail a program, and how they are told from its refusals."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from indexcalc.errors import IndexcalcError

T = TypeVar("T")


class Failed(Exception):  # noqa: N818
    """Something is wrong: `kind` says in which way, and stays while a program is made smaller."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(kind, said)
        self.kind = kind
        self.said = said


class Ambiguous(Exception):  # noqa: N818
    """It cannot be said how long an axis is."""


class TooSlow(BaseException):
    """Not an Exception, so that nothing on the way takes it for one."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Fails what takes longer."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    except TooSlow:
        raise Failed("too slow", f"it takes more than {seconds:.0f} s of processor") from None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def attempt(stage: str, make: Callable[[], T]) -> T:
    """The result; any exception that is not a refusal is a failure of this stage."""
    try:
        return make()
    except (IndexcalcError, Failed):
        raise
    except Exception as problem:  # whatever it is, a crash is what a fuzzer looks for: raised again
        where = traceback.extract_tb(problem.__traceback__)[-1]
        at = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
        kind = f"{stage}: {type(problem).__name__} in {at}"
        raise Failed(kind, "".join(traceback.format_exception(problem))) from problem


def attempt_all(stage: str, make: Callable[[], T]) -> T:
    """The same where a refusal is a failure too."""
    try:
        return attempt(stage, make)
    except IndexcalcError as refusal:
        raise Failed(f"{stage}: {refusal.code}", str(refusal)) from refusal
