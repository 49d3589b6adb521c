"""What runs in a loop over blocks of rows, what becomes of each array there, and what stays out."""

from __future__ import annotations

import pytest

from indexcalc.codegen.blocking.blocks import Loop, blocked, phases
from indexcalc.codegen.blocking.rows import cuts
from indexcalc.codegen.operations import (
    Contraction,
    Operation,
    Pointwise,
    Reduction,
    Spread,
    operation,
)
from indexcalc.expr.base import Index, postorder
from indexcalc.expr.nodes import Access, Apply, Delta, Mul
from indexcalc.lang.reading import read
from tests.block_plans import (
    BATCHNORM,
    COLUMNS,
    CROSS_ENTROPY,
    GLOBAL,
    GRAM,
    HEADS,
    SELF_ATTENTION,
    TWO,
    backward,
    forward,
    levels,
    names,
    only,
    typical,
)
from tests.plans import ATTENTION, LAYERNORM, SOFTMAX


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
