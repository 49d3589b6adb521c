"""Unfoldings that there are not: orders, axes and shapes that nothing has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from indexcalc.unfolding import fold, mode_product, permutation, unfold, unvec, vec

X = np.ones((3, 2, 4))


def whatever(wrong: object) -> Any:
    """What a type checker would have refused first."""
    return wrong


# What is done, and the whole message.
UNFOLDINGS: list[tuple[str, Callable[[], object], str]] = [
    (
        "an order misspelt",
        lambda: unfold(X, 0, by="columns"),
        """\
error IC616: arrays are unfolded by column or by row, not by 'columns'
hint: did you mean column?
""",
    ),
    (
        "an order by the name that NumPy has for it",
        lambda: vec(X, by="F"),
        """\
error IC616: arrays are unfolded by column or by row, not by 'F'
hint: write by="column" where the first index runs fastest, by="row" for the last
""",
    ),
    (
        "an order that is no word",
        lambda: permutation((3, 2), 0, 1, by=whatever(["row"])),
        """\
error IC616: arrays are unfolded by column or by row, not by ['row']
hint: write by="column" where the first index runs fastest, by="row" for the last
""",
    ),
    (
        "a mode for an axis",
        lambda: unfold(X, 3, by="row"),
        """\
error IC616: an array of order 3 has no axis 3
hint: axes count from 0, the modes of formulas from 1
""",
    ),
    (
        "an axis before the first",
        lambda: mode_product(X, np.ones((2, 3)), -4),
        """\
error IC616: an array of order 3 has no axis -4
hint: axes count from 0, the modes of formulas from 1
""",
    ),
    (
        "an axis of a number",
        lambda: unfold(5.0, 0, by="row"),
        """\
error IC616: an array of order 0 has no axis 0
hint: axes count from 0, the modes of formulas from 1
""",
    ),
    (
        "an axis that a permutation leads to",
        lambda: permutation((3, 2), 0, 2, by="column"),
        """\
error IC616: an array of order 2 has no axis 2
hint: axes count from 0, the modes of formulas from 1
""",
    ),
    (
        "an axis that is no whole number",
        lambda: fold(np.ones((3, 8)), whatever(0.0), (3, 2, 4), by="row"),
        """\
error IC616: an axis is a whole number, not 0.0
hint: axes count from 0, the modes of formulas from 1
""",
    ),
    (
        "an axis that is true",
        lambda: unfold(X, True, by="row"),
        """\
error IC616: an axis is a whole number, not True
hint: axes count from 0, the modes of formulas from 1
""",
    ),
    (
        "a length that is no whole number",
        lambda: unvec(np.ones(6), whatever((3, "2")), by="row"),
        """\
error IC616: the length of an axis is a whole number, not '2'
hint: give the shape of the array, x.shape
""",
    ),
    (
        "no shape",
        lambda: permutation(whatever(None), 0, 0, by="row"),
        """\
error IC616: the length of an axis is a whole number, not None
hint: give the shape of the array, x.shape
""",
    ),
    (
        "a length to be filled in",
        lambda: unvec(np.ones(6), (3, -1), by="row"),
        """\
error IC616: no array has the shape (3, -1)
hint: give the shape of the array, x.shape
""",
    ),
    (
        "a matrix unfolded along another axis",
        lambda: fold(np.ones((2, 12)), 0, (3, 2, 4), by="column"),
        """\
error IC616: the matrix has the shape (2, 12), and that of an array of shape (3, 2, 4) has (3, 8)
hint: give the axis and the shape of the array that it was made from
""",
    ),
    (
        "a vector that is too long",
        lambda: unvec(np.ones(7), (3, 2), by="column"),
        """\
error IC616: the vector has the shape (7,), and that of an array of shape (3, 2) has (6,)
hint: give the axis and the shape of the array that it was made from
""",
    ),
    (
        "a matrix of as many entries as the vector",
        lambda: unvec(np.ones((3, 2)), (3, 2), by="column"),
        """\
error IC616: the vector has the shape (3, 2), and that of an array of shape (3, 2) has (6,)
hint: give the axis and the shape of the array that it was made from
""",
    ),
    (
        "a matrix that is transposed",
        lambda: mode_product(X, np.ones((2, 5)), 1),
        """\
error IC616: v has the shape (2, 5), and x the length 2 along axis 1
hint: v is a matrix of 2 columns, with a row for each new entry
""",
    ),
    (
        "a vector for a matrix",
        lambda: mode_product(X, np.ones(4), -1),
        """\
error IC616: v has the shape (4,), and x the length 4 along axis -1
hint: v is a matrix of 4 columns, with a row for each new entry
""",
    ),
    (
        "rows of different lengths",
        lambda: vec(whatever([[1.0], [2.0, 3.0]]), by="row"),
        """\
error IC616: x is not an array
hint: give rows of one length
""",
    ),
    (
        "a vector with a vector in it",
        lambda: unvec(whatever([1.0, [2.0]]), 2, by="row"),
        """\
error IC616: the vector is not an array
hint: give rows of one length
""",
    ),
]
