"""What every node is: immutable, its free indices and hash known when it is made.

All data is in `args`. Equality, pickling and walks are loops, so that depth is no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from sympy import Basic, Expr, Integer, Symbol, sympify
from sympy.core.symbol import Str

NOTHING: frozenset[Index] = frozenset()
ONE = Integer(1)
MINUS_ONE = Integer(-1)


def size_symbol(name: str) -> Symbol:
    """The symbol of an axis size: a positive integer."""
    return Symbol(name, integer=True, positive=True)


def constant_symbol(name: str) -> Symbol:
    """The symbol of a declared constant: any real number."""
    return Symbol(name, real=True)


class Node(Basic):
    """A tensor-valued expression; `free` holds the indices that it is open in."""

    __slots__ = ("free",)
    free: frozenset[Index]
    # Filled in by `printing`, so that SymPy's printers find our spelling.
    spell: ClassVar[Callable[[Any, str], str]]

    @property
    def parts(self) -> tuple[Basic, ...]:
        """The expressions that this one is made of."""
        return ()

    def with_parts(self, parts: tuple[Basic, ...]) -> Basic:
        """The same kind of node over other parts."""
        return self.func(*parts)

    @classmethod
    def _make(cls, args: tuple[Basic, ...], free: frozenset[Index]) -> Any:
        node = Basic.__new__(cls, *args)
        node.free = free
        node._mhash = hash((cls.__name__, *args))
        return node

    def __eq__(self, other: object) -> bool:
        return _same(self, other)

    def __ne__(self, other: object) -> bool:
        return not _same(self, other)

    def __hash__(self) -> int:
        return int(self._mhash)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _unpack, (_pack(self),)

    def _latex(self, printer: Any) -> str:
        return Node.spell(self, "latex")

    def _sympystr(self, printer: Any) -> str:
        return Node.spell(self, "text")

    def _sympyrepr(self, printer: Any) -> str:
        # SymPy goes by class names, and would take our Add and Mul for its own.
        return f"{type(self).__name__}({', '.join(printer._print(arg) for arg in self.args)})"

    def _pretty(self, printer: Any) -> Any:
        from sympy.printing.pretty.stringpict import prettyForm

        return prettyForm(Node.spell(self, "unicode"))


class Index(Basic):
    """An index letter with the size of its axis."""

    __slots__ = ()

    def __new__(cls, name: str | Str, size: Expr | None = None) -> Index:
        label = label_of(name)
        if size is None:
            size = size_symbol(str(label).upper())
        node: Index = Basic.__new__(cls, label, sympify(size, strict=True))
        return node

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def size(self) -> Expr:
        return self.args[1]

    def _latex(self, printer: Any) -> str:
        return Node.spell(self, "latex")

    def _sympystr(self, printer: Any) -> str:
        return self.name


def free_of(expr: Basic) -> frozenset[Index]:
    """The free indices of a node; a scalar has none."""
    return expr.free if isinstance(expr, Node) else NOTHING


def children(expr: Basic) -> tuple[Basic, ...]:
    """The parts of a node; a scalar has none."""
    return expr.parts if isinstance(expr, Node) else ()


def rebuild(expr: Basic, parts: tuple[Basic, ...]) -> Basic:
    """The node over other parts; the same object when the parts are the same objects."""
    if all(new is old for new, old in zip(parts, children(expr), strict=True)):
        return expr
    assert isinstance(expr, Node)  # nothing else has parts
    return expr.with_parts(parts)


def postorder(expr: Basic) -> Iterator[Basic]:
    """Every node after its parts, each object once, without recursion."""
    done: set[int] = set()
    stack: list[tuple[Basic, bool]] = [(expr, False)]
    while stack:
        node, ready = stack.pop()
        if id(node) in done:
            continue
        if ready:
            done.add(id(node))
            yield node
            continue
        stack.append((node, True))
        stack.extend((part, False) for part in reversed(children(node)))


def _same(a: object, b: object) -> bool:
    """Structural equality without recursion."""
    stack = [(a, b)]
    while stack:
        x, y = stack.pop()
        if x is y:
            continue
        if type(x) is not type(y) or hash(x) != hash(y):
            return False
        if not isinstance(x, Node) or not isinstance(y, Node):
            if x != y:
                return False
            continue
        if len(x.args) != len(y.args):
            return False
        stack.extend(zip(x.args, y.args, strict=True))
    return True


def _pack(root: Node) -> list[tuple[Any, ...]]:
    """A tree as a flat list, each node naming its parts by position, so pickling never recurses."""
    place: dict[int, int] = {}
    flat: list[tuple[Any, ...]] = []
    for node in postorder(root):
        place[id(node)] = len(flat)
        if isinstance(node, Node):
            flat.append((type(node), [place.get(id(a), a) for a in node.args]))
        else:
            flat.append((None, node))
    return flat


def _unpack(flat: list[tuple[Any, ...]]) -> Any:
    built: list[Any] = []
    for cls, data in flat:
        if cls is None:
            built.append(data)
        else:
            built.append(cls(*(built[a] if isinstance(a, int) else a for a in data)))
    return built[-1]


def label_of(name: str | Str) -> Str:
    """A name as SymPy keeps it in a tree."""
    return name if isinstance(name, Str) else Str(name)
