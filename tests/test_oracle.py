"""The oracle against hand-computed values: the examples of rules 1-6 and the program generator."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings

from tests import oracle
from tests.oracle import (
    Array,
    Bin,
    Binder,
    Call,
    Group,
    Leaf,
    Neg,
    Node,
    Num,
    Program,
    Size,
    Statement,
)

SIZES = {"b": 2, "i": 2, "j": 3, "k": 4, "h": 5, "n": 3, "m": 2}
OPS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}
A = dict[str, Array]


# ------------------------------------------------- text to tree, with Python's grammar


def _names(node: ast.expr) -> tuple[str, ...]:
    return tuple(map(ast.unparse, node.elts if isinstance(node, ast.Tuple) else [node]))


def _tree(node: ast.AST, source: str, letters: set[str]) -> Node:
    def down(child: ast.AST) -> Node:
        return _tree(child, source, letters)

    match node:
        case ast.Constant():
            return Num(ast.get_source_segment(source, node) or "")
        case ast.Name(name):
            known = len(name) == 1 and name.isupper() and name.lower() in letters
            return Size(name.lower()) if known else Leaf(name)
        case ast.Subscript(value, index):
            return Leaf(ast.unparse(value), _names(index))
        case ast.UnaryOp(ast.USub(), inner):
            return Neg(down(inner))
        case ast.BinOp(left, op, right):
            return Bin(OPS[type(op)], down(left), down(right))
        case ast.Call(ast.Name("Group"), [inner]):
            return Group(down(inner))
        case ast.Call(ast.Name("size"), [ast.Name(letter)]):
            return Size(letter, bare=False)
        case ast.Call(ast.Name(name), args):
            return Call(name, tuple(map(down, args)))
        case ast.Call(ast.Subscript(ast.Name(kind), index), [body]):
            return Binder(kind, _names(index), down(body))
    raise AssertionError(ast.dump(node))


def parse(source: str) -> Program:
    """The tree of a program without signature; Python's precedence is that of the language."""
    statements = []
    for line in re.split("[;\n]", source.strip()):
        left, right = line.split("=")
        right = re.sub(r"(?<![\w\]])\(", "Group(", right.strip()).replace("^", "**")
        used = {k for inner in re.findall(r"\[(.*?)\]", line) for k in inner.split(",")}
        lhs = _tree(ast.parse(left.strip(), mode="eval").body, left, set())
        assert isinstance(lhs, Leaf)
        expr = _tree(ast.parse(right, mode="eval").body, right, used)
        statements.append(Statement(lhs.name, lhs.indices, expr))
    return Program(tuple(statements))


def arrays(source: str) -> A:
    """Positive inputs, shaped by the letters of their first use."""
    rng = np.random.default_rng(0)
    made: A = {}
    uses = re.findall(r"(?<![\w.])([a-z]\w*)\[([\w,]+)\](?!\()", source)
    for name, inner in uses:
        shape = [SIZES[k] for k in inner.split(",")]
        made.setdefault(name, rng.uniform(0.5, 1.5, shape))
    return made


def e(spec: str, *operands: Array) -> Array:
    return np.asarray(np.einsum(spec, *operands))


# ---------------------------------------------------------------- the examples

LEGAL: list[tuple[str, Callable[[A], Array]]] = [
    # the layer normalisation of the introduction
    ("m[b] = 1/H*1[h]*x[b,h]", lambda v: v["x"].mean(1)),
    ("y[b,h] = x[b,h] - 1[h]*m[b]", lambda v: v["x"] - v["m"][:, None]),
    ("v[b] = 1/H*1[h]*x[b,h]^2", lambda v: (v["x"] ** 2).mean(1)),
    ("y[b,h] = x[b,h]/m[b]*g[h] + 1[b]*c[h]", lambda v: v["x"] / v["m"][:, None] * v["g"] + v["c"]),
    # 1: free indices are never summed
    ("y[i] = a[i]*c[i]*d[i,i]", lambda v: v["a"] * v["c"] * np.diag(v["d"])),
    ("y[i] = a[i,k]*c[i,k]", lambda v: e("ik,ik->i", v["a"], v["c"])),
    # 2: where a dummy is summed
    (
        "y[i] = a[i,k]*w[k] + c[i,k]*d[k]",
        lambda v: v["a"] @ v["w"] + v["c"] @ v["d"],
    ),
    (
        "y[n,m] = tanh(x[n,k]*w[k,m] + a[n,k]*u[k,m] + c[m])",
        lambda v: np.tanh(v["x"] @ v["w"] + v["a"] @ v["u"] + v["c"]),
    ),
    ("y[i] = e[i]/(a[i,k]*c[k])", lambda v: v["e"] / (v["a"] @ v["c"])),
    (
        "v[b] = 1[h]*(x[b,h] - 1[h]*m[b])^2",
        lambda v: ((v["x"] - v["m"][:, None]) ** 2).sum(1),
    ),
    ("y = (a[k]+c[k])*d[k]", lambda v: (v["a"] + v["c"]) @ v["d"]),
    ("y = 1[i]*(x[i,j]*w[j])^3", lambda v: ((v["x"] @ v["w"]) ** 3).sum()),
    ("y = a[k]*c[k]*d[k]", lambda v: e("k,k,k->", v["a"], v["c"], v["d"])),
    ("y = a[k]*c[k] + d[j]*t[j]", lambda v: v["a"] @ v["c"] + v["d"] @ v["t"]),
    ("y = a[i,i]", lambda v: np.trace(v["a"])),
    ("y = x[k]^w[k]", lambda v: (v["x"] ** v["w"]).sum()),
    ("y = x[k]/w[k]", lambda v: (v["x"] / v["w"]).sum()),
    ("y = 2/a[i,i]", lambda v: 2 / np.trace(v["a"])),
    ("y = sqrt(a[k]*c[k])*d[j]*t[j]", lambda v: np.sqrt(v["a"] @ v["c"]) * (v["d"] @ v["t"])),
    ("y = -x[k]^2*w[k]", lambda v: -(v["x"] ** 2) @ v["w"]),
    ("y[i] = delta[i,b]*a[b]", lambda v: v["a"]),
    ("y = a[k]*delta[k,k]", lambda v: v["a"].sum()),
    ("y = f(a[k], c[k])", lambda v: oracle.stand_in(v["a"], v["c"]).sum()),
    ("y = f(a[k]*c[k], d[j]*t[j])", lambda v: oracle.stand_in(v["a"] @ v["c"], v["d"] @ v["t"])),
    # 3: one occurrence outside is not ambiguous
    (
        "y[b] = 1[h]*(x[b,h]*w[h] - m[b])^2",
        lambda v: ((v["x"] * v["w"] - v["m"][:, None]) ** 2).sum(1),
    ),
    ("y = x[k]/(c[k]*d[k])", lambda v: (v["x"] / (v["c"] * v["d"])).sum()),
    ("y = (a[k]*c[k])*d[k]", lambda v: e("k,k,k->", v["a"], v["c"], v["d"])),
    ("y = f(a[k]*c[k], d[k])", lambda v: oracle.stand_in(v["a"] * v["c"], v["d"]).sum()),
    ("y = x[k]^(a[k]*c[k])", lambda v: (v["x"] ** (v["a"] * v["c"])).sum()),
    ("y = a[i,i]*c[i]", lambda v: np.diag(v["a"]) @ v["c"]),
    # 4: the ways out
    ("y = 1[k]*x[k]^2", lambda v: (v["x"] ** 2).sum()),
    ("y = sum[k](x[k]^2)", lambda v: (v["x"] ** 2).sum()),
    ("y[k] = x[k]^2", lambda v: v["x"] ** 2),
    ("y = 1[i]*(t[i]-x[i])^2", lambda v: ((v["t"] - v["x"]) ** 2).sum()),
    # 5: broadcasting, nested and at the top
    ("y[b,h] = x[b,h] - m[b]", lambda v: v["x"] - v["m"][:, None]),
    ("y[b] = tanh(x[b,h] - m[b])*w[h]", lambda v: np.tanh(v["x"] - v["m"][:, None]) @ v["w"]),
    ("y[b,h] = x[b,h] + 2 - w[k]*c[k]", lambda v: v["x"] + 2 - v["w"] @ v["c"]),
    # 6: binders win, and may reuse a letter
    ("y[b,h] = x[b,h] - mean[h](x[b,h])", lambda v: v["x"] - v["x"].mean(1, keepdims=True)),
    ("y[h] = x[h]/sum[h](1[h]*x[h])", lambda v: v["x"] / v["x"].sum()),
    ("y = a[k]*c[k]*sum[k](d[k])", lambda v: v["a"] @ v["c"] * v["d"].sum()),
    ("y[i] = max[k](a[i,k])", lambda v: v["a"].max(1)),
    ("y = prod[k](a[k,j]*c[j])", lambda v: np.asarray((v["a"] @ v["c"]).prod())),
    ("y = min[k,j](a[k,j])", lambda v: np.asarray(v["a"].min())),
    ("y = max[k](a[k,j]*c[j])*d[j]", lambda v: (v["a"] * v["c"]).max(0) @ v["d"]),
    ("y = size(k)*x[k]*w[k]", lambda v: 4 * v["x"] @ v["w"]),
    # precedence
    ("y = s[k]*2^3^2/4/2*c[k]", lambda v: 64 * v["s"] @ v["c"]),
]

REFUSED = [
    (1, "y[b,h] = x[b,h] - 1/H*1[h]*x[b,h]"),
    (1, "y[h] = (1[h]*m)*tanh(x[h])"),
    (1, "y[b,h] = 1[b,h]*x[b]*w[h]"),
    (1, "y[h] = -1[h]/x[h]"),
    (3, "y = a[k]*c[k]/(d[k]*t[k])"),
    (3, "y = sqrt(x[i]*x[i])*sqrt(z[i]*z[i])"),
    (3, "y = (a[k]*c[k])*(d[k]*t[k])"),
    (3, "y = a[k]*(c[k]*d[k])*t[k]"),
    (3, "y = a[i,i]*c[i,i]"),
    (3, "y = a[k]*c[k]*delta[k,k]"),
    (3, "y = (a[k]*c[k])^(d[k]*t[k])"),
    (3, "y = f(a[k]*c[k], d[k]*t[k])"),
    (3, "y[b] = z[h]*t[h]*(x[b,h]*w[h] - m[b])^2"),
    (4, "y = x[k]^2"),
    (4, "y = (t[i]-x[i])^2"),
    (4, "y[i] = a[i,k]*c[k] + d[k]"),
    (4, "y = sum[k](a[k])*c[k]"),
    (4, "y = e[k]/(a[j,k]*c[j]) + tanh(x[k])"),
    (4, "y = a[k]*c[k] + max[j](d[j,k])"),
]


@pytest.mark.parametrize(("source", "expected"), LEGAL, ids=[source for source, _ in LEGAL])
def test_meaning(source: str, expected: Callable[[A], Array]) -> None:
    program, values = parse(source), arrays(source.split("=", 1)[1])
    found = oracle.run(program, values)[program.statements[0].name]
    letters = program.statements[0].indices
    shape = tuple(SIZES[k] for k in letters)
    np.testing.assert_allclose(found, np.broadcast_to(expected(values), shape), rtol=1e-12)


@pytest.mark.parametrize(("rule", "source"), REFUSED)
def test_refusal(rule: int, source: str) -> None:
    program = parse(source)
    with pytest.raises(oracle.Refused) as caught:
        oracle.plan(program, 0)
    assert caught.value.rule == rule


def test_sizes() -> None:
    two = parse("a[i] = w[i,j]*x[j]; c[i] = u[i,j]*a[j] + 1[j]*1[j]")
    values, unfixed = oracle.plan(two, 3)
    assert list(values) == ["w", "x", "u"]
    assert values["w"].shape[1:] == values["x"].shape
    assert values["u"].shape[1:] == values["w"].shape[:1]
    assert len({*values["w"].shape, len(values["u"])}) == 3
    assert len(unfixed) == 1
    assert oracle.has_unfixed(two)
    assert oracle.run(two, values, unfixed)["c"].shape == values["u"].shape[:1]


def test_delta_equates_sizes() -> None:
    program = parse("y = a[i]*delta[i,j]*c[j]")
    values, unfixed = oracle.plan(program, 0)
    assert values["a"].shape == values["c"].shape
    assert not unfixed
    bad = {"a": np.ones(2), "c": np.ones(3)}
    with pytest.raises(ValueError, match="elsewhere"):
        oracle.run(program, bad)


def test_sizes_that_no_input_fixes() -> None:
    program = parse("y[i,j] = x[i]")
    values, unfixed = oracle.plan(program, 1)
    assert list(unfixed) == ["J"]
    found = oracle.run(program, values, {"J": 7})["y"]
    np.testing.assert_array_equal(found, np.tile(values["x"][:, None], (1, 7)))


def test_no_number_stops_it() -> None:
    program = parse("y = s*(t - t)^-1 + log(-1*s) + exp(exp(exp(exp(s + 3)))) - 1/(s - s)")
    found = oracle.run(program, {"s": np.asarray(1.0), "t": np.asarray(1.0)})
    assert np.isnan(found["y"])


def test_signature() -> None:
    params = (("x", ("b", "h"), ""), ("eps", (), "0.5"))
    signature = oracle.Signature("shift", params, ("y",))
    program = Program(parse("y[b,h] = x[b,h] + eps").statements, signature)
    assert oracle.text(program) == "shift(x[b,h], eps=0.5) -> y\ny[b,h] = x[b,h] + eps\n"
    values, _ = oracle.plan(program, 0)
    np.testing.assert_array_equal(oracle.run(program, values)["y"], values["x"] + 0.5)


@settings(max_examples=200, deadline=None)
@given(oracle.programs())
def test_the_text_has_the_structure_of_the_tree(program: Program) -> None:
    lines = oracle.text(program).splitlines()[program.signature is not None :]
    assert parse("\n".join(lines)).statements == program.statements


@settings(max_examples=100, deadline=None)
@given(oracle.programs())
def test_generated_programs_run_or_are_refused(program: Program) -> None:
    try:
        values, unfixed = oracle.plan(program, 0)
    except oracle.Refused:
        return
    found = oracle.run(program, values, unfixed)
    assert [*found] == [s.name for s in program.statements]
    assert all(found[s.name].ndim == len(s.indices) for s in program.statements)
