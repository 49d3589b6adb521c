"""Jacobians of vec by vec of every bundled program: forms, every line of the way to each, and what
is printed of chains, beside differences; what is wrong is found wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

import indexcalc as ic
from indexcalc.expr.base import postorder
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.printing import spell
from indexcalc.expr.world import World, world_of
from indexcalc.forms.computing import worst
from indexcalc.forms.matrices import Identity, Matrix, Product, Transpose
from indexcalc.forms.notation import Notation
from indexcalc.forms.outward import Form
from indexcalc.forms.slopes import Slope
from indexcalc.forms.tensors import Kronecker, Permutation, VecSlope
from indexcalc.forms.values import Arrays
from indexcalc.render.text import text
from tests.points import BUNDLED, Point, bundled
from tests.stacking import slope_matrix, stacked

Array = NDArray[np.float64]

BOTH = ["column", "row"]
LOWERED = "₀₁₂₃₄₅₆₇₈₉"
# mlp is mlp:3, and tcl is tcl:3; larger layers are held to PyTorch in the tests of the paper.
PROGRAMS = [*BUNDLED, "tcl:2", "mlp:2"]
# The only ones without a form.
FORMLESS = {"swap_rule"}

in_both = pytest.mark.parametrize("by", BOTH)
# By rows are those in which every kind of step and of form occurs.
TURNED = ["tcl", "linear", "layernorm", "attention", "cross_entropy", "bilinear"]
of_every_program = pytest.mark.parametrize(
    ("name", "by"), [*((name, "column") for name in PROGRAMS), *((name, "row") for name in TURNED)]
)


@cache
def at_a_point(name: str) -> Point:
    return bundled(name)[1]


@cache
def notation(name: str, by: str) -> Notation:
    found: Notation = ic.derive(name)._notation(by)
    return found


@cache
def by_differences(name: str, of: str, wrt: str) -> Array:
    return at_a_point(name).jacobian(of, wrt)


@cache
def world(name: str) -> World:
    """With all that the program makes there, and the gradients that are given."""
    at = at_a_point(name)
    given = world_of(at.program, at.values)
    arrays = {**given.arrays, **at.made()}
    upstream = notation(name, "row").found.backprop.upstream
    arrays |= {seed: at.upstream[y] for y, seed in upstream.items()}
    return World(arrays, given.numbers, {**given.functions, **at.slopes})


def value(matrix: Matrix, name: str) -> Array:
    where = world(name)
    return np.asarray(Arrays(where.arrays, where.numbers, where.functions).value(matrix))


def slopes(name: str, by: str) -> list[tuple[str, str, Slope]]:
    found = notation(name, by)
    pairs = [(of, wrt) for of in found.program.outputs for wrt in found.found.backprop.wrt]
    return [(of, wrt, found.slopes.of(of, wrt)) for of, wrt in pairs]


def mode(vec: str) -> int:
    """From 0 on, of vec(Y₍₂₎) or of vec(Yᵀ)."""
    told = re.search(r"₍(.)₎\)$|(ᵀ)\)$", vec)
    if told is None:
        return 0
    return 1 if told[2] else LOWERED.index(told[1]) - 1


def modes(form: Form) -> tuple[int, int]:
    """What the left side says that rows and columns are."""
    above, _, below = form.spelled("unicode").partition(" = ")[0].partition("/∂")
    return mode(above), mode(below)


def assert_close(given: Array, expected: Array) -> None:
    scale = max(1.0, float(np.abs(expected).max()))
    assert_allclose(given, expected, rtol=0, atol=1e-8 * scale)


def expected_of(name: str, of: str, wrt: str, form: Form, by: str) -> Array:
    count = len(notation(name, by).program.tensors[of])
    return slope_matrix(by_differences(name, of, wrt), count, modes(form), by)


# Forms


@of_every_program
def test_every_form_is_the_jacobian(name: str, by: str) -> None:
    for of, wrt, slope in slopes(name, by):
        assert bool(slope.forms) == (name not in FORMLESS)
        for form in slope.forms:
            assert isinstance(form.matrix, Matrix)
            assert_close(value(form.matrix, name), expected_of(name, of, wrt, form, by))


@of_every_program
def test_there_is_a_form_with_vec_of_both_as_they_are(name: str, by: str) -> None:
    """Or one along the last mode of a tensor, as the paper has it."""
    for _, _, slope in slopes(name, by):
        own = [form for form in slope.forms if modes(form) == (0, 0)]
        assert slope.natural == next(iter(own), None)
        assert own or not slope.forms or len(slope.forms[0].sides[0].indices) > 2


@of_every_program
def test_every_line_of_every_way_is_the_jacobian(name: str, by: str) -> None:
    for of, wrt, slope in slopes(name, by):
        for form in slope.forms:
            expected = expected_of(name, of, wrt, form, by)
            names = [str(place) for place in form.entry.indices]
            sizes = [length for length in expected.shape if length != 1]
            # The axes of a value come by the names of indices.
            turned = expected.reshape(sizes).transpose(np.argsort(names))
            for line in form.trace.lines(every=True):
                assert_close(evaluate(line.expr, world(name)), turned)


@of_every_program
def test_every_gradient_of_a_jacobian_is_the_gradient(name: str, by: str) -> None:
    """(∂vec(Y)/∂vec(X))ᵀ vec(G) beside differences of a loss, for a random G."""
    found = notation(name, by)
    for wrt in found.found.backprop.wrt:
        forms = found.pulled(wrt)
        upstream = found.found.backprop.upstream.values()
        scalar = not any(found.program.tensors[y] for y in found.program.outputs)
        assert bool(forms) == (bool(upstream) and not scalar and name not in FORMLESS)
        for form in forms:
            assert isinstance(form.matrix, Matrix)
            told = form.spelled("unicode").partition(" = ")[0]
            gradient = at_a_point(name).differences(wrt)
            assert_close(value(form.matrix, name)[:, 0], stacked(gradient, mode(told), by))


# Chains


def put_in(matrix: Matrix, known: dict[Matrix, Matrix]) -> Matrix:
    """A matrix with what Jacobians are in the place of their names."""
    if isinstance(matrix, VecSlope):
        return known[matrix]
    if not any(isinstance(node, VecSlope) for node in postorder(matrix)):
        return matrix
    parts = [put_in(part, known) if isinstance(part, Matrix) else part for part in matrix.parts]
    made = matrix.with_parts(tuple(parts))
    assert isinstance(made, Matrix)
    return made


@in_both
@pytest.mark.parametrize("name", ["mlp", "mlp:2", "feed_forward", "attention"])
def test_what_is_printed_of_a_chain_is_the_jacobian(name: str, by: str) -> None:
    chains, made = 0, notation(name, by).slopes
    for of, wrt, slope in slopes(name, by):
        known = {
            one.name: one.natural.matrix
            for one in (*made.known.values(), *made.steps)
            if one.natural is not None and isinstance(one.natural.matrix, Matrix)
        }
        for whole in (slope.chain, slope.short):
            if whole is not None:
                chains += 1
                assert slope.natural is not None
                expected = expected_of(name, of, wrt, slope.natural, by)
                assert_close(value(put_in(whole, known), name), expected)
    assert chains >= 2


# By the names of Jacobians, and with those put in that are no chains.
CHAINS = [
    (
        "mlp",
        "x",
        "(∂vec(Y)/∂vec(A1)) (∂vec(A1)/∂vec(X))",
        "(∂vec(Y)/∂vec(A1)) (W1ᵀ ⊗ 𝐈_N)",
    ),
    ("mlp", "b1", "(∂vec(Y)/∂vec(A1)) (∂vec(A1)/∂b1)", "(∂vec(Y)/∂vec(A1)) (𝐈_J ⊗ 𝟏_N)"),
    (
        "feed_forward",
        "w1",
        "(∂vec(Y)/∂vec(A1)) (∂vec(A1)/∂vec(W1))",
        "diag(vec(act′(A2))) (W2ᵀ ⊗ 𝐈_N) diag(vec(act′(A1))) (𝐈_J ⊗ X)",
    ),
    (
        "attention",
        "k",
        "(∂vec(O)/∂vec(S)) (∂vec(S)/∂vec(K))",
        "(1/√D) (Vᵀ ⊗ 𝐈_I - diag(vec(O)) (𝟏_C 𝟏_Jᵀ ⊗ 𝐈_I)) diag(vec(P)) Π₂₁ᵀ (Q ⊗ 𝐈_J)",
    ),
]


@pytest.mark.parametrize(("name", "wrt", "chain", "short"), CHAINS)
def test_a_chain_to_the_letter(name: str, wrt: str, chain: str, short: str) -> None:
    (of,) = notation(name, "column").program.outputs
    slope = notation(name, "column").slopes.of(of, wrt)
    assert slope.chain is not None
    assert slope.short is not None
    assert spell(slope.chain, "unicode") == chain
    assert spell(slope.short, "unicode") == short


@pytest.mark.parametrize("name", ["mlp:2", "feed_forward", "attention"])
def test_a_program_with_one_way_through_has_chains(name: str) -> None:
    found = {wrt: slope.chain is not None for _, wrt, slope in slopes(name, "column")}
    last = {"mlp:2": {"w2", "b2"}, "feed_forward": {"w2", "b2"}, "attention": {"v"}}[name]
    assert found == {wrt: wrt not in last for wrt in found}


# What is wrong


def mistakes(matrix: Matrix) -> Iterator[Matrix]:
    """Those that have the right shape: factors exchanged, one transposed, P for Pᵀ or nothing."""
    match matrix:
        case Product(args=(Transpose(args=(Permutation() as permutation,)), inner)):
            yield from (inner, Product(permutation, inner))
            yield from (Product(matrix.args[0], one) for one in mistakes(inner))
        case Kronecker(args=(first, *rest)):
            every = [Kronecker(*rest, first), Kronecker(first, *map(Transpose, rest))]
            every += [Kronecker(Transpose(first), *rest)]
            turned = [Transpose(one) for one in (first, *rest) if isinstance(one, Identity)]
            yield from (
                one
                for one in every
                if one.shape == matrix.shape and not set(turned) & set(one.args)
            )


@in_both
@pytest.mark.parametrize(
    ("program", "wrt"),
    [
        ("matmul", "x"),
        ("linear", "w"),
        ("tcl", "x"),
        ("tcl", "v1"),
        ("tcl", "v2"),
        ("layernorm", "beta"),
        ("outer_product", "u"),
        # Square ones may be transposed, and nothing but values tells.
        ("y[i,j] = (p[i,k] + delta[i,k])*x[k,l]*(q[l,j] + delta[l,j])", "x"),
    ],
)
def test_a_wrong_form_is_found_wrong(program: str, wrt: str, by: str) -> None:
    found = notation(program, by)
    known = (*found.program.equations, *found.found.where)
    planted = 0
    for form in found.slopes.of("y", wrt).forms:
        (right,) = worst([form], known=known)
        assert right.agrees
        assert isinstance(form.matrix, Matrix)
        for mistake in mistakes(form.matrix):
            planted += 1
            (difference,) = worst([replace(form, matrix=mistake)], known=known)
            assert not difference.agrees, spell(mistake, "unicode")
    assert planted


# What has none


def test_what_has_no_form_says_so() -> None:
    for by in BOTH:
        for _, _, slope in slopes("swap_rule", by):
            assert slope.why == (f"none was found in Kronecker products by {by}s",)
            assert slope.natural is None
    page, agrees = ic.derive("swap_rule").matrix_page(by="row", jacobians=True)
    assert agrees
    assert "no form: none was found in Kronecker products by rows" in " ".join(text(page).split())
