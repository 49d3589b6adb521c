"""Mistakes in attention of many heads."""

from tests.planted.planting import Kernel, Kind, Planted, Style

HEADS_TEXT = """\
heads(q[b,h,i,d], k[b,h,j,d], v[b,h,j,c]) -> o
s[b,h,i,j] = q[b,h,i,d]*k[b,h,j,d]/sqrt(D)
e[b,h,i,j] = exp(s[b,h,i,j])
z[b,h,i]   = 1[j]*e[b,h,i,j]
p[b,h,i,j] = e[b,h,i,j]/z[b,h,i]
o[b,h,i,c] = p[b,h,i,j]*v[b,h,j,c]
"""
HEADS = Kernel("heads", "heads.py", Style.TORCH, HEADS_TEXT)

BUGS = (
    Planted(
        HEADS,
        Kind.AXIS,
        "q k",
        "(p * dp).sum(dim=-1, keepdim=True)",
        "(p * dp).sum(dim=-2, keepdim=True)",
        ("axis|in place of", "over i"),
    ),
    Planted(
        HEADS,
        Kind.AXIS,
        "q k v",
        "p = torch.softmax(q @ k.mT * scale, dim=-1)",
        "p = torch.softmax(q @ k.mT * scale, dim=-2)",
        ("axis|in place of", "over i"),
    ),
    Planted(
        HEADS,
        Kind.CONSTANT,
        "q",
        "dq = ds @ k * scale",
        "dq = ds @ k / scale",
        (r"\bD\b",),
    ),
    Planted(
        HEADS,
        Kind.LAYOUT,
        "k",
        "dk = ds.mT @ q * scale",
        "dk = ds.reshape(*k.shape[:3], -1) @ q * scale",
        ("reshape|order|stacked",),
    ),
    Planted(
        HEADS,
        Kind.PATTERN,
        "v",
        "dv = p.mT @ do",
        "dv = p.mT @ do[:1]",
        ("b = [01]|first",),
    ),
    Planted(
        HEADS,
        Kind.ORDER,
        "q k",
        "return dq, dk, dv",
        "return dk, dq, dv",
        ("order",),
    ),
    Planted(
        HEADS,
        Kind.MASK,
        "q k",
        "dp = do @ v.mT",
        "dp = (do @ v.mT).tril()",
        (r"is 0 at \w < \w",),
    ),
    Planted(
        HEADS,
        Kind.MASK,
        "q k",
        "dq = ds @ k * scale",
        "ds = ds.tril(-1)\n    dq = ds @ k * scale",
        (r"is 0 at \w ≤ \w",),
    ),
)
