"""Renaming indices without capture, and fresh names."""

from __future__ import annotations

import numpy as np
import pytest

from indexcalc.expr.base import Index, Node, children, free_of, postorder
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.nodes import Access, Apply, D, Delta, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.printing import spell
from indexcalc.expr.rename import fresh_name, rename
from indexcalc.expr.world import World
from tests.kinds import A, G, J, K, L, N, W, X, Y, every_kind


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
