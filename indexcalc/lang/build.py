"""Syntax to nodes: the written tree, with its Σ explicit and its one-tensors inserted."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Basic, Expr

from indexcalc.expr.base import (
    MINUS_ONE,
    Index,
    constant_symbol,
    free_of,
)
from indexcalc.expr.broadcast import completed
from indexcalc.expr.nodes import (
    Access,
    Add,
    Apply,
    Delta,
    Mul,
    One,
    Pow,
    Reduce,
    Sum,
)
from indexcalc.expr.program import Equation
from indexcalc.lang import constants
from indexcalc.lang.constants import Value
from indexcalc.lang.faults import refuse_many
from indexcalc.lang.settle import Settled
from indexcalc.lang.sizes import Binding
from indexcalc.lang.syntax import (
    Bound,
    Call,
    Factor,
    Name,
    Number,
    Parameter,
    Power,
    Product,
    SizeOf,
    Statement,
    Syntax,
    Tensor,
    Terms,
)


class Builder:
    """Makes the equations of one program; `sizes` says what bare capitals and size(h) are."""

    def __init__(self) -> None:
        self.sizes: dict[Syntax, Expr] = {}
        self.made: dict[Syntax, Basic] = {}
        self.values: dict[Syntax, Value] = {}
        self.index_of: dict[Binding, Index] = {}
        self.functions = 0  # of constants

    def constant(self, parameter: Parameter) -> Expr:
        """A default, worked out."""
        assert parameter.default is not None  # what makes a parameter a constant
        for node in parameter.nodes:
            self.made[node] = self.scalar(node)
        return self.made[parameter.default]

    def equation(self, statement: Statement, settled: Settled, left: list[Binding]) -> Equation:
        indices = self.indices(left)
        top = _lone_terms(statement.right)
        for node in statement.nodes:
            if node.scalar:
                self.made[node] = self.scalar(node)
            elif isinstance(node, Product):
                if node in settled.factors:
                    self.made[node] = self.product(node, settled)
            elif isinstance(node, Terms):
                terms = [self.made[term] for term in node.terms]
                wanted = indices if node is top else _union(terms)
                refuse_many(len(wanted), node.span)
                self.made[node] = Add(*(completed(term, wanted) for term in terms))
            else:
                self.made[node] = self.node(node, settled)
        right = completed(self.made[statement.right], indices)
        return Equation(Access(statement.name, *indices), right)

    # Tensors

    def node(self, node: Syntax, settled: Settled) -> Basic:
        if isinstance(node, Tensor):
            indices = self.indices(settled.tensors[node])
            if node.kind == "access":
                return Access(node.name, *indices)
            return One(*indices) if node.kind == "one" else Delta(*indices)
        if isinstance(node, Name):
            return Access(node.name)
        if isinstance(node, Power):
            return Pow(self.made[node.base], self.made[node.exponent])
        if isinstance(node, Call):
            return Apply(node.name, *(self.made[argument] for argument in node.arguments))
        assert isinstance(node, Bound)  # the last kind that is not a scalar
        return self.bound(node, self.indices(settled.binders[node]))

    def bound(self, node: Bound, indices: list[Index]) -> Basic:
        body = completed(self.made[node.body], indices)
        if node.kind == "sum":
            return Sum(body, *indices)
        if node.kind == "mean":
            sizes = [Value(index.size, None) for index in indices]
            count = constants.multiplied(sizes, node.span)
            return Mul(1 / count.exact, Sum(body, *indices))
        return Reduce(node.kind, body, *indices)

    def product(self, node: Product, settled: Settled) -> Basic:
        """The factors in their order; numbers at the front are multiplied out."""
        sign, factors = settled.factors[node]
        leading = [constants.MINUS] if sign < 0 else []
        parts: list[Basic] = []
        for factor in factors:
            if factor.node.scalar and not parts:
                leading += self.factor_values(factor)
            else:
                parts.append(self.factor(factor))
        coefficient = constants.multiplied(leading, node.span).exact
        if coefficient != 1:
            parts.insert(0, coefficient)
        body = Mul(*parts) if len(parts) > 1 else parts[0]
        sums = self.indices(settled.sums.get(node, []))
        return Sum(body, *sums) if sums else body

    def factor(self, factor: Factor) -> Basic:
        if factor.node.scalar:
            return self.factor_value(factor).exact
        part = self.made[factor.node]
        return Pow(part, MINUS_ONE) if factor.inverted else part

    def indices(self, bindings: Iterable[Binding]) -> list[Index]:
        out = []
        for binding in bindings:
            if binding not in self.index_of:
                self.index_of[binding] = Index(binding.name, binding.axis.root.symbol)
            out.append(self.index_of[binding])
        return out

    # Scalars

    def scalar(self, node: Syntax) -> Expr:
        """Numbers, sizes and constants, worked out exactly by SymPy."""
        value = self.values[node] = self.value(node)
        return value.exact

    def value(self, node: Syntax) -> Value:
        if isinstance(node, Number):
            return constants.number(node.value)
        if isinstance(node, SizeOf) or node in self.sizes:
            return Value(self.sizes[node], None)
        if isinstance(node, Name):
            return constants.PI if node.name == "pi" else Value(constant_symbol(node.name), None)
        if isinstance(node, Terms):
            return constants.added([self.values[term] for term in node.terms], node.span)
        if isinstance(node, Power):
            return constants.power(self.values[node.base], self.values[node.exponent], node.span)
        if isinstance(node, Call):
            self.functions += 1
            constants.refuse_many_functions(self.functions, node.span)
            return constants.applied(node.name, self.values[node.arguments[0]], node.span)
        assert isinstance(node, Product)  # the last kind of scalar
        values = [value for factor in node.factors for value in self.factor_values(factor)]
        if node.sign < 0:
            values.insert(0, constants.MINUS)
        return constants.multiplied(values, node.span)

    def factor_values(self, factor: Factor) -> list[Value]:
        """A sign is a factor of its own, which SymPy would else multiply into a sum: -(a + b)/c."""
        node = factor.node
        if factor.inverted or not isinstance(node, Product) or len(node.factors) > 1:
            return [self.factor_value(factor)]
        inner = self.factor_values(node.factors[0])
        return [constants.MINUS, *inner] if node.sign < 0 else inner

    def factor_value(self, factor: Factor) -> Value:
        value = self.values[factor.node]
        if factor.inverted:
            return constants.power(value, constants.MINUS, factor.node.span)
        return value


def _lone_terms(right: Product) -> Terms | None:
    """The terms of a right-hand side that is a sum."""
    node = right.factors[0].node
    alone = right.sign > 0 and len(right.factors) == 1 and not right.factors[0].inverted
    return node if alone and isinstance(node, Terms) else None


def _union(terms: list[Basic]) -> list[Index]:
    """The open indices of sibling terms, in order of appearance."""
    union: dict[Index, None] = {}
    for term in terms:
        union.update(dict.fromkeys(sorted(free_of(term), key=lambda index: index.name)))
    return list(union)
