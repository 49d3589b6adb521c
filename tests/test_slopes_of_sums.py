"""Jacobians with several outputs, terms in several orders, and direct paths beside others: the
gradients that they give, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

import indexcalc as ic
from indexcalc.expr.base import size_symbol
from indexcalc.expr.world import number
from indexcalc.forms.values import Arrays
from indexcalc.render.text import text

Array = NDArray[np.float64]


@pytest.mark.parametrize("by", ["column", "row"])
@pytest.mark.parametrize(
    ("program", "wrt", "form"),
    [
        ("y[i] = a[i,j]*x[j]; z[j] = x[j]^2", "x", "∂l/∂x = Aᵀ G1 + 2 diag(x) G2"),
        ("y[i,j] = x[k,i]*x[k,j]", "x", None),
        ("h[i,j] = tanh(a[i,k]*b[k,j]); z[i,m] = h[i,j]*c[j,m] + a[i,k]*d[k,m]", "a", None),
        ("z[j,i,k] = x[i,j,k]*p[i,j]*q[k,i]", "p", None),
        ("y[i,j] = p[i,k]*g[k,j]*x[j]", "x", None),
        ("y[j,m,i] = x[i,j,m]*w[m]; z[i] = x[i,j,m]*v[j,m]", "x", None),
    ],
)
def test_a_gradient_is_that_of_torch(program: str, wrt: str, form: str | None, by: str) -> None:
    torch = pytest.importorskip("torch")
    made = ic.derive(program)._notation(by)
    (pulled,) = made.pulled(wrt)
    if form is not None:
        assert str(pulled) == form
    random = np.random.default_rng(1)
    numbers = {size_symbol(size.name): float(n) for n, size in enumerate(made.program.sizes, 2)}
    arrays: dict[str, Array] = {}
    for access in made.program.inputs:
        shape = [int(number(index.size, numbers)) for index in access.indices]
        arrays[access.name] = random.uniform(-1, 1, shape)
    tensors = {n: torch.tensor(array, requires_grad=True) for n, array in arrays.items()}
    known = dict(tensors)
    loss: Any = 0
    for text_of in program.split("; "):
        left, _, right = text_of.partition(" = ")
        name, letters = left[0], left[2:-1].replace(",", "")
        known[name] = _by_torch(torch, right, letters, known)
        arrays[name] = known[name].detach().numpy()
        if name in made.program.outputs:
            seed = made.found.backprop.upstream[name]
            arrays[seed] = random.uniform(-1, 1, arrays[name].shape)
            loss = loss + (known[name] * torch.tensor(arrays[seed])).sum()
    loss.backward()
    gradient = tensors[wrt].grad.numpy()
    found = Arrays(arrays, numbers).value(pulled.matrix)[:, 0]
    (side,) = pulled.sides
    axes = [pulled.equation.left.indices.index(index) for index in side.slowest_first]
    assert_allclose(found, gradient.transpose(axes).reshape(-1), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("by", ["column", "row"])
def test_a_scalar_by_a_scalar_through_a_tensor(by: str) -> None:
    derivation = ic.derive(
        "t[k,m,j,i] = 1[j,i]/l[k,m]^2*w; y = c[b]*1[b] - sin(t[k,m,j,i])*1[k,m,j,i]"
    )
    page, agrees = derivation.matrix_page(by=by, jacobians=True)
    assert agrees
    slope = derivation._notation(by).slopes.of("y", "w")
    assert slope.chain is not None
    (form,) = slope.forms
    assert form.matrix.sizes == ()
    assert "were computed" in text(page) or "was computed" in text(page)


def _by_torch(torch: Any, right: str, letters: str, known: dict[str, Any]) -> Any:
    """A sum of products, squares, or tanh of a product, by einsum."""
    if right.startswith("tanh("):
        return torch.tanh(_by_torch(torch, right[5:-1], letters, known))
    if right.endswith("^2"):
        return known[right[0]] ** 2
    total = 0
    for term in right.split(" + "):
        factors = term.split("*")
        indices = ",".join(factor[2:-1].replace(",", "") for factor in factors)
        total = total + torch.einsum(f"{indices}->{letters}", *(known[f[0]] for f in factors))
    return total
