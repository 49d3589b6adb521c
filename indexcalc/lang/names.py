"""Who defines which name, of what order and kind, and what a name in an expression means."""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.errors import IndexcalcError, Span, did_you_mean
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.names import unicode_face
from indexcalc.lang.calls import Calls
from indexcalc.lang.faults import (
    added_to_input,
    before_definition,
    declared_function,
    index_as_name,
    refuse_many,
    refuse_repeats,
    refuse_reserved,
    twice,
    wrong_order,
)
from indexcalc.lang.sizes import Axis, Binding, unite
from indexcalc.lang.syntax import (
    Call,
    Letter,
    Name,
    Number,
    Parameter,
    Power,
    Product,
    SizeOf,
    Statement,
    Syntax,
    Tensor,
    Terms,
    Text,
)


@dataclass(slots=True, eq=False)
class Known:
    """A name of the program: kind is `input`, `constant` or `defined`."""

    kind: str
    name: str
    span: Span  # of the name, where it is defined or first used
    whole: Span  # with its indices
    axes: list[Axis] = field(default_factory=list)
    used: Span | None = None

    @property
    def order(self) -> int:
        return len(self.axes)

    def twice(self, place: Span) -> IndexcalcError:
        what = {"input": "an input already", "constant": "a constant already"}
        return twice(self.name, place, self.span, what.get(self.kind, "defined already"))

    def wrong_order(self, given: int, place: Span) -> IndexcalcError:
        return wrong_order(self.name, self.order, self.whole, given, place)


@dataclass(slots=True, eq=False)
class Capital:
    """A bare capital, or size(h): which letter's size, asked where."""

    node: Name | SizeOf
    letter: str
    span: Span


@dataclass(slots=True)
class Here:
    """The statement being read, its index letters, and the sizes that it asks for."""

    statement: Statement
    letters: dict[str, Letter]
    capitals: list[Capital] = field(default_factory=list)


class Names:
    """The names of one program, filled statement by statement."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.known: dict[str, Known] = {}
        self.signed = text.signature is not None
        self.sized: dict[str, Axis] = {}  # the signature's letters
        self.defaults: list[Parameter] = []
        self.calls = Calls(text.declared)
        self.defined_at: dict[str, Span] = {}
        self.added: dict[str, Span] = {}  # names that begin with +=
        self.scalars: dict[str, Span] = {}  # order-0 names that are defined, above or below
        self.indexed: set[str] = set()  # every letter that is an index anywhere
        self.spoken: set[str] = set()  # every name that is used anywhere, and its lower case
        for statement in text.statements:
            if statement.name not in self.defined_at and statement.adds:
                self.added[statement.name] = statement.operator_span
            self.defined_at.setdefault(statement.name, statement.name_span)
            if not statement.indices:
                self.scalars.setdefault(statement.name, statement.name_span)
            self.indexed.update(statement.letters())
            self.spoken.update(statement.names())
        self.spoken.update([name.lower() for name in self.spoken])
        self.declare_inputs()

    # Declarations

    def declare_inputs(self) -> None:
        if self.text.signature is None:
            return
        signature = self.text.signature
        refuse_reserved(signature.name, signature.name_span)
        letters = {
            letter.name: letter for p in signature.parameters for letter in reversed(p.indices)
        }
        self.indexed.update(letters)
        for parameter in signature.parameters:
            self.declare_input(parameter, letters)

    def declare_input(self, parameter: Parameter, letters: dict[str, Letter]) -> None:
        name, span = parameter.name, parameter.name_span
        refuse_reserved(name, span)
        if name in self.calls.declared:
            raise declared_function(name, span, self.calls.declared[name])
        if name in letters:
            raise index_as_name(name, span, letters[name].span)
        if name in self.known:
            raise self.known[name].twice(span)
        if parameter.default is not None:
            self.declare_constant(parameter)
            return
        known = self.known[name] = Known("input", name, span, parameter.span)
        for position, letter in enumerate(parameter.indices):
            axis = Axis(letter, True, name, position, is_input=True)
            known.axes.append(axis)
            first = self.sized.setdefault(letter.name, axis)
            unite(first, axis)

    def declare_constant(self, parameter: Parameter) -> None:
        for node in parameter.nodes:
            if isinstance(node, Number) or (isinstance(node, Name) and node.name == "pi"):
                node.scalar = True
            elif isinstance(node, Call):
                self.calls.check(node, self.known)
                node.scalar = node.name in FUNCTIONS
            elif isinstance(node, Product | Terms | Power):
                node.scalar = True
            if not node.scalar:
                raise IndexcalcError(
                    "IC104",
                    "a default is a number",
                    hint="write numbers, pi and functions of them",
                    spans=[node.span],
                )
        self.defaults.append(parameter)
        self.known[parameter.name] = Known(
            "constant", parameter.name, parameter.name_span, parameter.span
        )

    def left_side(self, statement: Statement, letters: dict[str, Letter]) -> list[Binding]:
        """The free indices; and whether this name may be defined, or added to, here."""
        name, span = statement.name, statement.name_span
        refuse_reserved(name, span)
        indices = statement.indices
        hint = "indices on the left are letters of their own; on the right use delta[i,j]"
        refuse_repeats(indices, "on the left", hint)
        refuse_many(len(indices), span)
        if name in letters:
            raise index_as_name(name, span, letters[name].span)
        self.refuse_redefinition(statement)
        return [Binding(letter.name, Axis(letter)) for letter in indices]

    def refuse_redefinition(self, statement: Statement) -> None:
        name, span = statement.name, statement.name_span
        known = self.known.get(name)
        if name in self.calls.declared:
            raise declared_function(name, span, self.calls.declared[name])
        if known is None:
            return
        if known.kind != "defined" and statement.adds:
            raise added_to_input(name, statement.operator_span, known.span)
        if known.kind != "defined" or not statement.adds:
            raise known.twice(span)
        if known.used is not None:
            raise IndexcalcError(
                "IC306",
                f"{name} was used before this term is added",
                hint="add the term before the first use, or give the new value another name",
                spans=[statement.operator_span, known.used],
            )
        if known.order != len(statement.indices):
            raise known.wrong_order(len(statement.indices), statement.span)

    def define(self, statement: Statement, left: list[Binding]) -> None:
        known = self.known.get(statement.name)
        if known is None:
            known = Known("defined", statement.name, statement.name_span, statement.span)
            known.axes = [
                Axis(binding.axis.letter, False, known.name, position)
                for position, binding in enumerate(left)
            ]
            self.known[known.name] = known

    def resolve(
        self,
        node: Syntax,
        here: Here,
    ) -> None:
        """Find what the names of a node mean, and whether it is a scalar known in advance."""
        if isinstance(node, Number):
            node.scalar = True
        elif isinstance(node, Name):
            node.scalar = self.bare_name(node, here)
        elif isinstance(node, SizeOf):
            node.scalar = True
            here.capitals.append(Capital(node, node.letter.name, node.letter.span))
        elif isinstance(node, Tensor):
            if node.kind == "access":
                self.access(node.name, len(node.indices), here, node)
        elif isinstance(node, Call):
            if node.name in here.letters:
                raise index_as_name(node.name, node.name_span, here.letters[node.name].span)
            self.calls.check(node, self.known)
            node.scalar = node.name in FUNCTIONS and all(a.scalar for a in node.arguments)
        elif isinstance(node, Product):
            node.scalar = all(factor.node.scalar for factor in node.factors)
        elif isinstance(node, Terms):
            node.scalar = all(term.scalar for term in node.terms)
        elif isinstance(node, Power):
            node.scalar = node.base.scalar and node.exponent.scalar

    def bare_name(
        self,
        node: Name,
        here: Here,
    ) -> bool:
        """pi, a size, a constant (these are scalars) or an order-0 name."""
        name = node.name
        if name == "pi":
            return True
        letter = name.lower()
        if letter != name and letter.upper() == name and letter in self.indexed:
            self.refuse_named_capital(node, letter)
            if letter in self.sized or letter in here.letters:
                here.capitals.append(Capital(node, letter, node.span))
                return True
            raise IndexcalcError(
                "IC311",
                f"{name} could be the size of {letter}, which is an index elsewhere only",
                hint=f"use the index {letter} in this statement too, or choose another name",
                spans=[node.span],
            )
        self.access(name, 0, here, node)
        return self.known[name].kind == "constant"

    def refuse_named_capital(self, node: Name, letter: str) -> None:
        known = self.known.get(node.name)
        first = known.span if known and known.order == 0 else self.scalars.get(node.name)
        if first is not None:
            raise IndexcalcError(
                "IC311",
                f"{node.name} is a name of this program and would be the size of {letter}",
                hint=f"rename one of them; size({letter}) is always the size",
                spans=[node.span, first],
            )

    def access(
        self,
        name: str,
        order: int,
        here: Here,
        node: Name | Tensor,
    ) -> None:
        """A use of a name: it is known, or becomes an input here."""
        if name in here.letters:
            raise index_as_name(name, node.name_span, here.letters[name].span)
        known = self.known.get(name)
        if known is None:
            known = self.new_input(name, here, node)
        if name == here.statement.name:
            raise before_definition(name, node.span, here.statement.name_span, inside=True)
        if known.order != order:
            raise known.wrong_order(order, node.span)
        known.used = known.used or node.span

    def new_input(self, name: str, here: Here, node: Name | Tensor) -> Known:
        if name in self.calls.declared:
            raise declared_function(name, node.name_span, self.calls.declared[name])
        if name in self.defined_at:
            inside = name == here.statement.name
            if name in self.added and not inside:
                raise added_to_input(name, self.added[name], node.span)
            raise before_definition(name, node.span, self.defined_at[name], inside=inside)
        if self.signed:
            hint = did_you_mean(name, [*self.known, *self.calls.declared])
            raise IndexcalcError(
                "IC302",
                f"{name} is not in the signature and is not defined above",
                hint=hint or f"add {name} to the signature, or define it",
                spans=[node.name_span],
            )
        known = self.known[name] = Known("input", name, node.name_span, node.span)
        if isinstance(node, Tensor):
            known.axes = [
                Axis(letter, False, name, position, is_input=True)
                for position, letter in enumerate(node.indices)
            ]
        return known

    def refuse_confusions(self) -> None:
        """A function that is also a tensor; two names that print alike."""
        for name, span in self.calls.called.items():
            if name in self.known:
                raise IndexcalcError(
                    "IC313",
                    f"{name} is a function here and cannot be a tensor too",
                    hint="rename one of them",
                    spans=[span, self.known[name].span],
                )
        faces: dict[str, Known] = {}
        for known in self.known.values():
            other = faces.setdefault(unicode_face(known.name), known)
            if other is not known:
                raise IndexcalcError(
                    "IC314",
                    f"{other.name} and {known.name} would both print as {unicode_face(known.name)}",
                    hint="rename one of them",
                    spans=[known.span, other.span],
                )

    def outputs(self) -> tuple[str, ...]:
        if self.text.signature is None:
            return tuple(
                known.name
                for known in self.known.values()
                if known.kind == "defined" and known.used is None
            )
        names: dict[str, Letter] = {}
        for output in self.text.signature.outputs:
            known = self.known.get(output.name)
            if known is None or known.kind != "defined":
                defined = [k.name for k in self.known.values() if k.kind == "defined"]
                raise IndexcalcError(
                    "IC312",
                    f"no statement defines the output {output.name}",
                    hint=did_you_mean(output.name, defined) or f"define {output.name}",
                    spans=[output.span],
                )
            if output.name in names:
                raise twice(output.name, output.span, names[output.name].span, "an output already")
            names[output.name] = output
        return tuple(names)
