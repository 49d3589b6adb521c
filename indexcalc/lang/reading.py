"""Text to program: names, then sums, then sizes, then nodes.

`names` knows what each name means, `settle` decides which indices are summed, `sizes` unifies the
axes, and `build` makes the nodes; here they meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sympy import Basic, Expr

from indexcalc.errors import IndexcalcError, Source, Span, did_you_mean
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access, Add
from indexcalc.expr.program import Equation, Program, Size
from indexcalc.expr.rename import rename
from indexcalc.lang.build import Builder
from indexcalc.lang.constants import Value, added, refuse_long
from indexcalc.lang.lexer import as_written
from indexcalc.lang.names import Capital, Here, Names
from indexcalc.lang.parser import parse
from indexcalc.lang.settle import Settled, settle, show
from indexcalc.lang.sizes import Axis, Binding, name_sizes, tie, unite
from indexcalc.lang.syntax import Product, SizeOf, Statement, Terms, Text

# Where a name is declared that no text declares.
ELSEWHERE = Span(-1, -1)


@dataclass(slots=True, eq=False)
class Read:
    """A statement with what was decided about it."""

    here: Here
    settled: Settled
    left: list[Binding]


def read(text: str | Source, *, name: str | None = None) -> Program:
    """Read a program, exactly or not at all. `name` is what to call it without a signature."""
    source = text if isinstance(text, Source) else Source(text)
    with told_of(source):
        return Reader(parse(source)).program(name or "f")


def read_among(source: Source, known: Callable[[Text], tuple[Text, dict[str, str]]]) -> Program:
    """Read statements whose names are known from elsewhere: `known` says what was parsed with a
    signature, whose spans are `ELSEWHERE`, and which input each defined name has the axes of."""
    with told_of(source):
        text, like = known(parse(source))
        return Reader(text, like).program("f")


@contextmanager
def told_of(source: Source) -> Iterator[None]:
    """Errors in here are about this text, and speak of names as it does."""
    try:
        yield
    except IndexcalcError as error:
        error.spans = tuple(span for span in error.spans if span != ELSEWHERE)
        if error.source is None and error.spans:
            error.at(source)
        error.message = as_written(error.message, source.text)
        error.hint = as_written(error.hint, source.text)
        raise


class Reader:
    """Makes the program of what was parsed; axes are `like` those of other names where it says."""

    def __init__(self, text: Text, like: Mapping[str, str] | None = None) -> None:
        self.text = text
        self.like = like or {}
        self.names = Names(text)
        self.read: list[Read] = []
        self.builder = Builder()

    def program(self, name: str) -> Program:
        for statement in self.text.statements:
            self.statement(statement)
        self.names.refuse_confusions()
        outputs = self.names.outputs()
        sizes = self.unify()
        for entry in self.read:
            self.resolve_capitals(entry)
        known = self.names.known.values()
        return Program(
            name=self.text.signature.name if self.text.signature else name,
            description=self.text.description,
            inputs=tuple(
                Access(entry.name, *(_index(axis) for axis in entry.axes))
                for entry in known
                if entry.kind == "input"
            ),
            constants=tuple(
                (parameter.name, self.builder.constant(parameter))
                for parameter in self.names.defaults
            ),
            outputs=outputs,
            equations=self.equations(),
            functions=tuple((name, arity) for name, (arity, _) in self.names.calls.arities.items()),
            sizes=tuple(sizes),
        )

    def statement(self, statement: Statement) -> None:
        here = Here(statement, statement.letters())
        left = self.names.left_side(statement, here.letters)
        for node in statement.nodes:
            self.names.resolve(node, here)
            show(node)
            if node.scalar and isinstance(node, Terms | Product):
                refuse_long(node)
        letters = {*here.letters, *self.names.sized}
        free = {binding.name: binding for binding in left}
        settled = settle(statement.right, statement.nodes, free, letters, self.names.spoken)
        self.read.append(Read(here, settled, left))
        self.names.define(statement, left)

    def unify(self) -> list[Size]:
        """Tie every use of a tensor to its axes; deltas last, for they may join two letters."""
        for name, other in self.like.items():
            pairs = zip(self.names.known[name].axes, self.names.known[other].axes, strict=True)
            for axis, same in pairs:
                unite(axis, same)
        for entry in self.read:
            known = self.names.known[entry.here.statement.name]
            for axis, binding in zip(known.axes, entry.left, strict=True):
                tie(axis, binding, binding.axis.letter.span)
            uses = sorted(entry.settled.tensors.items(), key=lambda use: use[0].span.start)
            for tensor, bindings in uses:
                if tensor.kind == "access":
                    axes = self.names.known[tensor.name].axes
                    for axis, binding, letter in zip(axes, bindings, tensor.indices, strict=True):
                        tie(axis, binding, letter.span)
        for entry in self.read:
            for tensor, bindings in entry.settled.tensors.items():
                if tensor.kind == "delta":
                    unite(bindings[0].axis, bindings[1].axis)
        axes = [axis for known in self.names.known.values() for axis in known.axes]
        for entry in self.read:
            axes += [binding.axis for binding in (*entry.left, *entry.settled.bindings)]
        first = dict[object, Axis]()
        for axis in axes:
            if axis.letter.size is not None:
                unite(first.setdefault(axis.letter.size, axis), axis)
        return name_sizes(axes, set(self.names.known))

    def resolve_capitals(self, entry: Read) -> None:
        """Give every bare capital and size(h) its size, or refuse one that has two."""
        for capital in entry.here.capitals:
            roots = self.roots_of(capital, entry)
            if len(roots) == 1:
                self.builder.sizes[capital.node] = roots[0].symbol
            elif not roots:
                raise IndexcalcError(
                    "IC502",
                    f"{capital.letter} is no index of this statement or the signature",
                    hint=did_you_mean(capital.letter, [*self.names.sized, *entry.here.letters])
                    or "name an index that is used here",
                    spans=[capital.span],
                )
            else:
                names = " and ".join(sorted(str(root.symbol) for root in roots))
                raise IndexcalcError(
                    "IC311",
                    f"{capital.letter.upper()} would be two sizes here, {names}",
                    hint=f"use another letter than {capital.letter} for one of them",
                    spans=[capital.span],
                )

    def roots_of(self, capital: Capital, entry: Read) -> list[Axis]:
        if isinstance(capital.node, SizeOf):
            inner = entry.settled.scopes[capital.node].get(capital.letter)
            if inner is not None:
                return [inner.axis.root]
        axes = [
            binding.axis
            for binding in (*entry.left, *entry.settled.bindings)
            if binding.axis.letter.name == capital.letter
        ]
        if capital.letter in self.names.sized:
            axes.append(self.names.sized[capital.letter])
        return list({id(axis.root): axis.root for axis in axes}.values())

    def equations(self) -> tuple[Equation, ...]:
        """Each name's equation, where its last term is added."""
        done: dict[str, tuple[Access, list[Basic]]] = {}
        for entry in self.read:
            equation = self.builder.equation(entry.here.statement, entry.settled, entry.left)
            name = equation.left.name
            left, terms = done.pop(name, (equation.left, []))
            terms += _terms_for(left, equation)
            done[name] = left, terms
        return tuple(
            Equation(left, self.total(name, terms), name in self.names.added)
            for name, (left, terms) in done.items()
        )

    def total(self, name: str, terms: list[Basic]) -> Basic:
        """The terms of a name as one; numbers alone are worked out."""
        if not all(isinstance(term, Expr) for term in terms):
            return Add(*terms) if len(terms) > 1 else terms[0]
        values = [Value(term, None) for term in terms]
        return added(values, self.names.known[name].whole).exact


def _terms_for(left: Access, equation: Equation) -> list[Basic]:
    """The terms of y_j += b_j in the letters of y_i = a_i."""
    letters = dict(zip(equation.left.indices, left.indices, strict=True))
    right = rename(equation.right, letters)
    return list(right.args) if isinstance(right, Add) else [right]


def _index(axis: Axis) -> Index:
    return Index(axis.letter.name, axis.root.symbol)
