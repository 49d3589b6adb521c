"""Whether the best way to compute a contraction is the fastest: a table.

Every way of some contractions is timed, on one thread, and the one taken must not take 1.5 times as
long as the fastest. `python -m tests.benchmarks.best_ways`, on a machine that
does nothing else.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

# Before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from indexcalc.codegen.contractions.contraction import ways
from indexcalc.expr.base import Index
from tests.test_contraction import contraction, lengths_of

MOST = 1.5
SECONDS = 0.05
TENSOR = "n=64 i=13 j=13 k=32 a=10 b=10 c=20"
HEADS = "b=8 h=12 i=64 j=64 d=32"
CASES = {
    "y_bj = x_bh a_hj": "b=512 h=64 j=512",
    "a_hj = x_bh g_bj": "b=512 h=64 j=512",
    "c_b = x_bh w_bh": "b=64 h=1024",
    "c_h = x_bh w_bh": "b=64 h=1024",
    "c_h = x_bh w_b": "b=64 h=1024",
    "m_b = x_bh": "b=64 h=1024",
    "m_h = x_bh": "b=64 h=1024",
    "c_bj = x_bij w_bi": "b=100 i=30 j=40",
    "y_ikj = a_ijl b_lk": "i=50 j=60 k=30 l=20",
    "y_nijc = x_nijk u_ck": TENSOR,
    "y_najc = v_ai x_nijc": TENSOR,
    "u_ck = g_nijc x_nijk": TENSOR,
    "v_ai = g_najc x_nijc": TENSOR,
    "w_bj = g_nabc x_najc": TENSOR,
    "s_bhij = q_bhid k_bhjd": HEADS,
    "o_bihd = p_bhij v_bjhd": HEADS,
}


def timed(functions: list[Callable[[], object]]) -> list[float]:
    """The least time of each, taken in turns."""
    least = [float("inf")] * len(functions)
    end = time.perf_counter() + SECONDS * len(functions)
    while time.perf_counter() < end:
        for place, function in enumerate(functions):
            start = time.perf_counter()
            function()
            least[place] = min(least[place], time.perf_counter() - start)
    return least


def compared(text: str, lengths: str, dtype: type) -> list[tuple[float, float, str]]:
    """Seconds, seconds expected and statement of every way, the one taken first."""
    one, sizes = contraction(text), lengths_of(lengths)
    numbers = np.random.default_rng(0)

    def shape(indices: tuple[Index, ...]) -> list[int]:
        return [sizes[index.size] for index in indices]

    space: dict[str, Any] = {"np": np, **{symbol.name: size for symbol, size in sizes.items()}}
    space |= {
        operand.name: numbers.normal(size=shape(operand.indices)).astype(dtype)
        for operand in one.operands
    }
    space["out"] = np.empty(shape(one.left.indices), dtype)
    found = sorted(ways(one, sizes), key=lambda way: way.cost)
    texts = [way.text({}, out="out") for way in found]
    times = timed([eval(f"lambda: {text}", space) for text in texts])
    return [(spent, way.cost, text) for spent, way, text in zip(times, found, texts, strict=True)]


def main() -> int:
    slow = 0
    for dtype in (np.float64, np.float32):
        print(f"{dtype.__name__}: µs, µs expected, of the fastest")
        for text, lengths in CASES.items():
            found = compared(text, lengths, dtype)
            spent, expected, taken = found[0]
            fastest = min(found)
            ratio = spent / fastest[0]
            print(f"{spent * 1e6:9.1f} {expected * 1e6:9.1f} {ratio:6.2f}  {text}: {taken}")
            if ratio > MOST:
                slow += 1
                print(f"{fastest[0] * 1e6:9.1f} {fastest[1] * 1e6:9.1f}         {fastest[2]}")
    return slow


if __name__ == "__main__":
    sys.exit(min(main(), 1))
