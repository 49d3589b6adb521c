"""Every text is read or refused in time, and what is read is spelled out in time."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from types import FrameType

import pytest
from sympy.core.cache import clear_cache

from indexcalc.errors import IndexcalcError
from indexcalc.lang.reading import read
from indexcalc.render.echo import echo, source


def several(parts: Iterable[str], joint: str = "+", before: str = "y = ") -> str:
    """As many parts as 64 KB hold."""
    room = 64 * 1024 - len(before.encode())
    taken = []
    for part in parts:
        room -= len((part + joint).encode())
        if room < 0:
            break
        taken.append(part)
    return before + joint.join(taken)


def nested(opening: str, inside: str, before: str = "y = ", depth: int = 200) -> str:
    return before + opening * depth + inside + ")" * (opening.count("(") * depth)


def counted(pattern: str, count: int, joint: str = "+") -> str:
    """The pattern with 1, 2, ... in it."""
    return joint.join(pattern.format(n) for n in range(1, count + 1))


# In turn, for what takes long is the constants, not what joins them.
JOINTS = (("added", "+"), ("multiplied", "*"))
WITH_EPS = "f(x, eps=0.1) -> y\ny = "
PAIRS = counted("a[i{0}]*b[i{0}]", 2000, "*")
FORMS = {
    "numbers": "{}",
    "fractions": "1/{}",
    "decimals": "0.{}",
    "powers of eps": "eps^{}",
    "powers of eps + 1": "(1+eps)^{}",
    "1 + powers of eps": "(1+eps^{})",
    "powers of pi": "pi^{}",
    "roots": "sqrt({})",
    "roots of roots": "sqrt(1+sqrt({}))",
    "rational powers": "{0}^(1/({0}+1))",
    **{
        f"{name}s": f"{name}({{}})"
        for name in ("exp", "log", "sin", "tan", "atan", "tanh", "sigmoid", "softplus", "erf")
    },
    "asins": "asin(1/{})",
    "relus of eps": "relu({}-eps)",
    "abs of eps": "abs({}-eps)",
    "signs of pi": "sign({}-pi)",
}
# Numbers are worked out however many there are. Of others 500 are, and more are refused unseen.
LONG = ("numbers", "fractions", "decimals", "powers of eps", "exps")
SLOWEST = {
    **{
        f"{count:,} {name}, {what}": several(
            (form.format(n) for n in range(1, count + 1)), joint, WITH_EPS
        )
        for (name, form), (what, joint) in zip(FORMS.items(), cycle(JOINTS), strict=False)
        for count in [5000 if name in LONG else 500]
    },
    "10,000 terms": several(["x[i]"] * 10_000, before="y[i] = "),
    "10,000 numbers divided": several(map(str, range(1, 10_001)), "/"),
    "30,000 numbers subtracted": several(["1"] * 30_000, "-"),
    "a product of one letter": several(["x[k]"] * 13_000, "*"),
    "a product of 3,500 letters": "y = " + counted("a[i{0}]*b[i{0}]", 3500, "*"),
    "3,000 names": "y = " + counted("x{}", 3000),
    "3,000 statements": counted("y{}[i] = x[i]", 3000, "\n"),
    "2,900 statements in a chain": "y0[i] = x[i]\n"
    + "\n".join(f"y{n}[i] = y{n - 1}[i]" for n in range(1, 2900)),
    "2,800 sizes of one letter": counted("y{0}[i] = x{0}[i]", 2800, "\n"),
    "2,500 capitals of one letter": counted("y{0}[i] = x{0}[i]/I", 2500, "\n"),
    "2,000 capitals of one letter, summed": counted("y{0} = 1[i]*x{0}[i]/I", 2000, "\n"),
    "3,000 binders": "y = " + counted("mean[k](x{}[k])", 3000),
    "3,000 binders of a free letter": several(["sum[k](a[k])"] * 3000, before="y[k] = "),
    "4,500 terms added later": several(["y[i] += x[i]"] * 4500, "\n", ""),
    "3,000 terms to broadcast": f"y[{counted('i{}', 3000, ',')}] = {counted('x[i{}]', 3000)}",
    "1,500 terms to broadcast inside": "y = "
    + counted("1[i{}]", 1500, "*")
    + f"*({counted('x{0}[i{0}]', 1500)})^2",
    "many scalars to broadcast": f"y[{counted('i{}', 1500, ',')}] = {'x+' * 25_000}x",
    "a tensor of 4,500 axes": f"y[{counted('i{}', 4500, ',')}] = x[{counted('i{}', 4500, ',')}]",
    "many brackets": "y = " + "(" * 60_000,
    "many signs": "y = " + "-" * 60_000 + "x",
    "many newlines in a bracket": "y = (" + "\n" * 65_000 + "1)",
    "many ends": ";" * 65_000,
    "a far stray character": "y = x" + " " * 65_000 + "?",
    "a long name misspelt": f"f({'ab' * 15_000}) -> y\ny = {'ba' * 15_000}b",
    "a name among thousands misspelt": f"f({counted('abc{}', 4000, ',')}) -> y\ny = acb",
    "a number of 9,999 digits": "y = sqrt(" + "1234567891" * 999 + ")",
    "the square of a root 10^9 times": "y = sqrt(2)^(10^9)",
    "a tower of exp": "y = relu(exp(exp(exp(exp(5)))) - exp(exp(exp(4))))",
    "the size of a tower": "y = abs(sin(exp(exp(exp(5)))))",
    "a hidden zero": "y = sign(sin(1)^2 + cos(1)^2 - 1)",
    "a tower of powers": "y = " + "9^" * 100 + "9",
    "functions of constants in all statements": "f(x[k]) -> y1\n"
    + counted("y{0} = exp(K/{0})*x[k]*x[k]", 2000, "\n"),
    "3,600 short statements of one letter": counted("a{0}[i]=b{0}[i]", 3600, "\n"),
    "190 parentheses around many letters": "y = "
    + nested("(c*", counted("a[i{0}]*b[i{0}]", 3700, "*"), "", 190),
    "190 sums around many letters": "y = " + "sum[p](c[p]*" * 190 + PAIRS + ")" * 190,
    "200 brackets": nested("(", "x"),
    "200 signs": "y = " + "-" * 200 + "x",
    "200 powers": "y = " + "x^" * 200 + "x",
    "200 binders": nested("sum[k](a[k]*", "x"),
    "200 products": nested("(a[k]*", "b[k]"),
    "200 sums": "y = " + counted("(a[k{0}]*b[k{0}]+", 200, "") + "1" + ")" * 200,
    "199 functions of many letters": nested("tanh(", PAIRS, depth=199),
    "199 sums with many letters": nested("(1+", PAIRS, depth=199),
    "199 functions to broadcast": nested(
        "tanh(1+", counted("x[i{}]", 2500), f"y[{counted('i{}', 3000, ',')}] = ", depth=199
    ),
    **{
        f"{depth} of {opening} around {inside}": nested(opening, inside, WITH_EPS, depth)
        for opening, depth in (
            ("tanh(", 200), ("exp(", 200), ("log(1+", 200), ("sqrt(2+", 200), ("1/(1+", 200),
            ("atan(1+", 200), ("sigmoid(", 200), ("sigmoid(-", 99), ("softplus(", 200),
            ("relu(1-", 199), ("abs(1-", 199), ("eps^(", 199), ("sin(asin(", 99),
        )
        for inside in ("x", "eps")
    },
}  # fmt: skip
# Seconds of the processor, on a machine that does the errand of `slowness` in ERRAND of them.
LIMIT = 2.0
ERRAND = 0.08
pytestmark = pytest.mark.usefixtures("usual_memory")


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in SLOWEST.items()])
def test_a_text_is_read_or_refused_in_time(text: str) -> None:
    assert len(text.encode()) <= 64 * 1024
    limit = LIMIT
    for _ in range(6):  # again when something else may have kept the machine busy
        with at_most(3 * limit):
            took = seconds(text)
        if took <= limit:
            break
        limit = LIMIT * max(1.0, slowness())
    assert took <= limit


@pytest.mark.parametrize(
    "name",
    [
        "a product of 3,500 letters",
        "2,500 capitals of one letter",
        "190 parentheses around many letters",
        "200 binders",
    ],
)
def test_what_is_read_is_spelled_out_in_time(name: str) -> None:
    program = read(SLOWEST[name])
    began = time.process_time()
    with at_most(6 * LIMIT):
        assert echo(program)
        assert source(program)
    assert time.process_time() - began <= 2 * LIMIT


def slowness() -> float:
    """How many times longer than usual the machine takes now, by an errand of Python's alone."""
    began = time.process_time()
    words: dict[str, list[tuple[int, int]]] = {}
    for n in range(200_000):
        words.setdefault(str(n % 5003), []).append((n, n * n))
    assert sum(map(len, words.values())) == 200_000
    return (time.process_time() - began) / ERRAND


def seconds(text: str) -> float:
    clear_cache()
    began = time.process_time()
    with suppress(IndexcalcError):
        read(text)
    return time.process_time() - began


@contextmanager
def at_most(limit: float) -> Iterator[None]:
    """Stop what would never end."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"still busy after {limit} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
