"""Letters that can be read back: the size of each, and no name of the program.

A size is called by a letter, so one that a number in the text needs has to have a letter of its
own; and letters of added terms, renamed to those of the first, may have met names.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Basic, Expr, Symbol

from indexcalc.expr.base import Index, children, postorder
from indexcalc.expr.nodes import Access, Binder, Delta, One
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rename import distinct, fresh_name, relabelled

Meant = dict[str, dict[Symbol, None]]


def signed(program: Program) -> bool:
    """Whether it can be given a signature, which no name may share a letter with.

    Without one, sizes have the same names.
    """
    return {size.name.lower() for size in program.sizes}.isdisjoint(program.tensors)


def sizes_meant(program: Program, equation: Equation) -> Meant:
    """Each letter of the signature and of an equation, with its sizes."""
    meant: Meant = {}
    if signed(program):
        for size in program.sizes:
            if size.fixed:
                meant.setdefault(size.name.lower(), {})[size.symbol] = None
    for index in _indices(equation):
        meant.setdefault(index.name, {})[index.size] = None
    return meant


def readable(program: Program, equation: Equation) -> Equation:
    """The equation in letters that say again what they say here.

    A size that no input fixes is named by a letter; where that is not its own, one becomes so.
    """
    letters = _Letters(program, Equation(equation.left, distinct(equation.right)))
    letters.leave_names()
    letters.keep_size_names()
    letters.name_sizes_in_numbers()
    return letters.equation


class _Letters:
    """An equation whose letters change, one at a time."""

    def __init__(self, program: Program, equation: Equation) -> None:
        self.program = program
        self.equation = equation
        names = {*program.tensors, *dict(program.constants), *dict(program.functions)}
        self.names = names | {name.lower() for name in names}

    def leave_names(self) -> None:
        for index in _indices(self.equation):
            if index.name in self.names:
                self.change(index)

    def keep_size_names(self) -> None:
        for size in self.program.sizes:
            own = size.name.lower()
            indices = self.of_size(size.symbol)
            if indices and not size.fixed and own not in {index.name for index in indices}:
                if any(index in self.equation.left.indices for index in indices):
                    continue
                for index in self.called(own):
                    self.change(index)
                self.change(indices[0])

    def name_sizes_in_numbers(self) -> None:
        scalars = [node for node in postorder(self.equation.right) if isinstance(node, Expr)]
        needed = {symbol for scalar in scalars for symbol in scalar.free_symbols}
        for size in self.program.sizes:
            if size.symbol in needed and not self.has_letter(size.symbol):
                indices, own = self.of_size(size.symbol), self.called(size.name.lower())
                others = [index for index in own if index not in indices]
                keeps = not indices or len(others) < len(own)
                for index in others if keeps else indices[:1]:
                    self.change(index)

    def has_letter(self, size: Symbol) -> bool:
        """size(k) means the free k, whatever else k means in the signature."""
        meant = sizes_meant(self.program, self.equation).values()
        return [size] in map(list, meant) or any(i.size == size for i in self.equation.left.indices)

    def of_size(self, size: Symbol) -> list[Index]:
        return [index for index in _indices(self.equation) if index.size == size]

    def called(self, letter: str) -> list[Index]:
        return [index for index in _indices(self.equation) if index.name == letter]

    def change(self, index: Index) -> None:
        """Take the letter of the index's size where it is to be had, and a fresh one elsewhere."""
        letter = str(index.size).lower()
        used = {other.name for other in _indices(self.equation)} | self.names
        if letter in used:
            signature = [size.name.lower() for size in self.program.sizes]
            letter = fresh_name(index.name, used, signature)
        mapping = {index: Index(letter, index.size)}
        left = relabelled(self.equation.left, mapping)
        assert isinstance(left, Access)  # a letter is all that changed
        self.equation = Equation(left, relabelled(self.equation.right, mapping))


def _indices(equation: Equation) -> dict[Index, None]:
    """The indices in the order in which they are written."""
    return dict.fromkeys([*equation.left.indices, *_written(equation.right)])


def _written(expr: Basic) -> Iterator[Index]:
    waiting, seen = [expr], set()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            if isinstance(node, Access | One | Delta | Binder):
                yield from node.indices
            waiting += reversed(children(node))
