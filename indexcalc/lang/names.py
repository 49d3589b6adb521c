"""Who defines which name, of what order and kind, and what a name in an expression means."""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.errors import IndexcalcError, Span, did_you_mean
from indexcalc.expr.functions import ABSTRACT, FUNCTIONS, REDUCTIONS
from indexcalc.expr.names import unicode_face
from indexcalc.lang.faults import (
    added_to_input,
    before_definition,
    head,
    index_as_name,
    refuse_many,
    refuse_repeats,
    refuse_reserved,
    twice,
    wrong_order,
)
from indexcalc.lang.lexer import RESERVED
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
    span: Span
    axes: list[Axis] = field(default_factory=list)
    used: Span | None = None

    @property
    def order(self) -> int:
        return len(self.axes)

    def wrong_order(self, given: int, place: Span) -> IndexcalcError:
        return wrong_order(self.name, self.order, self.span, given, place)


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
        self.declared: dict[str, Span] = {}
        self.arities: dict[str, tuple[int, Span]] = {}
        self.defined_at: dict[str, Span] = {}
        self.added: dict[str, Span] = {}  # names that begin with +=
        self.called: dict[str, Span] = {}
        self.indexed: set[str] = set()  # every letter that is an index anywhere
        self.spoken: set[str] = set()  # every name that is used anywhere, and its lower case
        for statement in text.statements:
            if statement.name not in self.defined_at and statement.adds:
                self.added[statement.name] = statement.operator_span
            self.defined_at.setdefault(statement.name, statement.name_span)
            self.indexed.update(statement.letters())
            self.spoken.update(statement.names())
        self.spoken.update([name.lower() for name in self.spoken])
        self.declare_functions()
        self.declare_inputs()

    # Declarations

    def declare_functions(self) -> None:
        for letter in self.text.declared:
            name = letter.name
            if name in FUNCTIONS or name in REDUCTIONS or name in RESERVED:
                raise IndexcalcError(
                    "IC303",
                    f"{name} is a function already",
                    hint="declare another name",
                    spans=[letter.span],
                )
            if name in self.declared:
                raise twice(name, letter.span, self.declared[name])
            self.declared[name] = letter.span

    def declare_inputs(self) -> None:
        if self.text.signature is None:
            return
        signature = self.text.signature
        letters = {
            letter.name: letter for p in signature.parameters for letter in reversed(p.indices)
        }
        self.indexed.update(letters)
        for parameter in signature.parameters:
            self.declare_input(parameter, letters)

    def declare_input(self, parameter: Parameter, letters: dict[str, Letter]) -> None:
        name, span = parameter.name, parameter.span
        refuse_reserved(name, span)
        if name in letters:
            raise index_as_name(name, span, letters[name].span)
        if name in self.known:
            raise twice(name, span, self.known[name].span)
        if parameter.default is not None:
            self.declare_constant(parameter)
            return
        known = self.known[name] = Known("input", name, span)
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
                self.check_call(node)
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
        self.known[parameter.name] = Known("constant", parameter.name, parameter.span)

    def left_side(self, statement: Statement, letters: dict[str, Letter]) -> list[Binding]:
        """The free indices; and whether this name may be defined, or added to, here."""
        name, span = statement.name, statement.name_span
        refuse_reserved(name, span)
        indices = statement.indices or []
        hint = "every index on the left is a letter of its own; use delta[i,j] on the right"
        refuse_repeats(indices, "on the left", hint)
        refuse_many(len(indices), span)
        if name in letters:
            raise index_as_name(name, span, letters[name].span)
        self.refuse_redefinition(statement)
        return [Binding(letter.name, Axis(letter)) for letter in indices]

    def refuse_redefinition(self, statement: Statement) -> None:
        name, span = statement.name, statement.name_span
        known = self.known.get(name)
        if name in self.declared:
            raise twice(name, span, self.declared[name])
        if known is None:
            return
        if known.kind != "defined" and statement.adds:
            raise added_to_input(name, statement.operator_span, known.span)
        if not statement.adds:
            raise twice(name, span, known.span)
        if known.used is not None:
            raise IndexcalcError(
                "IC306",
                f"{name} was used before this term is added",
                hint="add the term before the first use, or give the new value another name",
                spans=[statement.operator_span, known.used],
            )
        if known.order != len(statement.indices or []):
            raise known.wrong_order(len(statement.indices or []), span)

    def define(self, statement: Statement, left: list[Binding]) -> None:
        known = self.known.get(statement.name)
        if known is None:
            known = Known("defined", statement.name, statement.name_span)
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
            self.check_call(node)
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
                f"{name} could be the size of {letter}, which is an index of other statements only",
                hint=f"use the letter {letter} in this statement, write the size with an index "
                "of it, or choose another name",
                spans=[node.span],
            )
        self.access(name, 0, here, node)
        return self.known[name].kind == "constant"

    def refuse_named_capital(self, node: Name, letter: str) -> None:
        known = self.known.get(node.name)
        if known is not None and known.order == 0:
            raise IndexcalcError(
                "IC311",
                f"{node.name} is a name of this program and would be the size of {letter}",
                hint=f"rename one of them; size({letter}) is always the size",
                spans=[node.span, known.span],
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
            raise index_as_name(name, head(node.span, name), here.letters[name].span)
        known = self.known.get(name)
        if known is None:
            known = self.new_input(name, order, node.span, here, node)
        if name == here.statement.name:
            raise before_definition(name, node.span, here.statement.name_span, inside=True)
        if known.order != order:
            raise known.wrong_order(order, node.span)
        known.used = known.used or node.span

    def new_input(
        self, name: str, order: int, place: Span, here: Here, node: Name | Tensor
    ) -> Known:
        if name in self.defined_at:
            inside = name == here.statement.name
            if name in self.added and not inside:
                raise added_to_input(name, self.added[name], place)
            raise before_definition(name, place, self.defined_at[name], inside=inside)
        if self.signed:
            hint = did_you_mean(name, [*self.known, *self.declared])
            raise IndexcalcError(
                "IC302",
                f"{name} is not in the signature and is not defined above",
                hint=hint or f"add {name} to the signature, or define it",
                spans=[head(place, name)],
            )
        known = self.known[name] = Known("input", name, place)
        if isinstance(node, Tensor):
            known.axes = [
                Axis(letter, False, name, position, is_input=True)
                for position, letter in enumerate(node.indices)
            ]
        return known

    def check_call(self, node: Call) -> None:
        """The function is known, and takes this many arguments."""
        name, given = node.name, len(node.arguments)
        self.called.setdefault(name, node.name_span)
        if name in FUNCTIONS:
            wanted = 1
        elif name in ABSTRACT or name in self.declared:
            wanted, _ = self.arities.setdefault(name, (given, node.name_span))
        else:
            raise self.unknown_function(node)
        if given != wanted:
            raise IndexcalcError(
                "IC313",
                f"{name} takes {wanted} argument{'s'[: wanted > 1]}, and {given} are given"
                if given > 1
                else f"{name} takes {wanted} arguments, and 1 is given",
                hint="an abstract function takes the same number everywhere"
                if name not in FUNCTIONS
                else f"write {name}(x)",
                spans=[node.span],
            )

    def unknown_function(self, node: Call) -> IndexcalcError:
        name = node.name
        if name in self.known:
            return IndexcalcError(
                "IC313",
                f"{name} is a tensor, not a function",
                hint=f"write {name}[...] for a component, {name}*(...) for a product",
                spans=[node.name_span],
            )
        if name in REDUCTIONS:
            hint = f"write {name}[k](...), with the index to go over"
        else:
            hint = did_you_mean(name, [*FUNCTIONS, *ABSTRACT, *self.declared])
        return IndexcalcError(
            "IC301",
            f"there is no function {name}",
            hint=hint or f"declare it: pointwise {name}",
            spans=[node.name_span],
        )

    def refuse_confusions(self) -> None:
        """A function that is also a tensor; two names that print alike."""
        for name, span in self.called.items():
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
                raise twice(output.name, output.span, names[output.name].span)
            names[output.name] = output
        return tuple(names)
