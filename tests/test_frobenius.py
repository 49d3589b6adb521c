"""Gradients by differentials: chains as they are written by hand, and the value of every line."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sympy import Basic

import indexcalc as ic
from indexcalc.cli import main
from indexcalc.derivation import Derivation
from indexcalc.errors import IndexcalcError
from indexcalc.expr.evaluate import evaluate_program
from indexcalc.expr.names import adjoint_name
from indexcalc.expr.nodes import Add, Mul
from indexcalc.expr.printing import spell
from indexcalc.expr.rewrite import Trace
from indexcalc.expr.world import Array, world_of
from indexcalc.forms.differential import differential_name
from indexcalc.forms.entries import Entry
from indexcalc.forms.frobenius.deriving import with_indices
from indexcalc.forms.values import Arrays
from indexcalc.proof import agreement
from indexcalc.proof.agreement import agreed
from indexcalc.proof.report import Verdict
from tests import oracle
from tests.fuzz.programs import case
from tests.pages import lines, remarks, shown
from tests.points import BUNDLED, Point, bundled

SQUARES = "y[d,n] = w[d,c]*x[c,n]; l = y[d,n]*y[d,n]"
# Of order 3.
NO_MATRICES = {"swap_rule", "tcl"}
MATRICES = [name for name in BUNDLED if name not in NO_MATRICES]


def chain(trace: Trace) -> list[str]:
    return [spell(line.expr, "unicode") for line in trace.lines()]


def gradients(derivation: Derivation) -> dict[str, str]:
    found = derivation.frobenius.gradients
    return {tensor.name: spell(matrix, "unicode") for tensor, matrix in found.items()}


# As it is written by hand


@pytest.mark.parametrize(
    ("wrt", "expected"),
    [
        (
            ("w", "x"),
            ["dl", "2 Y : dY", "2 Y : (dW X + W dX)", "2 Y Xᵀ : dW + 2 Wᵀ Y : dX"],
        ),
        # X is constant, and then W is.
        (("w",), ["dl", "2 Y : dY", "2 Y : dW X", "2 Y Xᵀ : dW"]),
        (("x",), ["dl", "2 Y : dY", "2 Y : W dX", "2 Wᵀ Y : dX"]),
    ],
)
def test_the_chain_of_003(wrt: tuple[str, ...], expected: list[str]) -> None:
    assert chain(ic.derive(SQUARES, wrt=wrt).frobenius.trace) == expected


def test_each_line_says_why() -> None:
    whys = [line.whys for line in ic.derive(SQUARES).frobenius.trace.lines()]
    assert ["".join(map(shown, why)) for why in whys] == [
        "", "dl put in", "dY put in", "factors moved",
    ]  # fmt: skip


def test_a_norm_that_is_not_squared() -> None:
    assert chain(ic.derive("frobenius_linear").frobenius.trace)[1:] == [
        "Y/‖Y‖_F : dY",
        "Y/‖Y‖_F : (dW X + W dX)",
        "Y Xᵀ/‖Y‖_F : dW + Wᵀ Y/‖Y‖_F : dX",
    ]


def test_the_total_derivative_of_003() -> None:
    """W = X Xᵀ, so that X changes l in three places."""
    assert chain(ic.derive("frobenius").frobenius.trace)[4:] == [
        "Y Xᵀ/‖Y‖_F : (dX Xᵀ + X dXᵀ) + Wᵀ Y/‖Y‖_F : dX",
        "Y Xᵀ X/‖Y‖_F : dX + Xᵀ Y Xᵀ/‖Y‖_F : dXᵀ + Wᵀ Y/‖Y‖_F : dX",
        "Y Xᵀ X/‖Y‖_F : dX + X Yᵀ X/‖Y‖_F : dX + Wᵀ Y/‖Y‖_F : dX",
        "(Y Xᵀ X/‖Y‖_F + X Yᵀ X/‖Y‖_F + Wᵀ Y/‖Y‖_F) : dX",
        "((Y Xᵀ + X Yᵀ) X + Wᵀ Y)/‖Y‖_F : dX",
    ]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("matmul", {"x": "G Aᵀ", "a": "Xᵀ G"}),
        ("linear", {"x": "G W", "w": "Gᵀ X", "b": "Gᵀ𝟏"}),
        ("matrix_factorization", {"r": "2 E", "u": "-2 E V", "v": "-2 Eᵀ U"}),
        ("mean_squared_error", {"x": "(2/N) e wᵀ", "w": "(2/N) Xᵀ e", "t": "-(2/N) e"}),
        ("quadratic_form", {"x": "(A + Aᵀ) x", "a": "x xᵀ"}),
        ("bilinear", {"u": "A v", "a": "u vᵀ", "v": "Aᵀ u"}),
        ("outer_product", {"u": "G v", "v": "Gᵀ u"}),
        ("trace", {"a": "𝐈"}),
        (
            "rmsnorm",
            {
                "x": "-(1/H) diag((((G diag(γ)) ⊙ X)𝟏) ⊘ r^⊙3) X + diag(r)⁻¹ G diag(γ)",
                "gamma": "((Xᵀ diag(r)⁻¹) ⊙ Gᵀ)𝟏",
            },
        ),
        ("l = x[i,j]*a[j,k]*b[k,i]", {"x": "Bᵀ Aᵀ", "a": "Xᵀ Bᵀ", "b": "Aᵀ Xᵀ"}),
        ("diagonal", {"a": "diag(G ⊙ b)", "b": "G ⊙ diag(A)"}),
        ("nested", {"x": "G ⊙ f′(g(h(x))) ⊙ g′(h(x)) ⊙ h′(x)"}),
        ("y = 3*c + c*s", {"c": "3 + s", "s": "c"}),
        ("l = a[i,j]*a[j,k]*a[k,i]", {"a": "3 Aᵀ Aᵀ"}),
        ("l = a[i,j]*a[i,j]*a[i,j]*a[i,j]", {"a": "4 A^⊙3"}),
        ("y[i] = sign(x[i])*a[i]", {"x": "0", "a": "G ⊙ sign(x)"}),
        # Two outputs.
        (
            "y[i,j] = u[i]*a[i,j]; z[i] = a[i,j]*v[j]",
            {"u": "(G1 ⊙ A)𝟏", "a": "diag(u) G1 + G2 vᵀ", "v": "Aᵀ G2"},
        ),
    ],
)
def test_gradients_are_read_off(program: str, expected: dict[str, str]) -> None:
    assert gradients(ic.derive(program)) == expected


def test_what_is_asked_for_has_a_name() -> None:
    """∂l/∂E too, and the gradients after it are in terms of it."""
    derivation = ic.derive("matrix_factorization", wrt=("e", "u"))
    assert gradients(derivation) == {"e": "2 E", "u": "-(∂l/∂E) V"}
    assert chain(derivation.frobenius.trace)[-1] == "-(∂l/∂E) V : dU"


def test_a_chain_may_end_in_a_definition() -> None:
    derivation = ic.derive("layernorm", wrt=("sigma",))
    assert chain(derivation.frobenius.trace)[-1] == "∂l/∂σ : dσ"
    assert gradients(derivation) == {"sigma": "-(((G diag(γ)) ⊙ μ)𝟏) ⊘ σ^⊙2"}


def test_a_long_gradient_is_not_written_again_in_each_term() -> None:
    """Of a network of any depth; its chain grows with its depth, not with the ways through it."""
    found = gradients(ic.derive("mlp:4"))
    assert found["a4"] == "G ⊙ (𝟏𝟏ᵀ - Y^⊙2)"
    for layer in (1, 2, 3):
        after, given = f"∂l/∂A{layer + 1}", f"X{layer + 1}"
        assert found[f"a{layer}"] == f"(({after}) W{layer + 1}ᵀ) ⊙ (𝟏𝟏ᵀ - {given}^⊙2)"
        assert found[f"w{layer + 1}"] == f"{given}ᵀ ({after})"
        assert found[f"b{layer + 1}"] == f"({after})ᵀ𝟏"


# What each line is worth


@cache
def world(name: str) -> tuple[Derivation, Point, Arrays]:
    """A program at a point, and how each of its tensors changes there: inputs at random, and what
    is made of them by differences of the program."""
    derivation, point = bundled(name)
    given = world_of(point.program, point.values)
    random = np.random.default_rng(1)
    inputs = {access.name: given.arrays[access.name] for access in point.program.inputs}
    moves = {key: random.normal(size=np.shape(array)) for key, array in inputs.items()}

    def made(step: float) -> dict[str, Array]:
        moved = {key: inputs[key] + step * move for key, move in moves.items()}
        return evaluate_program(point.program, {**point.values, **moved})

    step = 1e-3
    points = {count: made(count * step) for count in (-2, -1, 1, 2)}
    for key in point.made():
        far, near = (points[n][key] - points[-n][key] for n in (2, 1))
        moves[key] = np.asarray((8 * near - far) / (12 * step))
    arrays = {**given.arrays, **point.made()}
    arrays |= {differential_name(key): move for key, move in moves.items()}
    backprop = derivation.found.backprop
    arrays |= {seed: point.upstream[key] for key, seed in backprop.upstream.items()}
    for tensor in derivation.frobenius.gradients:
        arrays[adjoint_name(backprop.loss, tensor.name)] = point.differences(tensor.name)
    return derivation, point, Arrays(arrays, given.numbers, {**given.functions, **point.slopes})


def value(expr: Basic, arrays: Arrays) -> Array:
    """A sum of matrices, each of one entry."""
    entries = expr.parts if isinstance(expr, Add) else (expr,)
    matrices = [entry.matrix for entry in entries if isinstance(entry, Entry)]
    return np.asarray(sum(arrays.value(matrix) for matrix in matrices))


@pytest.mark.parametrize("name", MATRICES)
def test_every_line_is_how_the_loss_changes(name: str) -> None:
    """Σ G : dY, of which nothing was derived."""
    derivation, point, arrays = world(name)
    change = sum(
        (seed * arrays.arrays[differential_name(key)]).sum() for key, seed in point.upstream.items()
    )
    for line in derivation.frobenius.trace.lines(every=True):
        assert_allclose(value(line.expr, arrays), [[change]], rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("name", MATRICES)
def test_every_line_is_how_a_definition_changes(name: str) -> None:
    derivation, _, arrays = world(name)
    for change in derivation.frobenius.changes:
        moved = arrays.arrays[differential_name(change.left.name)]
        for line in change.trace.lines(every=True):
            shape = arrays.shape(change.left)
            assert_allclose(value(line.expr, arrays), moved.reshape(shape), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("name", MATRICES)
def test_the_gradients_are_those_of_differences(name: str) -> None:
    derivation, _, arrays = world(name)
    loss = derivation.found.backprop.loss
    for tensor, matrix in derivation.frobenius.gradients.items():
        slope = arrays.arrays[adjoint_name(loss, tensor.name)]
        assert matrix.shape == tensor.shape
        assert_allclose(
            arrays.value(matrix), slope.reshape(arrays.shape(tensor)), rtol=1e-7, atol=1e-8
        )


@pytest.mark.parametrize("name", MATRICES)
def test_the_gradients_are_those_found_with_indices(name: str) -> None:
    derivation, *_ = world(name)
    report = derivation.check_frobenius()
    assert report
    assert [row.name for row in report.rows] == list(derivation.wrt)


@pytest.mark.parametrize(("seed", "number"), [(1, 21), (1, 46), (3, 27), (4, 12), (4, 120)])
def test_random_programs_of_matrices(seed: int, number: int) -> None:
    derivation = ic.derive(oracle.text(case(seed, number).program))
    assert derivation.frobenius.changes
    assert derivation.check_frobenius()


def test_a_wrong_gradient_is_not_said_to_agree() -> None:
    derivation = ic.derive("layernorm")
    other = with_indices(derivation.found, derivation.frobenius)
    for name in derivation.wrt:
        wrong = {**other.results, name: Mul(2, other.results[name])}
        report = agreed(derivation.program, derivation.found, replace(other, results=wrong))
        verdicts = {row.name: row.verdict for row in report.rows}
        assert verdicts.pop(name) is Verdict.WRONG
        assert set(verdicts.values()) == {Verdict.VERIFIED}


def test_what_has_no_value_is_not_said_to_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "TRIES", 1)
    report = ic.derive("y[i] = log(-x[i]^2 - 1)").check_frobenius()
    assert report.verdict is Verdict.UNDECIDED


# What has no matrices


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("tcl", "tcl is not made of matrices alone: x_ijk has more than two indices"),
        ("swap_rule", "swap_rule is not made of matrices alone: a_hik has more than two indices"),
        ("m = max[i](c[i]); y[j] = m*x[j]", "max_i(c_i) is a max, which matrices have no sign for"),
    ],
)
def test_what_is_not_made_of_matrices_is_refused(program: str, why: str) -> None:
    with pytest.raises(IndexcalcError) as caught:
        ic.derive(program, wrt=None if "max" not in program else "x").page(notation="frobenius")
    assert caught.value.code == "IC702"
    assert why in str(caught.value)
    assert "hint: the notations einstein and sum have indices" in str(caught.value)


# Pages


def test_the_page_ends_in_the_gradients() -> None:
    derivation = ic.derive(SQUARES)
    page = derivation.page(notation="frobenius")
    told = [
        (spell(row.left, "unicode") if row.left else "", spell(row.right, "unicode"))
        for row in lines(page)
    ]
    assert told[:2] == [("Y", "W X"), ("l", "‖Y‖_F²")]
    assert ("dY", "d(W X)") in told
    assert told[-2:] == [("∂l/∂W", "2 Y Xᵀ"), ("∂l/∂X", "2 Wᵀ Y")]
    assert lines(derivation.page("none", "frobenius")) == lines(page)[:2] + lines(page)[-2:]


def test_a_long_way_to_a_differential_is_left_out() -> None:
    page = ic.derive("layernorm_inline").page(notation="frobenius")
    assert "after 12 steps" in {shown(why) for row in lines(page) for why in row.why}


def test_nothing_to_differentiate_by() -> None:
    page = ic.derive("matmul", wrt=()).page(notation="frobenius")
    assert remarks(page)[-1] == "There is no tensor to differentiate by."


# The command


def test_the_command_prints_the_chain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([SQUARES, "--notation", "frobenius"]) == 0
    printed = capsys.readouterr().out
    assert (
        "  dl = 2 Y : dY                                       dl put in\n"
        "     = 2 Y : (dW X + W dX)                            dY put in\n"
        "     = 2 Y Xᵀ : dW + 2 Wᵀ Y : dX                      factors moved\n"
    ) in printed
    assert [line.split() for line in printed.splitlines() if " indices " in line] == [
        ["w", "6", "indices", "0.0e+00", "1.0e-09", "verified"],
        ["x", "8", "indices", "0.0e+00", "1.0e-09", "verified"],
    ]
    assert max(map(len, printed.splitlines())) <= 80


@pytest.mark.parametrize("option", ["--jacobian", "--check-steps"])
def test_what_has_indices_has_no_part_in_it(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["matmul", "--notation", "frobenius", option]) == 2
    assert capsys.readouterr().err == (
        f"error IC205: {option} is for derivations with indices, and "
        "--notation frobenius has none\n"
        f"hint: leave out --notation or {option}\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "f(x[i], dx[i]) -> l; l = x[i]*dx[i]",
            "dx is a name here, and would be read as the change of x",
        ),
        ("d[i] = A[i,i]; l = d[i]*x[i]", "d is a name here, and would be read as a change"),
        ("f(x[i,k], dX) -> l; l = dX*x[i,k]^2*1[i,k]", "dX is a name here"),
    ],
)
def test_names_that_would_be_changes_are_refused(text: str, said: str) -> None:
    with pytest.raises(IndexcalcError, match=said):
        ic.derive(text).text(notation="frobenius")
