"""The target `loops`: plain Python loops over +=, and backward the same loops with names swapped.

A statement is a loop that reads some entries and adds to another. Backward, from the last loop to
the first, the gradient of what was added to is read, and those of the entries read are added to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Basic, Expr

from indexcalc.calculus.backprop import Backprop
from indexcalc.codegen.job import Job
from indexcalc.codegen.teaching.lists import ALWAYS, CHECK, WHERE_USED
from indexcalc.codegen.teaching.python import Speller, assigned
from indexcalc.codegen.teaching.scripts import (
    Names,
    abstract,
    block,
    check_lengths,
    constants,
    free_sizes,
    header,
    indented,
    listed,
    named,
    parameters,
    speaks_of,
    spelled,
    stand_ins,
    tupled,
    upstream_names,
)
from indexcalc.codegen.teaching.slopes import slopes
from indexcalc.codegen.teaching.statements import SAME, UNIT, Loop, statements
from indexcalc.expr.base import Index
from indexcalc.expr.entries import Entry
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access, Mul
from indexcalc.expr.printing import spell

SAYS = "plain loops over +=, and backward the same loops with names swapped."
# Python takes no more than 20 loops in each other.
MOST_NESTED = 12
_OWN = ("abs", "sigmoid", "softplus", "relu", "sign")
SPELLED = {name: name if name in _OWN else f"math.{name}" for name in FUNCTIONS}
RESERVED = (
    *("math", "range", "len", "float", "int", "abs", "max", "min", "list", "tuple", "type", "zip"),
    *("isinstance", "getattr", "next", "check", "saved", "sizes", "ValueError", "ArithmeticError"),
    *("numbers", "drawn", "alike", "moved", "dot", *ALWAYS, *WHERE_USED),
)
# What the gradient by a tensor is called inside: its name after this.
GRADIENT = "∂"


def emit(job: Job) -> str:
    """The text of a module: the function, its gradients by swapped loops, and a check of them."""
    return _Module(job).text()


class _Module:
    """The parts of one module's text."""

    def __init__(self, job: Job) -> None:
        self.program = program = job.program
        self.command = job.command
        self.closed = job.closed
        self.wrt = job.wrt
        self.backprop = Backprop(program, self.wrt)
        self.statements = statements(program, self.backprop)
        made = {s.left.name: s.left.indices for s in self.statements}
        known = {*(access.name for access in program.inputs), *made, *self.wrt}
        self.tensors = {n: i for n, i in (program.tensors | made).items() if n in known}
        self.moving = self.moved_by_wrt()
        self.names = self.named()
        symbols = {symbol: self.names[symbol] for symbol in constants(program)}
        symbols |= {size.symbol: self.names[size.symbol] for size in program.sizes}
        functions = {name: self.names["function", name] for name in abstract(program)}
        self.speller = Speller(self.entry, symbols, SPELLED | functions, "math.pow")

    def moved_by_wrt(self) -> set[str]:
        """The tensors that depend on one asked for, these included."""
        moving = set(self.wrt)
        for statement in self.statements:
            if any(entry.name in moving for loop in statement.loops for entry in loop.entries):
                moving.add(statement.left.name)
        return moving

    def named(self) -> Names:
        own = [f"{self.program.name}_{way}" for way in ("forward", "backward")]
        names = Names([*RESERVED, *own])
        named(self.program, names, self.tensors)
        for name in upstream_names(self.program):
            names.claim(("upstream", name), name)
        for name in self.tensors:
            names.claim(GRADIENT + name, f"{names.given.get(name, name)}_grad")
        letters = [i for s in self.statements for loop in s.loops for i in loop.over]
        for index in (*letters, *(i for indices in self.tensors.values() for i in indices)):
            names.claim(("letter", index.name), index.name)
        return names

    # Loops

    def loops_forward(self) -> Iterator[str]:
        for statement in self.statements:
            yield from ("", f"# {spelled(statement.equation)}")
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
            body = self.speller.piece(loop.body)
            yield from self.nest(own, [f"{left} = {function}({body.text} {over})"])

    def loops_backward(self) -> Iterator[str]:
        for statement in reversed(self.statements):
            nests = [nest for loop in statement.loops for nest in self.backward_loop(loop)]
            if nests:
                yield from ("", f"# {spelled(statement.equation)}", *nests)

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
        backward = list(self.loops_backward())
        functions = [*self.forward(backward), "", "", *self.backward(backward)]
        check = self.check()
        helpers = [text for name, text in WHERE_USED.items() if speaks_of(functions, name)]
        lines = header(self.backprop, self.closed, SAYS, self.command)
        lines += ["", "import math", "", "", *functions, "", ""]
        lines += "\n\n".join([*helpers, *ALWAYS.values()]).splitlines()
        lines += ["", "", *check, "", "", 'if __name__ == "__main__":', "    check()"]
        return "\n".join(lines) + "\n"

    def forward(self, backward: Sequence[str]) -> list[str]:
        names, program = self.names, self.program
        loops = list(self.loops_forward())
        free = [f'"{size.name}": {names[size.symbol]}' for size in free_sizes(program)]
        lines = listed("sizes = {", free, "}", 1)
        for access in program.inputs:
            own = names[access.name]
            lines += listed(f"{own} = nested(", [own, *self.shape(access, access.name)], ")", 1)
        lines += self.lengths(loops, [names[size.symbol] for size in free_sizes(program)])
        lines += [*loops, ""]
        lines += tupled("saved = ", [*self.saved(backward), "sizes"], depth=1)
        outputs = [names[name] for name in program.outputs]
        if len(outputs) > 1:
            lines += tupled("outputs = ", outputs, depth=1)
            lines.append("return outputs, saved")
        else:
            lines.append(f"return {outputs[0]}, saved")
        given = parameters(program, names, lambda value: self.speller.number(value).text)
        made = ", ".join(
            spell(Access(name, *self.tensors[name]), "unicode") for name in program.outputs
        )
        says = f'"""{made}, and what the backward pass needs."""'
        return [*listed(f"def {program.name}_forward(", given, "):"), *indented([says, *lines])]

    def backward(self, loops: Sequence[str]) -> list[str]:
        names, program = self.names, self.program
        lines = tupled("", [*self.saved(loops), "sizes"], " = saved", depth=1)
        begun = list(self.begun(loops))
        lines += self.lengths([*loops, *begun], [])
        lines += [*begun, *loops, ""]
        lines += tupled("return ", [names[GRADIENT + name] for name in self.wrt], depth=1)
        loss = self.backprop.loss
        asked = ", ".join(f"∂{loss}/∂{unicode_face(name)}" for name in self.wrt)
        says = f'"""{asked or "No gradient"}: the same loops with names swapped."""'
        given = [names["upstream", name] for name in upstream_names(program)]
        head = listed(f"def {program.name}_backward(", [*given, "saved"], "):")
        return [*head, *indented([says, *lines])]

    def begun(self, loops: Sequence[str]) -> Iterator[str]:
        """Every gradient before the loops: what is handed in, and 0 elsewhere."""
        program = self.program
        handed = dict(zip(program.outputs, upstream_names(program), strict=True))
        for name in reversed(self.tensors):
            left, tensor = self.names[GRADIENT + name], Access(name, *self.tensors[name])
            needed = name in self.wrt or speaks_of(loops, left)
            if name in handed:
                own = self.names["upstream", handed[name]]
                opening = f"{left} = nested(" if needed else "nested("
                yield from listed(opening, [own, *self.shape(tensor, handed[name])], ")", 1)
            elif needed:
                yield f"{left} = {self.zeros(tensor)}"

    def shape(self, tensor: Access, called: str) -> list[str]:
        """What `nested` is told of a tensor: its name, its indices and sizes, sizes so far."""
        sizes = {size.symbol: size.name for size in self.program.sizes}
        letters = ", ".join(f'"{index.name}"' for index in tensor.indices)
        lengths = ", ".join(f'"{sizes[index.size]}"' for index in tensor.indices)
        return [f'"{called}"', f"[{letters}]", f"[{lengths}]", "sizes"]

    def lengths(self, lines: Sequence[str], known: Sequence[str]) -> Iterator[str]:
        """The sizes that these lines speak of; one that only lists without entries have is 0."""
        for size in self.program.sizes:
            name = self.names[size.symbol]
            if name not in known and speaks_of(lines, name):
                yield f'{name} = sizes.get("{size.name}", 0)'

    def saved(self, loops: Sequence[str]) -> list[str]:
        """What the backward loops speak of besides gradients and sizes."""
        own = [*self.tensors, *constants(self.program)]
        own += [("function", name) for name in abstract(self.program)]
        return [self.names[what] for what in own if speaks_of(loops, self.names[what])]

    def check(self) -> list[str]:
        """The function `check` at small lengths."""
        program, names = self.program, self.names
        lengths = check_lengths(program)
        inputs = []
        for access in program.inputs:
            shape = "".join(f", {lengths[index.size]}" for index in access.indices)
            inputs.append(f'"{names[access.name]}": drawn(number{shape})')
        options = [f'"{names[s.symbol]}": {lengths[s.symbol]}' for s in free_sizes(program)]
        options += stand_ins(program, names, "math")
        asked = [names[access.name] for access in program.inputs if access.name in self.wrt]
        return CHECK.format(
            function=program.name,
            options=block("options = {", options, "}", 1),
            inputs=block("inputs = {", inputs, "}", 2),
            asked=block("asked = [", [f'"{name}"' for name in asked], "]", 1),
            seeds="*upstream" if len(program.outputs) > 1 else "upstream",
        ).splitlines()


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
