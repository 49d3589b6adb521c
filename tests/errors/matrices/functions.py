"""Functions that matrix notation does not have, or not so."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
    (
        "a sum of a matrix",
        "y = sum(A)",
        """\
error IC313: sum of a matrix could be along its rows, its columns or both
  in text, line 1, column 5:
  y = sum(A)
      ^^^^^^
hint: sum(A,1) is a row, sum(A,2) a column, 𝟏'*A*𝟏 the sum of all
""",
    ),
    (
        "a mean of a matrix",
        "y = mean(A)",
        """\
error IC313: mean of a matrix could be along its rows, its columns or both
  in text, line 1, column 5:
  y = mean(A)
      ^^^^^^^
hint: mean(A,1) is a row, mean(A,2) a column, mean(mean(A,1)) the mean of all
""",
    ),
    (
        "a sum along a third axis",
        "y = sum(A,3)",
        """\
error IC313: a matrix has the axes 1 and 2
  in text, line 1, column 11:
  y = sum(A,3)
            ^
hint: sum(A,1) is a row, sum(A,2) a column
""",
    ),
    (
        "a sum of a vector along an axis",
        "y = sum(x,1)",
        """\
error IC313: a column has one sum
  in text, line 1, column 5:
  y = sum(x,1)
      ^^^^^^^^
hint: write sum(x)
""",
    ),
    (
        "too many arguments",
        "y = norm(A, B)",
        """\
error IC313: norm takes 1 argument, and 2 are given
  in text, line 1, column 5:
  y = norm(A, B)
      ^^^^^^^^^^
hint: write norm(A)
""",
    ),
    (
        "too many sizes",
        "f(x[n]) -> y; y = ones(n,n,n)*x",
        """\
error IC313: ones takes 2 arguments, and 3 are given
  in text, line 1, column 19:
  f(x[n]) -> y; y = ones(n,n,n)*x
                    ^^^^^^^^^^^
hint: write ones(n), or ones(m,n)
""",
    ),
    (
        "a matrix that is called",
        "f(A[m,n], x[n]) -> y; y = A(x)",
        """\
error IC313: A is a tensor, not a function
  in text, line 1, column 27:
  f(A[m,n], x[n]) -> y; y = A(x)
                            ^
hint: write A*(...) for a product
""",
    ),
    (
        "a function misspelt",
        "y = tahn(x)",
        """\
error IC301: there is no function tahn
  in text, line 1, column 5:
  y = tahn(x)
      ^^^^
hint: did you mean tanh?
""",
    ),
    (
        "a function of another name",
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
        "a function that is written",
        "y = softmax(x)",
        """\
error IC301: there is no function softmax
  in text, line 1, column 5:
  y = softmax(x)
      ^^^^^^^
hint: write exp(x)/sum(exp(x))
""",
    ),
    (
        "a function that matrices have no sign for",
        "y = max(x)",
        """\
error IC301: there is no function max
  in text, line 1, column 5:
  y = max(x)
      ^^^
hint: write it in index notation: max[k](x[k])
""",
    ),
    (
        "an unknown function",
        "y = W(x)",
        """\
error IC301: there is no function W
  in text, line 1, column 5:
  y = W(x)
      ^
hint: for a product write W*(...), or declare it: pointwise W
""",
    ),
    (
        "an inverse",
        "y = inv(A)*x",
        """\
error IC703: inv is not available yet
  in text, line 1, column 5:
  y = inv(A)*x
      ^^^
hint: make it an input of its own
""",
    ),
    (
        "a known function of two",
        "y = exp(x, w)",
        """\
error IC313: exp takes 1 argument, and 2 are given
  in text, line 1, column 5:
  y = exp(x, w)
      ^^^^^^^^^
hint: write exp(x)
""",
    ),
    (
        "a softmax of a matrix",
        "P = softmax(S)",
        """\
error IC301: there is no function softmax
  in text, line 1, column 5:
  P = softmax(S)
      ^^^^^^^
hint: write exp(A)./sum(exp(A),2)
""",
    ),
    (
        "a logarithm of sums of a matrix",
        "y = logsumexp(S)",
        """\
error IC301: there is no function logsumexp
  in text, line 1, column 5:
  y = logsumexp(S)
      ^^^^^^^^^
hint: write log(sum(exp(A),2))
""",
    ),
    (
        "an entry",
        "y = A(1,2)",
        """\
error IC301: there is no function A
  in text, line 1, column 5:
  y = A(1,2)
      ^
hint: no entries are taken: make A(...) an input of its own
""",
    ),
    (
        "an entry of what is declared",
        "f(x[n]) -> y; y = x(1)",
        """\
error IC313: x is a tensor, not a function
  in text, line 1, column 19:
  f(x[n]) -> y; y = x(1)
                    ^
hint: no entries are taken: make x(...) an input of its own
""",
    ),
    (
        "a matrix and zero, the larger",
        "Y = max(A, 0)",
        """\
error IC301: there is no function max
  in text, line 1, column 5:
  Y = max(A, 0)
      ^^^
hint: write relu(A)
""",
    ),
    (
        "zero and a matrix, the larger",
        "Y = maximum(0, A)",
        """\
error IC301: there is no function maximum
  in text, line 1, column 5:
  Y = maximum(0, A)
      ^^^^^^^
hint: write relu(A)
""",
    ),
    (
        "two matrices, the larger",
        "Y = max(A, B)",
        """\
error IC301: there is no function max
  in text, line 1, column 5:
  Y = max(A, B)
      ^^^
hint: write relu(A - B) + B
""",
    ),
    (
        "a matrix and zero, the smaller",
        "Y = min(A, 0)",
        """\
error IC301: there is no function min
  in text, line 1, column 5:
  Y = min(A, 0)
      ^^^
hint: write A - relu(A)
""",
    ),
    (
        "two matrices, the smaller",
        "Y = min(A, B)",
        """\
error IC301: there is no function min
  in text, line 1, column 5:
  Y = min(A, B)
      ^^^
hint: write A - relu(A - B)
""",
    ),
]
