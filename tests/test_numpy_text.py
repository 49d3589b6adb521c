"""How emitted modules read: formatted, in the derivation's own names, and saying what they are."""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from dataclasses import replace

import pytest
from sympy import Rational

import indexcalc as ic
from indexcalc import __version__
from indexcalc.codegen.arrays.layout import fitted
from indexcalc.codegen.arrays.naming import identifier, python_names
from indexcalc.codegen.operations import Pointwise
from indexcalc.codegen.targets.numpy import module
from indexcalc.errors import IndexcalcError
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access, Mul
from indexcalc.expr.program import Equation
from tests.emitted import assert_formatted, namespace
from tests.fuzz.programs import case
from tests.modules import PLANS, STYLES, kernel, text
from tests.oracle import text as program_text
from tests.plans import written


def test_modules_are_formatted_and_a_linter_has_nothing_to_say() -> None:
    texts = [text(name, plain) for name in PLANS for plain in STYLES]
    for plan in PLANS.values():
        texts.append(module(replace(plan, lengths=dict.fromkeys(plan.lengths, 2000))))
    assert_formatted([*texts, many_inputs(9)])


def test_a_word_that_is_too_long_is_broken_in_a_docstring() -> None:
    deep = "y[i] = " + "cos(" * 40 + "x[i]" + ")" * 40
    for target in ("numpy", "loops", "objects"):
        lines = ic.derive(ic.read(deep)).emit(target, sizes={"i": 10**6}).splitlines()
        assert max(map(len, lines)) <= 100


def test_programs_of_the_fuzzer_are_formatted_in_every_target() -> None:
    drawn = [case(0, number) for number in (6, 38, 72, 76, 78, 94, 216, 220)]
    programs = [(program_text(one.program), one.wrt or None) for one in drawn]
    programs.append(("y[b] = x[b,c]*exp(a*x[b,c])/(sum[k](exp(a*x[b,k])))", None))
    programs.append(("y[i] = 123000000000000000000000000000*x[i] + 1.23e-29", None))
    texts = []
    for program, wrt in programs:
        derivation = ic.derive(program, wrt=wrt)
        texts += [derivation.emit(plain=plain) for plain in STYLES]
        with suppress(IndexcalcError):  # no gradient passes through a reduction
            texts += [derivation.emit(target) for target in ("loops", "objects")]
    assert_formatted(texts)


def many_inputs(count: int) -> str:
    """A module whose lines are too long everywhere."""
    names = [f"rather_long_name_{at}" for at in range(count)]
    plan = written(
        f"many({', '.join(f'{name}[i,j]' for name in names)}) -> result",
        [f"result[i,j] = {' + '.join(f'{name}[i,j]^2' for name in names)}"],
        [f"by_{name}[i,j] = 2*{name}[i,j]*upstream_of_result[i,j]" for name in names],
        names,
        {"result": "upstream_of_result"},
        {name: f"by_{name}" for name in names},
    )
    return module(plan, "derive " + " ".join(names))


def test_plain_layer_norm_is_what_people_write() -> None:
    lines = [line.strip() for line in text("layernorm", plain=True).splitlines()]
    for line in (
        "m = x.sum(axis=1) / H",
        "mu = x - m[:, None]",
        "sigma = np.sqrt(v + eps)",
        "y = mu / sigma[:, None] * gamma + beta",
        "dl_dgamma = r @ dy_mu",
        "return dl_dx, dl_dgamma, dl_dbeta",
    ):
        assert line in lines
    assert "out=" not in text("layernorm", plain=True).partition("def layernorm_forward")[2]
    assert "workspace" not in text("layernorm", plain=True)


def test_plain_attention_has_a_line_for_each_operation() -> None:
    source = text("attention", plain=True)
    body = source.partition("    dl_dp = ")[2].partition("    return")[0]
    assert "dl_dp = " + body == (
        "dl_dp = dl_do @ v.T\n"
        "    a = (dl_do * o).sum(axis=1)\n"
        "    dl_ds = p * (dl_dp - a[:, None])\n"
        "    dl_dq = dl_ds @ k / math.sqrt(D)\n"
        "    dl_dk = dl_ds.T @ q / math.sqrt(D)\n"
        "    dl_dv = p.T @ dl_do\n"
    )


def test_fast_softmax_writes_over_what_is_dead() -> None:
    source = text("softmax")
    inside = source.partition("x_rows = x[at]\n")[2].partition("    return")[0]
    assert [line.strip() for line in inside.splitlines()] == [
        "top = x_rows.max(axis=1, initial=-np.inf)",
        "term = np.subtract(x_rows, top[:, None], out=p_rows)",
        "e = np.exp(term, out=term)",
        "z = e.sum(axis=1)",
        "np.multiply(e, (1 / z)[:, None], out=p_rows)",
    ]


def test_the_header_names_version_source_and_command() -> None:
    program = replace(PLANS["softmax"].program, description='Says """this""" and \\that.')
    plan = replace(PLANS["softmax"], program=program)
    made = module(plan, "derive softmax --emit numpy")
    assert ast.get_docstring(ast.parse(made)) == (
        "softmax and its gradients in NumPy.\n\n"
        'Says """this""" and \\that.\n\n'
        f"Made by indexcalc {__version__}: derive softmax --emit numpy"
    )
    bare = ast.get_docstring(ast.parse(module(plan)))
    assert bare is not None
    assert bare.endswith(f"Made by indexcalc {__version__}.")


def test_docstrings_hold_the_function_and_its_gradients() -> None:
    plan = PLANS["softmax"]
    (dl_dx,) = (one for one in plan.backward if one.left.name == "dl_dx")
    closed = Equation(Access("∂l/∂x", *dl_dx.left.indices), dl_dx.right)
    scope: dict[str, object] = {"__name__": "module"}
    exec(module(replace(plan, closed=(closed,))), scope)
    assert scope["softmax_forward"].__doc__ == (
        "p_bc of x_bc, and what the backward function needs.\n\n"
        "    top_b = max_c(x_bc)\n"
        "    e_bc = exp(x_bc - 1_c top_b)\n"
        "    z_b = 1_c e_bc\n"
        "    p_bc = e_bc/z_b\n\n"
        "    The backward function reads p itself: do not write into it before it is called.\n    "
    )
    assert scope["softmax_backward"].__doc__ == (
        "The gradients by x of a loss l, from G = ∂l/∂p = dl_dp.\n\n"
        "    ∂l/∂x_bc = p_bc (dl_dp_bc - 1_c a_b)\n    "
    )
    assert "f_prime is kept for the backward" in str(kernel("repeated").forward.__doc__)


def documented(program: str, wrt: list[str] | None = None) -> tuple[str, str]:
    """How the docstrings of both functions begin."""
    names = namespace(ic.derive(program, wrt=wrt).emit())
    forward, backward = (str(names[f"f_{which}"].__doc__) for which in ("forward", "backward"))
    return forward.partition("\n")[0], backward.rstrip()


def test_the_gradients_of_a_loss_are_said_to_be_multiplied() -> None:
    square = "\n\n    ∂l/∂x_p = 2 x_p"
    for name, called in (("l", "l"), ("loss", "l = loss"), ("sigma", "l = σ")):
        _, backward = documented(f"{name} = x[i]*x[i]")
        assert backward == f"upstream times the gradients by x of {called}.{square}"
    _, backward = documented("y[i] = l*x[i]", ["x"])
    assert backward.startswith("The gradients by x of a loss ℒ, from G = ∂ℒ/∂y = dl_dy.\n")


def test_programs_without_inputs_or_gradients_say_so() -> None:
    forward, backward = documented("y[i] = 3*1[i]")
    assert forward == "y_i, and what the backward function needs."
    assert backward == documented("y[i] = x[i]", [])[1] == "No gradient was asked for."


def test_names_that_are_taken_end_in_an_underscore() -> None:
    source = text("clashes")
    assert "def clashes_forward(lambda_, np_, out_, type_, I_, *, out=None" in source
    assert "saved_" in source
    # An input has its name before a size has.
    assert "I = lambda_.shape[0]" in source


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("γ", "gamma"),
        ("∂l/∂γ2", "dl_dgamma2"),
        ("∂ℒ/∂x", "dL_dx"),
        ("f'", "f_prime"),
        ("f'2", "f_prime2"),
        ("2x", "_2x"),
        ("ж", "ж"),
    ],
)
def test_names_become_identifiers(name: str, spelled: str) -> None:
    assert identifier(name) == spelled


def test_who_is_spelled_so_has_the_name() -> None:
    plan = written(
        "both(lambda[i], lambda_[i]) -> y",
        ["y[i] = lambda[i] + lambda_[i]"],
        ["same[i] = dl_dy[i]"],
        [],
        {"y": "dl_dy"},
        {"lambda": "same"},
    )
    assert "def both_forward(lambda__, lambda_, *" in module(plan)


def test_long_axes_have_blocks_of_rows_whose_scratch_is_made_once() -> None:
    plan = PLANS["layernorm"]
    lengths = dict(zip(plan.lengths, (4096, 1024), strict=True))
    source = module(replace(plan, lengths=lengths))
    backward = source.partition("def layernorm_backward")[2]
    before, _, inside = backward.partition("    for start in range(0, B, rows):\n")
    assert "    dl_dgamma[...] = 0\n" in before
    assert "    ones_h = np.ones(H, dtype)\n" in source
    assert (
        '    mu2_block = _buffer(workspace, "layernorm_backward mu2", (rows, H), dtype)\n' in before
    )
    assert "        count = min(rows, B - start)\n" in inside
    assert "        mu2 = mu2_block[:count]\n" in inside
    assert "np.empty" not in inside.partition("def check")[0]


def test_a_sum_that_begins_with_a_minus_takes_one_step() -> None:
    plan = written(
        "less(x[i,j], w[i]) -> y",
        ["y[i,j] = -x[i,j] + 1[j]*w[i]"],
        ["dl_dx[i,j] = -dl_dy[i,j]*2"],
        [],
        {"y": "dl_dy"},
        {"x": "dl_dx"},
    )
    assert "np.subtract(w_rows[:, None], x_rows, out=y_rows)" in module(plan)
    assert "np.multiply(dl_dy, -2, out=dl_dx)" in module(plan)


def test_a_name_is_of_what_it_stands_for() -> None:
    text = ic.derive("y[b,c] = log(sigmoid(z[b,c]))*exp(-z[b,c])").emit()
    for line in (
        "term = np.negative(z_rows, out=y_rows)",
        "softplus_minus_z = _softplus(term, out=term)",
        "log_sigmoid_z = np.negative(softplus_minus_z, out=softplus_minus_z)",
        "np.negative(dl_dz_rows, out=dl_dz_rows)",
    ):
        assert f" {line}\n" in text
    text = ic.derive("y[b] = log(sum[c](exp(z[b,c])))*w[b]").emit()
    assert "log_sum_exp_z_part = np.log(sum_exp_z_rows)\n" in text


def test_the_rows_of_a_block_are_counted_by_name() -> None:
    program = ic.derive("y[i,c] = exp(x[i,j]*w[j,c])*v[i,c]")
    forward = program.emit(sizes={"i": 1000, "j": 64, "c": 64}).partition("return y,")[0]
    row = "(4 * C + J) * dtype.itemsize"
    assert f" rows = _rows(I, {row}, least=128, read_again=C * J, spared=3 * C)\n" in forward
    text = ic.derive("y[i,c] = sin(x[i,c])*exp(x[i,c])").emit(sizes={"i": 4096, "c": 512})
    assert " rows = _rows(I, 4 * C * dtype.itemsize)\n" in text


def test_a_name_gives_way_to_an_equal_one_that_is_spelled_so() -> None:
    plan = PLANS["clashes"]
    names = python_names(plan, (), ("np", "out", "dtype"))
    assert names.tensors["dtype"] == "dtype_"
    assert names.sizes["I"] == "I"
    every = [*names.tensors.values(), *names.sizes.values()]
    assert len(set(every)) == len(every)


def test_no_gradient_is_an_array_that_was_passed() -> None:
    plan = written(
        "plus(x[i], z[i]) -> y",
        ["y[i] = x[i] + z[i]"],
        ["same[i] = dl_dy[i]"],
        [],
        {"y": "dl_dy"},
        {"x": "same"},
    )
    for gradients in ({"x": "same", "z": "same"}, {"x": "dl_dy", "z": "dl_dy"}):
        for plain in STYLES:
            scope: dict[str, object] = {"__name__": "module"}
            exec(module(replace(plan, gradients=gradients), plain=plain), scope)
            check = scope["check"]
            assert callable(check)
            check()
            source = module(replace(plan, gradients=gradients), plain=plain)
            assert "return same, same_copy" in source or "return dl_dy_copy, dl_dy_copy_" in source


def test_numbers_are_written_as_they_are_meant() -> None:
    i = Index("i")
    x = Access("x", i)
    plan = written(
        "scaled(x[i], eps=1/3) -> y",
        ["y[i] = x[i]*eps"],
        ["dl_dx[i] = dl_dy[i]*eps"],
        [],
        {"y": "dl_dy"},
        {"x": "dl_dx"},
    )
    for factor, spelled in (
        (Rational(1, 10), "0.1 * x"),
        (Rational(2, 3), "2 * x / 3"),
        (Rational(-1, 7), "-x / 7"),
        (Rational(1, 10**30), "1e-30 * x"),
        (Rational(10**40), "1e40 * x"),
        (Rational(10**400), "math.inf * x"),
    ):
        forward = (Pointwise(plan.forward[0].left, Mul(factor, x)),)
        source = module(replace(plan, forward=forward), plain=True)
        assert f"    y = {spelled}\n" in source
    assert "def scaled_forward(x, *, eps=1 / 3)" in module(plan, plain=True)


LONG = "a" * 60


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        (f"f({LONG}, {LONG})", ["f(", f"    {LONG},", f"    {LONG},", ")"]),
        (f"x = {LONG} + {LONG} * b", ["x = (", f"    {LONG}", f"    + {LONG} * b", ")"]),
        (f"    y = {LONG} * ({LONG} + b)", [f"    y = {LONG} * (", f"        {LONG} + b", "    )"]),
        (
            f"x = {LONG[30:]}.reshape(b) @ {LONG[10:]}.reshape(c)",
            [f"x = {LONG[30:]}.reshape(", "    b", f") @ {LONG[10:]}.reshape(c)"],
        ),
        (f"if {LONG} or {LONG}:", ["if (", f"    {LONG}", f"    or {LONG}", "):"]),
        (f"return {LONG}, {LONG}", ["return (", f"    {LONG},", f"    {LONG},", ")"]),
        (f"{LONG}, {LONG} = z", ["(", f"    {LONG},", f"    {LONG},", ") = z"]),
        (f"a, {LONG}, {LONG[30:]} = saved", [f"a, {LONG}, {LONG[30:]} = (", "    saved", ")"]),
        (
            f"_, {LONG}, {LONG[28:]} = saved",
            ["(", "    _,", f"    {LONG},", f"    {LONG[28:]},", ") = saved"],
        ),
        (f"del {LONG}, {LONG}", ["del (", f"    {LONG},", f"    {LONG},", ")"]),
        (
            f"length = {LONG}[:, None] * a + {LONG[50:]}[:, None]",
            ["length = (", f"    {LONG}[:, None] * a + {LONG[50:]}[:, None]", ")"],
        ),
        (
            f"x = ({LONG} + b) * {LONG[35:]}[i][j]",
            [f"x = ({LONG} + b) * {LONG[35:]}[", "    i", "][j]"],
        ),
        (
            f"x = f({LONG} + b) * {LONG[30:]}.g({LONG[10:]} + c)",
            ["x = f(", f"    {LONG} + b", f") * {LONG[30:]}.g({LONG[10:]} + c)"],
        ),
        (
            f"x = min({LONG} * {LONG[30:]} for j in range(J))",
            ["x = min(", f"    {LONG} * {LONG[30:]}", "    for j in range(J)", ")"],
        ),
        (f"x = '{LONG}, {LONG}'", [f"x = '{LONG}, {LONG}'"]),
        (
            f"length = {LONG} * b{LONG[32:]} - c",
            ["length = (", f"    {LONG} * b{LONG[32:]} - c", ")"],
        ),
        (
            f"x = {{'f': lambda a, b: {LONG}, 'g': lambda a: {LONG}}}",
            ["x = {", f"    'f': lambda a, b: {LONG},", f"    'g': lambda a: {LONG},", "}"],
        ),
        (
            f"f(x, ({LONG} @ {LONG[30:]}).reshape(b, c).T.sum(axis=0), y)",
            [
                "f(",
                "    x,",
                f"    ({LONG} @ {LONG[30:]})",
                "    .reshape(b, c)",
                "    .T.sum(axis=0),",
                "    y,",
                ")",
            ],
        ),
        (
            f"length = ({LONG} @ b).sum(axis=0).reshape(-1, 4)",
            ["length = (", f"    ({LONG} @ b).sum(axis=0).reshape(-1, 4)", ")"],
        ),
    ],
)
def test_long_lines_are_broken(line: str, broken: list[str]) -> None:
    assert fitted([line]) == broken


def test_no_name_of_a_passing_value_is_a_number() -> None:
    for name in PLANS:
        for plain in STYLES:
            assert not re.search(r"\b(t|tmp|temp|x)\d\d+\b", text(name, plain))
