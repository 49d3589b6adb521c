"""What a review says, to the letter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests import reviewed
from tests.docs import without_errors
from tests.reviews import TEXTS, WIDTH, Function, patience, review, unbroken


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_said(name: str) -> None:
    found = review(getattr(reviewed, name))
    assert without_errors(str(found)) == TEXTS[name]
    assert bool(found) == (name == "right")
    assert max(map(len, str(found).splitlines())) <= WIDTH


def test_one_review_gives_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    patience(1000, monkeypatch)
    assert str(review(reviewed.unheard_of)) == str(review(reviewed.unheard_of))


def test_where_no_point_is_found_nothing_is_decided() -> None:
    found = review(lambda dl_dy, x: dl_dy, "y[i] = sqrt(-1 - x[i]^2)")
    assert not found
    assert found.verdict.value == "undecided"
    assert (
        str(found)
        == """\
  gradient by  cases  worst error  allowed  verdict
  x                0                        undecided

No point was found at which the function has a value and a slope."""
    )


def test_what_is_not_asked_for_is_not_right() -> None:
    assert not review(reviewed.right, dtypes=())


def test_figures_are_relative_to_the_largest_entry() -> None:
    """Twice the gradient is off by once its largest entry."""
    found = review(lambda dl_dy, x: 2e6 * dl_dy, "y[i] = 1000000*x[i]")
    (finding,) = found.findings
    assert finding.worst.error / finding.worst.unit == pytest.approx(1)
    assert "It is off by up to 1.0e+00 of the largest entry" in unbroken(found)


def matmul(change: Function) -> Function:
    """The gradients of a product, and what becomes of the second."""
    return lambda dl_dy, x, a: (dl_dy @ a.T, change(x.T @ dl_dy))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (np.triu, "is right in the upper triangle (k ≤ j) only, and 0 elsewhere."),
        (np.tril, "is right in the lower triangle (k ≥ j) only, and 0 elsewhere."),
        (lambda a: a + np.tril(a, -1), "is right in the upper triangle (k ≤ j) only. It is off by"),
        (
            lambda a: a * (np.arange(len(a)) == 0)[:, None],
            "is right at the first k only, and 0 else",
        ),
        (
            lambda a: a * (np.arange(len(a)) > 0)[:, None],
            "is wrong at the first k (k = 0) only, whe",
        ),
        (lambda a: a[:1] + 0 * a, "is right at the first k only. It is off by"),
    ],
)
def test_places_are_told_by_what_is_right_where_that_is_shorter(
    change: Function, words: str
) -> None:
    found = unbroken(review(matmul(change), "matmul"))
    assert f"The gradient by a {words}" in found
    assert "of the largest entry, and by " in found
    assert " where it is right. The smallest sizes" in found


def test_the_figures_of_the_table_are_those_of_the_sentences() -> None:
    """At B = H = 1 the gradient is almost 0, and what is a mistake elsewhere is huge."""

    def second_power(dl_dy: Any, x: Any, gamma: Any) -> Any:
        g, r = dl_dy * gamma, reviewed.rms(x)
        dx = g / r - x * (g * x).mean(axis=1, keepdims=True) / r**2
        return dx, reviewed.right(dl_dy, x, gamma)[1]

    found = review(second_power)
    (finding,) = (one for one in found.findings if not one.agrees)
    figure = f"{finding.worst.error / finding.worst.unit:.1e}"
    row = next(line for line in str(found).splitlines() if "WRONG" in line)
    assert row.split()[2] == figure
    assert f"It is off by up to {figure} of the largest entry, and by " in unbroken(found)


def test_where_there_are_no_figures_it_is_said_why() -> None:
    swapped = unbroken(review(lambda dl_dy, x, a: (x.T @ dl_dy, dl_dy @ a.T), "matmul"))
    words = (
        "Each of the gradients by x and a is another one's: they are returned in the order a, x."
    )
    assert f"{words} It has another shape, and is off by 0.0e+00 from what that gives." in swapped
    assert "inf from" not in swapped
    lost = unbroken(
        review(matmul(lambda a: np.where(np.arange(len(a)) == 0, np.nan, a.T).T), "matmul")
    )
    assert "k = 0) only, where it is nan. It has nan or ∞ in places, and is off by " in lost


def test_one_gradient_in_the_place_of_another_is_no_exchange() -> None:
    text = "f(x[i], a[i], b[i]) -> y\ny[i] = x[i]*a[i]*b[i]"
    found = unbroken(review(lambda g, x, a, b: (g * x * b, g * x * a, 0 * b), text))
    assert "The gradient by x is the gradient by a, which is returned in its place." in found
    assert "The gradient by b is 0 everywhere." in found


def test_brackets_may_be_multiplied_out() -> None:
    def lost(dl_dp: Any, x: Any) -> Any:
        e = np.exp(x - x.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        return p * dl_dp - (p * dl_dp).sum(axis=1, keepdims=True)

    words = "The gradient by x has a mistake in the path through z: p_qr is left out."
    assert words in unbroken(review(lost, "softmax"))


def test_long_fractions_are_short_decimals() -> None:
    def third(dl_dy: Any, x: Any) -> Any:
        return dl_dy * (0.797884560802865 + 0.044715 * x * x)

    found = unbroken(review(third, "y[i] = 0.797884560802865*x[i] + 0.044715*x[i]^3"))
    assert "the term 0.134145 G_p x_p² is taken 1/3 times" in found
