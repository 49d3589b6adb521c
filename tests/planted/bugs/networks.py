"""Mistakes in layers of networks in torch."""

from tests.planted.planting import Kernel, Kind, Planted, Style

GATED_TEXT = """\
gated(x[n,d], w[d,f], v[d,f], o[f,k]) -> y
a[n,f] = x[n,d]*w[d,f]
b[n,f] = x[n,d]*v[d,f]
s[n,f] = a[n,f]*sigmoid(a[n,f])
h[n,f] = s[n,f]*b[n,f]
y[n,k] = h[n,f]*o[f,k]
"""
GELU_TEXT = """\
gelu(x[n,i], w1[i,j], b1[j], w2[j,k], b2[k]) -> y
a[n,j] = x[n,i]*w1[i,j] + 1[n]*b1[j]
c[n,j] = (1 + erf(a[n,j]/sqrt(2)))/2
h[n,j] = a[n,j]*c[n,j]
y[n,k] = h[n,j]*w2[j,k] + 1[n]*b2[k]
"""
GATED = Kernel("gated", "networks.py", Style.TORCH, GATED_TEXT)
GELU = Kernel("gelu", "networks.py", Style.TORCH, GELU_TEXT)

BUGS = (
    Planted(
        GATED,
        Kind.TERM,
        "x",
        "dx = da @ w.T + db @ v.T",
        "dx = da @ w.T",
        ("missing", "path through b"),
    ),
    Planted(
        GATED,
        Kind.FACTOR,
        "x",
        "dx = da @ w.T + db @ v.T",
        "dx = da @ w.T + db @ w.T",
        (r"\bw\S* in place of v",),
    ),
    Planted(
        GATED,
        Kind.TWO,
        "x",
        "dx = da @ w.T + db @ v.T",
        "dx = da @ w.T + da @ w.T",
        ("path through a", "doubled|twice", "path through b", "missing"),
    ),
    Planted(
        GATED,
        Kind.FACTOR,
        "x w",
        "(sigma + s * (1 - sigma))",
        "(sigma + a * (1 - sigma))",
        (r"\ba\S* in place of s|(σ|sigmoid)\S* (is )?left out",),
    ),
    Planted(
        GATED,
        Kind.ORDER,
        "w v",
        "(dx, dw, dv, do)",
        "(dx, dv, dw, do)",
        ("order",),
    ),
    Planted(
        GATED,
        Kind.PRECISION,
        "x w v o",
        'torch.autocast("cpu", enabled=False)',
        'torch.autocast("cpu", dtype=torch.bfloat16)',
        ("float32",),
    ),
    Planted(
        GELU,
        Kind.TERM,
        "x w1 b1",
        "(c + a * density)",
        "c",
        ("missing", "path through c"),
    ),
    Planted(
        GELU,
        Kind.CONSTANT,
        "x w1 b1",
        "math.sqrt(2 * math.pi)",
        "math.sqrt(math.pi / 2)",
        (r"\b2\b", "path through c"),
    ),
    Planted(
        GELU,
        Kind.CONSTANT,
        "b1",
        "db1 = da.sum(dim=0)",
        "db1 = da.mean(dim=0)",
        ("1/N",),
    ),
    Planted(
        GELU,
        Kind.SUM,
        "b2",
        "db2 = dy.sum(dim=0)",
        "db2 = dy.sum()",
        ("sum", "over k"),
    ),
    Planted(
        GELU,
        Kind.ACCUMULATED,
        "w2",
        "dw2 = torch.mm((a * c).T, dy, out=buffer(w2))",
        "dw2 = buffer(w2).addmm_((a * c).T, dy)",
        ("accumulated|added",),
    ),
    Planted(
        GELU,
        Kind.SLOPE,
        "x w1 b1 w2",
        "c = (1 + torch.erf(a / math.sqrt(2))) / 2",
        "c = (1 + torch.tanh(math.sqrt(2 / math.pi) * (a + 0.044715 * a**3))) / 2",
        ("tanh in place of erf",),
    ),
)
