"""What is kept in fewer digits: inputs, a tensor on the way, or all that is computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from indexcalc.against.causes import Cause, Evidence, Predicted
from indexcalc.against.kinds import COARSER, ROUNDOFF
from indexcalc.against.rounding import has_few, in_dtype
from indexcalc.against.scenes import Route, Scene
from indexcalc.expr.names import unicode_face
from indexcalc.expr.printing import spell
from indexcalc.expr.world import Array


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
    return [dtype for dtype in COARSER if ROUNDOFF[dtype] > own]


def _given(names: list[str], dtype: str) -> Predicted:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        other = {name: in_dtype(scene.given[name], dtype) for name in names}
        return scene.gradients({**scene.given, **other})

    return predicted


def _on_the_way(name: str, dtype: str, route: Route) -> Predicted:
    def predicted(scene: Scene) -> Mapping[str, Array]:
        return scene.following({name: in_dtype(scene.values.arrays[name], dtype)}, route)

    return predicted


def made_of(evidence: Evidence) -> Cause | None:
    """Numbers that have no more digits, and are as right as these allow."""
    for dtype in _coarser(evidence):
        if all(has_few(one.theirs, dtype) for one in evidence.plain):
            if any(one.error > one.scene.allowed(one.name, dtype) for one in evidence.plain):
                return None
            words = f"is right up to what {dtype} keeps, and no further: "
            words += "its numbers have no more digits"
            return Cause("precision", words, lambda scene: {})
    return None
