"""A program and its closed forms at small sizes in plain SymPy symbols, and SymPy's derivatives.

Each entry of each tensor is written out in the symbols of the inputs' entries, and SymPy
differentiates l = Σ G·y. Where closed forms are in terms of the adjoint A of an intermediate t,
the entries of both stay symbols, and what is differentiated is l + Σ A·t(...): by the chain rule
its derivative is the same, and it stays short however long the program is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

import sympy
from sympy import Expr, Integer, Symbol

from indexcalc.calculus.gradients import Gradients
from indexcalc.calculus.mentions import mentions
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import constant_symbol
from indexcalc.expr.program import Program
from indexcalc.proof.budget import Budget
from indexcalc.proof.elements import Entries, Extent, Paper, Place, symbols, valued


@dataclass(frozen=True, slots=True)
class Claim:
    """What an entry of a gradient is by its closed form, and what SymPy makes of it."""

    place: Place
    ours: Expr
    theirs: Expr


@dataclass(frozen=True, slots=True)
class _Scene:
    """All entries, where those of some intermediates are symbols.

    `tensors` has the entries by name, those of closed forms too unless they stay symbols; `closed`
    has all closed forms by the names of their left sides; `loss` are the G and y of l; `touched`
    are the terms of their Σ in which each symbol is; `definitions` say what symbols of
    intermediates and adjoints stand for, each before its uses.
    """

    tensors: dict[str, Entries]
    closed: dict[str, Entries]
    loss: list[tuple[Expr, Expr]]
    touched: dict[Symbol, list[Expr]]
    definitions: dict[Symbol, Expr]
    slopes: dict[Expr, Expr] = field(default_factory=dict)


class Written:
    """A program at given sizes; raises an IndexcalcError where it cannot be written."""

    def __init__(
        self,
        program: Program,
        found: Gradients,
        lengths: Mapping[Symbol, int],
        budget: Budget,
    ) -> None:
        self.program = program
        self.found = found
        self.lengths = lengths
        self.budget = budget
        self.extent = Extent()
        self.defined = {equation.left.name for equation in program.equations}
        self.conclusions = found.conclusion
        # The adjoint of an input is of no use to the chain rule.
        lefts = {found.equation(name).left.name: name for name in found.results}
        used = {name for equation in self.conclusions for name in mentions(equation.right)}
        self.adjoints = {
            left: name for left, name in lefts.items() if left in used and name in self.defined
        }
        # Of which tensor a symbol is the adjoint.
        self.owners: dict[Expr, str] = {}
        self.scenes: dict[frozenset[str], _Scene] = {}

    def count(self, tensor: str) -> int:
        """How many entries it has."""
        paper = self._paper({})
        return prod(paper.length(index) for index in self.program.tensors[tensor])

    def places(self, tensor: str) -> list[Place]:
        self.budget.spend(self.count(tensor))
        return list(self._paper({}).places(self.program.tensors[tensor]))

    def fits(self) -> bool:
        """Whether all gradients can be written out and differentiated."""
        try:
            scenes = [(name, self._scene(name)) for name in self.found.results]
        except IndexcalcError:
            return False
        terms = (
            term
            for name, scene in scenes
            for symbol in scene.tensors[name].values()
            for term in scene.touched.get(symbol, ())
        )
        return self._nodes(terms) <= self.budget.left

    # Ours and theirs

    def claims(self, name: str, order: Sequence[Place], others: int) -> Iterator[Claim]:
        """The entries of the gradient by a tensor, in this order: by its closed form, and by SymPy.
        Their part of the budget is left for the other gradients to come."""
        scene = self._scene(name)
        share = Budget(self.budget.left // (1 + others))
        ours = scene.closed[self._left(name)]
        for place in order:
            symbol = scene.tensors[name][place]
            terms = scene.touched.get(symbol, [])
            if symbol not in scene.slopes:
                share.spend(self._nodes(terms))
                self.budget.spend(self._nodes(terms))
                slopes = (valued(term.diff, symbol) for term in terms)
                scene.slopes[symbol] = sympy.Add(*slopes)
            yield Claim(place, ours[place], scene.slopes[symbol])

    def _nodes(self, terms: Iterable[Expr]) -> int:
        return sum(self.extent.of(term)[0] for term in terms)

    def values(self, name: str, place: Place | None = None) -> list[Expr]:
        """The y of l = Σ G·y; those that depend on an entry of a tensor."""
        scene = self._scene(name)
        values = [value for _, value in scene.loss]
        if place is None:
            return values
        return [value for value in values if scene.tensors[name][place] in value.free_symbols]

    def definitions(self, name: str) -> dict[Symbol, Expr]:
        """What symbols in the claims about a gradient stand for, each before its uses."""
        return self._scene(name).definitions

    def frozen(self, name: str) -> frozenset[str]:
        """The intermediates whose entries are symbols in the claims about a gradient."""
        return frozenset({*self.adjoints.values(), name} & self.defined)

    def needs(self, claim: Claim) -> set[str]:
        """The tensors whose adjoints are in a claim."""
        mentioned = claim.ours.free_symbols | claim.theirs.free_symbols
        return {self.owners[symbol] for symbol in mentioned if symbol in self.owners}

    # Writing out

    def _left(self, name: str) -> str:
        return self.found.equation(name).left.name

    def _scene(self, variable: str) -> _Scene:
        frozen = self.frozen(variable)
        if frozen not in self.scenes:
            self.scenes[frozen] = self._set(frozen)
        return self.scenes[frozen]

    def _set(self, frozen: frozenset[str]) -> _Scene:
        tensors: dict[str, Entries] = {
            entry.name: self._symbols(entry.name, entry.name) for entry in self.program.inputs
        }
        meanings: dict[str, Entries] = {}
        for equation in self.program.equations:
            name = equation.left.name
            entries = self._paper(tensors).written(equation.right, equation.left.indices)
            if name in frozen:
                meanings[name] = entries
                entries = symbols(name, entries)
            tensors[name] = entries
        seeds = {
            seed: self._symbols(seed, output)
            for output, seed in self.found.backprop.upstream.items()
        }
        kept = {left: self._symbols(left, name) for left, name in self.adjoints.items()}
        for left, name in self.adjoints.items():
            self.owners |= dict.fromkeys(kept[left].values(), name)
        outputs = [(seeds[seed], tensors[y]) for y, seed in self.found.backprop.upstream.items()]
        if self.program.is_loss:
            outputs = [({(): Integer(1)}, tensors[self.program.outputs[0]])]
        inner = [(kept[left], meanings[name]) for left, name in self.adjoints.items()]
        loss = [
            (seed, values[place])
            for seeds, values in (*outputs, *inner)
            for place, seed in seeds.items()
        ]
        tensors |= seeds | kept
        closed: dict[str, Entries] = {}
        for equation in self.conclusions:
            left = equation.left.name
            closed[left] = self._paper(tensors).written(equation.right, equation.left.indices)
            tensors.setdefault(left, closed[left])
        # Intermediates, then adjoints by their closed forms.
        pairs = [(tensors[name], meanings[name]) for name in meanings]
        pairs += [(tensors[left], closed[left]) for left in closed if left in self.adjoints]
        definitions = {names[place]: values[place] for names, values in pairs for place in names}
        return _Scene(tensors, closed, loss, _touched(loss), definitions)

    def _symbols(self, name: str, tensor: str) -> Entries:
        """A symbol for each entry of what has the shape of a tensor."""
        return symbols(name, self.places(tensor))

    def _paper(self, tensors: Mapping[str, Entries]) -> Paper:
        return Paper(self.lengths, tensors, self.budget, self.extent)


def _touched(loss: Iterable[tuple[Expr, Expr]]) -> dict[Symbol, list[Expr]]:
    """The terms that each symbol is in, G·a and G·b for G·(a + b), so that they are short."""
    found: dict[Symbol, list[Expr]] = {}
    for seed, value in loss:
        for term in (seed * part for part in sympy.Add.make_args(value)):
            for symbol in sorted(term.free_symbols, key=str):
                found.setdefault(symbol, []).append(term)
    return found


def default_values(program: Program) -> dict[Symbol, Expr]:
    """What the symbols of the declared constants stand for."""
    return {constant_symbol(name): value for name, value in program.constants}
