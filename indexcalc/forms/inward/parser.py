"""Matrix notation to syntax: a Pratt parser.

Binding powers: + - 10, : 15, * / .* ./ ⊙ ⊘ 20, unary minus 30, ^ .^ 40. What mathematicians and
MATLAB read in two ways, A^2' and a^b^c, is refused.
"""

from __future__ import annotations

from indexcalc.errors import Source
from indexcalc.forms.inward.alphabet import MATRICES, ONES, TRANSPOSES
from indexcalc.forms.inward.syntax import (
    Called,
    Minus,
    Node,
    Number,
    Pair,
    Raised,
    Right,
    Turned,
    Word,
    Written,
)
from indexcalc.lang import syntax
from indexcalc.lang.lexer import Token
from indexcalc.lang.numbers import exact
from indexcalc.lang.parser import Parser

_BINDING = {
    **dict.fromkeys("+-", 10),
    ":": 15,
    **dict.fromkeys(("*", "/", ".*", "./", "⊙", "⊘"), 20),
    **dict.fromkeys(("^", ".^"), 40),
}
_UNARY = 30
_POWER = 40


_NO_EXPRESSION = {
    "+": "there is no unary plus",
    "'": "a prime stands behind what it transposes; norm(A) is the Frobenius norm",
    "[": "matrices are not put together of parts: make it an input of its own",
}


class _Open:
    """An operator, a sign or a bracket whose last part is still to come."""

    def __init__(self, kind: str, power: int, token: Token, *parts: Node) -> None:
        self.kind = kind
        self.power = power
        self.token = token
        self.parts = list(parts)


def parse(source: Source) -> Written:
    """A program as written; refuses what is not in the grammar."""
    parser = _MatrixParser(source)
    text = parser.text()
    return Written(text, parser.rights)


class _MatrixParser(Parser):
    alphabet = MATRICES
    example = "Y = A*B' + diag(v)"
    form = "Y = ..."
    no_signature = "on the left of = is a name alone: Y = ..."

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.rights: list[Right] = []
        self.written: list[Node] = []

    def missing_operator(self) -> str:
        if self.at("["):
            return "matrix notation has no indices: leave out --from-matrix, or the brackets"
        if self.at("("):
            return "nothing is multiplied silently: write *"
        if self.next.kind in ("name", "number") or self.next.text in ONES:
            return "nothing is multiplied silently: write *"
        return ""

    def left_indices(self) -> list[syntax.Letter]:
        if self.at("["):
            raise self.unexpected("=", self.missing_operator())
        return []

    def right(self) -> syntax.Product:
        """Nothing yet: what stands there waits for its shapes."""
        self.written = []
        root = self.matrix()
        self.rights.append(Right(root, self.written))
        return syntax.Product(root.span, 1, [])

    def matrix(self) -> Node:
        """One expression. What is still open waits on a stack, so that depth costs no frames."""
        waiting = [_Open("start", 0, self.next)]
        while True:
            node = self.begun(waiting)
            while node is not None:
                node = self.turned(node, waiting)
                power = _BINDING.get(self.next.text, 0) if self.next.kind == "op" else 0
                while waiting[-1].power >= max(power, 1):
                    node = self.done(waiting.pop(), node)
                if power:
                    self.open(waiting, _Open("operator", power, self.take(), node))
                    node = None
                elif waiting[-1].kind == "start":
                    return node
                else:
                    node = self.left(waiting, node)

    def begun(self, waiting: list[_Open]) -> Node | None:
        """A number or a name; nothing yet when a sign or a bracket was opened."""
        token = self.next
        if token.kind == "number":
            self.take()
            return self.noted(Number(token.span, syntax.Number(token.span, exact(token))))
        if token.text in ONES:
            self.take()
            return self.noted(Word(token.span, "ones"))
        if token.kind == "name":
            self.take()
            if not self.at("("):
                return self.noted(Word(token.span, token.text))
            self.take()
            self.open(waiting, _Open("call", 0, token))
            return None
        if self.at("("):
            self.open(waiting, _Open("group", 0, self.take()))
            return None
        if self.at("-"):
            self.open(waiting, _Open("minus", _UNARY, self.take()))
            return None
        raise self.unexpected("an expression", self.missing_expression())

    def missing_expression(self) -> str:
        token, last = self.next, self.tokens[self.place - 1]
        if token.kind in ("end", "eof"):
            return "an expression goes on over a line only inside brackets"
        if token.text == "*" and last.text == "*" and last.span.stop == token.span.start:
            return "a power is ^, entry by entry .^"
        return _NO_EXPRESSION.get(token.text, "")

    def turned(self, node: Node, waiting: list[_Open]) -> Node:
        """A', A.', Aᵀ and A^T, as often as they stand there."""
        while True:
            caret = self.at("^") and self.ahead(1).text in ("T", "⊤", "ᵀ")
            sign = self.next
            if not caret and not (sign.kind == "op" and sign.text in TRANSPOSES):
                break
            if _in_exponent(waiting):
                raise self.unexpected("an operator", _transposed_power(node, waiting))
            if isinstance(node, Number):
                one = "a vector of ones is 𝟏 or ones, not 1"
                hint = one if node.value.value == 1 else "a number has no transpose"
                raise self.unexpected("an operator", hint)
            if caret:
                self.take()
            node = self.noted(Turned(node.span.to(self.take().span), node, caret))
        if (self.at("^") or self.at(".^")) and _in_exponent(waiting):
            raise self.unexpected("an operator", "write brackets: (a^b)^c or a^(b^c)")
        return node

    def open(self, waiting: list[_Open], opened: _Open) -> None:
        """Signs, powers and brackets are counted: they nest."""
        if opened.power in (0, _UNARY, _POWER):
            self.deeper(opened.token.span)
        waiting.append(opened)

    def done(self, finished: _Open, last: Node) -> Node:
        """The node that an operator or a sign makes with its last part."""
        if finished.kind == "minus":
            self.depth -= 1
            return self.noted(Minus(finished.token.span.to(last.span), last))
        (first,) = finished.parts
        span = first.span.to(last.span)
        if finished.power == _POWER:
            self.depth -= 1
            return self.noted(Raised(span, finished.token.text, first, last))
        return self.noted(Pair(span, finished.token.text, first, last))

    def left(self, waiting: list[_Open], node: Node) -> Node | None:
        """What a bracket holds; nothing yet when an argument follows."""
        bracket = waiting[-1]
        bracket.parts.append(node)
        if bracket.kind == "call" and self.at(","):
            self.take()
            return None
        close = self.expect(")", self.missing_operator() or "close the bracket with )")
        waiting.pop()
        self.depth -= 1
        if bracket.kind == "group":
            node.bracketed, node.span = True, bracket.token.span.to(close.span)
            return node
        name = bracket.token
        return self.noted(Called(name.span.to(close.span), name.text, name.span, bracket.parts))

    def noted(self, node: Node) -> Node:
        self.written.append(node)
        return node


def _operator(waiting: list[_Open]) -> _Open:
    """What is open here, signs aside."""
    return next(opened for opened in reversed(waiting) if opened.kind != "minus")


def _in_exponent(waiting: list[_Open]) -> bool:
    return _operator(waiting).power == _POWER


def _transposed_power(exponent: Node, waiting: list[_Open]) -> str:
    power = _operator(waiting).token.text
    if isinstance(exponent, Number):
        return f"write brackets, (A{power}2)': what comes first is not agreed on"
    return f"write brackets, (A{power}B)' or A{power}(B'): what comes first is not agreed on"
