"""The body of one function: operations as lines of NumPy, plain or into buffers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from sympy import Basic, Expr

from indexcalc.codegen.arrays import arithmetic
from indexcalc.codegen.arrays.leaves import Axes, letters, view
from indexcalc.codegen.arrays.pointwise import Lowering
from indexcalc.codegen.arrays.spelling import Speller, accesses, carried
from indexcalc.codegen.arrays.steps import Operand, Step, Value
from indexcalc.codegen.contractions.contraction import best
from indexcalc.codegen.contractions.plain import plain
from indexcalc.codegen.contractions.views import bracketed
from indexcalc.codegen.operations import (
    Contraction,
    Operation,
    Pointwise,
    Reduction,
    Spread,
)
from indexcalc.expr.base import Index, children
from indexcalc.expr.nodes import Access


class Body:
    """Operations as steps; those of the names in `buffered` write into arrays made before.

    `kept` are results and what is saved, which no other value may lie in.
    """

    def __init__(
        self,
        speller: Speller,
        buffered: Collection[str] = (),
        kept: Collection[str] = (),
        *,
        plain: bool = False,
    ) -> None:
        self.speller = speller
        self.is_plain = plain
        # Vectors of ones by name, where they are made once for many uses.
        self.ones: Callable[[Axes], str] = lambda _: ""
        # Names whose arrays are parts that are not contiguous, which no reshape can write into.
        self.loose: Collection[str] = ()
        self.buffered = buffered
        self.kept = kept
        self.known: dict[str, Value] = {}
        self.steps: list[Step] = []

    def add(self, operation: Operation) -> None:
        if operation.left.name not in self.buffered:
            self.one_line(operation)
            return
        match operation:
            case Pointwise():
                self.pointwise(operation.left, operation.value)
            case Contraction():
                self.contraction(operation)
            case Reduction():
                self.reduction(operation)
            case Spread():
                self.spread(operation)

    # One line each

    def one_line(self, operation: Operation) -> None:
        if isinstance(operation, Spread):
            name = self.name(operation.left)
            self.line(f"{name} = np.zeros({self.speller.shape(operation.left.indices)}, dtype)", [])
            self.line(*self.diagonal(operation))
            return
        text = self.text(operation)
        self.line(f"{self.name(operation.left)} = {text}", _read(operation))

    def text(self, operation: Operation) -> str:
        left = operation.left
        match operation:
            case Pointwise():
                return self.whole(left.indices, operation.value)
            case Contraction():
                return self.contracted(operation)
            case Reduction():
                return self.reduced(operation)
        raise TypeError(f"no line for {type(operation).__name__}")

    def whole(self, indices: Axes, value: Basic) -> str:
        """A pointwise value in an array of its own, over all indices of the left side."""
        piece = self.speller.value(value, indices)
        if carried(value) == frozenset(indices):
            return piece.text if children(value) or not indices else f"{piece.text}.copy()"
        if not carried(value):
            return f"np.full({self.speller.shape(indices)}, {piece.text}, dtype)"
        return f"np.broadcast_to({piece.text}, {self.speller.shape(indices)}).copy()"

    def contracted(self, operation: Contraction, out: str = "") -> str:
        """An expression, or with `out` statements that write into that array."""
        if not out and operation.factor.could_extract_minus_sign():
            positive = self.contracted(replace(operation, factor=-operation.factor))
            return f"-{bracketed(positive)}"
        spelled = self.speller.spelled(operation)
        factor = self.factor(operation.factor)
        if self.is_plain:
            return plain(spelled, {}, factor)
        way = best(spelled, self.speller.lengths)
        ones = self.ones(way.ones) if way.ones else ""
        text = way.text({}, out=out, factor=factor, ones=ones)
        if out and operation.left.name in self.loose and f"{out}.reshape(" in text:
            return f"{out}[...] = {way.text({}, factor=factor, ones=ones)}"
        return text

    def factor(self, factor: Expr) -> str:
        """1 / n where it divides: arrays can be divided by 0."""
        above, below = arithmetic.factors(factor)
        if factor == 1 or above or not below:
            return "" if factor == 1 else self.speller.scalar(factor).text
        under = arithmetic.product([(False, self.speller.scalar(part)) for part in below])
        return f"1 / {under.at(arithmetic.SIGN)}"

    def reduced(self, operation: Reduction, out: str = "") -> str:
        operand, left = operation.operand, operation.left.indices
        kept = [index for index in operand.indices if index in left]
        order = [*left, *operation.summed]
        name = self.name(operand)
        if kept != list(left) or len(set(operand.indices)) < len(operand.indices):
            name, where = view(name, operand.indices, order), order
        else:
            where = list(operand.indices)
        axes = _axes(where, operation.summed)
        # Over no entries at all, the value that does nothing to another.
        start = {"max": ", initial=-np.inf", "min": ", initial=np.inf", "prod": ""}
        return f"{name}.{operation.kind}({axes}{start[operation.kind]}{out})"

    def diagonal(self, operation: Spread, name: str = "") -> tuple[str, Sequence[Basic]]:
        """The operand laid on the diagonal of an array of zeros."""
        left = operation.left.indices
        same = {second: first for first, second in operation.pairs}
        while any(first in same for first in same.values()):
            same = {second: same.get(first, first) for second, first in same.items()}
        word = [same.get(index, index) for index in left]
        own = list(dict.fromkeys(word))
        called = letters(own)
        spelled = "".join(called[index] for index in word)
        short = "".join(called[index] for index in own)
        moved = Access(operation.operand.name, *(same.get(i, i) for i in operation.operand.indices))
        value = self.speller.value(moved, own).text
        name = name or self.name(operation.left)
        return f'np.einsum("{spelled}->{short}", {name})[...] = {value}', [operation.operand]

    def line(self, text: str, reads: Sequence[Basic]) -> None:
        self.steps.append(Step(lambda texts, out: text, (self.inside(reads),)))

    def inside(self, reads: Sequence[Basic]) -> Operand:
        names = dict.fromkeys(access.name for node in reads for access in accesses(node))
        return Operand("", inside=tuple(self.known[n] for n in names if n in self.known))

    def name(self, access: Access) -> str:
        return self.speller.names.tensors[access.name]

    # Into buffers

    def pointwise(self, left: Access, value: Basic) -> None:
        lowering = Lowering(self.speller, self.name(left), left.indices, self.known)
        steps, made = lowering.run(value, kept=left.name in self.kept)
        self.steps += steps
        self.known[left.name] = made

    def contraction(self, operation: Contraction) -> None:
        value = self.value(operation.left)
        reads = (self.inside(operation.operands),)
        self.steps.append(
            Step(lambda _, out: self.contracted(operation, out), reads, value, whole=True)
        )
        self.known[operation.left.name] = value

    def reduction(self, operation: Reduction) -> None:
        value = self.value(operation.left)
        reads = (self.inside([operation.operand]),)
        self.steps.append(Step(lambda _, out: self.reduced(operation, out), reads, value))
        self.known[operation.left.name] = value

    def spread(self, operation: Spread) -> None:
        value = self.value(operation.left)
        zero = Operand("0")
        self.steps.append(
            Step(lambda texts, out: f"np.positive(0{out})", (zero,), value, ufunc=True)
        )
        text, reads = self.diagonal(operation)
        self.known[operation.left.name] = value
        # It reads and writes the array, which must not be another's by now.
        inside = self.inside([*reads, operation.left])
        self.steps.append(Step(lambda texts, out: text, (inside,)))

    def value(self, left: Access) -> Value:
        return Value(self.name(left), left.indices, named=True, kept=left.name in self.kept)


def _read(operation: Operation) -> Sequence[Basic]:
    match operation:
        case Pointwise():
            return [operation.value]
        case Contraction():
            return operation.operands
    return [operation.operand]


def _axes(indices: Sequence[Index], summed: Sequence[Index]) -> str:
    places = [str(at) for at, index in enumerate(indices) if index in summed]
    return f"axis={places[0]}" if len(places) == 1 else f"axis=({', '.join(places)})"


def large(tensors: Mapping[str, tuple[Index, ...]]) -> set[str]:
    """The names whose indices are not some of those of another tensor: where arrays are large."""
    sets = {name: {index.size for index in indices} for name, indices in tensors.items()}
    many = {name: len(indices) for name, indices in tensors.items()}
    return {
        name
        for name, own in sets.items()
        if own and not any(own <= other and many[name] < many[n] for n, other in sets.items())
    }
