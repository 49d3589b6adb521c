"""What every node is: immutable, its free indices and hash known when it is made.

All data is in `args`. Equality, pickling and walks are loops, so that depth is no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, NoReturn

from sympy import Basic, Expr, Float, I, Integer, Symbol, nan, oo, sympify, zoo
from sympy.core.symbol import Str

NOTHING: frozenset[Index] = frozenset()
ONE = Integer(1)
ZERO = Integer(0)
MINUS_ONE = Integer(-1)


def size_symbol(name: str) -> Symbol:
    """The symbol of an axis size: a positive integer."""
    return Symbol(name, integer=True, positive=True)


def constant_symbol(name: str) -> Symbol:
    """The symbol of a declared constant: any real number."""
    return Symbol(name, real=True)


# Nodes made lately, so that equal ones are mostly the same object and compare at once.
_MADE: dict[tuple[type, tuple[Basic, ...]], Any] = {}
MOST_MADE = 1 << 17
# What else is forgotten with them.
_FORGETTING: list[Callable[[], object]] = []
_LETTERS: dict[Any, Any] = {}


def forgotten_too(forgetting: Callable[[], object]) -> None:
    """Something is remembered of nodes; this forgets it."""
    _FORGETTING.append(forgetting)


def forget() -> None:
    """Nodes, and all that is remembered of them: an old node equals a new one that is another
    object, and to find that out takes as long as both are deep."""
    _MADE.clear()
    for forgetting in _FORGETTING:
        forgetting()


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
        key = (cls, args)
        known = _MADE.get(key)
        if known is not None:
            return known
        node = Basic.__new__(cls, *args)
        node.free = free
        node._mhash = hash((cls.__name__, *args))
        if len(_MADE) >= MOST_MADE:
            forget()
        _MADE[key] = node
        return node

    def __eq__(self, other: object) -> bool:
        return _same(self, other)

    def __ne__(self, other: object) -> bool:
        return not _same(self, other)

    def __hash__(self) -> int:
        return int(self._mhash)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _unpack, (_pack(self),)

    def xreplace(self, rule: Mapping[Any, Any]) -> Any:
        """Replace parts or sizes; what a binder could capture is refused."""
        _refuse_capture(self, rule)
        return super().xreplace(rule)

    def subs(self, *args: Any, **kwargs: Any) -> Any:
        """As SymPy's; what a binder could capture is refused."""
        pairs = [args] if len(args) == 2 else args[0]
        _refuse_capture(self, dict(pairs))
        return super().subs(*args, **kwargs)

    def replace(self, *args: Any, **kwargs: Any) -> NoReturn:
        """SymPy's knows nothing of bound indices."""
        raise TypeError(f"replace could capture bound indices; {_WAYS}")

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
        # Only symbols are remembered: their equality is sure, and True would be taken for 1.
        key = (name, size) if isinstance(size, Symbol | None) else None
        known: Index | None = _LETTERS.get(key)
        if known is not None:
            return known
        label = label_of(name)
        size = size_symbol(str(label).upper()) if size is None else sympify(size, strict=True)
        if not isinstance(size, Expr):
            raise TypeError(f"the size of {label} is a number or a symbol, not {size!r}")
        if not is_exact(size) or size.is_positive is False or size.is_integer is False:
            raise ValueError(f"the size of {label} is a positive whole number, not {size}")
        node: Index = Basic.__new__(cls, label, size)
        if key is not None:
            if len(_LETTERS) >= MOST_MADE:
                _LETTERS.clear()
            # However the letter is asked for, it is one object.
            node = _LETTERS.setdefault((label.name, size), node)
            _LETTERS[key] = node
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
        parts = () if ready else children(node)
        if not parts:
            done.add(id(node))
            yield node
            continue
        stack.append((node, True))
        stack.extend([(part, False) for part in reversed(parts)])


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
    label = name if isinstance(name, Str) else Str(name)
    if not label.name:
        raise ValueError("a name has at least one character")
    return label


def is_exact(scalar: Expr) -> bool:
    """Whether it is made of exact, finite, real numbers."""
    waiting: list[Basic] = [scalar]
    while waiting:
        part = waiting.pop()
        if type(part) in _NO_NUMBERS:
            return False
        waiting += part.args
    return True


_NO_NUMBERS = frozenset((Float, *map(type, (zoo, nan, oo, -oo, I))))
_WAYS = "rename(expr, {i: j}) renames indices, and xreplace takes parts with the same ones"


def _refuse_capture(expr: Node, rule: Mapping[Any, Any]) -> None:
    """Refuse what could change which binder an index belongs to."""
    for old, new in rule.items():
        if not isinstance(old, Basic) or isinstance(old, Index | Str):
            raise TypeError(f"{old} could be bound here; {_WAYS}")
        brought = sorted(index.name for index in free_of(new) - free_of(old))
        if brought:
            raise TypeError(f"{brought[0]} could be captured here; {_WAYS}")
    indices = {arg for node in postorder(expr) for arg in node.args if isinstance(arg, Index)}
    if len({index.xreplace(rule) for index in indices}) < len(indices):
        raise TypeError(f"two indices of one letter would have one size; {_WAYS}")
