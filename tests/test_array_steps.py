"""Which arrays the steps of an emitted function write into."""

from __future__ import annotations

from indexcalc.codegen.arrays.function import Body
from indexcalc.codegen.arrays.naming import python_names
from indexcalc.codegen.arrays.spelling import speller
from indexcalc.codegen.arrays.steps import Operand, Step, Value, buffers
from indexcalc.codegen.operations import Contraction
from indexcalc.expr.base import Index
from tests.modules import PLANS

I, J = Index("i"), Index("j")


def value(name: str, *indices: Index, kept: bool = False) -> Value:
    return Value(name, indices, named=True, kept=kept)


def step(result: Value, *operands: Operand, ufunc: bool = True) -> Step:
    return Step(lambda texts, out: "", operands, result, ufunc=ufunc)


def test_what_is_read_for_the_last_time_is_written_over() -> None:
    a, b, c = value("a", I), value("b", I), value("c", I, kept=True)
    steps = [step(a), step(b, Operand(value=a)), step(c, Operand(value=b))]
    homes = buffers(steps)
    assert homes[a] is homes[b] is homes[c]


def test_what_is_read_again_is_not() -> None:
    a, b, c = value("a", I), value("b", I), value("c", I)
    homes = buffers([step(a), step(b, Operand(value=a)), step(c, Operand(value=a))])
    assert homes[a] is not homes[b]


def test_what_is_read_in_another_order_too_is_not() -> None:
    a, b = value("a", I, I), value("b", I, I)
    other = Operand("a.T", inside=(a,))
    homes = buffers([step(a), step(b, Operand(value=a), other)])
    assert homes[a] is not homes[b]


def test_a_sum_of_products_never_writes_into_what_it_reads() -> None:
    a, b, c = value("a", I, I), value("b", I, I), value("c", I, I)
    read = Operand(inside=(a,))
    homes = buffers([step(a), step(b, read, ufunc=False), step(c, Operand(value=b))])
    assert homes[a] is not homes[b]
    assert homes[b] is homes[c]


def test_what_is_kept_is_written_once() -> None:
    a, b = value("a", I, kept=True), value("b", I, kept=True)
    homes = buffers([step(a), step(b, Operand(value=a))])
    assert homes[a] is not homes[b]


def test_a_free_array_of_one_layout_is_used_again_and_of_another_is_not() -> None:
    a, b, c, d = value("a", I), value("b", I, kept=True), value("c", I), value("d", J)
    read_a, read_c = Operand("a.sum()", inside=(a,)), Operand("c.sum()", inside=(c,))
    steps = [
        step(a),
        Step(lambda texts, out: "", (read_a,)),
        step(d),
        step(c),
        Step(lambda texts, out: "", (read_c, Operand("", inside=(d,)))),
        step(b),
    ]
    homes = buffers(steps)
    # Even what becomes a result later is free until then.
    assert homes[a] is homes[b] is homes[c]
    assert homes[d] is not homes[a]


def test_a_part_that_is_not_contiguous_is_written_by_its_entries() -> None:
    plan = PLANS["tcl"]
    spells = speller(plan.program, python_names(plan, ()), plan.lengths)
    body = Body(spells)
    first = plan.forward[0]
    assert isinstance(first, Contraction)
    assert body.contracted(first, "part") == (
        "np.matmul(x.reshape(N * I * J, K), v3.T, out=part.reshape(N * I * J, C))"
    )
    body.loose = {first.left.name}
    assert body.contracted(first, "part") == (
        "part[...] = (x.reshape(N * I * J, K) @ v3.T).reshape(N, I, J, C)"
    )
