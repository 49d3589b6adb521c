"""What stands around the arithmetic of a function: arguments checked, sizes named, results made.

What is as it should be passes one condition; all else goes to helpers, which convert or say what
is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sympy import Symbol

from indexcalc.codegen.arrays.leaves import Axes
from indexcalc.codegen.arrays.spelling import Speller
from indexcalc.expr.base import Index

# How long one comparison may be.
_WIDEST = 80


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
    """All of them are so, as many at a time as stand on a line: a is b is c."""
    operator = f" {test.split()[0]} "
    groups: list[list[str]] = []
    for text in texts:
        if groups and len(operator.join([*groups[-1], text, test])) <= _WIDEST:
            groups[-1].append(text)
        else:
            groups.append([text])
    return [f"{operator.join(group)} {test}" for group in groups]


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
