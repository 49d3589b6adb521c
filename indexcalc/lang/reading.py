"""Text to program: names, then sums, then sizes, then nodes.

The passes of one statement are in `settle` (sums) and `build` (nodes); here is what belongs to the
whole program: who defines which name, of what order, and what the inputs and outputs are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sympy import Expr

from indexcalc.errors import IndexcalcError, Source, Span, did_you_mean
from indexcalc.expr.functions import ABSTRACT, FUNCTIONS, REDUCTIONS
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access, Add, Index
from indexcalc.expr.program import Equation, Program, Size
from indexcalc.expr.rename import rename
from indexcalc.lang.build import Builder
from indexcalc.lang.parser import RESERVED, parse
from indexcalc.lang.settle import Settled, settle, show
from indexcalc.lang.sizes import Axis, Binding, name_sizes, tie, unite
from indexcalc.lang.syntax import (
    Bound,
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


@dataclass(slots=True, eq=False)
class Capital:
    """A bare capital, or size(h): which letter's size, asked where."""

    node: Name | SizeOf
    letter: str
    span: Span


@dataclass(slots=True, eq=False)
class Read:
    """A statement with what was decided about it."""

    statement: Statement
    settled: Settled
    left: list[Binding]
    letters: dict[str, Letter]
    capitals: list[Capital]


def read(text: str | Source, *, name: str | None = None) -> Program:
    """Read a program, exactly or not at all. `name` is what to call it without a signature."""
    source = text if isinstance(text, Source) else Source(text)
    try:
        return _Reader(parse(source), name or "f").program()
    except IndexcalcError as error:
        if error.source is None and error.spans:
            error.at(source)
        raise


class _Reader:
    def __init__(self, text: Text, name: str) -> None:
        self.text = text
        self.name = text.signature.name if text.signature else name
        self.known: dict[str, Known] = {}
        self.signed = text.signature is not None
        self.sized: dict[str, Axis] = {}  # the signature's letters
        self.defined_at: dict[str, Span] = {}
        for statement in text.statements:
            self.defined_at.setdefault(statement.name, statement.name_span)
        self.declared: dict[str, Span] = {}
        self.arities: dict[str, tuple[int, Span]] = {}
        self.read: list[Read] = []
        self.constants: list[tuple[str, Expr]] = []
        self.indexed: set[str] = set()  # every letter that is an index anywhere
        self.builder = Builder()

    def program(self) -> Program:
        self.declare_functions()
        self.declare_inputs()
        for statement in self.text.statements:
            letters = _letters_of(statement)
            self.indexed.update(letters)
        for statement in self.text.statements:
            self.statement(statement)
        self.refuse_confusions()
        outputs = self.outputs()
        sizes = self.unify()
        for entry in self.read:
            self.resolve_capitals(entry)
        equations = self.equations()
        return Program(
            name=self.name,
            description=self.text.description,
            inputs=tuple(
                Access(known.name, *(_index(axis) for axis in known.axes))
                for known in self.known.values()
                if known.kind == "input"
            ),
            constants=tuple(self.constants),
            outputs=outputs,
            equations=equations,
            functions=tuple((name, arity) for name, (arity, _) in self.arities.items()),
            sizes=tuple(sizes),
        )

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
                raise _twice(name, letter.span, self.declared[name])
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
        _refuse_reserved(name, span)
        if name in letters:
            raise _index_as_name(name, span, letters[name].span)
        if name in self.known:
            raise _twice(name, span, self.known[name].span)
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
        assert parameter.default is not None
        value = self.builder.constant(parameter.default, parameter.nodes)
        self.constants.append((parameter.name, value))
        self.known[parameter.name] = Known("constant", parameter.name, parameter.span)

    # Statements

    def statement(self, statement: Statement) -> None:
        letters = _letters_of(statement)
        left = self.left_side(statement, letters)
        capitals: list[Capital] = []
        names = {statement.name}
        for node in statement.nodes:
            self.resolve(node, statement, letters, capitals)
            show(node)
            if isinstance(node, Name | Tensor | Call):
                names.add(node.name)
        avoid = set(letters) | names | set(self.sized) | {n.lower() for n in names}
        free = {b.name: b for b in left}
        settled = settle(statement.right, statement.nodes, free, avoid)
        self.read.append(Read(statement, settled, left, letters, capitals))
        self.define(statement, left)

    def left_side(self, statement: Statement, letters: dict[str, Letter]) -> list[Binding]:
        """The free indices; and whether this name may be defined, or added to, here."""
        name, span = statement.name, statement.name_span
        _refuse_reserved(name, span)
        indices = statement.indices or []
        for position, letter in enumerate(indices):
            if any(letter.name == other.name for other in indices[:position]):
                raise IndexcalcError(
                    "IC404",
                    f"{letter.name} is repeated on the left",
                    hint="every index on the left is a letter of its own; use delta[i,j] on the "
                    "right for a diagonal",
                    spans=[letter.span],
                )
        if name in letters:
            raise _index_as_name(name, span, letters[name].span)
        self.refuse_redefinition(statement)
        return [Binding(letter.name, Axis(letter)) for letter in indices]

    def refuse_redefinition(self, statement: Statement) -> None:
        name, span = statement.name, statement.name_span
        known = self.known.get(name)
        if name in self.declared:
            raise _twice(name, span, self.declared[name])
        if known is None:
            return
        if known.kind != "defined" and statement.adds:
            raise IndexcalcError(
                "IC305",
                f"{name} is an input and cannot be added to",
                hint=f"define another name: z = {name} + ...",
                spans=[statement.operator_span, known.span],
            )
        if not statement.adds:
            raise _twice(name, span, known.span)
        if known.used is not None:
            raise IndexcalcError(
                "IC306",
                f"{name} was used before this term is added",
                hint="add the term before the first use, or give the new value another name",
                spans=[statement.operator_span, known.used],
            )
        if known.order != len(statement.indices or []):
            raise _wrong_order(known, len(statement.indices or []), span)

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
        statement: Statement,
        letters: dict[str, Letter],
        capitals: list[Capital],
    ) -> None:
        """Find what the names of a node mean, and whether it is a scalar known in advance."""
        if isinstance(node, Number):
            node.scalar = True
        elif isinstance(node, Name):
            node.scalar = self.bare_name(node, statement, letters, capitals)
        elif isinstance(node, SizeOf):
            node.scalar = True
            capitals.append(Capital(node, node.letter.name, node.letter.span))
        elif isinstance(node, Tensor):
            if node.kind == "access":
                self.access(node.name, len(node.indices), statement, letters, node)
        elif isinstance(node, Call):
            if node.name in letters:
                raise _index_as_name(node.name, node.name_span, letters[node.name].span)
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
        statement: Statement,
        letters: dict[str, Letter],
        capitals: list[Capital],
    ) -> bool:
        """pi, a size, a constant (these are scalars) or an order-0 name."""
        name = node.name
        if name == "pi":
            return True
        letter = name.lower()
        if letter != name and letter.upper() == name and letter in self.indexed:
            self.refuse_named_capital(node, letter)
            if letter in self.sized or letter in letters:
                capitals.append(Capital(node, letter, node.span))
                return True
            raise IndexcalcError(
                "IC311",
                f"{name} could be the size of {letter}, which is an index of other statements only",
                hint=f"use the letter {letter} in this statement, write the size with an index "
                "of it, or choose another name",
                spans=[node.span],
            )
        self.access(name, 0, statement, letters, node)
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
        statement: Statement,
        letters: dict[str, Letter],
        node: Name | Tensor,
    ) -> None:
        """A use of a name: it is known, or becomes an input here."""
        if name in letters:
            raise _index_as_name(name, _head(node.span, name), letters[name].span)
        known = self.known.get(name)
        if known is None:
            known = self.new_input(name, order, node.span, statement, node)
        if name == statement.name:
            raise _before_definition(name, node.span, statement.name_span, inside=True)
        if known.order != order:
            raise _wrong_order(known, order, node.span)
        known.used = known.used or node.span

    def new_input(
        self, name: str, order: int, place: Span, statement: Statement, node: Name | Tensor
    ) -> Known:
        if name in self.defined_at:
            inside = name == statement.name
            raise _before_definition(name, place, self.defined_at[name], inside=inside)
        if self.signed:
            hint = did_you_mean(name, [*self.known, *self.declared])
            raise IndexcalcError(
                "IC302",
                f"{name} is not in the signature and is not defined above",
                hint=hint or f"add {name} to the signature, or define it",
                spans=[_head(place, name)],
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
        for name, (_, span) in self.arities.items():
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

    # The whole

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
                raise _twice(output.name, output.span, names[output.name].span)
            names[output.name] = output
        return tuple(names)

    def unify(self) -> list[Size]:
        """Tie every use of a tensor to its axes; deltas last, for they may join two letters."""
        for entry in self.read:
            known = self.known[entry.statement.name]
            for axis, binding in zip(known.axes, entry.left, strict=True):
                tie(axis, binding, binding.axis.letter.span)
            uses = sorted(entry.settled.tensors.items(), key=lambda use: use[0].span.start)
            for tensor, bindings in uses:
                if tensor.kind == "access":
                    axes = self.known[tensor.name].axes
                    for axis, binding, letter in zip(axes, bindings, tensor.indices, strict=True):
                        tie(axis, binding, letter.span)
        for entry in self.read:
            for tensor, bindings in entry.settled.tensors.items():
                if tensor.kind == "delta":
                    unite(bindings[0].axis, bindings[1].axis)
        axes = [axis for known in self.known.values() for axis in known.axes]
        for entry in self.read:
            axes += [binding.axis for binding in (*entry.left, *entry.settled.bindings)]
        return name_sizes(axes, set(self.known))

    def resolve_capitals(self, entry: Read) -> None:
        """Give every bare capital and size(h) its size, or refuse one that has two."""
        for capital in entry.capitals:
            roots = self.roots_of(capital, entry)
            if len(roots) == 1:
                self.builder.sizes[capital.node] = roots[0].symbol
            elif not roots:
                raise IndexcalcError(
                    "IC502",
                    f"{capital.letter} is no index of this statement or the signature",
                    hint=did_you_mean(capital.letter, [*self.sized, *entry.letters])
                    or "name an index that is used here",
                    spans=[capital.span],
                )
            else:
                names = " and ".join(str(root.symbol) for root in roots)
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
        if capital.letter in self.sized:
            axes.append(self.sized[capital.letter])
        return list({id(axis.root): axis.root for axis in axes}.values())

    def equations(self) -> tuple[Equation, ...]:
        """Each name's equation, where its last term is added."""
        done: dict[str, Equation] = {}
        for entry in self.read:
            equation = self.builder.equation(entry.statement, entry.settled, entry.left)
            before = done.pop(equation.left.name, None)
            done[equation.left.name] = _joined(before, equation) if before else equation
        return tuple(done.values())


def _joined(before: Equation, after: Equation) -> Equation:
    """y_i = a_i and y_j += b_j make y_i = a_i + b_i."""
    letters = dict(zip(after.left.indices, before.left.indices, strict=True))
    right = rename(after.right, letters)
    terms = [*_terms(before), *(right.args if isinstance(right, Add) else (right,))]
    return Equation(before.left, Add(*terms))


def _terms(equation: Equation) -> Iterable[object]:
    right = equation.right
    return right.args if isinstance(right, Add) else (right,)


def _letters_of(statement: Statement) -> dict[str, Letter]:
    """Every index letter of a statement, at its first place."""
    letters = {letter.name: letter for letter in reversed(statement.indices or [])}
    for node in statement.nodes:
        if isinstance(node, Tensor | Bound):
            for letter in node.indices:
                letters.setdefault(letter.name, letter)
    return letters


def _index(axis: Axis) -> Index:
    return Index(axis.letter.name, axis.root.symbol)


def _head(span: Span, name: str) -> Span:
    """The name at the front of an access."""
    return Span(span.start, min(span.stop, span.start + len(name)))


def _refuse_reserved(name: str, span: Span) -> None:
    if name in RESERVED:
        raise IndexcalcError(
            "IC310", f"{name} is reserved", hint="choose another name", spans=[span]
        )


def _twice(name: str, span: Span, first: Span) -> IndexcalcError:
    return IndexcalcError(
        "IC303",
        f"{name} is defined already",
        hint="choose another name, or add a term with +=",
        spans=[span, first],
    )


def _index_as_name(name: str, span: Span, index: Span) -> IndexcalcError:
    return IndexcalcError(
        "IC307",
        f"{name} is an index in this statement and cannot be a name too",
        hint="use another letter for the index",
        spans=[span, index],
    )


def _before_definition(name: str, span: Span, definition: Span, *, inside: bool) -> IndexcalcError:
    return IndexcalcError(
        "IC304",
        f"{name} is used in its own definition" if inside else f"{name} is defined only below",
        hint="give the new value another name" if inside else "move the definition up",
        spans=[span, definition],
    )


def _wrong_order(known: Known, order: int, span: Span) -> IndexcalcError:
    if known.order == 0:
        return IndexcalcError(
            "IC309",
            f"{known.name} has order 0 and takes no brackets",
            hint=f"write {known.name}, or give it indices where it is declared or first used",
            spans=[span, known.span],
        )
    plural = "index" if known.order == 1 else "indices"
    return IndexcalcError(
        "IC308",
        f"{known.name} has {known.order} {plural}, not {order}",
        hint="a tensor has the same number of indices everywhere",
        spans=[span, known.span],
    )
