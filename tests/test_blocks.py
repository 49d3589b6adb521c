"""Loops over blocks of rows: what runs in them, whether that is worth it, and their values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from random import Random

import numpy as np
import pytest
from sympy import Symbol

from indexcalc.codegen.blocking.blocks import Loop, blocked, phases
from indexcalc.codegen.blocking.rows import cuts, touched
from indexcalc.codegen.operations import (
    Contraction,
    Lengths,
    Operation,
    Pointwise,
    Reduction,
    Spread,
    operation,
)
from indexcalc.codegen.plan import Plan
from indexcalc.expr.base import ONE, Index, constant_symbol, postorder, size_symbol
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, One, Pow
from indexcalc.lang.reading import read
from tests.looping import Arrays, in_phases, whole
from tests.plans import ATTENTION, LAYERNORM, TCL, written

SOFTMAX = written(
    "softmax(x[b,c]) -> p",
    [
        "top[b] = max[c](x[b,c])",
        "e[b,c] = exp(x[b,c] - 1[c]*top[b])",
        "z[b] = 1[c]*e[b,c]",
        "p[b,c] = e[b,c]/z[b]",
    ],
    ["a[b] = dl_dp[b,c]*p[b,c]", "dl_dx[b,c] = p[b,c]*(dl_dp[b,c] - 1[c]*a[b])"],
    ["p"],
    {"p": "dl_dp"},
    {"x": "dl_dx"},
)

CROSS_ENTROPY = written(
    "crossentropy(z[b,c], t[b,c]) -> l",
    [
        "top[b] = max[c](z[b,c])",
        "low[b,c] = z[b,c] - 1[c]*top[b]",
        "e[b,c] = exp(low[b,c])",
        "s[b] = 1[c]*e[b,c]",
        "logs[b] = log(s[b])",
        "tl[b] = t[b,c]*low[b,c]",
        "ts[b] = 1[c]*t[b,c]",
        "row[b] = ts[b]*logs[b] - tl[b]",
        "l = 1/B*1[b]*row[b]",
    ],
    [
        "p[b,c] = e[b,c]/s[b]",
        "dl_dz[b,c] = upstream/B*(p[b,c]*ts[b] - t[b,c])",
        "dl_dt[b,c] = upstream/B*(1[c]*logs[b] - low[b,c])",
    ],
    ["e", "s", "ts", "t", "logs", "low"],
    {"l": "upstream"},
    {"z": "dl_dz", "t": "dl_dt"},
)

BATCHNORM = written(
    "batchnorm(x[b,h]) -> y",
    [
        "m[h] = 1/B*1[b]*x[b,h]",
        "mu[b,h] = x[b,h] - 1[b]*m[h]",
        "v[h] = 1/B*mu[b,h]*mu[b,h]",
        "r[h] = 1/sqrt(v[h] + 1/100)",
        "y[b,h] = mu[b,h]*r[h]",
    ],
    [
        "s[h] = 1/B*1[b]*dl_dy[b,h]",
        "u[h] = 1/B*dl_dy[b,h]*y[b,h]",
        "dl_dx[b,h] = r[h]*(dl_dy[b,h] - 1[b]*s[h] - y[b,h]*u[h])",
    ],
    ["y", "r"],
    {"y": "dl_dy"},
    {"x": "dl_dx"},
)

MLP = written(
    "mlp(x[n,i], w[i,j], u[j,k]) -> y",
    [
        "a[n,j] = x[n,i]*w[i,j]",
        "h[n,j] = tanh(a[n,j])",
        "y[n,k] = h[n,j]*u[j,k]",
    ],
    [
        "dl_dh[n,j] = dl_dy[n,k]*u[j,k]",
        "dl_du[j,k] = h[n,j]*dl_dy[n,k]",
        "dl_da[n,j] = dl_dh[n,j]*(1[n,j] - h[n,j]^2)",
        "dl_dw[i,j] = x[n,i]*dl_da[n,j]",
        "dl_dx[n,i] = dl_da[n,j]*w[i,j]",
    ],
    ["x", "w", "u", "h"],
    {"y": "dl_dy"},
    {"x": "dl_dx", "w": "dl_dw", "u": "dl_du"},
)

HEADS = written(
    "heads(q[b,n,i,d], k[b,n,j,d], v[b,n,j,c]) -> o",
    [
        "s[b,n,i,j] = 1/sqrt(D)*q[b,n,i,d]*k[b,n,j,d]",
        "top[b,n,i] = max[j](s[b,n,i,j])",
        "e[b,n,i,j] = exp(s[b,n,i,j] - 1[j]*top[b,n,i])",
        "z[b,n,i] = 1[j]*e[b,n,i,j]",
        "p[b,n,i,j] = e[b,n,i,j]/z[b,n,i]",
        "o[b,n,i,c] = p[b,n,i,j]*v[b,n,j,c]",
    ],
    [
        "dl_dp[b,n,i,j] = dl_do[b,n,i,c]*v[b,n,j,c]",
        "a[b,n,i] = dl_do[b,n,i,c]*o[b,n,i,c]",
        "dl_ds[b,n,i,j] = p[b,n,i,j]*(dl_dp[b,n,i,j] - 1[j]*a[b,n,i])",
        "dl_dq[b,n,i,d] = 1/sqrt(D)*dl_ds[b,n,i,j]*k[b,n,j,d]",
        "dl_dk[b,n,j,d] = 1/sqrt(D)*dl_ds[b,n,i,j]*q[b,n,i,d]",
        "dl_dv[b,n,j,c] = p[b,n,i,j]*dl_do[b,n,i,c]",
    ],
    ["q", "k", "v", "p", "o"],
    {"o": "dl_do"},
    {"q": "dl_dq", "k": "dl_dk", "v": "dl_dv"},
)

# Queries, keys and values are one input, through one weight each.
SELF_ATTENTION = written(
    "selfattention(x[i,m], wq[m,d], wk[m,d]) -> o",
    [
        "q[i,d] = x[i,m]*wq[m,d]",
        "k0[i,d] = x[i,m]*wk[m,d]",
        "k[i,d] = tanh(k0[i,d])",
        "s[i,j] = q[i,d]*k[j,d]",
        "top[i] = max[j](s[i,j])",
        "e[i,j] = exp(s[i,j] - 1[j]*top[i])",
        "z[i] = 1[j]*e[i,j]",
        "p[i,j] = e[i,j]/z[i]",
        "o[i,m] = p[i,j]*x[j,m]",
    ],
    [],
    ["x"],
    {"o": "dl_do"},
    {},
)

GRAM = written(
    "gram(x[i,d]) -> y",
    ["s[i,j] = x[i,d]*x[j,d]", "t[i,j] = tanh(s[i,j])", "y[i,d] = t[i,j]*x[j,d]"],
    [
        "dl_dt[i,j] = dl_dy[i,d]*x[j,d]",
        "s2[i,j] = x[i,d]*x[j,d]",
        "t2[i,j] = tanh(s2[i,j])",
        "dl_ds[i,j] = dl_dt[i,j]*(1[i,j] - t2[i,j]^2)",
        "g1[j,d] = t2[i,j]*dl_dy[i,d]",
        "g2[i,d] = dl_ds[i,j]*x[j,d]",
        "g3[j,d] = dl_ds[i,j]*x[i,d]",
        "dl_dx[i,d] = g1[i,d] + g2[i,d] + g3[i,d]",
    ],
    ["x"],
    {"y": "dl_dy"},
    {"x": "dl_dx"},
)

# Two outputs, one of them by rows and one a total.
TWO = written(
    "two(x[b,h], w[h]) -> y, m",
    ["e[b,h] = exp(x[b,h])*w[h]", "y[b,h] = e[b,h]/(1 + e[b,h]^2)", "m[h] = 1[b]*e[b,h]"],
    ["g[b,h] = dl_dy[b,h] + 1[b]*dl_dm[h]", "dl_dx[b,h] = g[b,h]*exp(x[b,h])*w[h]"],
    ["x", "w"],
    {"y": "dl_dy", "m": "dl_dm"},
    {"x": "dl_dx"},
)

# All rows are divided by a total of all rows.
GLOBAL = written(
    "whole(x[b,h]) -> y",
    [
        "top[b] = max[h](x[b,h])",
        "e[b,h] = exp(x[b,h] - 1[h]*top[b])",
        "f[b,h] = e[b,h]*x[b,h]",
        "z = 1[b,h]*f[b,h]",
        "y[b,h] = f[b,h]/(1 + z^2) + x[b,h]*e[b,h]",
    ],
    [],
    ["x"],
    {"y": "dl_dy"},
    {},
)

# The rows of the loop are columns of what is given and of what is asked for.
COLUMNS = written(
    "columns(x[i,n], w[i,j]) -> y",
    [
        "a[n,j] = x[i,n]*w[i,j]",
        "h[n,j] = tanh(a[n,j])*exp(a[n,j])",
        "y[n,j] = h[n,j]/(1 + h[n,j]^2)",
    ],
    [
        "dl_da[n,j] = dl_dy[n,j]*tanh(y[n,j])*exp(y[n,j])",
        "dl_dx[i,n] = dl_da[n,j]*w[i,j]",
    ],
    ["w", "y"],
    {"y": "dl_dy"},
    {"x": "dl_dx"},
)

PLANS = [
    COLUMNS,
    SOFTMAX,
    CROSS_ENTROPY,
    BATCHNORM,
    MLP,
    HEADS,
    SELF_ATTENTION,
    GRAM,
    TWO,
    GLOBAL,
    LAYERNORM,
    ATTENTION,
    TCL,
]
TYPICAL = {
    "columns": {"N": 4096, "I": 64, "J": 96},
    "softmax": {"B": 4096, "C": 1000},
    "crossentropy": {"B": 4096, "C": 1000},
    "batchnorm": {"B": 4096, "H": 1024},
    "mlp": {"N": 4096, "I": 64, "J": 96, "K": 64},
    "heads": {"B": 8, "N": 12, "I": 512, "J": 512, "D": 64, "C": 64},
    "selfattention": {"I": 512, "M": 64, "D": 48},
    "gram": {"I": 1024, "D": 16},
    "two": {"B": 4096, "H": 512},
    "whole": {"B": 4096, "H": 512},
    "layernorm": {"B": 4096, "H": 1024},
    "attention": {"I": 512, "J": 512, "D": 64, "C": 64},
    "tcl": {"N": 64, "I": 13, "J": 13, "K": 32, "A": 10, "B": 10, "C": 20},
}


def typical(plan: Plan, **others: int) -> dict[Symbol, int]:
    known = TYPICAL[plan.program.name] | others
    return {size.symbol: known[size.name] for size in plan.program.sizes}


def forward(plan: Plan, **lengths: int) -> tuple[Operation | Loop, ...]:
    return phases(plan.forward, forward_results(plan), typical(plan, **lengths))


def forward_results(plan: Plan) -> set[str]:
    return {*plan.program.outputs, *plan.saved}


def backward(plan: Plan, **lengths: int) -> tuple[Operation | Loop, ...]:
    return phases(plan.backward, set(plan.gradients.values()), typical(plan, **lengths))


def names(parts: Sequence[Operation | Loop]) -> list[str | list[str]]:
    """What is computed, that of a loop in a list."""
    return [
        [one.left.name for one in part.operations] if isinstance(part, Loop) else part.left.name
        for part in parts
    ]


def levels(loop: Loop) -> list[str]:
    return [str(size) for size in loop.levels]


def only(parts: Sequence[Operation | Loop]) -> Loop:
    (loop,) = parts
    assert isinstance(loop, Loop)
    return loop


# What runs in a loop


def test_layer_norm_is_one_loop_over_rows_with_totals() -> None:
    loop = only(backward(LAYERNORM))
    assert levels(loop) == ["B"]
    assert loop.totals == ("dl_dgamma", "dl_dbeta")
    assert loop.written == ("dl_dx",)
    assert loop.scratch == ("mu2", "dy_mu", "r", "c", "d")
    assert {str(letter) for letters in loop.letters for letter in letters} == {"b"}
    assert [str(entries) for entries in loop.entries] == ["5*H + 5"]
    assert loop.least == 1


def test_arrays_of_one_shape_share_a_buffer_in_the_loop() -> None:
    loop = only(forward(SOFTMAX))
    assert loop.written == ("p",)
    assert loop.scratch == ("top", "e", "z")
    assert loop.buffers == {"top": "top", "e": "e", "z": "top"}
    assert str(loop.entries[0]) == "3*C + 1"


def test_the_sum_of_all_rows_is_a_total() -> None:
    loop = only(forward(CROSS_ENTROPY))
    assert (loop.totals, loop.least) == (("l",), 1)
    assert loop.written == ("low", "e", "s", "logs", "ts")
    assert only(backward(CROSS_ENTROPY)).totals == ()


def test_statistics_over_the_rows_are_no_loop_over_rows() -> None:
    assert names(forward(BATCHNORM)) == ["m", ["mu", "v"], "r", "y"]
    assert names(backward(BATCHNORM)) == ["s", "u", "dl_dx"]


def test_heads_are_loops_within_loops() -> None:
    loop = only(backward(HEADS))
    assert levels(loop) == ["B", "N", "I"]
    assert [str(letter) for letter in loop.letters[0]] == ["b", "n", "i"]
    assert loop.totals == ("dl_dk", "dl_dv")
    dk = loop.operations[4].left
    assert cuts(dk, loop.letters[4]) == (0, 1, None, None)
    assert [str(entries) for entries in loop.entries] == [
        "2*C*I*N + 2*C*J*N + 2*D*I*N + 2*D*J*N + 2*I*J*N + I*N",
        "2*C*I + 2*C*J + 2*D*I + 2*D*J + 2*I*J + I",
        "2*C + 2*D + 2*J + 1",
    ]
    assert loop.least == 128


def test_several_rows_of_a_level_have_all_rows_within() -> None:
    for parts in (forward(HEADS), backward(HEADS)):
        loop = only(parts)
        for outer, inner, size in zip(
            loop.entries, loop.entries[1:], loop.levels[1:], strict=False
        ):
            rest = (outer - inner * size).expand()
            assert all(term.is_nonnegative for term in rest.as_ordered_terms()), rest


def test_a_row_that_is_a_vector_is_not_divided_further() -> None:
    assert levels(only(backward(ATTENTION))) == ["I"]


def test_one_input_is_read_at_the_rows_and_whole_in_one_operation() -> None:
    loop = only(forward(GRAM))
    score = loop.operations[0]
    assert isinstance(score, Contraction)
    assert [cuts(access, loop.letters[0]) for access in score.operands] == [(0, None), (None, None)]
    assert loop.scratch == ("s", "t")


def test_what_sums_over_the_rows_and_what_needs_it_come_after() -> None:
    loop, last = backward(GRAM)
    assert isinstance(loop, Loop)
    assert loop.totals == ("g1", "g3")
    assert loop.written == ("g2",)
    assert names([last]) == ["dl_dx"]


def test_keys_of_the_same_input_are_computed_before_the_rows() -> None:
    assert names(forward(SELF_ATTENTION)) == ["k0", "k", ["q", "s", "top", "e", "z", "p", "o"]]


def test_what_needs_a_total_is_another_loop() -> None:
    first, second = forward(GLOBAL)
    assert isinstance(first, Loop)
    assert names([first]) == [["top", "e", "f", "z"]]
    assert (first.totals, first.written, first.scratch) == (("z",), ("e", "f"), ("top",))
    assert names([second]) == [["y"]]


def test_outputs_of_two_kinds() -> None:
    loop = only(forward(TWO))
    assert (loop.written, loop.totals, loop.scratch) == (("y",), ("m",), ("e",))


def test_a_result_is_never_scratch() -> None:
    lengths = typical(SOFTMAX)
    found = blocked(SOFTMAX.forward, {"p", "e", "z"}, lengths)
    assert found is not None
    assert found.loop.written == ("e", "z", "p")


def test_matrix_products_read_and_write_columns() -> None:
    assert only(forward(COLUMNS)).scratch == ("a", "h")
    loop = only(backward(COLUMNS))
    assert (loop.written, loop.scratch) == (("dl_dx",), ("dl_da",))
    assert cuts(loop.operations[1].left, loop.letters[1]) == (None, 0)


def test_nothing_else_reads_columns() -> None:
    program = read(
        "f(x[b,h]) -> y\nv[h] = x[b,h]*x[b,h]\nr[h] = 1/sqrt(v[h])\ny[h] = r[h] + exp(r[h])*r[h]"
    )
    lengths = dict(zip((size.symbol for size in program.sizes), (40, 4096), strict=True))
    parts = phases([operation(equation) for equation in program.equations], {"y"}, lengths)
    assert "v" in names(parts)


def test_blocks_cut_in_another_axis_share_no_buffer() -> None:
    statements = (
        "q[i,d] = tanh(x[i,d])",
        "s[i,j] = q[i,d]*x[j,d]",
        "r[i] = max[j](s[i,j])",
        "t[j,i] = x[j,d]*q[i,d]",
        "u[i,d] = t[j,i]*x[j,d]",
        "y[i,d] = exp(u[i,d])*r[i]",
    )
    program = read("\n".join(("f(x[i,d]) -> y", *statements)))
    lengths = dict(zip((size.symbol for size in program.sizes), (4096, 16), strict=True))
    parts = phases([operation(equation) for equation in program.equations], {"y"}, lengths)
    (loop,) = (part for part in parts if isinstance(part, Loop) and "t" in part.scratch)
    assert {"s", "t"} <= set(loop.scratch)
    assert loop.buffers["t"] == "t"


A, B, LONG = (Index(letter) for letter in "abk")
A2 = Index("i", A.size)


@pytest.mark.parametrize(
    "one",
    [
        Reduction(Access("y", B), "max", Access("x", A, B)),
        Spread(Access("y", A, A2), Access("x", A), ((A, A2),)),
        Pointwise(Access("y", A, A2), Mul(Delta(A, A2), Access("x", A))),
        Pointwise(Access("y", A), Access("x", A, A)),
        Pointwise(Access("y", A, A2), Access("x", A2, A)),
        Pointwise(Access("y", B, A), Access("x", A, B)),
    ],
)
def test_what_means_another_thing_on_a_block_stays_out(one: Operation) -> None:
    (source,) = (a for a in postorder(one.right) if isinstance(a, Access))
    again = [Index(f"r{at}", index.size) for at, index in enumerate(source.indices)]
    first = Pointwise(Access("x", *again), Apply("exp", Access("given", *again)))
    second = Pointwise(Access("w", *again), Mul(Access("x", *again), Access("x", *again)))
    # Most of the time goes elsewhere.
    large = Pointwise(Access("e", A, LONG), Apply("exp", Access("big", A, LONG)))
    larger = Pointwise(Access("f", A, LONG), Mul(Access("e", A, LONG), Access("e", A, LONG)))
    operations = (first, second, large, larger)
    lengths = {A.size: 500, B.size: 40, LONG.size: 10**6}
    found = blocked((*operations, one), {"w", "y", "f"}, lengths)
    assert found is not None
    assert found.loop.levels == (A.size,)
    assert found.loop.operations == operations
    assert found.after == (one,)


# Whether it is worth it


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
    only(backward(ATTENTION, I=1024, J=1024, D=80, C=80))


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


# The values


@pytest.mark.parametrize("rows", [(1, 1, 1), (2, 2, 2), (3, 5, 2), (1, 2, 3), (100, 100, 100)])
@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.program.name)
def test_blocks_have_the_values_of_whole_arrays(plan: Plan, rows: tuple[int, ...]) -> None:
    numbers = small(plan)
    draw = np.random.default_rng(7)
    arrays = {a.name: drawn(draw, a.indices, numbers) for a in plan.program.inputs}
    first = whole(plan.forward, arrays, numbers)
    agree(in_phases(forward(plan), arrays, numbers, rows), first, forward_results(plan))
    tensors = plan.tensors
    seeds = {seed: drawn(draw, tensors[seed], numbers) for seed in plan.upstream.values()}
    given = first | seeds
    agree(
        in_phases(backward(plan), given, numbers, rows),
        whole(plan.backward, given, numbers),
        set(plan.gradients.values()),
    )


def small(plan: Plan) -> dict[Symbol, float]:
    numbers = {size.symbol: 3 + place for place, size in enumerate(plan.program.sizes)}
    return numbers | {constant_symbol(name): 0.1 for name, _ in plan.program.constants}


def drawn(
    draw: np.random.Generator, indices: Sequence[Index], numbers: Mapping[Symbol, float]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(draw.standard_normal([int(numbers[index.size]) for index in indices]))


def agree(found: Arrays, wanted: Arrays, results: Collection[str]) -> None:
    assert set(results) <= set(found)
    for name in sorted(results):
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-10, atol=1e-12, err_msg=name)


# Random lists of operations

SIZES = tuple(size_symbol(name) for name in ("B", "N", "H"))
REAL = dict(zip(SIZES, (7, 3, 4), strict=True))


class Drawn:
    """A random list of operations, over few sizes, so that letters of one size meet."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.known = {
            f"x{at}": tuple(self.random.choice(SIZES) for _ in range(self.random.randint(0, 3)))
            for at in range(3)
        }
        self.known["x3"] = SIZES
        self.inputs = dict(self.known)
        self.operations: list[Operation] = []
        for at in range(self.random.randint(4, 12)):
            one = self.one(f"y{at}")
            self.operations.append(one)
            self.known[one.left.name] = tuple(index.size for index in one.left.indices)
        made = [one.left.name for one in self.operations]
        self.results = {made[-1], *self.random.sample(made, 2)}

    def access(self, letters: list[Index], recent: bool = True) -> Access:
        """An access to something known, by these letters where they fit, else by fresh ones."""
        names = list(self.known)
        name = self.random.choice(names[-3:] if recent else names)
        found: list[Index] = []
        for size in self.known[name]:
            fitting = [i for i in letters if i.size == size and i not in found]
            if not fitting or self.random.random() < 0.1:
                fitting = [Index("abcdefghijklmnop"[len(letters)], size)]
                letters.extend(fitting)
            found.append(self.random.choice(fitting))
        return Access(name, *found)

    def one(self, name: str) -> Operation:
        letters: list[Index] = []
        first, second = self.access(letters), self.access(letters, recent=False)
        kind = self.random.choice(("contraction", "pointwise", "pointwise", "reduction", "spread"))
        if kind == "contraction" and letters:
            left = self.part(letters)
            operands = (first, second) if self.random.random() < 0.7 else (first,)
            own = [i for i in left if any(i in a.indices for a in operands)]
            if any(i not in own for a in operands for i in a.indices):
                return Contraction(Access(name, *own), ONE / 7, operands)
        if kind == "reduction" and first.indices:
            own = self.part(list(first.indices))
            return Reduction(Access(name, *own), "max", first)
        if kind == "spread" and first.indices:
            index = self.random.choice(first.indices)
            twin = Index("z", index.size)
            left = [twin, *first.indices]
            self.random.shuffle(left)
            return Spread(Access(name, *left), first, ((index, twin),))
        return self.pointwise(name, letters, first, second)

    def part(self, letters: list[Index]) -> list[Index]:
        left = [index for index in letters if self.random.random() < 0.6]
        if len(left) == len(letters):
            left.pop(self.random.randrange(len(left)))
        if self.random.random() < 0.2:
            self.random.shuffle(left)
        return left

    def pointwise(
        self, name: str, letters: list[Index], first: Access, second: Access
    ) -> Operation:
        left = list(letters)
        if self.random.random() < 0.2:
            self.random.shuffle(left)
        bounded = Apply("tanh", first)
        value = Mul(bounded, Apply("cos", second))
        if self.random.random() < 0.5:
            missing = [index for index in value.free if index not in first.free]
            missing.sort(key=lambda index: index.name)
            value = Add(value, Mul(first, One(*missing)) if missing else Pow(first, 2))
        return Pointwise(Access(name, *left), value)


def test_random_operations_in_blocks_have_the_values_of_whole_arrays() -> None:
    loops = levels_found = 0
    numbers: dict[Symbol, float] = dict(REAL)
    for seed in range(100):
        case = Drawn(seed)
        draw = np.random.default_rng(seed)
        arrays = {
            name: draw.standard_normal([REAL[size] for size in sizes])
            for name, sizes in case.inputs.items()
        }
        thought: Lengths = {size: case.random.choice((30, 40000)) for size in SIZES}
        parts = phases(case.operations, case.results, thought)
        assert sorted(flat_names(parts)) == sorted(one.left.name for one in case.operations)
        loops += sum(isinstance(part, Loop) for part in parts)
        levels_found += sum(len(part.levels) for part in parts if isinstance(part, Loop))
        rows = [case.random.randint(1, 4) for _ in range(3)]
        found = in_phases(parts, arrays, numbers, rows)
        agree(found, whole(case.operations, arrays, numbers), case.results)
    assert loops > 50
    assert levels_found > loops + 5


def flat_names(parts: Sequence[Operation | Loop]) -> list[str]:
    return [
        one.left.name
        for part in parts
        for one in (part.operations if isinstance(part, Loop) else (part,))
    ]


def test_products_whose_arrays_stay_in_cache_are_no_loop() -> None:
    assert names(backward(ATTENTION, I=64, J=64, D=16, C=16)) == [
        one.left.name for one in ATTENTION.backward
    ]
