"""Plans written by hand, as one program whose statements are the array operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Basic

from indexcalc.codegen.operations import operation
from indexcalc.codegen.plan import Plan
from indexcalc.expr.base import Index, children, rebuild
from indexcalc.expr.nodes import Access, Apply
from indexcalc.lang.reading import read


def written(
    function: str,
    forward: Sequence[str],
    backward: Sequence[str],
    saved: Sequence[str],
    upstream: dict[str, str],
    gradients: dict[str, str],
    primes: dict[str, str] | None = None,
) -> Plan:
    """`function` is a signature; upstream gradients are taken to be inputs when it is read.

    `primes` says which functions of the text stand for derivatives, which text cannot name.
    """
    head, outputs = function.split("->")
    whole = read("\n".join((function, *forward)))
    seeds = [_spelled(seed, whole.tensors[output]) for output, seed in upstream.items()]
    opening, closing = head.rsplit(")", 1)
    inputs, *constants = opening.split(", eps")
    signature = ", ".join((inputs, *seeds)) + "".join(f", eps{part}" for part in constants)
    # An upstream gradient has the sizes of its output: said by a product, which is dropped.
    ties = [
        f"tie{at} = {seed}*{_spelled(output, whole.tensors[output])}"
        for at, (seed, output) in enumerate(zip(seeds, upstream, strict=True))
    ]
    results = ", ".join((outputs.strip(), *gradients.values()))
    head = f"{signature}){closing}-> {results}"
    program = read("\n".join((head, *forward, *backward, *ties)))
    equations = [
        replace(e, right=_primed(e.right, primes or {}))
        for e in program.equations[: len(forward) + len(backward)]
    ]
    operations = [operation(equation) for equation in equations]
    count = len(forward)
    own_inputs = program.inputs[: len(program.inputs) - len(seeds)]
    names = {access.name for access in own_inputs}
    own = replace(
        program,
        inputs=own_inputs,
        outputs=tuple(name.strip() for name in outputs.split(",")),
        equations=program.equations[:count],
        functions=whole.functions,
        sizes=tuple(
            replace(size, fixed=any(name in names for name, _ in size.axes))
            for size in program.sizes
        ),
    )
    lengths = {size.symbol: 3 + place for place, size in enumerate(program.sizes)}
    return Plan(
        own,
        tuple(operations[:count]),
        tuple(operations[count:]),
        tuple(saved),
        upstream,
        gradients,
        lengths,
    )


def _spelled(name: str, indices: Sequence[Index]) -> str:
    return str(Access(name, *indices))


def _primed(expr: Basic, primes: dict[str, str]) -> Basic:
    parts = tuple(_primed(part, primes) for part in children(expr))
    if isinstance(expr, Apply) and expr.name in primes:
        return Apply(primes[expr.name], *parts)
    return rebuild(expr, parts)


LAYERNORM = written(
    "layernorm(x[b,h], gamma[h], beta[h], eps=1e-5) -> y",
    [
        "m[b] = 1/H*1[h]*x[b,h]",
        "mu[b,h] = x[b,h] - 1[h]*m[b]",
        "v[b] = 1/H*mu[b,h]*mu[b,h]",
        "sigma[b] = sqrt(v[b] + eps)",
        "y[b,h] = mu[b,h]/sigma[b]*gamma[h] + 1[b]*beta[h]",
    ],
    [
        "mu2[b,h] = x[b,h] - 1[h]*m[b]",
        "dy_mu[b,h] = dl_dy[b,h]*mu2[b,h]",
        "r[b] = 1/sigma[b]",
        "dl_dgamma[h] = r[b]*dy_mu[b,h]",
        "dl_dbeta[h] = 1[b]*dl_dy[b,h]",
        "c[b] = gamma[h]*dy_mu[b,h]",
        "d[b] = gamma[h]*dl_dy[b,h]",
        "dl_dx[b,h] = r[b]*(dl_dy[b,h]*gamma[h] - r[b]^2*c[b]/H*mu2[b,h] - 1[h]*d[b]/H)",
    ],
    ["x", "gamma", "m", "sigma"],
    {"y": "dl_dy"},
    {"x": "dl_dx", "gamma": "dl_dgamma", "beta": "dl_dbeta"},
)


def attention(name: str, n: str = "") -> Plan:
    """Rows of a softmax; with letters for `n`, such as "b,n,", those of each head."""
    return written(
        f"{name}(q[{n}i,d], k[{n}j,d], v[{n}j,c]) -> o",
        [
            f"s[{n}i,j] = 1/sqrt(D)*q[{n}i,d]*k[{n}j,d]",
            f"top[{n}i] = max[j](s[{n}i,j])",
            f"e[{n}i,j] = exp(s[{n}i,j] - 1[j]*top[{n}i])",
            f"z[{n}i] = 1[j]*e[{n}i,j]",
            f"p[{n}i,j] = e[{n}i,j]/z[{n}i]",
            f"o[{n}i,c] = p[{n}i,j]*v[{n}j,c]",
        ],
        [
            f"dl_dp[{n}i,j] = dl_do[{n}i,c]*v[{n}j,c]",
            f"a[{n}i] = dl_do[{n}i,c]*o[{n}i,c]",
            f"dl_ds[{n}i,j] = p[{n}i,j]*(dl_dp[{n}i,j] - 1[j]*a[{n}i])",
            f"dl_dq[{n}i,d] = 1/sqrt(D)*dl_ds[{n}i,j]*k[{n}j,d]",
            f"dl_dk[{n}j,d] = 1/sqrt(D)*dl_ds[{n}i,j]*q[{n}i,d]",
            f"dl_dv[{n}j,c] = p[{n}i,j]*dl_do[{n}i,c]",
        ],
        ["q", "k", "v", "p", "o"],
        {"o": "dl_do"},
        {"q": "dl_dq", "k": "dl_dk", "v": "dl_dv"},
    )


ATTENTION = attention("attention")
# Rows within heads: loops in loops.
HEADS = attention("heads", "n,")

TCL = written(
    "tcl(x[n,i,j,k], v1[a,i], v2[b,j], v3[c,k]) -> y",
    [
        "x_v3[n,i,j,c] = x[n,i,j,k]*v3[c,k]",
        "x_v3_v1[n,a,j,c] = v1[a,i]*x_v3[n,i,j,c]",
        "y[n,a,b,c] = v2[b,j]*x_v3_v1[n,a,j,c]",
    ],
    [
        "dl_dx_v3_v1[n,a,j,c] = v2[b,j]*dl_dy[n,a,b,c]",
        "dl_dv2[b,j] = dl_dy[n,a,b,c]*x_v3_v1[n,a,j,c]",
        "dl_dx_v3[n,i,j,c] = v1[a,i]*dl_dx_v3_v1[n,a,j,c]",
        "dl_dv1[a,i] = dl_dx_v3_v1[n,a,j,c]*x_v3[n,i,j,c]",
        "dl_dx[n,i,j,k] = dl_dx_v3[n,i,j,c]*v3[c,k]",
        "dl_dv3[c,k] = dl_dx_v3[n,i,j,c]*x[n,i,j,k]",
    ],
    ["x", "v1", "v2", "v3", "x_v3", "x_v3_v1"],
    {"y": "dl_dy"},
    {"x": "dl_dx", "v1": "dl_dv1", "v2": "dl_dv2", "v3": "dl_dv3"},
)

SOFTMAX = written(
    "softmax(x[b,c]) -> p",
    [
        "top[b] = max[c](x[b,c])",
        "e[b,c] = exp(x[b,c] - 1[c]*top[b])",
        "z[b] = 1[c]*e[b,c]",
        "p[b,c] = e[b,c]/z[b]",
    ],
    ["a[b] = dl_dp[b,c]*p[b,c]", "dl_dx[b,c] = p[b,c]*(dl_dp[b,c] - 1[c]*a[b])"],
    ["p"],
    {"p": "dl_dp"},
    {"x": "dl_dx"},
)

# Its order-0 result is a loss, and the gradient by t is not asked for.
CROSS_ENTROPY = written(
    "cross_entropy(x[b,c], t[b,c]) -> loss",
    [
        "top[b] = max[c](x[b,c])",
        "shifted[b,c] = x[b,c] - 1[c]*top[b]",
        "e[b,c] = exp(shifted[b,c])",
        "z[b] = 1[c]*e[b,c]",
        "log_z[b] = log(z[b])",
        "log_p[b,c] = shifted[b,c] - 1[c]*log_z[b]",
        "loss = -1/B*t[b,c]*log_p[b,c]",
    ],
    [
        "r[b] = 1/z[b]",
        "all_t[b] = 1[c]*t[b,c]",
        "dl_dx[b,c] = upstream/B*(e[b,c]*r[b]*all_t[b] - t[b,c])",
    ],
    ["t", "e", "z"],
    {"loss": "upstream"},
    {"x": "dl_dx"},
)

# Two layers whose widths have one letter.
MLP = written(
    "mlp(x[n,i], w1[i,j], b1[j], w2[j,k], b2[k]) -> y",
    [
        "s1[n,j] = x[n,i]*w1[i,j]",
        "x2[n,j] = tanh(s1[n,j] + 1[n]*b1[j])",
        "s2[n,k] = x2[n,j]*w2[j,k]",
        "y[n,k] = tanh(s2[n,k] + 1[n]*b2[k])",
    ],
    [
        "dl_da2[n,k] = dl_dy[n,k]*(1[n,k] - y[n,k]^2)",
        "dl_db2[k] = 1[n]*dl_da2[n,k]",
        "dl_dw2[j,k] = x2[n,j]*dl_da2[n,k]",
        "dl_dx2[n,j] = dl_da2[n,k]*w2[j,k]",
        "dl_da1[n,j] = dl_dx2[n,j]*(1[n,j] - x2[n,j]^2)",
        "dl_db1[j] = 1[n]*dl_da1[n,j]",
        "dl_dw1[i,j] = x[n,i]*dl_da1[n,j]",
        "dl_dx[n,i] = dl_da1[n,j]*w1[i,j]",
    ],
    ["x", "w1", "x2", "w2", "y"],
    {"y": "dl_dy"},
    {"x": "dl_dx", "w1": "dl_dw1", "b1": "dl_db1", "w2": "dl_dw2", "b2": "dl_db2"},
)

# Several outputs, one a number; a number among the inputs.
TWO = written(
    "two(x[i,j], scale, w[j]) -> y, total",
    ["y[j,i] = scale*x[i,j]*w[j]", "s = 1[i,j]*y[j,i]", "total = s^2 + scale"],
    [
        "spread[j,i] = dl_dy[j,i] + 2*dl_dtotal*s*1[j,i]",
        "g[i,j] = spread[j,i]*x[i,j]",
        "gw = 1[i]*g[i,j]*w[j]",
        "dl_dx[i,j] = spread[j,i]*w[j]*scale",
        "dl_dscale = gw + dl_dtotal",
        "columns[j] = 1[i]*g[i,j]",
        "dl_dw[j] = scale*columns[j]",
    ],
    ["x", "scale", "w", "s"],
    {"y": "dl_dy", "total": "dl_dtotal"},
    {"x": "dl_dx", "scale": "dl_dscale", "w": "dl_dw"},
)

# An abstract function, a size that no input fixes, and nothing saved but numbers.
REPEATED = written(
    "repeated(x[i]) -> y",
    ["y[i,j] = f(x[i])*1[j]"],
    ["d[i] = 1[j]*dl_dy[i,j]", "dl_dx[i] = g(x[i])*d[i]"],
    ["x"],
    {"y": "dl_dy"},
    {"x": "dl_dx"},
    {"g": "f'"},
)

# Names that Python or the module means something else by.
CLASHES = written(
    "clashes(lambda[i], np[i], out[i], type, I_[i]) -> saved",
    ["saved[i] = lambda[i]*np[i]*out[i]*type + I_[i]"],
    [
        "ab[i] = dl_dsaved[i]*type",
        "dlambda[i] = ab[i]*np[i]*out[i]",
        "dnp[i] = ab[i]*lambda[i]*out[i]",
        "dout[i] = ab[i]*lambda[i]*np[i]",
        "parts[i] = lambda[i]*np[i]*out[i]",
        "dtype = parts[i]*dl_dsaved[i]",
        "dI[i] = dl_dsaved[i]",
    ],
    ["lambda", "np", "out", "type"],
    {"saved": "dl_dsaved"},
    {"lambda": "dlambda", "np": "dnp", "out": "dout", "type": "dtype", "I_": "dI"},
)

# Axes in another order, a diagonal, an outer product; reductions and a δ, whose gradients nobody
# asked for.
LAYOUTS = written(
    "layouts(a[i,i], b[j,i], u[i], v[j], m[j,i], c[k]) -> y, low, whole, d",
    [
        "y[i,j] = a[i,i]*b[j,i] + u[i]*v[j]",
        "low[i] = min[j](m[j,i])",
        "whole = prod[k](c[k])",
        "d[k,q] = delta[k,q]*c[k]",
    ],
    [
        "dl_db[j,i] = dl_dy[i,j]*a[i,i]",
        "dl_du[i] = dl_dy[i,j]*v[j]",
        "dl_dv[j] = dl_dy[i,j]*u[i]",
    ],
    ["a", "u", "v"],
    {"y": "dl_dy", "low": "dl_dlow", "whole": "dl_dwhole", "d": "dl_dd"},
    {"b": "dl_db", "u": "dl_du", "v": "dl_dv"},
)
