"""Shapes: which node is a matrix, a column, a row or a scalar, and which axes are of one size."""

from __future__ import annotations

from indexcalc.errors import IndexcalcError, Span
from indexcalc.expr.names import LETTER_OF, unicode_face
from indexcalc.forms.inward import functions
from indexcalc.forms.inward.doubts import Doubts
from indexcalc.forms.inward.faults import misfit, said, sizes_differ, without_shape
from indexcalc.forms.inward.syntax import (
    SCALAR,
    Called,
    Minus,
    Node,
    Number,
    Pair,
    Raised,
    Shape,
    Turned,
    Word,
    Written,
)
from indexcalc.lang.names import Here, Names
from indexcalc.lang.sizes import Axis, unite
from indexcalc.lang.syntax import Letter, Name, Parameter, Statement, Text

MOST_TIMES = 10
# Names with one meaning, I, 𝟏 and pi among them.
RESERVED = ("I", "ones", "eye", "pi")
_OF_PAPERS = ("⊙", "⊘")


class Shapes:
    """The shapes of all nodes of a program, statement by statement."""

    def __init__(self, written: Written) -> None:
        self.text = written.text
        _refuse_sizes(written.text)
        self.names = Names(written.text)
        self.signed = written.text.signature is not None
        self.known: dict[str, Shape] = {}
        self.called = {n.name for r in written.rights for n in r.nodes if isinstance(n, Called)}
        self.inputs: list[Axis] = []
        self.doubts = Doubts()
        self.open: list[tuple[Node, Axis]] = []  # the axes of 𝟏 and I
        for axis in self.names.sized.values():
            refuse_reserved(axis.letter.name, axis.letter.span)
        for function in self.text.declared:
            functions.refuse_declared(function)
        for parameter in self.text.signature.parameters if self.text.signature else ():
            refuse_reserved(parameter.name, parameter.name_span)
            self.declare(parameter.name, parameter.span)
        for statement, right in zip(written.text.statements, written.rights, strict=True):
            refuse_reserved(statement.name, statement.name_span)
            sizes = functions.sizes(right)
            for node in right.nodes:
                if node not in sizes:
                    node.shape = self.shape(node, statement)
                    self.doubts.see(node)
            self.define(statement, right.root)
            self.doubts.define(statement.name, right.root)
        self.refuse_open()
        if not self.signed:
            self.doubts.refuse(self.known)
        for axis in self.inputs:
            axis.letter.size = axis.root

    def declare(self, name: str, span: Span) -> None:
        axes = self.names.known[name].axes
        if len(axes) > 2:
            hint = "write this program in index notation"
            raise misfit(f"{name} has {len(axes)} axes, and a matrix has two", hint, span)
        rows, columns = [*axes, None, None][:2]
        self.known[name] = rows, columns
        self.inputs += axes

    def define(self, statement: Statement, root: Node) -> None:
        """A name is what its right side is; what is added to it widens to that."""
        before = self.known.get(statement.name)
        if before is None or not statement.adds:
            self.known.setdefault(statement.name, root.shape)
            return
        if self.widened(before, root.shape, statement.operator_span, root.span) != before:
            raise misfit(
                f"{statement.name} is {said(before)}, and {said(root.shape)} is added",
                "add what has the same shape",
                root.span,
            )

    def shape(self, node: Node, statement: Statement) -> Shape:
        match node:
            case Number():
                return SCALAR
            case Word():
                return self.word(node, statement)
            case Turned():
                if node.is_power and node.of.is_scalar:
                    hint = "T is the sign of a transpose here: rename an exponent"
                    raise misfit("a scalar has no transpose", hint, node.span)
                rows, columns = node.of.shape
                return columns, rows
            case Minus():
                return node.of.shape
            case Pair():
                return self.pair(node)
            case Raised():
                return self.raised(node)
            case Called():
                return self.call(node)
        raise TypeError(f"no shape of {type(node).__name__}")

    # Names

    def word(self, node: Word, statement: Statement) -> Shape:
        name = node.name
        if name == "I" and self.size(name):
            raise IndexcalcError(
                "IC311",
                "I could be the identity or the size of i",
                hint="write eye(i), or i",
                spans=[node.span],
            )
        if name == "pi" or self.size(name):
            return SCALAR
        if name in ("I", "ones"):
            axis = self.fitting(node)
            return axis, axis if name == "I" else None
        if name == "eye":
            raise misfit("eye is given its size", "write I, or eye(n)", node.span)
        if name not in self.known:
            # Refused where it is defined below, is a function, or is not in the signature.
            self.names.new_input(name, Here(statement, {}), Name(node.span, name))
            self.known[name] = self.guessed(node)
        return self.known[name]

    def guessed(self, node: Word) -> Shape:
        """What a name says that no signature declares: A is a matrix, x a column, α a scalar."""
        first = unicode_face(node.name)[0]
        if first in LETTER_OF.values() and first.islower():
            return SCALAR
        if not first.isascii():
            raise without_shape(node.name, node.span)
        rows = self.axis(node)
        columns = self.axis(node) if first.isupper() else None
        self.inputs += [axis for axis in (rows, columns) if axis]
        return rows, columns

    def size(self, name: str) -> Axis | None:
        """The axis of the signature whose size is written n, or N."""
        sized = self.names.sized
        return sized.get(name) or sized.get(_letter(name))

    def axis(self, node: Node) -> Axis:
        return Axis(Letter("", node.span))

    def fitting(self, node: Node) -> Axis:
        """An axis whose size is to come from elsewhere."""
        axis = self.axis(node)
        self.open.append((node, axis))
        return axis

    def refuse_open(self) -> None:
        given = {id(axis.root) for axis in self.inputs}
        for node, axis in self.open:
            if id(axis.root) not in given:
                hint = "with a signature write ones(n), or eye(n)"
                raise IndexcalcError(
                    "IC504", "any size would fit here", hint=hint, spans=[node.span]
                )

    # Operators

    def pair(self, node: Pair) -> Shape:
        left, right = node.left.shape, node.right.shape
        spans = node.left.span, node.right.span
        if node.operator == ":":
            if said(left) != said(right):
                what = f"{said(left)} and {said(right)} have no product A:B"
                raise misfit(what, "A:B is of two of one shape", *spans)
            self.widened(left, right, *spans)
            return SCALAR
        if node.operator == "/" and not node.right.is_scalar:
            hint = f"entry by entry is ./{self.declaring(node.right)}"
            raise misfit(f"nothing is divided by {said(right)} with /", hint, node.right.span)
        if node.operator == "*" and not node.left.is_scalar and not node.right.is_scalar:
            node.chains = True
        _refuse_mixed(node)
        return self.product(node) if node.chains else self.widened(left, right, *spans)

    def product(self, node: Pair) -> Shape:
        (rows, inner), (other, columns) = node.left.shape, node.right.shape
        spans = node.left.span, node.right.span
        if (inner is None) != (other is None):
            left, right = said(node.left.shape), said(node.right.shape)
            hint = _PRODUCTS[left, right] + self.declaring(node.left, node.right)
            raise misfit(f"{left} times {right} does not fit", hint, *spans)
        if inner is not None and other is not None:
            self.one_size(inner, other, ("columns", "rows"), *spans)
        return rows, columns

    def widened(self, left: Shape, right: Shape, *spans: Span) -> Shape:
        """Entry by entry: a scalar goes with anything, a column or a row with a matrix."""
        if {said(left), said(right)} == {"a column", "a row"}:
            hint = "x*y' is the matrix of all products, x*𝟏' + 𝟏*y' that of all sums"
            raise misfit("a column and a row do not fit entry by entry", hint, *spans)
        for one, other, what in zip(left, right, ("rows", "columns"), strict=True):
            if one and other:
                self.one_size(one, other, (what, what), *spans)
        return left[0] or right[0], left[1] or right[1]

    def one_size(self, one: Axis, other: Axis, what: tuple[str, str], *spans: Span) -> None:
        first, second = one.root.signature, other.root.signature
        if first and second and first.letter.name != second.letter.name:
            raise sizes_differ(first.letter.name, second.letter.name, what, *spans)
        unite(one, other)

    def raised(self, node: Raised) -> Shape:
        base, exponent = node.base, node.exponent
        if node.operator == ".^" or (base.is_scalar and exponent.is_scalar):
            return self.widened(base.shape, exponent.shape, base.span, exponent.span)
        if not exponent.is_scalar or said(base.shape) != "a matrix":
            wrong = base if exponent.is_scalar else exponent
            hint = f"entry by entry is .^{self.declaring(wrong)}"
            what = f"^ is for scalars and square matrices, and here is {said(wrong.shape)}"
            raise misfit(what, hint, wrong.span)
        value = exponent.value.value if isinstance(exponent, Number) else None
        if value is None or value.denominator != 1 or not 1 <= value <= MOST_TIMES:
            what = f"a matrix has the powers ^1 to ^{MOST_TIMES}"
            raise misfit(what, "entry by entry is .^; inv is not available yet", exponent.span)
        node.times = int(value)
        rows, columns = base.shape
        self.square(base)
        return rows, columns

    def square(self, node: Node) -> Axis:
        """The size of a square matrix; unequal sizes are refused."""
        rows, columns = node.shape
        if rows is None or columns is None:
            hint = f"a square matrix has one{self.declaring(node)}"
            raise misfit(f"{said(node.shape)} has no diagonal", hint, node.span)
        self.one_size(rows, columns, ("rows", "columns"), node.span)
        return rows

    # Functions

    def call(self, node: Called) -> Shape:
        rule = functions.rule_for(node, self)
        return rule(self, node) if rule else self.entrywise(node)

    def entrywise(self, node: Called) -> Shape:
        shape, span = SCALAR, node.span
        for argument in node.arguments:
            shape = self.widened(shape, argument.shape, span, argument.span)
            span = argument.span
        return shape

    def declaring(self, *nodes: Node) -> str:
        """A reminder that an undeclared name may be meant to be something else."""
        guessed = any(name in self.names.known for name in self.doubts.names(*nodes))
        return "; a signature declares other shapes" if guessed and not self.signed else ""


def refuse_reserved(name: str, span: Span) -> None:
    if name in RESERVED:
        raise IndexcalcError(
            "IC310", f"{name} is reserved", hint="choose another name", spans=[span]
        )


def _letter(name: str) -> str:
    """n for a capital N, which is its size."""
    return name.lower() if name.isupper() else ""


def _refuse_sizes(text: Text) -> None:
    """A name is not a size too."""
    parameters = text.signature.parameters if text.signature else []
    letters = {letter.name: letter for one in parameters for letter in one.indices[::-1]}
    named: list[Parameter | Statement] = [*parameters, *text.statements]
    for one in named:
        letter = letters.get(one.name) or letters.get(_letter(one.name))
        if letter is not None:
            raise IndexcalcError(
                "IC307",
                f"{one.name} is a size of the signature and cannot be a name too",
                hint="rename one of them",
                spans=[one.name_span, letter.span],
            )


def _refuse_mixed(node: Pair) -> None:
    """A*B ⊙ C is (A*B) ⊙ C to some, and A*(B ⊙ C) to others."""
    left = node.left
    if isinstance(left, Pair) and not left.bracketed:
        after = left.chains and node.operator in _OF_PAPERS
        if after or (node.chains and left.operator in _OF_PAPERS):
            raise IndexcalcError(
                "IC104",
                f"{left.operator} and {node.operator} stand side by side",
                hint="write brackets: which comes first is not agreed on",
                spans=[node.span],
            )


_PRODUCTS = {
    ("a column", "a column"): "x'*y is a scalar, x*y' a matrix, x.*y entry by entry",
    ("a row", "a row"): "x*y' is a scalar, x'*y a matrix, x.*y entry by entry",
    ("a matrix", "a row"): "write A*x of a column, A.*x to scale the columns of A",
    ("a column", "a matrix"): "write x'*A, or x.*A to scale the rows of A",
}
