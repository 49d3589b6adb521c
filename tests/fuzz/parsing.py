"""Text to the oracle's tree: enough of the language to run again what a failure printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from tests.oracle import (
    Bin,
    Binder,
    Call,
    Group,
    Leaf,
    Neg,
    Node,
    Num,
    Program,
    Signature,
    Size,
    Statement,
)

T = TypeVar("T")
TOKEN = re.compile(r"\s*([0-9.]+(?:e[+-]?[0-9]+)?|\w+|\*\*|\+=|->|\S)")


def parse(text: str) -> Program:
    """The program that `oracle.text` writes so."""
    lines = [line for line in re.split(r"[;\n]", text) if line.strip()]
    declared: tuple[str, ...] = ()
    signature: Signature | None = None
    statements: list[Statement] = []
    for line in lines:
        if line.lstrip().startswith("pointwise "):
            declared += tuple(re.findall(r"\w+", line)[1:])
        elif "->" in line:
            signature = _Line(line).signature()
        else:
            statements.append(_Line(line, _signed(signature)).statement())
    return Program(tuple(statements), signature, declared)


def _signed(signature: Signature | None) -> set[str]:
    return {k for _, letters, _ in signature.params for k in letters} if signature else set()


class _Line:
    """One line, token by token; a capital is a size where its letter is an index."""

    def __init__(self, text: str, letters: set[str] | None = None) -> None:
        self.tokens = [*TOKEN.findall(text), ""]
        self.place = 0
        indexed = re.findall(r"\[([^\]]*)\]", text)
        self.letters = (letters or set()) | {
            k for part in indexed for k in re.findall(r"\w+", part)
        }

    @property
    def next(self) -> str:
        return str(self.tokens[self.place])

    def take(self, wanted: str = "") -> str:
        token = self.next
        if not token or (wanted and token != wanted):
            raise ValueError(f"{wanted or 'something'} expected, not {token or 'the end'}")
        self.place += 1
        return token

    def took(self, *wanted: str) -> str:
        return self.take() if self.next in wanted and self.next else ""

    def listed(self, item: Callable[[], T], closer: str) -> tuple[T, ...]:
        """What stands between commas, up to the closer."""
        if closer and self.took(closer):
            return ()
        found = [item()]
        while self.took(","):
            found.append(item())
        if closer:
            self.take(closer)
        return tuple(found)

    def indices(self) -> tuple[str, ...]:
        return self.listed(self.take, "]") if self.took("[") else ()

    # Lines

    def statement(self) -> Statement:
        name, indices = self.take(), self.indices()
        adds = self.take() == "+="
        expr = self.sum()
        if self.next:
            raise ValueError(f"an operator expected, not {self.next}")
        return Statement(name, indices, expr, adds)

    def signature(self) -> Signature:
        name = self.take()
        self.take("(")
        params = self.listed(self.parameter, ")")
        self.take("->")
        return Signature(name, params, self.listed(self.take, ""))

    def parameter(self) -> tuple[str, tuple[str, ...], str]:
        return self.take(), self.indices(), self.take() if self.took("=") else ""

    # Expressions, the loosest first

    def sum(self) -> Node:
        node = self.product()
        while op := self.took("+", "-"):
            node = Bin(op, node, self.product())
        return node

    def product(self) -> Node:
        node = self.signed()
        while op := self.took("*", "/"):
            node = Bin(op, node, self.signed())
        return node

    def signed(self) -> Node:
        return Neg(self.signed()) if self.took("-") else self.power()

    def power(self) -> Node:
        base = self.atom()
        return Bin("^", base, self.signed()) if self.took("^", "**") else base

    def atom(self) -> Node:
        name = self.take()
        if name == "(":
            inner = self.sum()
            self.take(")")
            return Group(inner)
        if name[0].isdigit() and self.next != "[":
            return Num(name)
        indices = self.indices()
        if self.took("("):
            arguments = self.listed(self.sum, ")")
            return _applied(name, indices, arguments)
        if name == "pi":
            return Num(name)
        is_size = len(name) == 1 and name.isupper() and name.lower() in self.letters
        return Size(name.lower()) if is_size else Leaf(name, indices)


def _applied(name: str, indices: tuple[str, ...], arguments: tuple[Node, ...]) -> Node:
    if indices:
        return Binder(name, indices, arguments[0])
    if name == "size":
        (letter,) = arguments
        assert isinstance(letter, Leaf)
        return Size(letter.name, bare=False)
    return Call(name, arguments)
