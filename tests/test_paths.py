"""Products of many operands: the order of their contractions, and the layouts on the way."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import Symbol

from indexcalc.codegen.contractions.contraction import best
from indexcalc.codegen.contractions.paths import MOST_COUNTED, Step, path
from indexcalc.codegen.operations import Contraction
from indexcalc.expr.base import ONE, size_symbol
from indexcalc.expr.nodes import Access
from tests.processes import printed
from tests.test_contraction import contraction, einsum, lengths_of, letters, run

LAYER = "y_nabc = x_nijk v_ai w_bj u_ck"
LAYER_SIZES = "n=64 i=13 j=13 k=32 a=10 b=10 c=20"
# Less than this many milliseconds for four operands, three times over for slow machines.
ALLOWED = 0.060


def steps(text: str, lengths: str) -> list[Step]:
    one = contraction(text)
    return path(one.operands, one.left, lengths_of(lengths))


def contracted(one: Contraction, lengths: dict[Symbol, int]) -> list[Contraction]:
    """The product as contractions of at most two operands."""
    waiting = list(one.operands)
    found: list[Contraction] = []
    for number, step in enumerate(path(one.operands, one.left, lengths)):
        taken = tuple(waiting[place] for place in step.places)
        for place in sorted(step.places, reverse=True):
            del waiting[place]
        waiting.append(Access(f"p{number}", *step.left))
        found.append(Contraction(waiting[-1], ONE, taken))
    assert waiting[-1].indices == one.left.indices
    return found


def value(parts: Sequence[Contraction], arrays: dict[str, Any], sizes: dict[str, int]) -> Any:
    lengths = {size_symbol(letter.upper()): size for letter, size in sizes.items()}
    for part in parts:
        arrays = {**arrays, part.left.name: run(best(part, lengths).text({}), arrays, sizes)}
    return arrays[parts[-1].left.name]


def texts(text: str, lengths: str) -> list[str]:
    """Each contraction as a line of NumPy."""
    parts = contracted(contraction(text), lengths_of(lengths))
    return [f"{part.left.name} = {best(part, lengths_of(lengths)).text({})}" for part in parts]


@pytest.mark.parametrize("seed", range(40))
def test_a_product_of_any_number_has_the_value_of_einsum(seed: int) -> None:
    dice = random.Random(seed)
    sizes = dict(zip("bhijkn", [*dice.sample(range(2, 6), 4), 1, 3], strict=True))
    operands = ["".join(dice.sample("bhijkn", dice.randint(0, 3))) for _ in range(1 + seed % 8)]
    found = sorted(set("".join(operands)))
    left = "".join(dice.sample(found, dice.randint(0, min(3, len(found)))))
    right = " ".join(f"x{place}_{one}" for place, one in enumerate(operands))
    one = contraction(f"y_{left} = {right}")
    random_numbers = np.random.default_rng(seed)
    arrays: dict[str, NDArray[Any]] = {
        operand.name: np.asarray(
            random_numbers.uniform(0.5, 1.5, [sizes[letter] for letter in letters(operand)])
        )
        for operand in one.operands
    }
    lengths = {size_symbol(letter.upper()): size for letter, size in sizes.items()}
    parts = contracted(one, lengths)
    assert len(parts) == max(len(operands) - 1, 1)
    np.testing.assert_allclose(value(parts, arrays, sizes), einsum(one, arrays), rtol=1e-12)


def test_a_tensor_contraction_layer_copies_nothing() -> None:
    assert texts(LAYER, LAYER_SIZES) == [
        "p0 = (v @ x.reshape(N, I, J * K)).reshape(N, A, J, K)",
        "p1 = w @ p0",
        "p2 = (p1.reshape(N * A * B, K) @ u.T).reshape(N, A, B, C)",
    ]


def test_a_matrix_is_small_before_it_is_large() -> None:
    assert texts("y_ad = x_ab w_bc v_cd", "a=500 b=30 c=400 d=20") == ["p0 = w @ v", "p1 = x @ p0"]
    assert texts("y_ad = x_ab w_bc v_cd", "a=20 b=400 c=30 d=500") == ["p0 = x @ w", "p1 = p0 @ v"]
    assert texts("y_a = x_ab w_bc v_c", "a=50 b=60 c=70") == ["p0 = w @ v", "p1 = x @ p0"]


def test_above_the_number_that_is_counted_opt_einsum_has_the_order() -> None:
    chain = "y_ah = p_ab q_bc r_cd s_de t_ef u_fg v_gh"
    assert len(contraction(chain).operands) > MOST_COUNTED
    lengths = "a=9 b=100 c=90 d=80 e=70 f=60 g=50 h=40"
    assert texts(chain, lengths)[0] == "p0 = p @ q"
    lengths = "a=100 b=90 c=80 d=70 e=60 f=50 g=40 h=4"
    assert texts(chain, lengths)[0] == "p0 = u @ v"


def test_the_order_does_not_depend_on_hashes() -> None:
    script = (
        "from tests.test_paths import LAYER, steps;"
        "print(steps(LAYER, 'n=2 i=2 j=2 k=2 a=2 b=2 c=2'),"
        "steps('y_ad = x_ab w_bc v_cd', 'a=2 b=2 c=2 d=2'))"
    )
    outputs = {printed("-c", script, hash_seed=seed) for seed in ("1", "2")}
    assert len(outputs) == 1
    assert outputs.pop().startswith("[Step(")
