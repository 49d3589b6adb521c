"""What is kept in fewer digits: inputs, a tensor on the way, or all that is computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from indexcalc.against.causes import Cause, Evidence, Predicted
from indexcalc.against.kinds import ROUNDOFF
from indexcalc.against.scenes import Route, Scene
from indexcalc.expr.names import unicode_face
from indexcalc.expr.printing import spell
from indexcalc.expr.world import Array

DTYPES = ("float32", "float16", "bfloat16")
# What is computed in few digits is off by a part of what is allowed.
USUAL = 1 / 6


def rounded(evidence: Evidence) -> Iterator[Cause]:
    """One input or upstream gradient, all inputs, all that is given, or a tensor on the way."""
    subject = evidence.subject
    inputs = [access.name for access in subject.program.inputs]
    given = [*subject.upstream.values(), *inputs]
    goals = {subject.adjoint(name) for name in subject.wrt}
    for dtype in _coarser(evidence):
        for names in (*([name] for name in given), inputs, given):
            told = "all that is given" if len(names) > 1 else unicode_face(names[0])
            told = "every input" if len(names) > 1 and names is inputs else told
            words = f"is what it is where {told} is rounded to {dtype}"
            yield Cause("precision", words, _given(names, dtype))
        for route in subject.routes:
            for equation in route:
                if equation.left.name not in goals:
                    shown = spell(equation.left, "unicode")
                    words = f"is what it is where {shown} is rounded to {dtype}"
                    yield Cause("precision", words, _on_the_way(equation.left.name, dtype, route))


def _coarser(evidence: Evidence) -> list[str]:
    own = ROUNDOFF[evidence.first.case.dtype]
    return [dtype for dtype in DTYPES if ROUNDOFF[dtype] > own]


def _given(names: list[str], dtype: str) -> Predicted:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        other = {name: in_dtype(scene.given[name], dtype) for name in names}
        return scene.gradients({**scene.given, **other})

    return predicted


def _on_the_way(name: str, dtype: str, route: Route) -> Predicted:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        return scene.following({name: in_dtype(scene.values.arrays[name], dtype)}, route)

    return predicted


def in_dtype(array: Array, dtype: str) -> Array:
    """The nearest numbers that a dtype has; bfloat16's are float32's of which half is left."""
    with np.errstate(over="ignore"):
        if dtype != "bfloat16":
            return array.astype(dtype).astype(np.float64)
        bits = np.asarray(array, np.float32).view(np.uint32).astype(np.uint64)
    even = (bits >> 16) & 1
    kept = ((bits + 0x7FFF + even) >> 16 << 16).astype(np.uint32)
    return kept.view(np.float32).astype(np.float64)


def made_of(evidence: Evidence) -> Cause | None:
    """Numbers that have no more digits, and are as right as these allow."""
    for dtype in _coarser(evidence):
        if all(_has_few(one.theirs, dtype) for one in evidence.plain):
            return _up_to(evidence, dtype, 1.0, "its numbers have no more digits")
    return None


def up_to(evidence: Evidence) -> Cause | None:
    """Where nothing else is known, and it is off by no more than what is computed in few digits;
    in bfloat16 that would be too much to say so."""
    for dtype in _coarser(evidence):
        if dtype != "bfloat16":
            cause = _up_to(evidence, dtype, USUAL, "a part is computed in that")
            if cause is not None:
                return cause
    return None


def _up_to(evidence: Evidence, dtype: str, share: float, why: str) -> Cause | None:
    for one in evidence.plain:
        if one.error > share * one.scene.allowed(one.name, dtype):
            return None
    words = f"is right up to what {dtype} keeps, and no further: {why}"
    return Cause("precision", words, lambda scene: {})


def _has_few(array: Array | None, dtype: str) -> bool:
    return array is not None and np.array_equal(in_dtype(array, dtype), array)
