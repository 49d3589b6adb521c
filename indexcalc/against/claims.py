"""A formula that somebody claims for a gradient, read in the names of the program.

The left side names the gradient, dx or dl_dx or grad_x; on the right are tensors and constants of
the program, and upstream gradients, dy or dl_dy or G.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from sympy import Basic, Symbol

from indexcalc.against.calling import Given, gradient_names, upstream_names
from indexcalc.against.computing import Values
from indexcalc.against.kinds import Kind, kind
from indexcalc.against.scenes import Subject
from indexcalc.calculus.mentions import mentions
from indexcalc.errors import IndexcalcError, Source, did_you_mean
from indexcalc.expr.base import children, constant_symbol, postorder, rebuild
from indexcalc.expr.functions import FUNCTIONS, PRIME
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access, Apply, Mul
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rename import fresh_name
from indexcalc.lang.faults import wrong_order
from indexcalc.lang.reading import ELSEWHERE, read_among
from indexcalc.lang.syntax import (
    Call,
    Factor,
    Letter,
    Name,
    Number,
    Parameter,
    Product,
    Signature,
    Statement,
    Tensor,
    Text,
)

SLOPE = "_prime"


@dataclass(frozen=True)
class Claim:
    """A formula for each gradient, in the names that the derivation has; and as it was read."""

    subject: Subject
    formulas: Mapping[str, Equation]
    read: tuple[Equation, ...]
    name: str = "the claim"
    kind: Kind = field(default_factory=lambda: kind("numpy"))

    def gradients(self, given: Given, dtype: str, style: Callable[[Any], Any]) -> dict[str, Any]:
        """What it comes to for each gradient."""
        program = self.subject.program
        arrays = {**given.inputs}
        for output, seed in self.subject.upstream.items():
            arrays[seed] = style(given.upstream[output])
        named = given.named
        numbers = {constant_symbol(name): named[name] for name, _ in program.constants}
        numbers |= {size.symbol: named[size.name] for size in program.sizes}
        functions = {name: named[name.replace(PRIME, SLOPE)] for name in program.handed}
        values = Values(arrays, numbers, functions)
        values.run(program.equations)
        return {name: values.of(formula) for name, formula in self.formulas.items()}


def claimed(program: Program, text: str) -> Claim:
    """What a text claims; errors show where in the text."""
    reading = _Reading(program)
    found = read_among(Source(text, "the claim"), reading.among)
    return reading.claim(found)


class _Reading:
    """The names that a claim may have, and what they mean."""

    def __init__(self, program: Program) -> None:
        self.program = program
        seeds = Subject(program, ()).upstream
        self.upstream = upstream_names(program.outputs) | {seeds[name]: name for name in seeds}
        if program.is_loss:
            self.upstream |= {"dl": program.outputs[0]}
        # The gradients, and the inputs of the text that stand for others: by what the text says.
        self.lefts: dict[str, str] = {}
        self.seeds: dict[str, str] = {}
        self.letters: dict[Symbol, str] = {}

    # What the text may say

    def among(self, text: Text) -> tuple[Text, dict[str, str]]:
        """The text with all that it speaks of in its signature."""
        if text.signature is not None:
            raise IndexcalcError(
                "IC104",
                "a claim has no signature",
                hint="write dx[p] = ... alone",
                spans=[text.signature.name_span],
            )
        for statement in text.statements:
            self.left(statement)
        spoken = {name for statement in text.statements for name in statement.names()}
        for statement in text.statements:
            self.refuse_unknown(statement)
        functions = {name for name, _ in self.program.functions}
        taken = {*self.program.tensors, *self.lefts, *functions}
        self.seeds = {
            name: self.upstream[name] for name in sorted(spoken & set(self.upstream) - taken)
        }
        tensors = self.program.tensors
        constants = [name for name, _ in self.program.constants if name in spoken]
        self.letters = self.chosen_letters({*spoken, *tensors})
        parameters = [
            *(self.parameter(name, name) for name in tensors),
            *(self.parameter(name, output) for name, output in self.seeds.items()),
            *map(_constant, constants),
        ]
        outputs = [Letter(one.name, one.name_span) for one in text.statements]
        declared = [Letter(name, ELSEWHERE) for name in map(_spoken, self.program.handed)]
        signature = Signature("f", ELSEWHERE, parameters, outputs)
        return Text("", signature, declared, text.statements), self.lefts

    def left(self, statement: Statement) -> None:
        """The gradient that a statement is about."""
        name, program = statement.name, self.program
        meant = {
            word: tensor
            for tensor in program.tensors
            for face in (tensor, unicode_face(tensor))
            for word in gradient_names(face)
        }
        if name not in meant:
            hint = did_you_mean(name, meant) or f"write {gradient_names(program.inputs[0].name)[1]}"
            raise IndexcalcError(
                "IC316",
                f"{name} is no gradient by a tensor of {program.name}",
                hint=hint,
                spans=[statement.name_span],
            )
        if meant[name] in self.lefts.values():
            raise IndexcalcError(
                "IC316",
                f"{name} is claimed twice",
                hint="claim each gradient once",
                spans=[statement.name_span],
            )
        order, given = len(program.tensors[meant[name]]), len(statement.indices)
        if order != given:
            raise wrong_order(name, order, ELSEWHERE, given, statement.span)
        self.lefts[name] = meant[name]

    def refuse_unknown(self, statement: Statement) -> None:
        constants = [name for name, _ in self.program.constants]
        known = {*self.program.tensors, *constants, *self.upstream, "pi"}
        letters = {letter for size in self.program.sizes for letter in size.letters}
        sizes = {letter.upper() for letter in {*letters, *statement.letters()}}
        for node in statement.nodes:
            if isinstance(node, Tensor) and node.kind == "access":
                meant = known
            elif isinstance(node, Name):
                meant = known | sizes
            else:
                if isinstance(node, Call) and node.name not in FUNCTIONS:
                    self.refuse_call(node)
                continue
            if node.name not in meant:
                has = ", ".join((*self.program.tensors, *constants))
                upstream = f"d{self.program.outputs[0]}"
                raise IndexcalcError(
                    "IC302",
                    f"{self.program.name} has no {node.name}",
                    hint=did_you_mean(node.name, known)
                    or f"it has {has}; an upstream gradient is {upstream}",
                    spans=[node.name_span],
                )

    def refuse_call(self, node: Call) -> None:
        """An abstract function is one of the program's, or a slope of it, of as many arguments."""
        arities = {
            _spoken(slope): count
            for name, count in self.program.functions
            for slope in self.program.handed
            if slope.partition(PRIME)[0] == name
        }
        given = len(node.arguments)
        if arities.get(node.name) != given:
            near = did_you_mean(node.name, [*arities, *FUNCTIONS])
            has = near or f"it has {', '.join(arities) or 'none'}"
            wanted = arities.get(node.name)
            raise IndexcalcError(
                "IC301",
                f"{self.program.name} has no function {node.name} of {given} argument"
                + "s" * (given > 1),
                hint=has if wanted is None else f"{node.name} takes {wanted}",
                spans=[node.name_span],
            )

    def chosen_letters(self, names: set[str]) -> dict[Symbol, str]:
        """A letter for each size, other than all names: its own where that is free."""
        chosen: dict[Symbol, str] = {}
        for size in self.program.sizes:
            taken = {*names, *chosen.values()}
            own = [letter for letter in size.letters if letter not in taken]
            chosen[size.symbol] = own[0] if own else fresh_name("a", taken)
        return chosen

    def parameter(self, name: str, tensor: str) -> Parameter:
        """A tensor of the signature, with the axes of one of the program."""
        indices = self.program.tensors[tensor]
        letters = [Letter(self.letters[index.size], ELSEWHERE) for index in indices]
        return Parameter(name, ELSEWHERE, ELSEWHERE, letters, None, [])

    # What it means

    def claim(self, found: Program) -> Claim:
        subject = Subject(self.program, tuple(self.lefts.values()))
        sizes = self.sizes(found)
        names = {word: subject.upstream[output] for word, output in self.seeds.items()}
        formulas = {}
        for equation in found.equations:
            name = self.lefts[equation.left.name]
            meant = replace(
                equation,
                left=Access(subject.adjoint(name), *equation.left.indices),
                right=_in_own_names(equation.right, names),
            )
            (seed, *_) = subject.upstream.values()
            if self.program.is_loss and seed not in mentions(meant.right):
                meant = replace(meant, right=Mul(Access(seed), meant.right))
            formulas[name] = Equation(*(part.xreplace(sizes) for part in (meant.left, meant.right)))
        return Claim(subject, formulas, found.equations)

    def sizes(self, found: Program) -> dict[Symbol, Symbol]:
        """The program's sizes for those of the text."""
        own = {**self.program.tensors}
        own |= {word: own[output] for word, output in self.seeds.items()}
        known: dict[Symbol, Symbol] = {}
        for access in found.inputs:
            for index, meant in zip(access.indices, own[access.name], strict=True):
                known[index.size] = meant.size
        for size in found.sizes:
            if size.symbol not in known:
                raise IndexcalcError(
                    "IC502",
                    f"nothing in the claim says how long {size.letters[0]} is",
                    hint="an index is on a tensor of the program too",
                )
        return known


def _spoken(function: str) -> str:
    """f' is f_prime in a text."""
    return function.replace(PRIME, SLOPE)


def _constant(name: str) -> Parameter:
    """A constant of the signature; its value is the program's."""
    number = Number(ELSEWHERE, Fraction(1))
    default = Product(ELSEWHERE, 1, [Factor(number)])
    return Parameter(name, ELSEWHERE, ELSEWHERE, [], default, [number, default])


def _in_own_names(expr: Basic, names: Mapping[str, str]) -> Basic:
    """Upstream gradients and slopes under their names in formulas."""
    done: dict[int, Basic] = {}
    for node in postorder(expr):
        parts = tuple(done[id(part)] for part in children(node))
        if isinstance(node, Access):
            done[id(node)] = Access(names.get(node.name, node.name), *node.indices)
        elif isinstance(node, Apply):
            done[id(node)] = Apply(node.name.replace(SLOPE, PRIME), *parts)
        else:
            done[id(node)] = rebuild(node, parts)
    return done[id(expr)]
