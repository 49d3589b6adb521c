"""What emitted Python modules share: their header, names that do not clash, and wrapped lists."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Collection, Hashable, Iterable, Sequence

from indexcalc import __version__
from indexcalc.calculus.backprop import Backprop
from indexcalc.codegen.arrays.layout import tuple_of
from indexcalc.codegen.part_names import numbered, underscored
from indexcalc.errors import visible
from indexcalc.expr.functions import PRIME
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation, Program

WIDTH = 100

KEPT = '''\
def kept(saved, forward):
    """What the forward function saved."""
    if not isinstance(saved, tuple) or not saved or saved[0] is not forward:
        raise TypeError(f"saved is what {forward.__name__} returns beside its value")
    return saved[1:]
'''


class Names:
    """A Python name for everything that a module speaks of; a trailing _ where names clash."""

    def __init__(self, reserved: Collection[str]) -> None:
        self.taken = {*keyword.kwlist, *reserved}
        self.given: dict[Hashable, str] = {}

    def claim(self, what: Hashable, wanted: str) -> str:
        if what not in self.given:
            name = underscored(wanted.replace(PRIME, "_prime"), self.taken)
            self.taken.add(name)
            self.given[what] = name
        return self.given[what]

    def numbered(self, wanted: str) -> str:
        """The name, with a number where it is taken."""
        return numbered(wanted, self.taken)

    def __getitem__(self, what: Hashable) -> str:
        return self.given[what]


def header(backprop: Backprop, closed: Sequence[Equation], says: str, command: str) -> list[str]:
    """The module's docstring: what it is and from what, the function, and its gradients."""
    program = backprop.program
    lines = [f"{program.name}: {says}", ""]
    if program.description:
        for line in program.description.splitlines():
            lines += _wrapped(visible(line), "") or [""]
        lines.append("")
    # A command that is broken is another one, so it is as long as it is.
    lines += [f"Written by indexcalc {__version__}: {command}", ""]
    lines += _wrapped(signature(program))
    for equation in program.equations:
        lines += _wrapped(spelled(equation))
    if closed:
        lines.append("")
    if closed and program.is_loss and backprop.own_loss != backprop.loss:
        lines += _wrapped(backprop.own_loss)
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


def comment(equation: Equation) -> list[str]:
    """An equation above the lines of a function that compute it."""
    return _wrapped(spelled(equation), "# ", WIDTH - 4)


def _wrapped(line: str, indent: str = "    ", width: int = WIDTH) -> list[str]:
    """The line, set in where it goes on; a command, which is not set in, stays as it is."""
    return textwrap.wrap(
        line,
        width,
        initial_indent=indent,
        subsequent_indent=indent + "    ",
        break_long_words=indent != "",
        break_on_hyphens=False,
    )


def indented(lines: Iterable[str], depth: int = 1) -> list[str]:
    return ["    " * depth + line if line else "" for line in lines]


def documented(text: str) -> list[str]:
    """A docstring inside a function, on one line or several; each has room for the quotes."""
    lines = textwrap.wrap(f'"""{text}', WIDTH - 7)
    return [f'{lines[0]}"""'] if len(lines) == 1 else [*lines, '"""']


def listed(opening: str, entries: Sequence[str], closing: str, depth: int = 0) -> list[str]:
    """opening a, b, c closing; in brackets, on a line or one a line where that is too long."""
    lines, inner = collected(opening, entries, closing, depth), ", ".join(entries)
    if len(lines) > 1 and len(inner) + 4 * depth + 4 <= WIDTH:
        return [opening, f"    {inner}", closing]
    return lines


def collected(opening: str, entries: Sequence[str], closing: str, depth: int = 0) -> list[str]:
    """A list or a dictionary, on a line or one entry a line."""
    line = f"{opening}{', '.join(entries)}{closing}"
    if len(line) + 4 * depth <= WIDTH:
        return [line]
    # A comma after the last; none is allowed after a lone star.
    return [opening, *(f"    {entry}," for entry in entries), closing]


def tupled(opening: str, entries: Sequence[str], closing: str = "", depth: int = 0) -> list[str]:
    """opening a, b, c closing, as a tuple: `return a, b`, `saved = (a,)`."""
    if len(entries) < 2:
        return [f"{opening}{tuple_of(entries)}{closing}"]
    line = f"{opening}{', '.join(entries)}{closing}"
    if len(line) + 4 * depth <= WIDTH:
        return [line]
    return [f"{opening}(", *(f"    {entry}," for entry in entries), f"){closing}"]


def block(opening: str, entries: Sequence[str], closing: str, depth: int) -> str:
    """A list or a dictionary as text inside a line at this depth."""
    return "\n".join(indented(collected(opening, entries, closing, depth), depth)).lstrip()


def speaks_of(lines: Sequence[str], name: str) -> bool:
    """Whether a name stands in these lines, comments and texts apart."""
    word = re.compile(rf"(?<![\w.\"]){re.escape(name)}(?![\w\"])")
    return any(word.search(line) for line in lines if not line.lstrip().startswith("#"))
