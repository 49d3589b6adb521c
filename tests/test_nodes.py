"""The laws of the nodes: free indices, equality, depth, refusals, and renaming without capture."""

from __future__ import annotations

import copy
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from sympy import Basic, Integer, Rational, Symbol
from sympy.core.symbol import Str

from indexcalc.errors import IndexcalcError
from indexcalc.expr import base
from indexcalc.expr.base import (
    Index,
    Node,
    children,
    constant_symbol,
    free_of,
    postorder,
    rebuild,
    size_symbol,
)
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.nodes import Access, Add, Apply, D, Delta, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.printing import spell
from indexcalc.expr.rename import fresh_name, rename
from indexcalc.expr.world import World

ROOT = Path(__file__).resolve().parent.parent
N, WIDE = size_symbol("N"), size_symbol("W")
G, J, K, L = (Index(name, N) for name in "ijkl")
P = Index("p")
X, Y = Access("x", G), Access("y", J)
A = Access("a", G, K)
W = Access("w", K)
DEPTH = 3000
LETTER: Any = "i"  # a string where an Index belongs

# Every kind of node, with the names of its free indices.
KINDS: dict[str, tuple[Node, str]] = {
    "access": (A, "ik"),
    "access-scalar": (Access("s"), ""),
    "access-repeated": (Access("a", G, G), "i"),
    "one": (One(G, P), "ip"),
    "delta": (Delta(G, J), "ij"),
    "delta-repeated": (Delta(G, G), "i"),
    "add": (Add(X, Access("z", G)), "i"),
    "add-scalars": (Add(Access("s"), constant_symbol("eps")), ""),
    "mul": (Mul(X, Y), "ij"),
    "mul-number": (Mul(Rational(1, 2), X), "i"),
    "pow": (Pow(X, Integer(2)), "i"),
    "pow-exponent": (Pow(Integer(2), Y), "j"),
    "pow-both": (Pow(X, Y), "ij"),
    "apply": (Apply("exp", X), "i"),
    "apply-two": (Apply("f", X, Y), "ij"),
    "sum": (Sum(Mul(A, W), K), "i"),
    "sum-two": (Sum(A, G, K), ""),
    "reduce": (Reduce("max", A, K), "i"),
    "derivative": (D(Sum(Mul(A, W), K), Access("w", L)), "il"),
    "derivative-same": (D(Apply("exp", X), Access("x", G)), "i"),
}
every_kind = pytest.mark.parametrize("node", [node for node, _ in KINDS.values()], ids=list(KINDS))


def deep(depth: int = DEPTH) -> Node:
    """exp(1_i + exp(1_i + ...)), made anew on each call."""
    node: Node = Access("x", Index("i", N))
    for _ in range(depth):
        node = Apply("exp", Add(One(Index("i", N)), node))
    return node


# What a node is


@pytest.mark.parametrize(("node", "free"), KINDS.values(), ids=list(KINDS))
def test_free_indices_are_known(node: Node, free: str) -> None:
    assert {index.name for index in node.free} == set(free)
    assert free_of(node) is node.free


def test_a_scalar_has_no_free_indices_and_no_parts() -> None:
    assert free_of(1 / N) == frozenset()
    assert children(1 / N) == ()


@every_kind
def test_the_arguments_make_the_node_again(node: Node) -> None:
    again = node.func(*node.args)
    assert again == node
    assert type(again) is type(node)
    assert again.free == node.free


@every_kind
def test_srepr_evaluates_back(node: Node) -> None:
    kinds = [Access, Add, Apply, D, Delta, Index, Mul, One, Pow, Reduce, Sum]
    names = {kind.__name__: kind for kind in kinds}
    names |= {"Symbol": Symbol, "Integer": Integer, "Rational": Rational, "Str": Str}
    again = eval(sympy.srepr(node), {"__builtins__": {}}, names)
    assert again == node
    assert again.free == node.free


@every_kind
def test_sympy_prints_it_in_our_spelling(node: Node) -> None:
    assert sympy.latex(node) == spell(node, "latex")
    assert str(node) == spell(node, "text")
    assert sympy.pretty(node) == spell(node, "unicode")


def test_sympy_prints_an_index() -> None:
    assert (str(G), sympy.latex(Index("alpha"))) == ("i", r"\alpha")
    assert sympy.latex(Index("row")) == r"\mathrm{row}"


@every_kind
def test_nothing_is_kept_outside_the_arguments(node: Node) -> None:
    assert not hasattr(node, "__dict__")


@every_kind
def test_xreplace_replaces_a_leaf(node: Node) -> None:
    z = Access("z", G)
    replaced = node.xreplace({X: z})
    occurs = any(part == X for part in postorder(node)) and not isinstance(node, Access)
    assert type(replaced) is type(node)
    assert (replaced != node) == occurs
    if occurs:
        assert z in list(postorder(replaced))
        assert replaced.free == node.free


def test_xreplace_makes_the_expected_node() -> None:
    assert Sum(Mul(A, W), K).xreplace({W: Access("v", K)}) == Sum(Mul(A, Access("v", K)), K)


# Equality


@every_kind
def test_equality_and_hash_are_structural(node: Node) -> None:
    again = rebuilt_from_nothing(node)
    assert again is not node
    assert again == node
    assert (again != node) is False
    assert hash(again) == hash(node)


def rebuilt_from_nothing(node: Basic) -> Basic:
    """The same tree of new objects, which would else be the ones made before."""
    base._MADE.clear()
    if isinstance(node, Index):
        return Index(str(node.name), node.size)
    if not isinstance(node, Node):
        return node
    return node.func(*(rebuilt_from_nothing(part) for part in node.args))


def test_all_kinds_differ() -> None:
    assert len({node for node, _ in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (X, Access("x", J)),
        (X, Access("x", Index("i"))),
        (X, Access("z", G)),
        (X, One(G)),
        (Mul(X, Y), Mul(Y, X)),
        (Mul(X, Y, X), Mul(X, Mul(Y, X))),
        (Add(X, X), Mul(X, X)),
        (Sum(A, K), Sum(Access("a", G, L), L)),
        (Sum(A, G, K), Sum(A, K, G)),
        (Sum(Sum(A, K), G), Sum(A, G, K)),
        (Reduce("max", A, K), Reduce("min", A, K)),
        (Reduce("prod", A, K), Sum(A, K)),
        (Apply("sin", X), Apply("cos", X)),
        (Delta(G, J), Delta(J, G)),
        (Mul(2, X), Mul(Rational(1, 2), X)),
        (X, "x[i]"),
    ],
    ids=lambda value: str(value),
)
def test_what_is_written_otherwise_is_not_equal(one: Node, other: object) -> None:
    assert one != other
    assert (one == other) is False


def test_python_numbers_become_exact() -> None:
    assert Mul(2, X) == Mul(Integer(2), X)
    assert Mul(2, X).args[0] == Integer(2)


def test_nothing_is_simplified() -> None:
    assert Mul(1, X).args == (Integer(1), X)
    assert Pow(X, 1) != X
    assert Add(X, Mul(-1, X)) != Integer(0)


# Refusals


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: Add(X), ValueError, "Add has at least 2 parts"),
        (lambda: Mul(X), ValueError, "Mul has at least 2 parts"),
        (lambda: Apply("exp"), ValueError, "Apply has at least 1 parts"),
        (lambda: Add(X, Y), ValueError, "only tensors of the same order add: {i} and {j}"),
        (lambda: Add(X, A), ValueError, "only tensors of the same order add: {i} and {i, k}"),
        (lambda: Add(X, Integer(1)), ValueError, "only tensors of the same order add: {i} and {}"),
        (
            lambda: Mul(2, 3),
            ValueError,
            "Mul has a tensor among its parts; numbers alone are SymPy's",
        ),
        (
            lambda: Add(N, 3),
            ValueError,
            "Add has a tensor among its parts; numbers alone are SymPy's",
        ),
        (
            lambda: Pow(N, 3),
            ValueError,
            "Pow has a tensor among its parts; numbers alone are SymPy's",
        ),
        (lambda: Mul(sympy.zoo, X), ValueError, "Mul takes exact real numbers, not zoo"),
        (lambda: Mul(sympy.nan, X), ValueError, "Mul takes exact real numbers, not nan"),
        (lambda: Mul(2 + sympy.I, X), ValueError, "Mul takes exact real numbers, not 2 + I"),
        (lambda: Pow(X, 1.5), ValueError, "Pow takes exact real numbers, not 1.50000000000000"),
        (lambda: Mul(0.5 * N, X), ValueError, "Mul takes exact real numbers, not 0.5*N"),
        (lambda: Apply("exp", sympy.oo), ValueError, "Apply takes exact real numbers, not oo"),
        (lambda: Apply("exp", X, X), ValueError, "exp takes 1 argument, not 2"),
        (lambda: Access("", G), ValueError, "a name has at least one character"),
        (lambda: Apply("", X), ValueError, "a name has at least one character"),
        (lambda: Index(""), ValueError, "a name has at least one character"),
        (lambda: Index("i", -1), ValueError, "the size of i is a positive whole number, not -1"),
        (lambda: Index("i", 0), ValueError, "the size of i is a positive whole number, not 0"),
        (lambda: Index("i", 1.0), ValueError, "the size of i is a positive whole number, not 1"),
        (
            lambda: Index("i", Rational(1, 2)),
            ValueError,
            "the size of i is a positive whole number, not 1/2",
        ),
        (
            lambda: Index("i", sympy.oo),
            ValueError,
            "the size of i is a positive whole number, not oo",
        ),
        (
            lambda: Index("i", (1, 2)),
            TypeError,
            "the size of i is a number or a symbol, not (1, 2)",
        ),
        (lambda: Sum(X, J), ValueError, "{j} is not open in the body"),
        (lambda: Sum(X, G, J), ValueError, "{j} is not open in the body"),
        (lambda: Sum(X, Index("i")), ValueError, "{i} is not open in the body"),
        (lambda: Sum(Sum(A, K), K), ValueError, "{k} is not open in the body"),
        (lambda: Reduce("max", X, J), ValueError, "{j} is not open in the body"),
        (lambda: Sum(X), ValueError, "a binder has one or more different indices"),
        (lambda: Sum(X, G, G), ValueError, "a binder has one or more different indices"),
        (lambda: Reduce("mode", X, G), ValueError, "no reduction mode; there are prod, max, min"),
        (lambda: One(), ValueError, "a one-tensor has at least one index"),
        (lambda: Delta(G, P), ValueError, "delta over two sizes: N and P"),
        (lambda: Delta(G, LETTER), TypeError, "Delta takes Index objects, not 'i'"),
        (lambda: Access("x", LETTER), TypeError, "Access takes Index objects, not 'i'"),
        (lambda: One(LETTER), TypeError, "One takes Index objects, not 'i'"),
        (lambda: Sum(X, LETTER), TypeError, "Sum takes Index objects, not 'i'"),
        (
            lambda: D(X, Sum(X, G)),
            TypeError,
            "the derivative is taken with respect to an Access",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_constructor_refuses(
    build: Callable[[], Node], error: type[ValueError | TypeError], message: str
) -> None:
    with pytest.raises(error, match="^" + re.escape(message)):
        build()


def test_an_index_is_not_an_expression() -> None:
    with pytest.raises(TypeError, match=r"^Mul takes expressions, not "):
        Mul(X, G)


def test_strings_are_never_parsed() -> None:
    with pytest.raises(sympy.SympifyError):
        Mul(X, "2")


@pytest.mark.parametrize("kind", Reduce.KINDS)
def test_a_reduction_has_no_derivative_yet(kind: str) -> None:
    with pytest.raises(IndexcalcError) as caught:
        D(Apply("exp", Reduce(kind, A, K)), Access("a", J, L))
    assert str(caught.value) == (
        f"error IC701: the derivative of {kind} is not available yet\n"
        "hint: write a without it, or differentiate by another tensor"
    )


# SymPy's own replacements

WAYS = "rename(expr, {i: j}) renames indices, and xreplace takes parts with the same ones"


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        (lambda e: e.xreplace({G: J}), "i could be bound here; "),
        (lambda e: e.subs(J, G), "j could be bound here; "),
        (lambda e: e.subs({J: G}), "j could be bound here; "),
        (lambda e: e.subs([(X, Y)]), "j could be captured here; "),
        (lambda e: e.xreplace({X: Y}), "j could be captured here; "),
        (lambda e: e.xreplace({N: WIDE}), "two indices of one letter would have one size; "),
        (lambda e: e.subs(N, WIDE), "two indices of one letter would have one size; "),
        (lambda e: e.subs("N", 3), "N could be bound here; "),
        (lambda e: e.xreplace({e.body.args[0].args[0]: J.args[0]}), "x could be bound here; "),
        (lambda e: e.replace(X, Y), "replace could capture bound indices; "),
    ],
)
def test_a_replacement_never_captures(replaced: Callable[[Sum], object], message: str) -> None:
    """Σ_j x_i y_j with i → j would be Σ_j x_j y_j."""
    expr = Sum(Mul(X, Y, Access("z", Index("j", WIDE))), J)
    with pytest.raises(TypeError, match="^" + re.escape(message + WAYS) + "$"):
        replaced(expr)


def test_a_replacement_of_sizes_and_of_parts_with_the_same_indices() -> None:
    expr = Sum(Mul(N, X, Y), J)
    three, four = Index("i", 3), Index("j", 3)
    assert expr.subs(N, 3) == Sum(Mul(3, Access("x", three), Access("y", four)), four)
    assert expr.xreplace({N: WIDE}).free == {Index("i", WIDE)}
    assert expr.xreplace({X: Access("w", G)}) == Sum(Mul(N, Access("w", G), Y), J)
    assert expr.subs([(X, Access("w", G))]) == Sum(Mul(N, Access("w", G), Y), J)
    assert expr.xreplace({WIDE: N}) == expr


# Copies, and depth


@every_kind
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_round_trip(node: Node, protocol: int) -> None:
    again = pickle.loads(pickle.dumps(node, protocol))
    assert (again, hash(again), again.free) == (node, hash(node), node.free)


@every_kind
def test_copies_are_equal(node: Node) -> None:
    assert copy.copy(node) == node
    assert copy.deepcopy(node) == node


def test_a_pickle_is_read_under_another_hash_seed() -> None:
    sent = [node for node, _ in KINDS.values()]
    code = (
        "import pickle, sys; nodes = pickle.load(sys.stdin.buffer); "
        "print(all(n == n.func(*n.args) and hash(n) == hash(n.func(*n.args)) for n in nodes), "
        "len(nodes))"
    )
    assert python(code, "7", pickle.dumps(sent)) == f"True {len(sent)}\n"


def test_a_deep_tree_is_compared_hashed_and_copied() -> None:
    one = deep()
    base._MADE.clear()
    other = deep()
    assert one is not other
    assert one == other
    assert hash(one) == hash(other)
    assert one.free == {G}
    assert pickle.loads(pickle.dumps(one)) == one
    assert copy.copy(one) == one
    assert copy.deepcopy(one) == one
    assert one != deep(DEPTH - 1)


def test_a_deep_tree_is_walked_renamed_and_spelled() -> None:
    tree = deep()
    assert sum(isinstance(node, Apply) for node in postorder(tree)) == DEPTH
    renamed = rename(tree, {G: J})
    assert free_of(renamed) == {J}
    assert rename(renamed, {J: G}) == tree
    assert spell(tree).count("exp(") == DEPTH


def test_deep_binders_are_renamed() -> None:
    tree: Basic = Access("x", G)
    for _ in range(DEPTH):
        tree = Sum(Mul(One(J), Access("a", G, J), tree), J)
    renamed = rename(tree, {G: J})
    assert free_of(renamed) == {J}
    assert all(J not in node.indices for node in postorder(renamed) if isinstance(node, Sum))


# Walking and rebuilding


def test_postorder_yields_parts_first_and_each_object_once() -> None:
    square = Mul(X, X)
    assert list(postorder(Apply("f", square, square))) == [X, square, Apply("f", square, square)]


@every_kind
def test_rebuild_with_the_same_parts_is_the_same_object(node: Node) -> None:
    assert rebuild(node, children(node)) is node


@every_kind
def test_rebuild_with_equal_parts_is_an_equal_node(node: Node) -> None:
    parts = tuple(rebuilt_from_nothing(part) for part in children(node))
    assert rebuild(node, parts) == node


def test_rebuild_changes_the_parts_alone() -> None:
    v = Access("v", K)
    assert rebuild(Sum(W, K), (v,)) == Sum(v, K)
    assert rebuild(Reduce("min", W, K), (v,)) == Reduce("min", v, K)
    assert rebuild(Apply("exp", W), (v,)) == Apply("exp", v)
    assert rebuild(D(W, Access("w", G)), (v, Access("v", G))) == D(v, Access("v", G))


# Renaming


@pytest.mark.parametrize(
    ("node", "mapping", "expected"),
    [
        (X, {G: J}, Access("x", J)),
        (One(G, K), {K: J}, One(G, J)),
        (Delta(G, J), {G: K}, Delta(K, J)),
        (Mul(X, Y), {G: J, J: G}, Mul(Access("x", J), Access("y", G))),
        (Access("a", G, J), {G: J, J: G}, Access("a", J, G)),
        (Access("a", G, K), {G: K}, Access("a", K, K)),
        (Sum(A, K), {G: J}, Sum(Access("a", J, K), K)),
        (Sum(Mul(X, Y), J), {G: J}, Sum(Mul(Access("x", J), Access("y", K)), K)),
        (Reduce("max", A, K), {G: K}, Reduce("max", Access("a", K, L), L)),
        (
            Sum(Mul(A, Sum(Mul(W, Access("b", G, K)), G)), K),
            {G: K},
            Sum(Mul(Access("a", K, L), Sum(Mul(Access("w", L), Access("b", G, L)), G)), L),
        ),
        (
            Sum(Sum(Access("t", G, J, K), K), J),
            {G: K},
            Sum(Sum(Access("t", K, J, L), L), J),
        ),
        (
            Sum(Access("t", G, J, K), J, K),
            {G: K},
            Sum(Access("t", K, J, L), J, L),
        ),
        (
            Sum(Mul(Access("t", G, J), Y), J),
            {G: J},
            Sum(Mul(Access("t", J, K), Access("y", K)), K),
        ),
        (D(X, Access("x", J)), {J: K}, D(X, Access("x", K))),
        (Pow(X, Y), {G: J}, Pow(Access("x", J), Y)),
        (Apply("f", X, Y), {J: G}, Apply("f", X, Access("y", G))),
    ],
    ids=lambda value: spell(value) if isinstance(value, Node) else "",
)
def test_rename(node: Node, mapping: dict[Index, Index], expected: Node) -> None:
    assert rename(node, mapping) == expected


def test_the_first_free_letter_is_taken_for_a_captured_index() -> None:
    """Σ_j x_i y_j with i → j is x_j Σ_k y_k, and never Σ_j x_j y_j."""
    renamed = rename(Sum(Mul(X, Y), J), {G: J})
    assert renamed == Sum(Mul(Access("x", J), Access("y", K)), K)
    assert renamed != Sum(Mul(Access("x", J), Access("y", J)), J)


def test_an_inner_binder_of_the_same_letter_is_left_alone() -> None:
    inner = Sum(Access("b", G, K), G)
    renamed = rename(Sum(Mul(A, inner), K), {G: J})
    assert renamed == Sum(Mul(Access("a", J, K), inner), K)
    assert inner in list(postorder(renamed))


@every_kind
@pytest.mark.parametrize("mapping", [{}, {G: G}, {Index("z", N): J}, {Index("i"): J}], ids=str)
def test_what_is_not_concerned_is_the_same_object(node: Node, mapping: dict[Index, Index]) -> None:
    """An index of another size is another index."""
    assert rename(node, mapping) is node


def test_bound_indices_are_not_concerned() -> None:
    tree = Sum(Mul(A, W), K)
    assert rename(tree, {K: J}) is tree


def test_untouched_parts_are_the_same_objects() -> None:
    right = Sum(Mul(Access("b", J, K), W), K)
    renamed = rename(Mul(X, right), {G: L})
    assert children(renamed)[1] is right


SWAPPED = {G: J, J: G}
VALUED: dict[str, tuple[Node, dict[Index, Index]]] = {
    "swap": (Mul(Access("m", G, J), Sum(Mul(Access("m", J, K), W), K)), SWAPPED),
    "swap-under-binder": (Sum(Mul(Access("t", G, J, K), W), K), SWAPPED),
    "capture": (Sum(Mul(X, Access("m", G, J)), J), {G: J}),
    "capture-twice": (Sum(Mul(W, Sum(Access("t", G, K, J), J)), K), {G: J}),
    "capture-chain": (Sum(Mul(Access("m", G, J), Sum(Access("m", J, K), K)), J), {G: K}),
    "reduce": (Reduce("max", Mul(X, Access("m", G, J)), J), {G: J}),
    "power": (Pow(Access("m", G, J), Sum(Mul(Access("v", J), W, Delta(J, K)), J, K)), SWAPPED),
}


@pytest.mark.parametrize(("node", "mapping"), VALUED.values(), ids=list(VALUED))
def test_renaming_preserves_the_value(node: Node, mapping: dict[Index, Index]) -> None:
    """The axes follow the letters; all sizes agree, since any letter may become any other."""
    rng = np.random.default_rng(5)
    orders = {"x": 1, "v": 1, "w": 1, "m": 2, "t": 3}
    arrays = {name: rng.uniform(0.5, 1.5, (3,) * order) for name, order in orders.items()}
    world = World(arrays, {N: 3}, {})
    before = sorted(index.name for index in node.free)
    after = [next((new.name for old, new in mapping.items() if old.name == n), n) for n in before]
    expected = np.transpose(evaluate(node, world), np.argsort(after))
    renamed = rename(node, mapping)
    assert sorted(after) == sorted(index.name for index in free_of(renamed))
    np.testing.assert_allclose(evaluate(renamed, world), expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("like", "avoid", "fresh"),
    [
        ("i", "", "j"),
        ("i", "jk", "l"),
        ("z", "", "a"),
        ("p", "qrstuvwxyzabcdefghijklmno", "p"),
        ("i", "abcdefghijklmnopqrstuvwxyz", "j1"),
        ("row", "", "s"),
        ("α", "", "a"),
    ],
)
def test_fresh_names(like: str, avoid: str, fresh: str) -> None:
    assert fresh_name(like, avoid) == fresh


def test_fresh_names_go_on_for_ever() -> None:
    taken: list[str] = []
    for _ in range(100):
        taken.append(fresh_name("i", taken))
    assert len(set(taken)) == 100
    assert taken[:2] + taken[25:27] == ["j", "k", "i", "j1"]


# The same on every run

SPELLED = """
from indexcalc.expr.base import free_of, postorder
from indexcalc.expr.nodes import Access, Add, Mul, Sum
from indexcalc.expr.base import Index
from indexcalc.expr.printing import spell
from indexcalc.expr.rename import rename
from indexcalc.lang.reading import read
from indexcalc.render.echo import echo, source
text = '''t[i,j] = x[i,k]*w[k,l]*z[l,m]*v[m,j] + a[i]
y[b,h,c] = t[b,h] + sum[b](u[b,c]) + max[h](q[h,c]) + size(n)*1[n]*r[n]
n[a] = y[a,e,d]*1[e]*1[d]'''
program = read(text)
print(echo(program), source(program), source(program, 'sum'))
for equation in program.equations:
    for node in postorder(equation.right):
        print(spell(node, 'unicode', 'sum'))
letters = [Index(c) for c in 'ijklmn']
try:
    Add(Access('x', *letters), Access('x', *letters[:3]))
except ValueError as error:
    print(error)
tree = Sum(Mul(Access('x', *letters), Access('y', *letters)), *letters[2:])
print(spell(rename(tree, dict(zip(letters[:2], letters[2:4])))))
"""


def python(code: str, seed: str, data: bytes = b"") -> str:
    """What a fresh interpreter with this hash seed prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=data,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_the_same_output_under_any_hash_seed() -> None:
    outputs = {python(SPELLED, seed) for seed in ("0", "1", "2", "31337")}
    assert len(outputs) == 1
    (output,) = outputs
    assert "{i, j, k, l, m, n} and {i, j, k}" in output
