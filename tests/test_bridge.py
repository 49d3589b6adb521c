"""The bridge to SymPy: round trips, values, natural input, and every refusal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
import sympy
from sympy import Idx, Indexed, IndexedBase, KroneckerDelta, Rational, S, Symbol, pi

from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import Index, constant_symbol, size_symbol
from indexcalc.expr.bridge import OneTensor, TensorSymbol, from_sympy, to_sympy
from indexcalc.expr.functions import FUNCTIONS
from indexcalc.expr.nodes import (
    Access,
    Add,
    Apply,
    D,
    Delta,
    Mul,
    One,
    Pow,
    Reduce,
    Sum,
)

I_, J, K, L = (size_symbol(name) for name in "IJKL")
i, j, k, l_, p = (Index(name) for name in "ijklp")
j_i, p_i = Index("j", I_), Index("p", I_)
eps = constant_symbol("eps")
x_i, x_k, y_k, a_ik, s = (
    Access("x", i),
    Access("x", k),
    Access("y", k),
    Access("a", i, k),
    Access("s"),
)

TREES = {
    "access": a_ik,
    "repeated index": Access("a", i, i),
    "concrete size": Access("x", Index("i", 3)),
    "order 0": s,
    "scalar": 1 / K + eps + pi,
    "one": One(i, k),
    "delta": Delta(i, j_i),
    "delta turned": Delta(j_i, i),
    "delta of one index": Sum(Delta(i, i), i),
    "add": Add(x_i, Mul(2, One(i)), x_i),
    "add of nothing": Add(x_i, Mul(-1, x_i)),
    "nested add": Add(x_i, Add(x_i, x_i)),
    "mul": Mul(x_i, 2, y_k, x_i, 1 / K),
    "nested mul": Mul(Mul(x_i, y_k), Mul(2, x_i)),
    "number over a sum": Mul(2, Add(x_i, One(i))),
    "pow": Pow(x_i, 2),
    "division": Mul(x_i, Pow(x_i, -1)),
    "tensor exponent": Pow(2, x_i),
    "minus a half": Pow(x_i, Rational(-1, 2)),
    "sum": Mul(1 / K, Sum(Mul(a_ik, y_k), k)),
    "sum of a sum": Sum(Sum(a_ik, k), i),
    "sum over two": Sum(a_ik, k, i),
    "letter bound twice": Sum(Mul(x_k, Sum(y_k, k)), k),
    "letter free and bound": Mul(x_k, Sum(y_k, k)),
    "concrete sum": Sum(Access("x", Index("i", 4)), Index("i", 4)),
    "one summed": Sum(Mul(One(k), s), k),
    "prod": Reduce("prod", a_ik, k),
    "prod of a prod": Reduce("prod", Reduce("prod", a_ik, k), i),
    "abstract": Apply("f", x_i),
    "abstract of two": Apply("act", x_i, y_k),
    "abstract of a number": Apply("f", 2),
    "own function of a scalar": Apply("sigmoid", eps),
    "sqrt": Apply("sqrt", Add(x_i, Mul(eps, One(i)))),
    "log of exp": Apply("log", Apply("exp", x_i)),
    "derivative": D(Sum(Mul(x_k, x_k), k), Access("x", p)),
    "second derivative": D(D(Pow(x_i, 2), Access("x", p)), Access("x", j)),
    "derivative of a number": D(2, x_i),
    "derivative by a scalar": D(Mul(s, s), s),
    "derivative of a bound letter": D(Sum(Pow(x_k, 2), k), x_k),
    "names of sympy": Mul(Access("S"), Access("Q", Index("N")), Access("gamma")),
} | {name: Apply(name, x_i) for name in FUNCTIONS}


@pytest.mark.parametrize("name", TREES)
def test_round_trip_is_exact(name: str) -> None:
    assert from_sympy(to_sympy(TREES[name])) == TREES[name]


@pytest.mark.parametrize("name", TREES)
def test_sympy_prints_what_it_gets(name: str) -> None:
    there = to_sympy(TREES[name])
    for printed in (sympy.latex(there), sympy.srepr(there), sympy.pretty(there), str(there)):
        assert printed


def test_plain_sympy_objects_come_out() -> None:
    m, n = Idx("i", I_), Symbol("k", integer=True, nonnegative=True)
    a, y = IndexedBase("a", real=True), IndexedBase("y", real=True)
    product = sympy.Mul(a[m, n], y[n], evaluate=False)
    assert to_sympy(Sum(Mul(a_ik, y_k), k)) == sympy.Sum(product, (n, 0, K - 1))
    assert to_sympy(Apply("f", x_i)) == sympy.Function("f")(IndexedBase("x", real=True)[m])
    assert to_sympy(s) == TensorSymbol("s") != Symbol("s", real=True)
    assert to_sympy(Delta(i, j_i)) == KroneckerDelta(m, Idx("j", I_))


def test_one_tensor_prints_and_is_one() -> None:
    ones = to_sympy(One(i, k))
    assert str(ones) == sympy.pretty(ones) == "1[i, k]"
    assert sympy.latex(ones) == r"\mathbf{1}_{i,k}"
    assert sympy.latex(ones**2) == r"\mathbf{1}_{i,k}^{2}"
    assert ones.doit() == 1
    assert ones.is_real
    assert ones.diff(IndexedBase("x")[ones.args[0]]) == 0


def test_weaker_laws() -> None:
    assert from_sympy(to_sympy(Apply("exp", eps))) == sympy.exp(eps)
    assert from_sympy(to_sympy(Pow(x_i, S.Half))) == Apply("sqrt", x_i)
    k_l = Index("k", L)
    both = Sum(Sum(Mul(x_k, Access("z", k_l)), k_l), k)
    assert from_sympy(to_sympy(both)) == Sum(Sum(Mul(x_k, Access("z", l_)), l_), k)
    inside = Sum(Mul(y_k, D(Sum(Pow(x_k, 2), k), x_k)), k)
    l_k = Index("l", K)
    renamed = Sum(Mul(y_k, D(Sum(Pow(Access("x", l_k), 2), l_k), x_k)), k)
    assert from_sympy(to_sympy(inside)) == renamed


# ---------------------------------------------------------------- values

SIZES = {I_: 2, K: 3, size_symbol("P"): 3}
X, Y = [0.5, -1.5, 2.0], [3.0, 0.25, -2.0]
A = [[1.5, -0.5, 2.0], [0.25, 3.0, -1.0]]
NUMBERS: Mapping[str, Any] = {"x": X, "y": Y, "a": A}


def value(tree: Any, at: Mapping[str, int], first: str) -> float:
    """The translation written out: sizes, then free indices, then components become numbers."""
    there = to_sympy(tree)
    if first == "doit":
        there = there.doit()
    there = there.subs(SIZES).doit()
    for index in there.atoms(Idx):
        there = there.subs(index, at[index.name])
    there = there.subs(TensorSymbol("s"), 0.75).subs(eps, 0.125).doit()
    components = {}
    for component in there.atoms(Indexed):
        number = NUMBERS[str(component.base)]
        for position in component.indices:
            number = number[int(position)]
        components[component] = number
    return float(there.xreplace(components))


VALUES: list[tuple[Any, dict[str, int], float]] = [
    (Sum(Mul(a_ik, y_k), k), {"i": 1}, sum(A[1][n] * Y[n] for n in range(3))),
    (Sum(Sum(a_ik, k), i), {}, sum(A[m][n] for m in range(2) for n in range(3))),
    (Reduce("prod", a_ik, k), {"i": 0}, A[0][0] * A[0][1] * A[0][2]),
    (Sum(Mul(x_k, Sum(y_k, k)), k), {}, (X[0] + X[1] + X[2]) * (Y[0] + Y[1] + Y[2])),
    (Mul(x_k, Sum(y_k, k)), {"k": 1}, X[1] * (Y[0] + Y[1] + Y[2])),
    (Sum(Mul(Delta(k, Index("p", K)), x_k), k), {"p": 2}, X[2]),
    (Sum(Delta(k, k), k), {}, 3.0),
    (Sum(Mul(One(k), s), k), {}, 2.25),
    (Mul(1 / K, Sum(Pow(x_k, 2), k)), {}, (0.25 + 2.25 + 4.0) / 3),
    (Apply("sigmoid", x_k), {"k": 0}, 1 / (1 + math.exp(-0.5))),
    (Apply("softplus", x_k), {"k": 1}, math.log(1 + math.exp(-1.5))),
    (Sum(Apply("relu", x_k), k), {}, 2.5),
    (Apply("sqrt", Add(Pow(x_k, 2), Mul(eps, One(k)))), {"k": 2}, math.sqrt(4.125)),
    (D(Sum(Pow(x_k, 2), k), Access("x", Index("p", K))), {"p": 1}, 2 * X[1]),
    (D(Sum(Pow(x_k, 2), k), x_k), {"k": 1}, 2 * X[1]),
    (Sum(Mul(y_k, D(Sum(Pow(x_k, 2), k), x_k)), k), {}, sum(2 * X[n] * Y[n] for n in range(3))),
    (D(Apply("sigmoid", s), s), {}, math.exp(-0.75) / (1 + math.exp(-0.75)) ** 2),
    (D(Mul(One(k), x_k), x_k), {"k": 2}, 1.0),
    (D(D(Sum(Pow(x_k, 3), k), x_k), x_k), {"k": 0}, 6 * X[0]),
]


@pytest.mark.parametrize("first", ["sizes", "doit"])
@pytest.mark.parametrize("case", range(len(VALUES)))
def test_value_is_kept(case: int, first: str) -> None:
    tree, at, expected = VALUES[case]
    assert value(tree, at, first) == pytest.approx(expected, rel=1e-12)


# ---------------------------------------------------------------- from SymPy

x, y, a = (IndexedBase(name) for name in "xya")
m, n, q = sympy.symbols("i k j", integer=True)
N, t = Symbol("N"), Symbol("t")
n_size = size_symbol("N")
k_n, i_n = Index("k", n_size), Index("i", n_size)

NATURAL = [
    (x[m] ** 2 / 2, Mul(Rational(1, 2), Pow(x_i, 2))),
    (x[m] - 1, Add(Mul(-1, One(i)), x_i)),
    (x[m] + 1, Add(One(i), x_i)),
    (x[m] + 2 * t, Add(Mul(2, One(i), Access("t")), x_i)),
    (t + pi, Add(pi, Access("t"))),
    (sympy.Sum(x[n], (n, 0, N - 1)), Sum(Access("x", k_n), k_n)),
    (sympy.Sum(x[n], (n, 1, N)) / N, Mul(1 / n_size, Sum(Access("x", k_n), k_n))),
    (sympy.Sum(x[n], (n, 1, 5)), Sum(Access("x", Index("k", S(5))), Index("k", S(5)))),
    (sympy.Sum(a[m, n], (n, 0, K - 1), (m, 0, I_ - 1)), Sum(a_ik, k, i)),
    (sympy.Sum(sympy.Sum(a[m, n], (n, 0, K - 1)), (m, 0, I_ - 1)), Sum(a_ik, k, i)),
    (sympy.Sum(x[m], (n, 0, K - 1)), Sum(Mul(One(k), x_i), k)),
    (sympy.Sum(2, (n, 0, K - 1)), Sum(Mul(2, One(k)), k)),
    (sympy.Product(2 * t, (n, 0, K - 1)), Reduce("prod", Mul(2, One(k), Access("t")), k)),
    (x[m] + sympy.Sum(y[n], (n, 0, K - 1)), Add(x_i, Sum(Mul(One(i), y_k), k))),
    (
        x[n] + sympy.Sum(y[n], (n, 0, K - 1)),
        Add(Access("x", k), Mul(One(k), Sum(y_k, k))),
    ),
    (IndexedBase("x", shape=(N,))[m], Access("x", i_n)),
    (x[Idx("i", N)], Access("x", i_n)),
    (x[Idx("i")], x_i),
    (
        sympy.exp(x[m]) / sympy.Sum(sympy.exp(x[n]), (n, 0, N - 1)),
        Mul(Pow(Sum(Apply("exp", Access("x", k_n)), k_n), -1), Apply("exp", Access("x", i_n))),
    ),
    (KroneckerDelta(m, q) * x[q], Mul(Access("x", j_i), Delta(i, j_i))),
    (sympy.sqrt(x[m]), Apply("sqrt", x_i)),
    (sympy.Function("act")(x[m], 2), Apply("act", x_i, 2)),
    (sympy.Derivative(x[m] ** 2, x[m], 2), D(D(Pow(x_i, 2), x_i), x_i)),
    (sympy.Derivative(t**2, t), D(Pow(Access("t"), 2), Access("t"))),
    (
        # The bound k and the free one differ in SymPy; here they may not.
        sympy.Sum(x[n] * y[Idx("k", K)], (n, 0, K - 1)),
        Sum(Mul(Access("x", Index("l", K)), y_k), Index("l", K)),
    ),
]


@pytest.mark.parametrize("case", range(len(NATURAL)))
def test_natural_sympy_is_read(case: int) -> None:
    written, expected = NATURAL[case]
    assert from_sympy(written) == expected


HAS = "it has sums, products, powers, functions, deltas and derivatives"
AXIS = "write (k, 0, K - 1) or (k, 1, K)"
LETTER = "an index is one Symbol or Idx"
REFUSED = [
    (x[m + 1], "i + 1 is no index, in x[i + 1]", LETTER),
    (x[0], "0 is no index, in x[0]", LETTER),
    (x[Idx(m + 1)], "i + 1 is no index, in x[i + 1]", LETTER),
    (KroneckerDelta(m, 0), "0 is no index, in KroneckerDelta(0, i)", LETTER),
    (sympy.Sum(x[n], (n, 2, K)), "(k, 2, K) is not a whole axis", AXIS),
    (sympy.Sum(x[n], (n, 1, K - 1)), "(k, 1, K - 1) is not a whole axis", AXIS),
    (sympy.Sum(x[n], (n, 0, sympy.oo)), "(k, 0, oo) is not a whole axis", AXIS),
    (sympy.Sum(a[q, n], (q, 0, n), (n, 0, K - 1)), "(j, 0, k) is not a whole axis", AXIS),
    (x[m] * sympy.Sum(x[n], (n, 0, m)), "(k, 0, i) is not a whole axis", AXIS),
    (
        sympy.Sum(x[n], (n, 0, K - 1)) * sympy.Sum(y[n], (n, 1, K)),
        "some indices start at 0 and others at 1",
        "let all start at 0",
    ),
    (sympy.Sum(n * x[n], (n, 0, K - 1)), "the index k is used as a number", "keep it in brackets"),
    (Idx("i", I_) * x[m], "the index i is used as a number", "keep it in brackets"),
    (
        x[m] * sympy.Sum(x[n], (n, 0, K - 1)) * sympy.Sum(x[n], (n, 0, J - 1)),
        "the size of i is both J and K",
        "write Idx(name, size)",
    ),
    (
        KroneckerDelta(Idx("i", I_), Idx("j", J)),
        "the sizes (I, J) in KroneckerDelta(i, j) should be (J, I)",
        "let them agree",
    ),
    (
        sympy.Sum(IndexedBase("x", shape=(J,))[n], (n, 0, K - 1)),
        "the sizes (K,) in x[k] should be (J,)",
        "let them agree",
    ),
    (x[m] * x[Symbol("i")], "two free indices are called i", "rename one of them"),
    (sympy.gamma(x[m]), "gamma(x[i]) has no form in index notation", HAS),
    (
        sympy.Piecewise((x[m], t > 0), (0, True)),
        "Piecewise((x[i], t > 0), (0, True)) has no form in index notation",
        HAS,
    ),
    (sympy.Matrix([[1, 2]]), "Matrix([[1, 2]]) has no form in index notation", HAS),
    (sympy.ImmutableMatrix([[1]]), "Matrix([[1]]) has no form in index notation", HAS),
    (sympy.MatrixSymbol("M", 2, 2)[0, 1], "M[0, 1] has no form in index notation", HAS),
    (sympy.I * x[m], "I has no form in index notation", HAS),
    (sympy.Float(0.5) * x[m], "0.500000000000000 has no form in index notation", HAS),
    (x, "x has no form in index notation", HAS),
    (Indexed((1, 2), m), "(1, 2)[i] has no form in index notation", HAS),
    (Symbol("z", imaginary=True), "z has no form in index notation", HAS),
    (
        sympy.Derivative(eps**2, eps),
        "Derivative(eps**2, eps) has no form in index notation",
        HAS,
    ),
    (sympy.Integral(t, t), "Integral(t, t) has no form in index notation", HAS),
]


def refusal(message: str, hint: str) -> str:
    return f"error IC801: {message}\nhint: {hint}"


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_what_has_no_form_is_refused(case: int) -> None:
    written, message, hint = REFUSED[case]
    with pytest.raises(IndexcalcError) as caught:
        from_sympy(written)
    assert str(caught.value) == refusal(message, hint)


@pytest.mark.parametrize("kind", ["max", "min"])
def test_max_and_min_do_not_go_to_sympy(kind: str) -> None:
    with pytest.raises(IndexcalcError) as caught:
        to_sympy(Mul(2, Reduce(kind, x_k, k)))
    assert str(caught.value) == refusal(
        f"SymPy has no {kind} over an index",
        f"translate the parts, or write the elements out in sympy.{kind.title()}",
    )


def test_one_tensors_may_be_written() -> None:
    assert from_sympy(OneTensor(m) * x[n]) == Mul(Access("x", k), One(i))
