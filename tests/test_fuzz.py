"""The whole engine on programs drawn at random; how they are drawn, made small and told of.

`python -m tests.fuzz --minutes 5` goes on with others.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from tests import oracle
from tests.fuzz import emitted
from tests.fuzz.__main__ import Tally, main, tally
from tests.fuzz.faults import one_more_sign
from tests.fuzz.features import FEATURES, features
from tests.fuzz.meaning import Meaning, every
from tests.fuzz.parsing import parse
from tests.fuzz.points import points
from tests.fuzz.programs import Case, case, is_refused
from tests.fuzz.shrink import shrink, weight
from tests.processes import printed

SEED, COUNT = 1, 200
# One program among so many is shown in every form, and one is checked by the package itself.
AMONG = 15
# And for one among so many code is emitted.
CODE = 3
# How many of the programs have each feature at least.
LEAST = 3


def with_rare_features() -> Iterator[int]:
    """The numbers of programs with a feature that too few before them have."""
    known: Counter[str] = Counter()
    for number in range(COUNT):
        has = features(case(SEED, number))
        if any(known[feature] < LEAST for feature in has.intersection(FEATURES)):
            known.update(has)
            yield number


# In one process, for what was found is looked at by many tests.
@pytest.fixture(scope="module")
def found() -> Tally:
    return tally(SEED, with_rare_features(), AMONG, CODE)


def test_nothing_is_wrong(found: Tally) -> None:
    said = [
        f"number {number}: {failure.kind}\n{failure.said}" for number, failure in found.failures
    ]
    assert not said, "\n".join(said)
    assert found.tried > 40


def test_most_programs_are_decided(found: Tally) -> None:
    assert found.share("fine") > 0.8
    assert found.share("refused") < 0.05
    assert found.share("no derivative") < 0.05


def test_every_check_is_made(found: Tally) -> None:
    ways = [(f"code, {way}", 1) for way in emitted.WAYS]
    for check, least in (("shown", 4), ("check: verified", 4), ("by differences", 40), *ways):
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
    assert printed("-c", code, hash_seed="1").strip() == here


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


def test_a_run_ends_with_what_was_tried(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fuzz.__main__.SHARE", 2)
    assert main(["--seed", "1", "--minutes", "0.01"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\d+ programs in \d+\.\d minutes, \d+ a minute", lines[0])
    assert lines[-1].startswith("programs with each feature: 1 statements ")
