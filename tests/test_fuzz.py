"""The whole engine on programs drawn at random, and whether the fuzzer would find what is wrong.

`python -m tests.fuzz --minutes 5` goes on with others.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sympy import Rational

import indexcalc as ic
from indexcalc.calculus.rules import derivatives
from indexcalc.derivation import Derivation
from indexcalc.errors import IndexcalcError
from indexcalc.expr import functions
from indexcalc.expr.base import ONE
from indexcalc.expr.nodes import Mul
from indexcalc.expr.terms import Term, Terms
from indexcalc.proof.report import Report, Row, Verdict
from tests import oracle, plan_values
from tests.emitted import namespace
from tests.fuzz import checks, emitted, meaning
from tests.fuzz.__main__ import Tally, account, main, tally
from tests.fuzz.checks import Depth, Failed, examine
from tests.fuzz.features import FEATURES
from tests.fuzz.meaning import Meaning, every
from tests.fuzz.parsing import parse
from tests.fuzz.points import points
from tests.fuzz.programs import Case, case, is_refused
from tests.fuzz.shrink import shrink, weight

SEED, COUNT = 1, 200
# One program among so many is shown in every form, and one is checked by the package itself.
AMONG = 40
# And for one among so many code is emitted.
CODE = 4
# How many times each feature is there at least, in readable programs.
LEAST = 3
# In one process, for what was found is looked at by many tests.


@pytest.fixture(scope="module")
def found() -> Tally:
    return tally(SEED, range(COUNT), AMONG, CODE)


def test_nothing_is_wrong(found: Tally) -> None:
    said = [
        f"number {number}: {failure.kind}\n{failure.said}" for number, failure in found.failures
    ]
    assert not said, "\n".join(said)
    assert found.tried == COUNT


def test_most_programs_are_decided(found: Tally) -> None:
    assert found.share("fine") > 0.8
    assert found.share("refused") < 0.05
    assert found.share("no derivative") < 0.05


def test_every_check_is_made(found: Tally) -> None:
    ways = [(f"code, {way}", 1) for way in emitted.WAYS]
    for check, least in (("shown", 5), ("check: verified", 4), ("by differences", 150), *ways):
        assert found.counts[check] >= least, check


def test_torch_is_asked_wherever_differences_are(found: Tally) -> None:
    pytest.importorskip("torch")
    assert found.counts["by torch"] == found.counts["by differences"]


@pytest.mark.parametrize("feature", FEATURES)
def test_all_of_the_language_is_tried(found: Tally, feature: str) -> None:
    assert found.features[feature] >= LEAST


# Drawing


def test_a_number_draws_the_same_program_everywhere() -> None:
    code = (
        "import hashlib; from tests import oracle; from tests.fuzz.programs import case; "
        "print(hashlib.sha256(repr([case(1, n) for n in range(40)]).encode()).hexdigest())"
    )
    here = hashlib.sha256(repr([case(1, n) for n in range(40)]).encode()).hexdigest()
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == here


def test_a_text_is_the_program_that_it_was_written_from() -> None:
    for number in range(100):
        program = case(SEED, number).program
        assert parse(oracle.text(program)) == program


@pytest.mark.parametrize("text", ["y = x +", "y = (x", "y = x z", "y[i] = sum[k](x[k]"])
def test_a_broken_text_is_no_program(text: str) -> None:
    with pytest.raises(ValueError, match="expected, not"):
        parse(text)


# The translation, against the oracle's loops over scalars


def is_for_the_oracle(program: oracle.Program) -> bool:
    """Whether its loops know everything there is, and are not long."""
    nodes = [node for s in program.statements for node in every(s.expr)]
    called = {node.name for node in nodes if isinstance(node, oracle.Call)}
    return (
        not is_refused(program)
        and not called & {"f", "g", "h", "act"}
        and oracle.Num("pi") not in nodes
        and sum(len(s.indices) for s in program.statements) < 4
        and len(nodes) < 60
    )


def test_the_translation_has_the_value_of_the_oracles_loops() -> None:
    compared = 0
    for number in range(120):
        program = case(SEED, number).program
        if not is_for_the_oracle(program):
            continue
        meant = Meaning(program)
        point = next(points(meant, (2, 3), number, 1))
        sizes = {name: point.lengths[root] for root, name in meant.sizes.unfixed().items()}
        expected = oracle.run(meant.plain, point.given, sizes)
        for name, value in expected.items():
            np.testing.assert_allclose(point.made[name], value, rtol=1e-9, atol=1e-12)
        compared += 1
    assert compared > 20


# Planted faults are found


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
    rule = next(rule for rule in derivatives.ORDER if rule.name == "product rule")
    wrap(monkeypatch, rule, lambda before, after: after[:1])


def a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = next(rule for rule in derivatives.ORDER if rule.name == "exponential rule")

    def raising(before: Term, after: Terms) -> Terms:
        raise KeyError("lost")

    wrap(monkeypatch, rule, raising)


def wrap(
    monkeypatch: pytest.MonkeyPatch, rule: object, change: Callable[[Term, Terms], Terms]
) -> None:
    """The rule with another result, wherever it has one."""
    function = rule.function  # type: ignore[attr-defined]

    def changed(term: Term) -> Terms | None:
        after: Terms | None = function(term)
        return change(term, after) if after else after

    monkeypatch.setattr(
        derivatives,
        "ORDER",
        tuple(
            replace(other, function=changed) if other is rule else other
            for other in derivatives.ORDER
        ),
    )


def answer(monkeypatch: pytest.MonkeyPatch, verdict: Verdict) -> None:
    def check(derivation: Derivation, seed: int = 0) -> Report:
        rows = (Row(name, 1, "said", 0.0, 0.0, verdict) for name in derivation.wrt)
        return Report(tuple(rows))

    monkeypatch.setattr(Derivation, "check", check)


PLANTED = [
    (one_more_sign, "wrong gradient", r"\w = [12]/\w"),
    (slightly_steep, "wrong gradient", r"\w = tanh\(\w\)"),
    (one_path_less, "wrong gradient", r"\w = \w\*\w"),
    (a_crash, r"deriving: KeyError in test_fuzz\.py:\d+", r"\w = [2\w]\^\(?\w\)?"),
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
        ("own arrays", "if out is None:", "if True:"),
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

        def rows(*given: int, own: Callable[..., int] = names["_rows"]) -> int:
            found.append(own(*given))
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
    def going_on(before: Term, after: Terms) -> Terms:
        while after:
            pass
        return after

    rule = next(rule for rule in derivatives.ORDER if rule.name == "chain rule")
    wrap(monkeypatch, rule, going_on)
    monkeypatch.setattr(checks, "LIMIT", 0.1)
    assert kind_of("y[i] = tanh(x[i])") == "too slow"


# Making small


def test_what_is_left_is_what_fails() -> None:
    text = "m[i,k] = exp(x[i,j]*w[j,k]) + 1/K\nl = (m[i,k]*sin(tanh(u[k])^2))*γ[i]"
    drawn = Case(parse(text), ("w", "m"))

    def fails(candidate: Case) -> bool:
        nodes = [node for s in candidate.program.statements for node in every(s.expr)]
        return any(isinstance(node, oracle.Call) and node.name == "tanh" for node in nodes)

    assert oracle.text(shrink(drawn, fails).program) == "x = tanh(2)\n"


def test_every_smaller_program_can_be_read_back() -> None:
    for number in range(12):
        tried: list[Case] = []

        def look(candidate: Case, tried: list[Case] = tried) -> bool:
            tried.append(candidate)
            return False

        drawn = case(SEED, number)
        assert shrink(drawn, look) is drawn
        assert tried
        for candidate in tried:
            assert weight(candidate) < weight(drawn)
            assert parse(oracle.text(candidate.program)) == candidate.program


# The command


def test_a_text_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--program", "y[i] = x[i,k]*w[k]", "--lengths", "2,3"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("y[i] = x[i,k]*w[k]\n\nfine, by differences 1")


def test_a_failing_text_is_run_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one_more_sign(monkeypatch)
    assert main(["--program", "y[i] = exp(x[i])/w", "--wrt", "w", "--point", "3"]) == 1
    printed = capsys.readouterr().out
    assert "FAILED  wrong gradient\n" in printed
    (again,) = re.findall(r"^again:  python -m tests.fuzz (.*)$", printed, re.MULTILINE)
    assert re.fullmatch(r"--program '\w = [12]/\w' --lengths 2 --point 3", again)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--program", "y = x +"], "something expected, not the end"),
        (["--program", "y = x", "--lengths", "2,b"], "invalid literal for int"),
        (["--minutes", "long"], "invalid float value: 'long'"),
    ],
)
def test_a_wrong_use_is_said(
    capsys: pytest.CaptureFixture[str], given: list[str], said: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(given)
    assert said in capsys.readouterr().err


def test_a_number_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "1", "--number", "1"]) == 0
    assert capsys.readouterr().out.startswith(oracle.text(case(1, 1).program))


def test_a_run_ends_with_what_was_tried(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "1", "--minutes", "0.01"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\d+ programs in \d+\.\d minutes, \d+ a minute", lines[0])
    assert lines[-1].startswith("programs with each feature: 1 statements ")
