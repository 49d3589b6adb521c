"""Shapes and sizes that do not fit in matrix notation."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
    (
        "two columns",
        "y = x*w",
        """\
error IC503: a column times a column does not fit
  in text, line 1, column 5:
  y = x*w
      ^
  in text, line 1, column 7:
  y = x*w
        ^
hint: x'*y is a scalar, x*y' a matrix, x.*y entry by entry; a signature declares other shapes
""",
    ),
    (
        "two rows",
        "y = x'*w'",
        """\
error IC503: a row times a row does not fit
  in text, line 1, column 5:
  y = x'*w'
      ^^
  in text, line 1, column 8:
  y = x'*w'
         ^^
hint: x*y' is a scalar, x'*y a matrix, x.*y entry by entry; a signature declares other shapes
""",
    ),
    (
        "a matrix times a row",
        "f(A[m,n], x[n]) -> Y\nY = A*x'",
        """\
error IC503: a matrix times a row does not fit
  in text, line 2, column 5:
  Y = A*x'
      ^
  in text, line 2, column 7:
  Y = A*x'
        ^^
hint: write A*x of a column, A.*x to scale the columns of A
""",
    ),
    (
        "a column times a matrix",
        "Y = x*A",
        """\
error IC503: a column times a matrix does not fit
  in text, line 1, column 5:
  Y = x*A
      ^
  in text, line 1, column 7:
  Y = x*A
        ^
hint: write x'*A, or x.*A to scale the rows of A; a signature declares other shapes
""",
    ),
    (
        "a column and a row",
        "Y = x + w'",
        """\
error IC503: a column and a row do not fit entry by entry
  in text, line 1, column 5:
  Y = x + w'
      ^
  in text, line 1, column 9:
  Y = x + w'
          ^^
hint: x*y' is the matrix of all products, x*𝟏' + 𝟏*y' that of all sums
""",
    ),
    (
        "division by a vector",
        "y = x/w",
        """\
error IC503: nothing is divided by a column with /
  in text, line 1, column 7:
  y = x/w
        ^
hint: entry by entry is ./; a signature declares other shapes
""",
    ),
    (
        "division by a matrix",
        "f(A[m,n]) -> Y\nY = 1/A",
        """\
error IC503: nothing is divided by a matrix with /
  in text, line 2, column 7:
  Y = 1/A
        ^
hint: entry by entry is ./
""",
    ),
    (
        "a vector squared",
        "y = x^2",
        """\
error IC503: ^ is for scalars and square matrices, and here is a column
  in text, line 1, column 5:
  y = x^2
      ^
hint: entry by entry is .^; a signature declares other shapes
""",
    ),
    (
        "a matrix to a matrix",
        "Y = A^B",
        """\
error IC503: ^ is for scalars and square matrices, and here is a matrix
  in text, line 1, column 7:
  Y = A^B
        ^
hint: entry by entry is .^; a signature declares other shapes
""",
    ),
    (
        "a matrix to a fraction",
        "f(A[n,n]) -> Y; Y = A^0.5",
        """\
error IC503: a matrix has the powers ^1 to ^10
  in text, line 1, column 23:
  f(A[n,n]) -> Y; Y = A^0.5
                        ^^^
hint: entry by entry is .^; inv is not available yet
""",
    ),
    (
        "a matrix inverted",
        "Y = A^-1",
        """\
error IC503: a matrix has the powers ^1 to ^10
  in text, line 1, column 7:
  Y = A^-1
        ^^
hint: entry by entry is .^; inv is not available yet
""",
    ),
    (
        "a Frobenius product of two shapes",
        "y = A:x",
        """\
error IC503: a matrix and a column have no product A:B
  in text, line 1, column 5:
  y = A:x
      ^
  in text, line 1, column 7:
  y = A:x
        ^
hint: A:B is of two of one shape
""",
    ),
    (
        "a power of transposes",
        "f(s, T) -> y\ny = s^T",
        """\
error IC503: a scalar has no transpose
  in text, line 2, column 5:
  y = s^T
      ^^^
hint: T is the sign of a transpose here: rename an exponent
""",
    ),
    (
        "something wider added",
        "f(A[m,n], x[m]) -> y\ny = x\ny += A",
        """\
error IC503: y is a column, and a matrix is added
  in text, line 3, column 6:
  y += A
       ^
hint: add what has the same shape
""",
    ),
    (
        "two sizes in a product",
        "f(A[m,n], B[m,k]) -> Y\nY = A*B",
        """\
error IC501: the first has N columns, the second M rows
  in text, line 2, column 5:
  Y = A*B
      ^
  in text, line 2, column 7:
  Y = A*B
        ^
hint: transpose one of them, or declare n and m with one letter if equal
""",
    ),
    (
        "two sizes in a sum",
        "f(A[m,n], B[n,m]) -> Y\nY = A + B",
        """\
error IC501: the first has M rows, the second N rows
  in text, line 2, column 5:
  Y = A + B
      ^
  in text, line 2, column 9:
  Y = A + B
          ^
hint: transpose one of them, or declare m and n with one letter if equal
""",
    ),
    (
        "two sizes of a row",
        "f(A[m,n], x[m]) -> Y\nY = A + x'",
        """\
error IC501: the first has N columns, the second M columns
  in text, line 2, column 5:
  Y = A + x'
      ^
  in text, line 2, column 9:
  Y = A + x'
          ^^
hint: transpose one of them, or declare n and m with one letter if equal
""",
    ),
    (
        "no square",
        "f(A[m,n]) -> y\ny = tr(A)",
        """\
error IC501: what is here has M rows, N columns
  in text, line 2, column 8:
  y = tr(A)
         ^
hint: transpose one of them, or declare m and n with one letter if equal
""",
    ),
    (
        "two sizes that a third makes one",
        "f(A[m,n], x[m], z[n]) -> Y\nY = (x*𝟏') + (𝟏*z')'",
        """\
error IC501: the first has M rows, the second N rows
  in text, line 2, column 5:
  Y = (x*𝟏') + (𝟏*z')'
      ^^^^^^
  in text, line 2, column 14:
  Y = (x*𝟏') + (𝟏*z')'
               ^^^^^^^
hint: transpose one of them, or declare m and n with one letter if equal
""",
    ),
    (
        "a trace of a vector",
        "y = tr(x)",
        """\
error IC503: a column has no diagonal
  in text, line 1, column 8:
  y = tr(x)
         ^
hint: a square matrix has one; a signature declares other shapes
""",
    ),
    (
        "a diagonal of a scalar",
        "y = diag(α)",
        """\
error IC503: a scalar has no diagonal
  in text, line 1, column 5:
  y = diag(α)
      ^^^^^^^
hint: diag is of a vector, or of a matrix; a signature declares other shapes
""",
    ),
    (
        "a sum of a scalar",
        "y = sum(α)",
        """\
error IC503: a scalar is one number
  in text, line 1, column 5:
  y = sum(α)
      ^^^^^^
hint: sum is of a vector, or of a matrix; a signature declares other shapes
""",
    ),
    (
        "a norm of a scalar",
        "y = norm(α)",
        """\
error IC503: the norm is of a vector or a matrix
  in text, line 1, column 5:
  y = norm(α)
      ^^^^^^^
hint: write abs(s); a signature declares other shapes
""",
    ),
    (
        "ones of no size",
        "y = 𝟏'*𝟏",
        """\
error IC504: any size would fit here
  in text, line 1, column 5:
  y = 𝟏'*𝟏
      ^
hint: with a signature write ones(n), or eye(n)
""",
    ),
    (
        "an identity of no size",
        "Y = 2*I",
        """\
error IC504: any size would fit here
  in text, line 1, column 7:
  Y = 2*I
        ^
hint: with a signature write ones(n), or eye(n)
""",
    ),
    (
        "ones without a signature",
        "Y = ones(n)*x'",
        """\
error IC502: a size is a letter of the signature
  in text, line 1, column 10:
  Y = ones(n)*x'
           ^
hint: write 𝟏 or I, whose size is the one that fits
""",
    ),
    (
        "ones of another size",
        "f(x[n]) -> Y; Y = ones(q)*x'",
        """\
error IC502: a size is a letter of the signature
  in text, line 1, column 24:
  f(x[n]) -> Y; Y = ones(q)*x'
                         ^
hint: it has n
""",
    ),
    (
        "eye without its size",
        "Y = A + eye",
        """\
error IC503: eye is given its size
  in text, line 1, column 9:
  Y = A + eye
          ^^^
hint: write I, or eye(n)
""",
    ),
    (
        "division by a function of a name",
        "S = Q*K'/sqrt(d)",
        """\
error IC503: nothing is divided by a column with /
  in text, line 1, column 10:
  S = Q*K'/sqrt(d)
           ^^^^^^^
hint: entry by entry is ./; a signature declares other shapes
""",
    ),
    (
        "three axes",
        "f(x[n,m,k]) -> y; y = x",
        """\
error IC503: x has 3 axes, and a matrix has two
  in text, line 1, column 3:
  f(x[n,m,k]) -> y; y = x
    ^^^^^^^^
hint: write this program in index notation
""",
    ),
    (
        "a vector as an exponent",
        "y = 2^x",
        """\
error IC503: ^ is for scalars and square matrices, and here is a column
  in text, line 1, column 7:
  y = 2^x
        ^
hint: entry by entry is .^; a signature declares other shapes
""",
    ),
]
