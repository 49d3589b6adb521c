"""The same numbers stacked in another order: a reshape, a fold or an unfolding of axes that are not
in that order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product

from indexcalc.against.causes import Cause, Evidence
from indexcalc.against.families.paths import VALUE
from indexcalc.against.scenes import Scene
from indexcalc.calculus.mentions import mentions
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation
from indexcalc.expr.terms import Term, flat, tree
from indexcalc.expr.world import Array

# Of more axes there are too many orders.
MOST_AXES = 4


@dataclass(frozen=True, slots=True)
class Stacking:
    """Entries stacked with the axes in one order, and taken for stacked in another."""

    stacked: tuple[int, ...]
    read: tuple[int, ...]

    def of(self, array: Array) -> Array:
        lengths = [array.shape[axis] for axis in self.read]
        back = [self.read.index(axis) for axis in range(array.ndim)]
        return array.transpose(self.stacked).reshape(lengths).transpose(back)

    def words(self, letters: Sequence[str]) -> str:
        first, second = (
            ", ".join(letters[axis] for axis in order) for order in (self.stacked, self.read)
        )
        return f"entries stacked in the order ({first}) and read as ({second})"


def stackings(count: int) -> list[Stacking]:
    """Those with the usual order first."""
    usual = tuple(range(count))
    pairs = [Stacking(a, b) for a, b in product(permutations(usual), repeat=2) if a != b]
    return sorted(pairs, key=lambda one: usual not in (one.stacked, one.read))


def result(evidence: Evidence) -> Iterator[Cause]:
    """The gradient itself, reshaped."""
    name, count = evidence.name, evidence.first.right.ndim
    if 2 <= count <= MOST_AXES:
        letters = _letters(evidence, evidence.first.scene.letters(name))
        for stacking in stackings(count):
            words = f"has its {stacking.words(letters)}: a reshape that is no transpose"
            yield Cause("reshape", words, _with(name, stacking.of))


def _with(name: str, change: Callable[[Array], Array]) -> Callable[[Scene], Mapping[str, Array]]:
    return lambda scene: {name: change(scene.right[name])}


def parts(evidence: Evidence) -> Iterator[Cause]:
    """A tensor in its formula, or two, reshaped; and what is summed."""
    for route in evidence.subject.routes:
        adjoint = evidence.subject.adjoint(evidence.name)
        for equation in route:
            if equation.left.name == adjoint:
                yield from _of_tensors(evidence, equation)
                yield from _of_summands(evidence, equation)


def _of_tensors(evidence: Evidence, equation: Equation) -> Iterator[Cause]:
    tensors = evidence.first.scene.values.arrays
    names = [n for n in sorted(mentions(equation.right)) if 2 <= tensors[n].ndim <= MOST_AXES]
    for one in names:
        for stacking in stackings(tensors[one].ndim):
            yield _stacked(evidence, equation, {one: stacking})
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            if tensors[one].ndim > 3 or tensors[other].ndim > 3:
                continue
            for pair in product(stackings(tensors[one].ndim), stackings(tensors[other].ndim)):
                yield _stacked(evidence, equation, dict(zip((one, other), pair, strict=True)))


def _stacked(evidence: Evidence, equation: Equation, how: Mapping[str, Stacking]) -> Cause:
    subject, name = evidence.subject, evidence.name
    told = []
    for tensor, stacking in how.items():
        letters = _letters(evidence, subject.tensors[tensor])
        shown = spell(Access(tensor, *subject.tensors[tensor]), "unicode")
        told.append(f"{shown} has its {stacking.words(letters)}")

    def predicted(scene: Scene) -> Mapping[str, Array]:
        arrays = scene.values.arrays
        others = scene.values.besides({t: one.of(arrays[t]) for t, one in how.items()})
        return {name: others.of(equation)}

    return Cause("reshape", f"is what it is where {' and '.join(told)}", predicted)


def _of_summands(evidence: Evidence, equation: Equation) -> Iterator[Cause]:
    """What is under the Σ, all its axes in another order."""
    terms = flat(equation.right)
    if len(terms) != 1 or not terms[0].bound:
        return
    term, name = terms[0], evidence.name
    axes = {size: at for at, size in enumerate(_sizes(evidence))}
    letters = sorted(term.open, key=lambda index: axes.get(index.size, 0))
    if not 2 <= len(letters) <= MOST_AXES:
        return
    whole = Equation(Access(VALUE, *letters), tree((Term((), term.factors),), letters))
    kept = [letters.index(index) for index in equation.left.indices if index in letters]
    summed = tuple(at for at in range(len(letters)) if at not in kept)
    if len(kept) < len(equation.left.indices):
        return

    def stacked(stacking: Stacking) -> Callable[[Scene], Mapping[str, Array]]:
        def predicted(scene: Scene) -> Mapping[str, Array]:
            left = stacking.of(scene.values.of(whole)).sum(axis=summed)
            order = sorted(range(len(kept)), key=lambda at: kept[at])
            return {name: left.transpose([order.index(at) for at in range(len(kept))])}

        return predicted

    for stacking in stackings(len(letters)):
        told = stacking.words(_letters(evidence, tuple(letters)))
        yield Cause("reshape", f"sums what has its {told}", stacked(stacking))


def _sizes(evidence: Evidence) -> list[object]:
    return [size.symbol for size in evidence.subject.program.sizes]


def _letters(evidence: Evidence, indices: tuple[Index, ...]) -> list[str]:
    return [evidence.subject.letter(index.size) for index in indices]
