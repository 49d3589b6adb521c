"""A backward function asked at many points, and its gradients held to ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from indexcalc.against.calling import Given
from indexcalc.against.cases import Case
from indexcalc.against.computing import peak
from indexcalc.against.kinds import Kind
from indexcalc.against.raising import Raised
from indexcalc.against.scenes import Scene, Subject
from indexcalc.expr.world import Array


class Asked(Protocol):
    """What gives gradients: somebody's function, or a formula."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> Kind: ...

    def gradients(
        self, given: Given, dtype: str, style: Callable[[Any], Any]
    ) -> dict[str, Any] | Raised: ...


@dataclass(frozen=True)
class Answer:
    """What a function gave at a scene for one gradient: an array in float64, or why there is none;
    how far off it is, and how far it may be."""

    name: str
    scene: Scene
    case: Case
    theirs: Array | None
    failure: str = ""

    @property
    def right(self) -> Array:
        return self.scene.right[self.name]

    @cached_property
    def allowed(self) -> float:
        return self.scene.allowed(self.name, self.case.dtype)

    @cached_property
    def error(self) -> float:
        """The largest of all entries; infinite where shapes differ."""
        return distance(self.theirs, self.right)

    @property
    def agrees(self) -> bool:
        return not self.failure and self.error <= self.allowed

    @property
    def times(self) -> float:
        """How many times what is allowed it is off."""
        if self.allowed:
            return self.error / self.allowed
        return float("inf") if self.error else 0.0

    @property
    def unit(self) -> float:
        """What figures are relative to: the largest entry."""
        return peak(self.right) or 1.0


def distance(theirs: Array | None, right: Array) -> float:
    """How far the furthest entry is off; infinite where that has no meaning."""
    if theirs is None or theirs.shape != right.shape:
        return float("inf")
    if not np.isfinite(theirs).all():
        return float("inf")
    return peak(theirs - right)


def asked(theirs: Asked, subject: Subject, case: Case, seed: int) -> list[Answer]:
    """Every gradient at a random point of a case."""
    point = subject.scene(case, seed, theirs.kind)
    return [] if point is None else answers(theirs, point, case)


def answers(theirs: Asked, point: Scene, case: Case) -> list[Answer]:
    returned = theirs.gradients(point.call(), case.dtype, _STYLES[case.layout])
    if isinstance(returned, Raised):
        return [Answer(name, point, case, None, returned.words) for name in point.subject.wrt]
    return [_answer(name, point, case, array, theirs.kind) for name, array in returned.items()]


def _answer(name: str, point: Scene, case: Case, array: Any, kind: Kind) -> Answer:
    if isinstance(array, Raised):
        return Answer(name, point, case, None, array.words)
    if array is None:
        return Answer(name, point, case, None, f"no gradient by {name} is returned")
    what = f"{type(array).__name__} and no array of numbers"
    try:
        if not kind.dtype(array).startswith("complex"):
            return Answer(name, point, case, kind.values(array))
        what = "complex numbers"
    except (TypeError, ValueError):
        pass
    return Answer(name, point, case, None, f"the gradient by {name} is returned as {what}")


def _contiguous(array: Any) -> Any:
    return array


def _strided(array: Any) -> Any:
    """The same values, every other column of an array twice as wide."""
    if array.ndim == 0:
        return array
    if hasattr(array, "repeat_interleave"):
        return array.repeat_interleave(2, dim=-1)[..., ::2]
    return array.repeat(2, axis=-1)[..., ::2]


def _transposed(array: Any) -> Any:
    """The same values, stored with the axes the other way round."""
    if hasattr(array, "permute"):
        axes = tuple(reversed(range(array.ndim)))
        return array.permute(axes).contiguous().permute(axes)
    return array.T.copy().T


_STYLES = {"contiguous": _contiguous, "strided": _strided, "transposed": _transposed}
