"""Emitted modules compiled in this process: their functions and checks, tracebacks with lines."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from types import ModuleType
from typing import Any

from indexcalc.errors import IndexcalcError

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


def compiled(source: str, name: str) -> Kernel:
    """The functions of an emitted module, called `name` and `_forward` or `_backward`."""
    found = vars(_module(source, name))
    return Kernel(found[f"{name}_forward"], found[f"{name}_backward"], source)


def checked(source: str, name: str, seed: int = 0) -> None:
    """Runs the check that an emitted module brings along; a table has none."""
    if "\ndef check(" not in source:
        return
    try:
        vars(_module(source, name))["check"](seed)
    except AssertionError as failure:
        raise IndexcalcError(
            "IC608",
            f"the code fails its own check: {failure}",
            hint="--no-check prints it all the same",
        ) from failure
    except ArithmeticError as reason:
        raise IndexcalcError(
            "IC609",
            f"the code could not be checked: {reason}",
            hint="--no-check prints it all the same",
        ) from reason


def _module(source: str, name: str) -> ModuleType:
    file = f"<indexcalc {name} {next(_NUMBERS)}>"
    # A mark without a time: what has no file is never thought to have changed.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    module = ModuleType(name)
    exec(compile(source, file, "exec"), module.__dict__)
    return module
