"""How each pointwise function is spelled in NumPy, and what a module must define for it."""

from __future__ import annotations

UFUNCS = {
    "exp": "np.exp",
    "log": "np.log",
    "sqrt": "np.sqrt",
    "sin": "np.sin",
    "cos": "np.cos",
    "tan": "np.tan",
    "asin": "np.arcsin",
    "acos": "np.arccos",
    "atan": "np.arctan",
    "sinh": "np.sinh",
    "cosh": "np.cosh",
    "tanh": "np.tanh",
    "abs": "np.abs",
    "sign": "np.sign",
    # Defined by the module, below.
    "sigmoid": "_sigmoid",
    "softplus": "_softplus",
    "erf": "_erf",
}
RELU = "np.maximum"

SIGMOID = '''
def _sigmoid(x, out=None):
    """1 / (1 + exp(-x)), by exp(-|x|), which does not overflow and keeps small values exact."""
    e = np.exp(-np.abs(x))
    top = np.where(x < 0, e, 1.0)
    e += 1.0
    return np.divide(top, e, out=out)
'''

SOFTPLUS = '''
def _softplus(x, out=None):
    """log(1 + exp(x)) as max(x, 0) + log(1 + exp(-|x|)), which does not overflow."""
    e = np.log1p(np.exp(-np.abs(x)))
    return np.add(np.maximum(x, 0.0), e, out=out)
'''

# W. J. Cody, Rational Chebyshev approximations for the error function, 1969.
ERF = '''
def _erf(x, out=None):
    """The error function to the last digits of a double, by rational approximations of W. J. Cody,
    1969: near 0 of erf, and beyond of 1 - erf."""
    # From 6 on erf is 1 to all digits.
    size = np.minimum(np.abs(x), 6.0, dtype=np.float64)
    square = size * size
    near = _quotient(
        square,
        (
            0.18577770618460315,
            3.1611237438705655,
            113.86415415105016,
            377.485237685302,
            3209.3775891384694,
        ),
        (1.0, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171),
    )
    far = _quotient(
        size,
        (
            2.1531153547440383e-08,
            0.5641884969886701,
            8.883149794388377,
            66.11919063714163,
            298.6351381974001,
            881.952221241769,
            1712.0476126340707,
            2051.0783778260716,
            1230.3393547979972,
        ),
        (
            1.0,
            15.744926110709835,
            117.6939508913125,
            537.1811018620099,
            1621.3895745666903,
            3290.7992357334597,
            4362.619090143247,
            3439.3676741437216,
            1230.3393548037495,
        ),
    )
    value = np.where(size < 0.46875, size * near, 1.0 - np.exp(-square) * far)
    value = np.copysign(value, x)
    if out is None:
        return value.astype(getattr(x, "dtype", np.float64))
    return np.positive(value, out=out)


def _quotient(x, above, below):
    """A quotient of polynomials, the highest power first."""
    parts = []
    for first, *middle, last in (above, below):
        value = first * x
        for coefficient in middle:
            value += coefficient
            value *= x
        parts.append(value + last)
    return parts[0] / parts[1]
'''

RATIO = '''
def _ratio(above, below):
    """above / below, which is inf or nan where below is 0."""
    return above / below if below else above * math.inf
'''

# By the name that a module calls.
HELPERS = {"_sigmoid": SIGMOID, "_softplus": SOFTPLUS, "_erf": ERF, "_ratio": RATIO}
