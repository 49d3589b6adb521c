"""First-order identities as The Matrix Cookbook has them: gradients in form and in value.

The values are held to complex steps of the statement written in NumPy: Im f(X + ih)/h is the slope
to all digits where f is made of products, powers and analytic functions.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from indexcalc.derivation import Derivation, from_matrix
from indexcalc.expr.base import Index
from indexcalc.expr.evaluate import evaluate_program
from indexcalc.forms.inward.reading import read
from indexcalc.forms.outward import Form

Array = NDArray[Any]
STEP = 1e-30
# Of sizes in their order.
LENGTHS = (3, 4, 2, 5, 6)


def tr(matrix: Array) -> Any:
    return np.trace(matrix)


def norm(matrix: Array) -> Any:
    """Without an absolute value, which has no complex slope."""
    return np.sqrt((matrix * matrix).sum())


# A statement, the same in NumPy, the variable, its gradient in the book, and ours where it is
# spelled in another way. G is the upstream gradient of what is no scalar.
Identity = tuple[str, Callable[[Any], Any], str, str, str]
LINEAR: list[Identity] = [
    ("l = x'*a", lambda g: g.x.T @ g.a, "x", "a", ""),
    ("l = a'*x", lambda g: g.a.T @ g.x, "x", "a", ""),
    ("l = a'*X*b", lambda g: g.a.T @ g.X @ g.b, "X", "a*b'", ""),
    ("l = a'*X'*b", lambda g: g.a.T @ g.X.T @ g.b, "X", "b*a'", ""),
    ("l = a'*X*a", lambda g: g.a.T @ g.X @ g.a, "X", "a*a'", ""),
    ("l = a'*X'*a", lambda g: g.a.T @ g.X.T @ g.a, "X", "a*a'", ""),
    ("l = tr(X)", lambda g: tr(g.X), "X", "eye(M)", ""),
    ("l = tr(X*A)", lambda g: tr(g.X @ g.A), "X", "A'", ""),
    ("l = tr(A*X*B)", lambda g: tr(g.A @ g.X @ g.B), "X", "A'*B'", ""),
    ("l = tr(A*X'*B)", lambda g: tr(g.A @ g.X.T @ g.B), "X", "B*A", ""),
    ("l = tr(X'*A)", lambda g: tr(g.X.T @ g.A), "X", "A", ""),
    ("l = tr(A*X')", lambda g: tr(g.A @ g.X.T), "X", "A", ""),
    ("l = A:X", lambda g: (g.A * g.X).sum(), "X", "A", ""),
]
QUADRATIC: list[Identity] = [
    ("l = x'*B*x", lambda g: g.x.T @ g.B @ g.x, "x", "(B + B')*x", ""),
    (
        "l = b'*X'*X*c",
        lambda g: g.b.T @ g.X.T @ g.X @ g.c,
        "X",
        "X*(b*c' + c*b')",
        "X*(c*b' + b*c')",
    ),
    (
        "l = (B*x + b)'*C*(D*x + d)",
        lambda g: (g.B @ g.x + g.b).T @ g.C @ (g.D @ g.x + g.d),
        "x",
        "B'*C*(D*x + d) + D'*C'*(B*x + b)",
        "",
    ),
    (
        "l = b'*X'*D*X*c",
        lambda g: g.b.T @ g.X.T @ g.D @ g.X @ g.c,
        "X",
        "D'*X*b*c' + D*X*c*b'",
        "D*X*c*b' + D'*X*b*c'",
    ),
    (
        "l = (X*b + c)'*D*(X*b + c)",
        lambda g: (g.X @ g.b + g.c).T @ g.D @ (g.X @ g.b + g.c),
        "X",
        "(D + D')*(X*b + c)*b'",
        "",
    ),
    (
        "l = (x - A*s)'*W*(x - A*s)",
        lambda g: (g.x - g.A @ g.s).T @ g.W @ (g.x - g.A @ g.s),
        "s",
        "-A'*(W + W')*(x - A*s)",
        "",
    ),
    (
        "l = (x - A*s)'*W*(x - A*s)",
        lambda g: (g.x - g.A @ g.s).T @ g.W @ (g.x - g.A @ g.s),
        "x",
        "(W + W')*(x - A*s)",
        "",
    ),
    (
        "l = (x - A*s)'*W*(x - A*s)",
        lambda g: (g.x - g.A @ g.s).T @ g.W @ (g.x - g.A @ g.s),
        "A",
        "-(W + W')*(x - A*s)*s'",
        "",
    ),
    (
        "l = (x - s)'*W*(x - s)",
        lambda g: (g.x - g.s).T @ g.W @ (g.x - g.s),
        "x",
        "(W + W')*(x - s)",
        "",
    ),
    (
        "l = (x - s)'*W*(x - s)",
        lambda g: (g.x - g.s).T @ g.W @ (g.x - g.s),
        "s",
        "-(W + W')*(x - s)",
        "",
    ),
    (
        "l = a'*X^2*b",
        lambda g: g.a.T @ g.X @ g.X @ g.b,
        "X",
        "a*b'*X' + X'*a*b'",
        "",
    ),
    (
        "l = a'*X'*X*b",
        lambda g: g.a.T @ g.X.T @ g.X @ g.b,
        "X",
        "X*(a*b' + b*a')",
        "X*(b*a' + a*b')",
    ),
    ("l = tr(X^2)", lambda g: tr(g.X @ g.X), "X", "2*X'", ""),
    (
        "l = tr(X^2*B)",
        lambda g: tr(g.X @ g.X @ g.B),
        "X",
        "(X*B + B*X)'",
        "B'*X' + X'*B'",
    ),
    ("l = tr(X'*B*X)", lambda g: tr(g.X.T @ g.B @ g.X), "X", "B*X + B'*X", "(B + B')*X"),
    ("l = tr(B*X*X')", lambda g: tr(g.B @ g.X @ g.X.T), "X", "B*X + B'*X", "(B' + B)*X"),
    ("l = tr(X*X'*B)", lambda g: tr(g.X @ g.X.T @ g.B), "X", "B*X + B'*X", "(B' + B)*X"),
    ("l = tr(X*B*X')", lambda g: tr(g.X @ g.B @ g.X.T), "X", "X*B' + X*B", "X*(B' + B)"),
    ("l = tr(B*X'*X)", lambda g: tr(g.B @ g.X.T @ g.X), "X", "X*B' + X*B", "X*(B + B')"),
    ("l = tr(X'*X*B)", lambda g: tr(g.X.T @ g.X @ g.B), "X", "X*B' + X*B", "X*(B + B')"),
    (
        "l = tr(A*X*B*X)",
        lambda g: tr(g.A @ g.X @ g.B @ g.X),
        "X",
        "A'*X'*B' + B'*X'*A'",
        "",
    ),
    ("l = tr(X'*X)", lambda g: tr(g.X.T @ g.X), "X", "2*X", ""),
    ("l = tr(X*X')", lambda g: tr(g.X @ g.X.T), "X", "2*X", ""),
    (
        "l = tr(B'*X'*C*X*B)",
        lambda g: tr(g.B.T @ g.X.T @ g.C @ g.X @ g.B),
        "X",
        "C'*X*B*B' + C*X*B*B'",
        "(C + C')*X*B*B'",
    ),
    (
        "l = tr(X'*B*X*C)",
        lambda g: tr(g.X.T @ g.B @ g.X @ g.C),
        "X",
        "B*X*C + B'*X*C'",
        "",
    ),
    (
        "l = tr(A*X*B*X'*C)",
        lambda g: tr(g.A @ g.X @ g.B @ g.X.T @ g.C),
        "X",
        "A'*C'*X*B' + C*A*X*B",
        "",
    ),
    (
        "l = tr((A*X*B + C)*(A*X*B + C)')",
        lambda g: tr((g.A @ g.X @ g.B + g.C) @ (g.A @ g.X @ g.B + g.C).T),
        "X",
        "2*A'*(A*X*B + C)*B'",
        "",
    ),
]
CUBIC: list[Identity] = [
    ("l = tr(X^3)", lambda g: tr(g.X @ g.X @ g.X), "X", "3*(X^2)'", "3*X'*X'"),
    (
        "l = a'*X^3*b",
        lambda g: g.a.T @ g.X @ g.X @ g.X @ g.b,
        "X",
        "a*b'*(X^2)' + X'*a*b'*X' + (X^2)'*a*b'",
        "a*b'*X'*X' + X'*(a*b'*X' + X'*a*b')",
    ),
    (
        "l = tr(A*X^3)",
        lambda g: tr(g.A @ g.X @ g.X @ g.X),
        "X",
        "(A*X^2 + X*A*X + X^2*A)'",
        "A'*X'*X' + X'*(A'*X' + X'*A')",
    ),
    (
        "l = tr(B'*X'*C*X*X'*C*X*B)",
        lambda g: tr(g.B.T @ g.X.T @ g.C @ g.X @ g.X.T @ g.C @ g.X @ g.B),
        "X",
        "C*X*X'*C*X*B*B' + C'*X*B*B'*X'*C'*X + C*X*B*B'*X'*C*X + C'*X*X'*C'*X*B*B'",
        "C*X*(X'*C*X*B*B' + B*B'*X'*C*X) + C'*X*(B*B'*X'*C'*X + X'*C'*X*B*B')",
    ),
]
NORMS: list[Identity] = [
    ("l = norm(x - a)", lambda g: norm(g.x - g.a), "x", "(x - a)/norm(x - a)", ""),
    ("l = norm(x)^2", lambda g: g.x.T @ g.x, "x", "2*x", ""),
    ("l = norm(X)^2", lambda g: (g.X * g.X).sum(), "X", "2*X", ""),
    (
        "l = norm(A*x - b)^2",
        lambda g: norm(g.A @ g.x - g.b) ** 2,
        "x",
        "2*A'*(A*x - b)",
        "",
    ),
    (
        "l = norm(Y - X*W)^2",
        lambda g: norm(g.Y - g.X @ g.W) ** 2,
        "W",
        "-2*X'*(Y - X*W)",
        "",
    ),
]
# Beside the book: products of an upstream gradient with what it has for single entries.
UPSTREAM: list[Identity] = [
    ("y = A*x", lambda g: g.A @ g.x, "A", "G*x'", ""),
    ("y = A*x", lambda g: g.A @ g.x, "x", "A'*G", ""),
    ("Y = A*X*B", lambda g: g.A @ g.X @ g.B, "X", "A'*G*B'", ""),
    ("Y = X'*X", lambda g: g.X.T @ g.X, "X", "X*(G + G')", "X*(G' + G)"),
    ("Y = X'*B*X", lambda g: g.X.T @ g.B @ g.X, "X", "B'*X*G + B*X*G'", "B*X*G' + B'*X*G"),
    ("Y = X*A*X'", lambda g: g.X @ g.A @ g.X.T, "X", "G*X*A' + G'*X*A", ""),
    ("Y = X^2", lambda g: g.X @ g.X, "X", "G*X' + X'*G", ""),
    ("Y = A .* X", lambda g: g.A * g.X, "X", "A .* G", ""),
]
IDENTITIES = [*LINEAR, *QUADRATIC, *CUBIC, *NORMS, *UPSTREAM]


@pytest.mark.parametrize(
    ("statement", "meant", "name", "book", "ours"),
    IDENTITIES,
    ids=[f"{row[0]} by {row[2]}" for row in IDENTITIES],
)
def test_an_identity(
    statement: str, meant: Callable[[Any], Any], name: str, book: str, ours: str
) -> None:
    derivation = from_matrix(statement, wrt=[name])
    found = derivation.matrix(name).spelled("text").partition(" = ")[2]
    assert found == (ours or book)
    arrays = random_arrays(derivation)
    slope = complex_step(meant, name, arrays)
    for formula in (book, found):
        value = evaluated(derivation, formula, arrays)
        assert value.shape == arrays[name].shape
        assert_allclose(value, slope, rtol=1e-12)


def test_the_identities_are_many() -> None:
    assert len([*LINEAR, *QUADRATIC, *CUBIC, *NORMS]) >= 40


def random_arrays(derivation: Derivation) -> dict[str, Array]:
    """An array for each input, and G, no two sizes equal."""
    program = derivation.program
    lengths = dict(zip((size.symbol for size in program.sizes), LENGTHS, strict=False))
    rng = np.random.default_rng(3)
    named = {access.name: access.indices for access in program.inputs}
    named["G"] = program.tensors[program.outputs[0]]
    return {
        name: rng.uniform(0.5, 1.5, [lengths[index.size] for index in indices])
        for name, indices in named.items()
    }


def complex_step(meant: Callable[[Any], Any], name: str, arrays: dict[str, Array]) -> Array:
    """∂(G : Y)/∂X, entry by entry."""
    slope = np.empty(arrays[name].shape)
    for place in np.ndindex(*slope.shape):
        moved = {**arrays, name: arrays[name].astype(complex)}
        moved[name][place] += 1j * STEP
        columns = {key: _column(array) for key, array in moved.items()}
        value = np.asarray(meant(SimpleNamespace(**columns)))
        upstream = columns["G"] if value.size > 1 else 1
        slope[place] = (upstream * value).sum().imag / STEP
    return slope


def _column(array: Array) -> Array:
    return array[:, None] if array.ndim == 1 else array


def evaluated(derivation: Derivation, formula: str, arrays: dict[str, Array]) -> Array:
    """A gradient in matrix notation, read and evaluated; it may use what is named beside it."""
    program, notation = derivation.program, derivation._notation("column")
    tensors = {access.name: access.indices for access in program.inputs}
    if not program.is_loss:
        tensors["G"] = program.tensors[program.outputs[0]]
    inputs = ", ".join(_declared(name, indices) for name, indices in tensors.items())
    lines = [f"f({inputs}) -> E"]
    for equation in derivation.where:
        form = notation.of(equation)
        assert isinstance(form, Form)
        lines.append(form.spelled("text"))
    lines.append(f"E = {formula}")
    given = {key: array for key, array in arrays.items() if key in tensors}
    return evaluate_program(read("\n".join(lines)), given)["E"]


def _declared(name: str, indices: tuple[Index, ...]) -> str:
    letters = ",".join(str(index.size).lower() for index in indices)
    return f"{name}[{letters}]" if letters else name
