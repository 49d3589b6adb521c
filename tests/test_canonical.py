"""A key is equal exactly for trees that are equal up to dummy names and commutative order."""

from __future__ import annotations

import random
import time
from itertools import combinations, pairwise, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Basic

from indexcalc.expr import canonical
from indexcalc.expr.base import Index, free_of, postorder
from indexcalc.expr.canonical import key, same
from indexcalc.expr.nodes import Access, Add, Apply, D, Delta, Mul, One, Pow, Reduce, Sum
from tests.processes import printed
from tests.random_trees import G, J, K, L, M, P, cycles, numbered, rewritten, total, tree
from tests.trees import ax

DETERMINISTIC = settings(derandomize=True, deadline=None, max_examples=150)


@DETERMINISTIC
@given(st.integers(0, 10**9), st.integers(0, 4))
def test_names_and_order_do_not_count(seed: int, depth: int) -> None:
    rng = random.Random(seed)
    expr = tree(rng, depth)
    assert key(rewritten(rng, expr)) == key(expr)


def test_the_random_trees_have_every_kind_of_node() -> None:
    rng = random.Random(0)
    met = {type(node) for _ in range(200) for node in postorder(tree(rng, 4))}
    assert met >= {Access, Delta, One, Add, Mul, Pow, Apply, Sum, Reduce, D}


@DETERMINISTIC
@given(st.integers(0, 10**9))
def test_regular_graphs_do_not_depend_on_names(seed: int) -> None:
    """Products in which refinement alone leaves ties."""
    rng = random.Random(seed)
    count = rng.choice((4, 6, 8))
    indices = numbered(count)
    factors = []
    for _ in range(rng.randint(1, 2)):
        order = rng.sample(indices, count)
        factors += [ax("a", one, two) for one, two in zip(indices, order, strict=True)]
    expr = total(factors, indices)
    assert key(rewritten(rng, expr)) == key(expr)


# The brute force: every dummy permutation and every order of a small product.


Form = tuple[tuple[str, tuple[str, ...]], ...]


def forms(factors: list[Basic], dummies: list[Index]) -> set[Form]:
    """All spellings of Σ Π factors: every way to number the dummies of one size, sorted."""
    found = set()
    for order in permutations(range(len(dummies))):
        names = {d: f"{d.size}{n}" for d, n in zip(dummies, order, strict=True)}
        spelt = []
        for factor in factors:
            letters = [names.get(index, index.name) for index in factor.indices]
            if isinstance(factor, Delta):
                letters.sort()
            head = factor.name if isinstance(factor, Access) else "δ"
            spelt.append((head, tuple(letters)))
        found.add(tuple(sorted(spelt)))
    return found


def small(rng: random.Random) -> tuple[list[Basic], list[Index]]:
    letters = [G, J, K, L][: rng.randint(2, 4)]
    pool = [*letters, P, M]
    factors: list[Basic] = []
    for _ in range(rng.randint(2, 4)):
        pair = [rng.choice(pool) for _ in range(2)]
        is_delta = rng.random() < 0.2 and pair[0].size == pair[1].size
        factors.append(Delta(*pair) if is_delta else ax(rng.choice("aab"), *pair))
    used = frozenset().union(*(free_of(factor) for factor in factors))
    dummies = [index for index in (*letters, P) if index in used]
    return (factors, dummies) if 0 < len(dummies) <= 4 else small(rng)


def neighbour(rng: random.Random, factors: list[Basic], dummies: list[Index]) -> list[Basic]:
    """The product with two index slots exchanged, so that equal and unequal pairs are common."""
    slots = [[*factor.indices] for factor in factors]
    one, two = (rng.choice([(f, s) for f in range(len(slots)) for s in (0, 1)]) for _ in "ab")
    slots[one[0]][one[1]], slots[two[0]][two[1]] = slots[two[0]][two[1]], slots[one[0]][one[1]]
    changed = []
    for factor, pair in zip(factors, slots, strict=True):
        if isinstance(factor, Delta) and pair[0].size == pair[1].size:
            changed.append(Delta(*pair))
        else:
            changed.append(ax(factor.name if isinstance(factor, Access) else "a", *pair))
    return changed


def test_the_key_agrees_with_brute_force() -> None:
    rng = random.Random(1)
    verdicts = {True: 0, False: 0}
    for _ in range(1200):
        factors, dummies = small(rng)
        other = neighbour(rng, factors, dummies)
        equal = not forms(factors, dummies).isdisjoint(forms(other, dummies))
        verdicts[equal] += 1
        assert same(total(factors, dummies), total(other, dummies)) is equal, (factors, other)
    assert min(verdicts.values()) > 120, verdicts


def test_all_small_graphs_fall_into_their_classes() -> None:
    """Directed graphs on 4 dummies: two have one key exactly if a permutation joins them."""
    indices = numbered(4)
    arcs = list(permutations(range(4), 2))
    classes: dict[str, int] = {}
    for chosen in product((False, True), repeat=len(arcs)):
        graph = [arc for arc, taken in zip(arcs, chosen, strict=True) if taken]
        if len({end for arc in graph for end in arc}) == 4:
            least = min(
                sum(1 << 4 * order[one] + order[two] for one, two in graph)
                for order in permutations(range(4))
            )
            factors = [ax("a", indices[one], indices[two]) for one, two in graph]
            assert classes.setdefault(key(total(factors, indices)), least) == least
    assert len(classes) == len(set(classes.values()))
    # The 218 directed graphs on 4 vertices, less the 16 on 3 (some vertex is isolated).
    assert len(classes) == 218 - 16


# The hard families.


def clique(count: int, both_ways: bool) -> Basic:
    indices = numbered(count)
    pairs = list(combinations(indices, 2))
    pairs += [(two, one) for one, two in pairs] if both_ways else []
    return total([ax("a", *pair) for pair in pairs], indices)


def components(count: int) -> Basic:
    pairs = list(zip(numbered(count), numbered(count, "j", "H"), strict=True))
    factors = [f for i, j in pairs for f in (ax("x", i, j), ax("x", i, j), ax("y", j))]
    return total(factors, [index for pair in pairs for index in pair])


def chain() -> Basic:
    ends = numbered(10)
    links = [ax("a", *pair) for pair in pairwise(ends)]
    return total([ax("p", ends[0]), *links, ax("q", ends[-1]), ax("r", ends[3], P)], ends)


@pytest.mark.parametrize("name", "bcdefghi")
def test_an_object_used_twice_counts_like_two_copies(name: str) -> None:
    """Sharing is a matter of memory: inner sums keep their own dummies."""

    def inner(one: Index, two: Index) -> Basic:
        there, back = ax("a", one, two), ax(name, two, one)
        return Sum(Mul(ax("a", G, one), there, ax(name, G, two), back), one, two)

    shared = inner(J, K)
    assert key(Sum(Mul(shared, shared), G)) == key(Sum(Mul(inner(J, K), inner(M, L)), G))
    part = Mul(ax("a", G, J), ax(name, J, G))
    copy = Mul(ax(name, J, G), ax("a", G, J))
    assert key(Sum(Add(part, part), G, J)) == key(Sum(Add(part, copy), G, J))


@pytest.mark.parametrize("name", "bcdefghi")
def test_tied_indices_of_sibling_sums_are_not_confused(name: str) -> None:
    """A six-cycle and two triangles look alike to refinement, in either order."""
    ring = numbered(6)
    loops = [ring[n - n % 3 + (n + 1) % 3] for n in range(6)]
    cycle, triangles = (
        Sum(Mul(*(ax(name, G, *pair) for pair in zip(ring, after, strict=True))), *ring)
        for after in (ring[1:] + ring[:1], loops)
    )
    found = key(Sum(Mul(cycle, triangles), G))
    assert key(Sum(Mul(triangles, cycle), G)) == found
    rng = random.Random(6)
    for _ in range(5):
        assert key(rewritten(rng, Sum(Mul(cycle, triangles), G))) == found
    assert key(Sum(Mul(cycle, cycle), G)) != found


def test_a_clash_of_hashes_is_decided_by_the_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "crc32", lambda text: 0)
    names = [ax(name, G) for name in "uvwxyz"]
    assert len({key(Mul(*order)) for order in permutations(names)}) == 1
    assert key(Mul(*names)) != key(Mul(*names[1:]))
    rng = random.Random(2)
    for _ in range(100):
        expr = tree(rng, 3)
        assert key(rewritten(rng, expr)) == key(expr)


# Each hard family in milliseconds, of which the test allows ten times as many.
HARD = {
    "clique of 7": (clique(7, False), 10),
    "clique of 7, both ways": (clique(7, True), 10),
    "chain of 12 factors": (chain(), 5),
    "8 components": (components(8), 50),
    "12-cycle": (cycles(12), 50),
    "4 triangles": (cycles(3, 3, 3, 3), 50),
    "5 different cycles": (cycles(3, 4, 5, 6, 7), 100),
    "20 alike": (total([ax("x", index) for index in numbered(20)], numbered(20)), 50),
}


@pytest.mark.parametrize(("expr", "milliseconds"), HARD.values(), ids=HARD.keys())
def test_a_hard_family_is_quick_and_exact(expr: Basic, milliseconds: int) -> None:
    rng = random.Random(3)
    other = rewritten(rng, expr)
    start = time.perf_counter()
    found = key(expr)
    assert time.perf_counter() - start < milliseconds / 100
    assert found == key(other)


def test_a_tree_of_2000_levels_has_a_key() -> None:
    def closed(name: str) -> Basic:
        expr: Basic = ax("x", G)
        for _ in range(1000):
            expr = Apply("exp", Mul(expr, ax(name, G)))
        return expr

    def nested(prefix: str) -> Basic:
        names = numbered(1001, prefix)
        expr: Basic = ax("x", names[-1])
        for outer, inner in reversed(list(pairwise(names))):
            expr = Sum(Mul(expr, ax("a", outer, inner)), inner)
        return Sum(expr, names[0])

    assert key(closed("a")) == key(closed("a")) != key(closed("b"))
    assert key(nested("i")) == key(nested("j"))


def test_a_part_shared_over_many_levels_is_keyed_once() -> None:
    expr: Basic = ax("x", G)
    for _ in range(100):
        expr = Mul(expr, expr)
    assert len(key(Sum(expr, G))) < 10_000


PROGRAM = """
import random
from tests.random_trees import tree
from tests.test_canonical import HARD
from indexcalc.expr.canonical import key
rng = random.Random(4)
print([key(tree(rng, 4)) for _ in range(50)])
print([key(expr) for expr, _ in HARD.values()])
"""


def test_the_key_does_not_depend_on_the_hash_seed() -> None:
    outputs = {printed("-c", PROGRAM, hash_seed=seed) for seed in "01"}
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000
