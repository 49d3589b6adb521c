"""How many entries of an expression are there, against those of its array."""

from __future__ import annotations

import random
import time
from typing import Any

import numpy as np
import pytest
from sympy import Integer, Symbol

from indexcalc.calculus.nonzeros import MOST_PLANES, nonzeros
from indexcalc.expr.base import Index, free_of, size_symbol
from indexcalc.expr.evaluate import evaluate
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, One, Pow, Sum
from indexcalc.expr.world import World

I, J, K = (Index(letter, size_symbol("N")) for letter in "ijk")
C = Index("c", size_symbol("M"))
BESIDE = (I, J, K, C)


def brute(expr: Any, numbers: dict[Symbol, int]) -> int:
    """Entries that differ from zero where every tensor is positive, by the reference evaluator."""
    generator = np.random.default_rng(3)
    sizes = {"N": numbers[size_symbol("N")], "M": numbers[size_symbol("M")]}
    arrays = {
        "x": generator.uniform(1, 2, [sizes["N"]]),
        "z": generator.uniform(1, 2, [sizes["M"]]),
    }
    value = evaluate(expr, World(arrays, numbers, {}))
    free = sorted(free_of(expr), key=lambda index: index.name)
    rest = [numbers[index.size] for index in BESIDE if index not in free]
    return int((value != 0).sum()) * int(np.prod(rest))


def grown(generator: random.Random, depth: int) -> Any:
    """A random expression over i, j, k and c that is nowhere negative."""
    kind = generator.choice(["delta", "delta", "x", "one"] if depth == 0 else ["mul", "add", "sum"])
    letters = [I, J, K]
    if kind == "delta":
        return Delta(generator.choice(letters), generator.choice(letters))
    if kind == "x":
        return generator.choice([Access("x", generator.choice(letters)), Access("z", C)])
    if kind == "one":
        return One(generator.choice([*letters, C]))
    first, second = grown(generator, depth - 1), grown(generator, depth - 1)
    if kind == "mul":
        return Mul(first, second)
    if kind == "add":
        free = sorted(free_of(first) | free_of(second), key=lambda index: index.name)
        return Add(*(completed(term, free) for term in (first, second)))
    summed = generator.choice(letters)
    body = Mul(first, second, Delta(summed, generator.choice(letters)))
    return Sum(body, summed)


def completed(term: Any, free: list[Index]) -> Any:
    missing = [index for index in free if index not in free_of(term)]
    return Mul(One(*missing), term) if missing else term


@pytest.mark.parametrize("seed", range(60))
def test_the_count_is_that_of_the_array(seed: int) -> None:
    expr = grown(random.Random(seed), 1 + seed % 3)
    formula = nonzeros(expr, BESIDE)
    assert formula is not None
    for n, m in ((1, 2), (2, 3), (4, 2)):
        numbers = {size_symbol("N"): n, size_symbol("M"): m}
        assert int(formula.subs(numbers)) == brute(expr, numbers)


@pytest.mark.parametrize(
    ("expr", "count"),
    [
        (Pow(Delta(I, J), 2), 6),
        (Apply("sqrt", Delta(I, J)), 6),
        (Apply("exp", Delta(I, J)), 18),
        (Apply("f", Delta(I, J)), 18),
        (Pow(Delta(I, J), Access("z", C)), 18),
        (Mul(0, Delta(I, J)), 0),
        (Integer(1), 18),
    ],
)
def test_what_keeps_zeros(expr: Any, count: int) -> None:
    formula = nonzeros(expr, (I, J, C))
    assert formula is not None
    assert formula.subs({size_symbol("N"): 3, size_symbol("M"): 2}) == count


def test_what_is_too_entangled_is_not_counted() -> None:
    letters = [Index(f"a{n}", size_symbol("N")) for n in range(40)]
    pairs = list(zip(letters[::2], letters[1::2], strict=True))
    factors = [
        Add(Mul(Delta(a, b), One(c, d)), Mul(Delta(c, d), One(a, b)))
        for (a, b), (c, d) in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    started = time.perf_counter()
    assert nonzeros(Mul(*factors), letters) is None
    terms = [Mul(Delta(a, b), One(*(i for i in letters if i not in (a, b)))) for a, b in pairs]
    assert len(terms) < MOST_PLANES
    assert nonzeros(Add(*terms), letters) is None
    assert time.perf_counter() - started < 5
