"""Functions that nobody knows, and functions taken for tensors."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
    (
        "a function misspelt",
        "y[i] = sigmiod(x[i])",
        """\
error IC301: there is no function sigmiod
  in text, line 1, column 8:
  y[i] = sigmiod(x[i])
         ^^^^^^^
hint: did you mean sigmoid?
""",
    ),
    (
        "an unknown function",
        "y[i] = zork(x[i])",
        """\
error IC301: there is no function zork
  in text, line 1, column 8:
  y[i] = zork(x[i])
         ^^^^
hint: declare it: pointwise zork
""",
    ),
    (
        "a binder without its index",
        "y = sum(x[i])",
        """\
error IC301: there is no function sum
  in text, line 1, column 5:
  y = sum(x[i])
      ^^^
hint: write sum[k](...), with the index to go over
""",
    ),
    (
        "python's own functions",
        "y = __import__(x)",
        """\
error IC301: there is no function __import__
  in text, line 1, column 5:
  y = __import__(x)
      ^^^^^^^^^^
hint: declare it: pointwise __import__
""",
    ),
    (
        "a logarithm by its other name",
        "y = ln(x)",
        """\
error IC301: there is no function ln
  in text, line 1, column 5:
  y = ln(x)
      ^^
hint: did you mean log?
""",
    ),
    (
        "an arc tangent by its other name",
        "y = arctan(x)",
        """\
error IC301: there is no function arctan
  in text, line 1, column 5:
  y = arctan(x)
      ^^^^^^
hint: did you mean atan?
""",
    ),
    (
        "a maximum by its other name",
        "y[i] = maximum[b](x[b,i])",
        """\
error IC301: there is no reduction maximum
  in text, line 1, column 8:
  y[i] = maximum[b](x[b,i])
         ^^^^^^^
hint: did you mean max?
""",
    ),
    (
        "a mean misspelt",
        "y[i] = maen[b](x[b,i])",
        """\
error IC301: there is no reduction maen
  in text, line 1, column 8:
  y[i] = maen[b](x[b,i])
         ^^^^
hint: did you mean mean?
""",
    ),
    (
        "a maximum without its index",
        "y[i] = maximum(x[i], 0)",
        """\
error IC301: there is no function maximum
  in text, line 1, column 8:
  y[i] = maximum(x[i], 0)
         ^^^^^^^
hint: write max[k](...), with the index to go over
""",
    ),
    (
        "a softmax",
        "y[i] = softmax(x[i])",
        """\
error IC301: there is no function softmax
  in text, line 1, column 8:
  y[i] = softmax(x[i])
         ^^^^^^^
hint: write exp(x[i])/sum[j](exp(x[j]))
""",
    ),
    (
        "a declared function defined",
        "pointwise act\nact = 2",
        """\
error IC313: act is declared as a function and cannot be a tensor too
  in text, line 2, column 1:
  act = 2
  ^^^
  in text, line 1, column 11:
  pointwise act
            ^^^
hint: write act(...) to apply it, or rename one of them
""",
    ),
    (
        "a declared function as a tensor",
        "pointwise x\ny = x*2",
        """\
error IC313: x is declared as a function and cannot be a tensor too
  in text, line 2, column 5:
  y = x*2
      ^
  in text, line 1, column 11:
  pointwise x
            ^
hint: write x(...) to apply it, or rename one of them
""",
    ),
    (
        "a declared function as an input",
        "pointwise x\nf(x) -> y\ny = 2",
        """\
error IC313: x is declared as a function and cannot be a tensor too
  in text, line 2, column 3:
  f(x) -> y
    ^
  in text, line 1, column 11:
  pointwise x
            ^
hint: write x(...) to apply it, or rename one of them
""",
    ),
]
