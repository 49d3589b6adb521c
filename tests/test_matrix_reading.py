"""Programs in matrix notation: each has the value that NumPy has of the same statement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.derivation import Derivation
from indexcalc.expr.canonical import key
from indexcalc.expr.evaluate import evaluate_program
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Program
from indexcalc.forms.inward.reading import read
from indexcalc.forms.outward import Form
from indexcalc.lang.reading import read as read_indices
from indexcalc.render.echo import source

Array = NDArray[np.float64]
SIZES = {"m": 3, "n": 4, "k": 5}
# Names of these shapes, whatever a program has of them.
SHAPES = {
    **dict.fromkeys(("A", "B", "C"), "mn"),
    **dict.fromkeys(("P", "Q"), "nk"),
    **dict.fromkeys(("S", "R"), "nn"),
    **dict.fromkeys(("u", "v"), "m"),
    **dict.fromkeys(("x", "y"), "n"),
    **dict.fromkeys(("alpha", "beta"), ""),
}
INPUTS = ", ".join(f"{name}[{','.join(axes)}]" if axes else name for name, axes in SHAPES.items())
I4 = np.eye(4)


class Given:
    """An array of each name, columns as columns, to be written about as in Python."""

    def __init__(self) -> None:
        rng = np.random.default_rng(7)
        self.arrays = {
            name: rng.uniform(0.5, 1.5, [SIZES[letter] for letter in axes])
            for name, axes in SHAPES.items()
        }

    def __getattr__(self, name: str) -> Array:
        array: Array = self.arrays[name]
        return array[:, None] if array.ndim == 1 else array


GIVEN = Given()
E1, E2 = np.ones((3, 1)), np.ones((4, 1))

# A right side, and what NumPy has for it: two axes always, one of them 1 for a vector.
Table = list[tuple[str, Callable[[Any], Any]]]
PRODUCTS: Table = [
    ("A*P", lambda g: g.A @ g.P),
    ("A*P*Q'", lambda g: g.A @ g.P @ g.Q.T),
    ("A*(P*Q')", lambda g: g.A @ g.P @ g.Q.T),
    ("A*x", lambda g: g.A @ g.x),
    ("u'*A", lambda g: g.u.T @ g.A),
    ("u'*A*x", lambda g: g.u.T @ g.A @ g.x),
    ("x'*y", lambda g: g.x.T @ g.y),
    ("u*x'", lambda g: g.u @ g.x.T),
    ("u*x'*y", lambda g: g.u @ g.x.T @ g.y),
    ("x'*y*A", lambda g: (g.x.T @ g.y) * g.A),
    ("A*(x'*y)", lambda g: (g.x.T @ g.y) * g.A),
    ("A*x*u'*A", lambda g: g.A @ g.x @ g.u.T @ g.A),
    ("S^2", lambda g: g.S @ g.S),
    ("S^3*x", lambda g: g.S @ g.S @ g.S @ g.x),
    ("(S*R)^2", lambda g: g.S @ g.R @ g.S @ g.R),
    ("S^1", lambda g: g.S),
    ("-A*x", lambda g: -(g.A @ g.x)),
    ("A*-x", lambda g: -(g.A @ g.x)),
    ("A*alpha*P*beta", lambda g: g.alpha * g.beta * (g.A @ g.P)),
]
TURNS: Table = [
    ("A'", lambda g: g.A.T),
    ("A^T*B", lambda g: g.A.T @ g.B),
    ("(A*P)'", lambda g: (g.A @ g.P).T),
    ("(A + u)'", lambda g: (g.A + g.u).T),
    ("(A.*B)ᵀ*u", lambda g: (g.A * g.B).T @ g.u),
    ("exp(A)'", lambda g: np.exp(g.A).T),
    ("A''", lambda g: g.A),
    ("(x'*y)'", lambda g: g.x.T @ g.y),
    ("S'^2", lambda g: g.S.T @ g.S.T),
]
ENTRIES: Table = [
    ("A + B - C", lambda g: g.A + g.B - g.C),
    ("A - (B - C)", lambda g: g.A - (g.B - g.C)),
    ("-(A + u)", lambda g: -(g.A + g.u)),
    ("A.*B./C", lambda g: g.A * g.B / g.C),
    ("A⊙B⊘C", lambda g: g.A * g.B / g.C),
    ("A./(B.*C)", lambda g: g.A / (g.B * g.C)),
    ("A*P.*(B*Q)", lambda g: (g.A @ g.P) * (g.B @ g.Q)),
    ("A.^B", lambda g: g.A**g.B),
    ("A.^2", lambda g: g.A**2),
    ("2.^A", lambda g: 2**g.A),
    ("1./A", lambda g: 1 / g.A),
    ("A.^-0.5", lambda g: g.A**-0.5),
    ("A.^alpha", lambda g: g.A**g.alpha),
    ("alpha^2*A/beta", lambda g: g.alpha**2 * g.A / g.beta),
    ("alpha/beta/2", lambda g: g.alpha / g.beta / 2),
    ("alpha^-beta", lambda g: g.alpha**-g.beta),
    ("-alpha^2", lambda g: -(g.alpha**2)),
    ("pi*A", lambda g: np.pi * g.A),
    ("exp(A) + log(B)", lambda g: np.exp(g.A) + np.log(g.B)),
    ("sigmoid(A*x)", lambda g: 1 / (1 + np.exp(-g.A @ g.x))),
    ("sqrt(2)*A", lambda g: np.sqrt(2) * g.A),
    ("relu(A - 1)", lambda g: np.maximum(g.A - 1, 0)),
]
WIDENED: Table = [
    ("A + 1", lambda g: g.A + 1),
    ("alpha - A", lambda g: g.alpha - g.A),
    ("A + u", lambda g: g.A + g.u),
    ("A + x'", lambda g: g.A + g.x.T),
    ("x' + A.*u", lambda g: g.x.T + g.A * g.u),
    ("A*P + (x'*P)", lambda g: g.A @ g.P + g.x.T @ g.P),
    ("A./x'", lambda g: g.A / g.x.T),
    ("u.^A", lambda g: g.u**g.A),
    ("exp(A + u + x')", lambda g: np.exp(g.A + g.u + g.x.T)),
    ("sum(A + x',2)", lambda g: (g.A + g.x.T).sum(1, keepdims=True)),
    ("sum(u'*(A + 1))", lambda g: (g.u.T @ (g.A + 1)).sum()),
    ("tr(S + alpha)", lambda g: np.trace(g.S + g.alpha)),
]
CONSTANTS: Table = [
    ("S + I", lambda g: g.S + I4),
    ("S*I*x - 2*I*y", lambda g: g.S @ g.x - 2 * g.y),
    ("I*S*I", lambda g: g.S),
    ("tr(I*S)", lambda g: np.trace(g.S)),
    ("(S - 2*I)^2", lambda g: (g.S - 2 * I4) @ (g.S - 2 * I4)),
    ("exp(I).*S", lambda g: np.exp(I4) * g.S),
    ("A*𝟏", lambda g: g.A @ E2),
    ("𝟏'*A", lambda g: E1.T @ g.A),
    ("ones'*A*ones", lambda g: E1.T @ g.A @ E2),
    ("A + 𝟏*x'", lambda g: g.A + E1 @ g.x.T),
    ("A*𝟏*𝟏'*S", lambda g: g.A @ E2 @ E2.T @ g.S),
    ("exp(u*𝟏') + A", lambda g: np.exp(g.u @ E2.T) + g.A),
    ("x - 𝟏*(𝟏'*x)/(𝟏'*ones(n))", lambda g: g.x - g.x.mean()),
    ("ones(m)*x'", lambda g: E1 @ g.x.T),
    ("ones(m,n)", lambda g: np.ones((3, 4))),
    ("ones(M)'*ones(m)", lambda g: 3),
    ("eye(n)", lambda g: I4),
    ("1/n*x + N*x", lambda g: (1 / 4 + 4) * g.x),
]
FUNCTIONS: Table = [
    ("tr(S)", lambda g: np.trace(g.S)),
    ("trace(A*B')", lambda g: np.trace(g.A @ g.B.T)),
    ("tr(S*diag(x))*S", lambda g: np.trace(g.S @ np.diag(g.x[:, 0])) * g.S),
    ("diag(u)", lambda g: np.diag(g.u[:, 0])),
    ("diag(x')*P", lambda g: np.diag(g.x[:, 0]) @ g.P),
    ("diag(S)", lambda g: np.diag(g.S)[:, None]),
    ("diag(diag(S))", lambda g: np.diag(np.diag(g.S))),
    ("diag(A*B')", lambda g: np.diag(g.A @ g.B.T)[:, None]),
    ("diag(u)*A*diag(x)", lambda g: g.u * g.A * g.x.T),
    ("diag(x)*diag(y)", lambda g: np.diag((g.x * g.y)[:, 0])),
    ("diag(x)^2", lambda g: np.diag((g.x**2)[:, 0])),
    ("x'*diag(y)*x", lambda g: g.x.T @ (g.y * g.x)),
    ("exp(diag(x))", lambda g: np.exp(np.diag(g.x[:, 0]))),
    ("sum(x)", lambda g: g.x.sum()),
    ("sum(u'*A)", lambda g: (g.u.T @ g.A).sum()),
    ("sum(A,1)", lambda g: g.A.sum(0, keepdims=True)),
    ("sum(A,2)", lambda g: g.A.sum(1, keepdims=True)),
    ("A./sum(A,2)", lambda g: g.A / g.A.sum(1, keepdims=True)),
    ("A./sum(A,1)", lambda g: g.A / g.A.sum(0, keepdims=True)),
    ("mean(x)", lambda g: g.x.mean()),
    ("mean(A,1)", lambda g: g.A.mean(0, keepdims=True)),
    ("A - mean(A,2)", lambda g: g.A - g.A.mean(1, keepdims=True)),
    ("mean(mean(A,1))", lambda g: g.A.mean()),
    ("sum(x*y',1)", lambda g: (g.x @ g.y.T).sum(0, keepdims=True)),
    ("norm(x)", lambda g: np.linalg.norm(g.x)),
    ("norm(x')", lambda g: np.linalg.norm(g.x)),
    ("norm(A - u)", lambda g: np.linalg.norm(g.A - g.u)),
    ("norm(A*x - u)^2", lambda g: np.linalg.norm(g.A @ g.x - g.u) ** 2),
    ("norm(x).^2*norm(y)^3", lambda g: np.linalg.norm(g.x) ** 2 * np.linalg.norm(g.y) ** 3),
    ("x/norm(x)", lambda g: g.x / np.linalg.norm(g.x)),
    ("A:B", lambda g: (g.A * g.B).sum()),
    ("A:B*S + 2", lambda g: (g.A * (g.B @ g.S)).sum() + 2),
    ("x:y", lambda g: (g.x * g.y).sum()),
    ("-A*S:B", lambda g: -((g.A @ g.S) * g.B).sum()),
    ("exp(x)/sum(exp(x))", lambda g: np.exp(g.x) / np.exp(g.x).sum()),
]
STATEMENTS = [*PRODUCTS, *TURNS, *ENTRIES, *WIDENED, *CONSTANTS, *FUNCTIONS]


def value(program: Program, given: Given) -> Array:
    arrays = {access.name: given.arrays[access.name] for access in program.inputs}
    return list(evaluate_program(program, arrays).values())[-1]


@pytest.mark.parametrize(("right", "meant"), STATEMENTS, ids=[text for text, _ in STATEMENTS])
def test_a_statement_has_the_value_that_numpy_gives(
    right: str, meant: Callable[[Given], Any]
) -> None:
    found = value(read(f"f({INPUTS}) -> Z; Z = {right}"), GIVEN)
    wanted = np.asarray(meant(GIVEN), dtype=float)
    assert found.shape == tuple(length for length in wanted.shape if length != 1)
    assert_allclose(found, wanted.reshape(found.shape), rtol=1e-12)


def test_no_two_sizes_of_the_values_are_equal() -> None:
    assert len(set(SIZES.values())) == len(SIZES)


# How a statement is read, with indices


@pytest.mark.parametrize(
    ("text", "signature", "statements"),
    [
        (
            "Y = A*B' + diag(v)",
            "f(A[m,n], B[m,n], v[m]) -> Y",
            "Y[m,k] = A[m,n]*B[k,n] + delta[m,k]*v[m]",
        ),
        ("y = x'*A*x", "f(x[m], A[m,m]) -> y", "y = x[m]*A[m,n]*x[n]"),
        ("Y = X*W + b'", "f(X[m,n], W[n,k], b[k]) -> Y", "Y[m,k] = X[m,n]*W[n,k] + 1[m]*b[k]"),
        ("l = norm(y)^2", "f(y[m]) -> l", "l = sum[m](y[m]^2)"),
        ("Y = A*I*B", "f(A[m,n], B[n,k]) -> Y", "Y[m,k] = A[m,n]*B[n,k]"),
        ("r = x'*A; y = r*z", "f(x[m], A[m,n], z[n]) -> y", "r[n] = x[m]*A[m,n]\ny = r[n]*z[n]"),
        ("Y = α*A/γ1", "f(alpha, A[m,n], gamma1) -> Y", "Y[m,n] = alpha*A[m,n]/gamma1"),
        # Letters are none that are names, nor those of sizes that are.
        ("m = n'*K*n", "f(n[l], K[l,l]) -> m", "m = n[l]*K[l,h]*n[h]"),
        # A letter says of what size its axis is, wherever it can.
        ("f(A[p,q], B[q,p]) -> Y; Y = A*B", "f(A[p,q], B[q,p]) -> Y", "Y[p,m] = A[p,q]*B[q,m]"),
        (
            "pointwise act; Y = act(A, x)",
            "pointwise act\nf(A[m,n], x[m]) -> Y",
            "Y[m,n] = act(A[m,n], x[m])",
        ),
    ],
)
def test_a_text_is_read_as(text: str, signature: str, statements: str) -> None:
    assert source(read(text)) == f"{signature}\n{statements}\n"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Y = A^T*B", "Y = A'*B"),
        ("Y = A.'*B", "Y = A'*B"),
        ("Y = Aᵀ*B⊤'", "Y = A'*B"),
        ("y = A*𝟏 + A*A'*𝟙", "y = A*ones + A*A'*ones"),
        ("Y = A ⊙ B ⊘ C", "Y = A.*B./C"),
        ("# Said.\n\nY = A*B  # and said\nZ = Y';", "# Said.\nY=A*B;Z=Y'"),
        ("Y = (A +\n  B)", "Y = A + B"),
        ("Y += A*B; Y += C", "Y = A*B + C"),
        ("l = norm(A)^2", "l = norm(A).^2"),
        ("y = mean(x)*2", "y = mean(x')*2"),
        ("Y = 1.*A + 1./A", "Y = 1 .* A + 1 ./ A"),
        ("y = (((x)))", "y = x"),
    ],
)
def test_two_spellings_are_one_program(text: str, other: str) -> None:
    one, two = read(text), read(other)
    assert [key(e.right) for e in one.equations] == [key(e.right) for e in two.equations]
    assert (one.inputs, one.description) == (two.inputs, two.description)


def test_names_say_what_they_are_where_no_signature_does() -> None:
    program = read("y = W_1*x2*lambda + eps*Gamma_x*b.*c")
    orders = {access.name: len(access.indices) for access in program.inputs}
    assert orders == {"W_1": 2, "x2": 1, "lambda": 0, "eps": 0, "Gamma_x": 2, "b": 1, "c": 1}


@pytest.mark.parametrize(
    "text",
    [
        "y = 2*x",
        "y = alpha*x",
        "y = x + 1",
        "y = x/norm(x)",
        "y = x - mean(x)",
        "y = (x'*x)*x",
        "z = x - mean(x); y = g.*z/norm(z) + b",
        "y = exp(-norm(x - z)^2)*(x - z)",
        "y = w'*x*𝟏 + b",
        "y = A*x + c*norm(x)",
        "s = w'*x; y = s + b; l = norm(b)",
        "y = w'*x + b'",
    ],
)
def test_a_small_letter_is_a_column_beside_a_scalar_where_its_length_is_plain(text: str) -> None:
    assert len(read(text).tensors["y"]) == 1


def test_what_is_added_widens_to_the_name() -> None:
    program = read(f"f({INPUTS}) -> Z; Z = A; Z += u; Z += 2*x'")
    assert_allclose(value(program, GIVEN), GIVEN.A + GIVEN.u + 2 * GIVEN.x.T)


def test_a_size_that_one_column_of_ones_has_is_that_of_another_axis() -> None:
    program = read("f(A[m,n], x[n]) -> Z, s; Z = ones(m)*x'; s = ones(m)'*ones(m)")
    assert [str(size.symbol) for size in program.sizes] == ["M", "N"]
    assert source(program).splitlines()[0] == "f(A[m,n], x[n]) -> Z, s"
    found = evaluate_program(program, {"A": np.ones((2, 3)), "x": np.arange(3.0)})
    assert_allclose(found["Z"], [[0, 1, 2], [0, 1, 2]])
    assert found["s"] == 2


# Where it can be used


def test_a_derivation_of_a_text() -> None:
    derivation = ic.from_matrix("y = x'*A*x", wrt=["x"])
    assert derivation.wrt == ("x",)
    assert str(derivation.matrix("x")) == "∂l/∂x = (A + Aᵀ) x"
    assert derivation.check().verdict.value == "verified"


def test_emitted_code_says_what_makes_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    text = ic.from_matrix("l = norm(A*x - b)^2").emit()
    again = "f(A[m,n], x[n], b[m]) -> l; l = sum[m]((A[m,n]*x[n] - b[m])^2)"
    assert f"derive '{again}' --emit numpy" in text
    assert main([again, "--emit", "numpy"]) == 0
    assert capsys.readouterr().out == text


@pytest.mark.parametrize(
    "options", [["--read"], ["--steps", "none"], ["--matrix"], ["--emit", "plan"]]
)
def test_the_command_reads_files_and_texts(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = []
    for text, option in (("Y = A*B", ["--from-matrix"]), ("Y[m,k] = A[m,n]*B[n,k]", [])):
        path = tmp_path / "mine.idx"
        path.write_text(f"# Mine.\n{text}\n", encoding="utf-8")
        assert main([*option, str(path), *options]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert "mine(A" in shown[0]


def test_other_things_than_texts_are_refused() -> None:
    with pytest.raises(TypeError, match="a program is given as a str, not as int"):
        ic.from_matrix(3)


# The table of the rulebook: with indices, in matrix notation, in NumPy.

TABLE: list[tuple[str, str, str, Callable[[Any], Any]]] = [
    ("addition", "Y[i,j] = A[i,j] + B[i,j]", "Y = A + B", lambda g: g.A + g.B),
    ("transpose", "Y[i,j] = A[j,i]", "Y = A'", lambda g: g.A.T),
    ("trace", "Y = S[i,i]", "Y = tr(S)", lambda g: np.trace(g.S)),
    ("scalar-matrix", "Y[i,j] = alpha*A[i,j]", "Y = alpha*A", lambda g: g.alpha * g.A),
    ("matrix product", "Y[i,j] = A[i,k]*P[k,j]", "Y = A*P", lambda g: g.A @ g.P),
    ("Hadamard", "Y[i,j] = A[i,j]*B[i,j]", "Y = A .* B", lambda g: g.A * g.B),
    ("outer product", "Y[i,j] = u[i]*x[j]", "Y = u*x'", lambda g: g.u @ g.x.T),
    ("dot product", "Y = x[i]*y[i]", "Y = x'*y", lambda g: g.x.T @ g.y),
    ("Euclidean norm", "Y = sqrt(x[i]*x[i])", "Y = norm(x)", lambda g: np.linalg.norm(g.x)),
]


@pytest.mark.parametrize(("indices", "matrices", "meant"), [row[1:] for row in TABLE])
def test_the_nine_rows_both_ways(
    indices: str, matrices: str, meant: Callable[[Given], Any]
) -> None:
    for program in (read(matrices), read_indices(indices)):
        assert written(program) == matrices
        found = value(program, GIVEN)
        assert_allclose(found, np.reshape(meant(GIVEN), found.shape))


def written(program: Program) -> str:
    """The one definition of a program in matrix notation, as text."""
    notation = Derivation(program, ())._notation("column")
    (equation,) = notation.definitions
    form = notation.of(equation)
    assert isinstance(form, Form)
    return f"{spell(form.left, 'text')} = {spell(form.matrix, 'text')}"
