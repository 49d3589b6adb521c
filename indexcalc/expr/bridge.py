"""To SymPy and back: our nodes as `Indexed`, `Sum`, `KroneckerDelta`, ..., and the reverse.

Nothing is evaluated before `.doit()`. A free index i is `Idx(i, size)`; a bound one is a natural
`Symbol` with its size in the limits, for SymPy does not put a number for a size into a limit's
`Idx`, and takes a free `Idx` for a bound symbol of its label. A `TensorSymbol` is a tensor of
order 0. In other symbols: those in limits, ranges and shapes are sizes; those known to be real
(sizes and constants are) stay scalars; those without assumptions are tensors of order 0.

`from_sympy(to_sympy(e)) == e`, but for three cases, of equal value: a part made of numbers, sizes
and constants alone is one scalar; `Pow(a, 1/2)` is sqrt(a), which SymPy writes the same way; and
a bound letter is renamed where SymPy would confuse it with another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial, reduce
from typing import Any

import sympy
from sympy import Basic, Expr, Idx, Indexed, IndexedBase, KroneckerDelta, S, Symbol, Tuple
from sympy.core.function import AppliedUndef
from sympy.printing.pretty.stringpict import prettyForm

from indexcalc.errors import IndexcalcError
from indexcalc.expr import base, nodes
from indexcalc.expr.base import Index, Node, free_of
from indexcalc.expr.broadcast import completed
from indexcalc.expr.functions import FUNCTIONS, Function
from indexcalc.expr.nodes import Access, Apply, Binder, D, Delta, One, Reduce
from indexcalc.expr.rename import fresh_name

Binding = sympy.Sum | sympy.Product
Scope = Mapping[Any, Index]  # what a label, a Symbol or an Idx, stands for


class TensorSymbol(Symbol):
    """A tensor of order 0: a real symbol that is no size and no constant."""

    __slots__ = ()

    def __new__(cls, name: str, **assumptions: bool) -> TensorSymbol:
        symbol: TensorSymbol = Symbol.__new__(cls, name, **{"real": True, **assumptions})
        return symbol


class OneTensor(sympy.Function):
    """1_ij; its value is 1."""

    is_real = True

    def doit(self, **hints: Any) -> Expr:
        return S.One

    def _eval_derivative(self, variable: Expr) -> Expr:
        return S.Zero

    def _sympystr(self, printer: Any) -> str:
        return f"1[{', '.join(map(str, self.args))}]"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        letters = ",".join(printer.doprint(getattr(i, "label", i)) for i in self.args)
        ones = rf"\mathbf{{1}}_{{{letters}}}"
        return f"{ones}^{{{exp}}}" if exp else ones

    def _pretty(self, printer: Any) -> Any:
        return prettyForm(self._sympystr(printer))


def _class_of(record: Function) -> Any:
    """SymPy's own function, or one made here whose doit() is the record's meaning."""
    if isinstance(record.meaning, type):
        return record.meaning

    def doit(self: Any, **hints: Any) -> Any:
        (argument,) = self.args
        return record.meaning(argument.doit(**hints) if hints.get("deep", True) else argument)

    return type(record.name, (sympy.Function,), {"nargs": 1, "doit": doit, "__module__": __name__})


_CLASSES = {name: _class_of(record) for name, record in FUNCTIONS.items() if name != "sqrt"}
Leaf = Indexed | OneTensor | KroneckerDelta


def to_sympy(expr: Basic) -> Expr:
    """The same expression in plain SymPy, unevaluated."""
    return _written(expr, {}, frozenset())


def _written(expr: Basic, bound: Mapping[Index, Symbol], kept: frozenset[str]) -> Expr:
    """`bound` is what bound indices are written as; a name in `kept` is not bound again."""
    if isinstance(expr, Access | One | Delta):
        return _leaf(expr, [bound.get(i) or Idx(i.name, i.size) for i in expr.indices])
    if isinstance(expr, Binder):
        return _binder(expr, bound, kept)
    if isinstance(expr, D):
        # Else SymPy takes the variable x_k for the x_k of a Σ_k in the body.
        kept |= {bound[index].name for index in expr.variable.indices if index in bound}
    parts = [_written(part, bound, kept) for part in base.children(expr)]
    if isinstance(expr, D):
        return Expr.__new__(sympy.Derivative, parts[0], Tuple(parts[1], S.One))
    if isinstance(expr, Apply) and expr.name == "sqrt":
        return sympy.Pow(*parts, S.Half, evaluate=False)
    if isinstance(expr, Apply):
        return (_CLASSES.get(expr.name) or sympy.Function(expr.name))(*parts, evaluate=False)
    kinds = {nodes.Add: sympy.Add, nodes.Mul: sympy.Mul, nodes.Pow: sympy.Pow}
    return kinds[type(expr)](*parts, evaluate=False) if isinstance(expr, Node) else expr


def _leaf(expr: Access | One | Delta, indices: list[Expr]) -> Expr:
    if isinstance(expr, Access):
        tensor = IndexedBase(Symbol(expr.name, real=True))
        return Indexed(tensor, *indices) if indices else TensorSymbol(expr.name)
    kind = OneTensor if isinstance(expr, One) else KroneckerDelta
    return kind(*indices, evaluate=False)


def _binder(expr: Binder, bound: Mapping[Index, Symbol], kept: frozenset[str]) -> Expr:
    if expr.kind in ("max", "min"):
        way = f"translate the parts, or write the elements out in sympy.{expr.kind.title()}"
        raise _refused(f"SymPy has no {expr.kind} over an index", way)
    inner = {index: symbol for index, symbol in bound.items() if index not in expr.indices}
    limits = []
    for index in expr.indices:
        taken = kept | {inner[other].name for other in free_of(expr.body) if other in inner}
        inner[index] = Symbol(_unlike(index.name, taken), integer=True, nonnegative=True)
        limits.append(Tuple(inner[index], S.Zero, index.size - 1))
    # Made by hand, because SymPy's constructor would merge a sum of a sum.
    kind = sympy.Sum if expr.kind == "sum" else sympy.Product
    made = Expr.__new__(kind, _written(expr.body, inner, kept), *limits)
    made.is_commutative = True
    return made


def _unlike(name: str, taken: frozenset[str]) -> str:
    return fresh_name(name, taken) if name in taken else name


def _refused(message: str, hint: str) -> IndexcalcError:
    return IndexcalcError("IC801", message, hint=hint)


def _no_form(expr: object) -> IndexcalcError:
    has = "it has sums, products, powers, functions, deltas and derivatives"
    return _refused(f"{expr} has no form in index notation", has)


def from_sympy(expr: Expr) -> Basic:
    """The expression as our nodes, with one-tensors where a term or a body lacks an index.

    Sizes come from limits, ranges of `Idx`, shapes, and other uses of an axis; else i has size I.
    """
    if not isinstance(expr, Expr) or expr.is_Matrix:
        raise _no_form(expr)
    for access in expr.atoms(Indexed):
        if not isinstance(access.base, IndexedBase):
            raise _no_form(access)
    reader = _Reader(expr)
    return reader.read(expr, reader.free)


def _sum_of(*terms: Basic) -> Basic:
    wanted = _sorted(index for term in terms for index in free_of(term))
    return nodes.Add(*(completed(term, wanted) for term in terms))


def _sorted(indices: Iterable[Index]) -> list[Index]:
    return sorted(set(indices), key=lambda index: (index.name, str(index.size)))


def _labels(expr: Expr) -> list[Any]:
    return [part for part in expr.args if not isinstance(part, IndexedBase | Tuple)]


def _is_label(place: Any) -> bool:
    """A letter by itself, not an axis or a size."""
    alone = isinstance(place, tuple) and len(place) == 1
    return alone and getattr(place[0], "label", place[0]).is_Symbol


_MAKERS: dict[Any, Callable[..., Basic]] = {
    **{function: partial(Apply, name) for name, function in _CLASSES.items()},
    sympy.Add: _sum_of,
    sympy.Mul: nodes.Mul,
    sympy.Pow: lambda a, b: Apply("sqrt", a) if b == S.Half else nodes.Pow(a, b),
}


class _Reader:
    """Reads one expression; `free` holds its free labels, `sizes` the symbols that are sizes."""

    def __init__(self, expr: Expr) -> None:
        binders = expr.atoms(sympy.Sum, sympy.Product)
        ends = [limit[1:] for binder in binders for limit in binder.limits]
        ends += [label.args[1] for label in expr.atoms(Idx) if label.args[1:]]
        if {S.Zero, S.One} <= {pair[0] for pair in ends if pair}:
            raise _refused("some indices start at 0 and others at 1", "let all start at 0")
        ends += [base.shape for base in expr.atoms(IndexedBase) if base.shape]
        self.sizes = {s: base.size_symbol(s.name) for s in Tuple(*ends).free_symbols}
        self.free = self.free_indices(expr)

    def free_indices(self, expr: Expr) -> dict[Any, Index]:
        """The free labels: each has its own size, else that of its group, else a capital."""
        groups: dict[Any, dict[Any, None]] = {}
        for pair in self.links(expr, {}):
            merged = {member: None for end in pair for member in groups.get(end, [end])}
            groups |= {member: merged for member in merged if isinstance(member, tuple)}
        free: dict[Any, Index] = {}
        for (label, *_), group in ((key, groups[key]) for key in groups if _is_label(key)):
            known = [size for size in group if isinstance(size, Expr)]
            if isinstance(label, Idx) and label.args[1:]:
                known = [self.size((label, *label.args[1]), {})]
            if len(known) > 1:
                both = " and ".join(sorted(map(str, known)))
                raise _refused(f"the size of {label} is both {both}", "write Idx(name, size)")
            first = next(str(member[0]) for member in group if _is_label(member))
            free[label] = Index(str(label), *known or [base.size_symbol(first.upper())])
            if len(set(free.values())) < len(free):
                raise _refused(f"two free indices are called {label}", "rename one of them")
        return free

    def links(self, expr: Basic, bound: Mapping[Any, Expr]) -> Iterator[tuple[Any, ...]]:
        """What has one size: places, which are (label,) and (tensor, axis), and sizes."""
        if isinstance(expr, Binding):
            bound = {**bound, **{limit[0]: self.size(limit, bound) for limit in expr.limits}}
        if isinstance(expr, Leaf):
            places = [bound.get(label, (label,)) for label in _labels(expr)]
            if isinstance(expr, KroneckerDelta):
                yield tuple(places)
            for axis, place in enumerate(places):
                name = (str(expr.base), axis) if isinstance(expr, Indexed) else place
                yield name, place, *self.shape(expr)[axis : axis + 1]
        else:
            for part in expr.args:
                yield from self.links(part, bound)

    def size(self, limit: tuple[Any, ...], scope: Mapping[Any, Any]) -> Expr:
        """The size of an axis, from (label, first, last)."""
        if len(limit) == 3 and limit[1] in (S.Zero, S.One):
            size = (limit[2] - limit[1] + 1).xreplace(self.sizes)
            inner = limit[2].free_symbols & scope.keys() | limit[2].atoms(Idx, TensorSymbol)
            if size.is_positive and size.is_finite and not inner:
                return size
        raise _refused(f"{limit} is not a whole axis", "write (k, 0, K - 1) or (k, 1, K)")

    def shape(self, expr: Expr) -> tuple[Expr, ...]:
        sizes = expr.base.shape if isinstance(expr, Indexed) else None
        return tuple(size.xreplace(self.sizes) for size in sizes or ())

    def read(self, expr: Basic, scope: Scope) -> Basic:
        readers = {Leaf: self.leaf, Symbol | Idx: self.symbol, Binding: self.binder}
        for kind, read in (readers | {sympy.Derivative: self.derivative}).items():
            if isinstance(expr, kind):
                return read(expr, scope)
        if expr.is_Rational or expr.is_NumberSymbol:
            return expr
        abstract = isinstance(expr, AppliedUndef)
        made = partial(Apply, expr.func.__name__) if abstract else _MAKERS.get(expr.func)
        if made is None:
            raise _no_form(expr)
        parts = [self.read(part, scope) for part in expr.args]
        ours = abstract or expr.func.__module__ == __name__
        if ours or any(isinstance(part, Node) for part in parts):
            return made(*parts)
        return expr if tuple(parts) == expr.args else expr.func(*parts)

    def leaf(self, expr: Expr, scope: Scope) -> Basic:
        for label in _labels(expr):
            if label not in scope:
                raise _refused(f"{label} is no index, in {expr}", "an index is one Symbol or Idx")
        indices = [scope[label] for label in _labels(expr)]
        if isinstance(expr, OneTensor):
            return One(*indices)
        sizes = tuple(index.size for index in indices)
        delta = isinstance(expr, KroneckerDelta)
        shape = sizes[::-1] if delta else self.shape(expr) or sizes
        if sizes != shape:
            raise _refused(f"the sizes {sizes} in {expr} should be {shape}", "let them agree")
        return Delta(*indices) if delta else Access(str(expr.base), *indices)

    def symbol(self, expr: Symbol | Idx, scope: Scope) -> Basic:
        if expr in scope or isinstance(expr, Idx):
            raise _refused(f"the index {expr} is used as a number", "keep it in brackets")
        expr = self.sizes.get(expr, expr)
        if isinstance(expr, TensorSymbol) or (type(expr) is Symbol and expr.is_real is None):
            return Access(expr.name)
        if not expr.is_real:
            raise _no_form(expr)
        return expr

    def binder(self, expr: Expr, scope: Scope) -> Basic:
        """A bound index that has a namesake in the body is renamed."""
        used, inner = expr.function.atoms(Symbol, Idx), dict(scope)
        indices: list[Index] = []
        for limit in reversed(expr.limits):
            label, size = limit[0], self.size(limit, inner)
            others = [inner[other] for other in inner if other in used and other != label]
            taken = frozenset(index.name for index in [*others, *indices])
            inner[label] = Index(_unlike(label.name, taken), size)
            indices.insert(0, inner[label])
        body = completed(self.read(expr.function, inner), _sorted(indices))
        make = nodes.Sum if isinstance(expr, sympy.Sum) else partial(Reduce, "prod")
        return make(body, *indices)

    def derivative(self, expr: Expr, scope: Scope) -> Basic:
        body = self.read(expr.expr, scope)
        for variable, count in expr.variable_count:
            access = self.read(variable, scope)
            if not isinstance(access, Access) or not count.is_Integer:
                raise _no_form(expr)
            body = reduce(D, [access] * int(count), body)
        return body
