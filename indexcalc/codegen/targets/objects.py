"""The target `objects`: a program as a list of values with forward and backward messages.

Down the list each value is filled from those before it; up the list each adds into the gradients of
those that it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_letters

from indexcalc.codegen.arrays.layout import tuple_of
from indexcalc.codegen.job import Job
from indexcalc.codegen.teaching import classes
from indexcalc.codegen.teaching.modules import Module
from indexcalc.codegen.teaching.python import Speller, assigned
from indexcalc.codegen.teaching.scripts import (
    KEPT,
    WIDTH,
    collected,
    comment,
    indented,
    listed,
    speaks_of,
    tupled,
)
from indexcalc.codegen.teaching.statements import replaced_in
from indexcalc.codegen.teaching.stems import stem
from indexcalc.codegen.teaching.values import Value, Values
from indexcalc.expr.entries import Entry
from indexcalc.expr.functions import FUNCTIONS, PRIME, derivative
from indexcalc.expr.nodes import Access, Apply

SPELLED = {name: f"np.{name}" for name in FUNCTIONS} | {
    "asin": "np.arcsin",
    "acos": "np.arccos",
    "atan": "np.arctan",
    **{name: name for name in classes.FUNCTIONS},
}
FUNCTION_CLASSES = {name.capitalize(): name for name in FUNCTIONS}
RESERVED = (
    *("np", "math", "sum", "zip", "type", "tuple", "float", "range", "enumerate", "reversed"),
    *(
        "check",
        "compared",
        "checked",
        "common_dtype",
        "kept",
        "drawn",
        "saved",
        "sizes",
        "dtype",
        "program",
        "value",
    ),
    *("outputs", "asked", "Value", "Given", "Indexed", "product", *classes.CLASSES),
    *(*classes.REDUCTIONS, *FUNCTION_CLASSES, *classes.FUNCTIONS),
)


def emit(job: Job) -> str:
    """The text of a module: the classes, the program as objects of them, and a check."""
    return _Objects(job).text()


class _Objects(Module):
    """The parts of one module's text."""

    says = "values with forward and backward messages, in a list."
    check_text = classes.CHECK
    drawn_from = "random, ranges"
    library = "np"
    # NumPy's own numbers: 1 / 0 is inf.
    number = 'np.float64(_number("{0}", {0}))'
    reserved = RESERVED

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.values = Values(self.program, self.statements)
        self.claim(value.name for value in self.values.made if value.name)
        for value in self.values.made:
            if not value.name:
                self.names.claim(value, self.names.numbered(stem(value.tree)))
        self.speller = Speller(str, self.symbols(), SPELLED, module=self.library)

    def text(self) -> str:
        functions = ["\n".join(self.forward()), "\n".join(self.backward())]
        used = [classes.OPENING, *self.classes()]
        made = "\n".join([*used, *functions])
        helpers = [text for name, text in classes.FUNCTIONS.items() if f"{name}(" in made]
        imports = [*(["import math", ""] if "erf(" in made else []), "import numpy as np"]
        always = (KEPT, classes.CHECKED, classes.COMMON_DTYPE, classes.DRAWN)
        return self.module(imports, *used, *functions, *helpers, *always)

    # Classes

    def classes(self) -> Iterator[str]:
        """Those that the program has values of."""
        kinds = {value.kind for value in self.values.made}
        for kind, text in classes.CLASSES.items():
            if kind in kinds:
                yield text
        for kind, (function, start) in classes.REDUCTIONS.items():
            if kind in kinds:
                yield classes.REDUCTION.format(kind=kind, function=function, start=start)
        for kind, name in FUNCTION_CLASSES.items():
            if kind in kinds:
                yield self.function_class(kind, name)

    def function_class(self, kind: str, name: str) -> str:
        """A class for a function, its slope from the function's record."""
        x, z, after = Entry("x"), Entry("z"), Entry("after")
        places = {"x": "x.value", "z": "self.value", "after": "self.grad"}
        speller = Speller(lambda entry: places[entry.name], {}, SPELLED, module="np")
        value = speller.piece(Apply(name, x)).text
        slope = replaced_in(derivative(name, (x,), 0), {Apply(name, x): z})
        minus, piece = speller.magnitude([after, slope])
        lines = assigned(f"x.grad {'-' if minus else '+'}=", piece, 2)
        text = classes.FUNCTION.format(
            kind=kind, name=name, value=value, slope="\n        ".join(lines)
        )
        return text if slope != 0 else text[: text.index("\n    def backward")]

    # Functions

    def forward(self) -> list[str]:
        names, program = self.names, self.program
        inputs = [names[access.name] for access in program.inputs]
        lines = [*self.by_name(), *collected("sizes = {", self.sizes_given(), "}", 1)]
        for access in program.inputs:
            lines += self.given(access)
        lines += listed("dtype = common_dtype(", inputs, ")", 1)
        made = list(self.objects())
        for size in program.sizes:
            name = names[size.symbol]
            if speaks_of(made, name):
                lines.append(f'{name} = np.float64(sizes["{size.name}"])')
        every = [self.name(value) for value in self.values.made]
        lines += ["", *made, "", *collected("program = [", every, "]", 1)]
        lines += ["for value in program:", "    value.forward()"]
        outputs = [names[name] for name in program.outputs]
        lines += tupled("outputs = ", outputs, depth=1)
        lines += tupled("asked = ", [names[name] for name in self.wrt], depth=1)
        lines.append(f"saved = {program.name}_forward, program, outputs, asked, sizes, dtype")
        if len(outputs) == 1:
            lines.append(f"return {outputs[0]}.value.astype(dtype)[()], saved")
        else:
            lines.append("return tuple(y.value.astype(dtype)[()] for y in outputs), saved")
        return self.forward_function("the values that made it", lines)

    def given(self, access: Access) -> list[str]:
        """x = Given(checked(x, ...)), as a formatter breaks it."""
        own = self.names[access.name]
        call = listed("checked(", [own, *self.shape(access, access.name)], ")", 2)
        whole = f"{own} = Given({call[0]})"
        if len(call) == 1 and len(whole) + 4 <= WIDTH:
            return [whole]
        return [f"{own} = Given(", *indented(call), ")"]

    def objects(self) -> Iterator[str]:
        """A line for each value, under the statement that it belongs to."""
        for statement, values in self.values.parts:
            yield from comment(statement.equation)
            for value in values:
                yield from listed(
                    f"{self.name(value)} = {value.kind}(", self.arguments(value), ")", 1
                )

    def arguments(self, value: Value) -> list[str]:
        names, inputs = self.names, [self.name(each) for each in value.inputs]
        if value.kind == "Power":
            return [*inputs, self.speller.piece(value.extra[0]).text]
        if value.kind in FUNCTION_CLASSES:
            return inputs
        letters = [f'"{_letters(value)}"']
        if value.kind == "Spread":
            return [*letters, *inputs, tuple_of([self.length(size) for size in value.extra])]
        if value.kind == "Handed":
            own, *slopes = (f for f in self.program.handed if _is_of(f, value.extra[0]))
            handed = tuple_of([names["function", slope] for slope in slopes])
            return [*letters, names["function", own], handed, *inputs]
        return [*letters, *inputs]

    def name(self, value: Value) -> str:
        if value.kind == "Number":
            return f"Given({self.speller.piece(value.extra[0]).text})"
        if value.kind == "Identity":
            return f"Given(np.eye({self.length(value.extra[0])}))"
        return self.names[value.name or value]

    def length(self, size: object) -> str:
        """A size as a whole number."""
        (name,) = [each.name for each in self.program.sizes if each.symbol == size]
        return f'sizes["{name}"]'

    def backward(self) -> list[str]:
        program = self.program
        lines = [f"program, outputs, asked, sizes, dtype = kept(saved, {program.name}_forward)"]
        lines += ["for value in program:", "    value.grad = np.zeros_like(value.value)"]
        for place, (name, seed) in enumerate(zip(program.outputs, self.upstream, strict=True)):
            tensor = Access(name, *program.tensors[name])
            entries = [self.names["upstream", seed], *self.shape(tensor, seed)]
            lines += listed(f"outputs[{place}].grad += checked(", entries, ")", 1)
        lines += ["for value in reversed(program):", "    value.backward()"]
        lines.append("return tuple(x.grad.astype(x.dtype or dtype)[()] for x in asked)")
        return self.backward_function("messages from the last value to the first", lines)


def _letters(value: Value) -> str:
    """ "ik,kj->ij": the letters of the inputs, and its own."""
    names = [[index.name for index in group] for group in (*value.given, value.letters)]
    every = list(dict.fromkeys(name for group in names for name in group))
    short = {name: name for name in every if len(name) == 1 and name in ascii_letters}
    spare = (letter for letter in ascii_letters if letter not in short)
    short |= {name: next(spare) for name in every if name not in short}
    *given, own = ["".join(short[name] for name in group) for group in names]
    return f"{','.join(given)}->{own}"


def _is_of(function: str, name: object) -> bool:
    return function == name or function.startswith(f"{name}{PRIME}")
