"""The target `loops`: plain Python loops over +=, and backward the same loops with names swapped.

A statement is a loop that reads some entries and adds to another. Backward, from the last loop to
the first, the gradient of what was added to is read, and those of the entries read are added to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sympy import Basic, Expr

from indexcalc.codegen.job import Job
from indexcalc.codegen.teaching.lists import ALWAYS, CHECK, WHERE_USED
from indexcalc.codegen.teaching.modules import Module
from indexcalc.codegen.teaching.python import Piece, Speller, assigned
from indexcalc.codegen.teaching.scripts import comment, indented, listed, speaks_of, tupled
from indexcalc.codegen.teaching.slopes import slopes
from indexcalc.codegen.teaching.statements import SAME, UNIT, Loop
from indexcalc.expr.base import Index
from indexcalc.expr.entries import Entry
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import Access, Mul
from indexcalc.expr.program import Size

# Python takes no more than 20 loops in each other.
MOST_NESTED = 12
_OWN = ("abs", "sigmoid", "softplus", "relu", "sign")
SPELLED = {name: name if name in _OWN else f"math.{name}" for name in FUNCTIONS}
RESERVED = (
    *("math", "range", "len", "float", "int", "abs", "max", "min", "list", "tuple", "type", "zip"),
    *("isinstance", "getattr", "next", "check", "saved", "sizes", "ValueError", "ArithmeticError"),
    *("numbers", "drawn", "alike", "compared", "moved", "dot", *ALWAYS, *WHERE_USED),
)
# What the gradient by a tensor is called inside: its name after this.
GRADIENT = "∂"


def emit(job: Job) -> str:
    """The text of a module: the function, its gradients by swapped loops, and a check of them."""
    return _Loops(job).text()


class _Loops(Module):
    """The parts of one module's text."""

    says = "plain loops over +=, and backward the same loops with names swapped."
    check_text = CHECK
    drawn_from = "number, ranges"
    library = "math"
    number = '_number("{0}", {0})'
    reserved = RESERVED

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        program = self.program
        made = {s.left.name: s.left.indices for s in self.statements}
        known = {*(access.name for access in program.inputs), *made, *self.wrt}
        self.tensors = {n: i for n, i in (program.tensors | made).items() if n in known}
        self.moving = self.moved_by_wrt()
        self.claim(self.tensors)
        self.claim_more()
        functions = {name: self.names["function", name] for name in self.program.handed}
        self.speller = Speller(self.entry, self.symbols(), SPELLED | functions, "math.pow")

    def moved_by_wrt(self) -> set[str]:
        """The tensors that depend on one asked for, these included."""
        moving = set(self.wrt)
        for statement in self.statements:
            if any(entry.name in moving for loop in statement.loops for entry in loop.entries):
                moving.add(statement.left.name)
        return moving

    def claim_more(self) -> None:
        """The names of gradients inside, and of letters."""
        names = self.names
        for name in self.tensors:
            names.claim(GRADIENT + name, f"{names.given.get(name, name)}_grad")
        letters = [i for s in self.statements for loop in s.loops for i in loop.over]
        for index in (*letters, *(i for indices in self.tensors.values() for i in indices)):
            names.claim(("letter", index.name), index.name)

    # Loops

    def loops_forward(self) -> Iterator[str]:
        for statement in self.statements:
            yield from ("", *comment(statement.equation))
            left, hows = statement.left, {loop.how for loop in statement.loops}
            if left.indices or "+=" in hows:
                yield f"{self.names[left.name]} = {self.zeros(left)}"
            for loop in statement.loops:
                yield from self.forward_loop(loop)

    def forward_loop(self, loop: Loop) -> Iterator[str]:
        left = self.entry(loop.left)
        if loop.how == "+=":
            yield from self.nest(loop.over, self.added(left, [loop.body], loop.over))
        elif loop.how == "=":
            body = self.speller.piece(loop.body)
            yield from self.nest(loop.over, assigned(f"{left} =", body, _depth(loop.over)))
        else:
            own = [index for index in loop.over if index in loop.left.indices]
            over = " ".join(self.for_loop([i]) for i in loop.over if i not in own)
            function = "math.prod" if loop.how == "prod" else loop.how
            body = Piece(f"{function}({self.speller.piece(loop.body).text} {over})")
            yield from self.nest(own, assigned(f"{left} =", body, _depth(own)))

    def loops_backward(self) -> Iterator[str]:
        for statement in reversed(self.statements):
            nests = [nest for loop in statement.loops for nest in self.backward_loop(loop)]
            if nests:
                yield from ("", *comment(statement.equation), *nests)

    def backward_loop(self, loop: Loop) -> Iterator[str]:
        """The same loop; each entry's gradient has a line for every way in which it counts."""
        after = _gradient(loop.left)
        lines: list[str] = []
        for entry, factors in slopes(loop, self.moving):
            at = _place(entry, loop)
            swapped = [*factors[:at], after, *factors[at:]]
            lines += self.added(self.entry(_gradient(entry)), swapped, loop.over)
        if lines:
            yield from self.nest(loop.over, lines)

    def added(self, left: str, factors: Sequence[Basic], over: Sequence[Index]) -> list[str]:
        """left += product, or left -= what has a minus."""
        minus, piece = self.speller.magnitude(factors)
        return assigned(f"{left} {'-' if minus else '+'}=", piece, _depth(over))

    def nest(self, over: Sequence[Index], lines: Sequence[str]) -> Iterator[str]:
        """The lines inside a loop for each of these indices."""
        if len(over) > MOST_NESTED:
            yield f"{self.for_loop(over)}:"
            yield from indented(lines)
            return
        for depth, index in enumerate(over):
            yield from indented([f"{self.for_loop([index])}:"], depth)
        yield from indented(lines, len(over))

    def for_loop(self, over: Sequence[Index]) -> str:
        letters = ", ".join(self.names["letter", index.name] for index in over)
        lengths = ", ".join(self.speller.number(index.size).text for index in over)
        return f"for {letters} in {'range' if len(over) == 1 else 'places'}({lengths})"

    def zeros(self, tensor: Access) -> str:
        lengths = ", ".join(self.speller.number(index.size).text for index in tensor.indices)
        return f"zeros({lengths})" if lengths else "0.0"

    def entry(self, entry: Access) -> str:
        """x[i][j]; for a delta, whether its letters are equal."""
        letters = [self.names["letter", index.name] for index in entry.indices]
        if entry.name == SAME:
            return f"float({letters[0]} == {letters[1]})" if letters[0] != letters[1] else "1.0"
        return self.names[entry.name] + "".join(f"[{letter}]" for letter in letters)

    # Functions

    def text(self) -> str:
        loops = list(self.loops_backward())
        forward, backward = self.forward(loops), self.backward(loops)
        functions = [*forward, *backward]
        helpers = [text for name, text in WHERE_USED.items() if speaks_of(functions, name)]
        parts = ("\n".join(forward), "\n".join(backward), *helpers, *ALWAYS.values())
        return self.module(["import math"], *parts)

    def forward(self, backward: Sequence[str]) -> list[str]:
        names, program = self.names, self.program
        loops = list(self.loops_forward())
        lines = [*self.by_name(), *listed("sizes = {", self.sizes_given(), "}", 1)]
        for access in program.inputs:
            own = names[access.name]
            lines += listed(f"{own} = nested(", [own, *self.shape(access, access.name)], ")", 1)
        lines += self.lengths(loops, [size for size in program.sizes if size.fixed])
        lines += [*loops, ""]
        own = f"{program.name}_forward"
        lines += tupled("saved = ", [own, *self.saved(backward), "sizes"], depth=1)
        outputs = [names[name] for name in program.outputs]
        if len(outputs) > 1:
            lines += tupled("outputs = ", outputs, depth=1)
            lines.append("return outputs, saved")
        else:
            lines.append(f"return {outputs[0]}, saved")
        return self.forward_function("what the backward pass needs", lines)

    def backward(self, loops: Sequence[str]) -> list[str]:
        opening = f" = kept(saved, {self.program.name}_forward)"
        lines = tupled("", [*self.saved(loops), "sizes"], opening, depth=1)
        begun = list(self.begun(loops))
        lines += self.lengths([*loops, *begun], self.program.sizes)
        lines += [*begun, *loops, ""]
        gradients = [self.names[GRADIENT + name] for name in self.wrt]
        lines += tupled("return ", gradients, depth=1)
        return self.backward_function("the same loops with names swapped", lines)

    def begun(self, loops: Sequence[str]) -> Iterator[str]:
        """Every gradient before the loops: what is handed in, and 0 elsewhere."""
        program = self.program
        handed = dict(zip(program.outputs, self.upstream, strict=True))
        for name in reversed(self.tensors):
            left, tensor = self.names[GRADIENT + name], Access(name, *self.tensors[name])
            needed = name in self.wrt or speaks_of(loops, left)
            if name in handed:
                own = self.names["upstream", handed[name]]
                opening = f"{left} = nested(" if needed else "nested("
                yield from listed(opening, [own, *self.shape(tensor, handed[name])], ")", 1)
            elif needed:
                yield f"{left} = {self.zeros(tensor)}"

    def lengths(self, lines: Sequence[str], sizes: Iterable[Size]) -> Iterator[str]:
        """Those that these lines speak of; a size that only lists without entries have is 0."""
        for size in sizes:
            name = self.names[size.symbol]
            if speaks_of(lines, name):
                yield f'{name} = sizes.get("{size.name}", 0)'

    def saved(self, loops: Sequence[str]) -> list[str]:
        """What the backward loops speak of besides gradients and sizes."""
        own = [*self.tensors, *self.constants]
        own += [("function", name) for name in self.program.handed]
        return [self.names[what] for what in own if speaks_of(loops, self.names[what])]


def _gradient(entry: Entry) -> Entry:
    return Entry(GRADIENT + entry.name, *entry.indices)


def _place(entry: Entry, loop: Loop) -> int:
    """Where its gradient and that of the left-hand side swap places: after the number in front, and
    after the factors before it."""
    factors: tuple[Basic, ...] = loop.body.args if isinstance(loop.body, Mul) else ()
    before = factors[: factors.index(entry)] if entry in factors else ()
    return 1 + len([f for f in before if not isinstance(f, Expr) and f != UNIT])


def _depth(over: Sequence[Index]) -> int:
    return 1 + (len(over) if len(over) <= MOST_NESTED else 1)
