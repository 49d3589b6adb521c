"""Letters that can be read back: the size of each, and no name of the program.

A size is called by a letter, so one that a number in the text needs has to have a letter of its
own; and letters of added terms, renamed to those of the first, may have met names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sympy import Basic, Expr, Symbol

from indexcalc.expr.base import Index, children, postorder
from indexcalc.expr.nodes import Access, Binder, Delta, One
from indexcalc.expr.program import Equation, Program, Size
from indexcalc.expr.rename import distinct, fresh_name, relabelled

Meant = dict[str, dict[Symbol, None]]


class Names:
    """The names of a program, and what they leave to the letters of its equations.

    Gathered once, since an equation uses few of the sizes that a long program has.
    """

    def __init__(self, program: Program) -> None:
        self.tensors = program.tensors
        names = {*self.tensors, *dict(program.constants), *dict(program.functions)}
        self.taken = names | {name.lower() for name in names}
        self.sizes = {size.symbol: size for size in program.sizes}
        self.places = {symbol: place for place, symbol in enumerate(self.sizes)}
        self.letters = {size.name.lower() for size in program.sizes}
        # Without a signature, which no name may share a letter with, sizes have the same names.
        self.signed = self.letters.isdisjoint(self.tensors)
        fixed = [size for size in program.sizes if size.fixed and self.signed]
        self.declared = {size.name.lower(): size.symbol for size in fixed}

    def readable(self, equation: Equation) -> Equation:
        """The equation in letters that say again what they say here.

        A size that no input fixes is named by a letter; where that is not its own, one becomes so.
        """
        letters = _Letters(self, Equation(equation.left, distinct(equation.right)))
        letters.leave_names()
        letters.keep_size_names()
        letters.name_sizes_in_numbers()
        return letters.equation

    def of_sizes(self, equation: Equation) -> dict[Symbol, str]:
        """What the language calls each size in an equation: a capital, else size(k)."""
        names: dict[Symbol, str] = {}
        for letter, sizes in self.meant(equation).items():
            if len(sizes) == 1:
                bare = letter.upper() != letter and letter.upper() not in self.tensors
                (symbol,) = sizes
                names.setdefault(symbol, letter.upper() if bare else f"size({letter})")
        for index in equation.left.indices:
            names.setdefault(index.size, f"size({index.name})")
        return names

    def meant(self, equation: Equation) -> Meant:
        """Each letter that an equation can use, with its sizes; those of the signature first."""
        indices = _indices(equation)
        own = [size.name.lower() for size in self.known(_in_numbers(equation))]
        letters = dict.fromkeys([*own, *(index.name for index in indices)])
        meant: Meant = {
            letter: {self.declared[letter]: None} for letter in letters if letter in self.declared
        }
        for index in indices:
            meant.setdefault(index.name, {})[index.size] = None
        return meant

    def known(self, symbols: Iterable[Symbol]) -> list[Size]:
        """The sizes among the symbols, in the order of the program."""
        among = {symbol for symbol in symbols if symbol in self.sizes}
        return [self.sizes[symbol] for symbol in sorted(among, key=self.places.__getitem__)]


class _Letters:
    """An equation whose letters change, one at a time."""

    def __init__(self, names: Names, equation: Equation) -> None:
        self.names = names
        self.see(equation)

    def see(self, equation: Equation) -> None:
        self.equation = equation
        self.indices = list(_indices(equation))
        self.of_size: dict[Symbol, list[Index]] = {}
        self.called: dict[str, list[Index]] = {}
        for index in self.indices:
            self.of_size.setdefault(index.size, []).append(index)
            self.called.setdefault(index.name, []).append(index)
        # size(k) means the free k, whatever else k means in the signature.
        self.lettered = {index.size for index in equation.left.indices}
        for sizes in self.names.meant(equation).values():
            if len(sizes) == 1:
                self.lettered |= sizes.keys()

    def leave_names(self) -> None:
        for index in self.indices:
            if index.name in self.names.taken:
                self.change(index)

    def keep_size_names(self) -> None:
        for size in self.names.known(self.of_size):
            own, indices = size.name.lower(), self.of_size[size.symbol]
            if not size.fixed and own not in {index.name for index in indices}:
                if any(index in self.equation.left.indices for index in indices):
                    continue
                for index in self.called.get(own, []):
                    self.change(index)
                self.change(indices[0])

    def name_sizes_in_numbers(self) -> None:
        for size in self.names.known(_in_numbers(self.equation)):
            if size.symbol not in self.lettered:
                indices = self.of_size.get(size.symbol, [])
                own = self.called.get(size.name.lower(), [])
                others = [index for index in own if index not in indices]
                keeps = not indices or len(others) < len(own)
                for index in others if keeps else indices[:1]:
                    self.change(index)

    def change(self, index: Index) -> None:
        """Take the letter of the index's size where it is to be had, and a fresh one elsewhere."""
        letter = str(index.size).lower()
        if letter in self.called or letter in self.names.taken:
            letter = fresh_name(index.name, self.called, self.names.taken, self.names.letters)
        mapping = {index: Index(letter, index.size)}
        left = relabelled(self.equation.left, mapping)
        assert isinstance(left, Access)  # a letter is all that changed
        self.see(Equation(left, relabelled(self.equation.right, mapping)))


def _in_numbers(equation: Equation) -> set[Symbol]:
    scalars = [node for node in postorder(equation.right) if isinstance(node, Expr)]
    return set().union(*(scalar.free_symbols for scalar in scalars))


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
