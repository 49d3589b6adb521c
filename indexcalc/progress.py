"""A progress bar on the terminal for what takes more than a second."""

from __future__ import annotations

import sys
from threading import Lock, Timer
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:  # what takes less than a second has no need of it
    from rich.progress import Progress, TaskID

PATIENCE = 1.0


class Bar:
    """Shows what is being done, and how much of it is, on standard error if that is a terminal."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.done, self.total = 0, 0
        self._lock = Lock()
        self._shown: tuple[Progress, TaskID] | None = None
        self._timer: Timer | None = None

    def __enter__(self) -> Self:
        if sys.stderr is not None and sys.stderr.isatty():
            self._timer = Timer(PATIENCE, self._show)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._timer = None
            if self._shown is not None:
                self._shown[0].stop()
                self._shown = None

    def says(self, words: str) -> None:
        """Something else is being done."""
        self.words, self.done, self.total = words, 0, 0
        self._update()

    def watch(self, done: int, total: int) -> None:
        """So much is done, of so much."""
        self.done, self.total = done, total
        self._update()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeElapsedColumn as Elapsed

        with self._lock:
            if self._timer is None:  # it was done while this was loaded
                return
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            shown = Progress(*columns, Elapsed(), console=Console(stderr=True), transient=True)
            shown.start()
            self._shown = shown, shown.add_task(self.words, total=None)
        self._update()

    def _update(self) -> None:
        with self._lock:
            if self._shown is not None:
                shown, task = self._shown
                shown.update(
                    task, description=self.words, completed=self.done, total=self.total or None
                )
