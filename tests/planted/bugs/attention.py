"""Mistakes in attention in blocks of keys."""

from tests.planted.planting import Kernel, Kind, Planted, Style

ATTENTION = Kernel("attention", "attention.py", Style.BLOCKED)

BUGS = (
    Planted(
        ATTENTION,
        Kind.CONSTANT,
        "k",
        "dk[keys] = ds.T @ q * scale",
        "dk[keys] = ds.T @ q",
        ("√D",),
    ),
    Planted(
        ATTENTION,
        Kind.TERM,
        "q k",
        "ds = p * (dp - delta[:, None])",
        "ds = p * dp",
        ("missing", "path through z"),
    ),
    Planted(
        ATTENTION,
        Kind.SIGN,
        "q k",
        "ds = p * (dp - delta[:, None])",
        "ds = p * (dp + delta[:, None])",
        ("path through z", "sign"),
    ),
    Planted(
        ATTENTION,
        Kind.FACTOR,
        "v",
        "dv[keys] = p.T @ dl_do",
        "dv[keys] = s.T @ dl_do",
        (r"\bs\S* in place of p",),
    ),
    Planted(
        ATTENTION,
        Kind.PATTERN,
        "q",
        "dq += ds @ k[keys] * scale",
        "dq = ds @ k[keys] * scale",
        ("last block of 16",),
    ),
    Planted(
        ATTENTION,
        Kind.PATTERN,
        "q k v",
        "np.zeros_like(v)\n    for start in range(0, J, KEYS):",
        "np.zeros_like(v)\n    for start in range(0, J - J % KEYS, KEYS):",
        ("blocks? of 16",),
    ),
)
