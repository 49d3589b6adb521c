"""What is computed in a comparison: programs, sizes, and seeded inputs."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc import catalogue

Array = NDArray[Any]

LAYERNORM = (catalogue.folder() / "layernorm.idx").read_text(encoding="utf-8")
CROSS_ENTROPY = """
cross_entropy(z[b,c], t[b,c]) -> loss
e[b,c] = exp(z[b,c])
s[b]   = 1[c]*e[b,c]
p[b,c] = e[b,c]/s[b]
loss   = -1/B*t[b,c]*log(p[b,c])
"""
ATTENTION = (catalogue.folder() / "attention.idx").read_text(encoding="utf-8")
HEADS = """
attention(q[b,n,i,d], k[b,n,j,d], v[b,n,j,c]) -> o
s[b,n,i,j] = q[b,n,i,d]*k[b,n,j,d]/sqrt(D)
e[b,n,i,j] = exp(s[b,n,i,j])
z[b,n,i]   = 1[j]*e[b,n,i,j]
p[b,n,i,j] = e[b,n,i,j]/z[b,n,i]
o[b,n,i,c] = p[b,n,i,j]*v[b,n,j,c]
"""
MATMUL = (catalogue.folder() / "matmul.idx").read_text(encoding="utf-8")
TCL = """
tcl(x[n,i,j,k], v1[a,i], v2[b,j], v3[c,k]) -> y
y[n,a,b,c] = x[n,i,j,k]*v1[a,i]*v2[b,j]*v3[c,k]
"""
MLP = """
mlp(x[n,i], w1[i,j], b1[j], w2[j,k], b2[k], w3[k,m], b3[m]) -> y
a1[n,j] = x[n,i]*w1[i,j] + 1[n]*b1[j]
x2[n,j] = tanh(a1[n,j])
a2[n,k] = x2[n,j]*w2[j,k] + 1[n]*b2[k]
x3[n,k] = tanh(a2[n,k])
y[n,m]  = x3[n,k]*w3[k,m] + 1[n]*b3[m]
"""


@dataclass(frozen=True)
class Workload:
    """A program at some sizes. `kind` is what the contenders know it by.

    `inputs` and `output` give the index letters of each array, one a letter. A large one has
    arrays that the default allocator takes from the system each time.
    """

    name: str
    kind: str
    text: str
    sizes: Mapping[str, int]
    inputs: Mapping[str, str]
    output: str
    wrt: tuple[str, ...]
    large: bool = True

    def shape(self, letters: str) -> tuple[int, ...]:
        return tuple(self.sizes[letter] for letter in letters)


@dataclass(frozen=True)
class Problem:
    """A workload with its arrays: the inputs in order, and the upstream gradient."""

    workload: Workload
    inputs: tuple[Array, ...]
    upstream: Array

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.upstream.dtype

    @property
    def wrt(self) -> tuple[int, ...]:
        """Which of the inputs gradients are asked for."""
        names = list(self.workload.inputs)
        return tuple(names.index(name) for name in self.workload.wrt)


def problem(workload: Workload, dtype: str) -> Problem:
    """The same arrays for every contender, up to the rounding to this type."""
    random = np.random.default_rng(zlib.crc32(workload.name.encode()))
    arrays = {
        name: _drawn(random, name, workload.shape(letters))
        for name, letters in workload.inputs.items()
    }
    upstream = random.normal(size=workload.shape(workload.output)) if workload.output else 1.0
    return Problem(
        workload,
        tuple(array.astype(dtype) for array in arrays.values()),
        np.asarray(upstream, dtype),
    )


def _drawn(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> Array:
    """Targets t are probabilities; a matrix of weights keeps the scale of what it multiplies."""
    if name == "t":
        drawn = random.exponential(size=shape)
        return np.asarray(drawn / drawn.sum(-1, keepdims=True))
    scale = 1 / np.sqrt(min(shape)) if name[0] in "wa" else 1.0
    return random.normal(size=shape) * scale


def _layernorm(rows: int, columns: int, large: bool) -> Workload:
    return Workload(
        f"layer norm {rows}x{columns}",
        "layernorm",
        LAYERNORM,
        {"b": rows, "h": columns},
        {"x": "bh", "gamma": "h", "beta": "h"},
        "bh",
        ("x", "gamma", "beta"),
        large,
    )


def _tcl(samples: int, large: bool) -> Workload:
    return Workload(
        f"TCL 13x13x32 to 10x10x20, n = {samples}",
        "tcl",
        TCL,
        {"n": samples, "i": 13, "j": 13, "k": 32, "a": 10, "b": 10, "c": 20},
        {"x": "nijk", "v1": "ai", "v2": "bj", "v3": "ck"},
        "nabc",
        ("x", "v1", "v2", "v3"),
        large,
    )


WORKLOADS = (
    _layernorm(4096, 1024, large=True),
    _layernorm(64, 256, large=False),
    Workload(
        "softmax cross-entropy 4096x1000",
        "cross_entropy",
        CROSS_ENTROPY,
        {"b": 4096, "c": 1000},
        {"z": "bc", "t": "bc"},
        "",
        ("z",),
    ),
    Workload(
        "attention 512x64",
        "attention",
        ATTENTION,
        {"i": 512, "j": 512, "d": 64, "c": 64},
        {"q": "id", "k": "jd", "v": "jc"},
        "ic",
        ("q", "k", "v"),
    ),
    Workload(
        "attention 8 x 12 heads of 128x64",
        "heads",
        HEADS,
        {"b": 8, "n": 12, "i": 128, "j": 128, "d": 64, "c": 64},
        {"q": "bnid", "k": "bnjd", "v": "bnjc"},
        "bnic",
        ("q", "k", "v"),
    ),
    Workload(
        "matmul 1024x1024x1024",
        "matmul",
        MATMUL,
        {"i": 1024, "k": 1024, "j": 1024},
        {"x": "ik", "a": "kj"},
        "ij",
        ("x", "a"),
    ),
    _tcl(1, large=False),
    _tcl(64, large=True),
    Workload(
        "MLP 256 x 784-512-256-10",
        "mlp",
        MLP,
        {"n": 256, "i": 784, "j": 512, "k": 256, "m": 10},
        {"x": "ni", "w1": "ij", "b1": "j", "w2": "jk", "b2": "k", "w3": "km", "b3": "m"},
        "nm",
        ("x", "w1", "b1", "w2", "b2", "w3", "b3"),
    ),
)
