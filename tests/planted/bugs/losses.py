"""Mistakes in losses."""

from tests.planted.planting import Kernel, Kind, Planted, Style

MATRIX_FACTORIZATION = Kernel("matrix_factorization", "losses.py", Style.EINSUM)
LOGISTIC_REGRESSION = Kernel("logistic_regression", "losses.py", Style.BLOCKED)
COSINE_SIMILARITY = Kernel("cosine_similarity", "losses.py", Style.BLOCKED)

BUGS = (
    Planted(
        MATRIX_FACTORIZATION,
        Kind.CONSTANT,
        "r",
        "dr = 2 * upstream * e",
        "dr = upstream * e",
        ("1/2",),
    ),
    Planted(
        MATRIX_FACTORIZATION,
        Kind.SIGN,
        "u",
        "du = -2 * upstream",
        "du = 2 * upstream",
        ("sign",),
    ),
    Planted(
        MATRIX_FACTORIZATION,
        Kind.FACTOR,
        "v",
        'np.einsum("ij,ik->jk", e, u)',
        'np.einsum("ij,ik->jk", r, u)',
        (r"\br\S* in place of e",),
    ),
    Planted(
        MATRIX_FACTORIZATION,
        Kind.TRANSPOSED,
        "v",
        'np.einsum("ij,ik->jk", e, u)',
        'np.einsum("ij,ik->kj", e, u)',
        ("transposed",),
    ),
    Planted(
        MATRIX_FACTORIZATION,
        Kind.TWO,
        "v",
        'dv = -2 * upstream * np.einsum("ij,ik->jk", e, u)',
        'dv = 2 * upstream * np.einsum("ij,ik->kj", e, u)',
        ("transposed", "sign"),
    ),
    Planted(
        LOGISTIC_REGRESSION,
        Kind.SIGN,
        "x w b",
        "dz = upstream * (p - t[rows]) / N",
        "dz = upstream * (t[rows] - p) / N",
        ("sign",),
    ),
    Planted(
        LOGISTIC_REGRESSION,
        Kind.FACTOR,
        "x w b",
        "dz = upstream * (p - t[rows]) / N",
        "dz = upstream * (z - t[rows]) / N",
        (r"\bz\S* in place of p",),
    ),
    Planted(
        LOGISTIC_REGRESSION,
        Kind.UPSTREAM,
        "t",
        "dt[rows] = -upstream * z / N",
        "dt[rows] = -z / N",
        ("upstream", "ignored|ones"),
    ),
    Planted(
        LOGISTIC_REGRESSION,
        Kind.PATTERN,
        "x w b t",
        "for start in range(0, N, ROWS):",
        "for start in range(1, N, ROWS):",
        ("n = [01]|first",),
    ),
    Planted(
        COSINE_SIMILARITY,
        Kind.FACTOR,
        "u",
        "- c * u[at] / uu)",
        "- c * u[at] / a)",
        (r"\ba in place of a²|1/a (is )?left out", "path through a"),
    ),
    Planted(
        COSINE_SIMILARITY,
        Kind.TERM,
        "u",
        "du[at] = upstream * (v[at] / (a * b) - c * u[at] / uu)",
        "du[at] = upstream * v[at] / (a * b)",
        ("missing", "path through a"),
    ),
    Planted(
        COSINE_SIMILARITY,
        Kind.PATTERN,
        "u v",
        "for place in range(programs):",
        "for place in range(1):",
        ("from 1024 on",),
    ),
    Planted(
        COSINE_SIMILARITY,
        Kind.ORDER,
        "u v",
        "return du, dv",
        "return dv, du",
        ("order",),
    ),
)
