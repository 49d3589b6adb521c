"""Errors of shapes: what stands where it does not fit."""

from __future__ import annotations

from indexcalc.errors import IndexcalcError, Span
from indexcalc.forms.inward.syntax import Shape


def said(shape: Shape) -> str:
    """A shape in words."""
    rows, columns = shape
    if rows:
        return "a matrix" if columns else "a column"
    return "a row" if columns else "a scalar"


def misfit(message: str, hint: str, *spans: Span) -> IndexcalcError:
    return IndexcalcError("IC503", message, hint=hint, spans=spans)


def sizes_differ(first: str, second: str, what: tuple[str, str], *spans: Span) -> IndexcalcError:
    """Two sizes of the signature where one is needed."""
    which = "what is here" if len(spans) == 1 else "the first"
    other = "" if len(spans) == 1 else " the second"
    return IndexcalcError(
        "IC501",
        f"{which} has {first.upper()} {what[0]},{other} {second.upper()} {what[1]}",
        hint=f"transpose one of them, or declare {first} and {second} with one letter if equal",
        spans=spans,
    )


def without_shape(name: str, span: Span) -> IndexcalcError:
    return IndexcalcError(
        "IC317",
        f"{name} may be a matrix, a vector or a scalar",
        hint=f"declare it in a signature: f({name}[m,n], x[n], s) -> Y",
        spans=[span],
    )


def column_or_scalar(name: str, span: Span) -> IndexcalcError:
    return IndexcalcError(
        "IC317",
        f"{name} may be a column, or a scalar as what it stands beside",
        hint=f"declare it in a signature: f(A[m,n], {name}) -> y, or f(A[m,n], {name}[n]) -> y",
        spans=[span],
    )


def wrong_use(message: str, hint: str, span: Span) -> IndexcalcError:
    return IndexcalcError("IC313", message, hint=hint, spans=[span])
