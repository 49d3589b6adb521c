"""What is no text of the language: stray characters, brackets and grammar."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
    (
        "nothing at all",
        "",
        """\
error IC101: there is nothing to read
hint: write a statement: y[i] = x[i,k]*w[k]
""",
    ),
    (
        "only comments",
        "# only a comment\n# and another",
        """\
error IC101: there is nothing to read
hint: write a statement: y[i] = x[i,k]*w[k]
""",
    ),
    (
        "a signature alone",
        "f(x[i]) -> y",
        """\
error IC101: there is nothing to read
hint: write a statement: y[i] = x[i,k]*w[k]
""",
    ),
    (
        "a middle dot",
        "y[i] = x[i] · 2",
        """\
error IC102: · does not belong to the language
  in text, line 1, column 13:
  y[i] = x[i] · 2
              ^
hint: write * instead
""",
    ),
    (
        "a question mark",
        "y[i] = x[i] ? 2",
        """\
error IC102: ? does not belong to the language
  in text, line 1, column 13:
  y[i] = x[i] ? 2
              ^
hint: the language has letters, digits, + - * / ^ ( ) [ ] , ; = += -> and #
""",
    ),
    (
        "a superscript",
        "y[i] = x[i]²",
        """\
error IC102: ² does not belong to the language
  in text, line 1, column 12:
  y[i] = x[i]²
             ^
hint: write ^2 instead
""",
    ),
    (
        "a no-break space",
        "y[i] =\u00a0x[i]",
        """\
error IC102: no-break space does not belong to the language
  in text, line 1, column 7:
  y[i] =\u00a0x[i]
        ^
hint: write a plain space instead
""",
    ),
    (
        "a zero width space",
        "y[i] = x\u200b[i]",
        """\
error IC102: zero width space does not belong to the language
  in text, line 1, column 9:
  y[i] = x�[i]
          ^
hint: the language has letters, digits, + - * / ^ ( ) [ ] , ; = += -> and #
""",
    ),
    (
        "an opener never closed",
        "y[i] = (x[i] + 1",
        """\
error IC103: ( is never closed
  in text, line 1, column 8:
  y[i] = (x[i] + 1
         ^
hint: add ) where it ends
""",
    ),
    (
        "an opener never closed, over lines",
        "y[i] = tanh(x[i] +\n  1\nz[i] = y[i]",
        """\
error IC103: ( is never closed
  in text, line 1, column 12:
  y[i] = tanh(x[i] +
             ^
hint: add ) where it ends
""",
    ),
    (
        "a statement that ends inside a bracket",
        "y[i] = (x[i]; z = 2",
        """\
error IC103: ( is never closed
  in text, line 1, column 8:
  y[i] = (x[i]; z = 2
         ^
hint: add ) where it ends
""",
    ),
    (
        "a closer without an opener",
        "y[i] = x[i] + 1)",
        """\
error IC103: ) closes nothing
  in text, line 1, column 16:
  y[i] = x[i] + 1)
                 ^
hint: remove it, or open its bracket before
""",
    ),
    (
        "a closer of another kind",
        "y[i] = (x[i]]",
        """\
error IC103: ( is never closed
  in text, line 1, column 8:
  y[i] = (x[i]]
         ^
hint: add ) where it ends
""",
    ),
    (
        "a silent product",
        "y[i] = 2x[i]",
        """\
error IC104: expected an operator or the end of the statement, found x
  in text, line 1, column 9:
  y[i] = 2x[i]
          ^
hint: nothing is multiplied silently: write *
""",
    ),
    (
        "two names side by side",
        "y[i] = x[i] w[i]",
        """\
error IC104: expected an operator or the end of the statement, found w
  in text, line 1, column 13:
  y[i] = x[i] w[i]
              ^
hint: nothing is multiplied silently: write *
""",
    ),
    (
        "nothing after an operator",
        "y[i] = x[i] +",
        """\
error IC104: expected an expression, found the end of the text
  in text, line 1, column 14:
  y[i] = x[i] +
               ^
hint: an expression goes on over a line only inside brackets
""",
    ),
    (
        "a unary plus",
        "y[i] = +x[i]",
        """\
error IC104: expected an expression, found +
  in text, line 1, column 8:
  y[i] = +x[i]
         ^
hint: there is no unary plus
""",
    ),
    (
        "no equals sign",
        "x[i]",
        """\
error IC104: expected =, found the end of the text
  in text, line 1, column 5:
  x[i]
      ^
hint: a statement is written y[i] = ...
""",
    ),
    (
        "no left-hand side",
        "= 3",
        """\
error IC104: expected a name, found =
  in text, line 1, column 1:
  = 3
  ^
hint: a statement is written y[i] = ...
""",
    ),
    (
        "a number with indices",
        "y[i] = 2[i]",
        """\
error IC104: 2 takes no indices; only 1 does, the one-tensor
  in text, line 1, column 8:
  y[i] = 2[i]
         ^
hint: write 2*1[h]
""",
    ),
    (
        "empty brackets",
        "y[i] = x[]",
        """\
error IC104: expected an index, found ]
  in text, line 1, column 10:
  y[i] = x[]
           ^
hint: indices are letters or names: x[i,j]
""",
    ),
    (
        "a number as an index",
        "y[2] = x[i]",
        """\
error IC104: expected an index, found 2
  in text, line 1, column 3:
  y[2] = x[i]
    ^
hint: indices are letters or names: x[i,j]
""",
    ),
    (
        "no argument",
        "y = exp()",
        """\
error IC104: expected an expression, found )
  in text, line 1, column 9:
  y = exp()
          ^
hint: an operator stands between two expressions
""",
    ),
    (
        "two signatures",
        "f(x[i]) -> y\ng(x[i]) -> z\ny[i] = x[i]",
        """\
error IC104: a signature comes first, and once
  in text, line 2, column 1:
  g(x[i]) -> z
  ^
hint: on the left of = a tensor has square brackets: y[i] = ...
""",
    ),
    (
        "a signature without outputs",
        "f(x[i])\ny[i] = x[i]",
        """\
error IC104: expected ->, found the end of the line
  in text, line 1, column 8:
  f(x[i])
         ^
hint: a signature ends with its outputs: f(x[i]) -> y
""",
    ),
    (
        "a default on a tensor",
        "f(x[i]=2) -> y\ny[i] = x[i]",
        """\
error IC104: a default makes a constant, and a constant has no indices
  in text, line 1, column 7:
  f(x[i]=2) -> y
        ^
hint: remove the default, or the indices of x
""",
    ),
    (
        "a default that is no number",
        "f(s=x) -> y\ny = s",
        """\
error IC104: a default is a number
  in text, line 1, column 5:
  f(s=x) -> y
      ^
hint: write numbers, pi and functions of them
""",
    ),
]
