"""Mistakes in matrix products."""

from tests.planted.planting import Kernel, Kind, Planted, Style

LINEAR = Kernel("linear", "linear.py", Style.BLOCKED)
SWAP_RULE = Kernel("swap_rule", "linear.py", Style.EINSUM)

BUGS = (
    Planted(
        LINEAR,
        Kind.TRANSPOSED,
        "w",
        "dw.astype(w.dtype)",
        "dw.T.astype(w.dtype)",
        ("transposed",),
    ),
    Planted(
        LINEAR,
        Kind.UPSTREAM,
        "b",
        "db += dl_dy[rows].sum(axis=0)",
        "db += len(x[rows])",
        ("upstream", "ones"),
    ),
    Planted(
        LINEAR,
        Kind.CONSTANT,
        "b",
        "db.astype(b.dtype)",
        "(db / I).astype(b.dtype)",
        ("1/I",),
    ),
    Planted(
        LINEAR,
        Kind.PATTERN,
        "w",
        "dw[cols] += dl_dy[rows, cols].T @ x[rows]",
        "dw[cols] = dl_dy[rows, cols].T @ x[rows]",
        ("last block of 32",),
    ),
    Planted(
        LINEAR,
        Kind.PRECISION,
        "x w b",
        '"float32": np.float32',
        '"float32": np.float16',
        ("float32",),
    ),
    Planted(
        SWAP_RULE,
        Kind.SUM,
        "b",
        'db = np.einsum("hij,hik->hjk", dl_dy, a)',
        'db = np.einsum("hij,gik->hjk", dl_dy, a)',
        ("delta|over h",),
    ),
    Planted(
        SWAP_RULE,
        Kind.TRANSPOSED,
        "b",
        'db = np.einsum("hij,hik->hjk", dl_dy, a)',
        'db = np.einsum("hij,hik->hkj", dl_dy, a)',
        ("transposed",),
    ),
    Planted(
        SWAP_RULE,
        Kind.PATTERN,
        "a",
        'da = np.einsum("hij,hjk->hik", dl_dy, b)',
        'da = np.einsum("hij,jk->hik", dl_dy, b[0])',
        ("h = [01]|first",),
    ),
)
