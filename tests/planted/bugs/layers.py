"""Mistakes in layers of networks in plain NumPy."""

from tests.planted.planting import Kernel, Kind, Planted, Style

GATES_TEXT = """\
gates(x[n,i], w[i,j], u[i,j], b[j]) -> y
a[n,j] = x[n,i]*w[i,j] + 1[n]*b[j]
g[n,j] = sigmoid(a[n,j])
c[n,j] = x[n,i]*u[i,j]
s[n,j] = softplus(c[n,j])
y[n,j] = g[n,j]*s[n,j]
"""
GATES = Kernel("gates", "layers.py", Style.PLAIN, GATES_TEXT)
FEED_FORWARD = Kernel("feed_forward", "layers.py", Style.PLAIN)

BUGS = (
    Planted(
        GATES,
        Kind.FACTOR,
        "x w b",
        "da = dl_dy * s * g * (1 - g)",
        "da = dl_dy * s * (1 - g)",
        (r"(\bg|sigmoid\(a\S*) (is )?left out",),
    ),
    Planted(
        GATES,
        Kind.FACTOR,
        "x u",
        "dc = dl_dy * g * sigmoid(c)",
        "dc = dl_dy * g * sigmoid(a)",
        (r"(\bg|σ\(a\)|sigmoid\(a|\ba)\S* in place of",),
    ),
    Planted(
        GATES,
        Kind.TERM,
        "x",
        "dx = da @ w.T + dc @ u.T",
        "dx = da @ w.T + 2 * dc @ u.T",
        ("path through c", "doubled|twice"),
    ),
    Planted(
        GATES,
        Kind.AXIS,
        "b",
        "db = da.sum(axis=0)",
        "db = da.sum(axis=1)",
        ("axis|in place of", "over j"),
    ),
    Planted(
        GATES,
        Kind.SUM,
        "b",
        "db = da.sum(axis=0)",
        "db = da",
        ("missing", "over n"),
    ),
    Planted(
        FEED_FORWARD,
        Kind.FACTOR,
        "x w1 b1",
        "act_prime(a1)",
        "act_prime(h1)",
        (r"\bh1\S* in place of (act.\()?a1",),
    ),
    Planted(
        FEED_FORWARD,
        Kind.FACTOR,
        "x w1 b1 w2 b2",
        "da2 = dl_dy * act_prime(a2)",
        "da2 = dl_dy",
        ("act′", "left out"),
    ),
    Planted(
        FEED_FORWARD,
        Kind.FACTOR,
        "w2",
        "dw2 = h1.T @ da2",
        "dw2 = a1.T @ da2",
        (r"\ba1\S* in place of h1",),
    ),
    Planted(
        FEED_FORWARD,
        Kind.TRANSPOSED,
        "w1",
        "dw1 = x.T @ da1",
        "dw1 = da1.T @ x",
        ("transposed",),
    ),
    Planted(
        GATES,
        Kind.SLOPE,
        "x w b",
        "da = dl_dy * s * g * (1 - g)",
        "da = dl_dy * s * sigmoid(g) * (1 - sigmoid(g))",
        (r"sigmoid\((g|sigmoid)\S* \(1 - sigmoid\((g|sigmoid)\S* in place of", "slope"),
    ),
    Planted(
        GATES,
        Kind.SLOPE,
        "x w b",
        "da = dl_dy * s * g * (1 - g)",
        "da = dl_dy * s * a * (1 - a)",
        (r"\ba\S* \(1 - a\S* in place of", "slope"),
    ),
    Planted(
        FEED_FORWARD,
        Kind.SLOPE,
        "x w1 b1 w2 b2",
        "act_prime(a2)",
        "act(a2)",
        (r"(y|act)\S* in place of act′\(a2",),
    ),
)
