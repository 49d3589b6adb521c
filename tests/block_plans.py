"""Plans for loops over blocks of rows, at lengths that they typically have, and what is asked of
loops."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Symbol

from indexcalc.codegen.blocking.blocks import Loop, phases
from indexcalc.codegen.operations import Operation
from indexcalc.codegen.plan import Plan
from tests.plans import ATTENTION, LAYERNORM, SOFTMAX, TCL, attention, written

CROSS_ENTROPY = written(
    "crossentropy(z[b,c], t[b,c]) -> l",
    [
        "top[b] = max[c](z[b,c])",
        "low[b,c] = z[b,c] - 1[c]*top[b]",
        "e[b,c] = exp(low[b,c])",
        "s[b] = 1[c]*e[b,c]",
        "logs[b] = log(s[b])",
        "tl[b] = t[b,c]*low[b,c]",
        "ts[b] = 1[c]*t[b,c]",
        "row[b] = ts[b]*logs[b] - tl[b]",
        "l = 1/B*1[b]*row[b]",
    ],
    [
        "p[b,c] = e[b,c]/s[b]",
        "dl_dz[b,c] = upstream/B*(p[b,c]*ts[b] - t[b,c])",
        "dl_dt[b,c] = upstream/B*(1[c]*logs[b] - low[b,c])",
    ],
    ["e", "s", "ts", "t", "logs", "low"],
    {"l": "upstream"},
    {"z": "dl_dz", "t": "dl_dt"},
)

BATCHNORM = written(
    "batchnorm(x[b,h]) -> y",
    [
        "m[h] = 1/B*1[b]*x[b,h]",
        "mu[b,h] = x[b,h] - 1[b]*m[h]",
        "v[h] = 1/B*mu[b,h]*mu[b,h]",
        "r[h] = 1/sqrt(v[h] + 1/100)",
        "y[b,h] = mu[b,h]*r[h]",
    ],
    [
        "s[h] = 1/B*1[b]*dl_dy[b,h]",
        "u[h] = 1/B*dl_dy[b,h]*y[b,h]",
        "dl_dx[b,h] = r[h]*(dl_dy[b,h] - 1[b]*s[h] - y[b,h]*u[h])",
    ],
    ["y", "r"],
    {"y": "dl_dy"},
    {"x": "dl_dx"},
)

MLP = written(
    "mlp(x[n,i], w[i,j], u[j,k]) -> y",
    [
        "a[n,j] = x[n,i]*w[i,j]",
        "h[n,j] = tanh(a[n,j])",
        "y[n,k] = h[n,j]*u[j,k]",
    ],
    [
        "dl_dh[n,j] = dl_dy[n,k]*u[j,k]",
        "dl_du[j,k] = h[n,j]*dl_dy[n,k]",
        "dl_da[n,j] = dl_dh[n,j]*(1[n,j] - h[n,j]^2)",
        "dl_dw[i,j] = x[n,i]*dl_da[n,j]",
        "dl_dx[n,i] = dl_da[n,j]*w[i,j]",
    ],
    ["x", "w", "u", "h"],
    {"y": "dl_dy"},
    {"x": "dl_dx", "w": "dl_dw", "u": "dl_du"},
)

HEADS = attention("heads", "b,n,")

# Queries, keys and values are one input, through one weight each.
SELF_ATTENTION = written(
    "selfattention(x[i,m], wq[m,d], wk[m,d]) -> o",
    [
        "q[i,d] = x[i,m]*wq[m,d]",
        "k0[i,d] = x[i,m]*wk[m,d]",
        "k[i,d] = tanh(k0[i,d])",
        "s[i,j] = q[i,d]*k[j,d]",
        "top[i] = max[j](s[i,j])",
        "e[i,j] = exp(s[i,j] - 1[j]*top[i])",
        "z[i] = 1[j]*e[i,j]",
        "p[i,j] = e[i,j]/z[i]",
        "o[i,m] = p[i,j]*x[j,m]",
    ],
    [],
    ["x"],
    {"o": "dl_do"},
    {},
)

GRAM = written(
    "gram(x[i,d]) -> y",
    ["s[i,j] = x[i,d]*x[j,d]", "t[i,j] = tanh(s[i,j])", "y[i,d] = t[i,j]*x[j,d]"],
    [
        "dl_dt[i,j] = dl_dy[i,d]*x[j,d]",
        "s2[i,j] = x[i,d]*x[j,d]",
        "t2[i,j] = tanh(s2[i,j])",
        "dl_ds[i,j] = dl_dt[i,j]*(1[i,j] - t2[i,j]^2)",
        "g1[j,d] = t2[i,j]*dl_dy[i,d]",
        "g2[i,d] = dl_ds[i,j]*x[j,d]",
        "g3[j,d] = dl_ds[i,j]*x[i,d]",
        "dl_dx[i,d] = g1[i,d] + g2[i,d] + g3[i,d]",
    ],
    ["x"],
    {"y": "dl_dy"},
    {"x": "dl_dx"},
)

# Two outputs, one of them by rows and one a total.
TWO = written(
    "two(x[b,h], w[h]) -> y, m",
    ["e[b,h] = exp(x[b,h])*w[h]", "y[b,h] = e[b,h]/(1 + e[b,h]^2)", "m[h] = 1[b]*e[b,h]"],
    ["g[b,h] = dl_dy[b,h] + 1[b]*dl_dm[h]", "dl_dx[b,h] = g[b,h]*exp(x[b,h])*w[h]"],
    ["x", "w"],
    {"y": "dl_dy", "m": "dl_dm"},
    {"x": "dl_dx"},
)

# All rows are divided by a total of all rows.
GLOBAL = written(
    "whole(x[b,h]) -> y",
    [
        "top[b] = max[h](x[b,h])",
        "e[b,h] = exp(x[b,h] - 1[h]*top[b])",
        "f[b,h] = e[b,h]*x[b,h]",
        "z = 1[b,h]*f[b,h]",
        "y[b,h] = f[b,h]/(1 + z^2) + x[b,h]*e[b,h]",
    ],
    [],
    ["x"],
    {"y": "dl_dy"},
    {},
)

# The rows of the loop are columns of what is given and of what is asked for.
COLUMNS = written(
    "columns(x[i,n], w[i,j]) -> y",
    [
        "a[n,j] = x[i,n]*w[i,j]",
        "h[n,j] = tanh(a[n,j])*exp(a[n,j])",
        "y[n,j] = h[n,j]/(1 + h[n,j]^2)",
    ],
    [
        "dl_da[n,j] = dl_dy[n,j]*tanh(y[n,j])*exp(y[n,j])",
        "dl_dx[i,n] = dl_da[n,j]*w[i,j]",
    ],
    ["w", "y"],
    {"y": "dl_dy"},
    {"x": "dl_dx"},
)

PLANS = [
    COLUMNS,
    SOFTMAX,
    CROSS_ENTROPY,
    BATCHNORM,
    MLP,
    HEADS,
    SELF_ATTENTION,
    GRAM,
    TWO,
    GLOBAL,
    LAYERNORM,
    ATTENTION,
    TCL,
]
TYPICAL = {
    "columns": {"N": 4096, "I": 64, "J": 96},
    "softmax": {"B": 4096, "C": 1000},
    "crossentropy": {"B": 4096, "C": 1000},
    "batchnorm": {"B": 4096, "H": 1024},
    "mlp": {"N": 4096, "I": 64, "J": 96, "K": 64},
    "heads": {"B": 8, "N": 12, "I": 512, "J": 512, "D": 64, "C": 64},
    "selfattention": {"I": 512, "M": 64, "D": 48},
    "gram": {"I": 1024, "D": 16},
    "two": {"B": 4096, "H": 512},
    "whole": {"B": 4096, "H": 512},
    "layernorm": {"B": 4096, "H": 1024},
    "attention": {"I": 512, "J": 512, "D": 64, "C": 64},
    "tcl": {"N": 64, "I": 13, "J": 13, "K": 32, "A": 10, "B": 10, "C": 20},
}


def typical(plan: Plan, **others: int) -> dict[Symbol, int]:
    known = TYPICAL[plan.program.name] | others
    return {size.symbol: known[size.name] for size in plan.program.sizes}


def forward(plan: Plan, **lengths: int) -> tuple[Operation | Loop, ...]:
    return phases(plan.forward, forward_results(plan), typical(plan, **lengths))


def forward_results(plan: Plan) -> set[str]:
    return {*plan.program.outputs, *plan.saved}


def backward(plan: Plan, **lengths: int) -> tuple[Operation | Loop, ...]:
    return phases(plan.backward, set(plan.gradients.values()), typical(plan, **lengths))


def names(parts: Sequence[Operation | Loop]) -> list[str | list[str]]:
    """What is computed, that of a loop in a list."""
    return [
        [one.left.name for one in part.operations] if isinstance(part, Loop) else part.left.name
        for part in parts
    ]


def levels(loop: Loop) -> list[str]:
    return [str(size) for size in loop.levels]


def only(parts: Sequence[Operation | Loop]) -> Loop:
    (loop,) = parts
    assert isinstance(loop, Loop)
    return loop
