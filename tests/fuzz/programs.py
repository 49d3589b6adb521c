"""Programs drawn from a number, most of them legal and smooth somewhere."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from tests.dice import Dice
from tests.fuzz.meaning import FUNCTIONS, GREEK, every, named, understood
from tests.oracle import (
    Bin,
    Binder,
    Call,
    Group,
    Leaf,
    Neg,
    Node,
    Num,
    Program,
    Signature,
    Size,
    Statement,
)

Letters = Sequence[str]

LETTERS = "iijjkkhbnmpqr"
# Some are what fresh letters, losses and upstream gradients are called, or have a Greek spelling.
NAMES = [*"xzwuvacdtseGlpqrLKQy", "w1", "w2", "G1", "gamma", "mu", "sigma", "beta", "eps", "out"]
LETTER_OF = {name: letter for letter, name in GREEK.items()}
ABSTRACT = ("f", "g", "h", "act")
SMOOTH = ("exp", "tanh", "sin", "softplus", "sigmoid", "erf", "atan")
NUMBERS = ("2", "3", "0.5", "0.1", "1.5")
WHOLE = ("2", "2", "2", "3", "4", "-1", "-1", "-2")
BROKEN = ("1/2", "1/3", "3/2", "-1/2", "0.5", "2.5")
# The nodes of a statement; small programs go through faster, and large ones meet more rules.
MOST_NODES = (10, 15, 20, 30, 45)
MOST_INPUTS = 5


@dataclass(frozen=True)
class Case:
    """A program, what it is differentiated by (nothing said: its inputs), how long axes are, and
    the number that its points are drawn from."""

    program: Program
    wrt: tuple[str, ...] = ()
    lengths: tuple[int, ...] = (3, 2, 4, 5)
    seed: int = 0


def case(seed: int, number: int) -> Case:
    """The case of this number."""
    return _Maker(Random(f"{seed}/{number}")).case(number)


@dataclass
class _Maker(Dice):
    """Draws one program. `scope` are the letters that a part may use, `must` those it has to hold.

    Each letter has a kind, and tensors are used again with letters of the same kinds, so that
    sizes stay unequal; in some programs all letters are of one kind.
    """

    random: Random
    axes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    defined: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pool = list(dict.fromkeys(self.shuffled(LETTERS)))[:6]
        self.most_nodes = self.pick(MOST_NODES)
        kinds = self.pick((1, 2, 3, 3))
        self.kinds = {k: place % kinds for place, k in enumerate(self.pool)}
        taken = {*self.pool, *(k.upper() for k in self.pool)}
        self.names = [name for name in self.shuffled(NAMES) if name not in taken]
        self.abstract = {name: self.pick((1, 1, 2)) for name in ABSTRACT if name not in self.pool}
        self.constants = (
            {self.names.pop(): self.pick(("0.5", "2", "0.1", "3")) for _ in range(2)}
            if self.chance(20)
            else {}
        )

    # Programs

    def case(self, number: int) -> Case:
        count = self.pick((1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6))
        for place in range(count):
            self.statement(last=place == count - 1, depth=3 if count == 1 else 2)
        program = Program(tuple(self.statements), None, self.declared())
        if self.constants or self.chance(25):
            program = self.signed(program)
        lengths = self.shuffled((2, 3, 4, 5)) if self.chance(90) else self.shuffled((1, 2, 3))
        return Case(program, self.wanted(), tuple(lengths), number)

    def declared(self) -> tuple[str, ...]:
        nodes = (node for s in self.statements for node in every(s.expr))
        return ("act",) if any(isinstance(n, Call) and n.name == "act" for n in nodes) else ()

    def wanted(self) -> tuple[str, ...]:
        """Nothing, or some of the tensors."""
        nodes = [node for s in self.statements for node in every(s.expr)]
        used = {named(n.name) for n in nodes if isinstance(n, Leaf)} | set(self.defined)
        tensors = [name for name in self.axes if name in used]
        if not tensors or not self.chance(25):
            return ()
        return tuple(self.random.sample(tensors, self.random.randint(1, min(3, len(tensors)))))

    def statement(self, *, last: bool, depth: int) -> None:
        """A statement that the rules allow, or now and then one that they do not."""
        count = self.pick((0, 0, 0, 1, 1, 2)) if last else self.pick((0, 1, 1, 2, 2, 2, 3, 4))
        name = self.names.pop() if self.names else f"n{len(self.axes)}"
        kept = dict(self.axes), list(self.names), list(self.waiting)
        for _ in range(12):
            self.axes, self.names, self.waiting = dict(kept[0]), list(kept[1]), list(kept[2])
            made = self.drawn(name, count, depth)
            if last and not count and self.chance(70):
                made[-1] = self.closed(made[-1])
            if sum(len(every(s.expr)) for s in made) > self.most_nodes:
                continue
            if not is_refused(Program((*self.statements, *made))) or self.chance(2):
                break
        else:
            made = [Statement(name, (), self.tensor([]))]
        self.statements += made
        self.axes[name] = self.kinds_of(made[0].indices)
        self.defined.append(name)
        self.waiting.append(name)

    def drawn(self, name: str, count: int, depth: int) -> list[Statement]:
        """One statement, or two where a term is added to it."""
        made: list[Statement] = []
        letters = self.shuffled(self.pool)[:count]
        for adds in (self.chance(2), *([True] if self.chance(5) else [])):
            self.left = letters if not made else self.alike(letters)
            body = self.body(self.left, self.left, depth)
            made.append(Statement(self.spelled(name), tuple(self.left), body, adds))
        return made

    def kinds_of(self, letters: Letters) -> tuple[int, ...]:
        return tuple(self.kinds[k] for k in letters)

    def closed(self, s: Statement) -> Statement:
        """The statement with a term for each name that nothing uses yet."""
        for name in list(self.waiting):
            kinds = dict(self.kinds)
            letters = []
            for kind in self.axes[name]:
                letters.append(next(k for k in kinds if kinds[k] == kind))
                del kinds[letters[-1]]
            term: Node = self.tensor_called(name, letters)
            if self.chance(40):
                term = Call(
                    self.pick((*SMOOTH, *(n for n, c in self.abstract.items() if c == 1))), (term,)
                )
            elif self.chance(40):
                term = Bin("^", term, Num("2"))
            if letters:
                other = self.leaf(letters, ()) if self.chance(50) else Leaf("1", tuple(letters))
                term = Bin("*", term, other)
            s = replace(s, expr=Bin(self.pick("+-"), s.expr, term))
        return s

    def alike(self, letters: Letters) -> list[str]:
        """Letters of the same kinds, in order."""
        left = self.shuffled(self.pool)
        for k in letters:
            left.append(
                left.pop(next(n for n, m in enumerate(left) if self.kinds[m] == self.kinds[k]))
            )
        return left[len(left) - len(letters) :]

    def signed(self, program: Program) -> Program:
        """The same with a signature, and at times one more output."""
        found = signed(program, self.constants, self.pool)
        if found.signature is None:
            return program
        outputs = found.signature.outputs
        spare = [name for name in map(named, self.defined) if name not in outputs]
        more = (self.pick(spare),) if spare and self.chance(20) else ()
        return replace(found, signature=replace(found.signature, outputs=(*outputs, *more)))

    # Expressions

    def body(self, scope: Letters, must: Letters, depth: int) -> Node:
        return self.sum(scope, must, depth) if self.chance(40) else self.term(scope, must, depth)

    def sum(self, scope: Letters, must: Letters, depth: int) -> Node:
        """Terms of which one holds all letters, the others some."""
        count = self.pick((2, 2, 2, 3))
        full = self.random.randrange(count)
        terms: list[Node] = []
        for n in range(count):
            part = [k for k in must if n == full or self.chance(70)]
            simple = n != full and self.chance(20)
            one = Leaf("1", tuple(dict.fromkeys(part))) if part else Num(self.pick(NUMBERS))
            terms.append(one if simple else self.term(scope, part, max(depth - 1, 0)))
        return functools.reduce(lambda a, b: Bin(self.pick("++-"), a, b), terms)

    def term(self, scope: Letters, must: Letters, depth: int) -> Node:
        """A chain of factors; new letters go to two of them, to three, or twice to one."""
        n = self.pick((1, 1, 2, 2, 2, 3)) if len(must) < 3 else self.pick((2, 2, 3))
        shares: list[list[str]] = [[] for _ in range(n)]
        for k in must:
            shares[self.random.randrange(n)].append(k)
        spare = [k for k in self.pool if k not in scope and k not in must]
        new = self.shuffled(spare)[: self.pick((0, 1, 1, 2)) if n > 1 else self.chance(10)]
        for k in new:
            holders = self.shuffled(range(n))[: 3 if self.chance(20) else 2]
            for m in holders if n > 1 else [0, 0]:
                shares[m].append(k)
        inner = [*scope, *new]
        chain = [self.factor(inner, share, depth, n) for share in shares]
        node = chain[0]
        if self.chance(18):
            node = Bin("*", self.constant(inner), node)
        elif self.chance(8):
            node = Neg(node)
        for factor in chain[1:]:
            bare = isinstance(factor, Leaf) and factor.name in ("1", "delta")
            node = Bin("*" if bare or self.chance(78) else "/", node, factor)
        return node

    def constant(self, scope: Letters) -> Node:
        if self.constants and self.chance(40):
            return Leaf(self.pick(list(self.constants)))
        if scope and self.chance(40):
            size = Size(self.pick(scope), self.chance(70))
            return size if self.chance(40) else Bin("/", Num("1"), size)
        return Num(self.pick((*NUMBERS, "pi")))

    def factor(self, scope: Letters, must: Letters, depth: int, among: int) -> Node:
        """Anything that may stand on the right of * and /."""
        if among > 1 and 0 < len(set(must)) == len(must) < 3 and self.chance(15):
            is_delta = len(set(self.kinds_of(must))) < len(must) and self.chance(70)
            return Leaf("delta" if is_delta else "1", tuple(must))
        if len(must) > 4:
            return Group(Bin("*", self.leaf(must[:3], scope), self.leaf(must[3:], scope)))
        if depth <= 0 or self.chance(40):
            return self.leaf(must, scope)
        match self.pick(("call", "call", "call", "power", "power", "power", "group", "binder")):
            case "call":
                return self.call(scope, must, depth - 1)
            case "power":
                return self.power(scope, must, depth - 1)
            case "group":
                return Group(self.sum(scope, must, depth - 1))
        return self.binder(scope, must, depth - 1)

    def call(self, scope: Letters, must: Letters, depth: int) -> Node:
        name = self.pick((*FUNCTIONS, *self.abstract))
        if name in ("log", "sqrt") and self.chance(70):
            return Call(name, (self.positive(scope, must, depth),))
        if name in ("asin", "acos", "tan") and self.chance(80):
            small = Call(self.pick(("tanh", "sin", "sigmoid")), (self.body(scope, must, depth),))
            return Call(name, (small,))
        count = self.abstract.get(name, 1)
        shares = [list(must), *([k for k in must if self.chance(50)] for _ in range(count - 1))]
        if any(k not in self.left for share in shares[1:] for k in share):
            # Two arguments that hold a letter of a sum outside would each sum it.
            shares = [[k for k in must if self.random.randrange(count) == 0], *shares[1:]]
            shares[-1] = [k for k in must if k not in shares[0]]
        return Call(name, tuple(self.body(scope, share, depth) for share in shares))

    def positive(self, scope: Letters, must: Letters, depth: int) -> Node:
        inner = self.body(scope, must, depth)
        match self.pick(("exp", "softplus", "sigmoid", "square", "square", "cosh")):
            case "square":
                return Bin("+", Num(self.pick(NUMBERS)), Bin("^", Group(inner), Num("2")))
            case name:
                return Call(name, (inner,))

    def power(self, scope: Letters, must: Letters, depth: int) -> Node:
        """Of a whole, broken or letter-carrying exponent, or of a constant."""
        kind = self.pick(("whole", "whole", "broken", "tensor", "constant"))
        low, high = list(must), []
        if kind == "tensor":
            low = [k for k in must if self.chance(70)]
            high = [k for k in must if k not in low or (k in self.left and self.chance(40))]
        if kind != "whole" and self.chance(75):
            base: Node = Group(self.positive(scope, low, depth))
        elif self.chance(50):
            base = self.leaf(low[:4], scope) if len(low) < 5 else Group(self.term(scope, low, 0))
        else:
            base = Group(self.body(scope, low, depth))
        match kind:
            case "whole":
                exponent = self.written(self.pick(WHOLE))
            case "broken":
                exponent = self.written(self.pick(BROKEN))
            case "tensor":
                exponent = Group(self.body(scope, high, min(depth, 1)))
            case _:
                exponent = Group(self.constant(scope))
        return Bin("^", base, exponent)

    def written(self, number: str) -> Node:
        if number.startswith("-"):
            return Neg(self.written(number[1:]))
        one, slash, other = number.partition("/")
        return Group(Bin("/", Num(one), Num(other))) if slash else Num(number)

    def binder(self, scope: Letters, must: Letters, depth: int) -> Node:
        kind = self.pick(("sum", "sum", "mean", "mean", "prod", "max", "min"))
        free = [k for k in self.pool if k not in must and (k not in scope or self.chance(15))]
        bound = self.shuffled(free)[: self.pick((1, 1, 1, 2))]
        if not bound:
            return self.leaf(must, scope)
        inside = [k for k in scope if k not in bound]
        return Binder(kind, tuple(bound), self.body([*inside, *bound], [*must, *bound], depth))

    def leaf(self, must: Letters, scope: Letters) -> Node:
        letters = self.shuffled(must)[:4]
        if scope and len(letters) < 4 and self.chance(12):
            letters.insert(self.random.randint(0, len(letters)), self.pick(scope))
        return self.tensor(letters)

    def tensor(self, letters: Letters) -> Leaf:
        """A known name of this order, one that nothing uses yet before others; else a new one."""
        wanted = sorted(self.kinds_of(letters))
        fits = [name for name, kinds in self.axes.items() if sorted(kinds) == wanted]
        first = [name for name in fits if name in self.waiting]
        made = [name for name in fits if name in self.defined]
        inputs = len(self.axes) - len(self.defined)
        if first and self.chance(70):
            name = self.pick(first)
        elif made and self.chance(50):
            name = self.pick(made)
        elif fits and (self.chance(45) or inputs >= MOST_INPUTS):
            name = self.pick(fits)
        elif not letters and self.constants and self.chance(50):
            return Leaf(self.pick(list(self.constants)))
        else:
            name = self.names.pop() if self.names else f"n{len(self.axes)}"
            self.axes[name] = self.kinds_of(letters)
        return self.tensor_called(name, letters)

    def tensor_called(self, name: str, letters: Letters) -> Leaf:
        """The tensor with these letters, each where its kind belongs."""
        if name in self.waiting:
            self.waiting.remove(name)
        left = list(letters)
        placed = [left.pop(self.kinds_of(left).index(kind)) for kind in self.axes[name]]
        return Leaf(self.spelled(name), tuple(placed))

    def spelled(self, name: str) -> str:
        return LETTER_OF[name] if name in LETTER_OF and self.chance(50) else name


def signed(program: Program, constants: Mapping[str, str], letters: Letters) -> Program:
    """The program with a signature, one letter for each size; without one where that is refused."""
    meaning = understood(program)
    if meaning is None:
        return program
    inputs = {name: order for name, order in meaning.inputs.items() if name not in constants}
    axes = {n: [meaning.axis(n, place) for place in range(order)] for n, order in inputs.items()}
    roots = list(dict.fromkeys(root for each in axes.values() for root in each))
    letter = dict(zip(roots, letters, strict=False))
    if len(letter) < len(roots):
        return program
    params = [(n, tuple(letter[root] for root in axes[n]), "") for n in inputs]
    params += [(n, (), value) for n, value in constants.items()]
    result = replace(program, signature=Signature("fun", tuple(params), meaning.outputs))
    return program if is_refused(result) else result


def is_refused(program: Program) -> bool:
    """Whether the rules refuse it, or a capital has two sizes."""
    return understood(program) is None
