"""A program: inputs, constants, and equations in order; plain data for every later wing."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Basic, Expr, Symbol

from indexcalc.expr.base import Index
from indexcalc.expr.functions import PRIME
from indexcalc.expr.nodes import Access


@dataclass(frozen=True, slots=True, repr=False)
class Equation:
    """left = right, both open in the left's indices; `adds` where it was written as a loop, +=."""

    left: Access
    right: Basic
    adds: bool = False

    def __repr__(self) -> str:
        return f"{self.left} = {self.right}"


@dataclass(frozen=True, slots=True)
class Size:
    """An axis size: its symbol, the axes that have it, and whether an input fixes it."""

    symbol: Symbol
    axes: tuple[tuple[str, int], ...]
    letters: tuple[str, ...]
    fixed: bool

    @property
    def name(self) -> str:
        return str(self.symbol.name)


@dataclass(frozen=True, slots=True, repr=False)
class Program:
    """A tensor function as read."""

    name: str
    description: str
    inputs: tuple[Access, ...]
    constants: tuple[tuple[str, Expr], ...]
    outputs: tuple[str, ...]
    equations: tuple[Equation, ...]
    functions: tuple[tuple[str, int], ...]
    sizes: tuple[Size, ...]

    def __repr__(self) -> str:
        entries = [*map(str, self.inputs), *(f"{name}={value}" for name, value in self.constants)]
        head = f"{self.name}({', '.join(entries)}) -> {', '.join(self.outputs)}"
        return f"<Program {'; '.join([head, *map(repr, self.equations)])}>"

    @property
    def tensors(self) -> dict[str, tuple[Index, ...]]:
        """Every input and defined name with its indices, in order of appearance."""
        known = {entry.name: entry.indices for entry in self.inputs}
        return known | {e.left.name: e.left.indices for e in self.equations}

    @property
    def handed(self) -> tuple[str, ...]:
        """The functions that are handed in: f and f', or f, f'1 and f'2 of two arguments."""
        found = []
        for name, count in self.functions:
            places = [""] if count == 1 else [str(place) for place in range(1, count + 1)]
            found += [name, *(f"{name}{PRIME}{place}" for place in places)]
        return tuple(found)

    @property
    def is_loss(self) -> bool:
        """Whether the only output is a scalar."""
        return len(self.outputs) == 1 and not self.tensors[self.outputs[0]]
