"""Texts that are grammatical and mean little: each is read, or refused at a place in it."""

from __future__ import annotations

from random import Random

from indexcalc.errors import IndexcalcError
from indexcalc.forms.inward.reading import read

COUNT = 800
DECLARED = "f(A[n,n], B[m,n], x[n], u[m], s, eps=1e-5) -> Y; "
WORDS = [
    "A",
    "B",
    "x",
    "u",
    "s",
    "eps",
    "alpha",
    "I",
    "𝟏",
    "1",
    "2",
    "0.5",
    "n",
    "N",
    "pi",
    "eye(n)",
    "ones(m)",
    "ones(n,m)",
    "f",
    "T",
    "Z",
    "m",
    "size",
    "delta",
]
BETWEEN = ["+", "-", "*", "*", ".*", "./", "/", ":", "⊙", ".^", "^"]
BEHIND = ["'", "ᵀ", "^T", "^2", ".^2", "^-1", "^0.5"]
CALLED = ["tr", "diag", "sum", "mean", "norm", "exp", "log", "f", "g", "inv", "tahn"]


def drawn(random: Random, depth: int) -> str:
    if depth == 0 or random.random() < 0.2:
        return random.choice(WORDS)
    inner = drawn(random, depth - 1)
    kind = random.randrange(8)
    if kind < 4:
        return f"{inner} {random.choice(BETWEEN)} {drawn(random, depth - 1)}"
    if kind == 4:
        return f"({inner}){random.choice(BEHIND)}"
    if kind == 5:
        return f"{random.choice(CALLED)}({inner})"
    return f"sum({inner},{random.choice('12')})" if kind == 6 else f"-{inner}"


def refusal(text: str) -> IndexcalcError | None:
    try:
        read(text)
    except IndexcalcError as error:
        return error
    return None


def test_a_text_is_read_or_refused_at_a_place() -> None:
    taken = 0
    for seed in range(COUNT):
        random = Random(seed)
        text = random.choice(["", DECLARED]) + f"Y = {drawn(random, 3)}; Y += {drawn(random, 1)}"
        error = refusal(text)
        if error is None:
            taken += 1
            continue
        assert error.hint, text
        assert error.spans, text
        assert all(0 <= start < stop <= len(text) + 1 for start, stop in error.spans), text
    # Both happen often.
    assert COUNT / 10 < taken < COUNT / 2
