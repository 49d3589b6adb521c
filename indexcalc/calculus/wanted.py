"""Which tensors a program is differentiated by, from what a user asks for."""

from __future__ import annotations

from collections.abc import Iterable

from indexcalc.errors import IndexcalcError, did_you_mean
from indexcalc.expr.names import canonical
from indexcalc.expr.program import Program


def wanted(program: Program, wrt: Iterable[str] | None) -> tuple[str, ...]:
    """The tensors to differentiate by; every input where none are named."""
    if wrt is None:
        return tuple(access.name for access in program.inputs)
    given = [wrt] if isinstance(wrt, str) else [*wrt] if isinstance(wrt, Iterable) else [wrt]
    for name in given:
        if not isinstance(name, str):
            raise TypeError(f"a tensor is named by a str, not by {name!r}")
    names = list(dict.fromkeys(canonical(name) for name in given))
    constants = [name for name, _ in program.constants]
    for name in names:
        if name in constants:
            raise IndexcalcError(
                "IC315",
                f"{name} is a constant, and constants are not differentiated",
                hint=f"make it an input: write {name} without a default in the signature",
            )
        if name not in program.tensors:
            hint = did_you_mean(name, program.tensors) or (f"it has {', '.join(program.tensors)}")
            raise IndexcalcError("IC315", f"{program.name} has no tensor {name}", hint=hint)
    return tuple(names)
