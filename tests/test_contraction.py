"""Every way to compute a contraction has the value of np.einsum, and the best ones read well."""

from __future__ import annotations

import ast
import random
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import Symbol

from indexcalc.codegen.contractions.contraction import best, ways
from indexcalc.codegen.contractions.plain import plain
from indexcalc.codegen.operations import Contraction
from indexcalc.expr.base import ONE, Index, size_symbol
from indexcalc.expr.nodes import Access

Array = NDArray[Any]
LETTERS = "bhijkn"
FACTORS = {"": 1.0, "3": 3.0, "1 / 7": 1 / 7, "-2.5": -2.5, "c + 1": 1.5}


def contraction(text: str) -> Contraction:
    """ "y_bj = x_bh a_hj" """
    left, right = text.split("=")
    return Contraction(access(left), ONE, tuple(access(part) for part in right.split()))


def access(text: str) -> Access:
    name, _, letters = text.strip().partition("_")
    return Access(name, *(Index(letter) for letter in letters))


def lengths_of(text: str) -> dict[Symbol, int]:
    """ "b=512 h=64" """
    pairs = (part.split("=") for part in text.split())
    return {size_symbol(letter.upper()): int(value) for letter, value in pairs}


def letters(one: Access) -> str:
    return "".join(index.name for index in one.indices)


def einsum(one: Contraction, arrays: dict[str, Array]) -> Array:
    """Every index of its own name, in float64, by another library's reading of the same sum."""
    spelled = ",".join(letters(operand) for operand in one.operands)
    values = [np.asarray(arrays[operand.name], np.float64) for operand in one.operands]
    return np.asarray(np.einsum(f"{spelled}->{letters(one.left)}", *values))


# Contractions at random


def drawn(seed: int) -> tuple[Contraction, dict[str, int]]:
    """One or two operands of order up to 4, and sizes of which one may be 1 or 0."""
    dice = random.Random(seed)
    sizes = dict(zip(LETTERS, dice.sample(range(2, 9), len(LETTERS)), strict=True))
    if seed % 4 == 0:
        sizes[dice.choice(LETTERS)] = 1
    if seed % 10 == 0:
        sizes[dice.choice(LETTERS)] = 0
    used = dice.sample(LETTERS, dice.randint(2, len(LETTERS)))
    operands = [_indices(dice, used) for _ in range(1 if seed % 3 == 0 else 2)]
    if len(operands) == 2 and seed % 7 == 0:
        operands[1] = operands[0]
    found = list(dict.fromkeys("".join(operands)))
    dice.shuffle(found)
    left = found[: dice.randint(0, min(4, len(found)))]
    if len(operands) == 2 and seed % 5:
        # As contractions mostly are: what is summed is in both.
        both = set(operands[0]) & set(operands[1])
        left = [letter for letter in found if letter not in both or dice.random() < 0.3]
    names = "xx" if seed % 7 == 0 else "xa"
    right = " ".join(f"{name}_{one}" for name, one in zip(names, operands, strict=False))
    return contraction(f"y_{''.join(left)} = {right}"), sizes


def _indices(dice: random.Random, letters: list[str]) -> str:
    found = dice.sample(letters, dice.randint(0, min(4, len(letters))))
    if 0 < len(found) < 4 and dice.random() < 0.1:
        found.insert(dice.randint(0, len(found)), dice.choice(found))
    return "".join(found)


def arrays_of(
    one: Contraction, sizes: dict[str, int], dtype: type, contiguous: bool
) -> dict[str, Array]:
    random_numbers = np.random.default_rng(5)
    found: dict[str, Array] = {}
    for operand in one.operands:
        shape = [sizes[letter] for letter in letters(operand)]
        values: Array = np.asarray(random_numbers.uniform(0.5, 1.5, shape), dtype)
        found[operand.name] = values.copy("C" if contiguous else "F")
        if not contiguous and values.ndim:
            found[operand.name] = np.repeat(found[operand.name], 2, axis=0)[::2]
    return found


def run(text: str, arrays: dict[str, Array], sizes: dict[str, int]) -> Any:
    """The value of an expression, or y after a statement."""
    space: dict[str, Any] = {"np": np, "c": 0.5, **arrays}
    space |= {letter.upper(): value for letter, value in sizes.items()}
    if "y" not in arrays:
        return eval(text, space)
    exec(text, space)
    assert space["y"] is arrays["y"]
    return space["y"]


def assert_has_value(found: Any, wanted: Array, dtype: type, case: str) -> None:
    assert found.dtype == dtype, case
    tolerance = 1e-12 if dtype is np.float64 else 2e-5
    np.testing.assert_allclose(found, wanted, rtol=tolerance, err_msg=case)


def assert_is_tidy(text: str) -> None:
    """Spaced as a formatter would; brackets may be there for the reader alone."""
    formatted, written = (
        one.replace('"', "'").replace("(", "").replace(")", "")
        for one in (ast.unparse(ast.parse(text)), text)
    )
    assert written == formatted


@pytest.mark.parametrize("tens", range(20))
@pytest.mark.parametrize(("dtype", "contiguous"), [(np.float64, True), (np.float32, False)])
def test_every_way_has_the_value_of_einsum(tens: int, dtype: type, contiguous: bool) -> None:
    for seed in range(10 * tens, 10 * tens + 10):
        one, sizes = drawn(seed)
        arrays = arrays_of(one, sizes, dtype, contiguous)
        expected = einsum(one, arrays)
        lengths = {size_symbol(letter.upper()): value for letter, value in sizes.items()}
        for place, way in enumerate(ways(one, lengths)):
            factor = list(FACTORS)[place % len(FACTORS)]
            wanted = expected * FACTORS[factor]
            text = way.text({}, factor=factor)
            assert_is_tidy(text)
            found = run(text, arrays, sizes)
            assert_has_value(found, wanted, dtype, f"{seed}: {text}")
            assert not contiguous or found.flags.c_contiguous, text
            out: Array = np.full(expected.shape, np.nan, dtype)
            text = way.text({}, out="y", factor=factor)
            assert_is_tidy(text)
            assert_has_value(run(text, {**arrays, "y": out}, sizes), wanted, dtype, text)


@pytest.mark.parametrize("tens", range(20))
def test_the_plain_text_has_the_value_of_einsum(tens: int) -> None:
    for seed in range(10 * tens, 10 * tens + 10):
        one, sizes = drawn(seed)
        arrays = arrays_of(one, sizes, np.float64, True)
        for factor, value in FACTORS.items():
            text = plain(one, {}, factor)
            assert_is_tidy(text)
            found = run(text, arrays, sizes)
            assert_has_value(found, einsum(one, arrays) * value, np.float64, text)


def test_what_is_drawn_is_of_every_kind() -> None:
    kinds = set()
    for seed in range(200):
        one, sizes = drawn(seed)
        lengths = {size_symbol(letter.upper()): value for letter, value in sizes.items()}
        kinds |= {way.call for way in ways(one, lengths)}
        kinds |= {"batch, then sum" for way in ways(one, lengths) if way.added}
        kinds |= {"copied" for way in ways(one, lengths) if way.copied}
        kinds |= {
            "diagonal"
            for operand in one.operands
            if len(set(letters(operand))) < len(letters(operand))
        }
        kinds |= {"empty" for letter in letters(one.left) if not sizes[letter]}
    assert kinds == {
        *("matmul", "vecdot", "multiply", "einsum", "sum", "copy"),
        *("batch, then sum", "copied", "diagonal", "empty"),
    }


@pytest.mark.parametrize(
    ("text", "lengths"),
    [("y_b = x_bh", "b=64 h=4096"), ("y_h = x_bh", "b=4096 h=64"), ("y = x_bh", "b=4096 h=1024")],
)
def test_sums_of_float32_far_from_zero_keep_their_digits(text: str, lengths: str) -> None:
    one = contraction(text)
    sizes = {symbol.name.lower(): value for symbol, value in lengths_of(lengths).items()}
    values = np.random.default_rng(3).normal(1e4, 1, (sizes["b"], sizes["h"])).astype(np.float32)
    found = run(best(one, lengths_of(lengths)).text({}), {"x": values}, sizes)
    np.testing.assert_allclose(found, einsum(one, {"x": values}), rtol=1e-6)


BEST = {
    "y_bj = x_bh a_hj": ("b=512 h=64 j=300", "x @ a"),
    "a_hj = x_bh g_bj": ("b=512 h=64 j=300", "x.T @ g"),
    "x_bh = g_bj a_hj": ("b=512 h=64 j=300", "g @ a.T"),
    "y_tbj = x_tbh a_hj": (
        "t=5 b=512 h=64 j=300",
        "(x.reshape(T * B, H) @ a).reshape(T, B, J)",
    ),
    "y_ji = x_ik w_kj": ("i=20 j=30 k=40", "w.T @ x.T"),
    "c_b = x_bh w_h": ("b=64 h=1024", "x @ w"),
    "c_b = w_h x_bh": ("b=64 h=1024", "x @ w"),
    "c_h = x_bh w_b": ("b=64 h=1024", "w @ x"),
    "c = x_h w_h": ("h=1024", "x @ w"),
    "c = x_bh w_bh": ("b=64 h=1024", "x.reshape(-1) @ w.reshape(-1)"),
    "c_b = x_bh w_bh": ("b=64 h=1024", "np.vecdot(x, w)"),
    "c_h = x_bh w_bh": ("b=64 h=1024", 'np.einsum("bh,bh->h", x, w)'),
    "m_b = x_bh": ("b=64 h=1024", "x @ np.ones(H, x.dtype)"),
    "m_h = x_bh": ("b=64 h=1024", "np.ones(B, x.dtype) @ x"),
    "m = x_bh": ("b=64 h=1024", "x.sum()"),
    "c_ij = x_i w_j": ("i=20 j=30", "x[:, None] * w"),
    # A tensor contraction layer: forward, and the gradients of its matrices.
    "y_nijc = x_nijk v_ck": (
        "n=64 i=13 j=14 k=32 c=20",
        "(x.reshape(N * I * J, K) @ v.T).reshape(N, I, J, C)",
    ),
    "y_najc = v_ai x_nijc": (
        "n=64 i=13 j=14 c=20 a=10",
        "(v @ x.reshape(N, I, J * C)).reshape(N, A, J, C)",
    ),
    "y_nabc = v_bj x_najc": ("n=64 j=14 c=20 a=10 b=11", "v @ x"),
    "v_ck = g_nijc x_nijk": (
        "n=64 i=13 j=14 k=32 c=20",
        "g.reshape(N * I * J, C).T @ x.reshape(N * I * J, K)",
    ),
    "v_ai = g_najc x_nijc": (
        "n=64 i=13 j=14 c=20 a=10",
        "(g.reshape(N, A, J * C) @ x.reshape(N, I, J * C).swapaxes(1, 2)).sum(axis=0)",
    ),
    # Attention with axes of batch and heads, also where the heads come after the places.
    "s_bhij = q_bhid k_bhjd": ("b=8 h=12 i=60 j=64 d=32", "q @ k.swapaxes(2, 3)"),
    "o_bhid = p_bhij v_bhjd": ("b=8 h=12 i=60 j=64 d=32", "p @ v"),
    "v_bhjd = p_bhij o_bhid": ("b=8 h=12 i=60 j=64 d=32", "p.swapaxes(2, 3) @ o"),
    "s_bhij = q_bihd k_bjhd": (
        "b=8 h=12 i=60 j=64 d=32",
        "q.swapaxes(1, 2) @ k.transpose(0, 2, 3, 1)",
    ),
}


@pytest.mark.parametrize("text", BEST)
def test_the_best_way_is_what_a_person_would_write(text: str) -> None:
    lengths, expected = BEST[text]
    assert best(contraction(text), lengths_of(lengths)).text({}) == expected


WRITTEN_INTO = {
    "y_najc = v_ai x_nijc": (
        "n=64 i=13 j=14 c=20 a=10",
        "np.matmul(v, x.reshape(N, I, J * C), out=y.reshape(N, A, J * C))",
    ),
    "y_bihd = p_bhij v_bjhd": (
        "b=8 h=12 i=60 j=64 d=32",
        "np.matmul(p, v.swapaxes(1, 2), out=y.swapaxes(1, 2))",
    ),
    "y_ai = g_najc x_nijc": (
        "n=64 i=13 j=14 c=20 a=10",
        "(g.reshape(N, A, J * C) @ x.reshape(N, I, J * C).swapaxes(1, 2)).sum(axis=0, out=y)",
    ),
    "y_b = x_bh": ("b=64 h=1024", "np.matmul(x, np.ones(H, x.dtype), out=y)"),
}


@pytest.mark.parametrize("text", WRITTEN_INTO)
def test_a_result_is_written_into_the_array_given(text: str) -> None:
    lengths, expected = WRITTEN_INTO[text]
    assert best(contraction(text), lengths_of(lengths)).text({}, out="y") == expected


def test_the_factor_goes_into_the_smallest_array() -> None:
    way = best(contraction("s_ij = q_id k_jd"), lengths_of("i=500 j=400 d=64"))
    assert way.text({}, factor="r") == "q @ (k * r).T"
    way = best(contraction("s_ji = q_id k_jd"), lengths_of("i=500 j=400 d=64"))
    assert way.text({}, factor="r") == "(k * r) @ q.T"
    way = best(contraction("a_hj = x_bh g_bj"), lengths_of("b=512 h=64 j=30"))
    assert way.text({}, factor="1 / B") == "x.T @ g / B"
    assert way.text({}, out="y", factor="1 / B") == "np.matmul(x.T, g, out=y)\ny /= B"
    assert way.text({}, out="y", factor="c + 1") == "np.matmul(x.T, g, out=y)\ny *= c + 1"


def test_names_and_ones_are_as_the_caller_calls_them() -> None:
    names = {"x": "x_block", "B": "len(x_block)", "y": "y_block"}
    way = best(contraction("y_bhj = x_bhi a_ij"), lengths_of("b=64 h=5 i=12 j=13"))
    assert way.text(names) == (
        "(x_block.reshape(len(x_block) * H, I) @ a).reshape(len(x_block), H, J)"
    )
    way = best(contraction("m_b = x_bh"), lengths_of("b=64 h=1024"))
    assert way.text(names, ones="ones_h") == "x_block @ ones_h"
    assert [index.name for index in way.ones] == ["h"]


PLAIN = {
    "y_bj = x_bh a_hj": "x @ a",
    "a_hj = x_bh g_bj": "x.T @ g",
    "y_jb = x_bh a_hj": "a.T @ x.T",
    "c_b = x_bh w_h": "x @ w",
    "c_b = w_h x_bh": "x @ w",
    "c_h = x_bh w_b": "w @ x",
    "c = x_h w_h": "x @ w",
    "c = x_bh w_bh": "(x * w).sum()",
    "c_b = x_bh w_bh": "(x * w).sum(axis=1)",
    "c_ij = x_i w_j": "x[:, None] * w",
    "c_ij = x_ij w_j": "x * w",
    "m_h = x_bh": "x.sum(axis=0)",
    "m = x_bh": "x.sum()",
    "t = a_ii": 'np.einsum("ii->i", a).sum()',
    "y_ijl = a_ijk b_kl": 'np.einsum("ijk,kl->ijl", a, b)',
    "s_bhij = q_bhid k_bhjd": "q @ k.swapaxes(2, 3)",
    "c_b = x_bhk w_bhk": "(x * w).sum(axis=(1, 2))",
    "y_bi = x_bij w_bj": 'np.einsum("bij,bj->bi", x, w)',
}


@pytest.mark.parametrize("text", PLAIN)
def test_the_plain_text_is_the_one_that_people_learn(text: str) -> None:
    assert plain(contraction(text), {}) == PLAIN[text]
