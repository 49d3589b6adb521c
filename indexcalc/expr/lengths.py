"""How long axes are, where a user says so by the name or the letter of a size."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import cycle
from numbers import Integral
from typing import Any

from sympy import Symbol

from indexcalc.errors import IndexcalcError, did_you_mean
from indexcalc.expr.names import canonical
from indexcalc.expr.program import Program, Size
from indexcalc.expr.scalars import digits

# Sizes that are not given, where each entry is to be looked at, go round these.
SMALL = (2, 3)
# The length of the longest axis.
LONGEST = 2**63 - 1


def given_lengths(program: Program, given: Mapping[str, Any] | None) -> dict[Symbol, int]:
    """{"b": 3, "H": 5} by the symbols of the sizes; a letter will do where one size has it."""
    given = {} if given is None else given
    if not isinstance(given, Mapping):
        said = f"sizes are lengths by name, and {type(given).__name__} is given"
        raise IndexcalcError("IC604", said, hint='write sizes={"b": 3, "h": 5}')
    lengths: dict[Symbol, int] = {}
    named: dict[Symbol, str] = {}
    for key, length in given.items():
        if not isinstance(key, str):
            raise TypeError(f"a size is named by a str, not by {key!r}")
        size = _meant(program, key)
        if size.symbol in named:
            said = f"{named[size.symbol]} and {key} are both the size {size.name}"
            raise IndexcalcError("IC605", said, hint="give it once")
        whole = isinstance(length, Integral) and not isinstance(length, bool)
        if not whole or not 1 <= length <= LONGEST:
            shown = digits(int(length)) if whole else length
            shown = repr(length) if isinstance(length, str) else shown
            fine = "at most 2^63 - 1" if whole and length > LONGEST else "a whole number from 1 on"
            said = f"the size {size.name} is {fine}, not {shown}"
            raise IndexcalcError("IC604", said, hint=f"write {key}=3")
        named[size.symbol] = key
        lengths[size.symbol] = int(length)
    return lengths


def small(program: Program, given: Collection[Symbol]) -> dict[Symbol, int]:
    """A length for each of the other sizes."""
    rest = [size.symbol for size in program.sizes if size.symbol not in given]
    return dict(zip(rest, cycle(SMALL), strict=False))


def _meant(program: Program, key: str) -> Size:
    name = canonical(key)
    for exactly in (str, str.lower):
        for size in program.sizes:
            if exactly(size.name) == name:
                return size
    having = [size for size in program.sizes if name in size.letters]
    if len(having) == 1:
        return having[0]
    sizes = [size.name for size in program.sizes]
    if having:
        said = f"{key} is a letter of the sizes {' and '.join(size.name for size in having)}"
        raise IndexcalcError("IC605", said, hint="name one of them")
    hint = did_you_mean(name, sizes) or f"it has {', '.join(sizes) or 'none'}"
    raise IndexcalcError("IC605", f"{program.name} has no size {key}", hint=hint)
