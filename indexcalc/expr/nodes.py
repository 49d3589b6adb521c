"""The expression tree: what each node is, and the laws that its constructor keeps.

A node is an immutable `sympy.Basic` with all of its data in `args`; `free` (its free indices) and
its hash are worked out once, when it is made, so no property of a deep tree is found by recursion.
Scalars made of numbers, sizes and constants alone are ordinary SymPy expressions among the `args`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from sympy import Basic, Expr, Integer, Symbol, sympify
from sympy.core.symbol import Str

from indexcalc.errors import IndexcalcError

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

    def _pretty(self, printer: Any) -> Any:
        from sympy.printing.pretty.stringpict import prettyForm

        return prettyForm(Node.spell(self, "unicode"))


class Index(Basic):
    """An index letter with the size of its axis."""

    __slots__ = ()

    def __new__(cls, name: str | Str, size: Expr | None = None) -> Index:
        label = _name(name)
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


class Access(Node):
    """x_ij: one component of a tensor; an order-0 name has no indices."""

    __slots__ = ()

    def __new__(cls, name: str | Str, *indices: Index) -> Access:
        _need_indices(cls, indices)
        node: Access = cls._make((_name(name), *indices), frozenset(indices))
        return node

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(self.args[1:])


class One(Node):
    """1_ij: the one-tensor, which sums when its index is a dummy and broadcasts when free."""

    __slots__ = ()

    def __new__(cls, *indices: Index) -> One:
        _need_indices(cls, indices)
        if not indices:
            raise ValueError("a one-tensor has at least one index")
        node: One = cls._make(indices, frozenset(indices))
        return node

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(self.args)


class Delta(Node):
    """δ_ij: 1 where i = j and 0 elsewhere; its two indices have one size."""

    __slots__ = ()

    def __new__(cls, first: Index, second: Index) -> Delta:
        _need_indices(cls, (first, second))
        if first.size != second.size:
            raise ValueError(f"delta over two sizes: {first.size} and {second.size}")
        node: Delta = cls._make((first, second), frozenset((first, second)))
        return node

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(self.args)


class Add(Node):
    """a_i + b_i: two or more terms, all open in the same indices."""

    __slots__ = ()

    def __new__(cls, *terms: Basic | int) -> Add:
        args = _parts(cls, terms, 2)
        free = free_of(args[0])
        for term in args[1:]:
            if free_of(term) != free:
                raise ValueError(
                    f"only tensors of the same order add: {_letters(free)} and "
                    f"{_letters(free_of(term))}"
                )
        node: Add = cls._make(args, free)
        return node


class Mul(Node):
    """a_i b_j: two or more factors. Division is a factor with the power -1."""

    __slots__ = ()

    def __new__(cls, *factors: Basic | int) -> Mul:
        args = _parts(cls, factors, 2)
        node: Mul = cls._make(args, _union(args))
        return node


class Pow(Node):
    """base ^ exponent, component by component."""

    __slots__ = ()

    def __new__(cls, base: Basic | int, exponent: Basic | int) -> Pow:
        args = _parts(cls, (base, exponent), 2)
        node: Pow = cls._make(args, _union(args))
        return node

    @property
    def base(self) -> Basic:
        return self.args[0]

    @property
    def exponent(self) -> Basic:
        return self.args[1]


class Binder(Node):
    """What sums and reductions share: a body, and indices of it that are bound."""

    __slots__ = ()

    @classmethod
    def _bind(cls, head: tuple[Basic, ...], body: Basic | int, indices: tuple[Index, ...]) -> Any:
        (inner,) = _parts(cls, (body,), 1)
        _need_indices(cls, indices)
        if not indices or len(set(indices)) != len(indices):
            raise ValueError("a binder has one or more different indices")
        free = free_of(inner)
        if not free.issuperset(indices):
            raise ValueError(f"{_letters(frozenset(indices) - free)} is not open in the body")
        return cls._make((*head, inner, *indices), free - set(indices))

    @property
    def body(self) -> Basic:
        raise NotImplementedError

    @property
    def indices(self) -> tuple[Index, ...]:
        raise NotImplementedError

    @property
    def kind(self) -> str:
        raise NotImplementedError

    def rebuilt(self, body: Basic, indices: tuple[Index, ...]) -> Basic:
        """The same kind of binder over another body."""
        raise NotImplementedError


class Sum(Binder):
    """Σ_k body."""

    __slots__ = ()
    kind = "sum"

    def __new__(cls, body: Basic | int, *indices: Index) -> Sum:
        node: Sum = cls._bind((), body, indices)
        return node

    @property
    def body(self) -> Basic:
        return self.args[0]

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(self.args[1:])

    def rebuilt(self, body: Basic, indices: tuple[Index, ...]) -> Basic:
        return Sum(body, *indices)


class Reduce(Binder):
    """prod_k, max_k or min_k of a body."""

    __slots__ = ()
    KINDS = ("prod", "max", "min")

    def __new__(cls, kind: str | Str, body: Basic | int, *indices: Index) -> Reduce:
        label = _name(kind)
        if str(label.name) not in cls.KINDS:
            raise ValueError(f"no reduction {label}; there are {', '.join(cls.KINDS)}")
        node: Reduce = cls._bind((label,), body, indices)
        return node

    @property
    def kind(self) -> str:
        return str(self.args[0].name)

    @property
    def body(self) -> Basic:
        return self.args[1]

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(self.args[2:])

    def rebuilt(self, body: Basic, indices: tuple[Index, ...]) -> Basic:
        return Reduce(self.kind, body, *indices)


class Apply(Node):
    """f(a_i, ...): a pointwise function of one or more arguments."""

    __slots__ = ()

    def __new__(cls, function: str | Str, *arguments: Basic | int) -> Apply:
        args = _parts(cls, arguments, 1)
        node: Apply = cls._make((_name(function), *args), _union(args))
        return node

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def arguments(self) -> tuple[Basic, ...]:
        return tuple(self.args[1:])


class D(Node):
    """∂body/∂x_pq, not yet worked out; every other tensor is held fixed."""

    __slots__ = ()

    def __new__(cls, body: Basic | int, variable: Access) -> D:
        (inner,) = _parts(cls, (body,), 1)
        if not isinstance(variable, Access):
            raise TypeError("the derivative is taken with respect to an Access")
        for node in postorder(inner):
            if isinstance(node, Reduce):
                raise IndexcalcError(
                    "IC701",
                    f"the derivative of {node.kind} is not available yet",
                    hint="write the function without it, or differentiate the rest",
                )
        node_: D = cls._make((inner, variable), free_of(inner) | variable.free)
        return node_

    @property
    def body(self) -> Basic:
        return self.args[0]

    @property
    def variable(self) -> Access:
        variable: Access = self.args[1]
        return variable


def free_of(expr: Basic) -> frozenset[Index]:
    """The free indices of a node; a scalar has none."""
    return expr.free if isinstance(expr, Node) else NOTHING


def children(expr: Basic) -> tuple[Basic, ...]:
    """The parts of a node that are expressions themselves."""
    if isinstance(expr, Add | Mul | Pow):
        return tuple(expr.args)
    if isinstance(expr, Binder):
        return (expr.body,)
    if isinstance(expr, Apply):
        return expr.arguments
    if isinstance(expr, D):
        return (expr.body, expr.variable)
    return ()


def rebuild(expr: Basic, parts: tuple[Basic, ...]) -> Basic:
    """The node with other parts; the same object when the parts are the same objects."""
    if all(new is old for new, old in zip(parts, children(expr), strict=True)):
        return expr
    if isinstance(expr, Binder):
        return expr.rebuilt(parts[0], expr.indices)
    if isinstance(expr, Apply):
        return Apply(expr.name, *parts)
    return expr.func(*parts)


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
            flat.append((type(node), [place[id(a)] if id(a) in place else a for a in node.args]))
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


def _name(name: str | Str) -> Str:
    return name if isinstance(name, Str) else Str(name)


def _need_indices(cls: type, indices: Iterable[object]) -> None:
    for index in indices:
        if not isinstance(index, Index):
            raise TypeError(f"{cls.__name__} takes Index objects, not {index!r}")


def _parts(cls: type, parts: tuple[Any, ...], least: int) -> tuple[Basic, ...]:
    if len(parts) < least:
        raise ValueError(f"{cls.__name__} has at least {least} parts")
    if all(isinstance(part, Node) for part in parts):
        return parts
    checked = tuple(p if isinstance(p, Node) else sympify(p, strict=True) for p in parts)
    for part in checked:
        if not isinstance(part, Node | Expr):
            raise TypeError(f"{cls.__name__} takes expressions, not {part!r}")
    return checked


def _union(parts: tuple[Basic, ...]) -> frozenset[Index]:
    free = [part.free for part in parts if isinstance(part, Node)]
    if not free:
        return NOTHING
    first = free[0]
    rest = [more for more in free[1:] if more is not first]
    return first.union(*rest) if rest else first


def _letters(indices: frozenset[Index]) -> str:
    return "{" + ", ".join(sorted(index.name for index in indices)) + "}"
