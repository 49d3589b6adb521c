"""Every code block of the pages runs, and every output shown is what is printed now."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

from indexcalc.codes import CODES
from indexcalc.expr.rewrite import RULES, Rule
from tests.docs import (
    ERRORS_PAGE,
    ROOT,
    RULEBOOK_PAGE,
    Block,
    blocks,
    current,
    errors_page,
    message_of,
    pages,
    rulebook_page,
    source_of,
    without_errors,
)

STALE = "run python -m tests.docs"
LANGUAGES = {"sh", "console", "python", "text"}
EXAMPLES = [(number, code.example) for number, code in CODES.items() if code.example is not None]


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", pages(), ids=named)
def test_the_outputs_shown_are_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == current(text), STALE


def test_only_the_digits_of_errors_may_differ() -> None:
    row = "x   12  differences  2.2e-12  1.3e-10  verified"
    assert without_errors(row) == without_errors(row.replace("2.2e-12", "9.8e-13"))
    assert without_errors(row) != without_errors(row.replace("verified", "WRONG"))
    assert without_errors("x = 1.5e-05") == "x = 0.0e-00"
    assert without_errors("1.25e-5 and 12.5e-05 stay") == "1.25e-5 and 12.5e-05 stay"


def test_the_errors_page_is_current() -> None:
    assert ERRORS_PAGE.read_text(encoding="utf-8") == errors_page(), STALE


def test_the_rulebook_is_current() -> None:
    assert RULEBOOK_PAGE.read_text(encoding="utf-8") == rulebook_page(), STALE


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_every_rule_is_in_the_rulebook_once(rule: Rule) -> None:
    page = rulebook_page()
    assert page.count(f"### {rule.name.capitalize()}\n") == 1
    assert f"law      {rule.law}\n" in page


def test_the_rulebook_gives_sources_by_their_titles() -> None:
    assert source_of(RULES["delta symmetry"]) == (
        "The Tensor Calculus You Need for Deep Learning, Kronecker delta: the tensor is symmetric"
    )
    assert not re.search(r"\b00\d\b", rulebook_page())


@pytest.mark.parametrize(("number", "example"), EXAMPLES, ids=[n for n, _ in EXAMPLES])
def test_an_example_causes_its_own_error(number: str, example: str) -> None:
    assert message_of(number, example).startswith(f"error {number}: ")


@pytest.mark.parametrize("page", pages(), ids=named)
def test_the_python_blocks_run(page: Path) -> None:
    namespace: dict[str, Any] = {"__name__": page.stem}
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.language == "python":
            run(block, page, namespace)


@pytest.mark.parametrize("page", pages(), ids=named)
def test_no_block_is_of_a_kind_that_nothing_runs(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert {block.language for block in blocks(text)} <= LANGUAGES
    assert text.count("```") == 2 * len(list(blocks(text)))


@pytest.mark.parametrize("page", pages(), ids=named)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", prose):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_the_readme_begins_with_the_two_commands_that_set_everything_up() -> None:
    first = next(blocks((ROOT / "README.md").read_text(encoding="utf-8")))
    run_it, test_it = first.body.splitlines()
    assert first.language == "sh"
    assert run_it.startswith("python3 -m venv ")
    assert run_it.endswith("derive layernorm")
    assert test_it.startswith("python3 -m venv ")
    assert test_it.endswith("python -m pytest")


def test_outputs_are_written_below_their_commands() -> None:
    stale = "a\n```console\n$ derive\nwritten before\n$ derive --read 'y = x[i,\ni]'\n```\nb\n"
    fresh = current(stale)
    assert "written before" not in fresh
    assert "\nlayernorm" in fresh
    assert "$ derive --read 'y = x[i,\ni]'\nf(" in fresh
    assert current(fresh) == fresh


def test_errors_are_shown_too() -> None:
    assert "error IC401: " in current("```console\n$ derive 'y[i] = a[i,k]'\n```\n")


def test_only_derive_is_run() -> None:
    with pytest.raises(ValueError, match="only derive is run: rm x"):
        current("```console\n$ rm x\n```\n")


def test_an_example_without_its_error_is_noticed() -> None:
    with pytest.raises(ValueError, match="the example of IC402 causes IC401"):
        message_of("IC402", "y[i] = a[i,k]")
    with pytest.raises(ValueError, match="the example of IC402 is read without an error"):
        message_of("IC402", "y[i] = x[i]")


def run(block: Block, page: Path, namespace: dict[str, Any]) -> None:
    """Execute a block, or compare it with its shown results where it has prompts."""
    if ">>> " not in block.body:
        # Blank lines in front keep the line numbers of the page in a traceback.
        source = "\n" * (block.line - 1) + block.body
        exec(compile(source, str(page), "exec"), namespace)
        return
    test = doctest.DocTestParser().get_doctest(
        block.body, namespace, page.stem, str(page), block.line - 1
    )
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=report.append, clear_globs=False)
    namespace.update(test.globs)
    assert not runner.failures, "".join(report)
