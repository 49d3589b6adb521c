"""What is no text of matrix notation: strange characters, open brackets, too much of anything."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
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
