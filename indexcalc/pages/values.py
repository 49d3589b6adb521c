"""Values: a function as gates, with what goes through each forward and what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Basic, Symbol

from indexcalc.calculus.backprop import Backprop
from indexcalc.calculus.gates import Gate
from indexcalc.expr.base import MINUS_ONE, Index, constant_symbol
from indexcalc.expr.names import adjoint_name
from indexcalc.expr.nodes import Access, Add, Apply, Mul, Pow, Sum
from indexcalc.expr.printing import misread, no_sum
from indexcalc.expr.program import Program
from indexcalc.expr.world import Array
from indexcalc.pages.opening import sizes
from indexcalc.proof.passes import Passes, passes
from indexcalc.render.opening import listed, page_of
from indexcalc.render.page import (
    Block,
    Column,
    Equations,
    GateRow,
    Gates,
    Numbers,
    Page,
    Pieces,
    Remark,
    Row,
    Table,
)
from indexcalc.render.text import text

_a, _x, _y, _z, _G = map(Access, ("a", "x", "y", "z", "G"))
_x_k = Access("x", Index("k"))
_c, _n = map(constant_symbol, "cn")
# A gate for each rule, and what it hands to its inputs, where G is its own gradient.
HANDED: dict[str, tuple[Basic, Pieces]] = {
    "linearity": (
        Add(_x, Mul(_c, _y)),
        (_G, " to ", _x, ", ", Mul(_c, _G), " to ", _y),
    ),
    "product rule": (Mul(_x, _y), (Mul(_G, _y), " to ", _x, ", ", Mul(_G, _x), " to ", _y)),
    "quotient rule": (
        Mul(_x, Pow(_y, MINUS_ONE)),
        (
            Mul(_G, Pow(_y, MINUS_ONE)),
            " to ",
            _x,
            ", ",
            Mul(MINUS_ONE, _G, _z, Pow(_y, MINUS_ONE)),
            " to ",
            _y,
        ),
    ),
    "power rule": (Pow(_x, _n), (Mul(_G, _n, Pow(_x, _n - 1)), " to ", _x)),
    "exponential rule": (
        Pow(_a, _x),
        (
            Mul(_G, _z, Apply("log", _a)),
            " to ",
            _x,
            ", ",
            Mul(_G, _z, _x, Pow(_a, MINUS_ONE)),
            " to ",
            _a,
        ),
    ),
    "chain rule": (Apply("f", _x), (Mul(_G, Apply("f'", _x)), " to ", _x)),
    "derivative of a contraction": (
        Mul(_c, Sum(_x_k, _x_k.indices[0])),
        (Mul(_G, _c), " to each ", _x_k),
    ),
    "self-derivative": (_x, (_G, " to ", _x)),
}
ADDED = "What is used in several places gets the sum of what comes back from them."


@dataclass(frozen=True)
class Values:
    """The tensors of a program at a point and the gradients by them, as arrays by name; it prints
    as the table of its gates."""

    program: Program
    passes: Passes
    seed: int

    @property
    def values(self) -> dict[str, Array]:
        """Inputs and defined names."""
        return {name: self.passes.values[name] for name in self.program.tensors}

    @property
    def gradients(self) -> dict[str, Array]:
        """∂l/∂ of those that the tensors asked for reach."""
        found = self.passes.gradients
        return {name: found[name] for name in self.program.tensors if name in found}

    @property
    def page(self) -> Page:
        return page_of(self.program, _Blocks(self.program, self.passes, self.seed).blocks())

    def __str__(self) -> str:
        return text(self.page)


def passed(
    program: Program,
    wrt: Sequence[str],
    given: Mapping[str, Any],
    lengths: Mapping[Symbol, int],
    seed: int,
) -> Values:
    """At the values given; the others are drawn."""
    return Values(program, passes(program, wrt, given, lengths, seed), seed)


@dataclass(frozen=True, slots=True)
class _Blocks:
    program: Program
    passes: Passes
    seed: int

    def blocks(self) -> Iterator[Block]:
        yield Equations(tuple(Row(e.left, e.right) for e in self.program.equations))
        if self.program.sizes:
            yield sizes(self.program, self.passes.numbers, self.passes.chosen)
        yield from self.origins()
        yield Gates(tuple(self.rows()))
        yield from self.rules()
        arrays = (*self.passes.values.values(), *self.passes.gradients.values())
        if not all(np.isfinite(array).all() for array in arrays):
            yield Remark(("nan and inf are no numbers: a function has no value at this point.",))

    def origins(self) -> Iterator[Block]:
        """What was not given, and what the gradients are of."""
        program, drawn, ones = self.program, self.passes.drawn, self.passes.ones
        if drawn:
            inputs = {access.name for access in program.inputs}
            named = [(self.tensor(n) if n in inputs else self.adjoint(n),) for n in drawn]
            yield Remark((f"Not given, and so drawn at seed {self.seed}: ", *listed(named), "."))
        if self.passes.functions:
            named = [(Access(name),) for name in self.passes.functions]
            yield Remark(("Not given, and so some smooth function: ", *listed(named), "."))
        if program.is_loss and ones:
            (name,) = ones
            yield Remark(("The loss is ", Access(name), ", and ", self.adjoint(name), " = 1."))
            return
        given = [name for name in program.outputs if name not in (*drawn, *ones)]
        pieces: Pieces = (Access(self.loss), " is a loss further on")
        for names, words in ((given, "given"), (ones, "not given, and so 1")):
            if names:
                verb = " are " if len(names) > 1 else " is "
                adjoints = [(self.adjoint(name),) for name in names]
                pieces += ("; ", *listed(adjoints), verb, words)
        yield Remark((*pieces, "."))

    def rows(self) -> Iterator[GateRow]:
        for access in self.program.inputs:
            yield GateRow(access, None, *self.arrays(access.name))
        for name, _ in self.program.constants:
            symbol = constant_symbol(name)
            yield GateRow(symbol, None, Numbers((), (self.passes.numbers[symbol],)), None)
        for gate in self.passes.gates:
            left = gate.left if gate.named else None
            unsummed = no_sum(gate.written) if gate.named else misread(gate.written)
            arrays = self.arrays(gate.left.name)
            yield GateRow(left, gate.written, *arrays, self.rule(gate), tuple(unsummed))

    def arrays(self, name: str) -> tuple[Numbers, Numbers | None]:
        """The value, and the gradient by it where there is one."""
        gradient = self.passes.gradients.get(name)
        forward = _numbers(self.passes.values[name])
        return forward, None if gradient is None else _numbers(gradient)

    def rule(self, gate: Gate) -> str | None:
        """The name of the rule by which a gate hands its gradient on, where it has one."""
        rule = gate.rule if gate.left.name in self.passes.gradients else None
        return rule.name if rule is not None else None

    def rules(self) -> Iterator[Block]:
        """What the rules of these gates do."""
        found = dict.fromkeys(filter(None, map(self.rule, self.passes.gates)))
        if not found:
            return
        columns = Column("rule"), Column("of a gate"), Column("hands back, where G is ∂l/∂z")
        rows = ((name, (_z, " = ", HANDED[name][0]), HANDED[name][1]) for name in found)
        yield Table("rules", columns, tuple(rows))
        uses = [(gate, access) for gate in self.passes.gates for access in gate.operands]
        spread = any(gate.letters.difference(access.indices) for gate, access in uses)
        if spread or len({access.name for _, access in uses}) < len(uses):
            yield Remark((ADDED,))

    @property
    def loss(self) -> str:
        return Backprop(self.program, ()).loss

    def tensor(self, name: str) -> Access:
        return Access(name, *self.program.tensors[name])

    def adjoint(self, name: str) -> Access:
        return Access(adjoint_name(self.loss, name), *self.program.tensors[name])


def _numbers(array: Array) -> Numbers:
    return Numbers(array.shape, tuple(map(float, array.ravel())))
