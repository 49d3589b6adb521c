"""How a mistake is written down, and how the function that has it is made."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "kernels"


class Style(Enum):
    """What a function is written with."""

    BLOCKED = "NumPy in blocks, as a GPU computes"
    TORCH = "torch, eager"
    EINSUM = "einsum"
    PLAIN = "NumPy"


class Kind(Enum):
    """What people do wrong."""

    TRANSPOSED = "transposed"
    AXIS = "along the wrong axis"
    SIGN = "wrong sign"
    CONSTANT = "a constant factor"
    TERM = "a term missing or doubled"
    SUM = "a sum or a broadcast missing, extra or wrong"
    FACTOR = "a factor left out, or another in its place"
    UPSTREAM = "upstream gradient ignored, or replaced by ones"
    ORDER = "gradients in another order"
    ACCUMULATED = "added to what an earlier call left"
    PATTERN = "wrong at some entries only"
    LAYOUT = "rows stacked where columns were meant"
    PRECISION = "right in float64, wrong in float32"
    NUMBER = "a constant is another number, or elsewhere"
    SLOPE = "another slope, or another function"
    MASK = "a mask that should not be there"
    BLOCK = "a block taken for the whole"
    DIGITS = "kept in fewer digits"
    TWO = "two mistakes"


@dataclass(frozen=True)
class Kernel:
    """A right backward function: its program, a name of the catalogue or a text; its file; its
    style.

    It takes upstream gradients and inputs in order, constants and abstract functions by name, and
    returns gradients in order of the inputs, or a dict, or the only one.
    """

    name: str
    file: str
    style: Style
    text: str = ""

    @property
    def program(self) -> str:
        return self.text or self.name

    @property
    def function(self) -> str:
        return f"{self.name}_backward"

    @property
    def library(self) -> str:
        """Whose arrays it takes."""
        return "torch" if self.style is Style.TORCH else "numpy"

    @property
    def path(self) -> Path:
        return FOLDER / self.file

    @property
    def source(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def compiled(self, source: str = "") -> Callable[..., Any]:
        """The function, as its file or another source has it, with globals of its own."""
        pytest.importorskip(self.library)
        names: dict[str, Any] = {"__name__": "kernel"}
        exec(compile(source or self.source, self.function, "exec"), names)
        found: Callable[..., Any] = names[self.function]
        return found


@dataclass(frozen=True)
class Planted:
    """A kernel with a mistake: which gradients are wrong by it, the right text, the wrong text in
    its place, and what a diagnosis must say.

    `wrong` has names with spaces between. Each of `says` is a regular expression, found in a good
    diagnosis. A factor there is what the right gradient, or its term, is multiplied by. The inputs
    in `far` must lie far from 0 for the mistake to show.
    """

    kernel: Kernel
    kind: Kind
    wrong: str
    before: str
    after: str
    says: tuple[str, ...]
    far: str = ""

    @property
    def source(self) -> str:
        return planted(self.kernel.source, self.before, self.after)

    def compiled(self) -> Callable[..., Any]:
        """The wrong function."""
        return self.kernel.compiled(self.source)

    def named_by(self, diagnosis: str) -> bool:
        """Whether it says everything that it must."""
        return all(re.search(words, diagnosis) for words in self.says)


def planted(source: str, before: str, after: str) -> str:
    """The source with one text in it, which is there once, replaced."""
    assert source.count(before) == 1, f"there {source.count(before)} times: {before}"
    return source.replace(before, after)
