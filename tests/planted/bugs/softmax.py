"""Mistakes in softmax and in what is made of it."""

from tests.planted.planting import Kernel, Kind, Planted, Style

SOFTMAX = Kernel("softmax", "softmax.py", Style.EINSUM)
LOGSUMEXP = Kernel("logsumexp", "softmax.py", Style.EINSUM)
CROSS_ENTROPY = Kernel("cross_entropy", "softmax.py", Style.BLOCKED)

BUGS = (
    Planted(
        SOFTMAX,
        Kind.SUM,
        "x",
        'np.einsum("bc,bc->b", dl_dp, p)',
        'np.einsum("bc,dc->b", dl_dp, p)',
        ("delta|over b",),
    ),
    Planted(
        SOFTMAX,
        Kind.PATTERN,
        "x",
        'return p * (dl_dp - np.einsum("bc,bc->b", dl_dp, p)[:, None])',
        "return p * (dl_dp - dl_dp * p)",
        ("diagonal",),
    ),
    Planted(
        LOGSUMEXP,
        Kind.SUM,
        "x",
        'np.einsum("b,bc->bc", dl_dy, softmax(x))',
        'np.einsum("d,bc->bc", dl_dy, softmax(x))',
        ("delta|over b",),
    ),
    Planted(
        LOGSUMEXP,
        Kind.AXIS,
        "x",
        "return e / e.sum(axis=1, keepdims=True)",
        "return e / e.sum(axis=0, keepdims=True)",
        ("axis|in place of", "over b"),
    ),
    Planted(
        LOGSUMEXP,
        Kind.UPSTREAM,
        "x",
        'return np.einsum("b,bc->bc", dl_dy, softmax(x))',
        "return softmax(x)",
        ("upstream", "ignored|ones"),
    ),
    Planted(
        CROSS_ENTROPY,
        Kind.FACTOR,
        "x",
        "dx[rows] = upstream * (p * mass - t[rows]) / B",
        "dx[rows] = upstream * (p - t[rows]) / B",
        (r"\bt(\b|_)", "left out"),
    ),
    Planted(
        CROSS_ENTROPY,
        Kind.FACTOR,
        "t",
        "-upstream * (shifted - np.log(z)) / B",
        "-upstream * p / B",
        (r"\bp\S* in place of log|log\S* (is )?left out",),
    ),
    Planted(
        CROSS_ENTROPY,
        Kind.UPSTREAM,
        "x",
        "dx[rows] = upstream * (p * mass - t[rows]) / B",
        "dx[rows] = (p * mass - t[rows]) / B",
        ("upstream", "ignored|ones"),
    ),
    Planted(
        CROSS_ENTROPY,
        Kind.CONSTANT,
        "x",
        "dx[rows] = upstream * (p * mass - t[rows]) / B",
        "dx[rows] = upstream * (p * mass - t[rows])",
        (r"\bB\b",),
    ),
    Planted(
        CROSS_ENTROPY,
        Kind.SIGN,
        "t",
        "dt[rows] = -upstream * (shifted - np.log(z)) / B",
        "dt[rows] = upstream * (shifted - np.log(z)) / B",
        ("sign",),
    ),
    Planted(
        CROSS_ENTROPY,
        Kind.PATTERN,
        "x t",
        "range(0, B, ROWS)",
        "range(0, B - B % ROWS, ROWS)",
        ("blocks? of 8",),
    ),
    Planted(
        CROSS_ENTROPY,
        Kind.PRECISION,
        "x t",
        "shifted = x[rows] - x[rows].max(axis=1, keepdims=True)",
        "shifted = x[rows]",
        ("float32",),
        far="x",
    ),
)
