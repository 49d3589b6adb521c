"""Somebody's function in a file of theirs, which is executed to have it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from indexcalc import catalogue
from indexcalc.against.raising import ANY, raised
from indexcalc.errors import IndexcalcError, did_you_mean


class Files:
    """The files that functions come from, each executed once."""

    def __init__(self) -> None:
        self.modules: dict[str, ModuleType] = {}

    def function(self, where: str, option: str) -> Callable[..., Any]:
        """The function that FILE:FUNCTION says, given to an option."""
        path, colon, name = where.rpartition(":")
        if not colon or not path or not name:
            said = f"{option} needs a file and a function in it, not {where}"
            raise IndexcalcError("IC205", said, hint=f"write {option} mykernel.py:backward")
        module = self.module(path)
        names = vars(module)
        found: Any = module
        for part in name.split("."):
            found = getattr(found, part, None)
        if not callable(found):
            functions = [own for own, value in names.items() if _is_function(value, names)]
            hint = did_you_mean(name, functions) or f"it has {', '.join(functions) or 'none'}"
            raise IndexcalcError("IC207", f"{path} has no function {name}", hint=hint)
        function: Callable[..., Any] = found
        return function

    def module(self, path: str) -> ModuleType:
        if path not in self.modules:
            self.modules[path] = _executed(path)
        return self.modules[path]


def _is_function(value: object, names: dict[str, Any]) -> bool:
    """Whether it is a function of this file."""
    return callable(value) and getattr(value, "__module__", "") == names["__name__"]


def _executed(path: str) -> ModuleType:
    """A module made of a file, with the file's folder first where modules are looked for."""
    place = Path(path)
    try:
        source = place.read_bytes()
    except (OSError, ValueError) as problem:
        reason = catalogue.reason(problem) if isinstance(problem, OSError) else str(problem)
        said = f"{path} cannot be read: {reason}"
        raise IndexcalcError("IC204", said, hint="check the path") from None
    sys.path.insert(0, str(place.resolve().parent))
    module = ModuleType(place.stem)
    module.__file__ = str(place)
    # Classes and pickles ask for the module of their name.
    sys.modules.setdefault(place.stem, module)
    try:
        exec(compile(source, str(place), "exec", dont_inherit=True), module.__dict__)
    except ANY as problem:
        said = f"{path} raised {raised(problem, str(place))}"
        raise IndexcalcError("IC208", said, hint="the exception is the file's own") from problem
    return module
