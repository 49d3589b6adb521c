"""Mistakes in contractions."""

from tests.planted.planting import Kernel, Kind, Planted, Style

POWER_ITERATION_TEXT = """\
power_iteration(x[i,j], w[j]) -> y, z
y[i] = x[i,j]*w[j]
z[j] = y[i]*x[i,j]
"""
TCL = Kernel("tcl", "contractions.py", Style.PLAIN)
QUADRATIC_FORM = Kernel("quadratic_form", "contractions.py", Style.EINSUM)
POWER_ITERATION = Kernel("power_iteration", "contractions.py", Style.EINSUM, POWER_ITERATION_TEXT)

BUGS = (
    Planted(
        TCL,
        Kind.LAYOUT,
        "v2 v3",
        "return np.moveaxis(tensor, mode, 0).reshape(tensor.shape[mode], -1)",
        "return tensor.reshape(tensor.shape[mode], -1)",
        ("reshape|order|stacked|unfold",),
    ),
    Planted(
        TCL,
        Kind.LAYOUT,
        "v2",
        "np.kron(v1, v3)",
        "np.kron(v3, v1)",
        ("reshape|order|stacked",),
    ),
    Planted(
        TCL,
        Kind.LAYOUT,
        "x",
        "np.kron(v2, v3)).reshape(I, J, K)",
        "np.kron(v2, v3)).reshape(I, K, J).swapaxes(1, 2)",
        ("reshape|order|stacked",),
    ),
    Planted(
        TCL,
        Kind.LAYOUT,
        "x",
        "np.kron(v2, v3)).reshape(I, J, K)",
        "np.kron(v2, v3)).reshape(I, K, J)",
        ("extents",),
    ),
    Planted(
        TCL,
        Kind.TRANSPOSED,
        "v1",
        "dv1 = unfold(dl_dy, 0) @ np.kron(v2, v3) @ unfold(x, 0).T",
        "dv1 = unfold(x, 0) @ np.kron(v2, v3).T @ unfold(dl_dy, 0).T",
        ("transposed",),
    ),
    Planted(
        TCL,
        Kind.ORDER,
        "x v1 v2 v3",
        "return dx, dv1, dv2, dv3",
        "return dv1, dv2, dv3, dx",
        ("order",),
    ),
    Planted(
        QUADRATIC_FORM,
        Kind.TRANSPOSED,
        "x",
        'np.einsum("ji,j->i", a, x)',
        'np.einsum("ij,j->i", a, x)',
        ("transposed",),
    ),
    Planted(
        QUADRATIC_FORM,
        Kind.TERM,
        "x",
        'dl_dy * (np.einsum("ij,j->i", a, x) + np.einsum("ji,j->i", a, x))',
        'dl_dy * np.einsum("ij,j->i", a, x)',
        ("missing",),
    ),
    Planted(
        QUADRATIC_FORM,
        Kind.PATTERN,
        "a",
        'da = dl_dy * np.einsum("i,j->ij", x, x)',
        "da = dl_dy * np.triu(np.outer(x, x))",
        ("triangle",),
    ),
    Planted(
        QUADRATIC_FORM,
        Kind.PATTERN,
        "a",
        'da = dl_dy * np.einsum("i,j->ij", x, x)',
        "da = dl_dy * np.diag(x * x)",
        ("diagonal",),
    ),
    Planted(
        POWER_ITERATION,
        Kind.TERM,
        "w",
        'dw = np.einsum("i,ij->j", through, x)',
        'dw = np.einsum("i,ij->j", dl_dy, x)',
        ("missing|ignored", r"(path through|upstream gradient of|dl_d)\s*z"),
    ),
    Planted(
        POWER_ITERATION,
        Kind.TERM,
        "x",
        'np.einsum("i,j->ij", y, dl_dz)',
        '2 * np.einsum("i,j->ij", y, dl_dz)',
        ("doubled|twice",),
    ),
    Planted(
        POWER_ITERATION,
        Kind.UPSTREAM,
        "x w",
        "through = dl_dy + np",
        "through = 1 + np",
        ("upstream", "ones", r"\by\b"),
    ),
)
