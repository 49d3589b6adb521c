"""How a program is read: its statements with every Σ and one-tensor, inputs, outputs, sizes."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Basic, Expr, Rational, Symbol

from indexcalc.expr.base import Index, free_of, postorder
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access
from indexcalc.expr.printing import spell, spell_equation
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.scalars import digits

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
    # Without a signature sizes have the same names, as long as no letter of it is also a tensor.
    if {str(size.symbol).lower() for size in program.sizes}.isdisjoint(program.tensors):
        lines.append(signature(program))
    names = _Capitals(program)
    for equation in program.equations:
        lines.append(spell_equation(equation, "text", notation, names.of(equation)))
    return "\n".join(lines) + "\n"


def signature(program: Program) -> str:
    """name(x[b,h], eps=1e-5) -> y, each axis under the letter of its size."""
    parameters = []
    for access in program.inputs:
        letters = ",".join(str(index.size).lower() for index in access.indices)
        parameters.append(f"{access.name}[{letters}]" if letters else access.name)
    parameters += [f"{name}={_decimal(value)}" for name, value in program.constants]
    return f"{program.name}({', '.join(parameters)}) -> {', '.join(program.outputs)}"


def size_names(program: Program, equation: Equation) -> dict[Symbol, str]:
    """What the language calls each size in an equation: a capital, else size(k)."""
    return _Capitals(program).of(equation)


class _Capitals:
    """The names of the sizes in any equation of a program."""

    def __init__(self, program: Program) -> None:
        self.declared = {str(s.symbol).lower(): s.symbol for s in program.sizes if s.fixed}
        self.tensors = program.tensors

    def of(self, equation: Equation) -> dict[Symbol, str]:
        letters = _letters(equation)
        names: dict[Symbol, str] = {}
        for symbol in _sizes_in(equation):
            letter = str(symbol).lower()
            if self.declared.get(letter) == symbol == letters.get(letter, symbol):
                names[symbol] = self.name(letter)
        for letter, size in letters.items():
            if size is not None and self.declared.get(letter, size) == size:
                names.setdefault(size, self.name(letter))
        for index in equation.left.indices:
            names.setdefault(index.size, f"size({index.name})")
        return names

    def name(self, letter: str) -> str:
        capital = letter.upper()
        bare = capital != letter and capital not in self.tensors
        return capital if bare else f"size({letter})"


def _sizes_in(equation: Equation) -> set[Symbol]:
    """The sizes and constants that an equation's scalars speak of."""
    scalars = [node for node in postorder(equation.right) if isinstance(node, Expr)]
    return set().union(*(scalar.free_symbols for scalar in scalars))


def _letters(equation: Equation) -> dict[str, Symbol | None]:
    """Each index letter of an equation with its size, or None where it has two."""
    letters: dict[str, Symbol | None] = {}
    for index in _indices(equation):
        if letters.setdefault(index.name, index.size) != index.size:
            letters[index.name] = None
    return letters


def _indices(equation: Equation) -> Iterable[Index]:
    yield from equation.left.indices
    for node in postorder(equation.right):
        yield from sorted(free_of(node), key=lambda index: index.name)


def _head(program: Program) -> str:
    inputs = [spell(access, "unicode") for access in program.inputs]
    inputs += [f"{unicode_face(name)} = {_decimal(value)}" for name, value in program.constants]
    outputs = [unicode_face(name) for name in program.outputs]
    title = f"{program.name}({', '.join(inputs)}) → {', '.join(outputs)}"
    return f"{title}\n{program.description}" if program.description else title


def _statements(program: Program) -> str:
    lefts = [spell(equation.left, "unicode") for equation in program.equations]
    width = min(max(map(len, lefts)), WIDTH // 4)
    lines = []
    for left, equation in zip(lefts, program.equations, strict=True):
        right = spell_equation(equation, "unicode", "sum").partition(" = ")[2]
        lines += _wrapped(f"  {left:<{width}} = ", right)
    return "\n".join(["Reading", *lines])


def _wrapped(head: str, text: str) -> list[str]:
    """The text after its head, broken before + and - where it is too long for a line."""
    lines, line = [], head
    for word in _pieces(text):
        if len(line) + len(word) > WIDTH and line.strip() and line != head:
            lines.append(line.rstrip())
            line = " " * len(head)
            word = word.lstrip()
        line += word
    return [*lines, line.rstrip()]


def _pieces(text: str) -> list[str]:
    pieces = [""]
    for word in text.split(" "):
        if word in ("+", "-"):
            pieces.append("")
        pieces[-1] += f" {word}" if pieces[-1] or len(pieces) > 1 else word
    return pieces


def _inputs(program: Program) -> str:
    rows = [(spell(access, "unicode"), _shape(access)) for access in program.inputs]
    rows += [(unicode_face(n), f"a constant, {_decimal(v)}") for n, v in program.constants]
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
    rows = []
    for size in program.sizes:
        where = [f"{unicode_face(name)} axis {place + 1}" for name, place in size.axes]
        note = "" if size.fixed else "fixed by no input: to be given"
        rows.append((size.name, "; ".join(filter(None, [", ".join(where), note]))))
    return _table("Sizes", rows)


def _shape(access: Access) -> str:
    return " × ".join(str(index.size) for index in access.indices) or "a scalar"


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    if not rows:
        return f"{title}\n  none"
    width = max(len(name) for name, _ in rows)
    lines = [title]
    for name, text in rows:
        lines += _filled(f"  {name:<{width}}   ", text)
    return "\n".join(lines)


def _filled(head: str, text: str) -> list[str]:
    lines, line = [], head
    for word in text.split(" "):
        if len(line) + len(word) > WIDTH:
            lines.append(line.rstrip())
            line = " " * len(head)
        line += word + " "
    return [*lines, line.rstrip()]


def _decimal(value: Basic) -> str:
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
