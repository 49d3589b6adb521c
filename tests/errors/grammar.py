"""Brackets and grammar: what was expected, and what stands there."""

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
error IC101: there is no statement to read
hint: write a statement: y[i] = x[i,k]*w[k]
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
hint: no constant or shifted indices yet: make the part a tensor of its own
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
    (
        "two equals signs",
        "y == x",
        """\
error IC104: expected an expression, found =
  in text, line 1, column 4:
  y == x
     ^
hint: a definition has one =: y = x
""",
    ),
    (
        "a constant index",
        "y = x[1]",
        """\
error IC104: expected an index, found 1
  in text, line 1, column 7:
  y = x[1]
        ^
hint: no constant or shifted indices yet: make the part a tensor of its own
""",
    ),
    (
        "a shifted index",
        "y[i] = x[i+1]",
        """\
error IC104: expected ], found +
  in text, line 1, column 11:
  y[i] = x[i+1]
            ^
hint: no constant or shifted indices yet: make the part a tensor of its own
""",
    ),
    (
        "a scaled index",
        "y[i] = x[2*i]",
        """\
error IC104: expected an index, found 2
  in text, line 1, column 10:
  y[i] = x[2*i]
           ^
hint: no constant or shifted indices yet: make the part a tensor of its own
""",
    ),
    (
        "an index that is looked up",
        "y[n,d] = w[t[n], d]",
        """\
error IC104: expected ], found [
  in text, line 1, column 13:
  y[n,d] = w[t[n], d]
              ^
hint: no constant or shifted indices yet: make the part a tensor of its own
""",
    ),
    (
        "the size of a number",
        "y = size(3)",
        """\
error IC104: expected an index, found 3
  in text, line 1, column 10:
  y = size(3)
           ^
hint: size(i) is the size of the index i; a number stands by itself
""",
    ),
    (
        "a function defined like in Python",
        "f(x) = x^2",
        """\
error IC104: expected ->, found =
  in text, line 1, column 6:
  f(x) = x^2
       ^
hint: first a line f(...) -> y, then a line y = ...
""",
    ),
    (
        "a sum with indices",
        "y[i] = (a+b)[i]",
        """\
error IC104: expected an operator or the end of the statement, found [
  in text, line 1, column 13:
  y[i] = (a+b)[i]
              ^
hint: indices stand right behind names: (a + b)[i] is written a[i] + b[i]
""",
    ),
    (
        "a sum with indices, inside",
        "y[i] = exp((a+b)[i])",
        """\
error IC104: expected ), found [
  in text, line 1, column 17:
  y[i] = exp((a+b)[i])
                  ^
hint: indices stand right behind names: (a + b)[i] is written a[i] + b[i]
""",
    ),
    (
        "two pairs of brackets",
        "y[i,j] = x[i][j]",
        """\
error IC104: expected an operator or the end of the statement, found [
  in text, line 1, column 14:
  y[i,j] = x[i][j]
               ^
hint: put all indices into one pair of brackets: x[i,j]
""",
    ),
    (
        "a bracket that is not closed before a name",
        "y = (a b)",
        """\
error IC104: expected ), found b
  in text, line 1, column 8:
  y = (a b)
         ^
hint: nothing is multiplied silently: write *
""",
    ),
    (
        "a signature with the name of a number",
        "pi(x) -> y; y = x",
        """\
error IC310: pi is reserved
  in text, line 1, column 1:
  pi(x) -> y; y = x
  ^^
hint: choose another name
""",
    ),
]
