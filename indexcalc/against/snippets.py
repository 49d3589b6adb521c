"""A difference as a program text that shows it: arrays written out, the call, what is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from keyword import iskeyword
from textwrap import wrap
from typing import Any

import numpy as np

from indexcalc.against.calling import Call, Theirs, called
from indexcalc.against.comparing import Answer
from indexcalc.against.literals import WIDTH, is_few, is_short, literal
from indexcalc.expr.functions import PRIME

# How each library is imported, and what an array of a dtype stands between.
IMPORTS = {
    "numpy": ("import numpy as np",),
    "torch": ("import torch",),
    "jax": ("import jax", "import jax.numpy as jnp", 'jax.config.update("jax_enable_x64", True)'),
}
ARRAYS = {
    "numpy": ("np.array(", ", dtype=np.{}"),
    "torch": ("torch.tensor(", ", dtype=torch.{}"),
    "jax": ("jnp.array(", ", dtype=jnp.{}"),
}


def snippet(theirs: Theirs, wrong: Sequence[Answer], device: str = "") -> str:
    """Runs by itself where the function can be imported; nothing where arrays are too long for a
    text."""
    if not are_short(wrong[0]):
        return ""
    return "\n".join(_lines(theirs, wrong, device))


def _lines(theirs: Theirs, wrong: Sequence[Answer], device: str) -> Iterator[str]:
    given, library = wrong[0].scene.call(), theirs.kind.name
    functions = theirs.program.functions
    arrays = (*given.upstream.values(), *given.inputs.values())
    with_numpy = functions or not all(map(is_few, arrays))
    imports = [*IMPORTS[library], *(IMPORTS["numpy"] if with_numpy else ())]
    yield from dict.fromkeys(imports)
    if functions:
        yield "from indexcalc.proof.points import stand_ins"
    both = (theirs.backward,) if theirs.forward is None else (theirs.forward, theirs.backward)
    yield from ("", *dict.fromkeys(map(_imported, both)), "")
    if functions:
        yield f"functions = stand_ins({functions!r}, np)"
    # Names in the place of arrays.
    upstream = {name: f"dl_d{name}" for name in given.upstream}
    inputs = {name: f"{name}_" if iskeyword(name) else name for name in given.inputs}
    opening, dtype = ARRAYS[library]
    ending = "" if library == "numpy" and wrong[0].case.dtype == "float64" else dtype
    ending = ending.format(wrong[0].case.dtype) + (f", device={device!r}" if device else "") + ")"
    for names, own in ((upstream, given.upstream), (inputs, given.inputs)):
        for name, array in own.items():
            yield from literal(array, f"{names[name]} = ", opening, ending)
    yield ""
    named = {name: _value(name, value) for name, value in given.named.items()}
    if theirs.forward is None:
        call = _spelled(theirs.backward, theirs.call(upstream, inputs, named))
    else:
        forward = _spelled(theirs.forward, theirs.forward_call(inputs, named))
        yield from _broken(f"_, saved = {forward}")
        call = _spelled(theirs.backward, theirs.backward_call(upstream, "saved", named))
    yield from _broken(f"print({call})")
    for answer in wrong:
        yield from (f"# {line}" for line in _right(answer))


def telling(answer: Answer) -> int:
    """How many digits of the largest entries tell what is wrong from what is right."""
    share = answer.error / answer.unit
    return next((digits for digits in range(6, 16) if 10.0**-digits < share / 10), 16)


def furthest(answer: Answer) -> tuple[int, ...]:
    """The place of the entry that is furthest off."""
    assert answer.theirs is not None  # of what has numbers
    with np.errstate(all="ignore"):
        off = np.nan_to_num(np.abs(answer.theirs - answer.right), nan=np.inf)
    return tuple(map(int, np.unravel_index(np.argmax(off), off.shape)))


def are_short(answer: Answer) -> bool:
    """Whether what it was given can be written down."""
    return all(map(is_short, answer.scene.given.values()))


def _right(answer: Answer) -> Iterator[str]:
    """All entries, or of many the one that is furthest off."""
    right, theirs = answer.right, answer.theirs
    digits = telling(answer)
    if is_few(right):
        yield f"The right gradient by {answer.name}:"
        yield from np.array2string(right, WIDTH - 2, precision=digits, separator=", ").splitlines()
    elif theirs is None or theirs.shape != right.shape:
        yield f"The right gradient by {answer.name} has the shape {right.shape}."
    else:
        place = furthest(answer)
        at = ", ".join(map(str, place))
        two = f"{theirs[place]:.{digits}g}, and {right[place]:.{digits}g} is right"
        yield f"The gradient by {answer.name} at [{at}] is {two}."


def _spelled(function: Callable[..., Any], call: Call) -> str:
    """The call, where arguments are spelled already."""
    positional, named = call
    parts = [*positional, *(f"{name}={value}" for name, value in named.items())]
    return f"{_name(function)}({', '.join(parts)})"


def _broken(call: str) -> list[str]:
    """A call on as many lines as it needs, for inside of brackets a line may end anywhere."""
    return wrap(call, WIDTH, subsequent_indent="    ", break_long_words=False)


def _name(function: Callable[..., Any]) -> str:
    """A lambda has none."""
    return called(function) if called(function).isidentifier() else "function"


def _value(name: str, value: Any) -> str:
    return f"functions[{name.replace('_prime', PRIME)!r}]" if callable(value) else repr(value)


def _imported(function: Callable[..., Any]) -> str:
    """How a function of a file is had; any other is the reader's own."""
    name, module = _name(function), getattr(function, "__module__", "")
    whole = getattr(function, "__qualname__", "") == name
    if whole and module not in ("", "__main__"):
        return f"from {module} import {name}"
    return f"# {name} is the function that was checked."
