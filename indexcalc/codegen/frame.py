"""What stands around the arithmetic of a function: arguments checked, sizes named, results made.

What is as it should be passes one condition; all else goes to helpers, which convert or say what
is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sympy import Symbol

from indexcalc.codegen.leaves import Axes
from indexcalc.codegen.spelling import Speller
from indexcalc.expr.base import Index

ARRAYS = '''
def _arrays(*given, dtype=None):
    """Arrays of one float dtype, given names, values and indices; and the dtypes of the values."""
    arrays, dtypes = [], []
    for name, value, indices in given:
        array = np.asarray(value)
        if array.dtype.kind != "f":
            raise TypeError(f"{name} has dtype {array.dtype}, and floats are needed")
        if array.ndim != len(indices.split()):
            shown = f"{name}[{', '.join(indices.split())}]" if indices else f"the number {name}"
            raise ValueError(f"{shown} is given an array of shape {array.shape}")
        arrays.append(array)
        dtypes.append(None if type(value) is float else array.dtype)
    strong = [own for own in dtypes if own is not None] or [np.dtype(np.float64)]
    common = np.result_type(*strong) if dtype is None else dtype
    mixed = any(own is not None and own != common for own in dtypes)
    return [array.astype(common, copy=False)[()] for array in arrays], (
        tuple(own or common for own in dtypes) if mixed else None
    )
'''

FIT = '''
def _fit(*given):
    """Raises for the first tensor that does not fit those before it."""
    known = {}
    for name, shape, axes in given:
        for axis, length in zip(axes.split(), shape, strict=True):
            letter, size = axis.split(":")
            other, there = known.setdefault(size, (name, length))
            if length != there:
                raise ValueError(
                    f"{name} has {length} entries along {letter} where {other} has {there}"
                )
'''

SAVED = """
def _refuse(saved, forward):
    raise TypeError(f"saved is what {forward} returns beside its value, not {type(saved).__name__}")
"""

CAST = '''
def _cast(arrays, dtypes, out=None, inputs=(), names=()):
    """Gradients in the dtypes of their tensors."""
    arrays = tuple(array.astype(dtype) for array, dtype in zip(arrays, dtypes, strict=True))
    if out is None:
        return arrays
    wanted = [(n, a.shape, a.dtype) for n, a in zip(names, arrays, strict=True)]
    places = _out(out, inputs, *wanted)
    return tuple(np.positive(a, out=place) for a, place in zip(arrays, places, strict=True))
'''

SIZE = """
def _size(name, value):
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < 0:
        raise TypeError(f"{name} is a size, a whole number that is not negative, not {value!r}")
    return value.__index__()
"""

CALLABLE = """
def _callable(**functions):
    for name, function in functions.items():
        if not callable(function):
            raise TypeError(f"{name} is not a function: give one, {name}=np.tanh")
"""

APPLY = '''
def _apply(name, function, *arrays, out=None):
    """A function of arrays, entry by entry, in their dtype."""
    arrays = np.broadcast_arrays(*arrays)
    value = np.asarray(function(*arrays), arrays[0].dtype)
    if value.shape != arrays[0].shape:
        raise ValueError(f"{name} made the shape {value.shape} of the shape {arrays[0].shape}")
    return np.positive(value, out=out)
'''

OUT = '''
def _out(out, inputs, *wanted):
    """The arrays of `out`, if every result can be written into its own."""
    if type(out) is not tuple:
        out = (out,)
    if len(out) != len(wanted):
        raise ValueError(f"out has {len(out)} arrays where there are {len(wanted)} results")
    for at, (array, (name, shape, dtype)) in enumerate(zip(out, wanted, strict=True)):
        if type(array) is not np.ndarray:
            raise TypeError(f"out for {name} is not an array, but {type(array).__name__}")
        if array.shape != shape:
            raise ValueError(f"out for {name} has shape {array.shape}, not {shape}")
        if array.dtype != dtype:
            raise TypeError(f"out for {name} has dtype {array.dtype}, not {dtype}")
        if not array.flags.writeable:
            raise ValueError(f"out for {name} is not writable")
        if not array.flags.c_contiguous:
            raise ValueError(f"out for {name} is not C-contiguous")
        for other in (*out[:at], *inputs):
            if np.may_share_memory(array, other):
                raise ValueError(f"out for {name} overlaps an array that is still needed")
    return out
'''

BUFFER = '''
def _buffer(workspace, name, shape, dtype):
    """An array to write into, kept in the workspace where there is one."""
    if workspace is None:
        return np.empty(shape, dtype)
    if type(workspace) is not dict:
        raise TypeError("workspace is a dict, empty at first: workspace={}")
    array = workspace.get(name)
    if array is None or array.shape != shape or array.dtype != dtype:
        array = workspace[name] = np.empty(shape, dtype)
    return array
'''

HELPERS = {
    "_arrays": ARRAYS,
    "_fit": FIT,
    "_refuse": SAVED,
    "_cast": CAST,
    "_size": SIZE,
    "_callable": CALLABLE,
    "_apply": APPLY,
    "_out": OUT,
    "_buffer": BUFFER,
}


# How many things are compared in one chain.
_TOGETHER = 4


@dataclass(frozen=True, slots=True)
class Argument:
    """A tensor that a function is given, by its Python name."""

    name: str
    indices: tuple[Index, ...]

    @property
    def letters(self) -> str:
        return " ".join(index.name for index in self.indices)


def conversions(arguments: Sequence[Argument], mixed: bool) -> list[str]:
    """Arrays of one float dtype and of the right orders, whatever was given.

    Without `mixed` there is a dtype already, and `dtypes` is nobody's business.
    """
    arrays = [argument for argument in arguments if argument.indices]
    numbers = [argument for argument in arguments if not argument.indices]
    lines: list[str] = ["dtypes = None"] if mixed else []
    tests = _tests(arrays, numbers, mixed)
    told = ", ".join(f'("{a.name}", {a.name}, "{a.letters}")' for a in arguments)
    names = ", ".join(a.name for a in arguments) + ("," if len(arguments) == 1 else "")
    call = f"_arrays({told}{'' if mixed else ', dtype=dtype'})"
    if tests:
        lines += [_condition(tests), f"    ({names}), {'dtypes' if mixed else '_'} = {call}"]
    else:
        lines = [f"({names}), {'dtypes' if mixed else '_'} = {call}"]
    if mixed and arguments:
        lines.append(f"dtype = {(arrays or numbers)[0].name}.dtype")
    if tests:
        lines += [f"{n.name} = dtype.type({n.name})" for n in numbers]
    return lines


def _tests(arrays: Sequence[Argument], numbers: Sequence[Argument], mixed: bool) -> list[str]:
    """What holds for arguments that are fine as they are."""
    if not arrays:
        return [] if mixed else _all([f"type({n.name})" for n in numbers], "is float")
    names = [argument.name for argument in arrays]
    tests = _all([f"type({name})" for name in names], "is np.ndarray")
    kinds = [f"{name}.dtype" for name in names]
    if mixed:
        tests += [f'{kinds[0]}.kind == "f"', *_all(kinds[1:], f"is {kinds[0]}")]
    else:
        tests += _all(kinds, "is dtype")
    orders: dict[int, list[str]] = {}
    for argument in arrays:
        orders.setdefault(len(argument.indices), []).append(f"{argument.name}.ndim")
    for order, group in orders.items():
        tests += _all(group, f"== {order}")
    return [*tests, *_all([f"type({n.name})" for n in numbers], "is float")]


def _all(texts: Sequence[str], test: str) -> list[str]:
    """All of them are so, a few at a time: a is b is c."""
    operator = test.split()[0]
    groups = (texts[at : at + _TOGETHER] for at in range(0, len(texts), _TOGETHER))
    return [f" {operator} ".join(group) + f" {test}" for group in groups]


def _condition(tests: Sequence[str]) -> str:
    """Whether one of them fails."""
    words = tests[0].split()
    if len(tests) == 1 and len(words) == 3:
        return f"if {words[0]} is not {words[2]}:"
    return f"if not ({' and '.join(tests)}):"


class Sizes:
    """Which size is known from what, and the lines that name it and compare it."""

    def __init__(self, speller: Speller) -> None:
        self.speller = speller
        self.places: dict[Symbol, str] = {}
        self.arguments: list[Argument] = []

    def learn(self, argument: Argument) -> None:
        """Sizes that this argument is the first to have."""
        self.arguments.append(argument)
        for at, index in enumerate(argument.indices):
            if index.size not in self.places:
                self.places[index.size] = f"{argument.name}.shape[{at}]"

    def lines(self, used: Iterable[str]) -> list[str]:
        """The sizes that are used, by their names."""
        wanted = set(used)
        found = {
            self.speller.symbols[size]: place
            for size, place in self.places.items()
            if self.speller.symbols[size] in wanted
        }
        found = {name: place for name, place in found.items() if name != place}
        lines = []
        for argument in self.arguments:
            shape = [self.speller.size(index) for index in argument.indices]
            own = [f"{argument.name}.shape[{at}]" for at in range(len(shape))]
            if len(shape) > 1 and [found.get(name) for name in shape] == own:
                lines.append(f"{', '.join(shape)} = {argument.name}.shape")
                for name in shape:
                    del found[name]
        return [*lines, *(f"{name} = {place}" for name, place in found.items())]


def comparisons(
    sizes: Sizes, arguments: Sequence[Argument], others: Sequence[Argument]
) -> list[str]:
    """Every axis whose size an earlier one has; `others` fit, and are named in messages alone."""
    tests = []
    seen = {index.size for other in others for index in other.indices}
    for argument in arguments:
        places = []
        for at, index in enumerate(argument.indices):
            if index.size in seen:
                places.append((at, index))
            seen.add(index.size)
        if places and len(places) == len(argument.indices):
            shape = sizes.speller.shape(argument.indices)
            tests.append(f"{argument.name}.shape != {shape}")
        else:
            tests += [f"{argument.name}.shape[{at}] != {sizes.speller.size(i)}" for at, i in places]
    if not tests:
        return []
    speller = sizes.speller
    shapes = [(a, speller.shape(a.indices)) for a in others]
    shapes += [(a, f"{a.name}.shape") for a in arguments]
    told = ", ".join(
        f'("{a.name}", {shape}, "{_axes(a.indices, speller)}")' for a, shape in shapes if a.indices
    )
    return [f"if {' or '.join(tests)}:", f"    _fit({told})"]


def _axes(indices: Axes, speller: Speller) -> str:
    return " ".join(f"{index.name}:{speller.size(index)}" for index in indices)


def words(lines: Iterable[str]) -> set[str]:
    """Every name that the lines mention; not attributes, nor what is in quotes."""
    return {word for line in lines for word in re.findall(r"(?<![.\w\"])\w+", _bare(line))}


def _bare(line: str) -> str:
    return re.sub(r"\"[^\"]*\"", "", line)
