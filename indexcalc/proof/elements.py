"""A tensor expression at given sizes, written out: each entry in plain SymPy symbols.

Written as loops over entries from what the nodes mean, and sharing nothing with other evaluators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import sympy
from sympy import Basic, Expr, Function, Integer, Symbol

from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import Index, children, postorder
from indexcalc.expr.functions import FUNCTIONS, PRIME
from indexcalc.expr.nodes import Access, Add, Apply, Binder, Delta, Mul, One, Pow
from indexcalc.proof.budget import Budget

Place = tuple[int, ...]
# A tensor: what stands in each of its places.
Entries = Mapping[Place, Expr]
# A node within its Σ, and the value of each index there.
At = Mapping[Index, int]

# How deep an expression may be; SymPy needs a time for it that is quadratic, and worse for |x|.
DEEPEST = 32
# Parts of what divides by 0.
_NO_NUMBERS = frozenset((sympy.zoo, sympy.nan, sympy.oo, -sympy.oo))


def no_value() -> IndexcalcError:
    """An entry is no number, as 1/0 is none."""
    return IndexcalcError("IC109", "an entry is no real number", hint="give other sizes")


def _too_deep() -> IndexcalcError:
    said = "this is too deep to be written out entry by entry"
    return IndexcalcError("IC105", said, hint="give a part of it a name of its own")


class Extent:
    """How much there is of scalar expressions, written in full, and how deep they are."""

    def __init__(self) -> None:
        self.known: dict[Expr, tuple[int, int]] = {}

    def of(self, expr: Expr) -> tuple[int, int]:
        """How many nodes, and levels; refuses what is too deep or has no value."""
        if expr not in self.known:
            if expr in _NO_NUMBERS:
                raise no_value()
            inside = [self.of(argument) for argument in expr.args]
            count = 1 + sum(nodes for nodes, _ in inside)
            depth = 1 + max((levels for _, levels in inside), default=0)
            if depth > DEEPEST:
                raise _too_deep()
            self.known[expr] = count, depth
        return self.known[expr]


@dataclass(frozen=True, slots=True)
class Paper:
    """What expressions are written out with: how long each axis is, the tensors so far, and how
    much may still be written."""

    lengths: Mapping[Symbol, int]
    tensors: Mapping[str, Entries]
    budget: Budget
    extent: Extent

    def places(self, indices: Iterable[Index]) -> Iterable[Place]:
        """Every place of a tensor with these axes, the last index going fastest."""
        return product(*(range(self.length(index)) for index in indices))

    def length(self, index: Index) -> int:
        return int(index.size.xreplace(_integers(self.lengths)))

    def written(self, expr: Basic, indices: tuple[Index, ...]) -> dict[Place, Expr]:
        """An expression that is open in these indices, place by place."""
        _refuse_deep(expr)
        entries = {}
        for place in self.places(indices):
            entry = valued(self.entry, expr, dict(zip(indices, place, strict=True)))
            nodes, _ = self.extent.of(entry)
            self.budget.spend(nodes)
            entries[place] = entry
        return entries

    def entry(self, node: Basic, at: At) -> Expr:
        """The value of a node where its open indices have these values."""
        self.budget.spend()
        match node:
            case Expr():
                return node.xreplace(_integers(self.lengths))
            case Access():
                return self.tensors[node.name][tuple(at[index] for index in node.indices)]
            case One():
                return Integer(1)
            case Delta():
                first, second = node.indices
                return Integer(at[first] == at[second])
            case Binder():
                spots = [zip(node.indices, p, strict=True) for p in self.places(node.indices)]
                inside = ({**at, **dict(spot)} for spot in spots)
                return _REDUCED[node.kind](*(self.entry(node.body, there) for there in inside))
        parts = [self.entry(part, at) for part in children(node)]
        match node:
            case Add():
                return sympy.Add(*parts)
            case Mul():
                return sympy.Mul(*parts)
            case Pow():
                return _real(sympy.Pow(*parts))
            case Apply():
                return _real(applied(node.name, parts))
        raise TypeError(f"no entries for {type(node).__name__}")


def valued(make: Callable[..., Expr], *arguments: Any) -> Expr:
    """SymPy refuses with a ValueError to compare what it knows is no real number."""
    try:
        return make(*arguments)
    except ValueError:
        raise no_value() from None


def _real(value: Expr) -> Expr:
    """A root of what is negative is no value, though SymPy can go on with it."""
    if sympy.I in sympy.Mul.make_args(value):
        raise no_value()
    return value


_REDUCED: dict[str, Callable[..., Expr]] = {
    "sum": sympy.Add,
    "prod": sympy.Mul,
    "max": sympy.Max,
    "min": sympy.Min,
}


def _integers(lengths: Mapping[Symbol, int]) -> dict[Symbol, Integer]:
    return {symbol: Integer(length) for symbol, length in lengths.items()}


def _refuse_deep(expr: Basic) -> None:
    """What is too deep as a tree need not be written at all."""
    depth: dict[int, int] = {}
    for node in postorder(expr):
        depth[id(node)] = 1 + max((depth[id(part)] for part in children(node)), default=0)
    if depth[id(expr)] > DEEPEST:
        raise _too_deep()


def applied(name: str, arguments: list[Expr]) -> Expr:
    """A function by its meaning in SymPy; any other is one of which the slopes alone are known."""
    if name in FUNCTIONS:
        return FUNCTIONS[name].meaning(*arguments)
    return _abstract(name)(*arguments)


@lru_cache(maxsize=256)
def _abstract(name: str) -> Any:
    """f as a real function whose derivative is f', and along its second argument f'2."""

    def fdiff(self: Any, argindex: int = 1) -> Expr:
        which = "" if len(self.args) == 1 else str(argindex)
        return _abstract(f"{name}{PRIME}{which}")(*self.args)

    return type(name, (Function,), {"fdiff": fdiff, "_eval_is_extended_real": lambda self: True})


def symbols(name: str, places: Iterable[Place]) -> dict[Place, Expr]:
    """x[0,1] for each place of x; no name has a bracket, so no two tensors share a symbol."""
    return {
        place: Symbol(f"{name}[{','.join(map(str, place))}]" if place else name, real=True)
        for place in places
    }
