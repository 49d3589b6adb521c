"""Mistakes in group normalisation."""

from tests.planted.planting import Kernel, Kind, Planted, Style

GROUPNORM_TEXT = """\
groupnorm(x[n,g,c,s], gamma[g,c], beta[g,c], eps=1e-5) -> y
m[n,g]      = 1/(C*S)*1[c,s]*x[n,g,c,s]
mu[n,g,c,s] = x[n,g,c,s] - 1[c,s]*m[n,g]
v[n,g]      = 1/(C*S)*1[c,s]*mu[n,g,c,s]^2
sigma[n,g]  = sqrt(v[n,g] + eps)
y[n,g,c,s]  = mu[n,g,c,s]/sigma[n,g]*gamma[g,c] + 1[n,s]*beta[g,c]
"""
GROUPNORM = Kernel("groupnorm", "groups.py", Style.TORCH, GROUPNORM_TEXT)

BUGS = (
    Planted(
        GROUPNORM,
        Kind.LAYOUT,
        "x",
        "dx = (rstd * (scaled - level - xhat * along)).reshape(N, G, C, S)",
        "dx = (rstd * (scaled - level - xhat * along)).reshape(N, G, S, C).mT",
        ("reshape|order|stacked",),
    ),
    Planted(
        GROUPNORM,
        Kind.LAYOUT,
        "gamma",
        "xhat).reshape(N, G, C, S).sum(dim=(0, 3))",
        "xhat).reshape(G, N, C, S).sum(dim=(1, 3))",
        ("reshape|order|stacked|extent",),
    ),
    Planted(
        GROUPNORM,
        Kind.FACTOR,
        "x gamma",
        "torch.var_mean(rows, dim=1, keepdim=True, correction=0)",
        "torch.var_mean(rows, dim=1, keepdim=True)",
        ("C ?S - 1",),
    ),
    Planted(
        GROUPNORM,
        Kind.AXIS,
        "x",
        "along = (scaled * xhat).mean(dim=1, keepdim=True)",
        "along = (scaled * xhat).mean(dim=0, keepdim=True)",
        ("axis|in place of", "over (n|g)"),
    ),
    Planted(
        GROUPNORM,
        Kind.SUM,
        "beta",
        "dbeta = dy.sum(dim=(0, 3))",
        "dbeta = dy.sum(dim=3)",
        ("missing", "over n"),
    ),
    Planted(
        GROUPNORM,
        Kind.CONSTANT,
        "beta",
        "dbeta = dy.sum(dim=(0, 3))",
        "dbeta = dy.mean(dim=(0, 3))",
        (r"1/\(?(N ?S|S ?N)",),
    ),
)
