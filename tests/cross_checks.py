"""One library alone asked about gradients, at a random point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

import indexcalc as ic
from indexcalc.expr.evaluate import defined
from indexcalc.expr.world import World, world_of
from indexcalc.proof import crosscheck
from indexcalc.proof.crosscheck import cross_checked
from indexcalc.proof.libraries import LIBRARIES
from indexcalc.proof.points import Point
from indexcalc.proof.report import Report
from tests.points import point as random_point
from tests.points import stand_in


def alone(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    pytest.importorskip(name)
    monkeypatch.setattr(crosscheck, "LIBRARIES", {name: LIBRARIES[name]})
    return name


def at(derivation: ic.Derivation, values: Mapping[str, Any] | None = None) -> Point:
    """Random, but for what is given."""
    program = derivation.program
    drawn = random_point(program, positive=True)
    given = world_of(program, {**drawn.values, **(values or {})})
    world = World(given.arrays, given.numbers, {**given.functions, **drawn.slopes})
    arrays = {**world.arrays, **defined(program, world)}
    for output, seed in derivation.found.backprop.upstream.items():
        arrays[seed] = drawn.upstream[output]

    def spelled(module: Any) -> dict[str, Callable[..., Any]]:
        functions = enumerate(program.functions)
        return {name: stand_in(module, place, count) for place, (name, count) in functions}

    here = World(arrays, world.numbers, world.functions)
    return Point(program, here, drawn.upstream, spelled)


def compared(derivation: ic.Derivation, values: Mapping[str, Any] | None = None) -> Report:
    return cross_checked(derivation.found, at(derivation, values))
