"""Mistakes in forms that are rarer: what a block has is taken for what the whole has."""

from tests.planted.planting import Kernel, Kind, Planted, Style

LAYERNORM = Kernel("layernorm", "unusual.py", Style.BLOCKED)
SOFTMAX = Kernel("softmax", "unusual.py", Style.BLOCKED)
ATTENTION = Kernel("attention", "unusual.py", Style.EINSUM)

BUGS = (
    Planted(
        LAYERNORM,
        Kind.BLOCK,
        "x",
        "level += scaled.sum(axis=1)",
        "level = scaled.sum(axis=1)",
        ("last block of 32",),
    ),
    Planted(
        LAYERNORM,
        Kind.NUMBER,
        "x gamma",
        "scale = 1 / np.sqrt(squares / H + eps)",
        "scale = 1 / np.sqrt((squares + eps) / H)",
        ("ε/H in place of ε",),
    ),
    Planted(
        SOFTMAX,
        Kind.BLOCK,
        "x",
        "(dl_dp - (dot / total)[:, None])",
        "(dl_dp - np.repeat(np.add.reduceat(dl_dp * p, np.arange(0, x.shape[1], COLUMNS), axis=1),"
        " COLUMNS, axis=1)[:, : x.shape[1]])",
        ("each block of 32",),
    ),
    Planted(
        ATTENTION,
        Kind.BLOCK,
        "q k",
        "(dp - delta[:, None])",
        "(dp - (p[:, keys] * dp).sum(axis=1, keepdims=True))",
        ("each block of 16 of j",),
    ),
    Planted(
        ATTENTION,
        Kind.MASK,
        "q k v",
        "e = np.exp(s - s.max(axis=1, keepdims=True))",
        "e = np.tri(*s.shape, dtype=s.dtype) * np.exp(s - s.max(axis=1, keepdims=True))",
        (r"-∞ at i < j|0 at i < j",),
    ),
    Planted(
        ATTENTION,
        Kind.MASK,
        "q k",
        'delta = np.einsum("ic,ic->i", dl_do, o)',
        "delta = np.tril(p * (dl_do @ v.T)).sum(axis=1)",
        (r"j ≤ \w",),
    ),
    Planted(
        ATTENTION,
        Kind.DIGITS,
        "q k v",
        "o = np.einsum(",
        "p = p.astype(np.float16).astype(q.dtype)\n    o = np.einsum(",
        (r"p\S* is rounded to float16",),
    ),
)
