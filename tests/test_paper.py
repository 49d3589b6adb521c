"""The paper on tensor contraction layers, equation by equation, to the letter and in values.

Values are held to np.kron and einsum, slopes to PyTorch. Modes count from 1 here, from 0 in the
paper's text; by rows the order of each Kronecker product is the other way round.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

import indexcalc as ic
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.world import World
from indexcalc.forms.matrices import Matrix
from indexcalc.forms.notation import Notation
from indexcalc.forms.outward import Form
from indexcalc.forms.slopes import Slope
from indexcalc.forms.tensors import Tensor
from indexcalc.forms.values import Arrays
from tests.contraction import NEW, OLD, Layer
from tests.stacking import kronecker, permutation, slope_matrix, stacked, unfolded

Array = NDArray[np.float64]

BOTH = ["column", "row"]
LOWERED = "₀₁₂₃₄₅₆₇₈₉"

in_both = pytest.mark.parametrize("by", BOTH)
of_every_order = pytest.mark.parametrize("order", range(2, 7))
# Order and mode, which counts from 1 as it is printed.
of_every_mode = pytest.mark.parametrize(
    ("order", "mode"), [(order, mode) for order in range(2, 7) for mode in range(1, order + 1)]
)


def written(form: Form) -> str:
    """Without its convention, which is said once."""
    said, _, equation = str(form).rpartition("s: ")
    assert said == (f"by {form.by}" if form.by else "")
    return equation or str(form)


@cache
def notation(order: int, by: str) -> Notation:
    found: Notation = ic.derive(f"tcl:{order}")._notation(by)
    return found


def slope_of(order: int, wrt: str, by: str) -> Slope:
    return notation(order, by).slopes.of("y", wrt)


def forms_of(order: int, by: str) -> tuple[Form, ...]:
    found = notation(order, by).every(notation(order, by).definitions[0])
    return tuple(form for form in found if isinstance(form, Form))


@cache
def world(order: int) -> World:
    arrays = Layer(order).arrays
    tensors = notation(order, "row").program.tensors.items()
    pairs = (zip(indices, arrays[name].shape, strict=True) for name, indices in tensors)
    lengths = {index.size: float(length) for pair in pairs for index, length in pair}
    return World(arrays, lengths, {})


def value(matrix: Matrix | Tensor, order: int) -> Array:
    """As a form has it."""
    where = world(order)
    return np.asarray(Arrays(where.arrays, where.numbers).value(matrix))


def lowered(mode: int) -> str:
    return LOWERED[mode]


def others(order: int, mode: int, by: str) -> list[int]:
    """All modes but one, in the order of the Kronecker product: the last first by columns."""
    kept = [n for n in range(1, order + 1) if n != mode]
    return kept[::-1] if by == "column" else kept


def around(order: int, mode: int, by: str) -> str:
    """V4 ⊗ V3 ⊗ V1, alone V2"""
    return " ⊗ ".join(f"V{n}" for n in others(order, mode, by))


def around_value(order: int, mode: int, by: str) -> Array:
    matrices = Layer(order).matrices
    return kronecker(matrices[n - 1] for n in others(order, mode, by))


def bracketed(text: str) -> str:
    return f"({text})" if " " in text else text


# Equations 17 and 18: the layer unfolded along each mode


@in_both
@pytest.mark.parametrize("order", range(3, 7))
def test_equation_18_to_the_letter(order: int, by: str) -> None:
    first, *rest = map(written, forms_of(order, by))
    assert first == "Y = X" + "".join(f" ×{lowered(n)} V{n}" for n in range(1, order + 1))
    assert rest == [
        f"Y₍{lowered(n)}₎ = V{n} X₍{lowered(n)}₎ ({around(order, n, by)})ᵀ"
        for n in range(1, order + 1)
    ]


@in_both
def test_equation_23_to_the_letter(by: str) -> None:
    """The layer of order 3 along its last mode."""
    shown = {"column": "Y₍₃₎ = V3 X₍₃₎ (V2 ⊗ V1)ᵀ", "row": "Y₍₃₎ = V3 X₍₃₎ (V1 ⊗ V2)ᵀ"}
    assert written(forms_of(3, by)[3]) == shown[by]
    assert "Y₍₂₎ = V2 X₍₂₎ (V3 ⊗ V1)ᵀ" in map(written, forms_of(3, "column"))


@in_both
def test_of_order_2_it_is_a_product_of_matrices(by: str) -> None:
    assert [written(form) for form in forms_of(2, by)] == ["Y = V1 X V2ᵀ"]


@in_both
@of_every_mode
def test_equation_18_in_values(order: int, mode: int, by: str) -> None:
    layer = Layer(order)
    x, y = (unfolded(layer.arrays[name], mode - 1, by) for name in "xy")
    right = layer.matrices[mode - 1] @ x @ around_value(order, mode, by).T
    assert_allclose(right, y, rtol=1e-10, atol=1e-12)
    if order > 2:
        form = forms_of(order, by)[mode]
        assert_allclose(value(form.matrix, order), y, rtol=1e-10, atol=1e-12)
        assert_allclose(value(form.left, order), y)


@in_both
@pytest.mark.parametrize("order", range(3, 7))
def test_the_other_order_of_the_factors_is_another_matrix(order: int, by: str) -> None:
    other = BOTH[by == "column"]
    for mode in range(1, order + 1):
        right = value(forms_of(order, other)[mode].matrix, order)
        same = np.allclose(right, unfolded(Layer(order).arrays["y"], mode - 1, by))
        # One mode besides that is longer than 1 has one order.
        long = [n for n in others(order, mode, by) if OLD[n - 1] * NEW[n - 1] > 1]
        assert same == (len(long) < 2)


# Equation 19: by the tensor


@in_both
@of_every_order
def test_equation_19(order: int, by: str) -> None:
    """∂vec(Y₍ₙ₎)/∂vec(X₍ₙ₎) along the last mode, and of the tensors as they are."""
    every = [f"V{n}" for n in (range(order, 0, -1) if by == "column" else range(1, order + 1))]
    slope = slope_of(order, "x", by)
    wanted = [f"∂vec(Y)/∂vec(X) = {' ⊗ '.join(every)}"]
    modes = [(0, 0)]
    if order > 2:
        last, name = f"V{order}", f"₍{lowered(order)}₎"
        kept = [one for one in every if one != last]
        shown = [*kept, last] if by == "column" else [last, *kept]
        wanted.append(f"∂vec(Y{name})/∂vec(X{name}) = {' ⊗ '.join(shown)}")
        modes.append((order - 1, order - 1))
    assert [written(form) for form in slope.forms] == wanted
    for form, pair in zip(slope.forms, modes, strict=True):
        expected = slope_matrix(Layer(order).slope("x"), order, pair, by)
        assert_allclose(value(form.matrix, order), expected, rtol=1e-10, atol=1e-12)


# Equations 22 and 34 to 36: by a matrix, along its mode


@in_both
@of_every_mode
def test_equation_22(order: int, mode: int, by: str) -> None:
    slope = slope_of(order, f"v{mode}", by)
    first = slope.forms[0]
    name = f"₍{lowered(mode)}₎"
    if order == 2:
        inner = "V2 Xᵀ" if mode == 1 else "V1 X"
        above = "Y" if mode == 1 else "Yᵀ"
    else:
        inner = f"{bracketed(around(order, mode, by))} X{name}ᵀ"
        above = "Y" if mode == 1 else f"Y{name}"
    identity = f"𝐈_{'ABCDEF'[mode - 1]}"
    right = f"{inner} ⊗ {identity}" if by == "column" else f"{identity} ⊗ {inner}"
    assert written(first) == f"∂vec({above})/∂vec(V{mode}) = {right}"
    x, v = unfolded(Layer(order).arrays["x"], mode - 1, by), Layer(order).matrices[mode - 1]
    product, ones = around_value(order, mode, by) @ x.T, np.eye(len(v))
    by_hand = np.kron(product, ones) if by == "column" else np.kron(ones, product)
    expected = slope_matrix(Layer(order).slope(f"v{mode}"), order, (mode - 1, 0), by)
    assert_allclose(by_hand, expected, rtol=1e-10, atol=1e-12)
    assert_allclose(value(first.matrix, order), expected, rtol=1e-10, atol=1e-12)


def test_equations_34_to_36_to_the_letter() -> None:
    assert [written(slope_of(3, f"v{n}", "column").forms[0]) for n in (1, 2, 3)] == [
        "∂vec(Y)/∂vec(V1) = (V3 ⊗ V2) X₍₁₎ᵀ ⊗ 𝐈_A",
        "∂vec(Y₍₂₎)/∂vec(V2) = (V3 ⊗ V1) X₍₂₎ᵀ ⊗ 𝐈_B",
        "∂vec(Y₍₃₎)/∂vec(V3) = (V2 ⊗ V1) X₍₃₎ᵀ ⊗ 𝐈_C",
    ]


# Equations 20 and 21: the rows of another unfolding, where the transpose is missing


def reordered(order: int, mode: int, by: str) -> dict[int, Form]:
    """The forms after the first, each by the mode that its rows are along."""
    found = {}
    for form in slope_of(order, f"v{mode}", by).forms[1:]:
        rows = written(form).partition(")/")[0].removeprefix("∂vec(Y")
        found[LOWERED.index(rows.strip("₍₎")) if rows else 1] = form
    return found


@in_both
@of_every_mode
def test_equation_20_with_the_transpose(order: int, mode: int, by: str) -> None:
    slope, found = slope_of(order, f"v{mode}", by), reordered(order, mode, by)
    # Of a matrix with rows as it has them, of a tensor also as its unfolding along the last mode.
    last = 1 if order == 2 else order
    assert set(found) == {last, 1} - {mode}
    inner = slope.forms[0].spelled("unicode").partition(" = ")[2]
    for to, form in found.items():
        p = f"P{lowered(mode)}{lowered(to)}"
        assert form.spelled("unicode").partition(" = ")[2] == f"{p}ᵀ ({inner})"
        expected = slope_matrix(Layer(order).slope(f"v{mode}"), order, (to - 1, 0), by)
        assert_allclose(value(form.matrix, order), expected, rtol=1e-10, atol=1e-12)


@in_both
@of_every_mode
def test_equation_21_and_equation_20_as_it_is_printed(order: int, mode: int, by: str) -> None:
    """vec(Y₍ₙ₎) = P vec(Y₍ₘ₎) holds, and P without its transpose is wrong but where Pᵀ is P."""
    y = Layer(order).arrays["y"]
    own = value(slope_of(order, f"v{mode}", by).forms[0].matrix, order)
    for to, form in reordered(order, mode, by).items():
        p = permutation(y.shape, mode - 1, to - 1, by)
        assert_allclose(p @ stacked(y, to - 1, by), stacked(y, mode - 1, by))
        right = value(form.matrix, order)
        assert_allclose(right, p.T @ own, rtol=1e-10, atol=1e-12)
        assert np.allclose(right, p @ own) == bool((p == p.T).all())


def test_the_transpose_makes_a_difference_in_the_layer_of_the_paper() -> None:
    for mode in (1, 2):
        p = permutation(Layer(3).arrays["y"].shape, mode - 1, 2, "column")
        assert not (p == p.T).all()


@in_both
@pytest.mark.parametrize("wrt", ["x", "v1", "v2", "v3", "v4"])
def test_every_line_of_every_way_is_the_jacobian(wrt: str, by: str) -> None:
    for form in slope_of(4, wrt, by).forms:
        names = [str(place) for place in form.entry.indices]
        # The axes of a value come by the names of indices.
        expected = value(form.matrix, 4).transpose(np.argsort(names))
        for line in form.trace.lines(every=True):
            assert_allclose(evaluate(line.expr, world(4)), expected, rtol=1e-10, atol=1e-12)


# Equation 37: gradients from Jacobians


@in_both
@of_every_order
def test_equation_37(order: int, by: str) -> None:
    """vec(∂l/∂V) = (∂vec(Y)/∂vec(V))ᵀ vec(∂l/∂Y), for a random ∂l/∂Y."""
    for wrt in ("x", *(f"v{n}" for n in range(1, order + 1))):
        (form,) = notation(order, by).pulled(wrt)
        mode = 0 if wrt == "x" else int(wrt[1:]) - 1
        given = "G" if mode == 0 else "Gᵀ" if order == 2 else f"G₍{lowered(mode + 1)}₎"
        assert written(form).startswith(f"vec(∂l/∂{wrt.upper()}) = ")
        assert written(form).endswith(f" vec({given})")
        expected = stacked(Layer(order).gradient(wrt), 0, by)
        assert_allclose(value(form.matrix, order)[:, 0], expected, rtol=1e-10, atol=1e-12)


@in_both
@pytest.mark.parametrize("order", range(3, 7))
def test_gradients_without_vec(order: int, by: str) -> None:
    found = notation(order, by)
    for n in range(1, order + 1):
        form, *more = found.every(found.found.equation(f"v{n}"))
        assert not more
        assert isinstance(form, Form)
        name = f"₍{lowered(n)}₎"
        product = bracketed(around(order, n, by))
        assert written(form) == f"∂l/∂V{n} = G{name} {product} X{name}ᵀ"
        expected = Layer(order).gradient(f"v{n}")
        assert_allclose(value(form.matrix, order), expected, rtol=1e-10, atol=1e-12)
    whole, *along = found.every(found.found.equation("x"))
    assert isinstance(whole, Form)
    turned = "".join(f" ×{lowered(n)} V{n}ᵀ" for n in range(1, order + 1))
    assert written(whole) == f"∂l/∂X = G{turned}"
    expected = Layer(order).gradient("x")
    assert_allclose(value(whole.matrix, order), expected, rtol=1e-10, atol=1e-12)
    for n, form in enumerate(along, 1):
        assert isinstance(form, Form)
        name = f"₍{lowered(n)}₎"
        assert written(form) == f"(∂l/∂X){name} = V{n}ᵀ G{name} ({around(order, n, by)})"
        right = unfolded(expected, n - 1, by)
        assert_allclose(value(form.matrix, order), right, rtol=1e-10, atol=1e-12)


# Equations 38 to 42: shapes


@in_both
def test_equation_42_has_a_row_for_each_entry_of_the_layer(by: str) -> None:
    """V is I by R, as equation 18 needs it, and not R by I, as Sec. 4.2 has it."""
    for form in slope_of(3, "x", by).forms:
        rows, columns = form.matrix.sizes
        assert (str(rows), str(columns)) == ("A*B*C", "I*J*K")
        assert value(form.matrix, 3).shape == (2 * 4 * 3, 3 * 2 * 4)
