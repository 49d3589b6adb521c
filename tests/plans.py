"""Plans written by hand, as one program whose statements are the array operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexcalc.codegen.operations import operation
from indexcalc.codegen.plan import Plan
from indexcalc.lang.reading import read


def written(
    function: str,
    forward: Sequence[str],
    backward: Sequence[str],
    saved: Sequence[str],
    upstream: dict[str, str],
    gradients: dict[str, str],
) -> Plan:
    """`function` is a signature; upstream gradients are taken to be inputs when it is read."""
    head, outputs = function.split("->")
    whole = read("\n".join((function, *forward)))
    seeds = [
        f"{seed}[{','.join(index.name for index in whole.tensors[output])}]".replace("[]", "")
        for output, seed in upstream.items()
    ]
    opening, closing = head.rsplit(")", 1)
    inputs, *constants = opening.split(", eps")
    signature = ", ".join((inputs, *seeds)) + "".join(f", eps{part}" for part in constants)
    results = ", ".join((outputs.strip(), *gradients.values()))
    program = read("\n".join((f"{signature}){closing}-> {results}", *forward, *backward)))
    operations = [operation(equation) for equation in program.equations]
    count = len(forward)
    own = replace(
        program,
        inputs=program.inputs[: len(program.inputs) - len(seeds)],
        outputs=tuple(name.strip() for name in outputs.split(",")),
        equations=program.equations[:count],
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

ATTENTION = written(
    "attention(q[i,d], k[j,d], v[j,c]) -> o",
    [
        "s[i,j] = 1/sqrt(D)*q[i,d]*k[j,d]",
        "top[i] = max[j](s[i,j])",
        "e[i,j] = exp(s[i,j] - 1[j]*top[i])",
        "z[i] = 1[j]*e[i,j]",
        "p[i,j] = e[i,j]/z[i]",
        "o[i,c] = p[i,j]*v[j,c]",
    ],
    [
        "dl_dp[i,j] = dl_do[i,c]*v[j,c]",
        "a[i] = dl_do[i,c]*o[i,c]",
        "dl_ds[i,j] = p[i,j]*(dl_dp[i,j] - 1[j]*a[i])",
        "dl_dq[i,d] = 1/sqrt(D)*dl_ds[i,j]*k[j,d]",
        "dl_dk[j,d] = 1/sqrt(D)*dl_ds[i,j]*q[i,d]",
        "dl_dv[j,c] = p[i,j]*dl_do[i,c]",
    ],
    ["q", "k", "v", "p", "o"],
    {"o": "dl_do"},
    {"q": "dl_dq", "k": "dl_dk", "v": "dl_dv"},
)

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
