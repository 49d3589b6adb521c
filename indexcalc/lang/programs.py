"""Programs around their expressions: statements, declarations, a signature, lists of indices."""

from __future__ import annotations

from abc import ABC, abstractmethod

from indexcalc.errors import IndexcalcError, Source
from indexcalc.lang.cursor import Cursor
from indexcalc.lang.faults import LATER_INDICES, refuse_many
from indexcalc.lang.lexer import INDICES, RESERVED, Token, lex
from indexcalc.lang.syntax import (
    Letter,
    Parameter,
    Product,
    Signature,
    Statement,
    Syntax,
    Text,
)


class Programs(Cursor, ABC):
    """Programs of statements with indices; what differs in another notation are its tokens, the
    sides of its statements, and the examples in what is said."""

    alphabet = INDICES
    example = "y[i] = x[i,k]*w[k]"
    form = "y[i] = ..."
    no_signature = "on the left of = a tensor has square brackets: y[i] = ..."

    def __init__(self, source: Source) -> None:
        lexed = lex(source, self.alphabet)
        super().__init__(lexed.tokens)
        self.description = lexed.description
        self.depth = 0
        self.nodes: list[Syntax] = []

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
                        hint=self.no_signature,
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
                hint=f"write a statement: {self.example}",
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
            raise self.unexpected("a name", f"a statement is written {self.form}")
        name = self.take()
        indices = self.left_indices()
        span = name.span.to(self.tokens[self.place - 1].span)
        if not (self.at("=") or self.at("+=")):
            raise self.unexpected("=", f"a statement is written {self.form}")
        operator = self.take()
        if self.at("="):
            raise self.unexpected("an expression", "a definition has one =: y = x")
        right = self.right()
        adds = operator.text == "+="
        return Statement(
            name.text, name.span, span, indices, adds, operator.span, right, self.nodes
        )

    def left_indices(self) -> list[Letter]:
        return self.letters() if self.at("[") else []

    def right(self) -> Product:
        return self.expression()

    @abstractmethod
    def expression(self) -> Product:
        """An expression in index notation, as defaults of constants are in any notation."""

    # Indices

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
