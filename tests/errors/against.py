"""What the command refuses of functions and formulas that are to be reviewed."""

from __future__ import annotations

from pathlib import Path

KERNELS = """\
def right(dl_dy, x, a):
    return dl_dy @ a.T, x.T @ dl_dy


def few(dl_dy, rest):
    return dl_dy


def lonely(dl_dy, x, a):
    return dl_dy


def named(dl_dy, x, a):
    return {"left": dl_dy @ a.T}


def forward(x, a):
    return x @ a


def saved(dl_dy, x, a, stride):
    return dl_dy @ a.T, x.T @ dl_dy
"""

# The command's arguments, run beside the files that `files` makes, and the whole message.
AGAINST: list[tuple[str, list[str], str]] = [
    (
        "a missing file of a function",
        ["matmul", "--against", "missing.py:right"],
        """\
error IC204: missing.py cannot be read: no such file or directory
hint: check the path
""",
    ),
    (
        "a path of a function that no file has",
        ["matmul", "--against", "No\0File.py:right"],
        """\
error IC204: No\N{REPLACEMENT CHARACTER}File.py cannot be read: embedded null byte
hint: check the path
""",
    ),
    (
        "a file without its function",
        ["matmul", "--against", "kernels.py"],
        """\
error IC205: --against needs a file and a function in it, not kernels.py
hint: write --against mykernel.py:backward
""",
    ),
    (
        "a function misspelt",
        ["matmul", "--against", "kernels.py:rihgt"],
        """\
error IC207: kernels.py has no function rihgt
hint: did you mean right?
""",
    ),
    (
        "a function that is not in its file",
        ["matmul", "--against", "kernels.py:right", "--forward", "kernels.py:zork"],
        """\
error IC207: kernels.py has no function zork
hint: it has right, few, lonely, named, forward, saved
""",
    ),
    (
        "a file that raises",
        ["matmul", "--against", "raises.py:right"],
        """\
error IC208: raises.py raised KeyError: 'block', in raises.py, line 2: size = sizes["block"]
hint: the exception is the file's own
""",
    ),
    (
        "a file that is no Python",
        ["matmul", "--against", "broken.py:right"],
        """\
error IC208: broken.py raised SyntaxError: '(' was never closed (broken.py, line 1), in broken.py, \
line 1: def right(
hint: the exception is the file's own
""",
    ),
    (
        "a file that leaves",
        ["matmul", "--against", "leaves.py:right"],
        """\
error IC208: leaves.py raised SystemExit: 3, in leaves.py, line 2: sys.exit(3)
hint: the exception is the file's own
""",
    ),
    (
        "a function of too few arrays",
        ["matmul", "--against", "kernels.py:few"],
        """\
error IC611: few takes 2 arrays, and is given dl_dy, x, a
hint: take them in this order, or by these names; where it takes what a forward function saved, \
give that one too
""",
    ),
    (
        "a function of something else",
        ["matmul", "--against", "kernels.py:saved"],
        """\
error IC611: saved takes 4 arrays, and is given dl_dy, x, a
hint: take them in this order, or by these names
""",
    ),
    (
        "a function that returns too few",
        ["matmul", "--against", "kernels.py:lonely"],
        """\
error IC612: lonely returns one array, where gradients by x, a are expected
hint: return a gradient for each input, in their order
""",
    ),
    (
        "a function that returns other names",
        ["matmul", "--against", "kernels.py:named"],
        """\
error IC612: named returns a dict of left, none of which is x, a
hint: return a gradient for each input, in their order
""",
    ),
    (
        "a forward function that keeps nothing",
        ["matmul", "--against", "kernels.py:few", "--forward", "kernels.py:forward"],
        """\
error IC612: forward returns ndarray, not its value and what it keeps for backward
hint: return two things: value, saved
""",
    ),
    (
        "a dtype that NumPy has not",
        ["matmul", "--against", "kernels.py:right", "--dtype", "bfloat16"],
        """\
error IC610: NumPy has no bfloat16
hint: leave it out, or give a function for torch
""",
    ),
    (
        "a dtype that no function has",
        ["matmul", "--against", "kernels.py:right", "--dtype", "float32,float8"],
        """\
error IC205: no function is asked in float8
hint: leave it out
""",
    ),
    (
        "a dtype misspelt among others",
        ["matmul", "--against", "kernels.py:right", "--dtype", "float32,flaot16"],
        """\
error IC205: --dtype cannot be flaot16
hint: did you mean float16?
""",
    ),
    (
        "shapes of several dtypes",
        ["matmul", "--shapes", "--dtype", "float32,float16"],
        """\
error IC205: --shapes are of one dtype, not of float32,float16
hint: write --dtype float32
""",
    ),
    (
        "a forward function alone",
        ["matmul", "--forward", "kernels.py:forward"],
        """\
error IC205: --forward is for --against
hint: write --against FILE:FUNCTION, your backward function, too
""",
    ),
    (
        "a library that there is not",
        ["matmul", "--against", "kernels.py:right", "--library", "torhc"],
        """\
error IC205: --library cannot be torhc
hint: did you mean torch?
""",
    ),
    (
        "a library and no function",
        ["matmul", "--library", "torch"],
        """\
error IC205: --library is for --against
hint: write --against FILE:FUNCTION, your backward function, too
""",
    ),
    (
        "a device for other arrays",
        ["matmul", "--against", "kernels.py:right", "--device", "cuda"],
        """\
error IC610: a device is for torch, and these are arrays of numpy
hint: leave it out
""",
    ),
    (
        "a review of nothing",
        ["matmul", "--against", "kernels.py:right", "--wrt", ""],
        """\
error IC612: no gradient is asked for
hint: leave out wrt, or name a tensor in it
""",
    ),
    (
        "a review and a proof",
        ["matmul", "--against", "kernels.py:right", "--exact"],
        """\
error IC205: --against prints the review alone, and --exact has no part in it
hint: leave out --against or --exact
""",
    ),
    (
        "a claim by some tensors",
        ["matmul", "--claim", "dx[i,k] = 1", "--wrt", "x"],
        """\
error IC205: --claim prints the review alone, and --wrt has no part in it
hint: leave out --claim or --wrt
""",
    ),
    (
        "a claim of no gradient",
        ["matmul", "--claim", "db[i,k] = 2"],
        """\
error IC316: db is no gradient by a tensor of matmul
  in the claim, line 1, column 1:
  db[i,k] = 2
  ^^
hint: write dx
""",
    ),
    (
        "a claim of a gradient twice",
        ["matmul", "--claim", "dx[i,k] = dy[i,j]*a[k,j]; dl_dx[i,k] = 2"],
        """\
error IC316: dl_dx is claimed twice
  in the claim, line 1, column 27:
  dx[i,k] = dy[i,j]*a[k,j]; dl_dx[i,k] = 2
                            ^^^^^
hint: claim each gradient once
""",
    ),
    (
        "a claim with another letter",
        ["matmul", "--claim", "dx[i,k] = dy[i,j]*a[j,k]"],
        """\
error IC501: j has the size K on axis 1 of a, and the size J on axis 2 of dy
  in the claim, line 1, column 21:
  dx[i,k] = dy[i,j]*a[j,k]
                      ^
  in the claim, line 1, column 16:
  dx[i,k] = dy[i,j]*a[j,k]
                 ^
hint: use another index than j, or declare both with one letter if equal
""",
    ),
    (
        "a claim with its indices the other way round",
        ["matmul", "--claim", "dx[k,i] = dy[i,j]*a[k,j]"],
        """\
error IC501: i has the size I on axis 1 of dy, and the size K on axis 2 of dx
  in the claim, line 1, column 14:
  dx[k,i] = dy[i,j]*a[k,j]
               ^
  in the claim, line 1, column 6:
  dx[k,i] = dy[i,j]*a[k,j]
       ^
hint: use another index than i, or declare both with one letter if equal
""",
    ),
    (
        "a claim with too few indices",
        ["matmul", "--claim", "dx[i] = dy[i,j]*1[j]"],
        """\
error IC308: dx has 2 indices, not 1
  in the claim, line 1, column 1:
  dx[i] = dy[i,j]*1[j]
  ^^^^^
hint: a tensor has the same number of indices everywhere
""",
    ),
    (
        "a claim with an unknown name",
        ["layernorm", "--claim", "dγ[h] = dy[b,h]*ν[b,h]/σ[b]"],
        """\
error IC302: layernorm has no ν
  in the claim, line 1, column 17:
  dγ[h] = dy[b,h]*ν[b,h]/σ[b]
                  ^
hint: it has x, gamma, beta, m, mu, v, σ, y, eps; an upstream gradient is dy
""",
    ),
    (
        "a claim with a function that the program has not",
        ["matmul", "--claim", "dx[i,k] = f(dy[i,j])*a[k,j]"],
        """\
error IC301: matmul has no function f of 1 argument
  in the claim, line 1, column 11:
  dx[i,k] = f(dy[i,j])*a[k,j]
            ^
hint: it has none
""",
    ),
    (
        "a claim with a slope of two arguments",
        ["y[i] = f(x[i])", "--claim", "dx[i] = dy[i]*f_prime(x[i], 2)"],
        """\
error IC301: f has no function f_prime of 2 arguments
  in the claim, line 1, column 15:
  dx[i] = dy[i]*f_prime(x[i], 2)
                ^^^^^^^
hint: f_prime takes 1
""",
    ),
    (
        "a claim with an index of no length",
        ["matmul", "--claim", "dx[i,k] = dy[i,j]*a[k,j]*sum[q](2*1[q])"],
        """\
error IC502: nothing in the claim says how long q is
hint: an index is on a tensor of the program too
""",
    ),
    (
        "a claim with a signature",
        ["matmul", "--claim", "f(x[i,k]) -> dx\ndx[i,k] = 2"],
        """\
error IC104: a claim has no signature
  in the claim, line 1, column 1:
  f(x[i,k]) -> dx
  ^
hint: write dx[p] = ... alone
""",
    ),
]


def files() -> None:
    """In the folder at hand."""
    texts = {
        "kernels": KERNELS,
        "raises": 'sizes = {}\nsize = sizes["block"]\n',
        "broken": "def right(\n",
        "leaves": "import sys\nsys.exit(3)\n",
    }
    for name, text in texts.items():
        Path(f"{name}.py").write_text(text, encoding="utf-8")
