"""What makers of random programs draw with."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """One of several, something by chance, all in another order."""

    random: Random

    def pick(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def shuffled(self, items: Sequence[T]) -> list[T]:
        return self.random.sample(items, len(items))
