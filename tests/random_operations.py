"""Random lists of operations."""

from __future__ import annotations

from random import Random

from indexcalc.codegen.operations import Contraction, Operation, Pointwise, Reduction, Spread
from indexcalc.expr.base import ONE, Index, size_symbol
from indexcalc.expr.nodes import Access, Add, Apply, Mul, One, Pow

SIZES = tuple(size_symbol(name) for name in ("B", "N", "H"))
REAL = dict(zip(SIZES, (7, 3, 4), strict=True))


class Drawn:
    """A random list of operations, over few sizes, so that letters of one size meet."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.known = {
            f"x{at}": tuple(self.random.choice(SIZES) for _ in range(self.random.randint(0, 3)))
            for at in range(3)
        }
        self.known["x3"] = SIZES
        self.inputs = dict(self.known)
        self.operations: list[Operation] = []
        for at in range(self.random.randint(4, 12)):
            one = self.one(f"y{at}")
            self.operations.append(one)
            self.known[one.left.name] = tuple(index.size for index in one.left.indices)
        made = [one.left.name for one in self.operations]
        self.results = {made[-1], *self.random.sample(made, 2)}

    def access(self, letters: list[Index], recent: bool = True) -> Access:
        """An access to something known, by these letters where they fit, else by fresh ones."""
        names = list(self.known)
        name = self.random.choice(names[-3:] if recent else names)
        found: list[Index] = []
        for size in self.known[name]:
            fitting = [i for i in letters if i.size == size and i not in found]
            if not fitting or self.random.random() < 0.1:
                fitting = [Index("abcdefghijklmnop"[len(letters)], size)]
                letters.extend(fitting)
            found.append(self.random.choice(fitting))
        return Access(name, *found)

    def one(self, name: str) -> Operation:
        letters: list[Index] = []
        first, second = self.access(letters), self.access(letters, recent=False)
        kind = self.random.choice(("contraction", "pointwise", "pointwise", "reduction", "spread"))
        if kind == "contraction" and letters:
            left = self.part(letters)
            operands = (first, second) if self.random.random() < 0.7 else (first,)
            own = [i for i in left if any(i in a.indices for a in operands)]
            if any(i not in own for a in operands for i in a.indices):
                return Contraction(Access(name, *own), ONE / 7, operands)
        if kind == "reduction" and first.indices:
            own = self.part(list(first.indices))
            return Reduction(Access(name, *own), "max", first)
        if kind == "spread" and first.indices:
            index = self.random.choice(first.indices)
            twin = Index("z", index.size)
            left = [twin, *first.indices]
            self.random.shuffle(left)
            return Spread(Access(name, *left), first, ((index, twin),))
        return self.pointwise(name, letters, first, second)

    def part(self, letters: list[Index]) -> list[Index]:
        left = [index for index in letters if self.random.random() < 0.6]
        if len(left) == len(letters):
            left.pop(self.random.randrange(len(left)))
        if self.random.random() < 0.2:
            self.random.shuffle(left)
        return left

    def pointwise(
        self, name: str, letters: list[Index], first: Access, second: Access
    ) -> Operation:
        left = list(letters)
        if self.random.random() < 0.2:
            self.random.shuffle(left)
        bounded = Apply("tanh", first)
        value = Mul(bounded, Apply("cos", second))
        if self.random.random() < 0.5:
            missing = [index for index in value.free if index not in first.free]
            missing.sort(key=lambda index: index.name)
            value = Add(value, Mul(first, One(*missing)) if missing else Pow(first, 2))
        return Pointwise(Access(name, *left), value)
