"""Buffers hold what is still read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pytest

from indexcalc.codegen.blocking.buffers import last_reads, shared
from indexcalc.codegen.operations import Operation, Pointwise, operation
from indexcalc.codegen.plan import Plan
from indexcalc.expr.base import postorder, size_symbol
from indexcalc.expr.nodes import Access
from indexcalc.lang.reading import read
from tests.block_plans import PLANS
from tests.random_operations import Drawn

LENGTHS = {size_symbol("B"): 100, size_symbol("N"): 20, size_symbol("H"): 7}


def operations(*statements: str) -> list[Operation]:
    program = read("\n".join(("f(x[b,h], w[b,h]) -> out", *statements)))
    return [operation(equation) for equation in program.equations]


def shapes(given: Sequence[Operation], results: Collection[str]) -> dict[str, tuple[object, ...]]:
    return {
        one.left.name: tuple(index.size for index in one.left.indices)
        for one in given
        if one.left.name not in results
    }


def names(given: Sequence[Operation]) -> list[str]:
    return [one.left.name for one in given]


def shared_by(*statements: str) -> dict[str, str]:
    given = operations(*statements)
    return shared(given, shapes(given, {"out"}))


def test_the_first_free_buffer_is_taken() -> None:
    found = shared_by(
        "a[b,h] = exp(x[b,h])",
        "c[b,h] = exp(w[b,h])",
        "s[b] = a[b,h]*c[b,h]",
        "d[b,h] = x[b,h]*s[b]",
        "e[b,h] = w[b,h]*s[b]",
        "out[b] = d[b,h]*e[b,h]",
    )
    assert found == {"a": "a", "c": "c", "s": "s", "d": "a", "e": "c"}


def test_entry_by_entry_a_result_takes_the_place_of_a_dying_operand() -> None:
    found = shared_by(
        "a[b,h] = exp(x[b,h])",
        "c[b,h] = a[b,h] + x[b,h]*a[b,h]",
        "out[b] = c[b,h]*w[b,h]",
    )
    assert found == {"a": "a", "c": "a"}


@pytest.mark.parametrize(
    "statements",
    [
        # Read again later.
        ("a[b,h] = exp(x[b,h])", "c[b,h] = sin(a[b,h])", "out[b] = a[b,h]*c[b,h]"),
        # Each entry needs others.
        ("a[i,j] = x[i,h]*w[j,h]", "c[i,j] = a[i,k]*a[k,j]", "out[i] = c[i,j]*c[i,j]"),
        ("a[i,j] = x[i,h]*w[j,h]", "c[i,j] = sin(a[j,i])", "out[i] = c[i,j]*c[i,j]"),
        ("a[i,j] = x[i,h]*w[j,h]", "c[i,j] = a[j,i] + a[i,j]", "out[i] = c[i,j]*c[i,j]"),
    ],
)
def test_where_entries_are_still_needed_it_does_not(statements: tuple[str, ...]) -> None:
    found = shared_by(*statements)
    assert found["c"] == "c"


def test_arrays_of_two_shapes_share_nothing() -> None:
    given = operations("a[b,h] = exp(x[b,h])", "c[b,h] = sin(a[b,h])", "out[b,h] = exp(c[b,h])")
    assert shared(given, {"a": "one", "c": "other"}) == {"a": "a", "c": "c"}


def test_what_is_kept_whole_has_no_buffer() -> None:
    found = shared_by("a[b,h] = exp(x[b,h])", "out[b,h] = sin(a[b,h])")
    assert found == {"a": "a"}


def test_what_nothing_reads_frees_its_buffer_at_once() -> None:
    found = shared_by(
        "a[b,h] = exp(x[b,h])", "c[b,h] = sin(x[b,h])", "out[b,h] = sin(w[b,h]*c[b,h])"
    )
    assert found == {"a": "a", "c": "a"}


@pytest.mark.parametrize("seed", range(60))
def test_a_buffer_holds_what_is_read(seed: int) -> None:
    case = Drawn(seed)
    check_buffers(case.operations, shapes(case.operations, case.results))


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.program.name)
def test_buffers_of_plans_hold_what_is_read(plan: Plan) -> None:
    for given in (plan.forward, plan.backward):
        check_buffers(given, shapes(given, set(plan.gradients.values())))


def check_buffers(given: Sequence[Operation], wanted: Mapping[str, tuple[object, ...]]) -> None:
    buffers = shared(given, wanted)
    assert set(buffers) == set(wanted)
    holds: dict[str, str] = {}
    for one in given:
        for name in one.reads:
            if name in buffers:
                assert holds[buffers[name]] == name
        name = one.left.name
        if name in buffers:
            place = buffers[name]
            assert wanted[place] == wanted[name]
            over = holds.get(place)
            if over in one.reads:
                assert isinstance(one, Pointwise)
                assert all(
                    access.indices == one.left.indices
                    for access in postorder(one.value)
                    if isinstance(access, Access) and access.name == over
                )
            holds[place] = name


def test_last_reads_are_positions() -> None:
    given = operations("a[b,h] = exp(x[b,h])", "out[b] = a[b,h]*x[b,h]")
    assert last_reads(given) == {"x": 1, "a": 1}
