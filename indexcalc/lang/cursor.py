"""A place among the tokens of a text: what comes next, and what was expected instead."""

from __future__ import annotations

from indexcalc.errors import IndexcalcError, Span
from indexcalc.lang.faults import HINTS
from indexcalc.lang.lexer import Token
from indexcalc.lang.syntax import Letter


class Cursor:
    """Goes over tokens one by one; the last of them is `eof`."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.tokens[self.place]
        self.place += 1
        return token

    def at(self, text: str) -> bool:
        token = self.next
        return token.kind == "op" and token.text == text

    def ahead(self, distance: int) -> Token:
        return self.tokens[min(self.place + distance, len(self.tokens) - 1)]

    def expect(self, text: str, hint: str = "") -> Token:
        if not self.at(text):
            raise self.unexpected(text, hint)
        return self.take()

    def expect_name(self, what: str, hint: str = "") -> Letter:
        if self.next.kind != "name":
            raise self.unexpected(what, hint)
        token = self.take()
        return Letter(token.text, token.span)

    def unexpected(self, wanted: str, hint: str = "") -> IndexcalcError:
        token = self.next
        span = token.span
        if token.kind in ("end", "eof"):
            span = Span(span.start, span.start + 1)
        found = token.text if token.text != ";" else "; (the end of the statement)"
        hint = hint or HINTS.get(wanted, f"write {wanted} here")
        return IndexcalcError("IC104", f"expected {wanted}, found {found}", hint=hint, spans=[span])
