"""Pointwise expressions as Python with NumPy's operators, broadcast over given axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Basic, Expr, Rational, Symbol

from indexcalc.codegen.arrays import arithmetic, functions
from indexcalc.codegen.arrays.arithmetic import ATOM, Piece
from indexcalc.codegen.arrays.layout import tuple_of
from indexcalc.codegen.arrays.leaves import Axes, spread, view
from indexcalc.codegen.arrays.naming import Names
from indexcalc.codegen.operations import Contraction
from indexcalc.codegen.plan import Plan
from indexcalc.expr.base import (
    MINUS_ONE,
    ONE,
    Index,
    children,
    constant_symbol,
    postorder,
    size_symbol,
)
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, One, Pow
from indexcalc.expr.program import Program

HALF = Rational(1, 2)
# A power of no more than this is a product.
_SHORT = 3


def speller(program: Program, names: Names, lengths: Mapping[Symbol, int]) -> Speller:
    """For a whole program: its constants and sizes by their Python names."""
    symbols = {constant_symbol(name): spelled for name, spelled in names.constants.items()}
    symbols |= {size.symbol: names.sizes[size.name] for size in program.sizes}
    return Speller(names, symbols, lengths)


class Speller:
    """Spells values with the names of a module."""

    def __init__(
        self, names: Names, symbols: Mapping[Symbol, str], plan_lengths: Mapping[Symbol, int]
    ) -> None:
        self.names = names
        self.symbols = symbols
        self.plan_lengths = plan_lengths
        self.own_sizes = {symbol: size_symbol(symbols[symbol]) for symbol in plan_lengths}
        self.lengths = {self.own_sizes[symbol]: n for symbol, n in plan_lengths.items()}

    def extended(
        self, names: Names, symbols: Mapping[Symbol, str], lengths: Mapping[Symbol, int]
    ) -> Speller:
        """With other names and more sizes."""
        return Speller(names, {**self.symbols, **symbols}, {**self.plan_lengths, **lengths})

    def spelled(self, operation: Contraction) -> Contraction:
        """The same of tensors and sizes by their Python names, which no two have."""
        return Contraction(
            self.access(operation.left),
            operation.factor,
            tuple(self.access(operand) for operand in operation.operands),
        )

    def access(self, access: Access) -> Access:
        indices = (Index(i.name, i.size.xreplace(self.own_sizes)) for i in access.indices)
        return Access(self.names.tensors[access.name], *indices)

    def size(self, index: Index) -> str:
        return arithmetic.scalar(index.size, self.symbols).text

    def shape(self, indices: Axes) -> str:
        return tuple_of([self.size(index) for index in indices])

    def scalar(self, value: Expr) -> Piece:
        return arithmetic.scalar(value, self.symbols)

    def value(self, node: Basic, axes: Axes) -> Piece:
        """A value that broadcasts over the axes."""
        match node:
            case Expr():
                return self.scalar(node)
            case Access():
                return self.array(self.names.tensors[node.name], node.indices, axes)
            case One():
                return Piece("1")
            case Delta():
                unit = f"np.eye({self.size(node.indices[0])}, dtype=dtype)"
                return self.array(unit, node.indices, axes)
            case Add():
                return arithmetic.total([self.signed(term, axes) for term in node.parts])
            case Mul():
                negative, piece = self.signed(node, axes)
                return arithmetic.minus(piece) if negative else piece
            case Pow():
                return self.power(node, axes)
            case Apply():
                return self.applied(node, axes)
        raise TypeError(f"no spelling of {type(node).__name__}")

    def array(self, name: str, indices: Axes, axes: Axes) -> Piece:
        return Piece(spread(view(name, indices, axes), indices, axes))

    def signed(self, node: Basic, axes: Axes) -> tuple[bool, Piece]:
        """A product as whether it is taken away, and the rest of it."""
        coefficient, parts = split(node)
        if not parts:
            return arithmetic.signed(coefficient, self.symbols)
        negative = bool(coefficient.could_extract_minus_sign())
        above, below = arithmetic.factors(-coefficient if negative else coefficient)
        factors = [(False, self.scalar(part)) for part in above]
        for part in parts:
            denominator = inverse(part)
            below_it = divisors(denominator) if denominator is not None else []
            factors += [(True, self.value(one, axes)) for one in below_it]
            factors += [] if below_it else [(False, self.value(part, axes))]
        factors += [(True, self.scalar(part)) for part in below]
        return negative, arithmetic.product(factors)

    def power(self, node: Pow, axes: Axes) -> Piece:
        denominator = inverse(node)
        if denominator is not None:
            return arithmetic.product([(True, self.value(denominator, axes))])
        base = self.value(node.base, axes)
        if node.exponent == HALF:
            return Piece(f"np.sqrt({base.text})")
        if node.exponent == 2 and not base.text.isidentifier():
            return Piece(f"np.square({base.text})")
        if node.exponent in range(2, _SHORT + 1) and base.level == ATOM:
            return arithmetic.product([(False, base)] * int(node.exponent))
        return arithmetic.raised(base, self.value(node.exponent, axes))

    def applied(self, node: Apply, axes: Axes) -> Piece:
        arguments = [self.value(part, axes).text for part in node.arguments]
        return Piece(self.call(node.name, arguments))

    def call(self, function: str, arguments: Iterable[str], out: str = "") -> str:
        """A function of arrays, with `, out=...` where it writes into one."""
        given = ", ".join(arguments)
        if function == "relu":
            return f"{functions.RELU}({given}, 0{out})"
        if function in FUNCTIONS:
            return f"{functions.UFUNCS[function]}({given}{out})"
        called = self.names.functions[function]
        return f'_apply("{called}", {called}, {given}{out})'


def divisors(denominator: Basic) -> list[Basic]:
    """What is divided by, one after the other: σ³ overflows where c/σ/σ/σ does not."""
    if not isinstance(denominator, Pow) or not isinstance(denominator.base, Access):
        return [denominator]
    times = denominator.exponent
    return [denominator.base] * int(times) if times in range(2, _SHORT + 1) else [denominator]


def split(node: Basic) -> tuple[Expr, list[Basic]]:
    """The number in front of a product, and its other factors without one-tensors."""
    coefficient: Expr = ONE
    parts: list[Basic] = []
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mul):
            waiting.extend(reversed(part.parts))
        elif isinstance(part, Expr):
            coefficient *= part
        elif not isinstance(part, One):
            parts.append(part)
    return coefficient, parts


def inverse(node: Basic) -> Basic | None:
    """What a factor divides by; nothing where it does not."""
    if not isinstance(node, Pow) or not isinstance(node.exponent, Expr):
        return None
    exponent = node.exponent
    if not exponent.is_Rational or exponent >= 0:
        return None
    return node.base if exponent == MINUS_ONE else Pow(node.base, -exponent)


def carried(node: Basic) -> frozenset[Index]:
    """The indices that the spelled value really has: a one-tensor is spelled 1."""
    found: dict[Basic, frozenset[Index]] = {}
    for part in postorder(node):
        if isinstance(part, Access | Delta):
            found[part] = frozenset(part.indices)
        else:
            inside = (found[child] for child in children(part))
            found[part] = frozenset[Index]().union(*inside)
    return found[node]


def accesses(node: Basic) -> list[Access]:
    return [part for part in postorder(node) if isinstance(part, Access)]


def handed(plan: Plan) -> list[str]:
    """The functions that are handed in and called, in the program's order."""
    nodes = (one.right for one in (*plan.forward, *plan.backward))
    calls = (part for node in nodes for part in postorder(node) if isinstance(part, Apply))
    called = {call.name for call in calls}
    return [name for name in plan.program.handed if name in called]
