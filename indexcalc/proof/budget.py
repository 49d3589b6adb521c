"""How much work a proof may do: counted, not timed, so that the same input has the same output."""

from __future__ import annotations

from dataclasses import dataclass


class OverBudgetError(Exception):
    """More work than was allowed."""


@dataclass(slots=True)
class Budget:
    """How many small pieces of work may still be done."""

    left: int

    def spend(self, count: int = 1) -> None:
        self.left -= count
        if self.left < 0:
            raise OverBudgetError
