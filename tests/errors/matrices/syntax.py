"""What does not parse as matrix notation, or could be parsed in two ways."""

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
]
