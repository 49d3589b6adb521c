"""A loop over blocks of rows as lines of NumPy: slices of what is whole, scratch for one block."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sympy import Basic, Expr, Integer

from indexcalc.codegen.arrays.arithmetic import PRODUCT
from indexcalc.codegen.arrays.frame import words
from indexcalc.codegen.arrays.function import Body
from indexcalc.codegen.arrays.layout import INDENT, tuple_of
from indexcalc.codegen.arrays.leaves import Axes
from indexcalc.codegen.arrays.naming import Names
from indexcalc.codegen.arrays.spelling import Speller
from indexcalc.codegen.arrays.steps import Operand, Step, Value
from indexcalc.codegen.arrays.writing import Writer
from indexcalc.codegen.blocking.blocks import BYTES, ITEM, Loop, again, spared
from indexcalc.codegen.blocking.rows import Letters, cuts
from indexcalc.codegen.contractions.views import scale_in_place
from indexcalc.codegen.operations import Contraction, Operation, Pointwise, Reduction
from indexcalc.expr.base import ONE, Index, postorder, size_symbol
from indexcalc.expr.nodes import Access
from indexcalc.expr.rename import rename


class RowLoop:
    """The lines of one loop. What is in `buffered` is written into arrays, `large` of it by a
    single ufunc; `where` is for the keys of the workspace."""

    def __init__(
        self,
        loop: Loop,
        speller: Speller,
        names: Names,
        buffered: Collection[str],
        large: Collection[str],
        where: str,
    ) -> None:
        self.loop = loop
        self.outer = speller
        self.large = buffered
        self.huge = large
        self.where = where
        self.counts = [self.level("count", level) for level in range(len(loop.levels))]
        self.symbols = [size_symbol(f"rows of level {level}") for level in range(len(loop.levels))]
        self.internal: dict[tuple[str, tuple[int | None, ...]], str] = {}
        self.views: dict[str, str] = {}
        self.vectors: dict[str, str] = {}
        self.names = replace(names, tensors=dict(names.tensors))
        self.inner = speller.extended(
            self.names,
            dict(zip(self.symbols, self.counts, strict=True)),
            dict(zip(self.symbols, self.lengths(), strict=True)),
        )

    def level(self, word: str, level: int) -> str:
        return word if level == 0 else f"{word}{level + 1}"

    def lengths(self) -> list[int]:
        """How many rows a block has at the lengths of the plan."""
        known = {symbol: Integer(length) for symbol, length in self.outer.plan_lengths.items()}
        found = []
        for level, entries in enumerate(self.loop.entries):
            least = self.loop.least if level == len(self.loop.levels) - 1 else 1
            fitting = BYTES // (ITEM * max(int(entries.xreplace(known)), 1))
            length = int(self.loop.levels[level].xreplace(known))
            found.append(max(1, min(length, max(least, fitting))))
        return found

    # Lines

    def lines(self) -> list[str]:
        body = Body(self.inner, self.buffered(), self.whole())
        body.ones, body.loose = self.ones, self.loose()
        endings: list[str] = []
        for one, letters in zip(self.loop.operations, self.loop.letters, strict=True):
            endings += self.add(body, one, letters)
        writer = Writer(body.steps, self.names.fresh)
        arithmetic = list(writer.lines())
        before = [*self.totals(), *self.rows()]
        before += self.vectors.values()
        slices = [f"{name} = {view}" for name, view in self.views.items()]
        for home in writer.scratch():
            if not self.cut(home.indices):
                before.append(self.buffer(home.name, home.name, home.indices))
                continue
            space = self.names.fresh(f"{home.name}_block")
            before.append(self.buffer(space, home.name, home.indices))
            slices.append(f"{home.name} = {space}{self.cut(home.indices)}")
        return [*before, *self.nested([*slices, *arithmetic, *endings]), *self.scaled(body)]

    def buffer(self, name: str, key: str, indices: Iterable[Index]) -> str:
        shape = self.most(indices)
        return f'{name} = _buffer(workspace, "{self.where} {key}", {shape}, dtype)'

    def nested(self, inside: Sequence[str]) -> list[str]:
        lines: list[str] = []
        used = words(inside)
        for level, size in enumerate(self.loop.levels):
            rows, start, at = (self.level(word, level) for word in ("rows", "start", "at"))
            length, count = self.outer.scalar(size).text, self.counts[level]
            indent = INDENT * level
            lines.append(f"{indent}for {start} in range(0, {length}, {rows}):")
            stop = f"{start} + {rows}"
            if count in used:
                lines.append(f"{indent}{INDENT}{count} = min({rows}, {length} - {start})")
                stop = f"{start} + {count}"
            if at in used:
                lines.append(f"{indent}{INDENT}{at} = slice({start}, {stop})")
        indent = INDENT * len(self.loop.levels)
        return [*lines, *(indent + line for line in inside)]

    def rows(self) -> list[str]:
        """How many rows a block has at each level."""
        lines = ["# Blocks of rows that stay in cache."]
        read_again = again(self.loop)
        for level, (size, entries) in enumerate(
            zip(self.loop.levels, self.loop.entries, strict=True)
        ):
            length, row = self.outer.scalar(size).text, self.outer.scalar(entries).at(PRODUCT)
            given = [length, f"{row} * dtype.itemsize"]
            if level == len(self.loop.levels) - 1:
                if self.loop.least > 1:
                    given.append(f"least={self.loop.least}")
                if read_again != 0:
                    given.append(f"read_again={self.outer.scalar(read_again).text}")
                    given.append(f"spared={self.outer.scalar(spared(self.loop)).text}")
            lines.append(f"{self.level('rows', level)} = _rows({', '.join(given)})")
        return lines

    def totals(self) -> list[str]:
        """What is added to starts from 0."""
        names = [(self.outer.names.tensors[name], name) for name in self.loop.totals]
        order = {one.left.name: len(one.left.indices) for one in self.loop.operations}
        return [
            f"{own}[...] = 0" if order[name] else f"{own} = dtype.type(0)" for own, name in names
        ]

    def scaled(self, body: Body) -> list[str]:
        """Totals by the factor of their sum, once they are whole."""
        lines = []
        for one in self.loop.operations:
            if one.left.name in self.loop.totals and isinstance(one, Contraction):
                negative = bool(one.factor.could_extract_minus_sign())
                factor = body.factor(-one.factor if negative else one.factor) or "1" * negative
                own = self.outer.names.tensors[one.left.name]
                lines += [scale_in_place(own, factor, negative=negative)] if factor else []
        return lines

    def ones(self, indices: Axes) -> str:
        """A vector of ones made before the loop, of which the last block has a part."""
        if len(indices) > 1:
            return ""
        size = str(indices[0].size)
        if size in self.counts:
            rows = self.level("rows", self.counts.index(size))
            name = self.names.fresh(f"ones_{rows}")
            self.vectors[name] = f"{name} = np.ones({rows}, dtype)"
            return f"{name}[:{size}]"
        name = self.names.fresh(f"ones_{size.lower()}")
        self.vectors[name] = f"{name} = np.ones({size}, dtype)"
        return name

    def most(self, indices: Iterable[Index]) -> str:
        """The shape of scratch for the largest block."""
        sizes = [self.inner.size(index) for index in indices]
        rows = {count: self.level("rows", level) for level, count in enumerate(self.counts)}
        return tuple_of([rows.get(size, size) for size in sizes])

    def cut(self, indices: Iterable[Index]) -> str:
        """The part of scratch that a block has."""
        sizes = [self.inner.size(index) for index in indices]
        marks = [f":{size}" if size in self.counts else ":" for size in sizes]
        while marks and marks[-1] == ":":
            marks.pop()
        # A blank as the formatter has it where a slice stands alone.
        return f"[{', '.join(marks)}]" if marks else ""

    # Operations

    def buffered(self) -> set[str]:
        """Large arrays and parts of large totals, by the names that they have inside."""
        return {
            self.name_of(one.left, letters) for one, letters in self.pairs() if self.is_large(one)
        }

    def loose(self) -> set[str]:
        """Those cut along other axes than their first ones, or along these in another order."""
        found = {
            self.name_of(one.left, letters): cuts(one.left, letters)
            for one, letters in self.pairs()
        }
        return {name for name, places in found.items() if not _leads(places)}

    def is_large(self, one: Operation) -> bool:
        return one.left.name in self.large

    def pairs(self) -> Iterable[tuple[Operation, Letters]]:
        return zip(self.loop.operations, self.loop.letters, strict=True)

    def whole(self) -> set[str]:
        return {
            self.name_of(one.left, letters)
            for one, letters in self.pairs()
            if one.left.name in self.loop.written
        }

    def add(self, body: Body, one: Operation, letters: Letters) -> list[str]:
        """The steps of an operation; what is to be done with its result at the end of a block."""
        name = one.left.name
        small = self.at_rows(one, letters)
        if name not in self.loop.totals:
            if name in self.loop.written and not self.is_large(one):
                inner = small.left.name
                view = self.views.pop(self.names.tensors[inner], None)
                body.add(small)
                return [f"{view} = {self.names.tensors[inner]}"] if view else []
            body.add(small)
            return []
        self.add_total(body, one, small)
        return []

    def add_total(self, body: Body, one: Operation, small: Operation) -> None:
        assert isinstance(small, Contraction)
        small = replace(small, factor=ONE)
        own = self.names.tensors[small.left.name]
        if one.left.name not in self.huge:
            text = body.contracted(small)
            body.line(f"{own} += {text}", small.operands)
            return
        part = f"{small.left.name} part"
        self.names.tensors[part] = self.names.fresh(f"{own}_part")
        body.buffered = {*body.buffered, part}
        if small.left.name in body.loose:
            body.loose = {*body.loose, part}
        body.add(replace(small, left=Access(part, *small.left.indices)))
        value: Value = body.known[part]
        body.steps.append(Step(lambda texts, out: f"{own} += {texts[0]}", (Operand(value=value),)))

    def at_rows(self, one: Operation, letters: Letters) -> Operation:
        """The operation on the arrays of a block, its row letters as long as the block is high."""
        short = {
            letter: Index(letter.name, self.symbols[level]) for level, letter in enumerate(letters)
        }

        def shortened(access: Access) -> Access:
            name = self.name_of(access, letters)
            return Access(name, *(short.get(i, i) for i in access.indices))

        left = shortened(one.left)
        match one:
            case Contraction():
                return replace(one, left=left, operands=tuple(map(shortened, one.operands)))
            case Pointwise():
                return Pointwise(left, self.value_at_rows(one.value, letters, short))
            case Reduction():
                return replace(one, left=left, operand=shortened(one.operand))
        return replace(one, left=left, operand=shortened(one.operand))

    def value_at_rows(self, value: Basic, letters: Letters, short: dict[Index, Index]) -> Basic:
        found: Any = dict.fromkeys(a for a in postorder(value) if isinstance(a, Access))
        named = {a: Access(self.name_of(a, letters), *a.indices) for a in found}
        if isinstance(value, Access):
            value = named[value]
        elif not isinstance(value, Expr):
            value = value.xreplace(named)
        return rename(value, short)

    def name_of(self, access: Access, letters: Letters) -> str:
        """What an array is called inside: a part of a whole one has a name of its own."""
        places = cuts(access, letters)
        if access.name in self.loop.scratch or all(place is None for place in places):
            return access.name
        key = access.name, places
        if key not in self.internal:
            own = self.outer.names.tensors[access.name]
            name = f"{access.name} at {places}"
            taken = replace(self.names, taken=self.names.taken | {*self.names.tensors.values()})
            self.names.tensors[name] = taken.fresh(f"{own}_rows")
            marks = [":" if place is None else self.level("at", place) for place in places]
            while marks[-1] == ":":
                marks.pop()
            self.views[self.names.tensors[name]] = f"{own}[{', '.join(marks)}]"
            self.internal[key] = name
        return self.internal[key]


def _leads(places: Sequence[int | None]) -> bool:
    """Whether what is cut at these places, by level, lies side by side."""
    found = [place for place in places if place is not None]
    return found == sorted(found) == list(places[: len(found)])
