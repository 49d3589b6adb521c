"""The rules of differentials by NumPy: at matrices of unequal sizes both sides have one value."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sympy import Expr, Integer

from indexcalc.expr.base import MINUS_ONE, ONE, Index, size_symbol
from indexcalc.expr.printing import spell
from indexcalc.expr.rewrite import RULES, Rule
from indexcalc.expr.terms import Term
from indexcalc.expr.world import Array
from indexcalc.forms import algebra
from indexcalc.forms.differential import Differential, differential_name
from indexcalc.forms.entries import Entry
from indexcalc.forms.frobenius import differentials, moving, passing
from indexcalc.forms.matrices import (
    Diagonal,
    DiagonalOf,
    Function,
    Hadamard,
    Identity,
    Inner,
    Matrix,
    Named,
    Norm,
    Ones,
    Plus,
    Power,
    Product,
    Scaled,
    Trace,
    Transpose,
)
from indexcalc.forms.values import Arrays

M, N, K = (size_symbol(name) for name in "MNK")
LENGTHS = {M: 3, N: 4, K: 2}
TWO = Integer(2)


def matrix(face: str, rows: Expr, columns: Expr = ONE) -> Named:
    return Named(face, face, rows, columns)


A, B, C = matrix("A", M, K), matrix("B", K, N), matrix("C", M, N)
P, Q, R = matrix("P", M, N), matrix("Q", M, N), matrix("R", N, M)
S, T = matrix("S", N, N), matrix("T", N, N)
a, b, u, v, w = matrix("a", ONE), matrix("b", ONE), matrix("u", M), matrix("v", N), matrix("w", N)
d = Differential

# What each rule is tried on, and what it is given besides.
TRIED: list[tuple[Rule, Matrix, tuple[set[str], ...]]] = [
    (differentials.of_a_sum, d(Plus(P, Q)), ()),
    (differentials.of_a_sum, d(Plus(P, Q)), ({"P"},)),
    (differentials.of_the_same_entries, d(Trace(Product(C, R))), ()),
    (differentials.of_the_same_entries, d(Diagonal(v)), ()),
    (differentials.of_the_same_entries, d(DiagonalOf(Product(C, R))), ()),
    (differentials.of_the_same_entries, d(Transpose(Product(A, B))), ()),
    (differentials.of_a_product, d(Product(A, B, R)), ()),
    (differentials.of_a_product, d(Product(A, B, Transpose(P))), ({"B"},)),
    (differentials.of_a_product, d(Hadamard(C, P, Q)), ()),
    (differentials.of_a_product, d(Scaled(a, b, C)), ()),
    (differentials.of_a_product, d(Inner(C, P)), ()),
    (differentials.of_a_product, Product(d(Product(A, B)), d(Product(R, A))), ()),
    (differentials.of_a_norm, d(Norm(C)), ()),
    (differentials.of_a_norm, d(algebra.power(Norm(Product(A, B)), TWO)), ()),
    (differentials.of_a_power, d(Power(C, Integer(3))), ()),
    (differentials.of_a_power, d(Power(C, MINUS_ONE)), ()),
    (differentials.of_a_power, d(Power(a, ONE / 2)), ()),
    (differentials.of_a_power, d(Power(C, P)), ()),
    (differentials.of_a_power, d(Power(C, P)), ({"C"},)),
    (differentials.of_a_function, d(Function("tanh", C)), ()),
    (differentials.of_a_function, d(Function("sigmoid", v)), ()),
    (differentials.of_a_function, d(Function("sqrt", a)), ()),
    (differentials.of_a_function, d(Function("h", C, P)), ()),
    (moving.terms_apart, Inner(C, Plus(d(P), d(Q))), ()),
    (moving.terms_apart, algebra.scaled(a, Plus(d(b), Inner(C, d(P)))), ()),
    (moving.sides_swapped, Inner(d(C), P), ()),
    (moving.sides_swapped, algebra.scaled(a, Inner(d(C), P)), ()),
    (moving.scalar_moved, algebra.scaled(TWO, a, Inner(C, d(P))), ()),
    (moving.scalar_moved, Inner(C, Scaled(TWO, a, d(P))), ()),
    (moving.scalar_moved, Inner(C, Scaled(TWO, a, d(b), P)), ()),
    (moving.transposes_moved, Inner(R, Transpose(d(C))), ()),
    (moving.transposes_moved, Inner(Product(R, A, B), Transpose(d(T))), ()),
    (moving.factors_moved, Inner(C, Product(d(A), B)), ()),
    (moving.factors_moved, Inner(C, Product(A, d(B))), ()),
    (moving.factors_moved, Inner(C, Product(A, d(B), S)), ()),
    (moving.factors_moved, Inner(u, Product(d(C), v)), ()),
    (moving.factors_moved, Product(Transpose(u), d(C), v), ()),
    (moving.factors_moved, Product(Transpose(u), C, d(v)), ()),
    (moving.factors_moved, Scaled(a, Product(Transpose(d(u)), C, v)), ()),
    (moving.hadamard_moved, Inner(C, Hadamard(P, d(Q))), ()),
    (moving.hadamard_moved, Inner(v, Hadamard(d(w), Power(v, MINUS_ONE))), ()),
    (moving.diagonal_moved, Inner(S, Diagonal(d(v))), ()),
    (moving.diagonal_moved, Inner(v, DiagonalOf(d(S))), ()),
    (moving.diagonal_of_a_product, Inner(DiagonalOf(Product(R, C)), d(v)), ()),
    (moving.diagonal_of_a_product, Inner(Scaled(a, DiagonalOf(Product(R, A, B))), d(v)), ()),
    (moving.vector_as_diagonal, Inner(Hadamard(Product(u, Transpose(Ones(N))), C), d(P)), ()),
    (moving.vector_as_diagonal, Inner(Hadamard(C, Product(Ones(M), Transpose(v))), d(P)), ()),
    (moving.trace_as_a_product, Trace(Product(d(C), R)), ()),
    (moving.trace_as_a_product, Scaled(a, Trace(d(S))), ()),
]


def arrays() -> Arrays:
    """Positive, so that all roots and powers have values."""
    random = np.random.default_rng(3)
    known: dict[str, Array] = {}
    for one in (A, B, C, P, Q, R, S, T, a, b, u, v, w):
        shape = [LENGTHS[size] for size in one.shape if size != 1]
        known[one.name] = random.uniform(0.5, 1.5, shape)
        known[differential_name(one.name)] = random.normal(size=shape)
    functions = {
        "h": lambda x, y: np.sin(x) * y,
        "h'1": lambda x, y: np.cos(x) * y,
        "h'2": lambda x, y: np.sin(x) + 0 * y,
    }
    return Arrays(known, {size: float(length) for size, length in LENGTHS.items()}, functions)


def entry(one: Matrix) -> Entry:
    sizes = zip("ij", one.shape, strict=True)
    return Entry(one, *(Index(name, size) for name, size in sizes if size != 1))


@pytest.mark.parametrize(("rule", "before", "given"), TRIED)
def test_a_rule_keeps_the_value(rule: Rule, before: Matrix, given: tuple[set[str], ...]) -> None:
    after = rule(Term((), (entry(before),)), *given)
    assert after is not None
    here = arrays()
    if given:
        # What is held fixed does not change.
        (fixed,) = given
        still = {differential_name(name): 0 * here.arrays[name] for name in fixed}
        here = Arrays({**here.arrays, **still}, here.numbers, here.functions)
    made = [here.value(factor.matrix) for term in after for factor in term.factors]
    assert_allclose(sum(made), here.value(before), rtol=1e-8, atol=1e-9)


def test_every_rule_of_one_term_is_tried() -> None:
    own = {differentials.__name__, moving.__name__, passing.__name__}
    rules = [rule for rule in RULES.values() if rule.function.__module__ in own and not rule.whole]
    named = {passing.differential_put_in, passing.gradient_named, differentials.name_put_in}
    tried = {rule.name for rule, *_ in TRIED}
    assert {rule.name for rule in rules} == tried | {rule.name for rule in named} | {
        differentials.of_a_constant.name
    }


def test_what_is_constant_leaves_no_term() -> None:
    for constant in (Ones(M), Identity(M), Function("sign", C)):
        assert differentials.of_a_constant(Term((), (entry(d(constant)),))) == ()
    held = Term((), (entry(d(Product(A, B))),))
    assert differentials.of_a_constant(held, {"A"}) is None
    assert differentials.of_a_constant(held, {"A", "B"}) == ()


def test_terms_are_collected_by_what_changes() -> None:
    terms = tuple(
        Term((), (Entry(one),))
        for one in (Inner(P, d(C)), algebra.scaled(TWO, d(a)), Inner(Q, d(C)), d(a), Inner(P, d(Q)))
    )
    assert passing.terms_collected(terms, C) == (
        Term((), (Entry(Inner(Plus(P, Q), d(C))),)),
        *terms[1:2],
        *terms[3:],
    )
    after = passing.terms_collected(terms, a)
    assert after is not None
    here = arrays()
    before, made = (
        sum(here.value(term.factors[0].matrix) for term in one) for one in (terms, after)
    )
    assert_allclose(np.asarray(made), np.asarray(before))
    assert passing.terms_collected(terms, Q) is None


def test_a_transpose_is_set_where_it_is_shorter() -> None:
    outside = Hadamard(P, Function("tanh", Q))
    inside = Hadamard(Transpose(R), Product(u, Transpose(v)))
    assert moving.turned(outside) == Transpose(outside)
    assert moving.turned(inside) == Hadamard(R, Product(v, Transpose(u)))
    assert moving.turned(Product(A, B)) == Product(Transpose(B), Transpose(A))


# How they are spelled


@pytest.mark.parametrize(
    ("one", "text", "unicode", "latex"),
    [
        (d(C), "dC", "dC", r"\mathrm{d}C"),
        (d(Product(A, B)), "d(A*B)", "d(A B)", r"\mathrm{d}\left(A B\right)"),
        # What d is of ends before the next factor.
        (Product(d(A), B), "dA*B", "dA B", r"\mathrm{d}A \, B"),
        (Transpose(d(C)), "dC'", "dCᵀ", r"\mathrm{d}C^{\top}"),
        (Inner(Scaled(-TWO, C), d(P)), "-2*C : dP", "-2 C : dP", r"-2 C : \mathrm{d}P"),
        (
            Plus(Inner(C, d(P)), Inner(Scaled(MINUS_ONE, Q), d(C))),
            "C : dP - Q : dC",
            "C : dP - Q : dC",
            r"C : \mathrm{d}P - Q : \mathrm{d}C",
        ),
        # The sum is turned, not its last factor.
        (
            Transpose(Plus(C, Product(A, Transpose(A), C))),
            "(C + A*A'*C)'",
            "(C + A Aᵀ C)ᵀ",
            r"\left(C + A A^{\top} C\right)^{\top}",
        ),
        (
            Transpose(Plus(C, Product(u, Transpose(v)))),
            "(C + u*v')'",
            "(C + u vᵀ)ᵀ",
            r"\left(C + u v^{\top}\right)^{\top}",
        ),
    ],
)
def test_changes_are_spelled(one: Matrix, text: str, unicode: str, latex: str) -> None:
    assert spell(one) == text
    assert spell(one, "unicode") == unicode
    assert spell(one, "latex") == latex


def test_only_matrices_change() -> None:
    with pytest.raises(TypeError, match=r"^2 is no matrix$"):
        Differential(TWO)
