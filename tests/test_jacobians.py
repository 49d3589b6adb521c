"""Total Jacobians against differences, entry by entry; axes of the output first, then the input."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Basic

import indexcalc as ic
from indexcalc.calculus.gradients import jacobian
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import Index, free_of, postorder
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.nodes import D
from indexcalc.expr.world import World, world_of
from tests.points import BUNDLED, MEMBERS, Array, Point, assert_close, bundled, point

CASES = [*BUNDLED, *(name for name in MEMBERS if name != "tcl:4")]


def over(tree: Basic, indices: tuple[Index, ...], at: Point) -> Array:
    """The value over these indices in this order, constant along those that the tree lacks."""
    start = world_of(at.program, at.values)
    functions = {**start.functions, **at.slopes}
    world = World({**start.arrays, **at.made()}, start.numbers, functions)
    free = sorted(free_of(tree), key=lambda index: index.name)
    assert set(free) <= set(indices)
    value = evaluate(tree, world)
    value = value.transpose([free.index(i) for i in indices if i in free])
    lengths = [int(start.numbers[index.size]) for index in indices]
    thin = [n if i in free else 1 for i, n in zip(indices, lengths, strict=True)]
    return np.broadcast_to(value.reshape(thin), lengths)


def check(of: str, wrt: str, at: Point) -> None:
    left, result = jacobian(at.program, of, wrt)
    indices = (*free_in_order(left.body), *left.variable.indices)
    assert len(set(indices)) == len(indices)
    assert_close(over(result, indices, at), at.jacobian(of, wrt))


def free_in_order(body: Basic) -> tuple[Index, ...]:
    indices: tuple[Index, ...] = body.indices
    return indices


@pytest.mark.parametrize("name", CASES)
def test_every_jacobian_agrees_with_differences(name: str) -> None:
    derivation, at = bundled(name)
    for of in derivation.program.outputs:
        for wrt in derivation.wrt:
            check(of, wrt, at)


@pytest.mark.parametrize("name", CASES)
def test_a_jacobian_has_no_derivative_left(name: str) -> None:
    derivation, _ = bundled(name)
    for of in derivation.program.outputs:
        for wrt in derivation.wrt:
            assert not [
                n for n in postorder(derivation.jacobian(of, wrt).formula) if isinstance(n, D)
            ]


@pytest.mark.parametrize(
    ("name", "of", "wrt"),
    [
        ("layernorm", "sigma", "x"),
        ("layernorm", "mu", "x"),
        ("layernorm", "m", "gamma"),
        ("softmax", "z", "x"),
        ("attention", "p", "k"),
        ("frobenius", "w", "x"),
        ("mlp:2", "x2", "w1"),
        ("mlp:2", "x2", "w2"),
    ],
)
def test_a_jacobian_of_an_intermediate_agrees_with_differences(
    name: str, of: str, wrt: str
) -> None:
    _, at = bundled(name)
    check(of, wrt, at)


@pytest.mark.parametrize(
    ("text", "of", "wrt"),
    [
        ("y[i,j] = x[j,i]*s", "y", "x"),
        ("y[i,j] = x[j,i]*s", "y", "s"),
        ("y[i] = x[i]*x[k]*w[k]", "y", "x"),
        ("y[p,q] = x[p,r]*a[r,q]", "y", "a"),
        ("y[i] = a[i,i]*b[i]", "y", "a"),
        ("y[i,j] = x[i]", "y", "x"),
        ("y[i] = G[i]^2", "y", "G"),
        ("l[i] = x[i]^2; y[i] = exp(l[i])*x[i]", "y", "x"),
        ("f(x[i]) -> u, v\nu[i] = exp(x[i])\nv[i] = u[i]*sin(x[i])", "v", "x"),
        ("f(x[i]) -> u, v\nu[i] = exp(x[i])\nv[i] = u[i]*sin(x[i])", "u", "x"),
        ("f(x[i], z[j]) -> y\ny[i] = 3*x[i]", "y", "z"),
        ("y[i] = sum[k](x[i,k]*sum[k](x[i,k]*w[k]))", "y", "x"),
        ("y = f(x[i]*w[i])", "y", "x"),
        ("y[i] = f(x[i], z[i])", "y", "z"),
        ("l = x[i]*x[i]*s", "l", "x"),
        # One term of it lacks an index of the variable, whose letter no dummy may take.
        ("m[r] = mean[k](z[i,q]*x[i,k,q]) + x[q,i,r]*e[i,q]; y[r] = m[k]/x[k,q,q]", "y", "x"),
    ],
)
def test_a_jacobian_of_a_text_agrees_with_differences(text: str, of: str, wrt: str) -> None:
    check(of, wrt, point(ic.read(text)))


@pytest.mark.parametrize("name", ["matmul", "bilinear"])
def test_the_jacobian_of_a_tensor_by_itself_is_a_delta(name: str) -> None:
    derivation = ic.derive(name)
    for tensor, indices in derivation.program.tensors.items():
        left, result = jacobian(derivation.program, tensor, tensor)
        at = point(derivation.program)
        sizes = [int(world_of(at.program, at.values).numbers[i.size]) for i in indices]
        found = over(result, (*indices, *left.variable.indices), at)
        count = int(np.prod(sizes))
        np.testing.assert_array_equal(found, np.eye(count).reshape([*sizes, *sizes]))


def test_the_jacobian_of_a_matrix_product() -> None:
    assert str(ic.derive("matmul").jacobian("y", "x")) == "delta[i,p]*a[q,j]"


def test_a_jacobian_of_nothing_is_refused() -> None:
    with pytest.raises(IndexcalcError) as caught:
        ic.derive("matmul").jacobian("z", "x")
    assert str(caught.value) == ("error IC315: matmul has no tensor z\nhint: it has x, a, y")


def test_a_letter_that_a_term_lacks_is_not_bound_in_it() -> None:
    text = "u[i] = 1[r]*z[r]; w = p[r]*x[r,i]/u[i]; c[q,r,k] = w/z[r]; v = c[q,r,k]*c[r,k,q]"
    at = point(ic.read(text))
    for access in at.program.inputs:
        check("v", access.name, at)
