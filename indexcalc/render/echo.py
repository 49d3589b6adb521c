"""How a program is read: its statements with every Σ and one-tensor, inputs, outputs, sizes."""

from __future__ import annotations

import re

from sympy import Basic, Rational, Symbol

from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access
from indexcalc.expr.printing import spell, spell_equation
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.scalars import digits
from indexcalc.render.letters import Names

WIDTH = 80


def echo(program: Program) -> str:
    """The reading as plain text for a terminal."""
    blocks = [_head(program), _statements(program), _inputs(program), _sizes(program)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def source(program: Program, notation: str = "einstein") -> str:
    """The program in its own language: text that reads to the same program."""
    lines = [f"# {line}".rstrip() for line in program.description.splitlines()]
    declared = [name for name, _ in program.functions if name not in ("f", "g", "h")]
    lines += [f"pointwise {name}" for name in declared]
    names = Names(program)
    if names.signed:
        lines.append(signature(program))
    for equation in program.equations:
        shown = names.readable(equation)
        lines.append(spell_equation(shown, "text", notation, names.of_sizes(shown)))
    return "\n".join(lines) + "\n"


def signature(program: Program) -> str:
    """name(x[b,h], eps=1e-5) -> y, each axis under the letter of its size."""
    parameters = []
    for access in program.inputs:
        letters = ",".join(str(index.size).lower() for index in access.indices)
        parameters.append(f"{access.name}[{letters}]" if letters else access.name)
    parameters += [f"{name}={decimal(value)}" for name, value in program.constants]
    return f"{program.name}({', '.join(parameters)}) -> {', '.join(program.outputs)}"


def size_names(program: Program, equation: Equation) -> dict[Symbol, str]:
    """What the language calls each size in an equation: a capital, else size(k)."""
    return Names(program).of_sizes(equation)


def _head(program: Program) -> str:
    inputs = [spell(access, "unicode") for access in program.inputs]
    inputs += [f"{unicode_face(name)} = {decimal(value)}" for name, value in program.constants]
    outputs = [unicode_face(name) for name in program.outputs]
    head = f"{program.name}("
    title = f"{', '.join(inputs)}) → {', '.join(outputs)}"
    lines = _filled(head, re.split("(?<=,) ", title))
    for line in program.description.splitlines():
        lines += _filled("", line.split(" "))
    return "\n".join(lines)


def _statements(program: Program) -> str:
    lefts = [spell(equation.left, "unicode") for equation in program.equations]
    width = min(max(map(len, lefts)), WIDTH // 4)
    lines = []
    for left, equation in zip(lefts, program.equations, strict=True):
        right = spell_equation(equation, "unicode", "sum").partition(" = ")[2]
        lines += _wrapped(f"  {left:<{width}} = ", right)
    return "\n".join(["Reading", *lines])


def _wrapped(head: str, text: str) -> list[str]:
    """Broken before + and -, and between factors where a term is too long for a line."""
    words: list[str] = []
    for piece in re.split(r" (?=[+-] )", text):
        words += [piece] if len(head) + len(piece) <= WIDTH else piece.split(" ")
    return _filled(head, words)


def _inputs(program: Program) -> str:
    rows = [(spell(access, "unicode"), _shape(access)) for access in program.inputs]
    rows += [(unicode_face(n), f"a constant, {decimal(v)}") for n, v in program.constants]
    rows += [(f"{unicode_face(n)}", "any pointwise function") for n, _ in program.functions]
    tensors = program.tensors
    outs = [Access(name, *tensors[name]) for name in program.outputs]
    return "\n\n".join(
        [
            _table("Inputs", rows),
            _table("Outputs", [(spell(access, "unicode"), _shape(access)) for access in outs]),
        ]
    )


def _sizes(program: Program) -> str:
    """Where each size comes from: an axis of an input, or else the caller."""
    inputs = {access.name for access in program.inputs}
    rows = []
    for size in program.sizes:
        axes = sorted(size.axes, key=lambda axis: axis[0] not in inputs)
        where = [f"{unicode_face(name)} axis {place + 1}" for name, place in axes[:1]]
        how = [] if size.fixed else [f"fixed by no input: give {size.name}=... as a keyword"]
        rows.append((size.name, "; ".join(where + how)))
    return _table("Sizes", rows)


def _shape(access: Access) -> str:
    return " × ".join(str(index.size) for index in access.indices) or "a scalar"


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    if not rows:
        return f"{title}\n  none"
    width = max(len(name) for name, _ in rows)
    lines = [title]
    for name, text in rows:
        lines += _filled(f"  {name:<{width}}   ", text.split(" "))
    return "\n".join(lines)


def _filled(head: str, words: list[str]) -> list[str]:
    """The words after their head, and under the first of them, in lines of at most WIDTH."""
    indent = " " * (len(head) if len(head) <= WIDTH // 2 else 4)
    lines, line = [], head
    for word in words:
        if len(line) + len(word) > WIDTH and line not in (head, indent):
            lines.append(line.rstrip())
            line = indent
        line += word + " "
    return [*lines, line.rstrip()]


def decimal(value: Basic) -> str:
    """1e-5 for 1/100000; other constants as the language writes them."""
    if isinstance(value, Rational) and not value.is_Integer:
        zeros, below = 0, int(value.q)
        while below % 10 == 0:
            below //= 10
            zeros += 1
        if below == 1:
            return f"{digits(int(value.p))}e-{zeros}"
        shift = next((n for n in range(1, 12) if 10**n % int(value.q) == 0), 0)
        if shift:
            return _placed(int(value.p) * (10**shift // int(value.q)), shift)
    return spell(value)


def _placed(number: int, shift: int) -> str:
    text = digits(abs(number)).rjust(shift + 1, "0")
    return ("-" if number < 0 else "") + text[:-shift] + "." + text[-shift:]
