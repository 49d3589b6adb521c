"""The check that a module brings along: its gradients against central differences."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from indexcalc.codegen.arrays.layout import tuple_of
from indexcalc.codegen.arrays.naming import Names, identifier
from indexcalc.codegen.arrays.spelling import handed
from indexcalc.codegen.plan import Plan
from indexcalc.expr.functions import PRIME

# The most entries of a tensor for which every size is another.
_MOST = 20_000

TEXT = '''
def check(seed=0):
    """The gradients against central differences along random directions; an AssertionError says
    which is off, and how far."""
    random = np.random.default_rng(seed)
    # How much is known of each; a point at which one is 0 says little of it.
    known = dict.fromkeys({names}, 0.0)
    for turn in range(100):
        for name, weight in _compared(random, turn):
            known[name] += weight
        if min(known.values(), default=1.0) >= 1.0:
            return
    name = min(known, key=known.get)
    raise ArithmeticError(f"no inputs were found at which differences can tell {{name}}")


def _compared(random, turn):
    """At some inputs, what the comparison of each gradient is worth."""
    shapes = {shapes}
    names = {names}
    wrt = {wrt}
{options}
    def run(inputs):
        outputs, saved = {forward}(*inputs{given})
        return {outputs}, saved

    def products(place, shift):
        moved = [x + shift if at == place else x for at, x in enumerate(inputs)]
        with np.errstate(all="ignore"):
            return [y * c for y, c in zip(run(moved)[0], cotangents, strict=True)]

    # Functions have values and moderate slopes in one or the other of these.
    ranges = ((-1.5, 1.5), (-0.3, 0.3), (0.5, 1.5), (0.1, 0.9), (1.1, 1.9), (5.5, 9.5), (11, 19))
    ranges = ranges if turn > 40 else ranges[:5]
    ranges = ranges if turn % 2 else ranges[turn // 2 % len(ranges) :][:1]
    inputs = [np.asarray(random.uniform(*random.choice(ranges), shape)) for shape in shapes]
    with np.errstate(all="ignore"):
        outputs, saved = run(inputs)
        cotangents = [np.asarray(random.normal(size=np.shape(y))) for y in outputs]
        gradients = {backward}(*cotangents, saved)
    if not all(np.isfinite(array).all() for array in (*outputs, *gradients)):
        return
    magnitude = sum(np.abs(product).sum() for product in products(0, 0.0))
    for name, place, gradient in zip(names, wrt, gradients, strict=True):
{skipped}        worth = 0.5
        for _ in range(4):
            direction = random.choice((-1.0, 1.0), shapes[place])
            direction = direction * random.uniform(0.5, 1.5, shapes[place])
            slope, last, off, unsettled = np.sum(gradient * direction), np.inf, np.inf, 0.0
            # Long steps suit what is smooth, short ones stay clear of kinks.
            for step in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6):
                losses = [
                    sum(np.sum(product) for product in products(place, t * step * direction))
                    for t in (-2, -1, 1, 2)
                ]
                found = np.dot((1, -8, 8, -1), losses) / (12 * step)
                size = max(np.abs(gradient * direction).sum(), abs(found), 1e-300)
                if size <= 1e-300 + 1e-6 * magnitude:
                    off, worth = 0.0, 1 / 16
                off = np.fmin(off, abs(slope - found) / size)
                if off <= 1e-6:
                    break
                # Where short steps agree with each other, and not with the gradient, it is wrong.
                if step < 1e-4:
                    least = max(abs(last), abs(found), 1e-6 * magnitude)
                    unsettled = max(unsettled, abs(last - found) / least)
                last = found
            else:
                if 100 * unsettled < off:
                    raise AssertionError(f"{{name}} is off by {{off:.1e}} of its size")
                worth = 0.0
        yield name, worth
'''

SKIPPED = """        if place is None:
            yield name, 1.0  # what is no input cannot be moved by itself
            continue
"""


def check_text(plan: Plan, names: Names) -> str:
    program = plan.program
    places = {access.name: str(at) for at, access in enumerate(program.inputs)}
    sizes = _sizes(plan)
    shapes = [
        tuple_of([str(sizes[str(index.size)]) for index in access.indices])
        for access in program.inputs
    ]
    options = _options(plan, names, sizes)
    lines = [f"    options = {{{', '.join(options)}}}", ""] if options else [""]
    return TEXT.format(
        shapes=tuple_of(shapes),
        names=tuple_of([f'"{names.tensors[name]}"' for name in plan.gradients.values()]),
        wrt=tuple_of([places.get(name, "None") for name in plan.gradients]),
        skipped="" if set(plan.gradients) <= set(places) else SKIPPED,
        options="\n".join(lines),
        forward=f"{identifier(program.name)}_forward",
        backward=f"{identifier(program.name)}_backward",
        given=", **options" if options else "",
        outputs="[outputs]" if len(program.outputs) == 1 else "outputs",
    )


def _sizes(plan: Plan) -> Mapping[str, int]:
    """Unequal lengths, and small ones where there are many axes."""
    names = [size.name for size in plan.program.sizes]
    unequal = {name: at + 3 for at, name in enumerate(names)}
    largest = max(
        (prod(unequal[str(i.size)] for i in indices) for indices in plan.tensors.values()),
        default=1,
    )
    if largest <= _MOST:
        return unequal
    return {name: at % 3 + 2 for at, name in enumerate(names)}


def _options(plan: Plan, names: Names, sizes: Mapping[str, int]) -> list[str]:
    """What the forward function needs besides tensors, with smooth functions for abstract ones."""
    found = [
        f'"{names.sizes[size.name]}": {sizes[size.name]}'
        for size in plan.program.sizes
        if not size.fixed
    ]
    called = handed(plan)
    arities = dict(plan.program.functions)
    order = sorted({name.partition(PRIME)[0] for name in called})
    for name in called:
        base, _, place = name.partition(PRIME)
        prime = PRIME in name
        text = _stand_in(order.index(base) + 1, arities[base], prime, int(place or 1))
        found.append(f'"{names.functions[name]}": {text}')
    return found


def _stand_in(which: int, arity: int, prime: bool, place: int) -> str:
    """sin(k a + (k+1) b + ...) + 2, or its derivative by the argument at a place."""
    letters = [f"x{at + 1}" for at in range(arity)] if arity > 1 else ["x"]
    inside = " + ".join(f"{at + which} * {letter}" for at, letter in enumerate(letters))
    value = f"{place - 1 + which} * np.cos({inside})" if prime else f"np.sin({inside}) + 2"
    return f"lambda {', '.join(letters)}: {value}"
