"""Formulas with indices as matrices: which there are, that each has the value of its formula, and
what stands in the way of others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from sympy import Basic

import indexcalc as ic
from indexcalc.calculus.mentions import in_order
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import ONE
from indexcalc.expr.evaluate import component_values, evaluate
from indexcalc.expr.printing import spell
from indexcalc.expr.world import World, number, world_of
from indexcalc.forms import algebra
from indexcalc.forms.computing import worst
from indexcalc.forms.matrices import Matrix
from indexcalc.forms.outward import Form
from indexcalc.forms.values import Arrays
from tests import oracle
from tests.fuzz.programs import case
from tests.points import BUNDLED, MEMBERS, bundled

# Gradients of the bundled derivations and of others, as papers write them.
GRADIENTS = [
    ("matmul", "x", "G Aᵀ"),
    ("matmul", "a", "Xᵀ G"),
    ("linear", "x", "G W"),
    ("linear", "w", "Gᵀ X"),
    ("linear", "b", "Gᵀ𝟏"),
    ("frobenius_linear", "w", "Y Xᵀ/‖Y‖_F"),
    ("frobenius_linear", "x", "Wᵀ Y/‖Y‖_F"),
    ("frobenius", "x", "(Wᵀ Y + (Y Xᵀ + X Yᵀ) X)/‖Y‖_F"),
    ("softmax", "x", "P ⊙ (G - (P ⊙ G)𝟏𝟏ᵀ)"),
    ("layernorm", "gamma", "(μᵀ ⊙ Gᵀ) (𝟏 ⊘ σ)"),
    ("layernorm", "beta", "Gᵀ𝟏"),
    (
        "layernorm",
        "x",
        "diag(σ)⁻¹ (G diag(γ) - (1/H) (diag(((μ ⊙ G) γ) ⊘ σ^⊙2) μ + G γ𝟏ᵀ))",
    ),
    (
        "batchnorm",
        "x",
        "(G - (1/B) (μ diag(((μᵀ ⊙ Gᵀ)𝟏) ⊘ σ^⊙2) + 𝟏𝟏ᵀ G)) diag(γ ⊘ σ)",
    ),
    ("rmsnorm", "x", "diag(r)⁻¹ G diag(γ) - (1/H) diag(((Y ⊙ G)𝟏) ⊘ r^⊙2) X"),
    ("attention", "v", "Pᵀ G"),
    ("attention", "p", "G Vᵀ"),
    ("attention", "s", "P ⊙ (∂l/∂P - (P ⊙ (∂l/∂P))𝟏𝟏ᵀ)"),
    ("attention", "q", "(1/√D) (∂l/∂S) K"),
    ("attention", "k", "(1/√D) (∂l/∂S)ᵀ Q"),
    ("matrix_factorization", "u", "-2 E V"),
    ("matrix_factorization", "v", "-2 Eᵀ U"),
    ("mean_squared_error", "w", "(2/N) Xᵀ e"),
    ("logistic_regression", "z", "(1/N) (p - t)"),
    ("quadratic_form", "x", "(A + Aᵀ) x"),
    ("quadratic_form", "a", "x xᵀ"),
    ("bilinear", "a", "u vᵀ"),
    ("outer_product", "u", "G v"),
    ("diagonal", "a", "diag(b ⊙ G)"),
    ("trace", "a", "𝐈"),
    ("cosine_similarity", "u", "v/(‖u‖ ‖v‖) - c u/‖u‖²"),
    ("power", "x", "a ⊙ G ⊙ x^⊙(a - 𝟏)"),
    ("pointwise", "x", "G ⊙ f′(x)"),
    ("nested", "x", "G ⊙ f′(g(h(x))) ⊙ g′(h(x)) ⊙ h′(x)"),
    ("two_paths", "w", "x (G ⊙ (u ⊙ a + v ⊙ b))ᵀ"),
    ("l = x[i,j]*a[j,k]*b[k,i]", "x", "Bᵀ Aᵀ"),
    ("l = 1[i]*x[i,j]^2*1[j]", "x", "2 X"),
    ("y[i] = x[i,j]*w[i,j]", "x", "diag(G) W"),
    ("y[i] = 0*x[i]", "x", "0"),
    ("y[i] = x[i]^p", "x", "p G ⊙ x^⊙(p - 1)"),
    ("y[i] = x[i]^(a+1)", "x", "(a + 1) G ⊙ x^⊙a"),
    ("y[i] = x[i]^p", "p", "Gᵀ (y ⊙ log(x))"),
    ("l = (x[i] - m*1[i])*s[i,j]*(x[j] - m*1[j])", "m", "-𝟏ᵀ (S + Sᵀ) (x - m𝟏)"),
    # Names of parts that matrices read better without.
    ("y[i,j] = (a[i,k] + b[i,k])*(c[k,j] + d[k,j])", "a", "G (C + D)ᵀ"),
    ("y[i,j] = (a[i,k] + b[i,k])*(c[k,j] + d[k,j])", "d", "(A + B)ᵀ G"),
    ("y[i] = (a[i,j] - b[i,j])*(x[j] - c[j])", "x", "(A - B)ᵀ G"),
    ("l = (x[i] - y[i])*s[i,j]*(x[j] - y[j])", "x", "(S + Sᵀ) (x - y)"),
    # And with which they read better.
    ("l = (x[n,d]*(w[d,k] + v[d,k]) - y[n,k])^2*1[n,k]", "w", "2 Xᵀ A"),
    ("layernorm_inline", "gamma", "(Uᵀ ⊙ Gᵀ) (𝟏 ⊘ w)"),
]
DEFINITIONS = [
    ("l = a[i,j]*b[i,j]", "l = A : B"),
    ("l = a[i,j]*b[j,i]", "l = tr(A B)"),
    ("l = a[i,j]*b[j,k]*c[k,i]", "l = tr(A B C)"),
    ("l = a[i,j]*a[i,j]", "l = ‖A‖_F²"),
    ("l = sqrt(x[i]*x[i])", "l = ‖x‖"),
    ("l = 1[i,j]*a[i,j]", "l = 𝟏ᵀ A𝟏"),
    ("l = 1[i,j]*a[i,j]^2", "l = ‖A‖_F²"),
    ("l = a[i,i]*b[i]", "l = diag(A)ᵀ b"),
    ("l = 1 - u[i]*v[i]", "l = 1 - uᵀ v"),
    ("y[i] = a[i,j]*u[j]*v[j]", "y = A (u ⊙ v)"),
    ("y[i,k] = a[i,j]*u[j]*b[j,k]", "Y = A diag(u) B"),
    ("y[i,k] = (a[i,j]*b[j,k])*c[i,k]", "Y = C ⊙ (A B)"),
    ("y[i,j] = u[i]*a[i,j]*v[j]", "Y = A ⊙ (u vᵀ)"),
    ("y[i,j] = a[i,j]*v[j]/u[i]", "Y = diag(u)⁻¹ A diag(v)"),
    ("y[i,j] = (u[i] + v[j])*a[i,j]", "Y = A ⊙ (u𝟏ᵀ + 𝟏 vᵀ)"),
    ("y[i,j] = a[j,i]*(u[j] + b[j,k]*1[k])", "Y = Aᵀ diag(u + B𝟏)"),
    ("y[i,j] = delta[i,j]*v[i] + a[i,j]", "Y = diag(v) + A"),
    ("y[i] = tanh(a[i,j]*x[j] + b[i])", "y = tanh(A x + b)"),
    ("y[i] = 1/x[i]", "y = 𝟏 ⊘ x"),
    ("y[i] = a/x[i]", "y = a (𝟏 ⊘ x)"),
    ("y[i,j] = delta[i,j] - 1/I", "Y = 𝐈 - (1/I) 𝟏𝟏ᵀ"),
    ("y[i,j] = a[i,j]/b[i,j]^2", "Y = A ⊘ B^⊙2"),
    # Of two or three axes one says which matrix is meant.
    ("y[b,i,j] = x[b,i,k]*w[k,j] + c[j]", "for each b: Y_b = X_b W + 𝟏 cᵀ"),
    ("y[i,j] = x[b,k,i]*z[b,k,j]", "Y = Σ_b X_bᵀ Z_b"),
    ("l = x[b,i,j]*x[b,i,j]", "l = Σ_b ‖X_b‖_F²"),
    ("y[i] = x[i]^p", "y = x^⊙p"),
    ("y[i,j] = (x[i,j] + 1[i,j])^(2*p)", "Y = (X + 𝟏𝟏ᵀ)^⊙(2 p)"),
    ("y[i,j] = a[i,j]/u[i]^2", "Y = diag(u^⊙2)⁻¹ A"),
    ("l = 1[i]*(1[i] - t[i])*log(1[i] - y[i])", "l = (𝟏 - t)ᵀ log(𝟏 - y)"),
    # Like terms.
    (
        "y[i,j] = (x[i,d] - z[j,d])*(x[i,d] - z[j,d])",
        "Y = X^⊙2 𝟏𝟏ᵀ - 2 X Zᵀ + 𝟏𝟏ᵀ (Zᵀ)^⊙2",
    ),
    ("y[i,j] = 1[d]*(x[i,d] - z[j,d])^2", "Y = X^⊙2 𝟏𝟏ᵀ - 2 X Zᵀ + 𝟏𝟏ᵀ (Zᵀ)^⊙2"),
    ("y[i] = 2*a[i,j]*x[j] + (a[i,j] - b[i,j])*x[j] - 3*a[i,j]*x[j]", "y = -B x"),
    # What is alike in all matrices of a sum.
    ("z[i] = 2*u[a,i,j]*w[j]*1[a]", "z = 2 Σ_a U_a w"),
    ("z[i] = g*s[a]*u[a,i,j]*w[j]", "z = g Σ_a s_a U_a w"),
    (
        "z[k,i,n] = v[i]*(s[k,n,b]*1[b] + 1[k]*c[n])^2",
        "for each k: Z_k = v ((S_k𝟏 + c)^⊙2)ᵀ",
    ),
    ("z[k,p,i] = v[i,n]*(s[p,n,b]*1[k,b])^2", "for each k, p: Z_kp = V (S_p𝟏)^⊙2"),
    # Names that are taken.
    ("y[i,j] = x[i,k]*X[k,j]", "Y = x X"),
    ("z[a] = k[a,n]*1[n]; y[j] = 1/size(k)*m[k,j]*1[k]", "z = k𝟏"),
    ("y[a,b] = i[a,k]*m[k,b]", "Y = i M"),
]
NONE = [
    ("y[i] = tanh(x[i,j,k,m,n])*1[j,k,m,n]", "tanh(x_ijkmn) has the indices i, j, k, m and n"),
    (
        "y[i,j] = a[i,k]*b[k,m]*c[k,n]*d[m,n]*e[m,j]*f_[n,j]",
        "k is summed over 3 matrices at once",
    ),
    ("y[i] = tanh(x[i]*a[j,k])*1[j,k]", "tanh(x_i a_jk) has the indices i, j and k"),
    (
        "y[i,j] = 1[d]*(x[i,d] - z[j,d])^5",
        "(1_j x_id - 1_i z_jd)⁵ has the indices d, i and j",
    ),
    ("y[i] = max[j](x[i,j])", "max_j(x_ij) is a max, which matrices have no sign for"),
    (
        "l = x[i,j,k]*a[j,i]*b[k]",
        "i says which matrix is meant, and is not first in a_ji",
    ),
    ("y[i] = x[i,j,k]*a[j,i]*b[k]", "not first in a_ji"),
    ("y[j,i] = tanh(x[i,j,k])*b[k]", "not first in y_ji"),
    (
        "y[i,j,k] = x[i,j,k]*delta[i,k]",
        "i says which matrix is meant, and is an index of",
    ),
]


def definition(what: str) -> str:
    made = ic.derive(what, wrt=())._notation("column")
    found = made.of(made.definitions[0])
    return str(found) if isinstance(found, Form) else "".join(map(told, found))


def told(piece: str | Basic) -> str:
    return piece if isinstance(piece, str) else spell(piece, "unicode")


# Which forms there are


@pytest.mark.parametrize(("program", "name", "wanted"), GRADIENTS)
def test_a_gradient_as_papers_write_it(program: str, name: str, wanted: str) -> None:
    inputs = ic.derive(program).wrt
    others = {"attention": ("v", "p", "s", "q", "k")}.get(program, (*inputs, name))
    found = ic.derive(program, wrt=dict.fromkeys(others)).matrix(name)
    assert str(found).partition(" = ")[2] == wanted


@pytest.mark.parametrize(("program", "wanted"), DEFINITIONS)
def test_a_definition_as_papers_write_it(program: str, wanted: str) -> None:
    assert definition(program) == wanted


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_a_network_of_any_depth(layers: int) -> None:
    derivation = ic.derive(f"mlp:{layers}")
    for layer in range(1, layers + 1):
        given = "X" if layer == 1 else f"X{layer}"
        adjoint = f"∂l/∂A{layer}"
        assert str(derivation.matrix(f"w{layer}")) == f"∂l/∂W{layer} = {given}ᵀ ({adjoint})"
        assert str(derivation.matrix(f"b{layer}")) == f"∂l/∂b{layer} = ({adjoint})ᵀ𝟏"
    assert str(derivation.matrix("x")) == "∂l/∂X = (∂l/∂A1) W1ᵀ"


@pytest.mark.parametrize(("program", "why"), NONE)
def test_what_has_no_form_says_what_stands_in_the_way(program: str, why: str) -> None:
    assert why in definition(program)


def test_a_gradient_without_a_form_is_refused() -> None:
    with pytest.raises(IndexcalcError) as caught:
        ic.derive("l = tanh(x[i,j,k])*a[j,i]*b[k]").matrix("a")
    assert caught.value.code == "IC702"
    assert "the gradient by a has no matrix form: q says which matrix is meant" in str(caught.value)


def test_a_gradient_that_was_not_asked_for_is_none() -> None:
    with pytest.raises(IndexcalcError, match="no gradient by m was asked for"):
        ic.derive("layernorm").matrix("m")


# What they mean


@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS, "mlp:5"])
def test_every_form_and_every_step_has_the_value_of_the_formula(name: str) -> None:
    """At a point of the program, by NumPy's own products and by the reference evaluator."""
    derivation, at = bundled(name)
    made = derivation._notation("column")
    found = made.found
    given = world_of(made.program, at.values)
    arrays = {**given.arrays, **at.made()}
    arrays |= {seed: at.upstream[name] for name, seed in found.backprop.upstream.items()}
    functions = {**given.functions, **at.slopes}
    gradients = in_order((*found.shared, *map(found.equation, found.results)))
    for equation in (*made.definitions, *gradients):
        world = World(arrays, given.numbers, functions)
        arrays[equation.left.name] = right = component_values(equation, world)
        form = made.of(equation)
        assert isinstance(form, Form)
        assert_allclose(value(form, world, right.shape), right, rtol=1e-10, atol=1e-12)
        whole = evaluate(equation.right, world)
        for line in form.trace.lines(every=True):
            assert_allclose(evaluate(line.expr, world), whole, rtol=1e-10, atol=1e-12)


def value(form: Form, world: World, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """All matrices of a form as one array."""
    computed = Arrays(world.arrays, world.numbers, world.functions)
    lengths = [int(number(index.size, world.numbers)) for index in form.outer]
    names = [index.name for index in form.outer]
    every = [
        computed.value(form.matrix, dict(zip(names, place, strict=True)))
        for place in np.ndindex(*lengths)
    ]
    return np.asarray(every).reshape(shape)


@pytest.mark.parametrize("name", [*BUNDLED, "mlp:3"])
def test_a_gradient_has_the_shape_of_its_variable(name: str) -> None:
    derivation = ic.derive(name)
    for variable in derivation.wrt:
        form = derivation.matrix(variable)
        sizes = [index.size for index in derivation.program.tensors[variable]]
        assert [*(index.size for index in form.outer), *form.matrix.sizes] == sizes


def test_random_programs() -> None:
    """What has a form has the value of its formula, whatever the formula."""
    forms = 0
    for number_ in range(25):
        try:
            made = ic.derive(oracle.text(case(7, number_).program))._notation("column")
            equations = (*made.definitions, *made.gradients)
        except IndexcalcError:
            continue
        found = [one for one in map(made.of, equations) if isinstance(one, Form)]
        for difference in worst(found):
            assert difference.agrees, str(difference.form)
            forms += 1
    assert forms > 90


@pytest.mark.parametrize("name", ["matmul", "layernorm", "attention", "tcl"])
def test_a_wrong_form_is_found_to_be_wrong(name: str) -> None:
    made = ic.derive(name)._notation("column")
    forms = [one for one in map(made.of, made.gradients) if isinstance(one, Form)]
    matrices = [(form, form.matrix) for form in forms if isinstance(form.matrix, Matrix)]
    assert matrices
    for form, matrix in matrices:
        for wrong in (algebra.scaled(ONE / 2, matrix), twice(matrix)):
            (difference,) = worst([replace(form, matrix=wrong)])
            assert not difference.agrees


def twice(matrix: Matrix) -> Matrix:
    return algebra.plus(matrix, algebra.hadamard(matrix, matrix))


def test_what_has_no_value_is_not_said_to_agree() -> None:
    made = ic.derive("y[i] = log(-x[i]^2 - 1)", wrt=())._notation("column")
    (form,) = [one for one in map(made.of, made.definitions) if isinstance(one, Form)]
    assert worst([form]) == []
