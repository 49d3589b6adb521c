"""Somebody's adjoints as they come: by whatever name, in arrays of whatever library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexcalc.against.calling import GRADIENTS
from indexcalc.against.kinds import ROUNDOFF, kind
from indexcalc.errors import IndexcalcError, did_you_mean
from indexcalc.expr.names import canonical, unicode_face
from indexcalc.expr.program import Program
from indexcalc.expr.world import Array


@dataclass(frozen=True, slots=True)
class Theirs:
    """Adjoints by the names of their tensors, in float64, and the coarsest dtype among them."""

    arrays: Mapping[str, Array]
    dtype: str


def theirs(program: Program, adjoints: Mapping[str, Any]) -> Theirs:
    """What was given for each tensor, or a refusal."""
    if not isinstance(adjoints, Mapping):
        raise IndexcalcError(
            "IC613",
            f"adjoints are arrays by name, and {type(adjoints).__name__} is given",
            hint='write {"sigma": dl_dsigma, "x": dl_dx}',
        )
    if not adjoints:
        raise IndexcalcError(
            "IC613", "no adjoint is given", hint='write {"sigma": dl_dsigma, "x": dl_dx}'
        )
    known, spelled = _names(program), dict[str, str]()
    arrays, dtypes = dict[str, Array](), set[str]()
    for key, array in adjoints.items():
        name = known.get(canonical(str(key)))
        if name is None:
            raise _unknown(program, str(key))
        if name in spelled:
            raise IndexcalcError(
                "IC613",
                f"the adjoint of {name} is given twice, as {spelled[name]} and as {key}",
                hint="give one of them",
            )
        spelled[name] = str(key)
        arrays[name], dtype = _numbers(str(key), array)
        dtypes.add(dtype)
    return Theirs(arrays, max(dtypes, key=lambda dtype: ROUNDOFF[dtype]))


def plain(value: Any) -> Any:
    """A tensor of torch as an array of NumPy; anything else as it is."""
    return kind("torch").values(value) if _is_of_torch(value) else value


def _names(program: Program) -> dict[str, str]:
    """The tensor that each key is an adjoint of: its own name, or one that people give it."""
    tensors = list(program.tensors)
    faces = [(face, name) for name in tensors for face in (name, unicode_face(name))]
    aliases = {word.format(face): name for word in reversed(GRADIENTS) for face, name in faces}
    return aliases | {name: name for name in tensors}


def _unknown(program: Program, key: str) -> IndexcalcError:
    tensors = program.tensors
    hint = did_you_mean(key, [*tensors, *(f"dl_d{name}" for name in tensors)])
    return IndexcalcError(
        "IC613",
        f"{program.name} has no tensor of which {key} would be the adjoint",
        hint=hint or f"it has {', '.join(tensors)}",
    )


def _numbers(key: str, array: Any) -> tuple[Array, str]:
    """In float64, and the dtype in which they came; whole numbers are exact."""
    library = kind("torch" if _is_of_torch(array) else "numpy")
    try:
        dtype = library.dtype(array)
    except ValueError:  # a ragged list
        dtype = "object"
    if dtype.startswith(("int", "uint", "bool")):
        dtype = "float64"
    if dtype not in ROUNDOFF:
        raise IndexcalcError(
            "IC613",
            f"the adjoint {key} is of {dtype}, not of real numbers",
            hint=f"give an array of {', '.join(ROUNDOFF)}",
        )
    return np.asarray(library.values(array)), dtype


def _is_of_torch(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "torch"
