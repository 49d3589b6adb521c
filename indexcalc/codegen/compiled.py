"""An emitted module compiled in this process: its two functions, and tracebacks with its lines."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from types import ModuleType
from typing import Any

_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Kernel:
    """A forward and a backward function, and the text that they were compiled from."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    source: str

    def __iter__(self) -> Iterator[Callable[..., Any]]:
        return iter((self.forward, self.backward))

    def __repr__(self) -> str:
        return f"<Kernel {self.forward.__name__}, {self.backward.__name__}>"


def compiled(name: str, source: str) -> Kernel:
    """The functions of an emitted module; `name` is what they are called before `_forward`."""
    file = f"<indexcalc {name} {next(_NUMBERS)}>"
    # A mark without a time: what has no file is never thought to have changed.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    module = ModuleType(name)
    exec(compile(source, file, "exec"), module.__dict__)
    functions = vars(module)
    return Kernel(functions[f"{name}_forward"], functions[f"{name}_backward"], source)
