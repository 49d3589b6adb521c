"""Which places along an axis kernels get wrong: those of a block, past it, the first, the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
# The sizes of blocks that kernels have.
BLOCKS = (8, 16, 32, 64, 128, 256, 512, 1024)
# The sides of a diagonal, with it and without.
SIDES: dict[str, Callable[..., Mask]] = {
    "≤": np.less_equal,
    "<": np.less,
    "≥": np.greater_equal,
    ">": np.greater,
}


@dataclass(frozen=True, slots=True)
class Places:
    """Some of the places along an axis: in words, {} being its letter, and which of so many; and
    words for the rest, where that is told more easily."""

    words: str
    among: Callable[[int], Mask]
    rest: str = ""


def masks() -> Iterator[Places]:
    """The narrowest first."""
    yield Places("the first {} ({} = 0)", lambda n: np.arange(n) == 0)
    yield Places("the last {}", lambda n: np.arange(n) == n - 1)
    yield Places("all {} but the first", lambda n: np.arange(n) > 0, "the first {}")
    yield Places("all {} but the last", lambda n: np.arange(n) < n - 1, "the last {}")
    for block in reversed(BLOCKS):
        yield from _of_blocks(block)


def _of_blocks(block: int) -> Iterator[Places]:
    """Where there is no whole block, nothing is past it, or everything is."""
    past = f"{{}} past the last whole block of {block}"
    yield Places(f"{{}} from {block} on", lambda n: np.arange(n) >= block)
    yield Places(past, lambda n: np.arange(n) >= n - n % block)
    yield Places(past, lambda n: (np.arange(n) >= n - n % block) & (n > block))
    last = f"the last block of {block} of {{}}"
    before = f"{{}} before the last block of {block}"
    yield Places(last, lambda n: np.arange(n) >= _last(n, block))
    yield Places(before, lambda n: np.arange(n) < _last(n, block), last)


def _last(n: int, block: int) -> int:
    """Where the last block starts, whole or not."""
    return (n - 1) // block * block
