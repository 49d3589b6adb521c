"""Whether a loop over blocks of rows is worth it, and what that is reckoned from."""

from __future__ import annotations

import pytest

from indexcalc.codegen.blocking.blocks import Loop, blocked, phases
from indexcalc.codegen.blocking.rows import touched
from indexcalc.codegen.operations import operation
from indexcalc.lang.reading import read
from tests.block_plans import CROSS_ENTROPY, HEADS, MLP, backward, forward, levels, names, only
from tests.plans import ATTENTION, LAYERNORM, SOFTMAX, TCL


@pytest.mark.parametrize(("rows", "width"), [(3, 4), (64, 256), (4096, 1024), (10, 10**6)])
def test_without_matrix_products_it_always_is(rows: int, width: int) -> None:
    for plan, wide in ((SOFTMAX, "C"), (CROSS_ENTROPY, "C"), (LAYERNORM, "H")):
        assert levels(only(forward(plan, B=rows, **{wide: width}))) == ["B"]
        assert levels(only(backward(plan, B=rows, **{wide: width}))) == ["B"]


@pytest.mark.parametrize("length", [256, 512, 1024, 4096])
def test_attention_is(length: int) -> None:
    loop = only(backward(ATTENTION, I=length, J=length))
    assert loop.least == 128
    only(forward(ATTENTION, I=length, J=length))


@pytest.mark.parametrize("width", [256, 512, 1024])
def test_wide_layers_are_not(width: int) -> None:
    sizes = {"I": width, "J": width, "K": width}
    assert names(forward(MLP, **sizes)) == ["a", "h", "y"]
    assert not any(isinstance(part, Loop) for part in backward(MLP, **sizes))


@pytest.mark.parametrize("width", [16, 64, 128])
def test_narrow_layers_are(width: int) -> None:
    sizes = {"I": width, "J": width, "K": width}
    assert only(backward(MLP, **sizes)).totals == ("dl_du", "dl_dw")


@pytest.mark.parametrize("width", [112, 256])
def test_wide_heads_are_not(width: int) -> None:
    sizes = {"I": 1024, "J": 1024, "D": width, "C": width}
    assert not any(isinstance(part, Loop) for part in backward(ATTENTION, **sizes))


def test_attention_is_up_to_a_width() -> None:
    assert levels(only(backward(ATTENTION, I=1024, J=1024, D=80, C=80))) == ["I"]


def test_where_several_heads_fit_no_matrix_is_read_again() -> None:
    sizes = {"I": 16, "J": 16, "D": 512, "C": 512}
    assert levels(only(backward(HEADS, **sizes))) == ["B", "N"]


def test_rows_after_wide_products_are_a_loop_of_their_own() -> None:
    text = "f(x[n,i], w[i,c], t[n,c]) -> l\n" + "\n".join(
        (
            "z[n,c] = x[n,i]*w[i,c]",
            "top[n] = max[c](z[n,c])",
            "low[n,c] = z[n,c] - 1[c]*top[n]",
            "e[n,c] = exp(low[n,c])",
            "s[n] = 1[c]*e[n,c]",
            "row[n,c] = t[n,c]*(low[n,c] - 1[c]*log(s[n]))",
            "l = 1[n,c]*row[n,c]",
        )
    )
    program = read(text)
    lengths = dict(zip((s.symbol for s in program.sizes), (4096, 300, 9000), strict=True))
    operations = [operation(equation) for equation in program.equations]
    parts = phases(operations, {"l"}, lengths)
    assert names(parts) == ["z", ["top", "low", "e", "s", "row", "l"]]
    found = blocked(operations, {"l"}, lengths)
    assert found is not None
    assert found.loop.least == 1


def test_rows_that_are_matrices_may_be_few() -> None:
    assert only(backward(TCL)).least == 1
    assert only(forward(MLP)).least == 128


def test_what_an_operation_touches() -> None:
    program = read("f(x[b,h], m[b]) -> s\nv[b] = x[b,h]*x[b,h]\ns[b,h] = exp(x[b,h] - 1[h]*m[b])")
    square, shifted = (operation(equation) for equation in program.equations)
    lengths = dict(zip((size.symbol for size in program.sizes), (5, 7), strict=True))
    # x and v; then -1, m and their product, that and x, the difference twice, and the result.
    assert touched(square, lengths) == 35 + 5
    assert touched(shifted, lengths) == 1 + 5 + 5 + 5 + 35 + 35 + 35 + 35


def test_products_whose_arrays_stay_in_cache_are_no_loop() -> None:
    assert names(backward(ATTENTION, I=64, J=64, D=16, C=16)) == [
        one.left.name for one in ATTENTION.backward
    ]
