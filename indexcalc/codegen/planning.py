"""From a program to its plan: stable equations, their gradients closed for computing, operations.

Forward equations are made pairwise before they are differentiated, so that the gradients share
what the forward program has computed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sympy import Basic, Symbol

from indexcalc.calculus.backprop import Backprop
from indexcalc.calculus.gradients import closed
from indexcalc.calculus.inlining import Taste
from indexcalc.calculus.mentions import mentions
from indexcalc.codegen.centring import centred
from indexcalc.codegen.costs import CALL, cost
from indexcalc.codegen.depth import shallow
from indexcalc.codegen.joining import joined
from indexcalc.codegen.keeping import kept
from indexcalc.codegen.lowering import Lowering
from indexcalc.codegen.operations import Operation, Pointwise
from indexcalc.codegen.part_names import Namer
from indexcalc.codegen.plan import Plan
from indexcalc.codegen.sharing import shared
from indexcalc.codegen.stable import stable
from indexcalc.expr.base import Index, children, postorder, rebuild
from indexcalc.expr.nodes import Access, Add, Apply
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rename import rename
from indexcalc.expr.terms import Term, flat_product, is_negative

# How long an axis is taken to be where nobody says so; half of that and half again, where a tensor
# with many axes would have more entries.
LENGTH = 128
ENTRIES = 2**24


def planned(
    program: Program, wrt: Sequence[str], lengths: Mapping[Symbol, int], shown: Iterable[Equation]
) -> Plan:
    """The plan of a program and its gradients by some tensors; `shown` are these in closed form."""
    usual = _usual_length(program)
    own = {size.symbol: lengths.get(size.symbol, usual) for size in program.sizes}
    namer = Namer(_taken(program))
    upstream = _upstream(program, namer)
    wanted = (*program.outputs, *wrt)
    first = Lowering(namer, own, wanted)
    for equation in program.equations:
        for part in shallow(equation, namer):
            first.define(part)
    equations, joint = joined(first.operations, wrt)
    if joint:
        first = Lowering(namer, own, wanted)
        for equation in equations:
            first.define(equation)
    found = stable(first.operations, program.outputs, wrt, namer)
    lowering = Lowering(namer, own, wanted)
    for equation in found.equations:
        lowering.define(equation)
    made = {one.left.name: one for one in lowering.operations}
    forward = [_exponents_first(one, found.constants, made) for one in made.values()]
    gradients = _backward(program, wrt, upstream, found.constants, lowering)
    backward = shared(lowering.operations[len(forward) :], namer)
    results = (*program.outputs, *gradients.values())
    steady = centred(forward, namer)
    saved, forward, backward = kept(
        program, steady.operations, backward, results, own, steady.again
    )
    return Plan(
        program,
        tuple(forward),
        tuple(backward),
        tuple(saved),
        upstream,
        gradients,
        own,
        tuple(shown),
        (*joint, *found.rewrites, *steady.rewrites),
    )


def _exponents_first(
    one: Operation, largest: Collection[str], made: Mapping[str, Operation]
) -> Operation:
    """x - max x - log z from the left: the difference of large numbers before anything else."""
    if not isinstance(one, Pointwise) or not isinstance(one.value, Add):
        return one
    parts = {part: mentions(part) for part in one.value.args}
    if all(names.isdisjoint(largest) for names in parts.values()):
        return one
    exponents = [part for part, names in parts.items() if not any(_is_log(made, n) for n in names)]
    if len(exponents) < 2:
        return one
    exponents.sort(key=lambda part: is_negative(*flat_product(part)))
    return Pointwise(one.left, Add(*exponents, *(part for part in parts if part not in exponents)))


def _is_log(made: Mapping[str, Operation], name: str) -> bool:
    value = made[name].right if name in made else None
    return isinstance(value, Apply) and value.name == "log"


def _backward(
    program: Program,
    wrt: Sequence[str],
    upstream: Mapping[str, str],
    constants: Sequence[str],
    lowering: Lowering,
) -> dict[str, str]:
    """The gradients as operations after the forward ones; their names."""
    own = lowering.lengths

    def price(terms: Sequence[Term], free: tuple[Index, ...]) -> float:
        return cost(terms, free, own)

    made = {one.left.name: one for one in lowering.operations}
    equations = tuple(
        Equation(one.left, one.right) for one in made.values() if one.left.name not in constants
    )
    fixed = tuple(made[name].left for name in constants)
    whole = replace(program, inputs=(*program.inputs, *fixed), equations=equations)
    backprop = Backprop(whole, wrt, upstream)
    found = closed(backprop, Taste(price, naming=CALL, promising=CALL))
    names = {
        found.adjoints[name].left.name: lowering.namer.gradient(f"dl_d{name}")
        for name in found.results
    }
    lowering.wanted.update(names[found.adjoints[name].left.name] for name in wrt)
    for name in found.adjoints:
        if name in found.results:
            equation = found.equation(name)
            left, right = _in_letters(equation, whole.tensors[name])
            left = Access(names[left.name], *left.indices)
            lowering.define(Equation(left, _called(right, names)))
    return {name: names[found.adjoints[name].left.name] for name in wrt}


def _in_letters(equation: Equation, letters: tuple[Index, ...]) -> tuple[Access, Basic]:
    """The equation in the letters of the tensor that the gradient is by."""
    left = equation.left
    if len({index.name for index in letters}) < len(letters):
        return left, equation.right
    mapping = dict(zip(left.indices, letters, strict=True))
    return Access(left.name, *letters), rename(equation.right, mapping)


def _called(expr: Basic, names: Mapping[str, str]) -> Basic:
    """The same with other names of tensors."""
    built: dict[Basic, Basic] = {}
    for node in postorder(expr):
        if isinstance(node, Access) and node.name in names:
            built[node] = Access(names[node.name], *node.indices)
        else:
            built[node] = rebuild(node, tuple(built[part] for part in children(node)))
    return built[expr]


def _usual_length(program: Program) -> int:
    """That of an axis of which nothing is known."""
    length, most = LENGTH, max(map(len, program.tensors.values()), default=0)
    while length > 2 and length**most > ENTRIES:
        length //= 2
    return length


def _upstream(program: Program, namer: Namer) -> dict[str, str]:
    if program.is_loss:
        return {program.outputs[0]: namer.gradient("upstream")}
    return {output: namer.gradient(f"dl_d{output}") for output in program.outputs}


def _taken(program: Program) -> set[str]:
    names = {*program.tensors, *(name for name, _ in (*program.constants, *program.functions))}
    return names | {size.name for size in program.sizes}
