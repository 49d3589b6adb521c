"""One exact key for all trees that are equal up to dummy names and commutative order.

A `Table` numbers distinct subtrees; a key is its rows below the root, so it is an exact text, with
each repeated part once. A binder that sees no outer dummy is the root of a `Region`, whose closed
parts are atoms. Only the order of each binder's own indices is open there: colour refinement
settles most of it, and a search over the ties keeps the least tree. Hashes of integers guide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import count
from zlib import crc32

from sympy import Basic, Integer, Rational, srepr
from sympy.core.symbol import Str
from sympy.printing.repr import ReprPrinter

from indexcalc.expr.base import Index, Node, children, free_of
from indexcalc.expr.digits import Digit, whole_of
from indexcalc.expr.nodes import Add, Binder, Delta, Mul, One, Spelled
from indexcalc.expr.scalars import digits

UNORDERED = (Add, Mul, Delta, One)
Step = tuple[int, str, tuple[int, ...], bool, int]  # place, head, parts, if ordered, head's colour
Scope = dict[Basic, int]  # the places of the dummies that a body shows and of nodes under them
PRIME = 2**61 - 1  # so that weights multiplied along a path never become zero


def key(expr: Basic) -> str:
    """key(a) = key(b) ⟺ a = b up to dummy names and the order of commutative parts."""
    table = Table()
    return table.text(_number(expr, table))


def same(a: Basic, b: Basic) -> bool:
    """a = b up to dummy names and the order of commutative parts."""
    return key(a) == key(b)


class Table:
    """Distinct subtrees ↔ numbers; a row is a head and the numbers of its parts."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, tuple[int, ...]]] = []
        self.hashes: list[int] = []
        self.numbers: dict[tuple[str, tuple[int, ...]], int] = {}

    def add(self, head: str, parts: Iterable[int] = (), ordered: bool = True) -> int:
        """Equal head and parts ⟹ equal number; unordered parts are arranged first."""
        row = (head, tuple(parts if ordered else self.arrange(parts)))
        number = self.numbers.setdefault(row, len(self.rows))
        if number == len(self.rows):
            self.rows.append(row)
            self.hashes.append(hash((crc32(head.encode()), *map(self.hashes.__getitem__, row[1]))))
        return number

    def arrange(self, numbers: Iterable[int]) -> list[int]:
        """The subtrees by hash, or by text where two different ones share a hash."""
        arranged = sorted(numbers, key=self.hashes.__getitem__)
        clash = len({self.hashes[number] for number in arranged}) < len(set(arranged))
        return sorted(arranged, key=self.text) if clash else arranged

    def text(self, root: int) -> str:
        """The rows below a root, each once and after its parts, which it names by position."""
        place: dict[int, int] = {}
        lines: list[tuple[str | int, ...]] = []
        stack = [root]
        while stack:
            head, parts = self.rows[stack[-1]]
            missing = [part for part in parts if part not in place]
            stack.extend(reversed(missing))
            if not missing and place.setdefault(stack.pop(), len(lines)) == len(lines):
                lines.append((head, *(place[part] for part in parts)))
        return repr(lines)


class Region:
    """A closed binder down to its closed parts; dummies, atoms and nodes have places 0, 1, ..."""

    def __init__(self, root: Binder, table: Table) -> None:
        self.table = table
        self.places = count()
        self.steps: list[Step] = []
        self.dummies: dict[int, str] = {}
        self.owns: list[list[int]] = []
        self.atoms: dict[Basic, int] = {}
        self.known: dict[int, int] = {}
        self.binding: set[int] = set()
        self._grow(root)
        self.size = next(self.places)

    def _grow(self, root: Binder) -> None:
        """Steps after their parts: a node is met, its parts are placed, and it is left."""
        stack: list[tuple[Basic, Scope, int, bool]] = [(root, {}, 0, False)]
        values: list[int] = []
        while stack:
            node, scope, depth, ready = stack.pop()
            if ready:
                first = len(values) - len(parts_of(node))
                values[first:] = [self._leave(node, scope, depth, tuple(values[first:]))]
            elif node in scope:
                values.append(scope[node])
            elif node is not root and scope.keys().isdisjoint(free_of(node)):
                values.append(self.atoms.setdefault(node, next(self.places)))
            else:
                binds = isinstance(node, Binder)
                inner = self._enter(node, scope, depth) if binds else scope
                stack.append((node, scope, depth, True))
                stack += [(part, inner, depth + binds, False) for part in parts_of(node)[::-1]]

    def _enter(self, binder: Binder, outer: Scope, depth: int) -> Scope:
        """scope(body) = the dummies outside that the body shows, and the binder's own over them."""
        own = {index: next(self.places) for index in binder.indices}
        self.dummies |= {at: f"{depth} {scalar_text(index.size)}" for index, at in own.items()}
        self.owns.append(list(own.values()))
        return {part: at for part, at in outer.items() if part in free_of(binder.body)} | own

    def _leave(self, node: Basic, scope: Scope, depth: int, parts: tuple[int, ...]) -> int:
        """A node used twice in one scope has one place, unless each use has its own dummies."""
        at = next(self.places)
        binds = isinstance(node, Binder)
        head = head_of(node) + f" {depth}" * binds
        self.steps.append((at, head, parts, not isinstance(node, UNORDERED), crc32(head.encode())))
        if binds or not self.binding.isdisjoint(parts):
            self.binding.add(at)
        else:
            scope[node] = at
        return at

    def ties(self, colours: list[int]) -> set[int]:
        """The colours that two indices of one binder share."""
        counts = [Counter(colours[at] for at in own) for own in self.owns if len(own) > 1]
        return {colour for count in counts for colour, times in count.items() if times > 1}

    def trace(self, colours: list[int]) -> list[int]:
        """The colours of all dummies, in no order of theirs."""
        return sorted(colours[at] for at in self.dummies)

    def refine(self, colours: list[int]) -> list[int]:
        """colour ← colour and where it stands, in place, until a round tells no more apart."""
        told = 0
        while self.ties(colours) and told < (told := len(set(self.trace(colours)))):
            for at, _, parts, ordered, label in self.steps:
                below = [colours[part] for part in parts]
                colours[at] = hash((label, *(below if ordered else sorted(below))))
            contexts = self._contexts(colours)
            for at in self.dummies:
                colours[at] = hash((colours[at], contexts[at] % PRIME))
        return colours

    def _contexts(self, colours: list[int]) -> list[int]:
        """context(part) = Σ context(parent) · weight(parent, slot): linear, as parts are shared."""
        contexts = [0] * (self.size - 1) + [1]
        for at, _, parts, ordered, _ in reversed(self.steps):
            weight = contexts[at] * colours[at] % PRIME
            for slot, part in enumerate(parts):
                contexts[part] += weight * (2 * slot + 3) if ordered else weight
        return contexts

    def leaf(self, colours: list[int]) -> list[int]:
        """The number of every place; a dummy's name is its binder's depth and its rank there."""
        numbers = [self.known.get(at, -1) for at in range(self.size)]
        for own in self.owns:
            for rank, at in enumerate(sorted(own, key=colours.__getitem__)):
                numbers[at] = self.table.add(f"Bound {rank} {self.dummies[at]}")
        for at, head, parts, ordered, _ in self.steps:
            numbers[at] = self.table.add(head, [numbers[part] for part in parts], ordered)
        return numbers

    def walk(self, numbers: list[int]) -> list[int]:
        """The dummies in the order in which the numbered tree first shows them."""
        parts = {step[0]: step[2] for step in self.steps}
        found: dict[int, None] = {}
        stack = [self.size - 1]
        while stack:
            at = stack.pop()
            if at not in found and at in parts:
                place = {part: slot for slot, part in enumerate(self.table.rows[numbers[at]][1])}
                stack += sorted(parts[at], key=lambda part: -place[numbers[part]])
            found[at] = None
        return [at for at in found if at in self.dummies]

    def swaps(self, a: int, b: int) -> bool:
        """The region stays the same when two indices of one binder are exchanged."""
        ranks = list(range(self.size))
        before = self.leaf(ranks)[-1]
        ranks[a], ranks[b] = b, a
        return self.leaf(ranks)[-1] == before and any(a in own and b in own for own in self.owns)


class Branch:
    """A choice among the dummies of one tied colour, one child per orbit and of least trace."""

    def __init__(self, region: Region, colours: list[int]) -> None:
        self.region, self.colours = region, colours
        counts = Counter(region.trace(colours))
        self.cell = min(region.ties(colours), key=lambda colour: (counts[colour], colour))
        self.waiting = [at for at in region.dummies if colours[at] == self.cell]
        self.tried: list[int] = []
        self.orbit = {at: at for at in region.dummies}
        self.best: list[int] = []

    def advance(self, stack: list[Branch]) -> list[int] | None:
        """The colours of the next child that no tried one stands for or beats."""
        while self.waiting:
            self.tried.append(self.waiting.pop())
            first, last = self.tried[0], self.tried[-1]
            if first != last and not self.learn({}) and self.region.swaps(first, last):
                for branch in stack:
                    branch.learn({first: last, last: first})
            if not self.learn({}):
                marks = {last: hash((self.cell, 1))}
                child = self.region.refine([marks.get(*pair) for pair in enumerate(self.colours)])
                trace = self.region.trace(child)
                if not self.best or trace <= self.best:
                    self.best = trace
                    return child
        return None

    def learn(self, symmetry: Mapping[int, int]) -> bool:
        """orbit(a) = orbit(b) for a ↦ b, if the colours stay; whether the last child repeats."""
        if all(self.colours[a] == self.colours[b] for a, b in symmetry.items()):
            for a, b in symmetry.items():
                old, new = self.orbit[a], self.orbit[b]
                if old != new:
                    self.orbit = {c: new if d == old else d for c, d in self.orbit.items()}
        *earlier, last = (self.orbit[at] for at in self.tried)
        return last in earlier


def _least(region: Region) -> int:
    """The least tree among the leaves of least traces; a child that a symmetry maps to a tried one
    is dropped, and two equal leaves are a symmetry. Ends: a child has one tie less."""
    colours = {at: region.table.hashes[number] for at, number in region.known.items()}
    colours |= {at: crc32(kind.encode()) for at, kind in region.dummies.items()}
    start = region.refine([colours.get(at, 0) for at in range(region.size)])
    if not region.ties(start):
        return region.leaf(start)[-1]
    walks: dict[int, list[int]] = {}
    leaves: list[tuple[list[list[int]], int]] = []
    stack = [Branch(region, start)]
    while stack:
        child = stack[-1].advance(stack)
        if child is None:
            stack.pop()
        elif region.ties(child):
            stack.append(Branch(region, child))
        else:
            numbers = region.leaf(child)
            leaves.append(([branch.best for branch in stack], numbers[-1]))
            walk = region.walk(numbers)
            symmetry = dict(zip(walks.setdefault(numbers[-1], walk), walk, strict=True))
            for depth, branch in enumerate(stack):
                if branch.learn(symmetry):
                    del stack[depth + 1 :]
    least = min(traces for traces, _ in leaves)
    return region.table.arrange(number for traces, number in leaves if traces == least)[0]


def _number(root: Basic, table: Table) -> int:
    """The table's number of a closed tree: parts before wholes, equal ones once."""
    done: dict[Basic, int] = {}
    regions: dict[Basic, Region] = {}
    stack = [root]
    while stack:
        node = stack[-1]
        if isinstance(node, Binder) and node not in regions:
            regions[node] = Region(node, table)
        region = regions.get(node)
        parts = region.atoms if region else parts_of(node)
        missing = [part for part in parts if part not in done]
        stack += missing
        if missing or stack.pop() in done:
            continue
        if region:
            region.known = {at: done[atom] for atom, at in region.atoms.items()}
            done[node] = _least(region)
        else:
            below = [done[part] for part in parts]
            done[node] = table.add(head_of(node), below, not isinstance(node, UNORDERED))
    return done[root]


@lru_cache(maxsize=4096)
def scalar_text(expr: Basic) -> str:
    """The exact text of a scalar or an index."""
    return str(_Exact().doprint(expr))


class _Exact(ReprPrinter):
    """SymPy's exact text, with numbers of any length."""

    def _print_Integer(self, expr: Integer) -> str:  # noqa: N802
        return f"Integer({digits(int(expr.p))})"

    def _print_Rational(self, expr: Rational) -> str:  # noqa: N802
        return f"Rational({digits(int(expr.p))}, {digits(int(expr.q))})"


def head_of(node: Basic) -> str:
    """A node's class with its name or kind; a scalar or a free index whole."""
    if not isinstance(node, Node):
        return scalar_text(node)
    words = [str(a.name) for a in node.args if isinstance(a, Str)]
    if isinstance(node, Spelled) and not children(node):
        words = [srepr(a) for a in node.args if not isinstance(a, Index | Digit)]
        words += [f"{a.step} {a.size}" for a in node.args if isinstance(a, Digit)]
    return " ".join([type(node).__name__, *words])


def parts_of(node: Basic) -> tuple[Basic, ...]:
    """A node's parts; those of a leaf are its indices."""
    return children(node) or tuple(whole_of(a) for a in node.args if isinstance(a, Index | Digit))
