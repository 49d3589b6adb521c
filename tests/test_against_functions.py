"""How functions may look that are reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.against.loading import Files
from indexcalc.errors import IndexcalcError
from tests import reviewed
from tests.reviews import Function, review, unbroken


def test_what_a_forward_function_keeps_is_handed_over() -> None:
    assert review(reviewed.backward, forward=reviewed.forward)
    assert review(reviewed.backward_of_cache, forward=reviewed.forward)


def test_what_a_forward_function_raises_is_theirs() -> None:
    found = review(reviewed.backward, forward=reviewed.forward_fails)
    assert "forward_fails raised ValueError: matmul: " in unbroken(found)
    assert "in reviewed.py, line 94: return x @ gamma[:-1], None." in unbroken(found)


def test_the_line_is_theirs_though_a_library_raised() -> None:
    def inverse(dl_dy: Any, x: Any, gamma: Any) -> Any:
        return np.linalg.inv(np.zeros((2, 2)))

    found = unbroken(review(inverse))
    line = inverse.__code__.co_firstlineno + 1
    assert f"LinAlgError: Singular matrix, in {Path(__file__).name}, line {line}: return" in found


class Rows:
    """Functions that belong to something else, as those of torch's autograd do."""

    right = staticmethod(reviewed.right)


def test_a_function_of_a_class_is_called_by_both_names() -> None:
    function = Files().function(f"{__file__}:Rows.right", "--against")
    assert review(function)
    with pytest.raises(IndexcalcError, match=r"has no function Rows\.left"):
        Files().function(f"{__file__}:Rows.left", "--against")


def test_complex_numbers_are_no_gradient() -> None:
    def turned(dl_dy: Any, x: Any, gamma: Any) -> Any:
        first, second = reviewed.right(dl_dy, x, gamma)
        return first + 0j, second

    found = review(turned)
    assert not found
    assert "the gradient by x is returned as complex numbers." in unbroken(found)


def test_some_gradient_is_asked_for() -> None:
    with pytest.raises(IndexcalcError, match="no gradient is asked for"):
        ic.derive("matmul", wrt=()).check_against(reviewed.right)


def test_what_is_wrong_is_explained_though_some_cases_fail() -> None:
    def wrong(dl_dy: Any, x: Any, gamma: Any) -> Any:
        return reviewed.negative(*reviewed_rows(dl_dy, x, gamma))

    def reviewed_rows(*arrays: Any) -> Any:
        reviewed.no_single_row(*arrays)
        return arrays

    found = unbroken(review(wrong))
    assert "At B = 1, H = 1, float64; B = 1, H = 1, float32: wrong raised ValueError" in found
    assert "Each of the gradients by x and γ has the wrong sign." in found


def test_parameters_that_have_no_place_are_taken_by_name() -> None:
    def all_of_them(**given: Any) -> Any:
        return reviewed.right(given["dl_dy"], given["x"], given["gamma"])

    def some(grad: Any, **rest: Any) -> Any:
        assert set(rest) == {"x", "gamma"}
        return reviewed.right(grad, rest["x"], rest["gamma"])

    def starred(*, x: Any, gamma: Any, dy: Any) -> Any:
        return reviewed.right(dy, x, gamma)

    for function in (all_of_them, some, starred):
        assert review(function)


def test_parameters_are_taken_by_name() -> None:
    def named(gamma: Any, x: Any, dout: Any) -> Any:
        return reviewed.right(dout, x, gamma)

    def in_order(upstream_of_y: Any, rows: Any, weights: Any) -> Any:
        return reviewed.right(upstream_of_y, rows, weights)

    def any_number(*arrays: Any) -> Any:
        return reviewed.right(*arrays)

    def and_inputs(dl_dy: Any, *inputs: Any) -> Any:
        return reviewed.right(dl_dy, *inputs)

    assert all(map(review, (named, in_order, any_number, and_inputs)))


def test_constants_and_sizes_are_passed_where_they_are_named() -> None:
    def by_hand(g: Any, x: Any, gamma: Any, *, eps: float, B: int, H: int) -> Any:  # noqa: N803
        assert x.shape == (B, H)
        _, saved = reviewed.forward(x, gamma, eps)
        return reviewed.backward(g, saved)

    assert review(by_hand)


@pytest.mark.parametrize(
    "turned",
    [
        list,
        tuple,
        lambda pair: {"x": pair[0], "gamma": pair[1]},
        lambda pair: {"dl_dgamma": pair[1], "grad_x": pair[0], "more": None},
    ],
)
def test_gradients_are_returned_in_order_or_by_name(turned: Function) -> None:
    assert review(lambda dl_dy, x, gamma: turned(reviewed.right(dl_dy, x, gamma)))


def test_one_gradient_may_be_returned_alone() -> None:
    assert review(reviewed.softmax_backward, "softmax")
    only = ic.derive("rmsnorm", wrt=["gamma"])
    assert only.check_against(lambda dl_dy, x, gamma: reviewed.right(dl_dy, x, gamma)[1])
    assert only.check_against(reviewed.right)


def test_a_loss_has_an_upstream_gradient_too() -> None:
    assert review(lambda dl_dl, x: 2 * dl_dl * x, "l = x[i]*x[i]")
    found = review(lambda dl_dl, x: 2 * x, "l = x[i]*x[i]")
    assert "where the upstream gradient is replaced by ones" in unbroken(found)


def test_sizes_may_be_given() -> None:
    seen = set()

    def right(dl_dy: Any, x: Any, gamma: Any) -> Any:
        seen.add(x.shape)
        return reviewed.right(dl_dy, x, gamma)

    assert review(right, sizes={"b": 6, "h": 4})
    assert seen == {(6, 4)}


def test_a_function_is_called() -> None:
    with pytest.raises(TypeError, match=r"^a function is expected here, not one of type str$"):
        review("right")  # type: ignore[arg-type]


def test_what_is_done_is_told() -> None:
    told: list[tuple[int, int]] = []
    review(reviewed.right, watch=lambda done, total: told.append((done, total)))
    assert told == [(place, 16) for place in range(16)]


def accumulating() -> Function:
    """A function that returns the very array that it adds to."""
    totals: dict[Any, Any] = {}

    def backward(dl_dy: Any, x: Any, gamma: Any) -> Any:
        dx, dgamma = reviewed.right(dl_dy, x, gamma)
        totals.setdefault((dgamma.shape, dgamma.dtype), np.zeros_like(dgamma))
        totals[dgamma.shape, dgamma.dtype] += dgamma
        return dx, totals[dgamma.shape, dgamma.dtype]

    return backward


def test_an_array_that_is_returned_and_written_again_leaves_earlier_answers_as_they_were() -> None:
    found = unbroken(review(accumulating()))
    assert "by γ is right at the first call and wrong at the second: it is added to what" in found


def test_what_is_added_to_may_be_there_before_the_first_call() -> None:
    function = accumulating()
    review(function)
    found = unbroken(review(function))
    assert "The gradient by γ is the right one more at each call: it is added to what is" in found


def test_what_is_left_of_the_first_call_is_not_always_added_to() -> None:
    known: dict[Any, Any] = {}

    def kept(dl_dy: Any, x: Any, gamma: Any) -> Any:
        """Gives the gradient as it was before the call, where it was asked for before."""
        dx, dgamma = reviewed.right(dl_dy, x, gamma)
        before = known.setdefault((x.shape, str(x.dtype)), dgamma)
        known[x.shape, str(x.dtype)] = 0 * dgamma
        return dx, before

    assert "wrong at the second: something is left of the first." in unbroken(review(kept))


def test_none_may_follow_for_what_a_function_takes_beside_its_inputs() -> None:
    assert review(lambda dl_dy, x, gamma: (*reviewed.right(dl_dy, x, gamma), None, None))
    with pytest.raises(IndexcalcError, match="returns 3 arrays, where gradients by x, gamma are"):
        review(lambda dl_dy, x, gamma: (*reviewed.right(dl_dy, x, gamma), gamma))


def test_what_is_returned_is_called_what_it_is() -> None:
    with pytest.raises(IndexcalcError, match="returns one str, where gradients by x, gamma are"):
        review(lambda dl_dy, x, gamma: "dx")


def test_the_keys_of_a_dict_are_told_where_one_is_missing() -> None:
    def named(dl_dy: Any, x: Any, gamma: Any) -> Any:
        dx, dgamma = reviewed.right(dl_dy, x, gamma)
        return {"dx": dx, "weight": dgamma}

    words = "named returns a dict of dx, weight, none of which is the gradient by gamma."
    assert words in unbroken(review(named))
