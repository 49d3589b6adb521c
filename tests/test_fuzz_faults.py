"""Whether the fuzzer would find what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.derivation import Derivation
from indexcalc.errors import IndexcalcError
from indexcalc.expr import functions
from indexcalc.expr.terms import Terms
from indexcalc.proof.report import Report, Row, Verdict
from tests import plan_values
from tests.emitted import namespace
from tests.fuzz import checks, emitted, meaning
from tests.fuzz.__main__ import account
from tests.fuzz.checks import Depth, examine
from tests.fuzz.failing import Failed
from tests.fuzz.faults import a_crash, change_rule, one_more_sign, one_path_less, slightly_steep
from tests.fuzz.parsing import parse
from tests.fuzz.programs import Case, case

SEED, COUNT = 1, 200


def answer(monkeypatch: pytest.MonkeyPatch, verdict: Verdict) -> None:
    def check(derivation: Derivation, seed: int = 0) -> Report:
        rows = (Row(name, 1, "said", 0.0, 0.0, verdict) for name in derivation.wrt)
        return Report(tuple(rows))

    monkeypatch.setattr(Derivation, "check", check)


PLANTED = [
    (one_more_sign, "wrong gradient", r"\w = [12]/\w"),
    (slightly_steep, "wrong gradient", r"\w = tanh\(\w\)"),
    (one_path_less, "wrong gradient", r"\w = \w\*\w"),
    (a_crash, r"deriving: KeyError in faults\.py:\d+", r"\w = [2\w]\^\(?\w\)?"),
]


@pytest.mark.parametrize(
    ("plant", "kind", "small"), PLANTED, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_planted_fault_is_found_and_made_small(
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
    kind: str,
    small: str,
) -> None:
    plant(monkeypatch)
    drawn, failure = first_failure(Depth(shown=False, checked=False, ways=()))
    assert re.fullmatch(kind, failure.kind)
    printed = account(drawn, failure, "--seed 1 --number 0")
    head, program, *_ = printed.splitlines()
    assert head == f"FAILED  {failure.kind}"
    assert re.fullmatch(small, program)


def first_failure(depth: Depth) -> tuple[Case, Failed]:
    for number in range(COUNT):
        failure = examine(case(SEED, number), depth).failure
        if failure is not None:
            return case(SEED, number), failure
    raise AssertionError("it was not found")


def kind_of(text: str, *, checked: bool = False, ways: tuple[str, ...] = ()) -> str:
    """How a program fails."""
    depth = Depth(shown=False, checked=checked, ways=ways)
    failure = examine(Case(parse(text)), depth).failure
    return failure.kind if failure else ""


@pytest.mark.parametrize("way", emitted.WAYS)
def test_a_wrong_function_is_seen_in_every_way(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    right = plan_values.run
    spelled_otherwise(monkeypatch, "tanh(", "sin(")
    monkeypatch.setattr(
        plan_values, "run", lambda *given: {k: 1.001 * v for k, v in right(*given).items()}
    )
    text = "y[i,j] = tanh(x[i,j])*w[j]"
    assert re.match(rf"{way}: (wrong|AssertionError in emitted:\d+)\Z", kind_of(text, ways=(way,)))


@pytest.mark.parametrize(
    ("way", "before", "after"),
    [
        ("float32", "return y, (", "return y.astype(float), ("),
        ("own arrays", "if out is None else", "if True else"),
        ("views", "dtype = x.dtype", "x += 0; dtype = x.dtype"),
    ],
)
def test_a_broken_promise_is_seen(
    monkeypatch: pytest.MonkeyPatch, way: str, before: str, after: str
) -> None:
    spelled_otherwise(monkeypatch, before, after)
    seen = {
        "float32": "AssertionError in emitted.py",
        "own arrays": "AssertionError in emitted.py",
        "views": "ValueError in emitted",
    }
    kind = kind_of("y[i,j] = tanh(x[i,j])*w[j]", ways=(way,))
    assert kind.startswith(f"{way}: {seen[way]}:")


def spelled_otherwise(monkeypatch: pytest.MonkeyPatch, before: str, after: str) -> None:
    """Modules with other text."""

    def changed(text: str) -> dict[str, object]:
        assert before in text
        return namespace(text.replace(before, after))

    monkeypatch.setattr(emitted, "namespace", changed)


def test_blocks_are_several_and_the_last_is_shorter() -> None:
    text = "y[i,j] = tanh(x[i,j])*w[j]"
    found: list[int] = []
    for seed in range(8):
        drawn = Case(parse(text), seed=seed)
        names = namespace(
            emitted.in_few_rows(drawn, emitted.text_in_blocks(drawn, ic.derive(text)))
        )

        def rows(*given: int, own: Callable[..., int] = names["_rows"], **named: int) -> int:
            found.append(own(*given, **named))
            return found[-1]

        names["_rows"] = rows
        names["f_forward"](np.ones((31, 3)), np.ones(3))
    assert any(1 < made < 31 and 31 % made for made in found)


def test_a_check_that_trusts_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    one_more_sign(monkeypatch)
    assert kind_of("y[i] = x[i]/w", checked=True) == "wrong gradient"
    answer(monkeypatch, Verdict.VERIFIED)
    assert kind_of("y[i] = x[i]/w", checked=True) == "check verifies a wrong gradient"


def test_a_check_that_suspects_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, Verdict.WRONG)
    assert kind_of("y[i] = x[i]/w", checked=True) == "check calls a right gradient wrong"


def test_another_value_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    steep = replace(functions.FUNCTIONS["tanh"], value=lambda np, x: np.tanh(x) + 1e-7)
    monkeypatch.setitem(functions.FUNCTIONS, "tanh", steep)
    assert kind_of("y[i] = tanh(x[i])") == "wrong value"


def test_another_reading_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    program = ic.read("y[i] = x[i]*w")
    monkeypatch.setattr(ic, "read", lambda text: program)
    assert kind_of("y[i] = x[i]*z") == "reading: other inputs or outputs"


def test_a_refusal_without_a_reason_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(text: str) -> None:
        raise IndexcalcError("IC402", "no", hint="none")

    monkeypatch.setattr(ic, "read", refusing)
    assert kind_of("y = x[k]*w[k]") == "reading: IC402"
    assert examine(Case(parse("y = x[k]")), Depth()).verdict == "refused"


def test_references_that_disagree_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setitem(
        meaning.FUNCTIONS,
        "tanh",
        lambda library, u: library.tanh(u) * (1 if library is np else 1.000001),
    )
    assert kind_of("y[i] = tanh(x[i])") == "torch and differences disagree"


def test_what_never_ends_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def going_on(after: Terms) -> Terms:
        while after:
            pass
        return after

    change_rule(monkeypatch, "chain rule", going_on)
    monkeypatch.setattr(checks, "LIMIT", 0.1)
    assert kind_of("y[i] = tanh(x[i])") == "too slow"
