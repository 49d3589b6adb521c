"""Names of matrix notation that mean nothing, two things, or something else."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
    (
        "a function of matrices declared",
        "pointwise norm\ny = norm(x)",
        """\
error IC303: norm is a function already
  in text, line 1, column 11:
  pointwise norm
            ^^^^
hint: declare another name
""",
    ),
    (
        "an identity that may be a size",
        "f(A[i,i]) -> Y; Y = A + I",
        """\
error IC311: I could be the identity or the size of i
  in text, line 1, column 25:
  f(A[i,i]) -> Y; Y = A + I
                          ^
hint: write eye(i), or i
""",
    ),
    (
        "a size that is the identity",
        "f(A[I,J]) -> Y; Y = A",
        """\
error IC310: I is reserved
  in text, line 1, column 5:
  f(A[I,J]) -> Y; Y = A
      ^
hint: choose another name
""",
    ),
    (
        "a capital Greek letter",
        "Y = Σ*x",
        """\
error IC317: Σ may be a matrix, a vector or a scalar
  in text, line 1, column 5:
  Y = Σ*x
      ^
hint: declare it in a signature: f(Σ[m,n], x[n], s) -> Y
""",
    ),
    (
        "a scalar in place of a column, in a sum",
        "l = x'*Q*x/2 - b'*x + c",
        """\
error IC317: c may be a column, or a scalar as what it stands beside
  in text, line 1, column 23:
  l = x'*Q*x/2 - b'*x + c
                        ^
hint: declare it in a signature: f(A[m,n], c) -> y, or f(A[m,n], c[n]) -> y
""",
    ),
    (
        "a scalar in place of a column, in a function",
        "y = sigmoid(w'*x + b)",
        """\
error IC317: b may be a column, or a scalar as what it stands beside
  in text, line 1, column 20:
  y = sigmoid(w'*x + b)
                     ^
hint: declare it in a signature: f(A[m,n], b) -> y, or f(A[m,n], b[n]) -> y
""",
    ),
    (
        "a scalar in place of a column, in a product",
        "l = norm(A*x - b)^2 + c*norm(x)^2",
        """\
error IC317: c may be a column, or a scalar as what it stands beside
  in text, line 1, column 23:
  l = norm(A*x - b)^2 + c*norm(x)^2
                        ^
hint: declare it in a signature: f(A[m,n], c) -> y, or f(A[m,n], c[n]) -> y
""",
    ),
    (
        "a scalar in place of a column, divided",
        "l = c/norm(x)",
        """\
error IC317: c may be a column, or a scalar as what it stands beside
  in text, line 1, column 5:
  l = c/norm(x)
      ^
hint: declare it in a signature: f(A[m,n], c) -> y, or f(A[m,n], c[n]) -> y
""",
    ),
    (
        "a scalar in place of a column, in an exponent",
        "l = norm(x).^p",
        """\
error IC317: p may be a column, or a scalar as what it stands beside
  in text, line 1, column 14:
  l = norm(x).^p
               ^
hint: declare it in a signature: f(A[m,n], p) -> y, or f(A[m,n], p[n]) -> y
""",
    ),
    (
        "a scalar beside a named one",
        "s = w'*x; y = s + b",
        """\
error IC317: b may be a column, or a scalar as what it stands beside
  in text, line 1, column 19:
  s = w'*x; y = s + b
                    ^
hint: declare it in a signature: f(A[m,n], b) -> y, or f(A[m,n], b[n]) -> y
""",
    ),
    (
        "a scalar in place of one of two columns",
        "l = norm(w'*x + b - t)^2",
        """\
error IC317: b may be a column, or a scalar as what it stands beside
  in text, line 1, column 17:
  l = norm(w'*x + b - t)^2
                  ^
hint: declare it in a signature: f(A[m,n], b) -> y, or f(A[m,n], b[n]) -> y
""",
    ),
    (
        "two names that may be scalars",
        "y = w'*x + (b + c)",
        """\
error IC317: b may be a column, or a scalar as what it stands beside
  in text, line 1, column 12:
  y = w'*x + (b + c)
             ^^^^^^^
hint: declare it in a signature: f(A[m,n], b) -> y, or f(A[m,n], b[n]) -> y
""",
    ),
    (
        "a letter of another alphabet",
        "y = ж*x",
        """\
error IC317: ж may be a matrix, a vector or a scalar
  in text, line 1, column 5:
  y = ж*x
      ^
hint: declare it in a signature: f(ж[m,n], x[n], s) -> Y
""",
    ),
    (
        "an identity defined",
        "I = A",
        """\
error IC310: I is reserved
  in text, line 1, column 1:
  I = A
  ^
hint: choose another name
""",
    ),
    (
        "ones declared",
        "f(ones[n]) -> y; y = ones",
        """\
error IC310: ones is reserved
  in text, line 1, column 3:
  f(ones[n]) -> y; y = ones
    ^^^^
hint: choose another name
""",
    ),
    (
        "a size defined",
        "f(x[n]) -> n; n = x'*x",
        """\
error IC307: n is a size of the signature and cannot be a name too
  in text, line 1, column 15:
  f(x[n]) -> n; n = x'*x
                ^
  in text, line 1, column 5:
  f(x[n]) -> n; n = x'*x
      ^
hint: rename one of them
""",
    ),
    (
        "a size declared too",
        "f(x[n], n) -> y; y = n*x",
        """\
error IC307: n is a size of the signature and cannot be a name too
  in text, line 1, column 9:
  f(x[n], n) -> y; y = n*x
          ^
  in text, line 1, column 5:
  f(x[n], n) -> y; y = n*x
      ^
hint: rename one of them
""",
    ),
    (
        "a size that is a name",
        "f(A[n,n], N) -> Y; Y = N*A",
        """\
error IC307: N is a size of the signature and cannot be a name too
  in text, line 1, column 11:
  f(A[n,n], N) -> Y; Y = N*A
            ^
  in text, line 1, column 5:
  f(A[n,n], N) -> Y; Y = N*A
      ^
hint: rename one of them
""",
    ),
    (
        "a name misspelt",
        "f(A[m,n], scale) -> Y; Y = scael*A",
        """\
error IC302: scael is not in the signature and is not defined above
  in text, line 1, column 28:
  f(A[m,n], scale) -> Y; Y = scael*A
                             ^^^^^
hint: did you mean scale?
""",
    ),
    (
        "defined twice",
        "Y = A; Y = B",
        """\
error IC303: Y is defined already
  in text, line 1, column 8:
  Y = A; Y = B
         ^
  in text, line 1, column 1:
  Y = A; Y = B
  ^
hint: choose another name, or add a term with +=
""",
    ),
    (
        "used before its definition",
        "Y = Z*A; Z = B",
        """\
error IC304: Z is defined only below
  in text, line 1, column 5:
  Y = Z*A; Z = B
      ^
  in text, line 1, column 10:
  Y = Z*A; Z = B
           ^
hint: move the definition up
""",
    ),
    (
        "used in its definition",
        "y = x'*y",
        """\
error IC304: y is used in its own definition
  in text, line 1, column 8:
  y = x'*y
         ^
  in text, line 1, column 1:
  y = x'*y
  ^
hint: give the new value another name
""",
    ),
    (
        "two names that look alike",
        "y = eps*epsilon*x",
        """\
error IC314: eps and epsilon would both print as ε
  in text, line 1, column 9:
  y = eps*epsilon*x
          ^^^^^^^
  in text, line 1, column 5:
  y = eps*epsilon*x
      ^^^
hint: rename one of them
""",
    ),
]
