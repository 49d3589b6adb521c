"""Values that do not fit a program, and trees that cannot be handled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from indexcalc.against.calling import Given, Theirs
from indexcalc.against.kinds import kind
from indexcalc.codegen.compiled import checked
from indexcalc.derivation import derive, read
from indexcalc.expr.base import Index
from indexcalc.expr.bridge import to_sympy
from indexcalc.expr.nodes import Access, D, Reduce

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


def called(function: Callable[..., Any]) -> object:
    """A backward function of a product of matrices, called with what it should take."""
    program = read("y[i,j] = x[i,k]*a[k,j]")
    inputs = {"x": np.ones((2, 3)), "a": np.ones((3, 4))}
    given = Given({"y": np.ones((2, 4))}, inputs)
    return Theirs(program, ("x", "a"), function, kind("numpy")).gradients(
        given, "float64", np.asarray
    )


# What is done with a tree, and the whole message.
WITHOUT_TEXT: list[tuple[str, Callable[[], object], str]] = [
    (
        "the derivative of a maximum",
        lambda: D(Reduce("max", Access("x", K), K), Access("x", Index("q", K.size))),
        """\
error IC701: the derivative of max is not available yet
hint: write x without it, or differentiate by another tensor
""",
    ),
    (
        "the derivative of a product inside",
        lambda: D(Reduce("prod", Access("x", K), K), Access("x", Index("q", K.size))),
        """\
error IC701: the derivative of prod is not available yet
hint: write x without it, or differentiate by another tensor
""",
    ),
    (
        "a maximum in SymPy",
        lambda: to_sympy(Reduce("max", Access("x", K), K)),
        """\
error IC801: SymPy has no max over an index
hint: translate the parts, or write the elements out in sympy.Max
""",
    ),
    (
        "a target that there is not",
        lambda: derive("matmul").emit("rust"),
        """\
error IC607: there is no target rust
hint: it is one of loops, numpy, objects, plan
""",
    ),
    (
        "a plain form that there is not",
        lambda: derive("matmul").emit("loops", plain=True),
        """\
error IC607: there is no plain form of loops
hint: leave out plain, or emit "numpy"
""",
    ),
    (
        "lengths without names",
        lambda: derive("matmul").emit("numpy", sizes=[3]),  # type: ignore[arg-type]
        """\
error IC604: sizes are lengths by name, and list is given
hint: write sizes={"b": 3, "h": 5}
""",
    ),
    (
        "code that is wrong",
        lambda: checked("\ndef check(seed):\n    raise AssertionError('dl_dx is off')\n", "f"),
        """\
error IC608: the code fails its own check: dl_dx is off
hint: --no-check prints it all the same
""",
    ),
    (
        "code without a point to check it at",
        lambda: checked("\ndef check(seed):\n    raise ArithmeticError('no luck')\n", "f"),
        """\
error IC609: the code could not be checked: no luck
hint: --no-check prints it all the same
""",
    ),
    (
        "arrays of another library",
        lambda: kind("cupy"),
        """\
error IC610: there are no arrays of cupy here
hint: it is one of numpy, torch, jax
""",
    ),
    (
        "a device of arrays that have none",
        lambda: derive(MATVEC).check_against(lambda dl_dy, x, w: (x, w), device="cuda"),
        """\
error IC610: a device is for torch, and these are arrays of numpy
hint: leave it out
""",
    ),
    (
        "a function in an unknown dtype",
        lambda: derive(MATVEC).check_against(lambda dl_dy, x, w: (x, w), dtypes=("flaot32",)),
        """\
error IC606: there is no dtype flaot32 here
hint: did you mean float32?
""",
    ),
    (
        "a backward function of too few",
        lambda: called(lambda q: q),
        """\
error IC611: <lambda> takes one array, and is given dl_dy, x, a
hint: take them in this order, or by these names
""",
    ),
    (
        "a backward function that returns too few",
        lambda: called(lambda dl_dy, x, a: dl_dy),
        """\
error IC612: <lambda> returns one array, where gradients by x, a are expected
hint: return a gradient for each input, in their order
""",
    ),
    (
        "shapes in an unknown dtype",
        lambda: derive("matmul").shapes({"i": 3}, "flaot32"),
        """\
error IC606: there is no dtype flaot32
hint: did you mean float32?
""",
    ),
    (
        "shapes in whole numbers",
        lambda: derive("matmul").shapes(dtype="int8"),
        """\
error IC606: there is no dtype int8
hint: it is one of float64, float32, bfloat16, float16, float8
""",
    ),
]
