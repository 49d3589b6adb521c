"""Values as text: x=3,W=[[1,2],[3,4]] to numbers and lists of them. Nothing is evaluated."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TypeAlias

from indexcalc.errors import IndexcalcError, Source, Span
from indexcalc.lang.cursor import Cursor
from indexcalc.lang.faults import MAX_INDICES
from indexcalc.lang.lexer import Alphabet, lex
from indexcalc.lang.numbers import MAX_DIGITS, exact

# A number, or a list of values of one shape.
Value: TypeAlias = "int | float | list[Value]"
Shape = tuple[int, ...]
# Whole numbers from here on are floats.
MOST_WHOLE = 2**53

_VALUES = Alphabet(
    re.compile(
        r"""(?P<newline>\n)
          | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
          | (?P<name>[^\W\d]\w*)
          | (?P<op>[-/\[\],=])""",
        re.VERBOSE,
    ),
    {"−": "-", "–": "-", "{": "[", "}": "]", ":": "=", "÷": "/"},
    {
        ";": "put a comma between two values, and each row of a matrix in brackets: [[1,2],[3,4]]",
        "+": "write the number without a sign",
        "(": "write lists in [ ]; nothing is worked out but fractions: 1/3",
        "*": "write the number itself; nothing is worked out but fractions: 1/3",
        "^": "write the number itself, or 1e3 for a power of ten",
        "'": "write names without quotes",
        '"': "write names without quotes",
    },
    "- / [ ] , and =",
)
_NAMES = "give values by name: x=3,W=[[1,2],[3,4]], or the word random alone"
_NUMBERS = "a value is a number, 3, -0.5, 1e-5 or 1/3, or a list of values: [1,2]"


def given(text: str, name: str) -> dict[str, Value]:
    """The values in a text by their names, none where it is random; `name` is what the text is
    called."""
    if text.strip() == "random":
        return {}
    source = Source(text, name)
    try:
        return _Parser(Cursor(lex(source, _VALUES).tokens)).values()
    except IndexcalcError as error:
        raise error.at(source) from None


class _Parser:
    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor

    def values(self) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while True:
            name = self.cursor.expect_name("a name", _NAMES)
            if name.name in found:
                said = f"{name.name} is given twice"
                raise IndexcalcError("IC602", said, hint="give it once", spans=[name.span])
            self.cursor.expect("=", _NAMES)
            found[name.name] = self.value(1)
            if self.cursor.next.kind == "eof":
                return found
            self.comma()

    def value(self, depth: int) -> Value:
        return self.entries(depth) if self.cursor.at("[") else self.number()

    def entries(self, depth: int) -> Value:
        """[a, b, ...], all of one shape."""
        opener = self.cursor.expect("[")
        if depth > MAX_INDICES:
            said = f"lists are {MAX_INDICES} deep here, and no tensor has more indices"
            raise IndexcalcError("IC106", said, hint="leave brackets out", spans=[opener.span])
        made: list[Value] = []
        while True:
            start = self.cursor.next.span
            made.append(self.value(depth + 1))
            first, other = _shape(made[0]), _shape(made[-1])
            if first != other:
                raise _ragged(first, other, start.to(self.cursor.ahead(-1).span))
            if self.cursor.at("]"):
                self.cursor.take()
                return made
            self.comma()

    def comma(self) -> None:
        if not self.cursor.at(","):
            raise self.cursor.unexpected("a comma", "put a comma between two values")
        self.cursor.take()

    def number(self) -> int | float:
        """a, -a or a/b; whole ones stay whole, for a size may be among them."""
        start = self.cursor.next.span
        minus = self.cursor.at("-") and self.cursor.take()
        value = self.digits()
        below = self.digits() if self.cursor.at("/") and self.cursor.take() else Fraction(1)
        span = start.to(self.cursor.ahead(-1).span)
        if not below:
            raise _no_number("a fraction over 0 has no value", span)
        value = -value / below if minus else value / below
        try:
            number = float(value)
        except OverflowError:
            raise _no_number("the number is too large for arithmetic in floats", span) from None
        return int(value) if value.denominator == 1 and abs(value) < MOST_WHOLE else number

    def digits(self) -> Fraction:
        if self.cursor.next.kind != "number":
            raise self.cursor.unexpected("a number", _NUMBERS)
        token = self.cursor.take()
        try:
            return exact(token)
        except IndexcalcError:
            said = f"the number has more than {MAX_DIGITS:,} digits"
            raise _no_number(said, token.span) from None


def _no_number(said: str, span: Span) -> IndexcalcError:
    return IndexcalcError("IC604", said, hint="give another number", spans=[span])


def _ragged(first: Shape, other: Shape, span: Span) -> IndexcalcError:
    said = f"{_described(other)} stands beside {_described(first)}"
    hint = "the entries of a list are all numbers, or all lists of one shape"
    return IndexcalcError("IC603", said, hint=hint, spans=[span])


def _described(shape: Shape) -> str:
    if not shape:
        return "a number"
    if len(shape) > 1:
        return f"a list of shape ({', '.join(map(str, shape))})"
    return f"a list of {shape[0]} number{'s' if shape[0] > 1 else ''}"


def _shape(value: Value) -> Shape:
    return (len(value), *_shape(value[0])) if isinstance(value, list) else ()
