"""How much work a proof may do: counted, not timed, so that the same input has the same output."""

from __future__ import annotations

from dataclasses import dataclass

from indexcalc.errors import IndexcalcError


@dataclass(slots=True)
class Budget:
    """How many small pieces of work may still be done."""

    left: int

    def spend(self, count: int = 1) -> None:
        self.left -= count
        if self.left < 0:
            hint = "give smaller sizes"
            raise IndexcalcError("IC106", "this is too long to be proved", hint=hint)
