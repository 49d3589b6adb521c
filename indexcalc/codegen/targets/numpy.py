"""The target numpy: a plan as a module that stands alone, fast or as people write it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from indexcalc.codegen.arrays import checking, docstrings
from indexcalc.codegen.arrays.docstrings import header
from indexcalc.codegen.arrays.frame import Argument, Sizes, comparisons, conversions, words
from indexcalc.codegen.arrays.function import Body, large
from indexcalc.codegen.arrays.helpers import HELPERS, needed
from indexcalc.codegen.arrays.layout import fitted, tuple_of
from indexcalc.codegen.arrays.naming import Names, identifier, python_names
from indexcalc.codegen.arrays.rowloops import RowLoop
from indexcalc.codegen.arrays.spelling import handed, speller
from indexcalc.codegen.arrays.steps import Buffer
from indexcalc.codegen.arrays.writing import Writer
from indexcalc.codegen.blocking.blocks import Loop, phases
from indexcalc.codegen.job import Job
from indexcalc.codegen.operations import Operation, Pointwise
from indexcalc.codegen.part_names import underscored
from indexcalc.codegen.plan import Plan
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access

RESERVED: tuple[str, ...] = (
    "np",
    "out",
    "workspace",
    "dtype",
    "dtypes",
    "hasattr",
    "slice",
    *HELPERS,
)
RESERVED += tuple(
    f"{word}{level}" for word in ("rows", "start", "at", "count") for level in ("", 2, 3)
)


def emit(job: Job) -> str:
    """The text of a module: forward, backward, and a check of both."""
    return module(job.plan, job.command, job.plain)


def module(plan: Plan, command: str = "", plain: bool = False) -> str:
    """The text of a module with a forward and a backward function and a check of both."""
    parts = _Module(_settled(plan), plain)
    body = "\n\n".join(
        "\n".join(fitted(lines)) + "\n"
        for lines in (parts.forward(), parts.backward(), parts.check())
    )
    helpers = needed(body)
    text = "\n\n".join([body, *(helper.strip("\n") + "\n" for helper in helpers)])
    imports = "import math\n\nimport numpy as np\n" if "math." in text else "import numpy as np\n"
    ending = 'if __name__ == "__main__":\n    check()\n'
    return "\n".join([header(plan, command), imports, "", text, "", ending])


def _settled(plan: Plan) -> Plan:
    """Every gradient with an operation of its own, so that no two are one array."""
    made = {one.left.name for one in plan.backward}
    taken = set(plan.tensors)
    gradients: dict[str, str] = {}
    copies: list[Operation] = []
    shapes = plan.tensors
    for tensor, name in plan.gradients.items():
        if name in made and name not in gradients.values():
            gradients[tensor] = name
            continue
        own = underscored(f"{name}_copy", taken)
        taken.add(own)
        gradients[tensor] = own
        copies.append(Pointwise(Access(own, *shapes[name]), Access(name, *shapes[name])))
    return replace(plan, backward=(*plan.backward, *copies), gradients=gradients)


class _Module:
    """The functions of a module, as lines."""

    def __init__(self, plan: Plan, plain: bool) -> None:
        self.plan = plan
        self.plain = plain
        program = plan.program
        self.functions = handed(plan)
        self.names: Names = python_names(plan, self.functions, RESERVED)
        self.speller = speller(program, self.names, plan.lengths)
        self.tensors = plan.tensors
        self.large = set() if plain else large(self.tensors)
        self.inputs = [self.argument(access.name) for access in program.inputs]
        self.upstream = [self.argument(plan.upstream[name]) for name in program.outputs]
        self.saved = [self.argument(name) for name in plan.saved]
        self.back = self.body("backward", plan.backward, list(plan.gradients.values()))
        self.extras = self.saved_besides()

    def argument(self, name: str) -> Argument:
        return Argument(self.names.tensors[name], self.tensors[name])

    def own(self, name: str) -> str:
        """The name of one of the two functions."""
        return f"{identifier(self.plan.program.name)}_{name}"

    # Forward

    def forward(self) -> list[str]:
        plan, program = self.plan, self.plan.program
        results = list(program.outputs)
        arithmetic = self.body("forward", plan.forward, results, plan.saved)
        sizes = Sizes(self.speller)
        for argument in self.inputs:
            sizes.learn(argument)
        compared = comparisons(sizes, self.inputs, ())
        ending = self.ending(results)
        values = ", ".join(self.names.tensors[name] for name in results)
        found = values if len(results) == 1 else f"({values})"
        ending.append(f"return {found}, {tuple_of([self.own('forward'), *self.kept()])}")
        used = words([*compared, *arithmetic, *ending])
        body = [
            *self.converted_inputs(),
            *self.options(used),
            *sizes.lines(used),
            *compared,
            *arithmetic,
            *ending,
        ]
        head = self.signature("forward", [a.name for a in self.inputs], self.keywords())
        return self.function(head, docstrings.of_forward(plan, self.names, self.functions), body)

    def converted_inputs(self) -> list[str]:
        if not self.inputs:
            return ["dtypes = None", "dtype = np.dtype(np.float64)"]
        return conversions(self.inputs, mixed=True)

    def keywords(self) -> list[str]:
        program = self.plan.program
        sizes = [self.names.sizes[size.name] for size in program.sizes if not size.fixed]
        called = [self.names.functions[name] for name in self.functions]
        constants = [
            f"{self.names.constants[name]}={self.speller.scalar(value).text}"
            for name, value in program.constants
        ]
        return [*sizes, *called, *constants]

    def options(self, used: set[str]) -> list[str]:
        """Sizes, functions and constants, as what they must be."""
        program = self.plan.program
        lines = []
        for size in program.sizes:
            if not size.fixed:
                name = self.names.sizes[size.name]
                lines.append(f'{name} = _size("{name}", {name})')
        if self.functions:
            called = [self.names.functions[name] for name in self.functions]
            lines.append(f"_callable({', '.join(f'{name}={name}' for name in called)})")
        for name, _ in program.constants:
            own = self.names.constants[name]
            if own in used:
                lines.append(f'{own} = _number("{own}", {own})')
        return lines

    # Backward

    def backward(self) -> list[str]:
        plan = self.plan
        results = list(plan.gradients.values())
        sizes, dtype = self.known_sizes()
        outputs = [
            Argument(self.names.tensors[name], self.tensors[name]) for name in plan.program.outputs
        ]
        # An upstream gradient has the shape of its output, whatever its letters.
        compared = []
        for output, seed in zip(outputs, self.upstream, strict=True):
            compared += comparisons(sizes, [seed], [output])
        ending = self.ending(results)
        names = [self.names.tensors[name] for name in results]
        ending.append(f"return {', '.join(names) if len(names) > 1 else tuple_of(names)}")
        used = words([*compared, *self.back, *ending])
        body = [
            *self.unpacked(dtype),
            *conversions(self.upstream, mixed=False),
            *sizes.lines(used),
            *compared,
            *self.other_dtypes(names),
            *self.back,
            *ending,
        ]
        arguments = [*(seed.name for seed in self.upstream), "saved"]
        return self.function(
            self.signature("backward", arguments, []),
            docstrings.of_backward(plan, self.names),
            body,
        )

    def unpacked(self, dtype: str) -> list[str]:
        own = self.own("forward")
        # Without gradients nobody asks for their dtypes.
        kept = self.kept() if self.plan.gradients else [*self.kept()[:-1], "_"]
        lines = [
            f"if type(saved) is not tuple or not saved or saved[0] is not {own}:",
            f'    _refuse(saved, "{own}")',
            f"_, {', '.join(kept)} = saved",
        ]
        return [*lines, f"dtype = {dtype}"] if dtype != "dtype" else lines

    def kept(self) -> list[str]:
        """What is saved, behind the forward function, which says whose it is."""
        return [argument.name for argument in self.saved] + self.extras

    def other_dtypes(self, names: Sequence[str]) -> list[str]:
        """Where tensors had several dtypes, gradients are made in the common one first."""
        if not names:
            return []
        seeds = [seed.name for seed in self.upstream]
        call = f"{self.own('backward')}({', '.join(seeds)}, (*saved[:-1], None)"
        dtypes = self.dtypes_of_gradients()
        if self.plain:
            return ["if dtypes is not None:", f"    return _cast({call}), {dtypes})"]
        arrays = tuple_of([*seeds, *(a.name for a in self.saved)])
        told = tuple_of([f'"{name}"' for name in names])
        return [
            "if dtypes is not None:",
            f"    found = {call}, workspace=workspace)",
            f"    return _cast_into(found, {dtypes}, out, {arrays}, {told})",
        ]

    def dtypes_of_gradients(self) -> str:
        """Those of the inputs that the gradients are by; intermediates have the common one."""
        inputs = [access.name for access in self.plan.program.inputs]
        if list(self.plan.gradients) == inputs:
            return "dtypes"
        places = {name: f"dtypes[{at}]" for at, name in enumerate(inputs)}
        return tuple_of([places.get(name, "dtype") for name in self.plan.gradients])

    def known_sizes(self) -> tuple[Sizes, str]:
        """What the saved arrays tell."""
        sizes = Sizes(self.speller)
        for argument in self.saved:
            sizes.learn(argument)
        for size in self.plan.program.sizes:
            name = self.names.sizes[size.name]
            if name in self.extras:
                sizes.places[size.symbol] = name
        typed = [a for a in self.saved if a.indices] or [a for a in self.saved if a in self.inputs]
        return sizes, f"{typed[0].name}.dtype" if typed else "dtype"

    def saved_besides(self) -> list[str]:
        """Sizes, constants and functions that no saved array tells, and the dtypes of gradients."""
        sizes = Sizes(self.speller)
        for argument in self.saved:
            sizes.learn(argument)
        used = words(self.back)
        needed = [i.size for seed in self.upstream for i in seed.indices]
        found = [
            self.names.sizes[size.name]
            for size in self.plan.program.sizes
            if size.symbol not in sizes.places
            and (size.symbol in needed or self.names.sizes[size.name] in used)
        ]
        found += [
            self.names.functions[n] for n in self.functions if self.names.functions[n] in used
        ]
        found += [
            self.names.constants[name]
            for name, _ in self.plan.program.constants
            if self.names.constants[name] in used
        ]
        if not [a for a in self.saved if a.indices or a in self.inputs]:
            found.append("dtype")
        return [*found, "dtypes"]

    # Both

    def function(self, head: str, about: Sequence[str], body: Sequence[str]) -> list[str]:
        for line in [line for line in body if line.startswith("dtype = ")]:
            if "dtype" not in words(other for other in body if other is not line):
                body = [other for other in body if other is not line]
        return [head, *docstrings.docstring(about), *(f"    {line}" for line in body)]

    def signature(self, which: str, arguments: Sequence[str], keywords: Sequence[str]) -> str:
        more = [*keywords] if self.plain else [*keywords, "out=None", "workspace=None"]
        given = [*arguments, *(["*", *more] if more else [])]
        return f"def {self.own(which)}({', '.join(given)}):"

    def body(
        self,
        which: str,
        operations: Iterable[Operation],
        results: Sequence[str],
        saved: Sequence[str] = (),
    ) -> list[str]:
        """Arrays to write into, then the arithmetic."""
        mine = {} if self.plain else {self.names.tensors[n]: n for n in results if self.tensors[n]}
        buffered = self.large | set(mine.values())
        body = Body(self.speller, buffered, {*results, *saved}, plain=self.plain)
        where = self.own(which)
        parts = self.phases(operations, {*results, *saved})
        made = []
        names = self.names
        for part in parts:
            if isinstance(part, Loop):
                lines = RowLoop(part, self.speller, names, buffered, self.large, where).lines()
                # What a loop calls its own is not what another, or all of them, call so.
                names = replace(names, taken=names.taken | words(lines))
                filled = [*part.written, *part.totals]
                opening = [self.result(name, results) for name in filled if name in mine.values()]
                body.line("\n".join([*opening, *lines]), [one.right for one in part.operations])
                made += [(name, name in saved) for name in filled if name not in results]
            else:
                body.add(part)
        writer = Writer(body.steps, names.fresh)
        if self.plain:
            return [line for text in writer.lines() for line in text.splitlines()]

        def opened(home: Buffer) -> str:
            if home.name in mine:
                return self.result(mine[home.name], results)
            return self.new_array(home.name, home.indices, "" if home.kept else where)

        return [
            *self.given_arrays(results),
            *(
                self.new_array(self.names.tensors[n], self.tensors[n], "" if kept else where)
                for n, kept in made
            ),
            *(line for text in writer.lasting(opened) for line in text.splitlines()),
        ]

    def phases(
        self, operations: Iterable[Operation], results: Collection[str]
    ) -> Sequence[Operation | Loop]:
        operations = tuple(operations)
        return operations if self.plain else phases(operations, results, self.plan.lengths)

    def new_array(self, name: str, indices: tuple[Index, ...], where: str) -> str:
        """An array of the caller's, or scratch."""
        shape = self.speller.shape(indices)
        if where:
            return f'{name} = _buffer(workspace, "{where} {name}", {shape}, dtype)'
        return f"{name} = np.empty({shape}, dtype)"

    def given_arrays(self, results: Sequence[str]) -> list[str]:
        """Whether those of `out` fit."""
        if not results:
            return []
        told = [
            f'("{self.names.tensors[name]}", {self.speller.shape(self.tensors[name])}, dtype)'
            for name in results
        ]
        backward = results != list(self.plan.program.outputs)
        arrays = [*self.upstream, *self.saved] if backward else self.inputs
        inputs = tuple_of([argument.name for argument in arrays])
        return ["if out is not None:", f"    out = _out(out, {inputs}, {', '.join(told)})"]

    def result(self, name: str, results: Sequence[str]) -> str:
        """An array of `out`, or a new one, made when it is needed: what was let go by then may lie
        in the same memory."""
        shape = self.speller.shape(self.tensors[name])
        new = f"np.empty({shape}, dtype) if out is None else out[{results.index(name)}]"
        return f"{self.names.tensors[name]} = {new}"

    def ending(self, results: Sequence[str]) -> list[str]:
        """Numbers in the dtype, and where they are to be written."""
        numbers = {
            self.names.tensors[name]: at
            for at, name in enumerate(results)
            if not self.tensors[name]
        }
        lines = [f"{name} = dtype.type({name})" for name in numbers]
        if not self.plain and numbers:
            lines.append("if out is not None:")
            lines += [
                f"    {name} = np.positive({name}, out=out[{at}])" for name, at in numbers.items()
            ]
        return lines

    def check(self) -> list[str]:
        return checking.check_text(self.plan, self.names).strip("\n").splitlines()
