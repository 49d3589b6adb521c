"""Faults that are planted in the package, so that it is seen whether they are found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sympy import Rational

from indexcalc.calculus.rules import derivatives
from indexcalc.expr import functions
from indexcalc.expr.base import ONE
from indexcalc.expr.nodes import Mul
from indexcalc.expr.terms import Term, Terms


def one_more_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quotient rule without its minus."""
    monkeypatch.setattr(derivatives, "MINUS_ONE", ONE)


def slightly_steep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slope that is off by a millionth."""
    record = functions.FUNCTIONS["tanh"]
    steep = replace(record, slope=lambda u: Mul(Rational(1000001, 1000000), record.slope(u)))
    monkeypatch.setitem(functions.FUNCTIONS, "tanh", steep)


def one_path_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """A product rule that forgets a factor."""
    change_rule(monkeypatch, "product rule", lambda after: after[:1])


def a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(after: Terms) -> Terms:
        raise KeyError("lost")

    change_rule(monkeypatch, "exponential rule", raising)


def change_rule(
    monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[Terms], Terms]
) -> None:
    """The rule with another result, wherever it has one."""
    (right,) = (rule for rule in derivatives.ORDER if rule.name == name)

    def changed(term: Term) -> Terms | None:
        after = right.function(term)
        return change(after) if after else after

    wrong = replace(right, function=changed)
    order = tuple(wrong if rule is right else rule for rule in derivatives.ORDER)
    monkeypatch.setattr(derivatives, "ORDER", order)
