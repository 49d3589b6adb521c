"""The library's front door: programs by name, path or text."""

from __future__ import annotations

from typing import Any

from indexcalc import catalogue
from indexcalc.expr.evaluate import evaluate_program
from indexcalc.expr.program import Program
from indexcalc.expr.world import Array
from indexcalc.lang import reading


def read(what: str) -> Program:
    """The program that a catalogue name, a path or a text says."""
    if not isinstance(what, str):
        raise TypeError(
            f"a program is given as a str, not as {type(what).__name__}: "
            "its text, its path or its name in the catalogue"
        )
    source = catalogue.find(what)
    return reading.read(source, name=catalogue.function_name(source))


def evaluate(what: str, /, **values: Any) -> dict[str, Array]:
    """Every defined name with its array, by the reference evaluator.

    `values` are the inputs, and where the program has them: constants to change, functions for the
    abstract ones, and sizes that no input fixes.
    """
    return evaluate_program(read(what), values)
