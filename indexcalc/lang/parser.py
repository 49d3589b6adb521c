"""Tokens to syntax: a Pratt parser.

Binding powers: + - 10, * / 20, unary minus 30, ^ 40 (right associative).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.errors import IndexcalcError, Source, Span
from indexcalc.expr.functions import REDUCTIONS
from indexcalc.lang.faults import refuse_reduction, refuse_repeats
from indexcalc.lang.lexer import Token
from indexcalc.lang.numbers import exact
from indexcalc.lang.programs import Programs
from indexcalc.lang.syntax import (
    Bound,
    Call,
    Factor,
    Letter,
    Name,
    Number,
    Power,
    Product,
    SizeOf,
    Syntax,
    Tensor,
    Terms,
    Text,
)

MAX_DEPTH = 200

_BINDING = {"+": 10, "-": 10, "*": 20, "/": 20, "^": 40, "**": 40}
_UNARY = 30
_POWER = 40


@dataclass(slots=True)
class Open:
    """A sum, product, power, sign or bracket whose last part is still to come."""

    kind: str
    power: int
    token: Token | None = None
    parts: list[Syntax] = field(default_factory=list)
    operators: list[str] = field(default_factory=list)
    name: str = ""
    letters: list[Letter] = field(default_factory=list)
    nests: int = 0

    @property
    def span(self) -> Span:
        assert self.token is not None  # only what a token opens is asked for its place
        return self.token.span


def parse(source: Source) -> Text:
    """A program as written; refuses what is not in the grammar."""
    return Parser(source).text()


class Parser(Programs):
    """Programs in index notation."""

    def expression(self) -> Product:
        """One expression. What is still open waits on a stack, so that depth costs no frames."""
        waiting = [Open("start", 0)]
        while True:
            node = self.operand(waiting)
            while node is not None:
                power = _BINDING.get(self.next.text, 0) if self.next.kind == "op" else 0
                while waiting[-1].power > power:
                    node = self.finished(waiting.pop(), node)
                if power:
                    self.operator(waiting, power, node)
                    node = None
                elif waiting[-1].kind == "start":
                    return self.product(node)
                else:
                    node = self.closed(waiting, node)

    def operator(self, waiting: list[Open], power: int, left: Syntax) -> None:
        """Take an operator: go on with the sum or product at hand, or open a new one."""
        token = self.take()
        if power == _POWER:
            self.nest(waiting, Open("power", _POWER - 1, token, [left]))
            return
        if waiting[-1].power != power:
            waiting.append(Open("terms" if power == _BINDING["+"] else "factors", power))
        waiting[-1].parts.append(left)
        waiting[-1].operators.append(token.text)

    def finished(self, done: Open, last: Syntax) -> Syntax:
        """The node that an open sum, product, power or sign makes with its last part."""
        self.depth -= done.nests
        if done.kind == "minus":
            return self.product(last, -1, done.span.to(last.span))
        parts = [*done.parts, last]
        span = parts[0].span.to(last.span)
        if done.kind == "power":
            return self.made(Power(span, self.product(parts[0]), self.product(last)))
        if done.kind == "terms":
            terms = [
                self.product(part, -1 if operator == "-" else 1)
                for operator, part in zip(["+", *done.operators], parts, strict=True)
            ]
            return self.made(Terms(span, terms))
        factors = [
            Factor(self.product(part), inverted=True) if operator == "/" else Factor(part)
            for operator, part in zip(["*", *done.operators], parts, strict=True)
        ]
        return self.made(Product(span, 1, factors))

    def closed(self, waiting: list[Open], node: Syntax) -> Syntax | None:
        """What a bracket holds; nothing yet when an argument follows."""
        bracket = waiting[-1]
        if bracket.kind == "call":
            bracket.parts.append(node)
            if self.at(","):
                self.take()
                return None
        close = self.expect(")", self.missing_operator() or "close the bracket with )")
        waiting.pop()
        self.depth -= bracket.nests
        if bracket.kind == "group":
            return node
        span = bracket.span.to(close.span)
        if bracket.kind == "bound":
            return self.made(Bound(span, bracket.name, bracket.letters, self.product(node)))
        arguments = [self.product(part) for part in bracket.parts]
        return self.made(Call(span, bracket.name, bracket.span, arguments))

    def operand(self, waiting: list[Open]) -> Syntax | None:
        """A number or a name; nothing yet when a sign or a bracket was opened."""
        token = self.next
        if token.kind == "number":
            return self.number()
        if token.kind == "name":
            return self.named(waiting)
        if self.at("("):
            self.nest(waiting, Open("group", 0, self.take()))
            return None
        if self.at("-"):
            self.nest(waiting, Open("minus", _UNARY, self.take()))
            return None
        hint = "there is no unary plus" if self.at("+") else ""
        if token.kind in ("end", "eof"):
            hint = "an expression goes on over a line only inside brackets"
        raise self.unexpected("an expression", hint)

    def nest(self, waiting: list[Open], opened: Open) -> None:
        self.deeper(opened.span)
        opened.nests = 1
        waiting.append(opened)

    def deeper(self, span: Span) -> None:
        """Something is opened inside of what is open."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise IndexcalcError(
                "IC105",
                f"nested deeper than {MAX_DEPTH}",
                hint="give a part a name of its own and use the name",
                spans=[span],
            )

    def number(self) -> Syntax:
        token = self.take()
        if self.at("["):
            if token.text != "1":
                raise IndexcalcError(
                    "IC104",
                    f"{token.text} takes no indices; only 1 does, the one-tensor",
                    hint=f"write {token.text}*1[h]",
                    spans=[token.span],
                )
            indices = self.letters()
            span = token.span.to(self.tokens[self.place - 1].span)
            return self.made(Tensor(span, "one", "1", token.span, indices))
        return self.made(Number(token.span, exact(token)))

    def named(self, waiting: list[Open]) -> Syntax | None:
        token = self.take()
        self.refuse_reserved(token)
        if self.at("("):
            if token.text == "size":
                return self.size_of(token)
            self.take()
            self.nest(waiting, Open("call", 0, token, name=token.text))
            return None
        if not self.at("["):
            return self.made(Name(token.span, token.text))
        indices = self.letters()
        span = token.span.to(self.tokens[self.place - 1].span)
        if token.text in REDUCTIONS and self.at("("):
            self.take()
            refuse_repeats(indices, "in a binder", "use different letters")
            self.nest(waiting, Open("bound", 0, token, name=token.text, letters=indices))
            return None
        if self.at("("):
            refuse_reduction(token.text, token.span)
        if token.text == "delta" and len(indices) != 2:
            raise IndexcalcError(
                "IC308",
                f"delta has 2 indices, not {len(indices)}",
                hint="write delta[i,j]",
                spans=[span],
            )
        kind = "delta" if token.text == "delta" else "access"
        return self.made(Tensor(span, kind, token.text, token.span, indices))

    def refuse_reserved(self, token: Token) -> None:
        if token.text == "size" and not self.at("("):
            raise self.reserved(token, "size(h) is the size of the index h")
        if token.text == "pi" and (self.at("[") or self.at("(")):
            raise self.reserved(token, "pi is a number")
        if token.text == "delta" and not self.at("["):
            raise self.reserved(token, "delta[i,j] is the Kronecker delta")

    def size_of(self, token: Token) -> Syntax:
        self.take()
        hint = "size(i) is the size of the index i; a number stands by itself"
        letter = self.expect_name("an index", "" if self.next.kind != "number" else hint)
        close = self.expect(")", "size(h) takes one index")
        return self.made(SizeOf(token.span.to(close.span), letter))

    # Making nodes

    def made(self, node: Syntax) -> Syntax:
        self.nodes.append(node)
        return node

    def product(self, node: Syntax, sign: int = 1, span: Span | None = None) -> Product:
        """The node as a context of its own; a product already is one."""
        if isinstance(node, Product) and sign == 1:
            return node
        product = Product(span or node.span, sign, [Factor(node)])
        self.nodes.append(product)
        return product
