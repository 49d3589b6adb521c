"""The targets: each file here is one, and has `emit(job) -> str`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from indexcalc.errors import IndexcalcError, did_you_mean

if TYPE_CHECKING:  # the command asks for the names alone
    from indexcalc.codegen.job import Job


def names() -> tuple[str, ...]:
    """What there is to emit."""
    files = Path(__file__).parent.glob("[a-z]*.py")
    return tuple(sorted(path.stem for path in files))


def refuse(target: object, plain: bool) -> None:
    """Raises for what no target is called, and for a plain form where there is none."""
    if not isinstance(target, str):
        raise TypeError(f"a target is named by a str, not by {target!r}")
    if target not in names():
        hint = did_you_mean(target, names()) or f"it is one of {', '.join(names())}"
        raise IndexcalcError("IC607", f"there is no target {target}", hint=hint)
    if plain and target != "numpy":
        hint = 'leave out plain, or emit "numpy"'
        raise IndexcalcError("IC607", f"there is no plain form of {target}", hint=hint)


def emitted(target: str, job: Job) -> str:
    """The text of a target for a job."""
    text: str = import_module(f"{__name__}.{target}").emit(job)
    return text
