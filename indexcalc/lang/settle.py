"""Which indices are summed where: rules 1 to 4 of the language, on one statement.

`show` goes from the parts to the whole and notes which letters each part shows; `settle` goes from
the whole to the parts and gives every product the indices it sums and every tensor its bindings.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from indexcalc.errors import IndexcalcError
from indexcalc.expr.rename import fresh_name
from indexcalc.expr.visible import OPEN, SUMS, clashes, of_parts, of_tensor, of_terms, without
from indexcalc.lang.sizes import Axis, Binding
from indexcalc.lang.syntax import (
    Bound,
    Call,
    Factor,
    Letter,
    Power,
    Product,
    SizeOf,
    Syntax,
    Tensor,
    Terms,
)

Scope = dict[str, Binding]


@dataclass(slots=True)
class Settled:
    """What the rules decided for a statement."""

    free: Scope
    # The factors of each product, parentheses gone, with the sign; and what it sums.
    factors: dict[Product, tuple[int, list[Factor]]] = field(default_factory=dict)
    sums: dict[Product, list[Binding]] = field(default_factory=dict)
    binders: dict[Bound, list[Binding]] = field(default_factory=dict)
    tensors: dict[Tensor, list[Binding]] = field(default_factory=dict)
    scopes: dict[SizeOf, Scope] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)


def show(node: Syntax) -> None:
    """Note which letters a node shows; its parts come first."""
    if isinstance(node, Tensor):
        node.shown = of_tensor(letter.name for letter in node.indices)
    elif isinstance(node, Product):
        node.shown = of_parts([factor.node.shown for factor in node.factors])
    elif isinstance(node, Terms):
        node.shown = of_terms([term.shown for term in node.terms])
    elif isinstance(node, Power):
        node.shown = of_parts([node.base.shown, node.exponent.shown])
    elif isinstance(node, Call):
        node.shown = of_parts([argument.shown for argument in node.arguments])
    elif isinstance(node, Bound):
        node.shown = without(node.body.shown, (letter.name for letter in node.indices))


def settle(
    right: Product,
    nodes: list[Syntax],
    free: Scope,
    letters: Collection[str],
    taken: Collection[str],
) -> Settled:
    """Apply rules 1 to 4. A renamed binder takes none of the letters, and no taken name."""
    return _Settling(right, free, letters, taken).run(nodes)


class _Settling:
    def __init__(
        self, right: Product, free: Scope, letters: Collection[str], taken: Collection[str]
    ) -> None:
        self.out = Settled(free)
        self.scope: dict[Product, Scope] = {right: free}
        self.letters = letters
        self.taken = taken
        self.lone: list[tuple[Letter, Tensor]] = []

    def run(self, nodes: list[Syntax]) -> Settled:
        for node in reversed(nodes):
            # A parenthesised product has no scope of its own: its factors went to the outer one.
            if isinstance(node, Product) and node in self.scope:
                self.product(node, self.scope[node])
        if self.lone:
            raise _lone(*min(self.lone, key=lambda lone: lone[0].span.start))
        return self.out

    def product(self, node: Product, scope: Scope) -> None:
        sign, factors = _flattened(node)
        self.out.factors[node] = sign, factors
        summed = _summed(node, [letter for letter in node.shown if letter not in scope])
        if summed:
            bindings = [self.bind(_first(*found), scope, scope) for found in summed.items()]
            self.out.sums[node] = bindings
            scope = scope | dict(zip(summed, bindings, strict=True))
        for factor in factors:
            self.factor(factor.node, scope)
        self.refuse_idle_ones(factors, scope)

    def factor(self, node: Syntax, scope: Scope) -> None:
        """Hand the scope inside."""
        if isinstance(node, Tensor):
            self.lone += [(letter, node) for letter in node.indices if letter.name not in scope]
            self.out.tensors[node] = [
                scope[letter.name] for letter in node.indices if letter.name in scope
            ]
        elif isinstance(node, Product):
            self.scope[node] = scope
        elif isinstance(node, Terms):
            self.scope.update(dict.fromkeys(node.terms, scope))
        elif isinstance(node, Power):
            self.scope.update(dict.fromkeys((node.base, node.exponent), scope))
        elif isinstance(node, Call):
            self.scope.update(dict.fromkeys(node.arguments, scope))
        elif isinstance(node, SizeOf):
            self.out.scopes[node] = scope
        elif isinstance(node, Bound):
            inner = dict(scope)
            bindings = self.out.binders[node] = []
            for letter in node.indices:
                # Later letters keep clear of the new names of earlier ones.
                bindings.append(self.bind(letter, inner, scope))
                inner[letter.name] = bindings[-1]
            self.scope[node.body] = inner

    def bind(self, letter: Letter, around: Scope, scope: Scope) -> Binding:
        """A new meaning of a letter; under another name where it is taken already."""
        name = letter.name
        if name in scope:
            taken = {binding.name for binding in around.values()}
            taken |= {binding.name for binding in scope.values()}
            name = fresh_name(name, taken, self.letters, self.taken)
        binding = Binding(name, Axis(letter))
        self.out.bindings.append(binding)
        return binding

    def refuse_idle_ones(self, factors: list[Factor], scope: Scope) -> None:
        """Rule 1: a one-tensor over free indices that its product carries already."""
        ones = [
            factor.node
            for factor in factors
            if isinstance(factor.node, Tensor) and factor.node.kind == "one"
        ]
        if not ones:
            return
        carriers: dict[str, int] = {}
        for factor in factors:
            for letter in factor.node.shown:
                carriers[letter] = carriers.get(letter, 0) + 1
        for one in ones:
            names = [letter.name for letter in one.indices]
            if all(
                name in self.out.free
                and scope.get(name) is self.out.free[name]
                and carriers[name] > 1
                for name in names
            ):
                raise IndexcalcError(
                    "IC403",
                    f"{names[0]} is free here, so this one-tensor neither sums nor broadcasts",
                    hint=f"to sum, use another letter than {names[0]}; otherwise remove it",
                    spans=[one.span],
                )


def _flattened(node: Product) -> tuple[int, list[Factor]]:
    """The factors with the parentheses around products gone; a scalar product stays one."""
    sign, out = node.sign, []
    waiting = list(reversed(node.factors))
    while waiting:
        factor = waiting.pop()
        inner = factor.node
        if isinstance(inner, Product) and not factor.inverted and not inner.scalar:
            sign *= inner.sign
            waiting.extend(reversed(inner.factors))
        else:
            out.append(factor)
    return sign, out


def _summed(node: Product, pending: Collection[str]) -> dict[str, Syntax]:
    """Rule 2: which of the unsettled letters this product sums, and a part that shows each.

    Letters go through parentheses as sets, so that many in many parentheses cost little.
    """
    wanted, seen, shared = set(pending), set[str](), set[str]()
    shows = [(factor, factor.node.shown.keys() & wanted) for factor in node.factors]
    for _, letters in shows:
        shared |= seen & letters
        seen |= letters
    found: dict[str, Syntax] = {}
    holders: dict[str, list[Syntax]] = {}
    for factor, letters in shows:
        part = factor.node
        if isinstance(part, Product) and not factor.inverted:
            inside = letters - shared
            if inside:
                found |= _summed(part, [letter for letter in pending if letter in inside])
            letters = letters & shared
        for letter in letters:
            holders.setdefault(letter, []).append(part)
    found.update(
        (letter, holders[letter][0])
        for letter in pending
        if letter in holders and _meet(letter, holders[letter])
    )
    return {letter: found[letter] for letter in pending if letter in found}


def _meet(letter: str, holders: list[Syntax]) -> bool:
    """In two factors, or twice in the one that has it."""
    if len(holders) == 1:
        return _meets_itself(letter, holders[0])
    _refuse_clash(letter, holders)
    return True


def _meets_itself(letter: str, node: Syntax) -> bool:
    """Twice in one tensor, in base and exponent, or in two arguments."""
    if isinstance(node, Tensor):
        return node.shown[letter] is SUMS
    if isinstance(node, Power):
        parts = [node.base, node.exponent]
    elif isinstance(node, Call):
        parts = node.arguments
    else:
        return False
    holders = [part for part in parts if letter in part.shown]
    if len(holders) < 2:
        return False
    _refuse_clash(letter, holders)
    return True


def _first(letter: str, node: Syntax) -> Letter:
    """The first place in a node where it shows a letter."""
    while not isinstance(node, Tensor):
        node = next(part for part in _parts(node) if letter in part.shown)
    return next(index for index in node.indices if index.name == letter)


def _parts(node: Syntax) -> list[Syntax]:
    if isinstance(node, Product):
        return [factor.node for factor in node.factors]
    if isinstance(node, Terms):
        return list(node.terms)
    if isinstance(node, Power):
        return [node.base, node.exponent]
    if isinstance(node, Call):
        return list(node.arguments)
    assert isinstance(node, Bound)  # nothing else shows letters
    return [node.body]


def _lone(letter: Letter, tensor: Tensor) -> IndexcalcError:
    name = letter.name
    ways = f"write 1[{name}]* or sum[{name}](...)"
    if tensor.kind == "one":
        ways = "another factor must have it"
    return IndexcalcError(
        "IC401",
        f"{name} occurs once in its term and is not on the left",
        hint=f"to sum over it, {ways}; to keep it, put {name} on the left",
        spans=[letter.span],
    )


def _refuse_clash(letter: str, holders: Sequence[Syntax]) -> None:
    """Rule 3: where both readings are legal, neither is taken."""
    if clashes([holder.shown[letter] for holder in holders]):
        part = next(holder for holder in holders if holder.shown[letter] is not OPEN)
        raise IndexcalcError(
            "IC402",
            f"{letter} could be summed over the whole product or in this part alone",
            hint=f"use another letter in one of them, or write sum[{letter}](...)",
            spans=[part.span],
        )
