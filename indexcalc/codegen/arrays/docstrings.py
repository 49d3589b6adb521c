"""What an emitted module says of itself: where it comes from, and its mathematics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from indexcalc import __version__
from indexcalc.calculus.backprop import Backprop
from indexcalc.codegen.arrays.layout import INDENT, WIDTH, wrapped
from indexcalc.codegen.arrays.naming import Names
from indexcalc.codegen.plan import Plan
from indexcalc.expr.functions import PRIME
from indexcalc.expr.names import unicode_face
from indexcalc.expr.nodes import Access
from indexcalc.expr.printing import spell, spell_equation


def header(plan: Plan, command: str) -> str:
    program = plan.program
    lines = [f"{program.name} and its gradients in NumPy."]
    lines += ["", program.description] if program.description else []
    made = f"Made by indexcalc {__version__}"
    # A command that is broken is another one, so it is as long as it is.
    made += f": {command}" if command else "."
    text = "\n".join([*wrapped(_quoted("\n".join(lines))), "", _quoted(made)])
    return f'"""{text}\n"""\n'


def _quoted(text: str) -> str:
    """Text that can stand in a docstring."""
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def docstring(lines: Sequence[str]) -> list[str]:
    text = wrapped('"""' + _quoted("\n".join(lines)), INDENT)
    closed = len(text) == 1 and len(text[0]) + 3 <= WIDTH
    return [text[0] + '"""'] if closed else [*text, '    """']


def of_forward(plan: Plan, names: Names, functions: Iterable[str]) -> list[str]:
    """The function in index notation."""
    program = plan.program
    inputs = ", ".join(spell(access, "unicode") for access in program.inputs)
    outputs = " and ".join(
        spell(Access(name, *plan.tensors[name]), "unicode") for name in program.outputs
    )
    made = f"{outputs} of {inputs}" if inputs else outputs
    lines = [f"{made}, and what the backward function needs.", ""]
    lines += [spell_equation(equation, "unicode") for equation in program.equations]
    given = {*(access.name for access in program.inputs), *program.outputs}
    shared = [names.tensors[name] for name in plan.saved if name in given and plan.tensors[name]]
    if shared:
        *most, last = shared
        read = f"{', '.join(most)} and {last} themselves" if most else f"{last} itself"
        them = "them" if most else "it"
        lines += [
            "",
            f"The backward function reads {read}: do not write into {them} before it is called.",
        ]
    primes = [names.functions[name] for name in functions if PRIME in name]
    if primes:
        lines += ["", f"The derivative {', '.join(primes)} is kept for the backward function."]
    return lines


def of_backward(plan: Plan, names: Names) -> list[str]:
    """The gradients in index notation."""
    if not plan.gradients:
        return ["No gradient was asked for."]
    backprop = Backprop(plan.program, plan.gradients)
    seeds = backprop.upstream if plan.closed else {}
    given = {name: names.tensors[plan.upstream[name]] for name in plan.program.outputs}
    tensors = ", ".join(unicode_face(name) for name in plan.gradients)
    if plan.program.is_loss:
        (upstream,) = given.values()
        lines = [f"{upstream} times the gradients by {tensors} of {backprop.own_loss}."]
    else:
        origin = ", ".join(
            f"{f'{seeds[name]} = ' if name in seeds else ''}{derived} = {upstream}"
            for name, upstream in given.items()
            for derived in [f"∂{backprop.loss}/∂{unicode_face(name)}"]
        )
        lines = [f"The gradients by {tensors} of a loss {backprop.loss}, from {origin}."]
    if plan.closed:
        lines += ["", *(spell_equation(equation, "unicode") for equation in plan.closed)]
    return lines
