"""A key is equal exactly for trees that are equal up to dummy names and commutative order."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from itertools import combinations, pairwise, permutations, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Basic, Expr, Integer, Rational

from indexcalc.expr import canonical
from indexcalc.expr.base import (
    Index,
    Node,
    constant_symbol,
    free_of,
    postorder,
    size_symbol,
)
from indexcalc.expr.canonical import key, same
from indexcalc.expr.nodes import (
    Access,
    Add,
    Apply,
    Binder,
    D,
    Delta,
    Mul,
    One,
    Pow,
    Reduce,
    Sum,
)

G, J, K, L, M = (Index(name, size_symbol("N")) for name in "gjklm")
P, Q = (Index(name, size_symbol("H")) for name in "pq")
SCALARS = (Integer(2), Rational(-1, 2), 1 / size_symbol("H"), constant_symbol("eps") + 1)
FRESH = [f"{letter}{digit}" for letter in "abcdef" for digit in range(6)]
DETERMINISTIC = settings(derandomize=True, deadline=None, max_examples=300)


def ax(name: str, *indices: Index) -> Access:
    return Access(name, *indices)


def numbered(count: int, prefix: str = "i", size: str = "N") -> list[Index]:
    return [Index(f"{prefix}{n}", size_symbol(size)) for n in range(count)]


def total(factors: Iterable[Basic], indices: Iterable[Index]) -> Basic:
    return Sum(Mul(*factors), *indices)


# Random trees, and the same trees written otherwise.


def tree(rng: random.Random, depth: int) -> Basic:
    """A random tree over every node kind."""
    if depth == 0 or rng.random() < 0.1:
        return leaf(rng)
    kind = rng.choice(("add", "mul", "mul", "pow", "apply", "bind", "bind", "bind", "d"))
    part = tree(rng, depth - 1)
    if isinstance(part, Expr):
        part = ax("s")
    if kind == "add":
        return Add(part, rebound(rng, part), part)
    if kind == "mul":
        return Mul(part, *(tree(rng, depth - 1) for _ in range(rng.randint(1, 3))))
    if kind == "pow":
        return Pow(part, rng.choice(SCALARS))
    if kind == "apply":
        name, more = rng.choice(("exp", "log")), [leaf(rng)] * rng.randint(0, 1)
        return Apply("f" if more else name, part, *more)
    if kind == "d" and not any(isinstance(node, Reduce) for node in postorder(part)):
        return D(part, ax("x", *rng.sample((G, J, P), 2)))
    return bound(rng, part)


def leaf(rng: random.Random) -> Basic:
    some = [rng.choice((G, J, K, P, Q)) for _ in range(2)]
    square = rng.choice(((G, J), (J, K), (K, K), (P, Q)))
    accesses = (ax("x", *some), ax("y", *some), ax("z", some[0]), ax("s"))
    return rng.choice((*accesses, Delta(*square), One(*some), rng.choice(SCALARS)))


def bound(rng: random.Random, part: Basic) -> Basic:
    """The part under a binder of some of its free indices, if it has any."""
    free = sorted(free_of(part), key=lambda index: index.name)
    if not free:
        return part
    own = rng.sample(free, rng.randint(1, len(free)))
    return Reduce(rng.choice(Reduce.KINDS), part, *own) if rng.random() < 0.3 else Sum(part, *own)


def rebound(rng: random.Random, part: Basic) -> Basic:
    """Another tree that is open in the same indices."""
    free = sorted(free_of(part), key=lambda index: index.name)
    return Mul(ax("w", *rng.sample(free, len(free))), rng.choice(SCALARS))


def rewritten(rng: random.Random, expr: Basic) -> Basic:
    """The tree with fresh dummy names and every commutative order shuffled."""
    return shuffled(rng, expr, {})


def shuffled(rng: random.Random, expr: Basic, names: dict[Index, Index]) -> Basic:
    if isinstance(expr, Binder):
        # A name may shadow an outer one that the body does not show.
        taken = {names[index].name for index in free_of(expr) if index in names}
        fresh = rng.sample([name for name in FRESH if name not in taken], len(expr.indices))
        own = {old: Index(new, old.size) for old, new in zip(expr.indices, fresh, strict=True)}
        body = shuffled(rng, expr.body, names | own)
        return expr.rebuilt(body, tuple(rng.sample(list(own.values()), len(own))))
    if isinstance(expr, Access):
        return ax(expr.name, *(names.get(index, index) for index in expr.indices))
    if isinstance(expr, Delta | One):
        indices = [names.get(index, index) for index in expr.indices]
        return expr.func(*rng.sample(indices, len(indices)))
    if isinstance(expr, Add | Mul):
        parts = [shuffled(rng, part, names) for part in expr.args]
        return expr.func(*rng.sample(parts, len(parts)))
    if isinstance(expr, D):
        return D(shuffled(rng, expr.body, names), shuffled(rng, expr.variable, names))
    if isinstance(expr, Pow):
        return Pow(*(shuffled(rng, part, names) for part in expr.args))
    if isinstance(expr, Apply):
        return Apply(expr.name, *(shuffled(rng, part, names) for part in expr.arguments))
    assert not isinstance(expr, Node), f"no rewriting of {type(expr).__name__}"
    return expr


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
    for _ in range(3000):
        factors, dummies = small(rng)
        other = neighbour(rng, factors, dummies)
        equal = not forms(factors, dummies).isdisjoint(forms(other, dummies))
        verdicts[equal] += 1
        assert same(total(factors, dummies), total(other, dummies)) is equal, (factors, other)
    assert min(verdicts.values()) > 300, verdicts


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


def cycles(*lengths: int) -> Basic:
    factors: list[Basic] = []
    for number, length in enumerate(lengths):
        ring = numbered(length, f"c{number}_")
        factors += [ax("a", *pair) for pair in zip(ring, ring[1:] + ring[:1], strict=True)]
    return total(factors, sorted(frozenset().union(*map(free_of, factors)), key=str))


def components(count: int) -> Basic:
    pairs = list(zip(numbered(count), numbered(count, "j", "H"), strict=True))
    factors = [f for i, j in pairs for f in (ax("x", i, j), ax("x", i, j), ax("y", j))]
    return total(factors, [index for pair in pairs for index in pair])


def chain() -> Basic:
    ends = numbered(10)
    links = [ax("a", *pair) for pair in pairwise(ends)]
    return total([ax("p", ends[0]), *links, ax("q", ends[-1]), ax("r", ends[3], P)], ends)


# Near misses.


def sum_of(*factors: Basic) -> Callable[..., Basic]:
    return lambda *indices: total(factors, indices)


x_k, y_k, x_l, y_l = ax("x", K), ax("y", K), ax("x", L), ax("y", L)
TWO_SUMS = Mul(Sum(ax("a", K, L), K), Sum(ax("b", K, L), K))
DIFFERENT = {
    "transposed factor": (
        sum_of(ax("a", G, J), ax("b", J, K))(J),
        sum_of(ax("a", G, J), ax("b", K, J))(J),
    ),
    "size of a dummy": (Sum(ax("x", G), G), Sum(ax("x", P), P)),
    "size of a free index": (
        ax("x", Index("i", size_symbol("N"))),
        ax("x", Index("i", SCALARS[0])),
    ),
    "name of a free index": (ax("x", G), ax("x", J)),
    "free and bound": (ax("x", G), Sum(ax("x", G), G)),
    "one sum and two": (
        Add(Sum(Mul(x_k, y_k), K), Sum(Mul(x_l, y_l), L)),
        Add(Sum(Mul(x_k, y_k), K), Sum(Mul(x_l, ax("z", L)), L)),
    ),
    "multiplicity": (
        Add(Sum(Mul(x_k, y_k), K), Sum(Mul(x_l, y_l), L)),
        Sum(Mul(x_k, y_k), K),
    ),
    "square of a sum": (
        Mul(Sum(x_k, K), Sum(x_l, L)),
        Sum(Mul(x_k, x_k), K),
    ),
    "nested and flat sum": (Sum(Sum(ax("a", G, J), J), G), Sum(ax("a", G, J), G, J)),
    "order of binders": (
        Reduce("max", Sum(ax("a", G, J), G), J),
        Sum(Reduce("max", ax("a", G, J), J), G),
    ),
    "inner or outer": (
        Sum(Mul(ax("x", G), Sum(ax("a", G, J), J)), G),
        Sum(Mul(ax("x", J), Sum(ax("a", G, J), G)), J),
    ),
    "nested and flat factors": (
        Mul(ax("x", G), Mul(ax("y", G), ax("z", G))),
        Mul(ax("x", G), ax("y", G), ax("z", G)),
    ),
    "sum and product": (Add(ax("x", G), ax("y", G)), Mul(ax("x", G), ax("y", G))),
    "kind of reduction": (Reduce("max", ax("x", G), G), Reduce("min", ax("x", G), G)),
    "sum and reduction": (Sum(ax("x", G), G), Reduce("prod", ax("x", G), G)),
    "function": (Apply("exp", ax("x", G)), Apply("log", ax("x", G))),
    "arguments": (Apply("f", ax("x", G), ax("y", G)), Apply("f", ax("y", G), ax("x", G))),
    "base and exponent": (Pow(ax("x", G), ax("y", G)), Pow(ax("y", G), ax("x", G))),
    "name of a tensor": (ax("x", G), ax("y", G)),
    "delta and one": (Delta(G, J), One(G, J)),
    "one and access": (One(G, J), ax("One", G, J)),
    "scalars": (Mul(Integer(2), ax("x", G)), Mul(Integer(3), ax("x", G))),
    "variable": (D(ax("x", G), ax("x", J)), D(ax("x", J), ax("x", G))),
    "which sum binds": (
        Sum(Mul(ax("x", K), Sum(ax("a", K, L), K)), K, L),
        Sum(Mul(ax("x", L), Sum(ax("a", K, L), K)), L),
    ),
    "six-cycle and two triangles": (
        cycles(6),
        cycles(3, 3),
    ),
    "sharing a dummy": (
        Sum(Mul(Sum(ax("a", G, K), K), Sum(ax("a", J, K), K)), G, J),
        Sum(Mul(Sum(ax("a", G, K), K), Sum(ax("a", G, K), K), One(J)), G, J),
    ),
}


@pytest.mark.parametrize(("one", "two"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_a_near_miss_has_another_key(one: Basic, two: Basic) -> None:
    assert key(one) != key(two)
    assert not same(one, two)


EQUAL = {
    "shadowed": (
        Sum(Mul(ax("x", K), Sum(ax("y", K), K)), K),
        Sum(Mul(Sum(ax("y", J), J), ax("x", G)), G),
    ),
    "shadowed after a use": (
        Sum(Mul(ax("x", K), ax("a", J, K), Sum(Mul(ax("x", K), ax("b", J, K)), K)), J, K),
        Sum(Mul(ax("x", K), ax("a", J, K), Sum(Mul(ax("x", L), ax("b", J, L)), L)), J, K),
    ),
    "same name in sibling sums": (TWO_SUMS, Mul(Sum(ax("b", G, L), G), Sum(ax("a", J, L), J))),
    "order of a binder's indices": (Sum(ax("a", G, J), G, J), Sum(ax("a", G, J), J, G)),
    "one name, two sizes": (
        Sum(Mul(ax("x", Index("g", P.size)), ax("y", G)), Index("g", P.size), G),
        Sum(Mul(ax("x", P), ax("y", Q.func("q", G.size))), Q.func("q", G.size), P),
    ),
    "delta": (Delta(G, J), Delta(J, G)),
    "one": (One(G, J, P), One(P, J, G)),
    "bound variable": (Sum(D(ax("x", G), ax("x", J)), J), Sum(D(ax("x", G), ax("x", K)), K)),
}


@pytest.mark.parametrize(("one", "two"), EQUAL.values(), ids=EQUAL.keys())
def test_two_spellings_have_one_key(one: Basic, two: Basic) -> None:
    assert key(one) == key(two)
    assert same(one, two)


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
from tests.test_canonical import HARD, tree
from indexcalc.expr.canonical import key
rng = random.Random(4)
print([key(tree(rng, 4)) for _ in range(50)])
print([key(expr) for expr, _ in HARD.values()])
"""


def test_the_key_does_not_depend_on_the_hash_seed() -> None:
    root = str(Path(__file__).parents[1])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in "012"
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000
