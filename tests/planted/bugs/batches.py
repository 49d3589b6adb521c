"""Mistakes in statistics over a batch or over rows."""

from tests.planted.planting import Kernel, Kind, Planted, Style

MOMENTS_TEXT = """\
moments(x[b,h]) -> m, v
m[b]    = 1/H*1[h]*x[b,h]
mu[b,h] = x[b,h] - 1[h]*m[b]
v[b]    = 1/H*1[h]*mu[b,h]^2
"""
BATCHNORM = Kernel("batchnorm", "batches.py", Style.BLOCKED)
MOMENTS = Kernel("moments", "batches.py", Style.BLOCKED, MOMENTS_TEXT)

BUGS = (
    Planted(
        BATCHNORM,
        Kind.TWO,
        "x",
        "dx[rows] = gamma * rstd * (dl_dy[rows] - dbeta / B - xhat * dgamma / B)",
        "dx[rows] = gamma * rstd * dl_dy[rows]",
        ("missing", r"path\S* through m|and m\b", r"path\S* through (v|σ)|and (v|σ)\b"),
    ),
    Planted(
        BATCHNORM,
        Kind.CONSTANT,
        "x",
        "(dl_dy[rows] - dbeta / B - xhat",
        "(dl_dy[rows] - dbeta / H - xhat",
        ("path through m", "B/H"),
    ),
    Planted(
        BATCHNORM,
        Kind.SIGN,
        "x",
        "- dbeta / B - xhat * dgamma / B",
        "- dbeta / B + xhat * dgamma / B",
        ("path through (v|σ)", "sign"),
    ),
    Planted(
        BATCHNORM,
        Kind.FACTOR,
        "x gamma",
        "rstd = 1 / np.sqrt(v + eps)",
        "rstd = 1 / (v + eps)",
        (r"σ\S*² in place of σ",),
    ),
    Planted(
        BATCHNORM,
        Kind.PATTERN,
        "beta x",
        "dbeta += dl_dy[rows].sum(axis=0)",
        "dbeta = dl_dy[rows].sum(axis=0)",
        ("last block of 64",),
    ),
    Planted(
        MOMENTS,
        Kind.UPSTREAM,
        "x",
        "by_mean = dl_dm[rows, None] / H",
        "by_mean = 1 / H",
        ("upstream", "ones", r"\bm\b"),
    ),
    Planted(
        MOMENTS,
        Kind.CONSTANT,
        "x",
        "by_variance = dl_dv[rows, None] * 2 / H * centred",
        "by_variance = dl_dv[rows, None] / H * centred",
        ("1/2", r"through (μ, )?v|of v\b"),
    ),
    Planted(
        MOMENTS,
        Kind.FACTOR,
        "x",
        "by_variance = dl_dv[rows, None] * 2 / H * centred",
        "by_variance = dl_dv[rows, None] * 2 / H * x[rows]",
        (r"\bx\S* in place of μ",),
    ),
    Planted(
        MOMENTS,
        Kind.PATTERN,
        "x",
        "rows = slice(start, min(start + TILE, B))",
        "rows = slice(start, min(start + TILE, B - 1))",
        ("b = B|last",),
    ),
    Planted(
        MOMENTS,
        Kind.PATTERN,
        "x",
        "for start in range(0, B, TILE):",
        "for start in range(0, TILE, TILE):",
        ("from 16 on",),
    ),
    Planted(
        BATCHNORM,
        Kind.NUMBER,
        "x gamma",
        "rstd = 1 / np.sqrt(v + eps)",
        "rstd = 1 / np.sqrt(v + 1e-12)",
        ("ε is 1e-12 in place of 1e-05",),
    ),
    Planted(
        BATCHNORM,
        Kind.DIGITS,
        "x gamma beta",
        "B, H = x.shape\n    blocks = [",
        "x, dl_dy = x.astype(np.float16), dl_dy.astype(np.float16)\n"
        "    gamma, beta = gamma.astype(np.float16), beta.astype(np.float16)\n"
        "    B, H = x.shape\n    blocks = [",
        ("float16",),
    ),
)
