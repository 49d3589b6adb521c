"""What emitted Python modules share: their header, names that do not clash, and wrapped lists."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from itertools import cycle

from sympy import Expr, Symbol

from indexcalc import __version__
from indexcalc.calculus.backprop import Backprop
from indexcalc.codegen.teaching.stems import fresh
from indexcalc.errors import visible
from indexcalc.expr.base import constant_symbol
from indexcalc.expr.functions import PRIME
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation, Program, Size
from indexcalc.render.echo import decimal

WIDTH = 100
# A number that Python reads as it stands, and that ruff leaves so.
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d+|e-\d{1,2})?\Z")


class Names:
    """A Python name for everything that a module speaks of; a trailing _ where names clash."""

    def __init__(self, reserved: Collection[str]) -> None:
        self.taken = {*keyword.kwlist, *reserved}
        self.given: dict[Hashable, str] = {}

    def claim(self, what: Hashable, wanted: str) -> str:
        if what not in self.given:
            name = wanted.replace(PRIME, "_prime")
            while name in self.taken:
                name += "_"
            self.taken.add(name)
            self.given[what] = name
        return self.given[what]

    def numbered(self, wanted: str) -> str:
        """The name, with a number where it is taken."""
        return fresh(wanted, self.taken)

    def __getitem__(self, what: Hashable) -> str:
        return self.given[what]


def header(backprop: Backprop, closed: Sequence[Equation], says: str, command: str) -> list[str]:
    """The module's docstring: what it is and from what, the function, and its gradients."""
    program = backprop.program
    lines = [f"{program.name}: {says}", ""]
    if program.description:
        lines += [*map(visible, program.description.splitlines()), ""]
    lines += [f"Written by indexcalc {__version__}: {visible(command)}", ""]
    lines += _wrapped(signature(program))
    for equation in program.equations:
        lines += _wrapped(spelled(equation))
    if closed:
        lines.append("")
    tensors = program.tensors
    for name, seed in backprop.upstream.items() if closed else ():
        after = Access(backprop.adjoint_name(name), *tensors[name])
        lines += _wrapped(spelled(Equation(Access(seed, *tensors[name]), after)))
    for equation in closed:
        lines += _wrapped(spelled(equation))
    text = "\n".join(lines).replace("\\", "\\\\").replace('"""', "'''")
    return [*f'"""{text}'.splitlines(), '"""']


def signature(program: Program) -> str:
    """layernorm(x_bh, γ_h, β_h, ε) → y"""
    given = [spell(access, "unicode") for access in program.inputs]
    given += [unicode_face(name) for name, _ in program.constants]
    made = ", ".join(unicode_face(name) for name in program.outputs)
    return f"{program.name}({', '.join(given)}) → {made}"


def spelled(equation: Equation) -> str:
    """An equation with every Σ written."""
    left = spell(equation.left, "unicode")
    return f"{left} = {spell(equation.right, 'unicode', 'sum', ones=False)}"


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(
        line,
        WIDTH,
        initial_indent="    ",
        subsequent_indent="        ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def indented(lines: Iterable[str], depth: int = 1) -> list[str]:
    return ["    " * depth + line if line else "" for line in lines]


def listed(opening: str, entries: Sequence[str], closing: str, depth: int = 0) -> list[str]:
    """opening a, b, c closing; in brackets, on a line or one a line where that is too long."""
    line = f"{opening}{', '.join(entries)}{closing}"
    if len(line) + 4 * depth <= WIDTH:
        return [line]
    inner = ", ".join(entries)
    if len(inner) + 4 * depth + 4 <= WIDTH:
        return [opening, f"    {inner}", closing]
    # A comma after the last; none is allowed after a lone star.
    return [opening, *(f"    {entry}," for entry in entries), closing]


def collected(opening: str, entries: Sequence[str], closing: str, depth: int = 0) -> list[str]:
    """A list or a dictionary, on a line or one entry a line."""
    line = f"{opening}{', '.join(entries)}{closing}"
    if len(line) + 4 * depth <= WIDTH:
        return [line]
    return [opening, *(f"    {entry}," for entry in entries), closing]


def tupled(opening: str, entries: Sequence[str], closing: str = "", depth: int = 0) -> list[str]:
    """opening a, b, c closing, as a tuple: `return a, b`, `saved = (a,)`."""
    if len(entries) < 2:
        inner = f"({entries[0]},)" if entries else "()"
        return [f"{opening}{inner}{closing}"]
    line = f"{opening}{', '.join(entries)}{closing}"
    if len(line) + 4 * depth <= WIDTH:
        return [line]
    return [f"{opening}(", *(f"    {entry}," for entry in entries), f"){closing}"]


def upstream_names(program: Program) -> list[str]:
    """What the backward function is handed: dl_dy, or `upstream` of a loss."""
    return ["upstream"] if program.is_loss else [f"dl_d{name}" for name in program.outputs]


def constants(program: Program) -> list[Symbol]:
    return [constant_symbol(name) for name, _ in program.constants]


def abstract(program: Program) -> list[str]:
    """The functions that are handed in: f and f', or f, f'1 and f'2 for one of two arguments."""
    found = []
    for name, count in program.functions:
        found.append(name)
        places = [""] if count == 1 else [str(place) for place in range(1, count + 1)]
        found += [f"{name}{PRIME}{place}" for place in places]
    return found


def free_sizes(program: Program) -> list[Size]:
    """Those that no input fixes."""
    return [size for size in program.sizes if not size.fixed]


def named(program: Program, names: Names, defined: Iterable[str]) -> None:
    """The names that a user sees first, so that these keep theirs where names clash."""
    for access in program.inputs:
        names.claim(access.name, access.name)
    for symbol in constants(program):
        names.claim(symbol, str(symbol))
    for name in abstract(program):
        names.claim(("function", name), name)
    for size in program.sizes:
        names.claim(size.symbol, size.name)
    for name in (*program.outputs, *defined):
        names.claim(name, name)


def parameters(program: Program, names: Names, number: Callable[[Expr], str]) -> list[str]:
    """The inputs in order; then, by keyword, constants, sizes that no input fixes, functions."""
    given = [names[access.name] for access in program.inputs]
    keywords = [f"{names[constant_symbol(c)]}={default(v, number)}" for c, v in program.constants]
    keywords += [names[size.symbol] for size in free_sizes(program)]
    keywords += [names["function", name] for name in abstract(program)]
    return [*given, *(["*", *keywords] if keywords else [])]


def default(value: Expr, number: Callable[[Expr], str]) -> str:
    """1e-5 as it is written; what is no decimal, as an expression."""
    text = decimal(value)
    return text if _DECIMAL.match(text) else number(value)


def check_lengths(program: Program) -> dict[Symbol, int]:
    """Small lengths for a check; next to each other, they differ."""
    return {size.symbol: n for size, n in zip(program.sizes, cycle((2, 3, 4)), strict=False)}


def stand_ins(program: Program, names: Names, module: str) -> list[str]:
    """Smooth functions for the abstract ones, and their slopes: sin(a x + b z + 0.4)."""
    entries = []
    for place, (name, count) in enumerate(program.functions):
        given = [f"x{n}" for n in range(1, count + 1)] if count > 1 else ["x"]
        rates = [f"0.{(7 + 3 * place + 4 * n) % 9 + 1}" for n in range(count)]
        inside = " + ".join(f"{rate} * {x}" for rate, x in zip(rates, given, strict=True))
        head = f"lambda {', '.join(given)}:"
        own = [name, *(f for f in abstract(program) if f.startswith(name + PRIME))]
        values = [f"{module}.sin({inside} + 0.4)"]
        values += [f"{rate} * {module}.cos({inside} + 0.4)" for rate in rates]
        for function, value in zip(own, values, strict=True):
            entries.append(f'"{names["function", function]}": {head} {value}')
    return entries


def block(opening: str, entries: Sequence[str], closing: str, depth: int) -> str:
    """A list or a dictionary as text inside a line at this depth."""
    return "\n".join(indented(collected(opening, entries, closing, depth), depth)).lstrip()


def speaks_of(lines: Sequence[str], name: str) -> bool:
    """Whether a name stands in these lines, comments and texts apart."""
    word = re.compile(rf"(?<![\w.\"]){re.escape(name)}(?![\w\"])")
    return any(word.search(line) for line in lines if not line.lstrip().startswith("#"))
