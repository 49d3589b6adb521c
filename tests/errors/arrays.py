"""Values that do not fit a program, or are too many."""

from __future__ import annotations

from typing import Any

import numpy as np

from indexcalc.expr.base import Index

K = Index("k")
MATVEC = "y[i] = x[i,k]*w[k]"
X = np.ones((2, 3))


def _exhausted(x: object) -> object:
    raise MemoryError


# A program, what it is given, and the whole message.
EVALUATED: list[tuple[str, str, dict[str, Any], str]] = [
    (
        "no array",
        MATVEC,
        {"x": X},
        """\
error IC601: w is missing
hint: give an array of shape (K)
""",
    ),
    (
        "no number",
        "y = 2*s",
        {},
        """\
error IC601: s is missing
hint: give a number
""",
    ),
    (
        "no abstract function",
        "y[i] = f(x[i])",
        {"x": X[0]},
        """\
error IC601: f is missing
hint: give a function: f=numpy.tanh
""",
    ),
    (
        "no size",
        "y[i,j] = x[i]",
        {"x": X[0]},
        """\
error IC601: J is missing
hint: give the size that no input fixes: J=3
""",
    ),
    (
        "an unknown keyword",
        MATVEC,
        {"x": X, "w": X[0], "zork": 3},
        """\
error IC602: f takes nothing called zork
hint: it takes x, w
""",
    ),
    (
        "a keyword misspelt",
        "f(x[i], scale) -> y; y[i] = scale*x[i]",
        {"x": X[0], "scale": 2, "scael": 2},
        """\
error IC602: f takes nothing called scael
hint: did you mean scale?
""",
    ),
    (
        "a keyword for a program without any",
        "y = 1",
        {"x": 3},
        """\
error IC602: f takes nothing called x
hint: it takes nothing
""",
    ),
    (
        "another length",
        MATVEC,
        {"x": X, "w": np.ones(4)},
        """\
error IC603: w has length 4 along k, and K is 3
hint: axes with the size K have one length
""",
    ),
    (
        "a trace of a rectangle",
        "y = x[i,i]",
        {"x": X},
        """\
error IC603: x has length 3 along i, and I is 2
hint: axes with the size I have one length
""",
    ),
    (
        "a delta between two lengths",
        "y = delta[i,j]*x[i]*w[j]",
        {"x": np.ones(2), "w": np.ones(3)},
        """\
error IC603: w has length 3 along j, and I is 2
hint: axes with the size I have one length
""",
    ),
    (
        "another number of axes",
        MATVEC,
        {"x": X, "w": X},
        """\
error IC603: w has 1 axis, and an array with 2 was given
hint: its shape is (K)
""",
    ),
    (
        "an array for a number",
        "y = 2*s",
        {"s": X},
        """\
error IC603: s has no axes, and an array with 2 was given
hint: give one number
""",
    ),
    (
        "a number for an array",
        "y[i] = x[i]",
        {"x": 2},
        """\
error IC603: x has 1 axis, and an array with none was given
hint: its shape is (I)
""",
    ),
    (
        "an array for a constant",
        "f(x, e=1) -> y\ny = e*x",
        {"x": 2, "e": X[0]},
        """\
error IC603: e is a constant, and an array with 1 axis was given
hint: give one number
""",
    ),
    (
        "a word",
        "y[i] = x[i]",
        {"x": "three"},
        """\
error IC604: x is not an array of real numbers
hint: give floats
""",
    ),
    (
        "complex numbers",
        "y[i] = x[i]",
        {"x": 1j * X[0]},
        """\
error IC604: x is not an array of real numbers
hint: give floats
""",
    ),
    (
        "a ragged list",
        "y[i] = x[i]",
        {"x": [[1], [2, 3]]},
        """\
error IC604: x is not an array of real numbers
hint: give floats
""",
    ),
    (
        "a size that is no whole number",
        "y[i,j] = x[i]",
        {"x": X[0], "J": 2.5},
        """\
error IC604: the size J is a whole number, not 2.5
hint: give an int
""",
    ),
    (
        "a negative size",
        "y[i,j] = x[i]",
        {"x": X[0], "J": -1},
        """\
error IC604: the size J is a whole number, not -1
hint: give an int
""",
    ),
    (
        "a number for a function",
        "y[i] = f(x[i])",
        {"x": X[0], "f": 3},
        """\
error IC604: f is not a function
hint: give one: f=numpy.tanh
""",
    ),
]

# What is too much for an array, and the whole message.
EVALUATED += [
    (
        "a sum over 70 indices at once",
        f"y = {'*'.join(f'x[i{n}]*x[i{n}]' for n in range(70))}",
        {"x": X[0][:1]},
        """\
error IC106: a value has 70 axes on the way, and 64 is the most of an array
hint: give a part of the product a name of its own, so that it is summed first
""",
    ),
    (
        "a product with too many entries",
        f"y = {'*'.join(f'x[i{n}]*x[i{n}]' for n in range(60))}",
        {"x": [1.0] * 3},
        """\
error IC106: a value has 4.2e+28 entries on the way, and 5e+08 is the most
hint: give smaller arrays or sizes, or name a part of a product that is summed first
""",
    ),
    (
        "a one-tensor with too many entries",
        "y[i,j] = x[i]",
        {"x": X[0], "J": 10**12},
        """\
error IC106: a value has 1.0e+12 entries on the way, and 5e+08 is the most
hint: give smaller arrays or sizes, or name a part of a product that is summed first
""",
    ),
    (
        "a delta with too many entries",
        "y[i,j] = x*delta[i,j]",
        {"x": 1.0, "I": 10**6},
        """\
error IC106: a value has 1.0e+12 entries on the way, and 5e+08 is the most
hint: give smaller arrays or sizes, or name a part of a product that is summed first
""",
    ),
    (
        "one-tensors beyond any float",
        "y[a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r] = x",
        {"x": 1.0, **dict.fromkeys("ABCDEFGHIJKLMNOPQR", 2**63 - 1)},
        """\
error IC106: a value has 2.3e+341 entries on the way, and 5e+08 is the most
hint: give smaller arrays or sizes, or name a part of a product that is summed first
""",
    ),
    (
        "a size beyond the longest axis",
        "y[i,j] = x[i]",
        {"x": X[0], "J": 10**400},
        """\
error IC106: the size J is more than 9,223,372,036,854,775,807, the length of the longest axis
hint: give a smaller size
""",
    ),
    (
        "a long negative size",
        "y[i,j] = x[i]",
        {"x": X[0], "J": -(10**5000)},
        f"""\
error IC604: the size J is a whole number, not -1{"0" * 5000}
hint: give an int
""",
    ),
    (
        "no memory",
        "y[i] = f(x[i])",
        {"x": X[0], "f": _exhausted},
        """\
error IC106: there is not enough memory for these arrays
hint: give smaller ones
""",
    ),
    (
        "a constant that is no float",
        "f(x, a=10^400) -> y\ny = a*x",
        {"x": 1.0},
        """\
error IC107: the constant a is too large for arithmetic in floats
hint: give another value: a=1.0
""",
    ),
    (
        "an infinite constant",
        "f(x, a=1) -> y\ny = a*x",
        {"x": 1.0, "a": np.inf},
        """\
error IC604: a is a constant, and inf was given
hint: give a finite number
""",
    ),
]
