"""Lengths of axes that a program has no place for."""

from __future__ import annotations

from typing import Any

MATMUL = "y[i,j] = x[i,k]*a[k,j]"
TURNED = "y[a,b] = x[a,b]; w[z] = y[z,b]*1[b]; v[z] = y[a,z]*1[a]"

# A program, lengths, and the whole message.
LENGTHS: list[tuple[str, str, dict[str, Any], str]] = [
    (
        "no such size",
        MATMUL,
        {"m": 3},
        """\
error IC605: f has no size m
hint: it has I, J, K
""",
    ),
    (
        "a longer name",
        "layernorm",
        {"hh": 3},
        """\
error IC605: layernorm has no size hh
hint: it has B, H
""",
    ),
    (
        "a size named twice",
        MATMUL,
        {"i": 3, "I": 4},
        """\
error IC605: i and I are both the size I
hint: give it once
""",
    ),
    (
        "a letter of two sizes",
        TURNED,
        {"z": 3},
        """\
error IC605: z is a letter of the sizes A and B
hint: name one of them
""",
    ),
    (
        "nothing along an axis",
        MATMUL,
        {"i": 0},
        """\
error IC604: the size I is a whole number from 1 on, not 0
hint: write i=3
""",
    ),
    (
        "a length that is no whole number",
        MATMUL,
        {"i": 2.5},
        """\
error IC604: the size I is a whole number from 1 on, not 2.5
hint: write i=3
""",
    ),
    (
        "a length in quotes",
        MATMUL,
        {"i": "3"},
        """\
error IC604: the size I is a whole number from 1 on, not '3'
hint: write i=3
""",
    ),
    (
        "a length beyond any axis",
        MATMUL,
        {"i": 10**5000},
        f"""\
error IC604: the size I is at most 2^63 - 1, not 1{"0" * 5000}
hint: write i=3
""",
    ),
]
