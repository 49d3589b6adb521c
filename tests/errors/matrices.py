"""What matrix notation is refused for, with the place in the text that was written."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
    (
        "a prime where an exponent ends",
        "Y = A^2'",
        """\
error IC104: expected an operator, found '
  in text, line 1, column 8:
  Y = A^2'
         ^
hint: write brackets, (A^2)': what comes first is not agreed on
""",
    ),
    (
        "a power of a power",
        "y = 2^3^2",
        """\
error IC104: expected an operator, found ^
  in text, line 1, column 8:
  y = 2^3^2
         ^
hint: write brackets: (a^b)^c or a^(b^c)
""",
    ),
    (
        "a sign in an exponent, and a prime",
        "y = x.^-w'",
        """\
error IC104: expected an operator, found '
  in text, line 1, column 10:
  y = x.^-w'
           ^
hint: write brackets, (A.^B)' or A.^(B'): what comes first is not agreed on
""",
    ),
    (
        "a product beside a paper's product",
        "Y = A*B ⊙ C",
        """\
error IC104: * and ⊙ stand side by side
  in text, line 1, column 5:
  Y = A*B ⊙ C
      ^^^^^^^
hint: write brackets: which comes first is not agreed on
""",
    ),
    (
        "a paper's product beside a product",
        "Y = C ⊙ A*B",
        """\
error IC104: ⊙ and * stand side by side
  in text, line 1, column 5:
  Y = C ⊙ A*B
      ^^^^^^^
hint: write brackets: which comes first is not agreed on
""",
    ),
    (
        "one transposed",
        "y = 1'*x",
        """\
error IC104: expected an operator, found '
  in text, line 1, column 6:
  y = 1'*x
       ^
hint: a vector of ones is 𝟏 or ones, not 1
""",
    ),
    (
        "an index",
        "Y[i] = A",
        """\
error IC104: expected =, found [
  in text, line 1, column 2:
  Y[i] = A
   ^
hint: matrix notation has no indices: leave out --from-matrix, or the brackets
""",
    ),
    (
        "an index on the right",
        "y = x + A[i]",
        """\
error IC104: expected an operator or the end of the statement, found [
  in text, line 1, column 10:
  y = x + A[i]
           ^
hint: matrix notation has no indices: leave out --from-matrix, or the brackets
""",
    ),
    (
        "a silent product of a vector of ones",
        "y = A𝟏",
        """\
error IC104: expected an operator or the end of the statement, found 𝟏
  in text, line 1, column 6:
  y = A𝟏
       ^
hint: nothing is multiplied silently: write *
""",
    ),
    (
        "a silent product of a number",
        "Y = 2A",
        """\
error IC104: expected an operator or the end of the statement, found A
  in text, line 1, column 6:
  Y = 2A
       ^
hint: nothing is multiplied silently: write *
""",
    ),
    (
        "a silent product of a bracket",
        "Y = A*(B)(C)",
        """\
error IC104: expected an operator or the end of the statement, found (
  in text, line 1, column 10:
  Y = A*(B)(C)
           ^
hint: nothing is multiplied silently: write *
""",
    ),
    (
        "a superscript",
        "Y = A²",
        """\
error IC102: ² does not belong to the language
  in text, line 1, column 6:
  Y = A²
       ^
hint: write ^2 (a product with itself) or .^2 (entry by entry) instead
""",
    ),
    (
        "bars",
        "y = ‖x‖",
        """\
error IC102: ‖ does not belong to the language
  in text, line 1, column 5:
  y = ‖x‖
      ^
hint: write norm(...) instead
""",
    ),
    (
        "a solver",
        "y = A\\x",
        """\
error IC102: \\ does not belong to the language
  in text, line 1, column 6:
  y = A\\x
       ^
hint: equations are not solved: inv is not available yet
""",
    ),
    (
        "a dot",
        "y = x.w",
        """\
error IC102: . does not belong to the language
  in text, line 1, column 6:
  y = x.w
       ^
hint: names have no dots; a number is 0.5; entry by entry are .* ./ .^
""",
    ),
    (
        "a bracket never closed",
        "Y = (A + B",
        """\
error IC103: ( is never closed
  in text, line 1, column 5:
  Y = (A + B
      ^
hint: add ) where it ends
""",
    ),
    (
        "nothing after an operator",
        "Y = A .*",
        """\
error IC104: expected an expression, found the end of the text
  in text, line 1, column 9:
  Y = A .*
          ^
hint: an expression goes on over a line only inside brackets
""",
    ),
    (
        "a unary plus",
        "Y = +A",
        """\
error IC104: expected an expression, found +
  in text, line 1, column 5:
  Y = +A
      ^
hint: there is no unary plus
""",
    ),
    (
        "nothing at all",
        "# nothing",
        """\
error IC101: there is nothing to read
hint: write a statement: Y = A*B' + diag(v)
""",
    ),
    (
        "a signature alone",
        "f(A[m,n]) -> Y",
        """\
error IC101: there is no statement to read
hint: write a statement: Y = A*B' + diag(v)
""",
    ),
    (
        "a signature that comes late",
        "Y = A; f(A[m,n]) -> Y",
        """\
error IC104: a signature comes first, and once
  in text, line 1, column 8:
  Y = A; f(A[m,n]) -> Y
         ^
hint: on the left of = is a name alone: Y = ...
""",
    ),
    (
        "nested too deep",
        "Y = " + "(" * 201 + "A" + ")" * 201,
        """\
error IC105: nested deeper than 200
  in text, line 1, column 205:
  …((((((((((((((((((((A)))))))))))))))))))))))))))))))))))))))))))))))))))))))…
                      ^
hint: give a part a name of its own and use the name
""",
    ),
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
        "a Kronecker product",
        "Y = A ⊗ B",
        """\
error IC102: ⊗ does not belong to the language
  in text, line 1, column 7:
  Y = A ⊗ B
        ^
hint: kron is not available yet; x*y' is an outer product
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
        "two bars",
        "l = ||A*x - b||^2",
        """\
error IC102: | does not belong to the language
  in text, line 1, column 5:
  l = ||A*x - b||^2
      ^
hint: write norm(...) instead
""",
    ),
    (
        "an arrow for a definition",
        "Y <- A*B",
        """\
error IC102: < does not belong to the language
  in text, line 1, column 3:
  Y <- A*B
    ^
hint: write = instead
""",
    ),
    (
        "a prime where an exponent entry by entry ends",
        "Y = A.^2'",
        """\
error IC104: expected an operator, found '
  in text, line 1, column 9:
  Y = A.^2'
          ^
hint: write brackets, (A.^2)': what comes first is not agreed on
""",
    ),
    (
        "a number transposed",
        "Y = A/2'",
        """\
error IC104: expected an operator, found '
  in text, line 1, column 8:
  Y = A/2'
         ^
hint: a number has no transpose
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
    (
        "a function with a dot",
        "Y = exp.(A)",
        """\
error IC102: . does not belong to the language
  in text, line 1, column 8:
  Y = exp.(A)
         ^
hint: functions are entry by entry already: exp(A)
""",
    ),
    (
        "a sum with a dot",
        "Y = A .+ B",
        """\
error IC102: . does not belong to the language
  in text, line 1, column 7:
  Y = A .+ B
        ^
hint: + is entry by entry already
""",
    ),
    (
        "a difference with a dot",
        "Y = A .- B",
        """\
error IC102: . does not belong to the language
  in text, line 1, column 7:
  Y = A .- B
        ^
hint: - is entry by entry already
""",
    ),
    (
        "a transpose with a dot",
        "Y = A.T",
        """\
error IC102: . does not belong to the language
  in text, line 1, column 6:
  Y = A.T
       ^
hint: a transpose is A'
""",
    ),
    (
        "a line that goes on",
        "Y = A + ...",
        """\
error IC102: . does not belong to the language
  in text, line 1, column 9:
  Y = A + ...
          ^
hint: an expression goes on over a line only inside brackets
""",
    ),
    (
        "a norm by its name",
        "l = norm(E,'fro')",
        """\
error IC104: expected an expression, found '
  in text, line 1, column 12:
  l = norm(E,'fro')
             ^
hint: a prime stands behind what it transposes; norm(A) is the Frobenius norm
""",
    ),
    (
        "two stars",
        "Y = A ** 2",
        """\
error IC104: expected an expression, found *
  in text, line 1, column 8:
  Y = A ** 2
         ^
hint: a power is ^, entry by entry .^
""",
    ),
    (
        "a matrix of parts",
        "Y = [A,B]",
        """\
error IC104: expected an expression, found [
  in text, line 1, column 5:
  Y = [A,B]
      ^
hint: matrices are not put together of parts: make it an input of its own
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
    (
        "powers multiplied out",
        "Y = ((((A^10)^10)^10)^10)^10",
        """\
error IC106: with its powers multiplied out this has more than 65,536 parts
  in text, line 1, column 5:
  Y = ((((A^10)^10)^10)^10)^10
      ^^^^^^^^^^^^^^^^^^^^^^^^
hint: give a part a name of its own and use the name
""",
    ),
    (
        "a constant that is not real",
        "Y = A/(1 - 1)",
        """\
error IC109: this constant is not a real number
  in text, line 1, column 7:
  Y = A/(1 - 1)
        ^^^^^^^
hint: it is infinite, undefined or complex; change it
""",
    ),
    (
        "a constant too long",
        "Y = 10^10001*A",
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 5:
  Y = 10^10001*A
      ^^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
]
