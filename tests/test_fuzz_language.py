"""The language against an independent reader, and against texts that nobody meant to write.

`python -m tests.test_fuzz_language N SEED` runs N more examples of each test under another seed.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, assume, given, note, seed, settings
from hypothesis import strategies as st

from indexcalc.catalogue import folder
from indexcalc.errors import IndexcalcError
from indexcalc.expr.canonical import same
from indexcalc.expr.evaluate import evaluate_program
from indexcalc.expr.program import Program
from indexcalc.expr.rename import rename
from indexcalc.lang.reading import read
from indexcalc.render.echo import echo, source
from tests import oracle

Check = Callable[..., None]
EXAMPLES = 100
LIMIT = 2.0
FUZZ = settings(
    derandomize=True,
    deadline=None,
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
LAYERNORM = (folder() / "layernorm.idx").read_text(encoding="utf-8")

# Beyond this ratio of intermediate rounding the two evaluators may honestly differ.
NUDGE = 1e-9
# Node values that the oracle's loops may work out for one program; sizes are 1 to 4.
WORK = 20_000
TYPICAL_SIZE = 3
STEEP = 1e-5


CHECKS: list[tuple[Check, tuple[st.SearchStrategy[Any], ...]]] = []


def fuzzed(*strategies: st.SearchStrategy[Any]) -> Callable[[Check], Callable[[], None]]:
    """A test of drawn arguments, kept so that `main` can run it for longer."""

    def decorated(check: Check) -> Callable[[], None]:
        CHECKS.append((check, strategies))
        test: Callable[[], None] = FUZZ(given(*strategies)(check))
        return test

    return decorated


def refusal(program: oracle.Program) -> oracle.Refused | None:
    """Why the oracle refuses the program, or nothing."""
    try:
        oracle.read(program)
    except oracle.Refused as refused:
        return refused
    return None


def reading(text: str) -> Program | IndexcalcError:
    """The reading or the refusal, within the time limit; a refusal says where and what to do."""
    start = time.perf_counter()
    try:
        result: Program | IndexcalcError = read(text)
    except IndexcalcError as error:
        result = error
    assert time.perf_counter() - start < LIMIT
    if isinstance(result, IndexcalcError):
        check_refusal(result, text)
    return result


def check_refusal(error: IndexcalcError, text: str) -> None:
    assert error.message
    assert error.hint, str(error)
    # Where there is no text there is no place in it.
    assert error.spans or error.code == "IC101"
    for span in error.spans:
        assert error.source is not None
        assert error.source.text == text
        # The end of the text is a place too, with one caret after it.
        assert 0 <= span.start < span.stop <= len(text) + 1
    place = "\n  in text, line " if error.spans else "\nhint: "
    assert str(error).startswith(f"error {error.code}: {error.message}{place}")


@fuzzed(oracle.programs())
def test_refused_exactly_when_the_rules_refuse(program: oracle.Program) -> None:
    text = oracle.text(program)
    note(text)
    assume(not oracle.doubts(program))
    refused = refusal(program)
    result = reading(text)
    if refused is None:
        assert isinstance(result, Program), str(result)
    else:
        assert isinstance(result, IndexcalcError), f"{refused}, and read as\n{echo(result)}"


@fuzzed(oracle.programs(), st.integers(0, 99))
def test_a_reading_has_the_value_that_the_rules_give(program: oracle.Program, draw: int) -> None:
    assume(not oracle.doubts(program) and refusal(program) is None)
    text = oracle.text(program)
    note(text)
    loops = [TYPICAL_SIZE ** len(s.indices) * work(s.expr) for s in oracle.read(program)]
    assume(sum(loops) <= WORK)
    arrays, sizes = oracle.plan(program, draw)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        expected = oracle.run(program, arrays, sizes)
        nudged = {name: array * (1 + NUDGE) for name, array in arrays.items()}
        moved = oracle.run(program, nudged, sizes)
    program_read = read(text)
    # What a size without an input is called has a test of its own.
    assume({size.name for size in program_read.sizes if not size.fixed} == set(sizes))
    found = value_of(program_read, {**arrays, **sizes})
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert found[name].shape == value.shape
        settled = np.isfinite(value) & np.isfinite(found[name])
        with np.errstate(all="ignore"):
            settled &= np.abs(moved[name] - value) <= STEEP * np.abs(value)
        np.testing.assert_allclose(
            found[name][settled], value[settled], rtol=1e-6, atol=1e-12, err_msg=name
        )


def below(node: oracle.Node) -> list[oracle.Node]:
    match node:
        case oracle.Call(_, arguments):
            return list(arguments)
        case oracle.Binder(_, _, inner) | oracle.Neg(inner) | oracle.Group(inner):
            return [inner]
        case oracle.Bin(_, left, right):
            return [left, right]
    return []


def work(node: oracle.Node) -> int:
    """About how many node values the oracle's loops work out."""
    inside = 1 + sum(work(part) for part in below(node))
    return inside * (TYPICAL_SIZE ** len(node.indices) if isinstance(node, oracle.Binder) else 1)


def value_of(program: Program, given: dict[str, object]) -> dict[str, oracle.Array]:
    abstract = {name: oracle.stand_in for name, _ in program.functions}
    return evaluate_program(program, {**given, **abstract})


@fuzzed(oracle.programs(), st.sampled_from(["einstein", "sum"]))
def test_a_reading_is_shown_and_what_is_printed_reads_back(
    program: oracle.Program, notation: str
) -> None:
    text = oracle.text(program)
    note(text)
    result = reading(text)
    assume(isinstance(result, Program))
    assert isinstance(result, Program)
    shown = echo(result)
    assert all(title in shown for title in ("Reading\n", "Inputs\n", "Outputs\n", "Sizes\n"))
    printed = source(result, notation)
    note(printed)
    again = read(printed)
    check_equal(again, result)
    assert source(again, notation) == printed


def check_equal(one: Program, other: Program) -> None:
    """The same but for index letters, which belong to their equation."""
    for equation, original in zip(one.equations, other.equations, strict=True):
        assert equation.left.name == original.left.name
        letters = dict(zip(equation.left.indices, original.left.indices, strict=True))
        right = rename(equation.right, letters)
        assert same(right, original.right), f"{right}\n{original.right}"
    assert shapes(one) == shapes(other)
    assert (one.outputs, one.constants) == (other.outputs, other.constants)
    assert one.functions == other.functions


def shapes(program: Program) -> list[tuple[str, list[str]]]:
    """Each input with the sizes of its axes."""
    return [(x.name, [str(index.size) for index in x.indices]) for x in program.inputs]


def check_read_back(text: str) -> None:
    """What is printed of a text reads to the same program, its scalars included."""
    note(text)
    result = reading(text)
    assume(isinstance(result, Program))
    assert isinstance(result, Program)
    for notation in ("einstein", "sum"):
        printed = source(result, notation)
        note(printed)
        again = read(printed)
        check_equal(again, result)
        assert source(again, notation) == printed


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(parts, st.sampled_from(["+", "-", "*", "*", "/"]), parts).map(
        lambda terms: f"({terms[0]} {terms[1]} {terms[2]})"
    )


CONSTANTS = st.recursive(
    st.sampled_from(["a", "b", "1", "2", "3", "1/4", "pi", "-1", "I"]),
    lambda inner: st.one_of(
        joined(inner),
        inner.map("-{}".format),
        inner.map("(2*({}))".format),
        inner.map("1/({})".format),
        inner.map("({})^2".format),
        inner.map("({})^(1/2)".format),
        inner.map("tan({} + pi/2)".format),
        inner.map("relu({})".format),
    ),
    max_leaves=6,
)
PLACES = [
    *["({})*x[i]", "x[i]*({})", "x[i] + ({})", "x[i]/({})", "-({})*x[i]", "x[i] - ({})/x[i]"],
    *["x[i]^({})", "(2 + x[i])^(-({}))", "f(x[i], {})", "({})^x[i]"],
]


@fuzzed(st.sampled_from(PLACES), CONSTANTS)
def test_a_constant_is_printed_so_that_it_reads_back(place: str, constant: str) -> None:
    check_read_back(f"f(x[i], a=3, b=1/5) -> y; y[i] = {place.format(constant)}")


LETTERED = st.recursive(
    st.sampled_from(
        ["s", "2", "x[j]", "x[k]", "z[j]", "1[j]", "1[k]", "size(j)", "size(k)", "J", "K"]
    ),
    lambda inner: st.one_of(
        joined(inner),
        st.tuples(
            st.sampled_from(["sum", "mean", "max"]), st.sampled_from(["i", "j", "k"]), inner
        ).map(lambda parts: "{}[{}]({})".format(*parts)),
    ),
    max_leaves=8,
)
HEADS = ["", "f(x[j], s, z[k]) -> y; ", "f(x[j], z[j], s) -> y; ", "f(s, z[i], x[k]) -> y; "]
ENDS = ["", "; y[j] += 2*s*1[j]", "; y[k] += size(k)*1[k]", "; y[j] += sum[i](1[i]*1[j]*I)*s"]


@fuzzed(st.sampled_from(HEADS), LETTERED, st.sampled_from(ENDS))
def test_letters_used_again_are_printed_so_that_they_read_back(
    head: str, right: str, end: str
) -> None:
    check_read_back(f"{head}y[i] = {right}{end}")


# Texts that nobody meant to write

TOKENS = [
    *"ijkxyzabHKγ′²=+-*/^()[]{},;:#.0123456789 \n\t\\\"'_@!?~|<>&%$",
    *["->", "+=", "**", "1[h]", "delta[i,j]", "sum[k](", "mean[", "max[i](", "size(h)"],
    *["pointwise", "exp(", "tanh(", "f(", "x[i]", "y[i,j]", "1e-5", "1e999", "0.1", "pi", "eps"],
    *["layernorm", "lambda", "\r\n", "\0", "\u200b", "\u202e", "𝟙", "é", "e\u0301", "ﬀ", "９"],
]
CHARACTERS = st.one_of(
    st.sampled_from(TOKENS),
    st.characters(exclude_categories=["Cs"]),
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid text with a few characters deleted, put in, replaced or swapped."""
    text = draw(st.one_of(st.just(LAYERNORM), oracle.programs().map(oracle.text)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(text) - 1, 0)))
        after = draw(st.integers(place, min(place + 6, len(text))))
        match draw(st.sampled_from(["delete", "insert", "replace", "swap", "double"])):
            case "delete":
                text = text[:place] + text[after:]
            case "insert":
                text = text[:place] + draw(CHARACTERS) + text[place:]
            case "replace":
                text = text[:place] + draw(CHARACTERS) + text[place + 1 :]
            case "swap":
                text = text[:place] + text[after:] + text[place:after]
            case "double":
                text = text[:after] + text[place:after] + text[after:]
    return text


def check_any(text: str) -> None:
    """A reading that can be shown and printed, or a refusal, and no other exception."""
    note(repr(text))
    result = reading(text)
    if isinstance(result, Program):
        assert echo(result)
        for notation in ("einstein", "sum"):
            check_equal(read(source(result, notation)), result)


@fuzzed(mutated())
def test_a_mutated_text_is_read_or_refused(text: str) -> None:
    check_any(text)


@fuzzed(st.lists(CHARACTERS, max_size=40).map("".join))
def test_any_tokens_are_read_or_refused(text: str) -> None:
    check_any(text)


@fuzzed(st.lists(st.sampled_from(TOKENS[:20]), min_size=1, max_size=25).map("".join))
def test_any_right_side_is_read_or_refused(text: str) -> None:
    check_any(f"y[i] = {text}")


@fuzzed(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    check_any(text)


def main(examples: int, start: int) -> None:
    """Run every test of this module on other examples."""
    wide = settings(FUZZ, derandomize=False, max_examples=examples, database=None)
    for check, strategies in CHECKS:
        print(getattr(check, "__name__", check), flush=True)
        seed(start)(wide(given(*strategies)(check)))()


if __name__ == "__main__":
    main(*map(int, [*sys.argv[1:], "1000", "1"][:2]))
