"""What a review says, to the letter."""

from __future__ import annotations

import pytest

from tests import reviewed
from tests.docs import without_errors
from tests.reviews import TEXTS, WIDTH, review, unbroken


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_said(name: str) -> None:
    found = review(getattr(reviewed, name))
    assert without_errors(str(found)) == TEXTS[name]
    assert bool(found) == (name == "right")
    assert max(map(len, str(found).splitlines())) <= WIDTH


def test_one_review_gives_one_text() -> None:
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
