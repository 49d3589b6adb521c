"""Every kind of error, as the user sees it: the whole text, to the letter."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import indexcalc
from indexcalc.cli import main
from indexcalc.codes import CODES
from indexcalc.errors import IndexcalcError
from indexcalc.expr.lengths import given_lengths
from indexcalc.forms.inward.reading import read as read_matrices
from tests.errors import (
    acts,
    against,
    arrays,
    characters,
    constants,
    functions,
    fused,
    given,
    grammar,
    indices,
    kinds,
    layers,
    lengths,
    matrices,
    names,
    options,
    places,
    unfoldings,
    values,
)
from tests.errors.cases import Case, named, refusal

TABLES = (characters, grammar, constants, functions, names, kinds, indices, places)
CASES: list[Case] = [case for table in TABLES for case in table.CASES]
ACTS = [*acts.WITHOUT_TEXT, *layers.LAYERS, *unfoldings.UNFOLDINGS]
COMMANDS = [
    *given.PROGRAMS,
    *options.OPTIONS,
    *fused.FUSED,
    *against.AGAINST,
    *values.VALUES,
]


@pytest.mark.parametrize(("text", "expected"), named(CASES))
def test_a_text_is_refused_with(text: str, expected: str) -> None:
    assert f"{refusal(text)}\n" == expected


@pytest.mark.parametrize(("text", "expected"), named(matrices.CASES))
def test_a_text_in_matrix_notation_is_refused_with(text: str, expected: str) -> None:
    error = refusal(text, read_matrices)
    assert f"{error}\n" == expected
    for span in error.spans:
        assert 0 <= span.start < span.stop <= len(text) + 1


@pytest.mark.parametrize(("text", "values", "expected"), named(arrays.EVALUATED))
def test_an_evaluation_is_refused_with(text: str, values: dict[str, Any], expected: str) -> None:
    with pytest.raises(IndexcalcError) as caught:
        indexcalc.evaluate(text, **values)
    assert f"{caught.value}\n" == expected


@pytest.mark.parametrize(("text", "given", "expected"), named(lengths.LENGTHS))
def test_lengths_are_refused_with(text: str, given: dict[str, Any], expected: str) -> None:
    program = indexcalc.read(text)
    with pytest.raises(IndexcalcError) as caught:
        given_lengths(program, given)
    assert f"{caught.value}\n" == expected


@pytest.mark.parametrize(("act", "expected"), named(ACTS))
def test_an_act_is_refused_with(act: Callable[[], object], expected: str) -> None:
    with pytest.raises(IndexcalcError) as caught:
        act()
    assert f"{caught.value}\n" == expected


@pytest.mark.parametrize(("arguments", "expected"), named(COMMANDS))
def test_the_command_prints_to_standard_error(
    arguments: list[str],
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given.files(tmp_path, monkeypatch)
    against.files()
    monkeypatch.setattr("sys.path", [*sys.path])
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == expected


def test_output_that_nothing_takes_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout", None)
    assert main(["layernorm"]) == 2
    assert capsys.readouterr().err == given.CLOSED


def test_every_code_has_a_test_of_its_whole_text() -> None:
    texts = [
        case[-1]
        for table in (
            CASES,
            matrices.CASES,
            arrays.EVALUATED,
            lengths.LENGTHS,
            ACTS,
            COMMANDS,
        )
        for case in table
    ]
    texts.append(given.CLOSED)
    tested = {re.match(r"error (IC\d{3}): ", text) for text in texts}
    assert {match[1] for match in tested if match} == set(CODES)


@pytest.mark.parametrize(("text", "expected"), named(CASES))
def test_an_error_is_a_code_one_sentence_the_place_and_a_hint(text: str, expected: str) -> None:
    error = refusal(text)
    assert error.code in CODES
    assert "\n" not in error.message
    assert not error.message.endswith(".")
    assert "\n" not in error.hint
    for span in error.spans:
        assert 0 <= span.start <= span.stop <= len(text) + 1


# One class


def test_there_is_one_base_class_of_errors() -> None:
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(indexcalc.__path__, "indexcalc.")
    ]
    classes = {
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__.startswith("indexcalc")
    }
    assert all(issubclass(kind, IndexcalcError) for kind in classes)


@pytest.mark.parametrize(("text", "expected"), named(CASES))
def test_pickling_and_copying_keep_the_text(text: str, expected: str) -> None:
    error = refusal(text)
    assert f"{pickle.loads(pickle.dumps(error))}\n" == expected
    assert f"{copy.deepcopy(error)}\n" == expected


def test_the_same_text_is_refused_alike() -> None:
    for _, text, _ in CASES:
        assert str(refusal(text)) == str(refusal(text))
