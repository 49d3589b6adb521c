"""What is done with trees, code and functions, and is refused; no text has a place for it."""

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
from indexcalc.forms.matrices import Plus
from indexcalc.forms.tensors import Core, Unfolding

K = Index("k")
CORE = Core("x", "X", K.size, K.size, K.size)
MATVEC = "y[i] = x[i,k]*w[k]"


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
    (
        "a gradient that is no matrix",
        lambda: derive("y = 1[i,j,k,m,n]*tanh(x[i,j,k,m,n])").matrix("x"),
        """\
error IC702: the gradient by x has no matrix form: ∂l/∂x_pqrst has more than two indices
hint: its formula with indices is in gradients
""",
    ),
    (
        "values of a function without its slope",
        lambda: derive("pointwise").values(f=np.square),
        """\
error IC601: f_prime is missing
hint: give the slope of f, a function of the same arguments: f_prime=numpy.cos
""",
    ),
    (
        "values of a slope without its function",
        lambda: derive("pointwise").values(f_prime=np.cos),
        """\
error IC601: f is missing
hint: give f with its slope
""",
    ),
    (
        "an upstream gradient that is ragged",
        lambda: derive("matmul").values(dl_dy=[[1.0], [2.0, 3.0]]),
        """\
error IC604: dl_dy is not an array of real numbers
hint: give floats
""",
    ),
    (
        "a matrix of two conventions",
        lambda: Plus(Unfolding(CORE, 0, "column"), Unfolding(CORE, 0, "row")),
        """\
error IC704: one part is unfolded by columns and another by rows
hint: unfold both by columns, or both by rows
""",
    ),
]
