"""Tokens to syntax: a Pratt parser.

Binding powers: + - 10, * / 20, unary minus 30, ^ 40 (right associative).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.errors import IndexcalcError, Source, Span
from indexcalc.expr.functions import REDUCTIONS
from indexcalc.lang.cursor import Cursor
from indexcalc.lang.faults import LATER_INDICES, refuse_many, refuse_reduction, refuse_repeats
from indexcalc.lang.lexer import RESERVED, Token, lex
from indexcalc.lang.numbers import exact
from indexcalc.lang.syntax import (
    Bound,
    Call,
    Factor,
    Letter,
    Name,
    Number,
    Parameter,
    Power,
    Product,
    Signature,
    SizeOf,
    Statement,
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
class _Open:
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
    return _Parser(source).text()


class _Parser(Cursor):
    def __init__(self, source: Source) -> None:
        lexed = lex(source)
        super().__init__(lexed.tokens)
        self.description = lexed.description
        self.depth = 0
        self.nodes: list[Syntax] = []

    # Programs

    def text(self) -> Text:
        signature: Signature | None = None
        declared: list[Letter] = []
        statements: list[Statement] = []
        while self.next.kind != "eof":
            if self.next.kind == "end":
                self.take()
            elif self.next.text == "pointwise" and self.ahead(1).kind == "name":
                declared += self.declaration()
                self.end_of_statement()
            elif self.next.kind == "name" and self.ahead(1).text == "(":
                if signature is not None or statements:
                    raise IndexcalcError(
                        "IC104",
                        "a signature comes first, and once",
                        hint="on the left of = a tensor has square brackets: y[i] = ...",
                        spans=[self.next.span],
                    )
                signature = self.signature()
                self.end_of_statement()
            else:
                statements.append(self.statement())
                self.end_of_statement()
        if not statements:
            missing = "no statement" if signature or declared else "nothing"
            raise IndexcalcError(
                "IC101",
                f"there is {missing} to read",
                hint="write a statement: y[i] = x[i,k]*w[k]",
            )
        return Text(self.description, signature, declared, statements)

    def end_of_statement(self) -> None:
        token = self.next
        if token.kind in ("end", "eof"):
            return
        hint = self.missing_operator() or "statements end with a newline or ;"
        raise self.unexpected("an operator or the end of the statement", hint)

    def missing_operator(self) -> str:
        """The way out where one operand follows on another."""
        last, token = self.tokens[self.place - 1], self.next
        if token.text == "[" and last.text == "]":
            return "put all indices into one pair of brackets: x[i,j]"
        if token.text == "[" and last.text == ")":
            return "indices stand right behind names: (a + b)[i] is written a[i] + b[i]"
        if token.kind in ("name", "number") or token.text in ("(", "["):
            return "nothing is multiplied silently: write *"
        return ""

    def declaration(self) -> list[Letter]:
        self.take()
        names = [self.expect_name("the name of a function")]
        while self.at(","):
            self.take()
            names.append(self.expect_name("the name of a function"))
        return names

    def signature(self) -> Signature:
        name = self.take()
        self.take()
        parameters: list[Parameter] = []
        while not self.at(")"):
            if parameters:
                self.expect(",", "inputs are separated by commas")
            parameters.append(self.parameter())
        self.take()
        hint = "a signature ends with its outputs: f(x[i]) -> y"
        if self.at("="):
            hint = f"first a line {name.text}(...) -> y, then a line y = ..."
        self.expect("->", hint)
        outputs = [self.expect_name("the name of an output")]
        while self.at(","):
            self.take()
            outputs.append(self.expect_name("the name of an output"))
        return Signature(name.text, name.span, parameters, outputs)

    def parameter(self) -> Parameter:
        name = self.expect_name("an input")
        indices = self.letters() if self.at("[") else []
        span = name.span.to(self.tokens[self.place - 1].span)
        if not self.at("="):
            return Parameter(name.name, name.span, span, indices, None, [])
        if indices:
            raise IndexcalcError(
                "IC104",
                "a default makes a constant, and a constant has no indices",
                hint=f"remove the default, or the indices of {name.name}",
                spans=[self.next.span],
            )
        self.take()
        self.nodes = []
        default = self.expression()
        return Parameter(name.name, name.span, span, indices, default, self.nodes)

    def statement(self) -> Statement:
        self.nodes = []
        if self.next.kind != "name":
            raise self.unexpected("a name", "a statement is written y[i] = ...")
        name = self.take()
        indices = self.letters() if self.at("[") else []
        span = name.span.to(self.tokens[self.place - 1].span)
        if not (self.at("=") or self.at("+=")):
            raise self.unexpected("=", "a statement is written y[i] = ...")
        operator = self.take()
        if self.at("="):
            raise self.unexpected("an expression", "a definition has one =: y = x")
        right = self.expression()
        adds = operator.text == "+="
        return Statement(
            name.text, name.span, span, indices, adds, operator.span, right, self.nodes
        )

    # Expressions

    def expression(self) -> Product:
        """One expression. What is still open waits on a stack, so that depth costs no frames."""
        waiting = [_Open("start", 0)]
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

    def operator(self, waiting: list[_Open], power: int, left: Syntax) -> None:
        """Take an operator: go on with the sum or product at hand, or open a new one."""
        token = self.take()
        if power == _POWER:
            self.nest(waiting, _Open("power", _POWER - 1, token, [left]))
            return
        if waiting[-1].power != power:
            waiting.append(_Open("terms" if power == _BINDING["+"] else "factors", power))
        waiting[-1].parts.append(left)
        waiting[-1].operators.append(token.text)

    def finished(self, done: _Open, last: Syntax) -> Syntax:
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

    def closed(self, waiting: list[_Open], node: Syntax) -> Syntax | None:
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

    def operand(self, waiting: list[_Open]) -> Syntax | None:
        """A number or a name; nothing yet when a sign or a bracket was opened."""
        token = self.next
        if token.kind == "number":
            return self.number()
        if token.kind == "name":
            return self.named(waiting)
        if self.at("("):
            self.nest(waiting, _Open("group", 0, self.take()))
            return None
        if self.at("-"):
            self.nest(waiting, _Open("minus", _UNARY, self.take()))
            return None
        hint = "there is no unary plus" if self.at("+") else ""
        if token.kind in ("end", "eof"):
            hint = "an expression goes on over a line only inside brackets"
        raise self.unexpected("an expression", hint)

    def nest(self, waiting: list[_Open], opened: _Open) -> None:
        self.depth += 1
        opened.nests = 1
        if self.depth > MAX_DEPTH:
            raise IndexcalcError(
                "IC105",
                f"nested deeper than {MAX_DEPTH}",
                hint="give a part a name of its own and use the name",
                spans=[opened.span],
            )
        waiting.append(opened)

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

    def named(self, waiting: list[_Open]) -> Syntax | None:
        token = self.take()
        self.refuse_reserved(token)
        if self.at("("):
            if token.text == "size":
                return self.size_of(token)
            self.take()
            self.nest(waiting, _Open("call", 0, token, name=token.text))
            return None
        if not self.at("["):
            return self.made(Name(token.span, token.text))
        indices = self.letters()
        span = token.span.to(self.tokens[self.place - 1].span)
        if token.text in REDUCTIONS and self.at("("):
            self.take()
            refuse_repeats(indices, "in a binder", "use different letters")
            self.nest(waiting, _Open("bound", 0, token, name=token.text, letters=indices))
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

    def letters(self) -> list[Letter]:
        self.take()
        letters = [self.letter()]
        while self.at(","):
            self.take()
            letters.append(self.letter())
        self.expect("]", self.later_index() or "indices are separated by commas")
        refuse_many(len(letters), letters[0].span.to(letters[-1].span))
        return letters

    def letter(self) -> Letter:
        letter = self.expect_name("an index", self.later_index())
        if letter.name in RESERVED:
            raise self.reserved(Token("name", letter.name, letter.span), "it cannot be an index")
        return letter

    def later_index(self) -> str:
        """The way out for what will be an index in a later version."""
        if self.next.kind == "number" or self.next.text in ("+", "-", "*", "/", "^", "(", "["):
            return LATER_INDICES
        return ""

    def reserved(self, token: Token, hint: str) -> IndexcalcError:
        return IndexcalcError("IC310", f"{token.text} is reserved", hint=hint, spans=[token.span])

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
