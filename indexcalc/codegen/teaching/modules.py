"""A module for reading, but for what its two functions do: its names, its frame, and its check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import ClassVar

from sympy import Expr, Symbol

from indexcalc.calculus.backprop import Backprop
from indexcalc.codegen.arrays.helpers import CALLABLE, NUMBER, SIZE
from indexcalc.codegen.job import Job
from indexcalc.codegen.teaching.python import Speller
from indexcalc.codegen.teaching.scripts import (
    Names,
    block,
    documented,
    header,
    indented,
    listed,
)
from indexcalc.codegen.teaching.statements import statements
from indexcalc.expr.base import constant_symbol
from indexcalc.expr.functions import PRIME
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access
from indexcalc.expr.printing import spell
from indexcalc.render.echo import decimal

# A number that Python reads as it stands, and that ruff leaves so.
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d+|e-\d{1,2})?\Z")


class Module:
    """What modules of every target have.

    A target adds its two functions, and says: what its modules say they are, the text of their
    check, what numbers are drawn from there, its library, how it makes a number of a constant, and
    the names that are not to be had.
    """

    says: ClassVar[str]
    check_text: ClassVar[str]
    drawn_from: ClassVar[str]
    library: ClassVar[str]
    number: ClassVar[str]
    reserved: ClassVar[tuple[str, ...]]
    speller: Speller

    def __init__(self, job: Job) -> None:
        self.job = job
        self.program = program = job.program
        self.wrt = job.wrt
        self.backprop = Backprop(program, job.wrt)
        self.statements = statements(program, self.backprop)
        self.constants = [constant_symbol(name) for name, _ in program.constants]
        # Those that no input fixes.
        self.free_sizes = [size for size in program.sizes if not size.fixed]
        # What the backward function is handed.
        outputs = [f"dl_d{name}" for name in program.outputs]
        self.upstream = ["upstream"] if program.is_loss else outputs
        own = [f"{program.name}_{way}" for way in ("forward", "backward")]
        self.names = Names([*self.reserved, *own])

    # Names

    def claim(self, defined: Iterable[str]) -> None:
        """The names that a user sees first, so that these keep theirs where names clash."""
        program, names = self.program, self.names
        for access in program.inputs:
            names.claim(access.name, access.name)
        for symbol in self.constants:
            names.claim(symbol, str(symbol))
        for name in program.handed:
            names.claim(("function", name), name)
        for size in program.sizes:
            names.claim(size.symbol, size.name)
        for name in (*program.outputs, *defined):
            names.claim(name, name)
        for name in self.upstream:
            names.claim(("upstream", name), name)

    def symbols(self) -> dict[Symbol, str]:
        """The names of constants and sizes."""
        every = [*self.constants, *(size.symbol for size in self.program.sizes)]
        return {symbol: self.names[symbol] for symbol in every}

    # Functions

    def forward_function(self, beside: str, lines: Sequence[str]) -> list[str]:
        """The function from the inputs to the outputs and what is beside them."""
        tensors, outputs = self.program.tensors, self.program.outputs
        made = ", ".join(spell(Access(name, *tensors[name]), "unicode") for name in outputs)
        head = listed(f"def {self.program.name}_forward(", self.parameters(), "):")
        return [*head, *indented([*documented(f"{made}, and {beside}."), *lines])]

    def backward_function(self, how: str, lines: Sequence[str]) -> list[str]:
        """The function from the upstream gradients to those asked for."""
        loss = self.backprop.loss
        asked = ", ".join(f"∂{loss}/∂{unicode_face(name)}" for name in self.wrt)
        given = [self.names["upstream", name] for name in self.upstream]
        head = listed(f"def {self.program.name}_backward(", [*given, "saved"], "):")
        # The gradients in the header are those of the program's own loss.
        asked += f", times {given[0]}" if asked and self.program.is_loss else ""
        return [*head, *indented([*documented(f"{asked or 'No gradient'}: {how}."), *lines])]

    def parameters(self) -> list[str]:
        """The inputs in order; then, by keyword, free sizes, functions and constants."""
        names, program = self.names, self.program
        given = [names[access.name] for access in program.inputs]
        values = [self.default(value) for _, value in program.constants]
        keywords = [names[size.symbol] for size in self.free_sizes]
        keywords += [names["function", name] for name in program.handed]
        keywords += [f"{names[c]}={value}" for c, value in zip(self.constants, values, strict=True)]
        return [*given, *(["*", *keywords] if keywords else [])]

    def default(self, value: Expr) -> str:
        """1e-5 as it is written; what is no decimal, as an expression."""
        text = decimal(value)
        return text if _DECIMAL.match(text) else self.speller.number(value).text

    def by_name(self) -> list[str]:
        """Sizes, functions and constants, as what they must be."""
        sizes = [self.names[size.symbol] for size in self.free_sizes]
        handed = [self.names["function", name] for name in self.program.handed]
        lines = [f'{name} = _size("{name}", {name})' for name in sizes]
        if handed:
            lines += listed("_callable(", [f"{name}={name}" for name in handed], ")", 1)
        constants = [self.names[symbol] for symbol in self.constants]
        return lines + [f"{name} = {self.number.format(name)}" for name in constants]

    def sizes_given(self) -> list[str]:
        """The entries of `sizes` that are there before any input is looked at."""
        return [f'"{size.name}": {self.names[size.symbol]}' for size in self.free_sizes]

    def shape(self, tensor: Access, called: str) -> list[str]:
        """What is told of a tensor to check it: its name, its indices and sizes, sizes so far."""
        sizes = {size.symbol: size.name for size in self.program.sizes}
        letters = ", ".join(f'"{index.name}"' for index in tensor.indices)
        lengths = ", ".join(f'"{sizes[index.size]}"' for index in tensor.indices)
        return [f'"{called}"', f"[{letters}]", f"[{lengths}]", "sizes"]

    # The frame

    def module(self, imports: Sequence[str], *parts: str) -> str:
        """The whole text: what it is, what it imports, these parts, and what runs the check."""
        opening = header(self.backprop, self.job.closed, self.says, self.job.command)
        opening += ["", *imports]
        last = 'if __name__ == "__main__":\n    check()'
        helpers = [SIZE] if self.free_sizes else []
        helpers += [NUMBER] if self.constants else []
        helpers += [CALLABLE.replace("np.", f"{self.library}.")] if self.program.handed else []
        every = ["\n".join(opening), *parts, *helpers, self.check(), last]
        return "\n\n\n".join(part.strip("\n") for part in every) + "\n"

    def check(self) -> str:
        """The function `check`, at small lengths; next to each other, they differ."""
        program, names = self.program, self.names
        symbols = [size.symbol for size in program.sizes]
        lengths = dict(zip(symbols, cycle((2, 3, 4)), strict=False))
        inputs = []
        for access in program.inputs:
            shape = "".join(f", {lengths[index.size]}" for index in access.indices)
            inputs.append(f'"{names[access.name]}": drawn({self.drawn_from}{shape})')
        options = [f'"{names[s.symbol]}": {lengths[s.symbol]}' for s in self.free_sizes]
        options += self.stand_ins()
        asked = [f'"{names[a.name]}"' for a in program.inputs if a.name in self.wrt]
        return self.check_text.format(
            function=program.name,
            options=block("options = {", options, "}", 1),
            inputs=block("inputs = {", inputs, "}", 2),
            asked=block("asked = [", asked, "]", 1),
            seeds="*upstream" if len(program.outputs) > 1 else "upstream",
        )

    def stand_ins(self) -> list[str]:
        """Smooth functions for the abstract ones, and their slopes: sin(a x + b z + 0.4)."""
        entries = []
        for place, (name, count) in enumerate(self.program.functions):
            given = [f"x{n}" for n in range(1, count + 1)] if count > 1 else ["x"]
            rates = [f"0.{(7 + 3 * place + 4 * n) % 9 + 1}" for n in range(count)]
            inside = " + ".join(f"{rate} * {x}" for rate, x in zip(rates, given, strict=True))
            values = [f"{self.library}.sin({inside} + 0.4)"]
            values += [f"{rate} * {self.library}.cos({inside} + 0.4)" for rate in rates]
            own = [name, *(f for f in self.program.handed if f.startswith(name + PRIME))]
            for function, value in zip(own, values, strict=True):
                called = self.names["function", function]
                entries.append(f'"{called}": lambda {", ".join(given)}: {value}')
        return entries
