"""The expression tree: what each node is, and the laws that its constructor keeps.

Scalars made of numbers, sizes and constants alone are ordinary SymPy expressions among the `args`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, ClassVar

from sympy import Basic, Expr, sympify
from sympy.core.symbol import Str

from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import (
    NOTHING,
    Index,
    Node,
    children,
    forgotten_too,
    free_of,
    is_exact,
    label_of,
    postorder,
)


class Access(Node):
    """x_ij: one component of a tensor; an order-0 name has no indices."""

    __slots__ = ()

    def __new__(cls, name: str | Str, *indices: Index) -> Access:
        _need_indices(cls, indices)
        node: Access = cls._make((label_of(name), *indices), frozenset(indices))
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
        _need_node(cls, args)
        free = free_of(args[0])
        for term in args[1:]:
            if free_of(term) != free:
                raise ValueError(
                    f"only tensors of the same order add: {_letters(free)} and "
                    f"{_letters(free_of(term))}"
                )
        node: Add = cls._make(args, free)
        return node

    @property
    def parts(self) -> tuple[Basic, ...]:
        return tuple(self.args)


class Mul(Node):
    """a_i b_j: two or more factors. Division is a factor with the power -1."""

    __slots__ = ()

    def __new__(cls, *factors: Basic | int) -> Mul:
        args = _parts(cls, factors, 2)
        _need_node(cls, args)
        node: Mul = cls._make(args, _union(args))
        return node

    @property
    def parts(self) -> tuple[Basic, ...]:
        return tuple(self.args)


class Pow(Node):
    """base ^ exponent, component by component."""

    __slots__ = ()

    def __new__(cls, base: Basic | int, exponent: Basic | int) -> Pow:
        args = _parts(cls, (base, exponent), 2)
        _need_node(cls, args)
        node: Pow = cls._make(args, _union(args))
        return node

    @property
    def base(self) -> Basic:
        return self.args[0]

    @property
    def exponent(self) -> Basic:
        return self.args[1]

    @property
    def parts(self) -> tuple[Basic, ...]:
        return tuple(self.args)


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

    # How many args come before the body.
    HEAD: ClassVar[int] = 0

    @property
    def kind(self) -> str:
        return "sum"

    @property
    def body(self) -> Basic:
        return self.args[self.HEAD]

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(self.args[self.HEAD + 1 :])

    def rebuilt(self, body: Basic, indices: tuple[Index, ...]) -> Basic:
        """The same kind of binder over another body and other indices."""
        return self.func(*self.args[: self.HEAD], body, *indices)

    @property
    def parts(self) -> tuple[Basic, ...]:
        return (self.body,)

    def with_parts(self, parts: tuple[Basic, ...]) -> Basic:
        return self.rebuilt(parts[0], self.indices)


class Sum(Binder):
    """Σ_k body."""

    __slots__ = ()

    def __new__(cls, body: Basic | int, *indices: Index) -> Sum:
        node: Sum = cls._bind((), body, indices)
        return node


class Reduce(Binder):
    """prod_k, max_k or min_k of a body."""

    __slots__ = ()
    HEAD = 1
    KINDS = ("prod", "max", "min")

    def __new__(cls, kind: str | Str, body: Basic | int, *indices: Index) -> Reduce:
        label = label_of(kind)
        if str(label.name) not in cls.KINDS:
            raise ValueError(f"no reduction {label}; there are {', '.join(cls.KINDS)}")
        node: Reduce = cls._bind((label,), body, indices)
        return node

    @property
    def kind(self) -> str:
        return str(self.args[0].name)


class Apply(Node):
    """f(a_i, ...): a pointwise function of one or more arguments."""

    __slots__ = ()
    # Filled in by `functions`: the names of those with a record.
    unary: ClassVar[Collection[str]] = ()

    def __new__(cls, function: str | Str, *arguments: Basic | int) -> Apply:
        args = _parts(cls, arguments, 1)
        label = label_of(function)
        if len(args) > 1 and label.name in cls.unary:
            raise ValueError(f"{label} takes 1 argument, not {len(args)}")
        node: Apply = cls._make((label, *args), _union(args))
        return node

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def arguments(self) -> tuple[Basic, ...]:
        return tuple(self.args[1:])

    @property
    def parts(self) -> tuple[Basic, ...]:
        return self.arguments

    def with_parts(self, parts: tuple[Basic, ...]) -> Basic:
        return Apply(self.name, *parts)


class Spelled(Node):
    """A node that brings along how it is spelled."""

    __slots__ = ()
    # In a style, from how its parts are.
    piece: ClassVar[Callable[[Any, Any, list[Any]], Any]]

    @property
    def shown(self) -> tuple[Index, ...]:
        """The indices that it is written with."""
        return ()

    def over(self, parts: tuple[Basic, ...], mapping: Mapping[Index, Index]) -> Basic:
        """The same with other free indices, its parts having them already."""
        return self.with_parts(parts) if parts else self


class Foreign(Spelled):
    """A node of a wing above; one that stands in expressions says what it means there: one of the
    same value without such nodes."""

    __slots__ = ()
    meaning: ClassVar[Any]


class D(Node):
    """∂body/∂x_pq, not yet worked out; every other tensor is held fixed."""

    __slots__ = ()

    def __new__(cls, body: Basic | int, variable: Access) -> D:
        (inner,) = _parts(cls, (body,), 1)
        if not isinstance(variable, Access):
            raise TypeError("the derivative is taken with respect to an Access")
        kind = _reduced(inner).get(variable.name)
        if kind is not None:
            raise IndexcalcError(
                "IC701",
                f"the derivative of {kind} is not available yet",
                hint=f"write {variable.name} without it, or differentiate by another tensor",
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

    @property
    def parts(self) -> tuple[Basic, ...]:
        return tuple(self.args)


_REDUCED: dict[Basic, dict[str, str]] = {}
_MOST_REDUCED = 1 << 17
forgotten_too(_REDUCED.clear)


def _reduced(expr: Basic) -> dict[str, str]:
    """The tensors under a reduction, with its kind; remembered, for parts are asked again."""
    if expr not in _REDUCED:
        if len(_REDUCED) >= _MOST_REDUCED:
            _REDUCED.clear()
        for node in postorder(expr):
            if node not in _REDUCED:
                inside = [_REDUCED[part] for part in children(node)]
                found = {name: kind for known in inside for name, kind in known.items()}
                if isinstance(node, Reduce):
                    names = [a.name for a in postorder(node) if isinstance(a, Access)]
                    found |= dict.fromkeys(names, node.kind)
                _REDUCED[node] = found
    return _REDUCED[expr]


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
        if isinstance(part, Expr) and not is_exact(part):
            raise ValueError(f"{cls.__name__} takes exact real numbers, not {part}")
    return checked


def _need_node(cls: type, parts: tuple[Basic, ...]) -> None:
    for part in parts:
        if isinstance(part, Node):
            return
    raise ValueError(f"{cls.__name__} has a tensor among its parts; numbers alone are SymPy's")


def _union(parts: tuple[Basic, ...]) -> frozenset[Index]:
    free = [part.free for part in parts if isinstance(part, Node)]
    if not free:
        return NOTHING
    first = free[0]
    rest = [more for more in free[1:] if more is not first]
    return first.union(*rest) if rest else first


def _letters(indices: frozenset[Index]) -> str:
    return "{" + ", ".join(sorted(index.name for index in indices)) + "}"
